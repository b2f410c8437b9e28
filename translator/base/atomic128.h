/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compare and exchange of 16 bytes, without the library call that compilers make of it. */
#ifndef BASE_ATOMIC128_H
#define BASE_ATOMIC128_H

#include <stdint.h>

/* If *place == expected, *place = desired; returns what was there. place is 16-byte aligned. A full barrier. */
static inline unsigned __int128 atomic128_compare_exchange(unsigned __int128 *place, unsigned __int128 expected,
                                                           unsigned __int128 desired)
{
#ifdef __x86_64__
    uint64_t low = (uint64_t)expected, high = (uint64_t)(expected >> 64);
    __asm__ volatile("lock cmpxchg16b %[place]"
                     : [place] "+m"(*place), "+a"(low), "+d"(high)
                     : "b"((uint64_t)desired), "c"((uint64_t)(desired >> 64))
                     : "cc", "memory");
    return (unsigned __int128)high << 64 | low;
#else
    return __sync_val_compare_and_swap(place, expected, desired);
#endif
}

#endif
