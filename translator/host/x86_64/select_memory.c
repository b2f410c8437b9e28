/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of guest memory.
 *
 * x86-64 keeps loads in order with loads and stores with stores, so that acquire and release need nothing; a
 * sequentially consistent store is an xchg. A misaligned address where alignment is demanded runs into a ud2 that is
 * noted like any access that may fault; rdx then holds the guest's address. */
#include "memory.h"
#include "log.h"

/* A known address in the lowest 2 GiB needs no register. */
static bool is_absolute(struct host_code *code, const struct host_plan *plan, ir_ref address, int32_t displacement)
{
    if (!code->memory_base_is_zero || ir_mem_align(plan_instruction(code, plan)->aux) > 1) {
        return false;
    }
    uint64_t value = constant_value(code, address);
    return value <= INT32_MAX && value + (uint64_t)(int64_t)displacement <= INT32_MAX;
}

/* The address is an addition that the plan absorbs. */
static void plan_sum(struct host_code *code, struct host_plan *plan, const struct ir_instruction *add,
                     host_mask registers)
{
    int scaled = scaled_operand(code, add);
    int32_t immediate;
    plan->variant = 2;
    if (scaled >= 0 && code->bits[scaled ? add->b : add->a] & HOST_ABSORBED) {
        const struct ir_instruction *shift = &code->unit->code[scaled ? add->b : add->a];
        plan_use_registers(plan, scaled ? add->a : add->b, registers);
        plan_use_registers(plan, shift->a, registers);
        plan->variant = (uint16_t)(2 | constant_value(code, shift->b) << ADDRESS_SCALE);
        return;
    }
    plan_use_registers(plan, add->a, registers);
    if (fits_immediate(code, add->b, &immediate)) {
        plan->displacement += immediate;
        plan->variant = 1;
    } else {
        plan_use_registers(plan, add->b, registers);
    }
}

static __attribute__((noinline)) void plan_special_address(struct host_code *code, struct host_plan *plan,
                                                           ir_ref address, int32_t displacement, host_mask excluded)
{
    plan->displacement = displacement;
    plan->variant = 1;
    if (ir_is_constant(address) && is_absolute(code, plan, address, displacement)) {
        plan->displacement += (int32_t)constant_value(code, address);
        plan->variant = 0;
    } else if (plan->absorbed == address) {
        plan_sum(code, plan, &code->unit->code[address], GENERAL & ~excluded);
    } else {
        plan_use_registers(plan, address, GENERAL & ~excluded);
    }
}

static inline void plan_usual_address(struct host_code *code, struct host_plan *plan, ir_ref address,
                                      int32_t displacement, host_mask excluded)
{
    if (address & IR_CONSTANT || plan->absorbed != IR_NO_REF) {
        plan_special_address(code, plan, address, displacement, excluded);
        return;
    }
    plan->displacement = displacement;
    plan->variant = 1;
    plan_use_registers(plan, address, GENERAL & ~excluded);
}

void plan_address(struct host_code *code, struct host_plan *plan, ir_ref address, int32_t displacement,
                  host_mask excluded)
{
    plan_usual_address(code, plan, address, displacement, excluded);
}

bool can_absorb_address(struct host_code *code, uint32_t user, ir_ref value)
{
    const struct ir_instruction *i = &code->unit->code[user], *add = &code->unit->code[value];
    int32_t immediate, displacement = i->op == IR_OP_load ? (int32_t)i->b : i->op == IR_OP_store ? (int32_t)i->c : 0;
    if (add->op != IR_OP_add || add->type != IR_I64 || i->a != value) {
        return false;
    }
    return !ir_is_constant(add->b) || (fits_immediate(code, add->b, &immediate) &&
                                       !__builtin_add_overflow(immediate, displacement, &displacement));
}

static inline struct x86_memory address_operand(struct host_code *code, const struct host_plan *plan)
{
    if (address_inputs(plan) == 0) {
        return x86_at(X86_NONE, plan->displacement);
    }
    struct x86_memory m = x86_at(plan->inputs[0].place.reg, plan->displacement);
    if (address_inputs(plan) == 2) {
        m.index = plan->inputs[1].place.reg;
        m.scale = (uint8_t)(plan->variant >> ADDRESS_SCALE);
    }
    m.address32 = code->unit->context->word_type == IR_I32;
    return m;
}

/* Where the operand alone does not do. */
static __attribute__((noinline)) struct x86_memory emit_checked_address(struct host_code *code, struct x86_memory m,
                                                                        unsigned align, unsigned scratch)
{
    struct host_buffer *b = x86_code(code);
    bool based = !code->memory_base_is_zero;
    bool narrow = m.address32, plain = !m.displacement && m.index == X86_NONE && !narrow && !based;
    unsigned address = plain ? m.base : scratch;
    m.address32 = 0;
    if (m.displacement || m.index != X86_NONE) {
        x86_rm(b, X86_LEA, narrow ? X86_32 : X86_64, scratch, m); /* the result wraps in the guest's word */
    } else if (!plain) {
        x86_rr(b, X86_MOV, narrow ? X86_32 : X86_64, scratch, m.base);
    }
    if (align > 1) {
        x86_test_ri(b, X86_8, address, (int32_t)align - 1);
        uint32_t aligned = x86_jcc_short(b, X86_E);
        x86_mov_rr(b, X86_64, X86_RDX, address); /* where the fault handler looks for it */
        note_fault(code);
        x86_z(b, X86_UD2);
        x86_bind_short(b, aligned);
    }
    if (based) {
        x86_rm(b, X86_ADD_LOAD, X86_64, scratch, HEADER_AT(memory_base));
    }
    return x86_at(address, 0);
}

struct x86_memory emit_address(struct host_code *code, const struct host_plan *plan, uint16_t memop, unsigned scratch)
{
    struct x86_memory m = address_operand(code, plan);
    unsigned align = ir_mem_align(memop);
    return align == 1 && code->memory_base_is_zero ? m : emit_checked_address(code, m, align, scratch);
}

void emit_reverse(struct host_buffer *b, unsigned log_bytes, unsigned reg)
{
    if (log_bytes == 1) {
        x86_r_i8(b, X86_ROL_I8, X86_16, reg, 8);
        x86_rr(b, X86_MOVZX16, X86_32, reg, reg);
    } else if (log_bytes > 1) {
        x86_o(b, X86_BSWAP, log_bytes == 3 ? X86_64 : X86_32, reg);
    }
}

/* ---- what is by far the most: an integer at base + index * scale + displacement ---- */
_Static_assert((int)PLAIN_SIGNED == (int)IR_MEM_SIGNED, "the rows of plain loads are found by the memop");

static inline bool is_plain(struct host_code *code, const struct host_plan *plan, uint16_t memop)
{
    enum { ANY_OR_ONE = 1 << IR_MEM_ALIGN_SHIFT, ORDER = IR_MEM_ACQUIRE | IR_MEM_RELEASE };
    return plan->variant && !(memop & (IR_MEM_BIG | (IR_MEM_ALIGN & ~ANY_OR_ONE))) && (memop & ORDER) != ORDER &&
           x86_unit(code)->plain_addresses;
}

static void emit_plain(struct host_code *code, const struct host_plan *plan, const struct x86_plain_row *row,
                       unsigned reg)
{
    note_fault(code);
    unsigned index = address_inputs(plan) == 2 ? plan->inputs[1].place.reg : X86_RSP;
    x86_plain(x86_code(code), row, reg,
              x86_at_index(plan->inputs[0].place.reg, index, plan->variant >> ADDRESS_SCALE, plan->displacement));
}

/* ---- loads ---- */
/* reg = an integer of `size`, extended as the memop says. */
static void emit_load_integer(struct host_code *code, uint16_t memop, enum ir_type type, unsigned reg,
                              struct x86_memory m)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = memory_size(memop), wide = size_of(type);
    bool is_signed = memop & IR_MEM_SIGNED && size < wide, big = memop & IR_MEM_BIG && size > X86_8;
    static const uint32_t rows[2][4] = {{X86_MOVZX8, X86_MOVZX16, X86_MOV, X86_MOV},
                                        {X86_MOVSX8, X86_MOVSX16, X86_MOVSXD, X86_MOV}};
    note_fault(code);
    x86_rm(b, rows[is_signed && !big][size], is_signed && !big ? wide : size == X86_64 ? X86_64 : X86_32, reg, m);
    if (big) {
        emit_reverse(b, size, reg);
        if (is_signed) {
            x86_rr(b, rows[1][size], wide, reg, reg);
        }
    }
}

static void emit_reverse_vector(struct host_code *code, unsigned reg)
{
    emit_vector_constant(code, SCRATCH_V1, 0x08090a0b0c0d0e0f, 0x0001020304050607);
    x86_v_rrr(x86_code(code), X86_PSHUFB, reg, reg, SCRATCH_V1);
}

static __attribute__((noinline)) void emit_special_load(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    enum x86_size size = memory_size(i->aux);
    struct x86_memory m = emit_address(code, plan, i->aux, X86_RDX);
    if (plan->result < VECTOR_BASE) {
        emit_load_integer(code, i->aux, (enum ir_type)i->type, plan->result, m);
        return;
    }
    unsigned result = plan->result - VECTOR_BASE;
    if (size == 4) {
        note_fault(code);
        x86_v_rm(b, X86_MOVUPS, result, m);
        if (i->aux & IR_MEM_BIG) {
            emit_reverse_vector(code, result);
        }
    } else if (size < X86_32 || (i->aux & IR_MEM_BIG)) {
        emit_load_integer(code, i->aux & (uint16_t)~IR_MEM_SIGNED, IR_I64, X86_RAX, m);
        x86_v_rr(b, X86_MOVQ_TO, result, X86_RAX);
    } else {
        note_fault(code);
        x86_v_rm(b, size == X86_32 ? X86_MOVSS_LOAD : X86_MOVSD_LOAD, result, m);
    }
}

static void emit_load(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    if (plan->result < VECTOR_BASE && is_plain(code, plan, i->aux)) {
        emit_plain(code, plan, &x86_plain_loads[i->type == IR_I64][i->aux & (IR_MEM_SIZE | IR_MEM_SIGNED)],
                   plan->result);
    } else {
        emit_special_load(code, plan);
    }
}

void plan_load(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_usual_address(code, plan, i->a, (int32_t)i->b, 0);
    plan_result(code, plan);
    plan->emit = emit_load;
}

/* ---- stores ---- */
static bool is_sequential(struct host_code *code, uint16_t memop)
{
    return (memop & IR_MEM_ACQUIRE) && (memop & IR_MEM_RELEASE) && !code->single_threaded;
}

static void emit_store_integer(struct host_code *code, uint16_t memop, const struct host_input *value,
                               struct x86_memory m)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = memory_size(memop);
    bool big = (memop & IR_MEM_BIG) && size > X86_8;
    unsigned reg = value->place.reg;
    if (value->place.kind == HOST_IS_CONSTANT && !big && !is_sequential(code, memop)) {
        note_fault(code);
        x86_mov_mi(b, size, m, (int32_t)constant_value(code, value->value));
        return;
    }
    if (value->place.kind == HOST_IS_CONSTANT || big || is_sequential(code, memop)) {
        emit_get(code, X86_64, X86_RAX, value);
        reg = X86_RAX;
    }
    if (big) {
        emit_reverse(b, size, X86_RAX);
    }
    note_fault(code);
    x86_rm(b, is_sequential(code, memop) ? X86_XCHG : X86_MOV_STORE, size, reg, m);
}

static void emit_store_vector(struct host_code *code, uint16_t memop, unsigned reg, struct x86_memory m)
{
    struct host_buffer *b = x86_code(code);
    unsigned size = memop & IR_MEM_SIZE;
    if (size == 4) {
        if (memop & IR_MEM_BIG) {
            x86_v_move(b, SCRATCH_V0, reg);
            reg = SCRATCH_V0;
            emit_reverse_vector(code, reg);
        }
        note_fault(code);
        x86_v_rm(b, X86_MOVUPS_STORE, reg, m);
    } else if (size < X86_32 || (memop & IR_MEM_BIG)) {
        struct host_input in_scratch = {.place = {HOST_IN_REGISTER, X86_RAX, 0}};
        x86_v_rr(b, X86_MOVQ_FROM, reg, X86_RAX);
        emit_store_integer(code, memop, &in_scratch, m);
        return;
    } else {
        note_fault(code);
        x86_v_rm(b, size == X86_32 ? X86_MOVSS_STORE : X86_MOVSD_STORE, reg, m);
    }
    if (is_sequential(code, memop)) {
        x86_zd(b, X86_MFENCE);
    }
}

static __attribute__((noinline)) void emit_special_store(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    const struct host_input *value = &plan->inputs[address_inputs(plan)];
    struct x86_memory m = emit_address(code, plan, i->aux, X86_RDX);
    if (in_register(value) && value->place.reg >= VECTOR_BASE) {
        emit_store_vector(code, i->aux, vector_of(value), m);
    } else {
        emit_store_integer(code, i->aux, value, m);
    }
}

static void emit_store(struct host_code *code, const struct host_plan *plan)
{
    uint16_t memop = plan_instruction(code, plan)->aux;
    const struct host_input *value = &plan->inputs[address_inputs(plan)];
    if (in_register(value) && value->place.reg < VECTOR_BASE && is_plain(code, plan, memop)) {
        emit_plain(code, plan, &x86_plain_stores[memop & IR_MEM_SIZE], value->place.reg);
    } else {
        emit_special_store(code, plan);
    }
}

void plan_store(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_usual_address(code, plan, i->a, (int32_t)i->c, 0);
    struct host_input *value = plan_use(code, plan, i->b);
    int32_t immediate;
    value->may_constant = fits_immediate(code, i->b, &immediate);
    plan->emit = emit_store;
}

static void emit_fence(struct host_code *code, const struct host_plan *plan)
{
    if (plan_instruction(code, plan)->aux == IR_FENCE_ALL && !code->single_threaded) {
        /* Cheaper than mfence and as strong for ordinary memory. */
        x86_lock(x86_code(code));
        x86_alu_mi(x86_code(code), X86_OR, X86_32, x86_at(X86_RSP, -8), 0);
    }
}

void plan_fence(struct host_code *code, struct host_plan *plan)
{
    plan->emit = emit_fence;
}
