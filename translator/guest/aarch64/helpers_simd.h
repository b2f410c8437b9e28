/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of Advanced SIMD and floating point (helpers_simd.def): values in, value out.
 *
 * Those named simd_* take v[0].i32 = size | lanes << 8 | variant << 16 (simd_call makes it), then n, m and d as far as
 * they use them; lanes beyond the count are zero in the result. */
#ifndef AARCH64_HELPERS_SIMD_H
#define AARCH64_HELPERS_SIMD_H

#include "helpers.h"

/* Variants of integer helpers. */
enum {
    SIMD_SIGNED = 1,
    SIMD_ROUND = 2,
    SIMD_TO_UNSIGNED = 4, /* saturates a signed value to an unsigned one */
    SIMD_SUBTRACT = 8,
    SIMD_HIGH = 32, /* the upper half of the sources */
};

static inline unsigned simd_parameter_size(const union ir_value *v)
{
    return v->i32 & 0xff;
}
static inline unsigned simd_parameter_lanes(const union ir_value *v)
{
    return v->i32 >> 8 & 0xff;
}
static inline unsigned simd_parameter_variant(const union ir_value *v)
{
    return v->i32 >> 16;
}

#endif
