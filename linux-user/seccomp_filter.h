/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seccomp for the guest: its filters judge its own call numbers, before kage runs the call. */
#ifndef LINUX_USER_SECCOMP_FILTER_H
#define LINUX_USER_SECCOMP_FILTER_H

#include "process.h"

struct seccomp_filter;

/* host_services: seccomp(2); PR_SET_SECCOMP comes here too. */
int64_t seccomp_operate(void *thread, unsigned operation, unsigned flags, uint64_t address);
/* PR_GET_SECCOMP: 0, 1 strict, 2 filtered. */
int64_t seccomp_mode(void *thread);

/* The verdict on the call that the thread is about to make. True: run it. False: it has been dealt with (*result is the
   call's, unless *has_result is false: a signal was delivered instead). May not return. */
bool seccomp_allows(struct thread *thread, uint64_t number, const uint64_t arguments[6], int64_t *result,
                    bool *has_result);

/* Filters outlive execve: written into an unnamed file before it, read back after. The descriptor, -1 if there are
 * none. */
int seccomp_save(const struct thread *thread);
void seccomp_load(struct thread *thread, int fd);

#endif
