// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: calls through a function pointer from a library routine, branches that depend on data.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    enum { count = 1000000 };
    static uint32_t numbers[count];
    uint32_t seed = 1, sum = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < count; i++)
            numbers[i] = seed = seed * 1664525 + 1013904223;
        qsort(numbers, count, sizeof *numbers, compare);
        for (int i = 0; i < count; i += 1000)
            sum = sum * 31 + numbers[i];
    }
    printf("%u\n", sum);
    return 0;
}
