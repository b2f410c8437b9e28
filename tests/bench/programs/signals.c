// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: the way of a signal: sent to oneself, handled, returned from; and a fault whose handler opens the page.
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile long handled, faults;
static volatile char *page;

static void count(int number)
{
    handled += number == SIGUSR1 ? 1 : 3;
}

static void open_page(int number, siginfo_t *info, void *context)
{
    faults += info->si_code == SEGV_ACCERR;
    mprotect((void *)page, 4096, PROT_READ | PROT_WRITE);
}

int main(void)
{
    struct sigaction action = {.sa_handler = count}, fault = {.sa_sigaction = open_page, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGSEGV, &fault, NULL);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 180000; i++) {
        kill(getpid(), i % 3 ? SIGUSR1 : SIGUSR2);
        if (i % 4 == 0) {
            mprotect((void *)page, 4096, PROT_READ);
            page[i & 4095]++;
        }
    }
    printf("%ld %ld\n", handled, faults);
    return 0;
}
