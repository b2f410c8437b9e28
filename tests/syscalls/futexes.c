// SPDX-License-Identifier: GPL-2.0-or-later
// Futexes: every operation, by what it says and by whom it wakes.
#include "kernel.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

static _Atomic uint32_t word, other, ready, woken;

static long futex(_Atomic uint32_t *at, int operation, uint32_t value, const void *time, _Atomic uint32_t *second, uint32_t third)
{
    return syscall(SYS_futex, at, INT(operation), INT(value), time, second, INT(third));
}

// threads that are asleep cannot be told from those that soon will be: give them time
static void let_sleep(unsigned count)
{
    while (ready != count)
        usleep(1000);
    usleep(30000);
}

static void *wait_once(void *operation)
{
    ready++;
    long result = futex(&word, (int)(long)operation, 0, NULL, NULL, 0x2);
    woken += result == 0;
    return NULL;
}

static void start(pthread_t threads[], int count, int operation)
{
    ready = woken = 0;
    word = other = 0;
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, wait_once, (void *)(long)operation);
    let_sleep(count);
}

static void finish(pthread_t threads[], int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("woken %u\n", woken);
}

static void waiting_and_waking(void)
{
    pthread_t threads[4];
    struct timespec brief = {0, 3000000}, now;
    show("another value", futex(&word, FUTEX_WAIT_PRIVATE, 5, NULL, NULL, 0));
    show("time is up", futex(&word, FUTEX_WAIT_PRIVATE, 0, &brief, NULL, 0));
    show("bad time", futex(&word, FUTEX_WAIT_PRIVATE, 0, &(struct timespec){0, -1}, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &now);
    show("time is past", futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &now, NULL, ~0u));
    clock_gettime(CLOCK_REALTIME, &now);
    show("on the other clock", futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &now, NULL, ~0u));
    show("no bits", futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &brief, NULL, 0));
    show("nowhere", futex(NOWHERE, FUTEX_WAIT_PRIVATE, 0, &brief, NULL, 0));
    show("at odd", futex((void *)((char *)&word + 1), FUTEX_WAIT_PRIVATE, 0, &brief, NULL, 0));
    show("no such operation", futex(&word, 99, 0, NULL, NULL, 0));
    show("time from nowhere", futex(&word, FUTEX_WAIT_PRIVATE, 0, NOWHERE, NULL, 0));
    start(threads, 3, FUTEX_WAIT_PRIVATE);
    show("wake two", futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
    show("wake the rest", futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
    finish(threads, 3);
    start(threads, 2, FUTEX_WAIT_BITSET_PRIVATE);
    show("other bits", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 0x1));
    show("these bits", futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 100, NULL, NULL, 0x6));
    finish(threads, 2);
    start(threads, 4, FUTEX_WAIT_PRIVATE);
    show("requeue for another value", futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &other, 9));
    show("requeue", futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &other, 0));
    show("wake here", futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
    show("wake there", futex(&other, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0));
    finish(threads, 4);
    start(threads, 2, FUTEX_WAIT_PRIVATE);
    show("wake and change", futex(&other, FUTEX_WAKE_OP_PRIVATE, 1, (void *)10, &word, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 0)));
    show("changed to", word);
    finish(threads, 2);
}

static void vectors(void)
{
    struct { uint64_t value, address; uint32_t flags, reserved; } waiters[2] = {{0, (uintptr_t)&word, 0x82}, {0, (uintptr_t)&other, 0x82}};
    struct timespec now;
    word = other = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    show("waitv", syscall(449, waiters, INT(2), INT(0), &now, INT(CLOCK_MONOTONIC)));
    waiters[1].value = 1;
    show("another value", syscall(449, waiters, INT(2), INT(0), &now, INT(CLOCK_MONOTONIC)));
    show("too many", syscall(449, waiters, INT(1000), INT(0), NULL, INT(CLOCK_MONOTONIC)));
}

static void inheritance(void)
{
    word = 0;
    show("lock", futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
    show_truth("mine", word == (uint32_t)gettid());
    show("again", futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
    show("try", futex(&word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
    show("unlock", futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
    show("unlock again", futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    pthread_mutexattr_init(&attributes);
    show("inheriting", pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    show("mutex", pthread_mutex_init(&mutex, &attributes));
    show("lock", pthread_mutex_lock(&mutex));
    show("unlock", pthread_mutex_unlock(&mutex));
}

static pthread_mutex_t robust;

static void *die_holding(void *unused)
{
    pthread_mutex_lock(&robust);
    return NULL;
}

static void death(void)
{
    pthread_mutexattr_t attributes;
    pthread_t thread;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attributes);
    pthread_create(&thread, NULL, die_holding, NULL);
    pthread_join(thread, NULL);
    printf("lock: %s\n", strerrorname_np(pthread_mutex_lock(&robust)));
    show("made consistent", pthread_mutex_consistent(&robust));
    show("unlock", pthread_mutex_unlock(&robust));
    void *head = NULL;
    size_t length = 0;
    show("get_robust_list", syscall(SYS_get_robust_list, INT(0), &head, &length));
    show_truth("head", head != NULL && length == 24);
    show("set_robust_list of odd length", syscall(SYS_set_robust_list, head, 23L));
}

int main(void)
{
    waiting_and_waking();
    vectors();
    inheritance();
    death();
    return 0;
}
