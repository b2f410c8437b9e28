/* SPDX-License-Identifier: GPL-2.0-or-later */
/* To an integral value, to and from integers and fixed point, between formats. */
#include "parts.h"

static struct float_parts round_to_integral(struct float_parts a, enum float_rounding mode, bool raise_inexact,
                                            struct float_environment env)
{
    if (float_is_nan(a))
        return float_propagate_nan(a, env);
    if (a.kind != FLOAT_CLASS_NUMBER || a.exponent >= FLOAT_LEADING_BIT)
        return a;
    bool inexact = false;
    float_significand integer = float_round_shift(a.significand, (unsigned)(FLOAT_LEADING_BIT - a.exponent), a.sign,
                                                  float_mode(mode, env), &inexact);
    if (inexact && raise_inexact)
        float_raise(env, FLOAT_INEXACT);
    return integer == 0 ? float_zero(a.sign) : float_normalise(a.sign, FLOAT_LEADING_BIT, integer);
}

struct integer_type {
    bool is_signed;
    unsigned bits; /* 8 to 64 */
};

static uint64_t integer_limit(struct integer_type type, bool minimum)
{
    uint64_t all = UINT64_MAX >> (64 - type.bits);
    if (!type.is_signed)
        return minimum ? 0 : all;
    return minimum ? ~(all >> 1) : all >> 1;
}

/* The result where there is no right one. */
static uint64_t invalid_integer(struct integer_type type, bool minimum, struct float_environment env)
{
    float_raise(env, FLOAT_INVALID);
    if (env.rules->integer_indefinite) /* for unsigned types the host's vcvt*2u* forms give all ones */
        return integer_limit(type, type.is_signed);
    return integer_limit(type, minimum);
}

static uint64_t nan_integer(struct integer_type type, struct float_environment env)
{
    if (env.rules->nan_integer != FLOAT_NAN_TO_ZERO || env.rules->integer_indefinite)
        return invalid_integer(type, env.rules->nan_integer == FLOAT_NAN_TO_MIN, env);
    float_raise(env, FLOAT_INVALID);
    return 0;
}

static uint64_t parts_to_integer(struct float_parts a, struct integer_type type, int scale, enum float_rounding mode,
                                 struct float_environment env)
{
    if (float_is_nan(a))
        return nan_integer(type, env);
    if (a.kind == FLOAT_CLASS_ZERO)
        return 0;
    int exponent = a.exponent + scale;
    if (a.kind == FLOAT_CLASS_INFINITY || exponent > 64)
        return invalid_integer(type, a.sign, env);
    bool inexact = false;
    float_significand magnitude = float_round_shift(a.significand, (unsigned)(FLOAT_LEADING_BIT - exponent), a.sign,
                                                    float_mode(mode, env), &inexact);
    uint64_t limit = a.sign ? 0 - integer_limit(type, true) : integer_limit(type, false);
    if (magnitude > limit)
        return invalid_integer(type, a.sign, env);
    if (inexact)
        float_raise(env, FLOAT_INEXACT);
    return a.sign ? 0 - (uint64_t)magnitude : (uint64_t)magnitude;
}

static struct float_parts integer_to_parts(uint64_t a, bool is_signed, int scale)
{
    bool sign = is_signed && a >> 63;
    if (a == 0)
        return float_zero(false);
    return float_normalise(sign, FLOAT_LEADING_BIT - scale, sign ? 0 - a : a);
}

static uint64_t convert_format(const struct float_format *to, const struct float_format *from, uint64_t bits,
                               enum float_rounding mode, struct float_environment env)
{
    struct float_parts a = float_unpack(from, bits, env);
    if (float_is_nan(a) && to->alternative) /* keeps its sign, whatever the default NaN's is */
        return float_pack(to, a, mode, env);
    if (float_is_nan(a))
        a = float_propagate_nan(a, env);
    return float_pack(to, a, mode, env);
}

static const struct float_format *half_format(const struct float_rules *rules)
{
    return rules->alternative_half ? &float_format16_alternative : &float_format16_converted;
}

#define FLOAT_CONVERT(size)                                                                                            \
    float##size##_bits softfloat_round##size(float##size##_bits a, enum float_rounding mode, bool inexact,             \
                                             const struct float_rules *rules, struct float_status *status)             \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        struct float_parts result = round_to_integral(float_unpack(&float_format##size, a, env), mode, inexact, env);  \
        return (float##size##_bits)float_pack(&float_format##size, result, FLOAT_TOWARD_ZERO, env);                    \
    }                                                                                                                  \
    uint64_t softfloat_to_int##size(float##size##_bits a, bool is_signed, unsigned bits, int scale,                    \
                                    enum float_rounding mode, const struct float_rules *rules,                         \
                                    struct float_status *status)                                                       \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        struct integer_type type = {is_signed, bits};                                                                  \
        return parts_to_integer(float_unpack(&float_format##size, a, env), type, scale, mode, env);                    \
    }                                                                                                                  \
    float##size##_bits softfloat_from_int##size(uint64_t a, bool is_signed, int scale, enum float_rounding mode,       \
                                                const struct float_rules *rules, struct float_status *status)          \
    {                                                                                                                  \
        struct float_environment env = {rules, status};                                                                \
        return (float##size##_bits)float_pack(&float_format##size, integer_to_parts(a, is_signed, scale), mode, env);  \
    }

FLOAT_CONVERT(16)
FLOAT_CONVERT(32)
FLOAT_CONVERT(64)

float32_bits softfloat_16_to_32(float16_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return (float32_bits)convert_format(&float_format32, half_format(rules), a, FLOAT_DYNAMIC, env);
}

float64_bits softfloat_16_to_64(float16_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return convert_format(&float_format64, half_format(rules), a, FLOAT_DYNAMIC, env);
}

float16_bits softfloat_32_to_16(float32_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return (float16_bits)convert_format(half_format(rules), &float_format32, a, FLOAT_DYNAMIC, env);
}

float64_bits softfloat_32_to_64(float32_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return convert_format(&float_format64, &float_format32, a, FLOAT_DYNAMIC, env);
}

float16_bits softfloat_64_to_16(float64_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return (float16_bits)convert_format(half_format(rules), &float_format64, a, FLOAT_DYNAMIC, env);
}

float32_bits softfloat_64_to_32(float64_bits a, enum float_rounding mode, const struct float_rules *rules,
                                struct float_status *status)
{
    struct float_environment env = {rules, status};
    return (float32_bits)convert_format(&float_format32, &float_format64, a, mode, env);
}

float16_bits softfloat_bf16_from_32(float32_bits a, const struct float_rules *rules, struct float_status *status)
{
    struct float_environment env = {rules, status};
    return (float16_bits)convert_format(&float_format_bf16, &float_format32, a, FLOAT_DYNAMIC, env);
}

/* A flushed f16 raises nothing (Arm). */
float16_bits softfloat_operand16(float16_bits a, const struct float_rules *rules, struct float_status *status)
{
    return rules->flush_inputs_half && !(a & 0x7c00) ? a & 0x8000 : a;
}

#define FLOAT_OPERAND(size)                                                                                            \
    float##size##_bits softfloat_operand##size(float##size##_bits a, const struct float_rules *rules,                  \
                                               struct float_status *status)                                            \
    {                                                                                                                  \
        float##size##_bits sign = (float##size##_bits)1 << (size - 1);                                                 \
        float##size##_bits infinity = sign - ((float##size##_bits)1 << float_format##size.fraction_bits);              \
        if (!rules->flush_inputs || (a & infinity) || !(a & ~sign))                                                    \
            return a;                                                                                                  \
        status->exceptions |= FLOAT_INPUT_DENORMAL;                                                                    \
        return a & sign;                                                                                               \
    }

FLOAT_OPERAND(32)
FLOAT_OPERAND(64)
