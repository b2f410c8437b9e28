/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of system calls and program start; what the processor says of itself. */
#include "user_guest_riscv.h"

#include "placement.h"

/* a0 to a7 are x10 to x17. */
enum { A0 = 10, A7 = 17, SP = 2, TP = 4 };

static struct riscv_state *state_of(struct cpu_header *header)
{
    return (struct riscv_state *)header;
}

static const struct riscv_state *const_state_of(const struct cpu_header *header)
{
    return (const struct riscv_state *)header;
}

/* COMPAT_HWCAP_ISA_*: a bit per letter of the base extensions. */
static void hardware_capabilities(uint64_t capabilities[2])
{
    capabilities[0] = capabilities[1] = 0;
    for (const char *letter = "IMAFDC"; *letter; letter++) {
        capabilities[0] |= UINT64_C(1) << (*letter - 'A');
    }
}

static void describe_processor(FILE *file, unsigned index)
{
    fprintf(file,
            "processor\t: %u\nhart\t\t: %u\n"
            "isa\t\t: "
            "rv64imafdc_zicboz_zicntr_zicond_zicsr_zifencei_zihintntl_zihintpause_zimop_zabha_zacas_zawrs_zfa_zca_zcb_"
            "zcd_zcmop_"
            "zba_zbb_zbc_zbkb_zbkc_zbkx_zbs\n"
            "mmu\t\t: sv48\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n",
            index, index);
}

static void start_program(struct cpu_header *header, uint64_t entry, uint64_t sp)
{
    state_of(header)->pc = entry;
    state_of(header)->x[SP] = sp;
}

static void get_syscall(const struct cpu_header *header, uint64_t *number, uint64_t arguments[6])
{
    const struct riscv_state *state = const_state_of(header);
    *number = state->x[A7];
    for (unsigned index = 0; index < 6; index++) {
        arguments[index] = state->x[A0 + index];
    }
}

static uint64_t get_argument(const struct cpu_header *header, unsigned index)
{
    return const_state_of(header)->x[A0 + index];
}

static void set_result(struct cpu_header *header, int64_t result)
{
    state_of(header)->x[A0] = (uint64_t)result;
}

static void restart_syscall(struct cpu_header *header, uint64_t first_argument)
{
    state_of(header)->pc -= 4; /* ECALL has no compressed form */
    state_of(header)->x[A0] = first_argument;
}

static void start_child(struct cpu_header *header, uint64_t sp)
{
    state_of(header)->x[A0] = 0;
    if (sp) {
        state_of(header)->x[SP] = sp;
    }
}

static uint64_t stack_pointer(const struct cpu_header *header)
{
    return const_state_of(header)->x[SP];
}

static void set_thread_pointer(struct cpu_header *header, uint64_t value)
{
    state_of(header)->x[TP] = value;
}

const struct user_guest user_guest_riscv64 = {
    .name = "riscv64",
    .abi_name = "riscv64",
    .platform = NULL,
    .layout =
        {
            .limit = PLACEMENT_GUEST_LIMIT,
            .program = UINT64_C(0x550000000000),
            .stack_top = PLACEMENT_GUEST_LIMIT - (1 << 20),
            .stack_gap = UINT64_C(128) << 20,
        },
    .signal_frame_size = RISCV_SIGNAL_FRAME_SIZE + 16,
    .minimum_stack = 2048,
    .hardware_capabilities = hardware_capabilities,
    .describe_processor = describe_processor,
    .start_program = start_program,
    .get_syscall = get_syscall,
    .get_argument = get_argument,
    .set_result = set_result,
    .restart_syscall = restart_syscall,
    .start_child = start_child,
    .stack_pointer = stack_pointer,
    .set_thread_pointer = set_thread_pointer,
    .build_signal_frame = riscv_build_signal_frame,
    .restore_signal_frame = riscv_restore_signal_frame,
    .vdso = &riscv_vdso,
};
