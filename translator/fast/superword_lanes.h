/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new unit made from an old one, in which values of the old one are lanes of vectors. What superwords of all kinds share. */
#ifndef FAST_SUPERWORD_LANES_H
#define FAST_SUPERWORD_LANES_H

#include "builder.h"

enum {
    SUPERWORD_BYTES = 8, /* of a lane: two to a vector */
    SUPERWORD_LANE = 3,
    SUPERWORD_WHOLE = 4, /* log2 of a vector's bytes */
    SUPERWORD_SPLATS = 8,
};

/* Accesses to neighbouring doublewords: instructions, the first has the lower address. */
struct superword_pair {
    uint32_t first, second;
};

/* A scalar in both lanes, or what a shift by it takes. */
struct superword_splat {
    ir_ref scalar, vector;
    bool is_count;
};

struct superword_lanes {
    const struct ir_unit *old;
    struct ir_builder b;    /* of the new unit */
    ir_ref *map;            /* by old instruction: its new value, or IR_NO_REF */
    ir_ref *vector;         /* by old instruction: the new vector that has it as a lane, or IR_NO_REF */
    uint8_t *lane;          /* which */
    uint32_t *extracted_in; /* by old instruction: the new block in which map took it out of its vector, plus 1 */
    uint32_t *blocks;       /* by old block: its new number */
    uint32_t start;         /* old instructions before it are scalars for good */
    bool folds;             /* slots have other values than in the old unit: what is made of them is folded again */
    int gain;               /* operations saved */
    bool is_early;          /* accesses are being made: what is wanted for them now is before its place in the code */
    bool has_failed;        /* something was that raises exceptions: a fault of the accesses would show them */
    struct superword_splat splats[SUPERWORD_SPLATS]; /* that are known on the way to the block being made */
    unsigned splat_count;
};

void superword_lanes_init(struct superword_lanes *l, const struct ir_unit *old);
/* A new unit with its first mark, as the old one has; nothing of the old one is in it. */
void superword_begin_unit(struct superword_lanes *l);
/* From here on the old unit's instructions are made anew, all of them. */
void superword_begin_copy(struct superword_lanes *l);

/* The instruction with new operands, blocks too. */
void superword_copy(struct superword_lanes *l, uint32_t index);
/* The same if it has not been made already, as a scalar or a lane. */
void superword_copy_once(struct superword_lanes *l, uint32_t index);
/* The old value as a scalar: made where it is first wanted, if its place in the code is still to come. */
ir_ref superword_value(struct superword_lanes *l, ir_ref ref);
/* Two old values in one vector. */
ir_ref superword_pack(struct superword_lanes *l, ir_ref low, ir_ref high);
/* The two are the lanes of a new vector. */
void superword_set_lanes(struct superword_lanes *l, uint32_t low, uint32_t high, ir_ref vector);

/* Whether a load or store is of a plain doubleword. */
bool superword_is_doubleword(const struct ir_unit *unit, const struct ir_instruction *in);
/* Whether two accesses of a kind are of neighbours. */
bool superword_find_pair(const struct ir_unit *unit, uint32_t one, uint32_t other, struct superword_pair *pair);
/* Loads in pairs of neighbours: false if one is left over. pairs has room for count / 2. */
bool superword_pair_loads(const struct ir_unit *unit, const uint32_t *loads, unsigned count, struct superword_pair *pairs);
static inline int32_t superword_disp(const struct ir_instruction *in)
{
    return (int32_t)(in->op == IR_OP_load ? in->b : in->c);
}

#endif
