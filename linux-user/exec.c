/* SPDX-License-Identifier: GPL-2.0-or-later */
/* execve. A foreign program continues under kage itself: kage executes its own file again, through a descriptor that it
 * keeps open from its start (so it works after chroot, without /proc and when the file has been replaced), with the
 * guest's argv as its own, so that ps shows the guest's command line, and its options in one environment variable. */
#include "process.h"

#include "log.h"
#include "program.h"
#include "seccomp_filter.h"
#include "signal_delivery.h"
#include "translation_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int execute_file(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
    syscall(SYS_execveat, fd, path, argv, envp, flags);
    return -errno;
}

static char **with_variable(char *const envp[], char *variable)
{
    size_t count = 0;
    while (envp[count]) {
        count++;
    }
    char **environment = malloc((count + 2) * sizeof *environment);
    if (environment) {
        memcpy(environment, envp, count * sizeof *environment);
        environment[count] = variable;
        environment[count + 1] = NULL;
    }
    return environment;
}

static void keep_open(int fd, bool is_kept)
{
    fcntl(fd, F_SETFD, is_kept ? 0 : FD_CLOEXEC);
}

static int execute_under_kage(struct thread *thread, struct program *program, char *const envp[])
{
    const struct process *process = thread->process;
    /* Out of the way of the low numbers that the guest counts on. */
    int program_fd = fcntl(program->fd, F_DUPFD_CLOEXEC, 800);
    program_fd = program_fd < 0 ? fcntl(program->fd, F_DUPFD_CLOEXEC, 3) : program_fd;
    int filter_fd = seccomp_save(thread);
    int debugger_fd = debugger_prepare_execute(thread);
    const int fds[OPTIONS_FDS] = {process->kage_fd, program_fd, filter_fd, debugger_fd, process->cache_fd};
    char *variable = options_private_variable(process->options, fds, process->memory_limits, program->path);
    char **environment = variable ? with_variable(envp, variable) : NULL;
    int error = -ENOMEM;
    if (environment && program_fd >= 0) {
        if (process->cache_fd >= 0) {
            keep_open(process->cache_fd, true);
        }
        keep_open(program_fd, true);
        if (process->kage_fd >= 0) {
            keep_open(process->kage_fd, true);
            error = execute_file(process->kage_fd, "", program->arguments, environment, AT_EMPTY_PATH);
            keep_open(process->kage_fd, false);
        } else {
            error = execute_file(AT_FDCWD, "/proc/self/exe", program->arguments, environment, 0);
        }
    }
    if (process->cache_fd >= 0) {
        keep_open(process->cache_fd, false);
    }
    if (program_fd >= 0) {
        close(program_fd);
    }
    if (filter_fd >= 0) {
        close(filter_fd);
    }
    debugger_undo_execute(thread, debugger_fd);
    free(environment);
    free(variable);
    return error;
}

/* The kernel would look for the interpreter now, so that execve can still fail. */
static int check_interpreter(const struct process *process, const struct program *program)
{
    char buffer[PATH_MAX];
    if (!program->file.interpreter[0]) {
        return 0;
    }
    const char *path =
        linux_user_services.translate_path((void *)thread_current(), AT_FDCWD, program->file.interpreter, true, buffer);
    return access(path, R_OK) == 0 ? 0 : -errno;
}

int64_t process_execute(void *opaque, int directory_fd, const char *path, char *const argv[], char *const envp[],
                        int flags)
{
    struct thread *thread = opaque;
    struct process *process = thread->process;
    char full_path[PATH_MAX];
    struct program program;
    if (thread->signal_pending) {
        thread->restart = true;
        return -EINTR;
    }
    if (path && path[0] && path[0] != '/' && directory_fd != AT_FDCWD) {
        snprintf(full_path, sizeof full_path, "/proc/self/fd/%d/%s", directory_fd, path);
        path = full_path;
    }
    bool by_descriptor = !path || (!path[0] && (flags & AT_EMPTY_PATH));
    if (path && !path[0] && !by_descriptor) {
        return -ENOENT;
    }
    int error = program_resolve(&program, process->sysroot, directory_fd, by_descriptor ? NULL : path, argv);
    /* A guest's own kind of program stays under kage even where the host could run it. */
    bool is_guests = program.guest && (program.guest == process->translator_guest || !program.is_native);
    bool is_kernels = error == -ENOEXEC || (error == 0 && !is_guests);
    if (error == 0 && is_guests) {
        error = check_interpreter(process, &program);
    }
    if (error == 0 || is_kernels) {
        translation_cache_save(thread);
        signals_prepare_execute(thread);
        if (!is_kernels) {
            error = execute_under_kage(thread, &program, envp);
        } else if (by_descriptor) {
            error = execute_file(directory_fd, "", argv, envp, AT_EMPTY_PATH);
        } else {
            error = execute_file(AT_FDCWD, path, argv, envp, flags & AT_SYMLINK_NOFOLLOW);
        }
        signals_undo_execute(thread);
    }
    program_close(&program);
    return error;
}
