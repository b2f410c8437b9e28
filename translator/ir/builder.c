/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fold.h"
#include "log.h"

static void forget_slots(struct ir_builder *b)
{
    _Static_assert(IR_NO_REF == UINT32_MAX, "all bits are set");
    memset(b->slot_value, 0xff, 2 * b->unit->context->slot_count * sizeof *b->slot_value); /* and part_value */
}

void ir_builder_init(struct ir_builder *b, struct ir_unit *unit)
{
    unsigned slots = unit->context->slot_count;
    *b = (struct ir_builder){.unit = unit, .slots = unit->context->slots, .is_marked = true, .marks_now = true};
    b->ignored_bits = unit->context->ignored_bits;
    b->slot_value = arena_array(unit->arena, ir_ref, 2 * slots);
    b->part_value = b->slot_value + slots;
    b->part_key = arena_array(unit->arena, uint32_t, slots);
    uint32_t entry = ir_block_new(b);
    unit->blocks[entry].predecessors = 1;
    ir_block_place(b, entry, false);
}

uint32_t ir_block_new(struct ir_builder *b)
{
    struct ir_unit *unit = b->unit;
    if (unit->block_count == unit->block_capacity) {
        uint32_t capacity = unit->block_capacity;
        unit->blocks = arena_grow(unit->arena, unit->blocks, &unit->block_capacity, sizeof *unit->blocks);
        unit->layout = arena_grow(unit->arena, unit->layout, &capacity, sizeof *unit->layout);
    }
    unit->blocks[unit->block_count] = (struct ir_block){0};
    return unit->block_count++;
}

void ir_block_place(struct ir_builder *b, uint32_t number, bool keep_slots)
{
    struct ir_unit *unit = b->unit;
    KAGE_ASSERT(!b->in_block, "a block is placed after the one before it ended");
    b->tagged = b->untagged = IR_NO_REF;
    unit->blocks[number].first = unit->blocks[number].end = unit->count;
    unit->layout[unit->layout_count++] = number;
    b->block = number;
    b->in_block = true;
    b->is_marked = unit->count == 0;
    if (!keep_slots) {
        forget_slots(b);
    }
}

void ir_grow_code(struct ir_unit *unit)
{
    unit->code = arena_grow(unit->arena, unit->code, &unit->capacity, sizeof *unit->code);
}

static void end_block(struct ir_builder *b, enum ir_op op, ir_ref first, ir_ref second, ir_ref third)
{
    struct ir_unit *unit = b->unit;
    unit->blocks[b->block].end = unit->count;
    b->in_block = false;
    if (op == IR_OP_jump) {
        unit->blocks[first].predecessors++;
    } else if (op == IR_OP_branch) {
        unit->blocks[second].predecessors++;
        unit->blocks[third].predecessors++;
    }
}

void ir_make_mark(struct ir_builder *b)
{
    ir_append(b, IR_OP_mark, IR_NONE, b->mark_length, (uint32_t)b->mark_pc, (uint32_t)(b->mark_pc >> 32), 0);
    b->is_marked = true;
    b->marks_now = b->marks_all;
}

/* Before an instruction that tells where it is. */
static inline void want_mark(struct ir_builder *b)
{
    if (!b->is_marked) {
        ir_make_mark(b);
    }
}

/* Before an access to guest memory. */
static inline void want_access(struct ir_builder *b, enum ir_op op, ir_ref address, uint32_t disp, uint16_t memop)
{
    if (__builtin_expect(b->before_access != NULL, 0)) {
        b->before_access(b->access_user, op, address, (int32_t)disp, memop);
    }
    want_mark(b);
}

ir_ref ir_emit_effect(struct ir_builder *b, ir_head head, ir_ref x, ir_ref y, ir_ref z)
{
    unsigned effects = ir_ops[ir_head_op(head)].effects;
    if (ir_head_op(head) == IR_OP_branch && ir_is_constant(x)) {
        ir_ref target = ir_constant_of(b->unit, x)->value.i32 ? y : z;
        return ir_emit(b, IR_OP_jump, IR_NONE, 0, target, 0, 0);
    }
    if (effects & IR_FAULT && (ir_head_op(head) == IR_OP_atomic || ir_head_op(head) == IR_OP_cas)) {
        want_access(b, ir_head_op(head), x, 0, ir_head_aux(head));
    } else if (effects & IR_FAULT || ir_head_op(head) == IR_OP_trap) {
        want_mark(b);
    }
    ir_ref result = ir_append_head(b, head, x, y, z);
    if (effects & IR_END) {
        end_block(b, ir_head_op(head), x, y, z);
    }
    return result;
}

bool ir_constant_value(struct ir_builder *b, ir_ref ref, uint64_t *value)
{
    if (!ir_is_constant(ref) || ir_type_bytes(ir_type_of(b->unit, ref)) > 8) {
        return false;
    }
    *value = ir_constant_of(b->unit, ref)->value.i64;
    return true;
}

ir_ref ir_read_memory(struct ir_builder *b, uint16_t slot)
{
    return b->slot_value[slot] = ir_append(b, IR_OP_read, (enum ir_type)b->slots[slot].type, 0, slot, 0, 0);
}

/* A part of a known value: an extraction that usually folds. */
static ir_ref part_of_value(struct ir_builder *b, ir_ref whole, enum ir_type type, unsigned offset)
{
    if (ir_typeof(b, whole) == IR_I64 && type == IR_I32) {
        return offset ? ir_narrow(b, IR_I32, ir_shr(b, whole, ir_i64(b, 32))) : ir_narrow(b, IR_I32, whole);
    }
    KAGE_ASSERT(ir_typeof(b, whole) == IR_V128, "parts are of i64 and v128 slots");
    unsigned lane = ir_type_bytes(type) == 8 ? 3 : 2;
    return ir_v_extract(b, type, whole, lane, offset >> lane);
}

ir_ref ir_read_part(struct ir_builder *b, uint16_t slot, enum ir_type type, unsigned offset)
{
    if (b->slot_value[slot] != IR_NO_REF) {
        return part_of_value(b, b->slot_value[slot], type, offset);
    }
    uint32_t key = offset | (uint32_t)type << 16;
    if (b->part_value[slot] == IR_NO_REF || b->part_key[slot] != key) {
        b->part_value[slot] = ir_append(b, IR_OP_read, type, (uint16_t)offset, slot, 0, 0);
        b->part_key[slot] = key;
    }
    return b->part_value[slot];
}

ir_ref ir_call(struct ir_builder *b, unsigned helper, const ir_ref *arguments, unsigned count)
{
    struct ir_unit *unit = b->unit;
    const struct ir_helper *h = &unit->context->helpers[helper];
    while (unit->list_count + count > unit->list_capacity) {
        unit->list = arena_grow(unit->arena, unit->list, &unit->list_capacity, sizeof *unit->list);
    }
    uint32_t start = unit->list_count;
    if (count) {
        memcpy(unit->list + start, arguments, count * sizeof *arguments);
    }
    unit->list_count += count;
    if (h->effects & IR_FAULT) {
        want_mark(b);
    }
    ir_ref result = ir_append(b, IR_OP_call, (enum ir_type)h->result, 0, helper, start, count);
    if (h->effects & IR_STATE_WRITE) {
        forget_slots(b);
    }
    return result;
}

ir_ref ir_remove_ignored_bits(struct ir_builder *b, ir_ref address)
{
    if (address != b->tagged) {
        ir_ref count = ir_i64(b, b->ignored_bits);
        b->untagged = ir_sar(b, ir_shl(b, address, count), count);
        b->tagged = address;
    }
    return b->untagged;
}

/* An address that is a sum with a constant: the constant moves into the displacement of the access. */
static inline void fold_address(const struct ir_unit *unit, ir_ref *address, int32_t *disp)
{
    if (*address & IR_CONSTANT) {
        return;
    }
    const struct ir_instruction *maker = &unit->code[*address];
    if (maker->op != IR_OP_add || !(maker->b & IR_CONSTANT)) {
        return;
    }
    int64_t sum = ir_constant_of(unit, maker->b)->value.s64[0] + *disp;
    if (maker->type == IR_I32) {
        sum = (int32_t)sum;
    }
    if (sum == (int32_t)sum) {
        *address = maker->a;
        *disp = (int32_t)sum;
    }
}

ir_ref ir_load(struct ir_builder *b, enum ir_type type, ir_ref address, int32_t disp, uint16_t memop)
{
    fold_address(b->unit, &address, &disp);
    address = ir_access_address(b, address);
    want_access(b, IR_OP_load, address, (uint32_t)disp, memop);
    return ir_append(b, IR_OP_load, type, memop, address, (uint32_t)disp, 0);
}

void ir_store(struct ir_builder *b, ir_ref address, ir_ref value, int32_t disp, uint16_t memop)
{
    fold_address(b->unit, &address, &disp);
    address = ir_access_address(b, address);
    want_access(b, IR_OP_store, address, (uint32_t)disp, memop);
    ir_append(b, IR_OP_store, IR_NONE, memop, address, value, (uint32_t)disp);
}

ir_ref ir_store_conditional(struct ir_builder *b, ir_ref address, ir_ref value, ir_ref reserved_address,
                            ir_ref reserved_value, uint16_t memop)
{
    struct ir_unit *unit = b->unit;
    address = ir_access_address(b, address);
    reserved_address = ir_access_address(b, reserved_address);
    if (unit->list_count + 2 > unit->list_capacity) {
        unit->list = arena_grow(unit->arena, unit->list, &unit->list_capacity, sizeof *unit->list);
    }
    uint32_t start = unit->list_count;
    unit->list[start] = reserved_address;
    unit->list[start + 1] = reserved_value;
    unit->list_count += 2;
    want_access(b, IR_OP_store_conditional, address, 0, memop);
    return ir_append(b, IR_OP_store_conditional, IR_I32, memop, address, value, start);
}
