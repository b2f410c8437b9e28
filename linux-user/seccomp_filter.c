/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seccomp_filter.h"

#include "log.h"
#include "seccomp_program.h"
#include "signal_delivery.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MODE_OFF,
    MODE_STRICT,
    MODE_FILTER,
    KNOWN_FLAGS = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
                  SECCOMP_FILTER_FLAG_TSYNC_ESRCH
};

/* Never freed: a thread that is being judged may hold it, and a process makes few. */
struct seccomp_filter {
    const struct seccomp_filter *previous;
    unsigned count;
    struct sock_filter code[];
};

static struct seccomp_filter *new_filter(const struct seccomp_filter *previous, unsigned count)
{
    struct seccomp_filter *filter = malloc(sizeof *filter + count * sizeof filter->code[0]);
    if (filter) {
        filter->previous = previous;
        filter->count = count;
    }
    return filter;
}

static bool may_install(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ||
           (syscall(SYS_capget, &header, data) == 0 && (data[0].effective & 1u << CAP_SYS_ADMIN));
}

/* TSYNC: every thread gets the caller's chain; refused with the id of one that has filters which the caller has not. */
static int64_t synchronise(struct thread *thread, const struct seccomp_filter *filter, unsigned flags)
{
    struct process *process = thread->process;
    int64_t result = 0;
    pthread_mutex_lock(&process->lock);
    for (const struct thread *other = process->threads; other && !result; other = other->next) {
        const struct seccomp_filter *known = thread->filter;
        while (known && known != other->filter) {
            known = known->previous;
        }
        if (known != other->filter) {
            result = flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : other->tid;
        }
    }
    for (struct thread *other = process->threads; other && !result; other = other->next) {
        __atomic_store_n(&other->filter, filter, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&process->lock);
    return result;
}

/* struct sock_fprog of a 64-bit guest; the instructions' layout is the same everywhere. */
struct guest_program {
    uint16_t count;
    uint8_t padding[6];
    uint64_t code;
};

static int64_t set_filter(struct thread *thread, unsigned flags, uint64_t address)
{
    struct guest_program program;
    if (flags & ~(unsigned)KNOWN_FLAGS) {
        return -EINVAL;
    }
    if (guest_copy_in(thread->process, &program, address, sizeof program) != 0) {
        return -EFAULT;
    }
    if (program.count == 0 || program.count > SECCOMP_PROGRAM_LONGEST) {
        return -EINVAL;
    }
    if (!may_install()) {
        return -EACCES;
    }
    struct seccomp_filter *filter = new_filter(thread->filter, program.count);
    int64_t error = filter ? 0 : -ENOMEM;
    if (!error) {
        error = guest_copy_in(thread->process, filter->code, program.code, program.count * sizeof filter->code[0]);
    }
    if (!error && !seccomp_program_is_valid(filter->code, program.count)) {
        error = -EINVAL;
    }
    if (!error && (flags & SECCOMP_FILTER_FLAG_TSYNC)) {
        error = synchronise(thread, filter, flags);
    }
    if (error) {
        free(filter);
        return error;
    }
    __atomic_store_n(&thread->filter, filter, __ATOMIC_RELEASE);
    return 0;
}

static int64_t action_is_available(struct thread *thread, uint64_t address)
{
    static const uint32_t actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
                                       SECCOMP_RET_ERRNO,        SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW};
    uint32_t action;
    if (guest_copy_in(thread->process, &action, address, sizeof action) != 0) {
        return -EFAULT;
    }
    for (unsigned i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (action == actions[i]) {
            return 0;
        }
    }
    return -EOPNOTSUPP;
}

int64_t seccomp_operate(void *opaque, unsigned operation, unsigned flags, uint64_t address)
{
    struct thread *thread = opaque;
    switch (operation) {
    case SECCOMP_SET_MODE_STRICT:
        if (flags || address || thread->filter) {
            return -EINVAL;
        }
        thread->is_strict = true;
        return 0;
    case SECCOMP_SET_MODE_FILTER:
        return thread->is_strict ? -EINVAL : set_filter(thread, flags, address);
    case SECCOMP_GET_ACTION_AVAIL:
        return flags ? -EINVAL : action_is_available(thread, address);
    default:
        return -EINVAL;
    }
}

int64_t seccomp_mode(void *opaque)
{
    const struct thread *thread = opaque;
    return thread->is_strict ? MODE_STRICT : thread->filter ? MODE_FILTER : MODE_OFF;
}

/* ---- judging ---- */

/* The strictest of all filters' verdicts; of equals the newest. The kernel orders actions as signed numbers. */
static uint32_t judge(const struct seccomp_filter *filter, const struct seccomp_data *data)
{
    uint32_t verdict = SECCOMP_RET_ALLOW;
    for (; filter; filter = filter->previous) {
        uint32_t result = seccomp_program_run(filter->code, data);
        if ((int32_t)(result & SECCOMP_RET_ACTION_FULL) < (int32_t)(verdict & SECCOMP_RET_ACTION_FULL)) {
            verdict = result;
        }
    }
    return verdict;
}

static uint32_t audit_architecture(const struct process *process)
{
    const struct guest *guest = process->translator_guest;
    return guest->elf_machine | (guest->elf_class == ELFCLASS64 ? __AUDIT_ARCH_64BIT : 0) |
           (guest->big_endian ? 0 : __AUDIT_ARCH_LE);
}

static void trap(struct thread *thread, const struct seccomp_data *data, uint32_t verdict)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGSYS;
    info.si_code = 1; /* the kernel's SYS_SECCOMP */
    info.si_errno = (int)(verdict & SECCOMP_RET_DATA);
    info.si_call_addr = (void *)data->instruction_pointer;
    info.si_syscall = data->nr;
    info.si_arch = data->arch;
    signals_force_info(thread, &info);
}

static bool strict_allows(const struct thread *thread, uint64_t number)
{
    static const char *const names[] = {"read", "write", "exit", "rt_sigreturn"};
    const char *name = syscall_name(thread->process->abi, number);
    for (unsigned i = 0; name && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void kill_for(struct thread *thread, bool whole_process)
{
    bool is_alone = thread->process->thread_count == 1;
    if (whole_process || is_alone) {
        signals_die(thread, SIGSYS);
    }
    thread_exit(thread, SIGSYS);
}

bool seccomp_allows(struct thread *thread, uint64_t number, const uint64_t arguments[6], int64_t *result,
                    bool *has_result)
{
    struct seccomp_data data = {
        .nr = (int)number,
        .arch = audit_architecture(thread->process),
        .instruction_pointer = translator_cpu_pc(thread->cpu),
    };
    memcpy(data.args, arguments, sizeof data.args);
    *has_result = true;
    if (thread->is_strict && !strict_allows(thread, number)) {
        host_signal_set_default(SIGKILL);
        kill_for(thread, true);
    }
    const struct seccomp_filter *filter = __atomic_load_n(&thread->filter, __ATOMIC_ACQUIRE);
    uint32_t verdict = filter ? judge(filter, &data) : SECCOMP_RET_ALLOW;
    switch (verdict & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
    case SECCOMP_RET_LOG:
        return true;
    case SECCOMP_RET_ERRNO: {
        uint32_t number_of_error = verdict & SECCOMP_RET_DATA;
        *result = -(int64_t)(number_of_error > 4095 ? 4095 : number_of_error);
        return false;
    }
    case SECCOMP_RET_TRAP:
        *has_result = false;
        trap(thread, &data, verdict);
        return false;
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_USER_NOTIF: /* nobody listens */
        *result = -errno_to_guest(thread->process->abi, ENOSYS);
        return false;
    case SECCOMP_RET_KILL_THREAD:
        kill_for(thread, false);
        return false;
    default:
        kill_for(thread, true);
        return false;
    }
}

/* ---- execve ---- */

static bool save_chain(int fd, const struct seccomp_filter *filter)
{
    if (!filter) {
        return true;
    }
    uint32_t count = filter->count;
    size_t size = count * sizeof filter->code[0];
    return save_chain(fd, filter->previous) && write(fd, &count, sizeof count) == sizeof count &&
           write(fd, filter->code, size) == (ssize_t)size;
}

int seccomp_save(const struct thread *thread)
{
    if (!thread->filter) {
        return -1;
    }
    int fd = memfd_create("seccomp", 0);
    if (fd < 0 || !save_chain(fd, thread->filter) || lseek(fd, 0, SEEK_SET) != 0) {
        log_fatal("the guest's seccomp filters cannot be handed on");
    }
    return fd;
}

void seccomp_load(struct thread *thread, int fd)
{
    uint32_t count;
    while (read(fd, &count, sizeof count) == sizeof count) {
        struct seccomp_filter *filter = count <= SECCOMP_PROGRAM_LONGEST ? new_filter(thread->filter, count) : NULL;
        size_t size = count * sizeof filter->code[0];
        if (!filter || read(fd, filter->code, size) != (ssize_t)size ||
            !seccomp_program_is_valid(filter->code, count)) {
            log_fatal("the seccomp filters of the program before are damaged");
        }
        thread->filter = filter;
    }
    close(fd);
}
