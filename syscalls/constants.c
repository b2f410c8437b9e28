/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "constants.h"

static uint64_t swap_flags(const struct constant_map *map, uint64_t value, bool to_host)
{
    uint64_t known = 0, found = 0;
    for (unsigned i = 0; i < map->count; i++) {
        uint64_t from = to_host ? map->pairs[i].guest : map->pairs[i].host;
        uint64_t to = to_host ? map->pairs[i].host : map->pairs[i].guest;
        known |= from;
        found |= value & from ? to : 0;
    }
    return (value & ~known) | found;
}

static uint64_t swap_value(const struct constant_map *map, uint64_t value, bool to_host)
{
    for (unsigned i = 0; i < map->count; i++) {
        if (value == (to_host ? map->pairs[i].guest : map->pairs[i].host)) {
            return to_host ? map->pairs[i].host : map->pairs[i].guest;
        }
    }
    return value;
}

static uint64_t translate(const struct syscall_constants *constants, const struct constant_set *set, uint64_t value,
                          bool to_host)
{
    const struct constant_map *map = constants ? &constants->maps[set->id] : NULL;
    if (map == NULL || map->count == 0) {
        return value;
    }
    return set->is_flags ? swap_flags(map, value, to_host) : swap_value(map, value, to_host);
}

uint64_t constant_to_host(const struct syscall_constants *constants, const struct constant_set *set, uint64_t value)
{
    return translate(constants, set, value, true);
}

uint64_t constant_to_guest(const struct syscall_constants *constants, const struct constant_set *set, uint64_t value)
{
    return translate(constants, set, value, false);
}

const char *constant_name(const struct constant_set *set, uint64_t value)
{
    for (unsigned i = 0; i < set->count; i++) {
        if (set->entries[i].value == value) {
            return set->entries[i].name;
        }
    }
    return NULL;
}
