/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AArch64 Linux: registers of system calls, program start, hardware capabilities. */
#include "control_aarch64.h"
#include "signal_frame_aarch64.h"
#include "placement.h"
#include "vdso.h"

#include "aarch64.h"
#include "aarch64_state.h"
#include "user_guest.h"

enum { SYSCALL_REGISTER = 8, INSTRUCTION_BYTES = 4 };

static struct aarch64_state *state_of(struct cpu_header *header)
{
    return (struct aarch64_state *)header;
}

static const struct aarch64_state *const_state_of(const struct cpu_header *header)
{
    return (const struct aarch64_state *)header;
}

static void hardware_capabilities(uint64_t capabilities[2])
{
    capabilities[0] = aarch64_hwcap();
    capabilities[1] = aarch64_hwcap2();
}

/* The names of AT_HWCAP's bits 0 to 31 as Linux prints them, then those of AT_HWCAP2's 0 to 44. */
static const char *const feature_names[] = {
    "fp",    "asimd",    "evtstrm", "aes",   "pmull",  "sha1",  "sha2", "crc32", "atomics", "fphp",    "asimdhp",
    "cpuid", "asimdrdm", "jscvt",   "fcma",  "lrcpc",  "dcpop", "sha3", "sm3",   "sm4",     "asimddp", "sha512",
    "sve",   "asimdfhm", "dit",     "uscat", "ilrcpc", "flagm", "ssbs", "sb",    "paca",    "pacg",
};
static const char *const feature_names_2[] = {
    "dcpodp",    "sve2",      "sveaes",    "svepmull",  "svebitperm", "svesha3",   "svesm4",    "flagm2",    "frint",
    "svei8mm",   "svef32mm",  "svef64mm",  "svebf16",   "i8mm",       "bf16",      "dgh",       "rng",       "bti",
    "mte",       "ecv",       "afp",       "rpres",     "mte3",       "sme",       "smei16i64", "smef64f64", "smei8i32",
    "smef16f32", "smeb16f32", "smef32f32", "smefa64",   "wfxt",       "ebf16",     "sveebf16",  "cssc",      "rprfm",
    "sve2p1",    "sme2",      "sme2p1",    "smei16i32", "smebi32i32", "smeb16b16", "smef16f16", "mops",      "hbc",
};

static void print_features(FILE *file, uint64_t bits, const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (bits >> i & 1) {
            fprintf(file, " %s", names[i]);
        }
    }
}

static void describe_processor(FILE *file, unsigned index)
{
    fprintf(file, "processor\t: %u\nBogoMIPS\t: 100.00\nFeatures\t:", index);
    print_features(file, aarch64_hwcap(), feature_names, sizeof feature_names / sizeof *feature_names);
    print_features(file, aarch64_hwcap2(), feature_names_2, sizeof feature_names_2 / sizeof *feature_names_2);
    fprintf(file, "\nCPU implementer\t: %#04x\nCPU architecture: 8\nCPU variant\t: %#x\nCPU part\t: %#05x\nCPU revision\t: %u\n\n",
            AARCH64_MIDR >> 24, AARCH64_MIDR >> 20 & 15, AARCH64_MIDR >> 4 & 0xfff, AARCH64_MIDR & 15);
}

static void start_program(struct cpu_header *header, uint64_t entry, uint64_t sp)
{
    struct aarch64_state *state = state_of(header);
    state->PC = entry;
    state->SP = sp;
    aarch64_reset_keys(header, AARCH64_ALL_KEYS);
}

static void get_syscall(const struct cpu_header *header, uint64_t *number, uint64_t arguments[6])
{
    const struct aarch64_state *state = const_state_of(header);
    *number = (uint32_t)state->X[SYSCALL_REGISTER];
    for (int i = 0; i < 6; i++) {
        arguments[i] = state->X[i];
    }
}

static void set_result(struct cpu_header *header, int64_t result)
{
    state_of(header)->X[0] = (uint64_t)result;
}

static void restart_syscall(struct cpu_header *header, uint64_t first_argument)
{
    struct aarch64_state *state = state_of(header);
    state->PC -= INSTRUCTION_BYTES;
    state->X[0] = first_argument;
}

static void start_child(struct cpu_header *header, uint64_t sp)
{
    struct aarch64_state *state = state_of(header);
    state->X[0] = 0;
    if (sp) {
        state->SP = sp;
    }
}

static uint64_t stack_pointer(const struct cpu_header *header)
{
    return const_state_of(header)->SP;
}

static void set_thread_pointer(struct cpu_header *header, uint64_t value)
{
    state_of(header)->TPIDR_EL0 = value;
}

static uint64_t get_argument(const struct cpu_header *header, unsigned index)
{
    return const_state_of(header)->X[index];
}

enum {
    NOP = 0xd503201f,
    SVC = 0xd4000001,
    RET = 0xd65f03c0,
    MOV_X8_RT_SIGRETURN = 0xd2801168,
    HLT = 0xd4400000,
    IMMEDIATE_SHIFT = 5,
};

#define HYPERCALL(number) HLT | (AARCH64_HYPERCALL + (number)) << IMMEDIATE_SHIFT

/* Unwinders know the trampoline by its two instructions; the one before it is for those that look at pc - 4. */
static const uint32_t vdso_code[] = {
    NOP, MOV_X8_RT_SIGRETURN,          SVC, HYPERCALL(VDSO_CLOCK_GETTIME), RET, HYPERCALL(VDSO_GETTIMEOFDAY),
    RET, HYPERCALL(VDSO_CLOCK_GETRES), RET,
};

static const struct vdso_function vdso_functions[] = {
    {"__kernel_rt_sigreturn", 4, 8},
    {"__kernel_clock_gettime", 12, 8},
    {"__kernel_gettimeofday", 20, 8},
    {"__kernel_clock_getres", 28, 8},
};

static const struct vdso_description vdso = {
    .version = "LINUX_2.6.39",
    .code = vdso_code,
    .code_size = sizeof vdso_code,
    .return_offset = 4,
    .functions = vdso_functions,
    .function_count = sizeof vdso_functions / sizeof vdso_functions[0],
};

const struct user_guest user_guest_aarch64 = {
    .name = "aarch64",
    .abi_name = "aarch64",
    .platform = "aarch64",
    .layout =
        {
            .limit = PLACEMENT_GUEST_LIMIT,
            .program = UINT64_C(0x550000000000),
            .stack_top = PLACEMENT_GUEST_LIMIT - (1 << 20),
            .stack_gap = 128 << 20,
        },
    .signal_frame_size = AARCH64_SIGNAL_FRAME_SIZE,
    .minimum_stack = 5120,
    .hardware_capabilities = hardware_capabilities,
    .describe_processor = describe_processor,
    .control = aarch64_control,
    .start_program = start_program,
    .get_syscall = get_syscall,
    .set_result = set_result,
    .restart_syscall = restart_syscall,
    .start_child = start_child,
    .stack_pointer = stack_pointer,
    .set_thread_pointer = set_thread_pointer,
    .build_signal_frame = aarch64_build_signal_frame,
    .restore_signal_frame = aarch64_restore_signal_frame,
    .vdso = &vdso,
    .get_argument = get_argument,
};
