/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building plans, and emitting an operand wherever it is. */
#include "log.h"
#include "x86_host.h"

bool constant_fits(struct host_code *code, ir_ref ref, int32_t *value)
{
    const struct ir_constant *constant = ir_constant_of(code->unit, ref);
    *value = (int32_t)constant->value.i64;
    return constant->type == IR_I64 ? (int64_t)constant->value.i64 == *value
                                    : constant->type == IR_I32 || constant->type == IR_FLAGS;
}

void plan_tie(struct host_plan *plan, int tied)
{
    struct host_input *base = &plan->inputs[tied];
    base->may_state = base->may_constant = false;
    plan->tied = (int8_t)tied;
    for (int n = 0; n < plan->input_count; n++) {
        plan->inputs[n].late |= n != tied && plan->inputs[n].value != base->value;
    }
}

void plan_all_late(struct host_plan *plan)
{
    for (int n = 0; n < plan->input_count; n++) {
        plan->inputs[n].late = true;
    }
}

void plan_temporary(struct host_plan *plan, host_mask mask)
{
    plan->temporary_masks[plan->temporary_count++] = mask;
}

void emit_alu(struct host_code *code, uint32_t op, enum x86_size size, unsigned reg, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    if (input->place.kind == HOST_IN_REGISTER) {
        x86_alu_rr(b, op, size == X86_64, reg, input->place.reg);
    } else if (input->place.kind == HOST_IN_STATE) {
        x86_on_state(b, (op & 0xff) | 3, size == X86_64, reg, input->place.disp); /* every row's load direction */
    } else {
        x86_alu_ri(b, op, size, reg, (int32_t)constant_value(code, input->value));
    }
}

void emit_r_rm(struct host_code *code, uint32_t op, enum x86_size size, unsigned reg, const struct host_input *input)
{
    if (input->place.kind == HOST_IN_REGISTER) {
        x86_rr(x86_code(code), op, size, reg, input->place.reg);
    } else {
        KAGE_ASSERT(input->place.kind == HOST_IN_STATE, "operand is neither in a register nor in memory");
        x86_rm(x86_code(code), op, size, reg, state_at(input->place.disp));
    }
}

void emit_get(struct host_code *code, enum x86_size size, unsigned reg, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    if (input->place.kind == HOST_IN_REGISTER) {
        if (reg != input->place.reg) {
            x86_rr(b, X86_MOV, size, reg, input->place.reg);
        }
    } else if (input->place.kind == HOST_IN_STATE) {
        x86_on_state(b, OPCODE_MOV_LOAD, size == X86_64, reg, input->place.disp);
    } else {
        x86_mov_ri(b, reg, constant_value(code, input->value));
    }
}

void emit_v_rrm(struct host_code *code, uint32_t op, unsigned reg, unsigned first, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    if (input->place.kind == HOST_IN_REGISTER) {
        x86_v_rrr(b, op, reg, first, vector_of(input));
    } else {
        x86_v_rrm(b, op, reg, first, state_at(input->place.disp));
    }
}

struct x86_memory x86_near(struct host_code *code, const void *place)
{
    return x86_at(X86_RIP, (int32_t)((const uint8_t *)place - code->buffer.start));
}

struct x86_memory table_at(struct host_code *code, enum x86_table table)
{
    return x86_near(code, glue_part(code, PART_TABLES) + 16 * table);
}

void emit_jmp_to(struct host_code *code, const void *target)
{
    struct host_buffer *b = x86_code(code);
    x86_begin(b);
    x86_jmp_rel32(b, (int32_t)((const uint8_t *)target - (b->next + 5)));
}

void emit_call_to(struct host_code *code, const void *target)
{
    struct host_buffer *b = x86_code(code);
    x86_begin(b);
    x86_call_rel32(b, (int32_t)((const uint8_t *)target - (b->next + 5)));
}

struct slow_path *slow_path_new(struct host_code *code, void (*emit)(struct host_code *, struct slow_path *))
{
    struct slow_path *path = arena_new(code->arena, struct slow_path);
    path->emit = emit;
    path->entry = path->back = (struct host_label)X86_LABEL_INIT;
    *x86_unit(code)->last = path;
    x86_unit(code)->last = &path->next;
    return path;
}
