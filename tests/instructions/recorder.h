/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest gives the recorder: its registers in a ucontext (recorder_registers.c in its folder). */
#ifndef INSTRUCTIONS_RECORDER_H
#define INSTRUCTIONS_RECORDER_H

#include "case_format.h"

#include <ucontext.h>

/* Puts registers and pc of a case into the context that a signal handler will return to. */
void recorder_to_context(const struct case_state *state, ucontext_t *context);
void recorder_from_context(const ucontext_t *context, struct case_state *state);
/* Keeps what of a context the compiler's ucontext_t does not cover (vector state behind it), and puts a context back.
 */
void recorder_save_rest(const ucontext_t *context);
void recorder_restore(ucontext_t *context, const ucontext_t *saved);

#endif
