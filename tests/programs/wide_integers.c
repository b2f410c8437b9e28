// SPDX-License-Identifier: GPL-2.0-or-later
// 128-bit arithmetic: carry chains, high halves of products, the division routines of libgcc.
#include "print.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

static void print_wide(const char *name, u128 value)
{
    printf(" %s=%016" PRIx64 "%016" PRIx64, name, (uint64_t)(value >> 64), (uint64_t)value);
}

int main(void)
{
    static const uint64_t edges[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000001, INT64_MAX,
                                     0x8000000000000000, UINT64_MAX, 0x123456789abcdef1};
    enum { count = sizeof edges / sizeof *edges };
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            uint64_t a = OPAQUE(edges[i]), b = OPAQUE(edges[j]);
            u128 x = ((u128)a << 64) | b, y = ((u128)b << 32) | a;
            print_wide("mulu", (u128)a * b);
            print_wide("muls", (u128)((s128)(int64_t)a * (int64_t)b));
            print_wide("add", x + y);
            print_wide("sub", x - y);
            print_wide("mul", x * y);
            print_wide("shl", x << (b & 127));
            print_wide("shr", x >> (a & 127));
            print_wide("sar", (u128)((s128)x >> (a & 127)));
            if (y) {
                print_wide("div", x / y);
                print_wide("rem", x % y);
                if (!(y == (u128)-1))
                    print_wide("sdiv", (u128)((s128)x / (s128)y));
            }
            printf(" cmp=%d%d%d\n", x < y, (s128)x < (s128)y, x == y);
        }
    return 0;
}
