// SPDX-License-Identifier: GPL-2.0-or-later
// fork, vfork, exec of itself, posix_spawn, wait statuses, process groups, resource use, pipes to children.
#include "print.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void show_status(const char *name, int status)
{
    printf("%s: exited=%d code=%d signaled=%d signal=%d core=%d\n", name, WIFEXITED(status), WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFSTOPPED(status));
}

static int wait_for(pid_t child)
{
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

static void *child_in_thread(void *unused)
{
    pid_t child = fork();
    if (child == 0)
        _exit(getpid() == gettid() ? 21 : 22);
    show_status("fork in thread", wait_for(child));
    return unused;
}

static void test_exec(const char *self)
{
    char *const arguments[] = {"renamed", "--child", "two words", "", "\xc3\xa4", NULL};
    char *const environment[] = {"KAGE_TEST_VARIABLE=value=with=equals", NULL};
    pid_t child = fork();
    if (child == 0) {
        execve(self, arguments, environment);
        _exit(98);
    }
    show_status("exec", wait_for(child));
    child = vfork();
    if (child == 0) {
        execve("/nonexistent/program", arguments, environment);
        _exit(errno == ENOENT ? 31 : 32);
    }
    show_status("vfork", wait_for(child));
    char *const spawned[] = {(char *)self, "--child", "spawned", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int result = posix_spawn(&child, self, &actions, NULL, spawned, environment);
    CHECK(result == 0);
    show_status("spawn", wait_for(child));
    CHECK(posix_spawn(&child, "/nonexistent/program", NULL, NULL, spawned, environment) == ENOENT);
    int fd = open("/dev/null", O_RDONLY);
    CHECK(fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
}

static void test_memory_after_fork(void)
{
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    static int copied = 1;
    pid_t children[5];
    for (int i = 0; i < 5; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            copied += i;
            __atomic_fetch_add(shared, copied, __ATOMIC_SEQ_CST);
            _exit(i);
        }
    }
    int sum = 0;
    for (int i = 0; i < 5; i++)
        sum += WEXITSTATUS(wait_for(children[i]));
    printf("shared %d copied %d sum %d\n", *shared, copied, sum);
}

static void test_stop(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(5);
    }
    CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    printf("stopped by %d\n", WSTOPSIG(status) == SIGSTOP);
    kill(child, SIGCONT);
    CHECK(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    show_status("continued", wait_for(child));
    CHECK(waitpid(child, &status, 0) == -1 && errno == ECHILD);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1 && strcmp(argv[1], "--child") == 0) {
        const char *variable = getenv("KAGE_TEST_VARIABLE");
        printf("child %d [%s] [%s] variable %s\n", argc, argv[2], argv[argc - 1], variable ? variable : "(none)");
        return argc * 10;
    }
    static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGPIPE};
    for (int i = 0; i < 5; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            kill(getpid(), signals[i]);
            _exit(1);
        }
        show_status("killed", wait_for(child));
    }
    test_exec(argv[0]);
    test_memory_after_fork();
    test_stop();
    pthread_t thread;
    pthread_create(&thread, NULL, child_in_thread, NULL);
    pthread_join(thread, NULL);
    int ends[2];
    CHECK(pipe(ends) == 0);
    if (fork() == 0) {
        close(ends[0]);
        FILE *out = fdopen(ends[1], "w");
        for (int i = 0; i < 1000; i++)
            fprintf(out, "line %d\n", i);
        exit(fclose(out));
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    char line[40];
    int lines = 0;
    while (fgets(line, sizeof line, in))
        lines++;
    fclose(in);
    int status;
    wait(&status);
    printf("%d lines, last %s", lines, line);
    FILE *command = popen("echo from a shell; exit 3", "r");
    CHECK(fgets(line, sizeof line, command));
    printf("%s%d\n", line, WEXITSTATUS(pclose(command)));
    printf("system %d\n", WEXITSTATUS(system("exit 7")));
    struct rusage usage;
    CHECK(getrusage(RUSAGE_CHILDREN, &usage) == 0 && getppid() > 0 && getpgid(0) == getpgrp());
    return 0;
}
