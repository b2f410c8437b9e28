/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fast.h"

#include <stdlib.h>

struct fast_result fast_compile(const struct ir_unit *unit, struct arena *arena, const struct fast_target *target)
{
    return (struct fast_result){.done = false};
}

bool fast_apply_fault(const struct fast_faults *faults, uint32_t code_offset, const struct ir_context *context,
                      struct cpu_header *state, const struct host *host, const void *ucontext)
{
    return false;
}

void fast_faults_free(struct fast_faults *faults)
{
    free(faults->block);
}
