/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that makes this folder a host. */
#include <capstone/capstone.h>
#include "float_select.h"

static planner plan_by_float_rules;

/* What rounds or compares floats goes through plan_by_float_rules. */
#define PURE 0
#define STATE_READ 0
#define STATE_WRITE 0
#define MEM_READ 0
#define MEM_WRITE 0
#define FAULT 0
#define FENV 1
#define END 0
static planner *const planners[IR_OP_COUNT] = {
#define OP(name, result, a, b, c, effects, aux) (effects) ? plan_by_float_rules : plan_##name,
#include "opcodes.def"
#undef OP
};
static planner *const float_planners[IR_OP_COUNT] = {
#define OP(name, result, a, b, c, effects, aux) (effects) ? plan_##name : NULL,
#include "opcodes.def"
#undef OP
};
#undef PURE
#undef STATE_READ
#undef STATE_WRITE
#undef MEM_READ
#undef MEM_WRITE
#undef FAULT
#undef FENV
#undef END

static uint64_t detect_features(uint32_t disabled)
{
    return x86_features_detect() & ~disabled;
}

static bool is_alias(const struct ir_unit *unit, const struct ir_instruction *i)
{
    return i->op == IR_OP_wide_u;
}

static bool has_superwords(uint64_t features)
{
    return features & X86_HAS_AVX2;
}

/* Flags of a comparison that an fcmp close by makes, too: that one raises the exceptions. */
static __attribute__((noinline)) bool is_compared_again(const struct ir_unit *unit, const struct ir_instruction *i)
{
    enum { FAR_ENOUGH = 24 };
    const struct ir_instruction *end = unit->code + unit->count;
    for (const struct ir_instruction *next = i + 1; next < end && next - i < FAR_ENOUGH; next++) {
        if (next->op == IR_OP_fcmp && next->a == i->a && next->b == i->b &&
            !(next->aux & IR_FCOND_SIGNALING) == !i->aux) {
            return true;
        }
        if (ir_effects(unit, next) & (IR_FAULT | IR_END) || next->op == IR_OP_call || next->op == IR_OP_fenv_read ||
            next->op == IR_OP_fenv_write) {
            return false;
        }
    }
    return false;
}

static bool is_deferrable(const struct ir_unit *unit, const struct ir_instruction *i)
{
    _Static_assert(IR_OP_flags_float == IR_OP_flags_add + 4, "what makes flags stands together");
    if (i->op < IR_OP_flags_add || i->op > IR_OP_flags_float) {
        return false;
    }
    if (i->op == IR_OP_flags_float) {
        return !is_half_operation(unit, i) && compares_natively(unit) && is_compared_again(unit, i);
    }
    return true;
}

/* One operation on one operand, at most with a constant; half a vector, integer or float. */
static bool is_simple(const struct ir_unit *unit, const struct ir_instruction *i)
{
    if (i->op == IR_OP_v_extract) {
        return ir_lane(i->aux) == 3 && !ir_is_constant(i->a);
    }
    if (i->type != IR_I64) {
        return false;
    }
    switch (i->op) {
    case IR_OP_not:
    case IR_OP_neg:
        return true;
    case IR_OP_add:
    case IR_OP_sub:
    case IR_OP_and:
    case IR_OP_or:
    case IR_OP_xor:
        return ir_is_constant(i->b) && !ir_is_constant(i->a) &&
               ir_constant_of(unit, i->b)->value.s64[0] == ir_constant_of(unit, i->b)->value.s32[0];
    case IR_OP_shl:
    case IR_OP_shr:
    case IR_OP_sar:
        return ir_is_constant(i->b) && !ir_is_constant(i->a);
    default:
        return false;
    }
}

static bool absorbs(struct host_code *code, uint32_t user, ir_ref value)
{
    const struct ir_instruction *i = &code->unit->code[user];
    switch (i->op) {
    case IR_OP_branch:
    case IR_OP_select:
        return i->a == value && can_absorb_condition(code, value);
    case IR_OP_cmp:
        return can_absorb_bits(code, i, value);
    case IR_OP_v_aes_mix:
    case IR_OP_v_aes_inv_mix:
        return can_absorb_aes(code, i, value);
    case IR_OP_add: {
        int scaled = scaled_operand(code, i), carry = scaled >= 0 ? -1 : carry_operand(code, i);
        return (scaled >= 0 && value == (scaled ? i->b : i->a)) ||
               (carry >= 0 && value == (carry ? i->b : i->a) && !(code->bits[user] & HOST_ABSORBED));
    }
    case IR_OP_sub:
        return value == i->b && carry_operand(code, i) >= 0;
    case IR_OP_wide_u:
        return code->bits[user] & HOST_ABSORBED; /* by one of the last two */
    case IR_OP_shl:
    case IR_OP_shr:
    case IR_OP_sar:
    case IR_OP_rotr:
        return code->unit->code[value].op == IR_OP_narrow;
    case IR_OP_adc:
        return i->c == value && can_absorb_carry(code, value);
    case IR_OP_load:
    case IR_OP_store:
        return can_absorb_address(code, user, value);
    default:
        return false;
    }
}

static const uint8_t absorbers[IR_OP_COUNT] = {
    [IR_OP_branch] = 1, [IR_OP_select] = 1, [IR_OP_cmp] = 1,   [IR_OP_v_aes_mix] = 3, [IR_OP_v_aes_inv_mix] = 3,
    [IR_OP_add] = 3,    [IR_OP_load] = 1,   [IR_OP_store] = 1, [IR_OP_adc] = 4,       [IR_OP_shl] = 1,
    [IR_OP_shr] = 1,    [IR_OP_sar] = 1,    [IR_OP_rotr] = 1,  [IR_OP_sub] = 2,       [IR_OP_wide_u] = 1,
};

static void make_plan(struct host_code *code, uint32_t index, ir_ref absorbed, struct host_plan *plan)
{
    plan->index = index;
    plan->absorbed = absorbed;
    plan->input_count = plan->temporary_count = 0;
    plan->tied = -1;
    plan->commutes = false;
    plan->result_registers = plan->second_registers = plan->clobbers = 0;
    planners[code->unit->code[index].op](code, plan);
}

static void emit_with_flushing(struct host_code *code, const struct host_plan *plan)
{
    struct slow_path *slow = begin_flushing(code, plan);
    plan->selected(code, plan);
    if (slow) {
        x86_bind(x86_code(code), &slow->back);
    }
}

static void plan_by_float_rules(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (is_half_operation(code->unit, i)) {
        (i->type == IR_V128 ? plan_vector_half : plan_half)(code, plan);
    } else {
        float_planners[i->op](code, plan);
    }
    if (flushes(code)) {
        plan->selected = plan->emit;
        plan->emit = emit_with_flushing;
    }
}

static const struct host host_x86_64 = {
    .name = "x86_64",
    .allocatable_general = GENERAL,
    .allocatable_vector = VECTOR,
    .callee_saved = CALLEE_SAVED,
    .makes_products = true,
    .entry_check_bytes = ENTRY_CHECK_BYTES,
    .detect_features = detect_features,
    .has_superwords = has_superwords,
    .is_alias = is_alias,
    .is_deferrable = is_deferrable,
    .is_simple = is_simple,
    .absorbs = absorbs,
    .absorbers = absorbers,
    .plan = make_plan,
    .move = x86_move,
    .exchange = x86_exchange,
    .load = x86_load,
    .store = x86_store,
    .load_constant = x86_load_constant,
    .store_constant = x86_store_constant,
    .store_deferred = x86_store_deferred,
    .begin_unit = x86_begin_unit,
    .jump = x86_jump,
    .bind = x86_bind_label,
    .loop = x86_loop,
    .finish_unit = x86_finish_unit,
    .make_glue = x86_make_glue,
    .link = x86_link,
    .disable_unit = x86_disable_unit,
    .read_register = x86_read_register,
    .leave_from_fault = x86_leave_from_fault,
    .fault_pc = x86_fault_pc,
    .save_fp_from_fault = x86_save_fp_from_fault,
    .fault_is_misaligned = x86_fault_is_misaligned,
    .capstone_arch = CS_ARCH_X86,
    .capstone_mode = CS_MODE_64,
};

const struct host *host_native(void)
{
    return &host_x86_64;
}
