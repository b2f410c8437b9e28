/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Executes IR directly: the reference for every host, and the engine where there is none. */
#ifndef IR_INTERPRETER_H
#define IR_INTERPRETER_H

#include "cpu.h"
#include "ir.h"
#include "overlay.h"

enum ir_exit_kind {
    IR_LEFT_GOTO,
    IR_LEFT_SYSCALL,
    IR_LEFT_TRAP,
    IR_LEFT_MISALIGNED, /* an access broke its demand for alignment: a guest fault at `address`; pc = the marked
                           instruction */
    IR_LEFT_MISTAKEN,   /* the host would take the address for another one (host_address.h): else as MISALIGNED */
    IR_LEFT_UNFINISHED, /* ir_interpret_aside only: more loops than allowed */
};

struct ir_exit {
    enum ir_exit_kind kind;
    enum ir_exit_hint hint;  /* of IR_LEFT_GOTO */
    uint32_t trap, argument; /* of IR_LEFT_TRAP: enum guest_trap and its argument */
    uint64_t address;        /* of IR_LEFT_MISALIGNED and IR_LEFT_MISTAKEN: guest address of the access */
    bool write;              /* the same: it was one */
};

/* Runs the unit once on the state; the pc slot is written at every exit (and at each mark, so that a host fault inside
   finds the exact state in memory: slots are written when the IR writes them). Guest memory is at header->memory_base +
   address. Edges to block 0 return IR_LEFT_GOTO with the unit's own pc when header->event is set. Uses only header->fp
   for floating point, never the host's. scratch: room for the unit's values, at least unit->count entries. */
struct ir_exit ir_interpret(const struct ir_unit *unit, struct cpu_header *state, union ir_value *scratch);

/* A run that leaves memory as it is. */
struct ir_aside {
    struct ir_overlay memory; /* the caller's to clear before the run */
    uint32_t loops;           /* edges to block 0 that may be taken before the run is given up */
    uint32_t at;              /* the instruction that runs, for a fault */
    uint64_t dropped[4];      /* bit per slot: what it holds is unspecified; the caller's to clear, too */
};

/* ir_interpret, with all accesses but those of helpers in aside->memory. */
struct ir_exit ir_interpret_aside(const struct ir_unit *unit, struct cpu_header *state, union ir_value *scratch,
                                  struct ir_aside *aside);

/* One pure or FENV operation on given operands (a, b, c as values; constants of v_shuffle included): what the folder
   and the tests of hosts call. */
union ir_value ir_evaluate(enum ir_op op, enum ir_type type, enum ir_type operand_type, uint16_t aux, union ir_value a,
                           union ir_value b, union ir_value c, const struct float_rules *rules,
                           struct float_status *status);

#endif
