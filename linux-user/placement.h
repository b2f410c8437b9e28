/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where kage's own memory is. The program is linked at PLACEMENT_START (linux-user/meson.build), its heap follows, and
 * every mapping that it makes for itself goes into the zone below, whatever randomisation and limits the host applies;
 * the guest is never given an address at or above PLACEMENT_GUEST_LIMIT. placement.c defines mmap for the whole
 * program, C library included, to that end. */
#ifndef LINUX_USER_PLACEMENT_H
#define LINUX_USER_PLACEMENT_H

#include <stdint.h>

/* Below the least address that the host's own top-down area can start at (47 bits, 32 bits of randomness). */
#define PLACEMENT_GUEST_LIMIT UINT64_C(0x6f0000000000)
#define PLACEMENT_START UINT64_C(0x700000000000)
#define PLACEMENT_ZONE_START UINT64_C(0x710000000000)
#define PLACEMENT_ZONE_END UINT64_C(0x7d0000000000)

/* The allocator keeps to the heap and to the zone; to be called first of all. */
void placement_initialise(void);

/* The host's own pages (vdso) that may lie below the guest's limit: calls found for each. */
void placement_find_foreign(void (*found)(void *user, uint64_t start, uint64_t end), void *user);

#endif
