/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making processes: fork, vfork and clone with any set of flags.
 *
 * vfork (CLONE_VM | CLONE_VFORK) shares memory as it should: the child runs in its own host process on a stack of its
 * own, with the thread-local storage of the parent's thread, which the kernel keeps suspended until the child executes
 * or exits. CLONE_VM alone makes a process that runs beside its parent in the same memory: it borrows the thread-local
 * storage of a host thread that does nothing else than wait for it. */
#include "clone_request.h"

#include "log.h"
#include "profile_files.h"
#include "signal_delivery.h"
#include "symbols.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_STACK = 1 << 20 };

/* What the guest itself is told about by kage, not by the host's clone. */
#define EMULATED_FLAGS                                                                                                 \
    (CLONE_SETTLS | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID | CLONE_PIDFD | CLONE_SYSVSEM |    \
     CLONE_DETACHED | CLONE_UNTRACED)

void clone_set_registers(struct thread *child, const struct clone_request *request)
{
    const struct user_guest *guest = child->process->guest;
    guest->start_child(child->state, request->sp);
    if (request->flags & CLONE_SETTLS) {
        guest->set_thread_pointer(child->state, request->tls);
    }
}

static int64_t store_tid(struct process *process, uint64_t address, int64_t tid)
{
    uint32_t word = (uint32_t)tid;
    return guest_copy_out(process, address, &word, sizeof word);
}

/* ---- fork: the memory is copied ---- */

static void lock_for_fork(struct process *process)
{
    pthread_mutex_lock(&process->lock);
    pthread_mutex_lock(&process->actions.lock);
    translator_fork_prepare(process->translator); /* which asks for code and names under its lock */
    symbols_lock(process->symbols);
    address_space_lock(process->memory);
}

static void unlock_after_fork(struct process *process)
{
    address_space_unlock(process->memory);
    symbols_unlock(process->symbols);
    pthread_mutex_unlock(&process->actions.lock);
    pthread_mutex_unlock(&process->lock);
}

static void begin_forked_child(struct thread *thread, const struct clone_request *request, struct debugger_fork *fork)
{
    struct process *process = thread->process;
    translator_fork_child(process->translator, thread->cpu);
    process->thread_count = 1;
    process->threads = thread;
    thread->next = NULL;
    unlock_after_fork(process);
    profile_open(process);
    thread->is_first = true;
    thread->tid = (pid_t)syscall(SYS_gettid);
    thread->clear_child_tid = request->flags & CLONE_CHILD_CLEARTID ? request->child_tid : 0;
    if (request->flags & CLONE_CHILD_SETTID) {
        store_tid(process, request->child_tid, thread->tid);
    }
    if (request->sp || (request->flags & CLONE_SETTLS)) {
        clone_set_registers(thread, request);
    }
    signal_queue_clear(&thread->queue);
    thread->signal_pending = 0;
    translator_clear_event(thread->cpu);
    debugger_begin_child(thread, fork);
    signals_apply_mask(thread);
}

/* The plain case goes through the C library, which keeps its own locks consistent in the child. */
static int64_t host_fork(const struct clone_request *request, int *pidfd)
{
    uint64_t host_flags = request->flags & ~(uint64_t)(EMULATED_FLAGS & ~CLONE_PIDFD);
    if (host_flags == 0 && request->exit_signal == SIGCHLD) {
        pid_t pid = fork();
        return pid < 0 ? -errno : pid;
    }
    struct clone_args arguments = {
        .flags = host_flags, .pidfd = (uint64_t)pidfd, .exit_signal = (uint64_t)request->exit_signal};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0 && errno == ENOSYS) {
        pid = syscall(SYS_clone, host_flags | (uint64_t)request->exit_signal, 0, pidfd, NULL, 0);
    }
    return pid < 0 ? -errno : pid;
}

static int64_t clone_copy(struct thread *parent, const struct clone_request *request)
{
    struct process *process = parent->process;
    uint64_t old_mask;
    int pidfd = -1;
    struct debugger_fork fork;
    debugger_prepare_fork(parent, &fork);
    signals_block_all(&old_mask);
    lock_for_fork(process);
    int64_t pid = host_fork(request, &pidfd);
    if (pid == 0) {
        begin_forked_child(parent, request, &fork);
        return 0;
    }
    translator_fork_parent(process->translator);
    unlock_after_fork(process);
    if (pid > 0 && (request->flags & CLONE_PARENT_SETTID)) {
        store_tid(process, request->parent_tid, pid);
    }
    if (pid > 0 && (request->flags & CLONE_PIDFD)) {
        store_tid(process, request->pidfd, pidfd);
    }
    signals_set_host_mask(old_mask);
    debugger_report_fork(parent, &fork, (int)pid, request);
    return pid;
}

/* ---- vfork and other processes in the same memory ---- */

struct shared_child {
    struct thread *parent; /* of vfork; NULL: it runs beside the child */
    struct thread *thread;
    struct process process;
    const struct clone_request *request;
    void *stack;
    int64_t pid;                /* result, for the keeper's parent */
    uint32_t is_made, is_taken; /* clone_beside: the keeper has cloned; its parent has read the result */
    int pidfd;
};

static int run_shared_child(void *opaque)
{
    struct shared_child *child = opaque;
    struct thread *thread = child->thread;
    thread->tid = (pid_t)syscall(SYS_gettid);
    if (child->request->flags & CLONE_CHILD_SETTID) {
        store_tid(&child->process, child->request->child_tid, thread->tid);
    }
    if (child->parent) {
        debugger_begin_vfork_child(child->parent, thread);
    }
    thread_run(thread);
    return 0;
}

static struct shared_child *make_shared_child(struct thread *parent, const struct clone_request *request)
{
    struct shared_child *child = calloc(1, sizeof *child);
    if (!child) {
        return NULL;
    }
    struct process *process = &child->process;
    *process = *parent->process;
    process->is_vfork_child = true;
    process->thread_count = 1;
    process->threads = NULL;
    process->debugger = NULL;
    pthread_mutex_init(&process->lock, NULL);
    signals_copy_actions(process, parent->process);
    child->request = request;
    child->pidfd = -1;
    child->thread = thread_create(process, parent);
    child->stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (!child->thread || child->stack == MAP_FAILED) {
        if (child->thread) {
            thread_destroy(child->thread);
        }
        free(child);
        return NULL;
    }
    child->thread->is_first = true;
    child->thread->clear_child_tid = request->flags & CLONE_CHILD_CLEARTID ? request->child_tid : 0;
    clone_set_registers(child->thread, request);
    return child;
}

static void free_shared_child(struct shared_child *child)
{
    munmap(child->stack, CHILD_STACK);
    thread_destroy(child->thread);
    free(child);
}

static int64_t host_clone(struct shared_child *child)
{
    const struct clone_request *request = child->request;
    uint64_t flags = request->flags & ~(uint64_t)(EMULATED_FLAGS & ~CLONE_PIDFD);
    flags |= (uint64_t)request->exit_signal;
    int pid = clone(run_shared_child, (char *)child->stack + CHILD_STACK, (int)flags, child, &child->pidfd, NULL, NULL);
    return pid < 0 ? -errno : pid;
}

static int64_t finish_shared_clone(struct thread *parent, const struct clone_request *request, int64_t pid, int pidfd)
{
    if (pid > 0 && (request->flags & CLONE_PARENT_SETTID)) {
        store_tid(parent->process, request->parent_tid, pid);
    }
    if (pid > 0 && (request->flags & CLONE_PIDFD)) {
        store_tid(parent->process, request->pidfd, pidfd);
    }
    return pid;
}

static int64_t clone_vfork(struct thread *parent, const struct clone_request *request)
{
    uint64_t old_mask;
    struct shared_child *child = make_shared_child(parent, request);
    if (!child) {
        return -EAGAIN;
    }
    child->parent = parent;
    debugger_enter_call(parent);
    signals_block_all(&old_mask);
    int64_t pid = host_clone(child); /* returns when the child has executed or is gone */
    thread_set_current(parent);
    signals_set_host_mask(old_mask);
    pid = finish_shared_clone(parent, request, pid, child->pidfd);
    debugger_end_vfork(parent, &child->process);
    free(child->thread->host_stack);
    free_shared_child(child);
    return pid;
}

static void set_flag(uint32_t *flag)
{
    __atomic_store_n(flag, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, flag, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void wait_flag(uint32_t *flag)
{
    while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE)) {
        syscall(SYS_futex, flag, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
}

/* The keeper: its thread-local storage is the child's while the child lives. */
static void *keep_shared_child(void *opaque)
{
    struct shared_child *child = opaque;
    int64_t pid = host_clone(child);
    child->pid = pid;
    thread_set_current(NULL);
    set_flag(&child->is_made);
    wait_flag(&child->is_taken);
    if (pid > 0) {
        siginfo_t info;
        syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT | __WALL, NULL);
    }
    free((void *)child->request);
    free_shared_child(child);
    return NULL;
}

static int64_t clone_beside(struct thread *parent, const struct clone_request *request)
{
    struct shared_child *child = make_shared_child(parent, request);
    pthread_t keeper;
    uint64_t old_mask;
    if (!child) {
        return -EAGAIN;
    }
    struct clone_request *copy = malloc(sizeof *copy); /* the child may outlive this call */
    if (copy) {
        *copy = *request;
        child->request = copy;
    }
    signals_block_all(&old_mask);
    int error = copy ? host_thread_create(parent->process, &keeper, NULL, keep_shared_child, child) : EAGAIN;
    if (error) {
        signals_set_host_mask(old_mask);
        free(copy);
        free_shared_child(child);
        return -error;
    }
    wait_flag(&child->is_made);
    int64_t pid = child->pid;
    int pidfd = child->pidfd;
    set_flag(&child->is_taken);
    pthread_detach(keeper);
    signals_set_host_mask(old_mask);
    return finish_shared_clone(parent, request, pid, pidfd);
}

/* ---- clone ---- */

int64_t thread_clone(void *opaque, uint64_t flags, uint64_t stack, uint64_t stack_size, uint64_t parent_tid,
                     uint64_t child_tid, uint64_t tls, int exit_signal, uint64_t pidfd)
{
    struct thread *thread = opaque;
    struct clone_request request = {
        .flags = flags & ~(uint64_t)CSIGNAL,
        .sp = stack ? stack + stack_size : 0,
        .parent_tid = parent_tid,
        .child_tid = child_tid,
        .tls = tls,
        .pidfd = pidfd,
        .exit_signal = exit_signal,
    };
    bool is_thread = flags & CLONE_THREAD;
    if ((is_thread && !(flags & CLONE_SIGHAND)) || ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))) {
        return -EINVAL;
    }
    if (thread->signal_pending) { /* as the kernel: a child is not made while a signal waits */
        thread->restart = true;
        return -EINTR;
    }
    if ((flags & CLONE_VM) && (is_thread || !(flags & CLONE_VFORK))) {
        address_space_share(thread->process->memory);
        thread_note_sharing(thread); /* before the child's CPU is made after this one */
    }
    if (is_thread) {
        return clone_thread(thread, &request);
    }
    if (!(flags & CLONE_VM)) {
        return clone_copy(thread, &request);
    }
    if (flags & CLONE_SIGHAND) {
        log_once("clone with CLONE_SIGHAND without CLONE_THREAD: the child gets a copy of the handlers");
    }
    request.flags &= ~(uint64_t)CLONE_SIGHAND;
    return flags & CLONE_VFORK ? clone_vfork(thread, &request) : clone_beside(thread, &request);
}
