/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of helpers, and those for system registers and checksums. */
#include "checksum.h"
#include "lift.h"

#include <sys/random.h>
#include <time.h>

#define HELPER(helper_name, call, type, side_effects)                                                                  \
    [A64_HELPER_##helper_name] = {.name = "a64_" #helper_name,                                                         \
                                  .kind = IR_CALL_##call,                                                              \
                                  .result = type,                                                                      \
                                  .effects = side_effects,                                                             \
                                  A64_MEMBER_##call = a64_helper_##helper_name},
#define A64_MEMBER_WORDS .words
#define A64_MEMBER_VALUES .values
const struct ir_helper a64_helpers[A64_HELPER_COUNT] = {
#include "helpers.def"
};
#undef HELPER

/* ---- NZCV, FPSR, FPCR ---- */

uint32_t aarch64_read_nzcv(const struct cpu_header *header)
{
    uint32_t bits = ((const struct aarch64_state *)header)->NZCV;
    return (bits & (IR_BIT_N | IR_BIT_Z)) << 16 | (bits & IR_BIT_C) << 21 | (bits & IR_BIT_V) << 28;
}

void aarch64_write_nzcv(struct cpu_header *header, uint32_t value)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    state->NZCV = (value >> 16 & (IR_BIT_N | IR_BIT_Z)) | (value >> 21 & IR_BIT_C) | (value >> 28 & IR_BIT_V);
}

#define FPSR_QC (1u << 27)

static const struct {
    uint32_t fpsr, exception;
} fpsr_bits[] = {
    {1 << 0, FLOAT_INVALID},   {1 << 1, FLOAT_DIVIDE_BY_ZERO}, {1 << 2, FLOAT_OVERFLOW},
    {1 << 3, FLOAT_UNDERFLOW}, {1 << 4, FLOAT_INEXACT},        {1 << 7, FLOAT_INPUT_DENORMAL},
};
enum { FPSR_BITS = sizeof fpsr_bits / sizeof *fpsr_bits };

uint32_t aarch64_read_fpsr(const struct cpu_header *header)
{
    const union ir_value *saturated = &((const struct aarch64_state *)header)->QC;
    uint32_t value = saturated->u64[0] | saturated->u64[1] ? FPSR_QC : 0;
    for (unsigned index = 0; index < FPSR_BITS; index++) {
        value |= header->fp.exceptions & fpsr_bits[index].exception ? fpsr_bits[index].fpsr : 0;
    }
    return value;
}

void aarch64_write_fpsr(struct cpu_header *header, uint32_t value)
{
    ((struct aarch64_state *)header)->QC = (union ir_value){.u64 = {value & FPSR_QC, 0}};
    header->fp.exceptions = 0;
    for (unsigned index = 0; index < FPSR_BITS; index++) {
        header->fp.exceptions |= value & fpsr_bits[index].fpsr ? fpsr_bits[index].exception : 0;
    }
}

/* AHP, DN, FZ, RMode, FZ16; the bits that enable traps read as zero, as the manual lets a CPU that has none. */
#define FPCR_MASK 0x07c80000u

uint32_t aarch64_read_fpcr(const struct cpu_header *header)
{
    return ((const struct aarch64_state *)header)->FPCR;
}

void aarch64_write_fpcr(struct cpu_header *header, uint32_t value)
{
    static const uint8_t rounding[4] = {FLOAT_NEAREST_EVEN, FLOAT_UP, FLOAT_DOWN, FLOAT_TOWARD_ZERO};
    ((struct aarch64_state *)header)->FPCR = value & FPCR_MASK;
    header->mode = (header->mode & CPU_MODE_COMMON) | (value >> 24 & 7) | (value >> 19 & 1 ? AARCH64_MODE_FZ16 : 0);
    header->fp.rounding = rounding[value >> 22 & 3];
}

void aarch64_clear_exclusive(struct cpu_header *header)
{
    ((struct aarch64_state *)header)->exclusive_address = AARCH64_MONITOR_OPEN;
}

uint64_t a64_helper_read_fpsr(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return aarch64_read_fpsr(header);
}

uint64_t a64_helper_write_fpsr(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    aarch64_write_fpsr(header, (uint32_t)value);
    return 0;
}

uint64_t a64_helper_write_fpcr(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    aarch64_write_fpcr(header, (uint32_t)value);
    return 0;
}

/* ---- others ---- */

/* CNTVCT_EL0: nanoseconds, as CNTFRQ_EL0 says. */
uint64_t a64_helper_read_counter(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* RNDR, RNDRRS */
uint64_t a64_helper_read_random(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t value = 0;
    while (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {
    }
    return value;
}

uint64_t a64_helper_invalidate_line(struct cpu_header *header, uint64_t address, uint64_t length, uint64_t c,
                                    uint64_t d)
{
    cpu_invalidate_code(header, address << 8 >> 8, length);
    return 0;
}

uint64_t a64_helper_hypercall(struct cpu_header *header, uint64_t number, uint64_t b, uint64_t c, uint64_t d)
{
    cpu_hypercall(header, (uint32_t)number);
    return 0;
}

uint64_t a64_helper_crc32(struct cpu_header *header, uint64_t crc, uint64_t value, uint64_t bytes, uint64_t d)
{
    return checksum_crc32((uint32_t)crc, value, (unsigned)bytes);
}

uint64_t a64_helper_crc32c(struct cpu_header *header, uint64_t crc, uint64_t value, uint64_t bytes, uint64_t d)
{
    return checksum_crc32c((uint32_t)crc, value, (unsigned)bytes);
}
