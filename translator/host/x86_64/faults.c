/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and changing the frame of a signal that interrupted translated code. */
#include <signal.h>
#include <ucontext.h>
#include "x86_host.h"

enum { PAGE_FAULT_WRITE = 2, EXCEPTIONS = 0x3d };

static const int8_t frame_registers[16] = {
    [X86_RAX] = REG_RAX, [X86_RCX] = REG_RCX, [X86_RDX] = REG_RDX, [X86_RBX] = REG_RBX,
    [X86_RSP] = REG_RSP, [X86_RBP] = REG_RBP, [X86_RSI] = REG_RSI, [X86_RDI] = REG_RDI,
    [X86_R8] = REG_R8,   [X86_R9] = REG_R9,   [X86_R10] = REG_R10, [X86_R11] = REG_R11,
    [X86_R12] = REG_R12, [X86_R13] = REG_R13, [X86_R14] = REG_R14, [X86_R15] = REG_R15,
};

void x86_read_register(const void *ucontext, host_register reg, union ir_value *value)
{
    const ucontext_t *context = ucontext;
    if (reg >= VECTOR_BASE) {
        memcpy(value, &context->uc_mcontext.fpregs->_xmm[reg - VECTOR_BASE], 16);
    } else {
        *value = (union ir_value){.i64 = (uint64_t)context->uc_mcontext.gregs[frame_registers[reg]]};
    }
}

void x86_leave_from_fault(void *ucontext, const struct host_glue *glue, struct cpu_header *state)
{
    ucontext_t *context = ucontext;
    greg_t *registers = context->uc_mcontext.gregs;
    uint64_t sp = (uint64_t)registers[REG_RSP];
    /* In a helper the stack is the C side's and translated_sp was stored by the call, inside PART_HELPER, one word
     * further down. */
    if (sp <= (uint64_t)(uintptr_t)state->stack_base && sp + 4096 > (uint64_t)(uintptr_t)state->stack_limit) {
        state->translated_sp = sp;
    } else {
        state->translated_sp += 8;
    }
    registers[REG_RBP] = (greg_t)((uintptr_t)state + STATE_BIAS);
    registers[REG_RIP] = (greg_t)(uintptr_t)glue->leave;
    registers[REG_EFL] &= ~0x400ll; /* direction flag */
}

uint64_t x86_fault_pc(const void *ucontext)
{
    return (uint64_t)((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP];
}

bool x86_fault_is_write(const void *ucontext)
{
    return (((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_ERR] & PAGE_FAULT_WRITE) != 0;
}

void x86_save_fp_from_fault(void *ucontext, struct cpu_header *state)
{
    ucontext_t *context = ucontext;
    state->fp.exceptions |= context->uc_mcontext.fpregs->mxcsr & EXCEPTIONS;
    context->uc_mcontext.fpregs->mxcsr = state->host_fp_saved;
}

bool x86_fault_is_misaligned(const void *ucontext, int signal, uint64_t *address)
{
    const greg_t *registers = ((const ucontext_t *)ucontext)->uc_mcontext.gregs;
    /* The only ud2 in translated code is that of an alignment check (select_memory.c). */
    *address = (uint64_t)registers[REG_RDX];
    return signal == SIGILL && memcmp((const void *)(uintptr_t)registers[REG_RIP], "\x0f\x0b", 2) == 0;
}
