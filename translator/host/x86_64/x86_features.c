/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>
#include "x86_features.h"

struct cpuid_bit {
    uint32_t feature;
    uint32_t leaf;  /* sub-leaf is 0 */
    uint8_t output; /* 0 to 3: eax, ebx, ecx, edx */
    uint8_t bit;
    uint8_t state; /* XCR0 bits that the system must have enabled: AVX 6, AVX-512 0xe6 */
};

enum { STATE_AVX = 0x06, STATE_AVX512 = 0xe6 };
enum { EBX = 1, ECX = 2 };

/* Features that stand for several bits are listed once per bit and need them all. */
static const struct cpuid_bit cpuid_bits[] = {
    {X86_HAS_SSSE3, 1, ECX, 9, 0},
    {X86_HAS_SSE41, 1, ECX, 19, 0},
    {X86_HAS_SSE42, 1, ECX, 20, 0},
    {X86_HAS_POPCNT, 1, ECX, 23, 0},
    {X86_HAS_LZCNT, 0x80000001, ECX, 5, 0},
    {X86_HAS_MOVBE, 1, ECX, 22, 0},
    {X86_HAS_CX16, 1, ECX, 13, 0},
    {X86_HAS_AES, 1, ECX, 25, 0},
    {X86_HAS_PCLMUL, 1, ECX, 1, 0},
    {X86_HAS_SHA, 7, EBX, 29, 0},
    {X86_HAS_GFNI, 7, ECX, 8, 0},
    {X86_HAS_AVX, 1, ECX, 28, STATE_AVX},
    {X86_HAS_AVX2, 7, EBX, 5, STATE_AVX},
    {X86_HAS_BMI1, 7, EBX, 3, 0},
    {X86_HAS_BMI2, 7, EBX, 8, 0},
    {X86_HAS_ADX, 7, EBX, 19, 0},
    {X86_HAS_FMA, 1, ECX, 12, STATE_AVX},
    {X86_HAS_F16C, 1, ECX, 29, STATE_AVX},
    {X86_HAS_AVX512, 7, EBX, 16, STATE_AVX512},
    {X86_HAS_AVX512, 7, EBX, 17, STATE_AVX512},
    {X86_HAS_AVX512, 7, EBX, 30, STATE_AVX512},
    {X86_HAS_AVX512, 7, EBX, 31, STATE_AVX512},
    {X86_HAS_AVX512_BITALG, 7, ECX, 12, STATE_AVX512},
    {X86_HAS_AVX512_BITALG, 7, ECX, 14, STATE_AVX512},
    {X86_HAS_ERMS, 7, EBX, 9, 0},
};

/* The rows' leaves; a hypervisor makes each cpuid cost microseconds, so each leaf is asked for once. */
struct cpuid_leaf {
    uint32_t number;
    uint32_t word[4];
};

static uint32_t enabled_state(const struct cpuid_leaf *first)
{
    uint32_t low, high;
    if (!(first->word[ECX] & bit_OSXSAVE)) {
        return 0;
    }
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

uint32_t x86_features_detect(void)
{
    struct cpuid_leaf leaves[] = {{.number = 1}, {.number = 7}, {.number = 0x80000001}};
    enum { LEAF_COUNT = sizeof leaves / sizeof *leaves };
    uint32_t most[2] = {__get_cpuid_max(0, NULL), __get_cpuid_max(0x80000000, NULL)};
    uint32_t present = (1u << X86_FEATURE_COUNT) - 1;
    for (unsigned k = 0; k < LEAF_COUNT; k++) {
        uint32_t *word = leaves[k].word;
        if (leaves[k].number <= most[leaves[k].number >> 31]) {
            __cpuid_count(leaves[k].number, 0, word[0], word[1], word[2], word[3]);
        }
    }
    uint32_t state = enabled_state(&leaves[0]);
    for (size_t i = 0; i < sizeof cpuid_bits / sizeof *cpuid_bits; i++) {
        const struct cpuid_bit *row = &cpuid_bits[i];
        const struct cpuid_leaf *leaf = leaves;
        while (leaf->number != row->leaf) {
            leaf++;
        }
        if (!(leaf->word[row->output] >> row->bit & 1) || (state & row->state) != row->state) {
            present &= ~row->feature;
        }
    }
    /* VEX-encoded general instructions need the same mode as AVX. */
    if (!(present & X86_HAS_AVX)) {
        present &= ~(uint32_t)(X86_HAS_AVX2 | X86_HAS_BMI1 | X86_HAS_BMI2 | X86_HAS_FMA | X86_HAS_F16C |
                               X86_HAS_AVX512 | X86_HAS_AVX512_BITALG);
    }
    return present;
}

const char *x86_feature_name(unsigned bit)
{
    static const char *const names[] = {
#define X(id, name) name,
        X86_FEATURES(X)
#undef X
    };
    return bit < X86_FEATURE_COUNT ? names[bit] : NULL;
}
