/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random expressions over every pure operation are built twice, folded and as they stand, and run: both must give the
 * same. Every unit made on the way must pass the verifier and survive printing and parsing. */
#include <check.h>
#include <stdlib.h>

#include "builder.h"
#include "interpreter.h"
#include "test_context.h"

static uint64_t random_state;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

static unsigned random_below(unsigned limit)
{
    return (unsigned)((random_bits() >> 32) % limit);
}

static uint64_t random_number(void)
{
    static const uint64_t special[] = {0,
                                       1,
                                       2,
                                       4,
                                       7,
                                       8,
                                       31,
                                       32,
                                       63,
                                       0x7F,
                                       0x80,
                                       0xFF,
                                       0x100,
                                       0x7FFF,
                                       0x8000,
                                       0xFFFF,
                                       0x7FFFFFFF,
                                       0x80000000,
                                       0xFFFFFFFF,
                                       0x100000000,
                                       INT64_MAX,
                                       1ull << 63,
                                       UINT64_MAX,
                                       UINT64_MAX - 1,
                                       0xFFFFFFFF80000000,
                                       0x7FC00000,
                                       0xFFFFFFFF00000000};
    return random_below(3) ? special[random_below(sizeof(special) / 8)] : random_bits() >> random_below(64);
}

/* The same expression under construction in two units. */
struct twin {
    struct ir_builder folded, plain;
    struct value {
        ir_ref folded, plain;
        enum ir_type type;
    } values[200];
    unsigned count;
};

static const uint16_t first_slot[IR_TYPE_COUNT] = {
    [IR_I64] = SLOT_X0, [IR_I32] = SLOT_W0,  [IR_F32] = SLOT_F0,
    [IR_F64] = SLOT_D0, [IR_V128] = SLOT_V0, [IR_FLAGS] = SLOT_FLAGS,
};

static unsigned add_value(struct twin *t, ir_ref folded, ir_ref plain, enum ir_type type)
{
    t->values[t->count] = (struct value){folded, plain, type};
    return t->count++;
}

static unsigned add_constant(struct twin *t, enum ir_type type)
{
    if (type == IR_V128) {
        uint64_t low = random_number(), high = random_below(2) ? low : random_number();
        return add_value(t, ir_v128(&t->folded, low, high), ir_v128(&t->plain, low, high), type);
    }
    uint64_t bits = random_number() & (type == IR_FLAGS ? IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V : UINT64_MAX);
    return add_value(t, ir_constant_int(t->folded.unit, type, bits), ir_constant_int(t->plain.unit, type, bits), type);
}

static unsigned add_slot(struct twin *t, enum ir_type type)
{
    uint16_t slot = (uint16_t)(first_slot[type] + (type == IR_FLAGS ? 0 : random_below(2)));
    return add_value(t, ir_read(&t->folded, slot), ir_append(&t->plain, IR_OP_read, type, 0, slot, 0, 0), type);
}

/* A recent value of the type, more often than not the last. */
static unsigned choose_value(struct twin *t, enum ir_type type)
{
    if (random_below(4)) {
        unsigned skip = random_below(3) ? 0 : random_below(3);
        for (unsigned k = t->count; k > 0; k--) {
            if (t->values[k - 1].type == type && !ir_is_constant(t->values[k - 1].plain) && skip-- == 0) {
                return k - 1;
            }
        }
    }
    return random_below(2) ? add_constant(t, type) : add_slot(t, type);
}

static enum ir_type random_type(enum ir_kind kind, enum ir_type own)
{
    static const enum ir_type scalars[] = {IR_I32, IR_I64, IR_F32, IR_F64};
    static const enum ir_type all[] = {IR_I32, IR_I64, IR_F32, IR_F64, IR_V128, IR_FLAGS};
    switch (kind) {
    case IR_KIND_INT:
    case IR_KIND_AINT:
        return random_below(2) ? IR_I32 : IR_I64;
    case IR_KIND_FLOAT:
    case IR_KIND_AFLOAT:
        return random_below(2) ? IR_F32 : IR_F64;
    case IR_KIND_I32:
        return IR_I32;
    case IR_KIND_I64:
        return IR_I64;
    case IR_KIND_F32:
        return IR_F32;
    case IR_KIND_F64:
        return IR_F64;
    case IR_KIND_V128:
        return IR_V128;
    case IR_KIND_FLAGS:
        return IR_FLAGS;
    case IR_KIND_ANY_A:
    case IR_KIND_ANY_B:
        return scalars[random_below(4)];
    default:
        return own != IR_NONE ? own : all[random_below(6)];
    }
}

static uint16_t random_aux(enum ir_op op, enum ir_type type)
{
    unsigned bits = ir_type_bytes(type) * 8, lane = random_below(4), lsb = random_below(bits ? bits : 1);
    switch (ir_ops[op].aux) {
    case IR_AUX_WIDTH:
        return (uint16_t)((op == IR_OP_bswap ? 16 : 8) << random_below(3));
    case IR_AUX_COUNT:
        return (uint16_t)(op == IR_OP_v_clmul ? random_below(4) : lsb);
    case IR_AUX_FIELD:
        return random_below(3) ? ir_field(lsb, 1 + random_below(bits - lsb)) : ir_field(0, 8u << random_below(4));
    case IR_AUX_COND:
        return (uint16_t)random_below(IR_COND_COUNT);
    case IR_AUX_FLAG_COND:
        return (uint16_t)random_below(IR_FLAG_COND_COUNT);
    case IR_AUX_LANE:
        return (uint16_t)lane;
    case IR_AUX_LANE_INDEX:
        return ir_lane_index(lane, random_below(16u >> lane));
    case IR_AUX_LANE_COUNT:
        return ir_lane_index(lane, random_below(8u << lane));
    default:
        return 0;
    }
}

/* The plain unit so far, with this operation, is valid: what operations demand of their aux and types is the
 * verifier's. */
static bool is_valid(struct ir_unit *unit, struct arena *arena)
{
    struct ir_block *block = &unit->blocks[0];
    unit->code[unit->count] = (struct ir_instruction){.op = IR_OP_trap};
    block->end = ++unit->count;
    bool valid = ir_verify(unit, arena) == NULL;
    unit->count--;
    return valid;
}

static bool add_operation(struct twin *t, enum ir_op op, struct arena *arena)
{
    const struct ir_op_description *d = &ir_ops[op];
    const uint8_t kinds[3] = {d->a, d->b, d->c};
    ir_ref folded[3] = {0}, plain[3] = {0};
    enum ir_type type = random_type((enum ir_kind)d->result, IR_NONE), type_a = IR_NONE;
    uint16_t aux = random_aux(op, type);
    uint32_t before = t->plain.unit->count;
    unsigned values_before = t->count;

    for (unsigned k = 0; k < 3 && kinds[k] != IR_KIND_NONE; k++) {
        enum ir_type wanted = kinds[k] == IR_KIND_SAME ? type_a
                              : kinds[k] == IR_KIND_INT || kinds[k] == IR_KIND_FLOAT
                                  ? type
                                  : random_type((enum ir_kind)kinds[k], type);
        if (wanted == IR_I32 && (op == IR_OP_adc || op == IR_OP_flags_adc) && k == 2) { /* a carry */
            uint32_t carry = random_below(2);
            folded[k] = ir_i32(&t->folded, carry);
            plain[k] = ir_i32(&t->plain, carry);
            continue;
        }
        unsigned chosen = op == IR_OP_v_shuffle && k == 2 ? add_constant(t, IR_V128) : choose_value(t, wanted);
        if (k == 1 && kinds[1] == kinds[0] && random_below(8) == 0) {
            folded[1] = folded[0], plain[1] = plain[0];
            continue;
        }
        folded[k] = t->values[chosen].folded, plain[k] = t->values[chosen].plain;
        type_a = k == 0 ? wanted : type_a;
    }
    ir_ref made = ir_append(&t->plain, op, type, aux, plain[0], plain[1], plain[2]);
    if (!is_valid(t->plain.unit, arena)) {
        t->plain.unit->count = before;
        t->count = values_before;
        return false;
    }
    add_value(t, ir_emit(&t->folded, op, type, aux, folded[0], folded[1], folded[2]), made, type);
    return true;
}

static unsigned add_pair(struct twin *t, enum ir_op op, enum ir_type type, uint16_t aux, unsigned x, unsigned y)
{
    const struct value *a = &t->values[x], *b = &t->values[y];
    ir_ref plain = ir_append(&t->plain, op, type, aux, a->plain, b->plain, 0);
    return add_value(t, ir_emit(&t->folded, op, type, aux, a->folded, b->folded, 0), plain, type);
}

static unsigned add_single(struct twin *t, enum ir_op op, enum ir_type type, uint16_t aux, unsigned x)
{
    const struct value *a = &t->values[x];
    ir_ref plain = ir_append(&t->plain, op, type, aux, a->plain, 0, 0);
    return add_value(t, ir_emit(&t->folded, op, type, aux, a->folded, 0, 0), plain, type);
}

static unsigned add_integer(struct twin *t, enum ir_type type, uint64_t value)
{
    return add_value(t, ir_constant_int(t->folded.unit, type, value), ir_constant_int(t->plain.unit, type, value), type);
}

/* Two shifts in opposite directions, joined: mostly a rotation, of all bits or of the low 32 of 64. */
static void add_rotation(struct twin *t, enum ir_op join)
{
    enum ir_type type = random_below(3) ? IR_I64 : IR_I32;
    bool is_word = type == IR_I64 && random_below(2);
    unsigned bits = is_word ? 32 : ir_type_bytes(type) * 8, count = 1 + random_below(bits - 1);
    unsigned other = random_below(8) ? bits - count : 1 + random_below(bits - 1);
    unsigned x = add_slot(t, type), y = random_below(8) ? x : choose_value(t, type);
    unsigned left = add_pair(t, IR_OP_shl, type, 0, x, add_integer(t, type, other)), right;
    if (is_word) {
        left = add_single(t, IR_OP_sext, type, 32, left);
        right = add_single(t, random_below(8) ? IR_OP_field_u : IR_OP_field_s, type, ir_field(count, 32 - count), y);
    } else {
        right = add_pair(t, IR_OP_shr, type, 0, y, add_integer(t, type, count));
    }
    unsigned first = random_below(2) ? left : right;
    add_pair(t, join, type, 0, first, first == left ? right : left);
}

static const char *text_of(const struct ir_unit *unit, struct arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ir_print(file, unit);
    fclose(file);
    char *kept = memcpy(arena_alloc_aligned(arena, size + 1, 1), text, size + 1);
    free(text);
    return kept;
}

static union ir_value run_unit(const struct ir_unit *unit, const struct test_state *start, enum ir_type type)
{
    union ir_value scratch[1024];
    struct test_state state = *start;
    ck_assert_uint_le(unit->count, 1024);
    ir_interpret(unit, &state.header, scratch);
    unsigned slot = first_slot[type] + (type == IR_FLAGS ? 0 : 3);
    ck_assert_int_eq(memcmp(&state.header.fp, &start->header.fp, sizeof state.header.fp), 0);
    return state.slots[slot];
}

static void check_round_trip(const struct ir_unit *unit, struct arena *arena)
{
    const char *error, *text = text_of(unit, arena), *wrong = ir_verify(unit, arena);
    ck_assert_msg(!wrong, "%s\n%s", wrong, text);
    struct ir_unit *again = ir_parse(arena, unit->context, text, &error);
    ck_assert_msg(again, "%s\n%s", error, text);
    ck_assert_str_eq(text_of(again, arena), text);
    ck_assert_uint_eq(again->count, unit->count);
}

static void check_twins(struct twin *t, struct arena *arena)
{
    struct value last = t->values[t->count - 1];
    uint16_t slot = (uint16_t)(first_slot[last.type] + (last.type == IR_FLAGS ? 0 : 3));

    ir_write(&t->folded, slot, last.folded);
    ir_write(&t->plain, slot, last.plain);
    ir_emit(&t->folded, IR_OP_trap, IR_NONE, 0, 0, 0, 0);
    ir_emit(&t->plain, IR_OP_trap, IR_NONE, 0, 0, 0, 0);
    check_round_trip(t->folded.unit, arena);
    check_round_trip(t->plain.unit, arena);
    for (unsigned round = 0; round < 6; round++) {
        struct test_state start = {0};
        for (unsigned k = 0; k < SLOT_COUNT; k++) {
            unsigned bytes = ir_type_bytes((enum ir_type)test_context.slots[k].type);
            union ir_value v = {.u64 = {random_number(), random_number()}};
            memcpy(&start.slots[k], &v, bytes);
        }
        start.slots[SLOT_FLAGS].i64 &= IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V;
        if (round == 0) {
            start.slots[SLOT_X0 + 1] = start.slots[SLOT_X0];
            start.slots[SLOT_W0 + 1] = start.slots[SLOT_W0];
        }
        union ir_value folded = run_unit(t->folded.unit, &start, last.type);
        union ir_value plain = run_unit(t->plain.unit, &start, last.type);
        ck_assert_msg(memcmp(&folded, &plain, 16) == 0, "folded %016lx:%016lx, plain %016lx:%016lx\n%s\n%s",
                      folded.u64[1], folded.u64[0], plain.u64[1], plain.u64[0], text_of(t->folded.unit, arena),
                      text_of(t->plain.unit, arena));
    }
}

/* Ends with the operation under test, over a few others that are likely to meet it in a rule. */
static void try_expression(enum ir_op op, struct arena *arena)
{
    struct twin t = {.count = 0};
    unsigned depth = random_below(4);
    static const enum ir_op partners[] = {
        IR_OP_add,     IR_OP_and,         IR_OP_sext,       IR_OP_zext,     IR_OP_narrow,    IR_OP_wide_u,
        IR_OP_wide_s,  IR_OP_shl,         IR_OP_shr,        IR_OP_cmp,      IR_OP_flags_sub, IR_OP_flags_add,
        IR_OP_sub,     IR_OP_flags_logic, IR_OP_not,        IR_OP_v_insert, IR_OP_v_extract, IR_OP_v_from,
        IR_OP_bits,    IR_OP_field_u,     IR_OP_flags_test, IR_OP_or,       IR_OP_v_low64,   IR_OP_flags_to_bits,
        IR_OP_nan_box, IR_OP_fneg,        IR_OP_fabs,       IR_OP_popcnt,
    };

    ir_builder_init(&t.folded, ir_unit_new(arena, &test_context, 0x1000));
    ir_builder_init(&t.plain, ir_unit_new(arena, &test_context, 0x1000));
    for (unsigned k = 0; k < depth; k++) {
        unsigned choice = random_below(sizeof(partners) / sizeof(partners[0]) + 4);
        add_operation(&t, choice < sizeof(partners) / sizeof(partners[0]) ? partners[choice] : op, arena);
    }
    if ((op == IR_OP_or || op == IR_OP_xor || op == IR_OP_and) && random_below(2)) {
        add_rotation(&t, op);
        check_twins(&t, arena);
        return;
    }
    for (unsigned tries = 0; tries < 40; tries++) {
        if (add_operation(&t, op, arena)) {
            check_twins(&t, arena);
            return;
        }
    }
    ck_abort_msg("no valid form of %s was found", ir_ops[op].name);
}

START_TEST(folding_agrees)
{
    enum ir_op op = (enum ir_op)_i;
    const char *scale = getenv("FOLD_ROUNDS");
    unsigned rounds = scale ? (unsigned)atoi(scale) : 60;
    struct arena arena;

    if (ir_ops[op].effects != IR_PURE) {
        return;
    }
    arena_init(&arena);
    random_state = 0x9E3779B97F4A7C15 + (uint64_t)_i;
    for (unsigned k = 0; k < rounds; k++) {
        try_expression(op, &arena);
        arena_reset(&arena);
    }
    arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("folding");
    TCase *tests = tcase_create("every pure operation");
    tcase_add_loop_test(tests, folding_agrees, 0, IR_OP_COUNT);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
