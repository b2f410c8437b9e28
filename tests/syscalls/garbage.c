// SPDX-License-Identifier: GPL-2.0-or-later
// Each call with garbage: no argument may hurt more than natively, and the first thing that the kernel finds wrong is what the
// program is told. Calls that end, wait or change the machine are left out, and those that kage lacks.
#include "kernel.h"

#include <sys/wait.h>

#define CALLS(X) \
    X(setxattr) X(lsetxattr) X(fsetxattr) X(getxattr) X(lgetxattr) X(fgetxattr) X(listxattr) X(llistxattr) \
    X(flistxattr) X(removexattr) X(lremovexattr) X(fremovexattr) X(getcwd) X(epoll_ctl) X(epoll_pwait) X(dup) X(dup3) \
    X(fcntl) X(inotify_add_watch) X(inotify_rm_watch) X(ioctl) X(ioprio_set) X(ioprio_get) X(flock) X(mknodat) \
    X(mkdirat) X(unlinkat) X(symlinkat) X(linkat) X(statfs) X(fstatfs) X(truncate) X(ftruncate) X(fallocate) \
    X(faccessat) X(chdir) X(fchdir) X(fchmod) X(fchmodat) X(fchownat) X(fchown) X(openat) X(close) X(pipe2) \
    X(getdents64) X(lseek) X(read) X(write) X(readv) X(writev) X(pread64) X(pwrite64) X(preadv) X(pwritev) X(sendfile) \
    X(signalfd4) X(vmsplice) X(splice) X(tee) X(readlinkat) X(newfstatat) X(fstat) X(fsync) X(fdatasync) \
    X(sync_file_range) X(timerfd_create) X(timerfd_settime) X(timerfd_gettime) X(utimensat) X(capget) X(capset) \
    X(futex) X(get_robust_list) X(nanosleep) X(getitimer) X(setitimer) X(timer_create) X(timer_gettime) \
    X(timer_getoverrun) X(timer_settime) X(timer_delete) X(clock_gettime) X(clock_getres) X(clock_nanosleep) \
    X(sched_setparam) X(sched_setscheduler) X(sched_getscheduler) X(sched_getparam) X(sched_setaffinity) \
    X(sched_yield) X(sched_get_priority_max) X(sched_get_priority_min) X(sched_rr_get_interval) X(sigaltstack) \
    X(rt_sigaction) X(rt_sigprocmask) X(rt_sigpending) X(getpriority) X(setregid) X(setgid) X(setreuid) \
    X(setuid) X(setresuid) X(getresuid) X(setresgid) X(getresgid) X(setfsuid) X(setfsgid) X(getpgid) X(getsid) \
    X(getgroups) X(uname) X(getrlimit) X(setrlimit) X(getrusage) X(prctl) X(gettimeofday) X(mq_open) X(mq_unlink) \
    X(mq_timedsend) X(mq_timedreceive) X(mq_notify) X(mq_getsetattr) X(msgrcv) X(msgsnd) X(semget) X(semtimedop) \
    X(semop) X(shmget) X(shmat) X(socket) X(socketpair) X(bind) X(listen) X(accept) X(connect) X(getsockname) \
    X(getpeername) X(sendto) X(recvfrom) X(setsockopt) X(getsockopt) X(shutdown) X(sendmsg) X(recvmsg) X(readahead) \
    X(add_key) X(request_key) X(keyctl) X(execve) X(fadvise64) X(accept4) X(recvmmsg) X(prlimit64) X(fanotify_mark) \
    X(name_to_handle_at) X(syncfs) X(sendmmsg) X(process_vm_writev) X(kcmp) X(sched_setattr) X(sched_getattr) \
    X(renameat2) X(memfd_create) X(execveat) X(copy_file_range) X(preadv2) X(pwritev2) X(statx) X(pidfd_send_signal) \
    X(open_tree) X(move_mount) X(fsopen) X(fsconfig) X(fsmount) X(fspick) X(pidfd_open) X(openat2) X(pidfd_getfd) \
    X(faccessat2) X(epoll_pwait2) X(mount_setattr) X(landlock_create_ruleset) X(landlock_add_rule)

static const long garbage[][6] = {
    {0},
    {-1, -1, -1, -1, -1, -1},
    {16, 16, 16, 16, 16, 16},
    {-100, 16, 16, 16, 16, 16},
    {1, 16, 16, 16, 16, 16},
    {0x7fffffff, 16, 8, 16, 8, 8},
    {0, 16, 0, 0, 0, 8},
    {0, 0, 16, 8, 8, 8},
};

static void call(const char *name, long number)
{
    int status, pid = fork();
    if (pid == 0) {
        // A file of our own as 0 and 1: fchmod and fchown do what they are told, and a device would stay changed.
        int out = fcntl(1, F_DUPFD, 20), file = open(name, O_RDWR | O_CREAT, 0600);
        alarm(5);
        dup2(file, 0);
        dup2(file, 1);
        dprintf(out, "%s:", name);
        for (unsigned i = 0; i < sizeof garbage / sizeof *garbage; i++) {
            const long *a = garbage[i];
            long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
            dprintf(out, " %s", result == -1 ? strerrorname_np(errno) : "ok");
        }
        dprintf(out, "\n");
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (status)
        dprintf(1, " status %x\n", status);
}

int main(void)
{
    enter_folder();
#define X(name) call(#name, SYS_##name);
    CALLS(X)
    return 0;
}
