/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_machine.h"

#include <elf.h>

uint64_t host_context_pc(const ucontext_t *context)
{
    return context->uc_mcontext.pc;
}

void host_context_set_pc(ucontext_t *context, uint64_t pc)
{
    context->uc_mcontext.pc = pc;
}

__asm__("        .text\n"
        "        .globl host_signal_return\n"
        "        .type host_signal_return, %function\n"
        "host_signal_return:\n"
        "        mov x8, #139\n"
        "        svc #0\n"
        "        .size host_signal_return, . - host_signal_return\n");

bool host_runs_machine(uint16_t machine)
{
    return machine == EM_AARCH64;
}
