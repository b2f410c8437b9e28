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
    fprintf(
        file,
        "processor\t: %u\nhart\t\t: %u\n"
        "isa\t\t: "
        "rv64imafdc_zicbom_zicbop_zicboz_zicntr_zicond_zicsr_zifencei_zihintntl_zihintpause_zimop_zaamo_zabha_zacas_"
        "zalasr_zalrsc_zawrs_zfa_zfbfmin_zfh_zfhmin_zca_zcb_zcd_zcmop_zba_zbb_zbc_zbkb_zbkc_zbkx_zbs_zknd_zkne_zknh_"
        "zksed_zksh\n"
        "mmu\t\t: sv48\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n",
        index, index);
}

/* asm/hwprobe.h */
enum probe_key {
    PROBE_VENDOR,
    PROBE_ARCHITECTURE,
    PROBE_IMPLEMENTATION,
    PROBE_BASE_BEHAVIOR,
    PROBE_EXTENSIONS,
    PROBE_MISALIGNED,
    PROBE_ZICBOZ_BLOCK,
    PROBE_HIGHEST_ADDRESS,
    PROBE_TIME_FREQUENCY,
    PROBE_MISALIGNED_SCALAR,
    PROBE_MISALIGNED_VECTOR,
    PROBE_VENDOR_THEAD,
    PROBE_ZICBOM_BLOCK,
    PROBE_VENDOR_SIFIVE,
    PROBE_VENDOR_MIPS,
    PROBE_ZICBOP_BLOCK,
    PROBE_EXTENSIONS_1,
};

/* Bits of PROBE_EXTENSIONS that hold here. Zkt does not: a host without AES instructions looks tables up. */
static const uint8_t probe_extension_bits[] = {
    0,  1,              /* F and D, C */
    3,  4,  5,  7,      /* Zba, Zbb, Zbs, Zbc */
    6,  55, 60,         /* Zicboz, Zicbom, Zicbop */
    8,  9,  10,         /* Zbkb, Zbkc, Zbkx */
    11, 12, 13, 14, 15, /* Zknd, Zkne, Zknh, Zksed, Zksh */
    29, 36, 48, 50,     /* Zihintntl, Zihintpause, Zawrs, Zicntr */
    32, 27, 28, 52,     /* Zfa, Zfh, Zfhmin, Zfbfmin */
    35,                 /* Zicond */
    42, 43, 44, 45, 47, /* Zimop, Zca, Zcb, Zcd, Zcmop */
    34, 56, 57, 58, 59, /* Zacas, Zaamo, Zalrsc, Zabha, Zalasr */
};

static bool probe_processor(int64_t key, uint64_t *value)
{
    enum { BASE_IMA = 1, MISALIGNED_FAST = 3, MISALIGNED_VECTOR_UNSUPPORTED = 4 };
    *value = 0;
    switch (key) {
    case PROBE_VENDOR:
    case PROBE_ARCHITECTURE:
    case PROBE_IMPLEMENTATION:
    case PROBE_VENDOR_THEAD:
    case PROBE_VENDOR_SIFIVE:
    case PROBE_VENDOR_MIPS:
    case PROBE_EXTENSIONS_1:
        return true;
    case PROBE_BASE_BEHAVIOR:
        *value = BASE_IMA;
        return true;
    case PROBE_EXTENSIONS:
        for (unsigned i = 0; i < sizeof probe_extension_bits; i++) {
            *value |= UINT64_C(1) << probe_extension_bits[i];
        }
        return true;
    case PROBE_MISALIGNED:
    case PROBE_MISALIGNED_SCALAR:
        *value = MISALIGNED_FAST;
        return true;
    case PROBE_ZICBOZ_BLOCK:
    case PROBE_ZICBOM_BLOCK:
    case PROBE_ZICBOP_BLOCK:
        *value = RISCV_CACHE_BLOCK;
        return true;
    case PROBE_HIGHEST_ADDRESS:
        *value = PLACEMENT_GUEST_LIMIT - 1;
        return true;
    case PROBE_TIME_FREQUENCY:
        *value = RISCV_TIMEBASE;
        return true;
    case PROBE_MISALIGNED_VECTOR:
        *value = MISALIGNED_VECTOR_UNSUPPORTED;
        return true;
    default:
        return false;
    }
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
    .probe_processor = probe_processor,
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
