/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SM3 (GB/T 32905) and SM4 as A64 cuts them: the manual's pseudocode. Values are d, n, m as the instruction has them.
 */
#include "crypto.h"
#include "helpers_simd.h"

static uint32_t rotate_left(uint32_t x, unsigned count)
{
    return x << count | x >> (32 - count);
}

/* The permutation of the message expansion (P1) and that of the compression (P0). */
static uint32_t permute_expansion(uint32_t x)
{
    return x ^ rotate_left(x, 15) ^ rotate_left(x, 23);
}
static uint32_t permute_compression(uint32_t x)
{
    return x ^ rotate_left(x, 9) ^ rotate_left(x, 17);
}

/* n, m, a */
void a64_helper_sm3ss1(struct cpu_header *header, union ir_value *v)
{
    uint32_t sum = rotate_left(v[0].u32[3], 12) + v[1].u32[3] + v[2].u32[3];
    v[0] = (union ir_value){.u32 = {0, 0, 0, rotate_left(sum, 7)}};
}

/* One round's half: the oldest word leaves, the one after it is rotated, `newest` enters. */
static void shift_words(union ir_value *d, unsigned count, uint32_t newest)
{
    union ir_value old = *d;
    *d = (union ir_value){.u32 = {old.u32[1], rotate_left(old.u32[2], count), old.u32[3], newest}};
}

/* d, n, the word of m; v[3].i32: rounds 16 and up */
void a64_helper_sm3tt1(struct cpu_header *header, union ir_value *v)
{
    uint32_t a = v[0].u32[3], b = v[0].u32[2], c = v[0].u32[1];
    uint32_t mixed = v[3].i32 ? (a & b) | (a & c) | (b & c) : a ^ b ^ c;
    uint32_t second = v[1].u32[3] ^ rotate_left(a, 12);
    shift_words(&v[0], 9, mixed + v[0].u32[0] + second + v[2].i32);
}

void a64_helper_sm3tt2(struct cpu_header *header, union ir_value *v)
{
    uint32_t e = v[0].u32[3], f = v[0].u32[2], g = v[0].u32[1];
    uint32_t mixed = v[3].i32 ? (e & f) | (~e & g) : e ^ f ^ g;
    shift_words(&v[0], 19, permute_compression(mixed + v[0].u32[0] + v[1].u32[3] + v[2].i32));
}

void a64_helper_sm3partw1(struct cpu_header *header, union ir_value *v)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t before = i < 3 ? v[2].u32[i + 1] : v[0].u32[0];
        v[0].u32[i] = permute_expansion(v[0].u32[i] ^ v[1].u32[i] ^ rotate_left(before, 15));
    }
}

void a64_helper_sm3partw2(struct cpu_header *header, union ir_value *v)
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t mixed = v[1].u32[i] ^ rotate_left(v[2].u32[i], 7);
        v[0].u32[i] ^= mixed;
        v[0].u32[3] ^= i == 0 ? permute_expansion(rotate_left(mixed, 15)) : 0;
    }
}

/* d, n */
void a64_helper_sm4e(struct cpu_header *header, union ir_value *v)
{
    sm4_rounds(v[0].u32, v[1].u32);
}

/* n, m */
void a64_helper_sm4ekey(struct cpu_header *header, union ir_value *v)
{
    sm4_schedule(v[0].u32, v[1].u32);
}
