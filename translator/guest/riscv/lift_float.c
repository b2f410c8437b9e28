/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The F and D extensions, Zfh, Zfa and Zfbfmin.
 *
 * frm is part of the unit's mode, so an instruction's rounding mode is always known here. While translated code runs,
 * the engine's dynamic mode is frm (RNE where frm is RMM, which hosts do not have). An instruction with another mode of
 * its own changes the engine's mode around itself; one in mode RMM is computed by a helper. */
#include "lift.h"

#include <math.h>

/* Rounding modes of the manual as enum float_rounding. */
static const uint8_t engine_mode[] = {
    [RISCV_RNE] = FLOAT_NEAREST_EVEN, [RISCV_RTZ] = FLOAT_TOWARD_ZERO,  [RISCV_RDN] = FLOAT_DOWN,
    [RISCV_RUP] = FLOAT_UP,           [RISCV_RMM] = FLOAT_NEAREST_AWAY,
};

enum format { SINGLE, DOUBLE, HALF };

static enum ir_type format_type(enum format format)
{
    return format == DOUBLE ? IR_F64 : format == SINGLE ? IR_F32 : IR_I32;
}

/* What is above a half in a register. */
#define HALF_BOX 0xffffffffffff0000ull

/* The i32 that write_half boxed, or IR_NO_REF. */
static ir_ref find_boxed_half(const struct ir_unit *unit, ir_ref value)
{
    const enum ir_op chain[] = {IR_OP_bits, IR_OP_or, IR_OP_wide_u};
    for (unsigned i = 0; i < 3; i++) {
        if (ir_is_constant(value) || unit->code[value].op != chain[i]) {
            return IR_NO_REF;
        }
        const struct ir_instruction *made = &unit->code[value];
        if (chain[i] == IR_OP_or &&
            (!ir_is_constant(made->b) || ir_constant_of(unit, made->b)->value.u64[0] != HALF_BOX)) {
            return IR_NO_REF;
        }
        value = made->a;
    }
    return value;
}

/* 16 bits as i32: the format's canonical NaN unless they are properly NaN-boxed. */
static ir_ref read_boxed_16(struct lifter *l, int number, uint32_t canonical_nan)
{
    struct ir_builder *ir = l->ir;
    ir_ref value = lift_read_d(l, number);
    ir_ref boxed = find_boxed_half(ir->unit, value);
    if (boxed != IR_NO_REF) {
        return boxed;
    }
    ir_ref bits = ir_bits(ir, IR_I64, value);
    ir_ref is_boxed = ir_cmp(ir, IR_GEU, bits, ir_i64(ir, HALF_BOX));
    ir_ref low = ir_zext(ir, ir_narrow(ir, IR_I32, bits), 16);
    return ir_select(ir, is_boxed, low, ir_i32(ir, canonical_nan));
}

static ir_ref read_half(struct lifter *l, int number)
{
    return read_boxed_16(l, number, 0x7e00);
}

/* Bits of value above the low 16 are 0. */
static void write_half(struct lifter *l, int number, ir_ref value)
{
    ir_ref boxed = ir_or(l->ir, ir_wide_u(l->ir, IR_I64, value), ir_i64(l->ir, HALF_BOX));
    lift_write_d(l, number, ir_bits(l->ir, IR_F64, boxed));
}

static ir_ref read_float(struct lifter *l, enum format format, int number)
{
    switch (format) {
    case DOUBLE:
        return lift_read_d(l, number);
    case SINGLE:
        return lift_read_s(l, number);
    case HALF:
        return read_half(l, number);
    }
    return IR_NO_REF;
}

static void write_float(struct lifter *l, enum format format, int number, ir_ref value)
{
    switch (format) {
    case DOUBLE:
        lift_write_d(l, number, value);
        break;
    case SINGLE:
        lift_write_s(l, number, value);
        break;
    case HALF:
        write_half(l, number, value);
        break;
    }
}

static ir_ref read_bits(struct lifter *l, enum format format, int number)
{
    ir_ref value = read_float(l, format, number);
    return format == HALF ? value : ir_bits(l->ir, format == DOUBLE ? IR_I64 : IR_I32, value);
}

static void write_bits(struct lifter *l, enum format format, int number, ir_ref bits)
{
    write_float(l, format, number, format == HALF ? bits : ir_bits(l->ir, format_type(format), bits));
}

/* ---- rounding ---- */

/* The mode an instruction rounds in; -1 if there is none: frm holds a reserved value. */
static int rounding_mode(const struct lifter *l, int rm)
{
    int mode = rm == RISCV_DYNAMIC ? (int)(l->mode & RISCV_MODE_FRM) : rm;
    return mode <= RISCV_RMM ? mode : -1;
}

/* What the engine rounds by in this unit. */
static int dynamic_mode(const struct lifter *l)
{
    int frm = (int)(l->mode & RISCV_MODE_FRM);
    return frm < RISCV_RMM ? frm : RISCV_RNE;
}

/* For operations that carry a mode of their own. */
static uint16_t round_operand(const struct lifter *l, int mode)
{
    return mode == dynamic_mode(l) ? FLOAT_DYNAMIC : engine_mode[mode];
}

static void set_engine_mode(struct lifter *l, int from, int to)
{
    if (from != to) {
        ir_fenv_round(l->ir, ir_i32(l->ir, engine_mode[to]));
    }
}

static ir_ref round_away(struct lifter *l, enum format format, enum riscv_away operation, const ir_ref *operands)
{
    static const uint32_t format_bits[] = {[SINGLE] = 0, [DOUBLE] = RISCV_AWAY_DOUBLE, [HALF] = RISCV_AWAY_HALF};
    ir_ref kind = ir_i32(l->ir, (uint32_t)operation | format_bits[format]);
    ir_ref arguments[4] = {operands[0], operands[1], operands[2], kind};
    ir_ref bits = ir_call(l->ir, RISCV_HELPER_ROUND_AWAY, arguments, 4);
    ir_ref low = format == DOUBLE ? bits : ir_narrow(l->ir, IR_I32, bits);
    return format == HALF ? low : ir_bits(l->ir, format_type(format), low);
}

static const uint8_t arithmetic_op[] = {
    [RISCV_AWAY_ADD] = IR_OP_fadd, [RISCV_AWAY_SUB] = IR_OP_fsub,   [RISCV_AWAY_MUL] = IR_OP_fmul,
    [RISCV_AWAY_DIV] = IR_OP_fdiv, [RISCV_AWAY_SQRT] = IR_OP_fsqrt, [RISCV_AWAY_FMA] = IR_OP_fma,
};

/* One of the operations that round by the engine's mode; unused operands repeat the first. */
static ir_ref lift_rounded(struct lifter *l, enum format format, int mode, enum riscv_away operation,
                           const ir_ref *operands)
{
    if (mode == RISCV_RMM) {
        return round_away(l, format, operation, operands);
    }
    set_engine_mode(l, dynamic_mode(l), mode);
    ir_ref result =
        ir_emit(l->ir, (enum ir_op)arithmetic_op[operation], format_type(format), 0, operands[0],
                operation == RISCV_AWAY_SQRT ? 0 : operands[1], operation == RISCV_AWAY_FMA ? operands[2] : 0);
    set_engine_mode(l, mode, dynamic_mode(l));
    return result;
}

/* ---- arithmetic ---- */

static bool lift_binary(struct lifter *l, const struct riscv_args_fr *a, enum format format, enum riscv_away operation)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    const ir_ref operands[3] = {x, read_float(l, format, a->rs2), x};
    write_float(l, format, a->rd, lift_rounded(l, format, mode, operation, operands));
    return true;
}

RISCV_LIFT(fadd_s, fr, lift_binary, SINGLE, RISCV_AWAY_ADD)
RISCV_LIFT(fsub_s, fr, lift_binary, SINGLE, RISCV_AWAY_SUB)
RISCV_LIFT(fmul_s, fr, lift_binary, SINGLE, RISCV_AWAY_MUL)
RISCV_LIFT(fdiv_s, fr, lift_binary, SINGLE, RISCV_AWAY_DIV)
RISCV_LIFT(fadd_d, fr, lift_binary, DOUBLE, RISCV_AWAY_ADD)
RISCV_LIFT(fsub_d, fr, lift_binary, DOUBLE, RISCV_AWAY_SUB)
RISCV_LIFT(fmul_d, fr, lift_binary, DOUBLE, RISCV_AWAY_MUL)
RISCV_LIFT(fdiv_d, fr, lift_binary, DOUBLE, RISCV_AWAY_DIV)
RISCV_LIFT(fadd_h, fr, lift_binary, HALF, RISCV_AWAY_ADD)
RISCV_LIFT(fsub_h, fr, lift_binary, HALF, RISCV_AWAY_SUB)
RISCV_LIFT(fmul_h, fr, lift_binary, HALF, RISCV_AWAY_MUL)
RISCV_LIFT(fdiv_h, fr, lift_binary, HALF, RISCV_AWAY_DIV)

static bool lift_root(struct lifter *l, const struct riscv_args_funary *a, enum format format)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    const ir_ref operands[3] = {x, x, x};
    write_float(l, format, a->rd, lift_rounded(l, format, mode, RISCV_AWAY_SQRT, operands));
    return true;
}

RISCV_LIFT(fsqrt_s, funary, lift_root, SINGLE)
RISCV_LIFT(fsqrt_d, funary, lift_root, DOUBLE)
RISCV_LIFT(fsqrt_h, funary, lift_root, HALF)

/* FMADD a*b+c, FMSUB a*b-c, FNMSUB -(a*b)+c, FNMADD -(a*b)-c: signs change before the one rounding. */
static bool lift_fused(struct lifter *l, const struct riscv_args_fr4 *a, enum format format, bool negate_product,
                       bool negate_addend)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    ir_ref y = read_float(l, format, a->rs2);
    ir_ref z = read_float(l, format, a->rs3);
    const ir_ref operands[3] = {negate_product ? ir_fneg(l->ir, x) : x, y, negate_addend ? ir_fneg(l->ir, z) : z};
    write_float(l, format, a->rd, lift_rounded(l, format, mode, RISCV_AWAY_FMA, operands));
    return true;
}

RISCV_LIFT(fmadd_s, fr4, lift_fused, SINGLE, false, false)
RISCV_LIFT(fmsub_s, fr4, lift_fused, SINGLE, false, true)
RISCV_LIFT(fnmsub_s, fr4, lift_fused, SINGLE, true, false)
RISCV_LIFT(fnmadd_s, fr4, lift_fused, SINGLE, true, true)
RISCV_LIFT(fmadd_d, fr4, lift_fused, DOUBLE, false, false)
RISCV_LIFT(fmsub_d, fr4, lift_fused, DOUBLE, false, true)
RISCV_LIFT(fnmsub_d, fr4, lift_fused, DOUBLE, true, false)
RISCV_LIFT(fnmadd_d, fr4, lift_fused, DOUBLE, true, true)
RISCV_LIFT(fmadd_h, fr4, lift_fused, HALF, false, false)
RISCV_LIFT(fmsub_h, fr4, lift_fused, HALF, false, true)
RISCV_LIFT(fnmsub_h, fr4, lift_fused, HALF, true, false)
RISCV_LIFT(fnmadd_h, fr4, lift_fused, HALF, true, true)

static bool lift_extremum(struct lifter *l, const struct riscv_args_r *a, enum format format, riscv_binary *operation)
{
    ir_ref x = read_float(l, format, a->rs1);
    write_float(l, format, a->rd, operation(l->ir, x, read_float(l, format, a->rs2)));
    return true;
}

RISCV_LIFT(fmin_s, r, lift_extremum, SINGLE, ir_fminnum)
RISCV_LIFT(fmax_s, r, lift_extremum, SINGLE, ir_fmaxnum)
RISCV_LIFT(fmin_d, r, lift_extremum, DOUBLE, ir_fminnum)
RISCV_LIFT(fmax_d, r, lift_extremum, DOUBLE, ir_fmaxnum)
RISCV_LIFT(fmin_h, r, lift_extremum, HALF, ir_fminnum)
RISCV_LIFT(fmax_h, r, lift_extremum, HALF, ir_fmaxnum)

/* ---- comparison and classification ---- */

static bool lift_relation(struct lifter *l, const struct riscv_args_r *a, enum format format, unsigned condition)
{
    ir_ref x = read_float(l, format, a->rs1);
    lift_write_bool(l, a->rd, ir_fcmp(l->ir, (uint16_t)condition, x, read_float(l, format, a->rs2)));
    return true;
}

RISCV_LIFT(feq_s, r, lift_relation, SINGLE, IR_FEQ)
RISCV_LIFT(flt_s, r, lift_relation, SINGLE, IR_FLT | IR_FCOND_SIGNALING)
RISCV_LIFT(fle_s, r, lift_relation, SINGLE, IR_FLE | IR_FCOND_SIGNALING)
RISCV_LIFT(feq_d, r, lift_relation, DOUBLE, IR_FEQ)
RISCV_LIFT(flt_d, r, lift_relation, DOUBLE, IR_FLT | IR_FCOND_SIGNALING)
RISCV_LIFT(fle_d, r, lift_relation, DOUBLE, IR_FLE | IR_FCOND_SIGNALING)
RISCV_LIFT(feq_h, r, lift_relation, HALF, IR_FEQ)
RISCV_LIFT(flt_h, r, lift_relation, HALF, IR_FLT | IR_FCOND_SIGNALING)
RISCV_LIFT(fle_h, r, lift_relation, HALF, IR_FLE | IR_FCOND_SIGNALING)

/* Bit patterns in an order that integers have: those of negative numbers turned around. -0 is just below +0. */
static ir_ref ordered_bits(struct ir_builder *b, ir_ref bits)
{
    enum ir_type type = ir_typeof(b, bits);
    unsigned width = type == IR_I64 ? 64 : 32;
    ir_ref sign = ir_sar(b, bits, ir_constant_int(b->unit, type, width - 1));
    return ir_xor(b, bits, ir_shr(b, sign, ir_constant_int(b->unit, type, 1)));
}

static ir_ref is_not_nan(struct ir_builder *b, ir_ref bits)
{
    enum ir_type type = ir_typeof(b, bits);
    ir_ref magnitude = ir_shl(b, bits, ir_constant_int(b->unit, type, 1));
    uint64_t infinity = type == IR_I64 ? 0x7ffull << 53 : 0xffull << 24;
    return ir_cmp(b, IR_LEU, magnitude, ir_constant_int(b->unit, type, infinity));
}

bool riscv_lift_silent_comparison(struct lifter *l, enum riscv_row row, const struct riscv_args_r *a)
{
    struct ir_builder *b = l->ir;
    bool is_double = row == RISCV_ROW_FLT_D || row == RISCV_ROW_FLE_D;
    bool is_less = row == RISCV_ROW_FLT_D || row == RISCV_ROW_FLT_S;
    if (!is_double && !is_less && row != RISCV_ROW_FLE_S) {
        return false;
    }
    enum format format = is_double ? DOUBLE : SINGLE;
    ir_ref x = read_bits(l, format, a->rs1), y = read_bits(l, format, a->rs2);
    enum ir_type type = ir_typeof(b, x);
    ir_ref any = ir_shl(b, ir_or(b, x, y), ir_constant_int(b->unit, type, 1));
    ir_ref both_zero = ir_cmp(b, IR_EQ, any, ir_constant_int(b->unit, type, 0));
    ir_ref result = ir_cmp(b, is_less ? IR_LTS : IR_LES, ordered_bits(b, x), ordered_bits(b, y));
    result = is_less ? ir_andn(b, result, both_zero) : ir_or(b, result, both_zero);
    result = ir_and(b, result, ir_and(b, is_not_nan(b, x), is_not_nan(b, y)));
    lift_write_bool(l, a->rd, result);
    return true;
}

static bool lift_classify(struct lifter *l, const struct riscv_args_funary *a, enum format format)
{
    ir_ref x = read_float(l, format, a->rs1);
    lift_write_bool(l, a->rd, ir_call(l->ir, RISCV_HELPER_CLASSIFY_S + (unsigned)format, &x, 1));
    return true;
}

RISCV_LIFT(fclass_s, funary, lift_classify, SINGLE)
RISCV_LIFT(fclass_d, funary, lift_classify, DOUBLE)
RISCV_LIFT(fclass_h, funary, lift_classify, HALF)

/* ---- sign injection, moves ---- */

static uint64_t sign_of(enum format format)
{
    return format == DOUBLE ? 1ull << 63 : format == SINGLE ? 1u << 31 : 1u << 15;
}

static bool lift_inject(struct lifter *l, const struct riscv_args_r *a, enum format format)
{
    struct ir_builder *ir = l->ir;
    if (a->rs1 == a->rs2) { /* FMV.S, FMV.D */
        write_float(l, format, a->rd, read_float(l, format, a->rs1));
        return true;
    }
    ir_ref x = read_bits(l, format, a->rs1), y = read_bits(l, format, a->rs2);
    ir_ref sign = ir_constant_int(ir->unit, ir_typeof(ir, x), sign_of(format));
    write_bits(l, format, a->rd, ir_or(ir, ir_andn(ir, x, sign), ir_and(ir, y, sign)));
    return true;
}

static bool lift_inject_negated(struct lifter *l, const struct riscv_args_r *a, enum format format)
{
    struct ir_builder *ir = l->ir;
    if (a->rs1 == a->rs2) { /* FNEG.S, FNEG.D */
        write_float(l, format, a->rd, ir_fneg(ir, read_float(l, format, a->rs1)));
        return true;
    }
    ir_ref x = read_bits(l, format, a->rs1), y = read_bits(l, format, a->rs2);
    ir_ref sign = ir_constant_int(ir->unit, ir_typeof(ir, x), sign_of(format));
    write_bits(l, format, a->rd, ir_or(ir, ir_andn(ir, x, sign), ir_andn(ir, sign, y)));
    return true;
}

static bool lift_inject_product(struct lifter *l, const struct riscv_args_r *a, enum format format)
{
    struct ir_builder *ir = l->ir;
    if (a->rs1 == a->rs2) { /* FABS.S, FABS.D */
        write_float(l, format, a->rd, ir_fabs(ir, read_float(l, format, a->rs1)));
        return true;
    }
    ir_ref x = read_bits(l, format, a->rs1), y = read_bits(l, format, a->rs2);
    ir_ref sign = ir_constant_int(ir->unit, ir_typeof(ir, x), sign_of(format));
    write_bits(l, format, a->rd, ir_xor(ir, x, ir_and(ir, y, sign)));
    return true;
}

RISCV_LIFT(fsgnj_s, r, lift_inject, SINGLE)
RISCV_LIFT(fsgnjn_s, r, lift_inject_negated, SINGLE)
RISCV_LIFT(fsgnjx_s, r, lift_inject_product, SINGLE)
RISCV_LIFT(fsgnj_d, r, lift_inject, DOUBLE)
RISCV_LIFT(fsgnjn_d, r, lift_inject_negated, DOUBLE)
RISCV_LIFT(fsgnjx_d, r, lift_inject_product, DOUBLE)
RISCV_LIFT(fsgnj_h, r, lift_inject, HALF)
RISCV_LIFT(fsgnjn_h, r, lift_inject_negated, HALF)
RISCV_LIFT(fsgnjx_h, r, lift_inject_product, HALF)

/* The low 32 bits of a register whatever the upper ones are: an f32 where it is known to be a boxed one, else an i32.
 */
static ir_ref read_low(struct lifter *l, int number)
{
    ir_ref value = lift_read_d(l, number);
    const struct ir_instruction *made = ir_is_constant(value) ? NULL : &l->ir->unit->code[value];
    if (made && made->op == IR_OP_nan_box) {
        return made->a;
    }
    return ir_narrow(l->ir, IR_I32, ir_bits(l->ir, IR_I64, value));
}

/* An i32 whose low 16 bits are those of a register, boxed or not. */
static ir_ref read_low_half(struct lifter *l, int number)
{
    ir_ref value = lift_read_d(l, number);
    ir_ref boxed = find_boxed_half(l->ir->unit, value);
    return boxed != IR_NO_REF ? boxed : ir_narrow(l->ir, IR_I32, ir_bits(l->ir, IR_I64, value));
}

bool riscv_lift_fmv_x_w(struct lifter *l, const struct riscv_args_funary *a)
{
    ir_ref low = read_low(l, a->rs1);
    lift_write_x32(l, a->rd, ir_typeof(l->ir, low) == IR_F32 ? ir_bits(l->ir, IR_I32, low) : low);
    return true;
}

bool riscv_lift_fmv_w_x(struct lifter *l, const struct riscv_args_funary *a)
{
    lift_write_s(l, a->rd, ir_bits(l->ir, IR_F32, lift_read_x32(l, a->rs1)));
    return true;
}

bool riscv_lift_fmv_x_h(struct lifter *l, const struct riscv_args_funary *a)
{
    lift_write_x32(l, a->rd, ir_sext(l->ir, read_low_half(l, a->rs1), 16));
    return true;
}

bool riscv_lift_fmv_h_x(struct lifter *l, const struct riscv_args_funary *a)
{
    write_half(l, a->rd, ir_zext(l->ir, lift_read_x32(l, a->rs1), 16));
    return true;
}

bool riscv_lift_fmv_x_d(struct lifter *l, const struct riscv_args_funary *a)
{
    lift_write_x(l, a->rd, ir_bits(l->ir, IR_I64, lift_read_d(l, a->rs1)));
    return true;
}

bool riscv_lift_fmv_d_x(struct lifter *l, const struct riscv_args_funary *a)
{
    lift_write_d(l, a->rd, ir_bits(l->ir, IR_F64, lift_read_x(l, a->rs1)));
    return true;
}

/* ---- conversion ---- */

static bool lift_to_integer(struct lifter *l, const struct riscv_args_funary *a, enum format format, enum ir_type type,
                            unsigned sign)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    ir_ref result = ir_fto_int(l->ir, type, x, (uint16_t)(round_operand(l, mode) | sign));
    if (type == IR_I32) {
        lift_write_x32(l, a->rd, result);
    } else {
        lift_write_x(l, a->rd, result);
    }
    return true;
}

RISCV_LIFT(fcvt_w_s, funary, lift_to_integer, SINGLE, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_wu_s, funary, lift_to_integer, SINGLE, IR_I32, 0)
RISCV_LIFT(fcvt_l_s, funary, lift_to_integer, SINGLE, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_lu_s, funary, lift_to_integer, SINGLE, IR_I64, 0)
RISCV_LIFT(fcvt_w_d, funary, lift_to_integer, DOUBLE, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_wu_d, funary, lift_to_integer, DOUBLE, IR_I32, 0)
RISCV_LIFT(fcvt_l_d, funary, lift_to_integer, DOUBLE, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_lu_d, funary, lift_to_integer, DOUBLE, IR_I64, 0)
RISCV_LIFT(fcvt_w_h, funary, lift_to_integer, HALF, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_wu_h, funary, lift_to_integer, HALF, IR_I32, 0)
RISCV_LIFT(fcvt_l_h, funary, lift_to_integer, HALF, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_lu_h, funary, lift_to_integer, HALF, IR_I64, 0)

static bool lift_from_integer(struct lifter *l, const struct riscv_args_funary *a, enum format format,
                              enum ir_type type, unsigned sign)
{
    struct ir_builder *ir = l->ir;
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = type == IR_I32 ? lift_read_x32(l, a->rs1) : lift_read_x(l, a->rs1);
    if (mode == RISCV_RMM) {
        if (type == IR_I32) {
            x = sign ? ir_wide_s(ir, IR_I64, x) : ir_wide_u(ir, IR_I64, x);
        }
        const ir_ref operands[3] = {x, x, x};
        enum riscv_away operation = sign ? RISCV_AWAY_FROM_SIGNED : RISCV_AWAY_FROM_UNSIGNED;
        write_float(l, format, a->rd, round_away(l, format, operation, operands));
        return true;
    }
    ir_ref result = ir_ffrom_int(ir, format_type(format), x, (uint16_t)(round_operand(l, mode) | sign));
    write_float(l, format, a->rd, result);
    return true;
}

RISCV_LIFT(fcvt_s_w, funary, lift_from_integer, SINGLE, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_s_wu, funary, lift_from_integer, SINGLE, IR_I32, 0)
RISCV_LIFT(fcvt_s_l, funary, lift_from_integer, SINGLE, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_s_lu, funary, lift_from_integer, SINGLE, IR_I64, 0)
RISCV_LIFT(fcvt_d_w, funary, lift_from_integer, DOUBLE, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_d_wu, funary, lift_from_integer, DOUBLE, IR_I32, 0)
RISCV_LIFT(fcvt_d_l, funary, lift_from_integer, DOUBLE, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_d_lu, funary, lift_from_integer, DOUBLE, IR_I64, 0)
RISCV_LIFT(fcvt_h_w, funary, lift_from_integer, HALF, IR_I32, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_h_wu, funary, lift_from_integer, HALF, IR_I32, 0)
RISCV_LIFT(fcvt_h_l, funary, lift_from_integer, HALF, IR_I64, IR_ROUND_SIGNED)
RISCV_LIFT(fcvt_h_lu, funary, lift_from_integer, HALF, IR_I64, 0)

/* Exact, but a reserved mode is reserved here too. */
bool riscv_lift_fcvt_d_s(struct lifter *l, const struct riscv_args_funary *a)
{
    if (rounding_mode(l, a->rm) < 0) {
        return false;
    }
    lift_write_d(l, a->rd, ir_fwiden(l->ir, IR_F64, lift_read_s(l, a->rs1)));
    return true;
}

bool riscv_lift_fcvt_s_d(struct lifter *l, const struct riscv_args_funary *a)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = lift_read_d(l, a->rs1);
    if (mode == RISCV_RMM) {
        const ir_ref operands[3] = {x, x, x};
        lift_write_s(l, a->rd, round_away(l, SINGLE, RISCV_AWAY_NARROW, operands));
    } else {
        lift_write_s(l, a->rd, ir_fnarrow(l->ir, x, round_operand(l, mode)));
    }
    return true;
}

static bool lift_widen_half(struct lifter *l, const struct riscv_args_funary *a, enum format format)
{
    if (rounding_mode(l, a->rm) < 0) {
        return false;
    }
    write_float(l, format, a->rd, ir_fhalf_to(l->ir, format_type(format), read_half(l, a->rs1)));
    return true;
}

static bool lift_narrow_to_half(struct lifter *l, const struct riscv_args_funary *a, enum format format)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    if (mode == RISCV_RMM) {
        const ir_ref operands[3] = {x, x, x};
        enum riscv_away operation = format == DOUBLE ? RISCV_AWAY_NARROW_DOUBLE : RISCV_AWAY_NARROW;
        write_half(l, a->rd, round_away(l, HALF, operation, operands));
        return true;
    }
    set_engine_mode(l, dynamic_mode(l), mode);
    ir_ref result = ir_fhalf_from(l->ir, x);
    set_engine_mode(l, mode, dynamic_mode(l));
    write_half(l, a->rd, result);
    return true;
}

RISCV_LIFT(fcvt_s_h, funary, lift_widen_half, SINGLE)
RISCV_LIFT(fcvt_d_h, funary, lift_widen_half, DOUBLE)
RISCV_LIFT(fcvt_h_s, funary, lift_narrow_to_half, SINGLE)
RISCV_LIFT(fcvt_h_d, funary, lift_narrow_to_half, DOUBLE)

/* A BF16 is the upper half of a single. The product with 1 is the same number; of a NaN it makes the canonical one. */
bool riscv_lift_fcvt_s_bf16(struct lifter *l, const struct riscv_args_funary *a)
{
    struct ir_builder *ir = l->ir;
    if (rounding_mode(l, a->rm) < 0) {
        return false;
    }
    ir_ref single = ir_bits(ir, IR_F32, ir_shl(ir, read_boxed_16(l, a->rs1, 0x7fc0), ir_i32(ir, 16)));
    lift_write_s(l, a->rd, ir_fmul(ir, single, ir_f32(ir, 0x3f800000)));
    return true;
}

bool riscv_lift_fcvt_bf16_s(struct lifter *l, const struct riscv_args_funary *a)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    const ir_ref arguments[2] = {lift_read_s(l, a->rs1), ir_i32(l->ir, engine_mode[mode])};
    write_half(l, a->rd, ir_call(l->ir, RISCV_HELPER_NARROW_BFLOAT, arguments, 2));
    return true;
}

/* ---- Zfa ---- */

/* FLI's numbers as doubles; 1 and 31 depend on the format. */
static const double loaded_numbers[32] = {
    -1.0,   0.0, 0x1p-16, 0x1p-15, 0x1p-8, 0x1p-7, 0.0625, 0.125,  0.25,     0.3125, 0.375,
    0.4375, 0.5, 0.625,   0.75,    0.875,  1.0,    1.25,   1.5,    1.75,     2.0,    2.5,
    3.0,    4.0, 8.0,     16.0,    128.0,  256.0,  0x1p15, 0x1p16, INFINITY, 0.0,
};

static bool lift_load_number(struct lifter *l, const struct riscv_args_fli *a, enum format format)
{
    enum { SMALLEST_NORMAL = 1, QUIET_NAN = 31 };
    union {
        double number;
        uint64_t bits;
    } wide = {.number = loaded_numbers[a->rs1]};
    union {
        float number;
        uint32_t bits;
    } narrow = {.number = (float)loaded_numbers[a->rs1]};
    if (a->rs1 == SMALLEST_NORMAL) {
        wide.bits = 0x0010000000000000;
        narrow.bits = 0x00800000;
    } else if (a->rs1 == QUIET_NAN) {
        wide.bits = 0x7ff8000000000000;
        narrow.bits = 0x7fc00000;
    }
    write_float(l, format, a->rd, format == DOUBLE ? ir_f64(l->ir, wide.bits) : ir_f32(l->ir, narrow.bits));
    return true;
}

/* The same numbers; the two smallest are subnormal, 2^16 is infinite. */
bool riscv_lift_fli_h(struct lifter *l, const struct riscv_args_fli *a)
{
    static const uint16_t numbers[32] = {
        0xbc00, 0x0400, 0x0100, 0x0200, 0x1c00, 0x2000, 0x2c00, 0x3000, 0x3400, 0x3500, 0x3600,
        0x3700, 0x3800, 0x3900, 0x3a00, 0x3b00, 0x3c00, 0x3d00, 0x3e00, 0x3f00, 0x4000, 0x4100,
        0x4200, 0x4400, 0x4800, 0x4c00, 0x5800, 0x5c00, 0x7800, 0x7c00, 0x7c00, 0x7e00,
    };
    write_half(l, a->rd, ir_i32(l->ir, numbers[a->rs1]));
    return true;
}

RISCV_LIFT(fli_s, fli, lift_load_number, SINGLE)
RISCV_LIFT(fli_d, fli, lift_load_number, DOUBLE)
RISCV_LIFT(fminm_s, r, lift_extremum, SINGLE, ir_fmin)
RISCV_LIFT(fmaxm_s, r, lift_extremum, SINGLE, ir_fmax)
RISCV_LIFT(fminm_d, r, lift_extremum, DOUBLE, ir_fmin)
RISCV_LIFT(fmaxm_d, r, lift_extremum, DOUBLE, ir_fmax)
RISCV_LIFT(fleq_s, r, lift_relation, SINGLE, IR_FLE)
RISCV_LIFT(fltq_s, r, lift_relation, SINGLE, IR_FLT)
RISCV_LIFT(fleq_d, r, lift_relation, DOUBLE, IR_FLE)
RISCV_LIFT(fltq_d, r, lift_relation, DOUBLE, IR_FLT)
RISCV_LIFT(fminm_h, r, lift_extremum, HALF, ir_fmin)
RISCV_LIFT(fmaxm_h, r, lift_extremum, HALF, ir_fmax)
RISCV_LIFT(fleq_h, r, lift_relation, HALF, IR_FLE)
RISCV_LIFT(fltq_h, r, lift_relation, HALF, IR_FLT)

static bool lift_to_integral(struct lifter *l, const struct riscv_args_funary *a, enum format format, unsigned inexact)
{
    int mode = rounding_mode(l, a->rm);
    if (mode < 0) {
        return false;
    }
    ir_ref x = read_float(l, format, a->rs1);
    write_float(l, format, a->rd, ir_fround(l->ir, x, (uint16_t)(round_operand(l, mode) | inexact)));
    return true;
}

RISCV_LIFT(fround_s, funary, lift_to_integral, SINGLE, 0)
RISCV_LIFT(froundnx_s, funary, lift_to_integral, SINGLE, IR_ROUND_INEXACT)
RISCV_LIFT(fround_d, funary, lift_to_integral, DOUBLE, 0)
RISCV_LIFT(froundnx_d, funary, lift_to_integral, DOUBLE, IR_ROUND_INEXACT)
RISCV_LIFT(fround_h, funary, lift_to_integral, HALF, 0)
RISCV_LIFT(froundnx_h, funary, lift_to_integral, HALF, IR_ROUND_INEXACT)

bool riscv_lift_fcvtmod_w_d(struct lifter *l, const struct riscv_args_funary *a)
{
    ir_ref x = lift_read_d(l, a->rs1);
    lift_write_x32(l, a->rd, ir_call(l->ir, RISCV_HELPER_CONVERT_MODULAR, &x, 1));
    return true;
}

/* ---- loads and stores ---- */

bool riscv_lift_flw(struct lifter *l, const struct riscv_args_i *a)
{
    lift_write_s(l, a->rd, ir_load(l->ir, IR_F32, lift_read_x(l, a->rs1), a->imm, lift_memop(l, 2)));
    return true;
}

bool riscv_lift_fld(struct lifter *l, const struct riscv_args_i *a)
{
    lift_write_d(l, a->rd, ir_load(l->ir, IR_F64, lift_read_x(l, a->rs1), a->imm, lift_memop(l, 3)));
    return true;
}

bool riscv_lift_fsw(struct lifter *l, const struct riscv_args_s *a)
{
    ir_ref low = read_low(l, a->rs2);
    ir_store(l->ir, lift_read_x(l, a->rs1), low, a->imm, lift_memop(l, 2));
    return true;
}

bool riscv_lift_flh(struct lifter *l, const struct riscv_args_i *a)
{
    write_half(l, a->rd, ir_load(l->ir, IR_I32, lift_read_x(l, a->rs1), a->imm, lift_memop(l, 1)));
    return true;
}

bool riscv_lift_fsh(struct lifter *l, const struct riscv_args_s *a)
{
    ir_store(l->ir, lift_read_x(l, a->rs1), read_low_half(l, a->rs2), a->imm, lift_memop(l, 1));
    return true;
}

bool riscv_lift_fsd(struct lifter *l, const struct riscv_args_s *a)
{
    ir_store(l->ir, lift_read_x(l, a->rs1), lift_read_d(l, a->rs2), a->imm, lift_memop(l, 3));
    return true;
}
