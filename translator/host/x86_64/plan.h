/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building plans; part of x86_host.h. */
#ifndef X86_64_PLAN_H
#define X86_64_PLAN_H

static inline const struct ir_instruction *plan_instruction(struct host_code *code, const struct host_plan *plan)
{
    return &code->unit->code[plan->index];
}

static inline enum x86_size size_of(enum ir_type type)
{
    return type == IR_I64 || type == IR_F64 ? X86_64 : X86_32;
}

static inline bool is_vector_type(enum ir_type type)
{
    return (BIT(IR_F32) | BIT(IR_F64) | BIT(IR_V128)) >> type & 1;
}

static inline host_mask class_of(enum ir_type type)
{
    return is_vector_type(type) ? VECTOR : GENERAL;
}

/* True and *value if ref is an integer constant that a sign-extended 32-bit immediate of `type` can express. */
bool constant_fits(struct host_code *code, ir_ref ref, int32_t *value);
static inline bool fits_immediate(struct host_code *code, ir_ref ref, int32_t *value)
{
    return ir_is_constant(ref) && constant_fits(code, ref, value);
}

static inline enum x86_size result_size(struct host_code *code, const struct host_plan *plan)
{
    return size_of((enum ir_type)plan_instruction(code, plan)->type);
}

/* Makes plan_<name>: planner(code, plan, ...). */
#define PLAN_AS(name, planner, ...)                                                                                    \
    void plan_##name(struct host_code *code, struct host_plan *plan)                                                   \
    {                                                                                                                  \
        planner(code, plan, ##__VA_ARGS__);                                                                            \
    }

/* Inputs: value in one of the registers. Returned for adjusting. */
static inline struct host_input *plan_use_registers(struct host_plan *plan, ir_ref value, host_mask registers)
{
    struct host_input *input = &plan->inputs[plan->input_count++];
    input->value = value;
    input->registers = registers;
    input->may_state = input->may_constant = input->late = false;
    return input;
}

/* A register of the value's class. */
static inline struct host_input *plan_use(struct host_code *code, struct host_plan *plan, ir_ref value)
{
    return plan_use_registers(plan, value, class_of(ir_type_of(code->unit, value)));
}

/* The same, and its place in the state's memory. */
static inline struct host_input *plan_use_memory(struct host_code *code, struct host_plan *plan, ir_ref value)
{
    struct host_input *input = plan_use(code, plan, value);
    input->may_state = true;
    return input;
}

/* A general register, memory, or a constant that fits a sign-extended 32-bit immediate of the value's type. */
static inline struct host_input *plan_use_any(struct host_code *code, struct host_plan *plan, ir_ref value)
{
    struct host_input *input = plan_use_registers(plan, value, GENERAL);
    int32_t immediate;
    input->may_state = true;
    input->may_constant = fits_immediate(code, value, &immediate);
    return input;
}

static inline void plan_result(struct host_code *code, struct host_plan *plan)
{
    plan->result_registers = class_of((enum ir_type)plan_instruction(code, plan)->type);
}

/* The result takes over the register of input number `input`. To be called after all plan_use. */
void plan_tie(struct host_plan *plan, int input);
/* Every input is still needed when the result has been begun. */
void plan_all_late(struct host_plan *plan);
void plan_temporary(struct host_plan *plan, host_mask mask);

#endif
