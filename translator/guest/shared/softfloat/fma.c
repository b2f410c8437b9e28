/* SPDX-License-Identifier: GPL-2.0-or-later */
/* a * b + c with one rounding: the product is exact (up to 128 bits), the sum jammed. */
#include "parts.h"

static struct float_parts fma_nan(struct float_parts a, struct float_parts b, struct float_parts c,
                                  bool zero_times_infinity, struct float_environment env)
{
    struct float_parts result = float_choose_nan3(a, b, c, env);

    if (zero_times_infinity && c.kind == FLOAT_CLASS_QUIET) {
        if (env.rules->fma_zero_infinity_default)
            return float_invalid(env);
        if (env.rules->fma_zero_infinity_invalid)
            float_raise(env, FLOAT_INVALID);
    }
    return result;
}

struct float_parts float_fma(struct float_parts a, struct float_parts b, struct float_parts c,
                             struct float_environment env)
{
    bool sign = a.sign != b.sign;
    bool product_zero = a.kind == FLOAT_CLASS_ZERO || b.kind == FLOAT_CLASS_ZERO;
    bool product_infinite = a.kind == FLOAT_CLASS_INFINITY || b.kind == FLOAT_CLASS_INFINITY;
    bool factor_nan = float_is_nan(a) || float_is_nan(b);

    if (factor_nan || float_is_nan(c))
        return fma_nan(a, b, c, !factor_nan && product_zero && product_infinite, env);
    if (product_zero && product_infinite)
        return float_invalid(env);
    if (product_infinite)
        return c.kind == FLOAT_CLASS_INFINITY && c.sign != sign ? float_invalid(env) : float_infinity(sign);
    if (c.kind == FLOAT_CLASS_INFINITY)
        return c;
    if (product_zero)
        return c.kind != FLOAT_CLASS_ZERO || c.sign == sign ? c : float_zero(env.status->rounding == FLOAT_DOWN);
    struct float_parts product = float_mul_numbers(a, b);
    return c.kind == FLOAT_CLASS_ZERO ? product : float_add_numbers(product, c, env);
}

#define FLOAT_FMA(size)                                                                                                \
    float##size##_bits softfloat_fma##size(float##size##_bits a, float##size##_bits b, float##size##_bits c,           \
                                           const struct float_rules *rules, struct float_status *status)               \
    {                                                                                                                  \
        const struct float_format *format = &float_format##size;                                                       \
        struct float_environment env = {rules, status};                                                                \
        struct float_parts result =                                                                                    \
            float_fma(float_unpack(format, a, env), float_unpack(format, b, env), float_unpack(format, c, env), env);  \
        return (float##size##_bits)float_pack(format, result, FLOAT_DYNAMIC, env);                                     \
    }

FLOAT_FMA(16)
FLOAT_FMA(32)
FLOAT_FMA(64)
