/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Data Processing -- Immediate" */
#include "lift.h"

bool a64_lift_adr(struct lifter *l, const struct a64_args_rd_imm *a)
{
    lift_write(l, a->rd, ir_i64(l->ir, l->pc + (uint64_t)(int64_t)a->imm));
    return true;
}

bool a64_lift_adrp(struct lifter *l, const struct a64_args_rd_imm *a)
{
    uint64_t offset = (uint64_t)(int64_t)a->imm << 12;
    lift_write(l, a->rd, ir_i64(l->ir, (l->pc & ~UINT64_C(0xfff)) + offset));
    return true;
}

/* ---- add and subtract ---- */

static uint64_t add_immediate_operand(const struct a64_args_rr_imm *a)
{
    return (uint64_t)a->imm << (a->sh ? 12 : 0);
}

/* A difference is a sum with the negated constant. */
static bool add_immediate(struct lifter *l, const struct a64_args_rr_imm *a, bool is_difference)
{
    uint64_t m = add_immediate_operand(a);
    ir_ref n = lift_read_sp(l, a->sf, a->rn);
    lift_write_sp(l, a->rd, ir_add(l->ir, n, lift_constant(l, a->sf, is_difference ? -m : m)));
    return true;
}

static bool add_immediate_flags(struct lifter *l, const struct a64_args_rr_imm *a, enum ir_op flags)
{
    uint64_t m = add_immediate_operand(a);
    ir_ref n = lift_read_sp(l, a->sf, a->rn);
    if (a->rd != 31) {
        lift_write(l, a->rd, ir_add(l->ir, n, lift_constant(l, a->sf, flags == IR_OP_flags_sub ? -m : m)));
    }
    lift_write_flags(l, ir_flags(l->ir, flags, n, lift_constant(l, a->sf, m), 0));
    return true;
}

A64_LIFT(add_imm, rr_imm, add_immediate, false)
A64_LIFT(sub_imm, rr_imm, add_immediate, true)
A64_LIFT(adds_imm, rr_imm, add_immediate_flags, IR_OP_flags_add)
A64_LIFT(subs_imm, rr_imm, add_immediate_flags, IR_OP_flags_sub)

/* ---- logical ---- */

/* The manual's DecodeBitMasks(): an element of 2 to 64 bits with imms + 1 ones, rotated right by immr, replicated. */
static uint64_t decode_bit_mask(unsigned n, unsigned immr, unsigned imms)
{
    unsigned selector = n << 6 | (~imms & 0x3f);
    unsigned size = 1u << (31 - __builtin_clz(selector));
    unsigned ones = (imms & (size - 1)) + 1;
    unsigned rotation = immr & (size - 1);
    uint64_t all = size == 64 ? UINT64_MAX : (UINT64_C(1) << size) - 1;
    uint64_t element = ones == 64 ? UINT64_MAX : (UINT64_C(1) << ones) - 1;
    if (rotation) {
        element = (element >> rotation | element << (size - rotation)) & all;
    }
    for (; size < 64; size *= 2) {
        element |= element << size;
    }
    return element;
}

static ir_ref logical_immediate(struct lifter *l, const struct a64_args_bitmask *a, a64_binary *operation)
{
    uint64_t mask = decode_bit_mask((unsigned)a->n, (unsigned)a->immr, (unsigned)a->imms);
    return operation(l->ir, lift_read(l, a->sf, a->rn), lift_constant(l, a->sf, mask));
}

static bool logical_immediate_plain(struct lifter *l, const struct a64_args_bitmask *a, a64_binary *operation)
{
    lift_write_sp(l, a->rd, logical_immediate(l, a, operation));
    return true;
}

A64_LIFT(and_imm, bitmask, logical_immediate_plain, ir_and)
A64_LIFT(orr_imm, bitmask, logical_immediate_plain, ir_or)
A64_LIFT(eor_imm, bitmask, logical_immediate_plain, ir_xor)

bool a64_lift_ands_imm(struct lifter *l, const struct a64_args_bitmask *a)
{
    ir_ref result = logical_immediate(l, a, ir_and);
    lift_write(l, a->rd, result);
    lift_write_flags(l, ir_flags(l->ir, IR_OP_flags_logic, result, 0, 0));
    return true;
}

/* ---- move wide ---- */

bool a64_lift_movz(struct lifter *l, const struct a64_args_move_wide *a)
{
    lift_write(l, a->rd, lift_constant(l, a->sf, (uint64_t)a->imm << 16 * a->hw));
    return true;
}

bool a64_lift_movn(struct lifter *l, const struct a64_args_move_wide *a)
{
    lift_write(l, a->rd, lift_constant(l, a->sf, ~((uint64_t)a->imm << 16 * a->hw)));
    return true;
}

bool a64_lift_movk(struct lifter *l, const struct a64_args_move_wide *a)
{
    ir_ref old = lift_read(l, a->sf, a->rd);
    ir_ref part = lift_constant(l, a->sf, (uint64_t)a->imm);
    lift_write(l, a->rd, ir_insert(l->ir, old, part, ir_field(16u * (unsigned)a->hw, 16)));
    return true;
}

/* ---- bit fields ---- */

typedef ir_ref field_operation(struct ir_builder *, ir_ref, uint16_t);

/* imms >= immr: a field moves down to bit 0; otherwise the low imms + 1 bits move up to bit width - immr. */
static bool move_field(struct lifter *l, const struct a64_args_bitfield *a, field_operation *extract,
                       a64_binary *shift_right)
{
    unsigned width = lift_width(a->sf), immr = (unsigned)a->immr, imms = (unsigned)a->imms;
    ir_ref value = lift_read(l, a->sf, a->rn);
    if (imms >= immr) {
        unsigned size = imms - immr + 1;
        if (imms == width - 1) {
            value = immr ? shift_right(l->ir, value, lift_constant(l, a->sf, immr)) : value;
        } else {
            value = extract(l->ir, value, ir_field(immr, size));
        }
    } else {
        unsigned shift = width - immr;
        if (imms + 1 + shift != width) {
            value = extract(l->ir, value, ir_field(0, imms + 1));
        }
        value = ir_shl(l->ir, value, lift_constant(l, a->sf, shift));
    }
    lift_write(l, a->rd, value);
    return true;
}

A64_LIFT(sbfm, bitfield, move_field, ir_field_s, ir_sar)
A64_LIFT(ubfm, bitfield, move_field, ir_field_u, ir_shr)

bool a64_lift_bfm(struct lifter *l, const struct a64_args_bitfield *a)
{
    unsigned width = lift_width(a->sf), immr = (unsigned)a->immr, imms = (unsigned)a->imms;
    ir_ref old = lift_read(l, a->sf, a->rd);
    ir_ref value = lift_read(l, a->sf, a->rn);
    if (imms >= immr) {
        value = immr ? ir_shr(l->ir, value, lift_constant(l, a->sf, immr)) : value;
        value = imms - immr + 1 == width ? value : ir_insert(l->ir, old, value, ir_field(0, imms - immr + 1));
    } else {
        value = ir_insert(l->ir, old, value, ir_field(width - immr, imms + 1));
    }
    lift_write(l, a->rd, value);
    return true;
}

bool a64_lift_extr(struct lifter *l, const struct a64_args_rr_shift *a)
{
    ir_ref high = lift_read(l, a->sf, a->rn);
    ir_ref low = lift_read(l, a->sf, a->rm);
    if (a->rn == a->rm) {
        lift_write(l, a->rd, ir_rotr(l->ir, low, lift_constant(l, a->sf, (uint64_t)a->amount)));
    } else {
        lift_write(l, a->rd, a->amount ? ir_funnel(l->ir, high, low, (uint16_t)a->amount) : low);
    }
    return true;
}
