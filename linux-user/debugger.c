/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How guest threads stop for gdb.
 *
 * A thread of kage's own, the server, talks to gdb and touches guest threads only while they stand still. A guest
 * thread stands still in one of two ways: it waits at a safe point with its exact state in memory, or it is in a host
 * call that may block; then it stays in there, shown as it was before the system call, and waits when the call returns.
 * So stopping interrupts no system call; only if gdb changes such a thread's registers, the call is interrupted and run
 * again afterwards.
 *
 * is_held says that a thread has to wait. What a thread wants to report (a breakpoint, a signal) it leaves in its
 * event, holds itself and wakes the server, which stops the others and reports one event; events of other threads are
 * reported when gdb has them go on.
 *
 * gdb's breakpoints are the translator's business: guest memory is not changed, and a program that is not stopped runs
 * translated code as ever. */
#include "debugger_internal.h"

#include "log.h"
#include "signal_delivery.h"

#include <string.h>
#include <unistd.h>

static struct debugger *debugger_of(const struct thread *thread)
{
    return thread->process->debugger;
}

void debugger_wake_server(struct debugger *debugger)
{
    uint64_t one = 1;
    ssize_t done = write(debugger->wake, &one, sizeof one);
    (void)done;
}

void debugger_wait(struct debugger *debugger, struct thread *thread)
{
    thread->debug.is_waiting = true;
    thread->debug.is_kicked = false;
    pthread_cond_broadcast(&debugger->changed);
    while (thread->debug.is_held) {
        pthread_cond_wait(&debugger->changed, &debugger->lock);
    }
    thread->debug.is_waiting = false;
}

void debugger_release(struct debugger *debugger, struct process *process)
{
    pthread_mutex_lock(&process->lock);
    for (struct thread *thread = process->threads; thread; thread = thread->next) {
        struct thread_debug *debug = &thread->debug;
        bool is_signal = debug->has_event && debug->event.kind == GDB_EVENT_SIGNAL;
        debug->action = (struct gdb_action){GDB_ACTION_CONTINUE, is_signal ? (int)debug->event.value : 0, 0, 0};
        debug->generation++;
        debug->has_event = debug->is_held = false;
    }
    pthread_mutex_unlock(&process->lock);
    pthread_cond_broadcast(&debugger->changed);
}

/* ---- signals ---- */

/* gdb wants a signal delivered that was not there: it comes at the next safe point. */
static void inject(struct thread *thread, int signal)
{
    siginfo_t info = {.si_signo = signal, .si_code = SI_USER};
    uint64_t old;
    info.si_pid = getpid();
    info.si_uid = getuid();
    signals_block_all(&old);
    if (signal_queue_push(&thread->queue, &info, thread->signal_mask & signal_bit(signal))) {
        thread->debug.injected |= signal_bit(signal);
        thread->signal_pending = 1;
        translator_request_event(thread->cpu);
    }
    signals_apply_mask(thread);
}

static int take_signal(struct thread *thread)
{
    int signal = thread->debug.action.signal;
    thread->debug.action.signal = 0;
    return signal;
}

bool debugger_lets_pass(struct thread *thread, siginfo_t *info)
{
    struct debugger *debugger = debugger_of(thread);
    uint64_t bit = signal_bit(info->si_signo);
    if (!debugger || !debugger->is_attached || (thread->debug.injected & bit)) {
        thread->debug.injected &= ~bit;
        return true;
    }
    /* A signal in the midst of a step is always gdb's business: it steps over the handler. */
    if ((debugger->settings.passed_signals & bit) && !debugger_is_stepping(thread)) {
        return true;
    }
    thread->debug.info = *info;
    int signal = debugger_report(thread, GDB_EVENT_SIGNAL, (uint64_t)info->si_signo, 0);
    if (signal == info->si_signo) {
        *info = thread->debug.info; /* gdb may have changed it */
    } else {
        *info = (siginfo_t){.si_signo = signal, .si_code = SI_USER};
        info->si_pid = getpid();
    }
    return signal != 0;
}

bool debugger_wants_signals(const struct process *process)
{
    return process->debugger && process->debugger->is_attached;
}

bool debugger_is_kick(const struct thread *thread, const siginfo_t *info)
{
    return info->si_signo == SIGTRAP && info->si_code == SI_QUEUE && debugger_of(thread) &&
           info->si_ptr == debugger_of(thread);
}

/* ---- reports ---- */

int debugger_report(struct thread *thread, enum gdb_event_kind kind, uint64_t value, enum gdb_stop_kind watch)
{
    struct debugger *debugger = debugger_of(thread);
    int signal = kind == GDB_EVENT_SIGNAL ? (int)value : 0;
    if (!debugger) {
        return signal;
    }
    pthread_mutex_lock(&debugger->lock);
    if (debugger->is_attached) {
        thread->debug.event = (struct gdb_event){kind, thread->tid, value, watch};
        thread->debug.has_event = thread->debug.is_held = true;
        debugger_wake_server(debugger);
        debugger_wait(debugger, thread);
        signal = take_signal(thread);
    }
    pthread_mutex_unlock(&debugger->lock);
    if (kind != GDB_EVENT_SIGNAL && signal) {
        inject(thread, signal);
        signal = 0;
    }
    return signal;
}

void debugger_check(struct thread *thread)
{
    struct debugger *debugger = debugger_of(thread);
    if (!debugger || !thread->debug.is_held) {
        return;
    }
    pthread_mutex_lock(&debugger->lock);
    debugger_wait(debugger, thread);
    int signal = take_signal(thread);
    pthread_mutex_unlock(&debugger->lock);
    if (signal) {
        inject(thread, signal);
    }
    if (!debugger_of(thread)) { /* a child of vfork that gdb has let go */
        signals_install_all(thread->process);
    }
}

/* ---- the thread's life ---- */

void debugger_begin_thread(struct thread *thread)
{
    struct debugger *debugger = debugger_of(thread);
    if (!debugger) {
        return;
    }
    pthread_mutex_lock(&debugger->lock);
    bool is_first = !debugger->has_begun;
    debugger->has_begun = true;
    thread->debug.may_report = true;
    thread->debug.is_held |= is_first ? debugger->suspends : debugger->holds_new;
    pthread_mutex_unlock(&debugger->lock);
    if (is_first) {
        signals_install_all(thread->process);
        debugger_start_server(debugger);
    }
    if (is_first && debugger->has_executed) {
        debugger_report(thread, GDB_EVENT_EXEC, 0, 0);
    } else if (!is_first && debugger->settings.thread_events && !thread->process->is_vfork_child) {
        debugger_report(thread, GDB_EVENT_THREAD_CREATED, 0, 0);
    }
    if (thread->debug.is_held) {
        debugger_check(thread);
    }
}

void debugger_end_thread(struct thread *thread, int status)
{
    struct debugger *debugger = debugger_of(thread);
    if (debugger && debugger->settings.thread_events) {
        debugger_report(thread, GDB_EVENT_THREAD_EXITED, (uint64_t)status, 0);
    }
}

void debugger_note_end(struct process *process)
{
    if (process->debugger) {
        debugger_wake_server(process->debugger);
    }
}

static void end_process(struct thread *thread, enum gdb_event_kind kind, uint64_t value)
{
    struct debugger *debugger = debugger_of(thread);
    if (debugger) {
        debugger_report(thread, kind, value, 0);
        if (debugger->socket_path && getpid() == debugger->pid) {
            unlink(debugger->socket_path);
        }
    }
}

void debugger_end_process(struct thread *thread, int status)
{
    end_process(thread, GDB_EVENT_EXITED, (uint64_t)status);
}

void debugger_die(struct thread *thread, int signal)
{
    end_process(thread, GDB_EVENT_KILLED, (uint64_t)signal);
}

/* ---- steps, breakpoints, watchpoints ---- */

bool debugger_is_stepping(const struct thread *thread)
{
    return debugger_of(thread) &&
           (thread->debug.action.kind == GDB_ACTION_STEP || thread->debug.action.kind == GDB_ACTION_RANGE);
}

void debugger_end_step(struct thread *thread, uint32_t generation, bool is_moved)
{
    const struct thread_debug *debug = &thread->debug;
    uint64_t pc = translator_cpu_pc(thread->cpu);
    bool is_inside = debug->action.kind == GDB_ACTION_RANGE && pc >= debug->action.range_start &&
                     pc < debug->action.range_end && !translator_has_breakpoint(thread->process->translator, pc);
    if (is_moved && !is_inside && debug->generation == generation && debugger_is_stepping(thread)) {
        debugger_report(thread, GDB_EVENT_STEPPED, 0, 0);
    }
}

bool debugger_meet_breakpoint(struct thread *thread)
{
    struct debugger *debugger = debugger_of(thread);
    if (!debugger || !debugger->is_attached) {
        return false;
    }
    debugger_report(thread, GDB_EVENT_BREAKPOINT, 0, 0);
    return true;
}

void debugger_report_watchpoint(struct thread *thread, unsigned number)
{
    struct debugger *debugger = debugger_of(thread);
    if (debugger) {
        debugger_report(thread, GDB_EVENT_WATCHPOINT, debugger->watches[number].address,
                        debugger->watches[number].kind);
    }
}

bool debugger_meet_watchpoint(struct thread *thread, unsigned number)
{
    struct debugger *debugger = debugger_of(thread);
    if (!debugger || !debugger->is_attached || !debugger->target.watches_before) {
        return false;
    }
    debugger_report_watchpoint(thread, number);
    return true;
}

/* ---- system calls ---- */

void debugger_enter_call(struct thread *thread)
{
    if (debugger_of(thread)) {
        thread->debug.is_in_call = true;
    }
}

void debugger_leave_call(struct thread *thread)
{
    struct debugger *debugger = debugger_of(thread);
    if (!thread->debug.is_in_call) {
        return;
    }
    if (debugger) {
        pthread_mutex_lock(&debugger->lock);
        while (thread->debug.is_held && !thread->debug.is_kicked) {
            pthread_cond_broadcast(&debugger->changed);
            pthread_cond_wait(&debugger->changed, &debugger->lock);
        }
        thread->debug.is_in_call = false;
        pthread_mutex_unlock(&debugger->lock);
    }
    thread->debug.is_in_call = false;
}

static bool is_caught(const struct debugger *debugger, uint64_t number)
{
    const struct gdb_settings *settings = &debugger->settings;
    return debugger->is_attached && (settings->catches_all || (number < 8 * sizeof settings->caught &&
                                                               (settings->caught[number / 64] >> number % 64 & 1)));
}

void debugger_begin_system_call(struct thread *thread, uint64_t number)
{
    if (is_caught(debugger_of(thread), number)) {
        debugger_report(thread, GDB_EVENT_SYSCALL_ENTRY, number, 0);
    }
}

void debugger_end_system_call(struct thread *thread, uint64_t number)
{
    if (debugger_of(thread) && is_caught(debugger_of(thread), number)) {
        debugger_report(thread, GDB_EVENT_SYSCALL_RETURN, number, 0);
    }
}

bool debugger_owns(const struct debugger *debugger, int fd)
{
    if (!debugger || fd < 0) {
        return false;
    }
    bool is_own = fd == debugger->wake || fd == debugger->listener || fd == debugger->connection;
    for (unsigned i = 0; i < debugger->child_count; i++) {
        is_own |= !debugger->children[i].thread && fd == debugger->children[i].pipe;
    }
    return is_own;
}
