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
static unsigned log_guest_instruction(const struct guest *guest, csh capstone, const uint8_t *code, uint32_t available,
                                      uint64_t pc, uint32_t mode)
{
    char row[256];
    unsigned length = guest->describe(row, sizeof row, code, available, pc, mode);
    cs_insn *instruction;
    if (length && capstone && cs_disasm(capstone, code, length, pc, 1, &instruction) == 1) {
        log_text("  0x%" PRIx64 "  %s %s  ; %s\n", pc, instruction->mnemonic, instruction->op_str, row);
        cs_free(instruction, 1);
    } else {
        log_text("  0x%" PRIx64 "  %s\n", pc, length ? row : "(not decodable)");
    }
    return length ? length : guest->instruction_align;
}

static void log_guest_code(const struct guest *guest, const struct embedder *embedder, const struct superblock *sb,
                           uint32_t mode)
{
    csh capstone = 0;
    if (guest->capstone_arch >= 0 &&
        cs_open((cs_arch)guest->capstone_arch, (cs_mode)guest->capstone_mode, &capstone) != CS_ERR_OK) {
        capstone = 0;
    }
    for (unsigned i = 0; i < sb->range_count; i++) {
        const struct superblock_range *r = &sb->ranges[i];
        struct code_window window = embedder->find_code(embedder->program, NULL, r->start);
        for (uint32_t at = 0; at < r->length && at < window.available;) {
            at += log_guest_instruction(guest, capstone, window.bytes + at, (uint32_t)window.available - at,
                                        r->start + at, mode);
        }
    }
    if (capstone) {
        cs_close(&capstone);
    }
}

static void log_unit_ir(const struct superblock *sb)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory) {
        ir_print(memory, sb->unit);
        fclose(memory);
        log_text("%s", text);
        free(text);
    }
}

void debug_log_ir(const struct guest *guest, const struct embedder *embedder, const struct superblock *sb)
{
    if (!log_enabled || !log_address_is_wanted(sb->unit->pc)) {
        return;
    }
    if (log_is_on(LOG_BLOCKS)) {
        log_blocks(embedder, sb);
    }
    if (log_is_on(LOG_DECODE)) {
        log_guest_code(guest, embedder, sb, 0);
    }
    if (log_is_on(LOG_IR)) {
        log_unit_ir(sb);
    }
}

void debug_log_code(const struct host *host, uint64_t pc, const uint8_t *code, uint32_t bytes)
{
    csh capstone;
    if (!log_is_on(LOG_HOST) || !host || !log_address_is_wanted(pc) ||
        cs_open((cs_arch)host->capstone_arch, (cs_mode)host->capstone_mode, &capstone) != CS_ERR_OK) {
        return;
    }
    log_text("host code of 0x%" PRIx64 ": %u bytes\n", pc, bytes);
    cs_insn *all;
    size_t count = cs_disasm(capstone, code, bytes, (uintptr_t)code, 0, &all);
    for (size_t i = 0; i < count; i++) {
        log_text("  0x%" PRIx64 "  %s %s\n", all[i].address, all[i].mnemonic, all[i].op_str);
    }
    cs_free(all, count);
    cs_close(&capstone);
}
