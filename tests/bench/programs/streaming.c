// SPDX-License-Identifier: GPL-2.0-or-later
// class: memory
// Isolates: memory bandwidth: copy, scale, add and triad over arrays that no cache holds.
#include <stdio.h>

enum { n = 1 << 22 };
static double a[n], b[n], c[n];

int main(void)
{
    const double k = 0.5;
    for (int i = 0; i < n; i++) {
        a[i] = i % 1000;
        b[i] = 2;
    }
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < n; i++)
            c[i] = a[i];
        for (int i = 0; i < n; i++)
            b[i] = k * c[i];
        for (int i = 0; i < n; i++)
            c[i] = a[i] + b[i];
        for (int i = 0; i < n; i++)
            a[i] = b[i] + k * c[i];
        __asm__ volatile("" : : : "memory");
    }
    printf("%.3f %.3f\n", a[n / 3], c[n - 1]);
    return 0;
}
