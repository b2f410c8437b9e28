/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest for tests of the IR: a few slots of every type, three helpers, 4 KiB of memory. */
#ifndef TEST_CONTEXT_H
#define TEST_CONTEXT_H

#include "cpu.h"
#include "ir.h"

enum test_slot {
    SLOT_PC,
    SLOT_X0,
    SLOT_W0 = SLOT_X0 + 8,
    SLOT_F0 = SLOT_W0 + 4,
    SLOT_D0 = SLOT_F0 + 4,
    SLOT_V0 = SLOT_D0 + 4,
    SLOT_FLAGS = SLOT_V0 + 4,
    SLOT_COUNT
};

struct test_state {
    struct cpu_header header;
    union ir_value slots[SLOT_COUNT]; /* one per slot */
};

enum { TEST_MEMORY_SIZE = 4096 };

extern const struct ir_context test_context;   /* 64-bit words */
extern const struct ir_context test_context32; /* 32-bit words */

#endif
