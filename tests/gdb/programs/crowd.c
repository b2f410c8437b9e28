// SPDX-License-Identifier: GPL-2.0-or-later
// Rounds of threads that all run through one function.
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
_Atomic long total;
__attribute__((noinline)) void hit(long id, long i) { total += 1; }
static void *run(void *a) { for (long i = 0; i < 200; i++) hit((long)a, i); return 0; }
int main(void) {
    pthread_t t[8];
    for (int round = 0; round < 3; round++) {
        for (long i = 0; i < 8; i++) pthread_create(&t[i], 0, run, (void *)i);
        for (int i = 0; i < 8; i++) pthread_join(t[i], 0);
    }
    printf("total %ld\n", (long)total);
    return 0;
}
