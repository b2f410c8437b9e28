// SPDX-License-Identifier: GPL-2.0-or-later
// Loops whose way goes through several branches, often enough to be translated again along it; ways that change afterwards.
#include "print.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static volatile int zero;

// The way changes after a while, then alternates.
static unsigned long changing(unsigned turns)
{
    unsigned long sum = 1;
    for (unsigned i = 0; i < turns; i++) {
        if (i < turns / 3 ? i % 64 != 0 : i & 1) {
            sum = sum * 33 + i;
        } else if (sum & 4) {
            sum ^= sum >> 7;
        } else {
            sum += 0x9e3779b97f4a7c15;
        }
        if (sum == 12345) {
            break;
        }
    }
    return sum;
}

// Jumps back from several places, a loop within that is left early.
static unsigned long continuing(unsigned turns)
{
    unsigned long sum = 7;
    unsigned i = 0;
    while (i++ < turns) {
        if (i % 3 == 0) {
            continue;
        }
        sum = (sum << 3 | sum >> 61) + i;
        for (unsigned k = 0; k < 5; k++) {
            if ((sum >> k & 3) == 3) {
                break;
            }
            sum += k;
        }
        if (i % 7 == 0) {
            continue;
        }
        sum ^= i;
    }
    return sum;
}

// Floating point and integers around one way.
static double mixed(unsigned turns, unsigned long *count)
{
    double x = 0.5, y = 0.25;
    for (unsigned i = 0; i < turns; i++) {
        double t = x * x - y * y + 0.1;
        if (t > 2 || t < -2) {
            x = 0.3;
            y = 0.1 * (i % 9);
            ++*count;
            continue;
        }
        y = 2 * x * y + 0.2;
        x = t;
        if (y > 2) {
            y -= 2.5;
        }
    }
    return x + y;
}

// A fault in the middle of a hot way: the state it sees is what the program says.
static sigjmp_buf landing;
static volatile unsigned long faults;

static void on_fault(int signal)
{
    faults++;
    siglongjmp(landing, 1);
}

static unsigned long faulting(unsigned turns)
{
    static unsigned table[256];
    volatile unsigned long sum = 0;
    volatile unsigned start = 0;
    signal(SIGSEGV, on_fault);
    sigsetjmp(landing, 1);
    for (unsigned i = start; i < turns; i++) {
        unsigned *place = i % 1000 == 999 ? (unsigned *)16 : &table[i & 255];
        start = i + 1;
        if (i & 2) {
            *place += i;
        } else {
            sum += *place;
        }
        sum ^= i;
    }
    return sum;
}

// A signal's handler ends a loop that nothing else ends.
static volatile int stop;

static void on_alarm(int signal)
{
    stop = 1;
}

static unsigned ending(void)
{
    struct itimerval soon = {.it_value = {0, 50000}};
    unsigned long i = 0, odd = 0;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &soon, NULL);
    while (!stop) {
        if (i++ & 1) {
            odd++;
        } else if (i == 0) {
            break;
        }
    }
    return i / 2 == odd || i / 2 == odd + 1;
}

int main(void)
{
    unsigned long count = 0;
    printf("changing %lx %lx\n", changing(100), changing(300000));
    printf("continuing %lx %lx\n", continuing(10), continuing(400000));
    double value = mixed(200000, &count);
    unsigned long bits;
    memcpy(&bits, &value, sizeof bits);
    printf("mixed %lx %lu\n", bits, count);
    printf("faulting %lx\n", faulting(20000));
    printf("faults %lu\n", faults);
    printf("ending %u\n", ending());
    return zero;
}
