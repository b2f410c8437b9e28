/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_guest.h"

#include <stddef.h>
#include <string.h>

#define SLOT(text, kind, number)                                                                                       \
    [number] = {.name = text, .type = kind, .offset = offsetof(struct fake_state, slots) + 16 * (number)}
#define X(n) SLOT("X" #n, IR_I64, FAKE_X0 + (n))
#define V(n) SLOT("V" #n, IR_V128, FAKE_V0 + (n))

static const struct ir_slot_description slots[FAKE_SLOT_COUNT] = {
    SLOT("PC", IR_I64, FAKE_PC),
    X(0),
    X(1),
    X(2),
    X(3),
    X(4),
    X(5),
    X(6),
    X(7),
    X(8),
    X(9),
    X(10),
    X(11),
    X(12),
    X(13),
    X(14),
    X(15),
    X(16),
    X(17),
    X(18),
    X(19),
    SLOT("W0", IR_I32, FAKE_W0),
    SLOT("W1", IR_I32, FAKE_W0 + 1),
    SLOT("W2", IR_I32, FAKE_W0 + 2),
    SLOT("W3", IR_I32, FAKE_W0 + 3),
    V(0),
    V(1),
    V(2),
    V(3),
    V(4),
    V(5),
    V(6),
    V(7),
    SLOT("D0", IR_F64, FAKE_D0),
    SLOT("D1", IR_F64, FAKE_D0 + 1),
    SLOT("NZCV", IR_FLAGS, FAKE_FLAGS),
};

static union ir_value *slot_of(struct cpu_header *header, unsigned slot)
{
    return &((struct fake_state *)header)->slots[slot];
}

static uint64_t mix(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return a + 3 * b + 5 * c + 7 * d;
}

static void mix_vectors(struct cpu_header *header, union ir_value *v)
{
    union ir_value first = v[0], second = v[1], third = v[2];
    v[0].u64[0] = first.u64[1] + second.u64[0] * 3;
    v[0].u64[1] = first.u64[0] ^ third.i64;
}

static uint64_t half(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return (a >> 1 ^ b) & ~(1ull << 62); /* no infinities or NaNs of a special kind: the bits alone matter */
}

static uint64_t look(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t hash = a;
    for (unsigned s = FAKE_X0; s < FAKE_SLOT_COUNT; s++) {
        const union ir_value *v = slot_of(header, s);
        bool outside = s == FAKE_EVENT || s == FAKE_WINDOW || s == FAKE_NEAR_END; /* differ from run to run */
        hash = (hash ^ (s == FAKE_FLAGS ? v->i32 & FAKE_FLAG_MASK
                        : outside       ? 0
                                        : v->u64[0] + 3 * v->u64[1])) *
               0x100000001b3;
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t set(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    slot_of(header, FAKE_X0 + 3)->i64 = a;
    slot_of(header, FAKE_W0 + 1)->i32 = (uint32_t)b;
    slot_of(header, FAKE_V0 + 2)->u64[1] = c;
    slot_of(header, FAKE_FLAGS)->i32 = (uint32_t)d & FAKE_FLAG_MASK;
    return 0;
}

static void exchange(struct cpu_header *header, union ir_value *v)
{
    union ir_value *place = slot_of(header, FAKE_V0 + 1), old = *place;
    *place = v[0];
    slot_of(header, FAKE_X0 + 1)->i64 += v[1].i64;
    v[0] = old;
}

static uint64_t bump(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    volatile uint64_t *place = cpu_memory(header, a & ~7ull);
    uint64_t old = *place;
    *place = old + b;
    return old;
}

static uint64_t bump_fenv(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    cpu_float_status(header)->exceptions |= (uint32_t)b & 0x3d;
    return bump(header, a, b, c, d);
}

static uint64_t raise_some(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct float_status *status = cpu_float_status(header);
    uint32_t old = status->exceptions;
    status->exceptions = a & 1 ? old | ((uint32_t)b & 0x3d) : (uint32_t)b & 0x3d;
    return old;
}

static const struct ir_helper helpers[FAKE_HELPER_COUNT] = {
    [FAKE_MIX] = {"mix", IR_CALL_WORDS, IR_I64, 0, {.words = mix}},
    [FAKE_MIX_VECTORS] = {"mix_vectors", IR_CALL_VALUES, IR_V128, 0, {.values = mix_vectors}},
    [FAKE_HALF] = {"half", IR_CALL_WORDS, IR_F64, 0, {.words = half}},
    [FAKE_LOOK] = {"look", IR_CALL_WORDS, IR_I64, IR_STATE_READ, {.words = look}},
    [FAKE_SET] = {"set", IR_CALL_WORDS, IR_NONE, IR_STATE_WRITE, {.words = set}},
    [FAKE_EXCHANGE] = {"exchange", IR_CALL_VALUES, IR_V128, IR_STATE_READ | IR_STATE_WRITE, {.values = exchange}},
    [FAKE_BUMP] = {"bump", IR_CALL_WORDS, IR_I64, IR_MEM_READ | IR_MEM_WRITE | IR_FAULT, {.words = bump}},
    [FAKE_BUMP_FENV] =
        {"bump_fenv", IR_CALL_WORDS, IR_I64, IR_MEM_READ | IR_MEM_WRITE | IR_FAULT | IR_FENV, {.words = bump_fenv}},
    [FAKE_RAISE] = {"raise", IR_CALL_WORDS, IR_I32, IR_FENV, {.words = raise_some}},
};

static const struct float_rules rules = {
    .name = "fake",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
};

const struct ir_context fake_context = {
    .guest_name = "fake",
    .slots = slots,
    .slot_count = FAKE_SLOT_COUNT,
    .helpers = helpers,
    .helper_count = FAKE_HELPER_COUNT,
    .word_type = IR_I64,
    .pc_slot = FAKE_PC,
    .rules = &rules,
};
