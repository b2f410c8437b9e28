/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of floats; float_select.h says how they are exact. One lane that needs software sends the whole vector there.
 */
#include "float_select.h"
#include "vector_select.h"

static bool is_wide(struct host_code *code, const struct host_plan *plan)
{
    return lane_of(code, plan) == 3;
}

static void plan_or_evaluate(struct host_code *code, struct host_plan *plan, unsigned operands,
                             void (*emit)(struct host_code *, const struct host_plan *))
{
    if (uses_soft_float(code)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, operands, emit);
    }
}

/* Slow path if any bit of scratch 0 is set. */
static void emit_slow_if_any(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_NE, &slow->entry);
    x86_bind(b, &slow->back);
}

enum { COMPARE_EQUAL = 0, COMPARE_LESS = 1, COMPARE_LESS_EQUAL = 2, COMPARE_UNORDERED = 3 };

void emit_vector_check(struct host_code *code, const struct host_plan *plan, bool wide, bool tiny)
{
    struct host_buffer *b = x86_code(code);
    unsigned result = vector_result(plan);
    uint32_t compare = wide ? X86_CMPPD : X86_CMPPS;
    x86_v_rrr_i8(b, compare, SCRATCH_V0, result, result, COMPARE_UNORDERED);
    if (tiny && flushes(code)) {
        emit_flushed_lanes(code, result, wide);
        x86_v_rrr(b, X86_ORPS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    } else if (tiny) {
        x86_v_rrm(b, X86_ANDPS, SCRATCH_V1, result, table_at(code, wide ? TABLE_ABS64 : TABLE_ABS32));
        x86_v_rrm_i8(b, compare, SCRATCH_V1, SCRATCH_V1, table_at(code, wide ? TABLE_TINY64 : TABLE_TINY32),
                     COMPARE_EQUAL);
        x86_v_rrr(b, X86_ORPS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    }
    emit_slow_if_any(code, plan);
}

/* ---- arithmetic ---- */
static uint32_t row_of(enum ir_op op, bool wide)
{
    switch (op) {
    case IR_OP_v_fadd:
        return wide ? X86_ADDPD : X86_ADDPS;
    case IR_OP_v_fsub:
        return wide ? X86_SUBPD : X86_SUBPS;
    case IR_OP_v_fmul:
        return wide ? X86_MULPD : X86_MULPS;
    case IR_OP_v_fdiv:
        return wide ? X86_DIVPD : X86_DIVPS;
    case IR_OP_v_fmin:
    case IR_OP_v_fminnum:
        return wide ? X86_MINPD : X86_MINPS;
    default:
        return wide ? X86_MAXPD : X86_MAXPS;
    }
}

static void emit_arithmetic(struct host_code *code, const struct host_plan *plan)
{
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool wide = is_wide(code, plan), may_be_tiny = op == IR_OP_v_fmul || op == IR_OP_v_fdiv;
    x86_v_rrr(x86_code(code), row_of(op, wide), vector_result(plan), vector_of(&plan->inputs[0]),
              vector_of(&plan->inputs[1]));
    emit_vector_check(code, plan, wide, flushes(code) || (may_be_tiny && checks_tiny(code)));
}

static void emit_v_fsqrt(struct host_code *code, const struct host_plan *plan)
{
    bool wide = is_wide(code, plan);
    x86_v_rr(x86_code(code), wide ? X86_SQRTPD : X86_SQRTPS, vector_result(plan), vector_of(&plan->inputs[0]));
    emit_vector_check(code, plan, wide, false);
}

static void emit_v_fma(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool wide = is_wide(code, plan);
    x86_v_move(b, vector_result(plan), vector_of(&plan->inputs[2]));
    x86_v_rrr(b, wide ? X86_VFMADD231PD : X86_VFMADD231PS, vector_result(plan), vector_of(&plan->inputs[0]),
              vector_of(&plan->inputs[1]));
    emit_vector_check(code, plan, wide, checks_tiny(code));
}

/* Of equal operands (zeros) the host takes the second one: both orders are combined, by or for -0 to win, by and for
 * +0. */
static void emit_extreme(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool wide = is_wide(code, plan), minimum = op == IR_OP_v_fmin || op == IR_OP_v_fminnum;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    x86_v_rrr_i8(b, wide ? X86_CMPPD : X86_CMPPS, SCRATCH_V0, x, y, COMPARE_UNORDERED);
    x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_NE, &slow->entry);
    x86_v_rrr(b, row_of(op, wide), result, x, y);
    x86_v_rrr(b, row_of(op, wide), SCRATCH_V0, y, x);
    x86_v_rrr(b, minimum ? X86_ORPS : X86_ANDPS, result, result, SCRATCH_V0);
    x86_bind(b, &slow->back);
}

PLAN_AS(v_fadd, plan_or_evaluate, 2, emit_arithmetic)
PLAN_AS(v_fsub, plan_or_evaluate, 2, emit_arithmetic)
PLAN_AS(v_fmul, plan_or_evaluate, 2, emit_arithmetic)
PLAN_AS(v_fdiv, plan_or_evaluate, 2, emit_arithmetic)
PLAN_AS(v_fmin, plan_or_evaluate, 2, emit_extreme)
PLAN_AS(v_fmax, plan_or_evaluate, 2, emit_extreme)
PLAN_AS(v_fminnum, plan_or_evaluate, 2, emit_extreme)
PLAN_AS(v_fmaxnum, plan_or_evaluate, 2, emit_extreme)
PLAN_AS(v_fsqrt, plan_or_evaluate, 1, emit_v_fsqrt)

void plan_v_fma(struct host_code *code, struct host_plan *plan)
{
    if (x86_has(code, X86_HAS_FMA)) {
        plan_or_evaluate(code, plan, 3, emit_v_fma);
    } else {
        plan_evaluate(code, plan);
    }
}

/* ---- signs ---- */
static void emit_sign(struct host_code *code, const struct host_plan *plan)
{
    bool wide = is_wide(code, plan), negate = plan_instruction(code, plan)->op == IR_OP_v_fneg;
    enum x86_table table = negate ? (wide ? TABLE_SIGN64 : TABLE_SIGN32) : (wide ? TABLE_ABS64 : TABLE_ABS32);
    x86_v_rrm(x86_code(code), negate ? X86_XORPS : X86_ANDPS, vector_result(plan), vector_of(&plan->inputs[0]),
              table_at(code, table));
}

void plan_v_fneg(struct host_code *code, struct host_plan *plan)
{
    if (is_half_operation(code->unit, plan_instruction(code, plan))) {
        plan_vector_half(code, plan);
    } else {
        plan_vector(code, plan, 1, emit_sign);
    }
}

PLAN_AS(v_fabs, plan_v_fneg)

/* ---- comparison: quiet for equality, signaling for order, as the host's predicates are ---- */
static void emit_compare(struct host_code *code, const struct host_plan *plan)
{
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    uint32_t row = is_wide(code, plan) ? X86_CMPPD : X86_CMPPS;
    if (op == IR_OP_v_fcmp_eq) {
        x86_v_rrr_i8(x86_code(code), row, vector_result(plan), x, y, COMPARE_EQUAL);
    } else { /* x > y is y < x */
        x86_v_rrr_i8(x86_code(code), row, vector_result(plan), y, x,
                     op == IR_OP_v_fcmp_gt ? COMPARE_LESS : COMPARE_LESS_EQUAL);
    }
}

PLAN_AS(v_fcmp_eq, plan_or_evaluate, 2, emit_compare)
PLAN_AS(v_fcmp_gt, plan_or_evaluate, 2, emit_compare)
PLAN_AS(v_fcmp_ge, plan_or_evaluate, 2, emit_compare)

/* ---- rounding and conversion ---- */
static unsigned mode_of(struct host_code *code, const struct host_plan *plan)
{
    return plan_instruction(code, plan)->aux & IR_ROUND_MODE;
}

static unsigned round_lane(struct host_code *code, const struct host_plan *plan)
{
    return ir_round_lane(plan_instruction(code, plan)->aux);
}

static void emit_v_fround(struct host_code *code, const struct host_plan *plan)
{
    bool wide = round_lane(code, plan) == 3, inexact = plan_instruction(code, plan)->aux & IR_ROUND_INEXACT;
    unsigned immediate;
    round_immediate(mode_of(code, plan), &immediate);
    x86_v_rr_i8(x86_code(code), wide ? X86_ROUNDPD : X86_ROUNDPS, vector_result(plan), vector_of(&plan->inputs[0]),
                immediate | (inexact ? 0 : ROUND_SUPPRESS_INEXACT));
    emit_vector_check(code, plan, wide, false);
}

void plan_v_fround(struct host_code *code, struct host_plan *plan)
{
    unsigned immediate;
    if (round_immediate(mode_of(code, plan), &immediate)) {
        plan_or_evaluate(code, plan, 1, emit_v_fround);
    } else {
        plan_evaluate(code, plan);
    }
}

static void emit_to_int32(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned mode = mode_of(code, plan), immediate, from = vector_of(&plan->inputs[0]), result = vector_result(plan);
    bool direct = mode == FLOAT_TOWARD_ZERO || mode == FLOAT_DYNAMIC;
    struct slow_path *slow = slow_evaluate(code, plan);
    round_immediate(mode, &immediate);
    if (direct) {
        x86_v_rr(b, mode == FLOAT_DYNAMIC ? X86_CVTPS2DQ : X86_CVTTPS2DQ, result, from);
    } else {
        x86_v_rr_i8(b, X86_ROUNDPS, SCRATCH_V0, from, immediate | ROUND_SUPPRESS_INEXACT);
        x86_v_rr(b, X86_CVTTPS2DQ, result, SCRATCH_V0);
    }
    x86_v_rrm(b, X86_PCMPEQD, SCRATCH_V0, result, table_at(code, TABLE_SIGN32));
    x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_NE, &slow->entry);
    if (!direct) {
        x86_v_rr_i8(b, X86_ROUNDPS, SCRATCH_V0, from, immediate); /* raises inexact, now that all lanes are in range */
    }
    x86_bind(b, &slow->back);
}

static void emit_to_int64(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    uint32_t row = mode_of(code, plan) == FLOAT_DYNAMIC ? X86_CVTSD2SI : X86_CVTTSD2SI;
    unsigned from = vector_of(&plan->inputs[0]), result = vector_result(plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    x86_v_rrr(b, X86_UNPCKHPD, SCRATCH_V0, from, from);
    x86_v_rr_sized(b, row, X86_64, X86_RAX, from);
    x86_v_rr_sized(b, row, X86_64, X86_RCX, SCRATCH_V0);
    x86_alu_ri(b, X86_CMP, X86_64, X86_RAX, 1);
    x86_jcc_label(b, X86_O, &slow->entry);
    x86_alu_ri(b, X86_CMP, X86_64, X86_RCX, 1);
    x86_jcc_label(b, X86_O, &slow->entry);
    x86_v_rr(b, X86_MOVQ_TO, result, X86_RAX);
    x86_v_rrg_i8(b, X86_PINSRQ, result, result, X86_RCX, 1);
    x86_bind(b, &slow->back);
}

void plan_v_fto_int(struct host_code *code, struct host_plan *plan)
{
    unsigned mode = mode_of(code, plan), immediate;
    bool is_signed = plan_instruction(code, plan)->aux & IR_ROUND_SIGNED, wide = round_lane(code, plan) == 3;
    if (!is_signed || !round_immediate(mode, &immediate) ||
        (wide && mode != FLOAT_TOWARD_ZERO && mode != FLOAT_DYNAMIC)) {
        plan_evaluate(code, plan);
    } else {
        plan_or_evaluate(code, plan, 1, wide ? emit_to_int64 : emit_to_int32);
    }
}

/* Unsigned: both halves of 16 bits are exact, their sum is rounded once. */
static void emit_from_int32(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum { TWO_TO_16 = 0x47800000 };
    unsigned from = vector_of(&plan->inputs[0]), result = vector_result(plan);
    if (plan_instruction(code, plan)->aux & IR_ROUND_SIGNED) {
        x86_v_rr(b, X86_CVTDQ2PS, result, from);
        return;
    }
    emit_vector_constant(code, SCRATCH_V1, TWO_TO_16 * 0x100000001ull, TWO_TO_16 * 0x100000001ull);
    x86_v_shift_i8(b, X86_PSRLD_I8, SCRATCH_V0, from, 16);
    x86_v_rr(b, X86_CVTDQ2PS, SCRATCH_V0, SCRATCH_V0);
    x86_v_rrr(b, X86_MULPS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    x86_v_rrm(b, X86_PAND, SCRATCH_V1, from, table_at(code, TABLE_DWORD_LOW_WORDS));
    x86_v_rr(b, X86_CVTDQ2PS, SCRATCH_V1, SCRATCH_V1);
    x86_v_rrr(b, X86_ADDPS, result, SCRATCH_V0, SCRATCH_V1);
}

static void emit_from_int64(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned from = vector_of(&plan->inputs[0]);
    struct slow_path *slow = slow_evaluate(code, plan);
    if (!(plan_instruction(code, plan)->aux & IR_ROUND_SIGNED)) {
        x86_v_rm(b, X86_PTEST, from, table_at(code, TABLE_SIGN64));
        x86_jcc_label(b, X86_NE, &slow->entry);
    }
    x86_v_rr(b, X86_MOVQ_FROM, from, X86_RAX);
    x86_v_rr_i8(b, X86_PEXTRQ, from, X86_RCX, 1);
    x86_v_zero(b, SCRATCH_V0);
    x86_v_rrg(b, X86_CVTSI2SD, X86_64, SCRATCH_V1, SCRATCH_V0, X86_RCX);
    x86_v_rrg(b, X86_CVTSI2SD, X86_64, SCRATCH_V0, SCRATCH_V0, X86_RAX);
    x86_v_rrr(b, X86_UNPCKLPD, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
    x86_bind(b, &slow->back);
}

void plan_v_ffrom_int(struct host_code *code, struct host_plan *plan)
{
    if (mode_of(code, plan) != FLOAT_DYNAMIC) {
        plan_evaluate(code, plan);
    } else {
        plan_or_evaluate(code, plan, 1, round_lane(code, plan) == 3 ? emit_from_int64 : emit_from_int32);
    }
}

static void emit_v_fwiden(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_CVTPS2PD, vector_result(plan), vector_of(&plan->inputs[0]));
    emit_vector_check(code, plan, true, false);
}

static void emit_v_fnarrow(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_CVTPD2PS, vector_result(plan), vector_of(&plan->inputs[0]));
    emit_vector_check(code, plan, false, checks_tiny(code));
}

PLAN_AS(v_fwiden, plan_or_evaluate, 1, emit_v_fwiden)
PLAN_AS(v_fnarrow, plan_or_evaluate, 1, emit_v_fnarrow)
