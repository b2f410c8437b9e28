// SPDX-License-Identifier: GPL-2.0-or-later
// Loops that call functions, often enough that what they go through is translated again for longer: ways that are rare until then, branches
// back within the functions, a fault and a longjmp out of one, and calls through a pointer that changes.
#include "print.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

enum { TURNS = 100000 };

// Many branches one after the other, most of them not taken, some backwards.
__attribute__((noinline)) static unsigned classify(const unsigned char *s, unsigned limit)
{
    unsigned sum = 0;
again:
    if (s[0] == 'a') {
        return sum + 1;
    }
    if (s[1] == 'b') {
        return sum + 2;
    }
    if (s[2] == 'c') {
        sum += 3;
        if (limit-- != 0) {
            goto again;
        }
    }
    if (s[3] > 'd') {
        sum ^= s[3];
    }
    if (s[4] > 'e' && s[5] < 'f') {
        sum = sum * 5 + 1;
    }
    if (s[6] == 'g' || s[7] == 'h') {
        sum -= 7;
    }
    return sum;
}

__attribute__((noinline)) static unsigned first(unsigned x)
{
    return x % 3 == 0 ? x / 3 : x % 5 == 0 ? x / 5 : x % 7 == 0 ? x / 7 : x + 1;
}

__attribute__((noinline)) static unsigned second(unsigned x)
{
    return x & 1 ? x * 3 : x & 2 ? x * 5 : x & 4 ? x ^ 0x55 : x - 1;
}

static sigjmp_buf back;
static void *volatile fault_address;

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    fault_address = info->si_addr;
    siglongjmp(back, 1);
}

__attribute__((noinline)) static unsigned look(const volatile unsigned char *p, unsigned i)
{
    if (i % 11 == 3) {
        return 1;
    }
    if (i % 13 == 4) {
        return 2;
    }
    if (i % 17 == 5) {
        return 3;
    }
    return p[i % 19];
}

int main(void)
{
    unsigned char text[16] = "xyzwvuts";
    unsigned long sum = 0;
    for (unsigned i = 0; i < TURNS; i++) {
        text[i % 8] = (unsigned char)('a' + i / 8 % 26);
        sum = sum * 31 + classify(text, i % 3);
    }
    printf("classified %lu\n", (unsigned long)sum);
    unsigned (*volatile function)(unsigned) = first;
    unsigned x = 1;
    for (unsigned i = 0; i < 2 * TURNS; i++) {
        x = function(x + i);
        if (i % (TURNS / 2) == TURNS / 4) {
            function = function == first ? second : first;
        }
    }
    printf("through a pointer %lu\n", (unsigned long)x);
    unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    memset(page, 7, 64);
    volatile unsigned i = 0, total = 0;
    if (sigsetjmp(back, 1) == 0) {
        for (; i < 2 * TURNS; i++) {
            if (i == TURNS + TURNS / 2) {
                mprotect(page, 4096, PROT_NONE);
            }
            total += look(page, i);
        }
    }
    printf("ended at %lu\n", (unsigned long)i);
    printf("%lu\n", (unsigned long)(total));
    printf("%lu\n", (unsigned long)((unsigned long)((unsigned char *)fault_address - page)));
    return 0;
}
