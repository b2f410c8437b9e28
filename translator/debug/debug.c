/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "debug.h"
#include "log.h"

#include <capstone/capstone.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void log_blocks(const struct embedder *embedder, const struct superblock *sb)
{
    uint64_t offset = 0;
    const char *symbol = embedder->find_symbol ? embedder->find_symbol(embedder->program, sb->unit->pc, &offset) : NULL;
    log_text("unit 0x%" PRIx64 "%s%s: %u instructions, %u pieces, %u IR%s\n", sb->unit->pc, symbol ? " " : "",
             symbol ? symbol : "", sb->instructions, sb->range_count, sb->unit->count, sb->loops ? ", loops" : "");
}

/* One guest instruction: Capstone where it knows the architecture, the decoder's own row and fields behind it. */
static unsigned print_guest_instruction(FILE *file, const struct guest *guest, csh capstone, const uint8_t *code,
                                        uint32_t available, uint64_t pc, uint32_t mode)
{
    char row[256];
    unsigned length = guest->describe(row, sizeof row, code, available, pc, mode);
    cs_insn *instruction;
    if (length && capstone && cs_disasm(capstone, code, length, pc, 1, &instruction) == 1) {
        fprintf(file, "  0x%" PRIx64 "  %s %s  ; %s\n", pc, instruction->mnemonic, instruction->op_str, row);
        cs_free(instruction, 1);
    } else {
        fprintf(file, "  0x%" PRIx64 "  %s\n", pc, length ? row : "(not decodable)");
    }
    return length ? length : guest->instruction_align;
}

void debug_print_guest_code(FILE *file, const struct guest *guest, const struct embedder *embedder,
                            const struct superblock_range *ranges, unsigned range_count, uint32_t mode)
{
    csh capstone = 0;
    if (guest->capstone_arch >= 0 &&
        cs_open((cs_arch)guest->capstone_arch, (cs_mode)guest->capstone_mode, &capstone) != CS_ERR_OK) {
        capstone = 0;
    }
    for (unsigned i = 0; i < range_count; i++) {
        const struct superblock_range *r = &ranges[i];
        struct code_window window = embedder->find_code(embedder->program, NULL, r->start);
        for (uint32_t at = 0; at < r->length && at < window.available;) {
            at += print_guest_instruction(file, guest, capstone, window.bytes + at, (uint32_t)window.available - at,
                                          r->start + at, mode);
        }
    }
    if (capstone) {
        cs_close(&capstone);
    }
}

/* Text made in memory first, so that the log gets it in one piece. */
struct log_piece {
    char *text;
    size_t size;
    FILE *file;
};

static bool piece_begin(struct log_piece *piece)
{
    *piece = (struct log_piece){0};
    piece->file = open_memstream(&piece->text, &piece->size);
    return piece->file != NULL;
}

static void piece_end(struct log_piece *piece)
{
    fclose(piece->file);
    log_text("%s", piece->text);
    free(piece->text);
}

void debug_log_ir(const struct guest *guest, const struct embedder *embedder, const struct superblock *sb)
{
    if (!log_enabled || !log_address_is_wanted(sb->unit->pc)) {
        return;
    }
    if (log_is_on(LOG_BLOCKS)) {
        log_blocks(embedder, sb);
    }
    struct log_piece piece;
    if (log_is_on(LOG_DECODE) && piece_begin(&piece)) {
        debug_print_guest_code(piece.file, guest, embedder, sb->ranges, sb->range_count, 0);
        piece_end(&piece);
    }
    if (log_is_on(LOG_IR) && piece_begin(&piece)) {
        ir_print(piece.file, sb->unit);
        piece_end(&piece);
    }
}

void debug_print_host_code(FILE *file, const struct host *host, const uint8_t *code, uint32_t bytes)
{
    csh capstone;
    if (cs_open((cs_arch)host->capstone_arch, (cs_mode)host->capstone_mode, &capstone) != CS_ERR_OK) {
        return;
    }
    cs_insn *all;
    size_t count = cs_disasm(capstone, code, bytes, (uintptr_t)code, 0, &all);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "  0x%" PRIx64 "  %s %s\n", all[i].address, all[i].mnemonic, all[i].op_str);
    }
    cs_free(all, count);
    cs_close(&capstone);
}

void debug_log_code(const struct host *host, uint64_t pc, const uint8_t *code, uint32_t bytes)
{
    struct log_piece piece;
    if (!log_is_on(LOG_HOST) || !host || !log_address_is_wanted(pc) || !piece_begin(&piece)) {
        return;
    }
    fprintf(piece.file, "host code of 0x%" PRIx64 ": %u bytes\n", pc, bytes);
    debug_print_host_code(piece.file, host, code, bytes);
    piece_end(&piece);
}
