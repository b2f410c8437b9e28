// SPDX-License-Identifier: GPL-2.0-or-later
// Signals as the kernel tells of them: struct sigaction has no restorer on RISC-V, siginfo_t arrives whole.
#include "kernel.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile int caught, code, value, sender_is_me;

static void catch(int signal, siginfo_t *information, void *context)
{
    caught = signal;
    code = information->si_code;
    value = information->si_value.sival_int;
    sender_is_me = information->si_pid == getpid() && information->si_uid == getuid();
}

static void actions(void)
{
    struct sigaction action = {.sa_sigaction = catch, .sa_flags = SA_SIGINFO | SA_NODEFER}, old;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, 64);
    show("sigaction", sigaction(SIGUSR1, &action, NULL));
    show("read back", sigaction(SIGUSR1, NULL, &old));
    show_truth("same handler", old.sa_sigaction == catch);
    show_truth("same flags", (old.sa_flags & ~0x04000000) == (SA_SIGINFO | SA_NODEFER));
    show_truth("same mask", sigismember(&old.sa_mask, SIGUSR2) && sigismember(&old.sa_mask, 64) && !sigismember(&old.sa_mask, 1));
    show("of SIGKILL", sigaction(SIGKILL, &action, NULL));
    show("bad size", syscall(SYS_rt_sigaction, INT(SIGUSR1), NULL, NULL, 4L));
    show("no such signal", syscall(SYS_rt_sigaction, INT(65), NULL, NULL, 8L));
    show("from nowhere", syscall(SYS_rt_sigaction, INT(SIGUSR1), NOWHERE, NULL, 8L));
    show("kill", syscall(SYS_kill, INT(getpid()), INT(SIGUSR1)));
    printf("caught %d code %d mine %d\n", caught, code, sender_is_me);
    show("tgkill", syscall(SYS_tgkill, INT(getpid()), INT(gettid()), INT(SIGUSR1)));
    printf("caught %d code %d mine %d\n", caught, code, sender_is_me);
    union sigval sent = {.sival_int = -77};
    sigaction(SIGRTMIN + 3, &action, NULL);
    show("sigqueue", sigqueue(getpid(), SIGRTMIN + 3, sent));
    printf("caught %d code %d value %d mine %d\n", caught, code, value, sender_is_me);
    show("kill with nothing", syscall(SYS_kill, INT(getpid()), INT(0)));
    show("kill with 65", syscall(SYS_kill, INT(getpid()), INT(65)));
    show("kill nobody", syscall(SYS_kill, INT(0x7fffffff), INT(0)));
    siginfo_t made_up = {.si_code = SI_USER};
    show("made up as the kernel's", syscall(SYS_rt_sigqueueinfo, INT(getppid()), INT(SIGUSR1), &made_up));
}

static void masks(void)
{
    uint64_t mask = 1ull << (SIGUSR1 - 1) | 1ull << (SIGHUP - 1) | 1ull << 63 | 1ull << (SIGKILL - 1), old = 0, pending = 0;
    show("sigprocmask", syscall(SYS_rt_sigprocmask, INT(SIG_SETMASK), &mask, &old, 8L));
    show("again", syscall(SYS_rt_sigprocmask, INT(SIG_BLOCK), NULL, &old, 8L));
    printf("mask %llx\n", (unsigned long long)old);
    show("no such way", syscall(SYS_rt_sigprocmask, INT(9), &mask, NULL, 8L));
    show("no such way, nothing to set", syscall(SYS_rt_sigprocmask, INT(9), NULL, &old, 8L));
    show("bad size", syscall(SYS_rt_sigprocmask, INT(SIG_BLOCK), &mask, NULL, 16L));
    caught = 0;
    kill(getpid(), SIGUSR1);
    union sigval sent = {.sival_int = 1234567};
    sigqueue(getpid(), 64, sent);
    sent.sival_int++;
    sigqueue(getpid(), 64, sent);
    show("sigpending", syscall(SYS_rt_sigpending, &pending, 8L));
    printf("pending %llx caught %d\n", (unsigned long long)pending, caught);
    struct timespec brief = {0, 1000000};
    siginfo_t information;
    uint64_t wanted = 1ull << 63;
    memset(&information, 0, sizeof information);
    show("sigtimedwait", syscall(SYS_rt_sigtimedwait, &wanted, &information, &brief, 8L));
    printf("signal %d code %d value %d\n", information.si_signo, information.si_code, information.si_value.sival_int);
    show("sigtimedwait", syscall(SYS_rt_sigtimedwait, &wanted, &information, NULL, 8L));
    printf("value %d\n", information.si_value.sival_int);
    show("nothing comes", syscall(SYS_rt_sigtimedwait, &wanted, &information, &brief, 8L));
    show("bad time", syscall(SYS_rt_sigtimedwait, &wanted, &information, &(struct timespec){-1, 0}, 8L));
    wanted = 1ull << (SIGUSR1 - 1);
    long fd = syscall(SYS_signalfd4, INT(-1), &wanted, 8L, INT(SFD_NONBLOCK | SFD_CLOEXEC));
    show_ok("signalfd4", fd);
    struct signalfd_siginfo record;
    show("read", read(fd, &record, sizeof record));
    printf("signal %u code %d\n", record.ssi_signo, record.ssi_code);
    show("read again", read(fd, &record, sizeof record));
    show("signalfd4 with a bad flag", syscall(SYS_signalfd4, INT(-1), &wanted, 8L, INT(1)));
    uint64_t all_but = 0;
    sigaction(SIGHUP, &(struct sigaction){.sa_sigaction = catch, .sa_flags = SA_SIGINFO}, NULL);
    kill(getpid(), SIGHUP);
    show("sigsuspend", syscall(SYS_rt_sigsuspend, &all_but, 8L));
    show("caught", caught);
    syscall(SYS_rt_sigprocmask, INT(SIG_BLOCK), NULL, &old, 8L);
    printf("mask %llx\n", (unsigned long long)old);
}

static void stacks(void)
{
    static char room[65536];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room}, old;
    show("sigaltstack", syscall(SYS_sigaltstack, &stack, &old));
    printf("flags %d\n", old.ss_flags);
    show("again", syscall(SYS_sigaltstack, NULL, &old));
    show_truth("same", old.ss_sp == room && old.ss_size == sizeof room && old.ss_flags == 0);
    stack.ss_size = 100;
    show("too small", syscall(SYS_sigaltstack, &stack, NULL));
    stack.ss_flags = 77;
    show("bad flags", syscall(SYS_sigaltstack, &stack, NULL));
}

static void interruptions(void)
{
    int ends[2], status;
    char byte;
    struct sigaction action = {.sa_sigaction = catch, .sa_flags = SA_SIGINFO};
    struct itimerval soon = {{0, 0}, {0, 20000}};
    struct timespec second = {1, 0}, left = {0, 0};
    pipe(ends);
    sigaction(SIGALRM, &action, NULL);
    caught = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    show("read is interrupted", syscall(SYS_read, INT(ends[0]), &byte, 1L));
    show("caught", caught);
    setitimer(ITIMER_REAL, &soon, NULL);
    show("nanosleep is interrupted", syscall(SYS_nanosleep, &second, &left));
    show_truth("what is left", left.tv_sec == 0 && left.tv_nsec > 500000000);
    action.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    fflush(stdout);
    long pid = fork();
    if (pid == 0) {
        usleep(100000);
        write(ends[1], "x", 1);
        _exit(0);
    }
    caught = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    show("read is restarted", syscall(SYS_read, INT(ends[0]), &byte, 1L));
    show("caught", caught);
    setitimer(ITIMER_REAL, &soon, NULL);
    show("nanosleep is not", syscall(SYS_nanosleep, &second, &left));
    waitpid(pid, &status, 0);
}

int main(void)
{
    actions();
    masks();
    stacks();
    interruptions();
    return 0;
}
