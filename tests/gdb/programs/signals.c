// SPDX-License-Identifier: GPL-2.0-or-later
// A handler, a fault that a handler repairs, signals without handlers, and the argument's ending.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int handled, faults;
static sigjmp_buf after_fault;

static void handler(int signal)
{
    handled++;
}

static void fault_handler(int signal, siginfo_t *info, void *context)
{
    faults++;
    siglongjmp(after_fault, 1);
}

__attribute__((noinline)) void before_signals(void)
{
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO};
    signal(SIGUSR1, handler);
    sigaction(SIGSEGV, &action, NULL);
    signal(SIGCHLD, handler);
    before_signals();
    raise(SIGUSR1);
    raise(SIGUSR1);
    if (sigsetjmp(after_fault, 1) == 0) {
        *(volatile int *)0x1230 = 1;
    }
    raise(SIGCHLD);
    printf("handled %d faults %d\n", handled, faults);
    fflush(stdout);
    if (argc > 1 && strcmp(argv[1], "abort") == 0) {
        abort();
    }
    if (argc > 1 && strcmp(argv[1], "terminate") == 0) {
        raise(SIGTERM);
        puts("survived");
    }
    return handled;
}
