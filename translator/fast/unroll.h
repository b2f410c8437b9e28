/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small loops go around several times per turn of the unit: what stands at a loop's end (the check for events, moves to
 * the header's registers, the jump) is then done once for several rounds, and slots that the next round overwrites are
 * never computed. The rounds after the first are its instructions given to the builder again. */
#ifndef FAST_UNROLL_H
#define FAST_UNROLL_H

#include "builder.h"

struct unroll {
    struct ir_builder *builder;
    uint32_t end; /* a round is the unit's instructions before this one */
    unsigned rounds;
    ir_ref *map; /* by instruction of the first round: its value in the last one built */
    bool (*is_exit)(void *user, uint32_t block); /* a way out of the loop */
    /* A new block for the same way out. */
    uint32_t (*copy_exit)(void *user, uint32_t block);
    void *user;
};

/* The unit's instructions so far are a round. How many rounds a turn shall have: 1 if it cannot be repeated, or need
   not. exits: the ways out of a round; exit_room: how many more there may be. */
unsigned unroll_begin(struct unroll *unroll, struct ir_builder *builder, unsigned exits, unsigned exit_room);
/* Builds another round. False if it turned out to leave the loop always: then the block has ended. */
bool unroll_round(struct unroll *unroll);
static inline ir_ref unroll_value(const struct unroll *unroll, ir_ref ref)
{
    return ref & IR_CONSTANT ? ref : unroll->map[ref];
}

#endif
