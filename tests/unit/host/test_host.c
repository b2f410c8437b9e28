/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every operation that computes a value, alone and in random sequences, with random and special operands: what the host
 * makes of it must be what the interpreter computes, bit for bit, under the rules of several architectures and with few
 * and all host features. */
#include <check.h>
#include <stdlib.h>
#include "builder.h"
#include "host_run.h"
#include "x86_features.h"

static const struct float_rules arm = {
    .name = "arm",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
    .fma_zero_infinity_invalid = true,
    .nan_integer = FLOAT_NAN_TO_ZERO,
};
static const struct float_rules arm_fz = {
    .name = "arm-fz",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .flush_inputs = true,
    .flush_outputs = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
    .fma_zero_infinity_invalid = true,
    .nan_integer = FLOAT_NAN_TO_ZERO,
};
static const struct float_rules arm_fz16 = {
    .name = "arm-fz16",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .flush_inputs_half = true,
    .flush_outputs_half = true,
    .alternative_half = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
    .fma_zero_infinity_invalid = true,
    .nan_integer = FLOAT_NAN_TO_ZERO,
};
static const struct float_rules riscv = {
    .name = "riscv",
    .nan_choice = FLOAT_NAN_DEFAULT,
    .fma_zero_infinity_invalid = true,
    .nan_integer = FLOAT_NAN_TO_MAX,
    .minnum_signaling = FLOAT_MINNUM_RETURNS_NUMBER,
};
static const struct float_rules x86 = {
    .name = "x86",
    .nan_choice = FLOAT_NAN_FIRST,
    .default_nan_negative = true,
    .integer_indefinite = true,
    .nan_integer = FLOAT_NAN_TO_MIN,
};

enum {
    SSE41_ONLY = ~(X86_HAS_SSSE3 | X86_HAS_SSE41 | X86_HAS_CX16),
    AVX2_LEVEL = X86_HAS_AVX512 | X86_HAS_AVX512_BITALG | X86_HAS_GFNI,
};
static const struct {
    uint32_t disabled;
    const struct float_rules *rules;
} runs[] = {{(uint32_t)SSE41_ONLY, &arm},
            {AVX2_LEVEL, &arm},
            {AVX2_LEVEL, &riscv},
            {X86_HAS_FMA, &x86},
            {0, &arm},
            {(uint32_t)SSE41_ONLY, &riscv},
            {(uint32_t)SSE41_ONLY, &arm_fz},
            {AVX2_LEVEL, &arm_fz},
            {AVX2_LEVEL, &arm_fz16}};
enum {
    RUN_COUNT = sizeof runs / sizeof *runs,
    VARIANTS = 24,
    STATES = 24,
    SEQUENCES = 300,
    SEQUENCE_LENGTH = 40,
    MEMORY_UNITS = 1500,
    BRANCHES = 1000
};

/* HOST_ROUNDS=20 in the environment: that many times more of everything. */
static unsigned rounds(void)
{
    const char *text = getenv("HOST_ROUNDS");
    return text ? (unsigned)atoi(text) : 1;
}

/* ---- random instructions ---- */
static const enum ir_type any_types[] = {IR_I32, IR_I64, IR_F32, IR_F64, IR_V128, IR_FLAGS};

static unsigned slot_count_of(enum ir_type type)
{
    return type == IR_I64 ? 8 : type == IR_FLAGS ? 1 : 4;
}

static unsigned first_slot_of(enum ir_type type)
{
    static const unsigned first[IR_TYPE_COUNT] = {[IR_I32] = SLOT_W0, [IR_I64] = SLOT_X0,  [IR_F32] = SLOT_F0,
                                                  [IR_F64] = SLOT_D0, [IR_V128] = SLOT_V0, [IR_FLAGS] = SLOT_FLAGS};
    return first[type];
}

static enum ir_type type_of_kind(struct host_run *run, enum ir_kind kind, enum ir_type own, enum ir_type a)
{
    uint64_t r = host_run_random(run) >> 40;
    switch (kind) {
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
    case IR_KIND_INT:
    case IR_KIND_AINT:
        return kind == IR_KIND_INT && own != IR_NONE ? own : r & 1 ? IR_I64 : IR_I32;
    case IR_KIND_FLOAT:
    case IR_KIND_AFLOAT:
        return kind == IR_KIND_FLOAT && own != IR_NONE ? own : r % 3 == 0 ? IR_F64 : r % 3 == 1 ? IR_F32 : IR_I32;
    case IR_KIND_ANY:
        return own != IR_NONE ? own : any_types[r % 6];
    case IR_KIND_ANY_A:
    case IR_KIND_ANY_B:
        return any_types[r % 4];
    case IR_KIND_SAME:
        return a;
    default:
        return IR_NONE;
    }
}

static uint16_t random_aux(struct host_run *run, enum ir_aux kind, enum ir_type type)
{
    uint64_t r = host_run_random(run) >> 16;
    unsigned bits = type == IR_I64 || type == IR_F64 ? 64 : 32;
    switch (kind) {
    case IR_AUX_WIDTH:
        return (uint16_t)(8u << (r & 3));
    case IR_AUX_COUNT:
        return (uint16_t)(type == IR_V128 ? r & 3 : r % bits);
    case IR_AUX_FIELD: {
        unsigned lsb = r & 1 ? 0 : (unsigned)(r >> 1) % bits;
        return ir_field(lsb, 1 + (unsigned)(r >> 16) % (bits - lsb));
    }
    case IR_AUX_COND:
        return (uint16_t)(r % IR_COND_COUNT);
    case IR_AUX_FLAG_COND:
        return (uint16_t)(r % IR_FLAG_COND_COUNT);
    case IR_AUX_SIGNALING:
        return r & 1;
    case IR_AUX_FCOND:
        return (uint16_t)(r % IR_FCOND_COUNT | (r >> 8 & 1) * IR_FCOND_SIGNALING);
    case IR_AUX_ROUND:
        return (uint16_t)((r >> 8 & 3 ? r % 5 : FLOAT_DYNAMIC) | (r >> 16 & 3) << 3);
    case IR_AUX_LANE:
        return r & 3;
    case IR_AUX_LANE_INDEX:
        return ir_lane_index(r & 3, (unsigned)(r >> 8) % (16u >> (r & 3)));
    case IR_AUX_LANE_COUNT:
        return ir_lane_index(r & 3, (unsigned)(r >> 8) % ((8u << (r & 3)) + 1));
    case IR_AUX_LANE_ROUND:
        return (uint16_t)((r >> 8 & 3 ? r % 5 : FLOAT_DYNAMIC) | (r >> 16 & 3) << 3 | (1 + (r >> 20) % 3) << 8);
    default:
        return 0;
    }
}

static ir_ref random_constant(struct host_run *run, struct ir_builder *b, enum ir_type type)
{
    uint64_t r = host_run_random(run);
    if (type == IR_V128) {
        return ir_v128(b, r & 1 ? 0 : host_run_random(run), r & 2 ? 0 : host_run_random(run));
    }
    uint64_t value = r & 2 ? (uint64_t)(int64_t)(int8_t)(r >> 8) : host_run_random(run) >> (r >> 8 & 63);
    return ir_constant_int(b->unit, type, type == IR_FLAGS ? value & 0xc101 : value);
}

/* A shuffle that looks like one of the host's own more often than not. */
static ir_ref random_shuffle(struct host_run *run, struct ir_builder *b)
{
    uint64_t r = host_run_random(run) >> 8;
    union ir_value v;
    unsigned lane = (unsigned)(r >> 4) & 3, lanes = 16u >> lane, start = (unsigned)(r >> 8) & 31;
    for (unsigned n = 0; n < 16; n++) {
        unsigned at = n >> lane, byte = n & ((1u << lane) - 1);
        unsigned source = 0;
        switch (r & 7) {
        case 0: /* interleave low or high */
            source = (at / 2 + (r >> 12 & 1) * lanes / 2) + (at & 1) * lanes;
            break;
        case 1: /* bytes from a double vector */
            v.u8[n] = (uint8_t)((start + n) & 31);
            continue;
        case 2: /* even or odd lanes */
            source = 2 * at + (r >> 12 & 1);
            break;
        case 3: /* reversed within lanes of 8 bytes */
            source = at ^ ((1u << (3 - lane)) - 1);
            break;
        case 4: /* one lane everywhere, or any lanes of one vector */
            source = r >> 12 & 1 ? (unsigned)(r >> 13) % lanes : (unsigned)(r >> (13 + 4 * (at & 7))) % lanes;
            break;
        case 5: /* blends */
            source = at + (r >> (13 + at) & 1) * lanes;
            break;
        case 6: /* any bytes of both, with zeros */
            v.u8[n] = (uint8_t)(host_run_random(run) >> 32) % 40;
            v.u8[n] = v.u8[n] > 31 ? 0x80 : v.u8[n];
            continue;
        default: /* any lanes of both */
            source = (unsigned)(r >> (13 + 3 * (at & 7))) % (2 * lanes);
            break;
        }
        v.u8[n] = (uint8_t)((source << lane) + byte);
    }
    return ir_v128(b, v.u64[0], v.u64[1]);
}

static ir_ref random_operand(struct host_run *run, struct ir_builder *b, enum ir_type type, ir_ref same)
{
    uint64_t r = host_run_random(run) >> 20;
    if ((r & 15) == 0) {
        return random_constant(run, b, type);
    }
    if ((r & 15) == 1 && same != IR_NO_REF && ir_typeof(b, same) == type) {
        return same;
    }
    return ir_read(b, (uint16_t)(first_slot_of(type) + (r >> 4) % slot_count_of(type)));
}

/* A truth that the host may make part of its user: comparisons, tests of bits and of flags. */
static ir_ref random_condition(struct host_run *run, struct ir_builder *b)
{
    uint64_t r = host_run_random(run) >> 8;
    enum ir_type type = r & 1 ? IR_I64 : IR_I32, real = r & 1 ? IR_F64 : IR_F32;
    ir_ref x = random_operand(run, b, type, IR_NO_REF), y = random_operand(run, b, type, x);
    ir_ref f = random_operand(run, b, real, IR_NO_REF), g = random_operand(run, b, real, f);
    enum ir_cond equality = r >> 8 & 1 ? IR_NE : IR_EQ;
    unsigned bits = type == IR_I64 ? 64 : 32, lsb = (unsigned)(r >> 16) % bits;
    switch (r >> 1 & 7) {
    case 0:
        return ir_cmp(b, equality, ir_and(b, x, y), ir_constant_int(b->unit, type, 0));
    case 1:
        return ir_cmp(b, equality, ir_and(b, x, ir_constant_int(b->unit, type, 1ull << lsb)),
                      ir_constant_int(b->unit, type, 0));
    case 2:
        return ir_cmp(b, equality, ir_field_u(b, x, ir_field(lsb, 1 + (unsigned)(r >> 24) % (bits - lsb))),
                      ir_constant_int(b->unit, type, 0));
    case 3:
        return ir_fcmp(b, (uint16_t)((r >> 16) % IR_FCOND_COUNT | (r >> 24 & 1) * IR_FCOND_SIGNALING), f, g);
    case 4:
        return ir_cmp(b, equality, ir_fcmp(b, (uint16_t)((r >> 16) % IR_FCOND_COUNT), f, g), ir_i32(b, 0));
    case 5: {
        ir_ref flags = ir_emit(b, IR_OP_flags_float, IR_FLAGS, r >> 24 & 1, f, g, 0);
        ir_write(b, SLOT_FLAGS, flags);
        return ir_flags_test(b, flags, (enum ir_flag_cond)(r >> 16) % IR_FLAG_COND_COUNT);
    }
    case 6:
        return ir_flags_test(b, ir_read_flags(b, SLOT_FLAGS), (enum ir_flag_cond)(r >> 16) % IR_FLAG_COND_COUNT);
    default:
        return ir_cmp(b, (enum ir_cond)(r >> 16) % IR_COND_COUNT, x, y);
    }
}

/* Appends one instruction without folding and a write of its result. False if the choice made is not a legal one. */
static bool append_random(struct host_run *run, struct ir_builder *b, enum ir_op op)
{
    const struct ir_op_description *d = &ir_ops[op];
    enum ir_type type = type_of_kind(run, (enum ir_kind)d->result, IR_NONE, IR_NONE);
    enum ir_type types[3];
    ir_ref operands[3] = {0, 0, 0};
    types[0] = type_of_kind(run, (enum ir_kind)d->a, type, IR_NONE);
    types[1] = type_of_kind(run, (enum ir_kind)d->b, type, types[0]);
    types[2] = type_of_kind(run, (enum ir_kind)d->c, type, types[0]);
    for (unsigned n = 0; n < 3 && ir_operand_is_value(op, n); n++) {
        operands[n] = random_operand(run, b, types[n], n ? operands[0] : IR_NO_REF);
    }
    if (op == IR_OP_v_shuffle) {
        operands[2] = random_shuffle(run, b);
    } else if (op == IR_OP_adc || op == IR_OP_flags_adc) {
        operands[2] = ir_cmp(b, IR_LTU, operands[2], ir_i32(b, 0x80000000));
    } else if (op == IR_OP_fenv_round) {
        operands[0] = ir_and(b, operands[0], ir_i32(b, 3));
    } else if (op == IR_OP_fenv_write) {
        operands[0] = ir_and(b, operands[0], ir_i32(b, 0x3f));
    } else if (op == IR_OP_select && (host_run_random(run) & 0x100)) {
        operands[0] = random_condition(run, b);
    } else if (op == IR_OP_select && (host_run_random(run) & 0x200)) {
        operands[0] = ir_cmp(b, (enum ir_cond)(host_run_random(run) >> 33) % IR_COND_COUNT, ir_read(b, SLOT_X0),
                             ir_read(b, SLOT_X0 + 1));
    }
    uint16_t aux = random_aux(run, (enum ir_aux)d->aux, d->aux == IR_AUX_ROUND || type == IR_NONE ? types[0] : type);
    ir_ref result = ir_append(b, op, type, aux, operands[0], operands[1], operands[2]);
    if (type != IR_NONE) {
        ir_write(b, (uint16_t)(first_slot_of(type) + (host_run_random(run) >> 33) % slot_count_of(type)), result);
    }
    return true;
}

static bool is_computed(enum ir_op op)
{
    unsigned effects = ir_ops[op].effects;
    return (effects & ~(unsigned)IR_FENV) == 0;
}

static struct ir_unit *begin_unit(struct host_run *run, struct ir_builder *b)
{
    arena_reset(&run->machine.arena);
    struct ir_unit *unit = ir_unit_new(&run->machine.arena, &run->machine.context, 0x1000);
    ir_builder_init(b, unit);
    ir_mark(b, 0x1000, 4);
    return unit;
}

static void end_unit(struct ir_builder *b)
{
    ir_emit(b, IR_OP_goto, IR_NONE, IR_EXIT_JUMP, ir_word(b, 0x123456789), ir_word(b, 0x123456789), 0);
}

static struct ir_unit *random_unit(struct host_run *run, enum ir_op op)
{
    for (unsigned attempt = 0; attempt < 500; attempt++) {
        struct ir_builder b;
        struct ir_unit *unit = begin_unit(run, &b);
        append_random(run, &b, op);
        end_unit(&b);
        if (!ir_verify(unit, &run->machine.arena)) {
            return unit;
        }
    }
    ck_abort_msg("no legal instance of %s found", ir_ops[op].name);
}

static unsigned run_unit(struct host_run *run, struct ir_unit *unit, unsigned states)
{
    const void *code = host_run_compile(run, unit, false);
    ck_assert_ptr_nonnull(code);
    for (unsigned n = 0; n < states; n++) {
        host_run_randomize(run);
        if (!host_run_compare(run, unit, code)) {
            return 1;
        }
    }
    return 0;
}

static void finish(struct host_run *run, unsigned wrong)
{
    host_run_free(run);
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(test_operations)
{
    struct host_run run;
    unsigned wrong = 0;
    host_run_init(&run, runs[_i].disabled, runs[_i].rules);
    for (enum ir_op op = 0; op < IR_OP_COUNT; op++) {
        unsigned wrong_here = 0;
        for (unsigned variant = 0; variant < VARIANTS * rounds() && is_computed(op) && wrong_here < 2; variant++) {
            wrong_here += run_unit(&run, random_unit(&run, op), STATES);
        }
        wrong += wrong_here;
    }
    finish(&run, wrong);
}
END_TEST

/* Many values alive at once: every register is used, values are spilled, operands are in memory, compares are fused. */
START_TEST(test_sequences)
{
    struct host_run run;
    unsigned wrong = 0;
    host_run_init(&run, runs[_i].disabled, runs[_i].rules);
    for (unsigned n = 0; n < SEQUENCES * rounds() && wrong < 3; n++) {
        struct ir_builder b;
        struct ir_unit *unit = begin_unit(&run, &b);
        for (unsigned k = 0; k < SEQUENCE_LENGTH; k++) {
            enum ir_op op = (enum ir_op)(host_run_random(&run) >> 32) % IR_OP_COUNT;
            if (!is_computed(op) || op == IR_OP_fenv_round) {
                continue;
            }
            append_random(&run, &b, op);
        }
        end_unit(&b);
        if (!ir_verify(unit, &run.machine.arena)) {
            wrong += run_unit(&run, unit, 4);
        }
    }
    finish(&run, wrong);
}
END_TEST

/* The way a branch goes shows in the pc that the unit leaves with. */
START_TEST(test_branches)
{
    struct host_run run;
    unsigned wrong = 0;
    host_run_init(&run, runs[_i].disabled, runs[_i].rules);
    for (unsigned n = 0; n < BRANCHES * rounds() && wrong < 3; n++) {
        struct ir_builder b;
        struct ir_unit *unit = begin_unit(&run, &b);
        ir_ref condition = random_condition(&run, &b);
        uint32_t taken = ir_block_new(&b), other = ir_block_new(&b);
        ir_emit(&b, IR_OP_branch, IR_NONE, 0, condition, taken, other);
        bool taken_first = host_run_random(&run) >> 60 & 1;
        for (unsigned k = 0; k < 2; k++) {
            bool is_taken = taken_first == (k == 0);
            ir_block_place(&b, is_taken ? taken : other, false);
            ir_emit(&b, IR_OP_goto, IR_NONE, IR_EXIT_JUMP, ir_word(&b, is_taken ? 0x2000 : 0x3000), ir_word(&b, 0), 0);
        }
        const char *fault = ir_verify(unit, &run.machine.arena);
        ck_assert_msg(!fault, "%s", fault);
        wrong += run_unit(&run, unit, 12);
    }
    finish(&run, wrong);
}
END_TEST

/* ---- guest memory ---- */
static bool append_memory(struct host_run *run, struct ir_builder *b, enum ir_op op)
{
    uint64_t r = host_run_random(run) >> 8;
    static const enum ir_type types[] = {IR_I32, IR_I64, IR_F32, IR_F64, IR_V128};
    enum ir_type type = op == IR_OP_atomic || op == IR_OP_store_conditional ? types[r & 1] : types[r % 5];
    unsigned largest = type == IR_V128 ? 4 : type == IR_I64 || type == IR_F64 ? 3 : 2;
    bool integer = type == IR_I32 || type == IR_I64;
    if (op == IR_OP_cas && !integer && type != IR_V128) {
        return false;
    }
    unsigned size = integer ? (unsigned)(r >> 8) % (largest + 1) : largest;
    uint16_t memop = (uint16_t)(size | (r >> 12 & 3 ? 0 : IR_MEM_BIG) | (r >> 14 & 3) * IR_MEM_ACQUIRE);
    if (op == IR_OP_load && integer && size < largest && r >> 20 & 1) {
        memop |= IR_MEM_SIGNED;
    }
    /* The address: X7 is the memory's start, X6 a small multiple of 16. */
    ir_ref address = ir_read(b, SLOT_X0 + 7), index = ir_and(b, ir_read(b, SLOT_X0 + 6), ir_i64(b, 0x70));
    if (r >> 24 & 1) {
        address = ir_add(b, address, index);
    } else if (r >> 25 & 1) {
        address = ir_add(b, address, ir_shl(b, index, ir_i64(b, 1 + (r >> 26 & 1))));
    }
    bool odd = op == IR_OP_load || op == IR_OP_store;
    int32_t displacement = odd ? (int32_t)(r >> 32 & 0x3ff) : 0;
    if (odd && r >> 27 & 1) {
        address = ir_add(b, address, ir_i64(b, r >> 44 & 0xff));
    }
    ir_ref value = ir_read(b, (uint16_t)(first_slot_of(type) + (r >> 50 & 1)));
    ir_ref second = ir_read(b, (uint16_t)(first_slot_of(type) + 2));
    ir_ref result = IR_NO_REF;
    switch (op) {
    case IR_OP_load:
        result = ir_load(b, type, address, displacement, memop);
        break;
    case IR_OP_store:
        ir_store(b, address, r >> 52 & 3 || type == IR_V128 ? value : random_constant(run, b, type), displacement,
                 memop);
        break;
    case IR_OP_atomic:
        result = ir_atomic(b, type, (enum ir_atomic)(r >> 53) % IR_ATOMIC_COUNT, address, value, memop);
        break;
    case IR_OP_cas: {
        ir_ref old = r >> 54 & 1 ? ir_load(b, type, address, 0, memop) : second;
        result = ir_cas(b, address, old, value, memop);
        break;
    }
    default: {
        ir_ref old = r >> 54 & 1 ? ir_load(b, type, address, 0, memop) : second;
        result = ir_store_conditional(b, address, value, r >> 55 & 3 ? address : index, old, memop);
        type = IR_I32;
    }
    }
    if (result != IR_NO_REF) {
        ir_write(b, (uint16_t)(first_slot_of(type) + (r >> 56 & 3)), result);
    }
    return true;
}

START_TEST(test_memory)
{
    static const enum ir_op ops[] = {IR_OP_load, IR_OP_store, IR_OP_atomic, IR_OP_cas, IR_OP_store_conditional};
    struct host_run run;
    unsigned wrong = 0;
    host_run_init(&run, runs[_i].disabled, runs[_i].rules);
    for (unsigned n = 0; n < MEMORY_UNITS * rounds() && wrong < 3; n++) {
        bool based = host_run_random(&run) >> 60 & 1;
        struct ir_builder b;
        struct ir_unit *unit = begin_unit(&run, &b);
        while (!append_memory(&run, &b, ops[n % 5])) {
        }
        end_unit(&b);
        const char *fault = ir_verify(unit, &run.machine.arena);
        ck_assert_msg(!fault, "%s", fault);
        const void *code = host_run_compile(&run, unit, based);
        ck_assert_ptr_nonnull(code);
        for (unsigned k = 0; k < 8 && wrong < 3; k++) {
            host_run_randomize(&run);
            for (unsigned byte = 0; byte < TEST_MEMORY_SIZE; byte += 8) {
                uint64_t word = host_run_random(&run);
                memcpy(run.memory + byte, &word, 8);
            }
            run.state->header.memory_base = based ? (uintptr_t)run.memory : 0;
            run.state->slots[SLOT_X0 + 7].i64 = based ? 64 : (uintptr_t)run.memory + 64;
            wrong += !host_run_compare(&run, unit, code);
        }
    }
    finish(&run, wrong);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *cases = tcase_create("host");
    tcase_set_timeout(cases, 120 * (int)rounds());
    tcase_add_loop_test(cases, test_operations, 0, RUN_COUNT);
    tcase_add_loop_test(cases, test_sequences, 0, RUN_COUNT);
    tcase_add_loop_test(cases, test_branches, 0, RUN_COUNT);
    tcase_add_loop_test(cases, test_memory, 0, 2);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
