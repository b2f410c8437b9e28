/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softfloat with Arm's and RISC-V's rules against results recorded from the peer (record/). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/cases.h"
#include "softfloat.h"

struct replay {
    FILE *file;
    enum case_machine machine;
    unsigned points, differences;
};

#define ARM_RULES                                                                                                      \
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST, .tininess_before_rounding = true, .fma_accumulator_nan_first = true,      \
    .fma_zero_infinity_default = true

static struct float_rules rules_of(enum case_machine machine, const struct case_mode *mode)
{
    if (machine == MACHINE_RISCV) {
        return (struct float_rules){.name = "riscv",
                                    .nan_choice = FLOAT_NAN_DEFAULT,
                                    .fma_zero_infinity_invalid = true,
                                    .nan_integer = FLOAT_NAN_TO_MAX,
                                    .minnum_signaling = FLOAT_MINNUM_RETURNS_NUMBER};
    }
    struct float_rules rules = {.name = "arm", ARM_RULES};
    rules.nan_choice = mode->control & FPCR_DN ? FLOAT_NAN_DEFAULT : FLOAT_NAN_SIGNALING_FIRST;
    rules.flush_inputs = rules.flush_outputs = mode->control & FPCR_FZ;
    rules.flush_inputs_half = rules.flush_outputs_half = mode->control & FPCR_FZ16;
    rules.alternative_half = mode->control & FPCR_AHP;
    return rules;
}

static enum float_rounding rounding_of(enum case_machine machine, const struct case_mode *mode)
{
    static const uint8_t of_arm[4] = {FLOAT_NEAREST_EVEN, FLOAT_UP, FLOAT_DOWN, FLOAT_TOWARD_ZERO};
    static const uint8_t of_riscv[5] = {FLOAT_NEAREST_EVEN, FLOAT_TOWARD_ZERO, FLOAT_DOWN, FLOAT_UP,
                                        FLOAT_NEAREST_AWAY};
    return (enum float_rounding)(machine == MACHINE_ARM ? of_arm[mode->control >> FPCR_RMODE_SHIFT & 3]
                                                        : of_riscv[mode->control]);
}

/* One call, with what it needs. */
struct call {
    uint64_t a, b, c;
    enum case_machine machine;
    const struct float_rules *rules;
    struct float_status *status;
};

static uint64_t relation_result(const struct call *c, enum float_relation relation, enum float_relation riscv)
{
    static const uint8_t nzcv[] = {
        [FLOAT_LESS + 1] = 8, [FLOAT_EQUAL + 1] = 6, [FLOAT_GREATER + 1] = 2, [FLOAT_UNORDERED + 1] = 3};
    return c->machine == MACHINE_ARM ? nzcv[relation + 1] : relation == riscv;
}

static enum float_rounding integer_mode(const struct call *c)
{
    return c->machine == MACHINE_ARM ? FLOAT_TOWARD_ZERO : FLOAT_DYNAMIC;
}

typedef uint64_t soft_function(const struct call *);

#define SOFT(name, ...)                                                                                                \
    static uint64_t soft_##name(const struct call *c)                                                                  \
    {                                                                                                                  \
        return (uint64_t)(__VA_ARGS__);                                                                                \
    }
#define SOFT_WIDTH(w, type)                                                                                            \
    SOFT(add##w, softfloat_add##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(sub##w, softfloat_sub##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(mul##w, softfloat_mul##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(div##w, softfloat_div##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(sqrt##w, softfloat_sqrt##w((type)c->a, c->rules, c->status))                                                  \
    SOFT(fma##w, softfloat_fma##w((type)c->a, (type)c->b, (type)c->c, c->rules, c->status))                            \
    SOFT(min##w, softfloat_min##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(max##w, softfloat_max##w((type)c->a, (type)c->b, c->rules, c->status))                                        \
    SOFT(minnum##w, softfloat_minnum##w((type)c->a, (type)c->b, c->rules, c->status))                                  \
    SOFT(maxnum##w, softfloat_maxnum##w((type)c->a, (type)c->b, c->rules, c->status))                                  \
    SOFT(quiet##w,                                                                                                     \
         relation_result(c, softfloat_compare##w((type)c->a, (type)c->b, false, c->rules, c->status), FLOAT_EQUAL))    \
    SOFT(signaling##w,                                                                                                 \
         relation_result(c, softfloat_compare##w((type)c->a, (type)c->b, true, c->rules, c->status), FLOAT_LESS))      \
    SOFT(roundx##w, softfloat_round##w((type)c->a, FLOAT_DYNAMIC, true, c->rules, c->status))                          \
    SOFT(rounda##w, softfloat_round##w((type)c->a, FLOAT_NEAREST_AWAY, false, c->rules, c->status))                    \
    SOFT(roundi##w, softfloat_round##w((type)c->a, FLOAT_DYNAMIC, false, c->rules, c->status))                         \
    SOFT(s32_from##w, softfloat_to_int##w((type)c->a, true, 32, 0, integer_mode(c), c->rules, c->status))              \
    SOFT(u32_from##w, softfloat_to_int##w((type)c->a, false, 32, 0, integer_mode(c), c->rules, c->status))             \
    SOFT(s64_from##w, softfloat_to_int##w((type)c->a, true, 64, 0, integer_mode(c), c->rules, c->status))              \
    SOFT(u64_from##w, softfloat_to_int##w((type)c->a, false, 64, 0, integer_mode(c), c->rules, c->status))             \
    SOFT(fixed_from##w, softfloat_to_int##w((type)c->a, true, 64, 13, FLOAT_TOWARD_ZERO, c->rules, c->status))         \
    SOFT(away_from##w, softfloat_to_int##w((type)c->a, true, 64, 0, FLOAT_NEAREST_AWAY, c->rules, c->status))          \
    SOFT(s64_to##w, softfloat_from_int##w(c->a, true, 0, FLOAT_DYNAMIC, c->rules, c->status))                          \
    SOFT(u64_to##w, softfloat_from_int##w(c->a, false, 0, FLOAT_DYNAMIC, c->rules, c->status))                         \
    SOFT(fixed_to##w, softfloat_from_int##w(c->a, true, 30, FLOAT_DYNAMIC, c->rules, c->status))

SOFT_WIDTH(16, float16_bits)
SOFT_WIDTH(32, float32_bits)
SOFT_WIDTH(64, float64_bits)
SOFT(f16_to_f32, softfloat_16_to_32((float16_bits)c->a, c->rules, c->status))
SOFT(f16_to_f64, softfloat_16_to_64((float16_bits)c->a, c->rules, c->status))
SOFT(f32_to_f16, softfloat_32_to_16((float32_bits)c->a, c->rules, c->status))
SOFT(f32_to_f64, softfloat_32_to_64((float32_bits)c->a, c->rules, c->status))
SOFT(f64_to_f16, softfloat_64_to_16(c->a, c->rules, c->status))
SOFT(f64_to_f32, softfloat_64_to_32(c->a, FLOAT_DYNAMIC, c->rules, c->status))
SOFT(f64_to_odd, softfloat_64_to_32(c->a, FLOAT_TO_ODD, c->rules, c->status))
SOFT(f32_to_bf16, softfloat_bf16_from_32((float32_bits)c->a, c->rules, c->status))

static soft_function *const soft_functions[CASE_COUNT] = {
#define X(name, width, operands, bytes, group, machines) [CASE_##name] = soft_##name,
    CASES(X)
#undef X
};

static void replay_point(void *context, const struct case_point *point)
{
    struct replay *replay = context;
    const struct case_description *d = &case_descriptions[point->operation];
    struct float_rules rules = rules_of(replay->machine, point->mode);
    struct float_status status = {.rounding = rounding_of(replay->machine, point->mode)};
    struct call call = {point->operands[0], point->operands[1], point->operands[2], replay->machine, &rules, &status};
    uint64_t expected = 0, mask = UINT64_MAX >> (64 - 8 * d->bytes);

    ck_assert_uint_eq(fread(&expected, d->bytes, 1, replay->file), 1);
    uint32_t flags = (uint32_t)fgetc(replay->file);
    uint64_t found = soft_functions[point->operation](&call) & mask;
    replay->points++;
    if ((found != expected || status.exceptions != flags) && replay->differences++ < 20) {
        fprintf(stderr, "%s, %s (%016lx, %016lx, %016lx): recorded %016lx flags %02x, softfloat %016lx flags %02x\n",
                d->name, point->mode->name, call.a, call.b, call.c, expected, flags, found, status.exceptions);
    }
}

static const char *paths[2];

static void replay_file(const char *path, enum case_machine machine)
{
    struct replay replay = {.file = fopen(path, "rb"), .machine = machine};
    ck_assert_msg(replay.file != NULL, "%s", path);
    case_visit_all(machine, replay_point, &replay);
    ck_assert_msg(fgetc(replay.file) == EOF, "%s is longer than the cases", path);
    fclose(replay.file);
    ck_assert_msg(replay.differences == 0, "%u of %u cases differ", replay.differences, replay.points);
}

START_TEST(arm)
{
    replay_file(paths[0], MACHINE_ARM);
}
END_TEST

START_TEST(riscv)
{
    replay_file(paths[1], MACHINE_RISCV);
}
END_TEST

/* Arguments: the recordings of aarch64 and riscv64. */
int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    paths[0] = argv[1];
    paths[1] = argv[2];
    Suite *suite = suite_create("softfloat against recordings");
    TCase *tests = tcase_create("machines");
    tcase_add_test(tests, arm);
    tcase_add_test(tests, riscv);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
