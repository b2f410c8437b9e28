/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classic BPF as seccomp filters use it: checking a program and running it. */
#ifndef LINUX_USER_SECCOMP_PROGRAM_H
#define LINUX_USER_SECCOMP_PROGRAM_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

enum { SECCOMP_PROGRAM_LONGEST = 4096 }; /* instructions */

/* True if Linux would take the program: known instructions, jumps forward and inside, a return at the end. */
bool seccomp_program_is_valid(const struct sock_filter *code, unsigned count);

/* The program's verdict: SECCOMP_RET_* with its data. The program must be valid. */
uint32_t seccomp_program_run(const struct sock_filter *code, const struct seccomp_data *data);

#endif
