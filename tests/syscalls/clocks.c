// SPDX-License-Identifier: GPL-2.0-or-later
// Clocks and timers: values vary, what may be said of them does not.
#include "kernel.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

static long long nanoseconds(struct timespec time)
{
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void reading(void)
{
    struct timespec now, later, step;
    struct timeval day;
    static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 11};
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        printf("clock %d: ", clocks[i]);
        long first = syscall(SYS_clock_gettime, INT(clocks[i]), &now), second = syscall(SYS_clock_gettime, INT(clocks[i]), &later);
        printf("%ld %ld %s ", first, second, nanoseconds(later) >= nanoseconds(now) ? "forward" : "back");
        printf("%ld\n", syscall(SYS_clock_getres, INT(clocks[i]), &step));
    }
    show("no such clock", syscall(SYS_clock_gettime, INT(77), &now));
    show("to nowhere", syscall(SYS_clock_gettime, INT(0), NOWHERE));
    show("gettimeofday", syscall(SYS_gettimeofday, &day, NULL));
    syscall(SYS_clock_gettime, INT(CLOCK_REALTIME), &now);
    show_truth("same day", now.tv_sec - day.tv_sec < 10);
    struct timex state = {0};
    show_truth("adjtimex", syscall(SYS_adjtimex, &state) >= 0 && state.tick > 5000 && state.time.tv_sec - day.tv_sec < 10);
    show_truth("clock_adjtime", syscall(SYS_clock_adjtime, INT(CLOCK_REALTIME), &state) >= 0);
    clockid_t mine;
    show("clock of a process", clock_getcpuclockid(0, &mine));
    show("its time", syscall(SYS_clock_gettime, (long)mine, &now));
}

static void sleeping(void)
{
    struct timespec brief = {0, 5000000}, before, after;
    syscall(SYS_clock_gettime, INT(CLOCK_MONOTONIC), &before);
    show("clock_nanosleep", syscall(SYS_clock_nanosleep, INT(CLOCK_MONOTONIC), INT(0), &brief, NULL));
    show("nanosleep", syscall(SYS_nanosleep, &brief, NULL));
    syscall(SYS_clock_gettime, INT(CLOCK_MONOTONIC), &after);
    show_truth("long enough", nanoseconds(after) - nanoseconds(before) >= 10000000);
    after.tv_nsec = 0;
    show("until what is past", syscall(SYS_clock_nanosleep, INT(CLOCK_MONOTONIC), INT(TIMER_ABSTIME), &after, NULL));
    brief.tv_nsec = 1000000000;
    show("bad time", syscall(SYS_nanosleep, &brief, NULL));
    show("from nowhere", syscall(SYS_nanosleep, NOWHERE, NULL));
}

static void timers(void)
{
    struct itimerspec soon = {{0, 0}, {0, 3000000}}, seen;
    uint64_t count = 0;
    long fd = syscall(SYS_timerfd_create, INT(CLOCK_MONOTONIC), INT(TFD_CLOEXEC));
    show_ok("timerfd_create", fd);
    show("timerfd_settime", syscall(SYS_timerfd_settime, INT(fd), INT(0), &soon, &seen));
    printf("before %ld %ld\n", (long)seen.it_value.tv_sec, seen.it_value.tv_nsec);
    show("read", read(fd, &count, 8));
    show("count", count);
    show("timerfd_gettime", syscall(SYS_timerfd_gettime, INT(fd), &seen));
    printf("after %ld %ld\n", (long)seen.it_value.tv_sec, seen.it_value.tv_nsec);
    show("bad flags", syscall(SYS_timerfd_create, INT(CLOCK_MONOTONIC), INT(1)));

    sigset_t wanted;
    siginfo_t information;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGRTMIN + 1);
    sigaddset(&wanted, SIGALRM);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_ptr = (void *)0x123456789abc};
    int timer = -1;
    show("timer_create", syscall(SYS_timer_create, INT(CLOCK_MONOTONIC), &event, &timer));
    show("timer_settime", syscall(SYS_timer_settime, INT(timer), INT(0), &soon, NULL));
    show_truth("it rings", sigwaitinfo(&wanted, &information) == SIGRTMIN + 1);
    printf("code %d value %p\n", information.si_code, information.si_value.sival_ptr);
    show("timer_getoverrun", syscall(SYS_timer_getoverrun, INT(timer)));
    show("timer_gettime", syscall(SYS_timer_gettime, INT(timer), &seen));
    show("timer_delete", syscall(SYS_timer_delete, INT(timer)));
    show("timer_delete again", syscall(SYS_timer_delete, INT(timer)));
    show("timer_create from nowhere", syscall(SYS_timer_create, INT(CLOCK_MONOTONIC), NOWHERE, &timer));
    struct itimerval once = {{0, 0}, {0, 3000}}, left;
    show("setitimer", syscall(SYS_setitimer, INT(ITIMER_REAL), &once, &left));
    show_truth("it rings", sigwaitinfo(&wanted, &information) == SIGALRM);
    printf("code %d\n", information.si_code);
    show("getitimer", syscall(SYS_getitimer, INT(ITIMER_REAL), &left));
    printf("left %ld\n", (long)left.it_value.tv_usec);
    show("no such timer", syscall(SYS_getitimer, INT(9), &left));
}

int main(void)
{
    reading();
    sleeping();
    timers();
    return 0;
}
