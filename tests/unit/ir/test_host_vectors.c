/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interpreter's vector and scalar bit operations against the host's instructions, where the host has one of the
 * same meaning. */
#include <check.h>
#include <immintrin.h>

#include "interpreter.h"

#define TARGET __attribute__((target("sse4.2,aes,pclmul,lzcnt,popcnt,bmi,bmi2")))

typedef __m128i host_function(__m128i a, __m128i b);

struct row {
    const char *text;
    enum ir_op op;
    uint16_t aux;
    host_function *host;
};

#define HOST(name, a, b, ...)                                                                                          \
    TARGET static __m128i host_##name(__m128i a, __m128i b)                                                            \
    {                                                                                                                  \
        return __VA_ARGS__;                                                                                            \
    }

HOST(add8, a, b, _mm_add_epi8(a, b))
HOST(add16, a, b, _mm_add_epi16(a, b))
HOST(add32, a, b, _mm_add_epi32(a, b))
HOST(add64, a, b, _mm_add_epi64(a, b))
HOST(sub8, a, b, _mm_sub_epi8(a, b))
HOST(sub64, a, b, _mm_sub_epi64(a, b))
HOST(mul16, a, b, _mm_mullo_epi16(a, b))
HOST(mul32, a, b, _mm_mullo_epi32(a, b))
HOST(neg16, a, b, _mm_sub_epi16(_mm_setzero_si128(), a))
HOST(abs8, a, b, _mm_abs_epi8(a))
HOST(abs32, a, b, _mm_abs_epi32(a))
HOST(adds8, a, b, _mm_adds_epi8(a, b))
HOST(adds16, a, b, _mm_adds_epi16(a, b))
HOST(addus8, a, b, _mm_adds_epu8(a, b))
HOST(addus16, a, b, _mm_adds_epu16(a, b))
HOST(subs8, a, b, _mm_subs_epi8(a, b))
HOST(subs16, a, b, _mm_subs_epi16(a, b))
HOST(subus8, a, b, _mm_subs_epu8(a, b))
HOST(subus16, a, b, _mm_subs_epu16(a, b))
HOST(avg8, a, b, _mm_avg_epu8(a, b))
HOST(avg16, a, b, _mm_avg_epu16(a, b))
HOST(mins8, a, b, _mm_min_epi8(a, b))
HOST(mins32, a, b, _mm_min_epi32(a, b))
HOST(maxs16, a, b, _mm_max_epi16(a, b))
HOST(minu16, a, b, _mm_min_epu16(a, b))
HOST(maxu8, a, b, _mm_max_epu8(a, b))
HOST(maxu32, a, b, _mm_max_epu32(a, b))
HOST(eq8, a, b, _mm_cmpeq_epi8(a, b))
HOST(eq64, a, b, _mm_cmpeq_epi64(a, b))
HOST(gt8, a, b, _mm_cmpgt_epi8(a, b))
HOST(gt64, a, b, _mm_cmpgt_epi64(a, b))
HOST(ge16, a, b, _mm_cmpeq_epi16(_mm_max_epi16(a, b), a))
HOST(geu8, a, b, _mm_cmpeq_epi8(_mm_max_epu8(a, b), a))
HOST(gtu32, a, b,
     _mm_cmpgt_epi32(_mm_xor_si128(a, _mm_set1_epi32(INT32_MIN)), _mm_xor_si128(b, _mm_set1_epi32(INT32_MIN))))
HOST(shl16, a, b, _mm_slli_epi16(a, 5))
HOST(shr32, a, b, _mm_srli_epi32(a, 31))
HOST(shr64, a, b, _mm_srli_epi64(a, 64))
HOST(sar16, a, b, _mm_srai_epi16(a, 16))
HOST(sar32, a, b, _mm_srai_epi32(a, 7))
HOST(and, a, b, _mm_and_si128(a, b))
HOST(andn, a, b, _mm_andnot_si128(b, a))
HOST(xor, a, b, _mm_xor_si128(a, b))
HOST(packs16, a, b, _mm_packs_epi16(a, b))
HOST(packs32, a, b, _mm_packs_epi32(a, b))
HOST(packus16, a, b, _mm_packus_epi16(a, b))
HOST(packus32, a, b, _mm_packus_epi32(a, b))
HOST(widens8, a, b, _mm_cvtepi8_epi16(a))
HOST(widens32, a, b, _mm_cvtepi32_epi64(a))
HOST(widenu16, a, b, _mm_cvtepu16_epi32(a))
HOST(widenhi8, a, b, _mm_cvtepi8_epi16(_mm_srli_si128(a, 8)))
HOST(widenhu32, a, b, _mm_cvtepu32_epi64(_mm_srli_si128(a, 8)))
HOST(mullo8, a, b, _mm_mullo_epi16(_mm_cvtepi8_epi16(a), _mm_cvtepi8_epi16(b)))
HOST(mullo16, a, b, _mm_mullo_epi32(_mm_cvtepu16_epi32(a), _mm_cvtepu16_epi32(b)))
HOST(mullo32, a, b, _mm_mul_epu32(_mm_cvtepu32_epi64(a), _mm_cvtepu32_epi64(b)))
HOST(mulhi32, a, b, _mm_mul_epi32(_mm_cvtepi32_epi64(_mm_srli_si128(a, 8)), _mm_cvtepi32_epi64(_mm_srli_si128(b, 8))))
HOST(pairs16, a, b, _mm_hadd_epi16(a, b))
HOST(pairs32, a, b, _mm_hadd_epi32(a, b))
HOST(madd16, a, b, _mm_madd_epi16(a, b))
HOST(clmul0, a, b, _mm_clmulepi64_si128(a, b, 0x00))
HOST(clmul1, a, b, _mm_clmulepi64_si128(a, b, 0x01))
HOST(clmul2, a, b, _mm_clmulepi64_si128(a, b, 0x10))
HOST(aes_last, a, b, _mm_aesenclast_si128(a, _mm_setzero_si128()))
HOST(aes_inv_last, a, b, _mm_aesdeclast_si128(a, _mm_setzero_si128()))
HOST(aes_inv_mix, a, b, _mm_aesimc_si128(a))
/* MixColumns alone: the whole round of what the last inverse round made */
HOST(aes_mix, a, b, _mm_aesenc_si128(_mm_aesdeclast_si128(a, _mm_setzero_si128()), _mm_setzero_si128()))
HOST(fneg32, a, b, _mm_xor_si128(a, _mm_set1_epi32(INT32_MIN)))
HOST(fabs64, a, b, _mm_and_si128(a, _mm_set1_epi64x(INT64_MAX)))
/* pshufb takes four bits and zero for the top bit; the table's bytes from 16 up give zero */
HOST(table, a, b, _mm_shuffle_epi8(a, _mm_or_si128(b, _mm_cmpgt_epi8(b, _mm_set1_epi8(15)))))
HOST(low64, a, b, _mm_move_epi64(a))

/* scalars: in and out in the low half */
HOST(clz64, a, b, _mm_cvtsi64_si128((int64_t)_lzcnt_u64((uint64_t)_mm_cvtsi128_si64(a))))
HOST(ctz64, a, b, _mm_cvtsi64_si128((int64_t)_tzcnt_u64((uint64_t)_mm_cvtsi128_si64(a))))
HOST(popcnt64, a, b, _mm_cvtsi64_si128(_mm_popcnt_u64((uint64_t)_mm_cvtsi128_si64(a))))
HOST(andn64, a, b,
     _mm_cvtsi64_si128((int64_t)_andn_u64((uint64_t)_mm_cvtsi128_si64(b), (uint64_t)_mm_cvtsi128_si64(a))))
HOST(bswap64, a, b, _mm_cvtsi64_si128((int64_t)__builtin_bswap64((uint64_t)_mm_cvtsi128_si64(a))))
HOST(field, a, b, _mm_cvtsi64_si128((int64_t)_bextr_u64((uint64_t)_mm_cvtsi128_si64(a), 13, 20)))
static uint64_t rotate_right(uint64_t value, unsigned count)
{
    __asm__("rorq %%cl, %0" : "+r"(value) : "c"(count));
    return value;
}
HOST(rotr, a, b,
     _mm_cvtsi64_si128((int64_t)rotate_right((uint64_t)_mm_cvtsi128_si64(a), (unsigned)_mm_cvtsi128_si64(b))))

TARGET static __m128i host_mulhu(__m128i a, __m128i b)
{
    unsigned long long high;
    _mulx_u64((unsigned long long)_mm_cvtsi128_si64(a), (unsigned long long)_mm_cvtsi128_si64(b), &high);
    return _mm_cvtsi64_si128((int64_t)high);
}

#define ROW(op, aux, name)                                                                                             \
    {                                                                                                                  \
#op " " #name, IR_OP_##op, aux, host_##name                                                                    \
    }
#define COUNT(lane, count) ((lane) | (count) << 8)
static const struct row rows[] = {
    ROW(v_add, 0, add8),
    ROW(v_add, 1, add16),
    ROW(v_add, 2, add32),
    ROW(v_add, 3, add64),
    ROW(v_sub, 0, sub8),
    ROW(v_sub, 3, sub64),
    ROW(v_mul, 1, mul16),
    ROW(v_mul, 2, mul32),
    ROW(v_neg, 1, neg16),
    ROW(v_abs, 0, abs8),
    ROW(v_abs, 2, abs32),
    ROW(v_add_sat_s, 0, adds8),
    ROW(v_add_sat_s, 1, adds16),
    ROW(v_add_sat_u, 0, addus8),
    ROW(v_add_sat_u, 1, addus16),
    ROW(v_sub_sat_s, 0, subs8),
    ROW(v_sub_sat_s, 1, subs16),
    ROW(v_sub_sat_u, 0, subus8),
    ROW(v_sub_sat_u, 1, subus16),
    ROW(v_avg_u, 0, avg8),
    ROW(v_avg_u, 1, avg16),
    ROW(v_min_s, 0, mins8),
    ROW(v_min_s, 2, mins32),
    ROW(v_max_s, 1, maxs16),
    ROW(v_min_u, 1, minu16),
    ROW(v_max_u, 0, maxu8),
    ROW(v_max_u, 2, maxu32),
    ROW(v_cmp_eq, 0, eq8),
    ROW(v_cmp_eq, 3, eq64),
    ROW(v_cmp_gt_s, 0, gt8),
    ROW(v_cmp_gt_s, 3, gt64),
    ROW(v_cmp_ge_s, 1, ge16),
    ROW(v_cmp_ge_u, 0, geu8),
    ROW(v_cmp_gt_u, 2, gtu32),
    ROW(v_shl, COUNT(1, 5), shl16),
    ROW(v_shr, COUNT(2, 31), shr32),
    ROW(v_shr, COUNT(3, 64), shr64),
    ROW(v_sar, COUNT(1, 16), sar16),
    ROW(v_sar, COUNT(2, 7), sar32),
    ROW(v_and, 0, and),
    ROW(v_andn, 0, andn),
    ROW(v_xor, 0, xor),
    ROW(v_narrow_sat_s, 1, packs16),
    ROW(v_narrow_sat_s, 2, packs32),
    ROW(v_narrow_sat_su, 1, packus16),
    ROW(v_narrow_sat_su, 2, packus32),
    ROW(v_widen_lo_s, 0, widens8),
    ROW(v_widen_lo_s, 2, widens32),
    ROW(v_widen_lo_u, 1, widenu16),
    ROW(v_widen_hi_s, 0, widenhi8),
    ROW(v_widen_hi_u, 2, widenhu32),
    ROW(v_mul_lo_s, 0, mullo8),
    ROW(v_mul_lo_u, 1, mullo16),
    ROW(v_mul_lo_u, 2, mullo32),
    ROW(v_mul_hi_s, 2, mulhi32),
    ROW(v_add_pairs, 1, pairs16),
    ROW(v_add_pairs, 2, pairs32),
    ROW(v_mul_add_pairs, 0, madd16),
    ROW(v_clmul, 0, clmul0),
    ROW(v_clmul, 1, clmul1),
    ROW(v_clmul, 2, clmul2),
    ROW(v_aes_sub_shift, 0, aes_last),
    ROW(v_aes_inv_sub_shift, 0, aes_inv_last),
    ROW(v_aes_mix, 0, aes_mix),
    ROW(v_aes_inv_mix, 0, aes_inv_mix),
    ROW(v_fneg, 2, fneg32),
    ROW(v_fabs, 3, fabs64),
    ROW(v_table, 0, table),
    ROW(v_low64, 0, low64),
    ROW(clz, 0, clz64),
    ROW(ctz, 0, ctz64),
    ROW(popcnt, 0, popcnt64),
    ROW(andn, 0, andn64),
    ROW(bswap, 64, bswap64),
    ROW(field_u, COUNT(13, 20), field),
    ROW(rotr, 0, rotr),
    ROW(mulhu, 0, mulhu),
};

static uint64_t random_state;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* Bytes at the edges of the signed and unsigned ranges are frequent. */
static union ir_value random_value(bool scalar)
{
    static const uint8_t edges[] = {0, 0xFF, 0x80, 0x7F, 1, 0x0F, 0x10, 0xFE};
    union ir_value v;
    uint64_t style = random_bits();
    for (unsigned i = 0; i < 16; i++) {
        uint64_t r = random_bits() >> 20;
        v.u8[i] = r % 4 < style % 4 ? edges[r / 4 % 8] : (uint8_t)(r >> 8);
    }
    v.u64[1] = scalar ? 0 : v.u64[1];
    return v;
}

START_TEST(matches_host)
{
    const struct row *row = &rows[_i];
    bool scalar = row->op < IR_OP_v_from;
    enum ir_type type = scalar ? IR_I64 : IR_V128;

    if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("aes") || !__builtin_cpu_supports("pclmul") ||
        !__builtin_cpu_supports("bmi2")) {
        return;
    }
    random_state = 0x9E3779B97F4A7C15 + (uint64_t)_i;
    for (unsigned round = 0; round < 5000; round++) {
        union ir_value a = random_value(scalar), b = random_value(scalar), none = {0}, expected;
        __m128i host_a, host_b, host;
        memcpy(&host_a, &a, 16);
        memcpy(&host_b, &b, 16);
        host = row->host(host_a, host_b);
        memcpy(&expected, &host, 16);
        union ir_value found = ir_evaluate(row->op, type, type, row->aux, a, b, none, NULL, NULL);
        ck_assert_msg(memcmp(&found, &expected, 16) == 0,
                      "%s of %016lx:%016lx and %016lx:%016lx is %016lx:%016lx, the host has %016lx:%016lx", row->text,
                      a.u64[1], a.u64[0], b.u64[1], b.u64[0], found.u64[1], found.u64[0], expected.u64[1],
                      expected.u64[0]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interpreter against the host");
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
