/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of compiling one unit, shared by the files of the fast tier.
 *
 * Values are numbered: instructions by their index, then the unit's constants, then one "entry value" per slot (what
 * the slot held when a loop unit's header was reached). A value lives in a register, in state memory (its slot, or a
 * spill place), or both.
 *
 * A slot is *pending* while its memory is stale: pending[slot] is the value it really has. Nothing stores it until it
 * must be in memory: an exit, a helper that reads state, or because its register is needed (then its own slot is its
 * spill place). What an instruction that faults needs is recorded beside the code (snapshot.c).
 *
 * A value may be *deferred*: not computed while only pending slots hold it; its operands are kept alive instead. */
#ifndef FAST_COMPILER_H
#define FAST_COMPILER_H

#include "fast.h"
#include "log.h"

#include <stddef.h>

enum { NO_VALUE = UINT32_MAX, REGISTER_COUNT = 32, MAX_FLAG_SLOTS = 8 };

enum analysis_bits {
    IS_DEAD = 1,     /* no instruction is emitted */
    IS_ABSORBED = 2, /* its user does its work */
    IS_DEFERRED = 4, /* only slots hold it, and the host can store it from its operands */
    IS_LASTING = 8,  /* a slot has it until the unit ends: it is the slot's last value in it */
    IS_MADE_EARLY = 16, /* an instruction ahead of it in its block, which absorbs it, makes its result, too */
};

struct value {
    uint16_t left;     /* uses to come, writes included */
    uint16_t held;     /* pending slots that have it */
    host_register reg; /* HOST_NO_REGISTER: none */
    uint8_t type;      /* enum ir_type: how it is moved and stored */
    bool in_state;     /* memory at disp has it too */
    bool deferred;
    bool in_recipe;     /* operand of a deferred value */
    uint8_t now;        /* uses by the instructions being placed */
    uint16_t home_slot; /* whose memory that is, or NO_SLOT for a spill place */
    int32_t disp;
    uint32_t home_next; /* next value in home_slot's list */
    uint32_t stamp;     /* the last saved_state that has it */
    uint32_t canon;     /* the value it is an alias of, or itself */
    uint32_t absorbed;  /* of an instruction: the value it absorbs, or IR_NO_REF */
};
_Static_assert(sizeof(struct value) == 32, "two to a cache line");
#define NO_SLOT 0xffff

/* A loop unit's register for a slot, the same at every arrival at the header. */
struct header_slot {
    uint16_t slot;
    host_register reg;
    bool dirty; /* written in the loop: memory is stale at the header */
};

struct saved_value {
    uint32_t number;
    struct value value;
};

/* The allocation at a branch, for a block that is emitted later. */
struct saved_state {
    uint32_t branch; /* the instruction */
    uint32_t registers[REGISTER_COUNT];
    struct saved_value *values;
    uint32_t value_count, value_capacity;
    uint16_t *slots; /* pending, with their values */
    uint32_t *slot_values;
    uint32_t slot_count;
};

struct compiler {
    struct host_code code; /* first: host callbacks get back here */
    struct ir_unit *unit;
    const struct host *host;
    struct arena *arena;
    const struct fast_target *target;

    /* analyze.c */
    uint8_t *bits;                       /* analysis_bits by instruction */
    uint16_t *uses;                      /* raw uses by instruction */
    uint16_t *writes;                    /* uses that are writes */
    uint16_t *wanted;                    /* by instruction: 1 + the slot that its result is on the way to, 0 = none */
    uint16_t flag_slots[MAX_FLAG_SLOTS]; /* slots of flags that the unit names */
    unsigned flag_count;
    uint8_t entry_flags; /* bit per flag slot: a loop's next iteration may look at it */
    bool loops;

    /* allocate.c */
    struct value *values;
    uint32_t value_count, constant_start, entry_start;
    uint32_t registers[REGISTER_COUNT]; /* value in it, or NO_VALUE */
    host_mask vacant;                   /* registers without one */
    uint32_t touched[REGISTER_COUNT];
    uint32_t clock;
    host_mask locked;  /* not to be evicted while one instruction is placed */
    uint32_t *pending; /* by slot */
    uint16_t *pending_list, *pending_place;
    uint32_t pending_count;
    uint32_t *home_head;  /* by slot: list of values whose home it is */
    uint64_t *home_slots; /* bit per slot: its list may not be empty */
    uint64_t spills_used;
    uint32_t version; /* counts changes of what a snapshot says */

    /* loop.c */
    struct header_slot *header;
    uint32_t header_count;
    struct host_label header_label;

    /* compile.c */
    uint64_t pc; /* of the guest instruction being emitted */
    struct host_label *labels;
    struct saved_state **saved;    /* by block */
    struct side_exit **side_exits; /* by block */
    uint32_t stamp;
    struct host_exit *exits;
    uint32_t exit_count, exit_capacity;
    uint32_t
        current; /* the instruction whose turn it is (emit_instruction may be called for an earlier, deferred one) */

    /* snapshot.c */
    struct fast_fault *faults;
    uint32_t fault_count, fault_capacity;
    struct fast_slot_value *slot_values;
    uint32_t slot_value_count, slot_value_capacity;
    struct fast_recipe *recipes;
    uint32_t recipe_count, recipe_capacity;
    uint64_t *constants;
    uint32_t constant_count, constant_capacity;
    uint32_t snapshot_version, snapshot_first, snapshot_count;
};

static inline uint32_t value_of(const struct compiler *c, ir_ref ref)
{
    return ref & IR_CONSTANT ? c->constant_start + (ref & ~IR_CONSTANT) : c->values[ref].canon;
}
static inline bool value_is_constant(const struct compiler *c, uint32_t number)
{
    return number - c->constant_start < c->entry_start - c->constant_start;
}
static inline ir_ref value_constant(const struct compiler *c, uint32_t number)
{
    return (number - c->constant_start) | IR_CONSTANT;
}
/* Calls visit for every slot whose memory may be a home. */
static inline void for_each_home(struct compiler *c, void (*visit)(struct compiler *c, unsigned slot))
{
    for (unsigned word = 0; word < (c->unit->context->slot_count + 63) / 64; word++) {
        for (uint64_t rest = c->home_slots[word]; rest; rest &= rest - 1) {
            visit(c, word * 64 + (unsigned)__builtin_ctzll(rest));
        }
    }
}
static inline void link_home(struct compiler *c, uint32_t number, unsigned slot)
{
    c->values[number].home_next = c->home_head[slot];
    c->home_head[slot] = number;
    c->home_slots[slot / 64] |= 1ull << slot % 64;
}
static inline int32_t slot_disp(const struct compiler *c, unsigned slot)
{
    return c->unit->context->slots[slot].offset;
}

/* ---- analyze.c: uses, dead code, absorption, deferral ---- */
void analyze_unit(struct compiler *c);

/* ---- allocate.c ---- */
/* Makes the values and counts their raw uses; before anything else. */
void allocate_init(struct compiler *c);
/* A register of the mask, freed if need be; locked values stay. */
host_register allocate_register(struct compiler *c, host_mask mask);
/* The value's register, loading it into one of the mask's if it has none there. */
host_register value_into_register(struct compiler *c, uint32_t number, host_mask mask);
static inline void value_set_register(struct compiler *c, uint32_t number, host_register reg)
{
    struct value *v = &c->values[number];
    if (v->reg != HOST_NO_REGISTER) {
        c->registers[v->reg] = NO_VALUE;
        c->vacant |= 1u << v->reg;
    }
    v->reg = reg;
    if (reg != HOST_NO_REGISTER) {
        c->registers[reg] = number;
        c->vacant &= ~(1u << reg);
        c->touched[reg] = ++c->clock;
    }
    c->version += v->held || v->in_recipe;
}
/* One use less, a pending slot less: registers and spill places of dead values are free again. */
void value_forget(struct compiler *c, uint32_t number);
static inline void value_use_done(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    if (!value_is_constant(c, number)) {
        KAGE_ASSERT(v->left > 0, "a use that was not counted");
        if (--v->left == 0 && v->held == 0) {
            value_forget(c, number);
        }
    }
}
static inline void value_release(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    if (!value_is_constant(c, number) && --v->held == 0 && v->left == 0) {
        value_forget(c, number);
    }
}
/* Its place in memory, if any, is not its place any more. */
void value_forget_memory(struct compiler *c, uint32_t number);
/* The value's register is wanted for something else: it is moved, stored, or forgotten if it can be had again. */
void register_vacate(struct compiler *c, host_register reg, host_mask avoid);
static inline host_mask class_registers(const struct compiler *c, enum ir_type type)
{
    const unsigned vector = 1u << IR_F32 | 1u << IR_F64 | 1u << IR_V128 | 1u << IR_V256;
    return vector >> type & 1 ? c->host->allocatable_vector : c->host->allocatable_general;
}

/* ---- slots.c: reads, writes, pending slots ---- */
void slot_read(struct compiler *c, uint32_t index);
void slot_write(struct compiler *c, unsigned slot, uint32_t number);
void slot_drop(struct compiler *c, unsigned slot);
void slot_set_pending(struct compiler *c, unsigned slot, uint32_t number);
/* Memory becomes current; the value's home is then its slot. */
void slot_write_back(struct compiler *c, unsigned slot);
void slots_write_back_all(struct compiler *c);
/* The same code without changing what the compiler knows: for exits. */
void slots_store_all(struct compiler *c);
/* A helper changes slots in memory: values whose home is a slot must be elsewhere. */
void slots_leave_homes(struct compiler *c);
/* The instruction's result is its operand's value (host->is_alias). False if the operand is a constant: it must be
 * computed. */
bool slot_make_alias(struct compiler *c, uint32_t index, ir_ref operand);
static inline struct host_place value_place(const struct compiler *c, uint32_t number)
{
    const struct value *v = &c->values[number];
    if (v->reg != HOST_NO_REGISTER && !value_is_constant(c, number)) {
        return (struct host_place){.kind = HOST_IN_REGISTER, .reg = v->reg};
    }
    if (value_is_constant(c, number)) {
        return (struct host_place){.kind = HOST_IS_CONSTANT};
    }
    KAGE_ASSERT(v->in_state, "a value without a place");
    return (struct host_place){.kind = HOST_IN_STATE, .disp = v->disp};
}
/* Where a deferred value's operands are: what store_deferred asks for. */
void deferred_places(const struct compiler *c, uint32_t index, struct host_place places[3]);

/* ---- place.c: registers for one instruction, and its emission ---- */
void emit_instruction(struct compiler *c, uint32_t index);
/* Computes a deferred value into a register after all. */
void value_materialize(struct compiler *c, uint32_t number);
/* Calls visit for every value the instruction consumes, those of absorbed instructions included. */
void for_each_use(struct compiler *c, uint32_t index, void (*visit)(struct compiler *c, uint32_t number, void *data),
                  void *data);

/* ---- side_exit.c ---- */
/* At a branch: notes what a block that only leaves for a known pc has to store. False if it does more than that. */
bool side_exit_note(struct compiler *c, uint32_t block);
void side_exit_emit(struct compiler *c, uint32_t block);

/* ---- loop.c ---- */
void loop_choose_header(struct compiler *c);
/* The header's register for the slot, or HOST_NO_REGISTER. */
host_register loop_register(const struct compiler *c, unsigned slot);
/* Loads the header's registers and binds its label. */
void loop_enter(struct compiler *c);
/* The back edge: everything into the header's registers, event check, jump. */
void loop_back(struct compiler *c);

/* ---- snapshot.c ---- */
void snapshot_note_fault(struct host_code *code);
void snapshot_finish(struct compiler *c, struct fast_faults *faults);

#endif
