/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes and threads: making, replacing, ending, waiting. */
#include "handler.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ull
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ull
#endif

/* The kernel's bound of one argument string: 32 pages. */
#define ARGUMENT_STRING_LIMIT (32 * 4096)
#define ARGUMENT_ROOM 32768

int64_t handle_process_clone(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t flags = args[0].bits & ~(uint64_t)CSIGNAL;
    uint64_t parent_tid = args[2].bits, fourth = args[3].bits, fifth = args[4].bits;
    bool tls_first = context->abi->clone_tls_is_fourth;
    uint64_t tls = tls_first ? fourth : fifth, child_tid = tls_first ? fifth : fourth;
    int exit_signal = (int)constant_in(context, &constants_signal, args[0].bits & CSIGNAL);
    uint64_t pidfd = flags & CLONE_PIDFD ? parent_tid : 0;
    if ((flags & CLONE_PIDFD) && (flags & CLONE_PARENT_SETTID)) {
        return -EINVAL;
    }
    return context->host->clone(context->thread, (uint32_t)flags, args[1].bits, 0, parent_tid, child_tid, tls,
                                exit_signal, pidfd);
}

int64_t handle_process_clone3(struct syscall_context *context, const union syscall_value *args)
{
    struct host_clone_args clone = {0};
    size_t size = args[1].bits;
    uint8_t bytes[4096] = {0};
    if (size < 64 || size > sizeof bytes) {
        return size < 64 ? -EINVAL : -E2BIG;
    }
    if (guest_read(context, bytes, args[0].bits, size)) {
        return -EFAULT;
    }
    for (size_t i = sizeof clone; i < size; i++) {
        if (bytes[i]) {
            return -E2BIG;
        }
    }
    const struct layout_of_abi *form = &context->abi->layouts[LAYOUT_clone_args];
    if (form->same) {
        memcpy(&clone, bytes, sizeof clone);
    } else {
        form->to_host((uint8_t *)&clone, bytes);
    }
    if ((clone.flags & (CLONE_DETACHED | CSIGNAL)) || clone.exit_signal > CSIGNAL ||
        (clone.stack == 0) != (clone.stack_size == 0)) {
        return -EINVAL;
    }
    if (clone.set_tid_size || (clone.flags & CLONE_INTO_CGROUP)) {
        syscall_note(context, "set_tid and CLONE_INTO_CGROUP are not there");
        return -EOPNOTSUPP;
    }
    return context->host->clone(context->thread, clone.flags, clone.stack, clone.stack_size, clone.parent_tid,
                                clone.child_tid, clone.tls,
                                (int)constant_in(context, &constants_signal, clone.exit_signal), clone.pidfd);
}

int64_t handle_process_fork(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->clone(context->thread, 0, 0, 0, 0, 0, 0, SIGCHLD, 0);
}

int64_t handle_process_vfork(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->clone(context->thread, CLONE_VM | CLONE_VFORK, 0, 0, 0, 0, 0, SIGCHLD, 0);
}

/* A NULL-terminated array of guest strings as host strings. NULL counts as empty, as Linux has it. */
static int64_t read_strings(struct syscall_context *context, uint64_t address, char ***strings)
{
    size_t word = context->abi->word_bits / 8, count = 0;
    uint64_t pointer = 0;
    while (address) {
        if (guest_read_word(context, address + count * word, &pointer)) {
            return -EFAULT;
        }
        if (pointer == 0) {
            break;
        }
        if (++count > 0x100000) {
            return -E2BIG;
        }
    }
    char **array = scratch_alloc(context, (count + 1) * sizeof *array);
    if (array == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        if (guest_read_word(context, address + i * word, &pointer)) {
            return -EFAULT;
        }
        int error = guest_string(context, pointer, ARGUMENT_STRING_LIMIT, &array[i]);
        if (error) {
            return error == -ENAMETOOLONG ? -E2BIG : error;
        }
    }
    array[count] = NULL;
    *strings = array;
    return (int64_t)count;
}

/* The strings lie on the stack where they fit: a vfork child shares its parent's heap and could not give memory back.
 */
static int64_t execute(struct syscall_context *context, int directory_fd, const char *path, const uint64_t arrays[2],
                       int flags)
{
    uint8_t room[ARGUMENT_ROOM] __attribute__((aligned(16)));
    struct syscall_scratch strings = {room, room + sizeof room, NULL};
    struct syscall_scratch *outer = context->scratch;
    context->scratch = &strings;
    char **argv, **envp;
    int64_t result = read_strings(context, arrays[0], &argv);
    if (result >= 0) {
        result = read_strings(context, arrays[1], &envp);
    }
    if (result >= 0) {
        result = context->host->execute(context->thread, directory_fd, path, argv, envp, flags);
    }
    scratch_free(&strings);
    context->scratch = outer;
    return result;
}

int64_t handle_process_execve(struct syscall_context *context, const union syscall_value *args)
{
    return execute(context, AT_FDCWD, args[0].string, (uint64_t[2]){args[1].bits, args[2].bits}, 0);
}

int64_t handle_process_execveat(struct syscall_context *context, const union syscall_value *args)
{
    int directory_fd = (int)args[0].number, flags = (int)args[4].number;
    const char *path = args[1].string;
    char buffer[PATH_MAX];
    if (*path == '\0') {
        if (!(flags & AT_EMPTY_PATH)) {
            return -ENOENT;
        }
        path = NULL;
    } else {
        path =
            context->host->translate_path(context->thread, directory_fd, path, !(flags & AT_SYMLINK_NOFOLLOW), buffer);
    }
    return execute(context, directory_fd, path, (uint64_t[2]){args[2].bits, args[3].bits}, flags);
}

int64_t handle_process_exit(struct syscall_context *context, const union syscall_value *args)
{
    context->host->exit_thread(context->thread, (int)args[0].number);
}

int64_t handle_process_exit_group(struct syscall_context *context, const union syscall_value *args)
{
    context->host->exit_group(context->thread, (int)args[0].number);
}

int64_t handle_process_set_tid_address(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->set_tid_address(context->thread, args[0].bits);
}

int64_t handle_process_set_robust_list(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->set_robust_list(context->thread, args[0].bits, args[1].bits);
}

int64_t handle_process_get_robust_list(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->get_robust_list(context->thread, (pid_t)args[0].number, args[1].bits, args[2].bits);
}

int64_t handle_process_waitid(struct syscall_context *context, const union syscall_value *args)
{
    siginfo_t information;
    memset(&information, 0, sizeof information);
    uint64_t pointer = args[2].bits ? (uintptr_t)&information : 0;
    uint64_t arguments[6] = {args[0].bits, args[1].bits, pointer, args[3].bits, args[4].bits};
    int64_t result = host_call_blocking(context, HOST_CALL_waitid, arguments, INTERRUPTED_RESTARTS);
    if (result < 0 || pointer == 0) {
        return result;
    }
    uint8_t guest[128];
    siginfo_to_guest(context->abi, guest, &information);
    return guest_write(context, args[2].bits, guest, sizeof guest) ? -EFAULT : result;
}
