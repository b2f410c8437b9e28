/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one handler that the host calls. It sorts: a fault in kage's protected copies, a fault of guest code (the
 * translator knows), kage's own crash, or a signal for the guest, which is captured and left to the next safe point. */
#include "signal_delivery.h"

#include "host_machine.h"
#include "log.h"
#include "protected_copy.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* The kernel's struct sigaction: the C library's would refuse signals 32 and 33. */
struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
#endif

static bool lies_in(const char *start, const char *end, uint64_t pc)
{
    return pc >= (uint64_t)start && pc < (uint64_t)end;
}

static bool is_fault(int signal, const siginfo_t *info)
{
    return (HOST_FAULT_SIGNALS & signal_bit(signal)) && info->si_code > 0;
}

/* Nothing can be saved: tell where, and die by the same signal. */
static void die_of_own_fault(int signal, const siginfo_t *info, const ucontext_t *context)
{
    log_error("internal error: signal %d at host pc %#llx, address %p", signal,
              (unsigned long long)host_context_pc(context), info->si_addr);
    struct thread *thread = thread_current();
    if (thread) {
        log_error("guest %s, program %s, near pc %#lx", thread->process->guest->name, thread->process->image.executable,
                  (unsigned long)translator_cpu_pc(thread->cpu));
    }
    host_signal_set_default(signal);
    signals_set_host_mask(0);
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), signal);
}

static void handle_fault(int signal, siginfo_t *info, ucontext_t *context)
{
    uint64_t pc = host_context_pc(context);
    if (lies_in(protected_start, protected_end, pc)) {
        host_context_set_pc(context, (uint64_t)protected_fault);
        return;
    }
    struct thread *thread = thread_current();
    if (thread && thread->cpu && translator_handle_fault(thread->cpu, signal, info, context)) {
        return;
    }
    die_of_own_fault(signal, info, context);
}

static void divert_blocking_call(ucontext_t *context)
{
    uint64_t pc = host_context_pc(context);
    if (pc >= (uint64_t)blocking_call_start && pc <= (uint64_t)blocking_call_instruction) {
        host_context_set_pc(context, (uint64_t)blocking_call_interrupted);
    }
}

static void capture(struct thread *thread, int signal, siginfo_t *info, ucontext_t *context)
{
    bool is_held = (HOST_FAULT_SIGNALS & signal_bit(signal)) && (thread->signal_mask & signal_bit(signal));
    signal_queue_push(&thread->queue, info, is_held);
    if (is_held) {
        return;
    }
    thread->signal_pending = 1;
    translator_request_event(thread->cpu);
    uint64_t everything = ~HOST_FAULT_SIGNALS;
    memcpy(&context->uc_sigmask, &everything, sizeof everything);
    divert_blocking_call(context);
}

static void handle_signal(int signal, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    if (is_fault(signal, info)) {
        handle_fault(signal, info, context);
    } else {
        struct thread *thread = thread_current();
        if (thread && debugger_is_kick(thread, info)) {
            divert_blocking_call(context);
        } else if (thread && thread->cpu) {
            capture(thread, signal, info, context);
        }
    }
    errno = saved_errno;
}

static void set_host_action(int signal, const struct kernel_action *action)
{
    syscall(SYS_rt_sigaction, signal, action, NULL, sizeof(uint64_t));
}

void host_signal_set_default(int signal)
{
    struct kernel_action action = {0};
    set_host_action(signal, &action);
}

/* Stands for abort in the whole program (--wrap): an assertion of kage's own must not be taken for a signal of the
 * guest's. */
void __wrap_abort(void) __attribute__((noreturn));
void __wrap_abort(void)
{
    host_signal_set_default(SIGABRT);
    signals_set_host_mask(0);
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGABRT);
    for (;;) {
        syscall(SYS_exit_group, EXIT_SIGNAL + SIGABRT);
    }
}

/* Those that do nothing by default stay with the kernel. */
static bool interests_debugger(int signal)
{
    return signal != SIGCHLD && signal != SIGCONT && signal != SIGURG && signal != SIGWINCH;
}

void host_signal_install(int signal, const struct guest_signal_action *action)
{
    struct thread *thread = thread_current();
    host_signal_install_for(signal, action, thread && debugger_wants_signals(thread->process));
}

void host_signal_install_for(int signal, const struct guest_signal_action *action, bool is_debugged)
{
    bool is_own = HOST_FAULT_SIGNALS & signal_bit(signal);
    bool wants_report = action->handler == 0 && (signal == SIGABRT || (is_debugged && interests_debugger(signal)));
    struct kernel_action host = {.flags = action->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)};
    if (action->handler > 1 || is_own || wants_report) {
        host.handler = handle_signal;
        host.flags |= SA_SIGINFO | SA_ONSTACK | SA_RESTORER | (action->flags & SA_RESTART);
        host.flags |=
            wants_report || (is_debugged && signal == SIGTRAP) ? SA_RESTART : 0; /* the debugger's own doing */
        host.restorer = host_signal_return;
        host.mask = ~HOST_FAULT_SIGNALS;
    } else {
        host.handler = (void (*)(int, siginfo_t *, void *))action->handler;
    }
    set_host_action(signal, &host);
}
