/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The A extension. A misaligned address is a fault, unlike that of a plain access. */
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

static bool lift_word(struct lifter *l, const struct riscv_args_atomic *a, enum ir_atomic operation)
{
    ir_ref value = lift_read_x32(l, a->rs2);
    ir_ref old = ir_atomic(l->ir, IR_I32, operation, lift_read_x(l, a->rs1), value, atomic_memop(l, a, 2));
    lift_write_x32(l, a->rd, old);
    return true;
}

static bool lift_double(struct lifter *l, const struct riscv_args_atomic *a, enum ir_atomic operation)
{
    ir_ref old =
        ir_atomic(l->ir, IR_I64, operation, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), atomic_memop(l, a, 3));
    lift_write_x(l, a->rd, old);
    return true;
}

RISCV_LIFT(amoswap_w, atomic, lift_word, IR_ATOMIC_SWAP)
RISCV_LIFT(amoadd_w, atomic, lift_word, IR_ATOMIC_ADD)
RISCV_LIFT(amoxor_w, atomic, lift_word, IR_ATOMIC_XOR)
RISCV_LIFT(amoand_w, atomic, lift_word, IR_ATOMIC_AND)
RISCV_LIFT(amoor_w, atomic, lift_word, IR_ATOMIC_OR)
RISCV_LIFT(amomin_w, atomic, lift_word, IR_ATOMIC_MIN_S)
RISCV_LIFT(amomax_w, atomic, lift_word, IR_ATOMIC_MAX_S)
RISCV_LIFT(amominu_w, atomic, lift_word, IR_ATOMIC_MIN_U)
RISCV_LIFT(amomaxu_w, atomic, lift_word, IR_ATOMIC_MAX_U)
RISCV_LIFT(amoswap_d, atomic, lift_double, IR_ATOMIC_SWAP)
RISCV_LIFT(amoadd_d, atomic, lift_double, IR_ATOMIC_ADD)
RISCV_LIFT(amoxor_d, atomic, lift_double, IR_ATOMIC_XOR)
RISCV_LIFT(amoand_d, atomic, lift_double, IR_ATOMIC_AND)
RISCV_LIFT(amoor_d, atomic, lift_double, IR_ATOMIC_OR)
RISCV_LIFT(amomin_d, atomic, lift_double, IR_ATOMIC_MIN_S)
RISCV_LIFT(amomax_d, atomic, lift_double, IR_ATOMIC_MAX_S)
RISCV_LIFT(amominu_d, atomic, lift_double, IR_ATOMIC_MIN_U)
RISCV_LIFT(amomaxu_d, atomic, lift_double, IR_ATOMIC_MAX_U)
