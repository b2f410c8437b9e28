/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalars into vectors and out of them. */
#include "vector_select.h"

static bool in_general(const struct host_input *in)
{
    return in_register(in) && in->place.reg < VECTOR_BASE;
}

/* ---- into ---- */
static void emit_from(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct host_input *in = &plan->inputs[0];
    enum ir_type type = ir_type_of(code->unit, in->value);
    bool wide = ir_type_bytes(type) == 8;
    unsigned result = vector_result(plan);
    if (in->place.kind == HOST_IN_STATE) {
        x86_v_rm(b, wide ? X86_MOVSD_LOAD : X86_MOVSS_LOAD, result, state_at(in->place.disp));
    } else if (in_general(in)) {
        x86_v_rr(b, wide ? X86_MOVQ_TO : X86_MOVD_TO, result, in->place.reg);
    } else if (wide) {
        x86_v_rr(b, X86_MOVQ, result, vector_of(in));
    } else {
        x86_v_rrr_i8(b, X86_INSERTPS, result, vector_of(in), vector_of(in), 0x0e); /* clears lanes 1 to 3 */
    }
}

void plan_v_from(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 1, emit_from);
    plan->inputs[0].may_state = true;
}

static void emit_low64(struct host_code *code, const struct host_plan *plan)
{
    const struct host_input *in = &plan->inputs[0];
    if (in->place.kind == HOST_IN_STATE) {
        x86_v_rm(x86_code(code), X86_MOVSD_LOAD, vector_result(plan), state_at(in->place.disp));
    } else {
        x86_v_rr(x86_code(code), X86_MOVQ, vector_result(plan), vector_of(in));
    }
}

void plan_v_low64(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 1, emit_low64);
    plan->inputs[0].may_state = true;
}

/* The register's lowest lane into all. */
static void emit_broadcast(struct host_code *code, unsigned lane, unsigned result, unsigned from)
{
    struct host_buffer *b = x86_code(code);
    static const uint32_t rows[4] = {X86_VPBROADCASTB, X86_VPBROADCASTW, X86_VPBROADCASTD, X86_VPBROADCASTQ};
    if (lane == 3) {
        x86_v_rr(b, X86_MOVDDUP, result, from);
    } else if (lane == 2) {
        x86_v_rr_i8(b, X86_PSHUFD, result, from, 0);
    } else if (x86_has(code, X86_HAS_AVX2)) {
        x86_v_rr(b, rows[lane], result, from);
    } else if (lane == 1) {
        x86_v_rr_i8(b, X86_PSHUFLW, result, from, 0);
        x86_v_rr_i8(b, X86_PSHUFD, result, result, 0);
    } else {
        x86_v_zero(b, SCRATCH_V1);
        x86_v_rrr(b, X86_PSHUFB, result, from, SCRATCH_V1);
    }
}

static void emit_splat(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct host_input *in = &plan->inputs[0];
    unsigned lane = lane_of(code, plan), from = SCRATCH_V0;
    if (in->place.kind == HOST_IN_STATE) {
        x86_v_rm(b, lane == 3 ? X86_MOVSD_LOAD : X86_MOVSS_LOAD, SCRATCH_V0, state_at(in->place.disp));
    } else if (in_general(in)) {
        x86_v_rr(b, lane == 3 ? X86_MOVQ_TO : X86_MOVD_TO, SCRATCH_V0, in->place.reg);
    } else {
        from = vector_of(in);
    }
    emit_broadcast(code, lane, vector_result(plan), from);
}

void plan_v_splat(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 1, emit_splat);
    plan->inputs[0].may_state = true;
}

static void emit_insert(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    static const uint32_t rows[4] = {X86_PINSRB, X86_PINSRW, X86_PINSRD, X86_PINSRQ};
    const struct ir_instruction *i = plan_instruction(code, plan);
    unsigned lane = ir_lane(i->aux), index = ir_index(i->aux), result = vector_result(plan);
    unsigned into = vector_of(&plan->inputs[0]);
    const struct host_input *in = &plan->inputs[1];
    if (in_general(in)) {
        x86_v_rrg_i8(b, rows[lane], result, into, in->place.reg, index);
    } else if (lane == 3) {
        index ? x86_v_rrr(b, X86_MOVLHPS, result, into, vector_of(in))
              : x86_v_rrr_i8(b, X86_BLENDPD, result, into, vector_of(in), 1);
    } else if (lane == 2) {
        x86_v_rrr_i8(b, X86_INSERTPS, result, into, vector_of(in), index << 4);
    } else {
        x86_v_rr(b, X86_MOVD_FROM, vector_of(in), X86_RAX);
        x86_v_rrg_i8(b, rows[lane], result, into, X86_RAX, index);
    }
}

void plan_v_insert(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 2, emit_insert);
    if (!x86_has(code, X86_HAS_AVX)) {
        plan_tie(plan, 0);
    }
}

/* ---- out of ---- */
static void emit_extract_memory(struct host_code *code, const struct host_plan *plan, unsigned lane, unsigned index)
{
    struct host_buffer *b = x86_code(code);
    static const uint32_t rows[4] = {X86_MOVZX8, X86_MOVZX16, X86_MOV, X86_MOV};
    struct x86_memory m = state_at(plan->inputs[0].place.disp + (int32_t)(index << lane));
    if (plan->result < VECTOR_BASE) {
        x86_rm(b, rows[lane], lane == 3 ? X86_64 : X86_32, plan->result, m);
    } else {
        x86_v_rm(b, lane == 3 ? X86_MOVSD_LOAD : X86_MOVSS_LOAD, vector_result(plan), m);
    }
}

static void emit_extract_general(struct host_code *code, const struct host_plan *plan, unsigned lane, unsigned index)
{
    struct host_buffer *b = x86_code(code);
    unsigned from = vector_of(&plan->inputs[0]), result = plan->result;
    if (lane == 0) {
        x86_v_rr_i8(b, X86_PEXTRB, from, result, index);
    } else if (lane == 1) {
        x86_v_rr_i8(b, X86_PEXTRW, result, from, index);
    } else if (index == 0) {
        x86_v_rr(b, lane == 3 ? X86_MOVQ_FROM : X86_MOVD_FROM, from, result);
    } else {
        x86_v_rr_i8(b, lane == 3 ? X86_PEXTRQ : X86_PEXTRD, from, result, index);
    }
}

static void emit_extract(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    unsigned lane = ir_lane(i->aux), index = ir_index(i->aux), from = vector_of(&plan->inputs[0]);
    if (plan->inputs[0].place.kind == HOST_IN_STATE) {
        emit_extract_memory(code, plan, lane, index);
    } else if (plan->result < VECTOR_BASE) {
        emit_extract_general(code, plan, lane, index);
    } else if (index == 0) {
        x86_v_move(b, vector_result(plan), from);
    } else if (lane == 3) {
        x86_v_rrr(b, X86_UNPCKHPD, vector_result(plan), from, from);
    } else {
        x86_v_rr_i8(b, X86_PSHUFD, vector_result(plan), from, index);
    }
}

void plan_v_extract(struct host_code *code, struct host_plan *plan)
{
    plan_vector(code, plan, 1, emit_extract);
    plan->inputs[0].may_state = true;
}
