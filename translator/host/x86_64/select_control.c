/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends of blocks: branches, exits, calls and returns (README of host/ has the protocol), and calls of helpers. */
#include "glue.h"
#include "log.h"
#include "x86_host.h"

/* ---- labels of the tier ---- */
void x86_jump(struct host_code *code, struct host_label *label)
{
    x86_jmp_label(x86_code(code), label);
}

void x86_bind_label(struct host_code *code, struct host_label *label)
{
    x86_bind(x86_code(code), label);
}

static bool falls_through(const struct host_code *code, const struct host_label *label)
{
    return code->next_block != UINT32_MAX && label == &code->labels[code->next_block];
}

static void emit_branch(struct host_code *code, const struct host_plan *plan)
{
    enum x86_condition condition = emit_condition(code, plan, plan_instruction(code, plan)->a, 0);
    if (falls_through(code, code->branch_then)) {
        x86_jcc_label(x86_code(code), condition ^ 1, code->branch_else);
    } else {
        x86_jcc_label(x86_code(code), condition, code->branch_then);
        if (!falls_through(code, code->branch_else)) {
            x86_jmp_label(x86_code(code), code->branch_else);
        }
    }
}

void plan_branch(struct host_code *code, struct host_plan *plan)
{
    plan_condition(code, plan, plan_instruction(code, plan)->a);
    plan->emit = emit_branch;
}

/* ---- exits to known places ---- */
/* A site is a call of glue that leaves until it is linked: then a jmp, or the call that it stands for. It lies in one
   aligned word, so that a thread that runs it sees the old or the new one. */
enum { SITE_BYTES = 5, OPCODE_CALL = 0xe8, OPCODE_JMP = 0xe9 };

static struct host_exit *begin_exit(struct host_code *code, uint64_t pc, uint8_t hint)
{
    struct host_buffer *b = x86_code(code);
    unsigned offset = (unsigned)((uintptr_t)x86_begin(b) & 7);
    if (offset > 8 - SITE_BYTES) {
        x86_nop(b, 8 - offset);
    }
    return code->tier->new_exit(code, pc, hint);
}

static struct host_exit *emit_exit(struct host_code *code, uint64_t pc, uint8_t hint, bool is_call)
{
    struct host_buffer *b = x86_code(code);
    struct host_exit *exit = begin_exit(code, pc, hint);
    exit->is_call = is_call;
    emit_call_to(code, glue_part(code, is_call ? PART_LEAVE_CALL : PART_LEAVE_LINK));
    exit->site = (uint32_t)(b->next - code->glue->start);
    return exit;
}

void x86_link(const struct host_glue *glue, const struct host_exit *exit, const void *target)
{
    const uint8_t *leave = glue->parts[exit->is_call ? PART_LEAVE_CALL : PART_LEAVE_LINK],
                  *end = glue->start + exit->site;
    int32_t distance = (int32_t)((target ? (const uint8_t *)target : leave) - end);
    uint64_t *word = (uint64_t *)((uintptr_t)(end - SITE_BYTES) & ~(uintptr_t)7), patched = *word;
    uint8_t *site = (uint8_t *)&patched + ((uintptr_t)(end - SITE_BYTES) & 7);
    site[0] = target && !exit->is_call ? OPCODE_JMP : OPCODE_CALL;
    memcpy(site + 1, &distance, sizeof distance);
    __atomic_store_n(word, patched, __ATOMIC_RELEASE);
}

/* Where a jump back goes until its turns are counted. */
static void emit_loop_count(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    uint64_t pc = (uintptr_t)path->data;
    struct host_label hot = X86_LABEL_INIT;
    int32_t disp = (int32_t)(offsetof(struct cpu_header, loop_counts) + 4 * cpu_loop_index(pc));
    x86_bind(b, &path->entry);
    x86_alu_mi(b, X86_SUB, X86_32, state_at(disp), 1);
    x86_jcc_label(b, X86_S, &hot);
    emit_exit(code, pc, IR_EXIT_JUMP, false);
    x86_bind(b, &hot);
    emit_exit(code, pc, HOST_EXIT_HOT, false);
}

/* A site that first jumps to what counts; linked, it goes to its target directly. */
static void emit_counted_exit(struct host_code *code, uint64_t pc)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *path = slow_path_new(code, emit_loop_count);
    path->data = (const void *)(uintptr_t)pc;
    struct host_exit *exit = begin_exit(code, pc, IR_EXIT_JUMP);
    x86_jmp_label(b, &path->entry);
    exit->site = (uint32_t)(b->next - code->glue->start);
}

/* ---- calls ---- */
static void emit_stack_reset(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    x86_bind(b, &path->entry);
    emit_call_to(code, glue_part(code, PART_RESET_STACK));
    x86_jmp_label(b, &path->back);
}

/* A slot that one of the last instructions before the exit at `index` has made the constant: it is in memory by then.
   Or NULL. */
static const struct ir_slot_description *slot_with_constant(struct host_code *code, uint32_t index, ir_ref constant)
{
    enum { FAR_ENOUGH = 8 };
    const struct ir_instruction *end = &code->unit->code[index], *i = end;
    for (uint32_t n = 0; n < FAR_ENOUGH && n < index; n++) {
        if (ir_ops[(--i)->op].effects & IR_END) {
            return NULL; /* another block */
        }
        if (i->op != IR_OP_write || i->b != constant) {
            continue;
        }
        for (const struct ir_instruction *later = i + 1; later < end; later++) {
            if (later->op == IR_OP_call ||
                ((later->op == IR_OP_write || later->op == IR_OP_drop) && later->a == i->a)) {
                return NULL;
            }
        }
        return &code->unit->context->slots[i->a];
    }
    return NULL;
}

/* Makes sure there is room on the stack and pushes the guest's return address. Destroys rax. */
static void emit_push_return(struct host_code *code, uint32_t index, ir_ref return_address)
{
    struct host_buffer *b = x86_code(code);
    uint64_t return_pc = constant_value(code, return_address);
    const struct ir_slot_description *slot = slot_with_constant(code, index, return_address);
    struct slow_path *reset = slow_path_new(code, emit_stack_reset);
    x86_rm(b, X86_CMP_LOAD, X86_64, X86_RSP, HEADER_AT(stack_limit));
    x86_jcc_label(b, X86_B, &reset->entry);
    x86_bind(b, &reset->back);
    if (return_pc <= INT32_MAX) {
        uint8_t *p = x86_begin(b);
        *p++ = 0x68; /* push imm32 */
        b->next = x86_put32(p, (uint32_t)return_pc);
    } else if (slot && slot->type == IR_I64) {
        x86_m(b, X86_PUSH_M, X86_32, state_at(slot->offset));
    } else {
        x86_mov_ri(b, X86_RAX, return_pc);
        x86_o(b, X86_PUSH, X86_32, X86_RAX);
    }
}

/* Where the callee's ret arrives. */
static void emit_continuation(struct host_code *code, uint64_t return_pc)
{
    struct host_buffer *b = x86_code(code);
    x86_alu_ri(b, X86_ADD, X86_64, X86_RSP, 8);
    emit_exit(code, return_pc, IR_EXIT_JUMP, false)->is_continuation = true;
}

static void emit_goto(struct host_code *code, const struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    uint64_t pc = constant_value(code, i->a);
    if (i->aux == IR_EXIT_CALL) {
        uint64_t return_pc = constant_value(code, i->b);
        emit_push_return(code, plan->index, i->b);
        emit_exit(code, pc, IR_EXIT_CALL, true);
        emit_continuation(code, return_pc);
    } else if (code->counts_loops && i->aux == IR_EXIT_JUMP && pc < code->unit->pc) {
        emit_counted_exit(code, pc);
    } else {
        emit_exit(code, pc, (uint8_t)i->aux, false);
    }
}

void plan_goto(struct host_code *code, struct host_plan *plan)
{
    plan->emit = emit_goto;
}

/* ---- exits to values ---- */
/* rcx = cpu_jump_index(rax) * sizeof(struct cpu_jump). Destroys nothing else. */
static void emit_jump_index(struct host_buffer *b)
{
    _Static_assert(sizeof(struct cpu_jump) == 16, "the index is made for this table");
    x86_imul_rri(b, X86_32, X86_RCX, X86_RAX, (int32_t)CPU_JUMP_FACTOR);
    x86_r_i8(b, X86_SHR_I8, X86_32, X86_RCX, 32 - CPU_JUMP_LOG - 4);
    x86_alu_ri(b, X86_AND, X86_32, X86_RCX, (CPU_JUMP_COUNT - 1) << 4);
}

/* A member of the first entry of the table of jumps, behind which rcx is. */
#define JUMP_AT(member)                                                                                                \
    x86_at_index(STATE_REGISTER, X86_RCX, 0,                                                                           \
                 (int32_t)offsetof(struct cpu_jump, member) - (int32_t)CPU_JUMP_BYTES - STATE_BIAS)

void emit_probe_jump(struct host_buffer *b, const struct host_glue *glue)
{
    emit_jump_index(b);
    x86_rm(b, X86_CMP, X86_64, X86_RAX, JUMP_AT(pc));
    uint8_t *p = x86_begin(b);
    x86_jcc_rel32(b, X86_NE, (int32_t)((const uint8_t *)glue->parts[PART_LEAVE_LOOKUP] - (p + 6)));
    x86_m(b, X86_JMP_RM, X86_32, JUMP_AT(code));
}

/* The probe missed: go on with an entry that leaves. */
static void emit_miss(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    x86_bind(b, &path->entry);
    x86_rm(b, X86_LEA, X86_64, X86_RCX, x86_near(code, glue_part(code, PART_MISS)));
    x86_jmp_label(b, &path->back);
}

static void emit_call_value(struct host_code *code, const struct host_plan *plan, ir_ref return_address)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *miss = slow_path_new(code, emit_miss);
    emit_push_return(code, plan->index, return_address);
    emit_get(code, X86_64, X86_RAX, &plan->inputs[0]);
    emit_jump_index(b);
    x86_rm(b, X86_LEA, X86_64, X86_RCX, JUMP_AT(pc));
    x86_rm(b, X86_CMP, X86_64, X86_RAX, x86_at(X86_RCX, offsetof(struct cpu_jump, pc)));
    x86_jcc_label(b, X86_NE, &miss->entry);
    x86_bind(b, &miss->back);
    x86_m(b, X86_CALL_RM, X86_32, x86_at(X86_RCX, offsetof(struct cpu_jump, code)));
    emit_continuation(code, constant_value(code, return_address));
}

static void emit_goto_value(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    const struct host_input *target = &plan->inputs[0];
    enum x86_size size = size_of(ir_type_of(code->unit, i->a));
    if (i->aux == IR_EXIT_CALL) {
        emit_call_value(code, plan, i->b);
        return;
    }
    emit_get(code, size, X86_RAX, target);
    if (i->aux == IR_EXIT_MODE) {
        emit_jmp_to(code, glue_part(code, PART_LEAVE_LOOKUP));
    } else if (i->aux == IR_EXIT_RETURN) {
        x86_rm(b, X86_CMP_LOAD, X86_64, X86_RAX, x86_at(X86_RSP, 8));
        uint8_t *p = x86_begin(b);
        x86_jcc_rel32(b, X86_NE, (int32_t)(glue_part(code, PART_PROBE) - (p + 6)));
        x86_z(b, X86_RET);
    } else {
        emit_probe_jump(b, code->glue);
    }
}

void plan_goto_value(struct host_code *code, struct host_plan *plan)
{
    plan_use_memory(code, plan, plan_instruction(code, plan)->a);
    plan->emit = emit_goto_value;
}

/* ---- exits to the program ---- */
static void emit_syscall(struct host_code *code, const struct host_plan *plan)
{
    x86_mov_ri(x86_code(code), X86_RAX, constant_value(code, plan_instruction(code, plan)->a));
    emit_jmp_to(code, glue_part(code, PART_LEAVE_SYSCALL));
}

void plan_syscall(struct host_code *code, struct host_plan *plan)
{
    plan->emit = emit_syscall;
}

static void emit_trap(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    const struct ir_context *context = code->unit->context;
    uint64_t pc = code->unit->pc;
    for (uint32_t n = plan->index; n-- > 0;) {
        const struct ir_instruction *mark = &code->unit->code[n];
        if (mark->op == IR_OP_mark) {
            pc = mark->a | (uint64_t)mark->b << 32;
            break;
        }
    }
    x86_mov_ri(b, X86_RAX, pc);
    x86_rm(b, X86_MOV_STORE, context->word_type == IR_I64 ? X86_64 : X86_32, X86_RAX,
           state_at(context->slots[context->pc_slot].offset));
    x86_mov_ri(b, X86_RAX, i->a | (uint64_t)i->b << 32);
    x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, HEADER_AT(exit_value));
    emit_jmp_to(code, glue_part(code, PART_LEAVE_TRAP));
}

void plan_trap(struct host_code *code, struct host_plan *plan)
{
    plan->emit = emit_trap;
}

/* ---- helpers ---- */
static void move_argument(struct host_code *code, unsigned reg, const struct host_input *input)
{
    struct host_buffer *b = x86_code(code);
    if (in_register(input) && input->place.reg >= VECTOR_BASE) {
        bool wide = ir_type_of(code->unit, input->value) == IR_F64;
        x86_v_rr(b, wide ? X86_MOVQ_FROM : X86_MOVD_FROM, vector_of(input), reg);
    } else {
        emit_get(code, size_of(ir_type_of(code->unit, input->value)), reg, input);
    }
}

/* Arguments to rsi, rdx, rcx, r8. Inputs can be in rsi and r8, never in rdx and rcx. */
static void emit_words_arguments(struct host_code *code, const struct host_plan *plan)
{
    unsigned count = plan->input_count;
    const struct host_input *in = plan->inputs;
    for (unsigned n = 1; n < count && n < 3; n++) {
        move_argument(code, n == 1 ? X86_RDX : X86_RCX, &in[n]);
    }
    if (count == 4 && in_register(&in[3]) && in[3].place.reg == X86_RSI) {
        if (in_register(&in[0]) && in[0].place.reg == X86_R8) {
            x86_rr(x86_code(code), X86_XCHG, X86_64, X86_RSI, X86_R8);
            return;
        }
        move_argument(code, X86_R8, &in[3]);
        move_argument(code, X86_RSI, &in[0]);
        return;
    }
    if (count > 0) {
        move_argument(code, X86_RSI, &in[0]);
    }
    if (count > 3) {
        move_argument(code, X86_R8, &in[3]);
    }
}

static void emit_values_arguments(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    for (unsigned n = 0; n < plan->input_count; n++) {
        const struct host_input *in = &plan->inputs[n];
        struct x86_memory place = state_at((int32_t)(offsetof(struct cpu_header, values) + 16 * n));
        enum ir_type type = ir_type_of(code->unit, in->value);
        if (type == IR_V128 && in_register(in)) {
            x86_v_rm(b, X86_MOVUPS_STORE, vector_of(in), place);
        } else if (type == IR_V128) {
            x86_v_rm(b, X86_MOVUPS, SCRATCH_V0, state_at(in->place.disp));
            x86_v_rm(b, X86_MOVUPS_STORE, SCRATCH_V0, place);
        } else {
            move_argument(code, X86_RAX, in);
            x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, place);
        }
    }
    x86_rm(b, X86_LEA, X86_64, X86_RSI, HEADER_AT(values));
}

static void emit_call_result(struct host_code *code, const struct host_plan *plan, enum ir_call_kind kind)
{
    struct host_buffer *b = x86_code(code);
    enum ir_type type = (enum ir_type)plan_instruction(code, plan)->type;
    if (type == IR_V128 && kind == IR_CALL_VALUES) {
        x86_v_rm(b, X86_MOVUPS, plan->result - VECTOR_BASE, HEADER_AT(values));
        return;
    }
    if (kind == IR_CALL_VALUES) {
        x86_rm(b, X86_MOV, X86_64, X86_RAX, HEADER_AT(values));
    }
    if (is_vector_type(type)) {
        x86_v_rr(b, type == IR_F32 ? X86_MOVD_TO : X86_MOVQ_TO, plan->result - VECTOR_BASE, X86_RAX);
    } else {
        x86_rr(b, X86_MOV, size_of(type), plan->result, X86_RAX);
    }
}

static void emit_call(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    const struct ir_instruction *i = plan_instruction(code, plan);
    const struct ir_helper *helper = &code->unit->context->helpers[i->a];
    bool exchange = (helper->effects & IR_FENV) != 0;
    const void *function = helper->kind == IR_CALL_WORDS ? (const void *)(uintptr_t)helper->words
                                                         : (const void *)(uintptr_t)helper->values;
    helper->kind == IR_CALL_WORDS ? emit_words_arguments(code, plan) : emit_values_arguments(code, plan);
    if (exchange) {
        x86_mov_ri(b, X86_RAX, (uintptr_t)code->unit->context->rules);
        x86_rm(b, X86_MOV_STORE, X86_64, X86_RAX, HEADER_AT(rules));
    }
    x86_mov_ri(b, X86_RAX, (uintptr_t)function);
    if (helper->effects & IR_FAULT) {
        code->tier->note_fault(code);
    }
    emit_call_to(code, glue_part(code, exchange ? PART_HELPER_FENV : PART_HELPER));
    if (i->type != IR_NONE) {
        emit_call_result(code, plan, helper->kind);
    }
}

void plan_call(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    KAGE_ASSERT(i->c <= HOST_MAX_INPUTS, "a helper has too many arguments");
    for (uint32_t n = 0; n < i->c; n++) {
        ir_ref value = code->unit->list[i->b + n];
        plan_use_memory(code, plan, value)->may_constant = ir_type_of(code->unit, value) != IR_V128;
    }
    plan->clobbers = (GENERAL & ~CALLEE_SAVED) | VECTOR;
    if (i->type != IR_NONE) {
        plan_result(code, plan);
    }
    plan->emit = emit_call;
}

void plan_read(struct host_code *code, struct host_plan *plan)
{
    log_fatal("read is the tier's own business");
}

void plan_write(struct host_code *code, struct host_plan *plan)
{
    log_fatal("write is the tier's own business");
}

void plan_drop(struct host_code *code, struct host_plan *plan)
{
    log_fatal("drop is the tier's own business");
}

void plan_mark(struct host_code *code, struct host_plan *plan)
{
    log_fatal("mark is the tier's own business");
}

void plan_jump(struct host_code *code, struct host_plan *plan)
{
    log_fatal("jump is the tier's own business");
}

/* ---- units ---- */
/* Before the entry stands a call of glue that leaves for events. At the entry: cmp [event], 0; jne to that call. */
enum { ENTRY_ALIGN = 16, LEAVE_BYTES = 5, ENTRY_COMPARE_BYTES = 4, OPCODE_JMP_SHORT = 0xeb };
_Static_assert(ENTRY_CHECK_BYTES == ENTRY_COMPARE_BYTES + 2, "a compare and a short jump");

static void emit_event(struct host_code *code, struct slow_path *path)
{
    struct host_buffer *b = x86_code(code);
    x86_bind(b, &path->entry);
    path->store_slots(code, path->store_data);
    emit_jmp_to(code, code->buffer.start - LEAVE_BYTES);
}

void x86_begin_unit(struct host_code *code)
{
    KAGE_ASSERT(code->memory_model != MEMORY_SOFTMMU, "this host has no lowering for the softmmu memory model yet");
    struct host_out_of_line *unit = arena_new(code->arena, struct host_out_of_line);
    code->out_of_line = unit;
    struct host_buffer *b = x86_code(code);
    b->limit -= X86_SLACK;
    b->avx = (code->features & X86_HAS_AVX) != 0;
    b->scratch_vector = SCRATCH_V2;
    unit->last = &unit->first;
    unit->plain_addresses = code->memory_base_is_zero && code->unit->context->word_type == IR_I64;
    b->next =
        (uint8_t *)(((uintptr_t)b->next + LEAVE_BYTES + ENTRY_ALIGN - 1) & ~(uintptr_t)(ENTRY_ALIGN - 1)) - LEAVE_BYTES;
    emit_call_to(code, glue_part(code, PART_LEAVE_EVENT));
    b->start = b->next;
    x86_alu_mi(b, X86_CMP, X86_32, HEADER_AT(event), 0);
    KAGE_ASSERT(b->next == b->start + ENTRY_COMPARE_BYTES, "the entry's compare has a one-byte displacement");
    uint32_t leave = x86_jcc_short(b, X86_NE);
    b->next[-1] = (uint8_t) - (leave + LEAVE_BYTES);
}

/* The entry's conditional jump to the way out for events becomes an unconditional one: the dispatcher finds no event,
   looks the pc up and finds what is valid now. A store of one byte. */
void x86_disable_unit(uint8_t *entry)
{
    __atomic_store_n(entry + ENTRY_COMPARE_BYTES, OPCODE_JMP_SHORT, __ATOMIC_RELEASE);
}

/* The unit's own loop has made its turns. */
static void emit_hot(struct host_code *code, struct slow_path *path)
{
    x86_bind(x86_code(code), &path->entry);
    path->store_slots(code, path->store_data);
    emit_exit(code, code->unit->pc, HOST_EXIT_HOT, false);
}

/* An event waits until then. */
static void emit_counted_loop(struct host_code *code, struct host_label *label, struct slow_path *hot)
{
    struct host_buffer *b = x86_code(code);
    int32_t disp = (int32_t)(offsetof(struct cpu_header, loop_counts) + 4 * cpu_loop_index(code->unit->pc));
    x86_alu_mi(b, X86_SUB, X86_32, state_at(disp), 1);
    x86_jcc_label(b, X86_NS, label);
    x86_jmp_label(b, &hot->entry);
}

void x86_loop(struct host_code *code, struct host_label *label, void (*store_slots)(struct host_code *, void *),
              void *data)
{
    struct host_buffer *b = x86_code(code);
    struct slow_path *event = slow_path_new(code, code->counts_own_loop ? emit_hot : emit_event);
    event->store_slots = store_slots;
    event->store_data = data;
    if (code->counts_own_loop) {
        emit_counted_loop(code, label, event);
        return;
    }
    x86_alu_mi(b, X86_CMP, X86_32, HEADER_AT(event), 0);
    x86_jcc_label(b, X86_E, label);
    x86_jmp_label(b, &event->entry);
}

void x86_finish_unit(struct host_code *code)
{
    struct host_out_of_line *unit = x86_unit(code);
    struct host_buffer *b = x86_code(code);
    for (struct slow_path *path = unit->first; path; path = path->next) {
        path->emit(code, path);
    }
    if (unit->pool) {
        x86_begin(b);
        x86_align(b, 16);
    }
    for (struct pool_constant *constant = unit->pool; constant; constant = constant->next) {
        x86_begin(b);
        if (!b->overflow) {
            for (uint32_t n = 0; n < constant->field_count; n++) {
                x86_put32(b->start + constant->fields[n], x86_offset(b) - (uint32_t)constant->fields[n] - 4);
            }
        }
        b->next = x86_put64(x86_put64(b->next, constant->low), constant->high);
    }
}
