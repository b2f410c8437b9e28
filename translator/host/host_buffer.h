/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where code is being written: what the tier and a host's encoder both look at. */
#ifndef HOST_BUFFER_H
#define HOST_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

struct host_buffer {
    uint8_t *next;
    uint8_t *limit; /* last place where an instruction may start */
    uint8_t *start;
    bool overflow; /* the buffer was too small: its content is worthless */
    /* The encoder's own: */
    bool avx;               /* vector instructions take their VEX form */
    uint8_t scratch_vector; /* may be destroyed by a legacy three-operand form */
    const uint8_t *flags_end; /* where the instruction ends whose flags say whether flags_register is zero, or NULL */
    uint8_t flags_register, flags_size;
    bool flags_of_logic; /* carry and overflow are clear */
};

/* A branch target in the buffer. */
struct host_label {
    int32_t offset;  /* from the buffer's start, or -1 */
    int32_t pending; /* chain of places to patch, or -1; the host's own */
};

#endif
