/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unroll.h"
#include "log.h"

enum { MOST_ROUNDS = 8, MOST_INSTRUCTIONS = 480 }; /* of the IR but marks, all rounds together */

/* What a round may have: nothing that has a list of operands, changes state behind the builder's back or is rare in loops where a
   turn's end matters. */
static bool is_repeatable(const struct ir_unit *unit, const struct ir_instruction *in)
{
    switch (in->op) {
    case IR_OP_call:
    case IR_OP_store_conditional:
    case IR_OP_atomic:
    case IR_OP_cas:
    case IR_OP_drop:
        return false;
    case IR_OP_branch:
        return in->b != 0 && in->c != 0;
    default:
        return !(ir_ops[in->op].effects & IR_END);
    }
}

unsigned unroll_begin(struct unroll *unroll, struct ir_builder *builder, unsigned exits, unsigned exit_room)
{
    const struct ir_unit *unit = builder->unit;
    uint32_t marks = 0;
    for (uint32_t i = 0; i < unit->count; i++) {
        marks += unit->code[i].op == IR_OP_mark;
    }
    unsigned rounds = MOST_INSTRUCTIONS / (unit->count - marks + 1);
    rounds = rounds > MOST_ROUNDS ? MOST_ROUNDS : rounds;
    while (rounds > 1 && exits * (rounds - 1) > exit_room) {
        rounds--;
    }
    *unroll = (struct unroll){.builder = builder, .end = unit->count, .rounds = rounds};
    if (rounds < 2 || builder->ignored_bits || builder->before_access) {
        return unroll->rounds = 1;
    }
    for (uint32_t i = 0; i < unit->count; i++) {
        if (!is_repeatable(unit, &unit->code[i])) {
            return unroll->rounds = 1;
        }
    }
    unroll->map = arena_array(unit->arena, ir_ref, unit->count);
    return rounds;
}

/* False if the way out is always taken: the block has ended. */
static bool repeat_branch(struct unroll *u, const struct ir_instruction *in, ir_ref condition)
{
    struct ir_builder *b = u->builder;
    bool then_leaves = u->is_exit(u->user, in->b);
    uint64_t value;
    if (ir_constant_value(b, condition, &value)) {
        if (!value == then_leaves) {
            return true;
        }
        ir_emit_effect(b, IR_HEAD(IR_OP_jump, IR_NONE, 0), u->copy_exit(u->user, value ? in->b : in->c), 0, 0);
        return false;
    }
    uint32_t exit = u->copy_exit(u->user, then_leaves ? in->b : in->c), follow = ir_block_new(b);
    ir_emit_effect(b, IR_HEAD(IR_OP_branch, IR_NONE, in->aux), condition, then_leaves ? exit : follow,
                   then_leaves ? follow : exit);
    ir_block_place(b, follow, true);
    return true;
}

bool unroll_round(struct unroll *u)
{
    struct ir_builder *b = u->builder;
    for (uint32_t i = 0; i < u->end; i++) {
        const struct ir_instruction in = b->unit->code[i];
        unsigned values = ir_value_operands[in.op];
        ir_ref x = values & 1 ? unroll_value(u, in.a) : in.a;
        ir_ref y = values & 2 ? unroll_value(u, in.b) : in.b;
        ir_ref z = values & 4 ? unroll_value(u, in.c) : in.c;
        switch (in.op) {
        case IR_OP_mark:
            ir_mark(b, in.a | (uint64_t)in.b << 32, in.aux);
            break;
        case IR_OP_read:
            u->map[i] = in.type == IR_FLAGS                     ? ir_read_flags(b, (uint16_t)in.a)
                        : in.type == b->slots[in.a].type ? ir_read(b, (uint16_t)in.a)
                                                         : ir_read_part(b, (uint16_t)in.a, (enum ir_type)in.type, in.aux);
            break;
        case IR_OP_write:
            ir_write(b, (uint16_t)in.a, y);
            break;
        case IR_OP_load:
            u->map[i] = ir_load(b, (enum ir_type)in.type, x, (int32_t)in.b, in.aux);
            break;
        case IR_OP_store:
            ir_store(b, x, y, (int32_t)in.c, in.aux);
            break;
        case IR_OP_branch:
            if (!repeat_branch(u, &in, x)) {
                return false;
            }
            break;
        default:
            u->map[i] = ir_emit_head(b, IR_HEAD(in.op, in.type, in.aux), x, y, z);
            break;
        }
    }
    return true;
}
