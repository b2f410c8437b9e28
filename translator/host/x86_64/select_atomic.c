/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Atomic operations. A lock prefix orders everything, so that acquire and release need nothing more. Where nobody else
 * sees the memory (host_code.single_threaded) they are loads and stores: a signal's handler runs between units, never
 * inside. */
#include "memory.h"

static void lock_access(struct host_code *code)
{
    note_fault(code);
    if (!code->single_threaded) {
        x86_lock(x86_code(code));
    }
}

/* result = the bytes of `size` in rax, zero-extended, in the guest's order. */
static void emit_old_value(struct host_code *code, uint16_t memop, unsigned result)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = memory_size(memop);
    if ((memop & IR_MEM_BIG) && size > X86_8) {
        emit_reverse(b, size, X86_RAX);
    }
    static const uint32_t rows[4] = {X86_MOVZX8, X86_MOVZX16, X86_MOV, X86_MOV};
    x86_rr(b, rows[size], size == X86_64 ? X86_64 : X86_32, result, X86_RAX);
}

/* rcx = operation on the old value rax and the operand. Destroys the flags. */
static void emit_operation(struct host_code *code, uint16_t memop, unsigned operand)
{
    struct host_buffer *b = x86_code(code);
    enum x86_size size = memory_size(memop), wide = size == X86_64 ? X86_64 : X86_32;
    static const uint8_t keep_old[] = {
        [IR_ATOMIC_MIN_S] = X86_L, [IR_ATOMIC_MAX_S] = X86_G, [IR_ATOMIC_MIN_U] = X86_B, [IR_ATOMIC_MAX_U] = X86_A};
    enum ir_atomic kind = ir_mem_atomic(memop);
    bool big = (memop & IR_MEM_BIG) && size > X86_8;
    x86_rr(b, X86_MOV, X86_64, X86_RCX, X86_RAX);
    if (big) {
        emit_reverse(b, size, X86_RCX);
    }
    switch (kind) {
    case IR_ATOMIC_ADD:
        x86_rr(b, X86_ADD, wide, operand, X86_RCX);
        break;
    case IR_ATOMIC_AND:
        x86_rr(b, X86_AND, wide, operand, X86_RCX);
        break;
    case IR_ATOMIC_ANDN:
        x86_r(b, X86_NOT, wide, X86_RCX); /* a & ~b = ~(~a | b) */
        x86_rr(b, X86_OR, wide, operand, X86_RCX);
        x86_r(b, X86_NOT, wide, X86_RCX);
        break;
    case IR_ATOMIC_OR:
        x86_rr(b, X86_OR, wide, operand, X86_RCX);
        break;
    case IR_ATOMIC_XOR:
        x86_rr(b, X86_XOR, wide, operand, X86_RCX);
        break;
    case IR_ATOMIC_SWAP:
        x86_rr(b, X86_MOV, wide, X86_RCX, operand);
        break;
    default:
        x86_rr(b, X86_CMP, size, operand, X86_RCX);
        x86_cmov(b, (enum x86_condition)(keep_old[kind] ^ 1), wide, X86_RCX, operand);
        break;
    }
    if (big) {
        emit_reverse(b, size, X86_RCX);
    }
}

/* One instruction, where nobody asks for the old value. False if there is none. */
static bool emit_atomic_unanswered(struct host_code *code, uint16_t memop, unsigned operand, struct x86_memory m)
{
    static const uint32_t rows[IR_ATOMIC_COUNT] = {
        [IR_ATOMIC_ADD] = X86_ADD, [IR_ATOMIC_AND] = X86_AND, [IR_ATOMIC_ANDN] = X86_AND,
        [IR_ATOMIC_OR] = X86_OR,   [IR_ATOMIC_XOR] = X86_XOR,
    };
    struct host_buffer *b = x86_code(code);
    enum ir_atomic kind = ir_mem_atomic(memop);
    enum x86_size size = memory_size(memop);
    if (rows[kind] == 0 || ((memop & IR_MEM_BIG) && size > X86_8)) {
        return false;
    }
    if (kind == IR_ATOMIC_ANDN) {
        x86_rr(b, X86_MOV, X86_64, X86_RCX, operand);
        x86_r(b, X86_NOT, X86_64, X86_RCX);
        operand = X86_RCX;
    }
    lock_access(code);
    x86_rm(b, rows[kind], size, operand, m);
    return true;
}

static void emit_atomic(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    uint16_t memop = i->aux;
    enum x86_size size = memory_size(memop);
    enum ir_atomic kind = ir_mem_atomic(memop);
    unsigned operand = plan->inputs[address_inputs(plan)].place.reg;
    bool big = (memop & IR_MEM_BIG) && size > X86_8;
    struct x86_memory m = emit_address(code, plan, memop, X86_RDX);
    if (code->uses[i - code->unit->code] == 0 && emit_atomic_unanswered(code, memop, operand, m)) {
        return;
    }
    if (code->single_threaded) {
        note_fault(code);
        x86_rm(b, X86_MOV, size, X86_RAX, m);
        emit_operation(code, memop, operand);
        note_fault(code);
        x86_rm(b, X86_MOV_STORE, size, X86_RCX, m);
    } else if (kind == IR_ATOMIC_SWAP || (kind == IR_ATOMIC_ADD && !big)) {
        x86_rr(b, X86_MOV, X86_64, X86_RAX, operand);
        if (big) {
            emit_reverse(b, size, X86_RAX);
        }
        lock_access(code);
        x86_rm(b, kind == IR_ATOMIC_ADD ? X86_XADD : X86_XCHG, size, X86_RAX, m);
    } else {
        struct host_label again = X86_LABEL_INIT;
        note_fault(code);
        x86_rm(b, X86_MOV, size, X86_RAX, m);
        x86_begin(b);
        x86_bind(b, &again);
        emit_operation(code, memop, operand);
        lock_access(code);
        x86_rm(b, X86_CMPXCHG, size, X86_RCX, m);
        x86_jcc_label(b, X86_NE, &again);
    }
    emit_old_value(code, memop, plan->result);
}

void plan_atomic(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    plan_address(code, plan, i->a, 0, 0);
    plan_use(code, plan, i->b);
    plan_result(code, plan);
    plan->emit = emit_atomic;
}

/* ---- compare and swap of 16 bytes ---- */
/* rdx:rax = expected, rcx:rbx = new. */
static void emit_cas16(struct host_code *code, unsigned expected, unsigned replacement, struct x86_memory m)
{
    struct host_buffer *b = x86_code(code);
    x86_v_rr(b, X86_MOVQ_FROM, expected, X86_RAX);
    x86_v_rr_i8(b, X86_PEXTRQ, expected, X86_RDX, 1);
    x86_v_rr(b, X86_MOVQ_FROM, replacement, X86_RBX);
    x86_v_rr_i8(b, X86_PEXTRQ, replacement, X86_RCX, 1);
    lock_access(code);
    x86_m(b, X86_CMPXCHG16B, X86_32, m);
}

/* Big-endian vectors have their 16 bytes reversed. */
static unsigned in_memory_order(struct host_code *code, uint16_t memop, unsigned reg, unsigned scratch)
{
    if (!(memop & IR_MEM_BIG)) {
        return reg;
    }
    emit_vector_constant(code, SCRATCH_V2, 0x08090a0b0c0d0e0f, 0x0001020304050607);
    x86_v_move(x86_code(code), scratch, reg);
    x86_v_rrr(x86_code(code), X86_PSHUFB, scratch, scratch, SCRATCH_V2);
    return scratch;
}

static void emit_cas_vector(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    uint16_t memop = plan_instruction(code, plan)->aux;
    struct x86_memory m = emit_address(code, plan, memop, plan->temporaries[0]);
    unsigned expected = in_memory_order(code, memop, vector_of(&plan->inputs[address_inputs(plan)]), SCRATCH_V0);
    unsigned replacement = in_memory_order(code, memop, vector_of(&plan->inputs[address_inputs(plan) + 1]), SCRATCH_V1);
    unsigned result = plan->result - VECTOR_BASE;
    emit_cas16(code, expected, replacement, m);
    x86_v_rr(b, X86_MOVQ_TO, SCRATCH_V0, X86_RAX);
    x86_v_rr(b, X86_MOVQ_TO, SCRATCH_V1, X86_RDX);
    x86_v_rrr(b, X86_PUNPCKLQDQ, result, SCRATCH_V0, SCRATCH_V1);
    if (memop & IR_MEM_BIG) {
        in_memory_order(code, memop, result, result);
    }
}

static void emit_cas(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    uint16_t memop = plan_instruction(code, plan)->aux;
    enum x86_size size = memory_size(memop);
    const struct host_input *expected = &plan->inputs[address_inputs(plan)], *replacement = expected + 1;
    struct x86_memory m = emit_address(code, plan, memop, X86_RDX);
    unsigned reg = replacement->place.reg;
    emit_get(code, X86_64, X86_RAX, expected);
    if ((memop & IR_MEM_BIG) && size > X86_8) {
        emit_reverse(b, size, X86_RAX);
        x86_rr(b, X86_MOV, X86_64, X86_RCX, reg);
        emit_reverse(b, size, X86_RCX);
        reg = X86_RCX;
    }
    if (code->single_threaded && reg != X86_RCX) {
        note_fault(code);
        x86_rm(b, X86_MOV, size, X86_RCX, m);
        x86_rr(b, X86_CMP, size, X86_RAX, X86_RCX);
        x86_rr(b, X86_MOV, X86_64, X86_RAX, X86_RCX);
        x86_cmov(b, X86_E, X86_64, X86_RCX, reg);
        note_fault(code);
        x86_rm(b, X86_MOV_STORE, size, X86_RCX, m);
    } else {
        lock_access(code);
        x86_rm(b, X86_CMPXCHG, size, reg, m);
    }
    emit_old_value(code, memop, plan->result);
}

void plan_cas(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool vector = i->type == IR_V128;
    host_mask excluded = vector ? BIT(X86_RBX) : 0;
    plan_address(code, plan, i->a, 0, excluded);
    plan_use(code, plan, i->b);
    plan_use(code, plan, i->c);
    plan_result(code, plan);
    plan->emit = vector ? emit_cas_vector : emit_cas;
    if (vector) {
        plan_temporary(plan, GENERAL & ~BIT(X86_RBX));
        plan->clobbers = BIT(X86_RBX);
    }
}

/* ---- store-conditional: a compare and swap with the value that was reserved ---- */
static void emit_store_conditional(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    uint16_t memop = i->aux;
    enum x86_size size = memory_size(memop), word = code->unit->context->word_type == IR_I64 ? X86_64 : X86_32;
    const struct host_input *replacement = &plan->inputs[1], *address = &plan->inputs[2], *expected = &plan->inputs[3];
    bool vector = (memop & IR_MEM_SIZE) == 4;
    unsigned reg = replacement->place.reg;
    unsigned wide_expected = 0, wide_replacement = 0;
    if (vector) {
        wide_expected = in_memory_order(code, memop, vector_of(expected), SCRATCH_V0);
        wide_replacement = in_memory_order(code, memop, vector_of(replacement), SCRATCH_V1);
    } else {
        emit_get(code, X86_64, X86_RAX, expected);
        if ((memop & IR_MEM_BIG) && size > X86_8) {
            emit_reverse(b, size, X86_RAX);
            x86_rr(b, X86_MOV, X86_64, X86_RCX, reg);
            emit_reverse(b, size, X86_RCX);
            reg = X86_RCX;
        }
    }
    bool may_be_elsewhere = code->unit->list[i->c] != i->a;
    uint32_t lost = 0;
    if (may_be_elsewhere) {
        emit_alu(code, X86_CMP, word, plan->inputs[0].place.reg, address);
        lost = x86_jcc_short(b, X86_NE);
    }
    struct x86_memory m = emit_address(code, plan, memop, vector ? plan->temporaries[0] : X86_RDX);
    if (vector) {
        emit_cas16(code, wide_expected, wide_replacement, m);
    } else if (code->single_threaded) {
        note_fault(code);
        x86_rm(b, X86_CMP_LOAD, size, X86_RAX, m);
        uint32_t changed = x86_jcc_short(b, X86_NE);
        note_fault(code);
        x86_rm(b, X86_MOV_STORE, size, reg, m);
        x86_bind_short(b, changed);
    } else {
        lock_access(code);
        x86_rm(b, X86_CMPXCHG, size, reg, m);
    }
    if (may_be_elsewhere) {
        x86_bind_short(b, lost);
    }
    emit_boolean(code, X86_NE, plan->result);
}

void plan_store_conditional(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    bool vector = (i->aux & IR_MEM_SIZE) == 4;
    host_mask excluded = vector ? BIT(X86_RBX) : 0;
    /* The address is compared too: it is in a register even if it is a known one. */
    plan_use(code, plan, i->a)->registers &= ~excluded;
    plan->variant = 1;
    plan->displacement = 0;
    plan_use(code, plan, i->b);
    struct host_input *address = plan_use_memory(code, plan, code->unit->list[i->c]);
    address->registers &= ~excluded;
    plan_use(code, plan, code->unit->list[i->c + 1])->may_state = !vector;
    plan_result(code, plan);
    if (vector) {
        plan_temporary(plan, GENERAL & ~BIT(X86_RBX));
        plan->clobbers = BIT(X86_RBX);
    }
    plan->emit = emit_store_conditional;
}
