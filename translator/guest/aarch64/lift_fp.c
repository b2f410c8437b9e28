/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar floating point: the classes of fp.decode. size is 1 (H), 2 (S) or 3 (D). */
#include "helpers_simd.h"
#include "simd.h"

static enum ir_type float_type(int size)
{
    return size == 3 ? IR_F64 : size == 2 ? IR_F32 : IR_I32; /* an f16 is the low half of an i32 */
}
static ir_ref read_float(struct lifter *l, int number, int size)
{
    return simd_read_element(l, number, float_type(size));
}
static ir_ref float_constant(struct lifter *l, int size, uint64_t bits)
{
    return ir_constant_int(l->ir->unit, float_type(size), bits);
}
/* 2^exponent */
static ir_ref power_of_two(struct lifter *l, int size, int exponent)
{
    return float_constant(l, size, size == 3 ? (uint64_t)(1023 + exponent) << 52 : (uint64_t)(127 + exponent) << 23);
}

/* ---- conversion between floating-point and fixed-point: scale is 64 - fraction bits ---- */
static bool from_fixed(struct lifter *l, const struct a64_args_ffixed *a, bool is_signed)
{
    ir_ref n = lift_read(l, a->sf, a->rn);
    ir_ref value = ir_ffrom_int(l->ir, float_type(a->size), n, FLOAT_DYNAMIC | (is_signed ? IR_ROUND_SIGNED : 0));
    /* An exact product: integers are 0 or at least 1, fraction bits at most 64. */
    simd_write_element(l, a->rd, ir_fmul(l->ir, value, power_of_two(l, a->size, a->scale - 64)));
    return true;
}
static bool to_fixed(struct lifter *l, const struct a64_args_ffixed *a, bool is_signed)
{
    enum ir_type type = a->sf ? IR_I64 : IR_I32;
    ir_ref result;
    if (a->size == 2) {
        /* As f64 the product with 2^fraction is exact and cannot overflow. */
        ir_ref wide = ir_fwiden(l->ir, IR_F64, read_float(l, a->rn, 2));
        wide = ir_fmul(l->ir, wide, power_of_two(l, 3, 64 - a->scale));
        result = ir_fto_int(l->ir, type, wide, FLOAT_TOWARD_ZERO | (is_signed ? IR_ROUND_SIGNED : 0));
    } else {
        uint32_t parameter = (uint32_t)(64 - a->scale) << 2 | (uint32_t)a->sf << 1 | is_signed;
        ir_ref arguments[2] = {simd_read_element(l, a->rn, IR_I64), ir_i32(l->ir, parameter)};
        result = ir_call(l->ir, A64_HELPER_float_to_fixed, arguments, 2);
        result = a->sf ? result : ir_narrow(l->ir, IR_I32, result);
    }
    lift_write(l, a->rd, result);
    return true;
}
static bool half_from_fixed(struct lifter *l, const struct a64_args_ffixed *a, bool is_signed)
{
    ir_ref n = lift_read(l, a->sf, a->rn);
    if (!a->sf) {
        n = is_signed ? ir_wide_s(l->ir, IR_I64, n) : ir_wide_u(l->ir, IR_I64, n);
    }
    ir_ref arguments[2] = {n, ir_i32(l->ir, (uint32_t)(64 - a->scale) << 2 | is_signed)};
    simd_write_element(l, a->rd, ir_call(l->ir, A64_HELPER_half_from_fixed, arguments, 2));
    return true;
}
static bool half_to_fixed(struct lifter *l, const struct a64_args_ffixed *a, bool is_signed)
{
    uint32_t parameter = (uint32_t)(64 - a->scale) << 2 | (uint32_t)a->sf << 1 | is_signed;
    ir_ref arguments[2] = {read_float(l, a->rn, 1), ir_i32(l->ir, parameter)};
    ir_ref result = ir_call(l->ir, A64_HELPER_half_to_fixed, arguments, 2);
    lift_write(l, a->rd, a->sf ? result : ir_narrow(l->ir, IR_I32, result));
    return true;
}
A64_LIFT(scvtf_fixed_half, ffixed, half_from_fixed, true)
A64_LIFT(ucvtf_fixed_half, ffixed, half_from_fixed, false)
A64_LIFT(fcvtzs_fixed_half, ffixed, half_to_fixed, true)
A64_LIFT(fcvtzu_fixed_half, ffixed, half_to_fixed, false)
bool a64_lift_scvtf_fixed(struct lifter *l, const struct a64_args_ffixed *a)
{
    return from_fixed(l, a, true);
}
bool a64_lift_ucvtf_fixed(struct lifter *l, const struct a64_args_ffixed *a)
{
    return from_fixed(l, a, false);
}
bool a64_lift_fcvtzs_fixed(struct lifter *l, const struct a64_args_ffixed *a)
{
    return to_fixed(l, a, true);
}
bool a64_lift_fcvtzu_fixed(struct lifter *l, const struct a64_args_ffixed *a)
{
    return to_fixed(l, a, false);
}

/* ---- conversion between floating-point and integer ---- */
static bool to_integer(struct lifter *l, const struct a64_args_fgeneral *a, uint16_t round)
{
    ir_ref n = read_float(l, a->rn, a->size);
    lift_write(l, a->rd, ir_fto_int(l->ir, a->sf ? IR_I64 : IR_I32, n, round));
    return true;
}
static bool from_integer(struct lifter *l, const struct a64_args_fgeneral *a, uint16_t round)
{
    ir_ref n = lift_read(l, a->sf, a->rn);
    simd_write_element(l, a->rd, ir_ffrom_int(l->ir, float_type(a->size), n, round));
    return true;
}
#define CONVERSION(name, function, round)                                                                              \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_fgeneral *a)                                          \
    {                                                                                                                  \
        return function(l, a, round);                                                                                  \
    }
CONVERSION(fcvtns_float, to_integer, FLOAT_NEAREST_EVEN | IR_ROUND_SIGNED)
CONVERSION(fcvtnu_float, to_integer, FLOAT_NEAREST_EVEN)
CONVERSION(scvtf_float, from_integer, FLOAT_DYNAMIC | IR_ROUND_SIGNED)
CONVERSION(ucvtf_float, from_integer, FLOAT_DYNAMIC)
CONVERSION(fcvtas_float, to_integer, FLOAT_NEAREST_AWAY | IR_ROUND_SIGNED)
CONVERSION(fcvtau_float, to_integer, FLOAT_NEAREST_AWAY)
CONVERSION(fcvtps_float, to_integer, FLOAT_UP | IR_ROUND_SIGNED)
CONVERSION(fcvtpu_float, to_integer, FLOAT_UP)
CONVERSION(fcvtms_float, to_integer, FLOAT_DOWN | IR_ROUND_SIGNED)
CONVERSION(fcvtmu_float, to_integer, FLOAT_DOWN)
CONVERSION(fcvtzs_float, to_integer, FLOAT_TOWARD_ZERO | IR_ROUND_SIGNED)
CONVERSION(fcvtzu_float, to_integer, FLOAT_TOWARD_ZERO)

bool a64_lift_fmov_to_general(struct lifter *l, const struct a64_args_fgeneral *a)
{
    lift_write(l, a->rd, simd_read_element(l, a->rn, a->sf ? IR_I64 : IR_I32));
    return true;
}
bool a64_lift_fmov_from_general(struct lifter *l, const struct a64_args_fgeneral *a)
{
    simd_write_element(l, a->rd, lift_read(l, a->sf, a->rn));
    return true;
}
static ir_ref low_half(struct lifter *l, ir_ref value)
{
    return ir_zext(l->ir, value, 16);
}
bool a64_lift_fmov_to_general_half(struct lifter *l, const struct a64_args_fgeneral *a)
{
    lift_write(l, a->rd, low_half(l, read_float(l, a->rn, 1)));
    return true;
}
bool a64_lift_fmov_from_general_half(struct lifter *l, const struct a64_args_fgeneral *a)
{
    simd_write_element(l, a->rd, low_half(l, lift_read(l, 0, a->rn)));
    return true;
}
bool a64_lift_fmov_x_top(struct lifter *l, const struct a64_args_fgeneral *a)
{
    lift_write(l, a->rd, ir_v_extract(l->ir, IR_I64, simd_read(l, a->rn), 3, 1));
    return true;
}
bool a64_lift_fmov_top_x(struct lifter *l, const struct a64_args_fgeneral *a)
{
    ir_ref n = lift_read(l, 1, a->rn);
    simd_write(l, a->rd, ir_v_insert(l->ir, simd_read(l, a->rd), n, ir_lane_index(3, 1)), 16);
    return true;
}

/* ---- 1 source ---- */
bool a64_lift_fmov_float_half(struct lifter *l, const struct a64_args_f2 *a)
{
    simd_write_element(l, a->rd, low_half(l, read_float(l, a->rn, 1)));
    return true;
}
bool a64_lift_fmov_float(struct lifter *l, const struct a64_args_f2 *a)
{
    simd_write_element(l, a->rd, read_float(l, a->rn, a->size));
    return true;
}
bool a64_lift_fabs_float(struct lifter *l, const struct a64_args_f2 *a)
{
    simd_write_element(l, a->rd, ir_fabs(l->ir, read_float(l, a->rn, a->size)));
    return true;
}
bool a64_lift_fneg_float(struct lifter *l, const struct a64_args_f2 *a)
{
    simd_write_element(l, a->rd, ir_fneg(l->ir, read_float(l, a->rn, a->size)));
    return true;
}
bool a64_lift_fsqrt_float(struct lifter *l, const struct a64_args_f2 *a)
{
    simd_write_element(l, a->rd, ir_fsqrt(l->ir, read_float(l, a->rn, a->size)));
    return true;
}
bool a64_lift_fcvt(struct lifter *l, const struct a64_args_fcvt *a)
{
    ir_ref result;
    if (a->source == 1) {
        ir_ref half = simd_read_element(l, a->rn, IR_I32);
        result = ir_fhalf_to(l->ir, float_type(a->target), half);
    } else {
        ir_ref n = read_float(l, a->rn, a->source);
        result = a->target == 1   ? ir_fhalf_from(l->ir, n)
                 : a->target == 2 ? ir_fnarrow(l->ir, n, FLOAT_DYNAMIC)
                                  : ir_fwiden(l->ir, IR_F64, n);
    }
    simd_write_element(l, a->rd, result);
    return true;
}
#define ROUND_TO_INTEGRAL(name, round)                                                                                 \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_f2 *a)                                                \
    {                                                                                                                  \
        simd_write_element(l, a->rd, ir_fround(l->ir, read_float(l, a->rn, a->size), round));                          \
        return true;                                                                                                   \
    }
ROUND_TO_INTEGRAL(frintn_float, FLOAT_NEAREST_EVEN)
ROUND_TO_INTEGRAL(frintp_float, FLOAT_UP)
ROUND_TO_INTEGRAL(frintm_float, FLOAT_DOWN)
ROUND_TO_INTEGRAL(frintz_float, FLOAT_TOWARD_ZERO)
ROUND_TO_INTEGRAL(frinta_float, FLOAT_NEAREST_AWAY)
ROUND_TO_INTEGRAL(frintx_float, FLOAT_DYNAMIC | IR_ROUND_INEXACT)
ROUND_TO_INTEGRAL(frinti_float, FLOAT_DYNAMIC)

/* ---- compare ---- */
static bool compare(struct lifter *l, const struct a64_args_fcmp *a, bool with_zero, bool signaling)
{
    ir_ref n = read_float(l, a->rn, a->size);
    ir_ref m = with_zero ? float_constant(l, a->size, 0) : read_float(l, a->rm, a->size);
    lift_write_flags(l, ir_emit(l->ir, IR_OP_flags_float, IR_FLAGS, signaling, n, m, 0));
    return true;
}
bool a64_lift_fcmp_float(struct lifter *l, const struct a64_args_fcmp *a)
{
    return compare(l, a, false, false);
}
bool a64_lift_fcmp_zero_float(struct lifter *l, const struct a64_args_fcmp *a)
{
    return compare(l, a, true, false);
}
bool a64_lift_fcmpe_float(struct lifter *l, const struct a64_args_fcmp *a)
{
    return compare(l, a, false, true);
}
bool a64_lift_fcmpe_zero_float(struct lifter *l, const struct a64_args_fcmp *a)
{
    return compare(l, a, true, true);
}

/* A comparison that does not take place must raise nothing: it compares zeros then. */
static bool conditional_compare(struct lifter *l, const struct a64_args_fccmp *a, bool signaling)
{
    unsigned nzcv = (unsigned)a->nzcv;
    uint32_t bits =
        (nzcv & 8 ? IR_BIT_N : 0) | (nzcv & 4 ? IR_BIT_Z : 0) | (nzcv & 2 ? IR_BIT_C : 0) | (nzcv & 1 ? IR_BIT_V : 0);
    ir_ref condition = lift_condition(l, a->cond), zero = float_constant(l, a->size, 0);
    ir_ref n = ir_select(l->ir, condition, read_float(l, a->rn, a->size), zero);
    ir_ref m = ir_select(l->ir, condition, read_float(l, a->rm, a->size), zero);
    ir_ref compared = ir_emit(l->ir, IR_OP_flags_float, IR_FLAGS, signaling, n, m, 0);
    ir_ref given = ir_flags_from_bits(l->ir, ir_i32(l->ir, bits));
    lift_write_flags(l, ir_select(l->ir, condition, compared, given));
    return true;
}
bool a64_lift_fccmp_float(struct lifter *l, const struct a64_args_fccmp *a)
{
    return conditional_compare(l, a, false);
}
bool a64_lift_fccmpe_float(struct lifter *l, const struct a64_args_fccmp *a)
{
    return conditional_compare(l, a, true);
}

bool a64_lift_fmov_immediate_float(struct lifter *l, const struct a64_args_fimm *a)
{
    simd_write(l, a->rd, ir_v128(l->ir, simd_expand_float((unsigned)a->size, (unsigned)a->imm), 0), 16);
    return true;
}
bool a64_lift_fcsel_float(struct lifter *l, const struct a64_args_fcsel *a)
{
    ir_ref n = read_float(l, a->rn, a->size), m = read_float(l, a->rm, a->size);
    ir_ref selected = ir_select(l->ir, lift_condition(l, a->cond), n, m);
    simd_write_element(l, a->rd, a->size == 1 ? low_half(l, selected) : selected);
    return true;
}

/* ---- 2 source ---- */
#define BINARY(name, operation)                                                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_f3 *a)                                                \
    {                                                                                                                  \
        ir_ref n = read_float(l, a->rn, a->size), m = read_float(l, a->rm, a->size);                                   \
        simd_write_element(l, a->rd, operation(l->ir, n, m));                                                          \
        return true;                                                                                                   \
    }
BINARY(fmul_float, ir_fmul)
BINARY(fdiv_float, ir_fdiv)
BINARY(fadd_float, ir_fadd)
BINARY(fsub_float, ir_fsub)
BINARY(fmax_float, ir_fmax)
BINARY(fmin_float, ir_fmin)
BINARY(fmaxnm_float, ir_fmaxnum)
BINARY(fminnm_float, ir_fminnum)
static ir_ref negated_product(struct ir_builder *b, ir_ref n, ir_ref m)
{
    return ir_fneg(b, ir_fmul(b, n, m));
}
BINARY(fnmul_float, negated_product)

/* ---- 3 source: the signs change before the fused operation, NaNs included ---- */
static bool fused(struct lifter *l, const struct a64_args_f4 *a, bool negate_product, bool negate_addend)
{
    ir_ref n = read_float(l, a->rn, a->size), m = read_float(l, a->rm, a->size);
    ir_ref addend = read_float(l, a->ra, a->size);
    n = negate_product ? ir_fneg(l->ir, n) : n;
    addend = negate_addend ? ir_fneg(l->ir, addend) : addend;
    simd_write_element(l, a->rd, ir_fma(l->ir, n, m, addend));
    return true;
}
bool a64_lift_fmadd_float(struct lifter *l, const struct a64_args_f4 *a)
{
    return fused(l, a, false, false);
}
bool a64_lift_fmsub_float(struct lifter *l, const struct a64_args_f4 *a)
{
    return fused(l, a, true, false);
}
bool a64_lift_fnmadd_float(struct lifter *l, const struct a64_args_f4 *a)
{
    return fused(l, a, true, true);
}
bool a64_lift_fnmsub_float(struct lifter *l, const struct a64_args_f4 *a)
{
    return fused(l, a, false, true);
}
