/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Advanced SIMD shift by immediate" and its scalar class. immh:immb is esize + shift for left shifts and
 * 2 * esize - shift for right shifts; the highest bit of immh says esize (of the narrow side where widths differ). */
#include "helpers_simd.h"
#include "simd.h"

static unsigned lane_size(unsigned immh)
{
    return 31 - (unsigned)__builtin_clz(immh);
}
static unsigned left_shift(unsigned immh, unsigned immb)
{
    return (immh << 3 | immb) - (8u << lane_size(immh));
}
static unsigned right_shift(unsigned immh, unsigned immb)
{
    return (16u << lane_size(immh)) - (immh << 3 | immb);
}
static uint16_t lane_shift(const struct simd_operands *o)
{
    return ir_lane_index(o->size, o->shift);
}

/* ---- same width ---- */
static ir_ref sshr(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sar(l->ir, o->n, lane_shift(o));
}
static ir_ref ushr(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_shr(l->ir, o->n, lane_shift(o));
}
/* The bit shifted out last, to be added: rounds to nearest, halves up, without a carry out of the lane. */
static ir_ref rounding_bit(struct lifter *l, const struct simd_operands *o)
{
    ir_ref last = ir_v_shr(l->ir, o->n, ir_lane_index(o->size, o->shift - 1));
    return ir_v_and(l->ir, last, simd_splat_constant(l, o->size, 1));
}
static ir_ref srshr(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, sshr(l, o), rounding_bit(l, o), (uint16_t)o->size);
}
static ir_ref urshr(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, ushr(l, o), rounding_bit(l, o), (uint16_t)o->size);
}
#define ADD_TO_DESTINATION(name, shift_operation)                                                                      \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return ir_v_add(l->ir, o->d, shift_operation(l, o), (uint16_t)o->size);                                        \
    }
ADD_TO_DESTINATION(ssra, sshr)
ADD_TO_DESTINATION(usra, ushr)
ADD_TO_DESTINATION(srsra, srshr)
ADD_TO_DESTINATION(ursra, urshr)

static ir_ref shl(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_shl(l->ir, o->n, lane_shift(o));
}
static ir_ref sli(struct lifter *l, const struct simd_operands *o)
{
    uint64_t ones = UINT64_MAX >> (64 - (8u << o->size));
    ir_ref inserted = simd_splat_constant(l, o->size, ones << o->shift & ones);
    return ir_v_or(l->ir, ir_v_andn(l->ir, o->d, inserted), shl(l, o));
}
static ir_ref sri(struct lifter *l, const struct simd_operands *o)
{
    uint64_t ones = UINT64_MAX >> (64 - (8u << o->size));
    ir_ref inserted = simd_splat_constant(l, o->size, o->shift == 64 ? 0 : ones >> o->shift);
    return ir_v_or(l->ir, ir_v_andn(l->ir, o->d, inserted), ushr(l, o));
}

/* Saturating left shifts are those by a register with a constant in every lane. */
static ir_ref saturating_shl(struct lifter *l, const struct simd_operands *o, unsigned variant)
{
    struct simd_operands by_register = *o;
    by_register.m = simd_splat_constant(l, o->size, o->shift);
    return simd_call(l, A64_HELPER_simd_shift_saturating, &by_register, variant);
}
static ir_ref sqshl(struct lifter *l, const struct simd_operands *o)
{
    return saturating_shl(l, o, SIMD_SIGNED);
}
static ir_ref uqshl(struct lifter *l, const struct simd_operands *o)
{
    return saturating_shl(l, o, 0);
}
static ir_ref sqshlu(struct lifter *l, const struct simd_operands *o)
{
    return saturating_shl(l, o, SIMD_SIGNED | SIMD_TO_UNSIGNED);
}

static bool vector_shift(struct lifter *l, const struct a64_args_vshift *a, simd_operation *operation, bool left,
                         bool accumulate)
{
    struct simd_operands o = {.size = lane_size(a->immh), .bytes = simd_bytes(a->q), .m = IR_NO_REF};
    o.shift = left ? left_shift(a->immh, a->immb) : right_shift(a->immh, a->immb);
    o.n = simd_read(l, a->rn);
    o.d = accumulate ? simd_read(l, a->rd) : IR_NO_REF;
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool scalar_shift(struct lifter *l, const struct a64_args_sshift *a, simd_operation *operation, bool left,
                         bool accumulate)
{
    struct simd_operands o = {.size = lane_size(a->immh), .bytes = 1u << lane_size(a->immh), .m = IR_NO_REF};
    o.shift = left ? left_shift(a->immh, a->immb) : right_shift(a->immh, a->immb);
    o.n = simd_read(l, a->rn);
    o.d = accumulate ? simd_read(l, a->rd) : IR_NO_REF;
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

/* A row's vector and scalar forms. */
#define SHIFTS(name, operation, left, accumulate)                                                                      \
    bool a64_lift_##name##_vector(struct lifter *l, const struct a64_args_vshift *a)                                   \
    {                                                                                                                  \
        return vector_shift(l, a, operation, left, accumulate);                                                        \
    }                                                                                                                  \
    bool a64_lift_##name##_scalar(struct lifter *l, const struct a64_args_sshift *a)                                   \
    {                                                                                                                  \
        return scalar_shift(l, a, operation, left, accumulate);                                                        \
    }
SHIFTS(sshr, sshr, false, false)
SHIFTS(ssra, ssra, false, true)
SHIFTS(srshr, srshr, false, false)
SHIFTS(srsra, srsra, false, true)
SHIFTS(shl, shl, true, false)
SHIFTS(sqshl_immediate, sqshl, true, false)
SHIFTS(ushr, ushr, false, false)
SHIFTS(usra, usra, false, true)
SHIFTS(urshr, urshr, false, false)
SHIFTS(ursra, ursra, false, true)
SHIFTS(sri, sri, false, true)
SHIFTS(sli, sli, true, true)
SHIFTS(sqshlu, sqshlu, true, false)
SHIFTS(uqshl_immediate, uqshl, true, false)

/* ---- narrowing: the shift works on lanes of twice the width ---- */
static ir_ref shrn(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_narrow(l->ir, o->n, o->n, (uint16_t)o->size);
}
static ir_ref saturating_narrow(struct lifter *l, const struct simd_operands *o, enum ir_op op, bool is_signed)
{
    ir_ref result = ir_emit(l->ir, op, IR_V128, (uint16_t)o->size, o->n, o->n, 0);
    simd_note_saturation(l, simd_widen(l, result, o->size - 1, is_signed, false), o->n, o->bytes);
    return result;
}
static ir_ref sqshrn(struct lifter *l, const struct simd_operands *o)
{
    return saturating_narrow(l, o, IR_OP_v_narrow_sat_s, true);
}
static ir_ref sqshrun(struct lifter *l, const struct simd_operands *o)
{
    return saturating_narrow(l, o, IR_OP_v_narrow_sat_su, false);
}
static ir_ref uqshrn(struct lifter *l, const struct simd_operands *o)
{
    return saturating_narrow(l, o, IR_OP_v_narrow_sat_u, false);
}

/* Shifts n right, then narrows. o->size and o->bytes are those of the wide lanes. */
static ir_ref shift_and_narrow(struct lifter *l, struct simd_operands *o, simd_operation *shift, simd_operation *narrow)
{
    o->n = shift(l, o);
    return narrow(l, o);
}
static bool vector_narrow(struct lifter *l, const struct a64_args_vshift *a, simd_operation *shift,
                          simd_operation *narrow)
{
    struct simd_operands o = {.size = lane_size(a->immh) + 1, .bytes = 16, .d = IR_NO_REF, .m = IR_NO_REF};
    o.shift = right_shift(a->immh, a->immb);
    o.n = simd_read(l, a->rn);
    simd_write_half(l, a->rd, shift_and_narrow(l, &o, shift, narrow), a->q);
    return true;
}
static bool scalar_narrow(struct lifter *l, const struct a64_args_sshift *a, simd_operation *shift,
                          simd_operation *narrow)
{
    unsigned size = lane_size(a->immh) + 1;
    struct simd_operands o = {.size = size, .bytes = 1u << size, .d = IR_NO_REF, .m = IR_NO_REF};
    o.shift = right_shift(a->immh, a->immb);
    o.n = simd_read(l, a->rn);
    simd_write(l, a->rd, shift_and_narrow(l, &o, shift, narrow), o.bytes / 2);
    return true;
}
#define NARROW(name, shift, narrow)                                                                                    \
    bool a64_lift_##name##_vector(struct lifter *l, const struct a64_args_vshift *a)                                   \
    {                                                                                                                  \
        return vector_narrow(l, a, shift, narrow);                                                                     \
    }                                                                                                                  \
    bool a64_lift_##name##_scalar(struct lifter *l, const struct a64_args_sshift *a)                                   \
    {                                                                                                                  \
        return scalar_narrow(l, a, shift, narrow);                                                                     \
    }
NARROW(sqshrn, sshr, sqshrn)
NARROW(sqrshrn, srshr, sqshrn)
NARROW(sqshrun, sshr, sqshrun)
NARROW(sqrshrun, srshr, sqshrun)
NARROW(uqshrn, ushr, uqshrn)
NARROW(uqrshrn, urshr, uqshrn)
bool a64_lift_shrn(struct lifter *l, const struct a64_args_vshift *a)
{
    return vector_narrow(l, a, ushr, shrn);
}
bool a64_lift_rshrn(struct lifter *l, const struct a64_args_vshift *a)
{
    return vector_narrow(l, a, urshr, shrn);
}

/* ---- widening ---- */
static bool shift_long(struct lifter *l, const struct a64_args_vshift *a, bool is_signed)
{
    unsigned size = lane_size(a->immh), shift = left_shift(a->immh, a->immb);
    ir_ref wide = simd_widen(l, simd_read(l, a->rn), size, is_signed, a->q);
    simd_write(l, a->rd, shift ? ir_v_shl(l->ir, wide, ir_lane_index(size + 1, shift)) : wide, 16);
    return true;
}
bool a64_lift_sshll(struct lifter *l, const struct a64_args_vshift *a)
{
    return shift_long(l, a, true);
}
bool a64_lift_ushll(struct lifter *l, const struct a64_args_vshift *a)
{
    return shift_long(l, a, false);
}

/* ---- conversions between floating point and fixed point ---- */
static bool to_fixed(struct lifter *l, unsigned rd, unsigned rn, struct simd_operands *o, bool is_signed)
{
    o->n = simd_low_bytes(l, simd_read(l, rn), o->bytes);
    o->d = o->m = IR_NO_REF;
    simd_write(l, rd, simd_call(l, A64_HELPER_simd_to_fixed, o, o->shift << 1 | is_signed), o->bytes);
    return true;
}
/* The product with a power of two is exact: one rounding, in the conversion. */
static bool from_fixed(struct lifter *l, unsigned rd, unsigned rn, struct simd_operands *o, bool is_signed)
{
    ir_ref n = simd_low_bytes(l, simd_read(l, rn), o->bytes);
    if (o->size == 1) { /* the product may be subnormal */
        o->n = n;
        o->d = o->m = IR_NO_REF;
        simd_write(l, rd, simd_call(l, A64_HELPER_simd_from_fixed, o, o->shift << 1 | is_signed), o->bytes);
        return true;
    }
    ir_ref value = ir_v_ffrom_int(l->ir, n, (uint16_t)(7 | (is_signed ? IR_ROUND_SIGNED : 0) | o->size << 8));
    uint64_t factor = o->size == 2 ? (uint64_t)(127 - o->shift) << 23 : (uint64_t)(1023 - o->shift) << 52;
    simd_write(l, rd, ir_v_fmul(l->ir, value, simd_splat_constant(l, o->size, factor), (uint16_t)o->size), o->bytes);
    return true;
}
static struct simd_operands fixed_operands(unsigned immh, unsigned immb)
{
    return (struct simd_operands){.size = lane_size(immh), .shift = right_shift(immh, immb)};
}
#define FIXED(name, operation, is_signed)                                                                              \
    bool a64_lift_##name##_vector(struct lifter *l, const struct a64_args_vshift *a)                                   \
    {                                                                                                                  \
        struct simd_operands o = fixed_operands(a->immh, a->immb);                                                     \
        o.bytes = simd_bytes(a->q);                                                                                    \
        return operation(l, a->rd, a->rn, &o, is_signed);                                                              \
    }                                                                                                                  \
    bool a64_lift_##name##_scalar(struct lifter *l, const struct a64_args_sshift *a)                                   \
    {                                                                                                                  \
        struct simd_operands o = fixed_operands(a->immh, a->immb);                                                     \
        o.bytes = 1u << o.size;                                                                                        \
        return operation(l, a->rd, a->rn, &o, is_signed);                                                              \
    }
FIXED(scvtf_fixed, from_fixed, true)
FIXED(ucvtf_fixed, from_fixed, false)
FIXED(fcvtzs_fixed, to_fixed, true)
FIXED(fcvtzu_fixed, to_fixed, false)
