/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How signals reach the guest.
 *
 * The host's dispositions and masks mirror the guest's: what the guest ignores or leaves to its default is ignored or
 * left to its default on the host, what it blocks is blocked. So everything that the kernel does with signals that no
 * handler runs for (queues, sigtimedwait, signalfd, stopping, dying, the choice of a thread, inheritance) is done by
 * the kernel itself and is exact. Two exceptions: the signals of faults are always handled and never blocked, and
 * SIGABRT is handled for its report.
 *
 * A signal with a guest handler enters host_fault.c's handler, which captures it: it queues the siginfo, asks the CPU
 * for an event and returns with all signals blocked, so that the kernel keeps the others in order. At the next safe
 * point signals_deliver writes the guest's frame and sets the mask of the handler, here and on the host; if more is
 * pending there, the kernel delivers it at that moment, and the frames nest as they do on the real machine.
 *
 * Blocking calls: the handler's SA_RESTART is the guest's, so the kernel itself decides whether a call is restartable.
 * If it is, the handler finds the pc at the system-call instruction (the kernel moved it back) and diverts it:
 * blocking_call returns "interrupted", and the guest's call is run again after the guest's handler. The same happens if
 * the signal came just before the instruction. Otherwise the call has returned -EINTR and that is the guest's result.
 */
#include "signal_delivery.h"

#include "log.h"
#include "protected_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1 << 31)
#endif

enum { HOST_STACK_SIZE = 64 << 10, HANDLER_DEFAULT = 0, HANDLER_IGNORE = 1 };

static const uint64_t unblockable = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);

void signals_set_host_mask(uint64_t mask)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

void signals_block_all(uint64_t *old)
{
    uint64_t everything = ~UINT64_C(0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &everything, old, sizeof everything);
}

void signals_apply_mask(struct thread *thread)
{
    uint64_t mask = thread->signal_pending ? ~UINT64_C(0) : thread->signal_mask;
    signals_set_host_mask(mask & ~HOST_FAULT_SIGNALS);
}

/* Decides anew whether something is to be delivered; to be called after the mask or the queue changed. */
static void update_pending(struct thread *thread)
{
    thread->signal_pending = 0;
    translator_clear_event(thread->cpu);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (signal_queue_has(&thread->queue, thread->signal_mask)) {
        thread->signal_pending = 1;
        translator_request_event(thread->cpu);
    }
    if (thread->debug.is_held) { /* asked for before the event was cleared, perhaps */
        translator_request_event(thread->cpu);
    }
    signals_apply_mask(thread);
}

/* ---- start, threads, execve ---- */

static bool inherited_is_ignored(int signal)
{
    struct {
        void *handler;
        uint64_t flags;
        void *restorer;
        uint64_t mask;
    } action;
    return syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof(uint64_t)) == 0 && action.handler == SIG_IGN;
}

void signals_initialise(struct process *process, struct thread *first)
{
    pthread_mutex_init(&process->actions.lock, NULL);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &first->signal_mask, sizeof first->signal_mask);
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
        struct guest_signal_action *action = &process->actions.table[signal];
        memset(action, 0, sizeof *action);
        action->handler = inherited_is_ignored(signal) ? HANDLER_IGNORE : HANDLER_DEFAULT;
        if ((HOST_FAULT_SIGNALS | signal_bit(SIGABRT)) & signal_bit(signal)) {
            host_signal_install(signal, action);
        }
    }
}

void signals_install_all(struct process *process)
{
    pthread_mutex_lock(&process->actions.lock);
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
        const struct guest_signal_action *action = &process->actions.table[signal];
        if (!(unblockable & signal_bit(signal))) {
            host_signal_install_for(signal, action, debugger_wants_signals(process));
        }
    }
    pthread_mutex_unlock(&process->actions.lock);
}

void signals_copy_actions(struct process *to, struct process *from)
{
    pthread_mutex_lock(&from->actions.lock);
    memcpy(to->actions.table, from->actions.table, sizeof to->actions.table);
    pthread_mutex_unlock(&from->actions.lock);
    pthread_mutex_init(&to->actions.lock, NULL);
}

void signals_enter_thread(struct thread *thread)
{
    thread->host_stack = malloc(HOST_STACK_SIZE);
    if (thread->host_stack) {
        stack_t stack = {.ss_sp = thread->host_stack, .ss_size = HOST_STACK_SIZE};
        sigaltstack(&stack, NULL);
    }
    update_pending(thread);
}

void signals_leave_thread(struct thread *thread)
{
    uint64_t old;
    signals_block_all(&old);
    stack_t stack = {.ss_flags = SS_DISABLE};
    sigaltstack(&stack, NULL);
    free(thread->host_stack);
    thread->host_stack = NULL;
}

void signals_prepare_execute(struct thread *thread)
{
    uint64_t old;
    signals_block_all(&old);
    struct signal_actions *actions = &thread->process->actions;
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
        if (((HOST_FAULT_SIGNALS | signal_bit(SIGABRT)) & signal_bit(signal)) &&
            actions->table[signal].handler == HANDLER_IGNORE) {
            struct kernel {
                void *handler;
                uint64_t flags;
                void *restorer;
                uint64_t mask;
            } ignore = {.handler = SIG_IGN};
            syscall(SYS_rt_sigaction, signal, &ignore, NULL, sizeof(uint64_t));
        }
    }
    signals_set_host_mask(thread->signal_mask);
}

void signals_undo_execute(struct thread *thread)
{
    for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
        if (HOST_FAULT_SIGNALS & signal_bit(signal)) {
            host_signal_install(signal, &thread->process->actions.table[signal]);
        }
    }
    signals_apply_mask(thread);
}

/* ---- delivery ---- */

void signals_die(struct thread *thread, int signal)
{
    debugger_die(thread, signal);
    struct rlimit none = {0, 0}; /* a core file of kage would help nobody */
    setrlimit(RLIMIT_CORE, &none);
    if (thread->process->options->statistics) {
        translator_print_stats(thread->process->translator, stderr);
    }
    host_signal_set_default(signal);
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), signal);
    signals_set_host_mask(0);
    syscall(SYS_exit_group, EXIT_SIGNAL + signal);
    __builtin_unreachable();
}

static bool is_ignored_by_default(int signal)
{
    return signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH;
}

static bool stops_by_default(int signal)
{
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static bool makes_core(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGTRAP || signal == SIGFPE ||
           signal == SIGABRT || signal == SIGSYS;
}

/* What the host was not left to do because the signal was captured first. */
static void act_by_default(struct thread *thread, const siginfo_t *info)
{
    int signal = info->si_signo;
    if (is_ignored_by_default(signal)) {
        return;
    }
    if (stops_by_default(signal)) {
        syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGSTOP);
        return;
    }
    if (makes_core(signal)) {
        crash_report(thread, signal, info->si_code, (uint64_t)info->si_addr);
    }
    signals_die(thread, signal);
}

static bool is_on_stack(const struct guest_signal_stack *stack, uint64_t sp)
{
    return !(stack->flags & SS_DISABLE) && !(stack->flags & SS_AUTODISARM) && sp > stack->start &&
           sp - stack->start <= stack->size;
}

/* Writes the frame for one signal. 0 or -EFAULT. */
static int push_frame(struct thread *thread, const siginfo_t *info, const struct guest_signal_action *action,
                      bool is_write)
{
    struct process *process = thread->process;
    struct guest_signal_stack *stack = &thread->alternate_stack;
    uint64_t sp = process->guest->stack_pointer(thread->state);
    bool on_stack = is_on_stack(stack, sp);
    bool enters = (action->flags & SA_ONSTACK) && !(stack->flags & SS_DISABLE) && !on_stack;
    struct signal_frame frame = {
        .abi = process->abi,
        .info = info,
        .handler = action->handler,
        .flags = action->flags,
        .restorer = (action->flags & 0x04000000 /* SA_RESTORER */) ? action->restorer : process->image.vdso_return,
        .mask = thread->mask_is_temporary ? thread->saved_mask : thread->signal_mask,
        .stack = {stack->start, stack->size, on_stack ? stack->flags | SS_ONSTACK : stack->flags},
        .is_fault = (HOST_FAULT_SIGNALS & signal_bit(info->si_signo)) && info->si_code > 0,
        .is_write = is_write,
        .sp = enters ? stack->start + stack->size : sp,
    };
    if (on_stack && sp - stack->start < process->guest->signal_frame_size) {
        return -EFAULT; /* the alternate stack overflows */
    }
    int error = process->guest->build_signal_frame(thread->state, &frame);
    if (error) {
        return error;
    }
    if (stack->flags & SS_AUTODISARM) {
        *stack = (struct guest_signal_stack){.flags = SS_DISABLE};
    }
    thread->mask_is_temporary = false;
    thread->signal_mask |= action->mask | (action->flags & SA_NODEFER ? 0 : signal_bit(info->si_signo));
    thread->signal_mask &= ~unblockable;
    return 0;
}

/* The action to take now; SA_RESETHAND takes effect. */
static struct guest_signal_action take_action(struct process *process, int signal)
{
    pthread_mutex_lock(&process->actions.lock);
    struct guest_signal_action *entry = &process->actions.table[signal], action = *entry;
    if (action.handler > HANDLER_IGNORE && (action.flags & SA_RESETHAND)) {
        entry->handler = HANDLER_DEFAULT;
        host_signal_install(signal, entry);
    }
    pthread_mutex_unlock(&process->actions.lock);
    return action;
}

static void deliver_one(struct thread *thread, const siginfo_t *original, bool is_write)
{
    siginfo_t copy = *original, *info = &copy;
    if (!debugger_lets_pass(thread, info)) {
        return;
    }
    struct guest_signal_action action = take_action(thread->process, info->si_signo);
    if (log_is_on(LOG_SIGNALS)) {
        log_text("signal %d code %d handler %#lx flags %#lx pc %#lx\n", info->si_signo, info->si_code, action.handler,
                 action.flags, translator_cpu_pc(thread->cpu));
    }
    if (action.handler == HANDLER_IGNORE) {
        return;
    }
    if (action.handler == HANDLER_DEFAULT) {
        act_by_default(thread, info);
        return;
    }
    if (push_frame(thread, info, &action, is_write) != 0) {
        uint64_t sp = thread->process->guest->stack_pointer(thread->state);
        if (info->si_signo == SIGSEGV) {
            crash_report(thread, SIGSEGV, info->si_code, sp);
            signals_die(thread, SIGSEGV);
        }
        signals_force(thread, SIGSEGV, SEGV_MAPERR, sp, true);
    }
}

void signals_deliver(struct thread *thread)
{
    siginfo_t info;
    while (signal_queue_take(&thread->queue, thread->signal_mask, &info)) {
        deliver_one(thread, &info, false);
    }
    if (thread->mask_is_temporary) { /* ignored after all: the call that set it has ended */
        thread->signal_mask = thread->saved_mask;
        thread->mask_is_temporary = false;
    }
    update_pending(thread);
}

static void force(struct thread *thread, const siginfo_t *info, bool is_write)
{
    int signal = info->si_signo;
    struct signal_actions *actions = &thread->process->actions;
    pthread_mutex_lock(&actions->lock);
    if (actions->table[signal].handler == HANDLER_IGNORE || (thread->signal_mask & signal_bit(signal))) {
        actions->table[signal].handler = HANDLER_DEFAULT;
        thread->signal_mask &= ~signal_bit(signal);
    }
    pthread_mutex_unlock(&actions->lock);
    deliver_one(thread, info, is_write);
    update_pending(thread);
}

void signals_force(struct thread *thread, int signal, int code, uint64_t address, bool is_write)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = code;
    info.si_addr = (void *)address;
    force(thread, &info, is_write);
}

void signals_force_info(struct thread *thread, const siginfo_t *info)
{
    force(thread, info, false);
}

void signals_end_call(struct thread *thread)
{
    if (thread->mask_is_temporary && !thread->signal_pending) {
        thread->signal_mask = thread->saved_mask;
        thread->mask_is_temporary = false;
        update_pending(thread);
    }
}

/* ---- system calls ---- */

int64_t signals_action(void *opaque, int signal, const struct guest_signal_action *set, struct guest_signal_action *old)
{
    struct thread *thread = opaque;
    if (signal < 1 || signal > SIGNAL_COUNT || (set && (unblockable & signal_bit(signal)))) {
        return -EINVAL;
    }
    struct signal_actions *actions = &thread->process->actions;
    pthread_mutex_lock(&actions->lock);
    if (old) {
        *old = actions->table[signal];
    }
    if (set) {
        actions->table[signal] = *set;
        actions->table[signal].mask &= ~unblockable;
        if (!(unblockable & signal_bit(signal))) {
            host_signal_install(signal, set);
        }
    }
    pthread_mutex_unlock(&actions->lock);
    return 0;
}

int64_t signals_mask(void *opaque, int how, const uint64_t *set, uint64_t *old)
{
    struct thread *thread = opaque;
    uint64_t before = thread->signal_mask, after = before;
    if (set) {
        switch (how) {
        case SIG_BLOCK:
            after |= *set;
            break;
        case SIG_UNBLOCK:
            after &= ~*set;
            break;
        case SIG_SETMASK:
            after = *set;
            break;
        default:
            return -EINVAL;
        }
    }
    after &= ~unblockable;
    if (after != before) {
        signals_set_host_mask(after & ~HOST_FAULT_SIGNALS);
        if (signal_queue_all(&thread->queue) & ~HOST_FAULT_SIGNALS & after) {
            /* Captured before this call began: its handler runs first, under the old mask. */
            signals_apply_mask(thread);
            thread->restart = true;
            return -EINTR;
        }
        thread->signal_mask = after;
        if (signal_queue_all(&thread->queue)) {
            update_pending(thread);
        }
    }
    if (old) {
        *old = before;
    }
    return 0;
}

int64_t signals_pending(void *opaque, uint64_t *set)
{
    struct thread *thread = opaque;
    uint64_t host = 0;
    if (syscall(SYS_rt_sigpending, &host, sizeof host) != 0) {
        return -errno;
    }
    *set = (host | signal_queue_all(&thread->queue)) & thread->signal_mask;
    return 0;
}

int64_t signals_alternate_stack(void *opaque, const struct guest_signal_stack *set, struct guest_signal_stack *old)
{
    struct thread *thread = opaque;
    struct guest_signal_stack *stack = &thread->alternate_stack;
    bool on_stack = is_on_stack(stack, thread->process->guest->stack_pointer(thread->state));
    struct guest_signal_stack before = *stack;
    before.flags |= on_stack ? SS_ONSTACK : 0;
    if (set) {
        int32_t mode = set->flags & ~SS_AUTODISARM;
        if (on_stack) {
            return -EPERM;
        }
        if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE) {
            return -EINVAL;
        }
        if (mode == SS_DISABLE) {
            *stack = (struct guest_signal_stack){.flags = SS_DISABLE | (set->flags & SS_AUTODISARM)};
        } else if (set->size < thread->process->guest->minimum_stack) {
            return -ENOMEM;
        } else {
            *stack = (struct guest_signal_stack){set->start, set->size, set->flags & SS_AUTODISARM};
        }
    }
    if (old) {
        *old = before;
    }
    return 0;
}

int64_t signals_blocking_call(void *opaque, long number, const uint64_t arguments[6])
{
    struct thread *thread = opaque;
    debugger_enter_call(thread);
    long result = blocking_call(&thread->signal_pending, number, arguments);
    debugger_leave_call(thread);
    if (result == BLOCKING_CALL_INTERRUPTED) {
        /* With a temporary mask in force the signal was let in by this very call: it has been interrupted, not
         * preceded. */
        thread->restart = !thread->mask_is_temporary;
        return -EINTR;
    }
    return result;
}

int64_t signals_set_temporary_mask(void *opaque, uint64_t mask)
{
    struct thread *thread = opaque;
    if (!thread->mask_is_temporary) {
        if (thread->signal_pending) {
            thread->restart = true;
            return -EINTR;
        }
        thread->saved_mask = thread->signal_mask;
        thread->mask_is_temporary = true;
    }
    thread->signal_mask = mask & ~unblockable;
    update_pending(thread);
    return 0;
}

int64_t signals_suspend(void *opaque, uint64_t mask)
{
    struct thread *thread = opaque;
    int64_t error = signals_set_temporary_mask(thread, mask);
    if (error) {
        return error;
    }
    uint64_t host_mask = thread->signal_mask & ~HOST_FAULT_SIGNALS;
    uint64_t arguments[6] = {(uint64_t)&host_mask, sizeof host_mask};
    int64_t result = signals_blocking_call(thread, SYS_rt_sigsuspend, arguments);
    thread->restart = false;
    return result;
}

int64_t signals_wait(void *opaque, uint64_t set, siginfo_t *info, const struct timespec *timeout)
{
    struct thread *thread = opaque;
    set &= ~unblockable;
    if (signal_queue_take_from(&thread->queue, set & HOST_FAULT_SIGNALS, info)) {
        update_pending(thread);
        return info->si_signo;
    }
    uint64_t arguments[6] = {(uint64_t)&set, (uint64_t)info, (uint64_t)timeout, sizeof set};
    return signals_blocking_call(thread, SYS_rt_sigtimedwait, arguments);
}

int64_t signals_return(void *opaque)
{
    struct thread *thread = opaque;
    struct signal_frame frame = {.abi = thread->process->abi};
    if (thread->process->guest->restore_signal_frame(thread->state, &frame) != 0) {
        uint64_t sp = thread->process->guest->stack_pointer(thread->state);
        signals_force(thread, SIGSEGV, SEGV_MAPERR, sp, false);
        return 0;
    }
    thread->signal_mask = frame.mask & ~unblockable;
    struct guest_signal_stack stack = {frame.stack.start, frame.stack.size, frame.stack.flags & ~SS_ONSTACK};
    signals_alternate_stack(thread, &stack, NULL);
    update_pending(thread);
    return 0;
}
