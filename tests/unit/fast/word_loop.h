/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random loops over words, in the manner of copying and searching loops: instructions that load, compute and store
 * doublewords, or compare them and leave, several rounds of them. Each loop can be made a unit, as fast/superblock.c
 * would make it, and can be run one instruction at a time without one. */
#ifndef WORD_LOOP_H
#define WORD_LOOP_H

#include "fake_guest.h"

#include <stdbool.h>

enum { WORD_LOOP_MAX = 320 };

/* Registers of a step: X0 and so on, D0 and D1, the lower halves of V0 and so on. */
enum { REGISTER_D0 = 16, REGISTER_V0 = 18, REGISTER_COUNT = 24 };
/* What a loop's registers are for; the state before a run is to fit. */
enum loop_register {
    LOOP_FROM,
    LOOP_TO,
    LOOP_FROM_2,
    LOOP_TO_2,
    LOOP_WORDS,
    LOOP_SHIFT = 12,
    LOOP_SHIFT_BACK,
    LOOP_CARRY,
    LOOP_MASK
};

enum step_kind {
    STEP_COMPUTE, /* to = op(a, b or the constant); a move if op is IR_OP_read */
    STEP_LOAD,    /* `count` neighbours to `to` and the registers behind it; then a += advance */
    STEP_STORE,   /* the same of `b` and the registers behind it */
    STEP_FLAGS,   /* of a - b */
    STEP_CARRY,   /* to = a + b + carry, with flags */
    STEP_RAISED,  /* to = the exceptions so far */
    STEP_FENCE,
    STEP_TURN,    /* counts; the loop is left at 0 */
    STEP_LEAVE,   /* the loop is left if a `op` b or the constant; op: enum ir_cond */
};

struct step {
    uint8_t kind, op, type; /* type: enum ir_type of all values */
    uint8_t to, a, b;
    bool is_constant;
    uint8_t count;
    uint8_t place; /* in its round: rounds have the same pcs */
    int32_t disp;
    int64_t advance;
    uint64_t value;
};

struct word_loop {
    struct step steps[WORD_LOOP_MAX]; /* of all rounds; the last one is a STEP_TURN or STEP_LEAVE */
    unsigned count;
};

/* A loop that copies words; one that only looks at them. */
void word_loop_make(struct word_loop *loop, uint64_t seed);
void word_search_make(struct word_loop *loop, uint64_t seed);
struct ir_unit *word_loop_unit(struct arena *arena, const struct ir_context *context, const struct word_loop *loop);
void word_loop_print(FILE *file, const struct word_loop *loop);

/* pc of a step; targets of the ways out. */
static inline uint64_t word_loop_pc(const struct word_loop *loop, unsigned step)
{
    return 0x1000 + 4 * loop->steps[step].place;
}
static inline uint64_t word_loop_target(const struct word_loop *loop, unsigned step)
{
    return 0x900000 + 16 * loop->steps[step].place;
}
/* Whether the loop is sure to have a way to look at the flags that there are before a step, or to leave with them. */
bool word_loop_wants_flags(const struct word_loop *loop, unsigned step);

/* A run, one step after the other. */
struct word_run {
    const struct word_loop *loop;
    struct fake_state state;
    uint8_t *window; /* a copy of what is at `address` */
    uint64_t address;
    unsigned next; /* step */
    bool left;     /* the pc slot says for where */
    bool faulted;  /* in `next`, which has changed nothing but what it stored already */
};

/* Does the next step. */
void word_run_step(struct word_run *run);

#endif
