// SPDX-License-Identifier: GPL-2.0-or-later
// Endless recursion ends with SIGSEGV; before that a handler on its own stack sees it and can leave.
#include "print.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>

static sigjmp_buf escape;
static char alternate[1 << 16];

static void leave(int number)
{
    siglongjmp(escape, number);
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int recurse(int n)
{
    volatile char frame[1000];
    frame[n % 1000] = (char)n;
    return recurse(n + 1) + frame[(n + 1) % 1000];
}

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_handler = leave, .sa_flags = SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    for (volatile int i = 0; i < 3; i++) {
        int value = sigsetjmp(escape, 1);
        if (value == 0)
            recurse(0);
        printf("overflow caught: %d\n", value);
    }
    fflush(stdout);
    signal(SIGSEGV, SIG_DFL);
    return recurse(0);
}
