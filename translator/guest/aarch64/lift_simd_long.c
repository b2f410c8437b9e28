/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Advanced SIMD three different" and "x indexed element", vector and scalar: long, wide, narrowing. */
#include "helpers_simd.h"
#include "simd.h"

/* ---- three different ---- */
static ir_ref add_sub(struct lifter *l, ir_ref x, ir_ref y, unsigned size, bool subtract)
{
    return ir_emit(l->ir, subtract ? IR_OP_v_sub : IR_OP_v_add, IR_V128, (uint16_t)size, x, y, 0);
}
static bool add_long(struct lifter *l, const struct a64_args_v3 *a, bool is_signed, bool subtract)
{
    ir_ref n = simd_widen(l, simd_read(l, a->rn), a->size, is_signed, a->q);
    ir_ref m = simd_widen(l, simd_read(l, a->rm), a->size, is_signed, a->q);
    simd_write(l, a->rd, add_sub(l, n, m, a->size + 1, subtract), 16);
    return true;
}
static bool add_wide(struct lifter *l, const struct a64_args_v3 *a, bool is_signed, bool subtract)
{
    ir_ref m = simd_widen(l, simd_read(l, a->rm), a->size, is_signed, a->q);
    simd_write(l, a->rd, add_sub(l, simd_read(l, a->rn), m, a->size + 1, subtract), 16);
    return true;
}
bool a64_lift_saddl(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_long(l, a, true, false);
}
bool a64_lift_uaddl(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_long(l, a, false, false);
}
bool a64_lift_ssubl(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_long(l, a, true, true);
}
bool a64_lift_usubl(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_long(l, a, false, true);
}
bool a64_lift_saddw(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_wide(l, a, true, false);
}
bool a64_lift_uaddw(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_wide(l, a, false, false);
}
bool a64_lift_ssubw(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_wide(l, a, true, true);
}
bool a64_lift_usubw(struct lifter *l, const struct a64_args_v3 *a)
{
    return add_wide(l, a, false, true);
}

/* The upper halves of sums or differences of lanes of twice `size`. */
static bool high_narrow(struct lifter *l, const struct a64_args_v3 *a, bool subtract, bool round)
{
    unsigned wide = a->size + 1, bits = 8u << a->size;
    ir_ref sum = add_sub(l, simd_read(l, a->rn), simd_read(l, a->rm), wide, subtract);
    if (round) {
        sum = ir_v_add(l->ir, sum, simd_splat_constant(l, wide, UINT64_C(1) << (bits - 1)), (uint16_t)wide);
    }
    sum = ir_v_shr(l->ir, sum, ir_lane_index(wide, bits));
    simd_write_half(l, a->rd, ir_v_narrow(l->ir, sum, sum, (uint16_t)wide), a->q);
    return true;
}
bool a64_lift_addhn(struct lifter *l, const struct a64_args_v3 *a)
{
    return high_narrow(l, a, false, false);
}
bool a64_lift_raddhn(struct lifter *l, const struct a64_args_v3 *a)
{
    return high_narrow(l, a, false, true);
}
bool a64_lift_subhn(struct lifter *l, const struct a64_args_v3 *a)
{
    return high_narrow(l, a, true, false);
}
bool a64_lift_rsubhn(struct lifter *l, const struct a64_args_v3 *a)
{
    return high_narrow(l, a, true, true);
}

/* Absolute differences fit the narrow lane as unsigned numbers. */
static ir_ref difference_long(struct lifter *l, const struct a64_args_v3 *a, bool is_signed)
{
    ir_ref n = simd_read(l, a->rn), m = simd_read(l, a->rm);
    uint16_t size = (uint16_t)a->size;
    ir_ref difference = is_signed ? ir_v_sub(l->ir, ir_v_max_s(l->ir, n, m, size), ir_v_min_s(l->ir, n, m, size), size)
                                  : ir_v_sub(l->ir, ir_v_max_u(l->ir, n, m, size), ir_v_min_u(l->ir, n, m, size), size);
    return simd_widen(l, difference, a->size, false, a->q);
}
static bool difference_long_accumulate(struct lifter *l, const struct a64_args_v3 *a, bool is_signed)
{
    ir_ref difference = difference_long(l, a, is_signed);
    simd_write(l, a->rd, ir_v_add(l->ir, simd_read(l, a->rd), difference, (uint16_t)(a->size + 1)), 16);
    return true;
}
bool a64_lift_sabdl(struct lifter *l, const struct a64_args_v3 *a)
{
    simd_write(l, a->rd, difference_long(l, a, true), 16);
    return true;
}
bool a64_lift_uabdl(struct lifter *l, const struct a64_args_v3 *a)
{
    simd_write(l, a->rd, difference_long(l, a, false), 16);
    return true;
}
bool a64_lift_sabal(struct lifter *l, const struct a64_args_v3 *a)
{
    return difference_long_accumulate(l, a, true);
}
bool a64_lift_uabal(struct lifter *l, const struct a64_args_v3 *a)
{
    return difference_long_accumulate(l, a, false);
}

bool a64_lift_pmull(struct lifter *l, const struct a64_args_v3 *a)
{
    struct simd_operands o = {.size = a->size, .bytes = 8, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    ir_ref result = a->size == 3 ? ir_v_clmul(l->ir, o.n, o.m, a->q ? 3 : 0)
                                 : simd_call(l, A64_HELPER_simd_polynomial_product_long, &o, a->q ? SIMD_HIGH : 0);
    simd_write(l, a->rd, result, 16);
    return true;
}

/* ---- products, three different and by element ---- */
enum accumulation { REPLACE, ACCUMULATE };

static bool product_long(struct lifter *l, const struct a64_args_v3 *a, simd_operation *operation,
                         enum accumulation accumulation)
{
    struct simd_operands o = {.size = a->size, .bytes = 16, .high = a->q, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    simd_write(l, a->rd, operation(l, &o), 16);
    return true;
}
static bool product_long_element(struct lifter *l, const struct a64_args_velement *a, simd_operation *operation,
                                 enum accumulation accumulation)
{
    struct simd_operands o = {.size = a->size, .bytes = 16, .high = a->q, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_duplicate(l, simd_read(l, a->rm), a->size, a->index);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    simd_write(l, a->rd, operation(l, &o), 16);
    return true;
}
static bool product_long_scalar(struct lifter *l, const struct a64_args_s3 *a, simd_operation *operation,
                                enum accumulation accumulation)
{
    struct simd_operands o = {.size = a->size, .bytes = 2u << a->size, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
/* By element: `bytes` of the result, cleared upper lanes for floating point. */
static bool product_element(struct lifter *l, const struct a64_args_velement *a, simd_operation *operation,
                            enum accumulation accumulation, bool is_float)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_duplicate(l, simd_read(l, a->rm), a->size, a->index);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    if (is_float) {
        simd_float_operands(l, &o);
    }
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool product_scalar_element(struct lifter *l, const struct a64_args_selement *a, simd_operation *operation,
                                   enum accumulation accumulation, bool is_float)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_duplicate(l, simd_read(l, a->rm), a->size, a->index);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    if (is_float) {
        simd_float_operands(l, &o);
    }
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool product_long_scalar_element(struct lifter *l, const struct a64_args_selement *a, simd_operation *operation,
                                        enum accumulation accumulation)
{
    struct simd_operands o = {.size = a->size, .bytes = 2u << a->size, .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = simd_duplicate(l, simd_read(l, a->rm), a->size, a->index);
    if (accumulation == ACCUMULATE) {
        o.d = simd_read(l, a->rd);
    }
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

#define LONG(name, operation, accumulation)                                                                            \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v3 *a)                                                \
    {                                                                                                                  \
        return product_long(l, a, operation, accumulation);                                                            \
    }
#define LONG_SCALAR(name, operation, accumulation)                                                                     \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_s3 *a)                                                \
    {                                                                                                                  \
        return product_long_scalar(l, a, operation, accumulation);                                                     \
    }
#define LONG_ELEMENT(name, operation, accumulation)                                                                    \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_velement *a)                                          \
    {                                                                                                                  \
        return product_long_element(l, a, operation, accumulation);                                                    \
    }
#define ELEMENT(name, operation, accumulation, is_float)                                                               \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_velement *a)                                          \
    {                                                                                                                  \
        return product_element(l, a, operation, accumulation, is_float);                                               \
    }
#define SCALAR_ELEMENT(name, operation, accumulation, is_float)                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_selement *a)                                          \
    {                                                                                                                  \
        return product_scalar_element(l, a, operation, accumulation, is_float);                                        \
    }
#define LONG_SCALAR_ELEMENT(name, operation, accumulation)                                                             \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_selement *a)                                          \
    {                                                                                                                  \
        return product_long_scalar_element(l, a, operation, accumulation);                                             \
    }

LONG(smlal, simd_smlal, ACCUMULATE)
LONG(sqdmlal_vector, simd_sqdmlal, ACCUMULATE)
LONG(smlsl, simd_smlsl, ACCUMULATE)
LONG(sqdmlsl_vector, simd_sqdmlsl, ACCUMULATE)
LONG(smull_vector, simd_smull, REPLACE)
LONG(sqdmull_vector, simd_sqdmull, REPLACE)
LONG(umlal, simd_umlal, ACCUMULATE)
LONG(umlsl, simd_umlsl, ACCUMULATE)
LONG(umull_vector, simd_umull, REPLACE)

LONG_SCALAR(sqdmlal_scalar, simd_sqdmlal, ACCUMULATE)
LONG_SCALAR(sqdmlsl_scalar, simd_sqdmlsl, ACCUMULATE)
LONG_SCALAR(sqdmull_scalar, simd_sqdmull, REPLACE)

LONG_ELEMENT(smlal_element, simd_smlal, ACCUMULATE)
LONG_ELEMENT(sqdmlal_element, simd_sqdmlal, ACCUMULATE)
LONG_ELEMENT(smlsl_element, simd_smlsl, ACCUMULATE)
LONG_ELEMENT(sqdmlsl_element, simd_sqdmlsl, ACCUMULATE)
LONG_ELEMENT(smull_element, simd_smull, REPLACE)
LONG_ELEMENT(sqdmull_element, simd_sqdmull, REPLACE)
LONG_ELEMENT(umlal_element, simd_umlal, ACCUMULATE)
LONG_ELEMENT(umlsl_element, simd_umlsl, ACCUMULATE)
LONG_ELEMENT(umull_element, simd_umull, REPLACE)

ELEMENT(mul_element, simd_mul, REPLACE, false)
ELEMENT(sqdmulh_element, simd_sqdmulh, REPLACE, false)
ELEMENT(sqrdmulh_element, simd_sqrdmulh, REPLACE, false)
ELEMENT(mla_element, simd_mla, ACCUMULATE, false)
ELEMENT(mls_element, simd_mls, ACCUMULATE, false)
ELEMENT(sqrdmlah_element, simd_sqrdmlah, ACCUMULATE, false)
ELEMENT(sqrdmlsh_element, simd_sqrdmlsh, ACCUMULATE, false)
ELEMENT(fmla_element, simd_fmla, ACCUMULATE, true)
ELEMENT(fmls_element, simd_fmls, ACCUMULATE, true)
ELEMENT(fmul_element, simd_fmul, REPLACE, true)
ELEMENT(fmulx_element, simd_fmulx, REPLACE, true)

LONG_SCALAR_ELEMENT(sqdmlal_scalar_element, simd_sqdmlal, ACCUMULATE)
LONG_SCALAR_ELEMENT(sqdmlsl_scalar_element, simd_sqdmlsl, ACCUMULATE)
LONG_SCALAR_ELEMENT(sqdmull_scalar_element, simd_sqdmull, REPLACE)
SCALAR_ELEMENT(sqdmulh_scalar_element, simd_sqdmulh, REPLACE, false)
SCALAR_ELEMENT(sqrdmulh_scalar_element, simd_sqrdmulh, REPLACE, false)
SCALAR_ELEMENT(sqrdmlah_scalar_element, simd_sqrdmlah, ACCUMULATE, false)
SCALAR_ELEMENT(sqrdmlsh_scalar_element, simd_sqrdmlsh, ACCUMULATE, false)
SCALAR_ELEMENT(fmla_scalar_element, simd_fmla, ACCUMULATE, true)
SCALAR_ELEMENT(fmls_scalar_element, simd_fmls, ACCUMULATE, true)
SCALAR_ELEMENT(fmul_scalar_element, simd_fmul, REPLACE, true)
SCALAR_ELEMENT(fmulx_scalar_element, simd_fmulx, REPLACE, true)
