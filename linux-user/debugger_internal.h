/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the debugger's files share. */
#ifndef LINUX_USER_DEBUGGER_INTERNAL_H
#define LINUX_USER_DEBUGGER_INTERNAL_H

#include "debugger.h"
#include "process.h"

#include <pthread.h>

enum { DEBUGGER_CHILDREN = 32, DEBUGGER_WATCHES = 16, DEBUGGER_FD = 910 };

/* A child that waits until gdb has decided which of the two it follows. */
struct debugger_child {
    int pid;
    int pipe;                 /* fork: what it waits at */
    struct cpu_header *state; /* fork: a copy of its registers */
    struct thread *thread;    /* vfork: itself */
};

struct debugger {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct process *process; /* that is debugged */
    int pid;
    bool is_attached;  /* gdb is connected */
    bool holds_new;    /* threads that begin are held */
    bool is_pausing;   /* the server is to leave the connection alone: execve */
    bool is_paused;    /* it does */
    bool is_gone;      /* the connection is another program's now */
    bool has_begun;    /* the first thread has */
    bool suspends;     /* the process waits for gdb before it begins */
    bool has_executed; /* this program's first report is that of execve */
    enum gdb_start start;
    int wake, listener, connection; /* -1 = none */
    char *socket_path;              /* to be removed at the end; NULL = none */
    struct gdb_settings settings;
    struct gdb_target target;
    struct debugger_child children[DEBUGGER_CHILDREN];
    unsigned child_count;
    struct {
        enum gdb_stop_kind kind;
        uint64_t address;
    } watches[DEBUGGER_WATCHES]; /* by the translator's numbers */
};

/* ---- debugger.c; lock held ---- */
void debugger_wake_server(struct debugger *debugger);
/* Waits while the thread is held. */
void debugger_wait(struct debugger *debugger, struct thread *thread);
/* Every thread of the process runs on by itself; breakpoints are gone. */
void debugger_release(struct debugger *debugger, struct process *process);
/* Without the lock: reports and waits. Returns the signal that gdb wants delivered now. */
int debugger_report(struct thread *thread, enum gdb_event_kind kind, uint64_t value, enum gdb_stop_kind watch);

/* ---- debugger_target.c ---- */
void debugger_fill_target(struct debugger *debugger);

/* ---- debugger_server.c ---- */
struct debugger *debugger_new(struct process *process);
void debugger_start_server(struct debugger *debugger);
void debugger_close_descriptors(struct debugger *debugger);

/* ---- debugger_fork.c; lock held ---- */
struct debugger_child *debugger_find_child(struct debugger *debugger, int pid);
void debugger_release_child(struct debugger *debugger, struct debugger_child *child);
/* The session goes on with the child. True if this process still serves it (vfork). */
bool debugger_follow_child(struct debugger *debugger, struct debugger_child *child);

#endif
