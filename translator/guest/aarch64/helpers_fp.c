/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point operations that the IR has no operation for, written as the manual's pseudocode functions (shared
 * pseudocode, "Functions: Floating point"). Lanes are handled as 64-bit numbers; `size` (1 to 3) says which format. */
#include "helpers_simd.h"

#include "lift.h"

/* A format's constants. */
struct format {
    unsigned fraction_bits, exponent_bits;
};
static const struct format formats[4] = {[1] = {10, 5}, [2] = {23, 8}, [3] = {52, 11}};

struct context {
    unsigned size;
    const struct format *format;
    const struct float_rules *rules;
    struct float_status *status;
};

static struct context make_context(struct cpu_header *header, unsigned size)
{
    return (struct context){
        .size = size,
        .format = &formats[size],
        .rules = &a64_float_rules[header->mode & (AARCH64_MODE_COUNT - 1)],
        .status = cpu_float_status(header),
    };
}

/* ---- numbers in a format ---- */
static uint64_t sign_bit(const struct context *c)
{
    return UINT64_C(1) << (c->format->fraction_bits + c->format->exponent_bits);
}
static uint64_t fraction_mask(const struct context *c)
{
    return (UINT64_C(1) << c->format->fraction_bits) - 1;
}
static unsigned exponent_of(const struct context *c, uint64_t x)
{
    return (unsigned)(x >> c->format->fraction_bits) & ((1u << c->format->exponent_bits) - 1);
}
static unsigned highest_exponent(const struct context *c)
{
    return (1u << c->format->exponent_bits) - 1;
}
static uint64_t pack(const struct context *c, uint64_t sign, unsigned exponent, uint64_t fraction)
{
    return sign | (uint64_t)exponent << c->format->fraction_bits | fraction;
}
static uint64_t infinity(const struct context *c, uint64_t sign)
{
    return pack(c, sign, highest_exponent(c), 0);
}
static uint64_t default_nan(const struct context *c)
{
    return pack(c, 0, highest_exponent(c), UINT64_C(1) << (c->format->fraction_bits - 1));
}
static bool is_infinity(const struct context *c, uint64_t x)
{
    return (x & ~sign_bit(c)) == infinity(c, 0);
}
static bool is_zero(const struct context *c, uint64_t x)
{
    return (x & ~sign_bit(c)) == 0;
}
static bool is_nan(const struct context *c, uint64_t x)
{
    return (x & ~sign_bit(c)) > infinity(c, 0);
}
static void raise(const struct context *c, unsigned exceptions)
{
    c->status->exceptions |= exceptions;
}
/* FPProcessNaN, or FPProcessNaNs of two operands. */
static uint64_t choose_nan(const struct context *c, uint64_t x, uint64_t y)
{
    switch (c->size) {
    case 1:
        return softfloat_choose_nan16((uint16_t)x, (uint16_t)y, c->rules, c->status);
    case 2:
        return softfloat_choose_nan32((uint32_t)x, (uint32_t)y, c->rules, c->status);
    default:
        return softfloat_choose_nan64(x, y, c->rules, c->status);
    }
}
/* FPUnpack: subnormal operands as zeros where FPCR.FZ or FZ16 says so. */
static uint64_t operand(const struct context *c, uint64_t x)
{
    switch (c->size) {
    case 1:
        return softfloat_operand16((uint16_t)x, c->rules, c->status);
    case 2:
        return softfloat_operand32((uint32_t)x, c->rules, c->status);
    default:
        return softfloat_operand64(x, c->rules, c->status);
    }
}
static uint64_t multiply(const struct context *c, uint64_t x, uint64_t y)
{
    switch (c->size) {
    case 1:
        return softfloat_mul16((uint16_t)x, (uint16_t)y, c->rules, c->status);
    case 2:
        return softfloat_mul32((uint32_t)x, (uint32_t)y, c->rules, c->status);
    default:
        return softfloat_mul64(x, y, c->rules, c->status);
    }
}
static uint64_t fused(const struct context *c, uint64_t x, uint64_t y, uint64_t z)
{
    switch (c->size) {
    case 1:
        return softfloat_fma16((uint16_t)x, (uint16_t)y, (uint16_t)z, c->rules, c->status);
    case 2:
        return softfloat_fma32((uint32_t)x, (uint32_t)y, (uint32_t)z, c->rules, c->status);
    default:
        return softfloat_fma64(x, y, z, c->rules, c->status);
    }
}
/* 1.5 * 2^exponent or 1.0 * 2^exponent */
static uint64_t number(const struct context *c, int exponent, bool and_half)
{
    unsigned bias = highest_exponent(c) >> 1;
    return pack(c, 0, bias + (unsigned)exponent, and_half ? UINT64_C(1) << (c->format->fraction_bits - 1) : 0);
}

/* ---- lanes ---- */
typedef uint64_t unary_function(const struct context *c, uint64_t x);
typedef uint64_t binary_function(const struct context *c, uint64_t x, uint64_t y);

static uint64_t lane_bits(const union ir_value *v, unsigned size, unsigned lane)
{
    return size == 3 ? v->u64[lane] : size == 2 ? v->u32[lane] : v->u16[lane];
}
static void set_lane(union ir_value *v, unsigned size, unsigned lane, uint64_t bits)
{
    if (size == 3) {
        v->u64[lane] = bits;
    } else if (size == 2) {
        v->u32[lane] = (uint32_t)bits;
    } else {
        v->u16[lane] = (uint16_t)bits;
    }
}
static void map_unary(struct cpu_header *header, union ir_value *v, unary_function *function)
{
    unsigned lanes = simd_parameter_lanes(v);
    struct context c = make_context(header, simd_parameter_size(v));
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        set_lane(&result, c.size, lane, function(&c, lane_bits(&v[1], c.size, lane)));
    }
    v[0] = result;
}
static void map_binary(struct cpu_header *header, union ir_value *v, binary_function *function)
{
    unsigned lanes = simd_parameter_lanes(v);
    struct context c = make_context(header, simd_parameter_size(v));
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        uint64_t x = lane_bits(&v[1], c.size, lane), y = lane_bits(&v[2], c.size, lane);
        set_lane(&result, c.size, lane, function(&c, x, y));
    }
    v[0] = result;
}

/* ---- FPMulX, FPRecipStepFused, FPRSqrtStepFused ---- */
static bool zero_times_infinity(const struct context *c, uint64_t x, uint64_t y)
{
    return (is_zero(c, x) && is_infinity(c, y)) || (is_infinity(c, x) && is_zero(c, y));
}
static uint64_t multiply_extended(const struct context *c, uint64_t x, uint64_t y)
{
    x = operand(c, x);
    y = operand(c, y);
    if (zero_times_infinity(c, x, y)) {
        return number(c, 1, false) | ((x ^ y) & sign_bit(c));
    }
    return multiply(c, x, y);
}
void a64_helper_simd_fmulx(struct cpu_header *header, union ir_value *v)
{
    map_binary(header, v, multiply_extended);
}

/* 2 - x * y */
static uint64_t reciprocal_step(const struct context *c, uint64_t x, uint64_t y)
{
    x = operand(c, x ^ sign_bit(c));
    y = operand(c, y);
    if (zero_times_infinity(c, x, y)) {
        return number(c, 1, false);
    }
    return fused(c, x, y, number(c, 1, false));
}
void a64_helper_simd_frecps(struct cpu_header *header, union ir_value *v)
{
    map_binary(header, v, reciprocal_step);
}

/* (3 - x * y) / 2 with one rounding. Halving the larger factor first keeps a finite result finite; where that could
   make it subnormal, the product is so small that halving the result is exact instead. */
static uint64_t square_root_step(const struct context *c, uint64_t x, uint64_t y)
{
    x = operand(c, x ^ sign_bit(c));
    y = operand(c, y);
    if (zero_times_infinity(c, x, y)) {
        return number(c, 0, true);
    }
    if (is_nan(c, x) || is_nan(c, y)) {
        return choose_nan(c, x, y);
    }
    if (is_infinity(c, x) || is_infinity(c, y)) {
        return infinity(c, (x ^ y) & sign_bit(c));
    }
    uint64_t *larger = exponent_of(c, x) >= exponent_of(c, y) ? &x : &y;
    if (exponent_of(c, *larger) > 1) {
        *larger -= UINT64_C(1) << c->format->fraction_bits;
        return fused(c, x, y, number(c, 0, true));
    }
    return multiply(c, fused(c, x, y, number(c, 1, true)), number(c, -1, false));
}
void a64_helper_simd_frsqrts(struct cpu_header *header, union ir_value *v)
{
    map_binary(header, v, square_root_step);
}

/* ---- estimates: RecipEstimate and RecipSqrtEstimate work on numbers of 9 bits ---- */
static unsigned estimate_reciprocal(unsigned a)
{
    unsigned b = (1u << 19) / (a * 2 + 1);
    return (b + 1) / 2;
}
static unsigned estimate_inverse_root(unsigned a)
{
    a = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
    unsigned b = 512;
    while (a * (b + 1) * (b + 1) < 1u << 28) {
        b++;
    }
    return (b + 1) / 2;
}

static uint64_t overflowed_reciprocal(const struct context *c, uint64_t sign)
{
    bool to_infinity = c->status->rounding == FLOAT_NEAREST_EVEN || (c->status->rounding == FLOAT_UP && !sign) ||
                       (c->status->rounding == FLOAT_DOWN && sign);
    raise(c, FLOAT_OVERFLOW | FLOAT_INEXACT);
    return to_infinity ? infinity(c, sign) : infinity(c, sign) - 1;
}
static uint64_t reciprocal_estimate(const struct context *c, uint64_t x)
{
    if (is_nan(c, x)) {
        return choose_nan(c, x, x);
    }
    x = operand(c, x);
    uint64_t sign = x & sign_bit(c), fraction = (x & fraction_mask(c)) << (52 - c->format->fraction_bits);
    if (is_infinity(c, x)) {
        return sign;
    }
    if (is_zero(c, x)) {
        raise(c, FLOAT_DIVIDE_BY_ZERO);
        return infinity(c, sign);
    }
    int exponent = (int)exponent_of(c, x), highest = (int)highest_exponent(c);
    if (exponent == 0 && fraction < UINT64_C(1) << 50) { /* below a quarter of the smallest normal number */
        return overflowed_reciprocal(c, sign);
    }
    bool flushes = c->size == 1 ? c->rules->flush_outputs_half : c->rules->flush_outputs;
    if (flushes && exponent >= highest - 2) {
        raise(c, FLOAT_UNDERFLOW);
        return sign;
    }
    if (exponent == 0) {
        bool half = fraction >> 51 & 1;
        exponent = half ? 0 : -1;
        fraction = fraction << (half ? 1 : 2) & ((UINT64_C(1) << 52) - 1);
    }
    unsigned estimate = estimate_reciprocal(256 | (unsigned)(fraction >> 44));
    int result_exponent = highest - 2 - exponent;
    fraction = (uint64_t)(estimate & 255) << 44;
    if (result_exponent == 0) {
        fraction = UINT64_C(1) << 51 | fraction >> 1;
    } else if (result_exponent == -1) {
        fraction = UINT64_C(1) << 50 | fraction >> 2;
        result_exponent = 0;
    }
    return pack(c, sign, (unsigned)result_exponent, fraction >> (52 - c->format->fraction_bits));
}
void a64_helper_simd_frecpe(struct cpu_header *header, union ir_value *v)
{
    map_unary(header, v, reciprocal_estimate);
}

static uint64_t inverse_root_estimate(const struct context *c, uint64_t x)
{
    if (is_nan(c, x)) {
        return choose_nan(c, x, x);
    }
    x = operand(c, x);
    uint64_t sign = x & sign_bit(c), fraction = (x & fraction_mask(c)) << (52 - c->format->fraction_bits);
    if (is_zero(c, x)) {
        raise(c, FLOAT_DIVIDE_BY_ZERO);
        return infinity(c, sign);
    }
    if (sign) {
        raise(c, FLOAT_INVALID);
        return default_nan(c);
    }
    if (is_infinity(c, x)) {
        return 0;
    }
    int exponent = (int)exponent_of(c, x);
    if (exponent == 0) {
        for (; !(fraction >> 51 & 1); exponent--) {
            fraction <<= 1;
        }
        fraction = fraction << 1 & ((UINT64_C(1) << 52) - 1);
    }
    unsigned scaled = exponent & 1 ? 128 | (unsigned)(fraction >> 45) : 256 | (unsigned)(fraction >> 44);
    unsigned estimate = estimate_inverse_root(scaled);
    int bias = (int)(highest_exponent(c) >> 1);
    return pack(c, 0, (unsigned)(3 * bias - 1 - exponent) / 2,
                (uint64_t)(estimate & 255) << (c->format->fraction_bits - 8));
}
void a64_helper_simd_frsqrte(struct cpu_header *header, union ir_value *v)
{
    map_unary(header, v, inverse_root_estimate);
}

/* FPRecpX: the exponent inverted, no fraction. */
static uint64_t reciprocal_exponent(const struct context *c, uint64_t x)
{
    if (is_nan(c, x)) {
        return choose_nan(c, x, x);
    }
    x = operand(c, x);
    unsigned exponent = exponent_of(c, x);
    return pack(c, x & sign_bit(c), exponent == 0 ? highest_exponent(c) - 1 : highest_exponent(c) ^ exponent, 0);
}
void a64_helper_simd_frecpx(struct cpu_header *header, union ir_value *v)
{
    map_unary(header, v, reciprocal_exponent);
}

static uint64_t unsigned_reciprocal(const struct context *c, uint64_t x)
{
    return x >> 31 ? (uint64_t)estimate_reciprocal((unsigned)(x >> 23)) << 23 : UINT32_MAX;
}
void a64_helper_simd_urecpe(struct cpu_header *header, union ir_value *v)
{
    map_unary(header, v, unsigned_reciprocal);
}
static uint64_t unsigned_inverse_root(const struct context *c, uint64_t x)
{
    return x >> 30 ? (uint64_t)estimate_inverse_root((unsigned)(x >> 23)) << 23 : UINT32_MAX;
}
void a64_helper_simd_ursqrte(struct cpu_header *header, union ir_value *v)
{
    map_unary(header, v, unsigned_inverse_root);
}
