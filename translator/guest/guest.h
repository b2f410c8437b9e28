/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest architecture is to the translator: constant data and two functions, decode-and-lift and look-ahead.
 * guests.def lists all of them. Nothing here is a compile-time choice. */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include "builder.h"
#include "cpu.h"
#include "debug_description.h"

struct decode_row;
struct float_rules;

/* Why a unit left for the program: argument a of the IR's trap. */
enum guest_trap {
    TRAP_UNDEFINED,   /* illegal instruction; argument = 0, or 1 if it is known but not supported */
    TRAP_BREAKPOINT,  /* argument = the instruction's immediate */
    TRAP_FETCH,       /* the instruction's bytes are not executable; argument = offset of the first that is not */
    TRAP_ALIGNMENT,   /* misaligned pc or sp */
    TRAP_DIVIDE,
    TRAP_HYPERCALL,   /* an instruction reserved for kage's own vdso, of a number that the program does not know; argument = which */
    TRAP_DEBUG_BREAKPOINT, /* a debugger's breakpoint stands here (translator_set_breakpoint) */
    TRAP_DEBUG_WATCHPOINT, /* the instruction is about to touch a watched place; argument = which */
};

/* The state of lifting one unit, passed to every lift function. */
struct lifter {
    struct ir_builder *ir;
    const struct guest *guest;
    const uint8_t *code;    /* bytes at pc, readable for `available` bytes */
    uint32_t available;
    uint64_t pc;            /* of the instruction being lifted */
    uint32_t length;        /* its length in bytes, set by guest->lift before the lift function runs */
    uint32_t mode;          /* mode bits of this unit (cpu_header.mode) */
    uint32_t options;       /* enum lift_option bits */
    uint32_t hypercalls;    /* embedder.hypercall_count */
    const struct decode_row *row; /* for logs */
    /* How the instruction ended, set by the lift_* functions below. */
    enum lift_end {
        LIFT_NEXT,      /* falls through to pc + length */
        LIFT_BRANCH,    /* conditional: condition, target; falls through otherwise */
        LIFT_JUMP,      /* target known */
        LIFT_DONE,      /* the block was ended (goto_value, trap, syscall, ...) */
        LIFT_STOP,      /* falls through, but the unit must end here (mode or code may have changed) */
    } end;
    ir_ref condition;
    uint64_t target;
    enum ir_exit_hint hint; /* of LIFT_JUMP */
    uint64_t return_pc;     /* of a call */
};

enum lift_option {
    LIFT_SINGLE_STEP = 1, /* one instruction per unit */
};

/* Conditional branch: condition is an i32, taken if != 0. Must be the last thing a lift function does. */
static inline void lift_branch(struct lifter *l, ir_ref condition, uint64_t target)
{
    l->end = LIFT_BRANCH;
    l->condition = condition;
    l->target = target;
}
static inline void lift_jump(struct lifter *l, uint64_t target)
{
    l->end = LIFT_JUMP;
    l->target = target;
    l->hint = IR_EXIT_JUMP;
}
/* A call of a known target; the lift function has written the link register itself. */
static inline void lift_call(struct lifter *l, uint64_t target, uint64_t return_pc)
{
    l->end = LIFT_JUMP;
    l->target = target;
    l->hint = IR_EXIT_CALL;
    l->return_pc = return_pc;
}
/* Jump to a value. return_pc matters for IR_EXIT_CALL only. */
void lift_jump_value(struct lifter *l, ir_ref target, enum ir_exit_hint hint, uint64_t return_pc);
/* The pc stays at this instruction. */
void lift_trap(struct lifter *l, enum guest_trap trap, uint32_t argument);
/* System call; the program continues after this instruction. */
void lift_syscall(struct lifter *l);
/* Falls through, but later code must be looked up anew: after a change of mode bits or of code. */
static inline void lift_stop(struct lifter *l)
{
    l->end = LIFT_STOP;
}

/* Bits of 64 that the guest's FP environment contributes to the mode are the guest's own business; common layout: */
struct guest {
    const char *name;             /* "aarch64" */
    const char *peer_name;        /* the suffix users know: qemu-<peer_name> */
    uint16_t elf_machine;         /* EM_* */
    uint8_t elf_class;            /* ELFCLASS64 */
    bool big_endian;
    uint8_t word_bits;            /* 32, 64 */
    uint8_t instruction_align;    /* bytes: 4, 2, 1 */
    uint8_t instruction_longest;  /* bytes */
    uint8_t tag_bits;             /* so many of an address's upper bits are ignored; 0: none */
    uint8_t page_log;             /* log2 of the page size its programs expect */
    uint32_t state_size;          /* bytes, header included */
    const struct ir_slot_description *slots;
    unsigned slot_count;
    uint16_t pc_slot;
    uint16_t sp_slot;
    const struct ir_helper *helpers;
    unsigned helper_count;
    /* Detects code changes by explicit instructions (no write protection needed). */
    bool explicit_code_flush;

    /* A state as at reset; header fields are the caller's. */
    void (*reset)(struct cpu_header *state);
    /* The rules of floating point in a mode. */
    const struct float_rules *(*float_rules)(uint32_t mode);
    /* Decodes the instruction at l->code (at least one byte is available; if the instruction is longer than what is available it
       emits TRAP_FETCH), emits its IR including the mark, and sets l->length, l->row and how it ended. Never fails: an undefined
       instruction emits TRAP_UNDEFINED. */
    void (*lift)(struct lifter *l);
    /* True if the code at `code` (available bytes) overwrites the flags slot(s) before it reads them or could fault or leave. */
    bool (*flags_are_dead)(const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode);
    /* Text of one instruction for logs: "ADD_imm Rd=1 ...". Returns its length in bytes (0 if not decodable). */
    unsigned (*describe)(char *text, size_t size, const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode);
    /* Registers for debuggers, and those of them that are no slot, by name. While no translated code runs. */
    const struct debug_description *debug;
    uint64_t (*read_debug_register)(struct cpu_header *state, const char *name);
    void (*write_debug_register)(struct cpu_header *state, const char *name, uint64_t value);
    int capstone_arch, capstone_mode; /* -1 if Capstone does not know it */
};

/* The address that an access or a branch to `address` uses: a tag becomes copies of the bit below. */
static inline uint64_t guest_remove_tag(const struct guest *guest, uint64_t address)
{
    return (uint64_t)((int64_t)(address << guest->tag_bits) >> guest->tag_bits);
}

/* The rows of guests.def; index 0..guest_count-1. */
extern const struct guest *const guest_list[];
extern const unsigned guest_count;

const struct guest *guest_find_elf(uint16_t machine, uint8_t elf_class, bool big_endian);
const struct guest *guest_find_name(const char *name);

#endif
