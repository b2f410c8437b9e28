// SPDX-License-Identifier: GPL-2.0-or-later
// seccomp filters judge the program's own call numbers: errno, traps, threads, execve, killing; strict mode.
#include "print.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __aarch64__
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv
#define OWN_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#endif

static pthread_barrier_t barrier;

static int install(int number, unsigned action, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void show_call(const char *name, long number)
{
    errno = 0;
    long result = syscall(number, 0);
    printf("%s: fails=%d errno=%d mode=%d\n", name, result == -1, errno, prctl(PR_GET_SECCOMP));
}

static void trapped(int number, siginfo_t *info, void *context)
{
    (void)context;
    printf("trap: signal=%d code=%d call=%d architecture=%d errno=%d\n", number == SIGSYS, info->si_code,
           info->si_syscall == SYS_getpgid, info->si_arch == OWN_ARCHITECTURE, info->si_errno);
}

static void *call_in_thread(void *unused)
{
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    show_call("other thread", SYS_getsid);
    return unused;
}

static void show_child(const char *name, pid_t child)
{
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    printf("%s: code=%d signal=%d\n", name, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        show_call("after execve", SYS_getppid);
        return 3;
    }
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    struct sock_filter bad[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2)};
    struct sock_fprog bad_program = {1, bad};
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &bad_program) == -1 && errno == EINVAL);
    show_call("before", SYS_getppid);

    CHECK(install(SYS_getppid, SECCOMP_RET_ERRNO | 77, 0) == 0);
    show_call("filtered", SYS_getppid);

    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    CHECK(install(SYS_getpgid, SECCOMP_RET_TRAP | 5, 0) == 0);
    syscall(SYS_getpgid, 0);

    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, call_in_thread, NULL);
    pthread_barrier_wait(&barrier);
    CHECK(install(SYS_getsid, SECCOMP_RET_ERRNO | EPERM, SECCOMP_FILTER_FLAG_TSYNC) == 0);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);

    pid_t child = fork();
    if (child == 0) {
        CHECK(install(SYS_sync, SECCOMP_RET_KILL_PROCESS, 0) == 0);
        syscall(SYS_sync);
        _exit(1);
    }
    show_child("killed", child);
    child = fork();
    if (child == 0) {
        execl("/proc/self/exe", argv[0], "again", NULL);
        _exit(1);
    }
    show_child("executed", child);
    return 0;
}
