// SPDX-License-Identifier: GPL-2.0-or-later
// class: scalar-fp
// Isolates: scalar double arithmetic with divisions and square roots: five bodies under gravity.
#include <math.h>
#include <stdio.h>

static struct body { double x[3], v[3], mass; } bodies[5] = {
    {{0, 0, 0}, {0, 0, 0}, 39.47},
    {{4.84, -1.16, -0.10}, {0.61, 2.81, -0.02}, 0.0377},
    {{8.34, 4.12, -0.4}, {-1.01, 1.82, 0.008}, 0.0113},
    {{12.89, -15.11, -0.22}, {1.08, 0.87, -0.01}, 0.0017},
    {{15.38, -25.92, 0.18}, {0.98, 0.59, -0.03}, 0.002},
};

static void advance(double dt)
{
    for (int i = 0; i < 5; i++)
        for (int j = i + 1; j < 5; j++) {
            struct body *a = &bodies[i], *b = &bodies[j];
            double d[3], square = 0;
            for (int k = 0; k < 3; k++) {
                d[k] = a->x[k] - b->x[k];
                square += d[k] * d[k];
            }
            double force = dt / (square * sqrt(square));
            for (int k = 0; k < 3; k++) {
                a->v[k] -= d[k] * b->mass * force;
                b->v[k] += d[k] * a->mass * force;
            }
        }
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++)
            bodies[i].x[k] += dt * bodies[i].v[k];
}

int main(void)
{
    for (int i = 0; i < 3500000; i++)
        advance(0.001);
    printf("%.6f %.6f\n", bodies[0].x[0], bodies[4].v[1]);
    return 0;
}
