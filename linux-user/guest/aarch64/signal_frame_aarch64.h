/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signal frame of AArch64 Linux (uapi asm/sigcontext.h, asm/ucontext.h and the kernel's rt_sigframe). */
#ifndef LINUX_USER_SIGNAL_FRAME_AARCH64_H
#define LINUX_USER_SIGNAL_FRAME_AARCH64_H

#include "user_guest.h"

enum { AARCH64_SIGNAL_FRAME_SIZE = 4688 + 16 };

int aarch64_build_signal_frame(struct cpu_header *state, const struct signal_frame *frame);
int aarch64_restore_signal_frame(struct cpu_header *state, struct signal_frame *frame);

#endif
