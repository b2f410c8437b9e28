// SPDX-License-Identifier: GPL-2.0-or-later
// pthread_cancel, which unwinds through a signal frame, cleanup handlers, pthread_exit, detached threads, pthread_kill.
#include "print.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

static sem_t ready;
static volatile sig_atomic_t handled;
static pthread_t main_thread;

static void clean_up(void *text)
{
    printf("cleaned up %s\n", (char *)text);
}

static void *wait_forever(void *unused)
{
    pthread_cleanup_push(clean_up, "read");
    sem_post(&ready);
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    CHECK(read(ends[0], &byte, 1) == 0);
    pthread_cleanup_pop(0);
    return unused;
}

static void *spin(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    pthread_cleanup_push(clean_up, "loop");
    sem_post(&ready);
    for (volatile int i = 0;; i++)
        ;
    pthread_cleanup_pop(0);
    return unused;
}

static void *leave(void *value)
{
    pthread_cleanup_push(clean_up, "exit");
    pthread_exit(value);
    pthread_cleanup_pop(0);
}

static void handle(int number)
{
    CHECK(number == SIGUSR1 && !pthread_equal(pthread_self(), main_thread));
    handled = 1;
}

static void *await_signal(void *unused)
{
    sem_post(&ready);
    while (!handled)
        usleep(1000);
    return unused;
}

int main(void)
{
    void *(*const bodies[])(void *) = {wait_forever, spin};
    main_thread = pthread_self();
    sem_init(&ready, 0, 0);
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        void *result;
        pthread_create(&thread, NULL, bodies[i], NULL);
        sem_wait(&ready);
        usleep(20000);
        CHECK(pthread_cancel(thread) == 0);
        CHECK(pthread_join(thread, &result) == 0);
        printf("%s\n", result == PTHREAD_CANCELED ? "cancelled" : "returned");
    }
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, leave, (void *)42);
    pthread_join(thread, &result);
    printf("left with %d\n", (int)(intptr_t)result);
    signal(SIGUSR1, handle);
    pthread_create(&thread, NULL, await_signal, NULL);
    sem_wait(&ready);
    CHECK(pthread_kill(thread, SIGUSR1) == 0);
    pthread_join(thread, NULL);
    printf("signalled %d\n", handled);
    return 0;
}
