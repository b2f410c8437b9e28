/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "superword_lanes.h"
#include "log.h"

enum { MAX_DEPTH = 8 };

bool superword_is_doubleword(const struct ir_unit *unit, const struct ir_instruction *in)
{
    enum ir_type type = in->op == IR_OP_load ? (enum ir_type)in->type : ir_type_of(unit, in->b);
    return (in->aux & ~IR_MEM_SIGNED) == SUPERWORD_LANE && (type == IR_I64 || type == IR_F64);
}

bool superword_find_pair(const struct ir_unit *unit, uint32_t one, uint32_t other, struct superword_pair *pair)
{
    const struct ir_instruction *x = &unit->code[one], *y = &unit->code[other];
    int64_t distance = (int64_t)superword_disp(y) - superword_disp(x);
    *pair = distance > 0 ? (struct superword_pair){one, other} : (struct superword_pair){other, one};
    return x->a == y->a && (distance == SUPERWORD_BYTES || distance == -SUPERWORD_BYTES) &&
           (x->op == IR_OP_store ? ir_type_of(unit, x->b) == ir_type_of(unit, y->b) : x->type == y->type);
}

bool superword_pair_loads(const struct ir_unit *unit, const uint32_t *loads, unsigned count, struct superword_pair *pairs)
{
    uint64_t done = 0;
    unsigned found = 0;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = i + 1; k < count && !(done >> i & 1); k++) {
            if (!(done >> k & 1) && superword_find_pair(unit, loads[i], loads[k], &pairs[found])) {
                done |= 1ull << i | 1ull << k;
                found++;
            }
        }
        if (!(done >> i & 1)) {
            return false;
        }
    }
    return true;
}

/* ---- units ---- */

void superword_lanes_init(struct superword_lanes *l, const struct ir_unit *old)
{
    *l = (struct superword_lanes){.old = old};
    l->map = arena_array(old->arena, ir_ref, old->count);
    l->vector = arena_array(old->arena, ir_ref, old->count);
    l->lane = arena_alloc_zero(old->arena, old->count, 1);
    l->extracted_in = arena_array(old->arena, uint32_t, old->count);
    l->blocks = arena_array(old->arena, uint32_t, old->block_count);
}

void superword_begin_unit(struct superword_lanes *l)
{
    const struct ir_unit *old = l->old;
    ir_builder_init(&l->b, ir_unit_new(old->arena, old->context, old->pc));
    ir_mark(&l->b, old->pc, old->code[0].aux);
    l->b.marks_now = false;
    l->blocks[0] = 0;
}

void superword_begin_copy(struct superword_lanes *l)
{
    memset(l->map, 0xff, l->old->count * sizeof *l->map);
    memset(l->vector, 0xff, l->old->count * sizeof *l->vector);
    memset(l->extracted_in, 0, l->old->count * sizeof *l->extracted_in);
}

/* ---- values ---- */

static ir_ref append(struct superword_lanes *l, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref x, ir_ref y, ir_ref z)
{
    return ir_append(&l->b, op, type, aux, x, y, z);
}

static ir_ref constant(struct superword_lanes *l, ir_ref ref)
{
    const struct ir_constant *c = ir_constant_of(l->old, ref);
    return ir_constant_intern(l->b.unit, (enum ir_type)c->type, c->value.u64[0], c->value.u64[1]);
}

/* What the slot has by now. */
static ir_ref read_now(struct superword_lanes *l, const struct ir_instruction *in)
{
    struct ir_builder *b = &l->b;
    if (in->type == b->slots[in->a].type) {
        return ir_read(b, (uint16_t)in->a);
    }
    return ir_read_part(b, (uint16_t)in->a, (enum ir_type)in->type, in->aux);
}

/* The same read as in the old unit. */
static ir_ref note_read(struct superword_lanes *l, const struct ir_instruction *in)
{
    ir_ref read = append(l, IR_OP_read, (enum ir_type)in->type, in->aux, in->a, 0, 0);
    ir_ref *known = &l->b.slot_value[in->a];
    if (*known == IR_NO_REF && in->type == l->b.slots[in->a].type) {
        *known = read;
    }
    return read;
}

void superword_copy(struct superword_lanes *l, uint32_t index)
{
    const struct ir_instruction *in = &l->old->code[index];
    unsigned values = ir_value_operands[in->op];
    ir_ref x = values & 1 ? superword_value(l, in->a) : in->a, y = values & 2 ? superword_value(l, in->b) : in->b;
    ir_ref z = values & 4 ? superword_value(l, in->c) : in->c;
    if (in->op == IR_OP_branch) {
        y = l->blocks[in->b];
        z = l->blocks[in->c];
    } else if (in->op == IR_OP_jump) {
        x = l->blocks[in->a];
    }
    if (ir_ops[in->op].effects & IR_END) {
        ir_emit_effect(&l->b, IR_HEAD(in->op, in->type, in->aux), x, y, z);
    } else if (in->op == IR_OP_write) {
        ir_write(&l->b, (uint16_t)x, y);
    } else if (in->op == IR_OP_read) {
        l->map[index] = l->folds ? read_now(l, in) : note_read(l, in);
    } else if (l->folds && ir_ops[in->op].effects == IR_PURE) {
        l->map[index] = ir_emit_head(&l->b, IR_HEAD(in->op, in->type, in->aux), x, y, z);
    } else {
        l->map[index] = append(l, (enum ir_op)in->op, (enum ir_type)in->type, in->aux, x, y, z);
    }
}

ir_ref superword_value(struct superword_lanes *l, ir_ref ref)
{
    if (ir_is_constant(ref)) {
        return constant(l, ref);
    }
    if (l->vector[ref] != IR_NO_REF) {
        if (l->extracted_in[ref] != l->b.block + 1) {
            l->extracted_in[ref] = l->b.block + 1;
            l->map[ref] = append(l, IR_OP_v_extract, (enum ir_type)l->old->code[ref].type, ir_lane_index(SUPERWORD_LANE, l->lane[ref]),
                                 l->vector[ref], 0, 0);
        }
        return l->map[ref];
    }
    if (l->map[ref] == IR_NO_REF) {
        l->has_failed |= l->is_early && ir_ops[l->old->code[ref].op].effects & IR_FENV;
        superword_copy(l, ref);
    }
    return l->map[ref];
}

void superword_copy_once(struct superword_lanes *l, uint32_t index)
{
    if (!ir_ops[l->old->code[index].op].result || (l->map[index] == IR_NO_REF && l->vector[index] == IR_NO_REF)) {
        superword_copy(l, index);
    }
}

/* What one operation on both lanes is, or IR_OP_COUNT. Nothing that may raise an exception: that would be seen at a fault. */
static enum ir_op lane_operation(const struct ir_instruction *in)
{
    static const struct {
        uint8_t op, type, lanes;
    } rows[] = {
        {IR_OP_and, IR_I64, IR_OP_v_and},   {IR_OP_or, IR_I64, IR_OP_v_or},       {IR_OP_xor, IR_I64, IR_OP_v_xor},
        {IR_OP_andn, IR_I64, IR_OP_v_andn}, {IR_OP_not, IR_I64, IR_OP_v_not},     {IR_OP_add, IR_I64, IR_OP_v_add},
        {IR_OP_sub, IR_I64, IR_OP_v_sub},   {IR_OP_shl, IR_I64, IR_OP_v_shl},     {IR_OP_shr, IR_I64, IR_OP_v_shr},
        {IR_OP_fneg, IR_F64, IR_OP_v_fneg}, {IR_OP_fabs, IR_F64, IR_OP_v_fabs},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].op == in->op && rows[i].type == in->type) {
            return (enum ir_op)rows[i].lanes;
        }
    }
    return IR_OP_COUNT;
}

static ir_ref splat(struct superword_lanes *l, ir_ref ref, bool is_count)
{
    ir_ref scalar = superword_value(l, ref);
    for (unsigned i = 0; i < l->splat_count; i++) {
        if (l->splats[i].scalar == scalar && l->splats[i].is_count == is_count) {
            return l->splats[i].vector;
        }
    }
    ir_ref vector = append(l, IR_OP_v_splat, IR_V128, SUPERWORD_LANE, scalar, 0, 0);
    if (is_count) {
        vector = append(l, IR_OP_v_and, IR_V128, 0, vector, ir_constant_v128(l->b.unit, 63, 63), 0);
    }
    if (l->splat_count < SUPERWORD_SPLATS) {
        l->splats[l->splat_count++] = (struct superword_splat){scalar, vector, is_count};
    }
    return vector;
}

static ir_ref pack(struct superword_lanes *l, ir_ref low, ir_ref high, unsigned depth);

/* A vector that has the value in one of its lanes, which is *lane. */
static ir_ref vector_with(struct superword_lanes *l, ir_ref ref, unsigned *lane)
{
    if (!ir_is_constant(ref) && l->vector[ref] != IR_NO_REF) {
        *lane = l->lane[ref];
        return l->vector[ref];
    }
    l->gain--;
    *lane = 0;
    return append(l, IR_OP_v_from, IR_V128, 0, superword_value(l, ref), 0, 0);
}

/* Lanes from anywhere. */
static ir_ref gather(struct superword_lanes *l, ir_ref low, ir_ref high)
{
    unsigned low_lane, high_lane;
    ir_ref x = vector_with(l, low, &low_lane), y = vector_with(l, high, &high_lane);
    union ir_value bytes;
    if (x == y && low_lane == 0 && high_lane == 1) {
        return x;
    }
    for (unsigned i = 0; i < SUPERWORD_BYTES; i++) {
        bytes.u8[i] = (uint8_t)(low_lane * SUPERWORD_BYTES + i);
        bytes.u8[SUPERWORD_BYTES + i] = (uint8_t)(16 + high_lane * SUPERWORD_BYTES + i);
    }
    l->gain--;
    return append(l, IR_OP_v_shuffle, IR_V128, 0, x, y, ir_constant_v128(l->b.unit, bytes.u64[0], bytes.u64[1]));
}

/* Both by the same count: a constant, or a value that is the same for both. */
static ir_ref pack_shift(struct superword_lanes *l, const struct ir_instruction *x, ir_ref from, enum ir_op op)
{
    if (ir_is_constant(x->b)) {
        unsigned count = ir_constant_of(l->old, x->b)->value.i64 & 63;
        return append(l, op, IR_V128, ir_lane_index(SUPERWORD_LANE, count), from, 0, 0);
    }
    ir_ref counts = splat(l, x->b, true);
    return append(l, op == IR_OP_v_shl ? IR_OP_v_shl_each : IR_OP_v_shr_each, IR_V128, SUPERWORD_LANE, from, counts, 0);
}

/* The same operation for both lanes, of operands that are in lanes or come to be. IR_NO_REF if that cannot be. */
static ir_ref pack_operation(struct superword_lanes *l, ir_ref low, ir_ref high, unsigned depth)
{
    const struct ir_instruction *x = &l->old->code[low], *y = &l->old->code[high];
    enum ir_op op = lane_operation(x);
    bool is_shift = op == IR_OP_v_shl || op == IR_OP_v_shr;
    if (op == IR_OP_COUNT || depth == MAX_DEPTH || x->op != y->op || x->type != y->type || x->aux != y->aux ||
        (is_shift && x->b != y->b) || low < l->start || high < l->start) {
        return IR_NO_REF;
    }
    ir_ref a = pack(l, x->a, y->a, depth + 1);
    if (is_shift) {
        return pack_shift(l, x, a, op);
    }
    ir_ref b = ir_operand_is_value((enum ir_op)x->op, 1) ? pack(l, x->b, y->b, depth + 1) : 0;
    return append(l, op, IR_V128, ir_ops[op].aux == IR_AUX_LANE ? SUPERWORD_LANE : 0, a, b, 0);
}

static ir_ref pack(struct superword_lanes *l, ir_ref low, ir_ref high, unsigned depth)
{
    if (ir_is_constant(low) && ir_is_constant(high)) {
        return ir_constant_v128(l->b.unit, ir_constant_of(l->old, low)->value.u64[0], ir_constant_of(l->old, high)->value.u64[0]);
    }
    if (low == high) {
        return splat(l, low, false);
    }
    if (ir_is_constant(low) || ir_is_constant(high)) {
        return gather(l, low, high);
    }
    if (l->vector[low] != IR_NO_REF || l->vector[high] != IR_NO_REF || l->map[low] != IR_NO_REF || l->map[high] != IR_NO_REF) {
        return gather(l, low, high);
    }
    ir_ref vector = pack_operation(l, low, high, depth);
    if (vector == IR_NO_REF) {
        return gather(l, low, high);
    }
    superword_set_lanes(l, low, high, vector);
    l->gain++;
    return vector;
}

ir_ref superword_pack(struct superword_lanes *l, ir_ref low, ir_ref high)
{
    return pack(l, low, high, 0);
}

void superword_set_lanes(struct superword_lanes *l, uint32_t low, uint32_t high, ir_ref vector)
{
    l->vector[low] = l->vector[high] = vector;
    l->lane[low] = 0;
    l->lane[high] = 1;
}
