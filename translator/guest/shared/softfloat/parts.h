/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one unpacked form that every routine of softfloat works on, and what a binary format is.
 *
 * A finite number is significand * 2^(exponent - 126), the significand normalised to a leading one in bit 126: one bit
 * is left for the carry of an addition, and a product of two significands of up to 64 bits is exact. Routines that lose
 * bits below bit 0 keep "something was lost" in bit 0 (jamming), which rounds correctly because every format's last
 * place is at least three bits above it. A format of more than 64 bits of precision needs a wider product in
 * float_mul() and float_fma() only. */
#ifndef SHARED_SOFTFLOAT_PARTS_H
#define SHARED_SOFTFLOAT_PARTS_H

#include "softfloat.h"

typedef unsigned __int128 float_significand;

enum { FLOAT_LEADING_BIT = 126, FLOAT_QUIET_BIT = 125 };

enum float_class {
    FLOAT_CLASS_ZERO,
    FLOAT_CLASS_NUMBER,
    FLOAT_CLASS_INFINITY,
    FLOAT_CLASS_QUIET,
    FLOAT_CLASS_SIGNALING,
};

struct float_parts {
    float_significand significand; /* a NaN's payload stands below FLOAT_LEADING_BIT, aligned to the top */
    int32_t exponent;
    enum float_class kind;
    bool sign;
};

/* Which of the rules about subnormal numbers a format obeys. */
enum float_flush { FLOAT_FLUSH_FULL, FLOAT_FLUSH_HALF, FLOAT_FLUSH_NEVER };

struct float_format {
    uint8_t exponent_bits;
    uint8_t fraction_bits;
    enum float_flush flush;
    bool alternative; /* the highest exponent holds numbers: no infinities, no NaNs (Arm's alternative half) */
};

extern const struct float_format float_format16, float_format32, float_format64;
extern const struct float_format float_format_bf16;
/* f16 as conversions between formats see it: never flushed; and Arm's alternative form */
extern const struct float_format float_format16_converted, float_format16_alternative;

struct float_environment {
    const struct float_rules *rules;
    struct float_status *status;
};

static inline bool float_is_nan(struct float_parts a)
{
    return a.kind >= FLOAT_CLASS_QUIET;
}

static inline void float_raise(struct float_environment env, uint32_t exceptions)
{
    env.status->exceptions |= exceptions;
}

static inline enum float_rounding float_mode(enum float_rounding mode, struct float_environment env)
{
    return mode == FLOAT_DYNAMIC ? (enum float_rounding)env.status->rounding : mode;
}

static inline float_significand float_shift_jam(float_significand value, unsigned count)
{
    if (count == 0)
        return value;
    if (count > 127)
        return value != 0;
    return value >> count | ((value & (((float_significand)1 << count) - 1)) != 0);
}

static inline unsigned float_leading_zeros(float_significand value)
{
    uint64_t high = (uint64_t)(value >> 64);
    return high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((uint64_t)value);
}

static inline struct float_parts float_zero(bool sign)
{
    return (struct float_parts){.kind = FLOAT_CLASS_ZERO, .sign = sign};
}

static inline struct float_parts float_infinity(bool sign)
{
    return (struct float_parts){.kind = FLOAT_CLASS_INFINITY, .sign = sign};
}

/* pack.c */

/* An operand; a subnormal one is flushed as the rules say. */
struct float_parts float_unpack(const struct float_format *, uint64_t bits, struct float_environment);
/* The result, rounded to the format; raises overflow, underflow and inexact. mode may be FLOAT_DYNAMIC. */
uint64_t float_pack(const struct float_format *, struct float_parts, enum float_rounding mode,
                    struct float_environment);
/* value / 2^shift rounded to an integer; sets *inexact if anything was lost. mode is never FLOAT_DYNAMIC. */
float_significand float_round_shift(float_significand value, unsigned shift, bool sign, enum float_rounding mode,
                                    bool *inexact);
/* A number of any nonzero significand, brought to the normal form. The significand counts in units of 2^(exponent-126).
 */
struct float_parts float_normalise(bool sign, int32_t exponent, float_significand significand);

/* nan.c */
struct float_parts float_default_nan(struct float_environment);
/* The default NaN; raises invalid. */
struct float_parts float_invalid(struct float_environment);
/* One operand, a NaN, as a result: quieted or replaced; raises invalid for a signaling one. */
struct float_parts float_propagate_nan(struct float_parts, struct float_environment);
struct float_parts float_choose_nan(struct float_parts a, struct float_parts b, struct float_environment);
struct float_parts float_choose_nan3(struct float_parts a, struct float_parts b, struct float_parts c,
                                     struct float_environment);

/* arithmetic.c, fma.c: exact or jammed results, to be rounded by float_pack() */
struct float_parts float_add(struct float_parts a, struct float_parts b, struct float_environment);
struct float_parts float_mul(struct float_parts a, struct float_parts b, struct float_environment);
struct float_parts float_div(struct float_parts a, struct float_parts b, struct float_environment);
/* precision: bits of the root wanted, without those that decide the rounding */
struct float_parts float_sqrt(struct float_parts a, unsigned precision, struct float_environment);
struct float_parts float_fma(struct float_parts a, struct float_parts b, struct float_parts c,
                             struct float_environment);
/* The sum of two numbers, neither zero. */
struct float_parts float_add_numbers(struct float_parts a, struct float_parts b, struct float_environment);
struct float_parts float_mul_numbers(struct float_parts a, struct float_parts b);

#endif
