/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ir.h"
#include "log.h"

#define NONE IR_KIND_NONE
#define INT IR_KIND_INT
#define I32 IR_KIND_I32
#define I64 IR_KIND_I64
#define F32 IR_KIND_F32
#define F64 IR_KIND_F64
#define V128 IR_KIND_V128
#define FLAGS IR_KIND_FLAGS
#define FLOAT IR_KIND_FLOAT
#define ANY IR_KIND_ANY
#define ANY_A IR_KIND_ANY_A
#define ANY_B IR_KIND_ANY_B
#define AINT IR_KIND_AINT
#define AFLOAT IR_KIND_AFLOAT
#define SAME IR_KIND_SAME
#define WORD IR_KIND_WORD
#define LIT IR_KIND_LIT
#define LIST IR_KIND_LIST
#define PURE IR_PURE
#define STATE_READ IR_STATE_READ
#define STATE_WRITE IR_STATE_WRITE
#define MEM_READ IR_MEM_READ
#define MEM_WRITE IR_MEM_WRITE
#define FAULT IR_FAULT
#define FENV IR_FENV
#define END IR_END

const struct ir_op_description ir_ops[IR_OP_COUNT] = {
#define OP(name, result, a, b, c, effects, aux) {#name, result, a, b, c, effects, IR_AUX_##aux},
#include "opcodes.def"
#undef OP
};

#define IS_VALUE(kind) ((kind) != NONE && (kind) != LIT && (kind) != LIST)
const uint8_t ir_value_operands[IR_OP_COUNT] = {
#define OP(name, result, a, b, c, effects, aux) IS_VALUE(a) | IS_VALUE(b) << 1 | IS_VALUE(c) << 2,
#include "opcodes.def"
#undef OP
};

const uint8_t ir_type_sizes[IR_TYPE_COUNT] = {
    [IR_I32] = 4,  [IR_I64] = 8,   [IR_F32] = 4,   [IR_F64] = 8,
    [IR_F80] = 16, [IR_V128] = 16, [IR_V256] = 32, [IR_FLAGS] = 4,
};

const char *ir_type_name(enum ir_type type)
{
    static const char *const names[IR_TYPE_COUNT] = {"none", "i32", "i64", "f32", "f64", "f80", "v128", "v256", "flags"};
    return names[type];
}

/* Room for most units at once: arrays that grow leave their old places behind in the arena. */
enum { FIRST_CODE = 320, FIRST_CONSTANTS = 64, FIRST_BLOCKS = 8 };

struct ir_unit *ir_unit_new(struct arena *arena, const struct ir_context *context, uint64_t pc)
{
    struct ir_unit *unit = arena_new(arena, struct ir_unit);
    unit->context = context;
    unit->arena = arena;
    unit->pc = pc;
    unit->code = arena_array(arena, struct ir_instruction, FIRST_CODE);
    unit->capacity = FIRST_CODE;
    unit->constants = arena_array(arena, struct ir_constant, FIRST_CONSTANTS);
    unit->constant_capacity = FIRST_CONSTANTS;
    unit->blocks = arena_array(arena, struct ir_block, FIRST_BLOCKS);
    unit->layout = arena_array(arena, uint32_t, FIRST_BLOCKS);
    unit->block_capacity = FIRST_BLOCKS;
    return unit;
}

static uint32_t hash_constant(enum ir_type type, uint64_t low, uint64_t high)
{
    uint64_t mixed = (low ^ high * 31 ^ (uint64_t)type << 56) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 58);
}

static uint16_t shapes_of(enum ir_type type, uint64_t low, uint64_t high)
{
    unsigned bytes = ir_type_bytes(type);
    uint64_t low_ones = bytes == 4 ? UINT32_MAX : UINT64_MAX, high_ones = bytes == 16 ? UINT64_MAX : 0;
    bool is_one_bit = low && (low & (low - 1)) == 0;
    if (__builtin_expect(high != 0 || is_one_bit || low + 1 <= 1 || low == low_ones, 0)) {
        bool is_ones = low == low_ones && high == high_ones;
        return (uint16_t)(IR_SHAPE_CONSTANT | ((low | high) == 0 ? IR_SHAPE_ZERO : 0) | (is_ones ? IR_SHAPE_ONES : 0) |
                          (high == 0 && is_one_bit ? IR_SHAPE_POWER : 0) | (high == 0 && low == 1 ? IR_SHAPE_ONE : 0));
    }
    return IR_SHAPE_CONSTANT;
}

static ir_ref add_constant(struct ir_unit *unit, enum ir_type type, uint64_t low, uint64_t high, uint16_t *head)
{
    if (unit->constant_count == unit->constant_capacity) {
        unit->constants =
            arena_grow(unit->arena, unit->constants, &unit->constant_capacity, sizeof(struct ir_constant));
    }
    uint32_t index = unit->constant_count++;
    KAGE_ASSERT(index < UINT16_MAX, "a unit has few constants");
    unit->constants[index] = (struct ir_constant){
        .value.u64 = {low, high}, .type = type, .next = *head, .shapes = shapes_of(type, low, high)};
    *head = (uint16_t)(index + 1);
    return index | IR_CONSTANT;
}

ir_ref ir_constant_intern(struct ir_unit *unit, enum ir_type type, uint64_t low, uint64_t high)
{
    uint16_t *head = &unit->constant_hash[hash_constant(type, low, high)];
    for (uint32_t i = *head; i; i = unit->constants[i - 1].next) {
        const struct ir_constant *c = &unit->constants[i - 1];
        if (c->type == type && c->value.u64[0] == low && c->value.u64[1] == high) {
            return (i - 1) | IR_CONSTANT;
        }
    }
    return add_constant(unit, type, low, high, head);
}

unsigned ir_effects(const struct ir_unit *unit, const struct ir_instruction *instruction)
{
    if (instruction->op == IR_OP_call) {
        return unit->context->helpers[instruction->a].effects;
    }
    return ir_ops[instruction->op].effects;
}
