/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a unit must obey: the table of operations, the shape of blocks, and that a value is known wherever it is used.
 */
#include "cpu.h"
#include "names.h"

#include <inttypes.h>
#include <stdarg.h>

struct verifier {
    const struct ir_unit *unit;
    struct arena *arena;
    uint32_t *block_of;    /* by instruction: the block that it is in, or IR_NO_REF */
    uint32_t *place_of;    /* by block: its place in the layout, or IR_NO_REF */
    uint32_t *predecessor; /* by block: the last one seen */
    uint32_t *edges;       /* by block: edges into it */
    uint32_t at;           /* instruction being checked */
    const char *error;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct verifier *v, const char *format, ...)
{
    char text[200];
    va_list list;
    if (v->error) {
        return false;
    }
    va_start(list, format);
    int length = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t size = (size_t)length < sizeof text ? (size_t)length + 1 : sizeof text;
    v->error = memcpy(arena_alloc_aligned(v->arena, size, 1), text, size);
    return false;
}

static const struct ir_instruction *current(const struct verifier *v)
{
    return &v->unit->code[v->at];
}

static const char *current_name(const struct verifier *v)
{
    return ir_ops[current(v)->op].name;
}

/* ---- blocks ---- */

static bool note_edge(struct verifier *v, uint32_t from, uint32_t to)
{
    const struct ir_unit *unit = v->unit;
    if (to >= unit->block_count || v->place_of[to] == IR_NO_REF) {
        return fail(v, "%%%" PRIu32 ": block %" PRIu32 " does not exist", v->at, to);
    }
    if (to != 0 && v->place_of[to] <= v->place_of[from]) {
        return fail(v, "%%%" PRIu32 ": edge backwards to block %" PRIu32, v->at, to);
    }
    v->edges[to]++;
    v->predecessor[to] = from;
    return true;
}

static bool check_block_end(struct verifier *v, uint32_t number)
{
    const struct ir_instruction *i = current(v);
    if (!(ir_ops[i->op].effects & IR_END)) {
        return fail(v, "block %" PRIu32 ": its last operation, %s, does not end it", number, current_name(v));
    }
    if (i->op == IR_OP_jump) {
        return note_edge(v, number, i->a);
    }
    return i->op != IR_OP_branch || (note_edge(v, number, i->b) && note_edge(v, number, i->c));
}

static bool check_block_shape(struct verifier *v, uint32_t number, uint32_t expected_first)
{
    const struct ir_block *block = &v->unit->blocks[number];
    if (block->first != expected_first || block->end <= block->first || block->end > v->unit->count) {
        return fail(v, "block %" PRIu32 ": instructions %" PRIu32 " to %" PRIu32 " do not follow the block before it",
                    number, block->first, block->end);
    }
    for (uint32_t k = block->first; k < block->end; k++) {
        v->block_of[k] = number;
        v->at = k;
        if (v->unit->code[k].op >= IR_OP_COUNT) {
            return fail(v, "%%%" PRIu32 ": no operation has the number %u", k, v->unit->code[k].op);
        }
        if (k + 1 < block->end && ir_ops[v->unit->code[k].op].effects & IR_END) {
            return fail(v, "%%%" PRIu32 ": %s in the middle of block %" PRIu32, k, current_name(v), number);
        }
    }
    return true;
}

static bool check_blocks(struct verifier *v)
{
    const struct ir_unit *unit = v->unit;
    uint32_t next = 0;

    if (unit->layout_count == 0 || unit->layout[0] != 0) {
        return fail(v, "the layout does not begin with block 0");
    }
    for (uint32_t k = 0; k < unit->layout_count; k++) {
        uint32_t number = unit->layout[k];
        if (number >= unit->block_count || v->place_of[number] != IR_NO_REF) {
            return fail(v, "layout: block %" PRIu32 " does not exist or stands there twice", number);
        }
        v->place_of[number] = k;
        if (!check_block_shape(v, number, next)) {
            return false;
        }
        next = unit->blocks[number].end;
    }
    if (next != unit->count) {
        return fail(v, "%%%" PRIu32 " is in no block", next);
    }
    v->edges[0] = 1; /* from outside */
    for (uint32_t k = 0; k < unit->layout_count; k++) {
        v->at = unit->blocks[unit->layout[k]].end - 1;
        if (!check_block_end(v, unit->layout[k])) {
            return false;
        }
    }
    for (uint32_t k = 0; k < unit->layout_count; k++) {
        uint32_t number = unit->layout[k];
        if (v->edges[number] != unit->blocks[number].predecessors) {
            return fail(v, "block %" PRIu32 ": has %" PRIu32 " predecessors, says %" PRIu32, number, v->edges[number],
                        unit->blocks[number].predecessors);
        }
    }
    return true;
}

/* ---- operands ---- */

/* The definition reaches the use through edges to blocks with one predecessor only. */
static bool is_known(const struct verifier *v, ir_ref ref)
{
    uint32_t defined = v->block_of[ref], block = v->block_of[v->at];
    if (ref >= v->at) {
        return false;
    }
    while (block != defined) {
        if (v->edges[block] != 1 || block == 0) {
            return false;
        }
        block = v->predecessor[block];
    }
    return true;
}

static bool check_ref(struct verifier *v, ir_ref ref)
{
    const struct ir_unit *unit = v->unit;

    if (ir_is_constant(ref)) {
        if ((ref & ~IR_CONSTANT) >= unit->constant_count) {
            return fail(v, "%%%" PRIu32 ": %s: no such constant", v->at, current_name(v));
        }
        const struct ir_constant *c = ir_constant_of(unit, ref);
        unsigned bytes = ir_type_bytes((enum ir_type)c->type);
        if ((bytes < 16 && c->value.u64[1]) || (bytes < 8 && c->value.i64 >> 32)) {
            return fail(v, "%%%" PRIu32 ": %s: constant with bits above its type", v->at, current_name(v));
        }
        return true;
    }
    if (ref >= unit->count) {
        return fail(v, "%%%" PRIu32 ": %s: operand is not a value", v->at, current_name(v));
    }
    if (unit->code[ref].type == IR_NONE) {
        return fail(v, "%%%" PRIu32 ": %s: %%%" PRIu32 " has no value", v->at, current_name(v), ref);
    }
    if (!is_known(v, ref)) {
        return fail(v, "%%%" PRIu32 ": %s: %%%" PRIu32 " is not known here", v->at, current_name(v), ref);
    }
    return true;
}

static bool is_integer(enum ir_type type)
{
    return type == IR_I32 || type == IR_I64;
}

static bool is_float(enum ir_type type)
{
    return type == IR_F32 || type == IR_F64;
}

/* Whether a type may stand where the table has `kind`. */
static bool kind_allows(enum ir_kind kind, enum ir_type type, const struct ir_context *context)
{
    switch (kind) {
    case IR_KIND_NONE:
        return type == IR_NONE;
    case IR_KIND_INT:
    case IR_KIND_AINT:
        return is_integer(type);
    case IR_KIND_I32:
        return type == IR_I32;
    case IR_KIND_I64:
        return type == IR_I64;
    case IR_KIND_F32:
        return type == IR_F32;
    case IR_KIND_F64:
        return type == IR_F64;
    case IR_KIND_V128:
        return type == IR_V128;
    case IR_KIND_FLAGS:
        return type == IR_FLAGS;
    case IR_KIND_FLOAT:
    case IR_KIND_AFLOAT:
        return is_float(type) || type == IR_I32; /* an f16 */
    case IR_KIND_ANY_A:
    case IR_KIND_ANY_B:
        return is_integer(type) || is_float(type);
    case IR_KIND_WORD:
        return type == context->word_type;
    default:
        return type != IR_NONE && type < IR_TYPE_COUNT;
    }
}

static bool check_operands(struct verifier *v)
{
    const struct ir_instruction *i = current(v);
    const struct ir_op_description *d = &ir_ops[i->op];
    const uint8_t kinds[3] = {d->a, d->b, d->c};
    const uint32_t operands[3] = {i->a, i->b, i->c};

    for (unsigned k = 0; k < 3; k++) {
        if (!ir_operand_is_value((enum ir_op)i->op, k)) {
            continue;
        }
        if (!check_ref(v, operands[k])) {
            return false;
        }
        enum ir_type type = ir_type_of(v->unit, operands[k]), required = ir_required_type(v->unit, i, k);
        if (!kind_allows((enum ir_kind)kinds[k], type, v->unit->context) || (required != IR_NONE && type != required)) {
            return fail(v, "%%%" PRIu32 ": %s: operand %c is %s%s%s", v->at, current_name(v), 'a' + (int)k,
                        ir_type_name(type), required ? ", must be " : "", required ? ir_type_name(required) : "");
        }
    }
    return true;
}

/* ---- aux ---- */

static bool check_memop(const struct ir_instruction *i, enum ir_type type)
{
    unsigned bytes = ir_mem_bytes(i->aux);
    if ((i->aux & IR_MEM_SIZE) > 4 || type == IR_NONE || bytes > ir_type_bytes(type) || type == IR_FLAGS) {
        return false;
    }
    if (!is_integer(type) &&
        (i->aux & IR_MEM_SIGNED || (i->op == IR_OP_load && is_float(type) && bytes < ir_type_bytes(type)))) {
        return false;
    }
    return ir_ops[i->op].aux == IR_AUX_ATOMIC ? ir_mem_atomic(i->aux) < IR_ATOMIC_COUNT
                                              : i->aux >> IR_MEM_ATOMIC_SHIFT == 0;
}

static enum ir_type memory_type(const struct ir_unit *unit, const struct ir_instruction *i)
{
    return i->op == IR_OP_load || i->op == IR_OP_atomic ? (enum ir_type)i->type : ir_type_of(unit, i->b);
}

/* Operations on lanes of fewer widths than four. */
static bool lane_allowed(const struct ir_instruction *i, unsigned lane)
{
    switch (i->op) {
    case IR_OP_v_avg_u:
    case IR_OP_v_clz:
    case IR_OP_v_widen_lo_s:
    case IR_OP_v_widen_lo_u:
    case IR_OP_v_widen_hi_s:
    case IR_OP_v_widen_hi_u:
    case IR_OP_v_mul_lo_s:
    case IR_OP_v_mul_lo_u:
    case IR_OP_v_mul_hi_s:
    case IR_OP_v_mul_hi_u:
        return lane <= 2;
    case IR_OP_v_narrow:
    case IR_OP_v_narrow_sat_s:
    case IR_OP_v_narrow_sat_u:
    case IR_OP_v_narrow_sat_su:
        return lane >= 1;
    case IR_OP_v_extract:
        return i->type == IR_I32 ? lane <= 2 : ir_type_bytes((enum ir_type)i->type) == 1u << lane;
    default: /* v_fadd ... v_ffrom_int */
        return i->op < IR_OP_v_fadd || lane >= 1;
    }
}

static bool check_round(uint16_t aux)
{
    return ir_rounding_names[aux & IR_ROUND_MODE] != NULL;
}

static bool check_shift_count(const struct ir_instruction *i)
{
    unsigned bits = 8u << ir_lane(i->aux);
    return ir_index(i->aux) < bits || (i->op != IR_OP_v_shl && ir_index(i->aux) == bits);
}

static bool check_width(const struct ir_instruction *i)
{
    unsigned bits = ir_type_bytes((enum ir_type)i->type) * 8;
    if (i->op == IR_OP_bswap) {
        return (i->aux == 16 || i->aux == 32 || i->aux == 64) && i->aux <= bits;
    }
    return (i->aux == 8 || i->aux == 16 || i->aux == 32) && i->aux < bits;
}

static bool check_aux(struct verifier *v)
{
    const struct ir_instruction *i = current(v);
    uint16_t aux = i->aux;
    unsigned bits = ir_type_bytes((enum ir_type)i->type) * 8;

    switch (ir_ops[i->op].aux) {
    case IR_AUX_NOAUX:
        return aux == 0;
    case IR_AUX_WIDTH:
        return check_width(i);
    case IR_AUX_COUNT:
        return aux < (i->op == IR_OP_v_clmul ? 4 : bits);
    case IR_AUX_FIELD:
        return ir_field_width(aux) >= 1 && ir_field_lsb(aux) + ir_field_width(aux) <= bits;
    case IR_AUX_COND:
        return aux < IR_COND_COUNT;
    case IR_AUX_FLAG_COND:
        return aux < IR_FLAG_COND_COUNT;
    case IR_AUX_SIGNALING:
        return aux <= 1;
    case IR_AUX_FCOND:
        return (aux & 7) < IR_FCOND_COUNT && aux < 2 * IR_FCOND_SIGNALING;
    case IR_AUX_MEMOP:
    case IR_AUX_ATOMIC:
        return check_memop(i, memory_type(v->unit, i));
    case IR_AUX_FENCE:
        return aux < IR_FENCE_COUNT;
    case IR_AUX_ROUND:
        return check_round(aux) && aux < 1u << 5;
    case IR_AUX_LANE:
        return aux <= 3 && lane_allowed(i, aux);
    case IR_AUX_LANE_INDEX:
        return lane_allowed(i, ir_lane(aux)) && (aux & 0xFF) <= 3 && ir_index(aux) < 16u >> ir_lane(aux);
    case IR_AUX_LANE_COUNT:
        return (aux & 0xFF) <= 3 && check_shift_count(i);
    case IR_AUX_LANE_ROUND:
        return check_round(aux) && aux < 1u << 10 && ir_round_lane(aux) >= 1;
    case IR_AUX_HINT:
        return aux <= IR_HINT_UNLIKELY;
    case IR_AUX_EXIT:
        return aux <= IR_EXIT_MODE;
    default:
        return true;
    }
}

/* ---- what single operations demand ---- */

static bool check_slot(struct verifier *v)
{
    const struct ir_instruction *i = current(v);
    if (i->a >= v->unit->context->slot_count) {
        return fail(v, "%%%" PRIu32 ": %s: no such slot", v->at, current_name(v));
    }
    const struct ir_slot_description *slot = &v->unit->context->slots[i->a];
    unsigned whole = ir_type_bytes((enum ir_type)slot->type), part = ir_type_bytes((enum ir_type)i->type);
    if (i->op == IR_OP_read && !(i->type == slot->type && i->aux == 0) &&
        (part >= whole || i->aux + part > whole || i->aux % part)) {
        return fail(v, "%%%" PRIu32 ": read: no such part of %s", v->at, slot->name);
    }
    return true;
}

static bool check_call(struct verifier *v)
{
    const struct ir_unit *unit = v->unit;
    const struct ir_instruction *i = current(v);

    if (i->a >= unit->context->helper_count) {
        return fail(v, "%%%" PRIu32 ": call: no such helper", v->at);
    }
    const struct ir_helper *helper = &unit->context->helpers[i->a];
    uint32_t most = helper->kind == IR_CALL_WORDS ? 4 : sizeof((struct cpu_header *)0)->values / sizeof(union ir_value);
    if (i->c > most || i->type != helper->result) {
        return fail(v, "%%%" PRIu32 ": call: %s takes at most %" PRIu32 " arguments and returns %s", v->at,
                    helper->name, most, ir_type_name((enum ir_type)helper->result));
    }
    for (uint32_t k = 0; helper->kind == IR_CALL_WORDS && k < i->c; k++) {
        ir_ref argument = unit->list[i->b + k];
        if (check_ref(v, argument) && ir_type_bytes(ir_type_of(unit, argument)) > 8) {
            return fail(v, "%%%" PRIu32 ": call: %s takes words only", v->at, helper->name);
        }
    }
    return !v->error;
}

static bool check_list(struct verifier *v)
{
    const struct ir_instruction *i = current(v);
    uint32_t count = ir_list_count(i);
    if (count && (uint64_t)ir_list_start(i) + count > v->unit->list_count) {
        return fail(v, "%%%" PRIu32 ": %s: its list is not there", v->at, current_name(v));
    }
    for (uint32_t k = 0; k < count; k++) {
        if (!check_ref(v, v->unit->list[ir_list_start(i) + k])) {
            return false;
        }
    }
    return true;
}

static bool check_special(struct verifier *v)
{
    const struct ir_unit *unit = v->unit;
    const struct ir_instruction *i = current(v);

    switch (i->op) {
    case IR_OP_call:
        return check_call(v);
    case IR_OP_store_conditional:
        if (ir_type_of(unit, unit->list[i->c]) != unit->context->word_type ||
            ir_type_of(unit, unit->list[i->c + 1]) != ir_type_of(unit, i->b)) {
            return fail(v, "%%%" PRIu32 ": store_conditional: types of the reservation", v->at);
        }
        return true;
    case IR_OP_v_shuffle:
        return ir_is_constant(i->c) || fail(v, "%%%" PRIu32 ": v_shuffle: its third operand is not constant", v->at);
    case IR_OP_goto:
    case IR_OP_syscall:
        return (ir_is_constant(i->a) && (i->op == IR_OP_syscall || ir_is_constant(i->b))) ||
               fail(v, "%%%" PRIu32 ": %s: its target is not constant", v->at, current_name(v));
    case IR_OP_goto_value:
        return i->aux != IR_EXIT_CALL || ir_is_constant(i->b) ||
               fail(v, "%%%" PRIu32 ": goto_value: its return address is not constant", v->at);
    case IR_OP_fhalf_to:
        return i->type != IR_I32 || fail(v, "%%%" PRIu32 ": fhalf_to: its type is i32", v->at);
    case IR_OP_fhalf_from:
        return ir_type_of(unit, i->a) != IR_I32 || fail(v, "%%%" PRIu32 ": fhalf_from: operand a is i32", v->at);
    case IR_OP_bits:
        return ir_type_bytes((enum ir_type)i->type) == ir_type_bytes(ir_type_of(unit, i->a)) ||
               fail(v, "%%%" PRIu32 ": bits: between types of different size", v->at);
    default:
        return true;
    }
}

static bool check_instruction(struct verifier *v)
{
    const struct ir_instruction *i = current(v);
    enum ir_kind result = (enum ir_kind)ir_ops[i->op].result;

    if ((i->op == IR_OP_read || i->op == IR_OP_write || i->op == IR_OP_drop) && !check_slot(v)) {
        return false;
    }
    if (i->op != IR_OP_call && !kind_allows(result, (enum ir_type)i->type, v->unit->context)) {
        return fail(v, "%%%" PRIu32 ": %s: its type is %s", v->at, current_name(v),
                    ir_type_name((enum ir_type)i->type));
    }
    if (!check_operands(v) || !check_list(v)) {
        return false;
    }
    if (!check_aux(v)) {
        return fail(v, "%%%" PRIu32 ": %s: aux 0x%x", v->at, current_name(v), i->aux);
    }
    return check_special(v);
}

static uint32_t *numbers(struct arena *arena, uint32_t count, uint8_t filler)
{
    uint32_t *array = arena_array(arena, uint32_t, count + 1);
    return memset(array, filler, sizeof *array * (count + 1));
}

const char *ir_verify(const struct ir_unit *unit, struct arena *arena)
{
    struct verifier v = {
        .unit = unit,
        .arena = arena,
        .block_of = numbers(arena, unit->count, 0xFF),
        .place_of = numbers(arena, unit->block_count, 0xFF),
        .predecessor = numbers(arena, unit->block_count, 0xFF),
        .edges = numbers(arena, unit->block_count, 0),
    };
    if (!check_blocks(&v)) {
        return v.error;
    }
    for (v.at = 0; v.at < unit->count && !v.error; v.at++) {
        check_instruction(&v);
    }
    return v.error;
}
