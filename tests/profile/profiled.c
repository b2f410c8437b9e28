// SPDX-License-Identifier: GPL-2.0-or-later
// Two functions in which time goes, one of them in a child of fork.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) double add_fractions(int count)
{
    double sum = 0;
    for (int i = 1; i <= count; i++) {
        sum += 1.0 / i;
    }
    return sum;
}

__attribute__((noinline)) long mix_numbers(int count)
{
    long mixed = 1;
    for (int i = 1; i <= count; i++) {
        mixed = mixed * 31 ^ i;
    }
    return mixed;
}

int main(void)
{
    int status;
    printf("%.3f\n", add_fractions(20000000));
    fflush(stdout);
    if (fork() == 0) {
        _exit(mix_numbers(20000000) == 0);
    }
    wait(&status);
    return WEXITSTATUS(status);
}
