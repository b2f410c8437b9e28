/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point operations of the interpreter, scalar and by lanes, all through softfloat. `size` is the logarithm of
 * a number's bytes: 1 f16, 2 f32, 3 f64. */
#include "evaluate.h"

typedef float16_bits binary16(float16_bits, float16_bits, const struct float_rules *, struct float_status *);
typedef float32_bits binary32(float32_bits, float32_bits, const struct float_rules *, struct float_status *);
typedef float64_bits binary64(float64_bits, float64_bits, const struct float_rules *, struct float_status *);

/* One routine per row for both the scalar and the vector operation. */
static const struct binary_row {
    binary16 *half;
    binary32 *single;
    binary64 *twice;
} binary_rows[IR_OP_COUNT] = {
#define BINARY(op, name)                                                                                               \
    [IR_OP_f##op] = {softfloat_##name##16, softfloat_##name##32, softfloat_##name##64},                                \
    [IR_OP_v_f##op] = {softfloat_##name##16, softfloat_##name##32, softfloat_##name##64}
    BINARY(add, add), BINARY(sub, sub), BINARY(mul, mul),       BINARY(div, div),
    BINARY(min, min), BINARY(max, max), BINARY(minnum, minnum), BINARY(maxnum, maxnum),
};

/* An i32 as a float is an f16 in its low 16 bits. */
static unsigned float_size(enum ir_type type)
{
    return type == IR_I32 ? 1 : type == IR_F32 ? 2 : 3;
}

static uint64_t binary_once(const struct ir_evaluation *e, unsigned size, uint64_t a, uint64_t b)
{
    const struct binary_row *row = &binary_rows[e->op];
    switch (size) {
    case 1:
        return row->half((float16_bits)a, (float16_bits)b, e->rules, e->status);
    case 2:
        return row->single((float32_bits)a, (float32_bits)b, e->rules, e->status);
    default:
        return row->twice(a, b, e->rules, e->status);
    }
}

static uint64_t fused_once(const struct ir_evaluation *e, unsigned size, uint64_t a, uint64_t b, uint64_t c)
{
    switch (size) {
    case 1:
        return softfloat_fma16((float16_bits)a, (float16_bits)b, (float16_bits)c, e->rules, e->status);
    case 2:
        return softfloat_fma32((float32_bits)a, (float32_bits)b, (float32_bits)c, e->rules, e->status);
    default:
        return softfloat_fma64(a, b, c, e->rules, e->status);
    }
}

static uint64_t sqrt_once(const struct ir_evaluation *e, unsigned size, uint64_t a)
{
    switch (size) {
    case 1:
        return softfloat_sqrt16((float16_bits)a, e->rules, e->status);
    case 2:
        return softfloat_sqrt32((float32_bits)a, e->rules, e->status);
    default:
        return softfloat_sqrt64(a, e->rules, e->status);
    }
}

static enum float_rounding rounding_of(const struct ir_evaluation *e)
{
    return (enum float_rounding)(e->aux & IR_ROUND_MODE);
}

static uint64_t round_once(const struct ir_evaluation *e, unsigned size, uint64_t a)
{
    enum float_rounding mode = rounding_of(e);
    bool inexact = e->aux & IR_ROUND_INEXACT;
    switch (size) {
    case 1:
        return softfloat_round16((float16_bits)a, mode, inexact, e->rules, e->status);
    case 2:
        return softfloat_round32((float32_bits)a, mode, inexact, e->rules, e->status);
    default:
        return softfloat_round64(a, mode, inexact, e->rules, e->status);
    }
}

static uint64_t to_integer_once(const struct ir_evaluation *e, unsigned size, unsigned bits, uint64_t a)
{
    enum float_rounding mode = rounding_of(e);
    bool is_signed = e->aux & IR_ROUND_SIGNED;
    switch (size) {
    case 1:
        return softfloat_to_int16((float16_bits)a, is_signed, bits, 0, mode, e->rules, e->status);
    case 2:
        return softfloat_to_int32((float32_bits)a, is_signed, bits, 0, mode, e->rules, e->status);
    default:
        return softfloat_to_int64(a, is_signed, bits, 0, mode, e->rules, e->status);
    }
}

/* a: an integer of `bits` */
static uint64_t from_integer_once(const struct ir_evaluation *e, unsigned size, unsigned bits, uint64_t a)
{
    enum float_rounding mode = rounding_of(e);
    bool is_signed = e->aux & IR_ROUND_SIGNED;
    if (is_signed) {
        a = (uint64_t)ir_sign_extend(a, bits);
    }
    switch (size) {
    case 1:
        return softfloat_from_int16(a, is_signed, 0, mode, e->rules, e->status);
    case 2:
        return softfloat_from_int32(a, is_signed, 0, mode, e->rules, e->status);
    default:
        return softfloat_from_int64(a, is_signed, 0, mode, e->rules, e->status);
    }
}

static enum float_relation compare_once(const struct ir_evaluation *e, unsigned size, bool signaling, uint64_t a,
                                        uint64_t b)
{
    switch (size) {
    case 1:
        return softfloat_compare16((float16_bits)a, (float16_bits)b, signaling, e->rules, e->status);
    case 2:
        return softfloat_compare32((float32_bits)a, (float32_bits)b, signaling, e->rules, e->status);
    default:
        return softfloat_compare64(a, b, signaling, e->rules, e->status);
    }
}

static uint64_t sign_of(unsigned size)
{
    return UINT64_C(1) << ((8u << size) - 1);
}

/* ---- scalars ---- */

static union ir_value evaluate_binary(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, binary_once(e, float_size(e->type), e->a.i64, e->b.i64));
}

static union ir_value evaluate_fma(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, fused_once(e, float_size(e->type), e->a.i64, e->b.i64, e->c.i64));
}

static union ir_value evaluate_fsqrt(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, sqrt_once(e, float_size(e->type), e->a.i64));
}

static union ir_value evaluate_fneg(const struct ir_evaluation *e)
{
    unsigned size = float_size(e->type);
    return ir_value_of(e->type, ir_zero_extend(e->a.i64 ^ sign_of(size), 8u << size));
}

static union ir_value evaluate_fabs(const struct ir_evaluation *e)
{
    unsigned size = float_size(e->type);
    return ir_value_of(e->type, ir_zero_extend(e->a.i64, (8u << size) - 1));
}

static union ir_value evaluate_fround(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, round_once(e, float_size(e->type), e->a.i64));
}

static bool condition_holds(unsigned condition, enum float_relation relation)
{
    switch (condition) {
    case IR_FEQ:
        return relation == FLOAT_EQUAL;
    case IR_FLT:
        return relation == FLOAT_LESS;
    case IR_FLE:
        return relation == FLOAT_LESS || relation == FLOAT_EQUAL;
    case IR_FGT:
        return relation == FLOAT_GREATER;
    case IR_FGE:
        return relation == FLOAT_GREATER || relation == FLOAT_EQUAL;
    default:
        return relation == FLOAT_UNORDERED;
    }
}

static union ir_value evaluate_fcmp(const struct ir_evaluation *e)
{
    bool signaling = e->aux & IR_FCOND_SIGNALING;
    enum float_relation relation = compare_once(e, float_size(e->operand_type), signaling, e->a.i64, e->b.i64);
    return ir_value_of(IR_I32, condition_holds(e->aux & (IR_FCOND_SIGNALING - 1), relation));
}

static union ir_value evaluate_flags_float(const struct ir_evaluation *e)
{
    switch (compare_once(e, float_size(e->operand_type), e->aux, e->a.i64, e->b.i64)) {
    case FLOAT_LESS:
        return ir_value_of(IR_FLAGS, IR_BIT_N);
    case FLOAT_EQUAL:
        return ir_value_of(IR_FLAGS, IR_BIT_Z | IR_BIT_C);
    case FLOAT_GREATER:
        return ir_value_of(IR_FLAGS, IR_BIT_C);
    default:
        return ir_value_of(IR_FLAGS, IR_BIT_C | IR_BIT_V);
    }
}

static union ir_value evaluate_fwiden(const struct ir_evaluation *e)
{
    return ir_value_of(IR_F64, softfloat_32_to_64(e->a.i32, e->rules, e->status));
}

static union ir_value evaluate_fnarrow(const struct ir_evaluation *e)
{
    return ir_value_of(IR_F32, softfloat_64_to_32(e->a.i64, rounding_of(e), e->rules, e->status));
}

static union ir_value evaluate_fhalf_to(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, e->type == IR_F64 ? softfloat_16_to_64(e->a.u16[0], e->rules, e->status)
                                                  : softfloat_16_to_32(e->a.u16[0], e->rules, e->status));
}

static union ir_value evaluate_fhalf_from(const struct ir_evaluation *e)
{
    return ir_value_of(IR_I32, e->operand_type == IR_F64 ? softfloat_64_to_16(e->a.i64, e->rules, e->status)
                                                         : softfloat_32_to_16(e->a.i32, e->rules, e->status));
}

static union ir_value evaluate_fto_int(const struct ir_evaluation *e)
{
    unsigned bits = ir_type_bytes(e->type) * 8;
    return ir_value_of(e->type, to_integer_once(e, float_size(e->operand_type), bits, e->a.i64));
}

static union ir_value evaluate_ffrom_int(const struct ir_evaluation *e)
{
    unsigned bits = ir_type_bytes(e->operand_type) * 8;
    return ir_value_of(e->type, from_integer_once(e, float_size(e->type), bits, e->a.i64));
}

/* ---- vectors ---- */

/* What one lane becomes. */
typedef uint64_t lane_function(const struct ir_evaluation *, unsigned size, uint64_t a, uint64_t b, uint64_t c);

static union ir_value by_lanes(const struct ir_evaluation *e, unsigned lane, lane_function *function)
{
    union ir_value result;
    for (unsigned i = 0; i < 16u >> lane; i++) {
        uint64_t a = ir_lane_get(&e->a, lane, i), b = ir_lane_get(&e->b, lane, i), c = ir_lane_get(&e->c, lane, i);
        ir_lane_set(&result, lane, i, function(e, lane, a, b, c));
    }
    return result;
}

/* name; what selects the lane in aux; the lane's result of e, size, a, b, c */
#define LANES(name, lane, ...)                                                                                         \
    static uint64_t lane_##name(const struct ir_evaluation *e, unsigned size, uint64_t a, uint64_t b, uint64_t c)      \
    {                                                                                                                  \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    static union ir_value evaluate_##name(const struct ir_evaluation *e)                                               \
    {                                                                                                                  \
        return by_lanes(e, lane(e->aux), lane_##name);                                                                 \
    }

LANES(v_binary, ir_lane, binary_once(e, size, a, b))
LANES(v_fma, ir_lane, fused_once(e, size, a, b, c))
LANES(v_fsqrt, ir_lane, sqrt_once(e, size, a))
LANES(v_fneg, ir_lane, a ^ sign_of(size))
LANES(v_fabs, ir_lane, a & ~sign_of(size))
LANES(v_fround, ir_round_lane, round_once(e, size, a))
LANES(v_fto_int, ir_round_lane, to_integer_once(e, size, 8u << size, a))
LANES(v_ffrom_int, ir_round_lane, from_integer_once(e, size, 8u << size, a))
LANES(v_fcmp_eq, ir_lane, 0 - (uint64_t)condition_holds(IR_FEQ, compare_once(e, size, false, a, b)))
LANES(v_fcmp_gt, ir_lane, 0 - (uint64_t)condition_holds(IR_FGT, compare_once(e, size, true, a, b)))
LANES(v_fcmp_ge, ir_lane, 0 - (uint64_t)condition_holds(IR_FGE, compare_once(e, size, true, a, b)))

static union ir_value evaluate_v_fwiden(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 2; i++) {
        result.u64[i] = softfloat_32_to_64(e->a.u32[i], e->rules, e->status);
    }
    return result;
}

static union ir_value evaluate_v_fnarrow(const struct ir_evaluation *e)
{
    union ir_value result = {0};
    for (unsigned i = 0; i < 2; i++) {
        result.u32[i] = softfloat_64_to_32(e->a.u64[i], FLOAT_DYNAMIC, e->rules, e->status);
    }
    return result;
}

static union ir_value evaluate_v_fhalf_to(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 4; i++) {
        result.u32[i] = softfloat_16_to_32(e->a.u16[i], e->rules, e->status);
    }
    return result;
}

static union ir_value evaluate_v_fhalf_from(const struct ir_evaluation *e)
{
    union ir_value result = {0};
    for (unsigned i = 0; i < 4; i++) {
        result.u16[i] = softfloat_32_to_16(e->a.u32[i], e->rules, e->status);
    }
    return result;
}

/* ---- the status ---- */

static union ir_value evaluate_fenv_read(const struct ir_evaluation *e)
{
    return ir_value_of(IR_I32, e->status->exceptions);
}

static union ir_value evaluate_fenv_write(const struct ir_evaluation *e)
{
    e->status->exceptions = e->a.i32;
    return (union ir_value){0};
}

static union ir_value evaluate_fenv_round(const struct ir_evaluation *e)
{
    e->status->rounding = e->a.i32;
    return (union ir_value){0};
}

#define ROW(name) [IR_OP_##name] = evaluate_##name
#define BOTH(name) [IR_OP_##name] = evaluate_binary, [IR_OP_v_##name] = evaluate_v_binary
ir_evaluator *const ir_float_evaluators[IR_OP_COUNT] = {
    BOTH(fadd),      BOTH(fsub),        BOTH(fmul),       BOTH(fdiv),       BOTH(fmin),      BOTH(fmax),
    BOTH(fminnum),   BOTH(fmaxnum),     ROW(fma),         ROW(fsqrt),       ROW(fneg),       ROW(fabs),
    ROW(fround),     ROW(fcmp),         ROW(flags_float), ROW(fwiden),      ROW(fnarrow),    ROW(fhalf_to),
    ROW(fhalf_from), ROW(fto_int),      ROW(ffrom_int),   ROW(v_fma),       ROW(v_fsqrt),    ROW(v_fneg),
    ROW(v_fabs),     ROW(v_fround),     ROW(v_fto_int),   ROW(v_ffrom_int), ROW(v_fcmp_eq),  ROW(v_fcmp_gt),
    ROW(v_fcmp_ge),  ROW(v_fwiden),     ROW(v_fnarrow),   ROW(fenv_read),   ROW(fenv_write), ROW(fenv_round),
    ROW(v_fhalf_to), ROW(v_fhalf_from),
};
