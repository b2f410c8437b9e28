/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory as a run of the interpreter would leave it, kept apart from memory itself: reads see what was written here
 * before, writes stay here. A word remembers what it held when it was touched first, so that a change by somebody else
 * can be told. */
#ifndef IR_OVERLAY_H
#define IR_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

struct ir_overlay_word {
    uint64_t *place; /* aligned; host address */
    uint64_t before; /* when first touched */
    uint64_t now;
    uint8_t read; /* bit per byte: read before it was written here */
    uint8_t written;
};

struct ir_overlay {
    struct ir_overlay_word *words; /* in the order of their first touch */
    uint32_t count, capacity;
    uint32_t *index; /* hash of the place to number + 1; twice the capacity */
};

/* log_fatal without memory. */
void ir_overlay_init(struct ir_overlay *);
void ir_overlay_free(struct ir_overlay *);
void ir_overlay_clear(struct ir_overlay *);

/* bytes: 1 to 16. A place that memory does not let be read, or with `writes` written, raises the host's fault at the
   address that an access of the program itself would report; the overlay is unchanged then. */
void ir_overlay_read(struct ir_overlay *, const void *place, void *value, unsigned bytes, bool writes);
/* After a read with `writes` of the same bytes. */
void ir_overlay_write(struct ir_overlay *, void *place, const void *value, unsigned bytes);

/* The bytes of a word that `mask` names, as a mask of bits. */
static inline uint64_t ir_overlay_bits(uint8_t mask)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++) {
        bits |= mask >> i & 1 ? (uint64_t)0xff << 8 * i : 0;
    }
    return bits;
}

#endif
