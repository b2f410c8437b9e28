/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves between registers, the state's memory and constants. */
#include "x86_host.h"

void x86_move(struct host_code *code, enum ir_type type, host_register to, host_register from)
{
    struct host_buffer *b = x86_code(code);
    if (to >= VECTOR_BASE && from >= VECTOR_BASE) {
        x86_v_move(b, to - VECTOR_BASE, from - VECTOR_BASE);
    } else if (to >= VECTOR_BASE) {
        x86_v_rr(b, size_of(type) == X86_64 ? X86_MOVQ_TO : X86_MOVD_TO, to - VECTOR_BASE, from);
    } else if (from >= VECTOR_BASE) {
        x86_v_rr(b, size_of(type) == X86_64 ? X86_MOVQ_FROM : X86_MOVD_FROM, from - VECTOR_BASE, to);
    } else if (to != from) {
        x86_rr(b, X86_MOV, size_of(type), to, from);
    }
}

void x86_exchange(struct host_code *code, host_register one, host_register other)
{
    struct host_buffer *b = x86_code(code);
    if (one < VECTOR_BASE) {
        x86_rr(b, X86_XCHG, X86_64, one, other);
    } else {
        x86_v_move(b, SCRATCH_V0, one - VECTOR_BASE);
        x86_v_move(b, one - VECTOR_BASE, other - VECTOR_BASE);
        x86_v_move(b, other - VECTOR_BASE, SCRATCH_V0);
    }
}

static __attribute__((noinline)) void load_vector(struct host_code *code, enum ir_type type, unsigned to, int32_t disp)
{
    uint32_t op = type == IR_F32 ? X86_MOVSS_LOAD : type == IR_F64 ? X86_MOVSD_LOAD : X86_MOVUPS;
    x86_v_rm(x86_code(code), op, to, state_at(disp));
}

static __attribute__((noinline)) void store_vector(struct host_code *code, enum ir_type type, int32_t disp,
                                                   unsigned from)
{
    uint32_t op = type == IR_F32 ? X86_MOVSS_STORE : type == IR_F64 ? X86_MOVSD_STORE : X86_MOVUPS_STORE;
    x86_v_rm(x86_code(code), op, from, state_at(disp));
}

void x86_load(struct host_code *code, enum ir_type type, host_register to, int32_t disp)
{
    if (to < VECTOR_BASE) {
        x86_on_state(x86_code(code), OPCODE_MOV_LOAD, size_of(type) == X86_64, to, disp);
    } else {
        load_vector(code, type, to - VECTOR_BASE, disp);
    }
}

void x86_store(struct host_code *code, enum ir_type type, int32_t disp, host_register from)
{
    if (from < VECTOR_BASE) {
        x86_on_state(x86_code(code), OPCODE_MOV_STORE, size_of(type) == X86_64, from, disp);
    } else {
        store_vector(code, type, disp, from - VECTOR_BASE);
    }
}

/* A place in the pool after the unit's code, equal constants once. */
static struct pool_constant *pool_place(struct host_code *code, uint64_t low, uint64_t high)
{
    struct pool_constant **pool = &x86_unit(code)->pool;
    for (struct pool_constant *c = *pool; c; c = c->next) {
        if (c->low == low && c->high == high && c->field_count < sizeof c->fields / sizeof *c->fields) {
            return c;
        }
    }
    struct pool_constant *c = arena_new(code->arena, struct pool_constant);
    c->low = low;
    c->high = high;
    c->next = *pool;
    *pool = c;
    return c;
}

void emit_vector_constant(struct host_code *code, unsigned reg, uint64_t low, uint64_t high)
{
    struct host_buffer *b = x86_code(code);
    if (low == 0 && high == 0) {
        x86_v_zero(b, reg);
    } else if (low == UINT64_MAX && high == UINT64_MAX) {
        x86_v_ones(b, reg);
    } else if (high == 0) {
        x86_mov_ri(b, X86_RAX, low);
        x86_v_rr(b, low <= UINT32_MAX ? X86_MOVD_TO : X86_MOVQ_TO, reg, X86_RAX);
    } else if (low == high && (uint32_t)low == low >> 32) {
        x86_mov_ri(b, X86_RAX, (uint32_t)low);
        x86_v_rr(b, X86_MOVD_TO, reg, X86_RAX);
        x86_v_rr_i8(b, X86_PSHUFD, reg, reg, 0);
    } else if (low == high) {
        x86_mov_ri(b, X86_RAX, low);
        x86_v_rr(b, X86_MOVQ_TO, reg, X86_RAX);
        x86_v_rrr(b, X86_PUNPCKLQDQ, reg, reg, reg);
    } else {
        struct pool_constant *constant = pool_place(code, low, high);
        x86_v_rm(b, X86_MOVAPS, reg, x86_at(X86_RIP, 0));
        constant->fields[constant->field_count++] = (int32_t)x86_offset(b) - 4;
    }
}

void emit_v_constant_operand(struct host_code *code, uint32_t op, unsigned reg, unsigned first,
                             const union ir_value *value)
{
    struct host_buffer *b = x86_code(code);
    struct pool_constant *constant = pool_place(code, value->u64[0], value->u64[1]);
    x86_v_rrm(b, op, reg, first, x86_at(X86_RIP, 0));
    constant->fields[constant->field_count++] = (int32_t)x86_offset(b) - 4;
}

void x86_load_constant(struct host_code *code, host_register to, ir_ref ref)
{
    const struct ir_constant *constant = ir_constant_of(code->unit, ref);
    if (to < VECTOR_BASE) {
        x86_mov_ri(x86_code(code), to, constant->value.i64);
    } else {
        emit_vector_constant(code, to - VECTOR_BASE, constant->value.u64[0],
                             constant->type == IR_V128 ? constant->value.u64[1] : 0);
    }
}

void x86_store_constant(struct host_code *code, int32_t disp, ir_ref ref)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_constant *constant = ir_constant_of(code->unit, ref);
    uint64_t value = constant->value.u64[0];
    if (constant->type == IR_V128) {
        emit_vector_constant(code, SCRATCH_V0, value, constant->value.u64[1]);
        x86_v_rm(b, X86_MOVUPS_STORE, SCRATCH_V0, state_at(disp));
    } else if (ir_type_bytes((enum ir_type)constant->type) == 4) {
        x86_mov_mi(b, X86_32, state_at(disp), (int32_t)value);
    } else if ((int64_t)value == (int32_t)value) {
        x86_mov_mi(b, X86_64, state_at(disp), (int32_t)value);
    } else {
        x86_mov_ri(b, X86_RAX, value);
        x86_on_state(b, OPCODE_MOV_STORE, true, X86_RAX, disp);
    }
}

void x86_store_deferred(struct host_code *code, uint32_t index, const struct host_place places[3], int32_t disp)
{
    const struct ir_instruction *i = &code->unit->code[index];
    struct host_input inputs[3] = {
        {.value = i->a, .place = places[0]}, {.value = i->b, .place = places[1]}, {.value = i->c, .place = places[2]}};
    if (i->type == IR_FLAGS) {
        emit_flags(code, i, inputs);
    } else {
        emit_simple(code, i, inputs);
    }
    x86_on_state(x86_code(code), OPCODE_MOV_STORE, i->type != IR_FLAGS, X86_RAX, disp);
}
