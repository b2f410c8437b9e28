/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic, logic, shifts, multiplication and division. */
#include "x86_host.h"

/* ---- two operands, the result in the first one's register ---- */
static uint32_t alu_row(enum ir_op op)
{
    switch (op) {
    case IR_OP_sub:
        return X86_SUB;
    case IR_OP_and:
        return X86_AND;
    case IR_OP_or:
        return X86_OR;
    default:
        return X86_XOR;
    }
}

static void emit_binary(struct host_code *code, const struct host_plan *plan)
{
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    enum x86_size size = result_size(code, plan);
    emit_alu(code, alu_row(op), size, plan->result, &plan->inputs[1]);
    x86_note_flags(x86_code(code), size, plan->result, op != IR_OP_sub);
}

static void plan_binary(struct host_code *code, struct host_plan *plan, bool commutes)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use_registers(plan, i->a, GENERAL);
    plan_use_any(code, plan, i->b)->late = i->a != i->b;
    plan->result_registers = GENERAL;
    plan->tied = 0;
    plan->commutes = commutes && !plan->inputs[1].may_constant;
    plan->emit = emit_binary;
}

PLAN_AS(and, plan_binary, true)
PLAN_AS(or, plan_binary, true)
PLAN_AS(xor, plan_binary, true)

/* ---- addition: any three registers, one of them shifted left by up to 3 ---- */
int scaled_operand(struct host_code *code, const struct ir_instruction *add)
{
    const ir_ref operands[2] = {add->a, add->b};
    for (int n = 1; n >= 0; n--) {
        if (ir_is_constant(operands[n])) {
            continue;
        }
        const struct ir_instruction *shift = &code->unit->code[operands[n]];
        if (shift->op == IR_OP_shl && code->uses[operands[n]] == 1 && ir_is_constant(shift->b) &&
            constant_value(code, shift->b) - 1 < 3 && !ir_is_constant(operands[1 - n])) {
            return n;
        }
    }
    return -1;
}

static void emit_add_scaled(struct host_code *code, const struct host_plan *plan)
{
    x86_rm(x86_code(code), X86_LEA, result_size(code, plan), plan->result,
           x86_at_index(plan->inputs[0].place.reg, plan->inputs[1].place.reg, plan->variant, 0));
}

static void emit_add(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    const struct host_input *x = &plan->inputs[0], *y = &plan->inputs[1];
    unsigned result = plan->result;
    if (x->place.reg == result) {
        emit_alu(code, X86_ADD, size, result, y);
        x86_note_flags(b, size, result, false);
    } else if (in_register(y) && y->place.reg == result) {
        emit_alu(code, X86_ADD, size, result, x);
        x86_note_flags(b, size, result, false);
    } else if (in_register(y)) {
        bool slow = (x->place.reg & 7) == X86_RBP; /* r13 as a base takes a displacement, with which an lea is slow */
        x86_rm(b, X86_LEA, size, result,
               x86_at_index(slow ? y->place.reg : x->place.reg, slow ? x->place.reg : y->place.reg, 0, 0));
    } else if (y->place.kind == HOST_IS_CONSTANT) {
        x86_rm(b, X86_LEA, size, result, x86_at(x->place.reg, (int32_t)constant_value(code, y->value)));
    } else {
        emit_get(code, size, result, x);
        emit_alu(code, X86_ADD, size, result, y);
    }
}

/* ---- a carry or borrow that the guest has made a number ---- */
int carry_operand(struct host_code *code, const struct ir_instruction *i)
{
    const ir_ref operands[2] = {i->a, i->b};
    for (int n = 1; n >= (i->op == IR_OP_sub ? 1 : 0); n--) {
        if (ir_is_constant(operands[n]) || code->uses[operands[n]] != 1) {
            continue;
        }
        const struct ir_instruction *wide = &code->unit->code[operands[n]];
        if (wide->op == IR_OP_wide_u && !ir_is_constant(wide->a) && code->uses[wide->a] == 1 &&
            code->unit->code[wide->a].op == IR_OP_cmp && can_absorb_carry(code, wide->a)) {
            return n;
        }
    }
    return -1;
}

static void emit_carry_number(struct host_code *code, const struct host_plan *plan)
{
    emit_absorbed_carry(code, code->unit->code[plan->absorbed].a, &plan->inputs[1]);
    x86_alu_ri(x86_code(code), plan_instruction(code, plan)->op == IR_OP_sub ? X86_SBB : X86_ADC,
               result_size(code, plan), plan->result, 0);
}

static void plan_carry_number(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use(code, plan, plan->absorbed == i->b ? i->a : i->b);
    plan_carry(code, plan, code->unit->code[plan->absorbed].a);
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_carry_number;
}

void plan_sub(struct host_code *code, struct host_plan *plan)
{
    if (plan->absorbed != IR_NO_REF) {
        plan_carry_number(code, plan);
    } else {
        plan_binary(code, plan, false);
    }
}

void plan_add(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (plan->absorbed != IR_NO_REF && code->unit->code[plan->absorbed].op == IR_OP_wide_u) {
        plan_carry_number(code, plan);
        return;
    }
    plan->result_registers = GENERAL;
    if (plan->absorbed != IR_NO_REF) {
        const struct ir_instruction *shift = &code->unit->code[plan->absorbed];
        bool halved = !ir_is_constant(shift->a) && (code->bits[shift->a] & HOST_ABSORBED); /* the low half of a value */
        plan_use_registers(plan, plan->absorbed == i->b ? i->a : i->b, GENERAL);
        plan_use_registers(plan, halved ? code->unit->code[shift->a].a : shift->a, GENERAL);
        plan->variant = (uint16_t)constant_value(code, shift->b);
        plan->emit = emit_add_scaled;
        return;
    }
    plan_use_registers(plan, i->a, GENERAL);
    plan_use_any(code, plan, i->b);
    plan->emit = emit_add;
}

static void emit_adc(struct host_code *code, const struct host_plan *plan)
{
    if (plan->absorbed != IR_NO_REF) {
        emit_absorbed_carry(code, plan->absorbed, &plan->inputs[2]);
    } else {
        emit_carry_in(code, &plan->inputs[2]);
    }
    emit_alu(code, X86_ADC, result_size(code, plan), plan->result, &plan->inputs[1]);
}

void plan_adc(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use(code, plan, i->a);
    plan_use_any(code, plan, i->b);
    if (plan->absorbed != IR_NO_REF) {
        plan_carry(code, plan, i->c);
    } else {
        plan_use_any(code, plan, i->c);
    }
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_adc;
}

/* One half of a vector. */
static void emit_simple_extract(struct host_code *code, const struct ir_instruction *i, const struct host_input *x)
{
    struct host_buffer *b = x86_code(code);
    unsigned index = ir_index(i->aux);
    if (x->place.kind == HOST_IN_STATE) {
        x86_rm(b, X86_MOV, X86_64, X86_RAX, state_at(x->place.disp + (int32_t)index * 8));
    } else if (index) {
        x86_v_rr_i8(b, X86_PEXTRQ, vector_of(x), X86_RAX, index);
    } else {
        x86_v_rr(b, X86_MOVQ_FROM, vector_of(x), X86_RAX);
    }
}

void emit_simple(struct host_code *code, const struct ir_instruction *i, const struct host_input inputs[3])
{
    struct host_buffer *b = x86_code(code);
    const struct host_input *x = &inputs[0];
    if (i->op == IR_OP_v_extract) {
        emit_simple_extract(code, i, x);
        return;
    }
    if (i->op == IR_OP_add && in_register(x) && ir_is_constant(i->b)) {
        x86_rm(b, X86_LEA, X86_64, X86_RAX, x86_at(x->place.reg, (int32_t)constant_value(code, i->b)));
        return;
    }
    emit_get(code, X86_64, X86_RAX, x);
    if (i->op == IR_OP_add && !ir_is_constant(i->b)) {
        emit_alu(code, X86_ADD, X86_64, X86_RAX, &inputs[1]);
        return;
    }
    switch ((enum ir_op)i->op) {
    case IR_OP_not:
        x86_r(b, X86_NOT, X86_64, X86_RAX);
        break;
    case IR_OP_neg:
        x86_r(b, X86_NEG, X86_64, X86_RAX);
        break;
    case IR_OP_shl:
    case IR_OP_shr:
    case IR_OP_sar:
        x86_r_i8(b, i->op == IR_OP_shl ? X86_SHL_I8 : i->op == IR_OP_shr ? X86_SHR_I8 : X86_SAR_I8, X86_64, X86_RAX,
                 constant_value(code, i->b) & 63);
        break;
    case IR_OP_add:
        x86_alu_ri(b, X86_ADD, X86_64, X86_RAX, (int32_t)constant_value(code, i->b));
        break;
    default:
        x86_alu_ri(b, alu_row((enum ir_op)i->op), X86_64, X86_RAX, (int32_t)constant_value(code, i->b));
        break;
    }
}

/* a & ~b */
static void emit_andn(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    const struct host_input *x = &plan->inputs[0], *y = &plan->inputs[1];
    if (x86_has(code, X86_HAS_BMI1)) {
        if (in_register(x)) {
            x86_vex_rrr(b, X86_ANDN, size, plan->result, y->place.reg, x->place.reg);
        } else {
            x86_vex_rrm(b, X86_ANDN, size, plan->result, y->place.reg, state_at(x->place.disp));
        }
        return;
    }
    emit_get(code, size, X86_RAX, y);
    x86_r(b, X86_NOT, size, X86_RAX);
    emit_alu(code, X86_AND, size, X86_RAX, x);
    x86_mov_rr(b, size, plan->result, X86_RAX);
}

void plan_andn(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use_memory(code, plan, i->a);
    plan_use(code, plan, i->b);
    plan_result(code, plan);
    plan->emit = emit_andn;
}

static void emit_unary(struct host_code *code, const struct host_plan *plan)
{
    x86_r(x86_code(code), plan_instruction(code, plan)->op == IR_OP_not ? X86_NOT : X86_NEG, result_size(code, plan),
          plan->result);
}

void plan_not(struct host_code *code, struct host_plan *plan)
{
    plan_use(code, plan, plan_instruction(code, plan)->a);
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_unary;
}

PLAN_AS(neg, plan_not)

/* ---- shifts ---- */
struct shift_rows {
    uint32_t immediate, by_cl, by_register; /* the last one of BMI2, or 0 */
};

static struct shift_rows shift_rows_of(enum ir_op op)
{
    switch (op) {
    case IR_OP_shl:
        return (struct shift_rows){X86_SHL_I8, X86_SHL_CL, X86_SHLX};
    case IR_OP_shr:
        return (struct shift_rows){X86_SHR_I8, X86_SHR_CL, X86_SHRX};
    case IR_OP_sar:
        return (struct shift_rows){X86_SAR_I8, X86_SAR_CL, X86_SARX};
    default:
        return (struct shift_rows){X86_ROR_I8, X86_ROR_CL, 0};
    }
}

static void emit_shift_constant(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    enum x86_size size = result_size(code, plan);
    unsigned count = (unsigned)constant_value(code, i->b) & (size == X86_64 ? 63 : 31),
             from = plan->inputs[0].place.reg;
    if (count == 0) {
        x86_mov_rr(b, X86_64, plan->result, from);
    } else if (i->op == IR_OP_shl && count <= 3 && from != plan->result) {
        x86_rm(b, X86_LEA, size, plan->result,
               count == 1 ? x86_at_index(from, from, 0, 0) : x86_at_index(X86_NONE, from, count, 0));
    } else if (i->op == IR_OP_rotr && x86_has(code, X86_HAS_BMI2) && from != plan->result) {
        x86_rorx(b, size, plan->result, from, count);
    } else {
        if (from != plan->result) {
            x86_mov_rr(b, size, plan->result, from);
        }
        x86_r_i8(b, shift_rows_of((enum ir_op)i->op).immediate, size, plan->result, count);
    }
}

static void emit_shift_register(struct host_code *code, const struct host_plan *plan)
{
    x86_vex_rrr(x86_code(code), shift_rows_of((enum ir_op)plan_instruction(code, plan)->op).by_register,
                result_size(code, plan), plan->result, plan->inputs[1].place.reg, plan->inputs[0].place.reg);
}

static void emit_shift_cl(struct host_code *code, const struct host_plan *plan)
{
    emit_get(code, X86_32, X86_RCX, &plan->inputs[1]);
    x86_r(x86_code(code), shift_rows_of((enum ir_op)plan_instruction(code, plan)->op).by_cl, result_size(code, plan),
          plan->result);
}

/* The value shifted may be the low half of one: all forms read no more. */
static void plan_shift(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use(code, plan, plan->absorbed == IR_NO_REF ? i->a : code->unit->code[plan->absorbed].a);
    if (ir_is_constant(i->b)) {
        plan->emit = emit_shift_constant;
    } else if (shift_rows_of((enum ir_op)i->op).by_register && x86_has(code, X86_HAS_BMI2)) {
        plan_use(code, plan, i->b);
        plan->emit = emit_shift_register;
    } else {
        plan_use_memory(code, plan, i->b);
        plan_tie(plan, 0);
        plan->emit = emit_shift_cl;
    }
    plan_result(code, plan);
}

PLAN_AS(shl, plan_shift)
PLAN_AS(shr, plan_shift)
PLAN_AS(sar, plan_shift)
PLAN_AS(rotr, plan_shift)

static void emit_funnel(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (i->aux && i->a == i->b) {
        x86_r_i8(x86_code(code), X86_ROR_I8, result_size(code, plan), plan->result, i->aux);
    } else if (i->aux) {
        x86_rr_i8(x86_code(code), X86_SHRD_I8, result_size(code, plan), plan->inputs[1].place.reg, plan->result,
                  i->aux);
    }
}

void plan_funnel(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use(code, plan, i->b);
    plan_use(code, plan, i->a);
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_funnel;
}

/* ---- multiplication ---- */
static void emit_mul_constant(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    unsigned from = plan->inputs[0].place.reg;
    int32_t value = (int32_t)constant_value(code, plan_instruction(code, plan)->b);
    if (value == 3 || value == 5 || value == 9) {
        x86_rm(b, X86_LEA, size, plan->result, x86_at_index(from, from, value == 3 ? 1 : value == 5 ? 2 : 3, 0));
    } else {
        x86_imul_rri(b, size, plan->result, from, value);
    }
}

static void emit_mul(struct host_code *code, const struct host_plan *plan)
{
    emit_r_rm(code, X86_IMUL, result_size(code, plan), plan->result, &plan->inputs[1]);
}

/* op rm, a digit form, on register or memory. */
static void emit_digit(struct host_code *code, uint32_t op, enum x86_size size, const struct host_input *input)
{
    if (in_register(input)) {
        x86_r(x86_code(code), op, size, input->place.reg);
    } else {
        x86_m(x86_code(code), op, size, state_at(input->place.disp));
    }
}

/* Both halves of a product. */
static void emit_product(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    enum ir_op one = (enum ir_op)plan_instruction(code, plan)->op,
               other = (enum ir_op)code->unit->code[plan->absorbed].op;
    unsigned low = one == IR_OP_mul ? plan->result : plan->second,
             high = one == IR_OP_mul ? plan->second : plan->result;
    bool is_signed = one == IR_OP_mulhs || other == IR_OP_mulhs;
    const struct host_input *y = &plan->inputs[1];
    if (!is_signed && x86_has(code, X86_HAS_BMI2)) {
        emit_get(code, size, X86_RDX, &plan->inputs[0]);
        if (in_register(y)) {
            x86_vex_rrr(b, X86_MULX, size, high, low, y->place.reg);
        } else {
            x86_vex_rrm(b, X86_MULX, size, high, low, state_at(y->place.disp));
        }
        return;
    }
    emit_get(code, size, X86_RAX, &plan->inputs[0]);
    emit_digit(code, is_signed ? X86_IMUL1 : X86_MUL, size, y);
    x86_rr(b, X86_MOV, size, low, X86_RAX);
    x86_rr(b, X86_MOV, size, high, X86_RDX);
}

static void emit_mul_high(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    emit_get(code, size, X86_RAX, &plan->inputs[0]);
    emit_digit(code, op == IR_OP_mulhs ? X86_IMUL1 : X86_MUL, size, &plan->inputs[1]);
    if (op == IR_OP_mulhsu) {
        /* A negative a counted as a + 2^width: b too much in the high half. */
        emit_get(code, size, X86_RCX, &plan->inputs[0]);
        x86_r_i8(b, X86_SAR_I8, size, X86_RCX, size == X86_64 ? 63 : 31);
        emit_alu(code, X86_AND, size, X86_RCX, &plan->inputs[1]);
        x86_rr(b, X86_SUB, size, X86_RCX, X86_RDX);
    }
    x86_rr(b, X86_MOV, size, plan->result, X86_RDX);
}

/* The high half, or both. */
static void plan_mul_high(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool is_both = plan->absorbed != IR_NO_REF;
    plan_use_any(code, plan, i->a);
    plan_use_memory(code, plan, i->b);
    plan_result(code, plan);
    plan->second_registers = is_both ? GENERAL : 0;
    plan->emit = is_both ? emit_product : emit_mul_high;
}

PLAN_AS(mulhu, plan_mul_high)
PLAN_AS(mulhs, plan_mul_high)
PLAN_AS(mulhsu, plan_mul_high)

void plan_mul(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    int32_t immediate;
    if (plan->absorbed != IR_NO_REF) {
        plan_mul_high(code, plan);
        return;
    }
    plan_use(code, plan, i->a);
    plan_result(code, plan);
    if (fits_immediate(code, i->b, &immediate)) {
        plan->emit = emit_mul_constant;
        return;
    }
    plan_use_memory(code, plan, i->b);
    plan_tie(plan, 0);
    plan->commutes = true;
    plan->emit = emit_mul;
}

/* ---- division: by zero and MIN / -1 have results, where the host would trap ---- */
static void emit_divide(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    enum x86_size size = result_size(code, plan);
    bool is_signed = i->op == IR_OP_divs || i->op == IR_OP_rems, remainder = i->op == IR_OP_remu || i->op == IR_OP_rems;
    unsigned divisor = plan->inputs[1].place.reg, answer = remainder ? X86_RDX : X86_RAX;
    bool known = ir_is_constant(i->b);
    uint64_t value = known ? constant_value(code, i->b) : 0;
    bool may_be_zero = !known || value == 0;
    bool may_be_minus_one = is_signed && (!known || value == (size == X86_64 ? UINT64_MAX : UINT32_MAX));
    uint32_t zero = 0, minus_one = 0, done = 0;

    emit_get(code, size, X86_RAX, &plan->inputs[0]);
    if (may_be_zero) {
        /* The answer for 0: a as remainder, 0 as quotient. */
        remainder ? x86_rr(b, X86_MOV, size, X86_RDX, X86_RAX) : x86_mov_ri(b, X86_RDX, 0);
        x86_rr(b, X86_TEST, size, divisor, divisor);
        if (!remainder) {
            x86_cmov(b, X86_E, size, X86_RAX, X86_RDX);
        }
        zero = x86_jcc_short(b, X86_E);
    }
    if (may_be_minus_one) {
        x86_alu_ri(b, X86_CMP, size, divisor, -1);
        minus_one = x86_jcc_short(b, X86_E);
    }
    if (is_signed) {
        x86_z(b, size == X86_64 ? X86_CQO : X86_CDQ);
        x86_r(b, X86_IDIV, size, divisor);
    } else {
        x86_zero(b, X86_RDX);
        x86_r(b, X86_DIV, size, divisor);
    }
    if (may_be_minus_one) {
        done = x86_jmp_short(b);
        x86_bind_short(b, minus_one);
        remainder ? x86_zero(b, X86_RDX) : x86_r(b, X86_NEG, size, X86_RAX);
        x86_bind_short(b, done);
    }
    if (may_be_zero) {
        x86_bind_short(b, zero);
    }
    x86_rr(b, X86_MOV, size, plan->result, answer);
}

static void plan_divide(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use_any(code, plan, i->a);
    plan_use(code, plan, i->b);
    plan_result(code, plan);
    plan->emit = emit_divide;
}

PLAN_AS(divu, plan_divide)
PLAN_AS(divs, plan_divide)
PLAN_AS(remu, plan_divide)
PLAN_AS(rems, plan_divide)
