/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random units: what the fast tier makes of them must do what the interpreter does, faults and events included.
 *
 * FAST_ROUNDS in the environment is the number of units per set of host features (default below), FAST_SEED the first
 * seed. A unit that differs is made smaller by leaving steps of its making out as long as it still differs; then it is
 * told; FAST_CODE names a file for its code. */
#include "random_unit.h"
#include "unit_run.h"
#include "x86_features.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 2500,
    STATES = 5,
    MAX_WRONG = 3,
    SSE41_ONLY = ~(X86_HAS_SSSE3 | X86_HAS_SSE41 | X86_HAS_CX16),
    AVX2_LEVEL = X86_HAS_AVX512 | X86_HAS_AVX512_BITALG | X86_HAS_GFNI,
};
static const uint32_t disabled_features[] = {(uint32_t)SSE41_ONLY, AVX2_LEVEL, 0};

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

/* The code of the unit that is told, for a disassembler. */
static void keep_code(const struct unit_run *run, const struct compiled_unit *compiled)
{
    FILE *file = !run->quiet && getenv("FAST_CODE") ? fopen(getenv("FAST_CODE"), "wb") : NULL;
    if (file) {
        fwrite(compiled->code, 1, compiled->bytes, file);
        fclose(file);
    }
}

/* Makes, compiles and runs one unit. True if all went as it should. */
static bool try_unit(struct unit_run *run, const struct random_unit_options *options, unsigned *steps)
{
    bool based = options->seed & 1, same = true;
    struct compiled_unit compiled;
    arena_reset(&run->machine.arena);
    struct ir_unit *unit = random_unit_make(&run->machine.arena, &run->machine.context, options, steps);
    const char *wrong = ir_verify(unit, &run->machine.arena);
    if (wrong) {
        ir_print(stderr, unit);
        ck_abort_msg("the unit of seed 0x%llx is not valid: %s", (unsigned long long)options->seed, wrong);
    }
    if (!unit_compile(run, unit, based, &compiled)) {
        return false;
    }
    keep_code(run, &compiled);
    for (unsigned n = 0; n < STATES && same; n++) {
        unit_run_randomize(run, options->seed * STATES + n, based);
        same = unit_compare(run, &compiled);
    }
    return same;
}

static void make_smaller(struct unit_run *run, struct random_unit_options *options, bool *left_out, unsigned steps)
{
    unsigned ignored;
    bool smaller = true;
    for (unsigned pass = 0; pass < 3 && smaller; pass++) {
        smaller = false;
        for (unsigned n = steps; n-- > 0;) {
            if (left_out[n]) {
                continue;
            }
            left_out[n] = true;
            if (try_unit(run, options, &ignored)) {
                left_out[n] = false;
            } else {
                smaller = true;
            }
        }
    }
}

static void tell(struct unit_run *run, uint64_t seed)
{
    bool left_out[RANDOM_UNIT_STEPS] = {false};
    struct random_unit_options options = {seed, left_out};
    unsigned steps;
    run->quiet = true;
    bool same = try_unit(run, &options, &steps);
    if (!same) {
        make_smaller(run, &options, left_out, steps);
    }
    run->quiet = false;
    fprintf(stderr, "\n==== FAST_SEED=0x%llx ====\n", (unsigned long long)seed);
    try_unit(run, &options, &steps);
}

START_TEST(test_units)
{
    static const bool nothing_left_out[RANDOM_UNIT_STEPS];
    uint64_t rounds = from_environment("FAST_ROUNDS", ROUNDS);
    uint64_t seed = from_environment("FAST_SEED", 0x100000 * (uint64_t)(_i + 1));
    unsigned wrong = 0, steps;
    struct unit_run run;
    unit_run_init(&run, disabled_features[_i]);
    for (uint64_t n = 0; n < rounds && wrong < MAX_WRONG; n++) {
        struct random_unit_options options = {seed + n, nothing_left_out};
        run.quiet = true;
        if (!try_unit(&run, &options, &steps)) {
            wrong++;
            tell(&run, options.seed);
        }
    }
    ck_assert_msg(rounds < 100 || (run.faults && run.events),
                  "no run of a unit ended with a fault, or none with an event");
    if (getenv("FAST_ROUNDS")) {
        fprintf(stderr, "%llu units, %u runs with faults, %u with events\n", (unsigned long long)rounds, run.faults,
                run.events);
    }
    unit_run_free(&run);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fast");
    TCase *random = tcase_create("random units");
    tcase_set_timeout(random, 0);
    tcase_add_loop_test(random, test_units, 0, sizeof disabled_features / sizeof *disabled_features);
    suite_add_tcase(suite, random);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
