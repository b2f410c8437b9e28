/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64's options of prctl: keys of pointer authentication, tagged addresses. */
#ifndef LINUX_USER_CONTROL_AARCH64_H
#define LINUX_USER_CONTROL_AARCH64_H

#include "cpu.h"

struct thread;

/* Bits as prctl has them (PR_PAC_AP*KEY). */
enum { AARCH64_ADDRESS_KEYS = 0xf, AARCH64_ALL_KEYS = 0x1f };

/* New random keys, enabled. */
void aarch64_reset_keys(struct cpu_header *state, unsigned keys);

int64_t aarch64_control(struct thread *thread, int option, const uint64_t arguments[4]);

#endif
