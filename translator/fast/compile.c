/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forward pass: block after block in the layout, instruction after instruction.
 *
 * What a block starts with: the allocation at the end of the block before it, if that is its only predecessor; the
 * allocation saved at the branch, if its only predecessor is further back; nothing (all slots in memory, no value
 * alive), if there are several. */
#include "compiler.h"
#include "log.h"

#include <stddef.h>

static struct host_exit *new_exit(struct host_code *code, uint64_t pc, uint8_t hint)
{
    struct compiler *c = (struct compiler *)code;
    if (c->exit_count == c->exit_capacity) {
        c->exits = arena_grow(c->arena, c->exits, &c->exit_capacity, sizeof *c->exits);
    }
    struct host_exit *exit = &c->exits[c->exit_count++];
    *exit = (struct host_exit){.pc = pc, .hint = hint};
    return exit;
}

static const struct host_tier tier = {.note_fault = snapshot_note_fault, .new_exit = new_exit};

/* ---- states of blocks ---- */

/* One value, unless it is saved already or not made yet; with a deferred one what it is made from. */
static void save_value(struct compiler *c, uint32_t number, void *data)
{
    struct saved_state *s = data;
    bool made_later = number > s->branch && number < c->constant_start;
    if (value_is_constant(c, number) || made_later || c->values[number].stamp == c->stamp) {
        return;
    }
    c->values[number].stamp = c->stamp;
    if (s->value_count == s->value_capacity) {
        s->values = arena_grow(c->arena, s->values, &s->value_capacity, sizeof *s->values);
    }
    s->values[s->value_count++] = (struct saved_value){number, c->values[number]};
    if (c->values[number].deferred) {
        for_each_use(c, number, save_value, s);
    }
}

static bool has_one_predecessor(const struct compiler *c, uint32_t block)
{
    return block != 0 && c->unit->blocks[block].predecessors == 1;
}

/* Values that a block uses, or one that is only reached through it. */
static void save_values_used_in(struct compiler *c, struct saved_state *s, uint32_t block)
{
    const struct ir_block *b = &c->unit->blocks[block];
    const struct ir_instruction *last = &c->unit->code[b->end - 1];
    for (uint32_t i = b->first; i < b->end; i++) {
        if (!(c->bits[i] & (IS_DEAD | IS_ABSORBED))) {
            for_each_use(c, i, save_value, s);
        }
    }
    const uint32_t targets[2] = {last->op == IR_OP_branch ? last->b
                                 : last->op == IR_OP_jump ? last->a
                                                          : 0,
                                 last->op == IR_OP_branch ? last->c : 0};
    for (unsigned k = 0; k < 2; k++) {
        if (has_one_predecessor(c, targets[k])) {
            save_values_used_in(c, s, targets[k]);
        }
    }
}

/* For a block that is emitted later and has no other predecessor than the branch. */
static void save_state(struct compiler *c, uint32_t block, uint32_t branch)
{
    if (side_exit_note(c, block)) {
        return;
    }
    struct saved_state *s = arena_new(c->arena, struct saved_state);
    s->branch = branch;
    s->slots = arena_array(c->arena, uint16_t, c->pending_count);
    s->slot_values = arena_array(c->arena, uint32_t, c->pending_count);
    memcpy(s->registers, c->registers, sizeof s->registers);
    c->stamp++;
    for (unsigned r = 0; r < REGISTER_COUNT; r++) {
        if (c->registers[r] != NO_VALUE) {
            save_value(c, c->registers[r], s);
        }
    }
    for (uint32_t i = 0; i < c->pending_count; i++) {
        uint16_t slot = c->pending_list[i];
        uint32_t number = c->pending[slot];
        s->slots[s->slot_count] = slot;
        s->slot_values[s->slot_count++] = number;
        save_value(c, number, s);
    }
    save_values_used_in(c, s, block);
    c->saved[block] = s;
}

static void forget_home(struct compiler *c, unsigned slot)
{
    for (uint32_t number = c->home_head[slot]; number != NO_VALUE; number = c->values[number].home_next) {
        c->values[number].in_state = false;
    }
    c->home_head[slot] = NO_VALUE;
    c->home_slots[slot / 64] &= ~(1ull << slot % 64);
}

static void forget_everything(struct compiler *c)
{
    while (c->pending_count) {
        uint16_t slot = c->pending_list[--c->pending_count];
        c->pending[slot] = NO_VALUE;
    }
    for (unsigned r = 0; r < REGISTER_COUNT; r++) {
        if (c->registers[r] != NO_VALUE) {
            c->values[c->registers[r]].reg = HOST_NO_REGISTER;
            c->registers[r] = NO_VALUE;
        }
    }
    c->vacant = UINT32_MAX;
    for_each_home(c, forget_home);
    c->spills_used = 0;
    c->version++;
}

static void add_use(struct compiler *c, uint32_t number, void *data)
{
    c->values[number].left++;
}

static void restore_state(struct compiler *c, const struct saved_state *s)
{
    forget_everything(c);
    /* A deferred value that the other path computed or gave up has given up its operands there: here it still needs
     * them. */
    for (uint32_t i = 0; i < s->value_count; i++) {
        const struct saved_value *saved = &s->values[i];
        if (saved->value.deferred && !c->values[saved->number].deferred) {
            for_each_use(c, saved->number, add_use, NULL);
        }
    }
    for (uint32_t i = 0; i < s->value_count; i++) {
        const struct saved_value *saved = &s->values[i];
        struct value *v = &c->values[saved->number];
        uint16_t left = v->left; /* uses on the other path are done; what is left is this path's */
        *v = saved->value;
        v->left = left;
        if (v->in_state && v->home_slot == NO_SLOT) {
            c->spills_used |= 1ull << ((unsigned)(v->disp - (int32_t)offsetof(struct cpu_header, spills)) / 16);
        } else if (v->in_state) {
            link_home(c, saved->number, v->home_slot);
        }
    }
    memcpy(c->registers, s->registers, sizeof c->registers);
    for (unsigned r = 0; r < REGISTER_COUNT; r++) {
        if (c->registers[r] != NO_VALUE) {
            c->values[c->registers[r]].reg = (host_register)r;
            c->vacant &= ~(1u << r);
        }
    }
    for (uint32_t i = 0; i < s->slot_count; i++) {
        if (!value_is_constant(c, s->slot_values[i])) {
            c->values[s->slot_values[i]].held--; /* counted again by the next line; what a loop's header holds stays */
        }
        slot_set_pending(c, s->slots[i], s->slot_values[i]);
    }
}

/* ---- ends of blocks ---- */

/* The label that falls through for the host: it must be the one of next_block. */
static void set_branch_targets(struct compiler *c, uint32_t then_block, uint32_t else_block, uint32_t next_block)
{
    c->code.next_block = next_block;
    c->code.branch_then = &c->labels[then_block];
    c->code.branch_else = &c->labels[else_block];
}

/* A branch one of whose ways is the unit's own entry: the way back is emitted in line, the other one continues after
 * it. */
static void emit_loop_branch(struct compiler *c, uint32_t index)
{
    const struct ir_instruction *in = &c->unit->code[index];
    uint32_t back_edge = c->unit->block_count; /* a label of its own */
    bool then_loops = in->b == 0;
    uint32_t other = then_loops ? in->c : in->b;
    c->labels[back_edge] = (struct host_label){.offset = -1, .pending = -1};
    set_branch_targets(c, then_loops ? back_edge : other, then_loops ? other : back_edge, back_edge);
    emit_instruction(c, index);
    KAGE_ASSERT(has_one_predecessor(c, other), "the way out of a loop has no other predecessor");
    save_state(c, other, index);
    c->host->bind(&c->code, &c->labels[back_edge]);
    loop_back(c);
}

static void emit_branch(struct compiler *c, uint32_t index, uint32_t next_block)
{
    const struct ir_instruction *in = &c->unit->code[index];
    if (in->b == 0 || in->c == 0) {
        emit_loop_branch(c, index);
        return;
    }
    if (!has_one_predecessor(c, in->b) || !has_one_predecessor(c, in->c)) {
        slots_write_back_all(c);
    }
    set_branch_targets(c, in->b, in->c, next_block);
    emit_instruction(c, index);
    for (unsigned k = 0; k < 2; k++) {
        uint32_t target = k ? in->c : in->b;
        if (has_one_predecessor(c, target) && target != next_block) {
            save_state(c, target, index);
        }
    }
}

static void emit_end(struct compiler *c, uint32_t index, uint32_t next_block)
{
    const struct ir_instruction *in = &c->unit->code[index];
    switch (in->op) {
    case IR_OP_branch:
        emit_branch(c, index, next_block);
        break;
    case IR_OP_jump:
        if (in->a == 0) {
            loop_back(c);
        } else if (!has_one_predecessor(c, in->a)) {
            slots_write_back_all(c);
            c->host->jump(&c->code, &c->labels[in->a]);
        } else if (in->a != next_block) {
            save_state(c, in->a, index);
            c->host->jump(&c->code, &c->labels[in->a]);
        }
        break;
    default:
        slots_store_all(c);
        emit_instruction(c, index);
    }
}

/* ---- instructions ---- */

static void mark_recipe(struct compiler *c, uint32_t number, void *data)
{
    c->values[number].in_recipe = true;
}

static void defer(struct compiler *c, uint32_t index)
{
    c->values[index].deferred = true;
    for_each_use(c, index, mark_recipe, NULL);
}

static void emit_call(struct compiler *c, uint32_t index)
{
    unsigned effects = ir_effects(c->unit, &c->unit->code[index]);
    if (effects & (IR_STATE_READ | IR_STATE_WRITE | IR_FAULT)) {
        slots_write_back_all(c);
    }
    if (effects & IR_FAULT) {
        const struct ir_context *context = c->unit->context;
        ir_ref pc = ir_constant_int(c->unit, (enum ir_type)context->word_type, c->pc);
        c->host->store_constant(&c->code, slot_disp(c, context->pc_slot), pc);
    }
    if (effects & IR_STATE_WRITE) {
        slots_leave_homes(c);
    }
    emit_instruction(c, index);
}

/* Anything but a mark, a read, a write or a drop. */
static void emit_operation(struct compiler *c, uint32_t index, uint32_t next_block)
{
    const struct ir_instruction *in = &c->unit->code[index];
    if (c->bits[index] & IS_DEFERRED) {
        defer(c, index);
    } else if (in->op == IR_OP_call) {
        emit_call(c, index);
    } else if (ir_ops[in->op].effects & IR_END) {
        emit_end(c, index, next_block);
    } else if (!c->host->is_alias(c->unit, in) || !slot_make_alias(c, index, in->a)) {
        emit_instruction(c, index);
    }
}

static void emit_block(struct compiler *c, const struct ir_block *block, uint32_t next_block)
{
    const uint8_t *bits = c->bits;
    const struct ir_instruction *in = c->unit->code + block->first;
    for (uint32_t i = block->first, end = block->end; i < end; i++, in++) {
        if (bits[i] & (IS_DEAD | IS_ABSORBED | IS_MADE_EARLY)) {
            if ((bits[i] & (IS_ABSORBED | IS_DEFERRED)) == (IS_ABSORBED | IS_DEFERRED)) {
                defer(c, i);
            }
            continue;
        }
        c->current = i;
        switch (in->op) {
        case IR_OP_mark:
            c->pc = in->a | (uint64_t)in->b << 32;
            break;
        case IR_OP_read:
            slot_read(c, i);
            break;
        case IR_OP_write:
            slot_write(c, in->a, value_of(c, in->b));
            break;
        case IR_OP_drop:
            slot_drop(c, in->a);
            break;
        default:
            emit_operation(c, i, next_block);
            break;
        }
    }
}

static void begin_block(struct compiler *c, uint32_t position)
{
    uint32_t number = c->unit->layout[position];
    if (position == 0) {
        return;
    }
    if (c->saved[number]) {
        restore_state(c, c->saved[number]);
    } else if (!has_one_predecessor(c, number)) {
        forget_everything(c);
    }
    c->host->bind(&c->code, &c->labels[number]);
}

static void set_up(struct compiler *c, struct ir_unit *unit, struct arena *arena, const struct fast_target *target)
{
    c->unit = unit;
    c->host = target->host;
    c->arena = arena;
    c->target = target;
    c->code = (struct host_code){
        .host = target->host,
        .unit = unit,
        .tier = &tier,
        .tier_data = c,
        .arena = arena,
        .buffer = {.start = target->start, .next = target->start, .limit = target->limit},
        .memory_model = target->memory_model,
        .memory_base_is_zero = target->memory_base_is_zero,
        .single_threaded = target->single_threaded,
        .counts_loops = target->counts_loops,
        .counts_own_loop = target->counts_own_loop,
        .features = target->features,
        .glue = target->glue,
    };
    c->version = 1;
    allocate_init(c);
    analyze_unit(c);
    c->labels = arena_array(arena, struct host_label, unit->block_count + 1);
    for (uint32_t i = 0; i <= unit->block_count; i++) {
        c->labels[i] = (struct host_label){.offset = -1, .pending = -1};
    }
    c->code.labels = c->labels;
    c->saved = arena_alloc_zero(arena, unit->block_count * sizeof *c->saved, 8);
    c->side_exits = arena_alloc_zero(arena, unit->block_count * sizeof *c->side_exits, 8);
}

struct fast_result fast_compile(struct ir_unit *unit, struct arena *arena, const struct fast_target *target)
{
    struct compiler *c = arena_new(arena, struct compiler);
    set_up(c, unit, arena, target);
    c->host->begin_unit(&c->code);
    if (c->loops) {
        loop_choose_header(c);
        loop_enter(c);
    }
    for (uint32_t l = 0; l < unit->layout_count && !c->code.buffer.overflow; l++) {
        const struct ir_block *block = &unit->blocks[unit->layout[l]];
        uint32_t next_block = l + 1 < unit->layout_count ? unit->layout[l + 1] : UINT32_MAX;
        if (c->side_exits[unit->layout[l]]) {
            side_exit_emit(c, unit->layout[l]);
            continue;
        }
        begin_block(c, l);
        emit_block(c, block, next_block);
    }
    struct fast_result result = {
        .entry = c->code.buffer.start, .main_end = c->code.buffer.next, .exit_count = c->exit_count};
    c->host->finish_unit(&c->code);
    result.end = c->code.buffer.next;
    if (c->code.buffer.overflow) {
        return (struct fast_result){.done = false};
    }
    if (c->exit_count) {
        result.exits = arena_array(target->records, struct host_exit, c->exit_count);
        memcpy(result.exits, c->exits, c->exit_count * sizeof *c->exits);
    }
    snapshot_finish(c, &result.faults);
    result.done = true;
    return result;
}
