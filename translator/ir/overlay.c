/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overlay.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256, PAGE_BYTES = 4096 };

static void allocate(struct ir_overlay *overlay, uint32_t capacity)
{
    overlay->words = realloc(overlay->words, capacity * sizeof *overlay->words);
    free(overlay->index);
    overlay->index = calloc((size_t)capacity * 2, sizeof *overlay->index);
    overlay->capacity = capacity;
    if (!overlay->words || !overlay->index) {
        log_fatal("out of memory for the interpreter's view of memory");
    }
}

void ir_overlay_init(struct ir_overlay *overlay)
{
    *overlay = (struct ir_overlay){0};
    allocate(overlay, FIRST_CAPACITY);
}

void ir_overlay_free(struct ir_overlay *overlay)
{
    free(overlay->words);
    free(overlay->index);
    *overlay = (struct ir_overlay){0};
}

/* Where the word's number is, or is to be put. */
static uint32_t *find_index(const struct ir_overlay *overlay, const uint64_t *place)
{
    uint32_t mask = overlay->capacity * 2 - 1;
    uint32_t at = (uint32_t)(((uintptr_t)place >> 3) * 0x9e3779b1u >> 7) & mask;
    while (overlay->index[at] && overlay->words[overlay->index[at] - 1].place != place) {
        at = (at + 1) & mask;
    }
    return &overlay->index[at];
}

void ir_overlay_clear(struct ir_overlay *overlay)
{
    /* In reverse order, or a hole would hide what was put behind it. */
    while (overlay->count) {
        uint32_t *index = find_index(overlay, overlay->words[overlay->count - 1].place);
        *index = 0;
        overlay->count--;
    }
}

static void grow(struct ir_overlay *overlay)
{
    allocate(overlay, overlay->capacity * 2);
    for (uint32_t i = 0; i < overlay->count; i++) {
        *find_index(overlay, overlay->words[i].place) = i + 1;
    }
}

static struct ir_overlay_word *touch(struct ir_overlay *overlay, uint64_t *place)
{
    uint32_t *index = find_index(overlay, place);
    if (*index) {
        return &overlay->words[*index - 1];
    }
    uint64_t before = __atomic_load_n(place, __ATOMIC_RELAXED);
    if (overlay->count == overlay->capacity) {
        grow(overlay);
        index = find_index(overlay, place);
    }
    struct ir_overlay_word *word = &overlay->words[overlay->count++];
    *word = (struct ir_overlay_word){.place = place, .before = before, .now = before};
    *index = overlay->count;
    return word;
}

static void probe_byte(uint8_t *place, bool writes)
{
    if (writes) {
        __atomic_fetch_or(place, 0, __ATOMIC_RELAXED);
    } else {
        (void)*(volatile uint8_t *)place;
    }
}

/* Faults where the program's own access would: at its first byte, or at the start of the second page. */
static void probe(uint8_t *place, unsigned bytes, bool writes)
{
    probe_byte(place, writes);
    uint8_t *last = place + bytes - 1;
    if (((uintptr_t)place ^ (uintptr_t)last) & ~(uintptr_t)(PAGE_BYTES - 1)) {
        probe_byte((uint8_t *)((uintptr_t)last & ~(uintptr_t)(PAGE_BYTES - 1)), writes);
    }
    __asm__ volatile("" ::: "memory");
}

static uint64_t *word_of(uintptr_t address)
{
    return (uint64_t *)(address & ~(uintptr_t)7);
}

void ir_overlay_read(struct ir_overlay *overlay, const void *place, void *value, unsigned bytes, bool writes)
{
    uintptr_t address = (uintptr_t)place;
    probe((uint8_t *)place, bytes, writes);
    for (unsigned done = 0; done < bytes;) {
        struct ir_overlay_word *word = touch(overlay, word_of(address + done));
        unsigned offset = (unsigned)(address + done) & 7, part = 8 - offset < bytes - done ? 8 - offset : bytes - done;
        uint8_t mask = (uint8_t)(((1u << part) - 1) << offset);
        word->read |= mask & (uint8_t)~word->written;
        memcpy((uint8_t *)value + done, (uint8_t *)&word->now + offset, part);
        done += part;
    }
}

void ir_overlay_write(struct ir_overlay *overlay, void *place, const void *value, unsigned bytes)
{
    uintptr_t address = (uintptr_t)place;
    for (unsigned done = 0; done < bytes;) {
        struct ir_overlay_word *word = touch(overlay, word_of(address + done));
        unsigned offset = (unsigned)(address + done) & 7, part = 8 - offset < bytes - done ? 8 - offset : bytes - done;
        word->written |= (uint8_t)(((1u << part) - 1) << offset);
        memcpy((uint8_t *)&word->now + offset, (const uint8_t *)value + done, part);
        done += part;
    }
}
