/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addition, multiplication, division, square root. */
#include "parts.h"

struct float_parts float_add_numbers(struct float_parts a, struct float_parts b, struct float_environment env)
{
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        struct float_parts larger = b;
        b = a;
        a = larger;
    }
    int distance = a.exponent - b.exponent;
    b.significand = float_shift_jam(b.significand, distance > 127 ? 128 : (unsigned)distance);
    float_significand sum = a.sign == b.sign ? a.significand + b.significand : a.significand - b.significand;
    if (sum == 0)
        return float_zero(env.status->rounding == FLOAT_DOWN);
    return float_normalise(a.sign, a.exponent, sum);
}

struct float_parts float_add(struct float_parts a, struct float_parts b, struct float_environment env)
{
    if (float_is_nan(a) || float_is_nan(b))
        return float_choose_nan(a, b, env);
    if (a.kind == FLOAT_CLASS_INFINITY)
        return b.kind == FLOAT_CLASS_INFINITY && a.sign != b.sign ? float_invalid(env) : a;
    if (b.kind == FLOAT_CLASS_INFINITY)
        return b;
    if (a.kind == FLOAT_CLASS_ZERO && b.kind == FLOAT_CLASS_ZERO)
        return a.sign == b.sign ? a : float_zero(env.status->rounding == FLOAT_DOWN);
    if (a.kind == FLOAT_CLASS_ZERO)
        return b;
    return b.kind == FLOAT_CLASS_ZERO ? a : float_add_numbers(a, b, env);
}

struct float_parts float_mul_numbers(struct float_parts a, struct float_parts b)
{
    uint64_t top_a = (uint64_t)(a.significand >> (FLOAT_LEADING_BIT - 63));
    uint64_t top_b = (uint64_t)(b.significand >> (FLOAT_LEADING_BIT - 63));
    return float_normalise(a.sign != b.sign, a.exponent + b.exponent, (float_significand)top_a * top_b);
}

struct float_parts float_mul(struct float_parts a, struct float_parts b, struct float_environment env)
{
    bool sign = a.sign != b.sign;

    if (float_is_nan(a) || float_is_nan(b))
        return float_choose_nan(a, b, env);
    bool any_zero = a.kind == FLOAT_CLASS_ZERO || b.kind == FLOAT_CLASS_ZERO;
    if (a.kind == FLOAT_CLASS_INFINITY || b.kind == FLOAT_CLASS_INFINITY)
        return any_zero ? float_invalid(env) : float_infinity(sign);
    return any_zero ? float_zero(sign) : float_mul_numbers(a, b);
}

/* Two steps of 64 bits each give a quotient of 127 bits, with the remainder jammed. */
static struct float_parts divide_numbers(struct float_parts a, struct float_parts b)
{
    uint64_t dividend = (uint64_t)(a.significand >> (FLOAT_LEADING_BIT - 63));
    uint64_t divisor = (uint64_t)(b.significand >> (FLOAT_LEADING_BIT - 63));
    int exponent = a.exponent - b.exponent;
    float_significand rest = (float_significand)dividend << 63;

    if (dividend < divisor) {
        rest <<= 1;
        exponent--;
    }
    float_significand quotient = (rest / divisor) << 63;
    rest = (rest % divisor) << 63;
    quotient |= rest / divisor | (rest % divisor != 0);
    return float_normalise(a.sign != b.sign, exponent, quotient);
}

struct float_parts float_div(struct float_parts a, struct float_parts b, struct float_environment env)
{
    bool sign = a.sign != b.sign;

    if (float_is_nan(a) || float_is_nan(b))
        return float_choose_nan(a, b, env);
    if (a.kind == FLOAT_CLASS_INFINITY)
        return b.kind == FLOAT_CLASS_INFINITY ? float_invalid(env) : float_infinity(sign);
    if (b.kind == FLOAT_CLASS_ZERO) {
        if (a.kind == FLOAT_CLASS_ZERO)
            return float_invalid(env);
        float_raise(env, FLOAT_DIVIDE_BY_ZERO);
        return float_infinity(sign);
    }
    if (a.kind == FLOAT_CLASS_ZERO || b.kind == FLOAT_CLASS_INFINITY)
        return float_zero(sign);
    return divide_numbers(a, b);
}

/* One bit of the root per step. With r the root so far and d the place of the next bit, both in units of 2^124 (the
 * remainder can reach 8), the bit is one where the scaled remainder holds 2r + d. */
struct float_parts float_sqrt(struct float_parts a, unsigned precision, struct float_environment env)
{
    enum { PLACE = FLOAT_LEADING_BIT - 2 };

    if (float_is_nan(a))
        return float_propagate_nan(a, env);
    if (a.kind == FLOAT_CLASS_ZERO)
        return a;
    if (a.sign)
        return float_invalid(env);
    if (a.kind == FLOAT_CLASS_INFINITY)
        return a;
    bool odd = a.exponent & 1;
    float_significand rest = a.significand >> (odd ? 1 : 2), root = 0;
    for (unsigned i = 0; i < precision + 2; i++) {
        float_significand place = (float_significand)1 << (PLACE - i), trial = 2 * root + place;
        if (rest >= trial) {
            rest -= trial;
            root += place;
        }
        rest <<= 1;
    }
    return float_normalise(false, (a.exponent - odd) / 2, root << 2 | (rest != 0));
}

#define FLOAT_ARITHMETIC(size)                                                                                         \
    static struct float_parts unpack##size(float##size##_bits a, struct float_environment env)                         \
    {                                                                                                                  \
        return float_unpack(&float_format##size, a, env);                                                              \
    }                                                                                                                  \
    static float##size##_bits pack##size(struct float_parts a, struct float_environment env)                           \
    {                                                                                                                  \
        return (float##size##_bits)float_pack(&float_format##size, a, FLOAT_DYNAMIC, env);                             \
    }                                                                                                                  \
    float##size##_bits softfloat_add##size(float##size##_bits a, float##size##_bits b,                                 \
                                           const struct float_rules *rules, struct float_status *status)               \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        return pack##size(float_add(unpack##size(a, env), unpack##size(b, env), env), env);                            \
    }                                                                                                                  \
    float##size##_bits softfloat_sub##size(float##size##_bits a, float##size##_bits b,                                 \
                                           const struct float_rules *rules, struct float_status *status)               \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        struct float_parts negated = unpack##size(b, env);                                                             \
        if (!float_is_nan(negated))                                                                                    \
            negated.sign = !negated.sign;                                                                              \
        return pack##size(float_add(unpack##size(a, env), negated, env), env);                                         \
    }                                                                                                                  \
    float##size##_bits softfloat_mul##size(float##size##_bits a, float##size##_bits b,                                 \
                                           const struct float_rules *rules, struct float_status *status)               \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        return pack##size(float_mul(unpack##size(a, env), unpack##size(b, env), env), env);                            \
    }                                                                                                                  \
    float##size##_bits softfloat_div##size(float##size##_bits a, float##size##_bits b,                                 \
                                           const struct float_rules *rules, struct float_status *status)               \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        return pack##size(float_div(unpack##size(a, env), unpack##size(b, env), env), env);                            \
    }                                                                                                                  \
    float##size##_bits softfloat_sqrt##size(float##size##_bits a, const struct float_rules *rules,                     \
                                            struct float_status *status)                                               \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        return pack##size(float_sqrt(unpack##size(a, env), float_format##size.fraction_bits + 1, env), env);           \
    }

FLOAT_ARITHMETIC(16)
FLOAT_ARITHMETIC(32)
FLOAT_ARITHMETIC(64)
