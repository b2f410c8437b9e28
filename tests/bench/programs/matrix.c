// SPDX-License-Identifier: GPL-2.0-or-later
// class: vector
// Isolates: double-precision multiply-add over arrays with nested loops.
#include <stdio.h>

enum { n = 300 };
static double a[n][n], b[n][n], c[n][n];

int main(void)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            a[i][j] = i * 0.5 + j;
            b[i][j] = i - j * 0.25;
        }
    for (int round = 0; round < 14; round++)
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++) {
                double x = a[i][k];
                for (int j = 0; j < n; j++)
                    c[i][j] += x * b[k][j];
            }
    printf("%.1f %.1f\n", c[7][11], c[n - 1][n - 1]);
    return 0;
}
