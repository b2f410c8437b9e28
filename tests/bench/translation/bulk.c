// SPDX-License-Identifier: GPL-2.0-or-later
/* Much code, each piece of which runs once a pass. A first pass costs translation and execution, a later one execution
 * alone: the difference is what translating costs, whoever translates. bulk PASSES */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct state {
    uint64_t words[64];
    uint8_t bytes[64];
    uint32_t steps;
    struct state *other;
};

__attribute__((noinline)) static uint64_t mix(uint64_t x)
{
    return (x ^ x >> 31) * 0x9e3779b97f4a7c15;
}

/* Typical code of no loops: fields, array elements, comparisons, both ways of a branch, a call. */
#define PIECE(n)                                                                                                       \
    __attribute__((noinline)) static uint64_t piece_##n(struct state *s, uint64_t x)                                   \
    {                                                                                                                  \
        uint64_t y = s->words[(n)*7 % 61] + x;                                                                         \
        if (y & ((n)&15 | 1))                                                                                          \
            y = y * ((n)*2 + 3) + s->bytes[y >> 3 & 63];                                                               \
        else                                                                                                           \
            y -= s->words[((n) + 5) * 3 % 61] >> ((n)&7);                                                              \
        s->words[(n)*5 % 53] = y ^ (n);                                                                                \
        if ((uint32_t)y > s->steps + (n)*77777u)                                                                       \
            s->bytes[(n)&63] ^= (uint8_t)x;                                                                            \
        s->steps += (uint32_t)((n)&3) + (y < x);                                                                       \
        s = s->other;                                                                                                  \
        y = mix(y + s->bytes[((n) >> 2) + 9 & 63]);                                                                    \
        if ((int64_t)(y - s->words[3]) < 0) {                                                                          \
            s->words[(n)*11 % 47] += y & 0xffff;                                                                       \
            y |= (uint64_t)(n) << 9;                                                                                   \
        }                                                                                                              \
        return (y << ((n) % 13 + 1) | y >> 51) + s->steps;                                                             \
    }
#define NAME(n) piece_##n,
#define TEN(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9)
#define HUNDRED(X, n)                                                                                                  \
    TEN(X, n##0)                                                                                                       \
    TEN(X, n##1) TEN(X, n##2) TEN(X, n##3) TEN(X, n##4) TEN(X, n##5) TEN(X, n##6) TEN(X, n##7) TEN(X, n##8)            \
        TEN(X, n##9)
#define ALL(X)                                                                                                         \
    HUNDRED(X, 10)                                                                                                     \
    HUNDRED(X, 11) HUNDRED(X, 12) HUNDRED(X, 13) HUNDRED(X, 14) HUNDRED(X, 15) HUNDRED(X, 16) HUNDRED(X, 17)           \
        HUNDRED(X, 18) HUNDRED(X, 19) HUNDRED(X, 20) HUNDRED(X, 21) HUNDRED(X, 22) HUNDRED(X, 23) HUNDRED(X, 24)       \
            HUNDRED(X, 25) HUNDRED(X, 26) HUNDRED(X, 27) HUNDRED(X, 28) HUNDRED(X, 29)

ALL(PIECE)

static uint64_t (*const pieces[])(struct state *, uint64_t) = {ALL(NAME)};

int main(int argc, char **argv)
{
    static struct state a, b;
    uint64_t x = 1;
    a.other = &b;
    b.other = &a;
    for (int i = 0; i < 64; i++) {
        a.words[i] = mix((uint64_t)i);
        b.bytes[i] = (uint8_t)(i * 7);
    }
    for (int pass = 0; pass < (argc > 1 ? atoi(argv[1]) : 1); pass++)
        for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++)
            x = pieces[i](&a, x);
    printf("%016llx\n", (unsigned long long)x);
    return 0;
}
