/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening files, descriptors, vectored input and output. */
#include "handler.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t open_path(struct syscall_context *context, int directory_fd, const char *path, int flags, mode_t mode)
{
    const struct host_services *host = context->host;
    int64_t fd = host->open_virtual_file(context->thread, directory_fd, path, flags, mode);
    if (fd != -ENOSYS) {
        return fd;
    }
    char buffer[PATH_MAX];
    bool follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
    const char *native = host->translate_path(context->thread, directory_fd, path, follow, buffer);
    uint64_t arguments[6] = {(uint64_t)directory_fd, (uintptr_t)native, (uint64_t)flags, mode};
    return host_call_blocking(context, HOST_CALL_openat, arguments, INTERRUPTED_RESTARTS);
}

int64_t handle_file_open(struct syscall_context *context, const union syscall_value *args)
{
    return open_path(context, AT_FDCWD, args[0].string, (int)args[1].number, (mode_t)args[2].bits);
}

int64_t handle_file_creat(struct syscall_context *context, const union syscall_value *args)
{
    return open_path(context, AT_FDCWD, args[0].string, O_CREAT | O_WRONLY | O_TRUNC, (mode_t)args[1].bits);
}

int64_t handle_file_openat(struct syscall_context *context, const union syscall_value *args)
{
    return open_path(context, (int)args[0].number, args[1].string, (int)args[2].number, (mode_t)args[3].bits);
}

/* The struct may be longer than ours (a newer guest): the kernel judges the rest. */
int64_t handle_file_openat2(struct syscall_context *context, const union syscall_value *args)
{
    size_t size = args[3].bits;
    if (size < sizeof(struct host_open_how) || size > 4096) {
        return size > 4096 ? -E2BIG : -EINVAL;
    }
    uint8_t *bytes = scratch_alloc(context, size);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    if (guest_read(context, bytes, args[2].bits, size)) {
        return -EFAULT;
    }
    struct host_open_how how;
    int error = struct_read(context, &layout_open_how, &how, args[2].bits);
    if (error) {
        return error;
    }
    how.flags = constant_in(context, &constants_open, how.flags);
    memcpy(bytes, &how, sizeof how);
    int directory_fd = (int)args[0].number;
    char *string, buffer[PATH_MAX];
    error = guest_string(context, args[1].bits, PATH_MAX, &string);
    if (error) {
        return error;
    }
    const char *path = string;
    if (how.resolve == 0) {
        int64_t fd =
            context->host->open_virtual_file(context->thread, directory_fd, path, (int)how.flags, (mode_t)how.mode);
        if (fd != -ENOSYS) {
            return fd;
        }
        path = context->host->translate_path(context->thread, directory_fd, path, !(how.flags & O_NOFOLLOW), buffer);
    }
    uint64_t arguments[6] = {(uint64_t)directory_fd, (uintptr_t)path, (uintptr_t)bytes, size};
    return host_call_blocking(context, HOST_CALL_openat2, arguments, INTERRUPTED_RESTARTS);
}

/* No descriptor from here on is open: the size of the table, or the limit where /proc is not there to tell. */
static unsigned descriptor_bound(void)
{
    char text[4096];
    struct rlimit limit = {.rlim_max = 1u << 20};
    unsigned bound = 0;
    int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t length = read(fd, text, sizeof text - 1);
        text[length > 0 ? length : 0] = '\0';
        const char *line = strstr(text, "\nFDSize:");
        bound = line ? (unsigned)strtoul(line + 8, NULL, 10) : 0;
        close(fd);
    }
    if (bound == 0) {
        getrlimit(RLIMIT_NOFILE, &limit);
        bound = limit.rlim_max < (1u << 20) ? (unsigned)limit.rlim_max : 1u << 20;
    }
    return bound;
}

/* The range minus kage's own descriptors. */
int64_t handle_file_close_range(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t first = args[0].bits, last = args[1].bits, flags = args[2].bits;
    if (first > last) {
        return -EINVAL;
    }
    uint64_t bound = descriptor_bound();
    for (uint64_t fd = first; fd <= last && fd < bound; fd++) {
        if (!descriptor_is_private(context, (int)fd)) {
            continue;
        }
        if (fd > first) {
            int64_t result = host_call(HOST_CALL_close_range, (uint64_t[6]){first, fd - 1, flags});
            if (result < 0) {
                return result;
            }
            flags &= ~2u; /* CLOSE_RANGE_UNSHARE: once is enough */
        }
        first = fd + 1;
    }
    return first <= last ? host_call(HOST_CALL_close_range, (uint64_t[6]){first, last, flags}) : 0;
}

static int64_t write_pipe(struct syscall_context *context, uint64_t address, uint64_t flags)
{
    int fds[2];
    int64_t result = host_call(HOST_CALL_pipe2, (uint64_t[6]){(uintptr_t)fds, flags});
    if (result < 0) {
        return result;
    }
    if (guest_write_u32(context, address, (uint32_t)fds[0]) ||
        guest_write_u32(context, address + 4, (uint32_t)fds[1])) {
        close(fds[0]);
        close(fds[1]);
        return -EFAULT;
    }
    return 0;
}

int64_t handle_file_pipe(struct syscall_context *context, const union syscall_value *args)
{
    return write_pipe(context, args[0].bits, 0);
}

int64_t handle_file_pipe2(struct syscall_context *context, const union syscall_value *args)
{
    return write_pipe(context, args[0].bits, args[1].bits);
}

int64_t handle_file_llseek(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t offset = args[1].bits << 32 | args[2].bits;
    int64_t result = host_call(HOST_CALL_lseek, (uint64_t[6]){args[0].bits, offset, args[4].bits});
    if (result < 0) {
        return result;
    }
    return guest_write_u64(context, args[3].bits, (uint64_t)result);
}

/* fd, vector, count, then what differs from call to call */
static int64_t transfer_vector(struct syscall_context *context, long number, const union syscall_value *args,
                               const uint64_t rest[3])
{
    const struct iovec *vector;
    int error = guest_iovec(context, args[1].bits, args[2].bits, &vector);
    if (error) {
        return error;
    }
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)vector, args[2].bits, rest[0], rest[1], rest[2]};
    return host_call_blocking(context, number, arguments, INTERRUPTED_RESTARTS);
}

int64_t handle_file_readv(struct syscall_context *context, const union syscall_value *args)
{
    return transfer_vector(context, HOST_CALL_readv, args, (uint64_t[3]){0});
}

int64_t handle_file_writev(struct syscall_context *context, const union syscall_value *args)
{
    return transfer_vector(context, HOST_CALL_writev, args, (uint64_t[3]){0});
}

int64_t handle_file_vmsplice(struct syscall_context *context, const union syscall_value *args)
{
    return transfer_vector(context, HOST_CALL_vmsplice, args, (uint64_t[3]){args[3].bits});
}

/* The position comes as two words; on a 64-bit machine the first is all of it. */
static int64_t transfer_at(struct syscall_context *context, long number, const union syscall_value *args)
{
    uint64_t position = args[3].bits;
    if (context->abi->word_bits == 32) {
        position |= args[4].bits << 32;
    }
    return transfer_vector(context, number, args, (uint64_t[3]){position, 0, args[5].bits});
}

int64_t handle_file_preadv(struct syscall_context *context, const union syscall_value *args)
{
    return transfer_at(context, context->row->host_number, args);
}

int64_t handle_file_pwritev(struct syscall_context *context, const union syscall_value *args)
{
    return transfer_at(context, context->row->host_number, args);
}
