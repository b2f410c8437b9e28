/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RV32I and RV64I: arithmetic, loads and stores, fences. */
#include "lift.h"

static bool lift_immediate(struct lifter *l, const struct riscv_args_i *a, riscv_binary *operation)
{
    ir_ref immediate = ir_word(l->ir, (uint64_t)(int64_t)a->imm);
    lift_write_x(l, a->rd, operation(l->ir, lift_read_x(l, a->rs1), immediate));
    return true;
}

/* A shift by a constant; RV32 reserves amounts of 32 and more. */
static bool lift_shift(struct lifter *l, const struct riscv_args_i *a, riscv_binary *operation)
{
    return a->imm < l->guest->word_bits && lift_immediate(l, a, operation);
}

static bool lift_compare(struct lifter *l, int rd, enum ir_cond condition, ir_ref a, ir_ref b)
{
    lift_write_bool(l, rd, ir_cmp(l->ir, condition, a, b));
    return true;
}

/* Moves of constants and registers are most of them. */
bool riscv_lift_addi(struct lifter *l, const struct riscv_args_i *a)
{
    uint64_t immediate = (uint64_t)(int64_t)a->imm;
    if (a->rs1 == 0) {
        lift_write_x(l, a->rd, ir_word(l->ir, immediate));
    } else if (a->imm == 0) {
        lift_write_x(l, a->rd, lift_read_x(l, a->rs1));
    } else {
        lift_write_x(l, a->rd, ir_add(l->ir, lift_read_x(l, a->rs1), ir_word(l->ir, immediate)));
    }
    return true;
}

bool riscv_lift_slti(struct lifter *l, const struct riscv_args_i *a)
{
    return lift_compare(l, a->rd, IR_LTS, lift_read_x(l, a->rs1), ir_word(l->ir, (uint64_t)(int64_t)a->imm));
}

bool riscv_lift_sltiu(struct lifter *l, const struct riscv_args_i *a)
{
    return lift_compare(l, a->rd, IR_LTU, lift_read_x(l, a->rs1), ir_word(l->ir, (uint64_t)(int64_t)a->imm));
}

RISCV_LIFT(xori, i, lift_immediate, ir_xor)
RISCV_LIFT(ori, i, lift_immediate, ir_or)
RISCV_LIFT(andi, i, lift_immediate, ir_and)
RISCV_LIFT(slli, i, lift_shift, ir_shl)
RISCV_LIFT(srli, i, lift_shift, ir_shr)
RISCV_LIFT(srai, i, lift_shift, ir_sar)

bool riscv_lift_lui(struct lifter *l, const struct riscv_args_u *a)
{
    lift_write_x(l, a->rd, ir_word(l->ir, (uint64_t)(int64_t)a->imm));
    return true;
}

bool riscv_lift_auipc(struct lifter *l, const struct riscv_args_u *a)
{
    lift_write_x(l, a->rd, ir_word(l->ir, l->pc + (uint64_t)(int64_t)a->imm));
    return true;
}

bool riscv_lift_add(struct lifter *l, const struct riscv_args_r *a)
{
    if (a->rs1 == 0) { /* C.MV */
        lift_write_x(l, a->rd, lift_read_x(l, a->rs2));
        return true;
    }
    return lift_register(l, a, ir_add);
}

RISCV_LIFT(sub, r, lift_register, ir_sub)
RISCV_LIFT(sll, r, lift_register, ir_shl)

bool riscv_lift_slt(struct lifter *l, const struct riscv_args_r *a)
{
    return lift_compare(l, a->rd, IR_LTS, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2));
}

bool riscv_lift_sltu(struct lifter *l, const struct riscv_args_r *a)
{
    return lift_compare(l, a->rd, IR_LTU, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2));
}

RISCV_LIFT(xor, r, lift_register, ir_xor)
RISCV_LIFT(srl, r, lift_register, ir_shr)
RISCV_LIFT(sra, r, lift_register, ir_sar)
RISCV_LIFT(or, r, lift_register, ir_or)
RISCV_LIFT(and, r, lift_register, ir_and)

bool riscv_lift_addiw(struct lifter *l, const struct riscv_args_i *a)
{
    if (a->imm == 0) { /* SEXT.W */
        lift_write_low(l, a->rd, lift_read_x(l, a->rs1));
    } else {
        ir_ref immediate = ir_word(l->ir, (uint64_t)(int64_t)a->imm);
        lift_write_low(l, a->rd, ir_add(l->ir, lift_read_low(l, a->rs1), immediate));
    }
    return true;
}

bool riscv_lift_slliw(struct lifter *l, const struct riscv_args_i *a)
{
    lift_write_low(l, a->rd, ir_shl(l->ir, lift_read_low(l, a->rs1), ir_word(l->ir, (uint64_t)a->imm)));
    return true;
}

/* The bits from imm to 31. */
static bool lift_shift_right32(struct lifter *l, const struct riscv_args_i *a,
                               ir_ref (*field)(struct ir_builder *, ir_ref, uint16_t))
{
    if (a->imm == 0) {
        lift_write_low(l, a->rd, lift_read_x(l, a->rs1));
    } else {
        lift_write_x(l, a->rd, field(l->ir, lift_read_low(l, a->rs1), ir_field((unsigned)a->imm, 32 - (unsigned)a->imm)));
    }
    return true;
}

RISCV_LIFT(srliw, i, lift_shift_right32, ir_field_u)
RISCV_LIFT(sraiw, i, lift_shift_right32, ir_field_s)
RISCV_LIFT(addw, r, lift_register_low, ir_add)
RISCV_LIFT(subw, r, lift_register_low, ir_sub)
RISCV_LIFT(sllw, r, lift_register32, ir_shl)
RISCV_LIFT(srlw, r, lift_register32, ir_shr)
RISCV_LIFT(sraw, r, lift_register32, ir_sar)

/* ---- loads and stores: misaligned addresses are allowed, as Linux programs may assume ---- */

static bool lift_load(struct lifter *l, const struct riscv_args_i *a, unsigned size, unsigned sign)
{
    uint16_t memop = (uint16_t)(lift_memop(l, size) | sign);
    lift_write_x(l, a->rd, ir_load(l->ir, lift_word_type(l), lift_read_x(l, a->rs1), a->imm, memop));
    return true;
}

static bool lift_store(struct lifter *l, const struct riscv_args_s *a, unsigned size)
{
    ir_store(l->ir, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), a->imm, lift_memop(l, size));
    return true;
}

RISCV_LIFT(lb, i, lift_load, 0, IR_MEM_SIGNED)
RISCV_LIFT(lh, i, lift_load, 1, IR_MEM_SIGNED)
RISCV_LIFT(lw, i, lift_load, 2, IR_MEM_SIGNED)
RISCV_LIFT(ld, i, lift_load, 3, 0)
RISCV_LIFT(lbu, i, lift_load, 0, 0)
RISCV_LIFT(lhu, i, lift_load, 1, 0)
RISCV_LIFT(lwu, i, lift_load, 2, 0)
RISCV_LIFT(sb, s, lift_store, 0)
RISCV_LIFT(sh, s, lift_store, 1)
RISCV_LIFT(sw, s, lift_store, 2)
RISCV_LIFT(sd, s, lift_store, 3)

/* Sets of accesses before and after: I and O count as R and W. A fence is as weak as its sets allow: only stores before
   loads need a full one. FENCE.TSO is the case RW, RW without that pair. */
bool riscv_lift_fence(struct lifter *l, const struct riscv_args_fence *a)
{
    bool loads_before = a->pred & 0xa, stores_before = a->pred & 5;
    bool loads_after = a->succ & 0xa, stores_after = a->succ & 5;
    if (stores_before && loads_after && a->fm != 8) {
        ir_fence(l->ir, IR_FENCE_ALL);
        return true;
    }
    if (loads_before && (loads_after || stores_after)) {
        ir_fence(l->ir, IR_FENCE_LOADS);
    }
    if (stores_before && stores_after) {
        ir_fence(l->ir, IR_FENCE_STORES);
    }
    return true;
}
