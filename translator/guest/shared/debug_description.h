/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's registers as debuggers know them; generated from its state.def. */
#ifndef GUEST_DEBUG_DESCRIPTION_H
#define GUEST_DEBUG_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

struct debug_register {
    const char *name, *type; /* gdb's names */
    uint16_t feature;        /* index */
    uint16_t bits;
    int slot; /* index of the slot that it is, or -1: struct guest's read_debug_register makes it */
};

struct debug_feature {
    const char *name;
    const char *types; /* XML elements */
};

struct debug_description {
    const char *architecture;
    const struct debug_register *registers; /* by their number */
    unsigned register_count;
    const struct debug_feature *features;
    unsigned feature_count;
    bool watches_before; /* gdb expects a watchpoint's report before the instruction that touches it has been run */
};

#endif
