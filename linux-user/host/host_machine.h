/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of kage that is written anew for a host: a folder here has host_machine.c, start.S (the program's entry) and
 * protected_copy.S (protected_copy.h). Numbers and structures of the host's system calls are `syscalls/`'s business,
 * its instructions `translator/host/`'s. */
#ifndef LINUX_USER_HOST_MACHINE_H
#define LINUX_USER_HOST_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* Where the code that a signal interrupted goes on. */
uint64_t host_context_pc(const ucontext_t *context);
void host_context_set_pc(ucontext_t *context, uint64_t pc);

/* Where the host's signal handlers return to: makes the call rt_sigreturn. */
void host_signal_return(void);

/* Whether the host itself runs programs of this machine (EM_*). */
bool host_runs_machine(uint16_t machine);

#endif
