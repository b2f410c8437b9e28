/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest addresses as host memory operands: select_memory.c, for it and select_atomic.c. */
#ifndef X86_64_MEMORY_H
#define X86_64_MEMORY_H

#include "x86_host.h"

/* Adds the operands of an address (one, or two if an addition is absorbed) as the plan's next inputs; excluded:
   registers that the address must not be in. Sets plan->displacement and plan->variant: the number of inputs used, and
   the index's scale. */
enum { ADDRESS_SCALE = 4 };
static inline unsigned address_inputs(const struct host_plan *plan)
{
    return plan->variant & 15;
}
void plan_address(struct host_code *code, struct host_plan *plan, ir_ref address, int32_t displacement,
                  host_mask excluded);

/* The operand, and before it what is needed to make it: the alignment check the memop demands, and where guest memory
   is not at host address 0 the addition, in `scratch`. Destroys scratch and the flags. */
struct x86_memory emit_address(struct host_code *code, const struct host_plan *plan, uint16_t memop, unsigned scratch);

/* The next instruction may fault. */
static inline void note_fault(struct host_code *code)
{
    x86_begin(x86_code(code));
    code->tier->note_fault(code);
}

/* A value of 2, 4 or 8 bytes in the register with its bytes reversed (and zero-extended where size is 2). */
void emit_reverse(struct host_buffer *b, unsigned log_bytes, unsigned reg);

static inline enum x86_size memory_size(uint16_t memop)
{
    return (enum x86_size)(memop & IR_MEM_SIZE);
}

#endif
