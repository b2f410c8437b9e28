// SPDX-License-Identifier: GPL-2.0-or-later
// class: vector
// flags: -O3
// Isolates: integer loops that the compiler turns into vector code: widening, clamping, absolute differences, compares.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { n = 4096 };
static uint8_t p[n], q[n], r[n];
static int16_t w[n];
static uint32_t d[n];

int main(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < n; i++) {
        p[i] = (uint8_t)(i * 7);
        q[i] = (uint8_t)(i * 13 + 5);
    }
    for (int round = 0; round < 140000; round++) {
        int difference = 0, count = 0;
        for (int i = 0; i < n; i++)
            w[i] = (int16_t)(p[i] * 3 - q[i] + round);
        for (int i = 0; i < n; i++)
            r[i] = (uint8_t)(w[i] < 0 ? 0 : w[i] > 255 ? 255 : w[i]);
        for (int i = 0; i < n; i++)
            difference += abs(p[i] - r[i]);
        for (int i = 0; i < n; i++)
            d[i] = (d[i] ^ p[i]) + (d[i] << 5);
        for (int i = 0; i < n; i++)
            count += r[i] == q[i];
        sum += (uint64_t)(difference + count) + d[round % n];
        __asm__ volatile("" : : : "memory");
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
