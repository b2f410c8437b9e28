/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of any alignment in a byte order that is known at run time. */
#ifndef BASE_BYTEORDER_H
#define BASE_BYTEORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BYTEORDER_ACCESS(bits, swap)                                                                                   \
    static inline uint##bits##_t byteorder_load##bits(const void *place, bool big)                                     \
    {                                                                                                                  \
        uint##bits##_t value;                                                                                          \
        memcpy(&value, place, sizeof value);                                                                           \
        return big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value : swap(value);                                  \
    }                                                                                                                  \
    static inline void byteorder_store##bits(void *place, uint##bits##_t value, bool big)                              \
    {                                                                                                                  \
        value = big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value : swap(value);                                 \
        memcpy(place, &value, sizeof value);                                                                           \
    }

BYTEORDER_ACCESS(16, __builtin_bswap16)
BYTEORDER_ACCESS(32, __builtin_bswap32)
BYTEORDER_ACCESS(64, __builtin_bswap64)

#undef BYTEORDER_ACCESS

#endif
