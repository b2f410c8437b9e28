/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversions of later extensions: FEAT_JSCVT, FEAT_FRINTTS, BFCVT. */
#include "helpers_simd.h"
#include "simd.h"

/* FPToFixedJS: truncated modulo 2^32; Z if the number was an integer of 32 bits and not -0. The saturating conversion
   raises the same exceptions, and its result converted back shows whether it was exact. */
bool a64_lift_fjcvtzs(struct lifter *l, const struct a64_args_fgeneral *a)
{
    enum { FRACTION = 52, BIAS = 1023 };
    struct ir_builder *b = l->ir;
    ir_ref number = simd_read_element(l, a->rn, IR_F64), bits = ir_bits(b, IR_I64, number);
    ir_ref saturated = ir_fto_int(b, IR_I32, number, FLOAT_TOWARD_ZERO | IR_ROUND_SIGNED);
    ir_ref back = ir_bits(b, IR_I64, ir_ffrom_int(b, IR_F64, saturated, FLOAT_DYNAMIC | IR_ROUND_SIGNED));

    /* The significand counts in units of 2^(exponent - FRACTION). NaNs and infinities are far beyond 2^84. */
    ir_ref fraction = ir_field_u(b, bits, ir_field(0, FRACTION));
    ir_ref significand = ir_or(b, fraction, ir_i64(b, UINT64_C(1) << FRACTION));
    ir_ref left = ir_sub(b, ir_field_u(b, bits, ir_field(FRACTION, 11)), ir_i64(b, BIAS + FRACTION));
    ir_ref right = ir_neg(b, left), zero = ir_i64(b, 0);
    ir_ref large = ir_select(b, ir_cmp(b, IR_LTU, left, ir_i64(b, 32)), ir_shl(b, significand, left), zero);
    ir_ref small = ir_select(b, ir_cmp(b, IR_LTU, right, ir_i64(b, 64)), ir_shr(b, significand, right), zero);
    ir_ref magnitude = ir_narrow(b, IR_I32, ir_select(b, ir_cmp(b, IR_LTS, left, zero), small, large));
    ir_ref negative = ir_cmp(b, IR_LTS, bits, zero);
    lift_write(l, a->rd, ir_select(b, negative, ir_neg(b, magnitude), magnitude));

    ir_ref exact = ir_cmp(b, IR_EQ, back, bits);
    lift_write_flags(l, ir_flags_from_bits(b, ir_select(b, exact, ir_i32(b, IR_BIT_Z), ir_i32(b, 0))));
    return true;
}

bool a64_lift_bfcvt(struct lifter *l, const struct a64_args_f2 *a)
{
    ir_ref number = simd_read_element(l, a->rn, IR_I32);
    simd_write_element(l, a->rd, ir_call(l->ir, A64_HELPER_bfcvt, &number, 1));
    return true;
}

/* ---- to integral numbers that an integer of 32 or 64 bits holds ---- */
enum { TOWARD_ZERO = 1, TO_64_BITS = 2 };

static bool round_to_size(struct lifter *l, unsigned rd, unsigned rn, struct simd_operands *o, unsigned variant)
{
    o->n = simd_low_bytes(l, simd_read(l, rn), o->bytes);
    o->m = o->d = IR_NO_REF;
    simd_write(l, rd, simd_call(l, A64_HELPER_simd_frint_size, o, variant), o->bytes);
    return true;
}
static bool round_scalar(struct lifter *l, const struct a64_args_f2 *a, unsigned variant)
{
    struct simd_operands o = {.size = (unsigned)a->size, .bytes = 1u << a->size};
    return round_to_size(l, (unsigned)a->rd, (unsigned)a->rn, &o, variant);
}
static bool round_vector(struct lifter *l, const struct a64_args_v2 *a, unsigned variant)
{
    struct simd_operands o = {.size = (unsigned)a->size, .bytes = simd_bytes(a->q)};
    return round_to_size(l, (unsigned)a->rd, (unsigned)a->rn, &o, variant);
}
A64_LIFT(frint32z_float, f2, round_scalar, TOWARD_ZERO)
A64_LIFT(frint32x_float, f2, round_scalar, 0)
A64_LIFT(frint64z_float, f2, round_scalar, TO_64_BITS | TOWARD_ZERO)
A64_LIFT(frint64x_float, f2, round_scalar, TO_64_BITS)
A64_LIFT(frint32z_vector, v2, round_vector, TOWARD_ZERO)
A64_LIFT(frint32x_vector, v2, round_vector, 0)
A64_LIFT(frint64z_vector, v2, round_vector, TO_64_BITS | TOWARD_ZERO)
A64_LIFT(frint64x_vector, v2, round_vector, TO_64_BITS)
