// SPDX-License-Identifier: GPL-2.0-or-later
// What the test programs share: output that is the same on every architecture, and a check that says where it failed.
#pragma once
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The compiler must not compute the result of the operation under test itself.
#define OPAQUE(x)                                                                                                      \
    __extension__({                                                                                                    \
        __typeof__((__typeof__(x))(x)) opaque_value = (x);                                                             \
        __asm__ volatile("" : "+m"(opaque_value));                                                                     \
        opaque_value;                                                                                                  \
    })

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: not true: %s\n", __LINE__, #condition);                                                   \
            fflush(stdout);                                                                                            \
            _exit(99);                                                                                                 \
        }                                                                                                              \
    } while (0)

void _exit(int status) __attribute__((noreturn));

// A NaN's sign and payload differ between architectures, its presence does not.
static inline void print_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value)
        printf(" nan");
    else
        printf(" %016" PRIx64, bits);
}

static inline void print_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value)
        printf(" nan");
    else
        printf(" %08" PRIx32, bits);
}

// FNV-1a, to sum up many results in one number.
static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        hash = (hash ^ (value & 0xff)) * 0x100000001b3ull;
    return hash;
}
#define MIX_START 0xcbf29ce484222325ull

static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
