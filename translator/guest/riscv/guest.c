/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct guest of the RISC-V family. RV64 is listed; RV32 would be a second state file and a second compressed decoder.
 */
#include "lift.h"

#include <elf.h>
#include <string.h>

const struct float_rules riscv_float_rules = {
    .name = "riscv",
    .nan_choice = FLOAT_NAN_DEFAULT,
    .fma_zero_infinity_invalid = true,
    .nan_integer = FLOAT_NAN_TO_MAX,
    .minnum_signaling = FLOAT_MINNUM_RETURNS_NUMBER,
};

static const struct float_rules *rules_of_mode(uint32_t mode)
{
    (void)mode;
    return &riscv_float_rules;
}

/* Instructions consist of little-endian parcels of 16 bits, whatever the byte order of data. */
static uint32_t fetch_parcel(const uint8_t *code)
{
    return (uint32_t)(code[0] | code[1] << 8);
}

/* Length in bytes by the low bits of the first parcel; longer ones than 4 are reserved. */
static unsigned instruction_length(uint32_t parcel)
{
    return (parcel & 3) == 3 ? 4 : 2;
}

void riscv_decode_at(struct riscv_decoded *d, const uint8_t *code, uint32_t available)
{
    d->row = NULL;
    d->length = available < 2 ? 0 : instruction_length(fetch_parcel(code));
    if (d->length > available) {
        d->length = 0;
    }
    if (d->length == 2) {
        d->bits = fetch_parcel(code);
        d->row = riscv_c_decode(d->bits, &d->args.compressed);
    } else if (d->length == 4) {
        d->bits = fetch_parcel(code) | fetch_parcel(code + 2) << 16;
        d->row = riscv_decode(d->bits, &d->args.wide);
    }
}

bool riscv_is_pure(const struct riscv_decoded *d)
{
    if (d->row == NULL) {
        return false;
    }
    return d->row->attributes & (d->length == 2 ? RISCV_C_ATTRIBUTE_PURE : RISCV_ATTRIBUTE_PURE);
}

/* Every args struct with a destination has it first. */
int riscv_destination(const struct riscv_decoded *d)
{
    int32_t rd;
    memcpy(&rd, &d->args, sizeof rd);
    return rd;
}

bool riscv_lift_decoded(struct lifter *l, const struct riscv_decoded *d)
{
    if (d->row == NULL) {
        return false;
    }
    return d->length == 2 ? riscv_c_lift(l, d->row, &d->args.compressed) : riscv_lift(l, d->row, &d->args.wide);
}

static void lift_undefined(struct lifter *l)
{
    bool is_missing = l->row != NULL && l->row->status == DECODE_MISSING;
    lift_trap(l, TRAP_UNDEFINED, is_missing);
}

static void lift_instruction(struct lifter *l)
{
    struct riscv_decoded d;
    riscv_decode_at(&d, l->code, l->available);
    l->row = d.row;
    l->length = d.length ? d.length : 2;
    l->end = LIFT_NEXT;
    ir_mark(l->ir, l->pc, l->length);
    if (d.length == 0) {
        lift_trap(l, TRAP_FETCH, l->available);
        return;
    }
    bool is_defined = riscv_lift_decoded(l, &d);
    if (!is_defined) {
        lift_undefined(l);
    }
}

/* There are no flags: nothing that follows can read them. */
static bool flags_are_dead(const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode)
{
    return true;
}

static unsigned describe(char *text, size_t size, const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode)
{
    struct riscv_decoded d;
    riscv_decode_at(&d, code, available);
    if (d.row == NULL) {
        return 0;
    }
    decode_row_print(text, size, d.row, &d.args);
    return d.length;
}

static void reset(struct cpu_header *header)
{
    struct riscv_state *state = (struct riscv_state *)header;
    memset((char *)state + sizeof state->header, 0, sizeof *state - sizeof state->header);
    state->reservation_address = ~0ull;
    riscv_write_fcsr(header, 0);
}

static uint64_t read_debug_register(struct cpu_header *header, const char *name)
{
    uint32_t fcsr = riscv_read_fcsr(header);
    if (strcmp(name, "fflags") == 0) {
        return fcsr & 31;
    }
    if (strcmp(name, "frm") == 0) {
        return fcsr >> 5 & 7;
    }
    if (strcmp(name, "fcsr") == 0) {
        return fcsr;
    }
    unsigned helper = strcmp(name, "time") == 0 ? RISCV_HELPER_READ_TIME : RISCV_HELPER_READ_CYCLES;
    return strcmp(name, "x0") == 0 ? 0 : riscv_helpers[helper].words(header, 0, 0, 0, 0);
}

/* x0 and the counters stay what they are. */
static void write_debug_register(struct cpu_header *header, const char *name, uint64_t value)
{
    uint32_t fcsr = riscv_read_fcsr(header);
    if (strcmp(name, "fflags") == 0) {
        riscv_write_fcsr(header, (fcsr & ~31u) | (value & 31));
    } else if (strcmp(name, "frm") == 0) {
        riscv_write_fcsr(header, (fcsr & 31) | (value & 7) << 5);
    } else if (strcmp(name, "fcsr") == 0) {
        riscv_write_fcsr(header, (uint32_t)value);
    }
}

const struct guest guest_riscv64 = {
    .name = "riscv64",
    .peer_name = "riscv64",
    .elf_machine = EM_RISCV,
    .elf_class = ELFCLASS64,
    .big_endian = false,
    .word_bits = 64,
    .instruction_align = 2,
    .instruction_longest = 4,
    .page_log = 12,
    .state_size = sizeof(struct riscv_state),
    .slots = riscv_slots,
    .slot_count = RISCV_SLOT_COUNT,
    .pc_slot = RISCV_SLOT_pc,
    .sp_slot = RISCV_SLOT_x2,
    .helpers = riscv_helpers,
    .helper_count = RISCV_HELPER_COUNT,
    .explicit_code_flush = true,
    .reset = reset,
    .float_rules = rules_of_mode,
    .lift = lift_instruction,
    .flags_are_dead = flags_are_dead,
    .describe = describe,
    .debug = &riscv_debug_description,
    .read_debug_register = read_debug_register,
    .write_debug_register = write_debug_register,
    .capstone_arch = -1, /* Capstone 4, which is what is linked, does not know it */
};
