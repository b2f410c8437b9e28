// SPDX-License-Identifier: GPL-2.0-or-later
// class: atomics
// threads: 2
// Isolates: two threads that compute side by side on data of their own and meet only at the end of each round.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { limit = 400000, rounds = 160 };
static pthread_barrier_t barrier;
static uint64_t results[2][rounds];

static uint64_t count_primes(uint8_t *composite, unsigned salt)
{
    uint64_t sum = 0;
    memset(composite, 0, limit);
    for (uint64_t i = 2; i < limit; i++) {
        if (composite[i])
            continue;
        sum += i * salt;
        for (uint64_t k = i * i; k < limit; k += i)
            composite[k] = 1;
    }
    return sum;
}

static void *work(void *argument)
{
    static uint8_t numbers[2][limit];
    uintptr_t self = (uintptr_t)argument;
    for (unsigned round = 0; round < rounds; round++) {
        results[self][round] = count_primes(numbers[self], round + (unsigned)self);
        pthread_barrier_wait(&barrier);
        if (round > 0)
            results[self][round] += results[!self][round - 1];
    }
    return NULL;
}

int main(void)
{
    pthread_t other;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&other, NULL, work, (void *)1);
    work(NULL);
    pthread_join(other, NULL);
    printf("%llu %llu\n", (unsigned long long)results[0][rounds / 2], (unsigned long long)results[1][rounds / 3]);
    return 0;
}
