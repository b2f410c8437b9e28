// SPDX-License-Identifier: GPL-2.0-or-later
// Runs until it is told to stop, or sleeps.
#include <stdio.h>
#include <unistd.h>

volatile int go_on = 1;
volatile unsigned long rounds;

__attribute__((noinline)) int helper(int x)
{
    return x + 1000;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        unsigned rest = sleep(3);
        printf("slept, rest %u\n", rest);
        return 3;
    }
    while (go_on) {
        rounds++;
    }
    printf("stopped\n");
    return 4;
}
