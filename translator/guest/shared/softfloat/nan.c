/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which NaN comes out, and what is one. */
#include "parts.h"

struct float_parts float_default_nan(struct float_environment env)
{
    return (struct float_parts){(float_significand)1 << FLOAT_QUIET_BIT, 0, FLOAT_CLASS_QUIET,
                                env.rules->default_nan_negative};
}

struct float_parts float_invalid(struct float_environment env)
{
    float_raise(env, FLOAT_INVALID);
    return float_default_nan(env);
}

struct float_parts float_propagate_nan(struct float_parts a, struct float_environment env)
{
    if (a.kind == FLOAT_CLASS_SIGNALING)
        float_raise(env, FLOAT_INVALID);
    if (env.rules->nan_choice == FLOAT_NAN_DEFAULT)
        return float_default_nan(env);
    a.significand |= (float_significand)1 << FLOAT_QUIET_BIT;
    a.kind = FLOAT_CLASS_QUIET;
    return a;
}

/* The x87 compares the significands as they are, before quieting; equal ones: the positive operand. A signaling NaN
 * beside a quiet one loses. */
static bool is_larger_nan(struct float_parts a, struct float_parts b)
{
    if (a.kind != b.kind)
        return a.kind == FLOAT_CLASS_QUIET;
    if (a.significand != b.significand)
        return a.significand > b.significand;
    return !a.sign;
}

struct float_parts float_choose_nan(struct float_parts a, struct float_parts b, struct float_environment env)
{
    bool a_nan = float_is_nan(a), b_nan = float_is_nan(b), take_a = a_nan;

    if (a.kind == FLOAT_CLASS_SIGNALING || b.kind == FLOAT_CLASS_SIGNALING)
        float_raise(env, FLOAT_INVALID);
    if (env.rules->nan_choice == FLOAT_NAN_SIGNALING_FIRST)
        take_a = a.kind == FLOAT_CLASS_SIGNALING || (a_nan && b.kind != FLOAT_CLASS_SIGNALING);
    else if (env.rules->nan_choice == FLOAT_NAN_LARGER && a_nan && b_nan)
        take_a = is_larger_nan(a, b);
    return float_propagate_nan(take_a ? a : b, env);
}

struct float_parts float_choose_nan3(struct float_parts a, struct float_parts b, struct float_parts c,
                                     struct float_environment env)
{
    struct float_parts order[3] = {a, b, c};
    int chosen = -1;

    if (env.rules->fma_accumulator_nan_first)
        order[0] = c, order[1] = a, order[2] = b;
    for (int i = 2; i >= 0; i--) {
        if (order[i].kind == FLOAT_CLASS_SIGNALING)
            float_raise(env, FLOAT_INVALID);
        if (float_is_nan(order[i]))
            chosen = i;
    }
    if (env.rules->nan_choice == FLOAT_NAN_SIGNALING_FIRST)
        for (int i = 2; i >= 0; i--)
            if (order[i].kind == FLOAT_CLASS_SIGNALING)
                chosen = i;
    return float_propagate_nan(order[chosen], env);
}

#define FLOAT_NAN_TESTS(size)                                                                                          \
    bool softfloat_is_nan##size(float##size##_bits a)                                                                  \
    {                                                                                                                  \
        unsigned fraction_bits = float_format##size.fraction_bits;                                                     \
        uint64_t infinity = ((UINT64_C(1) << float_format##size.exponent_bits) - 1) << fraction_bits;                  \
        return (a & ((UINT64_C(1) << (size - 1)) - 1)) > infinity;                                                     \
    }                                                                                                                  \
    bool softfloat_is_signaling##size(float##size##_bits a)                                                            \
    {                                                                                                                  \
        return softfloat_is_nan##size(a) && !(a >> (float_format##size.fraction_bits - 1) & 1);                        \
    }

FLOAT_NAN_TESTS(16)
FLOAT_NAN_TESTS(32)
FLOAT_NAN_TESTS(64)

/* Only what is said of NaNs: the other operand may be anything and is not flushed. */
#define FLOAT_NAN_CHOICE(size)                                                                                         \
    float##size##_bits softfloat_choose_nan##size(float##size##_bits a, float##size##_bits b,                          \
                                                  const struct float_rules *rules, struct float_status *status)        \
    {                                                                                                                  \
        const struct float_format *format = &float_format##size;                                                       \
        struct float_environment env = {rules, status};                                                                \
        struct float_status ignored = {0};                                                                             \
        struct float_environment quiet = {rules, &ignored};                                                            \
        struct float_parts result =                                                                                    \
            float_choose_nan(float_unpack(format, a, quiet), float_unpack(format, b, quiet), env);                     \
        return (float##size##_bits)float_pack(format, result, FLOAT_NEAREST_EVEN, env);                                \
    }

FLOAT_NAN_CHOICE(16)
FLOAT_NAN_CHOICE(32)
FLOAT_NAN_CHOICE(64)
