/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct guest of AArch64, and what is known of its features. */
#include "lift.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <string.h>

/* ---- features ---- */

/* Bits of the auxiliary vector (Linux, uapi asm/hwcap.h) that come with a feature of the decode files. */
static const struct {
    uint64_t feature;
    uint64_t hwcap, hwcap2;
} feature_hwcaps[] = {
    {A64_FEATURE_AES, 1u << 3, 0},      {A64_FEATURE_PMULL, 1u << 4, 0},   {A64_FEATURE_SHA1, 1u << 5, 0},
    {A64_FEATURE_SHA256, 1u << 6, 0},   {A64_FEATURE_CRC32, 1u << 7, 0},   {A64_FEATURE_LSE, 1u << 8, 0},
    {A64_FEATURE_RDM, 1u << 12, 0},     {A64_FEATURE_LRCPC, 1u << 15, 0},  {A64_FEATURE_DPB, 1u << 16, 0},
    {A64_FEATURE_LRCPC2, 1u << 26, 0},  {A64_FEATURE_FLAGM, 1u << 27, 0},  {A64_FEATURE_SB, 1u << 29, 0},
    {A64_FEATURE_SHA3, 1u << 17, 0},    {A64_FEATURE_SM3, 1u << 18, 0},    {A64_FEATURE_SM4, 1u << 19, 0},
    {A64_FEATURE_DOTPROD, 1u << 20, 0}, {A64_FEATURE_SHA512, 1u << 21, 0}, {A64_FEATURE_I8MM, 0, 1u << 13},
    {A64_FEATURE_DIT, 1u << 24, 0},     {A64_FEATURE_SSBS, 1u << 28, 0},   {A64_FEATURE_PAUTH, 3u << 30, 0},
    {A64_FEATURE_MOPS, 0, 1ull << 43},  {A64_FEATURE_DPB2, 0, 1u << 0},    {A64_FEATURE_FLAGM2, 0, 1u << 7},
    {A64_FEATURE_RNG, 0, 1u << 16},     {A64_FEATURE_WFXT, 0, 1u << 31},   {A64_FEATURE_CSSC, 0, 1ull << 34},
    {A64_FEATURE_HBC, 0, 1ull << 44},   {A64_FEATURE_FP16, 3u << 9, 0},    {A64_FEATURE_JSCVT, 1u << 13, 0},
    {A64_FEATURE_FCMA, 1u << 14, 0},    {A64_FEATURE_FHM, 1u << 23, 0},    {A64_FEATURE_FRINTTS, 0, 1u << 8},
    {A64_FEATURE_BF16, 0, 1u << 14},
};
/* FP, ASIMD, CPUID (identification registers can be read). */
#define HWCAP_BASE (1u << 0 | 1u << 1 | 1u << 11)

#define FEATURES                                                                                                       \
    (A64_FEATURE_CRC32 | A64_FEATURE_LSE | A64_FEATURE_LOR | A64_FEATURE_LRCPC | A64_FEATURE_LRCPC2 |                  \
     A64_FEATURE_FLAGM | A64_FEATURE_FLAGM2 | A64_FEATURE_RDM | A64_FEATURE_AES | A64_FEATURE_PMULL |                  \
     A64_FEATURE_SHA1 | A64_FEATURE_SHA256 | A64_FEATURE_SB | A64_FEATURE_DPB | A64_FEATURE_DPB2 | A64_FEATURE_RNG |   \
     A64_FEATURE_HBC | A64_FEATURE_CSSC | A64_FEATURE_XS | A64_FEATURE_WFXT | A64_FEATURE_SHA512 | A64_FEATURE_SHA3 |  \
     A64_FEATURE_SM3 | A64_FEATURE_SM4 | A64_FEATURE_DOTPROD | A64_FEATURE_I8MM | A64_FEATURE_PAUTH |                  \
     A64_FEATURE_MOPS | A64_FEATURE_SSBS | A64_FEATURE_DIT | A64_FEATURE_FP16 | A64_FEATURE_FHM | A64_FEATURE_BF16 |   \
     A64_FEATURE_FCMA | A64_FEATURE_JSCVT | A64_FEATURE_FRINTTS)

uint64_t aarch64_hwcap(void)
{
    uint64_t bits = HWCAP_BASE;
    for (unsigned index = 0; index < sizeof feature_hwcaps / sizeof *feature_hwcaps; index++) {
        bits |= FEATURES & feature_hwcaps[index].feature ? feature_hwcaps[index].hwcap : 0;
    }
    return bits;
}

uint64_t aarch64_hwcap2(void)
{
    uint64_t bits = 0;
    for (unsigned index = 0; index < sizeof feature_hwcaps / sizeof *feature_hwcaps; index++) {
        bits |= FEATURES & feature_hwcaps[index].feature ? feature_hwcaps[index].hwcap2 : 0;
    }
    return bits;
}

/* ---- floating point ---- */

#define RULES(mode)                                                                                                    \
    [mode] = {                                                                                                         \
        .name = "arm",                                                                                                 \
        .nan_choice = (mode)&AARCH64_MODE_DN ? FLOAT_NAN_DEFAULT : FLOAT_NAN_SIGNALING_FIRST,                          \
        .tininess_before_rounding = true,                                                                              \
        .flush_inputs = (mode)&AARCH64_MODE_FZ,                                                                        \
        .flush_outputs = (mode)&AARCH64_MODE_FZ,                                                                       \
        .flush_inputs_half = (mode)&AARCH64_MODE_FZ16,                                                                 \
        .flush_outputs_half = (mode)&AARCH64_MODE_FZ16,                                                                \
        .alternative_half = (mode)&AARCH64_MODE_AHP,                                                                   \
        .fma_accumulator_nan_first = true,                                                                             \
        .fma_zero_infinity_default = true,                                                                             \
        .fma_zero_infinity_invalid = true,                                                                             \
        .nan_integer = FLOAT_NAN_TO_ZERO,                                                                              \
        .minnum_signaling = FLOAT_MINNUM_RETURNS_NAN,                                                                  \
    }

const struct float_rules a64_float_rules[AARCH64_MODE_COUNT] = {
    RULES(0), RULES(1), RULES(2),  RULES(3),  RULES(4),  RULES(5),  RULES(6),  RULES(7),
    RULES(8), RULES(9), RULES(10), RULES(11), RULES(12), RULES(13), RULES(14), RULES(15),
};

static const struct float_rules *rules_of_mode(uint32_t mode)
{
    return &a64_float_rules[mode & (AARCH64_MODE_COUNT - 1)];
}

/* ---- decoding and lifting ---- */

/* Instructions are little-endian whatever the byte order of data. */
static uint32_t fetch(const uint8_t *code)
{
    return (uint32_t)code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
}

static void lift_undefined(struct lifter *l)
{
    bool is_missing = l->row != NULL && (l->row->status == DECODE_MISSING || l->row->features & ~FEATURES);
    lift_trap(l, TRAP_UNDEFINED, is_missing);
}

static void lift_instruction(struct lifter *l)
{
    union a64_args args;
    l->length = 4;
    l->end = LIFT_NEXT;
    l->row = NULL;
    ir_mark(l->ir, l->pc, l->length);
    if (l->available < 4) {
        lift_trap(l, TRAP_FETCH, 0);
        return;
    }
    uint32_t bits = fetch(l->code);
    l->row = a64_decode(bits, &args);
    if (l->row == NULL || l->row->features & ~FEATURES || !a64_lift(l, l->row, &args)) {
        lift_undefined(l);
    }
}

/* How far the code is looked through for an instruction that sets the flags. */
enum { FLAGS_REACH = 8 };

static bool flags_are_dead(const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode)
{
    union a64_args args;
    for (unsigned index = 0; index < FLAGS_REACH && available >= 4; index++, code += 4, available -= 4) {
        const struct decode_row *row = a64_decode(fetch(code), &args);
        if (row == NULL || row->attributes & A64_ATTRIBUTE_USES_FLAGS) {
            return false;
        }
        if (row->status != DECODE_HINT && !(row->attributes & A64_ATTRIBUTE_PLAIN)) {
            return false;
        }
        if (row->attributes & A64_ATTRIBUTE_SETS_FLAGS) {
            return true;
        }
    }
    return false;
}

static unsigned describe(char *text, size_t size, const uint8_t *code, uint32_t available, uint64_t pc, uint32_t mode)
{
    union a64_args args;
    const struct decode_row *row = available < 4 ? NULL : a64_decode(fetch(code), &args);
    if (row == NULL) {
        return 0;
    }
    decode_row_print(text, size, row, &args);
    return 4;
}

static void reset(struct cpu_header *header)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    memset((char *)state + sizeof state->header, 0, sizeof *state - sizeof state->header);
    aarch64_clear_exclusive(header);
    aarch64_write_fpcr(header, 0);
    aarch64_write_fpsr(header, 0);
}

/* cpsr is PSTATE as the kernel shows it: nothing but the flags is set at EL0. */
static uint64_t read_debug_register(struct cpu_header *header, const char *name)
{
    return strcmp(name, "cpsr") == 0   ? aarch64_read_nzcv(header)
           : strcmp(name, "fpsr") == 0 ? aarch64_read_fpsr(header)
                                       : aarch64_read_fpcr(header);
}

static void write_debug_register(struct cpu_header *header, const char *name, uint64_t value)
{
    if (strcmp(name, "cpsr") == 0) {
        aarch64_write_nzcv(header, (uint32_t)value);
    } else if (strcmp(name, "fpsr") == 0) {
        aarch64_write_fpsr(header, (uint32_t)value);
    } else {
        aarch64_write_fpcr(header, (uint32_t)value);
    }
}

const struct guest guest_aarch64 = {
    .name = "aarch64",
    .peer_name = "aarch64",
    .elf_machine = EM_AARCH64,
    .elf_class = ELFCLASS64,
    .big_endian = false,
    .word_bits = 64,
    .instruction_align = 4,
    .instruction_longest = 4,
    .tag_bits = 8,
    .page_log = 12,
    .state_size = sizeof(struct aarch64_state),
    .slots = aarch64_slots,
    .slot_count = AARCH64_SLOT_COUNT,
    .pc_slot = AARCH64_SLOT_PC,
    .sp_slot = AARCH64_SLOT_SP,
    .helpers = a64_helpers,
    .helper_count = A64_HELPER_COUNT,
    .explicit_code_flush = true,
    .reset = reset,
    .float_rules = rules_of_mode,
    .lift = lift_instruction,
    .flags_are_dead = flags_are_dead,
    .describe = describe,
    .debug = &aarch64_debug_description,
    .read_debug_register = read_debug_register,
    .write_debug_register = write_debug_register,
    .capstone_arch = CS_ARCH_ARM64,
    .capstone_mode = CS_MODE_LITTLE_ENDIAN,
};
