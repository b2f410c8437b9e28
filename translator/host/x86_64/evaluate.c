/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations in software: what the host's instructions cannot do exactly is done by ir_evaluate, the interpreter's own
 * function.
 *
 * Operands go to cpu_header.values, eax holds a description, rcx the float rules; PART_EVALUATE keeps every allocatable
 * register, so this can stand anywhere, in line (plan_evaluate) or out of line behind a check (slow_evaluate). */
#include "glue.h"
#include "interpreter.h"
#include "x86_host.h"

enum { DESCRIPTION_TYPE = 8, DESCRIPTION_OPERAND = 12, DESCRIPTION_AUX = 16 };

void x86_evaluate(struct cpu_header *state, uint32_t description, const struct float_rules *rules)
{
    union ir_value *v = (union ir_value *)state->values.bytes;
    v[0] = ir_evaluate((enum ir_op)(description & 0xff), (enum ir_type)(description >> DESCRIPTION_TYPE & 15),
                       (enum ir_type)(description >> DESCRIPTION_OPERAND & 15),
                       (uint16_t)(description >> DESCRIPTION_AUX), v[0], v[1], v[2], rules, &state->fp);
}

static struct x86_memory value_at(unsigned number)
{
    return state_at((int32_t)(offsetof(struct cpu_header, values) + 16 * number));
}

static void store_operand(struct host_code *code, unsigned number, enum ir_type type, unsigned reg)
{
    struct host_buffer *b = x86_code(code);
    if (reg < VECTOR_BASE) {
        x86_rm(b, X86_MOV_STORE, X86_64, reg, value_at(number)); /* an i32 has zeros above */
    } else if (type == IR_F32) {
        x86_v_rr(b, X86_MOVD_FROM, reg - VECTOR_BASE, X86_RAX);
        x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, value_at(number));
    } else {
        x86_v_rm(b, type == IR_F64 ? X86_MOVSD_STORE : X86_MOVUPS_STORE, reg - VECTOR_BASE, value_at(number));
    }
}

static void store_input(struct host_code *code, unsigned number, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    enum ir_type type = ir_type_of(code->unit, input->value);
    if (input->place.kind == HOST_IN_REGISTER) {
        store_operand(code, number, type, input->place.reg);
    } else if (input->place.kind == HOST_IN_STATE && type == IR_V128) {
        x86_v_rm(b, X86_MOVUPS, SCRATCH_V0, state_at(input->place.disp));
        x86_v_rm(b, X86_MOVUPS_STORE, SCRATCH_V0, value_at(number));
    } else if (input->place.kind == HOST_IN_STATE) {
        x86_rm(b, X86_MOV, ir_type_bytes(type) == 4 ? X86_32 : X86_64, X86_RAX, state_at(input->place.disp));
        x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, value_at(number));
    } else {
        const union ir_value *value = &ir_constant_of(code->unit, input->value)->value;
        emit_vector_constant(code, SCRATCH_V0, value->u64[0], type == IR_V128 ? value->u64[1] : 0);
        x86_v_rm(b, X86_MOVUPS_STORE, SCRATCH_V0, value_at(number));
    }
}

static void call_evaluate(struct host_code *code, const struct ir_instruction *i, enum ir_type operand_type)
{
    struct host_buffer *b = x86_code(code);
    x86_mov_ri(b, X86_RAX,
               i->op | (unsigned)i->type << DESCRIPTION_TYPE | (unsigned)operand_type << DESCRIPTION_OPERAND |
                   (unsigned)i->aux << DESCRIPTION_AUX);
    x86_mov_ri(b, X86_RCX, (uintptr_t)code->unit->context->rules);
    emit_call_to(code, glue_part(code, PART_EVALUATE));
}

static void load_result(struct host_code *code, enum ir_type type, unsigned reg)
{
    struct host_buffer *b = x86_code(code);
    if (reg < VECTOR_BASE) {
        x86_rm(b, X86_MOV, size_of(type), reg, value_at(0));
    } else {
        x86_v_rm(b,
                 type == IR_V128  ? X86_MOVUPS
                 : type == IR_F32 ? X86_MOVSS_LOAD
                                  : X86_MOVSD_LOAD,
                 reg - VECTOR_BASE, value_at(0));
    }
}

static void emit_evaluate(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    for (unsigned n = 0; n < plan->input_count; n++) {
        store_input(code, n, &plan->inputs[n]);
    }
    enum ir_type operand_type = plan->input_count ? ir_type_of(code->unit, plan->inputs[0].value) : IR_NONE;
    call_evaluate(code, i, operand_type);
    if (plan->result_registers) {
        load_result(code, (enum ir_type)i->type, plan->result);
    }
}

bool is_evaluation(const struct host_plan *plan)
{
    return plan->selected == emit_evaluate;
}

void plan_evaluate(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    const ir_ref operands[3] = {i->a, i->b, i->c};
    for (unsigned n = 0; n < 3 && ir_operand_is_value((enum ir_op)i->op, n); n++) {
        plan_use_memory(code, plan, operands[n])->may_constant = true;
    }
    if (i->type != IR_NONE) {
        plan_result(code, plan);
    }
    plan->emit = emit_evaluate;
}

static void emit_slow_evaluate(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = &code->unit->code[path->index];
    const ir_ref operands[3] = {i->a, i->b, i->c};
    x86_bind(b, &path->entry);
    for (unsigned n = 0; n < path->count; n++) {
        if (path->registers[n] == HOST_NO_REGISTER) {
            const union ir_value *value = &ir_constant_of(code->unit, operands[n])->value;
            x86_mov_ri(b, X86_RAX, value->i64);
            x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, value_at(n));
        } else {
            store_operand(code, n, ir_type_of(code->unit, operands[n]), path->registers[n]);
        }
    }
    call_evaluate(code, i, (enum ir_type)path->operand_type);
    load_result(code, (enum ir_type)i->type, path->result);
    x86_jmp_label(b, &path->back);
}

struct slow_path *slow_evaluate(struct host_code *code, const struct host_plan *plan)
{
    struct slow_path *path = slow_path_new(code, emit_slow_evaluate);
    const struct ir_instruction *i = plan_instruction(code, plan);
    path->index = plan->index;
    path->count = plan->input_count;
    path->result = plan->result;
    path->operand_type = (uint8_t)ir_type_of(code->unit, i->a);
    for (unsigned n = 0; n < plan->input_count; n++) {
        path->registers[n] = in_register(&plan->inputs[n]) ? plan->inputs[n].place.reg : HOST_NO_REGISTER;
    }
    return path;
}
