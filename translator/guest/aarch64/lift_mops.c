/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Memory copy and memory set" (FEAT_MOPS), by the manual's option A: a prologue puts the registers into the form that
 * says by itself how far the work is, the main part does all of it and the epilogue finds nothing left. Faults are
 * those of the main part, whose registers are exact at each of them (helpers_mops.c).
 *
 * Forward: Xd and Xs are the ends, Xn minus the bytes that are left. Backward: Xd and Xs are the beginnings, Xn the
 * bytes that are left. */
#include "helpers_mops.h"
#include "lift.h"

#include <string.h>

/* Bits 23 and 22 of a copy, 15 and 14 of a fill: which of the three instructions it is. */
enum { COPY_STAGE = 22, SET_STAGE = 14, GROUP_BYTES = 12, PAGE = 4096 };

static bool are_valid(const struct a64_args_mops *a, bool is_set)
{
    bool differ = a->rd != a->rs && a->rd != a->rn && a->rs != a->rn;
    return differ && a->rd != 31 && a->rn != 31 && (is_set || a->rs != 31);
}

static uint32_t register_numbers(const struct a64_args_mops *a)
{
    return (uint32_t)(a->rd | a->rs << MOPS_SOURCE_SHIFT | a->rn << MOPS_SIZE_SHIFT);
}

static bool call_main(struct lifter *l, const struct a64_args_mops *a, unsigned helper)
{
    ir_ref numbers = ir_i32(l->ir, register_numbers(a));
    ir_call(l->ir, helper, &numbers, 1);
    return true;
}

/* The main part and the epilogue follow, as compilers and the C library have it: all three are done here. */
static bool whole_group_follows(const struct lifter *l, unsigned stage)
{
    if (l->available < GROUP_BYTES || l->pc % PAGE > PAGE - GROUP_BYTES || l->options & LIFT_SINGLE_STEP) {
        return false;
    }
    uint32_t words[3];
    memcpy(words, l->code, sizeof words); /* little-endian, as this host is; elsewhere nothing matches */
    return words[1] == words[0] + (1u << stage) && words[2] == words[0] + (2u << stage);
}

static void clear_flags(struct lifter *l)
{
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_i32(l->ir, 0)));
}

struct operands {
    ir_ref to, from, size; /* from: the value of a fill */
};

static struct operands read_operands(struct lifter *l, const struct a64_args_mops *a)
{
    return (struct operands){lift_read(l, 1, a->rd), lift_read(l, 1, a->rs), lift_read(l, 1, a->rn)};
}

static void call_whole(struct lifter *l, const struct a64_args_mops *a, const struct operands *o, unsigned helper,
                       uint32_t how)
{
    ir_ref arguments[4] = {o->to, o->from, o->size, ir_i32(l->ir, register_numbers(a) | how)};
    ir_call(l->ir, helper, arguments, 4);
    lift_jump(l, l->pc + GROUP_BYTES);
}

/* The registers after a group or after its prologue; moved: by how much the addresses grow. */
static bool finish(struct lifter *l, const struct a64_args_mops *a, const struct operands *o, ir_ref moved, ir_ref left)
{
    lift_write(l, a->rd, ir_add(l->ir, o->to, moved));
    if (o->from != IR_NO_REF) {
        lift_write(l, a->rs, ir_add(l->ir, o->from, moved));
    }
    lift_write(l, a->rn, left);
    clear_flags(l);
    return true;
}

/* Sizes above the largest mean that one. */
static ir_ref saturated(struct lifter *l, ir_ref size, uint64_t largest)
{
    ir_ref is_larger = ir_cmp(l->ir, IR_GTU, size, ir_i64(l->ir, largest));
    return ir_select(l->ir, is_larger, ir_i64(l->ir, largest), size);
}

bool a64_lift_cpyfp(struct lifter *l, const struct a64_args_mops *a)
{
    if (!are_valid(a, false)) {
        return false;
    }
    struct operands o = read_operands(l, a);
    if (whole_group_follows(l, COPY_STAGE)) {
        call_whole(l, a, &o, A64_HELPER_mops_copy_whole, MOPS_FORWARD);
        return finish(l, a, &o, o.size, ir_i64(l->ir, 0));
    }
    ir_ref size = saturated(l, o.size, INT64_MAX);
    return finish(l, a, &o, size, ir_neg(l->ir, size));
}

/* Backward if the destination begins inside the source. */
bool a64_lift_cpyp(struct lifter *l, const struct a64_args_mops *a)
{
    if (!are_valid(a, false)) {
        return false;
    }
    struct ir_builder *ir = l->ir;
    struct operands o = read_operands(l, a);
    bool is_whole = whole_group_follows(l, COPY_STAGE);
    if (is_whole) {
        call_whole(l, a, &o, A64_HELPER_mops_copy_whole, 0);
    }
    ir_ref size = saturated(l, o.size, INT64_MAX >> 8), eight = ir_i64(ir, 8);
    ir_ref distance = ir_shr(ir, ir_shl(ir, ir_sub(ir, o.to, o.from), eight), eight);
    ir_ref is_backward = ir_cmp(ir, IR_LTU, distance, size);
    ir_ref moved = ir_select(ir, is_backward, ir_i64(ir, 0), size);
    return finish(l, a, &o, moved, is_whole ? ir_i64(ir, 0) : ir_select(ir, is_backward, size, ir_neg(ir, size)));
}

bool a64_lift_setp(struct lifter *l, const struct a64_args_mops *a)
{
    if (!are_valid(a, true)) {
        return false;
    }
    struct operands o = read_operands(l, a);
    bool is_whole = whole_group_follows(l, SET_STAGE);
    if (is_whole) {
        call_whole(l, a, &o, A64_HELPER_mops_set_whole, 0);
    }
    o.from = IR_NO_REF;
    ir_ref size = is_whole ? o.size : saturated(l, o.size, INT64_MAX);
    return finish(l, a, &o, size, is_whole ? ir_i64(l->ir, 0) : ir_neg(l->ir, size));
}

bool a64_lift_cpy_main(struct lifter *l, const struct a64_args_mops *a)
{
    return are_valid(a, false) && call_main(l, a, A64_HELPER_mops_copy);
}

bool a64_lift_set_main(struct lifter *l, const struct a64_args_mops *a)
{
    return are_valid(a, true) && call_main(l, a, A64_HELPER_mops_set);
}
