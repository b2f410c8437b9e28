/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest for tests of the fast tier: slots of every kind, helpers of every kind, a window of memory with a hole behind
 * it. */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include "cpu.h"
#include "ir.h"

enum fake_slot {
    FAKE_PC,
    FAKE_X0,                     /* general: i64 */
    FAKE_COUNTER = FAKE_X0 + 16, /* X16: iterations of a loop that are left */
    FAKE_EVENT,                  /* X17: address of the state's event word */
    FAKE_WINDOW,                 /* X18: address of the memory window */
    FAKE_NEAR_END,               /* X19: an address close to the window's end: accesses may fault */
    FAKE_W0,                     /* i32 */
    FAKE_V0 = FAKE_W0 + 4,       /* v128 */
    FAKE_D0 = FAKE_V0 + 8,       /* f64 */
    FAKE_FLAGS = FAKE_D0 + 2,
    FAKE_SLOT_COUNT
};
enum { FAKE_GENERAL_COUNT = 16, FAKE_WINDOW_BYTES = 4096, FAKE_FLAG_MASK = 0xc101 };

struct fake_state {
    struct cpu_header header;
    union ir_value slots[FAKE_SLOT_COUNT]; /* one place per slot, whatever its type */
};

enum fake_helper {
    FAKE_MIX,         /* i64 of up to four words: pure */
    FAKE_MIX_VECTORS, /* v128 of values: pure */
    FAKE_HALF,        /* f64 of words: pure */
    FAKE_LOOK,        /* reads state */
    FAKE_SET,         /* writes state, returns nothing */
    FAKE_EXCHANGE,    /* reads and writes state, values */
    FAKE_BUMP,        /* reads and writes guest memory: may fault */
    FAKE_BUMP_FENV,   /* the same, raising exceptions first */
    FAKE_RAISE,       /* reads and writes the float status */
    FAKE_HELPER_COUNT
};

extern const struct ir_context fake_context;

#endif
