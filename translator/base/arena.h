/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An arena: memory for one translation, given back all at once. Not thread safe; one arena per translating thread. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A build with MemorySanitizer knows that what the arena gives was not written yet, also where it had been given before. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define ARENA_NOT_WRITTEN(start, size) __msan_allocated_memory(start, size)
#endif
#endif
#ifndef ARENA_NOT_WRITTEN
#define ARENA_NOT_WRITTEN(start, size) (void)0
#endif

struct arena_chunk;

struct arena {
    uint8_t *next;              /* first free byte of the current chunk */
    uint8_t *end;               /* end of the current chunk */
    struct arena_chunk *chunks; /* current chunk first */
    bool fills;                 /* what is allocated stays: a chunk's pages are had from the kernel at once */
    uint8_t *room, *room_end;   /* the caller's memory that is used before any chunk, or NULL */
};

/* An empty arena; nothing is allocated until the first arena_alloc. */
void arena_init(struct arena *arena);
/* The same for things that stay: chunks fill up instead of being used again and again from the start. */
void arena_init_filling(struct arena *arena);
/* The same in [room, room + size), zero pages of the caller's that outlive the arena, and in chunks when those are used up. All
   that is in the room lies below arena->next as long as there is no chunk. */
void arena_init_room(struct arena *arena, void *room, size_t size);

/* Gives every allocation back but keeps the largest chunk for the next translation. */
void arena_reset(struct arena *arena);

/* Gives everything back to the system. */
void arena_free(struct arena *arena);

/* The slow path of arena_alloc: a new chunk. Aborts with one line when the system has no memory. */
void *arena_alloc_chunk(struct arena *arena, size_t size, size_t align);

/* size bytes, aligned to align (a power of two), not cleared. Owned by the arena. Never NULL. */
static inline void *arena_alloc_aligned(struct arena *arena, size_t size, size_t align)
{
    uint8_t *start = (uint8_t *)(((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1));
    if (start == NULL || size > (size_t)(arena->end - start) || start > arena->end) {
        return arena_alloc_chunk(arena, size, align);
    }
    arena->next = start + size;
    ARENA_NOT_WRITTEN(start, size);
    return start;
}

static inline void *arena_alloc_zero(struct arena *arena, size_t size, size_t align)
{
    return memset(arena_alloc_aligned(arena, size, align), 0, size);
}

#define arena_new(arena, type) ((type *)arena_alloc_zero((arena), sizeof(type), _Alignof(type)))
#define arena_array(arena, type, count)                                                                                \
    ((type *)arena_alloc_aligned((arena), sizeof(type) * (size_t)(count), _Alignof(type)))

/* Copies an array that outgrew its place into a larger one; returns the new place, *capacity is doubled. */
static inline void *arena_grow(struct arena *arena, void *old, uint32_t *capacity, size_t item)
{
    uint32_t wider = *capacity ? *capacity * 2 : 16;
    void *place = arena_alloc_aligned(arena, (size_t)wider * item, 16);
    if (old) {
        memcpy(place, old, (size_t)*capacity * item);
    }
    *capacity = wider;
    return place;
}

#endif
