/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bit counts, byte and bit order, widths and bit fields. */
#include "x86_host.h"

/* One operand in register or memory, any result. */
static void plan_unary(struct host_code *code, struct host_plan *plan,
                       void (*emit)(struct host_code *, const struct host_plan *), bool may_state)
{
    plan_use(code, plan, plan_instruction(code, plan)->a)->may_state = may_state;
    plan_result(code, plan);
    plan->emit = emit;
}

static void plan_unary_tied(struct host_code *code, struct host_plan *plan,
                            void (*emit)(struct host_code *, const struct host_plan *))
{
    plan_unary(code, plan, emit, false);
    plan_tie(plan, 0);
}

/* ---- counts ---- */
static void emit_clz(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    unsigned width = size == X86_64 ? 64 : 32;
    if (x86_has(code, X86_HAS_LZCNT)) {
        emit_r_rm(code, X86_LZCNT, size, plan->result, &plan->inputs[0]);
        return;
    }
    x86_mov_ri(b, X86_RAX, 2 * width - 1);
    emit_r_rm(code, X86_BSR, size, X86_RCX, &plan->inputs[0]);
    x86_cmov(b, X86_E, size, X86_RCX, X86_RAX);
    x86_alu_ri(b, X86_XOR, size, X86_RCX, (int32_t)width - 1);
    x86_rr(b, X86_MOV, size, plan->result, X86_RCX);
}

PLAN_AS(clz, plan_unary, emit_clz, true)

static void emit_ctz(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    if (x86_has(code, X86_HAS_BMI1)) {
        emit_r_rm(code, X86_TZCNT, size, plan->result, &plan->inputs[0]);
        return;
    }
    x86_mov_ri(b, X86_RAX, size == X86_64 ? 64 : 32);
    emit_r_rm(code, X86_BSF, size, X86_RCX, &plan->inputs[0]);
    x86_cmov(b, X86_E, size, X86_RCX, X86_RAX);
    x86_rr(b, X86_MOV, size, plan->result, X86_RCX);
}

PLAN_AS(ctz, plan_unary, emit_ctz, true)

static void emit_popcnt(struct host_code *code, const struct host_plan *plan)
{
    emit_r_rm(code, X86_POPCNT, result_size(code, plan), plan->result, &plan->inputs[0]);
}

void plan_popcnt(struct host_code *code, struct host_plan *plan)
{
    if (x86_has(code, X86_HAS_POPCNT)) {
        plan_unary(code, plan, emit_popcnt, true);
    } else {
        plan_evaluate(code, plan);
    }
}

/* ---- order ---- */
/* reg = (reg >> shift & mask) | (reg & mask) << shift: groups of `shift` bits change places. Destroys rax, rcx. */
static void emit_swap_groups(struct host_buffer *b, enum x86_size size, unsigned reg, unsigned shift, uint64_t mask)
{
    x86_mov_ri(b, X86_RCX, size == X86_64 ? mask : (uint32_t)mask);
    x86_rr(b, X86_MOV, size, X86_RAX, reg);
    x86_r_i8(b, X86_SHR_I8, size, X86_RAX, shift);
    x86_rr(b, X86_AND, size, X86_RCX, X86_RAX);
    x86_rr(b, X86_AND, size, X86_RCX, reg);
    x86_r_i8(b, X86_SHL_I8, size, reg, shift);
    x86_rr(b, X86_OR, size, X86_RAX, reg);
}

static void emit_bitrev(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    x86_o(b, X86_BSWAP, size, plan->result);
    emit_swap_groups(b, size, plan->result, 4, 0x0f0f0f0f0f0f0f0f);
    emit_swap_groups(b, size, plan->result, 2, 0x3333333333333333);
    emit_swap_groups(b, size, plan->result, 1, 0x5555555555555555);
}

PLAN_AS(bitrev, plan_unary_tied, emit_bitrev)

static void emit_bswap(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    unsigned width = plan_instruction(code, plan)->aux, whole = size == X86_64 ? 64 : 32;
    if (width == 16 && size == X86_64) {
        emit_swap_groups(b, size, plan->result, 8, 0x00ff00ff00ff00ff);
        return;
    }
    x86_o(b, X86_BSWAP, size, plan->result);
    if (width < whole) {
        x86_r_i8(b, X86_ROL_I8, size, plan->result, whole / 2); /* halves change places once more */
    }
}

PLAN_AS(bswap, plan_unary_tied, emit_bswap)

/* ---- widths ---- */
/* reg = the low `width` (8, 16, 32) bits of the operand, extended to size. A byte or word in memory is little-endian:
 * the same place. */
static void emit_extend(struct host_code *code, const struct host_plan *plan, unsigned width, bool is_signed)
{
    enum x86_size size = result_size(code, plan);
    const struct host_input *in = &plan->inputs[0];
    if (width == 8) {
        emit_r_rm(code, is_signed ? X86_MOVSX8 : X86_MOVZX8, is_signed ? size : X86_32, plan->result, in);
    } else if (width == 16) {
        emit_r_rm(code, is_signed ? X86_MOVSX16 : X86_MOVZX16, is_signed ? size : X86_32, plan->result, in);
    } else if (width == 32 && is_signed && size == X86_64) {
        emit_r_rm(code, X86_MOVSXD, X86_64, plan->result, in);
    } else if (width <= 32) {
        emit_r_rm(code, X86_MOV, X86_32, plan->result, in);
    } else {
        emit_get(code, X86_64, plan->result, in);
    }
}

static void emit_sext(struct host_code *code, const struct host_plan *plan)
{
    emit_extend(code, plan, plan_instruction(code, plan)->aux, true);
}

static void emit_zext(struct host_code *code, const struct host_plan *plan)
{
    emit_extend(code, plan, plan_instruction(code, plan)->aux, false);
}

static void emit_wide_s(struct host_code *code, const struct host_plan *plan)
{
    emit_extend(code, plan, 32, true);
}

static void emit_low32(struct host_code *code, const struct host_plan *plan)
{
    emit_extend(code, plan, 32, false);
}

PLAN_AS(sext, plan_unary, emit_sext, true)
PLAN_AS(zext, plan_unary, emit_zext, true)
PLAN_AS(wide_s, plan_unary, emit_wide_s, true)
PLAN_AS(wide_u, plan_unary, emit_low32, true)
PLAN_AS(narrow, plan_unary, emit_low32, true)

/* ---- fields ---- */
static void emit_field_u(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    uint16_t aux = plan_instruction(code, plan)->aux;
    unsigned lsb = ir_field_lsb(aux), width = ir_field_width(aux), whole = size == X86_64 ? 64 : 32;
    if (lsb == 0 && (width == 8 || width == 16 || width == 32 || width == 64)) {
        emit_extend(code, plan, width, false);
        return;
    }
    size = lsb + width <= 32 ? X86_32 : size;
    whole = size == X86_64 ? 64 : 32;
    emit_get(code, size, plan->result, &plan->inputs[0]);
    if (lsb + width == whole) {
        x86_r_i8(b, X86_SHR_I8, size, plan->result, lsb);
    } else if (width < 32) {
        if (lsb) {
            x86_r_i8(b, X86_SHR_I8, size, plan->result, lsb);
        }
        x86_alu_ri(b, X86_AND, X86_32, plan->result, (int32_t)((1u << width) - 1));
    } else {
        x86_r_i8(b, X86_SHL_I8, size, plan->result, whole - lsb - width);
        x86_r_i8(b, X86_SHR_I8, size, plan->result, whole - width);
    }
}

static void emit_field_s(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    uint16_t aux = plan_instruction(code, plan)->aux;
    unsigned lsb = ir_field_lsb(aux), width = ir_field_width(aux), whole = size == X86_64 ? 64 : 32;
    if (lsb == 0 && (width == 8 || width == 16 || width == 32 || width == 64)) {
        emit_extend(code, plan, width, true);
        return;
    }
    if (size == X86_64 && lsb + width == 32) {
        emit_r_rm(code, X86_MOVSXD, X86_64, plan->result, &plan->inputs[0]);
        x86_r_i8(b, X86_SAR_I8, X86_64, plan->result, lsb);
        return;
    }
    emit_get(code, size, plan->result, &plan->inputs[0]);
    if (lsb + width < whole) {
        x86_r_i8(b, X86_SHL_I8, size, plan->result, whole - lsb - width);
    }
    if (width < whole) {
        x86_r_i8(b, X86_SAR_I8, size, plan->result, whole - width);
    }
}

PLAN_AS(field_u, plan_unary, emit_field_u, true)
PLAN_AS(field_s, plan_unary, emit_field_s, true)

/* result = a with bits of b: rotate the field to the bottom, exchange it by xor, rotate back. */
static void emit_insert(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = result_size(code, plan);
    uint16_t aux = plan_instruction(code, plan)->aux;
    unsigned lsb = ir_field_lsb(aux), width = ir_field_width(aux), whole = size == X86_64 ? 64 : 32;
    const struct host_input *in = &plan->inputs[1];
    if (width == whole) {
        emit_get(code, size, plan->result, in);
        return;
    }
    emit_get(code, size, X86_RAX, in); /* first: b may be a itself */
    if (lsb) {
        x86_r_i8(b, X86_ROR_I8, size, plan->result, lsb);
    }
    if (lsb == 0 && (width == 8 || width == 16)) {
        x86_rr(b, X86_MOV, width == 8 ? X86_8 : X86_16, plan->result, X86_RAX);
    } else {
        x86_rr(b, X86_XOR, size, plan->result, X86_RAX);
        if (width < 32) {
            x86_alu_ri(b, X86_AND, X86_32, X86_RAX, (int32_t)((1u << width) - 1));
        } else if (width == 32) {
            x86_rr(b, X86_MOV, X86_32, X86_RAX, X86_RAX);
        } else {
            x86_r_i8(b, X86_SHL_I8, X86_64, X86_RAX, 64 - width);
            x86_r_i8(b, X86_SHR_I8, X86_64, X86_RAX, 64 - width);
        }
        x86_rr(b, X86_XOR, size, X86_RAX, plan->result);
    }
    if (lsb) {
        x86_r_i8(b, X86_ROL_I8, size, plan->result, lsb);
    }
}

void plan_insert(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_use(code, plan, i->a);
    plan_use_memory(code, plan, i->b)->may_constant = true;
    plan_result(code, plan);
    plan_tie(plan, 0);
    plan->emit = emit_insert;
}
