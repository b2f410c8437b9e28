/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From guest code to the IR of one superblock: one entry, fall-through and constant jumps followed, side exits out of
 * line. */
#ifndef FAST_SUPERBLOCK_H
#define FAST_SUPERBLOCK_H

#include "embedder.h"
#include "guest.h"
#include "stops.h"

enum { SUPERBLOCK_MAX_RANGES = 16 };

struct superblock_limits {
    unsigned instructions; /* at most this many guest instructions */
    unsigned branches;     /* at most this many conditional branches are passed */
    const struct stop_set *stops; /* a debugger's, NULL = none */
    /* A loop that has run: where the pieces start that it goes through, its head, the unit's own pc, first. Branches are followed
       the way it goes. NULL: the way code falls. */
    const uint64_t *path;
    unsigned path_count;
    bool unrolls; /* small loops get several rounds at once */
    bool widens;  /* loops get superwords (fast/superword.h) */
    bool is_hot;  /* branches back do not end the unit */
};

/* Guest bytes that the unit was made of. */
struct superblock_range {
    uint64_t start;
    uint32_t length;
};

struct superblock {
    struct ir_unit *unit;
    struct superblock_range ranges[SUPERBLOCK_MAX_RANGES];
    unsigned range_count;
    unsigned instructions;
    bool loops;      /* has an edge to its own entry */
    bool may_unroll; /* a small loop: with limits.unrolls it gets several rounds */
    bool is_cut;     /* it ended because of its branches, not of its code */
    bool is_wide;    /* it has superwords: faults are to be found again with the same instructions one by one */
};

/* Where code comes from. The bytes found last serve the next units too, until code changes. */
struct superblock_source {
    const struct guest *guest;
    const struct embedder *embedder;
    int flags_slot; /* -1 if the guest has none */
    uint64_t window_start, window_size;
    uint64_t window_sure; /* up to here any instruction is there as a whole */
    const uint8_t *window_bytes;
};

void superblock_source_init(struct superblock_source *source, const struct guest *guest, const struct embedder *embedder);
void superblock_forget_code(struct superblock_source *source);

/* What the IR of a guest in a mode refers to; the guest's constant data rearranged. */
struct ir_context superblock_context(const struct guest *guest, uint32_t mode);

/* Lifts from pc; arena owns the result, context must live as long. Never fails: code that cannot be fetched becomes a
   trap. The state is only handed to embedder->find_code. */
struct superblock *superblock_form(struct arena *arena, struct superblock_source *source, const struct ir_context *context,
                                   struct cpu_header *state, uint64_t pc, struct superblock_limits limits);

#endif
