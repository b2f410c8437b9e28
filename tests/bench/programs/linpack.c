// SPDX-License-Identifier: GPL-2.0-or-later
// class: scalar-fp
// flags: -ffp-contract=off -fno-tree-vectorize
// Isolates: the double-precision inner loops of solving linear equations: LU with partial pivoting, column by column.
#include <math.h>
#include <stdio.h>

enum { n = 250 };
static double a[n][n], b[n]; // a[column][row]

__attribute__((noinline)) static void add_scaled(int count, double k, const double *x, double *y)
{
    for (int i = 0; i < count; i++)
        y[i] += k * x[i];
}

static void fill(void)
{
    int seed = 1325;
    for (int i = 0; i < n; i++)
        b[i] = 0;
    for (int column = 0; column < n; column++)
        for (int row = 0; row < n; row++) {
            seed = 3125 * seed % 65536;
            a[column][row] = (seed - 32768.0) / 16384.0;
            b[row] += a[column][row];
        }
}

static void solve(void)
{
    for (int k = 0; k < n - 1; k++) {
        int pivot = k;
        for (int row = k + 1; row < n; row++)
            if (fabs(a[k][row]) > fabs(a[k][pivot]))
                pivot = row;
        double t = a[k][pivot];
        a[k][pivot] = a[k][k];
        a[k][k] = t;
        for (int row = k + 1; row < n; row++)
            a[k][row] /= -t;
        for (int column = k + 1; column < n; column++) {
            t = a[column][pivot];
            a[column][pivot] = a[column][k];
            a[column][k] = t;
            add_scaled(n - k - 1, t, &a[k][k + 1], &a[column][k + 1]);
        }
        t = b[pivot];
        b[pivot] = b[k];
        b[k] = t;
        add_scaled(n - k - 1, t, &a[k][k + 1], &b[k + 1]);
    }
    for (int k = n - 1; k >= 0; k--) {
        b[k] /= a[k][k];
        add_scaled(k, -b[k], &a[k][0], &b[0]);
    }
}

int main(void)
{
    double worst = 0;
    for (int round = 0; round < 24; round++) {
        fill();
        solve();
        for (int i = 0; i < n; i++)
            worst = fmax(worst, fabs(b[i] - 1));
    }
    printf("%d %.6f\n", worst < 1e-9, b[n / 2]);
    return 0;
}
