/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What system calls need from the program around them. linux-user fills the table; unit tests fake it.
 * Every function returns 0 or a value >= 0, or -errno (host errno numbers; dispatch.c converts once, at the edge).
 * Addresses are guest addresses, lengths bytes. `thread` is the calling guest thread's opaque handle. */
#ifndef SYSCALLS_HOST_SERVICES_H
#define SYSCALLS_HOST_SERVICES_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* The guest's struct sigaction, in native form. */
struct guest_signal_action {
    uint64_t handler;  /* 0 = default, 1 = ignore */
    uint64_t flags;    /* SA_* native bits, SA_RESTORER included */
    uint64_t restorer; /* 0 = none: the vdso's */
    uint64_t mask;
};

struct guest_signal_stack {
    uint64_t start, size;
    int32_t flags; /* SS_* */
};

struct host_services {
    /* ---- memory ---- */
    /* Copies that fail with -EFAULT instead of raising a signal, whatever the guest did to its mappings meanwhile. */
    int (*copy_in)(void *thread, void *destination, uint64_t source, size_t length);
    int (*copy_out)(void *thread, uint64_t destination, const void *source, size_t length);
    /* Length of the string without its terminator, or -EFAULT; stops at limit and returns limit then. */
    ssize_t (*string_length)(void *thread, uint64_t address, size_t limit);
    /* Host address of guest memory for passing to the kernel, which checks it itself (EFAULT). NULL if the range does not
       lie in the guest's address space at all. */
    void *(*host_pointer)(void *thread, uint64_t address, size_t length);

    /* True if addresses that the thread gives to system calls may have tags (prctl PR_SET_TAGGED_ADDR_CTRL): the functions above
       take them off, and so do unmap, protect, remap and advise always. */
    bool (*accepts_tags)(void *thread);

    /* The mmap family: the guest's numbers, checked and carried out by the address space. offset in bytes. */
    int64_t (*map)(void *thread, uint64_t address, uint64_t length, int protection, int flags, int fd, uint64_t offset);
    int64_t (*unmap)(void *thread, uint64_t address, uint64_t length);
    int64_t (*protect)(void *thread, uint64_t address, uint64_t length, int protection);
    int64_t (*remap)(void *thread, uint64_t old_address, uint64_t old_length, uint64_t new_length, int flags,
                     uint64_t new_address);
    int64_t (*advise)(void *thread, uint64_t address, uint64_t length, int advice);
    int64_t (*program_break)(void *thread, uint64_t address);
    int64_t (*attach_shared_memory)(void *thread, int id, uint64_t address, int flags);
    int64_t (*detach_shared_memory)(void *thread, uint64_t address);
    /* RLIMIT_AS or RLIMIT_DATA of the guest, which the host cannot enforce: it would count the program's own memory. The limit in
       force and the hard one, bytes. */
    void (*set_memory_limit)(void *thread, int resource, uint64_t current, uint64_t maximum);
    /* Guest code in [address, address+length) has changed (riscv_flush_icache, cacheflush). */
    void (*flush_instruction_cache)(void *thread, uint64_t address, uint64_t length);

    /* What riscv_hwprobe tells of every processor for a key; false if the key is unknown. */
    bool (*probe_processor)(void *thread, int64_t key, uint64_t *value);

    /* prctl options of the guest's architecture: the second to the fifth argument. -ENOSYS if there is no such option. */
    int64_t (*control)(void *thread, int option, const uint64_t arguments[4]);

    /* ---- calls that may block ----
       A host system call that a guest signal interrupts exactly as the kernel does: if a signal for this guest thread is
       pending at the last instruction before the call, it returns -EINTR without having entered the kernel. Arguments are
       host values. Returns -errno. A handler that may be restarted returns what this returns; dispatch.c and the signal
       code decide about restarting (-EINTR with SA_RESTART or no handler: the guest's system call is run again). */
    int64_t (*blocking_call)(void *thread, long number, const uint64_t arguments[6]);

    /* ---- processes and threads ---- */
    /* clone and clone3 with guest addresses and native flag bits; returns the child's thread id in the parent. fork and vfork
       arrive here too. */
    int64_t (*clone)(void *thread, uint64_t flags, uint64_t stack, uint64_t stack_size, uint64_t parent_tid,
                     uint64_t child_tid, uint64_t tls, int exit_signal, uint64_t pidfd);
    /* path is a host path or NULL with fd for execveat; argv and envp are NULL-terminated host arrays of host strings, owned
       by the caller; returns only on failure. */
    int64_t (*execute)(void *thread, int directory_fd, const char *path, char *const argv[], char *const envp[], int flags);
    void (*exit_thread)(void *thread, int status) __attribute__((noreturn));
    void (*exit_group)(void *thread, int status) __attribute__((noreturn));
    int64_t (*set_tid_address)(void *thread, uint64_t address);
    int64_t (*set_robust_list)(void *thread, uint64_t head, uint64_t length);
    int64_t (*get_robust_list)(void *thread, pid_t tid, uint64_t head_out, uint64_t length_out);

    /* ---- signals: native numbers 1..64, native flag bits, mask bit n-1 = signal n ---- */
    int64_t (*signal_action)(void *thread, int signal, const struct guest_signal_action *set, struct guest_signal_action *old);
    int64_t (*signal_mask)(void *thread, int how, const uint64_t *set, uint64_t *old);
    int64_t (*signal_pending)(void *thread, uint64_t *set);
    int64_t (*signal_alternate_stack)(void *thread, const struct guest_signal_stack *set, struct guest_signal_stack *old);
    /* Installs mask, waits for a signal that has a handler, returns -EINTR; the old mask is restored after the handler. Also
       the first half of ppoll, pselect and epoll_pwait: set_temporary_mask before, the mask is restored on return. */
    int64_t (*signal_suspend)(void *thread, uint64_t mask);
    int64_t (*signal_set_temporary_mask)(void *thread, uint64_t mask);
    /* info receives the host's siginfo. timeout NULL = for ever. Returns the signal number. */
    int64_t (*signal_wait)(void *thread, uint64_t set, siginfo_t *info, const struct timespec *timeout);
    /* Restores the state saved in the signal frame; the system call's return register must not be written after it. */
    int64_t (*signal_return)(void *thread);

    /* ---- seccomp: filters judge the guest's own call numbers, so the program around the calls keeps and runs them ---- */
    /* The operation and flags of seccomp(2); address of a filter program in guest memory. */
    int64_t (*seccomp)(void *thread, unsigned operation, unsigned flags, uint64_t address);
    /* The thread's mode: 0, 1 strict, 2 filtered. */
    int64_t (*seccomp_mode)(void *thread);

    /* ---- files ---- */
    /* Path of the guest as the host sees it (-L prefix, /proc/self). Returns path itself or buffer (of size PATH_MAX).
       follow: the last component will be followed. */
    const char *(*translate_path)(void *thread, int directory_fd, const char *path, bool follow, char *buffer);
    /* If path names a file whose content must be made up for the guest (/proc/self/maps, cmdline, stat, auxv, cpuinfo ...),
       opens it and returns the file descriptor; -ENOSYS if it is an ordinary file. */
    int64_t (*open_virtual_file)(void *thread, int directory_fd, const char *path, int flags, mode_t mode);
    /* Same for readlink: /proc/self/exe. Returns the length or -ENOSYS. */
    int64_t (*read_virtual_link)(void *thread, int directory_fd, const char *path, char *buffer, size_t size);
    /* True for descriptors that belong to kage itself and that the guest must not see or close. */
    bool (*descriptor_is_private)(void *thread, int fd);
};

#endif
