/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases in engines of the translator (runner_engine.c), and what a guest gives for it: its registers in the
 * translator's state (runner_registers.c in its folder). */
#ifndef INSTRUCTIONS_RUNNER_H
#define INSTRUCTIONS_RUNNER_H

#include "case_format.h"
#include "cpu.h"
#include "guest.h"
#include "translator.h"

/* An engine and one case in it: `one` and `begin` are the caller's to set, `got` is what came out. */
struct runner {
    struct translator *translator;
    struct translator_cpu *cpu;
    struct embedder embedder;
    struct instruction_case one;
    struct case_state begin, got;
    bool is_private;
    uint64_t window; /* bytes of code shown at once */
};

/* The guest's memory and the handler of faults; once. */
void runner_map_memory(void);
/* ENGINE, ENGINE:HEX, ENGINE+private, ENGINE+cut, ENGINE+zero (runner.c). False, with a message, if there is none of
   that name. The runner must stay where it is. */
bool runner_open(struct runner *runner, const char *name, bool check_ir);
void runner_close(struct runner *runner);
void runner_run(struct runner *runner);

/* ---- the guest's folder ---- */
extern const struct guest *const runner_guest;

/* Registers of a case (not the pc) into a state that was just reset, and back. */
void runner_to_cpu(const struct case_state *state, struct cpu_header *header);
void runner_from_cpu(struct cpu_header *header, struct case_state *state);

#endif
