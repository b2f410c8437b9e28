// SPDX-License-Identifier: GPL-2.0-or-later
// class: scalar-fp
// flags: -ffp-contract=off -fno-tree-vectorize
// Isolates: conversions from integer to double, divisions and sums that wait for each other.
#include <math.h>
#include <stdio.h>

enum { n = 1400 };

static double element(int i, int j)
{
    return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1);
}

__attribute__((noinline)) static void multiply(const double *v, double *out, int transposed)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += (transposed ? element(j, i) : element(i, j)) * v[j];
        out[i] = sum;
    }
}

int main(void)
{
    static double u[n], v[n], t[n];
    double uv = 0, vv = 0;
    for (int i = 0; i < n; i++)
        u[i] = 1;
    for (int round = 0; round < 8; round++) {
        multiply(u, t, 0);
        multiply(t, v, 1);
        multiply(v, t, 0);
        multiply(t, u, 1);
    }
    for (int i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("%.9f\n", sqrt(uv / vv));
    return 0;
}
