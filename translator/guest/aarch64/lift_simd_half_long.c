/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Products of narrow floats added to f32: FEAT_FHM (f16) and FEAT_BF16; and BFCVTN. */
#include "helpers_simd.h"
#include "simd.h"

/* ---- f16: FMLAL and its kin ---- */

/* The four low f16 as f32. A conversion quiets signaling NaNs, which must still take precedence over the addend. */
static ir_ref widen_halves(struct lifter *l, ir_ref x)
{
    ir_ref wide = ir_v_fhalf_to(l->ir, x);
    if (l->mode & AARCH64_MODE_DN) {
        return wide;
    }
    ir_ref bits = ir_v_and(l->ir, ir_v_widen_lo_u(l->ir, x, 1), simd_splat_constant(l, 2, 0x7fff));
    ir_ref above_infinity = ir_v_sub(l->ir, bits, simd_splat_constant(l, 2, 0x7c01), 2);
    ir_ref signaling = ir_v_cmp_gt_u(l->ir, simd_splat_constant(l, 2, 0x1ff), above_infinity, 2);
    return ir_v_andn(l->ir, wide, ir_v_and(l->ir, signaling, simd_splat_constant(l, 2, 0x400000)));
}

/* o: n and m of f16, already the part that counts; products of f16 are exact in f32. */
static bool add_products(struct lifter *l, unsigned rd, struct simd_operands *o, bool subtract)
{
    o->n = simd_low_bytes(l, o->n, o->bytes / 2);
    o->m = simd_low_bytes(l, o->m, o->bytes / 2);
    o->d = simd_low_bytes(l, simd_read(l, rd), o->bytes);
    o->n = subtract ? ir_v_fneg(l->ir, o->n, 1) : o->n;
    ir_ref result;
    if (l->mode & (AARCH64_MODE_AHP | AARCH64_MODE_FZ16)) { /* not what conversions do */
        result = simd_call(l, A64_HELPER_simd_half_fused, o, 0);
    } else {
        result = ir_v_fma(l->ir, widen_halves(l, o->n), widen_halves(l, o->m), o->d, 2);
    }
    simd_write(l, rd, result, o->bytes);
    return true;
}

static ir_ref part_of(struct lifter *l, ir_ref x, unsigned bytes, bool upper)
{
    if (!upper) {
        return x;
    }
    return bytes == 16 ? simd_high_half(l, x) : ir_v_shr(l->ir, x, ir_lane_index(3, 32));
}

static bool half_vector(struct lifter *l, const struct a64_args_v3 *a, bool upper, bool subtract)
{
    struct simd_operands o = {.size = 2, .bytes = simd_bytes(a->q)};
    o.n = part_of(l, simd_read(l, a->rn), o.bytes, upper);
    o.m = part_of(l, simd_read(l, a->rm), o.bytes, upper);
    return add_products(l, a->rd, &o, subtract);
}
static bool half_element(struct lifter *l, const struct a64_args_velement *a, bool upper, bool subtract)
{
    struct simd_operands o = {.size = 2, .bytes = simd_bytes(a->q)};
    o.n = part_of(l, simd_read(l, a->rn), o.bytes, upper);
    o.m = simd_duplicate(l, simd_read(l, a->rm), 1, a->index);
    return add_products(l, a->rd, &o, subtract);
}
A64_LIFT(fmlal_vector, v3, half_vector, false, false)
A64_LIFT(fmlal2_vector, v3, half_vector, true, false)
A64_LIFT(fmlsl_vector, v3, half_vector, false, true)
A64_LIFT(fmlsl2_vector, v3, half_vector, true, true)
A64_LIFT(fmlal_element, velement, half_element, false, false)
A64_LIFT(fmlal2_element, velement, half_element, true, false)
A64_LIFT(fmlsl_element, velement, half_element, false, true)
A64_LIFT(fmlsl2_element, velement, half_element, true, true)

/* ---- bfloat16: the upper half of an f32 ---- */
static ir_ref bfloat_lanes(struct lifter *l, ir_ref x, bool odd)
{
    return odd ? ir_v_and(l->ir, x, simd_splat_constant(l, 2, 0xffff0000)) : ir_v_shl(l->ir, x, ir_lane_index(2, 16));
}
/* BFMLALB, BFMLALT: Q says which lanes; the rules are those of FMLA. */
static bool multiply_add_bfloat(struct lifter *l, unsigned rd, ir_ref n, ir_ref m, bool odd)
{
    ir_ref sum = ir_v_fma(l->ir, bfloat_lanes(l, n, odd), bfloat_lanes(l, m, odd), simd_read(l, rd), 2);
    simd_write(l, rd, sum, 16);
    return true;
}
bool a64_lift_bfmlal_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return multiply_add_bfloat(l, a->rd, simd_read(l, a->rn), simd_read(l, a->rm), a->q);
}
bool a64_lift_bfmlal_element(struct lifter *l, const struct a64_args_velement *a)
{
    ir_ref m = simd_duplicate(l, simd_read(l, a->rm), 1, a->index);
    return multiply_add_bfloat(l, a->rd, simd_read(l, a->rn), m, a->q);
}

static bool dot_product(struct lifter *l, unsigned rd, unsigned rn, ir_ref m, unsigned bytes)
{
    struct simd_operands o = {.size = 2, .bytes = bytes, .n = simd_read(l, rn), .m = m, .d = simd_read(l, rd)};
    simd_write(l, rd, simd_call(l, A64_HELPER_simd_bfdot, &o, 0), bytes);
    return true;
}
bool a64_lift_bfdot_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return dot_product(l, a->rd, a->rn, simd_read(l, a->rm), simd_bytes(a->q));
}
bool a64_lift_bfdot_element(struct lifter *l, const struct a64_args_velement *a)
{
    return dot_product(l, a->rd, a->rn, simd_duplicate(l, simd_read(l, a->rm), 2, a->index), simd_bytes(a->q));
}
bool a64_lift_bfmmla(struct lifter *l, const struct a64_args_v3 *a)
{
    struct simd_operands o = {.size = 2, .bytes = 16};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    o.d = simd_read(l, a->rd);
    simd_write(l, a->rd, simd_call(l, A64_HELPER_simd_bfmmla, &o, 0), 16);
    return true;
}
bool a64_lift_bfcvtn(struct lifter *l, const struct a64_args_v2 *a)
{
    struct simd_operands o = {.size = 2, .bytes = 16, .n = simd_read(l, a->rn), .m = IR_NO_REF, .d = IR_NO_REF};
    simd_write_half(l, a->rd, simd_call(l, A64_HELPER_simd_bfcvtn, &o, 0), a->q);
    return true;
}
