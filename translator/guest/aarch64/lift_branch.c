/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Branches, Exception Generating and System instructions": branches and exceptions */
#include "lift.h"

static uint64_t target_of(const struct lifter *l, int32_t offset)
{
    return l->pc + (uint64_t)(int64_t)offset;
}

bool a64_lift_b_cond(struct lifter *l, const struct a64_args_cond_jump *a)
{
    if (a->cond >= 14) {
        lift_jump(l, target_of(l, a->imm));
    } else {
        lift_branch(l, lift_condition(l, a->cond), target_of(l, a->imm));
    }
    return true;
}

static bool compare_and_branch(struct lifter *l, const struct a64_args_target *a, enum ir_cond cond)
{
    ir_ref value = lift_read(l, a->sf, a->rt);
    lift_branch(l, ir_cmp(l->ir, cond, value, lift_constant(l, a->sf, 0)), target_of(l, a->imm));
    return true;
}

A64_LIFT(cbz, target, compare_and_branch, IR_EQ)
A64_LIFT(cbnz, target, compare_and_branch, IR_NE)

static bool test_and_branch(struct lifter *l, const struct a64_args_test_target *a, enum ir_cond cond)
{
    int sf = a->bit >= 32;
    ir_ref bit = ir_and(l->ir, lift_read(l, sf, a->rt), lift_constant(l, sf, UINT64_C(1) << a->bit));
    lift_branch(l, ir_cmp(l->ir, cond, bit, lift_constant(l, sf, 0)), target_of(l, a->imm));
    return true;
}

A64_LIFT(tbz, test_target, test_and_branch, IR_EQ)
A64_LIFT(tbnz, test_target, test_and_branch, IR_NE)

bool a64_lift_b(struct lifter *l, const struct a64_args_jump *a)
{
    lift_jump(l, target_of(l, a->imm));
    return true;
}

static uint64_t write_link(struct lifter *l)
{
    uint64_t next = l->pc + 4;
    lift_write(l, 30, ir_i64(l->ir, next));
    return next;
}

bool a64_lift_bl(struct lifter *l, const struct a64_args_jump *a)
{
    lift_call(l, target_of(l, a->imm), write_link(l));
    return true;
}

bool a64_lift_br(struct lifter *l, const struct a64_args_register *a)
{
    lift_jump_value(l, lift_read(l, 1, a->rn), IR_EXIT_JUMP, 0);
    return true;
}

bool a64_lift_blr(struct lifter *l, const struct a64_args_register *a)
{
    ir_ref target = lift_read(l, 1, a->rn);
    lift_jump_value(l, target, IR_EXIT_CALL, write_link(l));
    return true;
}

bool a64_lift_ret(struct lifter *l, const struct a64_args_register *a)
{
    lift_jump_value(l, lift_read(l, 1, a->rn), IR_EXIT_RETURN, 0);
    return true;
}

/* Linux ignores the immediate. */
bool a64_lift_svc(struct lifter *l, const struct a64_args_imm *a)
{
    lift_syscall(l);
    return true;
}

bool a64_lift_brk(struct lifter *l, const struct a64_args_imm *a)
{
    lift_trap(l, TRAP_BREAKPOINT, (uint32_t)a->imm);
    return true;
}

/* Undefined without a debugger that halts; a few immediates are kage's own vdso's. */
bool a64_lift_hlt(struct lifter *l, const struct a64_args_imm *a)
{
    uint32_t number = (uint32_t)a->imm - AARCH64_HYPERCALL;
    if (number < l->hypercalls) {
        ir_ref argument = ir_i64(l->ir, number);
        ir_call(l->ir, A64_HELPER_hypercall, &argument, 1);
    } else if (number < AARCH64_HYPERCALL_COUNT) {
        lift_trap(l, TRAP_HYPERCALL, number);
    } else {
        lift_trap(l, TRAP_UNDEFINED, 0);
    }
    return true;
}
