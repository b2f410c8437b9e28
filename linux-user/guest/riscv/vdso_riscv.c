/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the vdso. Debuggers and unwinders know the signal trampoline by its two instructions. */
#include "user_guest_riscv.h"

#define LI_A7(number) (0x00000893u | (uint32_t)(number) << 20) /* addi a7, zero, number */
#define ECALL 0x00000073u
#define RET 0x00008067u
/* KAGE_CALL of integer.decode */
#define HYPERCALL(number) (0x0000000bu | (uint32_t)(number) << 20)
#define NOP 0x00000013u

enum { NR_RT_SIGRETURN = 139, NR_GETCPU = 168, NR_RISCV_HWPROBE = 258, NR_RISCV_FLUSH_ICACHE = 259 };

static const uint32_t code[] = {
    NOP, /* unwinders look at the instruction before a return address */
    LI_A7(NR_RT_SIGRETURN),
    ECALL, /* 4 */
    HYPERCALL(VDSO_CLOCK_GETTIME),
    RET, /* 12 */
    HYPERCALL(VDSO_GETTIMEOFDAY),
    RET, /* 20 */
    HYPERCALL(VDSO_CLOCK_GETRES),
    RET, /* 28 */
    LI_A7(NR_GETCPU),
    ECALL,
    RET, /* 36 */
    LI_A7(NR_RISCV_HWPROBE),
    ECALL,
    RET, /* 48 */
    LI_A7(NR_RISCV_FLUSH_ICACHE),
    ECALL,
    RET, /* 60 */
};

static const struct vdso_function functions[] = {
    {"__vdso_rt_sigreturn", 4, 8},   {"__vdso_clock_gettime", 12, 8}, {"__vdso_gettimeofday", 20, 8},
    {"__vdso_clock_getres", 28, 8},  {"__vdso_getcpu", 36, 12},       {"__vdso_riscv_hwprobe", 48, 12},
    {"__vdso_flush_icache", 60, 12},
};

const struct vdso_description riscv_vdso = {
    .version = "LINUX_4.15",
    .code = code,
    .code_size = sizeof code,
    .return_offset = 4,
    .functions = functions,
    .function_count = sizeof functions / sizeof functions[0],
    .elf_flags = 5, /* EF_RISCV_RVC, EF_RISCV_FLOAT_ABI_DOUBLE */
};
