/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmap, munmap, mprotect and the choice of places. The other calls of the family are in address_space_calls.c. */
#include "address_space_internal.h"

#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#ifndef MAP_32BIT
#define MAP_32BIT 0x40
#endif

/* Protections that the kernel's mmap knows; anything else in the guest's word (BTI, MTE without the hardware) is
   refused by mprotect and ignored by mmap, as Linux does. */
enum { KNOWN_PROTECTION = PROT_READ | PROT_WRITE | PROT_EXEC | 8 /* PROT_SEM */ };

/* The kernel keeps this much free below a growing mapping (stack_guard_gap). */
enum { GROWTH_GUARD = 256 * ADDRESS_SPACE_PAGE };

int address_space_host_protection(int protection)
{
    int host = protection & (PROT_READ | PROT_WRITE);
    return protection & PROT_EXEC ? host | PROT_READ : host;
}

struct address_space *address_space_create(const struct address_layout *layout, uint64_t stack_limit,
                                           address_space_code_changed *code_changed, void *user)
{
    struct address_space *space = calloc(1, sizeof *space);
    if (!space) {
        log_fatal("out of memory");
    }
    space->layout = *layout;
    space->code_changed = code_changed;
    space->user = user;
    pthread_mutex_init(&space->lock, NULL);
    space->all_limit = space->data_limit = UINT64_MAX;
    uint64_t most = layout->limit / 64; /* of an unlimited stack: more than any machine's memory */
    space->stack_limit = stack_limit > most ? most : stack_limit;
    uint64_t gap = space->stack_limit + GROWTH_GUARD;
    gap = gap < layout->stack_gap ? layout->stack_gap : gap > most ? most : gap;
    space->map_top = PAGE_DOWN(layout->stack_top - gap);
    return space;
}

void address_space_destroy(struct address_space *space)
{
    for (size_t i = 0; i < space->list.count; i++) {
        const struct address_range *range = &space->list.ranges[i];
        if (range->kind != RANGE_FOREIGN) {
            munmap((void *)range->start, range->end - range->start);
        }
    }
    range_list_free(&space->list);
    pthread_mutex_destroy(&space->lock);
    free(space);
}

uint64_t address_space_map_top(const struct address_space *space)
{
    return space->map_top;
}

const struct address_layout *address_space_layout(const struct address_space *space)
{
    return &space->layout;
}

void address_space_lock(struct address_space *space)
{
    pthread_mutex_lock(&space->lock);
}

void address_space_unlock(struct address_space *space)
{
    pthread_mutex_unlock(&space->lock);
}

void address_space_report(struct address_space *space, uint64_t start, uint64_t end, bool had_code)
{
    if (had_code && space->code_changed) {
        space->code_changed(space->user, start, end);
    }
}

void address_space_reserve(struct address_space *space, uint64_t start, uint64_t end)
{
    struct address_range range = {PAGE_DOWN(start), PAGE_UP(end), 0, RANGE_FOREIGN};
    address_space_lock(space);
    range_list_set(&space->list, &range);
    address_space_unlock(space);
}

bool address_space_contains(const struct address_space *space, uint64_t start, uint64_t length)
{
    return start <= space->layout.limit && length <= space->layout.limit - start;
}

bool address_space_has_foreign(const struct address_space *space, uint64_t start, uint64_t end)
{
    for (size_t i = range_list_lower(&space->list, start); i < space->list.count && space->list.ranges[i].start < end;
         i++) {
        if (space->list.ranges[i].kind == RANGE_FOREIGN) {
            return true;
        }
    }
    return false;
}

static uint64_t lowest_address(void)
{
    return 0x10000; /* vm.mmap_min_addr of every distribution; an explicit request may try lower */
}

uint64_t address_space_find_gap(struct address_space *space, uint64_t length, uint64_t align, bool low_only)
{
    uint64_t top = low_only && space->map_top > 0x80000000 ? 0x80000000 : space->map_top;
    uint64_t found = range_list_find_top_down(&space->list, lowest_address(), top, length, align, GROWTH_GUARD);
    if (!found && !low_only) {
        found =
            range_list_find_top_down(&space->list, lowest_address(), space->layout.limit, length, align, GROWTH_GUARD);
    }
    return found;
}

/* The host has something where the guest's list says free: that page is never offered again. */
static void mark_foreign(struct address_space *space, uint64_t start, uint64_t end)
{
    unsigned char resident;
    for (uint64_t page = start; page < end; page += ADDRESS_SPACE_PAGE) {
        if (mincore((void *)page, ADDRESS_SPACE_PAGE, &resident) == 0) {
            struct address_range range = {page, page + ADDRESS_SPACE_PAGE, 0, RANGE_FOREIGN};
            range_list_set(&space->list, &range);
            return;
        }
    }
    struct address_range range = {start, end, 0, RANGE_FOREIGN};
    range_list_set(&space->list, &range);
}

/* Large anonymous mappings are aligned so that the host can back them with huge pages. */
static uint64_t wanted_alignment(uint64_t length, int flags)
{
    enum { HUGE = 2 << 20 };
    return (flags & MAP_ANONYMOUS) && length >= HUGE && length % HUGE == 0 ? HUGE : ADDRESS_SPACE_PAGE;
}

struct map_request {
    uint64_t address, length;
    int protection, flags, fd;
    uint64_t offset;
};

static int64_t host_map(const struct map_request *request, uint64_t address, int fixed)
{
    int flags = (request->flags & ~(MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_32BIT)) | fixed;
    void *place = mmap((void *)address, request->length, address_space_host_protection(request->protection), flags,
                       request->fd, (off_t)request->offset);
    if (place == MAP_FAILED) {
        return -errno;
    }
    if ((uint64_t)place != address) { /* a kernel without MAP_FIXED_NOREPLACE */
        munmap(place, request->length);
        return -EEXIST;
    }
    return (int64_t)address;
}

static int64_t map_anywhere(struct address_space *space, const struct map_request *request)
{
    uint64_t hint = PAGE_DOWN(request->address);
    if (hint && address_space_contains(space, hint, request->length) &&
        range_list_is_free(&space->list, hint, hint + request->length)) {
        int64_t place = host_map(request, hint, MAP_FIXED_NOREPLACE);
        if (place != -EEXIST && place != -EPERM && place != -EACCES) {
            return place;
        }
    }
    uint64_t align = wanted_alignment(request->length, request->flags);
    for (int attempt = 0; attempt < 64; attempt++) {
        uint64_t place = address_space_find_gap(space, request->length, align, request->flags & MAP_32BIT);
        if (!place) {
            return -ENOMEM;
        }
        int64_t result = host_map(request, place, MAP_FIXED_NOREPLACE);
        if (result != -EEXIST) {
            return result;
        }
        mark_foreign(space, place, place + request->length);
    }
    return -ENOMEM;
}

static int64_t map_fixed(struct address_space *space, const struct map_request *request)
{
    uint64_t start = request->address, end = start + request->length;
    if (start % ADDRESS_SPACE_PAGE) {
        return -EINVAL;
    }
    if (!address_space_contains(space, start, request->length)) {
        return -ENOMEM;
    }
    if (request->flags & MAP_FIXED_NOREPLACE) {
        return range_list_is_free(&space->list, start, end) ? host_map(request, start, MAP_FIXED_NOREPLACE) : -EEXIST;
    }
    return address_space_has_foreign(space, start, end) ? -ENOMEM : host_map(request, start, MAP_FIXED);
}

void address_space_share(struct address_space *space)
{
    space->is_shared = true;
}

bool address_space_is_shared(const struct address_space *space)
{
    return space->is_shared;
}

int64_t address_space_map(struct address_space *space, uint64_t address, uint64_t length, int protection, int flags,
                          int fd, uint64_t offset)
{
    if (length == 0 || offset % ADDRESS_SPACE_PAGE) {
        return -EINVAL;
    }
    if (length > space->layout.limit) {
        return -ENOMEM;
    }
    struct map_request request = {address, PAGE_UP(length), protection & KNOWN_PROTECTION, flags, fd, offset};
    bool is_fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    uint64_t replaced = is_fixed ? address : 0;
    enum address_range_kind kind = flags & MAP_GROWSDOWN                           ? RANGE_GROWING
                                   : flags & MAP_SHARED                            ? RANGE_SHARED
                                   : (flags & MAP_ANONYMOUS) || protection & PROT_WRITE ? RANGE_PLAIN
                                                                                   : RANGE_FILE;
    struct address_range wanted = {replaced, replaced + request.length, request.protection, kind};
    address_space_lock(space);
    int64_t place = -ENOMEM;
    if (address_space_is_allowed(space, &wanted)) {
        place = is_fixed ? map_fixed(space, &request) : map_anywhere(space, &request);
    }
    bool had_code = false;
    if (place >= 0) {
        struct address_range range = {(uint64_t)place, (uint64_t)place + request.length, request.protection, kind};
        if ((flags & MAP_SHARED) && (protection & PROT_WRITE)) {
            space->is_shared = true;
        }
        had_code = range_list_has(&space->list, range.start, range.end, PROT_EXEC);
        range_list_set(&space->list, &range);
    }
    address_space_unlock(space);
    if (place >= 0) {
        address_space_report(space, (uint64_t)place, (uint64_t)place + request.length, had_code);
    }
    if (log_is_on(LOG_MEMORY)) {
        log_text("map %#lx+%#lx prot %d flags %#x fd %d offset %#lx = %#lx\n", address, length, protection, flags, fd,
                 offset, (uint64_t)place);
    }
    return place;
}

int64_t address_space_unmap(struct address_space *space, uint64_t address, uint64_t length)
{
    uint64_t end = address + PAGE_UP(length);
    if (address % ADDRESS_SPACE_PAGE || length == 0 || length > space->layout.limit ||
        !address_space_contains(space, address, PAGE_UP(length))) {
        return -EINVAL;
    }
    address_space_lock(space);
    int64_t result = address_space_has_foreign(space, address, end) ? -EINVAL : 0;
    bool had_code = false;
    if (result == 0 && munmap((void *)address, end - address) != 0) {
        result = -errno;
    }
    if (result == 0) {
        had_code = range_list_has(&space->list, address, end, PROT_EXEC);
        range_list_clear(&space->list, address, end);
    }
    address_space_unlock(space);
    address_space_report(space, address, end, had_code);
    if (log_is_on(LOG_MEMORY)) {
        log_text("unmap %#lx+%#lx = %ld\n", address, length, (long)result);
    }
    return result;
}

/* The end of what is mapped without a hole from start on, at most end. */
static uint64_t contiguous_end(const struct address_space *space, uint64_t start, uint64_t end)
{
    for (size_t i = range_list_lower(&space->list, start); i < space->list.count && start < end; i++) {
        const struct address_range *range = &space->list.ranges[i];
        if (range->start > start || range->kind == RANGE_FOREIGN) {
            break;
        }
        start = range->end;
    }
    return start < end ? start : end;
}

/* PROT_GROWSDOWN: the change reaches down to the start of the growing mapping. */
static int64_t growing_start(const struct address_space *space, uint64_t address)
{
    size_t index = range_list_lower(&space->list, address);
    if (index == space->list.count || space->list.ranges[index].start > address ||
        (space->list.ranges[index].kind != RANGE_STACK && space->list.ranges[index].kind != RANGE_GROWING)) {
        return -EINVAL;
    }
    return (int64_t)space->list.ranges[index].start;
}

static int64_t protect_locked(struct address_space *space, uint64_t address, uint64_t end, int protection,
                              bool *had_code)
{
    int extra = protection & PROT_GROWSDOWN;
    uint64_t tracked = address;
    if (extra) {
        int64_t start = growing_start(space, address);
        if (start < 0) {
            return start;
        }
        tracked = (uint64_t)start;
    }
    int wanted = protection & ~extra;
    uint64_t reach = contiguous_end(space, address, end);
    *had_code = range_list_has(&space->list, tracked, end, PROT_EXEC);
    if (reach == address) {
        return -ENOMEM;
    }
    if (mprotect((void *)address, reach - address, address_space_host_protection(wanted) | extra) != 0) {
        return -errno;
    }
    range_list_protect(&space->list, tracked, reach, wanted);
    if ((wanted & PROT_WRITE) && range_list_has_kind(&space->list, tracked, reach, RANGE_SHARED)) {
        space->is_shared = true;
    }
    return reach < end ? -ENOMEM : 0;
}

int64_t address_space_protect(struct address_space *space, uint64_t address, uint64_t length, int protection)
{
    uint64_t end = address + PAGE_UP(length);
    if (address % ADDRESS_SPACE_PAGE || (protection & ~(KNOWN_PROTECTION | PROT_GROWSDOWN))) {
        return -EINVAL;
    }
    if (length == 0) {
        return 0;
    }
    if (length > space->layout.limit || !address_space_contains(space, address, PAGE_UP(length))) {
        return -ENOMEM;
    }
    bool had_code = false;
    address_space_lock(space);
    int64_t result = protect_locked(space, address, end, protection, &had_code);
    address_space_unlock(space);
    address_space_report(space, address, end, had_code);
    if (log_is_on(LOG_MEMORY)) {
        log_text("protect %#lx+%#lx prot %d = %ld\n", address, length, protection, (long)result);
    }
    return result;
}

int64_t address_space_make_stack(struct address_space *space, uint64_t size, int protection)
{
    enum { INITIAL = 128 << 10 };
    uint64_t top = space->layout.stack_top;
    uint64_t now = PAGE_UP(size + INITIAL), reach = PAGE_UP(space->stack_limit);
    size_t above = range_list_lower(&space->list, top);
    uint64_t floor = above ? space->list.ranges[above - 1].end + GROWTH_GUARD : 0;
    reach = reach > top - floor ? top - floor : reach;
    reach = reach < now ? now : reach;
    void *place = mmap((void *)(top - now), now, address_space_host_protection(protection),
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK | MAP_FIXED_NOREPLACE, -1, 0);
    if (place == MAP_FAILED) {
        return -errno;
    }
    struct address_range range = {top - reach, top, protection, RANGE_STACK};
    address_space_lock(space);
    range_list_set(&space->list, &range);
    address_space_unlock(space);
    return (int64_t)top;
}

void address_space_set_kind(struct address_space *space, uint64_t start, uint64_t end, enum address_range_kind kind)
{
    struct address_range range;
    if (address_space_find(space, start, &range)) {
        range.start = start;
        range.end = end;
        range.kind = kind;
        address_space_lock(space);
        range_list_set(&space->list, &range);
        address_space_unlock(space);
    }
}

bool address_space_find_next(struct address_space *space, uint64_t address, struct address_range *found)
{
    address_space_lock(space);
    size_t index = range_list_lower(&space->list, address);
    bool is_there = index < space->list.count;
    if (is_there) {
        *found = space->list.ranges[index];
    }
    address_space_unlock(space);
    return is_there;
}

bool address_space_find(struct address_space *space, uint64_t address, struct address_range *found)
{
    return address_space_find_next(space, address, found) && found->start <= address && found->kind != RANGE_FOREIGN;
}
