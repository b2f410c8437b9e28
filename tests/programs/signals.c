// SPDX-License-Identifier: GPL-2.0-or-later
// Handlers, masks, siginfo, nesting, alternate stacks, restart of calls, queues of real-time signals, signalfd.
#include "print.h"
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t depth, deepest, count;
static char alternate[1 << 16];

static void nested(int number, siginfo_t *info, void *context)
{
    CHECK(info->si_signo == number && context);
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (number == SIGUSR1)
        raise(SIGUSR2);
    if (number == SIGUSR2)
        raise(SIGHUP);
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("signal %d depth %d masked %d%d%d\n", number, (int)depth, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2),
           sigismember(&now, SIGHUP));
    depth--;
}

static void on_alternate(int number, siginfo_t *info, void *context)
{
    char here;
    CHECK(&here >= alternate && &here < alternate + sizeof alternate);
    stack_t state;
    sigaltstack(NULL, &state);
    printf("alternate %d on=%d code=%d value=%d context=%d\n", number, (state.ss_flags & SS_ONSTACK) != 0, info->si_code,
           info->si_value.sival_int, ((ucontext_t *)context)->uc_stack.ss_sp == alternate);
}

static void counter(int number)
{
    count++;
    (void)number;
}

static void real_time(int number, siginfo_t *info, void *context)
{
    printf("real-time %d value %d code %d pid %d\n", number - SIGRTMIN, info->si_value.sival_int, info->si_code,
           info->si_pid == getpid());
    (void)context;
}

static void install(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    CHECK(sigaction(number, &action, NULL) == 0);
}

static void test_restart(int flags)
{
    struct sigaction action = {.sa_handler = counter, .sa_flags = flags};
    sigaction(SIGALRM, &action, NULL);
    int ends[2];
    CHECK(pipe(ends) == 0);
    count = 0;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        for (int i = 0; i < 3; i++) {
            usleep(30000);
            kill(parent, SIGALRM);
        }
        usleep(30000);
        CHECK(write(ends[1], "x", 1) == 1);
        _exit(0);
    }
    char byte = '-';
    int interruptions = 0;
    while (read(ends[0], &byte, 1) < 0) {
        CHECK(errno == EINTR);
        interruptions++;
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        CHECK(errno == EINTR);
    printf("restart %d: interrupted %s, read %c, signals %d\n", flags != 0, interruptions ? "yes" : "no", byte, (int)count);
    close(ends[0]);
    close(ends[1]);
}

static sigjmp_buf escape;
static void jump_out(int number)
{
    siglongjmp(escape, number);
}

static void test_masks(void)
{
    sigset_t set, pending;
    sigemptyset(&set);
    for (int i = 0; i < 3; i++)
        sigaddset(&set, SIGRTMIN + i);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 3; i++)
        install(SIGRTMIN + i, real_time, 0);
    for (int i = 5; i >= 0; i--) // lower numbers are delivered first, each in the order of sending
        sigqueue(getpid(), SIGRTMIN + i % 3, (union sigval){.sival_int = i});
    raise(SIGUSR1);
    sigpending(&pending);
    printf("pending %d %d %d\n", sigismember(&pending, SIGRTMIN), sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
    siginfo_t info;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    CHECK(sigwaitinfo(&wanted, &info) == SIGUSR1);
    struct timespec none = {0, 1000000};
    CHECK(sigtimedwait(&wanted, &info, &none) == -1 && errno == EAGAIN);
    sigaddset(&wanted, SIGRTMIN + 2);
    int fd = signalfd(-1, &wanted, SFD_CLOEXEC);
    struct signalfd_siginfo record;
    CHECK(read(fd, &record, sizeof record) == sizeof record);
    printf("signalfd %d value %d\n", (int)record.ssi_signo - SIGRTMIN, record.ssi_int);
    close(fd);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    install(SIGUSR1, nested, 0);
    install(SIGUSR2, nested, SA_NODEFER);
    install(SIGHUP, nested, 0);
    raise(SIGUSR1);
    printf("deepest %d\n", (int)deepest);
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    CHECK(sigaltstack(&stack, NULL) == 0);
    install(SIGUSR1, on_alternate, SA_ONSTACK);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1234});
    signal(SIGTERM, SIG_IGN);
    raise(SIGTERM);
    struct sigaction old, once = {.sa_handler = counter, .sa_flags = SA_RESETHAND};
    sigaction(SIGTERM, &once, &old);
    CHECK(old.sa_handler == SIG_IGN);
    raise(SIGTERM);
    sigaction(SIGTERM, NULL, &old);
    CHECK(old.sa_handler == SIG_DFL && count == 1);
    test_restart(0);
    test_restart(SA_RESTART);
    signal(SIGALRM, jump_out);
    for (int i = 0; i < 3; i++) {
        int value = sigsetjmp(escape, 1);
        if (value == 0) {
            struct itimerval timer = {.it_value = {0, 10000}};
            setitimer(ITIMER_REAL, &timer, NULL);
            for (volatile long j = 0;; j++)
                ;
        }
        printf("jumped out of handler of %d\n", value);
    }
    test_masks();
    errno = 0;
    CHECK(signal(SIGKILL, jump_out) == SIG_ERR && errno == EINVAL);
    CHECK(kill(getpid(), 0) == 0);
    return 0;
}
