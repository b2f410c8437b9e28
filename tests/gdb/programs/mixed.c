// SPDX-License-Identifier: GPL-2.0-or-later
// fork and execve by another thread than the first while a third runs; a timer's signals; by the first argument.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self;
volatile int ticks;
volatile long spins;

static void tick(int signal)
{
    ticks++;
}

__attribute__((noinline)) void in_child(void)
{
    spins = 0;
}

__attribute__((noinline)) long work(int rounds)
{
    long sum = 0;
    for (int i = 0; i < rounds; i++) {
        sum += i;
    }
    return sum;
}

static void *spin(void *argument)
{
    for (;;) {
        spins++;
    }
    return NULL;
}

static void *execute(void *argument)
{
    execl(self, self, "done", NULL);
    return NULL;
}

static void *make_child(void *argument)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        in_child();
        _exit(3);
    }
    waitpid(child, &status, 0);
    printf("status %d\n", WEXITSTATUS(status));
    exit(9);
}

static int count_ticks(void)
{
    struct itimerval interval = {{0, 20000}, {0, 20000}};
    long sum = 0;
    signal(SIGALRM, tick);
    setitimer(ITIMER_REAL, &interval, NULL);
    while (ticks < 5) {
        sum += work(100);
    }
    printf("ticks %d\n", ticks >= 5);
    return sum == 0;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    self = argv[0];
    if (strcmp(argv[1], "done") == 0) {
        return (int)work(5);
    }
    if (strcmp(argv[1], "timer") == 0) {
        return count_ticks();
    }
    pthread_create(&thread, NULL, spin, NULL);
    pthread_create(&thread, NULL, strcmp(argv[1], "exec") == 0 ? execute : make_child, NULL);
    pause();
    return 0;
}
