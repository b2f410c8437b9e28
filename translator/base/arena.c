/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"
#include "log.h"

#include <stdlib.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* bytes after this header */
};

enum { CHUNK_BYTES = 256 * 1024, FILLING_CHUNK_BYTES = 128 * 1024, PAGE = 4096 };
enum { CHUNK_HEADER = (sizeof(struct arena_chunk) + 15) & ~15 };

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_init_filling(struct arena *arena)
{
    *arena = (struct arena){.fills = true};
}

void arena_init_room(struct arena *arena, void *room, size_t size)
{
    *arena = (struct arena){.fills = true, .next = room, .end = room, .room = room, .room_end = (uint8_t *)room + size};
}

/* Cheaper than a fault for each page; an old kernel refuses. */
static void populate(uint8_t *start, size_t size)
{
    uintptr_t first = ((uintptr_t)start + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)start + size) & ~(uintptr_t)(PAGE - 1);
    if (first < end) {
        madvise((void *)first, end - first, MADV_POPULATE_WRITE);
    }
}

/* The room's next pages; false if there are not as many. */
static bool extend_in_room(struct arena *arena, size_t size)
{
    if (arena->chunks || (size_t)(arena->room_end - arena->end) < size) {
        return false;
    }
    size_t wanted = size > FILLING_CHUNK_BYTES ? size : FILLING_CHUNK_BYTES;
    size_t left = (size_t)(arena->room_end - arena->end);
    size_t bytes = wanted < left ? wanted : left;
    populate(arena->end, bytes);
    arena->end += bytes;
    return true;
}

void *arena_alloc_chunk(struct arena *arena, size_t size, size_t align)
{
    if (arena->room && extend_in_room(arena, size + align)) {
        return arena_alloc_aligned(arena, size, align);
    }
    size_t usual = arena->fills ? FILLING_CHUNK_BYTES : CHUNK_BYTES;
    size_t bytes = size + align > usual ? size + align : usual;
    struct arena_chunk *chunk = malloc(CHUNK_HEADER + bytes);
    if (!chunk) {
        log_fatal("out of memory for a translation (%zu bytes)", bytes);
    }
    if (arena->fills) {
        populate((uint8_t *)chunk, CHUNK_HEADER + bytes);
    }
    chunk->size = bytes;
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->next = (uint8_t *)chunk + CHUNK_HEADER;
    arena->end = arena->next + bytes;
    uint8_t *start = (uint8_t *)(((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1));
    arena->next = start + size;
    ARENA_NOT_WRITTEN(start, size);
    return start;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *keep = arena->chunks;
    if (arena->room) {
        struct arena again;
        arena_init_room(&again, arena->room, (size_t)(arena->room_end - arena->room));
        arena_free(arena);
        *arena = again;
        return;
    }
    if (!keep) {
        return;
    }
    for (struct arena_chunk *chunk = keep->older; chunk;) {
        struct arena_chunk *older = chunk->older;
        if (chunk->size > keep->size) {
            free(keep);
            keep = chunk;
        } else {
            free(chunk);
        }
        chunk = older;
    }
    keep->older = NULL;
    arena->chunks = keep;
    arena->next = (uint8_t *)keep + CHUNK_HEADER;
    arena->end = arena->next + keep->size;
}

void arena_free(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks; chunk;) {
        struct arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    *arena = (struct arena){.fills = arena->fills};
}
