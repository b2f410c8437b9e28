// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: plain integer arithmetic in registers, one hot loop, no memory.
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    uint64_t a = 1, b = 2, c = 3;
    for (uint64_t i = 0; i < 220000000; i++) {
        a = a * 6364136223846793005ull + i;
        b ^= a >> 29;
        c += b & 0xff;
        if (c & 1)
            b += c;
    }
    printf("%016llx\n", (unsigned long long)(a ^ b ^ c));
    return 0;
}
