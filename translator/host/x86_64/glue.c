/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code made once: entering and leaving translated code, calls of C functions, tables of constants.
 *
 * Translated code has a stack of its own, which holds only calls in progress. C functions run on the C side's stack
 * (program_sp), so that a helper may need any amount of it. The float status: while translated code runs the exceptions
 * are those in MXCSR (less the denormal one, which only software raises) together with those in cpu_header.fp;
 * cpu_header.fp.rounding is always current. */
#include "glue.h"
#include "log.h"
#include "x86_host.h"

enum {
    MXCSR_DEFAULT = 0x1f80, /* all exceptions masked */
    MXCSR_ROUNDING_SHIFT = 13,
    MXCSR_EXCEPTIONS =
        0x3d, /* all but the denormal operand's: here that one means "flushed", which the host never does */
};

static const uint8_t pushed_registers[] = {X86_RBX, X86_RBP, X86_R12, X86_R13, X86_R14, X86_R15};
/* What PART_EVALUATE keeps beside what C keeps. */
static const uint8_t kept_registers[] = {X86_RSI, X86_RDI, X86_R8, X86_R9, X86_R10, X86_R11};
enum {
    PUSHED_COUNT = sizeof pushed_registers,
    KEPT_COUNT = sizeof kept_registers,
    FIRST_KEPT_VECTOR = 2,
    KEPT_VECTORS = 13
};

/* 64-bit halves, low first. */
#define BOTH(value)                                                                                                    \
    {                                                                                                                  \
        (value), (value)                                                                                               \
    }
const uint64_t x86_table_values[TABLE_COUNT][2] __attribute__((aligned(16))) = {
    [TABLE_SIGN32] = BOTH(0x8000000080000000),
    [TABLE_SIGN64] = BOTH(0x8000000000000000),
    [TABLE_ABS32] = BOTH(0x7fffffff7fffffff),
    [TABLE_ABS64] = BOTH(0x7fffffffffffffff),
    [TABLE_TINY32] = BOTH(0x0080000000800000),
    [TABLE_TINY64] = BOTH(0x0010000000000000),
    [TABLE_LOW_NIBBLES] = BOTH(0x0f0f0f0f0f0f0f0f),
    [TABLE_POPCNT] = {0x0302020102010100, 0x0403030203020201},
    [TABLE_CLZ] = {0x0101010102020304, 0},
    [TABLE_WORD_LOW_BYTES] = BOTH(0x00ff00ff00ff00ff),
    [TABLE_DWORD_LOW_WORDS] = BOTH(0x0000ffff0000ffff),
    [TABLE_ONES] = BOTH(UINT64_MAX),
    [TABLE_ZEROS] = BOTH(0),
    [TABLE_SEVENTY] = BOTH(0x7070707070707070),
};
#undef BOTH

static void move_header(struct host_buffer *b, uint32_t op, unsigned reg, size_t offset)
{
    x86_rm(b, op, X86_64, reg, state_at((int32_t)offset));
}
#define LOAD_HEADER(reg, member) move_header(b, X86_MOV, reg, offsetof(struct cpu_header, member))
#define STORE_HEADER(reg, member) move_header(b, X86_MOV_STORE, reg, offsetof(struct cpu_header, member))

/* MXCSR from cpu_header.fp.rounding; a mode the host lacks becomes nearest, and code that could tell runs in software.
   Keeps all but eax. */
static void emit_load_fp(struct host_buffer *b)
{
    x86_rm(b, X86_MOV, X86_32, X86_RAX, HEADER_AT(fp.rounding));
    x86_alu_ri(b, X86_AND, X86_32, X86_RAX, 3);
    x86_r_i8(b, X86_SHL_I8, X86_32, X86_RAX, MXCSR_ROUNDING_SHIFT);
    x86_alu_ri(b, X86_OR, X86_32, X86_RAX, MXCSR_DEFAULT);
    x86_rm(b, X86_MOV_STORE, X86_32, X86_RAX, HEADER_AT(host_fp));
    x86_m(b, X86_LDMXCSR, X86_32, HEADER_AT(host_fp));
}

/* The exceptions in MXCSR into cpu_header.fp, and the C side's MXCSR back. Keeps all but ecx. */
static void emit_save_fp(struct host_buffer *b)
{
    x86_m(b, X86_STMXCSR, X86_32, HEADER_AT(host_fp));
    x86_rm(b, X86_MOV, X86_32, X86_RCX, HEADER_AT(host_fp));
    x86_alu_ri(b, X86_AND, X86_32, X86_RCX, MXCSR_EXCEPTIONS);
    x86_rm(b, X86_OR, X86_32, X86_RCX, HEADER_AT(fp.exceptions));
    x86_m(b, X86_LDMXCSR, X86_32, HEADER_AT(host_fp_saved));
}

/* const uint8_t *enter(struct cpu_header *rdi, const void *rsi) */
static void make_enter(struct host_buffer *b)
{
    for (unsigned n = 0; n < PUSHED_COUNT; n++) {
        x86_o(b, X86_PUSH, X86_32, pushed_registers[n]);
    }
    x86_alu_ri(b, X86_SUB, X86_64, X86_RSP, 8); /* calls from here on find an aligned stack */
    x86_rm(b, X86_LEA, X86_64, STATE_REGISTER, x86_at(X86_RDI, STATE_BIAS));
    /* Without what C code has raised so far: a fault in a helper must not find it. */
    x86_m(b, X86_STMXCSR, X86_32, HEADER_AT(host_fp_saved));
    x86_alu_mi(b, X86_AND, X86_32, HEADER_AT(host_fp_saved), ~0x3f);
    emit_load_fp(b);
    STORE_HEADER(X86_RSP, program_sp);
    LOAD_HEADER(X86_RSP, translated_sp);
    /* An empty stack gets a return address that matches nothing. */
    x86_rm(b, X86_CMP_LOAD, X86_64, X86_RSP, HEADER_AT(stack_base));
    uint32_t jump = x86_jcc_short(b, X86_NE);
    x86_alu_ri(b, X86_SUB, X86_64, X86_RSP, 16);
    x86_mov_mi(b, X86_64, x86_at(X86_RSP, 8), -1);
    x86_mov_mi(b, X86_64, x86_at(X86_RSP, 0), 0);
    x86_bind_short(b, jump);
    x86_r(b, X86_JMP_RM, X86_32, X86_RSI);
}

/* Back to enter's caller; rax is its result. */
static void emit_return_to_c(struct host_buffer *b)
{
    LOAD_HEADER(X86_RSP, program_sp);
    x86_alu_ri(b, X86_ADD, X86_64, X86_RSP, 8);
    for (unsigned n = PUSHED_COUNT; n-- > 0;) {
        x86_o(b, X86_POP, X86_32, pushed_registers[n]);
    }
    x86_z(b, X86_RET);
}

/* The common end of all ways out. ecx: enum host_left, rax: result */
static void make_common_leave(struct host_buffer *b)
{
    x86_rm(b, X86_MOV_STORE, X86_32, X86_RCX, HEADER_AT(exit_kind));
    STORE_HEADER(X86_RSP, translated_sp);
    emit_save_fp(b);
    emit_return_to_c(b);
}

struct leave_part {
    enum x86_part part;
    enum host_left kind;
    bool is_called, pops, has_pc; /* the result is the return address, which goes from the stack; rax is the pc */
};

static void make_leave(struct host_buffer *b, const struct leave_part *part, const struct ir_context *context,
                       struct host_label *leave)
{
    if (part->has_pc) {
        enum x86_size size = context->word_type == IR_I64 ? X86_64 : X86_32;
        x86_rm(b, X86_MOV_STORE, size, X86_RAX, state_at(context->slots[context->pc_slot].offset));
    }
    if (part->pops) {
        x86_o(b, X86_POP, X86_32, X86_RAX);
    } else if (part->is_called) {
        x86_rm(b, X86_MOV, X86_64, X86_RAX, x86_at(X86_RSP, 0));
    } else {
        x86_zero(b, X86_RAX);
    }
    x86_mov_ri(b, X86_RCX, part->kind);
    x86_jmp_label(b, leave);
}

/* A return address that matches nothing, as in enter. */
static void make_reset_stack(struct host_buffer *b)
{
    x86_o(b, X86_POP, X86_32, X86_RAX);
    LOAD_HEADER(X86_RSP, stack_base);
    x86_alu_ri(b, X86_SUB, X86_64, X86_RSP, 16);
    x86_mov_mi(b, X86_64, x86_at(X86_RSP, 8), -1);
    x86_r(b, X86_JMP_RM, X86_32, X86_RAX);
}

/* rax = function, arguments in place but rdi. Called from translated code. */
static void make_helper(struct host_buffer *b, bool exchange_fp)
{
    if (exchange_fp) {
        STORE_HEADER(X86_RCX, host_scratch[0]);
        emit_save_fp(b);
        LOAD_HEADER(X86_RCX, host_scratch[0]);
    }
    STORE_HEADER(X86_RSP, translated_sp);
    LOAD_HEADER(X86_RSP, program_sp);
    x86_rm(b, X86_LEA, X86_64, X86_RDI, state_at(0));
    x86_r(b, X86_CALL_RM, X86_32, X86_RAX);
    LOAD_HEADER(X86_RSP, translated_sp);
    if (exchange_fp) {
        x86_rr(b, X86_MOV, X86_64, X86_RDX, X86_RAX);
        emit_load_fp(b);
        x86_rr(b, X86_MOV, X86_64, X86_RAX, X86_RDX);
    }
    x86_z(b, X86_RET);
}

/* eax = description, rcx = rules; keeps everything but rax, rcx, rdx and the scratch vectors. */
static void make_evaluate(struct host_buffer *b)
{
    for (unsigned n = 0; n < KEPT_COUNT; n++) {
        x86_o(b, X86_PUSH, X86_32, kept_registers[n]);
    }
    x86_alu_ri(b, X86_SUB, X86_64, X86_RSP, KEPT_VECTORS * 16);
    for (unsigned n = 0; n < KEPT_VECTORS; n++) {
        x86_v_rm(b, X86_MOVUPS_STORE, FIRST_KEPT_VECTOR + n, x86_at(X86_RSP, (int32_t)n * 16));
    }
    STORE_HEADER(X86_RSP, translated_sp);
    LOAD_HEADER(X86_RSP, program_sp);
    x86_rm(b, X86_LEA, X86_64, X86_RDI, state_at(0));
    x86_rr(b, X86_MOV, X86_32, X86_RSI, X86_RAX);
    x86_rr(b, X86_MOV, X86_64, X86_RDX, X86_RCX);
    x86_mov_ri(b, X86_RAX, (uintptr_t)x86_evaluate);
    x86_r(b, X86_CALL_RM, X86_32, X86_RAX);
    LOAD_HEADER(X86_RSP, translated_sp);
    for (unsigned n = 0; n < KEPT_VECTORS; n++) {
        x86_v_rm(b, X86_MOVUPS, FIRST_KEPT_VECTOR + n, x86_at(X86_RSP, (int32_t)n * 16));
    }
    x86_alu_ri(b, X86_ADD, X86_64, X86_RSP, KEPT_VECTORS * 16);
    for (unsigned n = KEPT_COUNT; n-- > 0;) {
        x86_o(b, X86_POP, X86_32, kept_registers[n]);
    }
    x86_z(b, X86_RET);
}

static const uint8_t *begin_part(struct host_buffer *b)
{
    x86_align(b, 16);
    return b->next;
}

void x86_make_glue(struct host_glue *glue, uint8_t **place, uint8_t *limit, uint64_t features,
                   const struct ir_context *context)
{
    struct host_buffer buffer, *b = &buffer;
    struct host_label leave = X86_LABEL_INIT;
    static const struct leave_part leaves[] = {
        {PART_LEAVE_EVENT, HOST_LEFT_EVENT, .is_called = true, .pops = true},
        {PART_LEAVE_LINK, HOST_LEFT_LINK, .is_called = true, .pops = true},
        {PART_LEAVE_CALL, HOST_LEFT_LINK, .is_called = true},
        {PART_LEAVE_LOOKUP, HOST_LEFT_LOOKUP, .has_pc = true},
        {PART_LEAVE_SYSCALL, HOST_LEFT_SYSCALL, .has_pc = true},
        {PART_LEAVE_TRAP, HOST_LEFT_TRAP},
    };
    _Static_assert(PART_COUNT <= sizeof glue->parts / sizeof *glue->parts, "the glue has room for every part");

    x86_buffer_init(b, *place, (size_t)(limit - *place), (features & X86_HAS_AVX) != 0);
    glue->start = b->next;
    glue->parts[PART_TABLES] = begin_part(b);
    memcpy(b->next, x86_table_values, sizeof x86_table_values);
    b->next += sizeof x86_table_values;

    glue->enter = (const uint8_t *(*)(struct cpu_header *, const void *))(uintptr_t)begin_part(b);
    make_enter(b);
    begin_part(b);
    x86_bind(b, &leave);
    make_common_leave(b);
    for (unsigned n = 0; n < sizeof leaves / sizeof *leaves; n++) {
        glue->parts[leaves[n].part] = begin_part(b);
        make_leave(b, &leaves[n], context, &leave);
    }
    /* After a fault: the state is complete, MXCSR is the C side's already. */
    glue->leave = begin_part(b);
    x86_mov_mi(b, X86_32, HEADER_AT(exit_kind), HOST_LEFT_FAULT);
    x86_zero(b, X86_RAX);
    emit_return_to_c(b);

    glue->parts[PART_EVALUATE] = begin_part(b);
    make_evaluate(b);
    glue->parts[PART_HELPER] = begin_part(b);
    make_helper(b, false);
    glue->parts[PART_HELPER_FENV] = begin_part(b);
    make_helper(b, true);
    glue->parts[PART_PROBE] = begin_part(b);
    emit_probe_jump(b, glue);
    glue->parts[PART_RESET_STACK] = begin_part(b);
    make_reset_stack(b);

    glue->parts[PART_MISS] = begin_part(b);
    struct cpu_jump miss = {CPU_NO_PC, glue->parts[PART_LEAVE_LOOKUP]};
    memcpy(b->next, &miss, sizeof miss);
    b->next += sizeof miss;
    begin_part(b);
    KAGE_ASSERT(!b->overflow, "no room for the glue");
    glue->end = b->next;
    *place = b->next;
}
