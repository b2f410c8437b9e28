// SPDX-License-Identifier: GPL-2.0-or-later
// fork, vfork and execve, by the first argument; "final" is what the others execute.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int shared = 1;

__attribute__((noinline)) void in_child(void)
{
    shared = 2;
}

__attribute__((noinline)) void in_parent(int status)
{
    printf("parent: child ended with %d, shared %d\n", WEXITSTATUS(status), shared);
}

__attribute__((noinline)) int in_final(const char *from)
{
    printf("final program of %s\n", from);
    return 23;
}

static int run_fork(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        in_child();
        _exit(11);
    }
    waitpid(child, &status, 0);
    in_parent(status);
    return 5;
}

static int run_vfork(char *program)
{
    int status;
    pid_t child = vfork();
    if (child == 0) {
        execl(program, program, "final", "vfork", NULL);
        _exit(99);
    }
    waitpid(child, &status, 0);
    in_parent(status);
    return 6;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "fork") == 0) {
        return run_fork();
    }
    if (strcmp(what, "vfork") == 0) {
        return run_vfork(argv[0]);
    }
    if (strcmp(what, "exec") == 0) {
        execl(argv[0], argv[0], "final", "exec", NULL);
    }
    return in_final(argc > 2 ? argv[2] : "nobody");
}
