/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The A extension, Zabha, Zacas and Zalasr. A misaligned address is a fault, unlike that of a plain access. */
#include "lift.h"

/* An address that no naturally aligned access has. */
#define NO_RESERVATION (~0ull)

static uint16_t atomic_memop(const struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    unsigned memop = lift_memop(l, size) | (size + 1) << IR_MEM_ALIGN_SHIFT;
    memop |= a->aq ? IR_MEM_ACQUIRE : 0;
    memop |= a->rl ? IR_MEM_RELEASE : 0;
    return (uint16_t)memop;
}

static bool lift_load_reserved(struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    ir_ref address = lift_read_x(l, a->rs1);
    uint16_t memop = (uint16_t)(atomic_memop(l, a, size) | (size == 2 ? IR_MEM_SIGNED : 0));
    ir_ref value = ir_load(l->ir, lift_word_type(l), address, 0, memop);
    ir_write(l->ir, RISCV_SLOT_reservation_address, address);
    ir_write(l->ir, RISCV_SLOT_reservation_value, value);
    lift_write_x(l, a->rd, value);
    return true;
}

static bool lift_store_conditional(struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    struct ir_builder *ir = l->ir;
    ir_ref address = lift_read_x(l, a->rs1);
    ir_ref reserved = ir_read(ir, RISCV_SLOT_reservation_value);
    ir_ref value = lift_read_x(l, a->rs2);
    if (size == 2 && lift_is_64(l)) {
        reserved = ir_narrow(ir, IR_I32, reserved);
        value = ir_narrow(ir, IR_I32, value);
    }
    ir_ref failed = ir_store_conditional(ir, address, value, ir_read(ir, RISCV_SLOT_reservation_address), reserved,
                                         atomic_memop(l, a, size));
    ir_write(ir, RISCV_SLOT_reservation_address, ir_word(ir, NO_RESERVATION));
    lift_write_bool(l, a->rd, failed);
    return true;
}

RISCV_LIFT(lr_w, atomic, lift_load_reserved, 2)
RISCV_LIFT(lr_d, atomic, lift_load_reserved, 3)
RISCV_LIFT(sc_w, atomic, lift_store_conditional, 2)
RISCV_LIFT(sc_d, atomic, lift_store_conditional, 3)

/* ---- Zalasr ---- */

static bool lift_load_acquire(struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    uint16_t memop = (uint16_t)(atomic_memop(l, a, size) | (size < 3 ? IR_MEM_SIGNED : 0));
    lift_write_x(l, a->rd, ir_load(l->ir, lift_word_type(l), lift_read_x(l, a->rs1), 0, memop));
    return true;
}

/* A later load with aq stays behind it: sequentially consistent. */
static bool lift_store_release(struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    uint16_t memop = (uint16_t)(atomic_memop(l, a, size) | IR_MEM_ACQUIRE | IR_MEM_RELEASE);
    ir_store(l->ir, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), 0, memop);
    return true;
}

RISCV_LIFT(lb_aq, atomic, lift_load_acquire, 0)
RISCV_LIFT(lh_aq, atomic, lift_load_acquire, 1)
RISCV_LIFT(lw_aq, atomic, lift_load_acquire, 2)
RISCV_LIFT(ld_aq, atomic, lift_load_acquire, 3)
RISCV_LIFT(sb_rl, atomic, lift_store_release, 0)
RISCV_LIFT(sh_rl, atomic, lift_store_release, 1)
RISCV_LIFT(sw_rl, atomic, lift_store_release, 2)
RISCV_LIFT(sd_rl, atomic, lift_store_release, 3)

/* ---- atomic memory operations ---- */

/* A byte, halfword or word; the old value is sign-extended. */
static void write_old(struct lifter *l, int rd, ir_ref old, unsigned size)
{
    if (rd == 0) {
        return; /* an operation whose result nobody uses is cheaper */
    }
    lift_write_x32(l, rd, size < 2 ? ir_sext(l->ir, old, (uint16_t)(8 << size)) : old);
}

static bool lift_narrow(struct lifter *l, const struct riscv_args_atomic *a, enum ir_atomic operation, unsigned size)
{
    ir_ref old =
        ir_atomic(l->ir, IR_I32, operation, lift_read_x(l, a->rs1), lift_read_x32(l, a->rs2), atomic_memop(l, a, size));
    write_old(l, a->rd, old, size);
    return true;
}

static bool lift_double(struct lifter *l, const struct riscv_args_atomic *a, enum ir_atomic operation)
{
    ir_ref old =
        ir_atomic(l->ir, IR_I64, operation, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), atomic_memop(l, a, 3));
    lift_write_x(l, a->rd, old);
    return true;
}

RISCV_LIFT(amoswap_w, atomic, lift_narrow, IR_ATOMIC_SWAP, 2)
RISCV_LIFT(amoadd_w, atomic, lift_narrow, IR_ATOMIC_ADD, 2)
RISCV_LIFT(amoxor_w, atomic, lift_narrow, IR_ATOMIC_XOR, 2)
RISCV_LIFT(amoand_w, atomic, lift_narrow, IR_ATOMIC_AND, 2)
RISCV_LIFT(amoor_w, atomic, lift_narrow, IR_ATOMIC_OR, 2)
RISCV_LIFT(amomin_w, atomic, lift_narrow, IR_ATOMIC_MIN_S, 2)
RISCV_LIFT(amomax_w, atomic, lift_narrow, IR_ATOMIC_MAX_S, 2)
RISCV_LIFT(amominu_w, atomic, lift_narrow, IR_ATOMIC_MIN_U, 2)
RISCV_LIFT(amomaxu_w, atomic, lift_narrow, IR_ATOMIC_MAX_U, 2)
RISCV_LIFT(amoswap_d, atomic, lift_double, IR_ATOMIC_SWAP)
RISCV_LIFT(amoadd_d, atomic, lift_double, IR_ATOMIC_ADD)
RISCV_LIFT(amoxor_d, atomic, lift_double, IR_ATOMIC_XOR)
RISCV_LIFT(amoand_d, atomic, lift_double, IR_ATOMIC_AND)
RISCV_LIFT(amoor_d, atomic, lift_double, IR_ATOMIC_OR)
RISCV_LIFT(amomin_d, atomic, lift_double, IR_ATOMIC_MIN_S)
RISCV_LIFT(amomax_d, atomic, lift_double, IR_ATOMIC_MAX_S)
RISCV_LIFT(amominu_d, atomic, lift_double, IR_ATOMIC_MIN_U)
RISCV_LIFT(amomaxu_d, atomic, lift_double, IR_ATOMIC_MAX_U)

RISCV_LIFT(amoswap_b, atomic, lift_narrow, IR_ATOMIC_SWAP, 0)
RISCV_LIFT(amoadd_b, atomic, lift_narrow, IR_ATOMIC_ADD, 0)
RISCV_LIFT(amoxor_b, atomic, lift_narrow, IR_ATOMIC_XOR, 0)
RISCV_LIFT(amoand_b, atomic, lift_narrow, IR_ATOMIC_AND, 0)
RISCV_LIFT(amoor_b, atomic, lift_narrow, IR_ATOMIC_OR, 0)
RISCV_LIFT(amomin_b, atomic, lift_narrow, IR_ATOMIC_MIN_S, 0)
RISCV_LIFT(amomax_b, atomic, lift_narrow, IR_ATOMIC_MAX_S, 0)
RISCV_LIFT(amominu_b, atomic, lift_narrow, IR_ATOMIC_MIN_U, 0)
RISCV_LIFT(amomaxu_b, atomic, lift_narrow, IR_ATOMIC_MAX_U, 0)
RISCV_LIFT(amoswap_h, atomic, lift_narrow, IR_ATOMIC_SWAP, 1)
RISCV_LIFT(amoadd_h, atomic, lift_narrow, IR_ATOMIC_ADD, 1)
RISCV_LIFT(amoxor_h, atomic, lift_narrow, IR_ATOMIC_XOR, 1)
RISCV_LIFT(amoand_h, atomic, lift_narrow, IR_ATOMIC_AND, 1)
RISCV_LIFT(amoor_h, atomic, lift_narrow, IR_ATOMIC_OR, 1)
RISCV_LIFT(amomin_h, atomic, lift_narrow, IR_ATOMIC_MIN_S, 1)
RISCV_LIFT(amomax_h, atomic, lift_narrow, IR_ATOMIC_MAX_S, 1)
RISCV_LIFT(amominu_h, atomic, lift_narrow, IR_ATOMIC_MIN_U, 1)
RISCV_LIFT(amomaxu_h, atomic, lift_narrow, IR_ATOMIC_MAX_U, 1)

/* ---- Zacas: rd holds what is compared, rs2 what is stored ---- */

static bool lift_swap_narrow(struct lifter *l, const struct riscv_args_atomic *a, unsigned size)
{
    ir_ref expected = lift_read_x32(l, a->rd), desired = lift_read_x32(l, a->rs2);
    if (size < 2) {
        expected = ir_zext(l->ir, expected, (uint16_t)(8 << size));
        desired = ir_zext(l->ir, desired, (uint16_t)(8 << size));
    }
    ir_ref old = ir_cas(l->ir, lift_read_x(l, a->rs1), expected, desired, atomic_memop(l, a, size));
    write_old(l, a->rd, old, size);
    return true;
}

RISCV_LIFT(amocas_b, atomic, lift_swap_narrow, 0)
RISCV_LIFT(amocas_h, atomic, lift_swap_narrow, 1)
RISCV_LIFT(amocas_w, atomic, lift_swap_narrow, 2)

bool riscv_lift_amocas_d(struct lifter *l, const struct riscv_args_atomic *a)
{
    ir_ref old =
        ir_cas(l->ir, lift_read_x(l, a->rs1), lift_read_x(l, a->rd), lift_read_x(l, a->rs2), atomic_memop(l, a, 3));
    lift_write_x(l, a->rd, old);
    return true;
}

/* A pair of registers, the even one with the low half; the pair of x0 is 0. */
static ir_ref read_pair(struct lifter *l, int number)
{
    ir_ref low = ir_v_from(l->ir, IR_V128, lift_read_x(l, number));
    return ir_v_insert(l->ir, low, lift_read_x(l, number ? number + 1 : 0), ir_lane_index(3, 1));
}

bool riscv_lift_amocas_q(struct lifter *l, const struct riscv_args_atomic *a)
{
    if ((a->rd | a->rs2) & 1) {
        return false;
    }
    ir_ref old =
        ir_cas(l->ir, lift_read_x(l, a->rs1), read_pair(l, a->rd), read_pair(l, a->rs2), atomic_memop(l, a, 4));
    if (a->rd) {
        lift_write_x(l, a->rd, ir_v_extract(l->ir, IR_I64, old, 3, 0));
        lift_write_x(l, a->rd + 1, ir_v_extract(l->ir, IR_I64, old, 3, 1));
    }
    return true;
}
