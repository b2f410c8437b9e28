/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES steps, carry-less products, table look-ups.
 *
 * The host's AES instructions are whole rounds; with a zero round key, and with aesdeclast undoing the substitution and
 * shift that aesenc begins with, they give the single steps. The two steps of a round that follow each other become one
 * instruction. */
#include "vector_select.h"

static void emit_clmul(struct host_code *code, const struct host_plan *plan)
{
    unsigned lanes = plan_instruction(code, plan)->aux;
    x86_v_rrr_i8(x86_code(code), X86_PCLMULQDQ, vector_result(plan), vector_of(&plan->inputs[0]),
                 vector_of(&plan->inputs[1]), (lanes & 1) | (lanes & 2) << 3);
}

void plan_v_clmul(struct host_code *code, struct host_plan *plan)
{
    if (x86_has(code, X86_HAS_PCLMUL)) {
        plan_vector(code, plan, 2, emit_clmul);
    } else {
        plan_evaluate(code, plan);
    }
}

/* result = round(operand) with a zero key */
static void emit_zero_round(struct host_code *code, const struct host_plan *plan, uint32_t row)
{
    x86_v_zero(x86_code(code), SCRATCH_V0);
    x86_v_rrr(x86_code(code), row, vector_result(plan), vector_of(&plan->inputs[0]), SCRATCH_V0);
}

static void emit_sub_shift(struct host_code *code, const struct host_plan *plan)
{
    emit_zero_round(code, plan, X86_AESENCLAST);
}

static void emit_inv_sub_shift(struct host_code *code, const struct host_plan *plan)
{
    emit_zero_round(code, plan, X86_AESDECLAST);
}

static void emit_round(struct host_code *code, const struct host_plan *plan)
{
    emit_zero_round(code, plan, plan_instruction(code, plan)->op == IR_OP_v_aes_mix ? X86_AESENC : X86_AESDEC);
}

static void emit_mix(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_v_zero(b, SCRATCH_V1);
    x86_v_rrr(b, X86_AESDECLAST, SCRATCH_V0, vector_of(&plan->inputs[0]), SCRATCH_V1);
    x86_v_rrr(b, X86_AESENC, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

static void emit_inv_mix(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rr(x86_code(code), X86_AESIMC, vector_result(plan), vector_of(&plan->inputs[0]));
}

static void plan_aes(struct host_code *code, struct host_plan *plan,
                     void (*emit)(struct host_code *, const struct host_plan *))
{
    if (x86_has(code, X86_HAS_AES)) {
        plan_vector(code, plan, 1, emit);
    } else {
        plan_evaluate(code, plan);
    }
}

PLAN_AS(v_aes_sub_shift, plan_aes, emit_sub_shift)
PLAN_AS(v_aes_inv_sub_shift, plan_aes, emit_inv_sub_shift)

bool can_absorb_aes(struct host_code *code, const struct ir_instruction *mix, ir_ref value)
{
    enum ir_op op = (enum ir_op)code->unit->code[value].op;
    return x86_has(code, X86_HAS_AES) &&
           (mix->op == IR_OP_v_aes_mix ? op == IR_OP_v_aes_sub_shift : op == IR_OP_v_aes_inv_sub_shift);
}

static void plan_mix(struct host_code *code, struct host_plan *plan,
                     void (*emit)(struct host_code *, const struct host_plan *))
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (plan->absorbed == IR_NO_REF || ir_is_constant(i->a) || plan->absorbed != i->a) {
        plan_aes(code, plan, emit);
        return;
    }
    plan_use(code, plan, code->unit->code[i->a].a);
    plan_result(code, plan);
    plan->emit = emit_round;
}

PLAN_AS(v_aes_mix, plan_mix, emit_mix)
PLAN_AS(v_aes_inv_mix, plan_mix, emit_inv_mix)

/* Indices of 16 and more must have their top bit set for pshufb to give zero. */
static void emit_table(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rrm(b, X86_PADDUSB, SCRATCH_V0, vector_of(&plan->inputs[1]), table_at(code, TABLE_SEVENTY));
    x86_v_rrr(b, X86_PSHUFB, vector_result(plan), vector_of(&plan->inputs[0]), SCRATCH_V0);
}

PLAN_AS(v_table, plan_vector, 2, emit_table)
