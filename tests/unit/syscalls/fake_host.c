/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_host.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

struct fake_host fake = {.private_fd = -1};

/* Through the kernel, which says EFAULT where a copy would crash. */
static int fake_copy(void *to, const void *from, size_t length, bool in)
{
    struct iovec local = {in ? to : (void *)(uintptr_t)from, length},
                 remote = {in ? (void *)(uintptr_t)from : to, length};
    ssize_t done = in ? process_vm_readv(getpid(), &local, 1, &remote, 1, 0)
                      : process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
    return length == 0 || done == (ssize_t)length ? 0 : -EFAULT;
}

static int fake_copy_in(void *thread, void *destination, uint64_t source, size_t length)
{
    return fake_copy(destination, (const void *)(uintptr_t)source, length, true);
}

static int fake_copy_out(void *thread, uint64_t destination, const void *source, size_t length)
{
    return fake_copy((void *)(uintptr_t)destination, source, length, false);
}

static ssize_t fake_string_length(void *thread, uint64_t address, size_t limit)
{
    char byte = 1;
    size_t length;
    for (length = 0; length < limit; length++) {
        if (fake_copy_in(thread, &byte, address + length, 1) < 0) {
            return -EFAULT;
        }
        if (byte == 0) {
            break;
        }
    }
    return (ssize_t)length;
}

static void *fake_host_pointer(void *thread, uint64_t address, size_t length)
{
    return address >> 47 ? NULL : (void *)(uintptr_t)address;
}

static int64_t fake_map(void *thread, uint64_t address, uint64_t length, int protection, int flags, int fd,
                        uint64_t offset)
{
    void *place = mmap((void *)(uintptr_t)address, length, protection, flags, fd, (off_t)offset);
    return place == MAP_FAILED ? -errno : (int64_t)(uintptr_t)place;
}

static void fake_set_memory_limit(void *thread, int resource, uint64_t current, uint64_t maximum) {}

static void fake_flush(void *thread, uint64_t address, uint64_t length)
{
    fake.flushed[0] = address;
    fake.flushed[1] = length;
}

static int64_t fake_blocking_call(void *thread, long number, const uint64_t arguments[6])
{
    fake.blocking_calls++;
    if (fake.blocking_result) {
        return fake.blocking_result;
    }
    long result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    return result == -1 ? -errno : result;
}

static int64_t fake_clone(void *thread, uint64_t flags, uint64_t stack, uint64_t stack_size, uint64_t parent_tid,
                          uint64_t child_tid, uint64_t tls, int exit_signal, uint64_t pidfd)
{
    uint64_t seen[9] = {flags, stack, stack_size, parent_tid, child_tid, tls, (uint64_t)exit_signal, pidfd};
    memcpy(fake.clone, seen, sizeof seen);
    return 4711;
}

static int64_t fake_execute(void *thread, int directory_fd, const char *path, char *const argv[], char *const envp[],
                            int flags)
{
    snprintf(fake.path, sizeof fake.path, "%s", path ? path : "(descriptor)");
    for (int i = 0; i < 4 && argv[i]; i++) {
        fake.argv[i] = strdup(argv[i]);
    }
    for (int i = 0; i < 4 && envp[i]; i++) {
        fake.envp[i] = strdup(envp[i]);
    }
    return -ENOENT;
}

static int64_t fake_signal_action(void *thread, int signal, const struct guest_signal_action *set,
                                  struct guest_signal_action *old)
{
    if (old) {
        *old = fake.action;
    }
    if (set) {
        fake.action = *set;
    }
    return 0;
}

static int64_t fake_temporary_mask(void *thread, uint64_t mask)
{
    fake.temporary_mask = mask;
    return 0;
}

static int64_t fake_signal_return(void *thread)
{
    return 12345;
}

static const char *fake_translate_path(void *thread, int directory_fd, const char *path, bool follow, char *buffer)
{
    return path;
}

static int64_t fake_open_virtual(void *thread, int directory_fd, const char *path, int flags, mode_t mode)
{
    return strcmp(path, "/virtual") == 0 ? -ELOOP : -ENOSYS;
}

static int64_t fake_read_link(void *thread, int directory_fd, const char *path, char *buffer, size_t size)
{
    if (strcmp(path, "/proc/self/exe") != 0) {
        return -ENOSYS;
    }
    memcpy(buffer, "/bin/guest", size < 10 ? size : 10);
    return size < 10 ? (int64_t)size : 10;
}

static bool fake_is_private(void *thread, int fd)
{
    return fd >= 0 && fd == fake.private_fd;
}

static bool fake_accepts_tags(void *thread)
{
    return false;
}

static int64_t fake_control(void *thread, int option, const uint64_t arguments[4])
{
    return -ENOSYS;
}

const struct host_services fake_services = {
    .copy_in = fake_copy_in,
    .copy_out = fake_copy_out,
    .string_length = fake_string_length,
    .host_pointer = fake_host_pointer,
    .accepts_tags = fake_accepts_tags,
    .map = fake_map,
    .set_memory_limit = fake_set_memory_limit,
    .flush_instruction_cache = fake_flush,
    .control = fake_control,
    .blocking_call = fake_blocking_call,
    .clone = fake_clone,
    .execute = fake_execute,
    .signal_action = fake_signal_action,
    .signal_set_temporary_mask = fake_temporary_mask,
    .signal_return = fake_signal_return,
    .translate_path = fake_translate_path,
    .open_virtual_file = fake_open_virtual,
    .read_virtual_link = fake_read_link,
    .descriptor_is_private = fake_is_private,
};

static uint64_t number_of(const struct syscall_abi *abi, const char *name)
{
    for (uint64_t number = 0; number < abi->number_count; number++) {
        const char *found = syscall_name(abi, number);
        if (found && strcmp(found, name) == 0) {
            return number;
        }
    }
    ck_abort_msg("%s has no call %s", abi->name, name);
}

int64_t run_call(const char *abi_name, const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                 uint64_t f)
{
    const struct syscall_abi *abi = syscall_abi_find(abi_name);
    ck_assert_ptr_nonnull(abi);
    uint64_t arguments[6] = {a, b, c, d, e, f};
    int64_t result = -1;
    syscalls_run(abi, &fake_services, NULL, number_of(abi, name), arguments, &result);
    return result;
}

enum syscall_disposition run_disposition(const char *abi_name, const char *name, const uint64_t arguments[6])
{
    const struct syscall_abi *abi = syscall_abi_find(abi_name);
    int64_t result;
    return syscalls_run(abi, &fake_services, NULL, number_of(abi, name), arguments, &result);
}
