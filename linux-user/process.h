/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's process and its threads as kage keeps them. A host thread runs a guest thread; struct process is what the
 * threads of one thread group share. After vfork parent and child have each their own struct process over the same
 * memory. */
#ifndef LINUX_USER_PROCESS_H
#define LINUX_USER_PROCESS_H

#include "address_space.h"
#include "debugger.h"
#include "host_services.h"
#include "options.h"
#include "signal_queue.h"
#include "syscalls.h"
#include "translator.h"
#include "user_guest.h"

#include <pthread.h>
#include <setjmp.h>

enum { SIGNAL_COUNT = 64 };

struct sysroot;
struct symbols;
struct seccomp_filter;

struct signal_actions {
    pthread_mutex_t lock;
    struct guest_signal_action table[SIGNAL_COUNT + 1]; /* by number */
};

/* Where things are that /proc/self reports. */
struct process_image {
    char *executable;      /* absolute path as the guest knows it */
    char *host_executable; /* the same file for the host */
    uint64_t code_start, code_end, stack_start;
    uint64_t arguments_start, arguments_end, environment_start, environment_end;
    uint64_t vector_start, vector_size;          /* the auxiliary vector */
    uint64_t vdso_start, vdso_size, vdso_return; /* vdso_return: the signal trampoline */
};

struct process {
    const struct user_guest *guest;
    const struct guest *translator_guest;
    const struct syscall_abi *abi;
    const struct options *options;
    struct translator *translator;
    struct address_space *memory;
    struct sysroot *sysroot;
    struct symbols *symbols;
    struct signal_actions actions;
    struct process_image image;
    int kage_fd;                            /* kage's own file, O_PATH, or -1 */
    int cache_fd;                           /* directory of translations, O_PATH, or -1 */
    char *cache_name;                       /* this program's file in it, NULL = none */
    uint64_t cache_inode;                   /* of that file when this process began, 0 = there was none */
    _Atomic pid_t cache_writer;             /* the process, while a thread of it writes the file */
    bool has_host_threads;                  /* the C library has made a thread and taken its signal */
    bool is_vfork_child;                    /* runs on its suspended parent's memory and thread */
    uint64_t memory_limits[OPTIONS_LIMITS]; /* the guest's own, see options.h; UINT64_MAX = none */
    int profile_fds[2];                     /* --perfmap, --jitdump; -1 = none */
    struct debugger *debugger;              /* -g; NULL = nobody debugs */
    pthread_mutex_t lock;                   /* guards what follows */
    unsigned thread_count;
    struct thread *threads; /* all of them, linked by next */
};

struct thread {
    struct process *process;
    struct translator_cpu *cpu;
    struct cpu_header *state;
    pid_t tid;
    uint64_t clear_child_tid;
    bool is_first; /* runs on the host process's first thread */
    struct thread *next;
    jmp_buf leave; /* out of the run loop, for good */

    const struct seccomp_filter *filter; /* newest first, NULL = none */
    bool is_strict;                      /* seccomp's first mode */

    bool accepts_tags;       /* system calls take addresses with a tag */
    uint64_t guest_words[8]; /* the architecture's own; inherited by clone, zero after execve */

    /* signals; see signal_delivery.c */
    volatile uint32_t signal_pending; /* something can be delivered: blocking calls do not start */
    uint64_t signal_mask;             /* the guest's */
    uint64_t saved_mask;              /* to be restored when mask_is_temporary */
    bool mask_is_temporary;
    bool restart; /* the system call in progress is to be run again after the handler */
    struct guest_signal_stack alternate_stack;
    struct signal_queue queue;
    void *host_stack; /* where the host's signal handler runs */

    struct thread_debug debug;
};

/* The guest thread of the calling host thread; NULL before the first and in kage's own threads. */
struct thread *thread_current(void);
void thread_set_current(struct thread *thread);

/* A thread with a CPU as at reset, or a copy of parent's registers, mask and alternate stack. NULL if there is no
 * memory. */
struct thread *thread_create(struct process *process, const struct thread *parent);
/* Frees what thread_create made; the thread does not run. */
void thread_destroy(struct thread *thread);
/* Ends CPU_MODE_PRIVATE if the process's memory is shared by now. The thread is not in translator_run. */
void thread_note_sharing(struct thread *thread);
/* Makes the calling host thread run the guest thread until it exits. */
void thread_run(struct thread *thread);

/* host_services: see host_services.h. thread is a struct thread. */
int64_t thread_clone(void *thread, uint64_t flags, uint64_t stack, uint64_t stack_size, uint64_t parent_tid,
                     uint64_t child_tid, uint64_t tls, int exit_signal, uint64_t pidfd);
void thread_exit(void *thread, int status) __attribute__((noreturn));
void thread_exit_group(void *thread, int status) __attribute__((noreturn));
int64_t thread_set_tid_address(void *thread, uint64_t address);
int64_t thread_set_robust_list(void *thread, uint64_t head, uint64_t length);
int64_t thread_get_robust_list(void *thread, pid_t tid, uint64_t head_out, uint64_t length_out);
int64_t process_execute(void *thread, int directory_fd, const char *path, char *const argv[], char *const envp[],
                        int flags);

/* Guest memory for the program's own use: 0 or -EFAULT, never a signal. */
int guest_copy_in(struct process *process, void *destination, uint64_t source, size_t length);
int guest_copy_out(struct process *process, uint64_t destination, const void *source, size_t length);

/* The table of services that the system calls use. */
extern const struct host_services linux_user_services;

#endif
