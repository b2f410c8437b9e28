/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations that change the width of lanes or combine neighbours, and bit counts. */
#include "vector_select.h"

/* ---- narrower ---- */
static void emit_narrow(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    enum x86_table low = lane == 1 ? TABLE_WORD_LOW_BYTES : TABLE_DWORD_LOW_WORDS;
    if (lane == 3) {
        x86_v_rrr_i8(b, X86_SHUFPS, vector_result(plan), x, y, 0x88);
        return;
    }
    x86_v_rrm(b, X86_PAND, SCRATCH_V0, x, table_at(code, low));
    x86_v_rrm(b, X86_PAND, SCRATCH_V1, y, table_at(code, low));
    x86_v_rrr(b, lane == 1 ? X86_PACKUSWB : X86_PACKUSDW, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

PLAN_AS(v_narrow, plan_vector, 2, emit_narrow)

static void emit_narrow_unsigned(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    enum x86_table low = lane == 1 ? TABLE_WORD_LOW_BYTES : TABLE_DWORD_LOW_WORDS;
    x86_v_rrm(b, lane == 1 ? X86_PMINUW : X86_PMINUD, SCRATCH_V0, x, table_at(code, low));
    x86_v_rrm(b, lane == 1 ? X86_PMINUW : X86_PMINUD, SCRATCH_V1, y, table_at(code, low));
    x86_v_rrr(b, lane == 1 ? X86_PACKUSWB : X86_PACKUSDW, vector_result(plan), SCRATCH_V0, SCRATCH_V1);
}

void plan_v_narrow_sat_u(struct host_code *code, struct host_plan *plan)
{
    if (lane_of(code, plan) == 3) {
        plan_evaluate(code, plan);
    } else {
        plan_vector(code, plan, 2, emit_narrow_unsigned);
    }
}

/* ---- wider ---- */
static const uint32_t widen_signed[3] = {X86_PMOVSXBW, X86_PMOVSXWD, X86_PMOVSXDQ};
static const uint32_t widen_unsigned[3] = {X86_PMOVZXBW, X86_PMOVZXWD, X86_PMOVZXDQ};
static const uint32_t unpack_high[3] = {X86_PUNPCKHBW, X86_PUNPCKHWD, X86_PUNPCKHDQ};

/* reg = the low or high lanes of `from` at double width. Destroys reg only, or for high unsigned ones `zero` too. */
static void emit_widen(struct host_buffer *b, unsigned lane, bool high, bool is_signed, unsigned reg, unsigned from)
{
    if (!high) {
        x86_v_rr(b, (is_signed ? widen_signed : widen_unsigned)[lane], reg, from);
    } else if (is_signed) {
        x86_v_rr_i8(b, X86_PSHUFD, reg, from, 0xee);
        x86_v_rr(b, widen_signed[lane], reg, reg);
    } else {
        x86_v_rr_i8(b, X86_PSHUFD, reg, from, 0xee);
        x86_v_rr(b, widen_unsigned[lane], reg, reg);
    }
}

static void emit_widen_plan(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]);
    if (op == IR_OP_v_widen_hi_u) {
        x86_v_zero(b, SCRATCH_V0);
        x86_v_rrr(b, unpack_high[lane], vector_result(plan), from, SCRATCH_V0);
        return;
    }
    emit_widen(b, lane, op == IR_OP_v_widen_hi_s, op != IR_OP_v_widen_lo_u, vector_result(plan), from);
}

PLAN_AS(v_widen_lo_s, plan_vector, 1, emit_widen_plan)
PLAN_AS(v_widen_lo_u, plan_vector, 1, emit_widen_plan)
PLAN_AS(v_widen_hi_s, plan_vector, 1, emit_widen_plan)
PLAN_AS(v_widen_hi_u, plan_vector, 1, emit_widen_plan)

/* ---- products of double width ---- */
static void emit_mul_wide(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum ir_op op = (enum ir_op)plan_instruction(code, plan)->op;
    bool is_signed = op == IR_OP_v_mul_lo_s || op == IR_OP_v_mul_hi_s,
         high = op == IR_OP_v_mul_hi_s || op == IR_OP_v_mul_hi_u;
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    unsigned result = vector_result(plan);
    if (lane == 0) {
        emit_widen(b, lane, high, is_signed, SCRATCH_V0, x);
        emit_widen(b, lane, high, is_signed, SCRATCH_V1, y);
        x86_v_rrr(b, X86_PMULLW, result, SCRATCH_V0, SCRATCH_V1);
    } else if (lane == 1) {
        x86_v_rrr(b, X86_PMULLW, SCRATCH_V0, x, y);
        x86_v_rrr(b, is_signed ? X86_PMULHW : X86_PMULHUW, SCRATCH_V1, x, y);
        x86_v_rrr(b, high ? X86_PUNPCKHWD : X86_PUNPCKLWD, result, SCRATCH_V0, SCRATCH_V1);
    } else {
        unsigned spread = high ? 0xfa : 0x50; /* the two lanes to places 0 and 2 */
        x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V0, x, spread);
        x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V1, y, spread);
        x86_v_rrr(b, is_signed ? X86_PMULDQ : X86_PMULUDQ, result, SCRATCH_V0, SCRATCH_V1);
    }
}

PLAN_AS(v_mul_lo_s, plan_vector, 2, emit_mul_wide)
PLAN_AS(v_mul_lo_u, plan_vector, 2, emit_mul_wide)
PLAN_AS(v_mul_hi_s, plan_vector, 2, emit_mul_wide)
PLAN_AS(v_mul_hi_u, plan_vector, 2, emit_mul_wide)

/* ---- sums of neighbours ---- */
static void emit_pair_bytes(struct host_code *code, unsigned reg, unsigned from)
{
    struct host_buffer *b = x86_code(code);
    x86_v_shift_i8(b, X86_PSRLW_I8, reg, from, 8);
    x86_v_rrr(b, X86_PADDW, reg, reg, from);
    x86_v_rrm(b, X86_PAND, reg, reg, table_at(code, TABLE_WORD_LOW_BYTES));
}

static void emit_add_pairs(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), x = vector_of(&plan->inputs[0]), y = vector_of(&plan->inputs[1]);
    unsigned result = vector_result(plan);
    if (lane == 0) {
        emit_pair_bytes(code, SCRATCH_V0, x);
        emit_pair_bytes(code, SCRATCH_V1, y);
        x86_v_rrr(b, X86_PACKUSWB, result, SCRATCH_V0, SCRATCH_V1);
    } else if (lane == 3) {
        x86_v_rrr(b, X86_PUNPCKLQDQ, SCRATCH_V0, x, y);
        x86_v_rrr(b, X86_PUNPCKHQDQ, SCRATCH_V1, x, y);
        x86_v_rrr(b, X86_PADDQ, result, SCRATCH_V0, SCRATCH_V1);
    } else {
        x86_v_rrr(b, lane == 1 ? X86_PHADDW : X86_PHADDD, result, x, y);
    }
}

PLAN_AS(v_add_pairs, plan_vector, 2, emit_add_pairs)

/* ---- counts of bits, by nibbles from a table ---- */
/* reg = table[nibbles] */
static void emit_look_up(struct host_code *code, enum x86_table table, unsigned reg, unsigned nibbles)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rm(b, X86_MOVAPS, reg, table_at(code, table));
    x86_v_rrr(b, X86_PSHUFB, reg, reg, nibbles);
}

static void emit_popcnt(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned from = vector_of(&plan->inputs[0]);
    x86_v_shift_i8(b, X86_PSRLW_I8, SCRATCH_V1, from, 4);
    x86_v_rrm(b, X86_PAND, SCRATCH_V1, SCRATCH_V1, table_at(code, TABLE_LOW_NIBBLES));
    emit_look_up(code, TABLE_POPCNT, SCRATCH_V2, SCRATCH_V1);
    x86_v_rrm(b, X86_PAND, SCRATCH_V0, from, table_at(code, TABLE_LOW_NIBBLES));
    emit_look_up(code, TABLE_POPCNT, SCRATCH_V1, SCRATCH_V0);
    x86_v_rrr(b, X86_PADDB, vector_result(plan), SCRATCH_V1, SCRATCH_V2);
}

PLAN_AS(v_popcnt, plan_vector, 1, emit_popcnt)

/* Counts of lanes twice as wide from counts of halves: the upper one's, and if that is all of it the lower one's, too.
   Scratch 0 has the counts, and gets the result; half: bits of a half. */
static void emit_combine_counts(struct host_buffer *b, bool to32)
{
    uint32_t right = to32 ? X86_PSRLD_I8 : X86_PSRLW_I8, left = to32 ? X86_PSLLD_I8 : X86_PSLLW_I8;
    unsigned half = to32 ? 16 : 8;
    x86_v_shift_i8(b, right, SCRATCH_V1, SCRATCH_V0, half); /* upper count */
    x86_v_shift_i8(b, left, SCRATCH_V0, SCRATCH_V0, half);
    x86_v_shift_i8(b, right, SCRATCH_V0, SCRATCH_V0, half);         /* lower count */
    x86_v_shift_i8(b, right, SCRATCH_V2, SCRATCH_V1, to32 ? 4 : 3); /* 1 if the upper half is all zeros */
    x86_v_rrr(b, X86_PMULLW, SCRATCH_V0, SCRATCH_V0, SCRATCH_V2);
    x86_v_rrr(b, to32 ? X86_PADDD : X86_PADDW, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
}

static void emit_clz(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]), result = vector_result(plan);
    /* Bytes: the upper nibble's count, and if that nibble is zero the lower one's, too. */
    x86_v_shift_i8(b, X86_PSRLW_I8, SCRATCH_V1, from, 4);
    x86_v_rrm(b, X86_PAND, SCRATCH_V1, SCRATCH_V1, table_at(code, TABLE_LOW_NIBBLES));
    x86_v_rrm(b, X86_PAND, SCRATCH_V0, from, table_at(code, TABLE_LOW_NIBBLES));
    emit_look_up(code, TABLE_CLZ, SCRATCH_V2, SCRATCH_V0);
    x86_v_zero(b, SCRATCH_V0);
    x86_v_rrr(b, X86_PCMPEQB, SCRATCH_V0, SCRATCH_V0, SCRATCH_V1);
    x86_v_rrr(b, X86_PAND, SCRATCH_V2, SCRATCH_V2, SCRATCH_V0);
    emit_look_up(code, TABLE_CLZ, SCRATCH_V0, SCRATCH_V1);
    x86_v_rrr(b, X86_PADDB, SCRATCH_V0, SCRATCH_V0, SCRATCH_V2);
    for (unsigned step = 0; step < lane; step++) {
        emit_combine_counts(b, step == 1);
    }
    x86_v_move(b, result, SCRATCH_V0);
}

PLAN_AS(v_clz, plan_vector, 1, emit_clz)
