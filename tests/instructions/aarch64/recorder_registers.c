/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include <stdlib.h>
#include <string.h>
#include <asm/sigcontext.h>

/* Indices in case_registers. */
enum { SP = 31, NZCV, FPCR, FPSR, V0 };

static struct fpsimd_context saved_vectors;

static struct fpsimd_context *find_vectors(const ucontext_t *context)
{
    char *record = (char *)(uintptr_t)context->uc_mcontext.__reserved;
    for (;;) {
        struct _aarch64_ctx *head = (struct _aarch64_ctx *)record;
        if (head->magic == FPSIMD_MAGIC) {
            return (struct fpsimd_context *)record;
        }
        if (head->size == 0) {
            abort();
        }
        record += head->size;
    }
}

void recorder_to_context(const struct case_state *state, ucontext_t *context)
{
    struct fpsimd_context *vectors = find_vectors(context);
    for (unsigned index = 0; index < 31; index++) {
        context->uc_mcontext.regs[index] = state->registers[index][0];
    }
    context->uc_mcontext.sp = state->registers[SP][0];
    context->uc_mcontext.pc = state->pc;
    context->uc_mcontext.pstate = (context->uc_mcontext.pstate & 0x0fffffffu) | state->registers[NZCV][0] << 28;
    vectors->fpcr = (uint32_t)state->registers[FPCR][0];
    vectors->fpsr = (uint32_t)state->registers[FPSR][0];
    memcpy(vectors->vregs, state->registers[V0], sizeof vectors->vregs);
}

void recorder_from_context(const ucontext_t *context, struct case_state *state)
{
    const struct fpsimd_context *vectors = find_vectors(context);
    for (unsigned index = 0; index < 31; index++) {
        state->registers[index][0] = context->uc_mcontext.regs[index];
    }
    state->registers[SP][0] = context->uc_mcontext.sp;
    state->pc = context->uc_mcontext.pc;
    state->registers[NZCV][0] = context->uc_mcontext.pstate >> 28 & 15;
    state->registers[FPCR][0] = vectors->fpcr;
    state->registers[FPSR][0] = vectors->fpsr;
    memcpy(state->registers[V0], vectors->vregs, sizeof vectors->vregs);
}

void recorder_save_rest(const ucontext_t *context)
{
    saved_vectors = *find_vectors(context);
}

void recorder_restore(ucontext_t *context, const ucontext_t *saved)
{
    memcpy(context->uc_mcontext.regs, saved->uc_mcontext.regs, sizeof context->uc_mcontext.regs);
    context->uc_mcontext.sp = saved->uc_mcontext.sp;
    context->uc_mcontext.pc = saved->uc_mcontext.pc;
    context->uc_mcontext.pstate = saved->uc_mcontext.pstate;
    context->uc_sigmask = saved->uc_sigmask;
    *find_vectors(context) = saved_vectors;
}
