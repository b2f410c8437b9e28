/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_machine.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_BYTES = 1 << 20, STACK_BYTES = 1 << 16, UNIT_ROOM = 1 << 17 };

void *test_state_new(size_t bytes)
{
    uint8_t *block = aligned_alloc(64, CPU_JUMP_BYTES + ((bytes + 63) & ~(size_t)63));
    KAGE_ASSERT(block, "no memory for a state");
    return memset(block + CPU_JUMP_BYTES, 0, bytes);
}

void test_state_free(void *state)
{
    free((uint8_t *)state - CPU_JUMP_BYTES);
}

void test_machine_init(struct test_machine *machine, uint32_t disabled, const struct ir_context *context,
                       struct cpu_header *header)
{
    *machine = (struct test_machine){.host = host_native(), .context = *context};
    KAGE_ASSERT(machine->host, "tests of hosts run where there is one");
    machine->features = machine->host->detect_features(disabled);
    arena_init(&machine->arena);
    machine->cache = mmap(NULL, CACHE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    KAGE_ASSERT(machine->cache != MAP_FAILED, "no memory for code");
    machine->next = machine->cache;
    machine->end = machine->cache + CACHE_BYTES;
    machine->host->make_glue(&machine->glue, &machine->next, machine->end, machine->features, &machine->context);
    machine->stack = aligned_alloc(64, STACK_BYTES);
    struct cpu_jump *jumps = (struct cpu_jump *)header - CPU_JUMP_COUNT;
    for (unsigned n = 0; n < CPU_JUMP_COUNT; n++) {
        jumps[n] = (struct cpu_jump){CPU_NO_PC, NULL};
    }
    header->stack_base = machine->stack + STACK_BYTES - 64;
    header->stack_limit = machine->stack + STACK_BYTES / 2;
    header->jumps = jumps;
    header->rules = context->rules;
}

void test_machine_free(struct test_machine *machine)
{
    munmap(machine->cache, CACHE_BYTES);
    free(machine->stack);
    arena_free(&machine->arena);
}

struct fast_result test_machine_compile(struct test_machine *machine, struct ir_unit *unit, bool based)
{
    if (machine->end - machine->next < UNIT_ROOM) {
        machine->next = (uint8_t *)(uintptr_t)machine->glue.end;
    }
    struct fast_target target = {
        .host = machine->host,
        .glue = &machine->glue,
        .features = machine->features,
        .memory_model = MEMORY_DIRECT,
        .memory_base_is_zero = !based,
        .start = machine->next,
        .limit = machine->end,
        .records = &machine->arena,
    };
    struct fast_result result = fast_compile(unit, &machine->arena, &target);
    if (result.done) {
        machine->next = result.end;
    }
    return result;
}
