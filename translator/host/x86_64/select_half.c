/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Half precision, scalar: f16 in general registers, computed as f32 and rounded once more.
 *
 * The second rounding does no harm. f32 has more than twice the bits of f16 and two, which makes rounding twice the
 * same as rounding once for sums, products, quotients and roots, in every mode of MXCSR; its exponents are so wide that
 * no f16 operand gives a subnormal or infinite f32; and a result that f32 cannot hold exactly f16 cannot hold either,
 * so that the inexact exception is right, too. A tiny result that f32 had to round is never one that f16 holds exactly
 * (a quotient of numbers of 11 bits is no closer than 2^-21 to one), so underflow is seen. a * b + c has an exact
 * product in f32; its sum in f64 is exact where bits of both count for f16, and is brought to f32 by rounding to odd.
 * float_select.h says what is done about NaNs and the smallest normal number. */
#include "float_select.h"

enum { ROUND_BY_MXCSR = 4, SMALLEST_NORMAL16 = 0x0400, SIGN16 = 0x8000 };

/* ---- what works on f16 ---- */
enum half_kind { HALF_NEVER, HALF_BY_TYPE, HALF_BY_OPERAND, HALF_BY_LANE, HALF_BY_ROUND_LANE };

static const uint8_t half_kinds[IR_OP_COUNT] = {
    [IR_OP_fadd] = HALF_BY_TYPE,
    [IR_OP_fsub] = HALF_BY_TYPE,
    [IR_OP_fmul] = HALF_BY_TYPE,
    [IR_OP_fdiv] = HALF_BY_TYPE,
    [IR_OP_fsqrt] = HALF_BY_TYPE,
    [IR_OP_fma] = HALF_BY_TYPE,
    [IR_OP_fneg] = HALF_BY_TYPE,
    [IR_OP_fabs] = HALF_BY_TYPE,
    [IR_OP_fmin] = HALF_BY_TYPE,
    [IR_OP_fmax] = HALF_BY_TYPE,
    [IR_OP_fminnum] = HALF_BY_TYPE,
    [IR_OP_fmaxnum] = HALF_BY_TYPE,
    [IR_OP_fround] = HALF_BY_TYPE,
    [IR_OP_ffrom_int] = HALF_BY_TYPE,
    [IR_OP_fcmp] = HALF_BY_OPERAND,
    [IR_OP_flags_float] = HALF_BY_OPERAND,
    [IR_OP_fto_int] = HALF_BY_OPERAND,
    [IR_OP_v_fadd] = HALF_BY_LANE,
    [IR_OP_v_fsub] = HALF_BY_LANE,
    [IR_OP_v_fmul] = HALF_BY_LANE,
    [IR_OP_v_fdiv] = HALF_BY_LANE,
    [IR_OP_v_fsqrt] = HALF_BY_LANE,
    [IR_OP_v_fma] = HALF_BY_LANE,
    [IR_OP_v_fneg] = HALF_BY_LANE,
    [IR_OP_v_fabs] = HALF_BY_LANE,
    [IR_OP_v_fmin] = HALF_BY_LANE,
    [IR_OP_v_fmax] = HALF_BY_LANE,
    [IR_OP_v_fminnum] = HALF_BY_LANE,
    [IR_OP_v_fmaxnum] = HALF_BY_LANE,
    [IR_OP_v_fcmp_eq] = HALF_BY_LANE,
    [IR_OP_v_fcmp_gt] = HALF_BY_LANE,
    [IR_OP_v_fcmp_ge] = HALF_BY_LANE,
    [IR_OP_v_fround] = HALF_BY_ROUND_LANE,
    [IR_OP_v_fto_int] = HALF_BY_ROUND_LANE,
    [IR_OP_v_ffrom_int] = HALF_BY_ROUND_LANE,
};

bool is_half_operation(const struct ir_unit *unit, const struct ir_instruction *i)
{
    switch (half_kinds[i->op]) {
    case HALF_BY_TYPE:
        return i->type == IR_I32;
    case HALF_BY_OPERAND:
        return ir_type_of(unit, i->a) == IR_I32;
    case HALF_BY_LANE:
        return i->aux == 1;
    case HALF_BY_ROUND_LANE:
        return ir_round_lane(i->aux) == 1;
    default:
        return false;
    }
}

bool half_is_native(struct host_code *code)
{
    const struct float_rules *rules = code->unit->context->rules;
    return !uses_soft_float(code) && x86_has(code, X86_HAS_F16C) && !rules->flush_inputs_half &&
           !rules->flush_outputs_half;
}

/* ---- operands and results ---- */
void emit_half_operand(struct host_code *code, unsigned scratch, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    x86_rr(b, X86_MOVZX16, X86_32, X86_RAX, input->place.reg);
    x86_v_rr(b, X86_MOVD_TO, scratch, X86_RAX);
    x86_v_rr(b, X86_VCVTPH2PS, scratch, scratch);
}

static void emit_unless_nan(struct host_code *code, unsigned vector, struct slow_path *slow)
{
    x86_v_rr(x86_code(code), X86_UCOMISS, vector, vector);
    x86_jcc_label(x86_code(code), X86_P, &slow->entry);
}

void emit_half_result(struct host_code *code, unsigned result, unsigned vector, bool tiny, struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rr_i8(b, X86_VCVTPS2PH, vector, vector, ROUND_BY_MXCSR);
    x86_v_rr(b, X86_MOVD_FROM, vector, result);
    if (tiny && checks_tiny(code)) {
        x86_rm(b, X86_LEA, X86_32, X86_RAX, x86_at_index(result, result, 0, 0)); /* the sign leaves 16 bits */
        x86_alu_ri(b, X86_CMP, X86_16, X86_RAX, 2 * SMALLEST_NORMAL16);
        x86_jcc_label(b, X86_E, &slow->entry);
    }
}

/* ---- arithmetic ---- */
static uint32_t row_of(enum ir_op op)
{
    switch (op) {
    case IR_OP_fadd:
        return X86_ADDSS;
    case IR_OP_fsub:
        return X86_SUBSS;
    case IR_OP_fmul:
        return X86_MULSS;
    case IR_OP_fdiv:
        return X86_DIVSS;
    case IR_OP_fmin:
    case IR_OP_fminnum:
        return X86_MINSS;
    default:
        return X86_MAXSS;
    }
}

static void emit_arithmetic(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[1]);
    x86_v_rrr(b, row_of(op), SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    emit_unless_nan(code, SCRATCH_V0, slow);
    emit_half_result(code, plan->result, SCRATCH_V0, op == IR_OP_fmul || op == IR_OP_fdiv, slow);
    x86_bind(b, &slow->back);
}

static void emit_fsqrt(struct host_code *code, const struct host_plan *plan)
{
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    x86_v_rr(x86_code(code), X86_SQRTSS, SCRATCH_V0, SCRATCH_V0);
    emit_unless_nan(code, SCRATCH_V0, slow);
    emit_half_result(code, plan->result, SCRATCH_V0, false, slow);
    x86_bind(x86_code(code), &slow->back);
}

static void emit_fma(struct host_code *code, const struct host_plan *plan)
{
    enum { BELOW_F32 = 0x1fffffff };
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[1]);
    x86_v_rrr(b, X86_MULSS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[2]);
    x86_v_rrr(b, X86_CVTSS2SD, SCRATCH_V0, SCRATCH_V0, SCRATCH_V0);
    x86_v_rrr(b, X86_CVTSS2SD, SCRATCH_V1, SCRATCH_V1, SCRATCH_V1);
    x86_v_rrr(b, X86_ADDSD, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    x86_v_rr(b, X86_UCOMISD, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_P, &slow->entry);
    /* To odd: the last bit that f32 has is set if anything below is. */
    x86_v_rr(b, X86_MOVQ_FROM, SCRATCH_V0, X86_RAX);
    x86_rr(b, X86_MOV, X86_32, X86_RCX, X86_RAX);
    x86_alu_ri(b, X86_AND, X86_32, X86_RCX, BELOW_F32);
    x86_alu_ri(b, X86_ADD, X86_32, X86_RCX, BELOW_F32);
    x86_rr(b, X86_OR, X86_64, X86_RCX, X86_RAX);
    x86_alu_ri(b, X86_AND, X86_64, X86_RAX, ~BELOW_F32);
    x86_v_rr(b, X86_MOVQ_TO, SCRATCH_V0, X86_RAX);
    x86_v_rrr(b, X86_CVTSD2SS, SCRATCH_V0, SCRATCH_V0, SCRATCH_V0);
    x86_v_rr(b, X86_MOVD_FROM, SCRATCH_V0, X86_RAX); /* zeros above again */
    x86_v_rr(b, X86_MOVD_TO, SCRATCH_V0, X86_RAX);
    emit_half_result(code, plan->result, SCRATCH_V0, true, slow);
    x86_bind(b, &slow->back);
}

static void emit_sign(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_rr(b, X86_MOVZX16, X86_32, plan->result, plan->inputs[0].place.reg);
    if (plan_instruction(code, plan)->op == IR_OP_fneg) {
        x86_alu_ri(b, X86_XOR, X86_32, plan->result, SIGN16);
    } else {
        x86_alu_ri(b, X86_AND, X86_32, plan->result, SIGN16 - 1);
    }
}

static void emit_extreme(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool minimum = op == IR_OP_fmin || op == IR_OP_fminnum;
    struct slow_path *slow = slow_evaluate(code, plan);
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[1]);
    x86_v_rr(b, X86_UCOMISS, SCRATCH_V0, SCRATCH_V1);
    x86_jcc_label(b, X86_P, &slow->entry);
    uint32_t differ = x86_jcc_short(b, X86_NE);
    x86_v_rrr(b, minimum ? X86_ORPS : X86_ANDPS, SCRATCH_V1, SCRATCH_V0, SCRATCH_V1);
    x86_bind_short(b, differ);
    x86_v_rrr(b, row_of(op), SCRATCH_V0, SCRATCH_V0, SCRATCH_V1); /* of equal ones the second */
    emit_half_result(code, plan->result, SCRATCH_V0, false, slow);
    x86_bind(b, &slow->back);
}

static void emit_fround(struct host_code *code, const struct host_plan *plan)
{
    uint16_t aux = plan_instruction(code, plan)->aux;
    struct slow_path *slow = slow_evaluate(code, plan);
    unsigned immediate;
    round_immediate(aux & IR_ROUND_MODE, &immediate);
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    x86_v_rr_i8(x86_code(code), X86_ROUNDSS, SCRATCH_V0, SCRATCH_V0,
                immediate | (aux & IR_ROUND_INEXACT ? 0 : ROUND_SUPPRESS_INEXACT));
    emit_unless_nan(code, SCRATCH_V0, slow);
    emit_half_result(code, plan->result, SCRATCH_V0, false, slow);
    x86_bind(x86_code(code), &slow->back);
}

/* ---- comparison ---- */
static void emit_fcmp(struct host_code *code, const struct host_plan *plan)
{
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[1]);
    emit_boolean(code, emit_compare_registers(code, plan_instruction(code, plan), SCRATCH_V0, SCRATCH_V1),
                 plan->result);
}

static void emit_flags_float(struct host_code *code, const struct host_plan *plan)
{
    emit_half_operand(code, SCRATCH_V0, &plan->inputs[0]);
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[1]);
    emit_flags_registers(code, plan_instruction(code, plan), SCRATCH_V0, SCRATCH_V1);
    x86_rr(x86_code(code), X86_MOV, X86_32, plan->result, X86_RAX);
}

/* ---- integers ---- */
static void emit_fto_int(struct host_code *code, const struct host_plan *plan)
{
    emit_half_operand(code, SCRATCH_V1, &plan->inputs[0]);
    emit_float_to_int(code, plan, SCRATCH_V1);
}

/* Integers that f32 rounds are beyond f16 before and after. */
static void emit_ffrom_int(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool long_operand = ir_type_of(code->unit, i->a) == IR_I64, is_signed = i->aux & IR_ROUND_SIGNED;
    unsigned from = plan->inputs[0].place.reg;
    struct slow_path *slow = slow_evaluate(code, plan);
    if (long_operand && !is_signed) {
        x86_rr(b, X86_TEST, X86_64, from, from);
        x86_jcc_label(b, X86_S, &slow->entry);
    }
    x86_v_zero(b, SCRATCH_V0);
    x86_v_rrg(b, X86_CVTSI2SS, long_operand || !is_signed ? X86_64 : X86_32, SCRATCH_V0, SCRATCH_V0, from);
    emit_half_result(code, plan->result, SCRATCH_V0, false, slow);
    x86_bind(b, &slow->back);
}

/* ---- which emitter ---- */
static bool mode_is_native(struct host_code *code, const struct ir_instruction *i)
{
    unsigned mode = i->aux & IR_ROUND_MODE, immediate;
    switch (i->op) {
    case IR_OP_fround:
        return round_immediate(mode, &immediate);
    case IR_OP_fto_int:
        return mode == FLOAT_NEAREST_AWAY || round_immediate(mode, &immediate);
    case IR_OP_ffrom_int:
        return mode == FLOAT_DYNAMIC;
    case IR_OP_fma:
        /* The product of zero and infinity raises invalid whatever is added. */
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
    [IR_OP_fadd] = {emit_arithmetic, 2},
    [IR_OP_fsub] = {emit_arithmetic, 2},
    [IR_OP_fmul] = {emit_arithmetic, 2},
    [IR_OP_fdiv] = {emit_arithmetic, 2},
    [IR_OP_fsqrt] = {emit_fsqrt, 1},
    [IR_OP_fma] = {emit_fma, 3},
    [IR_OP_fmin] = {emit_extreme, 2},
    [IR_OP_fmax] = {emit_extreme, 2},
    [IR_OP_fminnum] = {emit_extreme, 2},
    [IR_OP_fmaxnum] = {emit_extreme, 2},
    [IR_OP_fround] = {emit_fround, 1},
    [IR_OP_fcmp] = {emit_fcmp, 2},
    [IR_OP_fto_int] = {emit_fto_int, 1},
    [IR_OP_ffrom_int] = {emit_ffrom_int, 1},
    [IR_OP_flags_float] = {emit_flags_float, 2},
};

void plan_half(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (i->op == IR_OP_fneg || i->op == IR_OP_fabs) {
        plan_float(code, plan, 1, emit_sign);
    } else if (half_is_native(code) && mode_is_native(code, i)) {
        plan_float(code, plan, half_emitters[i->op].operands, half_emitters[i->op].emit);
    } else {
        plan_evaluate(code, plan);
    }
}

/* ---- conversions: FZ16 and the like do not concern them ---- */
static bool conversion_is_native(struct host_code *code)
{
    return !uses_soft_float(code) && x86_has(code, X86_HAS_F16C) && !code->unit->context->rules->alternative_half;
}

static void emit_fhalf_to(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool wide = plan_instruction(code, plan)->type == IR_F64;
    unsigned result = plan->result - VECTOR_BASE;
    emit_half_operand(code, result, &plan->inputs[0]);
    if (wide) {
        x86_v_rr(b, X86_CVTSS2SD, result, result);
    }
    emit_scalar_check(code, plan, wide, false);
}

void plan_fhalf_to(struct host_code *code, struct host_plan *plan)
{
    if (conversion_is_native(code)) {
        plan_float(code, plan, 1, emit_fhalf_to);
    } else {
        plan_evaluate(code, plan);
    }
}

static void emit_fhalf_from(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    unsigned from = vector_of(&plan->inputs[0]);
    emit_unless_nan(code, from, slow);
    /* The other lanes of the register may hold anything: they must not raise exceptions. */
    x86_v_rrr_i8(b, X86_INSERTPS, SCRATCH_V0, from, from, 0x0e);
    emit_half_result(code, plan->result, SCRATCH_V0, true, slow);
    x86_bind(b, &slow->back);
}

void plan_fhalf_from(struct host_code *code, struct host_plan *plan)
{
    if (conversion_is_native(code) && !flushes(code) &&
        ir_type_of(code->unit, plan_instruction(code, plan)->a) == IR_F32) {
        plan_float(code, plan, 1, emit_fhalf_from);
    } else {
        plan_evaluate(code, plan);
    }
}

/* ---- conversions of four lanes ---- */
static void emit_v_fhalf_to(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_VCVTPH2PS, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]));
    emit_vector_check(code, plan, false, false);
}

void plan_v_fhalf_to(struct host_code *code, struct host_plan *plan)
{
    if (conversion_is_native(code)) {
        plan_float(code, plan, 1, emit_v_fhalf_to);
    } else {
        plan_evaluate(code, plan);
    }
}

static void emit_v_fhalf_from(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    unsigned from = vector_of(&plan->inputs[0]), result = plan->result - VECTOR_BASE;
    enum { COMPARE_UNORDERED = 3 };
    x86_v_rrr_i8(b, X86_CMPPS, SCRATCH_V0, from, from, COMPARE_UNORDERED);
    x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
    x86_jcc_label(b, X86_NE, &slow->entry);
    x86_v_rr_i8(b, X86_VCVTPS2PH, from, result, ROUND_BY_MXCSR);
    emit_tiny_halves(code, result, slow);
    x86_bind(b, &slow->back);
}

void plan_v_fhalf_from(struct host_code *code, struct host_plan *plan)
{
    if (conversion_is_native(code) && !flushes(code)) {
        plan_float(code, plan, 1, emit_v_fhalf_from);
    } else {
        plan_evaluate(code, plan);
    }
}
