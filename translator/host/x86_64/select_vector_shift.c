/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shifts of vector lanes by constants and by lanes. */
#include "vector_select.h"

static unsigned count_of(struct host_code *code, const struct host_plan *plan)
{
    return ir_index(plan_instruction(code, plan)->aux);
}

/* Bytes have no shift of their own: words are shifted and the bits from the neighbour cleared. */
static void emit_shift8(struct host_code *code, unsigned result, unsigned from, unsigned count, bool left)
{
    struct host_buffer *b = x86_code(code);
    uint64_t mask = (left ? 0xffu << count & 0xff : 0xffu >> count) * 0x0101010101010101ull;
    emit_vector_constant(code, SCRATCH_V1, mask, mask);
    x86_v_shift_i8(b, left ? X86_PSLLW_I8 : X86_PSRLW_I8, SCRATCH_V0, from, count);
    x86_v_rrr(b, X86_PAND, result, SCRATCH_V0, SCRATCH_V1);
}

static void emit_shl(struct host_code *code, const struct host_plan *plan)
{
    static const uint32_t rows[4] = {0, X86_PSLLW_I8, X86_PSLLD_I8, X86_PSLLQ_I8};
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]), count = count_of(code, plan);
    if (lane == 0) {
        emit_shift8(code, vector_result(plan), from, count, true);
    } else {
        x86_v_shift_i8(x86_code(code), rows[lane], vector_result(plan), from, count);
    }
}

static void emit_shr(struct host_code *code, const struct host_plan *plan)
{
    static const uint32_t rows[4] = {0, X86_PSRLW_I8, X86_PSRLD_I8, X86_PSRLQ_I8};
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]), count = count_of(code, plan);
    if (lane == 0) {
        emit_shift8(code, vector_result(plan), from, count, false);
    } else {
        x86_v_shift_i8(x86_code(code), rows[lane], vector_result(plan), from, count);
    }
}

static void emit_sar(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    unsigned lane = lane_of(code, plan), from = vector_of(&plan->inputs[0]), count = count_of(code, plan);
    unsigned result = vector_result(plan);
    if (lane == 0) { /* as the upper bytes of words */
        x86_v_rrr(b, X86_PUNPCKLBW, SCRATCH_V0, from, from);
        x86_v_rrr(b, X86_PUNPCKHBW, SCRATCH_V1, from, from);
        x86_v_shift_i8(b, X86_PSRAW_I8, SCRATCH_V0, SCRATCH_V0, 8 + count);
        x86_v_shift_i8(b, X86_PSRAW_I8, SCRATCH_V1, SCRATCH_V1, 8 + count);
        x86_v_rrr(b, X86_PACKSSWB, result, SCRATCH_V0, SCRATCH_V1);
    } else if (lane < 3) {
        x86_v_shift_i8(b, lane == 1 ? X86_PSRAW_I8 : X86_PSRAD_I8, result, from, count);
    } else { /* a logical shift with ones moved in: of the complement where negative */
        emit_sign64(b, SCRATCH_V0, from);
        x86_v_rrr(b, X86_PXOR, SCRATCH_V1, from, SCRATCH_V0);
        x86_v_shift_i8(b, X86_PSRLQ_I8, SCRATCH_V1, SCRATCH_V1, count);
        x86_v_rrr(b, X86_PXOR, result, SCRATCH_V1, SCRATCH_V0);
    }
}

PLAN_AS(v_shl, plan_vector, 1, emit_shl)
PLAN_AS(v_shr, plan_vector, 1, emit_shr)
PLAN_AS(v_sar, plan_vector, 1, emit_sar)

/* ---- by lanes: AVX2 shifts give 0 (or the sign) for counts that are too large, so both directions are computed and
   one is chosen by the count's sign ---- */
static void emit_shift_lanes32(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool is_signed = plan_instruction(code, plan)->op == IR_OP_v_shift_s;
    unsigned from = vector_of(&plan->inputs[0]), counts = vector_of(&plan->inputs[1]);
    x86_v_shift_i8(b, X86_PSLLD_I8, SCRATCH_V0, counts, 24);
    x86_v_shift_i8(b, X86_PSRAD_I8, SCRATCH_V0, SCRATCH_V0, 24);
    x86_v_zero(b, SCRATCH_V1);
    x86_v_rrr(b, X86_PSUBD, SCRATCH_V1, SCRATCH_V1, SCRATCH_V0);
    x86_v_rrr(b, is_signed ? X86_VPSRAVD : X86_VPSRLVD, SCRATCH_V1, from, SCRATCH_V1);
    x86_v_rrr(b, X86_VPSLLVD, SCRATCH_V2, from, SCRATCH_V0);
    x86_v_rrrr(b, X86_VBLENDVPS, vector_result(plan), SCRATCH_V2, SCRATCH_V1, SCRATCH_V0);
}

/* The arithmetic shift is a logical one of the complement where the lane is negative; result serves as another scratch.
 */
static void emit_shift_lanes64(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    bool is_signed = plan_instruction(code, plan)->op == IR_OP_v_shift_s;
    unsigned from = vector_of(&plan->inputs[0]), counts = vector_of(&plan->inputs[1]), result = vector_result(plan);
    x86_v_rr_i8(b, X86_PSHUFD, SCRATCH_V0, counts, 0x08); /* the counts' bytes at 0 and 4 */
    x86_v_shift_i8(b, X86_PSLLD_I8, SCRATCH_V0, SCRATCH_V0, 24);
    x86_v_shift_i8(b, X86_PSRAD_I8, SCRATCH_V0, SCRATCH_V0, 24);
    x86_v_rr(b, X86_PMOVSXDQ, SCRATCH_V0, SCRATCH_V0);
    x86_v_zero(b, SCRATCH_V1);
    x86_v_rrr(b, X86_PSUBQ, SCRATCH_V1, SCRATCH_V1, SCRATCH_V0);
    if (is_signed) {
        emit_sign64(b, SCRATCH_V2, from);
        x86_v_rrr(b, X86_PXOR, result, from, SCRATCH_V2);
        x86_v_rrr(b, X86_VPSRLVQ, SCRATCH_V1, result, SCRATCH_V1);
        x86_v_rrr(b, X86_PXOR, SCRATCH_V1, SCRATCH_V1, SCRATCH_V2);
    } else {
        x86_v_rrr(b, X86_VPSRLVQ, SCRATCH_V1, from, SCRATCH_V1);
    }
    x86_v_rrr(b, X86_VPSLLVQ, SCRATCH_V2, from, SCRATCH_V0);
    x86_v_rrrr(b, X86_VBLENDVPD, result, SCRATCH_V2, SCRATCH_V1, SCRATCH_V0);
}

static void plan_shift_lanes(struct host_code *code, struct host_plan *plan)
{
    unsigned lane = lane_of(code, plan);
    if (lane < 2 || !x86_has(code, X86_HAS_AVX2)) {
        plan_evaluate(code, plan);
        return;
    }
    plan_vector(code, plan, 2, lane == 2 ? emit_shift_lanes32 : emit_shift_lanes64);
    plan_all_late(plan);
}

PLAN_AS(v_shift_s, plan_shift_lanes)
PLAN_AS(v_shift_u, plan_shift_lanes)

static void emit_shift_each(struct host_code *code, const struct host_plan *plan)
{
    static const uint32_t rows[2][2] = {{X86_VPSLLVD, X86_VPSLLVQ}, {X86_VPSRLVD, X86_VPSRLVQ}};
    bool right = plan_instruction(code, plan)->op == IR_OP_v_shr_each;
    emit_v_rrm(code, rows[right][lane_of(code, plan) - 2], vector_result(plan), vector_of(&plan->inputs[0]), &plan->inputs[1]);
}

static void plan_shift_each(struct host_code *code, struct host_plan *plan)
{
    if (lane_of(code, plan) < 2 || !x86_has(code, X86_HAS_AVX2)) {
        plan_evaluate(code, plan);
        return;
    }
    plan_vector(code, plan, 2, emit_shift_each);
    plan->inputs[1].may_state = true;
}

PLAN_AS(v_shl_each, plan_shift_each)
PLAN_AS(v_shr_each, plan_shift_each)
