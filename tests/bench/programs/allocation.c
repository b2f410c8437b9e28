// SPDX-License-Identifier: GPL-2.0-or-later
// class: memory
// Isolates: malloc and free of small blocks, many short functions of libc.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static void *slots[4096];
    uint32_t seed = 5;
    uintptr_t sum = 0;
    for (int i = 0; i < 14000000; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned slot = seed >> 20;
        free(slots[slot]);
        slots[slot] = malloc((seed >> 8) % 400 + 1);
        *(char *)slots[slot] = (char)i;
        sum += (uintptr_t)slots[slot] & 8;
    }
    printf("%lu\n", (unsigned long)sum);
    return 0;
}
