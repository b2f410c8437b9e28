/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of integers: logic, arithmetic, comparison. */
#include "vector_select.h"

/* ---- operations that are one host instruction, by lane ---- */
typedef uint32_t lane_rows[4];

static const uint32_t *rows_of(enum ir_op op)
{
    static const lane_rows rows[IR_OP_COUNT] = {
        [IR_OP_v_and] = {X86_PAND, X86_PAND, X86_PAND, X86_PAND},
        [IR_OP_v_or] = {X86_POR, X86_POR, X86_POR, X86_POR},
        [IR_OP_v_xor] = {X86_PXOR, X86_PXOR, X86_PXOR, X86_PXOR},
        [IR_OP_v_add] = {X86_PADDB, X86_PADDW, X86_PADDD, X86_PADDQ},
        [IR_OP_v_sub] = {X86_PSUBB, X86_PSUBW, X86_PSUBD, X86_PSUBQ},
        [IR_OP_v_mul] = {0, X86_PMULLW, X86_PMULLD, 0},
        [IR_OP_v_add_sat_s] = {X86_PADDSB, X86_PADDSW, 0, 0},
        [IR_OP_v_add_sat_u] = {X86_PADDUSB, X86_PADDUSW, 0, 0},
        [IR_OP_v_sub_sat_s] = {X86_PSUBSB, X86_PSUBSW, 0, 0},
        [IR_OP_v_sub_sat_u] = {X86_PSUBUSB, X86_PSUBUSW, 0, 0},
        [IR_OP_v_avg_u] = {X86_PAVGB, X86_PAVGW, 0, 0},
        [IR_OP_v_min_s] = {X86_PMINSB, X86_PMINSW, X86_PMINSD, 0},
        [IR_OP_v_max_s] = {X86_PMAXSB, X86_PMAXSW, X86_PMAXSD, 0},
        [IR_OP_v_min_u] = {X86_PMINUB, X86_PMINUW, X86_PMINUD, 0},
        [IR_OP_v_max_u] = {X86_PMAXUB, X86_PMAXUW, X86_PMAXUD, 0},
        [IR_OP_v_cmp_eq] = {X86_PCMPEQB, X86_PCMPEQW, X86_PCMPEQD, X86_PCMPEQQ},
        [IR_OP_v_cmp_gt_s] = {X86_PCMPGTB, X86_PCMPGTW, X86_PCMPGTD, X86_PCMPGTQ},
        [IR_OP_v_add_pairs] = {0, X86_PHADDW, X86_PHADDD, 0},
        [IR_OP_v_mul_add_pairs] = {X86_PMADDWD},
        [IR_OP_v_narrow_sat_s] = {0, X86_PACKSSWB, X86_PACKSSDW, 0},
        [IR_OP_v_narrow_sat_su] = {0, X86_PACKUSWB, X86_PACKUSDW, 0},
    };
    return rows[op];
}

static uint32_t row_of(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    return rows_of((enum ir_op)i->op)[ir_lane(i->aux)];
}

void plan_vector(struct host_code *code, struct host_plan *plan, unsigned operands,
                 void (*emit)(struct host_code *, const struct host_plan *))
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    const ir_ref values[3] = {i->a, i->b, i->c};
    for (unsigned n = 0; n < operands; n++) {
        plan_use(code, plan, values[n]);
    }
    plan_result(code, plan);
    plan->emit = emit;
}

static void emit_row(struct host_code *code, const struct host_plan *plan)
{
    emit_v_rrm(code, row_of(code, plan), vector_result(plan), vector_of(&plan->inputs[0]), &plan->inputs[1]);
}

/* Unaligned memory operands exist with VEX only. */
static void plan_row(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 2, emit_row);
    plan->inputs[1].may_state = x86_has(code, X86_HAS_AVX);
    if (!x86_has(code, X86_HAS_AVX)) {
        plan_tie(plan, 0);
        plan->commutes = (row_of(code, plan) & X86_FLAG_SWAP) != 0;
    }
}

static bool has_row(struct host_code *code, const struct host_plan *plan)
{
    uint32_t row = row_of(code, plan);
    return row && (row != X86_PCMPGTQ || x86_has(code, X86_HAS_SSE42));
}

static void plan_row_or_evaluate(struct host_code *code, struct host_plan *plan)
{
    if (has_row(code, plan)) {
        plan_row(code, plan);
    } else {
        plan_evaluate(code, plan);
    }
}

PLAN_AS(v_and, plan_row_or_evaluate)
PLAN_AS(v_or, plan_row_or_evaluate)
PLAN_AS(v_xor, plan_row_or_evaluate)
PLAN_AS(v_add, plan_row_or_evaluate)
PLAN_AS(v_sub, plan_row_or_evaluate)
PLAN_AS(v_avg_u, plan_row_or_evaluate)
PLAN_AS(v_cmp_eq, plan_row_or_evaluate)
PLAN_AS(v_mul_add_pairs, plan_row_or_evaluate)
PLAN_AS(v_narrow_sat_s, plan_row_or_evaluate)
PLAN_AS(v_narrow_sat_su, plan_row_or_evaluate)

/* ---- logic ---- */
static void emit_andn(struct host_code *code, const struct host_plan *plan)
{
    x86_v_rrr(x86_code(code), X86_PANDN, vector_result(plan), vector_of(&plan->inputs[1]), vector_of(&plan->inputs[0]));
}

PLAN_AS(v_andn, plan_vector, 2, emit_andn)

static void emit_not(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_v_ones(b, SCRATCH_V0);
    x86_v_rrr(b, X86_PXOR, vector_result(plan), vector_of(&plan->inputs[0]), SCRATCH_V0);
}

PLAN_AS(v_not, plan_vector, 1, emit_not)

static void emit_bitselect(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned mask = vector_of(&plan->inputs[0]);
    x86_v_rrr(b, X86_PAND, SCRATCH_V0, mask, vector_of(&plan->inputs[1]));
    x86_v_rrr(b, X86_PANDN, SCRATCH_V1, mask, vector_of(&plan->inputs[2]));
    x86_v_rrr(b, X86_POR, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

PLAN_AS(v_bitselect, plan_vector, 3, emit_bitselect)

/* ---- signs ---- */
/* reg = all ones in the 64-bit lanes of `from` that are negative. */
void emit_sign64(struct host_buffer *b, unsigned reg, unsigned from)
{
    x86_v_shift_i8(b, X86_PSRAD_I8, reg, from, 31);
    x86_v_rr_i8(b, X86_PSHUFD, reg, reg, 0xf5);
}

static void emit_neg(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    static const lane_rows rows = {X86_PSUBB, X86_PSUBW, X86_PSUBD, X86_PSUBQ};
    x86_v_zero(b, SCRATCH_V0);
    x86_v_rrr(b, rows[lane_of(code, plan)], vector_result(plan), SCRATCH_V0, vector_of(&plan->inputs[0]));
}

PLAN_AS(v_neg, plan_vector, 1, emit_neg)

static void emit_abs(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    static const lane_rows rows = {X86_PABSB, X86_PABSW, X86_PABSD, 0};
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]);
    if (lane < 3) {
        x86_v_rr(b, rows[lane], vector_result(plan), from);
        return;
    }
    emit_sign64(b, SCRATCH_V0, from);
    x86_v_rrr(b, X86_PXOR, SCRATCH_V1, from, SCRATCH_V0);
    x86_v_rrr(b, X86_PSUBQ, vector_result(plan), SCRATCH_V1, SCRATCH_V0);
}

PLAN_AS(v_abs, plan_vector, 1, emit_abs)

/* ---- comparison ---- */
static uint32_t equal_row(unsigned lane)
{
    return rows_of(IR_OP_v_cmp_eq)[lane];
}

/* reg = x > y in 64-bit lanes; unsigned: after exchanging the halves of the number line. Destroys all scratch. */
static void emit_greater64(struct host_code *code, unsigned reg, unsigned x, unsigned y, bool is_signed)
{
    struct host_buffer *b = x86_code(code);
    if (!is_signed) {
        x86_v_rrm(b, X86_PXOR, SCRATCH_V0, x, table_at(code, TABLE_SIGN64));
        x86_v_rrm(b, X86_PXOR, SCRATCH_V1, y, table_at(code, TABLE_SIGN64));
        x = SCRATCH_V0;
        y = SCRATCH_V1;
    }
    x86_v_rrr(b, X86_PCMPGTQ, reg, x, y);
}

static void emit_invert(struct host_buffer *b, unsigned reg, unsigned from, unsigned scratch)
{
    x86_v_ones(b, scratch);
    x86_v_rrr(b, X86_PXOR, reg, from, scratch);
}

static void emit_greater_unsigned(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    if (lane == 3) {
        emit_greater64(code, vector_result(plan), x, y, false);
        return;
    }
    /* not (y >= x) */
    x86_v_rrr(b, rows_of(IR_OP_v_max_u)[lane], SCRATCH_V0, y, x);
    x86_v_rrr(b, equal_row(lane), SCRATCH_V0, SCRATCH_V0, y);
    emit_invert(b, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

static void emit_greater_equal(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool is_signed = plan_instruction(code, plan)->op == IR_OP_v_cmp_ge_s;
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    if (lane == 3) {
        emit_greater64(code, SCRATCH_V0, y, x, is_signed);
        emit_invert(b, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
        return;
    }
    x86_v_rrr(b, rows_of(is_signed ? IR_OP_v_max_s : IR_OP_v_max_u)[lane], SCRATCH_V0, x, y);
    x86_v_rrr(b, equal_row(lane), vector_result(plan), SCRATCH_V0, x);
}

static void plan_compare64(struct host_code *code, struct host_plan *plan,
                           void (*emit)(struct host_code *, const struct host_plan *))
{
    if (lane_of(code, plan) == 3 && !x86_has(code, X86_HAS_SSE42)) {
        plan_evaluate(code, plan);
    } else {
        plan_vector(code, plan, 2, emit);
    }
}

PLAN_AS(v_cmp_gt_s, plan_row_or_evaluate)
PLAN_AS(v_cmp_gt_u, plan_compare64, emit_greater_unsigned)
PLAN_AS(v_cmp_ge_s, plan_compare64, emit_greater_equal)
PLAN_AS(v_cmp_ge_u, plan_compare64, emit_greater_equal)

/* result = mask ? x : y, the mask in scratch 0. */
static void emit_choose(struct host_code *code, unsigned result, unsigned x, unsigned y)
{
    struct host_buffer *b = x86_code(code);
    if (x86_has(code, X86_HAS_AVX)) {
        x86_v_rrrr(b, X86_VPBLENDVB, result, y, x, SCRATCH_V0);
    } else {
        x86_v_move(b, SCRATCH_V1, y);
        x86_v_rr(b, X86_PBLENDVB_XMM0, SCRATCH_V1, x);
        x86_v_move(b, result, SCRATCH_V1);
    }
}

static void emit_extreme64(struct host_code *code, const struct host_plan *plan)
{
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool is_signed = op == IR_OP_v_min_s || op == IR_OP_v_max_s, minimum = op == IR_OP_v_min_s || op == IR_OP_v_min_u;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    emit_greater64(code, SCRATCH_V0, x, y, is_signed);
    emit_choose(code, vector_result(plan), minimum ? y : x, minimum ? x : y);
}

static void plan_extreme(struct host_code *code, struct host_plan *plan)
{
    if (lane_of(code, plan) < 3) {
        plan_row(code, plan);
    } else {
        plan_compare64(code, plan, emit_extreme64);
    }
}

PLAN_AS(v_min_s, plan_extreme)
PLAN_AS(v_max_s, plan_extreme)
PLAN_AS(v_min_u, plan_extreme)
PLAN_AS(v_max_u, plan_extreme)

/* ---- saturation of wide lanes ---- */
/* The sum (or difference) overflows where its sign differs from both (or: from x's while those of x and y differ); the
   answer there is the limit on x's side. */
static void emit_saturate_signed(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool add = plan_instruction(code, plan)->op == IR_OP_v_add_sat_s, wide = lane_of(code, plan) == 3;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    uint32_t row = add ? (wide ? X86_PADDQ : X86_PADDD) : (wide ? X86_PSUBQ : X86_PSUBD);
    x86_v_rrr(b, row, result, x, y);
    x86_v_rrr(b, X86_PXOR, SCRATCH_V0, result, x);
    x86_v_rrr(b, X86_PXOR, SCRATCH_V1, add ? result : x, y);
    x86_v_rrr(b, X86_PAND, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    if (wide) {
        emit_sign64(b, SCRATCH_V0, SCRATCH_V0);
        emit_sign64(b, SCRATCH_V1, x);
    } else {
        x86_v_shift_i8(b, X86_PSRAD_I8, SCRATCH_V0, SCRATCH_V0, 31);
        x86_v_shift_i8(b, X86_PSRAD_I8, SCRATCH_V1, x, 31);
    }
    x86_v_rrm(b, X86_PXOR, SCRATCH_V1, SCRATCH_V1, table_at(code, wide ? TABLE_ABS64 : TABLE_ABS32));
    if (x86_has(code, X86_HAS_AVX)) {
        x86_v_rrrr(b, X86_VPBLENDVB, result, result, SCRATCH_V1, SCRATCH_V0);
    } else {
        x86_v_rr(b, X86_PBLENDVB_XMM0, result, SCRATCH_V1);
    }
}

static void emit_saturate_unsigned(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool add = plan_instruction(code, plan)->op == IR_OP_v_add_sat_u;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    if (add) { /* min(x, ~y) + y */
        emit_invert(b, SCRATCH_V0, y, SCRATCH_V0 + 1);
        x86_v_rrr(b, X86_PMINUD, SCRATCH_V0, SCRATCH_V0, x);
        x86_v_rrr(b, X86_PADDD, result, SCRATCH_V0, y);
    } else { /* max(x, y) - y */
        x86_v_rrr(b, X86_PMAXUD, SCRATCH_V0, x, y);
        x86_v_rrr(b, X86_PSUBD, result, SCRATCH_V0, y);
    }
}

/* Sum: all ones where it wrapped (y > sum); difference: zero where y > x. */
static void emit_saturate_unsigned64(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool add = plan_instruction(code, plan)->op == IR_OP_v_add_sat_u;
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    x86_v_rrr(b, add ? X86_PADDQ : X86_PSUBQ, result, x, y);
    emit_greater64(code, SCRATCH_V0, y, add ? result : x, false);
    if (add) {
        x86_v_rrr(b, X86_POR, result, result, SCRATCH_V0);
    } else {
        x86_v_rrr(b, X86_PANDN, SCRATCH_V0, SCRATCH_V0, result);
        x86_v_move(b, result, SCRATCH_V0);
    }
}

static void plan_saturate_signed(struct host_code *code, struct host_plan *plan)
{
    if (has_row(code, plan)) {
        plan_row(code, plan);
        return;
    }
    plan_vector(code, plan, 2, emit_saturate_signed);
    plan_all_late(plan);
}

static void plan_saturate_unsigned(struct host_code *code, struct host_plan *plan)
{
    if (has_row(code, plan)) {
        plan_row(code, plan);
        return;
    }
    plan_compare64(code, plan, lane_of(code, plan) == 3 ? emit_saturate_unsigned64 : emit_saturate_unsigned);
    plan_all_late(plan);
}

PLAN_AS(v_add_sat_s, plan_saturate_signed)
PLAN_AS(v_sub_sat_s, plan_saturate_signed)
PLAN_AS(v_add_sat_u, plan_saturate_unsigned)
PLAN_AS(v_sub_sat_u, plan_saturate_unsigned)

/* ---- multiplication ---- */
/* Bytes: even and odd ones as words. */
static void emit_mul8(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    x86_v_shift_i8(b, X86_PSRLW_I8, SCRATCH_V0, x, 8);
    x86_v_shift_i8(b, X86_PSRLW_I8, SCRATCH_V1, y, 8);
    x86_v_rrr(b, X86_PMULLW, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    x86_v_shift_i8(b, X86_PSLLW_I8, SCRATCH_V0, SCRATCH_V0, 8);
    x86_v_rrr(b, X86_PMULLW, SCRATCH_V1, x, y);
    x86_v_rrm(b, X86_PAND, SCRATCH_V1, SCRATCH_V1, table_at(code, TABLE_WORD_LOW_BYTES));
    x86_v_rrr(b, X86_POR, result, SCRATCH_V0, SCRATCH_V1);
}

/* 64 bits: the two cross products count in the upper half. */
static void emit_mul64(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]), result = vector_result(plan);
    x86_v_shift_i8(b, X86_PSRLQ_I8, SCRATCH_V0, y, 32);
    x86_v_rrr(b, X86_PMULUDQ, SCRATCH_V0, SCRATCH_V0, x);
    x86_v_shift_i8(b, X86_PSRLQ_I8, SCRATCH_V1, x, 32);
    x86_v_rrr(b, X86_PMULUDQ, SCRATCH_V1, SCRATCH_V1, y);
    x86_v_rrr(b, X86_PADDQ, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    x86_v_shift_i8(b, X86_PSLLQ_I8, SCRATCH_V0, SCRATCH_V0, 32);
    x86_v_rrr(b, X86_PMULUDQ, SCRATCH_V1, x, y);
    x86_v_rrr(b, X86_PADDQ, result, SCRATCH_V0, SCRATCH_V1);
}

void plan_v_mul(struct host_code *code, struct host_plan *plan)
{
    if (has_row(code, plan)) {
        plan_row(code, plan);
    } else {
        plan_vector(code, plan, 2, lane_of(code, plan) == 0 ? emit_mul8 : emit_mul64);
    }
}
