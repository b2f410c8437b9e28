/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86-64 host's own conventions and what its files share.
 *
 * - rbp: the state, biased so that the hottest slots are reached with one-byte displacements.
 * - rsp: translated code's own stack: per call in progress a guest return address and above it, pushed by the host's
 *   call, the continuation; 16-byte aligned inside a unit.
 * - rax rcx rdx, xmm0 xmm1 xmm15: scratch of every emitter (no plan ever has fixed registers because of shifts,
 *   division, lahf or cmpxchg); the encoder itself uses xmm15 where a legacy form needs a move.
 * - All others can be allocated. */
#ifndef X86_64_HOST_H
#define X86_64_HOST_H

#include "encoder.h"
#include "host.h"
#include "x86_features.h"

#include <stddef.h>

enum {
    STATE_REGISTER = X86_RBP,
    /* The end of the header and the first slots, 256 bytes together, have one-byte displacements. */
    STATE_BIAS = sizeof(struct cpu_header) - CPU_HOT_BYTES + 128,
    VECTOR_BASE = 16, /* host_register of xmm0 */
    SCRATCH_V0 = 0,
    SCRATCH_V1 = 1,
    SCRATCH_V2 = 15,
    ENTRY_CHECK_BYTES = 6, /* compare with memory, short conditional jump */
};

#define BIT(n) (1u << (n))
#define GENERAL                                                                                                        \
    (BIT(X86_RBX) | BIT(X86_RSI) | BIT(X86_RDI) | BIT(X86_R8) | BIT(X86_R9) | BIT(X86_R10) | BIT(X86_R11) |            \
     BIT(X86_R12) | BIT(X86_R13) | BIT(X86_R14) | BIT(X86_R15))
#define CALLEE_SAVED (BIT(X86_RBX) | BIT(X86_R12) | BIT(X86_R13) | BIT(X86_R14) | BIT(X86_R15))
#define VECTOR 0x7ffc0000u /* xmm2 to xmm14 */

/* Work after the main code of the unit. */
struct slow_path {
    struct slow_path *next;
    void (*emit)(struct host_code *code, struct slow_path *path);
    struct host_label entry, back; /* back is bound by the main code */
    const void *data;
    uint32_t index;
    uint8_t count, result, type, operand_type;
    uint8_t registers[4];
    void (*store_slots)(struct host_code *code, void *data);
    void *store_data;
};

/* A 16-byte constant after the unit's code; field: the displacement that refers to it. */
struct pool_constant {
    struct pool_constant *next;
    uint64_t low, high;
    int32_t fields[4];
    uint32_t field_count;
};

/* The host's part of a unit being emitted. */
struct host_out_of_line {
    bool plain_addresses;   /* guest addresses are host addresses */
    bool float_rules_known; /* the next two are valid: float_select.h */
    bool flushes;           /* subnormals are zeros, on the host's units: select_float_flush.c */
    bool soft_float;        /* the rules or the rounding mode are beyond this host: every FENV operation is evaluated in
                               software */
    struct slow_path *first, **last;
    struct pool_constant *pool;
};

static inline struct host_out_of_line *x86_unit(struct host_code *code)
{
    return code->out_of_line;
}

static inline struct host_buffer *x86_code(struct host_code *code)
{
    return &code->buffer;
}

static inline bool x86_has(struct host_code *code, uint32_t feature)
{
    return (code->features & feature) == feature; /* may be asked before begin_unit */
}

/* ---- state memory ---- */
static inline struct x86_memory state_at(int32_t disp)
{
    return x86_at(STATE_REGISTER, disp - STATE_BIAS);
}
#define HEADER_AT(member) state_at((int32_t)offsetof(struct cpu_header, member))

/* The usual moves between a general register and the state's memory, and the like: x86_near_rbp. */
_Static_assert((int)STATE_REGISTER == (int)X86_RBP, "x86_near_rbp is for the state");
static inline void x86_on_state(struct host_buffer *b, unsigned opcode, bool wide, unsigned reg, int32_t disp)
{
    x86_near_rbp(b, opcode, wide, reg, disp - STATE_BIAS);
}

/* A byte of another place of memory near the code: glue tables. */
struct x86_memory x86_near(struct host_code *code, const void *place);

#include "plan.h"

static inline unsigned general_of(const struct host_input *input)
{
    return input->place.reg;
}

static inline unsigned vector_of(const struct host_input *input)
{
    return input->place.reg - VECTOR_BASE;
}

static inline bool in_register(const struct host_input *input)
{
    return input->place.kind == HOST_IN_REGISTER;
}

static inline uint64_t constant_value(struct host_code *code, ir_ref ref)
{
    return ir_constant_of(code->unit, ref)->value.i64;
}

/* op reg, input: an ALU row with input in register, memory or constant. */
void emit_alu(struct host_code *code, uint32_t op, enum x86_size size, unsigned reg, const struct host_input *input);
/* op reg, input for rows of form R_RM (imul, popcnt, movsx): register or memory. */
void emit_r_rm(struct host_code *code, uint32_t op, enum x86_size size, unsigned reg, const struct host_input *input);
/* reg becomes the input's value (general). */
void emit_get(struct host_code *code, enum x86_size size, unsigned reg, const struct host_input *input);
/* Vector instruction with its last operand in register or (alignment permitting) memory. */
void emit_v_rrm(struct host_code *code, uint32_t op, unsigned reg, unsigned first, const struct host_input *input);

/* ---- constants ---- */
void emit_vector_constant(struct host_code *code, unsigned reg, uint64_t low, uint64_t high);
/* op reg, first, constant: from the pool after the unit. */
void emit_v_constant_operand(struct host_code *code, uint32_t op, unsigned reg, unsigned first,
                             const union ir_value *value);
/* The memory of a 16-byte aligned constant in the glue. */
enum x86_table {
    TABLE_SIGN32,
    TABLE_SIGN64,
    TABLE_ABS32,
    TABLE_ABS64,
    TABLE_TINY32, /* smallest normal numbers */
    TABLE_TINY64,
    TABLE_LOW_NIBBLES,
    TABLE_POPCNT, /* of nibbles */
    TABLE_CLZ,
    TABLE_WORD_LOW_BYTES,
    TABLE_DWORD_LOW_WORDS,
    TABLE_SEVENTY, /* 0x70 in each byte */
    TABLE_ONES,    /* all bits */
    TABLE_ZEROS,
    TABLE_COUNT
};
extern const uint64_t x86_table_values[TABLE_COUNT][2];
struct x86_memory table_at(struct host_code *code, enum x86_table table);

/* ---- out of line ---- */
struct slow_path *slow_path_new(struct host_code *code, void (*emit)(struct host_code *, struct slow_path *));

/* ---- parts of the glue ---- */
enum x86_part {
    PART_TABLES,        /* x86_table_values, 16-byte aligned */
    PART_LEAVE_EVENT,   /* called: the return address is the entry of a unit */
    PART_LEAVE_LOOKUP,  /* rax = pc */
    PART_LEAVE_LINK,    /* called: the return address is the site of an exit */
    PART_LEAVE_CALL,    /* the same, and the return address stays on the stack */
    PART_LEAVE_TRAP,    /* exit_value and pc are written */
    PART_LEAVE_SYSCALL, /* rax = pc */
    PART_EVALUATE,      /* see evaluate.c */
    PART_HELPER,        /* rax = function; arguments in place; keeps nothing that C does not keep */
    PART_HELPER_FENV,   /* the same, with the float status exchanged */
    PART_PROBE,         /* rax = pc: goes there */
    PART_RESET_STACK,   /* called: the stack of calls in progress becomes empty. Destroys rax */
    PART_MISS,          /* a struct cpu_jump whose code is PART_LEAVE_LOOKUP */
    PART_COUNT
};

static inline const uint8_t *glue_part(struct host_code *code, enum x86_part part)
{
    return code->glue->parts[part];
}
void emit_jmp_to(struct host_code *code, const void *target);
void emit_call_to(struct host_code *code, const void *target);

/* ---- evaluate.c: any pure or FENV operation through ir_evaluate ---- */
void plan_evaluate(struct host_code *code, struct host_plan *plan);
/* Out of line: the result (and inputs) of this plan as ir_evaluate says; back to after the check. first: the plan's
   input that holds operand a. The inputs must still be whole. */
struct slow_path *slow_evaluate(struct host_code *code, const struct host_plan *plan);
/* Whether a plan is one of plan_evaluate. */
bool is_evaluation(const struct host_plan *plan);

/* ---- one planner per operation ---- */
typedef void planner(struct host_code *code, struct host_plan *plan);
#define OP(name, result, a, b, c, effects, aux) planner plan_##name;
#include "opcodes.def"
#undef OP

/* ---- compares, shared with branch and select ---- */
/* Adds the operands of a condition (the i32 `value`, whose instruction is absorbed if plan->absorbed names it). */
void plan_condition(struct host_code *code, struct host_plan *plan, ir_ref value);
/* Writes the compare; returns the condition under which `value` is nonzero. inputs start at first. */
enum x86_condition emit_condition(struct host_code *code, const struct host_plan *plan, ir_ref value, unsigned first);
/* The same for fcmp, in select_float.c. It needs nothing but rules that do not flush operands. */
bool compares_natively(const struct ir_unit *unit);
/* Not one of f16. */
bool can_absorb_fcmp(struct host_code *code, ir_ref value);
void plan_float_compare(struct host_code *code, struct host_plan *plan, const struct ir_instruction *i);
enum x86_condition emit_float_compare(struct host_code *code, const struct ir_instruction *i,
                                      const struct host_input *in);
/* rax = the number of a flags_float; operands in registers, memory or constants. */
void emit_float_flags(struct host_code *code, const struct ir_instruction *i, const struct host_input in[2]);
void emit_carry_in(struct host_code *code, const struct host_input *in);
/* result = 1 if the condition holds, else 0. Destroys rax. */
void emit_boolean(struct host_code *code, enum x86_condition condition, unsigned result);
bool can_absorb_condition(struct host_code *code, ir_ref value);
/* Conditions that the carry flag can be; what the instruction needs as its next inputs, and the flag made from them. */
bool can_absorb_carry(struct host_code *code, ir_ref value);
void plan_carry(struct host_code *code, struct host_plan *plan, ir_ref value);
void emit_absorbed_carry(struct host_code *code, ir_ref value, const struct host_input *in);
bool can_absorb_aes(struct host_code *code, const struct ir_instruction *mix, ir_ref value);
/* What a comparison with zero can do itself: and, field_u, fcmp. */
bool can_absorb_bits(struct host_code *code, const struct ir_instruction *cmp, ir_ref value);
bool can_absorb_address(struct host_code *code, uint32_t user, ir_ref value);
/* The operand (0 or 1) of an addition that is a shift left by 1 to 3 with no other use, or -1: an address's scaled
 * index. */
int scaled_operand(struct host_code *code, const struct ir_instruction *add);
/* The operand of an addition or subtraction (of this only 1) that is a carry made a number with no other use, or -1. */
int carry_operand(struct host_code *code, const struct ir_instruction *i);
/* Leaves rax = the flags number of a flags_* instruction with operands in places (a, b, c as inputs). Scratch only. */
void emit_flags(struct host_code *code, const struct ir_instruction *i, const struct host_input inputs[3]);
/* The same for an operation that host.is_simple has named. */
void emit_simple(struct host_code *code, const struct ir_instruction *i, const struct host_input inputs[3]);

/* ---- control, glue, faults, moves ---- */
void x86_begin_unit(struct host_code *code);
void x86_jump(struct host_code *code, struct host_label *label);
void x86_bind_label(struct host_code *code, struct host_label *label);
void x86_loop(struct host_code *code, struct host_label *label, void (*store_slots)(struct host_code *, void *),
              void *data);
void x86_finish_unit(struct host_code *code);
void x86_make_glue(struct host_glue *glue, uint8_t **place, uint8_t *limit, uint64_t features,
                   const struct ir_context *context);
void x86_link(const struct host_glue *glue, const struct host_exit *exit, const void *target);
void x86_disable_unit(uint8_t *entry);
void x86_move(struct host_code *code, enum ir_type type, host_register to, host_register from);
void x86_exchange(struct host_code *code, host_register one, host_register other);
void x86_load(struct host_code *code, enum ir_type type, host_register to, int32_t disp);
void x86_store(struct host_code *code, enum ir_type type, int32_t disp, host_register from);
void x86_load_constant(struct host_code *code, host_register to, ir_ref constant);
void x86_store_constant(struct host_code *code, int32_t disp, ir_ref constant);
void x86_store_deferred(struct host_code *code, uint32_t index, const struct host_place places[3], int32_t disp);
void x86_read_register(const void *ucontext, host_register reg, union ir_value *value);
void x86_leave_from_fault(void *ucontext, const struct host_glue *glue, struct cpu_header *state);
uint64_t x86_fault_pc(const void *ucontext);
void x86_save_fp_from_fault(void *ucontext, struct cpu_header *state);
bool x86_fault_is_misaligned(const void *ucontext, int signal, uint64_t *address);

#endif
