// SPDX-License-Identifier: GPL-2.0-or-later
// class: atomics
// threads: 2
// Isolates: two threads that add to, swap and lock the same words.
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

enum { rounds = 12000000 };
static _Atomic uint64_t counter, word;
static atomic_flag lock = ATOMIC_FLAG_INIT;
static uint64_t guarded;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t behind_mutex;

static void *work(void *unused)
{
    for (int i = 0; i < rounds; i++) {
        atomic_fetch_add(&counter, 1);
        uint64_t old = atomic_load_explicit(&word, memory_order_relaxed);
        while (!atomic_compare_exchange_weak(&word, &old, old + 3))
            ;
        if (i % 16 == 0) {
            while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
                ;
            guarded++;
            atomic_flag_clear_explicit(&lock, memory_order_release);
        }
        if (i % 64 == 0) {
            pthread_mutex_lock(&mutex);
            behind_mutex++;
            pthread_mutex_unlock(&mutex);
        }
    }
    return unused;
}

int main(void)
{
    pthread_t other;
    pthread_create(&other, NULL, work, NULL);
    work(NULL);
    pthread_join(other, NULL);
    printf("%llu %llu %llu %llu\n", (unsigned long long)counter, (unsigned long long)word, (unsigned long long)guarded,
           (unsigned long long)behind_mutex);
    return 0;
}
