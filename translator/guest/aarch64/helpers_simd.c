/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer operations of Advanced SIMD that the IR has no operation for, written as the manual's pseudocode: each lane
 * is computed with unbounded integers (128 bits here), then saturated. */
#include "helpers_simd.h"

#include "aarch64_state.h"
#include "crypto.h"

#include <string.h>

typedef __int128 wide;

static wide lane_value(const union ir_value *v, unsigned size, unsigned lane, bool is_signed)
{
    switch (size) {
    case 0:
        return is_signed ? (wide)v->s8[lane] : (wide)v->u8[lane];
    case 1:
        return is_signed ? (wide)v->s16[lane] : (wide)v->u16[lane];
    case 2:
        return is_signed ? (wide)v->s32[lane] : (wide)v->u32[lane];
    default:
        return is_signed ? (wide)v->s64[lane] : (wide)v->u64[lane];
    }
}

static void set_lane(union ir_value *v, unsigned size, unsigned lane, wide value)
{
    memcpy(v->u8 + (lane << size), &value, (size_t)1 << size);
}

/* Saturates to a lane of `size` and notes it in FPSR.QC. */
static wide saturate(struct cpu_header *header, wide value, unsigned size, bool is_signed)
{
    unsigned bits = 8u << size;
    wide highest = ((wide)1 << (is_signed ? bits - 1 : bits)) - 1;
    wide lowest = is_signed ? -highest - 1 : 0;
    if (value >= lowest && value <= highest) {
        return value;
    }
    ((struct aarch64_state *)header)->QC.u64[0] |= 1;
    return value < lowest ? lowest : highest;
}

/* ---- shifts by a register: the signed low byte of each lane of m; to the right if negative ---- */
static wide shifted(wide value, int shift, bool round)
{
    if (shift > 63) { /* beyond every lane, whatever the value */
        return value == 0 ? 0 : value < 0 ? -((wide)1 << 100) : (wide)1 << 100;
    }
    if (shift >= 0) {
        return value * ((wide)1 << shift);
    }
    int right = -shift;
    if (round) {
        return right > 65 ? 0 : (value + ((wide)1 << (right - 1))) >> right;
    }
    return value >> (right > 126 ? 126 : right);
}

void a64_helper_simd_shift(struct cpu_header *header, union ir_value *v)
{
    unsigned size = simd_parameter_size(v), lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v);
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        int shift = (int8_t)lane_value(&v[2], size, lane, false);
        wide value = lane_value(&v[1], size, lane, variant & SIMD_SIGNED);
        set_lane(&result, size, lane, shifted(value, shift, variant & SIMD_ROUND));
    }
    v[0] = result;
}

void a64_helper_simd_shift_saturating(struct cpu_header *header, union ir_value *v)
{
    unsigned size = simd_parameter_size(v), lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v);
    bool is_signed = variant & SIMD_SIGNED;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        int shift = (int8_t)lane_value(&v[2], size, lane, false);
        wide value = shifted(lane_value(&v[1], size, lane, is_signed), shift, variant & SIMD_ROUND);
        value = saturate(header, value, size, is_signed && !(variant & SIMD_TO_UNSIGNED));
        set_lane(&result, size, lane, value);
    }
    v[0] = result;
}

/* SUQADD (signed) adds an unsigned n to a signed d, USQADD a signed n to an unsigned d. */
void a64_helper_simd_add_mixed(struct cpu_header *header, union ir_value *v)
{
    unsigned size = simd_parameter_size(v), lanes = simd_parameter_lanes(v);
    bool is_signed = simd_parameter_variant(v) & SIMD_SIGNED;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        wide sum = lane_value(&v[1], size, lane, !is_signed) + lane_value(&v[2], size, lane, is_signed);
        set_lane(&result, size, lane, saturate(header, sum, size, is_signed));
    }
    v[0] = result;
}

/* ---- products ---- */
/* SQRDMLAH, SQRDMLSH */
void a64_helper_simd_multiply_high_add(struct cpu_header *header, union ir_value *v)
{
    unsigned size = simd_parameter_size(v), lanes = simd_parameter_lanes(v), variant = simd_parameter_variant(v);
    unsigned bits = 8u << size;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        wide product = 2 * lane_value(&v[1], size, lane, true) * lane_value(&v[2], size, lane, true);
        wide sum = (lane_value(&v[3], size, lane, true) << bits) + ((wide)1 << (bits - 1));
        sum += variant & SIMD_SUBTRACT ? -product : product;
        set_lane(&result, size, lane, saturate(header, sum >> bits, size, true));
    }
    v[0] = result;
}

void a64_helper_simd_polynomial_product(struct cpu_header *header, union ir_value *v)
{
    unsigned lanes = simd_parameter_lanes(v);
    union ir_value result = {0};
    for (unsigned lane = 0; lane < lanes; lane++) {
        result.u8[lane] = (uint8_t)carryless_product_8(v[1].u8[lane], v[2].u8[lane]);
    }
    v[0] = result;
}

void a64_helper_simd_polynomial_product_long(struct cpu_header *header, union ir_value *v)
{
    unsigned first = simd_parameter_variant(v) & SIMD_HIGH ? 8 : 0;
    union ir_value result = {0};
    for (unsigned lane = 0; lane < 8; lane++) {
        result.u16[lane] = carryless_product_8(v[1].u8[first + lane], v[2].u8[first + lane]);
    }
    v[0] = result;
}

/* ---- SHA: d, n, m in v[0..2] ---- */
static void sha1_step(union ir_value *v, enum sha1_function function)
{
    sha1_rounds(v[0].u32, v[1].u32[0], v[2].u32, function);
}
void a64_helper_sha1c(struct cpu_header *header, union ir_value *v)
{
    sha1_step(v, SHA1_CHOOSE);
}
void a64_helper_sha1p(struct cpu_header *header, union ir_value *v)
{
    sha1_step(v, SHA1_PARITY);
}
void a64_helper_sha1m(struct cpu_header *header, union ir_value *v)
{
    sha1_step(v, SHA1_MAJORITY);
}
void a64_helper_sha1su1(struct cpu_header *header, union ir_value *v)
{
    sha1_schedule(v[0].u32, v[1].u32);
}
void a64_helper_sha256h(struct cpu_header *header, union ir_value *v)
{
    union ir_value lower = v[1];
    sha256_rounds(v[0].u32, lower.u32, v[2].u32);
}
void a64_helper_sha256h2(struct cpu_header *header, union ir_value *v)
{
    union ir_value upper = v[1];
    sha256_rounds(upper.u32, v[0].u32, v[2].u32);
}
void a64_helper_sha256su0(struct cpu_header *header, union ir_value *v)
{
    sha256_schedule_0(v[0].u32, v[1].u32);
}
void a64_helper_sha256su1(struct cpu_header *header, union ir_value *v)
{
    sha256_schedule_1(v[0].u32, v[1].u32, v[2].u32);
}
