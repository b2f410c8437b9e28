/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversions that the IR has no operation for: fixed point, bfloat16, to integral values that fit an integer. */
#include "helpers_simd.h"

#include "lift.h"

static const struct float_rules *rules_of(const struct cpu_header *header)
{
    return &a64_float_rules[header->mode & (AARCH64_MODE_COUNT - 1)];
}

/* ---- fixed point ---- */
static uint64_t to_fixed(struct cpu_header *header, unsigned size, uint64_t x, bool is_signed, unsigned bits,
                         int fraction)
{
    const struct float_rules *rules = rules_of(header);
    struct float_status *status = cpu_float_status(header);
    switch (size) {
    case 1:
        return softfloat_to_int16((uint16_t)x, is_signed, bits, fraction, FLOAT_TOWARD_ZERO, rules, status);
    case 2:
        return softfloat_to_int32((uint32_t)x, is_signed, bits, fraction, FLOAT_TOWARD_ZERO, rules, status);
    default:
        return softfloat_to_int64(x, is_signed, bits, fraction, FLOAT_TOWARD_ZERO, rules, status);
    }
}

/* Variant: fraction bits << 1 | signed. */
void a64_helper_simd_to_fixed(struct cpu_header *header, union ir_value *v)
{
    unsigned lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v), size = simd_parameter_size(v);
    bool is_signed = variant & 1;
    int fraction = (int)(variant >> 1);
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        if (size == 3) {
            result.u64[lane] = to_fixed(header, 3, v[1].u64[lane], is_signed, 64, fraction);
        } else if (size == 2) {
            result.u32[lane] = (uint32_t)to_fixed(header, 2, v[1].u32[lane], is_signed, 32, fraction);
        } else {
            result.u16[lane] = (uint16_t)to_fixed(header, 1, v[1].u16[lane], is_signed, 16, fraction);
        }
    }
    v[0] = result;
}

/* Lanes of f16; variant as above. The wider formats are converted by the IR. */
void a64_helper_simd_from_fixed(struct cpu_header *header, union ir_value *v)
{
    unsigned lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v);
    bool is_signed = variant & 1;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        uint64_t x = is_signed ? (uint64_t)v[1].s16[lane] : v[1].u16[lane];
        result.u16[lane] = softfloat_from_int16(x, is_signed, (int)(variant >> 1), FLOAT_DYNAMIC, rules_of(header),
                                                cpu_float_status(header));
    }
    v[0] = result;
}

/* Parameter: fraction bits << 2 | to 64 bits << 1 | signed. */
uint64_t a64_helper_float_to_fixed(struct cpu_header *header, uint64_t x, uint64_t parameter, uint64_t unused_c,
                                   uint64_t unused_d)
{
    return to_fixed(header, 3, x, parameter & 1, parameter & 2 ? 64 : 32, (int)(parameter >> 2));
}
uint64_t a64_helper_half_to_fixed(struct cpu_header *header, uint64_t x, uint64_t parameter, uint64_t unused_c,
                                  uint64_t unused_d)
{
    return to_fixed(header, 1, x, parameter & 1, parameter & 2 ? 64 : 32, (int)(parameter >> 2));
}
/* x: extended to 64 bits as it is signed or not. */
uint64_t a64_helper_half_from_fixed(struct cpu_header *header, uint64_t x, uint64_t parameter, uint64_t unused_c,
                                    uint64_t unused_d)
{
    return softfloat_from_int16(x, parameter & 1, (int)(parameter >> 2), FLOAT_DYNAMIC, rules_of(header),
                                cpu_float_status(header));
}

/* ---- bfloat16 ---- */

/* Normal numbers rounded to nearest are an addition; the carry goes into the exponent. */
static uint16_t narrow_to_bfloat(struct cpu_header *header, uint32_t x)
{
    enum { INFINITE = 0x7f80 };
    struct float_status *status = cpu_float_status(header);
    uint32_t rounded = (x + 0x7fff + (x >> 16 & 1)) >> 16;
    bool is_normal = (x & 0x7f800000) != 0 && (x & 0x7f800000) != 0x7f800000 && (rounded & INFINITE) != INFINITE;
    if (!is_normal || status->rounding != FLOAT_NEAREST_EVEN) {
        return softfloat_bf16_from_32(x, rules_of(header), status);
    }
    status->exceptions |= x & 0xffff ? FLOAT_INEXACT : 0;
    return (uint16_t)rounded;
}
uint64_t a64_helper_bfcvt(struct cpu_header *header, uint64_t x, uint64_t unused_b, uint64_t unused_c,
                          uint64_t unused_d)
{
    return narrow_to_bfloat(header, (uint32_t)x);
}
/* Four f32 to the low half. */
void a64_helper_simd_bfcvtn(struct cpu_header *header, union ir_value *v)
{
    union ir_value result = {0};
    for (unsigned lane = 0; lane < 4; lane++) {
        result.u16[lane] = narrow_to_bfloat(header, v[1].u32[lane]);
    }
    v[0] = result;
}

/* ---- FPRoundIntN: what is not an integer of `bits` becomes the most negative one ---- */
static uint64_t round_to_size(struct cpu_header *header, unsigned size, uint64_t x, unsigned bits,
                              enum float_rounding mode)
{
    const struct float_rules *rules = rules_of(header);
    struct float_status *status = cpu_float_status(header);
    struct float_status trial = *status;
    uint64_t sign = size == 3 ? x >> 63 : x >> 31 & 1;
    trial.exceptions = 0;
    int64_t integer = (int64_t)(size == 3 ? softfloat_to_int64(x, true, bits, 0, mode, rules, &trial)
                                          : softfloat_to_int32((uint32_t)x, true, bits, 0, mode, rules, &trial));
    status->exceptions |= trial.exceptions;
    if (trial.exceptions & FLOAT_INVALID) {
        return size == 3 ? (uint64_t)(0xbfe + bits) << 52 : (uint64_t)(0x17e + bits) << 23;
    }
    if (integer == 0) {
        return sign << (size == 3 ? 63 : 31);
    }
    /* exact: the number had no more bits than the format */
    return size == 3 ? softfloat_from_int64((uint64_t)integer, true, 0, FLOAT_TOWARD_ZERO, rules, &trial)
                     : softfloat_from_int32((uint64_t)integer, true, 0, FLOAT_TOWARD_ZERO, rules, &trial);
}

/* Variant: 64 bits << 1 | toward zero. */
void a64_helper_simd_frint_size(struct cpu_header *header, union ir_value *v)
{
    unsigned lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v), size = simd_parameter_size(v);
    unsigned bits = variant & 2 ? 64 : 32;
    enum float_rounding mode = variant & 1 ? FLOAT_TOWARD_ZERO : FLOAT_DYNAMIC;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        if (size == 3) {
            result.u64[lane] = round_to_size(header, 3, v[1].u64[lane], bits, mode);
        } else {
            result.u32[lane] = (uint32_t)round_to_size(header, 2, v[1].u32[lane], bits, mode);
        }
    }
    v[0] = result;
}
