/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_context.h"

#include <stddef.h>

#define SLOT(text, kind, number)                                                                                       \
    [number] = {.name = text, .type = kind, .offset = offsetof(struct test_state, slots) + 16 * (number)}

#define SLOTS(pc_type)                                                                                                 \
    {                                                                                                                  \
        SLOT("PC", pc_type, SLOT_PC), SLOT("X0", IR_I64, SLOT_X0), SLOT("X1", IR_I64, SLOT_X0 + 1),                    \
            SLOT("X2", IR_I64, SLOT_X0 + 2), SLOT("X3", IR_I64, SLOT_X0 + 3), SLOT("X4", IR_I64, SLOT_X0 + 4),         \
            SLOT("X5", IR_I64, SLOT_X0 + 5), SLOT("X6", IR_I64, SLOT_X0 + 6), SLOT("X7", IR_I64, SLOT_X0 + 7),         \
            SLOT("W0", IR_I32, SLOT_W0), SLOT("W1", IR_I32, SLOT_W0 + 1), SLOT("W2", IR_I32, SLOT_W0 + 2),             \
            SLOT("W3", IR_I32, SLOT_W0 + 3), SLOT("F0", IR_F32, SLOT_F0), SLOT("F1", IR_F32, SLOT_F0 + 1),             \
            SLOT("F2", IR_F32, SLOT_F0 + 2), SLOT("F3", IR_F32, SLOT_F0 + 3), SLOT("D0", IR_F64, SLOT_D0),             \
            SLOT("D1", IR_F64, SLOT_D0 + 1), SLOT("D2", IR_F64, SLOT_D0 + 2), SLOT("D3", IR_F64, SLOT_D0 + 3),         \
            SLOT("V0", IR_V128, SLOT_V0), SLOT("V1", IR_V128, SLOT_V0 + 1), SLOT("V2", IR_V128, SLOT_V0 + 2),          \
            SLOT("V3", IR_V128, SLOT_V0 + 3), SLOT("NZCV", IR_FLAGS, SLOT_FLAGS),                                      \
    }

static const struct ir_slot_description slots[SLOT_COUNT] = SLOTS(IR_I64);
static const struct ir_slot_description slots32[SLOT_COUNT] = SLOTS(IR_I32);

static uint64_t sum_words(struct cpu_header *state, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a + 10 * b + 100 * c + 1000 * d;
}

static void swap_halves(struct cpu_header *state, union ir_value *v)
{
    uint64_t low = v[0].u64[0];
    v[0].u64[0] = v[0].u64[1];
    v[0].u64[1] = low;
}

static uint64_t set_x7(struct cpu_header *state, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    ((struct test_state *)state)->slots[SLOT_X0 + 7].i64 = a;
    return 0;
}

static const struct ir_helper helpers[] = {
    {"sum_words", IR_CALL_WORDS, IR_I64, 0, {.words = sum_words}},
    {"swap_halves", IR_CALL_VALUES, IR_V128, 0, {.values = swap_halves}},
    {"set_x7", IR_CALL_WORDS, IR_NONE, IR_STATE_WRITE, {.words = set_x7}},
};

static const struct float_rules arm_rules = {
    .name = "arm",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
};

#define CONTEXT(word, table)                                                                                           \
    {                                                                                                                  \
        .guest_name = "test", .slots = table, .slot_count = SLOT_COUNT, .helpers = helpers,                            \
        .helper_count = sizeof(helpers) / sizeof(helpers[0]), .word_type = word, .pc_slot = SLOT_PC,                   \
        .rules = &arm_rules,                                                                                           \
    }

const struct ir_context test_context = CONTEXT(IR_I64, slots);
const struct ir_context test_context32 = CONTEXT(IR_I32, slots32);
