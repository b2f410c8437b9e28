/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Superwords: what fast/superword.c makes of random loops does what the loops do, and a fault finds the state as it was
 * before some guest instruction, which is the one that faults or comes shortly before it.
 *
 * SUPERWORD_ROUNDS in the environment is the number of loops per set of host features (default below), SUPERWORD_SEED
 * the first seed. */
#include "superword.h"
#include "unit_run.h"
#include "word_loop.h"
#include "x86_features.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 5000,
    STATES = 9,
    DISTANCES = 81, /* of what is written from what is read, around 0 */
    SSE41_ONLY = ~(X86_HAS_SSSE3 | X86_HAS_SSE41 | X86_HAS_CX16),
    AVX2_LEVEL = X86_HAS_AVX512 | X86_HAS_AVX512_BITALG | X86_HAS_GFNI,
};
static const uint32_t disabled_features[] = {(uint32_t)SSE41_ONLY, AVX2_LEVEL, 0};

struct trial {
    struct unit_run run;
    struct word_loop loop;
    struct ir_unit *unit, *wide;
    struct compiled_unit compiled; /* of wide */
    uint64_t seed;
    bool searches;
    unsigned widened, faults, early_faults; /* found a fault before the instruction that faults */
};

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

static bool tell(const struct trial *t, const char *what)
{
    fprintf(stderr, "\n==== SUPERWORD_SEED=0x%llx: %s ====\n", (unsigned long long)t->seed, what);
    word_loop_print(stderr, &t->loop);
    ir_print(stderr, t->unit);
    if (t->wide) {
        ir_print(stderr, t->wide);
    }
    return false;
}

/* ---- states ---- */

static void set(struct trial *t, unsigned reg, uint64_t value)
{
    t->run.state->slots[FAKE_X0 + reg].i64 = value;
}

/* Mostly words that are alike: searches end with the first that is not, or with a count. */
static void make_search_state(struct trial *t, uint64_t from, uint64_t number, uint64_t *seed)
{
    uint64_t word = random_next(seed), other = random_next(seed);
    if (number % 4) {
        word = number & 4 ? word | 0x0101010101010101 : 0;
        other = number & 8 ? word ^ 1ull << (other & 63) : other & 1 ? word & ~(0xffull << (other & 56)) : other;
        for (unsigned n = 0; n < FAKE_WINDOW_BYTES; n += 8) {
            memcpy(t->run.window + n, random_next(seed) % 100 ? &word : &other, 8);
        }
        set(t, LOOP_MASK, number & 16 ? word : other);
        set(t, LOOP_CARRY, number & 32 ? word : other);
    }
    /* Counts go away from an address, or to nearly 0 from above or below: they may wrap. */
    uint64_t left = random_next(seed) % 400, sign = random_next(seed) & 1 ? 1 : UINT64_MAX;
    set(t, LOOP_TO_2, number % 3 ? from : sign * left);
    set(t, LOOP_TO, number % 3 ? from + sign * left : sign * (random_next(seed) % 9));
    t->run.state->slots[FAKE_COUNTER].i64 = 1 + random_next(seed) % 60;
}

/* number: of all states so far. */
static void make_state(struct trial *t, uint64_t number, bool based)
{
    uint64_t seed = number * 0x9e3779b97f4a7c15, window, from, place;
    unit_run_randomize(&t->run, number, based);
    t->run.state->header.fp.exceptions = number & 1 ? 0 : (uint32_t)random_next(&seed) & 0x1d;
    window = t->run.state->slots[FAKE_WINDOW].i64;
    place = 1000 + random_next(&seed) % 2000;
    if (number % 3 == 0) { /* close to an end: sooner or later there is a fault */
        place = random_next(&seed) % 160;
        place = number & 8 ? place : FAKE_WINDOW_BYTES - place;
    }
    from = window + place;
    int64_t distance = (int64_t)(number % DISTANCES) - DISTANCES / 2;
    bool far = random_next(&seed) % 4 == 0;
    set(t, LOOP_FROM, from);
    set(t, LOOP_TO, far ? window + random_next(&seed) % FAKE_WINDOW_BYTES : from + (uint64_t)distance);
    set(t, LOOP_FROM_2, window + random_next(&seed) % FAKE_WINDOW_BYTES);
    set(t, LOOP_TO_2, window + random_next(&seed) % FAKE_WINDOW_BYTES);
    if (random_next(&seed) % 4 == 0) {
        set(t, LOOP_FROM_2, from + random_next(&seed) % DISTANCES - DISTANCES / 2);
    }
    if (random_next(&seed) % 4 == 0) {
        set(t, LOOP_TO_2, from + random_next(&seed) % DISTANCES - DISTANCES / 2);
    }
    uint64_t count = random_next(&seed) % 64;
    set(t, LOOP_SHIFT, number % 4 ? count : random_next(&seed) >> 57 << (number & 32));
    set(t, LOOP_SHIFT_BACK, number % 8 ? 64 - count : random_next(&seed));
    t->run.state->slots[FAKE_COUNTER].i64 = 1 + random_next(&seed) % 6;
    if (t->searches) {
        make_search_state(t, from, number, &seed);
    }
}

/* ---- comparison ---- */

static bool same_state(const struct fake_state *a, const struct fake_state *b, bool flags)
{
    for (unsigned slot = 0; slot < FAKE_SLOT_COUNT; slot++) {
        const union ir_value *x = &a->slots[slot], *y = &b->slots[slot];
        if (slot == FAKE_FLAGS ? flags && (x->i32 ^ y->i32) & FAKE_FLAG_MASK : memcmp(x, y, sizeof *x) != 0) {
            return false;
        }
    }
    return a->header.fp.exceptions == b->header.fp.exceptions;
}

static bool same_memory(const struct word_run *run, const struct unit_outcome *found)
{
    return memcmp(run->window, found->window, FAKE_WINDOW_BYTES) == 0;
}

/* The same after the next step, which has done some of its stores before it faulted. */
static bool same_memory_then(const struct word_run *run, const struct unit_outcome *found)
{
    uint8_t window[FAKE_WINDOW_BYTES];
    struct word_run then = *run;
    then.window = memcpy(window, run->window, sizeof window);
    word_run_step(&then);
    return then.faulted && same_memory(&then, found);
}

/* The loop, step by step, until it is where the unit has stopped: between two steps, the one that comes now being the
 * one that the unit says. NULL if all is right: then `run` has been left there. */
static const char *find_place(struct word_run *run, const struct unit_outcome *found, bool is_compiled)
{
    const struct fake_state *state = &found->state;
    uint64_t pc = state->slots[FAKE_PC].i64;
    const char *wrong = "a fault where the loop does not come by";
    while (!run->left && !run->faulted) {
        run->state.slots[FAKE_PC].i64 = word_loop_pc(run->loop, run->next);
        if (word_loop_pc(run->loop, run->next) == pc) {
            bool flags = !is_compiled || word_loop_wants_flags(run->loop, run->next);
            bool same = same_state(&run->state, state, flags);
            if (same && (same_memory(run, found) || same_memory_then(run, found))) {
                return NULL;
            }
            wrong = same ? "other memory at a fault" : "another state at a fault";
        }
        word_run_step(run);
    }
    return wrong;
}

/* From where the unit faulted the loop must come to its own fault: in a loop that copies before it turns. */
static const char *find_fault(struct trial *t, struct word_run *run)
{
    unsigned place = run->next;
    while (!run->faulted) {
        if (run->left || (!t->searches && run->loop->steps[run->next].kind == STEP_TURN)) {
            return "a fault that the loop does not have";
        }
        word_run_step(run);
    }
    t->faults++;
    t->early_faults += run->next != place;
    return NULL;
}

static const char *compare(struct trial *t, const struct unit_outcome *found, const struct unit_outcome *before,
                           bool is_compiled)
{
    uint8_t window[FAKE_WINDOW_BYTES];
    struct word_run run = {.loop = &t->loop, .state = before->state, .window = window};
    run.address = run.state.slots[FAKE_WINDOW].i64;
    memcpy(window, before->window, sizeof window);
    if (found->way == WAY_FAULT) {
        const char *wrong = find_place(&run, found, is_compiled);
        return wrong ? wrong : find_fault(t, &run);
    }
    while (!run.left && !run.faulted) {
        word_run_step(&run);
    }
    return found->way != WAY_GOTO || run.faulted          ? "another end"
           : !same_state(&run.state, &found->state, true) ? "another state"
           : !same_memory(&run, found)                    ? "other memory"
                                                          : NULL;
}

/* The unit in the interpreter; the wide one as compiled code if there is no unit. */
static const char *run_and_compare(struct trial *t, const struct ir_unit *unit, const struct unit_outcome *before)
{
    struct unit_outcome found = {0};
    *t->run.state = before->state;
    memcpy(t->run.window, before->window, FAKE_WINDOW_BYTES);
    unit ? unit_interpret(&t->run, unit, &found) : unit_execute(&t->run, &t->compiled, &found);
    return compare(t, &found, before, !unit);
}

static bool try_state(struct trial *t, uint64_t number, bool based)
{
    struct unit_outcome before = {0};
    make_state(t, number, based);
    before.state = *t->run.state;
    memcpy(before.window, t->run.window, FAKE_WINDOW_BYTES);
    const char *wrong = run_and_compare(t, t->unit, &before);
    if (wrong) {
        t->wide = NULL;
        tell(t, wrong);
        ck_abort_msg("the loop of seed 0x%llx is not what its steps are: %s", (unsigned long long)t->seed, wrong);
    }
    wrong = run_and_compare(t, t->wide, &before);
    if (wrong) {
        return tell(t, wrong);
    }
    wrong = run_and_compare(t, NULL, &before);
    return !wrong || tell(t, wrong);
}

/* Bytes that all loads, or all stores, of a unit's code access. */
static unsigned count_bytes(const struct ir_unit *unit, enum ir_op op)
{
    unsigned bytes = 0;
    for (uint32_t i = 0; i < unit->count; i++) {
        bytes += unit->code[i].op == op ? ir_mem_bytes(unit->code[i].aux) : 0;
    }
    return bytes;
}

/* Each access is there once, or once in the wide code and once in the other: twice would not be seen from one thread.
 */
static bool has_same_accesses(const struct ir_unit *unit, const struct ir_unit *wide)
{
    unsigned loads = count_bytes(unit, IR_OP_load), stores = count_bytes(unit, IR_OP_store);
    unsigned copies = count_bytes(wide, IR_OP_store) == stores ? 1 : 2;
    return count_bytes(wide, IR_OP_store) == copies * stores && count_bytes(wide, IR_OP_load) == copies * loads;
}

static bool try_loop(struct trial *t)
{
    struct arena *arena = &t->run.machine.arena;
    bool based = t->seed & 1, same = true;
    arena_reset(arena);
    t->searches ? word_search_make(&t->loop, t->seed) : word_loop_make(&t->loop, t->seed);
    t->unit = word_loop_unit(arena, &t->run.machine.context, &t->loop);
    const char *wrong = ir_verify(t->unit, arena);
    t->wide = NULL;
    ck_assert_msg(!wrong, "the loop of seed 0x%llx is not valid: %s", (unsigned long long)t->seed, wrong);
    t->wide = superword_form(t->unit);
    if (!t->wide) {
        return true;
    }
    wrong = ir_verify(t->wide, arena);
    if (wrong || (!t->searches && !has_same_accesses(t->unit, t->wide))) {
        return tell(t, wrong ? wrong : "other accesses");
    }
    t->widened++;
    if (!unit_compile(&t->run, t->wide, based, &t->compiled)) {
        return tell(t, "not compiled");
    }
    for (unsigned n = 0; n < STATES && same; n++) {
        same = try_state(t, t->seed * STATES + n, based);
    }
    return same;
}

static void try_loops(unsigned features, bool searches)
{
    uint64_t rounds = from_environment("SUPERWORD_ROUNDS", ROUNDS), loops = 0;
    struct trial t = {.searches = searches};
    bool same = true;
    t.seed = from_environment("SUPERWORD_SEED", 0x100000 * (uint64_t)(features + 1));
    unit_run_init(&t.run, disabled_features[features]);
    for (; loops < rounds && same; loops++, t.seed++) {
        same = try_loop(&t);
    }
    ck_assert(same);
    if (getenv("SUPERWORD_ROUNDS")) {
        fprintf(stderr, "%llu loops, %u with superwords, %u faults, %u of them early\n", (unsigned long long)loops,
                t.widened, t.faults, t.early_faults);
    }
    unit_run_free(&t.run);
    ck_assert_msg(loops < 100 || t.widened * 3 > loops, "only %u of %llu loops have got superwords", t.widened,
                  (unsigned long long)loops);
    ck_assert_msg(loops < 100 || t.early_faults, "no fault of a superword");
}

START_TEST(test_copying)
{
    try_loops((unsigned)_i, false);
}
END_TEST

START_TEST(test_searching)
{
    try_loops((unsigned)_i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("superword");
    TCase *loops = tcase_create("random loops");
    tcase_set_timeout(loops, 0);
    tcase_add_loop_test(loops, test_copying, 0, sizeof disabled_features / sizeof *disabled_features);
    tcase_add_loop_test(loops, test_searching, 0, sizeof disabled_features / sizeof *disabled_features);
    suite_add_tcase(suite, loops);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
