/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the selections of vector operations share. */
#ifndef X86_64_VECTOR_SELECT_H
#define X86_64_VECTOR_SELECT_H

#include "x86_host.h"

/* Operands in vector registers (scalars in theirs), a result. */
void plan_vector(struct host_code *code, struct host_plan *plan, unsigned operands,
                 void (*emit)(struct host_code *, const struct host_plan *));
/* reg = all ones in the 64-bit lanes of `from` that are negative. */
void emit_sign64(struct host_buffer *b, unsigned reg, unsigned from);

static inline unsigned vector_result(const struct host_plan *plan)
{
    return plan->result - VECTOR_BASE;
}

static inline unsigned lane_of(struct host_code *code, const struct host_plan *plan)
{
    return ir_lane(plan_instruction(code, plan)->aux);
}

#endif
