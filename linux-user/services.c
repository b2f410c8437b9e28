/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table that the system calls reach the program through; what is not in its own file is here. */
#include "process.h"

#include "guest.h"
#include "proc_files.h"
#include "protected_copy.h"
#include "seccomp_filter.h"
#include "signal_delivery.h"
#include "sysroot.h"

#include <errno.h>
#include <sys/resource.h>

static struct address_space *memory_of(void *thread)
{
    return ((struct thread *)thread)->process->memory;
}

/* An address that a call was given: where programs may ask for it, its tag is ignored. */
static uint64_t accepted(const struct thread *thread, uint64_t address)
{
    return thread->accepts_tags ? guest_remove_tag(thread->process->translator_guest, address) : address;
}

/* Calls about mappings ignore tags always. */
static uint64_t untagged(const struct thread *thread, uint64_t address)
{
    return guest_remove_tag(thread->process->translator_guest, address);
}

static int copy_in(void *thread, void *destination, uint64_t source, size_t length)
{
    return guest_copy_in(((struct thread *)thread)->process, destination, accepted(thread, source), length);
}

static int copy_out(void *thread, uint64_t destination, const void *source, size_t length)
{
    return guest_copy_out(((struct thread *)thread)->process, accepted(thread, destination), source, length);
}

static ssize_t string_length(void *thread, uint64_t address, size_t limit)
{
    const struct address_space *memory = memory_of(thread);
    uint64_t end = address_space_layout(memory)->limit;
    address = accepted(thread, address);
    if (address >= end) {
        return -EFAULT;
    }
    size_t reach = limit < end - address ? limit : end - address;
    ssize_t length = protected_string_length((const char *)address, reach);
    return length < 0 ? -EFAULT : length;
}

static void *host_pointer(void *thread, uint64_t address, size_t length)
{
    address = accepted(thread, address);
    return address_space_contains(memory_of(thread), address, length) ? (void *)address : NULL;
}

static bool accepts_tags(void *thread)
{
    return ((struct thread *)thread)->accepts_tags;
}

static int64_t map(void *thread, uint64_t address, uint64_t length, int protection, int flags, int fd, uint64_t offset)
{
    return address_space_map(memory_of(thread), address, length, protection, flags, fd, offset);
}

static int64_t unmap(void *thread, uint64_t address, uint64_t length)
{
    return address_space_unmap(memory_of(thread), untagged(thread, address), length);
}

static int64_t protect(void *thread, uint64_t address, uint64_t length, int protection)
{
    return address_space_protect(memory_of(thread), untagged(thread, address), length, protection);
}

static int64_t remap(void *thread, uint64_t old_address, uint64_t old_length, uint64_t new_length, int flags,
                     uint64_t new_address)
{
    return address_space_remap(memory_of(thread), untagged(thread, old_address), old_length, new_length, flags,
                               new_address);
}

static int64_t advise(void *thread, uint64_t address, uint64_t length, int advice)
{
    return address_space_advise(memory_of(thread), untagged(thread, address), length, advice);
}

static int64_t program_break(void *thread, uint64_t address)
{
    return address_space_break(memory_of(thread), address);
}

static int64_t attach_shared_memory(void *thread, int id, uint64_t address, int flags)
{
    return address_space_attach(memory_of(thread), id, address, flags);
}

static int64_t detach_shared_memory(void *thread, uint64_t address)
{
    return address_space_detach(memory_of(thread), address);
}

/* The order of process->memory_limits. */
static void set_memory_limit(void *thread, int resource, uint64_t current, uint64_t maximum)
{
    struct process *process = ((struct thread *)thread)->process;
    int place = resource == RLIMIT_AS ? 0 : 2;
    process->memory_limits[place] = current;
    process->memory_limits[place + 1] = maximum;
    if (!process->is_vfork_child) { /* the memory is the parent's; the limit counts after execve */
        address_space_set_limits(process->memory, process->memory_limits[0], process->memory_limits[2]);
    }
}

static void flush_instruction_cache(void *thread, uint64_t address, uint64_t length)
{
    translator_invalidate(((struct thread *)thread)->process->translator, address, length);
}

static bool probe_processor(void *thread, int64_t key, uint64_t *value)
{
    const struct user_guest *guest = ((struct thread *)thread)->process->guest;
    return guest->probe_processor && guest->probe_processor(key, value);
}

static int64_t control(void *thread, int option, const uint64_t arguments[4])
{
    const struct user_guest *guest = ((struct thread *)thread)->process->guest;
    return guest->control ? guest->control(thread, option, arguments) : -ENOSYS;
}

static const char *translate_path(void *thread, int directory_fd, const char *path, bool follow, char *buffer)
{
    const struct process *process = ((struct thread *)thread)->process;
    if (follow && proc_path_is_executable(path)) {
        return process->image.host_executable;
    }
    return sysroot_translate(process->sysroot, path, follow, buffer);
}

static int64_t open_virtual_file(void *thread, int directory_fd, const char *path, int flags, mode_t mode)
{
    return proc_file_open(thread, directory_fd, path, flags);
}

static int64_t read_virtual_link(void *thread, int directory_fd, const char *path, char *buffer, size_t size)
{
    return proc_link_read(thread, path, buffer, size);
}

static bool descriptor_is_private(void *thread, int fd)
{
    const struct process *process = ((struct thread *)thread)->process;
    return fd >= 0 &&
           (fd == process->kage_fd || fd == process->cache_fd || sysroot_owns(process->sysroot, fd) || debugger_owns(process->debugger, fd) ||
            fd == process->profile_fds[0] || fd == process->profile_fds[1]);
}

const struct host_services linux_user_services = {
    .copy_in = copy_in,
    .copy_out = copy_out,
    .string_length = string_length,
    .host_pointer = host_pointer,
    .accepts_tags = accepts_tags,
    .map = map,
    .unmap = unmap,
    .protect = protect,
    .remap = remap,
    .advise = advise,
    .program_break = program_break,
    .attach_shared_memory = attach_shared_memory,
    .detach_shared_memory = detach_shared_memory,
    .set_memory_limit = set_memory_limit,
    .flush_instruction_cache = flush_instruction_cache,
    .probe_processor = probe_processor,
    .control = control,
    .blocking_call = signals_blocking_call,
    .clone = thread_clone,
    .execute = process_execute,
    .exit_thread = thread_exit,
    .exit_group = thread_exit_group,
    .set_tid_address = thread_set_tid_address,
    .set_robust_list = thread_set_robust_list,
    .get_robust_list = thread_get_robust_list,
    .signal_action = signals_action,
    .signal_mask = signals_mask,
    .signal_pending = signals_pending,
    .signal_alternate_stack = signals_alternate_stack,
    .signal_suspend = signals_suspend,
    .signal_set_temporary_mask = signals_set_temporary_mask,
    .signal_wait = signals_wait,
    .signal_return = signals_return,
    .seccomp = seccomp_operate,
    .seccomp_mode = seccomp_mode,
    .translate_path = translate_path,
    .open_virtual_file = open_virtual_file,
    .read_virtual_link = read_virtual_link,
    .descriptor_is_private = descriptor_is_private,
};
