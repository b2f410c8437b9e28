// SPDX-License-Identifier: GPL-2.0-or-later
// poll, ppoll, select, epoll in its modes, eventfd, timerfd, inotify, and their time-outs.
#include "print.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_poll(int in, int out)
{
    struct pollfd fds[] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = POLLOUT}, {.fd = 999, .events = POLLIN}};
    int result = poll(fds, 3, 0);
    printf("poll %d %x %x %x\n", result, fds[0].revents, fds[1].revents, fds[2].revents);
    long start = milliseconds();
    CHECK(poll(fds, 1, 30) == 0 && milliseconds() - start >= 29);
    CHECK(write(out, "a", 1) == 1);
    struct timespec timeout = {1, 0};
    result = ppoll(fds, 2, &timeout, NULL);
    printf("ppoll %d %x\n", result, fds[0].revents);
    fd_set read_set, write_set;
    FD_ZERO(&read_set);
    FD_ZERO(&write_set);
    FD_SET(in, &read_set);
    FD_SET(out, &write_set);
    struct timeval limit = {1, 0};
    result = select(out + in + 1, &read_set, &write_set, NULL, &limit);
    printf("select %d %d %d\n", result, FD_ISSET(in, &read_set) != 0, FD_ISSET(out, &write_set) != 0);
    char byte;
    CHECK(read(in, &byte, 1) == 1);
    FD_SET(in, &read_set);
    limit = (struct timeval){0, 20000};
    start = milliseconds();
    CHECK(select(in + 1, &read_set, NULL, NULL, &limit) == 0 && milliseconds() - start >= 19);
}

static void test_epoll(int in, int out)
{
    int set = epoll_create1(EPOLL_CLOEXEC), counter = eventfd(3, EFD_NONBLOCK);
    struct epoll_event events[4], event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0x1122334455667788};
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, in, &event) == 0);
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, in, &event) == -1 && errno == EEXIST);
    event.events = EPOLLIN;
    event.data.u64 = 77;
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, counter, &event) == 0);
    int count = epoll_wait(set, events, 4, 1000);
    printf("epoll %d %x %" PRIu64 "\n", count, events[0].events, events[0].data.u64);
    uint64_t value;
    CHECK(read(counter, &value, 8) == 8);
    printf("eventfd %" PRIu64 "\n", value);
    CHECK(read(counter, &value, 8) == -1 && errno == EAGAIN);
    CHECK(write(out, "bc", 2) == 2);
    count = epoll_wait(set, events, 4, 1000);
    printf("edge %d %x %" PRIx64 "\n", count, events[0].events, events[0].data.u64);
    count = epoll_pwait(set, events, 4, 10, NULL);
    printf("edge again %d\n", count);
    CHECK(epoll_ctl(set, EPOLL_CTL_DEL, counter, NULL) == 0);
    CHECK(epoll_ctl(set, EPOLL_CTL_MOD, counter, &event) == -1 && errno == ENOENT);
    close(counter);
    close(set);
}

static void test_timers(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec spec = {.it_interval = {0, 5000000}, .it_value = {0, 5000000}}, now;
    long start = milliseconds();
    CHECK(timerfd_settime(fd, 0, &spec, NULL) == 0);
    uint64_t expirations, total = 0;
    while (total < 5) {
        CHECK(read(fd, &expirations, 8) == 8);
        total += expirations;
    }
    CHECK(milliseconds() - start >= 24);
    CHECK(timerfd_gettime(fd, &now) == 0);
    printf("timerfd interval %ld\n", now.it_interval.tv_nsec);
    close(fd);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3, .sigev_value.sival_int = 4711};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    spec.it_interval.tv_nsec = 0;
    CHECK(timer_settime(timer, 0, &spec, NULL) == 0);
    siginfo_t info;
    CHECK(sigwaitinfo(&set, &info) == SIGRTMIN + 3);
    printf("timer code %d value %d overrun %d\n", info.si_code, info.si_value.sival_int, timer_getoverrun(timer));
    CHECK(timer_delete(timer) == 0);
}

static void test_inotify(void)
{
    char folder[] = "/tmp/kage-events-XXXXXX", path[64], buffer[512] __attribute__((aligned(8)));
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = inotify_init1(IN_NONBLOCK), watch = inotify_add_watch(fd, folder, IN_CREATE | IN_DELETE);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    unlink(path);
    ssize_t length = read(fd, buffer, sizeof buffer);
    for (ssize_t at = 0; at < length;) {
        struct inotify_event *event = (struct inotify_event *)(buffer + at);
        printf("inotify %d %x %s\n", event->wd == watch, event->mask, event->name);
        at += (ssize_t)(sizeof *event + event->len);
    }
    close(fd);
    rmdir(folder);
}

int main(void)
{
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    test_poll(ends[0], ends[1]);
    test_epoll(ends[0], ends[1]);
    close(ends[1]);
    struct pollfd hangup = {.fd = ends[0], .events = POLLIN};
    int result = poll(&hangup, 1, 100);
    printf("hangup %d %x\n", result, hangup.revents);
    test_timers();
    test_inotify();
    return 0;
}
