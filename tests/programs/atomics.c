// SPDX-License-Identifier: GPL-2.0-or-later
// Atomic operations of every width contended by threads, and the orderings that lock-free code relies on.
#include "print.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>

enum { thread_count = 4, rounds = 20000 };
static _Atomic uint8_t a8;
static _Atomic uint16_t a16;
static _Atomic uint32_t a32;
static _Atomic uint64_t a64;
static _Atomic(int64_t) smallest = INT64_MAX;
static atomic_flag spinlock = ATOMIC_FLAG_INIT;
static uint64_t guarded, bits;
static struct node { struct node *next; int value; } nodes[thread_count * rounds], *_Atomic stack;

static void *contend(void *argument)
{
    int self = (int)(intptr_t)argument;
    for (int i = 0; i < rounds; i++) {
        atomic_fetch_add(&a8, 1);
        atomic_fetch_sub_explicit(&a16, 3, memory_order_relaxed);
        atomic_fetch_xor(&a32, 1u << (i & 31));
        uint64_t old = atomic_load_explicit(&a64, memory_order_relaxed);
        while (!atomic_compare_exchange_weak(&a64, &old, old * 3 + 1 - old * 2))
            ;
        __atomic_fetch_or(&bits, 1ull << (i & 63), __ATOMIC_ACQ_REL);
        int64_t candidate = -(int64_t)i * self, seen = atomic_load(&smallest);
        while (candidate < seen && !atomic_compare_exchange_strong(&smallest, &seen, candidate))
            ;
        if (i % 16 == 0) {
            while (atomic_flag_test_and_set_explicit(&spinlock, memory_order_acquire))
                sched_yield();
            guarded++;
            atomic_flag_clear_explicit(&spinlock, memory_order_release);
        }
        struct node *node = &nodes[self * rounds + i];
        node->value = i;
        node->next = atomic_load_explicit(&stack, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(&stack, &node->next, node, memory_order_release, memory_order_relaxed))
            ;
    }
    return NULL;
}

// Message passing: data written before a release store must be seen after the acquire load.
static int message[64];
static _Atomic int published;
static void *publish(void *unused)
{
    for (int round = 1; round <= 5000; round++) {
        for (int i = 0; i < 64; i += 9)
            message[i] = round;
        atomic_store_explicit(&published, round, memory_order_release);
        while (atomic_load_explicit(&published, memory_order_acquire) == round)
            sched_yield();
    }
    return unused;
}

int main(void)
{
    pthread_t threads[thread_count], publisher;
    for (intptr_t i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, contend, (void *)i);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    long sum = 0, count = 0;
    for (struct node *node = stack; node; node = node->next, count++)
        sum += node->value;
    printf("%u %u %u %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIx64 " %ld %ld\n", a8, a16, a32, a64, (int64_t)smallest, guarded,
           bits, count, sum);
    pthread_create(&publisher, NULL, publish, NULL);
    for (int round = 1; round <= 5000; round++) {
        while (atomic_load_explicit(&published, memory_order_acquire) != round)
            sched_yield();
        for (int i = 0; i < 64; i += 9)
            CHECK(message[i] == round);
        atomic_store_explicit(&published, -round, memory_order_release);
    }
    pthread_join(publisher, NULL);
    uint32_t word = 5, expected = 6;
    printf("%d", __atomic_compare_exchange_n(&word, &expected, 9, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    printf(" %u %u", expected, __atomic_exchange_n(&word, 77, __ATOMIC_SEQ_CST));
    uint8_t bytes[4] = {250, 250, 250, 250};
    printf(" %u %u", __atomic_add_fetch(&bytes[1], 10, __ATOMIC_SEQ_CST), __atomic_nand_fetch(&bytes[3], 0x3c, __ATOMIC_SEQ_CST));
    printf(" %u %u %u %u\n", bytes[0], bytes[1], bytes[2], bytes[3]);
    return 0;
}
