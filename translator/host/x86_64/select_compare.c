/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons, condition flags, and their fusion into branches and selects.
 *
 * The number of a flags value is what lahf and seto leave in ax (opcodes.def was written for that), so that making one
 * costs three instructions and a condition on one is tested by turning it back. */
#include "x86_host.h"

enum { FLAGS_MASK = IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V };

static const uint8_t condition_codes[IR_COND_COUNT] = {
    [IR_EQ] = X86_E,  [IR_NE] = X86_NE, [IR_LTU] = X86_B,  [IR_GEU] = X86_AE, [IR_LEU] = X86_BE,
    [IR_GTU] = X86_A, [IR_LTS] = X86_L, [IR_GES] = X86_GE, [IR_LES] = X86_LE, [IR_GTS] = X86_G,
};

static bool is_zero(struct host_code *code, const struct host_input *input)
{
    return input->place.kind == HOST_IS_CONSTANT && constant_value(code, input->value) == 0;
}

/* The host's flags of a - b; only_equal: of which nothing is used but whether it is zero. */
static void emit_subtract_flags(struct host_code *code, enum x86_size size, const struct host_input *a,
                                const struct host_input *b, bool only_equal)
{
    struct host_buffer *buffer = x86_code(code);
    int32_t immediate;
    if (in_register(a)) {
        if (is_zero(code, b)) {
            x86_compare_zero(buffer, size, a->place.reg, only_equal);
        } else if (b->place.kind == HOST_IS_CONSTANT && !fits_immediate(code, b->value, &immediate)) {
            x86_mov_ri(buffer, X86_RDX, constant_value(code, b->value));
            x86_rr(buffer, X86_CMP, size, X86_RDX, a->place.reg);
        } else {
            emit_alu(code, X86_CMP, size, a->place.reg, b);
        }
    } else if (a->place.kind == HOST_IN_STATE && in_register(b)) {
        x86_rm(buffer, X86_CMP, size, b->place.reg, state_at(a->place.disp));
    } else if (a->place.kind == HOST_IN_STATE && b->place.kind == HOST_IS_CONSTANT &&
               fits_immediate(code, b->value, &immediate)) {
        x86_alu_mi(buffer, X86_CMP, size, state_at(a->place.disp), immediate);
    } else {
        struct host_input in_scratch = {.value = a->value, .place = {HOST_IN_REGISTER, X86_RAX, 0}};
        emit_get(code, size, X86_RAX, a);
        emit_subtract_flags(code, size, &in_scratch, b, only_equal);
    }
}

/* ---- bits compared with zero ---- */
static bool is_absorbed(struct host_code *code, ir_ref value)
{
    return !ir_is_constant(value) && (code->bits[value] & HOST_ABSORBED);
}

bool can_absorb_bits(struct host_code *code, const struct ir_instruction *cmp, ir_ref value)
{
    enum ir_op op = (enum ir_op)code->unit->code[value].op;
    bool is_float = op == IR_OP_fcmp && can_absorb_fcmp(code, value);
    return cmp->a == value && (op == IR_OP_and || op == IR_OP_field_u || is_float) &&
           (cmp->aux == IR_EQ || cmp->aux == IR_NE) && ir_is_constant(cmp->b) && constant_value(code, cmp->b) == 0;
}

/* The flags of value & mask; returns the condition under which the result is zero. */
static enum x86_condition emit_test_mask(struct host_code *code, enum x86_size size, const struct host_input *in,
                                         uint64_t mask)
{
    struct host_buffer *b = x86_code(code);
    if (mask > INT32_MAX && (mask & (mask - 1)) == 0) {
        unsigned bit = (unsigned)__builtin_ctzll(mask);
        if (in_register(in)) {
            x86_r_i8(b, X86_BT_I8, size, in->place.reg, bit);
        } else {
            x86_m_i8(b, X86_BT_I8, size, state_at(in->place.disp), bit);
        }
        return X86_AE;
    }
    if (mask > INT32_MAX) {
        x86_mov_ri(b, X86_RAX, mask);
        if (in_register(in)) {
            x86_rr(b, X86_TEST, size, in->place.reg, X86_RAX);
        } else {
            x86_rm(b, X86_TEST, size, X86_RAX, state_at(in->place.disp));
        }
        return X86_E;
    }
    size = mask < 0x100 ? X86_8 : X86_32; /* the lowest byte is first in memory */
    if (in_register(in)) {
        x86_test_ri(b, size, in->place.reg, (int32_t)mask);
    } else {
        x86_test_mi(b, size, state_at(in->place.disp), (int32_t)mask);
    }
    return X86_E;
}

static enum x86_condition emit_test_bits(struct host_code *code, const struct ir_instruction *cmp,
                                         const struct host_input *in)
{
    const struct ir_instruction *bits = &code->unit->code[cmp->a];
    enum x86_size size = size_of((enum ir_type)bits->type);
    enum x86_condition zero = X86_E;
    if (bits->op == IR_OP_fcmp) {
        enum x86_condition holds = emit_float_compare(code, bits, in);
        return cmp->aux == IR_EQ ? holds ^ 1 : holds;
    }
    if (bits->op == IR_OP_field_u) {
        unsigned width = ir_field_width(bits->aux);
        zero = emit_test_mask(code, size, in, (UINT64_MAX >> (64 - width)) << ir_field_lsb(bits->aux));
    } else if (ir_is_constant(bits->b)) {
        zero = emit_test_mask(code, size, in, constant_value(code, bits->b));
    } else if (in_register(&in[1])) {
        x86_rr(x86_code(code), X86_TEST, size, in[0].place.reg, in[1].place.reg);
    } else {
        x86_rm(x86_code(code), X86_TEST, size, in[0].place.reg, state_at(in[1].place.disp));
    }
    return cmp->aux == IR_EQ ? zero : zero ^ 1;
}

static enum x86_condition emit_compare(struct host_code *code, const struct ir_instruction *i,
                                       const struct host_input *in)
{
    if (is_absorbed(code, i->a)) {
        return emit_test_bits(code, i, in);
    }
    emit_subtract_flags(code, size_of(ir_type_of(code->unit, i->a)), &in[0], &in[1],
                        i->aux == IR_EQ || i->aux == IR_NE);
    return (enum x86_condition)condition_codes[i->aux];
}

static void plan_compare(struct host_code *code, struct host_plan *plan, const struct ir_instruction *i)
{
    if (is_absorbed(code, i->a)) {
        const struct ir_instruction *bits = &code->unit->code[i->a];
        if (bits->op == IR_OP_fcmp) {
            plan_float_compare(code, plan, bits);
            return;
        }
        bool masked = bits->op == IR_OP_field_u || ir_is_constant(bits->b);
        plan_use(code, plan, bits->a)->may_state = masked;
        if (!masked) {
            plan_use_memory(code, plan, bits->b);
        }
        return;
    }
    plan_use_memory(code, plan, i->a);
    plan_use_any(code, plan, i->b);
}

/* ---- conditions on a flags value ---- */
static void emit_test(struct host_code *code, const struct host_input *in, int32_t mask)
{
    struct host_buffer *b = x86_code(code);
    if (in_register(in)) {
        x86_test_ri(b, X86_32, in->place.reg, mask);
    } else {
        x86_test_mi(b, X86_32, state_at(in->place.disp), mask);
    }
}

static enum x86_condition emit_flags_condition(struct host_code *code, enum ir_flag_cond condition,
                                               const struct host_input *in)
{
    static const uint16_t masks[] = {
        [IR_FLAG_EQ] = IR_BIT_Z, [IR_FLAG_CS] = IR_BIT_C, [IR_FLAG_MI] = IR_BIT_N, [IR_FLAG_VS] = IR_BIT_V};
    struct host_buffer *b = x86_code(code);
    bool inverse = condition & 1;
    if (condition < IR_FLAG_HI) {
        emit_test(code, in, masks[condition & ~1u]);
        return inverse ? X86_E : X86_NE;
    }
    emit_get(code, X86_32, X86_RAX, in);
    if (condition == IR_FLAG_HI || condition == IR_FLAG_LS) {
        x86_alu_ri(b, X86_AND, X86_32, X86_RAX, IR_BIT_C | IR_BIT_Z);
        x86_alu_ri(b, X86_CMP, X86_32, X86_RAX, IR_BIT_C);
        return inverse ? X86_NE : X86_E;
    }
    x86_alu_ri(b, X86_ADD, X86_8, X86_RAX, 0x7f); /* overflows where al is 1 */
    x86_z(b, X86_SAHF);
    if (condition == IR_FLAG_GE || condition == IR_FLAG_LT) {
        return inverse ? X86_L : X86_GE;
    }
    return inverse ? X86_LE : X86_G;
}

/* ---- conditions on a vector ---- */
static enum x86_condition emit_test_vector(struct host_code *code, const struct host_input *in)
{
    struct host_buffer *b = x86_code(code);
    if (in[1].place.kind == HOST_IN_STATE) {
        x86_v_rm(b, X86_PTEST, vector_of(&in[0]), state_at(in[1].place.disp));
    } else {
        x86_v_rr(b, X86_PTEST, vector_of(&in[0]), vector_of(&in[1]));
    }
    return X86_NE;
}

static void plan_test_vector(struct host_code *code, struct host_plan *plan, const struct ir_instruction *i)
{
    plan_use(code, plan, i->a);
    plan_use(code, plan, i->b)->may_state = x86_has(code, X86_HAS_AVX); /* else memory would have to be aligned */
}

static void emit_v_test(struct host_code *code, const struct host_plan *plan)
{
    emit_boolean(code, emit_test_vector(code, plan->inputs), plan->result);
}

void plan_v_test(struct host_code *code, struct host_plan *plan)
{
    if (!x86_has(code, X86_HAS_SSE41)) {
        plan_evaluate(code, plan);
        return;
    }
    plan_test_vector(code, plan, plan_instruction(code, plan));
    plan_result(code, plan);
    plan->emit = emit_v_test;
}

/* ---- conditions of branch and select ---- */
bool can_absorb_condition(struct host_code *code, ir_ref value)
{
    enum ir_op op = (enum ir_op)code->unit->code[value].op;
    return op == IR_OP_cmp || op == IR_OP_flags_test || (op == IR_OP_fcmp && can_absorb_fcmp(code, value)) ||
           (op == IR_OP_v_test && x86_has(code, X86_HAS_SSE41));
}

void plan_condition(struct host_code *code, struct host_plan *plan, ir_ref value)
{
    if (plan->absorbed != value || ir_is_constant(value)) {
        plan_use_memory(code, plan, value);
        return;
    }
    const struct ir_instruction *i = &code->unit->code[value];
    if (i->op == IR_OP_cmp) {
        plan_compare(code, plan, i);
    } else if (i->op == IR_OP_fcmp) {
        plan_float_compare(code, plan, i);
    } else if (i->op == IR_OP_v_test) {
        plan_test_vector(code, plan, i);
    } else {
        plan_use_memory(code, plan, i->a);
    }
}

enum x86_condition emit_condition(struct host_code *code, const struct host_plan *plan, ir_ref value, unsigned first)
{
    const struct host_input *in = &plan->inputs[first];
    if (plan->absorbed != value || ir_is_constant(value)) {
        if (in_register(in)) {
            x86_rr(x86_code(code), X86_TEST, X86_32, in->place.reg, in->place.reg);
        } else {
            x86_alu_mi(x86_code(code), X86_CMP, X86_32, state_at(in->place.disp), 0);
        }
        return X86_NE;
    }
    const struct ir_instruction *i = &code->unit->code[value];
    if (i->op == IR_OP_cmp) {
        return emit_compare(code, i, in);
    }
    if (i->op == IR_OP_fcmp) {
        return emit_float_compare(code, i, in);
    }
    if (i->op == IR_OP_v_test) {
        return emit_test_vector(code, in);
    }
    return emit_flags_condition(code, (enum ir_flag_cond)i->aux, in);
}

void emit_boolean(struct host_code *code, enum x86_condition condition, unsigned result)
{
    struct host_buffer *b = x86_code(code);
    x86_mov_ri(b, result, 0); /* leaves the flags, and the result does not wait for an extension */
    x86_setcc(b, condition, result);
}

static void emit_cmp(struct host_code *code, const struct host_plan *plan)
{
    emit_boolean(code, emit_compare(code, plan_instruction(code, plan), plan->inputs), plan->result);
}

void plan_cmp(struct host_code *code, struct host_plan *plan)
{
    plan_compare(code, plan, plan_instruction(code, plan));
    plan_result(code, plan);
    plan->emit = emit_cmp;
}

static void emit_select(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    const struct host_input *chosen = &plan->inputs[plan->input_count - 2];
    struct host_buffer *b = x86_code(code);
    enum x86_condition condition = emit_condition(code, plan, i->a, 0);
    if (is_vector_type((enum ir_type)i->type)) {
        uint32_t jump = x86_jcc_short(b, condition ^ 1);
        x86_v_move(b, plan->result - VECTOR_BASE, vector_of(chosen));
        x86_bind_short(b, jump);
    } else if (in_register(chosen)) {
        x86_cmov(b, condition, size_of((enum ir_type)i->type), plan->result, chosen->place.reg);
    } else {
        x86_cmov_m(b, condition, size_of((enum ir_type)i->type), plan->result, state_at(chosen->place.disp));
    }
}

void plan_select(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_condition(code, plan, i->a);
    plan_use(code, plan, i->b)->may_state = !is_vector_type((enum ir_type)i->type);
    plan_use(code, plan, i->c);
    plan_result(code, plan);
    plan_tie(plan, plan->input_count - 1);
    plan->emit = emit_select;
}

static void emit_flags_test(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    emit_boolean(code, emit_flags_condition(code, (enum ir_flag_cond)i->aux, plan->inputs), plan->result);
}

void plan_flags_test(struct host_code *code, struct host_plan *plan)
{
    plan_use_memory(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_flags_test;
}

/* ---- making flags ---- */
/* CF = the 0 or 1 in the input. */
void emit_carry_in(struct host_code *code, const struct host_input *in)
{
    struct host_buffer *b = x86_code(code);
    if (in_register(in)) {
        x86_r_i8(b, X86_BT_I8, X86_32, in->place.reg, 0);
    } else if (in->place.kind == HOST_IN_STATE) {
        x86_m_i8(b, X86_BT_I8, X86_32, state_at(in->place.disp), 0);
    } else {
        x86_z(b, constant_value(code, in->value) & 1 ? X86_STC : X86_CLC);
    }
}

bool can_absorb_carry(struct host_code *code, ir_ref value)
{
    const struct ir_instruction *i = &code->unit->code[value];
    return (i->op == IR_OP_cmp && (i->aux == IR_LTU || i->aux == IR_GEU)) ||
           (i->op == IR_OP_flags_test && (i->aux == IR_FLAG_CS || i->aux == IR_FLAG_CC));
}

void plan_carry(struct host_code *code, struct host_plan *plan, ir_ref value)
{
    const struct ir_instruction *i = &code->unit->code[value];
    plan_use_memory(code, plan, i->a);
    if (i->op == IR_OP_cmp) {
        plan_use_any(code, plan, i->b);
    }
}

/* CF = the condition. */
void emit_absorbed_carry(struct host_code *code, ir_ref value, const struct host_input *in)
{
    enum { CARRY_BIT = 8 };
    _Static_assert(IR_BIT_C == 1 << CARRY_BIT, "the bit that is tested");
    const struct ir_instruction *i = &code->unit->code[value];
    struct host_buffer *b = x86_code(code);
    bool inverse = i->aux == IR_GEU;
    if (i->op == IR_OP_cmp) {
        emit_subtract_flags(code, size_of(ir_type_of(code->unit, i->a)), &in[0], &in[1], false);
    } else {
        inverse = i->aux == IR_FLAG_CC;
        if (in_register(in)) {
            x86_r_i8(b, X86_BT_I8, X86_32, in->place.reg, CARRY_BIT);
        } else {
            x86_m_i8(b, X86_BT_I8, X86_32, state_at(in->place.disp), CARRY_BIT);
        }
    }
    if (inverse) {
        x86_z(b, X86_CMC);
    }
}

static void emit_add_flags(struct host_code *code, uint32_t op, enum x86_size size, const struct host_input *in)
{
    struct host_buffer *b = x86_code(code);
    int32_t immediate;
    emit_get(code, size, X86_RAX, &in[0]);
    if (in[1].place.kind == HOST_IS_CONSTANT && !fits_immediate(code, in[1].value, &immediate)) {
        x86_mov_ri(b, X86_RDX, constant_value(code, in[1].value));
        x86_rr(b, op, size, X86_RDX, X86_RAX);
    } else {
        emit_alu(code, op, size, X86_RAX, &in[1]);
    }
}

void emit_flags(struct host_code *code, const struct ir_instruction *i, const struct host_input in[3])
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = size_of(ir_type_of(code->unit, i->a));
    uint32_t mask = FLAGS_MASK;
    if (i->op == IR_OP_flags_float) {
        emit_float_flags(code, i, in);
        return;
    }
    if (i->op == IR_OP_flags_sub) {
        emit_subtract_flags(code, size, &in[0], &in[1], false);
        x86_z(b, X86_CMC);
    } else if (i->op == IR_OP_flags_add) {
        emit_add_flags(code, X86_ADD, size, in);
    } else if (i->op == IR_OP_flags_adc) {
        emit_carry_in(code, &in[2]);
        emit_add_flags(code, X86_ADC, size, in);
    } else {
        if (in_register(&in[0])) {
            x86_compare_zero(b, size, in[0].place.reg, false);
        } else if (in[0].place.kind == HOST_IN_STATE) {
            x86_alu_mi(b, X86_CMP, size, state_at(in[0].place.disp), 0);
        } else {
            emit_get(code, size, X86_RAX, &in[0]);
            x86_rr(b, X86_TEST, size, X86_RAX, X86_RAX);
        }
        mask = IR_BIT_N | IR_BIT_Z;
    }
    x86_z(b, X86_LAHF);
    if (mask == FLAGS_MASK) {
        x86_setcc(b, X86_O, X86_RAX);
    }
    x86_alu_ri(b, X86_AND, X86_32, X86_RAX, (int32_t)mask);
}

static void emit_flags_value(struct host_code *code, const struct host_plan *plan)
{
    emit_flags(code, plan_instruction(code, plan), plan->inputs);
    x86_rr(x86_code(code), X86_MOV, X86_32, plan->result, X86_RAX);
}

static void plan_flags(struct host_code *code, struct host_plan *plan, unsigned operands)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use_memory(code, plan, i->a)->may_constant = true;
    if (operands > 1) {
        plan_use_memory(code, plan, i->b)->may_constant = true;
    }
    if (operands > 2) {
        plan_use_memory(code, plan, i->c)->may_constant = true;
    }
    plan_result(code, plan);
    plan->emit = emit_flags_value;
}

PLAN_AS(flags_add, plan_flags, 2)
PLAN_AS(flags_sub, plan_flags, 2)
PLAN_AS(flags_adc, plan_flags, 3)
PLAN_AS(flags_logic, plan_flags, 1)

static void emit_flags_from_bits(struct host_code *code, const struct host_plan *plan)
{
    x86_alu_ri(x86_code(code), X86_AND, X86_32, plan->result, FLAGS_MASK);
}

void plan_flags_from_bits(struct host_code *code, struct host_plan *plan)
{
    plan_use(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_flags_from_bits;
}

static void emit_flags_to_bits(struct host_code *code, const struct host_plan *plan)
{
    emit_get(code, X86_32, plan->result, &plan->inputs[0]);
}

void plan_flags_to_bits(struct host_code *code, struct host_plan *plan)
{
    plan_use_memory(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan->emit = emit_flags_to_bits;
}
