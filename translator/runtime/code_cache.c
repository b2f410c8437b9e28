/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for host code: one reservation, touched as it fills. Units are added at growing addresses, so that the table by address is
 * sorted by construction. */
#include "log.h"
#include "runtime.h"

#include <stdlib.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { GRANULE_LOG = 9, /* a few units */
       DEFAULT_CACHE_BYTES = 256 << 20, MINIMUM_UNIT_BYTES = 64, POPULATE_BYTES = 128 << 10, POPULATE_AHEAD = 16 << 10 };

bool code_cache_init(struct translator *t, uint64_t bytes)
{
    struct code_cache *cache = &t->cache;
    if (!bytes) {
        bytes = DEFAULT_CACHE_BYTES;
    }
    if (!cache->base) {
        /* Near kage's own text where the kernel has room, so that calls of C functions are short. */
        uintptr_t hint = ((uintptr_t)&code_cache_init - bytes - (16 << 20)) & ~(uintptr_t)0xffff;
        void *place = mmap((void *)hint, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (place == MAP_FAILED) {
            return false;
        }
        cache->base = place;
        cache->end = cache->base + bytes;
        /* Records refer to each other and to code: in an image (image.c) both have to be where they were. */
        void *room = mmap((void *)(hint - bytes), bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room != MAP_FAILED) {
            arena_init_room(&t->records, room, bytes);
        }
        cache->populated = cache->base;
        cache->unit_capacity = (uint32_t)(bytes / MINIMUM_UNIT_BYTES);
        cache->granules = (uint32_t)(bytes >> GRANULE_LOG);
        cache->by_address = map_zero(cache->unit_capacity * sizeof *cache->by_address);
        cache->first_unit = map_zero(cache->granules * sizeof *cache->first_unit);
        if (!cache->by_address || !cache->first_unit) {
            return false;
        }
    }
    for (; cache->granules_used; cache->granules_used--) {
        atomic_store_explicit(&cache->first_unit[cache->granules_used - 1], 0, memory_order_relaxed);
    }
    cache->next = cache->base;
    atomic_store(&cache->unit_count, 0);
    struct ir_context context = superblock_context(t->guest, 0);
    t->host->make_glue(&t->glue, &cache->next, cache->end, t->host_features, &context);
    return true;
}

/* From the first unit behind the granule down to the one that begins at host_pc or before. */
struct unit *code_cache_find(struct translator *t, uint64_t host_pc)
{
    struct code_cache *cache = &t->cache;
    uint32_t count = atomic_load_explicit(&cache->unit_count, memory_order_acquire);
    uint64_t offset = host_pc - (uintptr_t)cache->base, next = (offset >> GRANULE_LOG) + 1;
    if (offset >= (uint64_t)(cache->end - cache->base)) {
        return NULL;
    }
    uint32_t behind =
        next < cache->granules ? atomic_load_explicit(&cache->first_unit[next], memory_order_relaxed) : 0;
    for (uint32_t i = behind ? behind - 1 : count; i-- > 0;) {
        struct unit *unit = cache->by_address[i];
        if (host_pc >= (uintptr_t)unit->code) {
            return host_pc < (uintptr_t)unit->code + unit->code_bytes ? unit : NULL;
        }
    }
    return NULL;
}

void code_cache_populate(struct code_cache *cache, const uint8_t *next)
{
    if (next + POPULATE_AHEAD < cache->populated || cache->populated + POPULATE_BYTES > cache->end) {
        return;
    }
    madvise(cache->populated, POPULATE_BYTES, MADV_POPULATE_WRITE); /* an old kernel refuses: pages come by faults */
    cache->populated += POPULATE_BYTES;
}

bool code_cache_add(struct code_cache *cache, struct unit *unit)
{
    uint32_t count = atomic_load_explicit(&cache->unit_count, memory_order_relaxed);
    if (count == cache->unit_capacity) {
        return false;
    }
    cache->by_address[count] = unit;
    for (uint64_t last = (uint64_t)(unit->code - cache->base) >> GRANULE_LOG; cache->granules_used <= last;) {
        atomic_store_explicit(&cache->first_unit[cache->granules_used++], count + 1, memory_order_relaxed);
    }
    cache->next = (uint8_t *)unit->code + unit->code_bytes;
    atomic_store_explicit(&cache->unit_count, count + 1, memory_order_release);
    return true;
}
