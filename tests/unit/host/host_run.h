/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a unit in the interpreter and compiled for this host, on the same state and memory, and compares all of it. */
#ifndef TEST_HOST_RUN_H
#define TEST_HOST_RUN_H

#include "test_context.h"
#include "test_machine.h"

#include <stdbool.h>

struct host_run {
    struct test_machine machine; /* its context: test_context with the rules of this run */
    uint8_t *memory;             /* TEST_MEMORY_SIZE bytes, 16-byte aligned */
    struct test_state *state;
    union ir_value *scratch;
    uint64_t random;
    struct fast_result last; /* compiled */
};

/* disabled: host features not to be used. base: whether guest memory is reached through a base register. */
void host_run_init(struct host_run *run, uint32_t disabled, const struct float_rules *rules);
void host_run_free(struct host_run *run);

uint64_t host_run_random(struct host_run *run);
/* Fills every slot with values that are special with some probability. */
void host_run_randomize(struct host_run *run);

/* The unit's code, or NULL if compilation failed. based: do not assume that guest memory is at host address 0. */
const void *host_run_compile(struct host_run *run, struct ir_unit *unit, bool based);
/* Runs both on copies of run->state and of run->memory. Returns true if slots, float status, memory and the way out are
   equal; else prints the unit and the difference. */
bool host_run_compare(struct host_run *run, const struct ir_unit *unit, const void *code);

#endif
