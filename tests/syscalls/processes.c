// SPDX-License-Identifier: GPL-2.0-or-later
// Making processes and waiting for them, and what a process may know and say about itself.
#include "kernel.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static long child(int status, int signal)
{
    fflush(stdout);
    long pid = fork();
    if (pid == 0) {
        if (signal)
            kill(getpid(), signal);
        if (signal == SIGSTOP)
            pause(); // whoever waits for it to go on must not find it ended already
        _exit(status);
    }
    return pid;
}

static void waiting(void)
{
    int status = -1;
    struct rusage usage;
    siginfo_t information;
    long pid = child(42, 0);
    show_truth("wait4", syscall(SYS_wait4, INT(pid), &status, INT(0), &usage) == pid);
    printf("status %x\n", status);
    show_truth("used some memory", usage.ru_maxrss > 0);
    pid = child(0, SIGTERM);
    show_truth("wait4 any", syscall(SYS_wait4, INT(-1), &status, INT(0), NULL) == pid);
    printf("status %x\n", status);
    pid = child(7, 0);
    memset(&information, 0xff, sizeof information);
    show("waitid", syscall(SYS_waitid, INT(P_PID), INT(pid), &information, INT(WEXITED | WNOWAIT), NULL));
    printf("signal %d code %d status %d\n", information.si_signo, information.si_code, information.si_status);
    show_truth("pid", information.si_pid == pid && information.si_uid == getuid());
    show("to nowhere", syscall(SYS_wait4, INT(pid), NOWHERE, INT(0), NULL));
    pid = child(0, SIGSTOP);
    show_truth("stopped", syscall(SYS_wait4, INT(pid), &status, INT(WUNTRACED), NULL) == pid);
    printf("status %x\n", status);
    kill(pid, SIGCONT);
    show_truth("continued", syscall(SYS_wait4, INT(pid), &status, INT(WCONTINUED), NULL) == pid);
    printf("status %x\n", status);
    kill(pid, SIGTERM);
    show_truth("ended", syscall(SYS_wait4, INT(pid), &status, INT(0), NULL) == pid);
    show("no child", syscall(SYS_wait4, INT(-1), &status, INT(0), NULL));
    show("waitid without a child", syscall(SYS_waitid, INT(P_ALL), INT(0), &information, INT(WEXITED | WNOHANG), NULL));
    show("bad options", syscall(SYS_wait4, INT(-1), &status, INT(0x1000), NULL));
}

static void cloning(void)
{
    int pidfd = -1, status;
    struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } arguments = {
        0x1000, (uintptr_t)&pidfd, 0, 0, SIGCHLD};
    fflush(stdout);
    long pid = syscall(SYS_clone3, &arguments, 64L);
    if (pid == 0)
        _exit(9);
    show_ok("clone3", pid);
    siginfo_t information = {0};
    show("waitid on its descriptor", waitid(P_PIDFD, pidfd, &information, WEXITED));
    show("status", information.si_status);
    show("signal through it", syscall(SYS_pidfd_send_signal, INT(pidfd), INT(0), NULL, INT(0)));
    show("clone3 too small", syscall(SYS_clone3, &arguments, 8L));
    show("clone3 from nowhere", syscall(SYS_clone3, NOWHERE, 64L));
    pid = vfork();
    if (pid == 0)
        execl("/bin/sh", "sh", "-c", "exit 5", NULL);
    show_truth("vfork and execve", wait4(pid, &status, 0, NULL) == pid);
    show("status", WEXITSTATUS(status));
    show("execve of nothing", syscall(SYS_execve, "/nowhere", NULL, NULL));
    show("execve of a folder", syscall(SYS_execve, "/tmp", (char *[]){"x", NULL}, NULL));
    show("execve with arguments from nowhere", syscall(SYS_execve, "/bin/true", NOWHERE, NULL));
}

static void limits(void)
{
    struct rlimit limit, old;
    show("prlimit64", syscall(SYS_prlimit64, INT(0), INT(RLIMIT_NOFILE), NULL, &limit));
    limit.rlim_cur = 64;
    show("set", syscall(SYS_prlimit64, INT(0), INT(RLIMIT_NOFILE), &limit, &old));
    show("dup to 64", syscall(SYS_dup3, INT(1), INT(64), INT(0)));
    show("dup to 63", syscall(SYS_dup3, INT(1), INT(63), INT(0)));
    show("back", setrlimit(RLIMIT_NOFILE, &old));
    limit.rlim_cur = 1ull << 40;
    limit.rlim_max = 1ull << 41;
    show("address space", setrlimit(RLIMIT_AS, &limit));
    show("read back", getrlimit(RLIMIT_AS, &limit));
    printf("%llx %llx\n", (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
    show("no such limit", syscall(SYS_prlimit64, INT(0), INT(99), NULL, &limit));
    show("to nowhere", syscall(SYS_prlimit64, INT(0), INT(RLIMIT_CORE), NULL, NOWHERE));
}

static void about_itself(void)
{
    char name[17] = {0};
    int value = -1;
    struct utsname system;
    struct sysinfo memory;
    struct tms times;
    struct rusage usage;
    show("PR_SET_NAME", syscall(SYS_prctl, INT(PR_SET_NAME), "a rather long name", 0L, 0L, 0L));
    show("PR_GET_NAME", syscall(SYS_prctl, INT(PR_GET_NAME), name, 0L, 0L, 0L));
    printf("%s\n", name);
    show("PR_SET_PDEATHSIG", prctl(PR_SET_PDEATHSIG, SIGUSR1));
    show("PR_GET_PDEATHSIG", prctl(PR_GET_PDEATHSIG, &value));
    show("signal", value);
    show("PR_SET_CHILD_SUBREAPER", prctl(PR_SET_CHILD_SUBREAPER, 1));
    show("PR_GET_CHILD_SUBREAPER", prctl(PR_GET_CHILD_SUBREAPER, &value));
    show("reaper", value);
    show("PR_GET_DUMPABLE", prctl(PR_GET_DUMPABLE));
    show("PR_SET_NO_NEW_PRIVS", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    show("PR_GET_NO_NEW_PRIVS", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    show("PR_CAPBSET_READ of none", prctl(PR_CAPBSET_READ, 99));
    show("no such option", syscall(SYS_prctl, INT(0x7777), 0L, 0L, 0L, 0L));
    show("name to nowhere", syscall(SYS_prctl, INT(PR_GET_NAME), NOWHERE, 0L, 0L, 0L));
    show("uname", syscall(SYS_uname, &system));
    show_truth("Linux", strcmp(system.sysname, "Linux") == 0 && system.release[0] >= '3');
    show("sysinfo", syscall(SYS_sysinfo, &memory));
    show_truth("plausible", memory.mem_unit == 1 && memory.totalram > 1 << 24 && memory.uptime > 0 && memory.procs > 0);
    show_truth("times", syscall(SYS_times, &times) != -1 && times.tms_utime >= 0);
    show("getrusage", syscall(SYS_getrusage, INT(RUSAGE_SELF), &usage));
    show("getrusage of what", syscall(SYS_getrusage, INT(77), &usage));
    show_truth("getpid", syscall(SYS_getpid) == getpid() && syscall(SYS_gettid) == getpid());
    show_truth("getppid", syscall(SYS_getppid) == getppid());
    show_truth("getsid", syscall(SYS_getsid, INT(0)) == getsid(getpid()));
    show("setpgid of another", syscall(SYS_setpgid, INT(1), INT(1)));
    show_truth("getuid", syscall(SYS_getuid) == getuid() && syscall(SYS_getegid) == getegid());
    unsigned ids[3] = {77, 77, 77};
    show("getresuid", syscall(SYS_getresuid, ids, ids + 1, ids + 2));
    show_truth("ids", ids[0] == getuid() && ids[1] == geteuid());
    show("setresuid to the same", syscall(SYS_setresuid, INT(-1), INT(-1), INT(-1)));
    show_truth("getgroups", syscall(SYS_getgroups, INT(0), NULL) >= 0);
    show("personality", syscall(SYS_personality, INT(0xffffffff)) & 0xff);
}

static void scheduling(void)
{
    struct sched_param parameter = {55};
    struct timespec slice;
    unsigned long mask[16] = {0};
    unsigned cpu = ~0u, node = ~0u;
    show("sched_getscheduler", syscall(SYS_sched_getscheduler, INT(0)));
    show("sched_getparam", syscall(SYS_sched_getparam, INT(0), &parameter));
    show("priority", parameter.sched_priority);
    show("sched_setscheduler", syscall(SYS_sched_setscheduler, INT(0), INT(SCHED_BATCH), &parameter));
    show("now", syscall(SYS_sched_getscheduler, INT(0)));
    show("no such policy", syscall(SYS_sched_setscheduler, INT(0), INT(44), &parameter));
    show("highest", syscall(SYS_sched_get_priority_max, INT(SCHED_FIFO)));
    show("lowest", syscall(SYS_sched_get_priority_min, INT(SCHED_FIFO)));
    show("sched_rr_get_interval", syscall(SYS_sched_rr_get_interval, INT(0), &slice));
    show_truth("sched_getaffinity", syscall(SYS_sched_getaffinity, INT(0), INT(sizeof mask), mask) >= 8 && mask[0]);
    show("sched_setaffinity", syscall(SYS_sched_setaffinity, INT(0), INT(sizeof mask), mask));
    show("affinity to little room", syscall(SYS_sched_getaffinity, INT(0), INT(1), mask));
    show("getcpu", syscall(SYS_getcpu, &cpu, &node, NULL));
    show_truth("there", cpu < 4096 && node < 4096);
    show("sched_yield", syscall(SYS_sched_yield));
    show("setpriority", syscall(SYS_setpriority, INT(PRIO_PROCESS), INT(0), INT(5)));
    show("getpriority", syscall(SYS_getpriority, INT(PRIO_PROCESS), INT(0)));
    show("getpriority of what", syscall(SYS_getpriority, INT(9), INT(0)));
    struct { unsigned size, policy; uint64_t flags; int nice; unsigned priority; uint64_t times[3]; } more = {0};
    show("sched_getattr", syscall(SYS_sched_getattr, INT(0), &more, INT(48), INT(0)));
    printf("size %u policy %u nice %d\n", more.size, more.policy, more.nice);
}

int main(void)
{
    waiting();
    cloning();
    limits();
    about_itself();
    scheduling();
    return 0;
}
