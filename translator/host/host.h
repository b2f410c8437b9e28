/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host architecture is to the tiers: it says what each IR instruction needs (plan), and writes the host code
 * once the tier has chosen registers (emit). The host never chooses a register; a tier never knows an instruction.
 *
 * Conventions every host keeps:
 * - One register holds the state (struct cpu_header *, perhaps biased); it is never allocatable.
 * - A few registers are the host's own scratch: never allocatable, free inside any emit, move or store function.
 * - An i32 in a general register has zeros above bit 31 (so wide_u is an alias). An f32 or f64 in a vector register has
 * anything above its own bits. A `flags` value in a general register is the canonical number of opcodes.def.
 * - Translated code runs on its own stack (cpu_header.stack_base); between units only state memory holds guest state.
 * - While translated code runs the host's floating-point control register holds the guest's rounding mode and
 * accumulates exceptions; glue and calls of C functions exchange it where the callee needs that (IR_FENV helpers, slow
 * paths). */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "cpu.h"
#include "embedder.h"
#include "host_buffer.h"
#include "ir.h"

typedef uint8_t host_register; /* the host's numbering, below 32: general first, then vector */
typedef uint32_t host_mask;    /* bit per register */
#define HOST_NO_REGISTER 0xff

enum { HOST_MAX_INPUTS = 6, HOST_MAX_TEMPORARIES = 4, HOST_MAX_LABELS_PER_UNIT = 4096 };

enum host_place_kind {
    HOST_NOWHERE,
    HOST_IN_REGISTER,
    HOST_IN_STATE,    /* in memory at disp bytes from the state's start: a slot, a part of one, or a spill place */
    HOST_IS_CONSTANT, /* the value itself is a constant (or the input accepts one) */
};

struct host_place {
    uint8_t kind;
    host_register reg;
    int32_t disp;
};

/* One operand of a plan. The planner fills value and what it accepts; the tier fills place. */
struct host_input {
    ir_ref value;
    host_mask registers; /* acceptable registers; 0 if only memory or constant is acceptable */
    bool may_state;      /* also acceptable: HOST_IN_STATE (of the value's full type) */
    bool may_constant;   /* also acceptable: a constant (the planner has checked that this one encodes) */
    bool late;           /* is still read after the result has been written: must not share its register */
    struct host_place place;
};

enum { HOST_ABSORBED = 2 };

struct host_code;

struct host_plan {
    /* Writes the code. Everything below is final. */
    void (*emit)(struct host_code *code, const struct host_plan *plan);
    void (*selected)(struct host_code *code, const struct host_plan *plan); /* the host's own, called by its emit */
    uint32_t index;                                                         /* of the instruction in the unit */
    uint8_t input_count, temporary_count;
    int8_t tied;   /* the input whose register the result takes over, or -1 (the tier copies if that input lives on) */
    bool commutes; /* inputs 0 and 1 may be exchanged by the tier to make `tied` cheaper */
    struct host_input inputs[HOST_MAX_INPUTS];
    host_mask temporary_masks[HOST_MAX_TEMPORARIES];
    host_register temporaries[HOST_MAX_TEMPORARIES];
    host_mask result_registers; /* 0 = no result */
    host_register result;
    host_mask
        clobbers;     /* destroyed: nothing that lives on may be there; result may be among them; inputs may be, too */
    uint16_t variant; /* the planner's notes for emit: condition, scale, ... */
    int32_t displacement;
    ir_ref absorbed; /* the instruction whose work this one does too, or IR_NO_REF */
    host_mask
        second_registers; /* of a product whose other half is made with it: where that may be, 0 = no second result */
    host_register second;
};

/* A jump from a unit to other guest code that can be patched to go there directly. Lives as long as its unit. */
struct host_exit {
    uint64_t pc;                      /* target */
    struct unit *target;              /* of the runtime: the unit it is linked to, or NULL */
    struct host_exit *next_of_target; /* of those linked to the same unit */
    uint32_t site;                    /* end of the patchable instruction, from host_glue.start */
    uint8_t hint;                     /* enum ir_exit_hint */
    bool is_call;                     /* the host's own */
    bool is_continuation;             /* where a callee returns to */
};

/* Hint of an exit that is never linked: a loop has made CPU_LOOP_TURNS turns. It has the pc of the jump back, whose own exit, if the
   loop goes through several units, then stops counting once it is linked. */
enum { HOST_EXIT_HOT = 0x80 };

/* What the tier does for the emitters. */
struct host_tier {
    /* Called directly before an instruction that may fault is written: the current place is noted together with
       the guest state at the start of the instruction being emitted. */
    void (*note_fault)(struct host_code *code);
    /* A new exit record, valid until the next one is made: hint and pc filled. */
    struct host_exit *(*new_exit)(struct host_code *code, uint64_t pc, uint8_t hint);
};

/* Emission of one unit. Filled by the tier; buffer, labels and out_of_line are the host's to move. */
struct host_code {
    const struct host *host;
    const struct ir_unit *unit;
    const struct host_tier *tier;
    void *tier_data;
    struct arena *arena;
    struct host_buffer
        buffer; /* final addresses; begin_unit makes start the entry, which what leaves for events may precede */
    enum memory_model memory_model;
    bool memory_base_is_zero; /* direct model at offset 0: no base needed */
    bool single_threaded;     /* atomic operations may be plain, barriers left out */
    bool counts_loops;        /* jumps to code before the unit count down cpu_header.loop_counts and leave by HOST_EXIT_HOT at the end */
    bool counts_own_loop;     /* the unit's own back edge does, too, instead of looking for events: it is to be formed again */
    uint64_t features;        /* host's own bits */
    const struct host_glue *glue;
    struct host_out_of_line *out_of_line; /* stubs to be written after the main code: the host's own list */
    const uint16_t *uses;                 /* by instruction: number of uses in the unit */
    const uint8_t *bits; /* by instruction: HOST_ABSORBED if its only user does its work (nested ones too) */
    /* For END instructions: where their targets are in this unit. */
    struct host_label *labels; /* by block number */
    uint32_t next_block;       /* block number that follows in the layout, or UINT32_MAX */
    struct host_label *branch_then,
        *branch_else; /* of the branch being emitted; the one that is next_block's falls through */
};

/* Code made once per process at the start of the code cache. */
struct host_glue {
    /* Runs translated code until it leaves; state->exit_kind says why, and the result where for those that enum
       host_left gives one. Saves and restores the C side's registers and floating-point control. */
    const uint8_t *(*enter)(struct cpu_header *state, const void *code);
    const uint8_t *leave; /* host address where faults continue: back to enter's caller with HOST_LEFT_FAULT */
    const uint8_t *start, *end;
    const void *parts[16]; /* host's own: slow-path thunks, probe misses ... */
};

enum host_left {
    HOST_LEFT_LINK,    /* pc slot not written; enter's result: the site of the exit to be linked (host_exit_find) */
    HOST_LEFT_LOOKUP,  /* pc slot written: an indirect jump whose target is not in the table */
    HOST_LEFT_EVENT,   /* pc slot not written; enter's result: the entry of the unit whose pc it is */
    HOST_LEFT_SYSCALL, /* pc slot written */
    HOST_LEFT_TRAP,    /* pc slot written; state->exit_value = trap | argument << 32 */
    HOST_LEFT_FAULT,   /* the fault handler has rebuilt the state */
};

struct host {
    const char *name;
    host_mask allocatable_general, allocatable_vector;
    host_mask callee_saved; /* survive calls of C functions */
    bool makes_products; /* a plan of mul, mulhu or mulhs may make the other half (absorbed), which comes later, too */
    bool demands_registers; /* some plan has an input that accepts one register only */
    unsigned entry_check_bytes; /* of the check for events at a unit's entry; what follows may be entered, too */

    /* CPU features of this machine less `disabled`. */
    uint64_t (*detect_features)(uint32_t disabled);
    /* Whether vectors of 64-bit lanes do at once what integer code does one by one, shifts by lanes included. */
    bool (*has_superwords)(uint64_t features);

    /* ---- questions of the tier, before emission ---- */
    /* The result is operand a's register, unchanged (wide_u on x86-64). */
    bool (*is_alias)(const struct ir_unit *unit, const struct ir_instruction *i);
    /* A pure instruction that need not be computed while only a slot holds it: store_deferred does it when needed. */
    bool (*is_deferrable)(const struct ir_unit *unit, const struct ir_instruction *i);
    /* The same for a simple operation: worth it only if the slot is overwritten before most ways out of the unit. */
    bool (*is_simple)(const struct ir_unit *unit, const struct ir_instruction *i);
    /* Whether `user`'s plan will do the work of the instruction that makes its operand `value`, which has no other use.
       The operands of the absorbed one then become operands of the user. */
    bool (*absorbs)(struct host_code *code, uint32_t user, ir_ref value);
    const uint8_t *absorbers; /* by opcode: bit per operand for which it may say yes */

    /* ---- instructions ---- */
    /* Fills the plan (all but places, temporaries and result) for instruction index (anything but read, write, mark,
       jump). absorbed: the value it absorbs, as `absorbs` said, or IR_NO_REF. */
    void (*plan)(struct host_code *code, uint32_t index, ir_ref absorbed, struct host_plan *plan);

    /* ---- moves; they may change the host's condition flags: tiers never rely on those between instructions ---- */
    void (*move)(struct host_code *code, enum ir_type type, host_register to, host_register from);
    void (*exchange)(struct host_code *code, host_register one,
                     host_register other); /* both general or both vector, whole */
    void (*load)(struct host_code *code, enum ir_type type, host_register to, int32_t disp); /* from state memory */
    void (*store)(struct host_code *code, enum ir_type type, int32_t disp, host_register from);
    void (*load_constant)(struct host_code *code, host_register to, ir_ref constant);
    void (*store_constant)(struct host_code *code, int32_t disp, ir_ref constant);
    /* Computes a deferrable instruction from where its operands are and stores it at disp; scratch registers only.
     * places: a, b, c. */
    void (*store_deferred)(struct host_code *code, uint32_t index, const struct host_place places[3], int32_t disp);

    /* ---- units ---- */
    void (*begin_unit)(struct host_code *code); /* the entry: event check (leaves with the unit's pc) */
    void (*jump)(struct host_code *code, struct host_label *label);
    void (*bind)(struct host_code *code, struct host_label *label);
    /* Back edge to the unit's own pc: leaves (out of line) with HOST_LEFT_EVENT if an event is pending, else jumps to
       the label. store_slots is called by the host at the start of the out-of-line part to write back slots that are
       only in registers. */
    void (*loop)(struct host_code *code, struct host_label *label,
                 void (*store_slots)(struct host_code *code, void *data), void *data);
    void (*finish_unit)(struct host_code *code); /* out-of-line parts; buffer.next is the end after it */

    /* ---- the code cache ---- */
    /* Writes the glue at *place (advanced), to be called once. */
    void (*make_glue)(struct host_glue *glue, uint8_t **place, uint8_t *limit, uint64_t features,
                      const struct ir_context *context);
    /* Atomically; code NULL: it leaves again. */
    void (*link)(const struct host_glue *glue, const struct host_exit *exit, const void *code);
    /* Makes a unit that became invalid leave at its entry: the next one to enter goes to the dispatcher
     * (HOST_LEFT_EVENT). */
    void (*disable_unit)(uint8_t *entry);

    /* ---- faults: the values of registers in a signal frame ---- */
    void (*read_register)(const void *ucontext, host_register reg, union ir_value *value);
    /* Makes the interrupted thread continue at glue->leave, with the state register valid. */
    void (*leave_from_fault)(void *ucontext, const struct host_glue *glue, struct cpu_header *state);
    uint64_t (*fault_pc)(const void *ucontext);
    /* The floating-point exceptions accumulated in the frame and the C side's own, exchanged: state->fp is made
     * current. */
    void (*save_fp_from_fault)(void *ucontext, struct cpu_header *state);
    /* True if the signal means that an address misses the alignment its memop demands; *address is the guest's. */
    bool (*fault_is_misaligned)(const void *ucontext, int signal, uint64_t *address);
    int capstone_arch, capstone_mode;
};

/* The exit of a unit's that HOST_LEFT_LINK names; they are in the order of their sites. */
static inline struct host_exit *host_exit_find(struct host_exit *exits, const struct host_glue *glue,
                                               const uint8_t *site)
{
    while (exits->site != (uint32_t)(site - glue->start)) {
        exits++;
    }
    return exits;
}

/* The host this program was compiled for, or NULL if there is no engine for it. */
const struct host *host_native(void);

/* ---- what a signal frame says of a fault, on every host, whichever engine ran ---- */
/* True if it was a write. */
bool host_fault_is_write(const void *ucontext);
/* True if the host refused the address as such, whatever is mapped, and siginfo does not have it: *address is what it was, 0 if
   that cannot be told. */
bool host_fault_is_bad_address(const void *ucontext, uint64_t *address);

#endif
