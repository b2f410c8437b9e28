// SPDX-License-Identifier: GPL-2.0-or-later
// Three threads at a barrier, one of them in a blocking call, one spinning.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static int pipe_ends[2];
volatile int stop_spinning;
volatile long spins;
long results[4];

__attribute__((noinline)) long work(long number)
{
    long result = number * 100;
    results[number] = result; /* stored */
    return result;
}

static void *calculate(void *argument)
{
    long number = (long)argument;
    pthread_barrier_wait(&barrier);
    work(number);
    return NULL;
}

static void *wait_for_byte(void *argument)
{
    char byte = 0;
    pthread_barrier_wait(&barrier);
    if (read(pipe_ends[0], &byte, 1) != 1) {
        abort();
    }
    results[3] = byte;
    return NULL;
}

static void *spin(void *argument)
{
    pthread_barrier_wait(&barrier);
    while (!stop_spinning) {
        spins++;
    }
    return NULL;
}

__attribute__((noinline)) void all_started(void)
{
    usleep(100000);
}

int main(void)
{
    pthread_t threads[3];
    if (pipe(pipe_ends)) {
        return 1;
    }
    pthread_barrier_init(&barrier, NULL, 4);
    pthread_create(&threads[0], NULL, calculate, (void *)1L);
    pthread_create(&threads[1], NULL, wait_for_byte, NULL);
    pthread_create(&threads[2], NULL, spin, NULL);
    pthread_barrier_wait(&barrier);
    all_started();
    write(pipe_ends[1], "A", 1);
    stop_spinning = 1;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("results %ld %ld\n", results[1], results[3]);
    return 0;
}
