// SPDX-License-Identifier: GPL-2.0-or-later
// class: strings
// Isolates: memcpy, memmove and memset from 1 byte to 64 KiB.
#include <stdio.h>
#include <string.h>

int main(void)
{
    static char a[1 << 17], b[1 << 17];
    unsigned long sum = 0;
    for (int round = 0; round < 40000; round++)
        for (unsigned size = 1; size <= 1 << 16; size = size * 5 / 2 + 1) {
            char *p = a + round % 61, *q = b + round % 47;
            __asm__ volatile("" : "+r"(p), "+r"(q), "+r"(size));
            memset(p, round, size);
            memcpy(q, p, size);
            memmove(q + 3, q, size);
            sum += (unsigned char)q[size / 2];
        }
    printf("%lu\n", sum);
    return 0;
}
