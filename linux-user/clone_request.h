/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clone as one struct; shared by thread.c and process.c. */
#ifndef LINUX_USER_CLONE_REQUEST_H
#define LINUX_USER_CLONE_REQUEST_H

#include "process.h"

struct clone_request {
    uint64_t flags;
    uint64_t sp; /* the child's, 0 = the parent's */
    uint64_t parent_tid, child_tid, tls, pidfd;
    int exit_signal;
};

/* The child's registers: result, stack, thread pointer. */
void clone_set_registers(struct thread *child, const struct clone_request *request);

/* CLONE_VM | CLONE_THREAD: a host thread. The child's id or -errno. */
int64_t clone_thread(struct thread *parent, const struct clone_request *request);

/* pthread_create that leaves the guest's signals alone; to be called with all signals blocked. */
int host_thread_create(struct process *process, pthread_t *handle, const pthread_attr_t *attributes,
                       void *(*run)(void *), void *argument);

#endif
