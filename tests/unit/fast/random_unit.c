/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random_unit.h"
#include "builder.h"
#include "unit_run.h"

#include <check.h>

enum { POOL_SIZE = 12, MAX_LATE = 24, MAX_DEPTH = 2 };

/* Values that are known on the path being built, the latest last. */
struct pools {
    ir_ref values[IR_TYPE_COUNT][POOL_SIZE];
    unsigned count[IR_TYPE_COUNT];
};

struct late_block {
    uint32_t block;
    struct pools pools;
    unsigned depth;
};

struct generator {
    struct ir_builder b;
    const struct random_unit_options *options;
    uint64_t random;
    struct pools pools;
    struct late_block late[MAX_LATE];
    unsigned late_count;
    unsigned step, depth;
    uint64_t pc, target;
    unsigned folding; /* 0: always, 1: never, 2: now and then */
    bool loops;
};

static uint64_t rnd(struct generator *g)
{
    return random_next(&g->random) >> 8;
}

static bool chance(struct generator *g, unsigned percent)
{
    return rnd(g) % 100 < percent;
}

static void mark(struct generator *g)
{
    g->pc += 4;
    ir_mark(&g->b, g->pc, 4);
}

static uint64_t new_target(struct generator *g)
{
    return g->target += 0x10;
}

/* ---- operands ---- */

static ir_ref push(struct generator *g, ir_ref value)
{
    enum ir_type type = ir_typeof(&g->b, value);
    struct pools *p = &g->pools;
    if (p->count[type] == POOL_SIZE) {
        p->values[type][rnd(g) % POOL_SIZE] = value;
    } else {
        p->values[type][p->count[type]++] = value;
    }
    return value;
}

static uint16_t random_slot(struct generator *g, enum ir_type type)
{
    uint64_t r = rnd(g);
    unsigned general = r & 1 ? (unsigned)(r >> 8) % 4 : (unsigned)(r >> 8) % FAKE_GENERAL_COUNT;
    switch (type) {
    case IR_I64:
        return (uint16_t)(FAKE_X0 + general);
    case IR_I32:
        return (uint16_t)(FAKE_W0 + (r >> 8) % 4);
    case IR_V128:
        return (uint16_t)(FAKE_V0 + (r >> 8) % (r & 1 ? 3 : 8));
    case IR_F64:
        return (uint16_t)(FAKE_D0 + (r >> 8) % 2);
    default:
        return FAKE_FLAGS;
    }
}

static ir_ref random_constant(struct generator *g, enum ir_type type)
{
    uint64_t r = rnd(g), value = random_next(&g->random);
    value = r & 1   ? (uint64_t)(int64_t)(int8_t)value
            : r & 2 ? (uint64_t)(int64_t)(int32_t)value
                    : value >> (r >> 8 & 63);
    if (type == IR_V128) {
        return ir_v128(&g->b, value, r & 4 ? value : r & 8 ? 0 : random_next(&g->random));
    }
    return ir_constant_int(g->b.unit, type, type == IR_FLAGS ? value & FAKE_FLAG_MASK : value);
}

/* A read of a part of a slot, by the builder or not. IR_NO_REF if the type is not a part of any. */
static ir_ref read_part(struct generator *g, enum ir_type type)
{
    uint64_t r = rnd(g);
    bool general = type == IR_I32 && r & 1;
    if (type == IR_V128 || type == IR_FLAGS) {
        return IR_NO_REF;
    }
    unsigned whole = general ? 8 : 16, part = ir_type_bytes(type);
    unsigned offset = r & 2 ? 0 : (unsigned)(r >> 8) % (whole / part) * part;
    uint16_t slot = random_slot(g, general ? IR_I64 : IR_V128);
    if (r & 4) {
        return ir_read_part(&g->b, slot, type, offset);
    }
    return ir_append(&g->b, IR_OP_read, type, (uint16_t)offset, slot, 0, 0);
}

static ir_ref pick(struct generator *g, enum ir_type type)
{
    unsigned way = rnd(g) % 16;
    ir_ref part;
    if (way == 0 && type != IR_FLAGS) {
        return random_constant(g, type);
    }
    if (way <= 2 && (part = read_part(g, type)) != IR_NO_REF) {
        return push(g, part);
    }
    if (way <= 10 && g->pools.count[type]) {
        return g->pools.values[type][rnd(g) % g->pools.count[type]];
    }
    if (type == IR_F32) {
        return push(g, ir_append(&g->b, IR_OP_read, type, 0, random_slot(g, IR_V128), 0, 0));
    }
    if (way == 11) {
        return push(g, ir_append(&g->b, IR_OP_read, type, 0, random_slot(g, type), 0, 0));
    }
    return push(g, ir_read(&g->b, random_slot(g, type)));
}

static ir_ref emit(struct generator *g, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a, ir_ref b, ir_ref c)
{
    bool fold = g->folding == 0 || (g->folding == 2 && chance(g, 50));
    return push(g, fold ? ir_emit(&g->b, op, type, aux, a, b, c) : ir_append(&g->b, op, type, aux, a, b, c));
}

/* ---- steps: computing ---- */

/* One row per shape of an operation; the aux is a random number modulo aux_count, shifted, unless a step knows better.
 */
struct shape {
    uint8_t op, type, a, b, c;
    uint16_t aux_base, aux_count;
};
#define INT(op, second)                                                                                                \
    {IR_OP_##op, IR_I64, IR_I64, (second) ? IR_I64 : 0, 0, 0, 1},                                                      \
    {                                                                                                                  \
        IR_OP_##op, IR_I32, IR_I32, (second) ? IR_I32 : 0, 0, 0, 1                                                     \
    }
static const struct shape shapes[] = {
    INT(add, 1),
    INT(sub, 1),
    INT(and, 1),
    INT(or, 1),
    INT(xor, 1),
    INT(andn, 1),
    INT(mul, 1),
    INT(shl, 1),
    INT(shr, 1),
    INT(sar, 1),
    INT(rotr, 1),
    INT(not, 0),
    INT(neg, 0),
    INT(clz, 0),
    INT(add, 1),
    INT(sub, 1),
    INT(divu, 1),
    INT(mulhu, 1),
    {IR_OP_wide_u, IR_I64, IR_I32, 0, 0, 0, 1},
    {IR_OP_wide_u, IR_I64, IR_I32, 0, 0, 0, 1},
    {IR_OP_wide_u, IR_I64, IR_I32, 0, 0, 0, 1},
    {IR_OP_wide_s, IR_I64, IR_I32, 0, 0, 0, 1},
    {IR_OP_narrow, IR_I32, IR_I64, 0, 0, 0, 1},
    {IR_OP_narrow, IR_I32, IR_I64, 0, 0, 0, 1},
    {IR_OP_cmp, IR_I32, IR_I64, IR_I64, 0, 0, IR_COND_COUNT},
    {IR_OP_cmp, IR_I32, IR_I32, IR_I32, 0, 0, IR_COND_COUNT},
    {IR_OP_select, IR_I64, IR_I32, IR_I64, IR_I64, 0, 1},
    {IR_OP_select, IR_I32, IR_I32, IR_I32, IR_I32, 0, 1},
    {IR_OP_select, IR_V128, IR_I32, IR_V128, IR_V128, 0, 1},
    {IR_OP_select, IR_FLAGS, IR_I32, IR_FLAGS, IR_FLAGS, 0, 1},
    {IR_OP_field_u, IR_I64, IR_I64, 0, 0, 5 | 20 << 8, 8},
    {IR_OP_insert, IR_I64, IR_I64, IR_I64, 0, 3 | 9 << 8, 8},
    {IR_OP_funnel, IR_I64, IR_I64, IR_I64, 0, 0, 64},
    {IR_OP_flags_to_bits, IR_I32, IR_FLAGS, 0, 0, 0, 1},
    {IR_OP_flags_from_bits, IR_FLAGS, IR_I32, 0, 0, 0, 1},
    {IR_OP_flags_test, IR_I32, IR_FLAGS, 0, 0, 0, IR_FLAG_COND_COUNT},
    {IR_OP_flags_test, IR_I32, IR_FLAGS, 0, 0, 0, IR_FLAG_COND_COUNT},
    {IR_OP_flags_add, IR_FLAGS, IR_I32, IR_I32, 0, 0, 1},
    {IR_OP_flags_sub, IR_FLAGS, IR_I64, IR_I64, 0, 0, 1},
    {IR_OP_flags_logic, IR_FLAGS, IR_I64, 0, 0, 0, 1},
    {IR_OP_flags_float, IR_FLAGS, IR_F64, IR_F64, 0, 0, 2},
    {IR_OP_v_add, IR_V128, IR_V128, IR_V128, 0, 0, 4},
    {IR_OP_v_sub, IR_V128, IR_V128, IR_V128, 0, 0, 4},
    {IR_OP_v_xor, IR_V128, IR_V128, IR_V128, 0, 0, 1},
    {IR_OP_v_andn, IR_V128, IR_V128, IR_V128, 0, 0, 1},
    {IR_OP_v_bitselect, IR_V128, IR_V128, IR_V128, IR_V128, 0, 1},
    {IR_OP_v_cmp_gt_s, IR_V128, IR_V128, IR_V128, 0, 0, 3},
    {IR_OP_v_shl, IR_V128, IR_V128, 0, 0, 2 | 5 << 8, 1},
    {IR_OP_v_shl_each, IR_V128, IR_V128, IR_V128, 0, 2, 2},
    {IR_OP_v_shr_each, IR_V128, IR_V128, IR_V128, 0, 2, 2},
    {IR_OP_v_test, IR_I32, IR_V128, IR_V128, 0, 0, 1},
    {IR_OP_v_splat, IR_V128, IR_I32, 0, 0, 0, 3},
    {IR_OP_v_splat, IR_V128, IR_F64, 0, 0, 3, 1},
    {IR_OP_v_extract, IR_I64, IR_V128, 0, 0, 3 | 1 << 8, 1},
    {IR_OP_v_extract, IR_F64, IR_V128, 0, 0, 3 | 0 << 8, 1},
    {IR_OP_v_extract, IR_F32, IR_V128, 0, 0, 2 | 2 << 8, 1},
    {IR_OP_v_insert, IR_V128, IR_V128, IR_I64, 0, 3 | 1 << 8, 1},
    {IR_OP_v_insert, IR_V128, IR_V128, IR_F32, 0, 2 | 3 << 8, 1},
    {IR_OP_v_from, IR_V128, IR_F64, 0, 0, 0, 1},
    {IR_OP_v_from, IR_V128, IR_F32, 0, 0, 0, 1},
    {IR_OP_v_low64, IR_V128, IR_V128, 0, 0, 0, 1},
    {IR_OP_fadd, IR_F64, IR_F64, IR_F64, 0, 0, 1},
    {IR_OP_fmul, IR_F64, IR_F64, IR_F64, 0, 0, 1},
    {IR_OP_fsub, IR_F32, IR_F32, IR_F32, 0, 0, 1},
    {IR_OP_fma, IR_F64, IR_F64, IR_F64, IR_F64, 0, 1},
    {IR_OP_fneg, IR_F64, IR_F64, 0, 0, 0, 1},
    {IR_OP_fcmp, IR_I32, IR_F64, IR_F64, 0, 0, IR_FCOND_COUNT},
    {IR_OP_nan_box, IR_F64, IR_F32, 0, 0, 0, 1},
    {IR_OP_nan_unbox, IR_F32, IR_F64, 0, 0, 0, 1},
    {IR_OP_bits, IR_F64, IR_I64, 0, 0, 0, 1},
    {IR_OP_bits, IR_I64, IR_F64, 0, 0, 0, 1},
    {IR_OP_bits, IR_I32, IR_F32, 0, 0, 0, 1},
    {IR_OP_fenv_read, IR_I32, 0, 0, 0, 0, 1},
};
#undef INT

static ir_ref compute_shape(struct generator *g, const struct shape *s)
{
    ir_ref a = s->a ? pick(g, (enum ir_type)s->a) : 0;
    ir_ref b = s->b ? pick(g, (enum ir_type)s->b) : 0;
    ir_ref c = s->c ? pick(g, (enum ir_type)s->c) : 0;
    return emit(g, (enum ir_op)s->op, (enum ir_type)s->type, (uint16_t)(s->aux_base + rnd(g) % s->aux_count), a, b, c);
}

/* A new value of the type, or of any. */
static ir_ref compute(struct generator *g, enum ir_type type)
{
    enum { COUNT = sizeof shapes / sizeof *shapes };
    for (;;) {
        const struct shape *s = &shapes[rnd(g) % COUNT];
        if (type == IR_NONE || s->type == type) {
            return compute_shape(g, s);
        }
    }
}

static const enum ir_type slot_types[] = {IR_I64, IR_I64, IR_I64, IR_I32, IR_V128, IR_V128, IR_F64, IR_FLAGS};

static enum ir_type random_type(struct generator *g)
{
    return slot_types[rnd(g) % (sizeof slot_types / sizeof *slot_types)];
}

static void step_compute(struct generator *g)
{
    compute(g, IR_NONE);
}

static void step_write(struct generator *g)
{
    enum ir_type type = random_type(g);
    ir_ref value = chance(g, 50) ? pick(g, type) : compute(g, type);
    for (unsigned n = rnd(g) % 8 ? 1 : 3; n > 0; n--) {
        ir_write(&g->b, random_slot(g, type), value);
    }
}

/* add x0, x0, ... : an operand's slot takes the result. */
static void step_overwrite(struct generator *g)
{
    enum ir_type type = random_type(g);
    uint16_t slot = random_slot(g, type);
    ir_ref old = push(g, ir_read(&g->b, slot)), result = IR_NO_REF;
    if (type == IR_I64 || type == IR_I32) {
        static const enum ir_op ops[] = {IR_OP_add, IR_OP_sub, IR_OP_xor, IR_OP_shl};
        ir_ref other = pick(g, type);
        bool first = chance(g, 70);
        result = emit(g, ops[rnd(g) % 4], type, 0, first ? old : other, first ? other : old, 0);
        if (type == IR_I32 && chance(g, 50)) {
            slot = random_slot(g, IR_I64);
            result = push(g, ir_wide_u(&g->b, IR_I64, result));
        }
    } else if (type == IR_V128) {
        result = emit(g, IR_OP_v_add, type, 2, old, pick(g, type), 0);
    } else {
        result = compute(g, type);
    }
    ir_write(&g->b, slot, result);
}

/* Slots exchange or rotate their values. */
static void step_rotate(struct generator *g)
{
    enum ir_type type = chance(g, 70) ? IR_I64 : IR_V128;
    uint16_t slots[4];
    ir_ref values[4];
    unsigned count = 2 + (unsigned)rnd(g) % 3;
    for (unsigned n = 0; n < count; n++) {
        slots[n] = random_slot(g, type);
        values[n] = push(g, ir_read(&g->b, slots[n]));
    }
    for (unsigned n = 0; n < count; n++) {
        ir_write(&g->b, slots[n], values[(n + 1) % count]);
    }
}

static void step_flags(struct generator *g)
{
    static const enum ir_op ops[] = {IR_OP_flags_add, IR_OP_flags_sub, IR_OP_flags_logic, IR_OP_flags_adc};
    enum ir_op op = ops[rnd(g) % 4];
    enum ir_type type = chance(g, 50) ? IR_I64 : IR_I32;
    ir_ref a = pick(g, type), b = op == IR_OP_flags_logic ? 0 : pick(g, type);
    ir_ref carry = op == IR_OP_flags_adc ? emit(g, IR_OP_cmp, IR_I32, (uint16_t)(rnd(g) % IR_COND_COUNT), a, b, 0) : 0;
    ir_ref flags = emit(g, op, IR_FLAGS, 0, a, b, carry);
    if (chance(g, 80)) {
        ir_write(&g->b, FAKE_FLAGS, flags);
    }
    if (chance(g, 40)) {
        ir_write(&g->b, random_slot(g, type), pick(g, type)); /* an operand's slot may change under the flags */
    }
}

/* Long arithmetic: both halves of a product, either first, and sums with their carry made a number. */
static void step_long_arithmetic(struct generator *g)
{
    static const enum ir_op highs[] = {IR_OP_mulhu, IR_OP_mulhs};
    enum ir_type type = chance(g, 80) ? IR_I64 : IR_I32;
    enum ir_op high = highs[rnd(g) % 2];
    bool high_first = chance(g, 30);
    ir_ref a = pick(g, type), b = pick(g, type);
    ir_ref one = emit(g, high_first ? high : IR_OP_mul, type, 0, a, b, 0);
    if (chance(g, 50)) {
        ir_write(&g->b, random_slot(g, type), one);
    }
    ir_ref sum = emit(g, IR_OP_add, type, 0, one, a, 0);
    ir_ref other = emit(g, high_first ? IR_OP_mul : high, type, 0, a, b, 0);
    ir_write(&g->b, random_slot(g, type), chance(g, 70) ? other : sum);
    ir_ref carry = ir_append(&g->b, IR_OP_cmp, IR_I32, chance(g, 80) ? IR_LTU : IR_GEU, sum, a, 0);
    ir_ref wide = ir_append(&g->b, IR_OP_wide_u, IR_I64, 0, carry, 0, 0),
           into = type == IR_I64 ? other : pick(g, IR_I64);
    bool subtract = chance(g, 30), first = !subtract && chance(g, 30);
    ir_write(&g->b, random_slot(g, IR_I64),
             emit(g, subtract ? IR_OP_sub : IR_OP_add, IR_I64, 0, first ? wide : into, first ? into : wide, 0));
}

/* Many values alive at once, consumed later. */
static void step_pressure(struct generator *g)
{
    enum ir_type type = chance(g, 60) ? IR_I64 : IR_V128;
    ir_ref values[16], sum = IR_NO_REF;
    for (unsigned n = 0; n < 16; n++) {
        values[n] = compute(g, type);
    }
    for (unsigned n = 0; n < 16; n++) {
        enum ir_op op = type == IR_I64 ? IR_OP_xor : IR_OP_v_xor;
        sum = n ? ir_append(&g->b, op, type, 0, sum, values[n], 0) : values[n];
    }
    ir_write(&g->b, random_slot(g, type), sum);
}

/* ---- steps: memory and helpers; each has a mark of its own, since a unit's fault is found by its mark ---- */

static ir_ref random_address(struct generator *g, bool aligned)
{
    ir_ref base = push(g, ir_read(&g->b, chance(g, 93) ? FAKE_WINDOW : FAKE_NEAR_END));
    ir_ref index = emit(g, IR_OP_and, IR_I64, 0, pick(g, IR_I64), ir_i64(&g->b, 0x1f8), 0);
    if (chance(g, 30)) {
        index = emit(g, IR_OP_shl, IR_I64, 0, index, ir_i64(&g->b, 1 + rnd(g) % 2), 0);
    }
    ir_ref address = chance(g, 70) ? emit(g, IR_OP_add, IR_I64, 0, base, index, 0) : base;
    if (aligned) {
        address = emit(g, IR_OP_and, IR_I64, 0, address, ir_i64(&g->b, ~15ull), 0);
    }
    return address;
}

static void step_access(struct generator *g)
{
    static const enum ir_type types[] = {IR_I64, IR_I64, IR_I32, IR_F32, IR_F64, IR_V128};
    enum ir_type type = types[rnd(g) % 6];
    unsigned largest = type == IR_V128 ? 4 : type == IR_I64 || type == IR_F64 ? 3 : 2;
    bool integer = type == IR_I64 || type == IR_I32;
    unsigned size = integer ? (unsigned)rnd(g) % (largest + 1) : largest;
    uint16_t memop =
        (uint16_t)(size | (chance(g, 10) ? IR_MEM_BIG : 0) | (chance(g, 10) ? IR_MEM_RELEASE | IR_MEM_ACQUIRE : 0));
    if (size && chance(g, 5)) {
        memop |= (uint16_t)((size + 1) << IR_MEM_ALIGN_SHIFT);
    }
    int32_t disp = chance(g, 50) ? 0 : (int32_t)(rnd(g) & 0x7f);
    mark(g);
    if (chance(g, 55)) {
        if (integer && size < largest && chance(g, 40)) {
            memop |= IR_MEM_SIGNED;
        }
        ir_ref address = random_address(g, false);
        ir_ref value = push(g, ir_load(&g->b, type, address, disp, memop));
        if (type != IR_F32 && chance(g, 60)) {
            uint16_t slot = chance(g, 30) && type == IR_I64 && chance(g, 50) ? FAKE_X0 + 2 : random_slot(g, type);
            ir_write(&g->b, slot, value);
        }
    } else {
        ir_ref value = pick(g, type);
        ir_store(&g->b, random_address(g, false), value, disp, memop);
    }
}

static void step_atomic(struct generator *g)
{
    enum ir_type type = chance(g, 50) ? IR_I64 : IR_I32;
    unsigned largest = type == IR_I64 ? 3 : 2;
    uint16_t memop = (uint16_t)(rnd(g) % (largest + 1) | (chance(g, 20) ? IR_MEM_BIG : 0));
    mark(g);
    ir_ref address = random_address(g, true), value = pick(g, type), result;
    switch (rnd(g) % 3) {
    case 0:
        result = ir_atomic(&g->b, type, (enum ir_atomic)(rnd(g) % IR_ATOMIC_COUNT), address, value, memop);
        break;
    case 1:
        if (chance(g, 30)) {
            type = IR_V128;
            value = pick(g, IR_V128);
            memop = 4;
        }
        result = ir_cas(&g->b, address, pick(g, type), value, memop);
        break;
    default:
        result = ir_store_conditional(&g->b, address, value, chance(g, 80) ? address : pick(g, IR_I64), pick(g, type),
                                      memop);
        type = IR_I32;
        break;
    }
    push(g, result);
    if (chance(g, 60)) {
        ir_write(&g->b, random_slot(g, type), result);
    }
}

static void step_call(struct generator *g)
{
    static const uint8_t parameters[FAKE_HELPER_COUNT][4] = {
        [FAKE_MIX] = {IR_I64, IR_I32, IR_F64, IR_I64},
        [FAKE_MIX_VECTORS] = {IR_V128, IR_V128, IR_I64},
        [FAKE_HALF] = {IR_I64, IR_I64},
        [FAKE_LOOK] = {IR_I64},
        [FAKE_SET] = {IR_I64, IR_I32, IR_F64, IR_I32},
        [FAKE_EXCHANGE] = {IR_V128, IR_I64},
        [FAKE_BUMP] = {IR_I64, IR_I64},
        [FAKE_BUMP_FENV] = {IR_I64, IR_I64},
        [FAKE_RAISE] = {IR_I64, IR_I32},
    };
    unsigned helper = (unsigned)rnd(g) % FAKE_HELPER_COUNT, count = 0;
    ir_ref arguments[4];
    mark(g);
    for (; count < 4 && parameters[helper][count]; count++) {
        bool address = count == 0 && (helper == FAKE_BUMP || helper == FAKE_BUMP_FENV);
        arguments[count] = address ? random_address(g, false) : pick(g, (enum ir_type)parameters[helper][count]);
    }
    ir_ref result = ir_call(&g->b, helper, arguments, count);
    if (helper != FAKE_SET) {
        push(g, result);
        if (chance(g, 70)) {
            ir_write(&g->b, random_slot(g, ir_typeof(&g->b, result)), result);
        }
    }
}

/* ---- steps: control ---- */

static void run_steps(struct generator *g, unsigned count);

static ir_ref condition(struct generator *g)
{
    ir_ref value = chance(g, 70) ? emit(g, chance(g, 50) ? IR_OP_cmp : IR_OP_cmp, IR_I32,
                                        (uint16_t)(rnd(g) % IR_COND_COUNT), pick(g, IR_I64), pick(g, IR_I64), 0)
                                 : emit(g, IR_OP_flags_test, IR_I32, (uint16_t)(rnd(g) % IR_FLAG_COND_COUNT),
                                        pick(g, IR_FLAGS), 0, 0);
    return ir_is_constant(value) ? ir_append(&g->b, IR_OP_read, IR_I32, 0, FAKE_W0, 0, 0) : value;
}

static void branch(struct generator *g, ir_ref value, uint32_t then_block, uint32_t else_block)
{
    ir_emit(&g->b, IR_OP_branch, IR_NONE, IR_HINT_NONE, value, then_block, else_block);
}

static uint32_t late_block(struct generator *g)
{
    ck_assert_uint_lt(g->late_count, MAX_LATE);
    uint32_t block = ir_block_new(&g->b);
    g->late[g->late_count++] = (struct late_block){block, g->pools, g->depth + 1};
    return block;
}

/* A side exit, its block at the unit's end. */
static void step_side_exit(struct generator *g)
{
    if (g->late_count == MAX_LATE) {
        return;
    }
    ir_ref value = condition(g);
    uint32_t follow = ir_block_new(&g->b), aside = late_block(g);
    bool taken = chance(g, 70);
    branch(g, value, taken ? aside : follow, taken ? follow : aside);
    ir_block_place(&g->b, follow, true);
}

/* Back to the unit's entry if a condition holds. */
static void step_back(struct generator *g)
{
    if (!g->loops) {
        return;
    }
    ir_ref value = condition(g);
    uint32_t follow = ir_block_new(&g->b);
    bool taken = chance(g, 70);
    branch(g, value, taken ? 0 : follow, taken ? follow : 0);
    ir_block_place(&g->b, follow, true);
}

static void leave(struct generator *g)
{
    uint64_t target = new_target(g);
    if (chance(g, 30)) {
        ir_append(&g->b, IR_OP_drop, IR_NONE, 0, FAKE_FLAGS, 0, 0);
    }
    ir_emit(&g->b, IR_OP_goto, IR_NONE, IR_EXIT_JUMP, ir_word(&g->b, target), ir_word(&g->b, target), 0);
}

/* What a lifter makes of a conditional instruction: two ways that meet, or one that leaves. */
static void step_diamond(struct generator *g)
{
    if (g->depth == MAX_DEPTH) {
        return;
    }
    ir_ref value = condition(g);
    uint32_t then_block = ir_block_new(&g->b), else_block = ir_block_new(&g->b), merge = ir_block_new(&g->b);
    struct pools before = g->pools;
    bool one_sided = chance(g, 40), leaves = chance(g, 20), inverted = chance(g, 50);
    uint32_t other = one_sided ? merge : else_block;
    g->depth++;
    branch(g, value, inverted ? other : then_block, inverted ? then_block : other);
    ir_block_place(&g->b, then_block, true);
    mark(g);
    run_steps(g, (unsigned)rnd(g) % 4);
    leaves ? leave(g) : (void)ir_emit(&g->b, IR_OP_jump, IR_NONE, 0, merge, 0, 0);
    g->pools = before;
    if (!one_sided) {
        ir_block_place(&g->b, else_block, false);
        mark(g);
        run_steps(g, (unsigned)rnd(g) % 4);
        ir_emit(&g->b, IR_OP_jump, IR_NONE, 0, merge, 0, 0);
    }
    ir_block_place(&g->b, merge, leaves && !one_sided);
    if (!leaves) {
        g->pools = (struct pools){0};
    }
    mark(g);
    g->depth--;
}

/* An event comes up in some iteration of the loop. */
static void step_event(struct generator *g)
{
    if (!g->loops) {
        return;
    }
    mark(g);
    ir_ref left = ir_read(&g->b, FAKE_COUNTER);
    ir_ref now = ir_cmp(&g->b, IR_EQ, left, ir_i64(&g->b, rnd(g) % 4));
    ir_store(&g->b, ir_read(&g->b, FAKE_EVENT), now, 0, 2);
}

static const struct {
    void (*make)(struct generator *g);
    unsigned weight;
} steps[] = {
    {step_compute, 20}, {step_write, 16},          {step_overwrite, 14}, {step_rotate, 6},
    {step_flags, 10},   {step_pressure, 2},        {step_access, 16},    {step_atomic, 4},
    {step_call, 3},     {step_side_exit, 6},       {step_back, 2},       {step_diamond, 4},
    {step_event, 3},    {step_long_arithmetic, 5},
};

static void run_step(struct generator *g, unsigned number)
{
    unsigned total = 0, chosen;
    g->random = g->options->seed ^ (uint64_t)(number + 1) * 0xd1342543de82ef95;
    for (unsigned n = 0; n < sizeof steps / sizeof *steps; n++) {
        total += steps[n].weight;
    }
    chosen = (unsigned)(rnd(g) % total);
    if (chance(g, 50)) {
        mark(g);
    }
    for (unsigned n = 0;; n++) {
        if (chosen < steps[n].weight) {
            steps[n].make(g);
            return;
        }
        chosen -= steps[n].weight;
    }
}

static void run_steps(struct generator *g, unsigned count)
{
    uint64_t random = g->random;
    while (count--) {
        unsigned number = g->step++;
        if (number < RANDOM_UNIT_STEPS && !g->options->left_out[number]) {
            run_step(g, number);
        }
    }
    g->random = random;
}

/* ---- ends ---- */

static void end_unit(struct generator *g)
{
    uint64_t target = new_target(g);
    ir_ref value = chance(g, 50) ? pick(g, IR_I64) : compute(g, IR_I64);
    ir_ref word = ir_word(&g->b, target);
    mark(g);
    switch (rnd(g) % 8) {
    case 0:
        ir_emit(&g->b, IR_OP_syscall, IR_NONE, 0, word, 0, 0);
        break;
    case 1:
        ir_emit(&g->b, IR_OP_trap, IR_NONE, 0, (ir_ref)(rnd(g) % 5), 7, 0);
        break;
    case 2:
    case 3: {
        static const enum ir_exit_hint hints[] = {IR_EXIT_JUMP, IR_EXIT_RETURN, IR_EXIT_CALL, IR_EXIT_MODE};
        enum ir_exit_hint hint = hints[rnd(g) % 4];
        value = ir_append(&g->b, IR_OP_and, IR_I64, 0, value, ir_i64(&g->b, 0xffffffffff8), 0);
        ir_emit(&g->b, IR_OP_goto_value, IR_NONE, hint, value, hint == IR_EXIT_CALL ? word : value, 0);
        break;
    }
    case 4:
        ir_emit(&g->b, IR_OP_goto, IR_NONE, IR_EXIT_CALL, word, ir_word(&g->b, g->pc + 4), 0);
        break;
    default:
        if (g->loops) {
            ir_emit(&g->b, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
        } else {
            leave(g);
        }
        break;
    }
}

static void begin_loop(struct generator *g)
{
    mark(g);
    ir_ref left = ir_read(&g->b, FAKE_COUNTER);
    ir_write(&g->b, FAKE_COUNTER, ir_sub(&g->b, left, ir_i64(&g->b, 1)));
    uint32_t follow = ir_block_new(&g->b), over = late_block(g);
    g->late[0].depth = MAX_DEPTH + 1; /* leaves at once: nothing may loop any more */
    branch(g, ir_cmp(&g->b, IR_EQ, left, ir_i64(&g->b, 0)), over, follow);
    ir_block_place(&g->b, follow, true);
}

static void make_late_blocks(struct generator *g)
{
    for (unsigned n = 0; n < g->late_count; n++) {
        uint32_t block = g->late[n].block;
        g->pools = g->late[n].pools;
        g->depth = g->late[n].depth;
        ir_block_place(&g->b, block, false);
        g->random = g->options->seed ^ (block + 1000) * 0xd1342543de82ef95;
        if (g->depth <= MAX_DEPTH && chance(g, 40)) {
            mark(g);
            run_steps(g, 1 + (unsigned)rnd(g) % 5);
        }
        if (g->loops && n > 0 && chance(g, 15)) {
            ir_emit(&g->b, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
        } else {
            leave(g);
        }
    }
}

struct ir_unit *random_unit_make(struct arena *arena, const struct ir_context *context,
                                 const struct random_unit_options *options, unsigned *step_count)
{
    struct generator *g = arena_new(arena, struct generator);
    struct ir_unit *unit = ir_unit_new(arena, context, 0x1004); /* not a multiple of 8: no goto_value goes there */
    g->options = options;
    g->random = options->seed;
    g->pc = unit->pc - 4;
    g->target = 0x900000;
    ir_builder_init(&g->b, unit);
    g->folding = (unsigned)rnd(g) % 3;
    g->loops = chance(g, 35);
    unsigned count = 3 + (unsigned)rnd(g) % (chance(g, 30) ? 60 : 20);
    if (g->loops) {
        begin_loop(g);
    } else {
        mark(g);
    }
    run_steps(g, count);
    end_unit(g);
    make_late_blocks(g);
    *step_count = g->step < RANDOM_UNIT_STEPS ? g->step : RANDOM_UNIT_STEPS;
    return unit;
}
