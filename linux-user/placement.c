/* SPDX-License-Identifier: GPL-2.0-or-later */
#undef _FILE_OFFSET_BITS /* would give mmap the name mmap64, of which this file has one already */
#include "placement.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);

static void *raw_mmap(uint64_t address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

/* A place is never used twice until the zone (12 TiB) has been gone through. */
static void *map_in_zone(size_t length, int protection, int flags, int fd, off_t offset)
{
    static _Atomic uint64_t next = PLACEMENT_ZONE_START;
    uint64_t step = (length + 0xffff) & ~(uint64_t)0xffff;
    for (int attempt = 0; attempt < 1024 && step < PLACEMENT_ZONE_END - PLACEMENT_ZONE_START; attempt++) {
        uint64_t place = atomic_fetch_add(&next, step);
        if (place + step > PLACEMENT_ZONE_END) {
            uint64_t expected = place + step;
            atomic_compare_exchange_strong(&next, &expected, PLACEMENT_ZONE_START);
            continue;
        }
        void *result = raw_mmap(place, length, protection, flags | MAP_FIXED_NOREPLACE, fd, offset);
        if (result == (void *)place || (result == MAP_FAILED && errno != EEXIST)) {
            return result;
        }
        if (result != MAP_FAILED) {
            munmap(result, length); /* a kernel that takes the address for a hint */
        }
    }
    errno = ENOMEM;
    return MAP_FAILED;
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    bool placed = address || (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
    return placed ? raw_mmap((uint64_t)address, length, protection, flags, fd, offset)
                  : map_in_zone(length, protection, flags, fd, offset);
}

#define SAME_AS_MMAP64 __attribute__((alias("mmap64"), nothrow, leaf))
void *mmap(void *, size_t, int, int, int, off_t) SAME_AS_MMAP64;
void *__mmap(void *, size_t, int, int, int, off_t) SAME_AS_MMAP64;
void *__mmap64(void *, size_t, int, int, int, off_t) SAME_AS_MMAP64;

void placement_initialise(void)
{
    mallopt(M_MMAP_MAX, 0);  /* mremap of large blocks would leave the zone */
    mallopt(M_ARENA_MAX, 1); /* one heap: per-thread ones reserve address space that rlimits count */
}

void placement_find_foreign(void (*found)(void *user, uint64_t start, uint64_t end), void *user)
{
    uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
    if (!vdso || vdso >= PLACEMENT_GUEST_LIMIT) {
        return;
    }
    /* The data pages stand right below the code; their number depends on the kernel. */
    found(user, vdso - 0x10000, vdso + 0x4000);
}
