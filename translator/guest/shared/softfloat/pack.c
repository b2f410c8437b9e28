/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit patterns to parts and back: flushing, rounding, tininess, overflow. */
#include "parts.h"

const struct float_format float_format16 = {5, 10, FLOAT_FLUSH_HALF, false};
const struct float_format float_format32 = {8, 23, FLOAT_FLUSH_FULL, false};
const struct float_format float_format64 = {11, 52, FLOAT_FLUSH_FULL, false};
const struct float_format float_format_bf16 = {8, 7, FLOAT_FLUSH_FULL, false};
const struct float_format float_format16_converted = {5, 10, FLOAT_FLUSH_NEVER, false};
const struct float_format float_format16_alternative = {5, 10, FLOAT_FLUSH_NEVER, true};

static bool flushes_inputs(const struct float_format *format, const struct float_rules *rules)
{
    return (format->flush == FLOAT_FLUSH_FULL && rules->flush_inputs) ||
           (format->flush == FLOAT_FLUSH_HALF && rules->flush_inputs_half);
}

static bool flushes_outputs(const struct float_format *format, const struct float_rules *rules)
{
    return (format->flush == FLOAT_FLUSH_FULL && rules->flush_outputs) ||
           (format->flush == FLOAT_FLUSH_HALF && rules->flush_outputs_half);
}

struct float_parts float_normalise(bool sign, int32_t exponent, float_significand significand)
{
    int shift = (int)float_leading_zeros(significand) - (127 - FLOAT_LEADING_BIT);
    significand = shift < 0 ? float_shift_jam(significand, 1) : significand << shift;
    return (struct float_parts){significand, exponent - shift, FLOAT_CLASS_NUMBER, sign};
}

struct float_parts float_unpack(const struct float_format *format, uint64_t bits, struct float_environment env)
{
    unsigned fraction_bits = format->fraction_bits, exponent_max = (1u << format->exponent_bits) - 1;
    int bias = (int)(exponent_max >> 1);
    bool sign = bits >> (format->exponent_bits + fraction_bits) & 1;
    unsigned exponent = (unsigned)(bits >> fraction_bits) & exponent_max;
    uint64_t fraction = bits & ((UINT64_C(1) << fraction_bits) - 1);
    float_significand aligned = (float_significand)fraction << (FLOAT_LEADING_BIT - fraction_bits);

    if (exponent == 0) {
        if (fraction == 0)
            return float_zero(sign);
        if (flushes_inputs(format, env.rules)) {
            if (format->flush == FLOAT_FLUSH_FULL)
                float_raise(env, FLOAT_INPUT_DENORMAL);
            return float_zero(sign);
        }
        return float_normalise(sign, 1 - bias, aligned);
    }
    if (exponent == exponent_max && !format->alternative) {
        if (fraction == 0)
            return float_infinity(sign);
        bool quiet = fraction >> (fraction_bits - 1);
        return (struct float_parts){aligned, 0, quiet ? FLOAT_CLASS_QUIET : FLOAT_CLASS_SIGNALING, sign};
    }
    aligned |= (float_significand)1 << FLOAT_LEADING_BIT;
    return (struct float_parts){aligned, (int)exponent - bias, FLOAT_CLASS_NUMBER, sign};
}

float_significand float_round_shift(float_significand value, unsigned shift, bool sign, enum float_rounding mode,
                                    bool *inexact)
{
    if (shift > FLOAT_LEADING_BIT) { /* far below one half: the exact distance does not matter */
        value = float_shift_jam(value, shift - FLOAT_LEADING_BIT);
        shift = FLOAT_LEADING_BIT;
    }
    if (shift == 0)
        return value;
    float_significand unit = (float_significand)1 << shift, half = unit >> 1;
    float_significand rest = value & (unit - 1), kept = value >> shift;
    if (rest == 0)
        return kept;
    *inexact = true;
    switch (mode) {
    case FLOAT_NEAREST_EVEN:
        return kept + (rest > half || (rest == half && (kept & 1)));
    case FLOAT_NEAREST_AWAY:
        return kept + (rest >= half);
    case FLOAT_UP:
        return kept + !sign;
    case FLOAT_DOWN:
        return kept + sign;
    case FLOAT_TO_ODD:
        return kept | 1;
    case FLOAT_TOWARD_ZERO:
    case FLOAT_DYNAMIC:
        break;
    }
    return kept;
}

static bool overflows_to_infinity(bool sign, enum float_rounding mode)
{
    switch (mode) {
    case FLOAT_NEAREST_EVEN:
    case FLOAT_NEAREST_AWAY:
        return true;
    case FLOAT_UP:
        return !sign;
    case FLOAT_DOWN:
        return sign;
    default:
        return false;
    }
}

/* exponent is below the smallest normal one. After rounding, a number just below it may have become normal, judged with
 * the full precision that an unbounded exponent would give it. */
static bool is_tiny(const struct float_format *format, struct float_parts a, int below, enum float_rounding mode,
                    const struct float_rules *rules)
{
    if (rules->tininess_before_rounding || below > 1)
        return true;
    bool inexact = false;
    float_significand rounded =
        float_round_shift(a.significand, FLOAT_LEADING_BIT - format->fraction_bits, a.sign, mode, &inexact);
    return rounded >> (format->fraction_bits + 1) == 0;
}

static uint64_t pack_overflow(const struct float_format *format, bool sign, enum float_rounding mode,
                              struct float_environment env)
{
    uint64_t sign_place = UINT64_C(1) << (format->exponent_bits + format->fraction_bits);
    uint64_t sign_bit = sign ? sign_place : 0;
    if (format->alternative) { /* all ones: the largest number */
        float_raise(env, FLOAT_INVALID);
        return sign_bit | (sign_place - 1);
    }
    float_raise(env, FLOAT_OVERFLOW | FLOAT_INEXACT);
    uint64_t infinity = ((UINT64_C(1) << format->exponent_bits) - 1) << format->fraction_bits;
    return sign_bit | (infinity - !overflows_to_infinity(sign, mode));
}

static uint64_t pack_number(const struct float_format *format, struct float_parts a, enum float_rounding mode,
                            struct float_environment env)
{
    unsigned fraction_bits = format->fraction_bits, exponent_max = (1u << format->exponent_bits) - 1;
    uint64_t sign_bit = (uint64_t)a.sign << (format->exponent_bits + fraction_bits);
    int biased = a.exponent + (int)(exponent_max >> 1);
    unsigned shift = FLOAT_LEADING_BIT - fraction_bits;
    bool tiny = false, inexact = false;

    if (biased < 1) {
        tiny = is_tiny(format, a, 1 - biased, mode, env.rules);
        if (tiny && flushes_outputs(format, env.rules)) {
            float_raise(env, FLOAT_UNDERFLOW | (env.rules->flush_output_inexact ? FLOAT_INEXACT : 0));
            return sign_bit;
        }
        a.significand = float_shift_jam(a.significand, 1 - biased > 127 ? 128 : (unsigned)(1 - biased));
        biased = 1;
    }
    float_significand rounded = float_round_shift(a.significand, shift, a.sign, mode, &inexact);
    /* The leading one adds one to the exponent field, as does a carry out of the fraction; a subnormal has neither. */
    unsigned exponent_field = (unsigned)biased - 1 + (unsigned)(rounded >> fraction_bits);
    if (exponent_field > exponent_max - !format->alternative)
        return pack_overflow(format, a.sign, mode, env);
    if (inexact)
        float_raise(env, FLOAT_INEXACT | (tiny ? FLOAT_UNDERFLOW : 0));
    return sign_bit | ((((uint64_t)biased - 1) << fraction_bits) + (uint64_t)rounded);
}

uint64_t float_pack(const struct float_format *format, struct float_parts a, enum float_rounding mode,
                    struct float_environment env)
{
    unsigned fraction_bits = format->fraction_bits, exponent_max = (1u << format->exponent_bits) - 1;
    uint64_t sign_bit = (uint64_t)a.sign << (format->exponent_bits + fraction_bits);

    mode = float_mode(mode, env);
    switch (a.kind) {
    case FLOAT_CLASS_ZERO:
        return sign_bit;
    case FLOAT_CLASS_NUMBER:
        return pack_number(format, a, mode, env);
    case FLOAT_CLASS_INFINITY:
        return format->alternative ? pack_overflow(format, a.sign, mode, env)
                                   : sign_bit | (uint64_t)exponent_max << fraction_bits;
    default:
        break;
    }
    if (format->alternative) { /* a NaN has no place there: a zero of its sign */
        float_raise(env, FLOAT_INVALID);
        return sign_bit;
    }
    uint64_t fraction = (uint64_t)(a.significand >> (FLOAT_LEADING_BIT - fraction_bits));
    return sign_bit | (uint64_t)exponent_max << fraction_bits | fraction;
}
