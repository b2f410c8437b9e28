// SPDX-License-Identifier: GPL-2.0-or-later
// class: scalar-fp
// flags: -ffp-contract=off
// Isolates: double multiplication, addition and a comparison in a tight loop.
#include <stdio.h>

int main(void)
{
    long total = 0;
    for (int py = 0; py < 1000; py++)
        for (int px = 0; px < 1000; px++) {
            double cx = px / 500.0 - 1.5, cy = py / 500.0 - 1.0, x = 0, y = 0;
            int n = 0;
            while (n < 250 && x * x + y * y < 4) {
                double t = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = t;
                n++;
            }
            total += n;
        }
    printf("%ld\n", total);
    return 0;
}
