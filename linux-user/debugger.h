/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gdb's control over the guest's threads (-g). The protocol is the translator's (gdb.h); here is how threads stop,
 * report and go on, and what becomes of the session at fork, vfork and execve. See debugger.c for how it works. Every
 * function may be called when nobody debugs: it then does nothing, at the cost of one look at process->debugger. */
#ifndef LINUX_USER_DEBUGGER_H
#define LINUX_USER_DEBUGGER_H

#include "gdb.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct clone_request;
struct debugger;
struct process;
struct thread;

/* A thread's part; guarded by the debugger's lock unless it says otherwise. */
struct thread_debug {
    volatile bool is_held; /* waits at its next safe point; read without the lock, too */
    bool is_waiting;       /* does wait: its state is exact */
    volatile bool
        is_in_call;  /* in a host call that may take long: its state stays as it is; written by the thread itself */
    bool is_kicked;  /* the call is to be interrupted and run again */
    bool may_report; /* resumed since its last report */
    bool has_event;
    uint32_t generation; /* counts its actions */
    struct gdb_event event;
    struct gdb_action action;
    siginfo_t info;           /* of the signal reported last */
    uint64_t injected;        /* signals of gdb's making: delivered without a report */
    struct cpu_header *shown; /* what gdb sees while a call goes on: the state before it */
};

/* Listens at what -g says: PORT, ADDRESS:PORT or a path, perhaps with ",suspend=n". The process waits for gdb before
   its first instruction unless that is there. False after a line that says why. */
bool debugger_open(struct process *process, const char *place);
/* The session of the program that executed this one; fd is what debugger_prepare_execute returned. */
void debugger_inherit(struct process *process, int fd);

/* By the thread itself, when it begins and before it ends. */
void debugger_begin_thread(struct thread *thread);
void debugger_end_thread(struct thread *thread, int status);
/* After the last of it: it is no thread of the process's any more. */
void debugger_note_end(struct process *process);
void debugger_end_process(struct thread *thread, int status);
void debugger_die(struct thread *thread, int signal);

/* At a safe point: waits while gdb wants it to. */
void debugger_check(struct thread *thread);
/* True if the thread is to run one instruction at a time. */
bool debugger_is_stepping(const struct thread *thread);
/* A step that began with action `generation` has been taken; is_moved: it did something. */
void debugger_end_step(struct thread *thread, uint32_t generation, bool is_moved);
/* At a breakpoint. False if it is nobody's: to be stepped over. */
bool debugger_meet_breakpoint(struct thread *thread);
/* Before an instruction that touches watchpoint `number`. False if nothing is to be reported before it: the caller
   steps and, if that went well, calls debugger_report_watchpoint. */
bool debugger_meet_watchpoint(struct thread *thread, unsigned number);
void debugger_report_watchpoint(struct thread *thread, unsigned number);

/* A signal is about to be delivered. False if gdb drops it; *info is what gdb wants delivered. */
bool debugger_lets_pass(struct thread *thread, siginfo_t *info);
/* True if the host has to hand every signal to kage, whatever the guest does with it. */
bool debugger_wants_signals(const struct process *process);
/* True if the signal that the host's handler got is a call's end that gdb wants. */
bool debugger_is_kick(const struct thread *thread, const siginfo_t *info);

/* Around host calls that may block, and around each system call (catch syscall). */
void debugger_enter_call(struct thread *thread);
void debugger_leave_call(struct thread *thread);
void debugger_begin_system_call(struct thread *thread, uint64_t number);
void debugger_end_system_call(struct thread *thread, uint64_t number);

/* fork: before it, and then in both processes. */
struct debugger_fork {
    int child_end, parent_end; /* of a pipe that the child waits at; -1 = the child is not debugged */
};
void debugger_prepare_fork(struct thread *thread, struct debugger_fork *fork);
void debugger_begin_child(struct thread *thread, struct debugger_fork *fork);
void debugger_report_fork(struct thread *thread, struct debugger_fork *fork, int child,
                          const struct clone_request *request);

/* vfork: in the child, which runs on its parent's memory; in the parent when the child has executed or is gone. */
void debugger_begin_vfork_child(struct thread *parent, struct thread *child);
void debugger_end_vfork(struct thread *parent, const struct process *child);

/* execve: the descriptor to hand to the next program, or -1; and when it has failed after all. */
int debugger_prepare_execute(struct thread *thread);
void debugger_undo_execute(struct thread *thread, int fd);

/* True for the debugger's own descriptors. */
bool debugger_owns(const struct debugger *debugger, int fd);

#endif
