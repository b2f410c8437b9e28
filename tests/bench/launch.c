// SPDX-License-Identifier: GPL-2.0-or-later
/* launch DESCRIPTOR REPEAT CPU-LIMIT COMMAND ARGS...: runs the command and writes what it cost to the descriptor: CPU
 * seconds (sum), wall seconds (sum), peak memory in KiB (of the largest process), the first status that was not 0.
 *
 * A small program of its own, because the kernel counts the memory of a process before its exec as its own: started by
 * the runner itself, each program would have at least the memory of the runner's Python. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static double wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    double cpu = 0, start;
    long memory = 0;
    int status = 0, report;
    if (argc < 5)
        return 2;
    report = atoi(argv[1]);
    struct rlimit limit = {(rlim_t)atol(argv[3]), (rlim_t)atol(argv[3])};
    setrlimit(RLIMIT_CPU, &limit);
    start = wall_clock();
    for (int round = 0; round < atoi(argv[2]) && status == 0; round++) {
        struct rusage usage;
        lseek(0, 0, SEEK_SET); /* each run reads its input from the start */
        pid_t child = vfork();
        if (child == 0) {
            close(report);
            execv(argv[4], argv + 4);
            _exit(127);
        }
        while (wait4(child, &status, 0, &usage) < 0)
            if (errno != EINTR)
                return 2;
        cpu += seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
        memory = usage.ru_maxrss > memory ? usage.ru_maxrss : memory;
    }
    dprintf(report, "%.6f %.6f %ld %d\n", cpu, wall_clock() - start, memory, status);
    return 0;
}
