/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

void lift_jump_value(struct lifter *l, ir_ref target, enum ir_exit_hint hint, uint64_t return_pc)
{
    ir_ref second = hint == IR_EXIT_CALL ? ir_word(l->ir, return_pc) : target;
    ir_emit(l->ir, IR_OP_goto_value, IR_NONE, hint, target, second, 0);
    l->end = LIFT_DONE;
}

void lift_trap(struct lifter *l, enum guest_trap trap, uint32_t argument)
{
    ir_emit(l->ir, IR_OP_trap, IR_NONE, 0, trap, argument, 0);
    l->end = LIFT_DONE;
}

void lift_syscall(struct lifter *l)
{
    ir_emit(l->ir, IR_OP_syscall, IR_NONE, 0, ir_word(l->ir, l->pc + l->length), 0, 0);
    l->end = LIFT_DONE;
}
