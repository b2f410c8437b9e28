/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading directories and symbolic links. */
#include "handler.h"

#include "byteorder.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* struct linux_dirent64: u64 inode, s64 offset, u16 length, u8 type, name */
enum { ENTRY_LENGTH = 16, ENTRY_NAME = 19 };

/* Whether fd is the directory of this process's descriptors, where kage's own must not show. */
static bool lists_own_descriptors(int fd)
{
    struct statfs information;
    char link[64], target[PATH_MAX];
    if (fstatfs(fd, &information) < 0 || information.f_type != PROC_SUPER_MAGIC) {
        return false;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) {
        return false;
    }
    target[length] = '\0';
    char own[64];
    int prefix = snprintf(own, sizeof own, "/proc/%d/", getpid());
    const char *last = strrchr(target, '/');
    return strncmp(target, own, (size_t)prefix) == 0 && (strcmp(last, "/fd") == 0 || strcmp(last, "/fdinfo") == 0);
}

/* Removes entries that name private descriptors; returns the length of the rest. */
static size_t hide_private(struct syscall_context *context, uint8_t *entries, size_t length)
{
    size_t kept = 0;
    for (size_t at = 0; at < length;) {
        uint16_t size = byteorder_load16(entries + at + ENTRY_LENGTH, false);
        const char *name = (const char *)entries + at + ENTRY_NAME;
        bool hidden = *name >= '0' && *name <= '9' && descriptor_is_private(context, atoi(name));
        if (!hidden) {
            memmove(entries + kept, entries + at, size);
            kept += size;
        }
        at += size;
    }
    return kept;
}

static void turn_entries(uint8_t *entries, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint16_t size = byteorder_load16(entries + at + ENTRY_LENGTH, false);
        byteorder_store64(entries + at, byteorder_load64(entries + at, false), true);
        byteorder_store64(entries + at + 8, byteorder_load64(entries + at + 8, false), true);
        byteorder_store16(entries + at + ENTRY_LENGTH, size, true);
        at += size;
    }
}

int64_t handle_directory_getdents64(struct syscall_context *context, const union syscall_value *args)
{
    int fd = (int)args[0].number;
    uint64_t address = args[1].bits, size = args[2].bits;
    bool own = lists_own_descriptors(fd);
    if (!own && !context->abi->big_endian) {
        uint64_t pointer = (uintptr_t)guest_pointer(context, address, size);
        return host_call(HOST_CALL_getdents64, (uint64_t[6]){args[0].bits, pointer, size});
    }
    size = size < 65536 ? size : 65536;
    uint8_t *entries = scratch_alloc(context, size);
    if (entries == NULL) {
        return -ENOMEM;
    }
    int64_t result;
    size_t kept;
    do { /* an answer of nothing but hidden entries is not the end */
        result = host_call(HOST_CALL_getdents64, (uint64_t[6]){args[0].bits, (uintptr_t)entries, size});
        kept = result > 0 && own ? hide_private(context, entries, (size_t)result) : (size_t)result;
    } while (result > 0 && kept == 0);
    if (result <= 0) {
        return result;
    }
    if (context->abi->big_endian) {
        turn_entries(entries, kept);
    }
    return guest_write(context, address, entries, kept) ? -EFAULT : (int64_t)kept;
}

int64_t handle_directory_getdents(struct syscall_context *context, const union syscall_value *args)
{
    if (!guest_is_native(context)) {
        syscall_note(context, "entries are not converted");
        return -ENOSYS;
    }
    uint64_t pointer = (uintptr_t)guest_pointer(context, args[1].bits, args[2].bits);
    return host_call(context->row->host_number, (uint64_t[6]){args[0].bits, pointer, args[2].bits});
}

static int64_t read_link(struct syscall_context *context, int directory_fd, uint64_t path_address, uint64_t address,
                         int64_t size)
{
    char link[PATH_MAX], buffer[PATH_MAX], *path;
    if (size <= 0) {
        return -EINVAL;
    }
    int error = guest_string(context, path_address, PATH_MAX, &path);
    if (error) {
        return error;
    }
    size_t room = size < PATH_MAX ? (size_t)size : PATH_MAX;
    int64_t length = context->host->read_virtual_link(context->thread, directory_fd, path, link, room);
    if (length == -ENOSYS) {
        const char *native = context->host->translate_path(context->thread, directory_fd, path, false, buffer);
        uint64_t arguments[6] = {(uint64_t)directory_fd, (uintptr_t)native, (uintptr_t)link, room};
        length = host_call(HOST_CALL_readlinkat, arguments);
    }
    if (length < 0) {
        return length;
    }
    length = (uint64_t)length < room ? length : (int64_t)room;
    return guest_write(context, address, link, (size_t)length) ? -EFAULT : length;
}

int64_t handle_directory_readlink(struct syscall_context *context, const union syscall_value *args)
{
    return read_link(context, AT_FDCWD, args[0].bits, args[1].bits, (int32_t)args[2].bits);
}

int64_t handle_directory_readlinkat(struct syscall_context *context, const union syscall_value *args)
{
    return read_link(context, (int)args[0].number, args[1].bits, args[2].bits, (int32_t)args[3].bits);
}
