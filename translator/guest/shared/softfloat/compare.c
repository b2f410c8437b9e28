/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparison, minimum and maximum. */
#include "parts.h"

static enum float_relation relate_magnitudes(struct float_parts a, struct float_parts b)
{
    if (a.kind != b.kind) /* zero, number, infinity: in the order of the enumeration */
        return a.kind < b.kind ? FLOAT_LESS : FLOAT_GREATER;
    if (a.kind != FLOAT_CLASS_NUMBER)
        return FLOAT_EQUAL;
    if (a.exponent != b.exponent)
        return a.exponent < b.exponent ? FLOAT_LESS : FLOAT_GREATER;
    if (a.significand != b.significand)
        return a.significand < b.significand ? FLOAT_LESS : FLOAT_GREATER;
    return FLOAT_EQUAL;
}

/* Neither is a NaN. */
static enum float_relation relate_numbers(struct float_parts a, struct float_parts b)
{
    if (a.kind == FLOAT_CLASS_ZERO && b.kind == FLOAT_CLASS_ZERO)
        return FLOAT_EQUAL;
    if (a.sign != b.sign)
        return a.sign ? FLOAT_LESS : FLOAT_GREATER;
    return a.sign ? relate_magnitudes(b, a) : relate_magnitudes(a, b);
}

static enum float_relation compare_parts(struct float_parts a, struct float_parts b, bool signaling,
                                         struct float_environment env)
{
    if (float_is_nan(a) || float_is_nan(b)) {
        if (signaling || a.kind == FLOAT_CLASS_SIGNALING || b.kind == FLOAT_CLASS_SIGNALING)
            float_raise(env, FLOAT_INVALID);
        return FLOAT_UNORDERED;
    }
    return relate_numbers(a, b);
}

static struct float_parts extreme_parts(struct float_parts a, struct float_parts b, bool maximum,
                                        struct float_environment env)
{
    if (float_is_nan(a) || float_is_nan(b))
        return float_choose_nan(a, b, env);
    enum float_relation relation = relate_numbers(a, b);
    if (relation == FLOAT_EQUAL) /* equal but for the sign of zero */
        return a.sign == maximum ? b : a;
    return (relation == FLOAT_GREATER) == maximum ? a : b;
}

static struct float_parts extreme_number(struct float_parts a, struct float_parts b, bool maximum,
                                         struct float_environment env)
{
    bool a_nan = float_is_nan(a), b_nan = float_is_nan(b);

    if (a_nan != b_nan) {
        enum float_class kind = a_nan ? a.kind : b.kind;
        bool number = kind == FLOAT_CLASS_QUIET || env.rules->minnum_signaling == FLOAT_MINNUM_RETURNS_NUMBER;
        if (number && kind == FLOAT_CLASS_SIGNALING)
            float_raise(env, FLOAT_INVALID);
        if (number)
            return a_nan ? b : a;
    }
    return extreme_parts(a, b, maximum, env);
}

#define FLOAT_EXTREME(name, size, function, maximum)                                                                   \
    float##size##_bits softfloat_##name##size(float##size##_bits a, float##size##_bits b,                              \
                                              const struct float_rules *rules, struct float_status *status)            \
    {                                                                                                                  \
        const struct float_format *format = &float_format##size;                                                       \
        struct float_environment env = {rules, status};                                                                \
        struct float_parts result =                                                                                    \
            function(float_unpack(format, a, env), float_unpack(format, b, env), maximum, env);                        \
        return (float##size##_bits)float_pack(format, result, FLOAT_DYNAMIC, env);                                     \
    }

#define FLOAT_COMPARE(size)                                                                                            \
    FLOAT_EXTREME(min, size, extreme_parts, false)                                                                     \
    FLOAT_EXTREME(max, size, extreme_parts, true)                                                                      \
    FLOAT_EXTREME(minnum, size, extreme_number, false)                                                                 \
    FLOAT_EXTREME(maxnum, size, extreme_number, true)                                                                  \
    enum float_relation softfloat_compare##size(float##size##_bits a, float##size##_bits b, bool signaling,            \
                                                const struct float_rules *rules, struct float_status *status)          \
    {                                                                                                                  \
        const struct float_format *format = &float_format##size;                                                       \
        struct float_environment env = {rules, status};                                                                \
        return compare_parts(float_unpack(format, a, env), float_unpack(format, b, env), signaling, env);              \
    }

FLOAT_COMPARE(16)
FLOAT_COMPARE(32)
FLOAT_COMPARE(64)
