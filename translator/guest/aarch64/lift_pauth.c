/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointer authentication: FEAT_PAuth, PAuth2, with an algorithm of our own.
 *
 * With PAuth2 a code is combined with the pointer's bits by exclusive or, both when it is added and when it is checked:
 * PAC and AUT are one operation, and a pointer that fails gets bits that make it fault when it is used. Addresses have
 * 48 bits and ignore their top byte, so a code has 7 bits, 54 to 48.
 *
 * The code is the top of pointer * key low + modifier * key high: sums of products by secret odd numbers, whose upper
 * bits depend on every bit of both. A key of zero gives a code of zero, which leaves the pointer as it is: that is how
 * a key is disabled (prctl), and how it is before a program starts. */
#include "lift.h"

#define CODE_MASK UINT64_C(0x007f000000000000)
#define TOP_BYTE (UINT64_C(0xff) << 56)
enum { CODE_BITS = 7, CODE_LOWEST = 48, GENERIC_KEY = 4, DATA_KEYS = 2 };

static ir_ref key_part(struct lifter *l, int key, unsigned part)
{
    return ir_read(l->ir, (uint16_t)(AARCH64_SLOT_APKey0 + 2 * key + part));
}

static ir_ref compute_hash(struct lifter *l, ir_ref pointer, ir_ref modifier, int key)
{
    ir_ref first = ir_mul(l->ir, pointer, key_part(l, key, 0));
    return modifier == IR_NO_REF ? first : ir_add(l->ir, first, ir_mul(l->ir, modifier, key_part(l, key, 1)));
}

/* What both PAC and AUT make of a pointer. IR_NO_REF: a modifier of zero. */
static ir_ref authenticate(struct lifter *l, ir_ref pointer, ir_ref modifier, int key)
{
    struct ir_builder *ir = l->ir;
    ir_ref hash = compute_hash(l, ir_and(ir, pointer, ir_i64(ir, ~CODE_MASK)), modifier, key);
    ir_ref code = ir_shl(ir, ir_shr(ir, hash, ir_i64(ir, 64 - CODE_BITS)), ir_i64(ir, CODE_LOWEST));
    return ir_xor(ir, pointer, code);
}

bool a64_lift_pac(struct lifter *l, const struct a64_args_pac *a)
{
    lift_write(l, a->rd, authenticate(l, lift_read(l, 1, a->rd), lift_read_sp(l, 1, a->rn), a->key));
    return true;
}

bool a64_lift_pac_zero(struct lifter *l, const struct a64_args_pac_zero *a)
{
    lift_write(l, a->rd, authenticate(l, lift_read(l, 1, a->rd), IR_NO_REF, a->key));
    return true;
}

bool a64_lift_pacga(struct lifter *l, const struct a64_args_rrr *a)
{
    ir_ref hash = compute_hash(l, lift_read(l, 1, a->rn), lift_read_sp(l, 1, a->rm), GENERIC_KEY);
    lift_write(l, a->rd, ir_and(l->ir, hash, ir_i64(l->ir, UINT64_C(0xffffffff00000000))));
    return true;
}

/* The code's bits become those of an address without one: copies of bit 55. Only the lower half of the address space
   ignores the top byte (Linux sets TBI0, not TBI1), so the copies fill that, too, where bit 55 is set (the manual's
   Strip). */
bool a64_lift_xpac(struct lifter *l, const struct a64_args_pac_zero *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref pointer = lift_read(l, 1, a->rd);
    ir_ref upper = ir_and(ir, ir_field_s(ir, pointer, ir_field(55, 1)), ir_i64(ir, CODE_MASK | TOP_BYTE));
    lift_write(l, a->rd, ir_or(ir, ir_and(ir, pointer, ir_i64(ir, ~CODE_MASK)), upper));
    return true;
}

/* ---- combined with branches and loads; a pointer that fails faults when it is used ---- */

static bool branch(struct lifter *l, ir_ref target, enum ir_exit_hint hint)
{
    uint64_t next = l->pc + 4;
    if (hint == IR_EXIT_CALL) {
        lift_write(l, 30, ir_i64(l->ir, next));
    }
    lift_jump_value(l, target, hint, hint == IR_EXIT_CALL ? next : 0);
    return true;
}

static bool branch_modified(struct lifter *l, const struct a64_args_pac *a, enum ir_exit_hint hint)
{
    return branch(l, authenticate(l, lift_read(l, 1, a->rd), lift_read_sp(l, 1, a->rn), a->key), hint);
}

static bool branch_zero(struct lifter *l, const struct a64_args_pac_zero *a, enum ir_exit_hint hint)
{
    return branch(l, authenticate(l, lift_read(l, 1, a->rd), IR_NO_REF, a->key), hint);
}

A64_LIFT(braa, pac, branch_modified, IR_EXIT_JUMP)
A64_LIFT(blraa, pac, branch_modified, IR_EXIT_CALL)
A64_LIFT(retaa, pac, branch_modified, IR_EXIT_RETURN)
A64_LIFT(braaz, pac_zero, branch_zero, IR_EXIT_JUMP)
A64_LIFT(blraaz, pac_zero, branch_zero, IR_EXIT_CALL)

bool a64_lift_ldraa(struct lifter *l, const struct a64_args_pac_load *a)
{
    ir_ref base = authenticate(l, lift_read_sp(l, 1, a->rn), IR_NO_REF, DATA_KEYS + a->key);
    ir_ref value = ir_load(l->ir, IR_I64, base, a->imm, 3);
    if (a->wback) {
        lift_write_sp(l, a->rn, ir_add(l->ir, base, ir_i64(l->ir, (uint64_t)(int64_t)a->imm)));
    }
    lift_write(l, a->rt, value);
    return true;
}
