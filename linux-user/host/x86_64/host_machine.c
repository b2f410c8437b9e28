/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_machine.h"

#include <elf.h>

uint64_t host_context_pc(const ucontext_t *context)
{
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

void host_context_set_pc(ucontext_t *context, uint64_t pc)
{
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

__attribute__((naked, noipa)) void host_signal_return(void)
{
    __asm__("mov $15, %eax\n\tsyscall");
}

bool host_runs_machine(uint16_t machine)
{
    return machine == EM_X86_64 || machine == EM_386;
}
