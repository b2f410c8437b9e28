// SPDX-License-Identifier: GPL-2.0-or-later
// class: vector
// flags: -O3 -ffast-math
// Isolates: single-precision loops that the compiler turns into vector code: saxpy, dot product, stencil, minimum.
#include <stdio.h>

enum { n = 4096 };
static float a[n], b[n], c[n];

int main(void)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        a[i] = (float)(i % 17) * 0.25f;
        b[i] = (float)(i % 31) * 0.5f;
    }
    for (int round = 0; round < 15000; round++) {
        float k = (float)(round & 7) * 0.125f, dot = 0, least = 1e9f;
        for (int i = 0; i < n; i++)
            c[i] = a[i] * k + b[i];
        for (int i = 1; i < n - 1; i++)
            c[i] = (a[i - 1] + b[i + 1]) * 0.5f - c[i];
        for (int i = 0; i < n; i++)
            dot += a[i] * c[i];
        for (int i = 0; i < n; i++)
            least = c[i] < least ? c[i] : least;
        sum += (double)(least + dot * 1e-6f);
        __asm__ volatile("" : : "r"(c) : "memory");
    }
    printf("%.1f\n", sum / 1e5);
    return 0;
}
