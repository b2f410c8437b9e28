/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The M extension. */
#include "lift.h"

/* The IR's division gives 0 for a divisor of 0, the manual's gives all ones ("Division operations"). */
static ir_ref divide_signed(struct ir_builder *b, ir_ref x, ir_ref y)
{
    enum ir_type type = ir_typeof(b, y);
    ir_ref is_zero = ir_cmp(b, IR_EQ, y, ir_constant_int(b->unit, type, 0));
    return ir_select(b, is_zero, ir_constant_int(b->unit, type, ~0ull), ir_divs(b, x, y));
}

static ir_ref divide_unsigned(struct ir_builder *b, ir_ref x, ir_ref y)
{
    enum ir_type type = ir_typeof(b, y);
    ir_ref is_zero = ir_cmp(b, IR_EQ, y, ir_constant_int(b->unit, type, 0));
    return ir_select(b, is_zero, ir_constant_int(b->unit, type, ~0ull), ir_divu(b, x, y));
}

RISCV_LIFT(mul, r, lift_register, ir_mul)
RISCV_LIFT(mulh, r, lift_register, ir_mulhs)
RISCV_LIFT(mulhsu, r, lift_register, ir_mulhsu)
RISCV_LIFT(mulhu, r, lift_register, ir_mulhu)
RISCV_LIFT(div, r, lift_register, divide_signed)
RISCV_LIFT(divu, r, lift_register, divide_unsigned)
RISCV_LIFT(rem, r, lift_register, ir_rems)
RISCV_LIFT(remu, r, lift_register, ir_remu)
RISCV_LIFT(mulw, r, lift_register_low, ir_mul)
RISCV_LIFT(divw, r, lift_register32, divide_signed)
RISCV_LIFT(divuw, r, lift_register32, divide_unsigned)
RISCV_LIFT(remw, r, lift_register32, ir_rems)
RISCV_LIFT(remuw, r, lift_register32, ir_remu)
