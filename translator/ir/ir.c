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
    static const char *const names[IR_TYPE_COUNT] = {"none", "i32",  "i64",  "f32",  "f64",
                                                     "f80",  "v128", "v256", "flags"};
    return names[type];
}

/* Room for most units at once: arrays that grow leave their old places behind in the arena. */
enum { FIRST_CODE = 320, FIRST_CONSTANTS = 64, FIRST_BLOCKS = 8 };

struct ir_unit *ir_unit_new(struct arena *arena, const struct ir_context *context, uint64_t pc)
{
    struct ir_unit *unit = arena_alloc_aligned(arena, sizeof *unit, _Alignof(struct ir_unit));
    unit->context = context;
    unit->arena = arena;
    unit->pc = pc;
    unit->code = arena_array(arena, struct ir_instruction, FIRST_CODE);
    unit->count = 0;
    unit->capacity = FIRST_CODE;
    unit->constants = arena_array(arena, struct ir_constant, FIRST_CONSTANTS);
    unit->constant_count = 0;
    unit->constant_capacity = FIRST_CONSTANTS;
    memset(unit->constant_hash, 0, sizeof unit->constant_hash);
    unit->list = NULL;
    unit->list_count = unit->list_capacity = 0;
    unit->blocks = arena_array(arena, struct ir_block, FIRST_BLOCKS);
    unit->layout = arena_array(arena, uint32_t, FIRST_BLOCKS);
    unit->block_count = unit->layout_count = 0;
    unit->block_capacity = FIRST_BLOCKS;
    return unit;
}

static uint32_t hash_constant(enum ir_type type, uint64_t low, uint64_t high)
{
    return (uint32_t)((low + high * 31 + type) * 0x9e3779b97f4a7c15u >> 59);
}

static __attribute__((noinline)) uint16_t special_shapes(enum ir_type type, uint64_t low, uint64_t high)
{
    unsigned bytes = ir_type_bytes(type);
    uint64_t low_ones = bytes == 4 ? UINT32_MAX : UINT64_MAX, high_ones = bytes == 16 ? UINT64_MAX : 0;
    bool is_one_bit = low && (low & (low - 1)) == 0 && high == 0;
    return (uint16_t)(IR_SHAPE_CONSTANT | ((low | high) == 0 ? IR_SHAPE_ZERO : 0) |
                      (low == low_ones && high == high_ones ? IR_SHAPE_ONES : 0) | (is_one_bit ? IR_SHAPE_POWER : 0) |
                      (is_one_bit && low == 1 ? IR_SHAPE_ONE : 0));
}

static __attribute__((noinline)) void grow_constants(struct ir_unit *unit)
{
    KAGE_ASSERT(unit->constant_count < UINT16_MAX / 2, "a unit has few constants");
    unit->constants = arena_grow(unit->arena, unit->constants, &unit->constant_capacity, sizeof(struct ir_constant));
}

static inline ir_ref add_constant(struct ir_unit *unit, enum ir_type type, uint64_t low, uint64_t high, uint16_t *head)
{
    uint32_t index = unit->constant_count;
    bool is_special = high || low == UINT32_MAX || low == UINT64_MAX || (low & (low - 1)) == 0;
    struct ir_constant *c = &unit->constants[index];
    c->value.u64[0] = low;
    c->value.u64[1] = high;
    c->type = type;
    c->next = *head;
    c->shapes = IR_SHAPE_CONSTANT;
    if (is_special) {
        c->shapes = special_shapes(type, low, high);
    }
    *head = (uint16_t)(index + 1);
    unit->constant_count = index + 1;
    if (index + 1 == unit->constant_capacity) { /* there is always room for one more */
        grow_constants(unit);
    }
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
