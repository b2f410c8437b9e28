/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest gives the runner: its registers in the translator's state (runner_registers.c in its folder). */
#ifndef INSTRUCTIONS_RUNNER_H
#define INSTRUCTIONS_RUNNER_H

#include "case_format.h"
#include "cpu.h"
#include "guest.h"

extern const struct guest *const runner_guest;

/* Registers of a case (not the pc) into a state that was just reset, and back. */
void runner_to_cpu(const struct case_state *state, struct cpu_header *header);
void runner_from_cpu(struct cpu_header *header, struct case_state *state);

#endif
