// SPDX-License-Identifier: GPL-2.0-or-later
// Locals, globals, structures, recursion, floating point: what breakpoints and printing are tried with.
#include <stdio.h>
#include <string.h>

struct point {
    int x, y;
    double weight;
    char name[8];
};

int counter = 5;
struct point origin = {1, 2, 0.5, "origin"};
const char *text = "a text";
unsigned char bytes[16];

__attribute__((noinline)) int square(int x)
{
    int y = x * x;
    return y;
}

__attribute__((noinline)) int factorial(int n)
{
    if (n <= 1) {
        return 1; /* deepest */
    }
    return n * factorial(n - 1);
}

__attribute__((noinline)) double scale(double value, float factor)
{
    double result = value * factor;
    return result;
}

int main(int argc, char **argv)
{
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += square(i);
        counter++;
    }
    printf("sum %d counter %d\n", sum, counter);
    int product = factorial(5);
    double scaled = scale(1.5, 2);
    memset(bytes, argc, sizeof bytes);
    printf("product %d scaled %g byte %d text %s\n", product, scaled, bytes[3], text);
    return 7;
}
