/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gdb remote protocol (GDB manual, appendix E), served for a program's guest threads. The program describes itself
 * by callbacks; nothing here knows of processes, signals or files of its own. All callbacks are called by the thread
 * that serves, with the first member, `program`, handed back. Signal numbers are Linux's generic ones, threads and
 * processes are named by their ids. */
#ifndef TRANSLATOR_GDB_H
#define TRANSLATOR_GDB_H

#include "cpu.h"
#include "guest.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gdb_event_kind {
    GDB_EVENT_NONE,
    GDB_EVENT_SIGNAL,         /* value = the signal, not yet delivered */
    GDB_EVENT_STEPPED,        /* a step or range is over */
    GDB_EVENT_BREAKPOINT,     /* pc at it */
    GDB_EVENT_WATCHPOINT,     /* value = address, watch = which kind */
    GDB_EVENT_FORK,           /* value = the child's process id, which is also its thread's */
    GDB_EVENT_VFORK,          /* the same */
    GDB_EVENT_VFORK_DONE,     /* the child of vfork has executed or is gone */
    GDB_EVENT_EXEC,           /* the thread runs a new program */
    GDB_EVENT_SYSCALL_ENTRY,  /* value = number */
    GDB_EVENT_SYSCALL_RETURN, /* value = number */
    GDB_EVENT_THREAD_CREATED, /* by the thread itself, before its first instruction */
    GDB_EVENT_THREAD_EXITED,  /* value = status */
    GDB_EVENT_EXITED,         /* the process; value = status */
    GDB_EVENT_KILLED,         /* the process; value = signal */
    GDB_EVENT_NONE_RUNS,      /* the threads that had been resumed are gone, others are still stopped */
    GDB_EVENT_GONE,           /* the connection has gone on with another program: end without a word */
};

/* As the digit of Z packets. */
enum gdb_stop_kind {
    GDB_STOP_SOFTWARE,
    GDB_STOP_HARDWARE,
    GDB_STOP_WRITE,
    GDB_STOP_READ,
    GDB_STOP_ACCESS,
};

struct gdb_event {
    enum gdb_event_kind kind;
    int thread;
    uint64_t value;
    enum gdb_stop_kind watch;
};

struct gdb_action {
    enum { GDB_ACTION_NONE, GDB_ACTION_CONTINUE, GDB_ACTION_STEP, GDB_ACTION_RANGE } kind;
    int signal;                      /* to be delivered, 0 = none: the one that was reported is dropped */
    uint64_t range_start, range_end; /* GDB_ACTION_RANGE: steps as long as the pc is in there */
};

/* What gdb has asked for; plain data that can be handed to the next program. Read by guest threads, too. */
struct gdb_settings {
    bool no_acknowledgement, multiprocess, software_breakpoint_reason, hardware_breakpoint_reason;
    bool fork_events, vfork_events, exec_events, thread_events;
    uint64_t passed_signals; /* bit n-1: signal n needs no report */
    bool catches_all;        /* system calls */
    uint64_t caught[16];     /* bit by number */
};

enum gdb_object {
    GDB_OBJECT_VECTOR,     /* the auxiliary vector */
    GDB_OBJECT_EXECUTABLE, /* its path, no terminator */
    GDB_OBJECT_SIGNAL,     /* the thread's siginfo in the guest's form */
};

struct gdb_target {
    void *program;
    const struct guest *guest;
    bool watches_before; /* watchpoints are expected to be reported before the instruction, not after it */
    int (*process)(void *program);
    /* The thread after `previous`, 0 for the first; 0 = no more. In no order. */
    int (*next_thread)(void *program, int previous);
    /* The state of a thread that is stopped, or of a child that waits; NULL if there is none or it may not be changed.
     */
    struct cpu_header *(*registers)(void *program, int thread, bool is_for_writing);
    void (*thread_name)(void *program, int thread, char *text, size_t size);
    /* Bytes read, fewer than length where memory ends. */
    size_t (*read_memory)(void *program, int process, uint64_t address, void *bytes, size_t length);
    bool (*write_memory)(void *program, int process, uint64_t address, const void *bytes, size_t length);
    /* False if there are too many. */
    bool (*set_stop)(void *program, int process, enum gdb_stop_kind kind, uint64_t address, uint64_t length, bool on);
    /* All threads stop; returns when they have. */
    void (*stop)(void *program);
    /* What the thread does when the next call of resume lets it. */
    void (*set_action)(void *program, int thread, const struct gdb_action *action);
    void (*resume)(void *program);
    /* Takes what a resumed thread has to report, if any; that thread waits. */
    bool (*next_event)(void *program, struct gdb_event *event);
    /* gdb wants that child to run while it holds the parent (vfork). False if that cannot be. */
    bool (*turn_to)(void *program, int process);
    /* Lets go of that process: the own one, a child that waits, or one that is free already. True if the session goes
     * on. */
    bool (*detach)(void *program, int process);
    /* Ends that process: the own one or a child that waits. True if the session goes on. */
    bool (*kill)(void *program, int process);
    /* Bytes of an object from offset on, at most length; -1 = there is none. */
    ssize_t (*read_object)(void *program, enum gdb_object object, int thread, void *bytes, uint64_t offset,
                           size_t length);
    bool (*write_signal)(void *program, int thread, const void *bytes, uint64_t offset, size_t length);
    /* A descriptor or -errno; flags and mode are the host's. Paths are the guest's. */
    int (*open_file)(void *program, const char *path, int flags, unsigned mode);
    /* The host's name for a path. */
    const char *(*translate_path)(void *program, const char *path, char buffer[PATH_MAX]);
};

enum gdb_end {
    GDB_END_LOST,     /* the connection broke */
    GDB_END_DETACHED, /* gdb let go */
    GDB_END_OVER,     /* the process is ending, or has been told to */
    GDB_END_GONE,     /* GDB_EVENT_GONE */
};

enum gdb_start {
    GDB_START_NEW,     /* gdb has just connected: the threads are stopped first */
    GDB_START_STOPPED, /* the session began in another process, with these settings; gdb believes this one's threads
                          stopped */
    GDB_START_RUNNING, /* the same, but gdb waits for a report */
};

/* Serves one connection until it ends; the descriptor stays the caller's. wake: readable (an eventfd) when next_event
 * should be asked. */
enum gdb_end gdb_serve(const struct gdb_target *target, struct gdb_settings *settings, int connection, int wake,
                       enum gdb_start start);

#endif
