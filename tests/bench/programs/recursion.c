// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: calls and returns, stack traffic.
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls", "no-inline"))) static long fibonacci(long n)
{
    if (n < 2)
        return n;
    return fibonacci(n - 1) + fibonacci(n - 2);
}

int main(int argc, char **argv)
{
    printf("%ld\n", fibonacci(argc > 1 ? atol(argv[1]) : 39));
    return 0;
}
