// SPDX-License-Identifier: GPL-2.0-or-later
// poll, select and epoll: struct epoll_event is packed on x86-64 only; masks hold for the length of the call.
#include "kernel.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <time.h>

static volatile int caught;

static void catch(int signal)
{
    caught = signal;
}

static void polling(int in, int out)
{
    struct pollfd fds[3] = {{in, POLLIN, 0}, {out, POLLOUT, 0}, {999, POLLIN, 0}};
    struct timespec none = {0, 0}, brief = {0, 2000000};
    show("ppoll", syscall(SYS_ppoll, fds, 3L, &none, NULL, 8L));
    printf("%x %x %x\n", fds[0].revents, fds[1].revents, fds[2].revents);
    show("nothing ready", syscall(SYS_ppoll, fds, 1L, &brief, NULL, 8L));
    show("bad mask size", syscall(SYS_ppoll, fds, 1L, &none, &none, 4L));
    show("bad time", syscall(SYS_ppoll, fds, 1L, &(struct timespec){0, 1000000000}, NULL, 8L));
    show("from nowhere", syscall(SYS_ppoll, NOWHERE, 1L, &none, NULL, 8L));
    write(out, "x", 1);
    show("ready", syscall(SYS_ppoll, fds, 1L, NULL, NULL, 8L));
    printf("%x\n", fds[0].revents);
}

static void selecting(int in, int out)
{
    fd_set readable, writable;
    struct timespec none = {0, 0};
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(in, &readable);
    FD_SET(out, &writable);
    show("pselect6", syscall(SYS_pselect6, INT(out + 1), &readable, &writable, NULL, &none, NULL));
    show_truth("readable", FD_ISSET(in, &readable));
    show_truth("writable", FD_ISSET(out, &writable));
    show("negative count", syscall(SYS_pselect6, INT(-1), &readable, NULL, NULL, &none, NULL));
    FD_SET(40, &readable);
    show("bad descriptor", syscall(SYS_pselect6, INT(41), &readable, NULL, NULL, &none, NULL));
}

static void events(int in, int out)
{
    struct epoll_event event = {EPOLLIN, {.u64 = 0x1122334455667788}}, seen[8];
    long epoll = syscall(SYS_epoll_create1, INT(EPOLL_CLOEXEC));
    show_ok("epoll_create1", epoll);
    show("add", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_ADD), INT(in), &event));
    show("add again", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_ADD), INT(in), &event));
    event.events = EPOLLOUT | EPOLLONESHOT;
    event.data.u64 = ~0ull;
    show("add out", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_ADD), INT(out), &event));
    show("add a file", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_ADD), INT(syscall(SYS_openat, HERE, "/etc/passwd", INT(0))), &event));
    long count = show("wait", syscall(SYS_epoll_pwait, INT(epoll), seen, INT(8), INT(1000), NULL, 8L));
    uint64_t data = 0, bits = 0;
    for (long i = 0; i < count; i++) {
        data ^= seen[i].data.u64;
        bits |= seen[i].events;
    }
    printf("data %llx events %llx\n", (unsigned long long)data, (unsigned long long)bits);
    show("one shot", syscall(SYS_epoll_pwait, INT(epoll), seen, INT(8), INT(0), NULL, 8L));
    show("modify", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_MOD), INT(out), &event));
    struct timespec none = {0, 0};
    show("wait2", syscall(SYS_epoll_pwait2, INT(epoll), seen, INT(1), &none, NULL, 8L));
    show("delete", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_DEL), INT(out), NULL));
    show("delete again", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_DEL), INT(out), NULL));
    show("room for none", syscall(SYS_epoll_pwait, INT(epoll), seen, INT(0), INT(0), NULL, 8L));
    show("to nowhere", syscall(SYS_epoll_pwait, INT(epoll), NOWHERE, INT(1), INT(0), NULL, 8L));
    show("event from nowhere", syscall(SYS_epoll_ctl, INT(epoll), INT(EPOLL_CTL_MOD), INT(in), NOWHERE));
}

static void masks(void)
{
    sigset_t usual, open;
    struct timespec second = {1, 0};
    struct epoll_event seen;
    signal(SIGUSR1, catch);
    sigemptyset(&open);
    sigemptyset(&usual);
    sigaddset(&usual, SIGUSR1);
    sigprocmask(SIG_SETMASK, &usual, NULL);
    raise(SIGUSR1);
    show("blocked", caught);
    show("ppoll lets it in", syscall(SYS_ppoll, NULL, 0L, &second, &open, 8L));
    show("caught", caught);
    caught = 0;
    raise(SIGUSR1);
    struct { const void *set; size_t size; } mask = {&open, 8};
    show("pselect6 lets it in", syscall(SYS_pselect6, INT(0), NULL, NULL, NULL, &second, &mask));
    show("caught", caught);
    caught = 0;
    raise(SIGUSR1);
    long epoll = epoll_create1(0);
    show("epoll_pwait lets it in", syscall(SYS_epoll_pwait, INT(epoll), &seen, INT(1), INT(1000), &open, 8L));
    show("caught", caught);
    sigprocmask(SIG_SETMASK, NULL, &usual);
    show_truth("blocked again", sigismember(&usual, SIGUSR1));
}

int main(void)
{
    int ends[2];
    uint64_t value = 5;
    pipe(ends);
    polling(ends[0], ends[1]);
    selecting(ends[0], ends[1]);
    events(ends[0], ends[1]);
    long counter = syscall(SYS_eventfd2, INT(3), INT(EFD_SEMAPHORE | EFD_NONBLOCK));
    show("write of a counter", write(counter, &value, 8));
    show("read of a counter", read(counter, &value, 8));
    show("value", value);
    show("too few bytes", read(counter, &value, 4));
    masks();
    return 0;
}
