/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random IR units, as the unit tests of the fast tier make them: interpreter against compiled code. The input is the
 * seed and which steps of making the unit are left out. */
#include "fuzz.h"
#include "random_unit.h"
#include "unit_run.h"

enum { STATES = 2 };

/* What the assertions of the shared code call: Check itself wants its runner. */
void _mark_point(const char *file, int line);
void _ck_assert_failed(const char *file, int line, const char *expression, const char *format, ...);

void _mark_point(const char *file, int line) {}

void _ck_assert_failed(const char *file, int line, const char *expression, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s does not hold\n", file, line, expression);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct unit_run run;
    static bool is_ready, left_out[RANDOM_UNIT_STEPS];
    struct fuzz_input input = {data, size};
    struct random_unit_options options = {fuzz_take(&input, 8), left_out};
    struct compiled_unit compiled;
    unsigned steps;
    if (!is_ready) {
        unit_run_init(&run, 0);
        is_ready = true;
    }
    memset(left_out, 0, sizeof left_out);
    for (unsigned i = 0; input.size && i < RANDOM_UNIT_STEPS; i += 8) {
        uint64_t bits = fuzz_take(&input, 1);
        for (unsigned k = 0; k < 8; k++) {
            left_out[i + k] = bits >> k & 1;
        }
    }
    bool based = options.seed & 1;
    arena_reset(&run.machine.arena);
    struct ir_unit *unit = random_unit_make(&run.machine.arena, &run.machine.context, &options, &steps);
    FUZZ_CHECK(!ir_verify(unit, &run.machine.arena));
    FUZZ_CHECK(unit_compile(&run, unit, based, &compiled));
    for (unsigned n = 0; n < STATES; n++) {
        unit_run_randomize(&run, options.seed * STATES + n, based);
        FUZZ_CHECK(unit_compare(&run, &compiled));
    }
    return 0;
}
