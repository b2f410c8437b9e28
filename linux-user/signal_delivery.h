/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals of the guest: dispositions, masks, delivery at safe points. See signal_delivery.c for how it works. */
#ifndef LINUX_USER_SIGNAL_DELIVERY_H
#define LINUX_USER_SIGNAL_DELIVERY_H

#include "process.h"

/* Takes the inherited dispositions and mask over and installs the handlers that kage itself needs. */
void signals_initialise(struct process *process, struct thread *first);
/* A host signal stack for the calling thread. */
void signals_enter_thread(struct thread *thread);
void signals_leave_thread(struct thread *thread);

/* At a safe point with the exact state: runs handlers' frames or default actions for all that can be delivered. */
void signals_deliver(struct thread *thread);
/* A synchronous fault of the guest: delivered at once; fatal if blocked or ignored. */
void signals_force(struct thread *thread, int signal, int code, uint64_t address, bool is_write);
/* The same for a signal with any siginfo (seccomp's SIGSYS). */
void signals_force_info(struct thread *thread, const siginfo_t *info);
/* After a system call: the temporary mask of sigsuspend and its like ends unless a handler will restore it. */
void signals_end_call(struct thread *thread);

/* The host's mask becomes the guest's (everything is blocked while something captured waits). */
void signals_apply_mask(struct thread *thread);
/* Blocks everything, faults included, on the calling host thread; *old receives the host's mask. */
void signals_block_all(uint64_t *old);
void signals_set_host_mask(uint64_t mask);
/* Around execve: host dispositions and mask exactly as the guest's; undone if it fails. */
void signals_prepare_execute(struct thread *thread);
void signals_undo_execute(struct thread *thread);
/* Installs every signal's handler or disposition anew: a debugger has come or gone. */
void signals_install_all(struct process *process);
/* vfork: the child's actions as host dispositions are a copy already; the parent's are as they were. */
void signals_copy_actions(struct process *to, struct process *from);

/* Ends the process by that signal, so that its parent sees it. */
void signals_die(struct thread *thread, int signal) __attribute__((noreturn));

/* host_services */
int64_t signals_action(void *thread, int signal, const struct guest_signal_action *set,
                       struct guest_signal_action *old);
int64_t signals_mask(void *thread, int how, const uint64_t *set, uint64_t *old);
int64_t signals_pending(void *thread, uint64_t *set);
int64_t signals_alternate_stack(void *thread, const struct guest_signal_stack *set, struct guest_signal_stack *old);
int64_t signals_suspend(void *thread, uint64_t mask);
int64_t signals_set_temporary_mask(void *thread, uint64_t mask);
int64_t signals_wait(void *thread, uint64_t set, siginfo_t *info, const struct timespec *timeout);
int64_t signals_return(void *thread);
int64_t signals_blocking_call(void *thread, long number, const uint64_t arguments[6]);

/* host_fault.c: the host's handler for every signal, and installing it. action: the guest's disposition of signal. */
void host_signal_install(int signal, const struct guest_signal_action *action);
/* is_debugged: signals that the guest leaves to their default are handled, too. */
void host_signal_install_for(int signal, const struct guest_signal_action *action, bool is_debugged);
/* SIGSEGV and the like: never blocked, always handled. */
#define HOST_FAULT_SIGNALS                                                                                             \
    (signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) | signal_bit(SIGFPE))
void host_signal_set_default(int signal);
/* One block on standard error: guest, program, pc, signal. */
void crash_report(struct thread *thread, int signal, int code, uint64_t address);

#endif
