/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point in the Advanced SIMD classes: three same, two-register miscellaneous, pairwise and across lanes,
 * vector and scalar. Operands are cleared above the bytes that count (zeros raise nothing), so that one vector
 * operation serves 128-bit, 64-bit and scalar forms. */
#include "helpers_simd.h"
#include "simd.h"

void simd_float_operands(struct lifter *l, struct simd_operands *o)
{
    o->n = simd_low_bytes(l, o->n, o->bytes);
    if (o->m != IR_NO_REF) {
        o->m = simd_low_bytes(l, o->m, o->bytes);
    }
    if (o->d != IR_NO_REF) {
        o->d = simd_low_bytes(l, o->d, o->bytes);
    }
}

/* ---- three same ---- */
#define LANES(name, op)                                                                                                \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return ir_emit(l->ir, IR_OP_##op, IR_V128, (uint16_t)o->size, o->n, o->m, 0);                                  \
    }
LANES(fadd, v_fadd)
LANES(fsub, v_fsub)
LANES(maximum, v_fmax)
LANES(minimum, v_fmin)
LANES(fmaxnm, v_fmaxnum)
LANES(fminnm, v_fminnum)
LANES(fcmeq, v_fcmp_eq)
LANES(fcmge, v_fcmp_ge)
LANES(fcmgt, v_fcmp_gt)

ir_ref simd_fmul(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fmul(l->ir, o->n, o->m, (uint16_t)o->size);
}
ir_ref simd_fmla(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fma(l->ir, o->n, o->m, o->d, o->size);
}
ir_ref simd_fmls(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fma(l->ir, ir_v_fneg(l->ir, o->n, (uint16_t)o->size), o->m, o->d, o->size);
}
ir_ref simd_fmulx(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_fmulx, o, 0);
}
/* 0/0 in lanes that do not count would be invalid: the low half twice. */
static ir_ref fdiv(struct lifter *l, const struct simd_operands *o)
{
    if (o->bytes == 16) {
        return ir_v_fdiv(l->ir, o->n, o->m, (uint16_t)o->size);
    }
    ir_ref n = simd_join_low(l, o->n, o->n), m = simd_join_low(l, o->m, o->m);
    return ir_v_fdiv(l->ir, n, m, (uint16_t)o->size);
}
static ir_ref fabd(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fabs(l->ir, fsub(l, o), (uint16_t)o->size);
}
static struct simd_operands absolute(struct lifter *l, const struct simd_operands *o)
{
    struct simd_operands result = *o;
    result.n = ir_v_fabs(l->ir, o->n, (uint16_t)o->size);
    result.m = ir_v_fabs(l->ir, o->m, (uint16_t)o->size);
    return result;
}
static ir_ref facge(struct lifter *l, const struct simd_operands *o)
{
    struct simd_operands magnitudes = absolute(l, o);
    return fcmge(l, &magnitudes);
}
static ir_ref facgt(struct lifter *l, const struct simd_operands *o)
{
    struct simd_operands magnitudes = absolute(l, o);
    return fcmgt(l, &magnitudes);
}
static ir_ref frecps(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_frecps, o, 0);
}
static ir_ref frsqrts(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_frsqrts, o, 0);
}
static ir_ref pairwise(struct lifter *l, const struct simd_operands *o, simd_operation *operation)
{
    struct simd_operands pairs = *o;
    pairs.n = simd_every_other(l, o, 0);
    pairs.m = simd_every_other(l, o, 1);
    return operation(l, &pairs);
}
#define PAIRWISE(name, operation)                                                                                      \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return pairwise(l, o, operation);                                                                              \
    }
PAIRWISE(faddp, fadd)
PAIRWISE(fmaxp, maximum)
PAIRWISE(fminp, minimum)
PAIRWISE(fmaxnmp, fmaxnm)
PAIRWISE(fminnmp, fminnm)

static bool vector_same(struct lifter *l, const struct a64_args_v3 *a, simd_operation *operation, bool accumulate)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q)};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    o.d = accumulate ? simd_read(l, a->rd) : IR_NO_REF;
    simd_float_operands(l, &o);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool scalar_same(struct lifter *l, const struct a64_args_s3 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    simd_float_operands(l, &o);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
#define VECTOR(name, operation, accumulate)                                                                            \
    bool a64_lift_##name##_vector(struct lifter *l, const struct a64_args_v3 *a)                                       \
    {                                                                                                                  \
        return vector_same(l, a, operation, accumulate);                                                               \
    }
#define SCALAR(name, operation)                                                                                        \
    bool a64_lift_##name##_scalar(struct lifter *l, const struct a64_args_s3 *a)                                       \
    {                                                                                                                  \
        return scalar_same(l, a, operation);                                                                           \
    }
VECTOR(fmaxnm, fmaxnm, false)
VECTOR(fmla, simd_fmla, true)
VECTOR(fadd, fadd, false)
VECTOR(fmulx, simd_fmulx, false)
VECTOR(fcmeq, fcmeq, false)
VECTOR(fmax, maximum, false)
VECTOR(frecps, frecps, false)
VECTOR(fminnm, fminnm, false)
VECTOR(fmls, simd_fmls, true)
VECTOR(fsub, fsub, false)
VECTOR(fmin, minimum, false)
VECTOR(frsqrts, frsqrts, false)
VECTOR(fmaxnmp, fmaxnmp, false)
VECTOR(faddp, faddp, false)
VECTOR(fmul, simd_fmul, false)
VECTOR(fcmge, fcmge, false)
VECTOR(facge, facge, false)
VECTOR(fmaxp, fmaxp, false)
VECTOR(fdiv, fdiv, false)
VECTOR(fminnmp, fminnmp, false)
VECTOR(fabd, fabd, false)
VECTOR(fcmgt, fcmgt, false)
VECTOR(facgt, facgt, false)
VECTOR(fminp, fminp, false)

SCALAR(fmulx, simd_fmulx)
SCALAR(fcmeq, fcmeq)
SCALAR(frecps, frecps)
SCALAR(frsqrts, frsqrts)
SCALAR(fcmge, fcmge)
SCALAR(facge, facge)
SCALAR(fabd, fabd)
SCALAR(fcmgt, fcmgt)
SCALAR(facgt, facgt)

/* ---- two-register miscellaneous, with vector and scalar forms ---- */
#define COMPARE_ZERO(name, op, first, second)                                                                          \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        ir_ref zero = simd_zero(l);                                                                                    \
        return ir_emit(l->ir, IR_OP_##op, IR_V128, (uint16_t)o->size, first, second, 0);                               \
    }
COMPARE_ZERO(fcmgt_zero, v_fcmp_gt, o->n, zero)
COMPARE_ZERO(fcmge_zero, v_fcmp_ge, o->n, zero)
COMPARE_ZERO(fcmeq_zero, v_fcmp_eq, o->n, zero)
COMPARE_ZERO(fcmle_zero, v_fcmp_ge, zero, o->n)
COMPARE_ZERO(fcmlt_zero, v_fcmp_gt, zero, o->n)

#define ROUNDED(name, op, round)                                                                                       \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return op(l->ir, o->n, (uint16_t)((round) | o->size << 8));                                                    \
    }
ROUNDED(fcvtns, ir_v_fto_int, FLOAT_NEAREST_EVEN | IR_ROUND_SIGNED)
ROUNDED(fcvtms, ir_v_fto_int, FLOAT_DOWN | IR_ROUND_SIGNED)
ROUNDED(fcvtps, ir_v_fto_int, FLOAT_UP | IR_ROUND_SIGNED)
ROUNDED(fcvtzs, ir_v_fto_int, FLOAT_TOWARD_ZERO | IR_ROUND_SIGNED)
ROUNDED(fcvtas, ir_v_fto_int, FLOAT_NEAREST_AWAY | IR_ROUND_SIGNED)
ROUNDED(fcvtnu, ir_v_fto_int, FLOAT_NEAREST_EVEN)
ROUNDED(fcvtmu, ir_v_fto_int, FLOAT_DOWN)
ROUNDED(fcvtpu, ir_v_fto_int, FLOAT_UP)
ROUNDED(fcvtzu, ir_v_fto_int, FLOAT_TOWARD_ZERO)
ROUNDED(fcvtau, ir_v_fto_int, FLOAT_NEAREST_AWAY)
ROUNDED(scvtf, ir_v_ffrom_int, FLOAT_DYNAMIC | IR_ROUND_SIGNED)
ROUNDED(ucvtf, ir_v_ffrom_int, FLOAT_DYNAMIC)
ROUNDED(frintn, ir_v_fround, FLOAT_NEAREST_EVEN)
ROUNDED(frintm, ir_v_fround, FLOAT_DOWN)
ROUNDED(frintp, ir_v_fround, FLOAT_UP)
ROUNDED(frintz, ir_v_fround, FLOAT_TOWARD_ZERO)
ROUNDED(frinta, ir_v_fround, FLOAT_NEAREST_AWAY)
ROUNDED(frintx, ir_v_fround, FLOAT_DYNAMIC | IR_ROUND_INEXACT)
ROUNDED(frinti, ir_v_fround, FLOAT_DYNAMIC)

static ir_ref absolute_value(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fabs(l->ir, o->n, (uint16_t)o->size);
}
static ir_ref negated(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fneg(l->ir, o->n, (uint16_t)o->size);
}
static ir_ref square_root(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_fsqrt(l->ir, o->n, (uint16_t)o->size);
}
#define HELPER(name, helper)                                                                                           \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        return simd_call(l, helper, o, 0);                                                                             \
    }
HELPER(frecpe, A64_HELPER_simd_frecpe)
HELPER(frsqrte, A64_HELPER_simd_frsqrte)
HELPER(frecpx, A64_HELPER_simd_frecpx)
HELPER(urecpe, A64_HELPER_simd_urecpe)
HELPER(ursqrte, A64_HELPER_simd_ursqrte)

static bool vector_misc(struct lifter *l, const struct a64_args_v2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .d = IR_NO_REF, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    simd_float_operands(l, &o);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool scalar_misc(struct lifter *l, const struct a64_args_s2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .d = IR_NO_REF, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    simd_float_operands(l, &o);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
#define VECTOR_MISC(name, operation)                                                                                   \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v2 *a)                                                \
    {                                                                                                                  \
        return vector_misc(l, a, operation);                                                                           \
    }
#define BOTH_MISC(name, operation)                                                                                     \
    VECTOR_MISC(name##_vector, operation)                                                                              \
    bool a64_lift_##name##_scalar(struct lifter *l, const struct a64_args_s2 *a)                                       \
    {                                                                                                                  \
        return scalar_misc(l, a, operation);                                                                           \
    }
VECTOR_MISC(frintn_vector, frintn)
VECTOR_MISC(frintm_vector, frintm)
BOTH_MISC(fcvtns, fcvtns)
BOTH_MISC(fcvtms, fcvtms)
BOTH_MISC(fcvtas, fcvtas)
BOTH_MISC(scvtf, scvtf)
BOTH_MISC(fcmgt_zero, fcmgt_zero)
BOTH_MISC(fcmeq_zero, fcmeq_zero)
BOTH_MISC(fcmlt_zero, fcmlt_zero)
VECTOR_MISC(fabs_vector, absolute_value)
VECTOR_MISC(frintp_vector, frintp)
VECTOR_MISC(frintz_vector, frintz)
BOTH_MISC(fcvtps, fcvtps)
BOTH_MISC(fcvtzs, fcvtzs)
VECTOR_MISC(urecpe, urecpe)
BOTH_MISC(frecpe, frecpe)
VECTOR_MISC(frinta_vector, frinta)
VECTOR_MISC(frintx_vector, frintx)
BOTH_MISC(fcvtnu, fcvtnu)
BOTH_MISC(fcvtmu, fcvtmu)
BOTH_MISC(fcvtau, fcvtau)
BOTH_MISC(ucvtf, ucvtf)
BOTH_MISC(fcmge_zero, fcmge_zero)
BOTH_MISC(fcmle_zero, fcmle_zero)
VECTOR_MISC(fneg_vector, negated)
VECTOR_MISC(frinti_vector, frinti)
BOTH_MISC(fcvtpu, fcvtpu)
BOTH_MISC(fcvtzu, fcvtzu)
VECTOR_MISC(ursqrte, ursqrte)
BOTH_MISC(frsqrte, frsqrte)
VECTOR_MISC(fsqrt_vector, square_root)

bool a64_lift_frecpx_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_misc(l, a, frecpx);
}

/* ---- between formats; size 2: f16 and f32, size 3: f32 and f64 ---- */
bool a64_lift_fcvtl(struct lifter *l, const struct a64_args_v2 *a)
{
    ir_ref n = simd_read(l, a->rn);
    n = a->q ? simd_high_half(l, n) : n;
    if (a->size == 2) {
        simd_write(l, a->rd, ir_v_fhalf_to(l->ir, n), 16);
    } else {
        simd_write(l, a->rd, ir_emit(l->ir, IR_OP_v_fwiden, IR_V128, 0, n, 0, 0), 16);
    }
    return true;
}
bool a64_lift_fcvtn(struct lifter *l, const struct a64_args_v2 *a)
{
    ir_ref n = simd_read(l, a->rn);
    if (a->size == 2) {
        simd_write_half(l, a->rd, ir_v_fhalf_from(l->ir, n), a->q);
    } else {
        simd_write_half(l, a->rd, ir_emit(l->ir, IR_OP_v_fnarrow, IR_V128, 0, n, 0, 0), a->q);
    }
    return true;
}
bool a64_lift_fcvtxn_vector(struct lifter *l, const struct a64_args_v2 *a)
{
    ir_ref n = simd_read(l, a->rn);
    ir_ref first = ir_fnarrow(l->ir, ir_v_extract(l->ir, IR_F64, n, 3, 0), FLOAT_TO_ODD);
    ir_ref second = ir_fnarrow(l->ir, ir_v_extract(l->ir, IR_F64, n, 3, 1), FLOAT_TO_ODD);
    ir_ref both = ir_v_insert(l->ir, ir_v_from(l->ir, IR_V128, first), second, ir_lane_index(2, 1));
    simd_write_half(l, a->rd, both, a->q);
    return true;
}
bool a64_lift_fcvtxn_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    simd_write_element(l, a->rd, ir_fnarrow(l->ir, simd_read_element(l, a->rn, IR_F64), FLOAT_TO_ODD));
    return true;
}

/* ---- scalar pairwise and across lanes: scalar operations, the manual's Reduce for the order of NaNs ---- */
static ir_ref lane(struct lifter *l, ir_ref n, unsigned size, unsigned index)
{
    return ir_v_extract(l->ir, size == 3 ? IR_F64 : size == 2 ? IR_F32 : IR_I32, n, size, index);
}
typedef ir_ref scalar_operation(struct ir_builder *b, ir_ref x, ir_ref y);
static bool scalar_pairwise(struct lifter *l, const struct a64_args_s2 *a, scalar_operation *operation)
{
    ir_ref n = simd_read(l, a->rn);
    simd_write_element(l, a->rd, operation(l->ir, lane(l, n, a->size, 0), lane(l, n, a->size, 1)));
    return true;
}
static bool across(struct lifter *l, const struct a64_args_v2 *a, scalar_operation *operation)
{
    ir_ref n = simd_read(l, a->rn);
    ir_ref low = operation(l->ir, lane(l, n, 2, 0), lane(l, n, 2, 1));
    ir_ref high = operation(l->ir, lane(l, n, 2, 2), lane(l, n, 2, 3));
    simd_write_element(l, a->rd, operation(l->ir, low, high));
    return true;
}
/* Reduce of the lanes first to first + count - 1 of f16. */
static ir_ref reduce_halves(struct lifter *l, ir_ref n, unsigned first, unsigned count, scalar_operation *operation)
{
    if (count == 1) {
        return lane(l, n, 1, first);
    }
    ir_ref low = reduce_halves(l, n, first, count / 2, operation);
    ir_ref high = reduce_halves(l, n, first + count / 2, count / 2, operation);
    return operation(l->ir, low, high);
}
static bool across_half(struct lifter *l, const struct a64_args_v2 *a, scalar_operation *operation)
{
    simd_write_element(l, a->rd, reduce_halves(l, simd_read(l, a->rn), 0, a->q ? 8 : 4, operation));
    return true;
}
A64_LIFT(fmaxv_half, v2, across_half, ir_fmax)
A64_LIFT(fminv_half, v2, across_half, ir_fmin)
A64_LIFT(fmaxnmv_half, v2, across_half, ir_fmaxnum)
A64_LIFT(fminnmv_half, v2, across_half, ir_fminnum)
bool a64_lift_faddp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_pairwise(l, a, ir_fadd);
}
bool a64_lift_fmaxp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_pairwise(l, a, ir_fmax);
}
bool a64_lift_fminp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_pairwise(l, a, ir_fmin);
}
bool a64_lift_fmaxnmp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_pairwise(l, a, ir_fmaxnum);
}
bool a64_lift_fminnmp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    return scalar_pairwise(l, a, ir_fminnum);
}
bool a64_lift_fmaxv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, ir_fmax);
}
bool a64_lift_fminv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, ir_fmin);
}
bool a64_lift_fmaxnmv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, ir_fmaxnum);
}
bool a64_lift_fminnmv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, ir_fminnum);
}
