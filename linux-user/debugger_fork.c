/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debugger's session when the process makes another. One process is debugged at a time. A child of fork waits at a
 * pipe until gdb has let go of one of the two; if of the parent, the settings come through the pipe and the child
 * serves the connection, which it has inherited. A child of vfork shares the parent's memory, the server's thread
 * included: that thread turns to the child, and when the child executes a program, the connection goes there
 * (debugger_server.c). */
#include "debugger_internal.h"

#include "clone_request.h"
#include "log.h"
#include "private_fd.h"
#include "signal_delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct debugger_child *debugger_find_child(struct debugger *debugger, int pid)
{
    for (unsigned i = 0; i < debugger->child_count; i++) {
        if (debugger->children[i].pid == pid) {
            return &debugger->children[i];
        }
    }
    return NULL;
}

static void forget_child(struct debugger *debugger, struct debugger_child *child)
{
    if (!child->thread) {
        close(child->pipe);
        free(child->state);
    }
    *child = debugger->children[--debugger->child_count];
}

void debugger_release_child(struct debugger *debugger, struct debugger_child *child)
{
    if (child->thread) {
        child->thread->process->debugger = NULL;
        child->thread->debug.is_held = false;
        pthread_cond_broadcast(&debugger->changed);
    }
    forget_child(debugger, child); /* the end of its pipe is what a child of fork waits for */
}

bool debugger_follow_child(struct debugger *debugger, struct debugger_child *child)
{
    struct process *parent = debugger->process;
    if (!child->thread) {
        ssize_t done = write(child->pipe, &debugger->settings, sizeof debugger->settings);
        (void)done;
        debugger->is_gone = true; /* for this process, which no gdb can come to any more */
        debugger->socket_path = NULL;
        forget_child(debugger, child);
        return false;
    }
    parent->debugger = NULL;
    debugger->process = child->thread->process;
    debugger->pid = child->pid;
    forget_child(debugger, child);
    debugger_release(debugger, parent);
    return true;
}

/* Nobody debugs this process. */
static void let_go(struct thread *thread)
{
    struct process *process = thread->process;
    debugger_close_descriptors(process->debugger);
    process->debugger = NULL;
    thread->debug.is_held = false;
    translator_clear_stops(process->translator);
    signals_install_all(process);
}

/* ---- fork ---- */

void debugger_prepare_fork(struct thread *thread, struct debugger_fork *fork)
{
    struct debugger *debugger = thread->process->debugger;
    int fds[2];
    *fork = (struct debugger_fork){-1, -1};
    if (debugger && debugger->is_attached && debugger->settings.fork_events &&
        debugger->child_count < DEBUGGER_CHILDREN && pipe2(fds, O_CLOEXEC) == 0) {
        fork->child_end = private_fd_move(fds[0], DEBUGGER_FD);
        fork->parent_end = private_fd_move(fds[1], DEBUGGER_FD);
    }
}

/* The end of the pipe instead of settings: gdb stays with the parent, or is gone. */
static bool is_followed(const struct debugger_fork *fork, struct gdb_settings *settings)
{
    ssize_t got = 0;
    if (fork->child_end >= 0) {
        close(fork->parent_end);
        do {
            got = read(fork->child_end, settings, sizeof *settings);
        } while (got < 0 && errno == EINTR);
        close(fork->child_end);
    }
    return got == sizeof *settings;
}

void debugger_begin_child(struct thread *thread, struct debugger_fork *fork)
{
    struct process *process = thread->process;
    struct debugger *debugger = process->debugger;
    struct gdb_settings settings;
    if (!debugger) {
        return;
    }
    while (debugger->child_count) { /* the parent's */
        forget_child(debugger, &debugger->children[0]);
    }
    if (!is_followed(fork, &settings)) {
        let_go(thread);
        return;
    }
    close(debugger->wake);
    debugger->wake = private_fd_move(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), DEBUGGER_FD);
    pthread_mutex_init(&debugger->lock, NULL);
    pthread_cond_init(&debugger->changed, NULL);
    translator_clear_stops(process->translator); /* gdb takes it that a new process has none */
    debugger->process = process;
    debugger->pid = getpid();
    debugger->settings = settings;
    debugger->start = GDB_START_STOPPED;
    debugger->is_pausing = debugger->is_paused = debugger->is_gone = debugger->has_executed = false;
    debugger->holds_new = true;
    thread->debug = (struct thread_debug){.is_held = true};
    translator_request_event(thread->cpu);
    debugger_start_server(debugger);
}

static struct cpu_header *copy_state(const struct thread *thread, const struct clone_request *request)
{
    const struct process *process = thread->process;
    size_t size = process->translator_guest->state_size;
    struct cpu_header *copy = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (copy) {
        memcpy(copy, thread->state, size);
        process->guest->start_child(copy, request->sp);
    }
    return copy;
}

void debugger_report_fork(struct thread *thread, struct debugger_fork *fork, int child,
                          const struct clone_request *request)
{
    struct debugger *debugger = thread->process->debugger;
    if (fork->child_end < 0) {
        return;
    }
    close(fork->child_end);
    if (child <= 0) {
        close(fork->parent_end);
        return;
    }
    pthread_mutex_lock(&debugger->lock);
    struct debugger_child *entry = NULL;
    if (debugger->is_attached && debugger->child_count < DEBUGGER_CHILDREN) {
        entry = &debugger->children[debugger->child_count++];
        *entry = (struct debugger_child){.pid = child, .pipe = fork->parent_end, .state = copy_state(thread, request)};
    } else {
        close(fork->parent_end);
    }
    pthread_mutex_unlock(&debugger->lock);
    if (entry) {
        debugger_report(thread, GDB_EVENT_FORK, (uint64_t)child, 0);
    }
}

/* ---- vfork ---- */

/* The parent's thread is in the kernel until the child is done: the child reports in its name. */
void debugger_begin_vfork_child(struct thread *parent, struct thread *child)
{
    struct debugger *debugger = parent->process->debugger;
    if (!debugger) {
        return;
    }
    pthread_mutex_lock(&debugger->lock);
    if (debugger->is_attached && debugger->settings.vfork_events && debugger->child_count < DEBUGGER_CHILDREN) {
        debugger->children[debugger->child_count++] =
            (struct debugger_child){.pid = child->tid, .pipe = -1, .thread = child};
        child->process->debugger = debugger;
        child->debug.is_held = child->debug.may_report = true;
        translator_request_event(child->cpu);
        parent->debug.event = (struct gdb_event){GDB_EVENT_VFORK, parent->tid, (uint64_t)child->tid, 0};
        parent->debug.has_event = true;
        debugger_wake_server(debugger);
    } else {
        child->process->debugger = NULL;
    }
    pthread_mutex_unlock(&debugger->lock);
    if (!child->process->debugger) {
        signals_install_all(child->process);
    }
}

void debugger_end_vfork(struct thread *parent, const struct process *child)
{
    struct debugger *debugger = child->debugger ? child->debugger : parent->process->debugger;
    debugger_leave_call(parent);
    if (!debugger) {
        return;
    }
    pthread_mutex_lock(&debugger->lock);
    bool is_followed = debugger->process == child;
    if (is_followed) { /* it has executed, and the connection with it, or it is dead */
        debugger->is_gone = true;
        debugger_wake_server(debugger);
        pthread_cond_broadcast(&debugger->changed);
        while (debugger->is_attached) {
            pthread_cond_wait(&debugger->changed, &debugger->lock);
        }
    } else { /* killed while it waited */
        for (unsigned i = 0; i < debugger->child_count; i++) {
            if (debugger->children[i].thread && debugger->children[i].thread->process == child) {
                forget_child(debugger, &debugger->children[i]);
            }
        }
    }
    pthread_mutex_unlock(&debugger->lock);
    if (!is_followed && debugger->settings.vfork_events) {
        debugger_report(parent, GDB_EVENT_VFORK_DONE, 0, 0);
    }
}
