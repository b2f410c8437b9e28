/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mremap, madvise, brk and System V shared memory. */
#include "address_space_internal.h"

#include "log.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

struct remap_request {
    uint64_t old_address, old_length, new_length;
    int flags;
    uint64_t new_address;
};

/* The new place of a moved mapping: what was asked, or a free one. */
static int64_t choose_target(struct address_space *space, const struct remap_request *request)
{
    if (request->flags & MREMAP_FIXED) {
        uint64_t target = request->new_address, end = target + request->new_length;
        bool overlaps = target < request->old_address + request->old_length && request->old_address < end;
        if (target % ADDRESS_SPACE_PAGE || overlaps || !address_space_contains(space, target, request->new_length) ||
            address_space_has_foreign(space, target, end)) {
            return -EINVAL;
        }
        return (int64_t)target;
    }
    uint64_t target = address_space_find_gap(space, request->new_length, ADDRESS_SPACE_PAGE, false);
    return target ? (int64_t)target : -ENOMEM;
}

static int64_t host_remap(const struct remap_request *request, int flags, uint64_t target)
{
    void *place = mremap((void *)request->old_address, request->old_length, request->new_length, flags, (void *)target);
    return place == MAP_FAILED ? -errno : (int64_t)place;
}

static int64_t resize_in_place(struct address_space *space, const struct remap_request *request)
{
    uint64_t start = request->old_address, old_end = start + request->old_length, new_end = start + request->new_length;
    if (request->new_length > request->old_length && (!address_space_contains(space, start, request->new_length) ||
                                                      !range_list_is_free(&space->list, old_end, new_end))) {
        return -ENOMEM;
    }
    return host_remap(request, 0, 0);
}

static int64_t move_mapping(struct address_space *space, const struct remap_request *request)
{
    int64_t target = choose_target(space, request);
    if (target < 0) {
        return target;
    }
    int extra = request->flags & MREMAP_DONTUNMAP;
    return host_remap(request, MREMAP_MAYMOVE | MREMAP_FIXED | extra, (uint64_t)target);
}

static int64_t check_remap(const struct address_space *space, const struct remap_request *request,
                           struct address_range *old)
{
    if (request->old_address % ADDRESS_SPACE_PAGE || request->new_length == 0 ||
        (request->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
        ((request->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(request->flags & MREMAP_MAYMOVE))) {
        return -EINVAL;
    }
    size_t index = range_list_lower(&space->list, request->old_address);
    if (index == space->list.count || space->list.ranges[index].start > request->old_address ||
        space->list.ranges[index].kind == RANGE_FOREIGN) {
        return -EFAULT;
    }
    *old = space->list.ranges[index];
    bool shrinks = request->new_length <= request->old_length;
    return request->old_length > old->end - request->old_address && !shrinks ? -EFAULT : 0;
}

static int64_t remap_locked(struct address_space *space, const struct remap_request *request, bool *had_code)
{
    struct address_range old;
    int64_t result = check_remap(space, request, &old);
    if (result < 0) {
        return result;
    }
    uint64_t start = request->old_address, old_end = start + request->old_length;
    struct address_range grown = {start, start + request->new_length, old.protection, old.kind};
    if (request->new_length > request->old_length && !address_space_is_allowed(space, &grown)) {
        return -ENOMEM;
    }
    bool may_stay = !(request->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && request->old_length;
    result = may_stay ? resize_in_place(space, request) : -ENOMEM;
    if (!may_stay || (result == -ENOMEM && (request->flags & MREMAP_MAYMOVE))) {
        result = move_mapping(space, request);
    }
    if (result < 0) {
        return result;
    }
    uint64_t place = (uint64_t)result;
    *had_code = range_list_has(&space->list, start, old_end, PROT_EXEC) ||
                range_list_has(&space->list, place, place + request->new_length, PROT_EXEC);
    if (!(request->flags & MREMAP_DONTUNMAP)) {
        range_list_clear(&space->list, start, old_end);
    }
    struct address_range range = {place, place + request->new_length, old.protection, old.kind};
    range_list_set(&space->list, &range);
    return result;
}

int64_t address_space_remap(struct address_space *space, uint64_t old_address, uint64_t old_length, uint64_t new_length,
                            int flags, uint64_t new_address)
{
    if (old_length > space->layout.limit || new_length > space->layout.limit ||
        !address_space_contains(space, old_address, PAGE_UP(old_length))) {
        return -EINVAL;
    }
    struct remap_request request = {old_address, PAGE_UP(old_length), PAGE_UP(new_length), flags, new_address};
    bool had_code = false;
    address_space_lock(space);
    int64_t place = remap_locked(space, &request, &had_code);
    address_space_unlock(space);
    if (place >= 0) {
        address_space_report(space, old_address, old_address + request.old_length, had_code);
        address_space_report(space, (uint64_t)place, (uint64_t)place + request.new_length, had_code);
    }
    if (log_is_on(LOG_MEMORY)) {
        log_text("remap %#lx+%#lx to %#lx flags %d = %#lx\n", old_address, old_length, new_length, flags,
                 (uint64_t)place);
    }
    return place;
}

int64_t address_space_advise(struct address_space *space, uint64_t address, uint64_t length, int advice)
{
    if (address % ADDRESS_SPACE_PAGE || length > space->layout.limit) {
        return -EINVAL;
    }
    if (!address_space_contains(space, address, PAGE_UP(length))) {
        return -ENOMEM;
    }
    if (madvise((void *)address, length, advice) != 0) {
        return -errno;
    }
    if (advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_REMOVE) {
        uint64_t end = address + PAGE_UP(length);
        address_space_lock(space);
        bool had_code = range_list_has(&space->list, address, end, PROT_EXEC);
        address_space_unlock(space);
        address_space_report(space, address, end, had_code);
    }
    return 0;
}

void address_space_set_heap(struct address_space *space, uint64_t address)
{
    space->heap_start = space->heap_end = PAGE_UP(address);
}

uint64_t address_space_heap_start(const struct address_space *space)
{
    return space->heap_start;
}

void address_space_set_limits(struct address_space *space, uint64_t all_bytes, uint64_t data_bytes)
{
    address_space_lock(space);
    space->all_limit = all_bytes;
    space->data_limit = data_bytes;
    address_space_unlock(space);
}

static bool is_data(const struct address_range *range)
{
    return (range->protection & PROT_WRITE) && (range->kind == RANGE_PLAIN || range->kind == RANGE_HEAP);
}

bool address_space_is_allowed(const struct address_space *space, const struct address_range *range)
{
    if (space->all_limit == UINT64_MAX && space->data_limit == UINT64_MAX) {
        return true;
    }
    uint64_t all = range->end - range->start, data = is_data(range) ? all : 0;
    for (size_t i = 0; i < space->list.count; i++) {
        const struct address_range *other = &space->list.ranges[i];
        if (other->kind == RANGE_FOREIGN || other->kind == RANGE_STACK) { /* the stack's range is what it may become */
            continue;
        }
        uint64_t low = other->start > range->start ? other->start : range->start;
        uint64_t high = other->end < range->end ? other->end : range->end;
        uint64_t size = other->end - other->start - (high > low ? high - low : 0); /* the rest is replaced */
        all += size;
        data += is_data(other) ? size : 0;
    }
    return all <= space->all_limit && (!is_data(range) || data <= space->data_limit);
}

static bool heap_may_grow(const struct address_space *space, uint64_t old_end, uint64_t new_end)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        new_end - space->heap_start > limit.rlim_cur) {
        return false;
    }
    struct address_range range = {old_end, new_end, PROT_READ | PROT_WRITE, RANGE_HEAP};
    return address_space_contains(space, old_end, new_end - old_end) && address_space_is_allowed(space, &range) &&
           range_list_is_free(&space->list, old_end, new_end + ADDRESS_SPACE_PAGE);
}

static bool resize_heap(struct address_space *space, uint64_t address, bool *had_code)
{
    uint64_t old_end = PAGE_UP(space->heap_end), new_end = PAGE_UP(address);
    if (new_end < old_end) {
        if (munmap((void *)new_end, old_end - new_end) != 0) {
            return false;
        }
        *had_code = range_list_has(&space->list, new_end, old_end, PROT_EXEC);
        range_list_clear(&space->list, new_end, old_end);
    } else if (new_end > old_end) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
        if (!heap_may_grow(space, old_end, new_end) ||
            mmap((void *)old_end, new_end - old_end, PROT_READ | PROT_WRITE, flags, -1, 0) != (void *)old_end) {
            return false;
        }
        struct address_range range = {old_end, new_end, PROT_READ | PROT_WRITE, RANGE_HEAP};
        range_list_set(&space->list, &range);
    }
    return true;
}

int64_t address_space_break(struct address_space *space, uint64_t address)
{
    bool had_code = false;
    address_space_lock(space);
    uint64_t old_end = space->heap_end;
    if (address >= space->heap_start && address <= space->layout.limit && resize_heap(space, address, &had_code)) {
        space->heap_end = address;
    }
    uint64_t result = space->heap_end;
    address_space_unlock(space);
    if (result < old_end) {
        address_space_report(space, PAGE_UP(result), PAGE_UP(old_end), had_code);
    }
    return (int64_t)result;
}

static int free_attachment(const struct address_space *space)
{
    for (int i = 0; i < SHARED_SEGMENTS; i++) {
        if (space->attached[i].length == 0) {
            return i;
        }
    }
    return -1;
}

static int64_t attach_locked(struct address_space *space, int id, uint64_t address, int flags, uint64_t length,
                             bool *had_code)
{
    int slot = free_attachment(space);
    if (slot < 0) {
        return -EMFILE;
    }
    if (address == 0) {
        address = address_space_find_gap(space, length, ADDRESS_SPACE_PAGE, false);
        if (!address) {
            return -ENOMEM;
        }
    } else {
        if (address % ADDRESS_SPACE_PAGE && (flags & SHM_RND)) {
            address = PAGE_DOWN(address);
        }
        if (address % ADDRESS_SPACE_PAGE || !address_space_contains(space, address, length) ||
            address_space_has_foreign(space, address, address + length) ||
            (!(flags & SHM_REMAP) && !range_list_is_free(&space->list, address, address + length))) {
            return -EINVAL;
        }
    }
    void *place = shmat(id, (void *)address, flags & ~SHM_EXEC);
    if (place == (void *)-1) {
        return -errno;
    }
    int protection = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) | (flags & SHM_EXEC ? PROT_EXEC : 0);
    struct address_range range = {address, address + length, protection, RANGE_SHARED};
    *had_code = range_list_has(&space->list, address, address + length, PROT_EXEC);
    range_list_set(&space->list, &range);
    space->is_shared = true;
    space->attached[slot].start = address;
    space->attached[slot].length = length;
    return (int64_t)address;
}

int64_t address_space_attach(struct address_space *space, int id, uint64_t address, int flags)
{
    struct shmid_ds info;
    if (shmctl(id, IPC_STAT, &info) != 0) {
        return -errno;
    }
    bool had_code = false;
    uint64_t length = PAGE_UP(info.shm_segsz);
    if (length > space->layout.limit) {
        return -ENOMEM;
    }
    address_space_lock(space);
    int64_t place = attach_locked(space, id, address, flags, length, &had_code);
    address_space_unlock(space);
    if (place >= 0) {
        address_space_report(space, (uint64_t)place, (uint64_t)place + length, had_code);
    }
    return place;
}

int64_t address_space_detach(struct address_space *space, uint64_t address)
{
    bool had_code = false;
    uint64_t length = 0;
    address_space_lock(space);
    int64_t result = -EINVAL;
    for (int i = 0; i < SHARED_SEGMENTS; i++) {
        if (space->attached[i].length && space->attached[i].start == address) {
            result = shmdt((void *)address) == 0 ? 0 : -errno;
            if (result == 0) {
                length = space->attached[i].length;
                had_code = range_list_has(&space->list, address, address + length, PROT_EXEC);
                range_list_clear(&space->list, address, address + length);
                space->attached[i].length = 0;
            }
            break;
        }
    }
    address_space_unlock(space);
    address_space_report(space, address, address + length, had_code);
    return result;
}
