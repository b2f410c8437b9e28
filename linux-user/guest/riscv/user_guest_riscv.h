/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. */
#ifndef LINUX_USER_USER_GUEST_RISCV_H
#define LINUX_USER_USER_GUEST_RISCV_H

#include "riscv.h"
#include "riscv_state.h"
#include "user_guest.h"
#include "vdso.h"

enum { RISCV_SIGNAL_FRAME_SIZE = 1088 };

int riscv_build_signal_frame(struct cpu_header *header, const struct signal_frame *request);
int riscv_restore_signal_frame(struct cpu_header *header, struct signal_frame *result);

extern const struct vdso_description riscv_vdso;

#endif
