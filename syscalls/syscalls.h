/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The face of the system-call library: which calls an architecture has, and running one. */
#ifndef SYSCALLS_SYSCALLS_H
#define SYSCALLS_SYSCALLS_H

#include "host_services.h"

#include <stdio.h>

/* What of an architecture's ABI differs from another's. Constant data, generated from abis.table. */
struct syscall_abi {
    const char *name;          /* "aarch64", "riscv64" */
    unsigned word_bits;        /* 32 or 64 */
    bool big_endian;
    bool aligns_pairs;         /* 64-bit arguments of 32-bit guests start at an even register */
    bool clone_tls_is_fourth;  /* clone(flags, stack, parent_tid, tls, child_tid), else tls comes last */
    const char *machine;       /* uname -m */
    const uint16_t *calls;     /* by guest number: index into the table of calls, 0 = no such call */
    unsigned number_count;
    const struct syscall_constants *constants; /* errno, open flags, signals ...: NULL = all as on the host */
    const struct layout_of_abi *layouts;       /* by enum layout_id */
};

const struct syscall_abi *syscall_abi_find(const char *name);

/* What becomes of a call that a signal interrupts, once the kernel has said EINTR. */
enum syscall_interruption {
    INTERRUPTED_FAILS,           /* the guest sees EINTR in any case */
    INTERRUPTED_RESTARTS,        /* SA_RESTART of the handler decides; run again if there was no handler */
    INTERRUPTED_WITHOUT_HANDLER, /* run again if no handler ran, EINTR whatever SA_RESTART says otherwise */
};

struct syscall_scratch;

/* One guest thread's view while a call runs. Made by syscalls_run on its stack; handlers get it first. */
struct syscall_context {
    const struct syscall_abi *abi;
    const struct host_services *host;
    void *thread;
    const struct syscall_row *row;
    uint64_t number;       /* guest number */
    uint64_t arguments[6]; /* as the guest passed them; for 32-bit guests zero-extended */
    struct syscall_scratch *scratch; /* memory that lives as long as the call */
    enum syscall_interruption interruption;
    bool no_result; /* set by the handler of sigreturn */
};

/* Run options, set once at start. */
struct syscall_options {
    bool trace;             /* -strace */
    const char *release;    /* -r: kernel release that uname reports, NULL = the host's */
};

/* RLIMIT_AS or RLIMIT_DATA as the guest's program before execve had set it. */
void syscalls_inherit_limit(int resource, uint64_t current, uint64_t maximum);

void syscalls_configure(const struct syscall_options *options);

enum syscall_disposition {
    SYSCALL_DONE,      /* *result is to be written to the guest's result register (-errno in the guest's numbers) */
    SYSCALL_NO_RESULT, /* the whole register state was replaced (sigreturn): write nothing */
    SYSCALL_RESTART,   /* interrupted by a guest signal: run again if no handler runs or it has SA_RESTART, else *result
                          (which is EINTR) */
    SYSCALL_RESTART_WITHOUT_HANDLER, /* interrupted by a guest signal: run again only if no handler runs, else *result */
};

/* Runs guest call `number` with six raw arguments. Never raises a guest fault: bad pointers give EFAULT. */
enum syscall_disposition syscalls_run(const struct syscall_abi *abi, const struct host_services *host, void *thread,
                                      uint64_t number, const uint64_t arguments[6], int64_t *result);

/* "openat", or NULL if the number is none of the ABI's. */
const char *syscall_name(const struct syscall_abi *abi, uint64_t number);

/* The support table of the README: one line per call of calls.def. */
void syscalls_print_support(FILE *file);

/* struct conversions that signal frames and others need too */
void siginfo_to_guest(const struct syscall_abi *abi, void *guest_siginfo /* 128 bytes */, const siginfo_t *host);
int errno_to_guest(const struct syscall_abi *abi, int host_errno);

#endif
