/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random valid units of the shapes that fast/superblock.c and lifters make. A unit consists of steps, each with its own
 * stream of random numbers, so that a unit that shows a mistake can be made smaller by leaving steps out. */
#ifndef RANDOM_UNIT_H
#define RANDOM_UNIT_H

#include "fake_guest.h"

#include <stdbool.h>

enum { RANDOM_UNIT_STEPS = 1 << 12 }; /* numbers of steps are below this */

struct random_unit_options {
    uint64_t seed;
    const bool *left_out; /* by step number */
};

/* *steps: one more than the highest step number used. */
struct ir_unit *random_unit_make(struct arena *arena, const struct ir_context *context,
                                 const struct random_unit_options *options, unsigned *steps);

#endif
