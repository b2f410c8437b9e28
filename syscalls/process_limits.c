/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resource limits. Those on address space would strike kage's own memory if the kernel enforced them: they are kept
 * here, and the address space enforces them. */
#include "handler.h"

#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

/* One set per process, as in the kernel; -1 in the first word: not set by the guest. */
static struct {
    _Atomic bool is_set;
    _Atomic uint64_t current, maximum;
} kept_limits[RLIM_NLIMITS];

static bool limit_is_kept(int resource)
{
    return resource == RLIMIT_AS || resource == RLIMIT_DATA;
}

void syscalls_inherit_limit(int resource, uint64_t current, uint64_t maximum)
{
    kept_limits[resource].current = current;
    kept_limits[resource].maximum = maximum;
    kept_limits[resource].is_set = true;
}

static int64_t limit_get(pid_t pid, int resource, struct host_rlimit64 *limit)
{
    if (limit_is_kept(resource) && (pid == 0 || pid == getpid()) && kept_limits[resource].is_set) {
        limit->cur = kept_limits[resource].current;
        limit->max = kept_limits[resource].maximum;
        return 0;
    }
    return host_call(HOST_CALL_prlimit64, (uint64_t[6]){(uint64_t)pid, (uint64_t)resource, 0, (uintptr_t)limit});
}

static int64_t limit_set(struct syscall_context *context, pid_t pid, int resource, const struct host_rlimit64 *limit)
{
    if (!limit_is_kept(resource) || (pid != 0 && pid != getpid())) {
        return host_call(HOST_CALL_prlimit64, (uint64_t[6]){(uint64_t)pid, (uint64_t)resource, (uintptr_t)limit, 0});
    }
    struct host_rlimit64 old;
    int64_t result = limit_get(pid, resource, &old);
    if (result < 0) {
        return result;
    }
    if (limit->cur > limit->max) {
        return -EINVAL;
    }
    if (limit->max > old.max && geteuid() != 0) {
        return -EPERM;
    }
    syscalls_inherit_limit(resource, limit->cur, limit->max);
    context->host->set_memory_limit(context->thread, resource, limit->cur, limit->max);
    return 0;
}

/* Infinity of a 32-bit word is all ones in its own width. */
static uint64_t widen(const struct syscall_context *context, uint64_t value)
{
    return context->abi->word_bits == 32 && value == UINT32_MAX ? UINT64_MAX : value;
}

static uint64_t narrow(const struct syscall_context *context, uint64_t value)
{
    return context->abi->word_bits == 32 && value > UINT32_MAX ? UINT32_MAX : value;
}

int64_t handle_process_getrlimit(struct syscall_context *context, const union syscall_value *args)
{
    struct host_rlimit64 limit;
    int64_t result = limit_get(0, (int)args[0].number, &limit);
    if (result < 0) {
        return result;
    }
    struct host_rlimit words = {narrow(context, limit.cur), narrow(context, limit.max)};
    return struct_write(context, &layout_rlimit, args[1].bits, &words);
}

int64_t handle_process_setrlimit(struct syscall_context *context, const union syscall_value *args)
{
    struct host_rlimit words;
    int error = struct_read(context, &layout_rlimit, &words, args[1].bits);
    if (error) {
        return error;
    }
    struct host_rlimit64 limit = {widen(context, words.cur), widen(context, words.max)};
    return limit_set(context, 0, (int)args[0].number, &limit);
}

int64_t handle_process_prlimit64(struct syscall_context *context, const union syscall_value *args)
{
    pid_t pid = (pid_t)args[0].number;
    int resource = (int)args[1].number;
    struct host_rlimit64 wanted, old;
    if (args[2].bits) {
        int error = struct_read(context, &layout_rlimit64, &wanted, args[2].bits);
        if (error) {
            return error;
        }
    }
    int64_t result = limit_get(pid, resource, &old);
    if (result == 0 && args[2].bits) {
        result = limit_set(context, pid, resource, &wanted);
    }
    if (result == 0 && args[3].bits) {
        result = struct_write(context, &layout_rlimit64, args[3].bits, &old);
    }
    return result;
}
