/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto.h"

static uint32_t rotate_right(uint32_t x, unsigned count)
{
    return x >> count | x << (32 - count);
}
static uint32_t choose(uint32_t x, uint32_t y, uint32_t z)
{
    return ((y ^ z) & x) ^ z;
}
static uint32_t majority(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) | ((x | y) & z);
}

void sha1_rounds(uint32_t abcd[4], uint32_t e, const uint32_t words[4], enum sha1_function function)
{
    uint32_t a = abcd[0], b = abcd[1], c = abcd[2], d = abcd[3];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        uint32_t mixed = function == SHA1_CHOOSE   ? choose(b, c, d)
                         : function == SHA1_PARITY ? b ^ c ^ d
                                                   : majority(b, c, d);
        uint32_t next = rotate_right(a, 27) + mixed + e + words[i];
        e = d;
        d = c;
        c = rotate_right(b, 2);
        b = a;
        a = next;
    }
    abcd[0] = a;
    abcd[1] = b;
    abcd[2] = c;
    abcd[3] = d;
}

void sha1_schedule(uint32_t w[4], const uint32_t before[4])
{
    w[0] = rotate_right(w[0] ^ before[1], 31);
    w[1] = rotate_right(w[1] ^ before[2], 31);
    w[2] = rotate_right(w[2] ^ before[3], 31);
    w[3] = rotate_right(w[3], 31) ^ rotate_right(w[0], 31);
}

void sha256_rounds(uint32_t abcd[4], uint32_t efgh[4], const uint32_t words[4])
{
    uint32_t a = abcd[0], b = abcd[1], c = abcd[2], d = abcd[3];
    uint32_t e = efgh[0], f = efgh[1], g = efgh[2], h = efgh[3];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        uint32_t first =
            h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + choose(e, f, g) + words[i];
        uint32_t second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + majority(a, b, c);
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    abcd[0] = a;
    abcd[1] = b;
    abcd[2] = c;
    abcd[3] = d;
    efgh[0] = e;
    efgh[1] = f;
    efgh[2] = g;
    efgh[3] = h;
}

void sha256_schedule_0(uint32_t w[4], const uint32_t next[4])
{
    const uint32_t later[4] = {w[1], w[2], w[3], next[0]};
    for (unsigned i = 0; i < 4; i++) {
        w[i] += rotate_right(later[i], 7) ^ rotate_right(later[i], 18) ^ later[i] >> 3;
    }
}

void sha256_schedule_1(uint32_t w[4], const uint32_t middle[4], const uint32_t last[4])
{
    const uint32_t seven_before[4] = {middle[1], middle[2], middle[3], last[0]};
    for (unsigned i = 0; i < 4; i++) {
        uint32_t two_before = i < 2 ? last[i + 2] : w[i - 2];
        w[i] += seven_before[i] + (rotate_right(two_before, 17) ^ rotate_right(two_before, 19) ^ two_before >> 10);
    }
}
