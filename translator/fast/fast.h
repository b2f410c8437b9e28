/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fast tier: one superblock's IR to host code in one backward and one forward pass. */
#ifndef FAST_FAST_H
#define FAST_FAST_H

#include "host.h"
#include "ir.h"

/* Where a stale slot's value is when an instruction faults. */
enum fast_where {
    FAST_IN_REGISTER, /* payload = host register */
    FAST_IN_STATE,    /* payload = displacement in the state */
    FAST_CONSTANT,    /* payload = index of the 64-bit constant (v128: two) in fast_faults.constants */
    FAST_DEFERRED,    /* payload = index in fast_faults.recipes */
};

struct fast_slot_value {
    uint16_t slot;
    uint8_t where; /* enum fast_where */
    uint8_t type;  /* enum ir_type of the value */
    uint32_t payload;
};

/* A value that was not computed: the operation and where its operands are. */
struct fast_recipe {
    uint8_t op, type, operand_type;
    uint8_t where[3]; /* enum fast_where, never FAST_DEFERRED */
    uint16_t aux;
    uint32_t payload[3];
};

struct fast_fault {
    uint32_t code_offset; /* of the host instruction that may fault, from the unit's code start; ascending */
    uint32_t pc_delta;    /* of the guest instruction, from the unit's pc; modulo 2^32, sign-extended */
    uint32_t first;       /* its stale slots in fast_faults.slots */
    uint32_t count;
};

/* The snapshots of a unit, or all NULL. */
struct fast_faults {
    struct fast_fault *faults;
    struct fast_slot_value *slots;
    struct fast_recipe *recipes;
    uint64_t *constants;
    uint64_t pc; /* of the unit */
    uint32_t fault_count;
};

struct fast_result {
    bool done;               /* false: no room up to limit; nothing was kept */
    uint8_t *entry, *end;    /* code may begin before its entry */
    uint8_t *main_end;       /* what follows is out of line */
    struct host_exit *exits; /* in target->records, in the order of their sites */
    uint32_t exit_count;
    struct fast_faults faults;
};

/* What compilation needs besides the unit. */
struct fast_target {
    const struct host *host;
    const struct host_glue *glue;
    uint64_t features;
    enum memory_model memory_model;
    bool memory_base_is_zero;
    bool single_threaded;   /* CPU_MODE_PRIVATE */
    bool counts_loops, counts_own_loop; /* as in host_code */
    uint8_t *start, *limit; /* room for the code, at its final address */
    struct arena *records;  /* owns exits and snapshots; lives as long as the code */
};

/* Writes the host code of a unit made by superblock_form. Adds constants to it. Exit records and snapshots
   are in target->records. */
struct fast_result fast_compile(struct ir_unit *unit, struct arena *arena, const struct fast_target *target);

/* Applies the snapshot of the fault at host offset `code_offset`: read gives the value of a host register at the fault.
   Writes the stale slots and the pc slot into the state. Returns false if no instruction of the unit may fault there.
   Async-signal-safe. */
bool fast_apply_fault(const struct fast_faults *faults, uint32_t code_offset, const struct ir_context *context,
                      struct cpu_header *state, const struct host *host, const void *ucontext);

#endif
