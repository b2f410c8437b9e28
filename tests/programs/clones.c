// SPDX-License-Identifier: GPL-2.0-or-later
// clone with less usual flags: shared memory without a thread, vfork that suspends, namespaces, execve from a second thread.
#include "print.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[1 << 16] __attribute__((aligned(16)));
static volatile int shared;

static int set_shared(void *value)
{
    shared = (int)(long)value;
    _exit(9);
}

static int wait_for(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, __WALL) == child);
    return status;
}

static void test_shared_memory(void)
{
    shared = 0;
    pid_t child = clone(set_shared, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)42);
    CHECK(child > 0);
    int status = wait_for(child);
    printf("shared memory: value=%d code=%d\n", shared, WEXITSTATUS(status));
    child = clone(set_shared, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)43);
    int seen = shared; /* the parent did not run before the child was gone */
    status = wait_for(child);
    printf("suspended: value=%d code=%d\n", seen, WEXITSTATUS(status));
}

static void test_vfork(void)
{
    shared = 0;
    pid_t child = vfork();
    if (child == 0) {
        shared = 77;
        execl("/proc/self/exe", "clones", "child", NULL);
        _exit(1);
    }
    int seen = shared, status = wait_for(child);
    printf("vfork and execve: value=%d code=%d\n", seen, WEXITSTATUS(status));
}

static void test_files_shared(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        close(ends[1]);
        _exit(0);
    }
    wait_for(child);
    errno = 0;
    printf("shared descriptors: closed=%d\n", write(ends[1], "x", 1) == -1 && errno == EBADF);
    close(ends[0]);
}

static void *execute(void *unused)
{
    execl("/proc/self/exe", "clones", "thread", NULL);
    return unused;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        printf("executed as %s %s: first=%d\n", argv[0], argv[1], getpid() == syscall(SYS_gettid));
        return 5;
    }
    test_shared_memory();
    test_vfork();
    test_files_shared();
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t thread;
            pthread_create(&thread, NULL, execute, NULL);
            pthread_join(thread, NULL);
            _exit(1);
        }
        CHECK(WEXITSTATUS(wait_for(child)) == 5);
    }
    return 0;
}
