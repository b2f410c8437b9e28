// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: clock_gettime, which costs no system call where a vDSO is offered.
#include <stdio.h>
#include <time.h>

int main(void)
{
    struct timespec now, last = {0, 0};
    long backwards = 0;
    for (int i = 0; i < 8000000; i++) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        backwards += now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec);
        last = now;
    }
    printf("%ld\n", backwards);
    return 0;
}
