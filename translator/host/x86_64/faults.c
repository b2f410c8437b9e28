/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and changing the frame of a signal that interrupted translated code. */
#include <signal.h>
#include <ucontext.h>
#include "x86_host.h"

enum { STACK_FAULT = 12, GENERAL_PROTECTION = 13, PAGE_FAULT_WRITE = 2, EXCEPTIONS = 0x3d };

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
        *value = (union ir_value){.u64 = {(uint64_t)context->uc_mcontext.gregs[frame_registers[reg]], 0}};
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

bool host_fault_is_write(const void *ucontext)
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

/* ---- the address of an access that is not canonical: the kernel does not tell it, the instruction does ---- */

/* An instruction up to its ModRM byte, as far as addresses need it. */
struct access {
    const uint8_t *modrm;
    unsigned index_bit, base_bit; /* 8 or 0: REX.X, REX.B */
    unsigned unit;                /* what an 8-bit displacement counts, in bytes */
};

static bool is_prefix(uint8_t byte)
{
    return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0xf0 || byte == 0x2e ||
           byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65;
}

static struct access find_modrm(const uint8_t *code)
{
    enum { REX_X = 2, REX_B = 1, VECTOR_X = 0x40, VECTOR_B = 0x20, VECTOR_BYTES = 16 };
    struct access access = {.unit = 1};
    while (is_prefix(*code)) {
        code++;
    }
    if (*code == 0xc5) {
        access.modrm = code + 3;
    } else if (*code == 0xc4 || *code == 0x62) {
        access.index_bit = code[1] & VECTOR_X ? 0 : 8;
        access.base_bit = code[1] & VECTOR_B ? 0 : 8;
        access.unit = *code == 0x62 ? VECTOR_BYTES : 1;
        access.modrm = code + (*code == 0x62 ? 5 : 4);
    } else {
        if ((*code & 0xf0) == 0x40) {
            access.index_bit = *code & REX_X ? 8 : 0;
            access.base_bit = *code & REX_B ? 8 : 0;
            code++;
        }
        if (*code == 0x0f) {
            code += code[1] == 0x38 || code[1] == 0x3a ? 2 : 1;
        }
        access.modrm = code + 1;
    }
    return access;
}

static uint64_t displacement(const uint8_t *place, unsigned mod, unsigned unit)
{
    int32_t wide;
    memcpy(&wide, place, sizeof wide);
    return mod == 1 ? (uint64_t)((int64_t)(int8_t)*place * (int)unit) : mod == 2 ? (uint64_t)(int64_t)wide : 0;
}

/* 0 if it has no memory operand with a base register. */
static uint64_t effective_address(const ucontext_t *context)
{
    enum { SIB = 4, NO_INDEX = 4, NO_BASE = 5, IN_REGISTER = 3 };
    const greg_t *registers = context->uc_mcontext.gregs;
    struct access access = find_modrm((const uint8_t *)(uintptr_t)registers[REG_RIP]);
    unsigned mod = *access.modrm >> 6, base = *access.modrm & 7;
    const uint8_t *next = access.modrm + 1;
    uint64_t address = 0;
    if (mod == IN_REGISTER) {
        return 0;
    }
    if (base == SIB) {
        unsigned index = (*next >> 3 & 7) | access.index_bit;
        base = *next & 7;
        address = index == NO_INDEX ? 0 : (uint64_t)registers[frame_registers[index]] << (*next >> 6);
        next++;
    }
    if (base == NO_BASE && mod == 0) {
        return address + displacement(next, 2, 1);
    }
    return address + (uint64_t)registers[frame_registers[base | access.base_bit]] +
           displacement(next, mod, access.unit);
}

bool host_fault_is_bad_address(const void *ucontext, uint64_t *address)
{
    const ucontext_t *context = ucontext;
    greg_t trap = context->uc_mcontext.gregs[REG_TRAPNO];
    if (trap != STACK_FAULT && trap != GENERAL_PROTECTION) {
        return false;
    }
    *address = effective_address(context);
    return true;
}
