/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interpreter's floating-point operations reach the right routine, lane and mode: compared with the host's vector
 * instructions on numbers (no NaNs: those are softfloat's tests). Scalar operations are checked on lane 0 of the same.
 */
#include <check.h>
#include <cpuid.h>
#include <immintrin.h>

#include "interpreter.h"

#define TARGET __attribute__((target("sse4.2,fma,f16c")))

typedef __m128i host_function(__m128i a, __m128i b, __m128i c);

struct row {
    const char *text;
    enum ir_op op;
    uint16_t aux;
    uint8_t lane;        /* of the operands */
    bool positive;       /* operands */
    enum ir_op scalar;   /* the same on lane 0, or IR_OP_read */
    enum ir_type result; /* of the scalar */
    uint16_t scalar_aux;
    host_function *host;
};

#define PS(x) _mm_castsi128_ps(x)
#define PD(x) _mm_castsi128_pd(x)
#define SI(x) _mm_castps_si128(x)
#define DI(x) _mm_castpd_si128(x)

#define HOST(name, ...)                                                                                                \
    TARGET static __m128i host_##name(__m128i a, __m128i b, __m128i c)                                                 \
    {                                                                                                                  \
        return __VA_ARGS__;                                                                                            \
    }
#define HOST_BOTH(name, op)                                                                                            \
    HOST(name##32, SI(_mm_##op##_ps(PS(a), PS(b)))) HOST(name##64, DI(_mm_##op##_pd(PD(a), PD(b))))

HOST_BOTH(add, add)
HOST_BOTH(sub, sub)
HOST_BOTH(mul, mul)
HOST_BOTH(div, div)
HOST_BOTH(min, min)
HOST_BOTH(max, max)
HOST_BOTH(eq, cmpeq)
HOST_BOTH(gt, cmpgt)
HOST_BOTH(ge, cmpge)
HOST(sqrt32, SI(_mm_sqrt_ps(PS(a))))
HOST(sqrt64, DI(_mm_sqrt_pd(PD(a))))
HOST(fma32, SI(_mm_fmadd_ps(PS(a), PS(b), PS(c))))
HOST(fma64, DI(_mm_fmadd_pd(PD(a), PD(b), PD(c))))
HOST(floor32, SI(_mm_floor_ps(PS(a))))
HOST(ceil64, DI(_mm_ceil_pd(PD(a))))
HOST(trunc32, _mm_cvttps_epi32(PS(a)))
HOST(toint32, _mm_cvtps_epi32(PS(a)))
HOST(fromint32, SI(_mm_cvtepi32_ps(a)))
HOST(widen, DI(_mm_cvtps_pd(PS(a))))
HOST(narrow, SI(_mm_cvtpd_ps(PD(a))))
HOST(half_from, _mm_cvtps_ph(PS(a), _MM_FROUND_TO_NEAREST_INT))
HOST(scalar_half_to, SI(_mm_cvtph_ps(a)))
HOST(scalar_lt, _mm_srli_epi32(SI(_mm_cmplt_ps(PS(a), PS(b))), 31))
HOST(scalar_le, _mm_srli_epi64(DI(_mm_cmple_pd(PD(a), PD(b))), 63))
HOST(nothing, _mm_setzero_si128())

#define BOTH(v, s, name)                                                                                               \
    {#v " x32", IR_OP_##v, 2, 2, false, IR_OP_##s, IR_F32, 0, host_##name##32},                                        \
    {                                                                                                                  \
#v " x64", IR_OP_##v, 3, 3, false, IR_OP_##s, IR_F64, 0, host_##name##64                                       \
    }
static const struct row rows[] = {
    BOTH(v_fadd, fadd, add),
    BOTH(v_fsub, fsub, sub),
    BOTH(v_fmul, fmul, mul),
    BOTH(v_fdiv, fdiv, div),
    BOTH(v_fmin, fmin, min),
    BOTH(v_fmax, fmax, max),
    BOTH(v_fminnum, fminnum, min),
    BOTH(v_fmaxnum, fmaxnum, max),
    BOTH(v_fma, fma, fma),
    {"v_fsqrt x32", IR_OP_v_fsqrt, 2, 2, true, IR_OP_fsqrt, IR_F32, 0, host_sqrt32},
    {"v_fsqrt x64", IR_OP_v_fsqrt, 3, 3, true, IR_OP_fsqrt, IR_F64, 0, host_sqrt64},
    {"v_fcmp_eq x32", IR_OP_v_fcmp_eq, 2, 2, false, IR_OP_read, IR_NONE, 0, host_eq32},
    {"v_fcmp_eq x64", IR_OP_v_fcmp_eq, 3, 3, false, IR_OP_read, IR_NONE, 0, host_eq64},
    {"v_fcmp_gt x32", IR_OP_v_fcmp_gt, 2, 2, false, IR_OP_read, IR_NONE, 0, host_gt32},
    {"v_fcmp_gt x64", IR_OP_v_fcmp_gt, 3, 3, false, IR_OP_read, IR_NONE, 0, host_gt64},
    {"v_fcmp_ge x32", IR_OP_v_fcmp_ge, 2, 2, false, IR_OP_read, IR_NONE, 0, host_ge32},
    {"v_fcmp_ge x64", IR_OP_v_fcmp_ge, 3, 3, false, IR_OP_read, IR_NONE, 0, host_ge64},
    {"v_fround x32 down", IR_OP_v_fround, 2 << 8 | FLOAT_DOWN, 2, false, IR_OP_fround, IR_F32, FLOAT_DOWN,
     host_floor32},
    {"v_fround x64 up", IR_OP_v_fround, 3 << 8 | FLOAT_UP, 3, false, IR_OP_fround, IR_F64, FLOAT_UP, host_ceil64},
    {"v_fto_int x32 zero", IR_OP_v_fto_int, 2 << 8 | FLOAT_TOWARD_ZERO | IR_ROUND_SIGNED, 2, false, IR_OP_fto_int,
     IR_I32, FLOAT_TOWARD_ZERO | IR_ROUND_SIGNED, host_trunc32},
    {"v_fto_int x32 dynamic", IR_OP_v_fto_int, 2 << 8 | FLOAT_DYNAMIC | IR_ROUND_SIGNED, 2, false, IR_OP_fto_int,
     IR_I32, FLOAT_DYNAMIC | IR_ROUND_SIGNED, host_toint32},
    {"v_ffrom_int x32", IR_OP_v_ffrom_int, 2 << 8 | FLOAT_DYNAMIC | IR_ROUND_SIGNED, 2, false, IR_OP_ffrom_int, IR_F32,
     FLOAT_DYNAMIC | IR_ROUND_SIGNED, host_fromint32},
    {"v_fwiden", IR_OP_v_fwiden, 0, 2, false, IR_OP_fwiden, IR_F64, 0, host_widen},
    {"v_fnarrow", IR_OP_v_fnarrow, 0, 3, false, IR_OP_fnarrow, IR_F32, FLOAT_DYNAMIC, host_narrow},
    {"fhalf_from", IR_OP_read, 0, 2, false, IR_OP_fhalf_from, IR_I32, 0, host_half_from},
    {"fhalf_to", IR_OP_read, 0, 2, false, IR_OP_fhalf_to, IR_F32, 0, host_scalar_half_to},
    {"fcmp lt f32", IR_OP_read, 0, 2, false, IR_OP_fcmp, IR_I32, IR_FLT, host_scalar_lt},
    {"fcmp le f64", IR_OP_read, 0, 3, false, IR_OP_fcmp, IR_I32, IR_FLE | IR_FCOND_SIGNALING, host_scalar_le},
    {"fcmp un f32", IR_OP_read, 0, 2, false, IR_OP_fcmp, IR_I32, IR_FUN, host_nothing},
};

static uint64_t random_state;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* Numbers with exponents near zero, few fraction bits now and then; integers and halves stay what they are in any lane.
 */
static union ir_value random_numbers(unsigned lane, bool positive)
{
    union ir_value v = {0};
    unsigned fraction_bits = lane == 2 ? 23 : 52, bias = lane == 2 ? 127 : 1023;
    for (unsigned i = 0; i < 16u >> lane; i++) {
        uint64_t r = random_bits(), fraction = random_bits() >> (64 - fraction_bits), sign = positive ? 0 : r & 1;
        fraction &= r & 2 ? UINT64_MAX << (fraction_bits - 4) : UINT64_MAX;
        uint64_t bits = sign << (8 * (1u << lane) - 1) | (bias - 6 + (r >> 8) % 13) << fraction_bits | fraction;
        if (lane == 2) {
            v.u32[i] = (uint32_t)bits;
        } else {
            v.u64[i] = bits;
        }
    }
    return v;
}

static const struct float_rules plain_rules = {.name = "plain", .nan_choice = FLOAT_NAN_FIRST};

static union ir_value low_bits(union ir_value v, unsigned bytes)
{
    union ir_value low = {0};
    memcpy(&low, &v, bytes);
    return low;
}

static void check_once(const struct row *row, union ir_value a, union ir_value b, union ir_value c)
{
    struct float_status status = {.rounding = FLOAT_NEAREST_EVEN};
    enum ir_type operand = row->op == IR_OP_v_ffrom_int || row->scalar == IR_OP_fhalf_to ? IR_I32
                           : row->lane == 2                                              ? IR_F32
                                                                                         : IR_F64;
    __m128i host_a, host_b, host_c, host;
    union ir_value expected, found;

    memcpy(&host_a, &a, 16);
    memcpy(&host_b, &b, 16);
    memcpy(&host_c, &c, 16);
    host = row->host(host_a, host_b, host_c);
    memcpy(&expected, &host, 16);
    if (row->op != IR_OP_read) {
        found = ir_evaluate(row->op, IR_V128, IR_V128, row->aux, a, b, c, &plain_rules, &status);
        ck_assert_msg(memcmp(&found, &expected, 16) == 0,
                      "%s of %016lx:%016lx and %016lx:%016lx is %016lx:%016lx, not %016lx:%016lx", row->text, a.u64[1],
                      a.u64[0], b.u64[1], b.u64[0], found.u64[1], found.u64[0], expected.u64[1], expected.u64[0]);
    }
    if (row->scalar != IR_OP_read) {
        unsigned bytes = 1u << row->lane,
                 result_bytes = row->scalar == IR_OP_fhalf_from ? 2 : ir_type_bytes(row->result);
        found = ir_evaluate(row->scalar, row->result, operand, row->scalar_aux, low_bits(a, bytes), low_bits(b, bytes),
                            low_bits(c, bytes), &plain_rules, &status);
        expected = low_bits(expected, result_bytes);
        ck_assert_msg(memcmp(&found, &expected, 16) == 0, "%s, scalar, of %016lx and %016lx is %016lx, not %016lx",
                      row->text, a.u64[0], b.u64[0], found.u64[0], expected.u64[0]);
    }
}

/* Not all compilers know it by name. */
static bool has_f16c(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_F16C;
}

START_TEST(matches_host)
{
    const struct row *row = &rows[_i];

    if (!__builtin_cpu_supports("fma") || !has_f16c()) {
        return;
    }
    random_state = 0x9E3779B97F4A7C15 + (uint64_t)_i;
    for (unsigned round = 0; round < 4000; round++) {
        check_once(row, random_numbers(row->lane, row->positive), random_numbers(row->lane, row->positive),
                   random_numbers(row->lane, row->positive));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("floating point against the host");
    TCase *tests = tcase_create("operations");
    tcase_add_loop_test(tests, matches_host, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
