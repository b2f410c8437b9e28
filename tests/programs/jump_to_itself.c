// SPDX-License-Identifier: GPL-2.0-or-later
// The shortest loop there is, an instruction that jumps to itself, and one with a lone instruction in it; a signal's handler leaves both.
#include "print.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#if defined(__riscv)
#define SHORTEST "1: j 1b"
#define SHORT "1: addi %0, %0, 1; j 1b"
#elif defined(__aarch64__)
#define SHORTEST "1: b 1b"
#define SHORT "1: add %0, %0, #1; b 1b"
#else
#define SHORTEST "1: jmp 1b"
#define SHORT "1: add $1, %0; jmp 1b"
#endif

static sigjmp_buf back;

static void on_alarm(int number)
{
    siglongjmp(back, number);
}

static void start_timer(void)
{
    struct itimerval soon = {.it_value = {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

int main(void)
{
    signal(SIGALRM, on_alarm);
    if (sigsetjmp(back, 1) == 0) {
        start_timer();
        __asm__ volatile(SHORTEST ::: "memory");
    }
    printf("left\n");
    if (sigsetjmp(back, 1) == 0) {
        unsigned long count = 0;
        start_timer();
        __asm__ volatile(SHORT : "+r"(count) : : "memory");
    }
    printf("left again\n");
    return 0;
}
