// SPDX-License-Identifier: GPL-2.0-or-later
// Every way in which memory is read and written that translated code has: what watchpoints are tried with.
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct pair {
    int64_t first, second;
} pair, other = {30, 40};
int watched = 1;
int neighbour = 2;
volatile int only_read = 3;
_Atomic int counted = 4;
char area[64];
char source[64] = "0123456789abcdefghijklmnopqrstuvwxyz";

__attribute__((noinline)) void write_pair(struct pair *to, const struct pair *from)
{
    *to = *from;
}

__attribute__((noinline)) int local_sum(int limit)
{
    int total = 0;
    for (int i = 1; i <= limit; i++) {
        total += i;
    }
    return total;
}

int main(void)
{
    neighbour = 20;
    watched = 10;
    neighbour += watched;
    watched += 1;
    int seen = only_read;
    seen += only_read;
    write_pair(&pair, &other);
    atomic_fetch_add(&counted, 6);
    int expected = 10;
    atomic_compare_exchange_strong(&counted, &expected, 11);
    memcpy(area, source, sizeof area);
    long busy = 0;
    for (volatile int i = 0; i < 1000000; i++) {
        busy += i;
    }
    watched = 99;
    int sum = local_sum(4);
    printf("watched %d seen %d second %d counted %d area %.10s sum %d busy %ld\n", watched, seen, (int)pair.second, counted,
           area, sum, busy);
    return 0;
}
