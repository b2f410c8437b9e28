// SPDX-License-Identifier: GPL-2.0-or-later
// Clocks advance and agree, sleeps last, calendar functions compute.
#include "print.h"
#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0 && now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(void)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE};
    for (int i = 0; i < 5; i++) {
        int64_t before = nanoseconds(clocks[i]);
        struct timespec nap = {0, 20000000};
        CHECK(nanosleep(&nap, NULL) == 0);
        int64_t passed = nanoseconds(clocks[i]) - before;
        CHECK(passed >= 10000000 && passed < INT64_C(5000000000));
    }
    struct timespec resolution, target;
    CHECK(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &target) == 0);
    target.tv_nsec += 30000000;
    target.tv_sec += target.tv_nsec / 1000000000;
    target.tv_nsec %= 1000000000;
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, NULL) == 0);
    CHECK(nanoseconds(CLOCK_MONOTONIC) >= target.tv_sec * INT64_C(1000000000) + target.tv_nsec);
    struct timespec invalid = {0, 1000000000};
    CHECK(nanosleep(&invalid, NULL) == -1 && errno == EINVAL);
    int64_t before = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), thread = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    for (volatile int i = 0; i < 3000000; i++)
        ;
    CHECK(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) > before && nanoseconds(CLOCK_THREAD_CPUTIME_ID) > thread);
    struct timeval day;
    CHECK(gettimeofday(&day, NULL) == 0 && labs((long)(day.tv_sec - time(NULL))) <= 1);
    struct tms usage;
    CHECK(times(&usage) != (clock_t)-1 && clock() >= 0);
    CHECK(clock_gettime(12345, &invalid) == -1 && errno == EINVAL);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    static const time_t moments[] = {0, 1000000000, 1711846800, 2147483647, 4102444800, -86400};
    for (int i = 0; i < 6; i++) {
        struct tm local;
        char text[80];
        localtime_r(&moments[i], &local);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z %j %u %V", &local);
        printf("%s %d\n", text, mktime(&local) == moments[i]);
    }
    return 0;
}
