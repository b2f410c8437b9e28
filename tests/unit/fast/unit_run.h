/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs whole units in the interpreter and compiled for this host, faults included, and compares everything that a guest
 * can see.
 *
 * Flags are compared where the guest can see them: not if the exit dropped them, and at a fault (or at an event that
 * leaves a loop) only if some way on from there reads them (an IR read, used or not), leaves without dropping them, or
 * calls a helper that reads state, before they are written. That is the rule of fast/analyze.c, found here by walking
 * all ways forward. */
#ifndef UNIT_RUN_H
#define UNIT_RUN_H

#include "fake_guest.h"
#include "test_machine.h"

#include <stdbool.h>

struct unit_run {
    struct test_machine machine;
    struct fake_state *state;
    uint8_t *window; /* FAKE_WINDOW_BYTES, and a page on either side of them that cannot be touched */
    union ir_value *scratch;
    uint32_t scratch_count;
    bool quiet;              /* differences are found but not told */
    unsigned faults, events; /* how many runs ended so */
};

/* How a run ended. */
enum unit_way { WAY_GOTO, WAY_SYSCALL, WAY_TRAP, WAY_FAULT, WAY_MISALIGNED, WAY_BROKEN };

struct unit_outcome {
    enum unit_way way;
    bool event;       /* left a loop for an event */
    uint64_t address; /* of a fault */
    uint64_t trap;
    struct fake_state state;
    uint8_t window[FAKE_WINDOW_BYTES];
};

struct compiled_unit {
    const struct ir_unit *unit;
    const uint8_t *code;
    uint32_t bytes;
    bool based;
    struct fast_faults faults;
    struct host_exit *exits;
};

/* disabled: host features not to be used. */
void unit_run_init(struct unit_run *run, uint32_t disabled);
void unit_run_free(struct unit_run *run);

/* The unit and what is made of it live in run->machine.arena. based: guest memory is not at host address 0. False (and
 * told) if the compiler gave up or an assertion of its failed. */
bool unit_compile(struct unit_run *run, struct ir_unit *unit, bool based, struct compiled_unit *result);

/* Fills state and window from a seed. */
void unit_run_randomize(struct unit_run *run, uint64_t seed, bool based);
/* Runs the unit in the interpreter from the state and window there are, which are changed. */
void unit_interpret(struct unit_run *run, const struct ir_unit *unit, struct unit_outcome *outcome);
/* The same with compiled code. */
void unit_execute(struct unit_run *run, const struct compiled_unit *compiled, struct unit_outcome *outcome);
/* Runs both engines from the state and window there are, which are the same afterwards. */
bool unit_compare(struct unit_run *run, const struct compiled_unit *compiled);

uint64_t random_next(uint64_t *seed);

#endif
