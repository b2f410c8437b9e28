// SPDX-License-Identifier: GPL-2.0-or-later
// exit runs its handlers in reverse order and gives its low byte; other threads do not keep the process alive.
#include "print.h"
#include <pthread.h>
#include <unistd.h>

static void one(void)
{
    printf("one\n");
}
static void two(void)
{
    printf("two\n");
    atexit(one);
}
static void *stay(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(void)
{
    pthread_t thread;
    for (int i = 0; i < 3; i++)
        pthread_create(&thread, NULL, stay, NULL);
    atexit(one);
    atexit(two);
    exit(0x1234);
}
