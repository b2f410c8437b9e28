/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorder.h"

#include <string.h>

/* Indices in case_registers; x1 is the first. */
enum { FCSR = 31, F0 };

void recorder_to_context(const struct case_state *state, ucontext_t *context)
{
    context->uc_mcontext.__gregs[0] = state->pc;
    for (unsigned index = 1; index < 32; index++) {
        context->uc_mcontext.__gregs[index] = state->registers[index - 1][0];
    }
    context->uc_mcontext.__fpregs.__d.__fcsr = (unsigned)state->registers[FCSR][0];
    for (unsigned index = 0; index < 32; index++) {
        context->uc_mcontext.__fpregs.__d.__f[index] = state->registers[F0 + index][0];
    }
}

void recorder_from_context(const ucontext_t *context, struct case_state *state)
{
    state->pc = context->uc_mcontext.__gregs[0];
    for (unsigned index = 1; index < 32; index++) {
        state->registers[index - 1][0] = context->uc_mcontext.__gregs[index];
    }
    state->registers[FCSR][0] = context->uc_mcontext.__fpregs.__d.__fcsr;
    for (unsigned index = 0; index < 32; index++) {
        state->registers[F0 + index][0] = context->uc_mcontext.__fpregs.__d.__f[index];
    }
}

/* All of it is in the compiler's ucontext_t. */
void recorder_save_rest(const ucontext_t *context)
{
}

void recorder_restore(ucontext_t *context, const ucontext_t *saved)
{
    context->uc_mcontext = saved->uc_mcontext;
    context->uc_sigmask = saved->uc_sigmask;
}
