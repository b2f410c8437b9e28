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

enum { DEFAULT_CACHE_BYTES = 256 << 20, MINIMUM_UNIT_BYTES = 64, POPULATE_BYTES = 128 << 10, POPULATE_AHEAD = 16 << 10 };

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
        cache->populated = cache->base;
        cache->unit_capacity = (uint32_t)(bytes / MINIMUM_UNIT_BYTES);
        void *table = mmap(NULL, cache->unit_capacity * sizeof(struct unit *), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (table == MAP_FAILED) {
            return false;
        }
        cache->by_address = table;
    }
    cache->next = cache->base;
    atomic_store(&cache->unit_count, 0);
    struct ir_context context = superblock_context(t->guest, 0);
    t->host->make_glue(&t->glue, &cache->next, cache->end, t->host_features, &context);
    return true;
}

struct unit *code_cache_find(struct translator *t, uint64_t host_pc)
{
    struct code_cache *cache = &t->cache;
    uint32_t low = 0, high = atomic_load_explicit(&cache->unit_count, memory_order_acquire);
    uint32_t middle = high ? high - 1 : 0; /* mostly the newest, which has just run for the first time */
    for (; low < high; middle = low + (high - low) / 2) {
        struct unit *unit = cache->by_address[middle];
        if (host_pc < (uintptr_t)unit->code) {
            high = middle;
        } else if (host_pc >= (uintptr_t)unit->code + unit->code_bytes) {
            low = middle + 1;
        } else {
            return unit;
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
    cache->next = (uint8_t *)unit->code + unit->code_bytes;
    atomic_store_explicit(&cache->unit_count, count + 1, memory_order_release);
    return true;
}
