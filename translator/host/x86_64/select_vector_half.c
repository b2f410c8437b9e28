/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of f16: each half of four lanes is computed as f32. select_half.c says why that is exact. One lane that needs
 * software sends the whole vector there. */
#include "float_select.h"
#include "vector_select.h"

enum {
    ROUND_BY_MXCSR = 4,
    UPPER_HALF = 0xee,
    COMPARE_EQUAL = 0,
    COMPARE_LESS = 1,
    COMPARE_LESS_EQUAL = 2,
    COMPARE_UNORDERED = 3
};

#define EVERY16(value) ((value)*UINT64_C(0x0001000100010001))

/* Four lanes of `from` as f32. */
static void emit_widen(struct host_code *code, unsigned to, unsigned from, bool high)
{
    struct host_buffer *b = x86_code(code);
    if (high) {
        x86_v_rr_i8(b, X86_PSHUFD, to, from, UPPER_HALF);
        from = to;
    }
    x86_v_rr(b, X86_VCVTPH2PS, to, from);
}

/* Slow path if a lane of either is a NaN. Destroys `scratch`. */
static void emit_unless_nan(struct host_code *code, unsigned low, unsigned high, unsigned scratch,
                            struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rrr_i8(b, X86_CMPPS, scratch, low, high, COMPARE_UNORDERED);
    x86_v_rr(b, X86_PTEST, scratch, scratch);
    x86_jcc_label(b, X86_NE, &slow->entry);
}

void emit_tiny_halves(struct host_code *code, unsigned result, struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    const union ir_value doubled = {.u64 = {EVERY16(0x0800), EVERY16(0x0800)}};
    if (!checks_tiny(code)) {
        return;
    }
    x86_v_rrr(b, X86_PADDW, SCRATCH_V0, result, result); /* without signs */
    emit_v_constant_operand(code, X86_PCMPEQW, SCRATCH_V0, SCRATCH_V0, &doubled);
    x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_NE, &slow->entry);
}

/* Both halves rounded to f16 and joined; `high` is destroyed. */
static void emit_join(struct host_code *code, unsigned result, unsigned low, unsigned high)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rr_i8(b, X86_VCVTPS2PH, low, result, ROUND_BY_MXCSR);
    x86_v_rr_i8(b, X86_VCVTPS2PH, high, high, ROUND_BY_MXCSR);
    x86_v_rrr(b, X86_PUNPCKLQDQ, result, result, high);
}

/* ---- arithmetic ---- */
static uint32_t row_of(enum ir_op op)
{
    switch (op) {
    case IR_OP_v_fadd:
        return X86_ADDPS;
    case IR_OP_v_fsub:
        return X86_SUBPS;
    case IR_OP_v_fmul:
        return X86_MULPS;
    case IR_OP_v_fdiv:
        return X86_DIVPS;
    case IR_OP_v_fmin:
    case IR_OP_v_fminnum:
        return X86_MINPS;
    default:
        return X86_MAXPS;
    }
}

static void emit_arithmetic(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_widen(code, SCRATCH_V0, x, false);
    emit_widen(code, SCRATCH_V1, y, false);
    x86_v_rrr(b, row_of(op), SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    emit_widen(code, SCRATCH_V1, x, true);
    emit_widen(code, SCRATCH_V2, y, true);
    x86_v_rrr(b, row_of(op), SCRATCH_V1, SCRATCH_V1, SCRATCH_V2);
    emit_unless_nan(code, SCRATCH_V0, SCRATCH_V1, SCRATCH_V2, slow);
    emit_join(code, result, SCRATCH_V0, SCRATCH_V1);
    if (op == IR_OP_v_fmul || op == IR_OP_v_fdiv) {
        emit_tiny_halves(code, result, slow);
    }
    x86_bind(b, &slow->back);
}

/* Square roots and roundings to integral. */
static void emit_unary(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    for (unsigned high = 0; high < 2; high++) {
        unsigned scratch = high ? SCRATCH_V1 : SCRATCH_V0, immediate;
        emit_widen(code, scratch, vector_of(&plan->inputs[0]), high);
        if (i->op == IR_OP_v_fsqrt) {
            x86_v_rr(b, X86_SQRTPS, scratch, scratch);
        } else {
            round_immediate(i->aux & IR_ROUND_MODE, &immediate);
            x86_v_rr_i8(b, X86_ROUNDPS, scratch, scratch,
                        immediate | (i->aux & IR_ROUND_INEXACT ? 0 : ROUND_SUPPRESS_INEXACT));
        }
    }
    emit_unless_nan(code, SCRATCH_V0, SCRATCH_V1, SCRATCH_V2, slow);
    emit_join(code, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
    x86_bind(b, &slow->back);
}

/* sum = two lanes of f32 `sum` and `addend` added as f64, to f32 by rounding to odd: the last bit is set if anything
   below it is. Destroys addend. */
static void emit_sum_to_odd(struct host_code *code, unsigned sum, unsigned addend)
{
    struct host_buffer *b = x86_code(code);
    const uint64_t below = 0x1fffffff;
    const union ir_value rest = {.u64 = {below, below}}, kept = {.u64 = {~below, ~below}};
    x86_v_rr(b, X86_CVTPS2PD, sum, sum);
    x86_v_rr(b, X86_CVTPS2PD, addend, addend);
    x86_v_rrr(b, X86_ADDPD, sum, sum, addend);
    emit_v_constant_operand(code, X86_PAND, addend, sum, &rest);
    emit_v_constant_operand(code, X86_PADDQ, addend, addend, &rest);
    x86_v_rrr(b, X86_POR, sum, sum, addend);
    emit_v_constant_operand(code, X86_PAND, sum, sum, &kept);
    x86_v_rr(b, X86_CVTPD2PS, sum, sum);
}

/* to = four lanes of x * y + z as f32 rounded to odd */
static void emit_fused_half(struct host_code *code, unsigned to, const struct host_plan *plan, bool high)
{
    struct host_buffer *b = x86_code(code);
    emit_widen(code, SCRATCH_V0, vector_of(&plan->inputs[0]), high);
    emit_widen(code, SCRATCH_V1, vector_of(&plan->inputs[1]), high);
    x86_v_rrr(b, X86_MULPS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1); /* exact */
    emit_widen(code, SCRATCH_V1, vector_of(&plan->inputs[2]), high);
    x86_v_move(b, to, SCRATCH_V0);
    x86_v_move(b, SCRATCH_V2, SCRATCH_V1);
    emit_sum_to_odd(code, to, SCRATCH_V2);
    x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V0, SCRATCH_V0, UPPER_HALF);
    x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V1, SCRATCH_V1, UPPER_HALF);
    emit_sum_to_odd(code, SCRATCH_V0, SCRATCH_V1);
    x86_v_rrr(b, X86_MOVLHPS, to, to, SCRATCH_V0);
}

static void emit_v_fma(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned low = plan->temporaries[0] - VECTOR_BASE, result = vector_result(plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_fused_half(code, low, plan, false);
    emit_fused_half(code, result, plan, true);
    emit_unless_nan(code, low, result, SCRATCH_V0, slow);
    x86_v_move(b, SCRATCH_V1, result);
    emit_join(code, result, low, SCRATCH_V1);
    emit_tiny_halves(code, result, slow);
    x86_bind(b, &slow->back);
}

/* As for f32: both orders combined, for the sign of zero. The host's minimum raises invalid for every NaN: those are
   found before. */
static void emit_extreme(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool minimum = op == IR_OP_v_fmin || op == IR_OP_v_fminnum;
    unsigned result = vector_result(plan);
    struct slow_path *slow = slow_evaluate(code, plan);
    for (unsigned high = 0; high < 2; high++) {
        emit_widen(code, SCRATCH_V0, vector_of(&plan->inputs[0]), high);
        emit_widen(code, SCRATCH_V1, vector_of(&plan->inputs[1]), high);
        emit_unless_nan(code, SCRATCH_V0, SCRATCH_V1, SCRATCH_V2, slow);
        x86_v_rrr(b, row_of(op), SCRATCH_V2, SCRATCH_V0, SCRATCH_V1);
        x86_v_rrr(b, row_of(op), SCRATCH_V1, SCRATCH_V1, SCRATCH_V0);
        x86_v_rrr(b, minimum ? X86_ORPS : X86_ANDPS, high ? SCRATCH_V1 : result, SCRATCH_V2, SCRATCH_V1);
    }
    emit_join(code, result, result, SCRATCH_V1);
    x86_bind(b, &slow->back);
}

static void emit_sign(struct host_code *code, const struct host_plan *plan)
{
    bool negate = plan_instruction(code, plan)->op == IR_OP_v_fneg;
    uint64_t mask = negate ? EVERY16(0x8000) : EVERY16(0x7fff);
    const union ir_value value = {.u64 = {mask, mask}};
    emit_v_constant_operand(code, negate ? X86_PXOR : X86_PAND, vector_result(plan), vector_of(&plan->inputs[0]),
                            &value);
}

static void emit_compare(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool exchanged = op != IR_OP_v_fcmp_eq; /* x > y is y < x */
    unsigned x = vector_of(&plan->inputs[exchanged]), y = vector_of(&plan->inputs[!exchanged]);
    unsigned predicate = op == IR_OP_v_fcmp_eq   ? COMPARE_EQUAL
                         : op == IR_OP_v_fcmp_gt ? COMPARE_LESS
                                                 : COMPARE_LESS_EQUAL;
    emit_widen(code, SCRATCH_V0, x, false);
    emit_widen(code, SCRATCH_V1, y, false);
    x86_v_rrr_i8(b, X86_CMPPS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1, predicate);
    emit_widen(code, SCRATCH_V1, x, true);
    emit_widen(code, SCRATCH_V2, y, true);
    x86_v_rrr_i8(b, X86_CMPPS, SCRATCH_V1, SCRATCH_V1, SCRATCH_V2, predicate);
    x86_v_rrr(b, X86_PACKSSDW, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

/* ---- integers of 16 bits ---- */

/* SCRATCH_V2 = ones in lanes of 32 bits that 16 do not hold. */
static void emit_beyond_word(struct host_code *code, unsigned from, bool is_signed)
{
    struct host_buffer *b = x86_code(code);
    if (is_signed) {
        x86_v_shift_i8(b, X86_PSLLD_I8, SCRATCH_V2, from, 16);
        x86_v_shift_i8(b, X86_PSRAD_I8, SCRATCH_V2, SCRATCH_V2, 16);
        x86_v_rrr(b, X86_PXOR, SCRATCH_V2, SCRATCH_V2, from);
    } else {
        x86_v_shift_i8(b, X86_PSRLD_I8, SCRATCH_V2, from, 16);
    }
}

/* Rounded without raising anything; inexact is raised when all lanes are known to be in range. */
static void emit_v_fto_int(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    uint16_t aux = plan_instruction(code, plan)->aux;
    bool is_signed = aux & IR_ROUND_SIGNED;
    unsigned from = vector_of(&plan->inputs[0]), immediate;
    struct slow_path *slow = slow_evaluate(code, plan);
    round_immediate(aux & IR_ROUND_MODE, &immediate);
    for (unsigned high = 0; high < 2; high++) {
        unsigned scratch = high ? SCRATCH_V1 : SCRATCH_V0;
        emit_widen(code, scratch, from, high);
        x86_v_rr_i8(b, X86_ROUNDPS, scratch, scratch, immediate | ROUND_SUPPRESS_INEXACT);
        x86_v_rr(b, X86_CVTTPS2DQ, scratch, scratch);
        emit_beyond_word(code, scratch, is_signed);
        x86_v_rr(b, X86_PTEST, SCRATCH_V2, SCRATCH_V2);
        x86_jcc_label(b, X86_NE, &slow->entry);
    }
    x86_v_rrr(b, is_signed ? X86_PACKSSDW : X86_PACKUSDW, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
    for (unsigned high = 0; high < 2; high++) {
        emit_widen(code, SCRATCH_V0, from, high);
        x86_v_rr_i8(b, X86_ROUNDPS, SCRATCH_V0, SCRATCH_V0, immediate);
    }
    x86_bind(b, &slow->back);
}

static void emit_v_ffrom_int(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    uint32_t widen = plan_instruction(code, plan)->aux & IR_ROUND_SIGNED ? X86_PMOVSXWD : X86_PMOVZXWD;
    unsigned from = vector_of(&plan->inputs[0]);
    x86_v_rr(b, widen, SCRATCH_V0, from);
    x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V1, from, UPPER_HALF);
    x86_v_rr(b, widen, SCRATCH_V1, SCRATCH_V1);
    x86_v_rr(b, X86_CVTDQ2PS, SCRATCH_V0, SCRATCH_V0);
    x86_v_rr(b, X86_CVTDQ2PS, SCRATCH_V1, SCRATCH_V1);
    emit_join(code, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

/* ---- which emitter ---- */
static bool mode_is_native(struct host_code *code, const struct ir_instruction *i)
{
    unsigned mode = i->aux & IR_ROUND_MODE, immediate;
    switch (i->op) {
    case IR_OP_v_fround:
    case IR_OP_v_fto_int:
        return round_immediate(mode, &immediate);
    case IR_OP_v_ffrom_int:
        return mode == FLOAT_DYNAMIC;
    case IR_OP_v_fma:
        return code->unit->context->rules->fma_zero_infinity_default ||
               code->unit->context->rules->fma_zero_infinity_invalid;
    default:
        return true;
    }
}

static const struct {
    void (*emit)(struct host_code *, const struct host_plan *);
    uint8_t operands;
} half_emitters[IR_OP_COUNT] = {
    [IR_OP_v_fadd] = {emit_arithmetic, 2},   [IR_OP_v_fsub] = {emit_arithmetic, 2},
    [IR_OP_v_fmul] = {emit_arithmetic, 2},   [IR_OP_v_fdiv] = {emit_arithmetic, 2},
    [IR_OP_v_fsqrt] = {emit_unary, 1},       [IR_OP_v_fma] = {emit_v_fma, 3},
    [IR_OP_v_fmin] = {emit_extreme, 2},      [IR_OP_v_fmax] = {emit_extreme, 2},
    [IR_OP_v_fminnum] = {emit_extreme, 2},   [IR_OP_v_fmaxnum] = {emit_extreme, 2},
    [IR_OP_v_fround] = {emit_unary, 1},      [IR_OP_v_fcmp_eq] = {emit_compare, 2},
    [IR_OP_v_fcmp_gt] = {emit_compare, 2},   [IR_OP_v_fcmp_ge] = {emit_compare, 2},
    [IR_OP_v_fto_int] = {emit_v_fto_int, 1}, [IR_OP_v_ffrom_int] = {emit_v_ffrom_int, 1},
};

void plan_vector_half(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (i->op == IR_OP_v_fneg || i->op == IR_OP_v_fabs) {
        plan_vector(code, plan, 1, emit_sign);
    } else if (half_is_native(code) && mode_is_native(code, i)) {
        plan_float(code, plan, half_emitters[i->op].operands, half_emitters[i->op].emit);
        if (i->op == IR_OP_v_fma) {
            plan_temporary(plan, VECTOR);
        }
    } else {
        plan_evaluate(code, plan);
    }
}
