/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Products of narrow floats: FPMulAddH in the modes that the lifter does not inline, and the dot products of bfloat16,
 * whose arithmetic (the manual's BFMul, BFAdd, BFRound, without FEAT_EBF16) is its own: subnormals are zeros, rounding
 * is to odd, overflow gives infinity, every NaN is the default one, nothing is raised and FPCR does not matter. */
#include "helpers_simd.h"

#include "lift.h"

/* ---- f16 ---- */

/* Exact, quiet and signaling NaNs kept as they are. */
static uint32_t widen_half(uint16_t half, const struct float_rules *rules)
{
    enum { BIAS_DIFFERENCE = 127 - 15 };
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3ff;
    if (exponent == 31) {
        return sign | 0x7f800000 | fraction << 13;
    }
    if (exponent != 0) {
        return sign | (exponent + BIAS_DIFFERENCE) << 23 | fraction << 13;
    }
    if (fraction == 0 || rules->flush_inputs_half) {
        return sign;
    }
    unsigned shift = (unsigned)__builtin_clz(fraction) - 21;
    return sign | (BIAS_DIFFERENCE + 1 - shift) << 23 | (fraction << shift & 0x3ff) << 13;
}

/* Lanes of f32: d + n * m, n and m being the low f16. */
void a64_helper_simd_half_fused(struct cpu_header *header, union ir_value *v)
{
    const struct float_rules *rules = &a64_float_rules[header->mode & (AARCH64_MODE_COUNT - 1)];
    unsigned lanes = simd_parameter_lanes(v);
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        uint32_t x = widen_half(v[1].u16[lane], rules), y = widen_half(v[2].u16[lane], rules);
        result.u32[lane] = softfloat_fma32(x, y, v[3].u32[lane], rules, cpu_float_status(header));
    }
    v[0] = result;
}

/* ---- bfloat16 ---- */
enum { EXPONENT_PLACE = 23, HIGHEST_EXPONENT = 255, BIAS = 127 };
#define SIGN UINT32_C(0x80000000)
#define INFINITE UINT32_C(0x7f800000)
#define DEFAULT_NAN UINT32_C(0x7fc00000)

static bool is_nan(uint32_t x)
{
    return (x & ~SIGN) > INFINITE;
}
static bool is_infinite(uint32_t x)
{
    return (x & ~SIGN) == INFINITE;
}
static bool is_zero(uint32_t x) /* subnormals count as zeros */
{
    return (x & INFINITE) == 0;
}
/* 1.fraction as an integer of 24 bits */
static uint32_t number_bits(uint32_t x)
{
    return (x & 0x7fffff) | 0x800000;
}
static int exponent_of(uint32_t x)
{
    return (int)(x >> EXPONENT_PLACE & HIGHEST_EXPONENT);
}
/* fraction: 24 bits with its leading one */
static uint32_t pack(uint32_t sign, int exponent, uint32_t fraction)
{
    if (exponent <= 0) {
        return sign;
    }
    return exponent >= HIGHEST_EXPONENT ? sign | INFINITE
                                        : sign | (uint32_t)exponent << EXPONENT_PLACE | (fraction & 0x7fffff);
}

/* BFMul; operands and result as f32. The product of 8 by 8 bits is exact. */
static uint32_t multiply(uint16_t a, uint16_t b)
{
    uint32_t x = (uint32_t)a << 16, y = (uint32_t)b << 16, sign = (x ^ y) & SIGN;
    if (is_nan(x) || is_nan(y)) {
        return DEFAULT_NAN;
    }
    if (is_infinite(x) || is_infinite(y)) {
        return is_zero(x) || is_zero(y) ? DEFAULT_NAN : sign | INFINITE;
    }
    if (is_zero(x) || is_zero(y)) {
        return sign;
    }
    uint32_t product = (number_bits(x) >> 16) * (number_bits(y) >> 16);
    unsigned carry = product >> 15;
    return pack(sign, exponent_of(x) + exponent_of(y) - BIAS + (int)carry, product << (9 - carry));
}

/* The sum of two numbers; 32 bits below the fraction, the lowest of which stands for all that is below it. */
static uint32_t add_numbers(uint32_t x, uint32_t y)
{
    enum { EXTRA = 32, LEADING = EXPONENT_PLACE + EXTRA };
    if ((x & ~SIGN) < (y & ~SIGN)) {
        uint32_t larger = y;
        y = x;
        x = larger;
    }
    unsigned distance = (unsigned)(exponent_of(x) - exponent_of(y));
    uint64_t a = (uint64_t)number_bits(x) << EXTRA, b = (uint64_t)number_bits(y) << EXTRA;
    b = distance > LEADING ? 1 : b >> distance | ((b & ((UINT64_C(1) << distance) - 1)) != 0);
    uint64_t sum = (x ^ y) & SIGN ? a - b : a + b;
    if (sum == 0) {
        return 0;
    }
    int exponent = exponent_of(x);
    if (sum >> (LEADING + 1)) {
        sum = sum >> 1 | (sum & 1);
        exponent++;
    } else {
        unsigned shift = (unsigned)__builtin_clzll(sum) - (63 - LEADING);
        sum <<= shift;
        exponent -= (int)shift;
    }
    return pack(x & SIGN, exponent, (uint32_t)(sum >> EXTRA) | ((uint32_t)sum != 0));
}

/* BFAdd */
static uint32_t add(uint32_t x, uint32_t y)
{
    if (is_nan(x) || is_nan(y)) {
        return DEFAULT_NAN;
    }
    if (is_infinite(x)) {
        return is_infinite(y) && x != y ? DEFAULT_NAN : x;
    }
    if (is_infinite(y)) {
        return y;
    }
    if (is_zero(x) && is_zero(y)) {
        return x & y & SIGN;
    }
    return is_zero(x) ? y : is_zero(y) ? x : add_numbers(x, y);
}

/* BFDotAdd */
static uint32_t dot_add(uint32_t addend, const uint16_t *a, const uint16_t *b)
{
    return add(addend, add(multiply(a[0], b[0]), multiply(a[1], b[1])));
}

void a64_helper_simd_bfdot(struct cpu_header *header, union ir_value *v)
{
    unsigned lanes = simd_parameter_lanes(v);
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        result.u32[lane] = dot_add(v[3].u32[lane], &v[1].u16[2 * lane], &v[2].u16[2 * lane]);
    }
    v[0] = result;
}

/* n has two rows of four, m two columns of four. */
void a64_helper_simd_bfmmla(struct cpu_header *header, union ir_value *v)
{
    union ir_value result;
    for (unsigned lane = 0; lane < 4; lane++) {
        const uint16_t *row = &v[1].u16[4 * (lane >> 1)], *column = &v[2].u16[4 * (lane & 1)];
        result.u32[lane] = dot_add(dot_add(v[3].u32[lane], row, column), row + 2, column + 2);
    }
    v[0] = result;
}
