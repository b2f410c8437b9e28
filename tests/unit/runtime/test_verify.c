/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --verify: agreement is silent, a difference ends the program. The guest has one-byte instructions; one of them calls
 * a helper that says it is pure and is not, as wrong code would be. */
#include "translator.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum slot { SLOT_PC, SLOT_X, SLOT_ADDRESS, SLOT_COUNT };

struct tiny_state {
    struct cpu_header header;
    uint64_t slots[SLOT_COUNT];
};

#define SLOT(text, number)                                                                                             \
    [number] = {.name = text, .type = IR_I64, .offset = offsetof(struct tiny_state, slots) + 8 * (number)}
static const struct ir_slot_description slots[SLOT_COUNT] = {SLOT("PC", SLOT_PC), SLOT("X", SLOT_X),
                                                             SLOT("ADDRESS", SLOT_ADDRESS)};

static uint64_t calls;

static uint64_t count_calls(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return ++calls;
}

enum { HELPER_FICKLE, HELPER_CLOCK };
static const struct ir_helper helpers[] = {
    [HELPER_FICKLE] = {"fickle", IR_CALL_WORDS, IR_I64, IR_PURE, {.words = count_calls}},
    [HELPER_CLOCK] = {"clock", IR_CALL_WORDS, IR_I64, IR_MEM_READ, {.words = count_calls}},
};

static ir_ref call(struct lifter *l, unsigned helper)
{
    return ir_call(l->ir, helper, NULL, 0);
}

static void lift(struct lifter *l)
{
    struct ir_builder *ir = l->ir;
    ir_mark(ir, l->pc, 1);
    l->length = 1;
    switch (*l->code) {
    case '+':
        ir_write(ir, SLOT_X, ir_add(ir, ir_read(ir, SLOT_X), ir_word(ir, 1)));
        break;
    case '!': /* store */
        ir_store(ir, ir_read(ir, SLOT_ADDRESS), ir_read(ir, SLOT_X), 0, 3);
        break;
    case '?': /* a load */
        ir_write(ir, SLOT_X, ir_load(ir, IR_I64, ir_read(ir, SLOT_ADDRESS), 0, 3));
        break;
    case 'f':
        ir_write(ir, SLOT_X, call(l, HELPER_FICKLE));
        break;
    case 'm': /* stores a fickle value and forgets it */
        ir_store(ir, ir_read(ir, SLOT_ADDRESS), call(l, HELPER_FICKLE), 0, 3);
        break;
    case 'c':
        ir_write(ir, SLOT_X, call(l, HELPER_CLOCK));
        break;
    case 'd': /* counts X down from 1000 in a loop of its own */
        ir_write(ir, SLOT_X, ir_sub(ir, ir_read(ir, SLOT_X), ir_word(ir, 1)));
        lift_branch(l, ir_cmp(ir, IR_NE, ir_read(ir, SLOT_X), ir_word(ir, 0)), l->pc);
        break;
    case 'e': /* a branch that is never taken */
        lift_branch(l, ir_cmp(ir, IR_EQ, ir_read(ir, SLOT_X), ir_word(ir, UINT64_C(1) << 40)), l->pc + 3);
        break;
    case 'b': /* counts X down in a loop from the program's start */
        ir_write(ir, SLOT_X, ir_sub(ir, ir_read(ir, SLOT_X), ir_word(ir, 1)));
        lift_branch(l, ir_cmp(ir, IR_NE, ir_read(ir, SLOT_X), ir_word(ir, 0)), 0);
        break;
    case 's':
        lift_syscall(l);
        break;
    default:
        lift_trap(l, TRAP_BREAKPOINT, 7);
        break;
    }
}

static void reset(struct cpu_header *header) {}

static const struct float_rules *float_rules(uint32_t mode)
{
    static const struct float_rules rules = {.name = "tiny"};
    return &rules;
}

static unsigned describe(char *text, size_t size, const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode)
{
    return available ? (unsigned)!!snprintf(text, size, "%c", *code) : 0;
}

static const struct guest tiny = {
    .name = "tiny",
    .word_bits = 64,
    .instruction_align = 1,
    .instruction_longest = 1,
    .state_size = sizeof(struct tiny_state),
    .slots = slots,
    .slot_count = SLOT_COUNT,
    .pc_slot = SLOT_PC,
    .helpers = helpers,
    .helper_count = sizeof helpers / sizeof *helpers,
    .reset = reset,
    .float_rules = float_rules,
    .lift = lift,
    .describe = describe,
    .capstone_arch = -1,
};

/* ---- running a program of such bytes ---- */

static const char *program;
static uint64_t cell;

static struct code_window find_code(void *user, struct cpu_header *state, uint64_t pc)
{
    return (struct code_window){(const uint8_t *)program + pc, strlen(program) - pc};
}

static const struct embedder embedder = {
    .memory_model = MEMORY_DIRECT, .memory_base_is_zero = true, .find_code = find_code};

/* Runs to the trap and returns the statistics; the caller frees them. */
static char *run(const char *text, uint64_t x, uint64_t *result)
{
    const char *error = NULL;
    const struct translator_options options = {.engine = ENGINE_FAST, .verify = true, .check_ir = true};
    struct translator *t = translator_new(&tiny, &embedder, &options, &error);
    ck_assert_msg(t, "%s", error);
    struct translator_cpu *cpu = translator_cpu_new(t, NULL, NULL);
    struct tiny_state *state = (struct tiny_state *)translator_cpu_state(cpu);
    program = text;
    cell = 40;
    state->slots[SLOT_X] = x;
    state->slots[SLOT_ADDRESS] = (uintptr_t)&cell;
    struct translator_exit exit;
    do {
        exit = translator_run(cpu);
    } while (exit.kind == TRANSLATOR_SYSCALL);
    ck_assert_int_eq(exit.kind, TRANSLATOR_TRAP);
    ck_assert_uint_eq(exit.argument, 7);
    *result = state->slots[SLOT_X];
    char *statistics = NULL;
    size_t size;
    FILE *file = open_memstream(&statistics, &size);
    translator_print_stats(t, file);
    fclose(file);
    translator_cpu_free(cpu);
    translator_free(t);
    return statistics;
}

static unsigned long figure(const char *statistics, const char *text)
{
    const char *place = strstr(statistics, text);
    ck_assert_msg(place, "no line '%s'", text);
    while (place > statistics && place[-1] != '\n') {
        place--;
    }
    return strtoul(place, NULL, 10);
}

START_TEST(stores_happen_once)
{
    uint64_t x;
    char *statistics = run("?++!+s?!.", 0, &x);
    ck_assert_uint_eq(x, 42);
    ck_assert_uint_eq(cell, 42);
    ck_assert_uint_eq(figure(statistics, "units compared: equal"), 2);
    free(statistics);
}
END_TEST

START_TEST(short_loops_run_as_one)
{
    uint64_t x;
    char *statistics = run("d.", 100, &x);
    ck_assert_uint_eq(x, 0);
    ck_assert_uint_eq(figure(statistics, "units compared: equal"), 1 + 1);
    ck_assert_uint_eq(figure(statistics, "single iterations"), 0);
    free(statistics);
}
END_TEST

/* Several rounds to a turn: the loop is left in any of them. */
START_TEST(loops_end_in_any_round)
{
    for (uint64_t turns = 1; turns < 20; turns++) {
        uint64_t x;
        free(run("d.", turns, &x));
        ck_assert_uint_eq(x, 0);
        free(run("eb!.", turns, &x));
        ck_assert_uint_eq(x, 0);
        ck_assert_uint_eq(cell, 0);
    }
}
END_TEST

START_TEST(long_loops_run_in_parts)
{
    uint64_t x;
    char *statistics = run("d.", 8000, &x);
    ck_assert_uint_eq(x, 0);
    /* 1000 turns of eight rounds: 256 single ones three times, the rest as one run */
    ck_assert_uint_eq(figure(statistics, "single iterations"), 768);
    free(statistics);
}
END_TEST

/* Both as several units and as the one that they become after 1500 turns. */
START_TEST(loops_through_several_units_are_compared)
{
    uint64_t x;
    char *statistics = run("eeeeeb.", 12000, &x);
    ck_assert_uint_eq(x, 0);
    ck_assert_uint_eq(figure(statistics, "loops formed again"), 1);
    ck_assert_uint_ge(figure(statistics, "units compared: equal"), 3 * 1500);
    ck_assert_uint_ge(figure(statistics, "single iterations"), 2000);
    free(statistics);
}
END_TEST

START_TEST(clocks_are_not_compared)
{
    uint64_t x;
    char *statistics = run("c.", 0, &x);
    ck_assert_uint_eq(x, calls);
    ck_assert_uint_eq(figure(statistics, "not compared: clock"), 1);
    free(statistics);
}
END_TEST

START_TEST(other_registers_abort)
{
    uint64_t x;
    free(run("f.", 0, &x));
}
END_TEST

START_TEST(other_memory_aborts)
{
    uint64_t x;
    free(run("m.", 0, &x));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *tests = tcase_create("verify");
    tcase_add_test(tests, stores_happen_once);
    tcase_add_test(tests, short_loops_run_as_one);
    tcase_add_test(tests, loops_end_in_any_round);
    tcase_add_test(tests, long_loops_run_in_parts);
    tcase_add_test(tests, loops_through_several_units_are_compared);
    tcase_add_test(tests, clocks_are_not_compared);
    tcase_add_test_raise_signal(tests, other_registers_abort, SIGABRT);
    tcase_add_test_raise_signal(tests, other_memory_aborts, SIGABRT);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
