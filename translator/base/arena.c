/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"
#include "log.h"

#include <stdlib.h>

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* bytes after this header */
};

enum { CHUNK_BYTES = 256 * 1024, CHUNK_HEADER = (sizeof(struct arena_chunk) + 15) & ~15 };

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void *arena_alloc_chunk(struct arena *arena, size_t size, size_t align)
{
    size_t bytes = size + align > CHUNK_BYTES ? size + align : CHUNK_BYTES;
    struct arena_chunk *chunk = malloc(CHUNK_HEADER + bytes);
    if (!chunk) {
        log_fatal("out of memory for a translation (%zu bytes)", bytes);
    }
    chunk->size = bytes;
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->next = (uint8_t *)chunk + CHUNK_HEADER;
    arena->end = arena->next + bytes;
    uint8_t *start = (uint8_t *)(((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1));
    arena->next = start + size;
    return start;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *keep = arena->chunks;
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
    arena_init(arena);
}
