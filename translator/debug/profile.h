/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells perf which guest code a piece of host code is: lines of a perf map (perf-PID.map) and records of a jit dump,
 * which holds the code itself (for perf inject --jit). */
#ifndef DEBUG_PROFILE_H
#define DEBUG_PROFILE_H

#include "embedder.h"
#include "guest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile {
    int map, dump;       /* descriptors of the program's, -1 = none */
    uint64_t code_index; /* of the dump: counts its pieces */
    void *marker;        /* the mapping by which perf finds the dump */
};

/* Takes the descriptors, which are empty files; writes the dump's head. Those that cannot be written to become -1. */
void profile_begin(struct profile *profile, int map, int dump);

static inline bool profile_is_on(const struct profile *profile)
{
    return profile->map >= 0 || profile->dump >= 0;
}

/* If the profile is on: one piece of host code, made of the guest's code at pc. */
void profile_note(struct profile *profile, const struct guest *guest, const struct embedder *embedder, uint64_t pc,
                  const uint8_t *code, uint32_t bytes);
/* Closes nothing; a child of fork calls it before its own profile_begin. */
void profile_end(struct profile *profile);

#endif
