/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_run.h"
#include "interpreter.h"
#include "softfloat.h"

#include <stdlib.h>

enum { SCRATCH_VALUES = 4096 };

uint64_t host_run_random(struct host_run *run)
{
    uint64_t x = run->random; /* xorshift64*, Vigna */
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    run->random = x;
    return x * 0x2545f4914f6cdd1d;
}

static uint64_t random_word(struct host_run *run)
{
    static const uint64_t special[] = {
        0,
        1,
        2,
        3,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x100000000,
        0x7fffffffffffffff,
        0x8000000000000000,
        UINT64_MAX,
        UINT64_MAX - 1,
        63,
        64,
        32,
        31,
        0xffffffff80000000,
        0x5555555555555555,
    };
    uint64_t r = host_run_random(run);
    switch (r & 7) {
    case 0:
    case 1:
        return special[(r >> 8) % (sizeof special / sizeof *special)];
    case 2:
        return host_run_random(run) >> ((r >> 8) & 63);
    case 3:
        return (uint64_t)((int64_t)host_run_random(run) >> ((r >> 8) & 63));
    default:
        return host_run_random(run);
    }
}

static uint16_t random_float16(struct host_run *run)
{
    static const uint16_t special[] = {0,      0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e00, 0xfe00, 0x7c01, 0xfd23,
                                       0x7e45, 1,      0x83ff, 0x0400, 0x8400, 0x7bff, 0xfbff, 0x7800, 0xf800, 0x3800,
                                       0x3e00, 0x4100, 0x0c00, 0x3c01, 0x3bff, 0x1000, 0x2c00, 0x77ff, 0xb800, 0x0401};
    uint64_t r = host_run_random(run);
    switch (r & 3) {
    case 0:
        return special[(r >> 8) % (sizeof special / sizeof *special)];
    case 1: /* few bits: ties */
        return (uint16_t)(r >> 32 & 0xffc3);
    case 2: /* products and quotients near the smallest numbers */
        return (uint16_t)((r >> 32 & 0x83ff) + (r >> 8 & 7) * 0x400 + 0x0c00);
    default:
        return (uint16_t)(r >> 32);
    }
}

static uint32_t random_float32(struct host_run *run)
{
    static const uint32_t special[] = {
        0,          0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001,
        0xff812345, 0x7fc12345, 1,          0x807fffff, 0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, 0x4f000000,
        0xcf000000, 0x4f800000, 0x5f000000, 0xdf000000, 0x5f800000, 0x3f000000, 0x3fc00000, 0x40200000, 0x4effffff,
        0x33000000, 0x47800000, 0x477fe000, 0x38800000, 0x387fc000, 0x20000000, 0x1f800000, 0x3f800001, 0x3f7fffff,
    };
    uint64_t r = host_run_random(run);
    switch (r & 3) {
    case 0:
        return special[(r >> 8) % (sizeof special / sizeof *special)];
    case 1: /* near 1 to 2^16, few bits */
        return (uint32_t)(r >> 32 & 0x80ff0000) % 0x10000000 + 0x3c000000;
    case 2: /* products and quotients near the ends of the range */
        return (uint32_t)(r >> 32 & 0x807fffff) |
               ((r >> 8 & 1) ? 0x1f800000 + (uint32_t)(r >> 10 & 3) * 0x800000 : 0x5f000000);
    default:
        return (uint32_t)(r >> 32);
    }
}

static uint64_t random_float64(struct host_run *run)
{
    static const uint64_t special[] = {
        0,
        0x8000000000000000,
        0x3ff0000000000000,
        0xbff0000000000000,
        0x7ff0000000000000,
        0xfff0000000000000,
        0x7ff8000000000000,
        0xfff8000000000000,
        0x7ff0000000000001,
        0xfff0123456789abc,
        0x7ff8123456789abc,
        1,
        0x800fffffffffffff,
        0x0010000000000000,
        0x8010000000000000,
        0x7fefffffffffffff,
        0xffefffffffffffff,
        0x41e0000000000000,
        0xc1e0000000000000,
        0x41dfffffffc00000,
        0x43e0000000000000,
        0xc3e0000000000000,
        0x43f0000000000000,
        0x3fe0000000000000,
        0x3ff8000000000000,
        0x4004000000000000,
        0x41efffffffe00000,
        0xc1e0000000200000,
        0x47efffffe0000000,
        0x47effffff0000000,
        0x3810000000000000,
        0x380fffffe0000000,
        0x36a0000000000000,
        0x3690000000000000,
        0x40effc0000000000,
        0xffffffff3f800000,
        0xffffffff7fc00001,
    };
    uint64_t r = host_run_random(run);
    switch (r & 3) {
    case 0:
        return special[(r >> 8) % (sizeof special / sizeof *special)];
    case 1:
        return (host_run_random(run) & 0x800fff0000000000) | (0x3f00000000000000 + ((r >> 8 & 0x3f) << 52));
    case 2:
        return (host_run_random(run) & 0x800fffffffffffff) |
               ((r >> 8 & 1) ? 0x1ff0000000000000 + ((r >> 10 & 3) << 52) : 0x5fe0000000000000);
    default:
        return host_run_random(run);
    }
}

static uint64_t random_element(struct host_run *run)
{
    switch (host_run_random(run) >> 32 & 7) {
    case 4:
    case 5:
        return random_float16(run) | (uint64_t)random_float16(run) << 16 | (uint64_t)random_float16(run) << 32 |
               (uint64_t)random_float16(run) << 48;
    case 0:
    case 6:
        return random_float32(run) | (uint64_t)random_float32(run) << 32;
    case 1:
    case 7:
        return random_float64(run);
    case 2:
        return host_run_random(run) & (host_run_random(run) & 1 ? 0x0f1f0f1f07070707 : 0x80ff7f00ff00807f);
    default:
        return random_word(run);
    }
}

void host_run_randomize(struct host_run *run)
{
    for (unsigned s = 0; s < SLOT_COUNT; s++) {
        union ir_value *v = &run->state->slots[s];
        *v = (union ir_value){0};
        switch (run->machine.context.slots[s].type) {
        case IR_I32:
            v->i32 = (uint32_t)random_word(run);
            v->i32 = s & 1 ? (v->i32 & 0xffff0000) | random_float16(run) : v->i32;
            break;
        case IR_I64:
            v->i64 = random_word(run);
            break;
        case IR_F32:
            v->i32 = random_float32(run);
            break;
        case IR_F64:
            v->i64 = random_float64(run);
            break;
        case IR_FLAGS:
            v->i32 = (uint32_t)host_run_random(run) & (IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V);
            break;
        default:
            v->u64[0] = random_element(run);
            v->u64[1] = random_element(run);
        }
    }
    /* Under rules that flush, what has been raised already decides how operations are done. */
    uint64_t r = host_run_random(run) >> 32;
    run->state->header.fp = (struct float_status){.rounding = r & 3};
    if (run->machine.context.rules && run->machine.context.rules->flush_outputs) {
        run->state->header.fp.exceptions = (r & 4 ? FLOAT_INEXACT : 0) | (r & 8 ? FLOAT_INPUT_DENORMAL : 0);
    }
}

void host_run_init(struct host_run *run, uint32_t disabled, const struct float_rules *rules)
{
    struct ir_context context = test_context;
    context.rules = rules;
    *run = (struct host_run){.random = 0x123456789abcdef};
    run->memory = aligned_alloc(64, TEST_MEMORY_SIZE);
    run->state = test_state_new(sizeof *run->state);
    run->scratch = aligned_alloc(64, SCRATCH_VALUES * sizeof *run->scratch);
    test_machine_init(&run->machine, disabled, &context, &run->state->header);
}

void host_run_free(struct host_run *run)
{
    test_machine_free(&run->machine);
    free(run->memory);
    test_state_free(run->state);
    free(run->scratch);
}

const void *host_run_compile(struct host_run *run, struct ir_unit *unit, bool based)
{
    run->last = test_machine_compile(&run->machine, unit, based);
    return run->last.done ? run->last.entry : NULL;
}

static bool report(const struct ir_unit *unit, const char *what, const struct host_run *run)
{
    fprintf(stderr, "the host differs in %s (rules %s, features %llx, rounding %u)\n", what,
            run->machine.context.rules->name, (unsigned long long)run->machine.features,
            run->state->header.fp.rounding);
    ir_print(stderr, unit);
    return false;
}

static void print_value(const char *name, const union ir_value *v)
{
    fprintf(stderr, "  %s %016llx %016llx\n", name, (unsigned long long)v->u64[1], (unsigned long long)v->u64[0]);
}

bool host_run_compare(struct host_run *run, const struct ir_unit *unit, const void *code)
{
    struct test_state before = *run->state;
    uint8_t *memory_before = malloc(2 * TEST_MEMORY_SIZE), *memory_after = memory_before + TEST_MEMORY_SIZE;
    memcpy(memory_before, run->memory, TEST_MEMORY_SIZE);
    struct ir_exit exit = ir_interpret(unit, &run->state->header, run->scratch);
    struct test_state expected = *run->state;
    memcpy(memory_after, run->memory, TEST_MEMORY_SIZE);
    memcpy(run->memory, memory_before, TEST_MEMORY_SIZE);
    *run->state = before;
    run->state->header.translated_sp = (uint64_t)(uintptr_t)run->state->header.stack_base;
    const uint8_t *left = run->machine.glue.enter(&run->state->header, code);
    struct test_state got = *run->state;
    bool same = memcmp(run->memory, memory_after, TEST_MEMORY_SIZE) == 0 || report(unit, "memory", run);
    memcpy(run->memory, memory_before, TEST_MEMORY_SIZE);
    free(memory_before);
    *run->state = before;
    if (got.header.exit_kind == HOST_LEFT_LINK) {
        got.slots[SLOT_PC].i64 = host_exit_find(run->last.exits, &run->machine.glue, left)->pc;
    }
    if (got.header.exit_kind == HOST_LEFT_TRAP &&
        (exit.kind != IR_LEFT_TRAP || got.header.exit_value != (exit.trap | (uint64_t)exit.argument << 32))) {
        return report(unit, "its trap", run);
    }
    for (unsigned s = 0; s < SLOT_COUNT && same; s++) {
        if (memcmp(&got.slots[s], &expected.slots[s], 16) != 0) {
            same = report(unit, run->machine.context.slots[s].name, run);
            for (unsigned n = 0; n < SLOT_COUNT; n++) {
                print_value(run->machine.context.slots[n].name, &before.slots[n]);
            }
            print_value("expected", &expected.slots[s]);
            print_value("got", &got.slots[s]);
        }
    }
    if (same && (got.header.fp.exceptions != expected.header.fp.exceptions ||
                 got.header.fp.rounding != expected.header.fp.rounding)) {
        same = report(unit, "the float status", run);
        for (unsigned n = 0; n < SLOT_COUNT; n++) {
            print_value(run->machine.context.slots[n].name, &before.slots[n]);
        }
        fprintf(stderr, "  exceptions expected %x, got %x\n", expected.header.fp.exceptions, got.header.fp.exceptions);
    }
    return same;
}
