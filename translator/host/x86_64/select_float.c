/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar floating point: arithmetic, comparison, rounding. float_select.h says how it is exact. */
#include "float_select.h"

void plan_float(struct host_code *code, struct host_plan *plan, unsigned operands,
                void (*emit)(struct host_code *, const struct host_plan *))
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    const ir_ref values[3] = {i->a, i->b, i->c};
    for (unsigned n = 0; n < operands; n++) {
        plan_use(code, plan, values[n]);
    }
    plan_all_late(plan);
    plan_result(code, plan);
    plan->emit = emit;
}

void emit_scalar_check(struct host_code *code, const struct host_plan *plan, bool wide, bool tiny)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *slow = slow_evaluate(code, plan);
    unsigned result = plan->result - VECTOR_BASE;
    uint32_t compare = wide ? X86_UCOMISD : X86_UCOMISS;
    if (tiny && flushes(code)) {
        emit_flushed_scalar_check(code, result, wide, slow);
    } else if (tiny) {
        /* Equal to the smallest normal number or unordered: both set ZF. */
        x86_v_rrm(b, X86_ANDPS, SCRATCH_V0, result, table_at(code, wide ? TABLE_ABS64 : TABLE_ABS32));
        x86_v_rm(b, compare, SCRATCH_V0, table_at(code, wide ? TABLE_TINY64 : TABLE_TINY32));
        x86_jcc_label(b, X86_E, &slow->entry);
    } else {
        x86_v_rr(b, compare, result, result);
        x86_jcc_label(b, X86_P, &slow->entry);
    }
    x86_bind(b, &slow->back);
}

bool round_immediate(unsigned mode, unsigned *immediate)
{
    *immediate = mode == FLOAT_DYNAMIC ? 4 : mode;
    return mode <= FLOAT_TOWARD_ZERO || mode == FLOAT_DYNAMIC;
}

static bool is_wide(struct host_code *code, const struct host_plan *plan)
{
    return plan_instruction(code, plan)->type == IR_F64;
}

/* ---- arithmetic ---- */
static struct float_rows rows_of(enum ir_op op)
{
    switch (op) {
    case IR_OP_fadd:
        return (struct float_rows){X86_ADDSS, X86_ADDSD, 0, 0};
    case IR_OP_fsub:
        return (struct float_rows){X86_SUBSS, X86_SUBSD, 0, 0};
    case IR_OP_fmul:
        return (struct float_rows){X86_MULSS, X86_MULSD, 0, 0};
    case IR_OP_fdiv:
        return (struct float_rows){X86_DIVSS, X86_DIVSD, 0, 0};
    case IR_OP_fmin:
    case IR_OP_fminnum:
        return (struct float_rows){X86_MINSS, X86_MINSD, 0, 0};
    default:
        return (struct float_rows){X86_MAXSS, X86_MAXSD, 0, 0};
    }
}

static void emit_arithmetic(struct host_code *code, const struct host_plan *plan)
{
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    struct float_rows rows = rows_of(op);
    bool wide = is_wide(code, plan);
    x86_v_rrr(x86_code(code), wide ? rows.sd : rows.ss, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]),
              vector_of(&plan->inputs[1]));
    /* Sums that are tiny are exact. */
    emit_scalar_check(code, plan, wide, flushes(code) || (checks_tiny(code) && (op == IR_OP_fmul || op == IR_OP_fdiv)));
}

static void plan_arithmetic(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 2, emit_arithmetic);
    }
}

PLAN_AS(fadd, plan_arithmetic)
PLAN_AS(fsub, plan_arithmetic)
PLAN_AS(fmul, plan_arithmetic)
PLAN_AS(fdiv, plan_arithmetic)

static void emit_fsqrt(struct host_code *code, const struct host_plan *plan)
{
    bool wide = is_wide(code, plan);
    x86_v_rr(x86_code(code), wide ? X86_SQRTSD : X86_SQRTSS, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]));
    emit_scalar_check(code, plan, wide, false);
}

void plan_fsqrt(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_fsqrt);
    }
}

static void emit_fma(struct host_code *code, const struct host_plan *plan)
{
    bool wide = is_wide(code, plan);
    unsigned result = plan->result - VECTOR_BASE;
    x86_v_move(x86_code(code), result, vector_of(&plan->inputs[2]));
    x86_v_rrr(x86_code(code), wide ? X86_VFMADD231SD : X86_VFMADD231SS, result, vector_of(&plan->inputs[0]),
              vector_of(&plan->inputs[1]));
    emit_scalar_check(code, plan, wide, checks_tiny(code));
}

void plan_fma(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code) || !x86_has(code, X86_HAS_FMA)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 3, emit_fma);
    }
}

/* ---- signs ---- */
static void emit_sign(struct host_code *code, const struct host_plan *plan)
{
    bool wide = is_wide(code, plan), negate = plan_instruction(code, plan)->op == IR_OP_fneg;
    enum x86_table table = negate ? (wide ? TABLE_SIGN64 : TABLE_SIGN32) : (wide ? TABLE_ABS64 : TABLE_ABS32);
    x86_v_rrm(x86_code(code), negate ? X86_XORPS : X86_ANDPS, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]),
              table_at(code, table));
}

void plan_fneg(struct host_code *code, struct host_plan *plan)
{
    if (is_half_operation(code->unit, plan_instruction(code, plan))) {
        plan_half(code, plan);
        return;
    }
    plan_use(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_sign;
}

PLAN_AS(fabs, plan_fneg)

/* ---- minimum and maximum: a NaN goes to software; of equal ones (zeros) the sign bits decide ---- */
static void emit_extreme(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    struct float_rows rows = rows_of(op);
    bool wide = is_wide(code, plan), minimum = op == IR_OP_fmin || op == IR_OP_fminnum;
    unsigned result = plan->result - VECTOR_BASE, x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    struct slow_path *slow = slow_evaluate(code, plan);
    x86_v_rr(b, wide ? X86_UCOMISD : X86_UCOMISS, x, y);
    x86_jcc_label(b, X86_P, &slow->entry);
    x86_v_rrr(b, wide ? rows.sd : rows.ss, result, x, y);
    uint32_t differ = x86_jcc_short(b, X86_NE);
    x86_v_rrr(b, minimum ? X86_ORPS : X86_ANDPS, result, x, y);
    x86_bind_short(b, differ);
    x86_bind(b, &slow->back);
}

static void plan_extreme(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 2, emit_extreme);
    }
}

PLAN_AS(fmin, plan_extreme)
PLAN_AS(fmax, plan_extreme)
PLAN_AS(fminnum, plan_extreme)
PLAN_AS(fmaxnum, plan_extreme)

/* ---- comparison ---- */
bool compares_natively(const struct ir_unit *unit)
{
    return !unit->context->rules->flush_inputs;
}

bool can_absorb_fcmp(struct host_code *code, ir_ref value)
{
    return compares_natively(code->unit) && !is_half_operation(code->unit, &code->unit->code[value]);
}

void plan_float_compare(struct host_code *code, struct host_plan *plan, const struct ir_instruction *i)
{
    plan_use(code, plan, i->a);
    plan_use(code, plan, i->b);
}

static uint32_t compare_row(bool wide, bool signaling)
{
    return signaling ? (wide ? X86_COMISD : X86_COMISS) : (wide ? X86_UCOMISD : X86_UCOMISS);
}

/* The host's compare for a condition of fcmp. Unordered operands set ZF, PF and CF: "less" is tested as "greater" of
   the exchanged operands, and equality needs PF, too: it is made a condition by and. */
enum x86_condition emit_compare_registers(struct host_code *code, const struct ir_instruction *i, unsigned x,
                                          unsigned y)
{
    struct host_buffer *b = x86_code(code);
    static const uint8_t conditions[IR_FCOND_COUNT] = {
        [IR_FEQ] = X86_NE, [IR_FLT] = X86_A, [IR_FLE] = X86_AE, [IR_FGT] = X86_A, [IR_FGE] = X86_AE, [IR_FUN] = X86_P};
    enum ir_fcond condition = (enum ir_fcond)(i->aux & 7);
    bool wide = ir_type_of(code->unit, i->a) == IR_F64, exchanged = condition == IR_FLT || condition == IR_FLE;
    x86_v_rr(b, compare_row(wide, i->aux & IR_FCOND_SIGNALING), exchanged ? y : x, exchanged ? x : y);
    if (condition == IR_FEQ) {
        x86_setcc(b, X86_E, X86_RAX);
        x86_setcc(b, X86_NP, X86_RCX);
        x86_rr(b, X86_TEST, X86_8, X86_RCX, X86_RAX);
    }
    return (enum x86_condition)conditions[condition];
}

enum x86_condition emit_float_compare(struct host_code *code, const struct ir_instruction *i,
                                      const struct host_input *in)
{
    return emit_compare_registers(code, i, vector_of(&in[0]), vector_of(&in[1]));
}

static void emit_fcmp(struct host_code *code, const struct host_plan *plan)
{
    emit_boolean(code, emit_float_compare(code, plan_instruction(code, plan), plan->inputs), plan->result);
}

static void plan_two_floats(struct host_code *code, struct host_plan *plan,
                            void (*emit)(struct host_code *, const struct host_plan *))
{
    if (!compares_natively(code->unit)) {
        if (flushes(code)) {
            plan_float(code, plan, 2, emit);
        } else {
            plan_evaluate(code, plan);
        }
        return;
    }
    plan_float_compare(code, plan, plan_instruction(code, plan));
    plan_result(code, plan);
    plan->emit = emit;
}

PLAN_AS(fcmp, plan_two_floats, emit_fcmp)

/* The vector register that the operand is in, or scratch after loading it there. */
static unsigned get_float(struct host_code *code, const struct host_input *in, bool wide, unsigned scratch)
{
    if (in_register(in)) {
        return vector_of(in);
    }
    if (in->place.kind == HOST_IN_STATE) {
        x86_v_rm(x86_code(code), wide ? X86_MOVSD_LOAD : X86_MOVSS_LOAD, scratch, state_at(in->place.disp));
    } else {
        emit_vector_constant(code, scratch, constant_value(code, in->value), 0);
    }
    return scratch;
}

void emit_flags_registers(struct host_code *code, const struct ir_instruction *i, unsigned x, unsigned y)
{
    struct host_buffer *b = x86_code(code);
    bool wide = ir_type_of(code->unit, i->a) == IR_F64;
    static const struct {
        uint8_t condition;
        uint16_t flags;
    } steps[] = {{X86_B, IR_BIT_N}, {X86_E, IR_BIT_Z | IR_BIT_C}, {X86_P, IR_BIT_C | IR_BIT_V}};
    x86_v_rr(b, compare_row(wide, i->aux), x, y);
    x86_mov_ri(b, X86_RAX, IR_BIT_C); /* greater */
    for (unsigned n = 0; n < sizeof steps / sizeof *steps; n++) {
        x86_mov_ri(b, X86_RCX, steps[n].flags);
        x86_cmov(b, (enum x86_condition)steps[n].condition, X86_32, X86_RAX, X86_RCX);
    }
}

void emit_float_flags(struct host_code *code, const struct ir_instruction *i, const struct host_input in[2])
{
    bool wide = ir_type_of(code->unit, i->a) == IR_F64;
    unsigned x = get_float(code, &in[0], wide, SCRATCH_V0), y = get_float(code, &in[1], wide, SCRATCH_V1);
    emit_flags_registers(code, i, x, y);
}

static void emit_flags_float(struct host_code *code, const struct host_plan *plan)
{
    emit_float_flags(code, plan_instruction(code, plan), plan->inputs);
    x86_rr(x86_code(code), X86_MOV, X86_32, plan->result, X86_RAX);
}

PLAN_AS(flags_float, plan_two_floats, emit_flags_float)

/* ---- rounding to integral ---- */
void emit_tie_check(struct host_code *code, unsigned from, unsigned rounded, bool wide, struct slow_path *slow)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = wide ? X86_64 : X86_32;
    x86_v_rrr(b, wide ? X86_SUBSD : X86_SUBSS, SCRATCH_V0, from, rounded); /* exact */
    x86_v_rr(b, wide ? X86_MOVQ_FROM : X86_MOVD_FROM, SCRATCH_V0, X86_RAX);
    x86_rr(b, X86_ADD, size, X86_RAX, X86_RAX); /* without the sign: is it 0.5? */
    x86_mov_ri(b, X86_RCX, wide ? 0x7fc0000000000000 : 0x7e000000);
    x86_rr(b, X86_CMP, size, X86_RCX, X86_RAX);
    x86_jcc_label(b, X86_E, &slow->entry);
}

static void emit_fround_away(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool wide = is_wide(code, plan), inexact = plan_instruction(code, plan)->aux & IR_ROUND_INEXACT;
    unsigned from = vector_of(&plan->inputs[0]), result = plan->result - VECTOR_BASE;
    struct slow_path *slow = slow_evaluate(code, plan);
    x86_v_rr_i8(b, wide ? X86_ROUNDSD : X86_ROUNDSS, result, from, FLOAT_NEAREST_EVEN | ROUND_SUPPRESS_INEXACT);
    x86_v_rr(b, wide ? X86_UCOMISD : X86_UCOMISS, result, from);
    x86_jcc_label(b, X86_P, &slow->entry);
    uint32_t integral = x86_jcc_short(b, X86_E); /* infinities too */
    emit_tie_check(code, from, result, wide, slow);
    if (inexact) {
        x86_v_rr_i8(b, wide ? X86_ROUNDSD : X86_ROUNDSS, SCRATCH_V0, from, FLOAT_NEAREST_EVEN);
    }
    x86_bind_short(b, integral);
    x86_bind(b, &slow->back);
}

static void emit_fround(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool wide = is_wide(code, plan);
    unsigned immediate;
    round_immediate(i->aux & IR_ROUND_MODE, &immediate);
    x86_v_rr_i8(x86_code(code), wide ? X86_ROUNDSD : X86_ROUNDSS, plan->result - VECTOR_BASE,
                vector_of(&plan->inputs[0]), immediate | (i->aux & IR_ROUND_INEXACT ? 0 : ROUND_SUPPRESS_INEXACT));
    emit_scalar_check(code, plan, wide, false);
}

void plan_fround(struct host_code *code, struct host_plan *plan)
{
    unsigned immediate, mode = plan_instruction(code, plan)->aux & IR_ROUND_MODE;
    if (!uses_soft_float(code) && mode == FLOAT_NEAREST_AWAY) {
        plan_float(code, plan, 1, emit_fround_away);
    } else if (uses_soft_float(code) || !round_immediate(mode, &immediate)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_fround);
    }
}
