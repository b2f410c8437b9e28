/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar conversions between formats, to and from integers, and moves of bits. */
#include "float_select.h"

/* ---- between formats ---- */
static void emit_fwiden(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_CVTSS2SD, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]));
    emit_scalar_check(code, plan, true, false);
}

void plan_fwiden(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_fwiden);
    }
}

static void emit_fnarrow(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_CVTSD2SS, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]));
    emit_scalar_check(code, plan, false, checks_tiny(code));
}

void plan_fnarrow(struct host_code *code, struct host_plan *plan)
{
    if (uses_soft_float(code) || (plan_instruction(code, plan)->aux & IR_ROUND_MODE) != FLOAT_DYNAMIC) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_fnarrow);
    }
}

/* ---- to integers ---- */
/* The host's immediate for a mode; ties away from zero are ties to even with a look for ties. */
static bool conversion_immediate(unsigned mode, unsigned *immediate)
{
    if (mode == FLOAT_NEAREST_AWAY) {
        *immediate = FLOAT_NEAREST_EVEN;
        return true;
    }
    return round_immediate(mode, immediate);
}

/* Signed: the host's answer is right unless it is the indefinite one. */
static void emit_to_signed(struct host_code *code, const struct host_plan *plan, unsigned mode, unsigned from)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool wide = ir_type_of(code->unit, i->a) == IR_F64;
    enum x86_size size = size_of((enum ir_type)i->type);
    unsigned immediate;
    struct slow_path *slow = slow_evaluate(code, plan);
    bool direct = mode == FLOAT_TOWARD_ZERO || mode == FLOAT_DYNAMIC;
    uint32_t truncate = wide ? X86_CVTTSD2SI : X86_CVTTSS2SI, current = wide ? X86_CVTSD2SI : X86_CVTSS2SI;
    uint32_t round = wide ? X86_ROUNDSD : X86_ROUNDSS;
    conversion_immediate(mode, &immediate);
    if (direct) {
        x86_v_rr_sized(b, mode == FLOAT_DYNAMIC ? current : truncate, size, plan->result, from);
    } else {
        x86_v_rr_i8(b, round, SCRATCH_V0, from, immediate | ROUND_SUPPRESS_INEXACT);
        x86_v_rr_sized(b, truncate, size, plan->result, SCRATCH_V0);
    }
    x86_alu_ri(b, X86_CMP, size, plan->result, 1); /* overflows for the most negative number only */
    x86_jcc_label(b, X86_O, &slow->entry);
    if (mode == FLOAT_NEAREST_AWAY) {
        emit_tie_check(code, from, SCRATCH_V0, wide, slow);
    }
    if (!direct) {
        x86_v_rr_i8(b, round, SCRATCH_V0, from,
                    immediate); /* raises inexact: not done before it was known to be in range */
    }
    x86_bind(b, &slow->back);
}

/* Unsigned: positive numbers below 2^32 or 2^63, found by their bits, are converted as signed 64-bit ones. */
static void emit_to_unsigned(struct host_code *code, const struct host_plan *plan, unsigned mode, unsigned from)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool wide = ir_type_of(code->unit, i->a) == IR_F64, long_result = i->type == IR_I64;
    unsigned immediate;
    struct slow_path *slow = slow_evaluate(code, plan);
    uint32_t truncate = wide ? X86_CVTTSD2SI : X86_CVTTSS2SI, round = wide ? X86_ROUNDSD : X86_ROUNDSS;
    conversion_immediate(mode, &immediate);
    if (wide) {
        x86_v_rr(b, X86_MOVQ_FROM, from, X86_RAX);
        x86_mov_ri(b, X86_RCX, long_result ? 0x43e0000000000000 : 0x41f0000000000000);
        x86_rr(b, X86_CMP, X86_64, X86_RCX, X86_RAX);
    } else {
        x86_v_rr(b, X86_MOVD_FROM, from, X86_RAX);
        x86_alu_ri(b, X86_CMP, X86_32, X86_RAX, long_result ? 0x5f000000 : 0x4f800000);
    }
    x86_jcc_label(b, X86_AE, &slow->entry);
    if (mode == FLOAT_TOWARD_ZERO) {
        x86_v_rr_sized(b, truncate, X86_64, plan->result, from);
    } else {
        x86_v_rr_i8(b, round, SCRATCH_V0, from, immediate | ROUND_SUPPRESS_INEXACT);
        x86_v_rr_sized(b, truncate, X86_64, plan->result, SCRATCH_V0);
        if (!long_result) {
            x86_rr(b, X86_MOV, X86_32, X86_RAX, plan->result); /* rounded up to 2^32? */
            x86_rr(b, X86_CMP, X86_64, X86_RAX, plan->result);
            x86_jcc_label(b, X86_NE, &slow->entry);
        }
        if (mode == FLOAT_NEAREST_AWAY) {
            emit_tie_check(code, from, SCRATCH_V0, wide, slow);
        }
        x86_v_rr_i8(b, round, SCRATCH_V0, from, immediate);
    }
    x86_bind(b, &slow->back);
}

void emit_float_to_int(struct host_code *code, const struct host_plan *plan, unsigned from)
{
    uint16_t aux = plan_instruction(code, plan)->aux;
    if (aux & IR_ROUND_SIGNED) {
        emit_to_signed(code, plan, aux & IR_ROUND_MODE, from);
    } else {
        emit_to_unsigned(code, plan, aux & IR_ROUND_MODE, from);
    }
}

static void emit_fto_int(struct host_code *code, const struct host_plan *plan)
{
    emit_float_to_int(code, plan, vector_of(&plan->inputs[0]));
}

void plan_fto_int(struct host_code *code, struct host_plan *plan)
{
    unsigned immediate;
    if (uses_soft_float(code) || !conversion_immediate(plan_instruction(code, plan)->aux & IR_ROUND_MODE, &immediate)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_fto_int);
    }
}

/* ---- from integers ---- */
static void emit_ffrom_int(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool long_operand = ir_type_of(code->unit, i->a) == IR_I64, is_signed = i->aux & IR_ROUND_SIGNED;
    unsigned result = plan->result - VECTOR_BASE, from = plan->inputs[0].place.reg;
    struct slow_path *slow = NULL;
    if (long_operand && !is_signed) {
        slow = slow_evaluate(code, plan);
        x86_rr(b, X86_TEST, X86_64, from, from);
        x86_jcc_label(b, X86_S, &slow->entry);
    }
    x86_v_zero(b, result); /* the instruction keeps the upper part: no dependence on what was there */
    x86_v_rrg(b, i->type == IR_F64 ? X86_CVTSI2SD : X86_CVTSI2SS, long_operand || !is_signed ? X86_64 : X86_32, result,
              result, from);
    if (slow) {
        x86_bind(b, &slow->back);
    }
}

void plan_ffrom_int(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool exact = i->type == IR_F64 && ir_type_of(code->unit, i->a) == IR_I32;
    if (!exact && (uses_soft_float(code) || (i->aux & IR_ROUND_MODE) != FLOAT_DYNAMIC)) {
        plan_evaluate(code, plan);
    } else {
        plan_float(code, plan, 1, emit_ffrom_int);
    }
}

/* ---- bits ---- */
static void emit_bits(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_type type = (enum ir_type)plan_instruction(code, plan)->type;
    const struct host_input *in = &plan->inputs[0];
    bool wide = ir_type_bytes(type) == 8;
    if (in->place.kind == HOST_IN_STATE && plan->result < VECTOR_BASE) {
        x86_rm(b, X86_MOV, wide ? X86_64 : X86_32, plan->result, state_at(in->place.disp));
    } else if (in->place.kind == HOST_IN_STATE) {
        x86_v_rm(b, wide ? X86_MOVSD_LOAD : X86_MOVSS_LOAD, plan->result - VECTOR_BASE, state_at(in->place.disp));
    } else if (plan->result < VECTOR_BASE && in->place.reg >= VECTOR_BASE) {
        x86_v_rr(b, wide ? X86_MOVQ_FROM : X86_MOVD_FROM, vector_of(in), plan->result);
    } else if (plan->result < VECTOR_BASE) {
        x86_mov_rr(b, wide ? X86_64 : X86_32, plan->result, in->place.reg);
    } else if (in->place.reg < VECTOR_BASE) {
        x86_v_rr(b, wide ? X86_MOVQ_TO : X86_MOVD_TO, plan->result - VECTOR_BASE, in->place.reg);
    } else {
        x86_v_move(b, plan->result - VECTOR_BASE, vector_of(in));
    }
}

void plan_bits(struct host_code *code, struct host_plan *plan)
{
    plan_use_memory(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_bits;
}

static void emit_nan_box(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_v_ones(b, SCRATCH_V0);
    x86_v_rrr_i8(b, X86_BLENDPS, plan->result - VECTOR_BASE, SCRATCH_V0, vector_of(&plan->inputs[0]), 1);
}

void plan_nan_box(struct host_code *code, struct host_plan *plan)
{
    plan_use(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_nan_box;
}

enum { DEFAULT_NAN32 = 0x7fc00000 };

static void emit_not_boxed(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    x86_bind(b, &path->entry);
    x86_mov_ri(b, X86_RAX, DEFAULT_NAN32);
    x86_v_rr(b, X86_MOVD_TO, path->result - VECTOR_BASE, X86_RAX);
    x86_jmp_label(b, &path->back);
}

static void emit_nan_unbox(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *path = slow_path_new(code, emit_not_boxed);
    path->result = plan->result;
    x86_v_rr_i8(b, X86_PEXTRD, vector_of(&plan->inputs[0]), X86_RAX, 1);
    x86_v_move(b, plan->result - VECTOR_BASE, vector_of(&plan->inputs[0]));
    x86_alu_ri(b, X86_CMP, X86_32, X86_RAX, -1);
    x86_jcc_label(b, X86_NE, &path->entry);
    x86_bind(b, &path->back);
}

void plan_nan_unbox(struct host_code *code, struct host_plan *plan)
{
    plan_use(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_nan_unbox;
}
