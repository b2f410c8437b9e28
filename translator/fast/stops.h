/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a debugger wants guest code to stop. Units are made with regard to it: one with a breakpoint's address traps
 * before that instruction, and while there are watchpoints each access is compared with them. Nothing is written into
 * guest memory. */
#ifndef FAST_STOPS_H
#define FAST_STOPS_H

#include <stdbool.h>
#include <stdint.h>

enum { STOPS_MAX_WATCHES = 16, STOPS_READ = 1, STOPS_WRITE = 2 };

struct stop_watch {
    uint64_t start, length; /* bytes */
    unsigned kinds;         /* STOPS_READ, STOPS_WRITE; 0 = this entry is free */
};

struct stop_set {
    uint64_t *breakpoints; /* malloc'ed, in no order */
    unsigned breakpoint_count, breakpoint_room;
    struct stop_watch watches[STOPS_MAX_WATCHES];
    unsigned watch_count; /* entries in use */
};

static inline bool stops_has_breakpoint(const struct stop_set *stops, uint64_t pc)
{
    for (unsigned i = 0; i < stops->breakpoint_count; i++) {
        if (stops->breakpoints[i] == pc) {
            return true;
        }
    }
    return false;
}

/* Whether one lies in [start, start+length). */
static inline bool stops_has_breakpoint_in(const struct stop_set *stops, uint64_t start, uint64_t length)
{
    for (unsigned i = 0; i < stops->breakpoint_count; i++) {
        if (stops->breakpoints[i] - start < length) {
            return true;
        }
    }
    return false;
}

#endif
