/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Advanced SIMD three same" and "Advanced SIMD scalar three same": integers. */
#include "helpers_simd.h"
#include "simd.h"

static bool vector_same(struct lifter *l, const struct a64_args_v3 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

/* The same, adding to the destination. */
static bool vector_same_accumulate(struct lifter *l, const struct a64_args_v3 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q)};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    o.d = simd_read(l, a->rd);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

static bool scalar_same(struct lifter *l, const struct a64_args_s3 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

static bool scalar_same_accumulate(struct lifter *l, const struct a64_args_s3 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    o.d = simd_read(l, a->rd);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

/* An operation that is one of the IR's. */
#define LANES(name, op)                                                                                                \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return ir_emit(l->ir, IR_OP_##op, IR_V128, (uint16_t)o->size, o->n, o->m, 0);                                  \
    }
LANES(add, v_add)
LANES(sub, v_sub)
LANES(urhadd, v_avg_u)
LANES(smax, v_max_s)
LANES(umax, v_max_u)
LANES(smin, v_min_s)
LANES(umin, v_min_u)
LANES(cmeq, v_cmp_eq)
LANES(cmgt, v_cmp_gt_s)
LANES(cmge, v_cmp_ge_s)
LANES(cmhi, v_cmp_gt_u)
LANES(cmhs, v_cmp_ge_u)
LANES(sshl, v_shift_s)
LANES(ushl, v_shift_u)

/* Saturating: the IR's saturating operation, compared with the wrapping one. */
#define SATURATING(name, op, wrapping)                                                                                 \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        ir_ref result = ir_emit(l->ir, IR_OP_##op, IR_V128, (uint16_t)o->size, o->n, o->m, 0);                         \
        simd_note_saturation(l, result, wrapping(l, o), o->bytes);                                                     \
        return result;                                                                                                 \
    }
SATURATING(sqadd, v_add_sat_s, add)
SATURATING(uqadd, v_add_sat_u, add)
SATURATING(sqsub, v_sub_sat_s, sub)
SATURATING(uqsub, v_sub_sat_u, sub)

/* Shifts by a register that round or saturate. */
#define SHIFT(name, variant)                                                                                           \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return simd_call(l, A64_HELPER_simd_shift, o, variant);                                                        \
    }
SHIFT(srshl, SIMD_SIGNED | SIMD_ROUND)
SHIFT(urshl, SIMD_ROUND)

#define SHIFT_SATURATING(name, variant)                                                                                \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return simd_call(l, A64_HELPER_simd_shift_saturating, o, variant);                                             \
    }
SHIFT_SATURATING(sqshl, SIMD_SIGNED)
SHIFT_SATURATING(uqshl, 0)
SHIFT_SATURATING(sqrshl, SIMD_SIGNED | SIMD_ROUND)
SHIFT_SATURATING(uqrshl, SIMD_ROUND)

/* Halving without a wider type: a + b = 2(a & b) + (a ^ b) = 2(a | b) - (a ^ b), a - b = (a ^ b) - 2(~a & b). */
static ir_ref half_difference_bits(struct lifter *l, const struct simd_operands *o, bool is_signed)
{
    ir_ref bits = ir_v_xor(l->ir, o->n, o->m);
    uint16_t by_one = ir_lane_index(o->size, 1);
    return is_signed ? ir_v_sar(l->ir, bits, by_one) : ir_v_shr(l->ir, bits, by_one);
}
static ir_ref shadd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, ir_v_and(l->ir, o->n, o->m), half_difference_bits(l, o, true), (uint16_t)o->size);
}
static ir_ref uhadd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, ir_v_and(l->ir, o->n, o->m), half_difference_bits(l, o, false), (uint16_t)o->size);
}
static ir_ref srhadd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, ir_v_or(l->ir, o->n, o->m), half_difference_bits(l, o, true), (uint16_t)o->size);
}
static ir_ref shsub(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, half_difference_bits(l, o, true), ir_v_andn(l->ir, o->m, o->n), (uint16_t)o->size);
}
static ir_ref uhsub(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, half_difference_bits(l, o, false), ir_v_andn(l->ir, o->m, o->n), (uint16_t)o->size);
}

static ir_ref sabd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, smax(l, o), smin(l, o), (uint16_t)o->size);
}
static ir_ref uabd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, umax(l, o), umin(l, o), (uint16_t)o->size);
}
static ir_ref saba(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, sabd(l, o), (uint16_t)o->size);
}
static ir_ref uaba(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, uabd(l, o), (uint16_t)o->size);
}

static ir_ref cmtst(struct lifter *l, const struct simd_operands *o)
{
    ir_ref common = ir_v_and(l->ir, o->n, o->m);
    return ir_v_not(l->ir, ir_v_cmp_eq(l->ir, common, simd_zero(l), (uint16_t)o->size));
}

static ir_ref pmul(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_polynomial_product, o, 0);
}

/* Pairwise: an operation between the even and the odd lanes of m:n. */
static ir_ref pairwise(struct lifter *l, const struct simd_operands *o, simd_operation *operation)
{
    struct simd_operands pairs = *o;
    pairs.n = simd_every_other(l, o, 0);
    pairs.m = simd_every_other(l, o, 1);
    return operation(l, &pairs);
}
static ir_ref addp(struct lifter *l, const struct simd_operands *o)
{
    if (o->bytes == 16) {
        return ir_v_add_pairs(l->ir, o->n, o->m, (uint16_t)o->size);
    }
    ir_ref joined = simd_join_low(l, o->n, o->m);
    return ir_v_add_pairs(l->ir, joined, joined, (uint16_t)o->size);
}
static ir_ref smaxp(struct lifter *l, const struct simd_operands *o)
{
    return pairwise(l, o, smax);
}
static ir_ref sminp(struct lifter *l, const struct simd_operands *o)
{
    return pairwise(l, o, smin);
}
static ir_ref umaxp(struct lifter *l, const struct simd_operands *o)
{
    return pairwise(l, o, umax);
}
static ir_ref uminp(struct lifter *l, const struct simd_operands *o)
{
    return pairwise(l, o, umin);
}

#define VECTOR(name, operation)                                                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v3 *a)                                                \
    {                                                                                                                  \
        return vector_same(l, a, operation);                                                                           \
    }
#define VECTOR_ACCUMULATE(name, operation)                                                                             \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v3 *a)                                                \
    {                                                                                                                  \
        return vector_same_accumulate(l, a, operation);                                                                \
    }
#define SCALAR(name, operation)                                                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_s3 *a)                                                \
    {                                                                                                                  \
        return scalar_same(l, a, operation);                                                                           \
    }
#define SCALAR_ACCUMULATE(name, operation)                                                                             \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_s3 *a)                                                \
    {                                                                                                                  \
        return scalar_same_accumulate(l, a, operation);                                                                \
    }

VECTOR(shadd, shadd)
VECTOR(sqadd_vector, sqadd)
VECTOR(srhadd, srhadd)
VECTOR(shsub, shsub)
VECTOR(sqsub_vector, sqsub)
VECTOR(cmgt_vector, cmgt)
VECTOR(cmge_vector, cmge)
VECTOR(sshl_vector, sshl)
VECTOR(sqshl_vector, sqshl)
VECTOR(srshl_vector, srshl)
VECTOR(sqrshl_vector, sqrshl)
VECTOR(smax_vector, smax)
VECTOR(smin_vector, smin)
VECTOR(sabd, sabd)
VECTOR_ACCUMULATE(saba, saba)
VECTOR(add_vector, add)
VECTOR(cmtst_vector, cmtst)
VECTOR_ACCUMULATE(mla_vector, simd_mla)
VECTOR(mul_vector, simd_mul)
VECTOR(smaxp, smaxp)
VECTOR(sminp, sminp)
VECTOR(sqdmulh_vector, simd_sqdmulh)
VECTOR(addp_vector, addp)
VECTOR(uhadd, uhadd)
VECTOR(uqadd_vector, uqadd)
VECTOR(urhadd, urhadd)
VECTOR(uhsub, uhsub)
VECTOR(uqsub_vector, uqsub)
VECTOR(cmhi_vector, cmhi)
VECTOR(cmhs_vector, cmhs)
VECTOR(ushl_vector, ushl)
VECTOR(uqshl_vector, uqshl)
VECTOR(urshl_vector, urshl)
VECTOR(uqrshl_vector, uqrshl)
VECTOR(umax_vector, umax)
VECTOR(umin_vector, umin)
VECTOR(uabd, uabd)
VECTOR_ACCUMULATE(uaba, uaba)
VECTOR(sub_vector, sub)
VECTOR(cmeq_vector, cmeq)
VECTOR_ACCUMULATE(mls_vector, simd_mls)
VECTOR(pmul, pmul)
VECTOR(umaxp, umaxp)
VECTOR(uminp, uminp)
VECTOR(sqrdmulh_vector, simd_sqrdmulh)
/* Advanced SIMD three-register extension */
VECTOR_ACCUMULATE(sqrdmlah_vector, simd_sqrdmlah)
VECTOR_ACCUMULATE(sqrdmlsh_vector, simd_sqrdmlsh)

SCALAR(sqadd_scalar, sqadd)
SCALAR(sqsub_scalar, sqsub)
SCALAR(cmgt_scalar, cmgt)
SCALAR(cmge_scalar, cmge)
SCALAR(sshl_scalar, sshl)
SCALAR(sqshl_scalar, sqshl)
SCALAR(srshl_scalar, srshl)
SCALAR(sqrshl_scalar, sqrshl)
SCALAR(add_scalar, add)
SCALAR(cmtst_scalar, cmtst)
SCALAR(sqdmulh_scalar, simd_sqdmulh)
SCALAR(uqadd_scalar, uqadd)
SCALAR(uqsub_scalar, uqsub)
SCALAR(cmhi_scalar, cmhi)
SCALAR(cmhs_scalar, cmhs)
SCALAR(ushl_scalar, ushl)
SCALAR(uqshl_scalar, uqshl)
SCALAR(urshl_scalar, urshl)
SCALAR(uqrshl_scalar, uqrshl)
SCALAR(sub_scalar, sub)
SCALAR(cmeq_scalar, cmeq)
SCALAR(sqrdmulh_scalar, simd_sqrdmulh)
/* Advanced SIMD scalar three same extra */
SCALAR_ACCUMULATE(sqrdmlah_scalar, simd_sqrdmlah)
SCALAR_ACCUMULATE(sqrdmlsh_scalar, simd_sqrdmlsh)

/* ---- logical ---- */
static bool logical(struct lifter *l, const struct a64_args_v3 *a, enum ir_op op, bool invert)
{
    ir_ref n = simd_read(l, a->rn);
    ir_ref m = a->rm == a->rn ? n : simd_read(l, a->rm);
    if (invert) {
        m = ir_v_not(l->ir, m);
    }
    bool is_move = op == IR_OP_v_or && n == m; /* MOV Vd, Vn */
    simd_write(l, a->rd, is_move ? n : ir_emit(l->ir, op, IR_V128, 0, n, m, 0), simd_bytes(a->q));
    return true;
}
bool a64_lift_and_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return logical(l, a, IR_OP_v_and, false);
}
bool a64_lift_bic_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return logical(l, a, IR_OP_v_andn, false);
}
bool a64_lift_orr_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return logical(l, a, IR_OP_v_or, false);
}
bool a64_lift_orn_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return logical(l, a, IR_OP_v_or, true);
}
bool a64_lift_eor_vector(struct lifter *l, const struct a64_args_v3 *a)
{
    return logical(l, a, IR_OP_v_xor, false);
}

/* The bits of `mask` from `ones`, the others from `zeros`. */
static bool select_bits(struct lifter *l, const struct a64_args_v3 *a, int mask, int ones, int zeros)
{
    ir_ref result = ir_v_bitselect(l->ir, simd_read(l, mask), simd_read(l, ones), simd_read(l, zeros));
    simd_write(l, a->rd, result, simd_bytes(a->q));
    return true;
}
bool a64_lift_bsl(struct lifter *l, const struct a64_args_v3 *a)
{
    return select_bits(l, a, a->rd, a->rn, a->rm);
}
bool a64_lift_bit(struct lifter *l, const struct a64_args_v3 *a)
{
    return select_bits(l, a, a->rm, a->rn, a->rd);
}
bool a64_lift_bif(struct lifter *l, const struct a64_args_v3 *a)
{
    return select_bits(l, a, a->rm, a->rd, a->rn);
}
