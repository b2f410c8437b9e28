// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: 64-bit multiplication with its upper half, division and remainder, signed and unsigned.
#include <stdint.h>
#include <stdio.h>

static uint64_t high_product(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

__attribute__((noinline)) static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

__attribute__((noinline)) static int64_t digits(int64_t x, int64_t base)
{
    int64_t sum = 0;
    for (; x; x /= base)
        sum += x % base;
    return sum;
}

int main(void)
{
    uint64_t x = 0x9e3779b97f4a7c15, sum = 0;
    for (int i = 1; i < 600000; i++) {
        for (int k = 0; k < 40; k++) {
            uint64_t high = high_product(x, 0xd1342543de82ef95);
            x = x * 0xaf251af3b0f025b5 + (high ^ x >> 23);
            sum += high_product(x, sum | 1);
        }
        sum += common_divisor(x, (uint64_t)i * 0x10001);
        sum ^= (uint64_t)digits((int64_t)x, (i & 15) - 20);
    }
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
