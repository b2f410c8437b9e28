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

/* What holds here beyond RV64IMAFDC, in the order of /proc/cpuinfo, and its bit of PROBE_EXTENSIONS. Zkt does not hold:
   a host without AES instructions looks tables up. Zicfiss and Zicfilp are off, as Linux leaves them. */
static const struct extension {
    const char *name;
    int8_t probe_bit; /* -1: the kernel has none */
} extensions[] = {
    {"zicbom", 55},   {"zicbop", 60},    {"zicboz", 6},       {"zicntr", 50}, {"zicond", 35}, {"zicsr", -1},
    {"zifencei", -1}, {"zihintntl", 29}, {"zihintpause", 36}, {"zimop", 42},  {"zaamo", 56},  {"zabha", 58},
    {"zacas", 34},    {"zalasr", 59},    {"zalrsc", 57},      {"zawrs", 48},  {"zfa", 32},    {"zfbfmin", 52},
    {"zfh", 27},      {"zfhmin", 28},    {"zca", 43},         {"zcb", 44},    {"zcd", 45},    {"zcmop", 47},
    {"zba", 3},       {"zbb", 4},        {"zbc", 7},          {"zbkb", 8},    {"zbkc", 9},    {"zbkx", 10},
    {"zbs", 5},       {"zkn", -1},       {"zknd", 11},        {"zkne", 12},   {"zknh", 13},   {"zks", -1},
    {"zksed", 14},    {"zksh", 15},
};
enum { EXTENSION_COUNT = sizeof extensions / sizeof *extensions };

static void print_extensions(FILE *file, const char *title)
{
    fprintf(file, "%s\t: rv64imafdc", title);
    for (unsigned i = 0; i < EXTENSION_COUNT; i++) {
        fprintf(file, "_%s", extensions[i].name);
    }
    fputc('\n', file);
}

static void describe_processor(FILE *file, unsigned index)
{
    fprintf(file, "processor\t: %u\nhart\t\t: %u\n", index, index);
    print_extensions(file, "isa\t");
    fprintf(file, "mmu\t\t: sv48\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n");
    print_extensions(file, "hart isa");
    fputc('\n', file);
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

static uint64_t extension_bits(void)
{
    enum { FLOAT_AND_DOUBLE = 1, COMPRESSED = 2 };
    uint64_t bits = FLOAT_AND_DOUBLE | COMPRESSED;
    for (unsigned i = 0; i < EXTENSION_COUNT; i++) {
        bits |= extensions[i].probe_bit >= 0 ? UINT64_C(1) << extensions[i].probe_bit : 0;
    }
    return bits;
}

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
        *value = extension_bits();
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
