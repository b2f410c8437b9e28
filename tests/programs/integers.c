// SPDX-License-Identifier: GPL-2.0-or-later
// Every binary operator on every pair of edge values in every width and sign.
#include "print.h"

static const uint64_t edges[] = {0, 1, 2, 3, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
                                 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
                                 0xfffffffffffffffe, 0xffffffffffffffff, 0x123456789abcdef0, 0xaaaaaaaaaaaaaaaa};
#define EDGES (sizeof edges / sizeof *edges)

#define TEST_TYPE(name, type, unsigned_type)                                                                           \
    static void test_##name(void)                                                                                      \
    {                                                                                                                  \
        uint64_t sum[16];                                                                                              \
        for (int i = 0; i < 16; i++)                                                                                   \
            sum[i] = MIX_START;                                                                                        \
        for (size_t i = 0; i < EDGES; i++)                                                                             \
            for (size_t j = 0; j < EDGES; j++) {                                                                       \
                type a = OPAQUE((type)edges[i]), b = OPAQUE((type)edges[j]);                                           \
                unsigned_type ua = (unsigned_type)a, ub = (unsigned_type)b;                                            \
                unsigned shift = (unsigned)ub % (sizeof(type) * 8);                                                    \
                sum[0] = mix(sum[0], (uint64_t)(type)(ua + ub));                                                       \
                sum[1] = mix(sum[1], (uint64_t)(type)(ua - ub));                                                       \
                sum[2] = mix(sum[2], (uint64_t)(type)(unsigned_type)((uint64_t)ua * ub));                              \
                int overflow = (type)-1 < 0 && b == (type)-1 && ua == (unsigned_type)1 << (sizeof(type) * 8 - 1);      \
                if (b != 0 && !overflow) {                                                                             \
                    sum[3] = mix(sum[3], (uint64_t)(type)(a / b));                                                     \
                    sum[4] = mix(sum[4], (uint64_t)(type)(a % b));                                                     \
                }                                                                                                      \
                sum[5] = mix(sum[5], (uint64_t)(type)(a & b));                                                         \
                sum[6] = mix(sum[6], (uint64_t)(type)(a | b));                                                         \
                sum[7] = mix(sum[7], (uint64_t)(type)(a ^ b));                                                         \
                sum[8] = mix(sum[8], (uint64_t)(type)(ua << shift));                                                   \
                sum[9] = mix(sum[9], (uint64_t)(type)(a >> shift));                                                    \
                sum[10] = mix(sum[10], (uint64_t)((a < b) | (a <= b) << 1 | (a == b) << 2 | (a > b) << 3));            \
                sum[11] = mix(sum[11], (uint64_t)(type)~a + (uint64_t)(type)-ua);                                      \
                type result;                                                                                           \
                sum[12] = mix(sum[12], __builtin_add_overflow(a, b, &result) + 2 * (uint64_t)result);                  \
                sum[13] = mix(sum[13], __builtin_sub_overflow(a, b, &result) + 2 * (uint64_t)result);                  \
                sum[14] = mix(sum[14], __builtin_mul_overflow(a, b, &result) + 2 * (uint64_t)result);                  \
                sum[15] = mix(sum[15], (uint64_t)(a < b ? a : b) ^ (uint64_t)(a > 5 ? a + 1 : b));                     \
            }                                                                                                          \
        printf("%s:", #name);                                                                                          \
        for (int i = 0; i < 16; i++)                                                                                   \
            printf(" %016" PRIx64, sum[i]);                                                                            \
        printf("\n");                                                                                                  \
    }

TEST_TYPE(s8, int8_t, uint8_t)
TEST_TYPE(u8, uint8_t, uint8_t)
TEST_TYPE(s16, int16_t, uint16_t)
TEST_TYPE(u16, uint16_t, uint16_t)
TEST_TYPE(s32, int32_t, uint32_t)
TEST_TYPE(u32, uint32_t, uint32_t)
TEST_TYPE(s64, int64_t, uint64_t)
TEST_TYPE(u64, uint64_t, uint64_t)

int main(void)
{
    test_s8();
    test_u8();
    test_s16();
    test_u16();
    test_s32();
    test_u32();
    test_s64();
    test_u64();
    return 0;
}
