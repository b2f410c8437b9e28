/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer operations on 128-bit vectors. */
#include "evaluate.h"

/* One lane of each operand, zero- and sign-extended. */
struct lane_operands {
    uint64_t a, b;
    int64_t signed_a, signed_b;
    unsigned bits;
};

typedef uint64_t lane_function(struct lane_operands n, uint16_t aux);

static struct lane_operands lanes_of(const struct ir_evaluation *e, unsigned lane, unsigned index_a, unsigned index_b)
{
    unsigned bits = 8u << lane;
    uint64_t a = ir_lane_get(&e->a, lane, index_a), b = ir_lane_get(&e->b, lane, index_b);
    return (struct lane_operands){a, b, ir_sign_extend(a, bits), ir_sign_extend(b, bits), bits};
}

static union ir_value by_lanes(const struct ir_evaluation *e, unsigned lane, lane_function *function)
{
    union ir_value result;
    for (unsigned i = 0; i < 16u >> lane; i++) {
        ir_lane_set(&result, lane, i, function(lanes_of(e, lane, i, i), e->aux));
    }
    return result;
}

/* name; the operands' name; the lane's result, of which the bits above the lane are dropped */
#define LANES(name, n, ...)                                                                                            \
    static uint64_t lane_##name(struct lane_operands n, uint16_t aux)                                                  \
    {                                                                                                                  \
        return (uint64_t)(__VA_ARGS__);                                                                                \
    }                                                                                                                  \
    static union ir_value evaluate_##name(const struct ir_evaluation *e)                                               \
    {                                                                                                                  \
        return by_lanes(e, ir_lane(e->aux), lane_##name);                                                              \
    }

static uint64_t truth(bool holds)
{
    return 0 - (uint64_t)holds;
}

static uint64_t clamp_signed(__int128 value, unsigned bits)
{
    int64_t max = INT64_MAX >> (64 - bits), min = -max - 1;
    return (uint64_t)(value > max ? max : value < min ? min : (int64_t)value);
}

static uint64_t clamp_unsigned(__int128 value, unsigned bits)
{
    uint64_t max = UINT64_MAX >> (64 - bits);
    return value < 0 ? 0 : value > (__int128)max ? max : (uint64_t)value;
}

/* A left shift for a positive count, a right shift of the sign- or zero-extended lane for a negative one. */
static uint64_t shift_either(struct lane_operands n, bool arithmetic)
{
    int count = (int8_t)n.b;
    if (count >= 0) {
        return count < (int)n.bits ? n.a << count : 0;
    }
    if (-count >= (int)n.bits) {
        return arithmetic && n.signed_a < 0 ? UINT64_MAX : 0;
    }
    return arithmetic ? (uint64_t)(n.signed_a >> -count) : n.a >> -count;
}

LANES(v_add, n, n.a + n.b)
LANES(v_sub, n, n.a - n.b)
LANES(v_mul, n, n.a *n.b)
LANES(v_neg, n, 0 - n.a)
LANES(v_abs, n, n.signed_a < 0 ? 0 - n.a : n.a)
LANES(v_add_sat_s, n, clamp_signed((__int128)n.signed_a + n.signed_b, n.bits))
LANES(v_sub_sat_s, n, clamp_signed((__int128)n.signed_a - n.signed_b, n.bits))
LANES(v_add_sat_u, n, clamp_unsigned((__int128)n.a + n.b, n.bits))
LANES(v_sub_sat_u, n, clamp_unsigned((__int128)n.a - n.b, n.bits))
LANES(v_avg_u, n, ((unsigned __int128)n.a + n.b + 1) >> 1)
LANES(v_min_s, n, n.signed_a < n.signed_b ? n.a : n.b)
LANES(v_max_s, n, n.signed_a > n.signed_b ? n.a : n.b)
LANES(v_min_u, n, n.a < n.b ? n.a : n.b)
LANES(v_max_u, n, n.a > n.b ? n.a : n.b)
LANES(v_cmp_eq, n, truth(n.a == n.b))
LANES(v_cmp_gt_s, n, truth(n.signed_a > n.signed_b))
LANES(v_cmp_ge_s, n, truth(n.signed_a >= n.signed_b))
LANES(v_cmp_gt_u, n, truth(n.a > n.b))
LANES(v_cmp_ge_u, n, truth(n.a >= n.b))
LANES(v_shl, n, n.a << ir_index(aux))
LANES(v_shr, n, ir_index(aux) >= n.bits ? 0 : n.a >> ir_index(aux))
LANES(v_sar, n, n.signed_a >> (ir_index(aux) >= n.bits ? n.bits - 1 : ir_index(aux)))
LANES(v_shift_s, n, shift_either(n, true))
LANES(v_shift_u, n, shift_either(n, false))
LANES(v_shl_each, n, n.b >= n.bits ? 0 : n.a << n.b)
LANES(v_shr_each, n, n.b >= n.bits ? 0 : n.a >> n.b)
LANES(v_clz, n, n.a ? (unsigned)__builtin_clzll(n.a) - (64 - n.bits) : n.bits)

static union ir_value evaluate_v_popcnt(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 16; i++) {
        result.u8[i] = (uint8_t)__builtin_popcount(e->a.u8[i]);
    }
    return result;
}

/* ---- whole vectors ---- */

/* name; the operation's name; one half's result of its `half` */
#define HALVES(name, e, ...)                                                                                           \
    static union ir_value evaluate_##name(const struct ir_evaluation *e)                                               \
    {                                                                                                                  \
        union ir_value result;                                                                                         \
        for (unsigned half = 0; half < 2; half++) {                                                                    \
            result.u64[half] = (__VA_ARGS__);                                                                          \
        }                                                                                                              \
        return result;                                                                                                 \
    }

HALVES(v_and, e, e->a.u64[half] & e->b.u64[half])
HALVES(v_or, e, e->a.u64[half] | e->b.u64[half])
HALVES(v_xor, e, e->a.u64[half] ^ e->b.u64[half])
HALVES(v_andn, e, e->a.u64[half] & ~e->b.u64[half])
HALVES(v_not, e, ~e->a.u64[half])
HALVES(v_bitselect, e, (e->a.u64[half] & e->b.u64[half]) | (~e->a.u64[half] & e->c.u64[half]))
HALVES(v_low64, e, half ? 0 : e->a.u64[0])
HALVES(v_from, e, half ? 0 : ir_value_of(e->operand_type, e->a.i64).i64)

static union ir_value evaluate_v_splat(const struct ir_evaluation *e)
{
    union ir_value result;
    unsigned lane = ir_lane(e->aux);
    for (unsigned i = 0; i < 16u >> lane; i++) {
        ir_lane_set(&result, lane, i, e->a.i64);
    }
    return result;
}

static union ir_value evaluate_v_extract(const struct ir_evaluation *e)
{
    return ir_value_of(e->type, ir_lane_get(&e->a, ir_lane(e->aux), ir_index(e->aux)));
}

static union ir_value evaluate_v_test(const struct ir_evaluation *e)
{
    return (union ir_value){.i64 = ((e->a.u64[0] & e->b.u64[0]) | (e->a.u64[1] & e->b.u64[1])) != 0};
}

static union ir_value evaluate_v_insert(const struct ir_evaluation *e)
{
    union ir_value result = e->a;
    ir_lane_set(&result, ir_lane(e->aux), ir_index(e->aux), e->b.i64);
    return result;
}

/* ---- between lane widths ---- */

static union ir_value narrow_lanes(const struct ir_evaluation *e, lane_function *function)
{
    union ir_value result;
    unsigned lane = ir_lane(e->aux), count = 16u >> lane;
    for (unsigned i = 0; i < count; i++) {
        struct lane_operands n = lanes_of(e, lane, i, i);
        struct lane_operands second = {n.b, 0, n.signed_b, 0, n.bits};
        ir_lane_set(&result, lane - 1, i, function(n, e->aux));
        ir_lane_set(&result, lane - 1, i + count, function(second, e->aux));
    }
    return result;
}

/* high: which half of the operands */
static union ir_value widen_lanes(const struct ir_evaluation *e, bool high, lane_function *function)
{
    union ir_value result;
    unsigned lane = ir_lane(e->aux), count = 8u >> lane, first = high ? count : 0;
    for (unsigned i = 0; i < count; i++) {
        ir_lane_set(&result, lane + 1, i, function(lanes_of(e, lane, first + i, first + i), e->aux));
    }
    return result;
}

#define NARROW(name, n, ...)                                                                                           \
    static uint64_t lane_##name(struct lane_operands n, uint16_t aux)                                                  \
    {                                                                                                                  \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    static union ir_value evaluate_##name(const struct ir_evaluation *e)                                               \
    {                                                                                                                  \
        return narrow_lanes(e, lane_##name);                                                                           \
    }

NARROW(v_narrow, n, n.a)
NARROW(v_narrow_sat_s, n, clamp_signed(n.signed_a, n.bits / 2))
NARROW(v_narrow_sat_u, n, clamp_unsigned(n.a, n.bits / 2))
NARROW(v_narrow_sat_su, n, clamp_unsigned(n.signed_a, n.bits / 2))

#define WIDEN(lo, hi, n, ...)                                                                                          \
    static uint64_t lane_##lo(struct lane_operands n, uint16_t aux)                                                    \
    {                                                                                                                  \
        return (uint64_t)(__VA_ARGS__);                                                                                \
    }                                                                                                                  \
    static union ir_value evaluate_##lo(const struct ir_evaluation *e)                                                 \
    {                                                                                                                  \
        return widen_lanes(e, false, lane_##lo);                                                                       \
    }                                                                                                                  \
    static union ir_value evaluate_##hi(const struct ir_evaluation *e)                                                 \
    {                                                                                                                  \
        return widen_lanes(e, true, lane_##lo);                                                                        \
    }

WIDEN(v_widen_lo_s, v_widen_hi_s, n, n.signed_a)
WIDEN(v_widen_lo_u, v_widen_hi_u, n, n.a)
WIDEN(v_mul_lo_s, v_mul_hi_s, n, n.signed_a *n.signed_b)
WIDEN(v_mul_lo_u, v_mul_hi_u, n, n.a *n.b)

static union ir_value evaluate_v_add_pairs(const struct ir_evaluation *e)
{
    union ir_value result;
    unsigned lane = ir_lane(e->aux), half = 8u >> lane;
    for (unsigned i = 0; i < half; i++) {
        uint64_t of_a = ir_lane_get(&e->a, lane, 2 * i) + ir_lane_get(&e->a, lane, 2 * i + 1);
        uint64_t of_b = ir_lane_get(&e->b, lane, 2 * i) + ir_lane_get(&e->b, lane, 2 * i + 1);
        ir_lane_set(&result, lane, i, of_a);
        ir_lane_set(&result, lane, half + i, of_b);
    }
    return result;
}

static union ir_value evaluate_v_mul_add_pairs(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t even = (uint32_t)(e->a.s16[2 * i] * e->b.s16[2 * i]);
        result.u32[i] = even + (uint32_t)(e->a.s16[2 * i + 1] * e->b.s16[2 * i + 1]);
    }
    return result;
}

/* ---- bytes by index ---- */

static union ir_value evaluate_v_shuffle(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t from = e->c.u8[i];
        result.u8[i] = from < 16 ? e->a.u8[from] : from < 32 ? e->b.u8[from - 16] : 0;
    }
    return result;
}

static union ir_value evaluate_v_table(const struct ir_evaluation *e)
{
    union ir_value result;
    for (unsigned i = 0; i < 16; i++) {
        result.u8[i] = e->b.u8[i] < 16 ? e->a.u8[e->b.u8[i]] : 0;
    }
    return result;
}

#define ROW(name) [IR_OP_##name] = evaluate_##name
ir_evaluator *const ir_vector_evaluators[IR_OP_COUNT] = {
    ROW(v_from),       ROW(v_low64),        ROW(v_splat),         ROW(v_extract),       ROW(v_insert),
    ROW(v_test),
    ROW(v_and),        ROW(v_or),           ROW(v_xor),           ROW(v_andn),          ROW(v_not),
    ROW(v_bitselect),  ROW(v_add),          ROW(v_sub),           ROW(v_mul),           ROW(v_neg),
    ROW(v_abs),        ROW(v_add_sat_s),    ROW(v_add_sat_u),     ROW(v_sub_sat_s),     ROW(v_sub_sat_u),
    ROW(v_avg_u),      ROW(v_min_s),        ROW(v_max_s),         ROW(v_min_u),         ROW(v_max_u),
    ROW(v_cmp_eq),     ROW(v_cmp_gt_s),     ROW(v_cmp_ge_s),      ROW(v_cmp_gt_u),      ROW(v_cmp_ge_u),
    ROW(v_shl),        ROW(v_shr),          ROW(v_sar),           ROW(v_shift_s),       ROW(v_shift_u),
    ROW(v_shl_each),     ROW(v_shr_each),     ROW(v_narrow),       ROW(v_narrow_sat_s), ROW(v_narrow_sat_u),
    ROW(v_narrow_sat_su), ROW(v_widen_lo_s),   ROW(v_widen_lo_u),   ROW(v_widen_hi_s),   ROW(v_widen_hi_u),
    ROW(v_mul_lo_s),     ROW(v_mul_lo_u),     ROW(v_mul_hi_s),     ROW(v_mul_hi_u),     ROW(v_add_pairs),
    ROW(v_popcnt),       ROW(v_clz),          ROW(v_shuffle),      ROW(v_table),        ROW(v_mul_add_pairs),
};
