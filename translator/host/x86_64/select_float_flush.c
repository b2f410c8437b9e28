/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point under rules that flush subnormals (Arm FPCR.FZ). MXCSR stays as it always is: nothing subnormal comes
 * to the host's instructions, and nothing subnormal that they make is kept.
 *
 * - An operand that is subnormal sends the operation to software, before the host's instruction. Operands made by
 * another operation of the unit cannot be.
 * - A result that is subnormal, or the smallest normal number, is computed again. Sums below the smallest normal number
 * are exact: the host has raised nothing for them. The underflow that the host raises for other results is one that the
 *   flush raises, too; but not the inexact exception, and a result that became zero cannot be told from an exact zero:
 *   operations other than sums wait in software until cpu_header.fp has the inexact exception, which is sticky. After
 *   that it cannot be raised wrongly.
 *
 * The test for a subnormal or smallest normal number x, in integers: (2 * bits - 1) >> (exponent's place + 1) == 0,
 * where the multiplication drops the sign and zero wraps around. */
#include "float_select.h"

/* ---- what the rules ask for ---- */
static bool needs_flushing(const struct float_rules *rules)
{
    return rules && (rules->flush_inputs || rules->flush_outputs);
}

/* Whether FENV operations can run on the host's own units under these rules at all. */
static bool needs_soft_float(const struct ir_unit *unit)
{
    const struct float_rules *rules = unit->context->rules;
    if (needs_flushing(rules) && !(rules->flush_inputs && rules->flush_outputs && !rules->flush_output_inexact &&
                                   rules->tininess_before_rounding)) {
        return true;
    }
    /* A unit that changes the rounding mode may mean one that MXCSR lacks; evaluation obeys cpu_header.fp. */
    for (uint32_t n = 0; n < unit->count; n++) {
        const struct ir_instruction *i = &unit->code[n];
        if (i->op == IR_OP_fenv_round &&
            !(ir_is_constant(i->a) && ir_constant_of(unit, i->a)->value.i32 <= FLOAT_TOWARD_ZERO)) {
            return true;
        }
    }
    return false;
}

void find_float_rules(struct host_code *code)
{
    struct host_out_of_line *unit = x86_unit(code);
    unit->float_rules_known = true;
    unit->soft_float = needs_soft_float(code->unit);
    unit->flushes = !unit->soft_float && needs_flushing(code->unit->context->rules);
}

/* ---- operands and results ---- */
enum { SHIFT32 = 24, SHIFT64 = 53 };

enum float_operands { OPERANDS_NONE, OPERANDS_SCALAR, OPERANDS_NARROW_LANES, OPERANDS_WIDE_LANES };

static enum float_operands lanes_of(bool wide)
{
    return wide ? OPERANDS_WIDE_LANES : OPERANDS_NARROW_LANES;
}

/* What operands of an operation are floats that may be subnormal: f16 are converted to f32, where none is. */
static enum float_operands operands_of(const struct ir_unit *unit, const struct ir_instruction *i)
{
    if (is_half_operation(unit, i)) {
        return OPERANDS_NONE;
    }
    switch (i->op) {
    case IR_OP_fadd:
    case IR_OP_fsub:
    case IR_OP_fmul:
    case IR_OP_fdiv:
    case IR_OP_fsqrt:
    case IR_OP_fma:
    case IR_OP_fmin:
    case IR_OP_fmax:
    case IR_OP_fminnum:
    case IR_OP_fmaxnum:
    case IR_OP_fround:
    case IR_OP_fcmp:
    case IR_OP_flags_float:
    case IR_OP_fwiden:
    case IR_OP_fnarrow:
    case IR_OP_fto_int:
        return OPERANDS_SCALAR;
    case IR_OP_v_fadd:
    case IR_OP_v_fsub:
    case IR_OP_v_fmul:
    case IR_OP_v_fdiv:
    case IR_OP_v_fsqrt:
    case IR_OP_v_fma:
    case IR_OP_v_fmin:
    case IR_OP_v_fmax:
    case IR_OP_v_fminnum:
    case IR_OP_v_fmaxnum:
    case IR_OP_v_fcmp_eq:
    case IR_OP_v_fcmp_gt:
    case IR_OP_v_fcmp_ge:
        return lanes_of(i->aux == 3);
    case IR_OP_v_fround:
    case IR_OP_v_fto_int:
        return lanes_of(ir_round_lane(i->aux) == 3);
    case IR_OP_v_fwiden:
        return OPERANDS_NARROW_LANES;
    case IR_OP_v_fnarrow:
        return OPERANDS_WIDE_LANES;
    default:
        return OPERANDS_NONE;
    }
}

/* Results that the host may round to something tiny, raising inexact. */
static bool may_be_tiny_and_inexact(enum ir_op op)
{
    return op == IR_OP_fmul || op == IR_OP_fdiv || op == IR_OP_fma || op == IR_OP_fnarrow || op == IR_OP_v_fmul ||
           op == IR_OP_v_fdiv || op == IR_OP_v_fma || op == IR_OP_v_fnarrow;
}

/* Whether the value was made by an operation that flushes, in lanes as the user's. */
static bool is_flushed(const struct ir_unit *unit, ir_ref value, enum float_operands as)
{
    while (!ir_is_constant(value)) {
        const struct ir_instruction *i = &unit->code[value];
        switch (i->op) {
        case IR_OP_fneg:
        case IR_OP_fabs:
            value = i->a;
            continue;
        case IR_OP_fcmp:
        case IR_OP_flags_float:
        case IR_OP_fto_int:
        case IR_OP_v_fcmp_eq:
        case IR_OP_v_fcmp_gt:
        case IR_OP_v_fcmp_ge:
        case IR_OP_v_fto_int:
            return false;
        case IR_OP_ffrom_int:
            return true;
        case IR_OP_v_fwiden:
            return as == OPERANDS_WIDE_LANES;
        case IR_OP_v_fnarrow:
            return as == OPERANDS_NARROW_LANES;
        default:
            return operands_of(unit, i) == as && as != OPERANDS_NONE;
        }
    }
    return false;
}

static void emit_scalar_test(struct host_code *code, unsigned vector, bool wide, struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = wide ? X86_64 : X86_32;
    x86_v_rr(b, wide ? X86_MOVQ_FROM : X86_MOVD_FROM, vector, X86_RAX);
    x86_rm(b, X86_LEA, size, X86_RAX, x86_at_index(X86_RAX, X86_RAX, 0, -1));
    x86_r_i8(b, X86_SHR_I8, size, X86_RAX, wide ? SHIFT64 : SHIFT32);
    x86_jcc_label(b, X86_E, &slow->entry);
}

/* Lanes of scratch become zero where the vector's are subnormal or the smallest normal number. */
static void emit_lane_exponents(struct host_code *code, unsigned scratch, unsigned vector, bool wide)
{
    struct host_buffer *b = x86_code(code);
    uint32_t add = wide ? X86_PADDQ : X86_PADDD;
    x86_v_rrr(b, add, scratch, vector, vector);
    x86_v_rrm(b, add, scratch, scratch, table_at(code, TABLE_ONES));
    x86_v_shift_i8(b, wide ? X86_PSRLQ_I8 : X86_PSRLD_I8, scratch, scratch, wide ? SHIFT64 : SHIFT32);
}

void emit_flushed_scalar_check(struct host_code *code, unsigned result, bool wide, struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rr(b, wide ? X86_UCOMISD : X86_UCOMISS, result, result);
    x86_jcc_label(b, X86_P, &slow->entry);
    emit_scalar_test(code, result, wide, slow);
}

void emit_flushed_lanes(struct host_code *code, unsigned result, bool wide)
{
    emit_lane_exponents(code, SCRATCH_V1, result, wide);
    x86_v_rrm(x86_code(code), wide ? X86_PCMPEQQ : X86_PCMPEQD, SCRATCH_V1, SCRATCH_V1, table_at(code, TABLE_ZEROS));
}

struct slow_path *begin_flushing(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    enum float_operands operands = operands_of(code->unit, i);
    if (operands == OPERANDS_NONE || is_evaluation(plan)) {
        return NULL;
    }
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    bool wide =
        operands == OPERANDS_WIDE_LANES || (operands == OPERANDS_SCALAR && ir_type_of(code->unit, i->a) == IR_F64);
    unsigned seen = 0;
    if (may_be_tiny_and_inexact((enum ir_op)i->op)) {
        x86_test_mi(b, X86_8, HEADER_AT(fp.exceptions), FLOAT_INEXACT);
        x86_jcc_label(b, X86_E, &slow->entry);
    }
    for (unsigned n = 0; n < plan->input_count; n++) {
        ir_ref value = plan->inputs[n].value;
        if (is_flushed(code->unit, value, operands) || (n > 0 && value == plan->inputs[n - 1].value)) {
            continue;
        }
        if (operands == OPERANDS_SCALAR) {
            emit_scalar_test(code, vector_of(&plan->inputs[n]), wide, slow);
            continue;
        }
        emit_lane_exponents(code, seen ? SCRATCH_V1 : SCRATCH_V0, vector_of(&plan->inputs[n]), wide);
        if (seen++) {
            x86_v_rrr(b, X86_PMINUD, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1); /* upper halves of wide lanes are zero */
        }
    }
    if (seen) {
        x86_v_rrm(b, wide ? X86_PCMPEQQ : X86_PCMPEQD, SCRATCH_V0, SCRATCH_V0, table_at(code, TABLE_ZEROS));
        x86_v_rr(b, X86_PTEST, SCRATCH_V0, SCRATCH_V0);
        x86_jcc_label(b, X86_NE, &slow->entry);
    }
    return slow;
}
