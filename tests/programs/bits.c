// SPDX-License-Identifier: GPL-2.0-or-later
// Bit counting, byte swaps, rotations, bit fields, extensions of every width.
#include "print.h"

struct fields {
    unsigned a : 3;
    int b : 5;
    unsigned c : 11;
    int64_t d : 33;
    uint64_t e : 29;
    unsigned f : 1;
};

static uint64_t rotate_left(uint64_t x, unsigned n)
{
    return x << (n & 63) | x >> (-n & 63);
}

static uint32_t rotate_right32(uint32_t x, unsigned n)
{
    return x >> (n & 31) | x << (-n & 31);
}

int main(void)
{
    uint64_t random = 88172645463325252ull;
    for (int i = 0; i < 64; i++) {
        uint64_t x = OPAQUE(i < 32 ? next_random(&random) : 1ull << (2 * (i - 32)));
        uint32_t w = (uint32_t)x | 1;
        printf("%016" PRIx64 " %d %d %d %d %d %d", x, __builtin_clzll(x), __builtin_ctzll(x), __builtin_popcountll(x),
               __builtin_clz(w), __builtin_ctz(w << (i & 7)), __builtin_parityll(x));
        printf(" %d %d", __builtin_clrsbll((long long)x), __builtin_ffsll((long long)x));
        printf(" %016" PRIx64 " %08x %04x", __builtin_bswap64(x), __builtin_bswap32(w), __builtin_bswap16((uint16_t)x));
        printf(" %016" PRIx64 " %08x", rotate_left(x, (unsigned)i * 7), rotate_right32(w, (unsigned)i * 3));
        printf(" %d %d %" PRId64 " %u", (int8_t)x, (int16_t)x, (int64_t)(int32_t)x, (uint8_t)(x >> 8));
        struct fields fields = {.a = x & 7, .b = (int)(x & 31) - 16, .c = x & 0x7ff};
        fields.d = (int64_t)(x << 20) >> 33;
        fields.e = x >> 40;
        fields.f = x & 1;
        fields.b += 3;
        fields.d -= 77;
        printf(" %u %d %u %lld %llu %u", fields.a, fields.b, fields.c, (long long)fields.d, (long long)fields.e, fields.f);
        printf(" %016" PRIx64 " %016" PRIx64 "\n", (x >> 13) & 0x1fffff, (x & ~0xffff0000ull) | (x << 7 & 0xffff0000));
    }
    return 0;
}
