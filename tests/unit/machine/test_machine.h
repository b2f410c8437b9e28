/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What running translated code takes besides a guest: glue, a code cache, the stack of translated code, a table of
 * jumps. */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include "fast.h"

struct test_machine {
    const struct host *host;
    uint64_t features;
    struct host_glue glue;
    struct ir_context context;
    struct arena arena; /* of units and what is made of them; the user's to reset */
    uint8_t *cache, *next, *end;
    uint8_t *stack;
};

/* A guest's state, zero, right behind a table of jumps. */
void *test_state_new(size_t bytes);
void test_state_free(void *state);

/* disabled: host features not to be used. header: of a state of test_state_new, gets the stack and the jumps. */
void test_machine_init(struct test_machine *machine, uint32_t disabled, const struct ir_context *context,
                       struct cpu_header *header);
void test_machine_free(struct test_machine *machine);

/* based: guest memory is not at host address 0. Units made much earlier are overwritten when the cache is full. */
struct fast_result test_machine_compile(struct test_machine *machine, struct ir_unit *unit, bool based);

#endif
