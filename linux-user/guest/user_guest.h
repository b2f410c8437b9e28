/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a guest architecture's Linux ABI differs: registers of system calls, signal frames, hardware capabilities.
 * One constant instance per row of guests.def, user_guest_<name>, in a folder beside this file. */
#ifndef LINUX_USER_USER_GUEST_H
#define LINUX_USER_USER_GUEST_H

#include "address_space.h"
#include "cpu.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct syscall_abi;
struct guest;
struct thread;

/* What a signal frame is made of and what it gives back. */
struct signal_frame {
    const struct syscall_abi *abi;
    const siginfo_t *info;   /* host's form */
    uint64_t handler, flags; /* of the action; flags native SA_* */
    uint64_t restorer;       /* where the handler returns to */
    uint64_t mask;           /* to be restored */
    struct {
        uint64_t start, size;
        int32_t flags; /* SS_* */
    } stack;           /* the alternate stack as to be saved, or as found */
    bool is_fault;     /* synchronous: info's address and code belong into the frame's fault record */
    bool is_write;
    uint64_t sp; /* build: where the frame may grow down from. */
};

struct user_guest {
    const char *name;     /* as in guests.def */
    const char *abi_name; /* of syscall_abi_find */
    const char *platform; /* AT_PLATFORM, NULL = none */
    struct address_layout layout;
    uint32_t signal_frame_size; /* AT_MINSIGSTKSZ; MINSIGSTKSZ of sigaltstack */
    uint32_t minimum_stack;     /* least size that sigaltstack takes */

    /* AT_HWCAP, AT_HWCAP2 ... as the translator's instructions allow; index 0: AT_HWCAP, 1: AT_HWCAP2 */
    void (*hardware_capabilities)(uint64_t capabilities[2]);
    /* What /proc/cpuinfo says of one processor; NULL = the generic text. */
    void (*describe_processor)(FILE *file, unsigned index);

    /* riscv_hwprobe: the value of a key; false if it is unknown. NULL for other architectures. */
    bool (*probe_processor)(int64_t key, uint64_t *value);

    /* prctl's own options, as host_services.control; NULL = none. */
    int64_t (*control)(struct thread *thread, int option, const uint64_t arguments[4]);

    /* Registers at the program's entry. */
    void (*start_program)(struct cpu_header *state, uint64_t entry, uint64_t sp);
    void (*get_syscall)(const struct cpu_header *state, uint64_t *number, uint64_t arguments[6]);
    void (*set_result)(struct cpu_header *state, int64_t result);
    /* pc back to the system-call instruction, its first argument register as it was. */
    void (*restart_syscall)(struct cpu_header *state, uint64_t first_argument);
    /* The child's registers after clone: result 0; sp if not 0. */
    void (*start_child)(struct cpu_header *state, uint64_t sp);
    uint64_t (*stack_pointer)(const struct cpu_header *state);
    void (*set_thread_pointer)(struct cpu_header *state, uint64_t value);

    /* Writes the frame below frame->sp and sets the registers so that the handler runs. 0, or -EFAULT with the state
     * unchanged. */
    int (*build_signal_frame)(struct cpu_header *state, const struct signal_frame *frame);
    /* Reads the frame at the stack pointer back into the state; fills mask and stack. 0 or -EFAULT. */
    int (*restore_signal_frame)(struct cpu_header *state, struct signal_frame *frame);

    /* The guest's code for the vdso, see vdso.h. */
    const struct vdso_description *vdso;

    /* A hypercall of the vdso: returns false if there is none of that number. */
    uint64_t (*get_argument)(const struct cpu_header *state, unsigned index);
};

/* NULL if there is none of that name. */
const struct user_guest *user_guest_find(const char *name);

#endif
