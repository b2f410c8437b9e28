// SPDX-License-Identifier: GPL-2.0-or-later
// pthread mutexes of every kind, condition variables, read-write locks, barriers, semaphores, once, keys, TLS.
#include "print.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

enum { thread_count = 4, rounds = 5000 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t semaphore;
static int counter, once_count, destructor_count, turn, shared[16];
static _Thread_local int local = 7;
static _Thread_local char local_text[5000] = "initial";

static void run_once(void)
{
    once_count++;
}

static void destroy(void *value)
{
    __atomic_fetch_add(&destructor_count, (int)(intptr_t)value, __ATOMIC_RELAXED);
}

static void *count_up(void *argument)
{
    intptr_t self = (intptr_t)argument;
    CHECK(local == 7 && strcmp(local_text, "initial") == 0);
    local += (int)self;
    snprintf(local_text, sizeof local_text, "thread %d", (int)self);
    pthread_setspecific(key, (void *)(self + 1));
    for (int i = 0; i < rounds; i++) {
        pthread_once(&once, run_once);
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    pthread_barrier_wait(&barrier);
    CHECK(counter == thread_count * rounds);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 100; i++) { // hand the turn round
        pthread_mutex_lock(&mutex);
        while (turn % thread_count != self)
            pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    for (int i = 0; i < 500; i++) {
        if (i % 10 == self) {
            pthread_rwlock_wrlock(&rwlock);
            for (int j = 0; j < 16; j++)
                shared[j]++;
            pthread_rwlock_unlock(&rwlock);
        } else {
            pthread_rwlock_rdlock(&rwlock);
            for (int j = 1; j < 16; j++)
                CHECK(shared[j] == shared[0]);
            pthread_rwlock_unlock(&rwlock);
        }
        sem_post(&semaphore);
    }
    char expected[20];
    snprintf(expected, sizeof expected, "thread %d", (int)self);
    CHECK(local == 7 + self && strcmp(local_text, expected) == 0);
    return (void *)(self * 11);
}

static void test_mutex_kinds(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t recursive, checked;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &attributes);
    CHECK(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0);
    CHECK(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&checked, &attributes);
    CHECK(pthread_mutex_lock(&checked) == 0 && pthread_mutex_lock(&checked) == EDEADLK);
    CHECK(pthread_mutex_trylock(&checked) == EBUSY && pthread_mutex_unlock(&checked) == 0);
    CHECK(pthread_mutex_unlock(&checked) == EPERM);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_t inheriting;
    CHECK(pthread_mutex_init(&inheriting, &attributes) == 0);
    CHECK(pthread_mutex_lock(&inheriting) == 0 && pthread_mutex_unlock(&inheriting) == 0);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&mutex);
    CHECK(pthread_cond_timedwait(&condition, &mutex, &until) == ETIMEDOUT);
    pthread_mutex_unlock(&mutex);
}

static void *robust_owner(void *lock)
{
    pthread_mutex_lock(lock);
    return NULL; // dies as its owner
}

static void test_robust(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t lock;
    pthread_t thread;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&lock, &attributes);
    pthread_create(&thread, NULL, robust_owner, &lock);
    pthread_join(thread, NULL);
    int result = pthread_mutex_lock(&lock);
    printf("robust: %s\n", result == EOWNERDEAD ? "owner died" : "wrong");
    CHECK(pthread_mutex_consistent(&lock) == 0 && pthread_mutex_unlock(&lock) == 0);
}

int main(void)
{
    pthread_t threads[thread_count];
    pthread_barrier_init(&barrier, NULL, thread_count);
    pthread_key_create(&key, destroy);
    sem_init(&semaphore, 0, 0);
    for (intptr_t i = 0; i < thread_count; i++)
        CHECK(pthread_create(&threads[i], NULL, count_up, (void *)i) == 0);
    for (int i = 0; i < thread_count * 500; i++)
        CHECK(sem_wait(&semaphore) == 0);
    for (int i = 0; i < thread_count; i++) {
        void *result;
        pthread_join(threads[i], &result);
        printf("joined %d\n", (int)(intptr_t)result);
    }
    printf("%d %d %d %d %d\n", counter, once_count, turn, shared[3], destructor_count);
    test_mutex_kinds();
    test_robust();
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, (void *(*)(void *))sem_post, &semaphore) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    int value;
    sem_getvalue(&semaphore, &value);
    printf("%d\n", value);
    return 0;
}
