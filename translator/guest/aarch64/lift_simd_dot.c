/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Products of bytes summed into words: DotProd and I8MM.
 *
 * The bytes of a word are split into its even and its odd ones, each extended to 16 bits where it stands; two sums of
 * adjacent products are then all four products of the word. */
#include "simd.h"

struct bytes16 {
    ir_ref even, odd;
};

static struct bytes16 split(struct lifter *l, ir_ref x, bool is_signed)
{
    uint16_t by_byte = ir_lane_index(1, 8);
    if (is_signed) {
        return (struct bytes16){ir_v_sar(l->ir, ir_v_shl(l->ir, x, by_byte), by_byte), ir_v_sar(l->ir, x, by_byte)};
    }
    return (struct bytes16){ir_v_and(l->ir, x, simd_splat_constant(l, 1, 0xff)), ir_v_shr(l->ir, x, by_byte)};
}

static ir_ref add_products(struct lifter *l, ir_ref sum, ir_ref x, ir_ref y)
{
    return ir_v_add(l->ir, sum, ir_v_mul_add_pairs(l->ir, x, y), 2);
}

enum signs { UNSIGNED_N = 1, UNSIGNED_M = 2, UNSIGNED = 3 };

static bool dot(struct lifter *l, const struct a64_args_v3 *a, ir_ref m_value, unsigned signs)
{
    struct bytes16 n = split(l, simd_read(l, (unsigned)a->rn), !(signs & UNSIGNED_N));
    struct bytes16 m = split(l, m_value, !(signs & UNSIGNED_M));
    ir_ref sum = add_products(l, simd_read(l, (unsigned)a->rd), n.even, m.even);
    simd_write(l, (unsigned)a->rd, add_products(l, sum, n.odd, m.odd), simd_bytes(a->q));
    return true;
}

static bool dot_vector(struct lifter *l, const struct a64_args_v3 *a, unsigned signs)
{
    return dot(l, a, simd_read(l, (unsigned)a->rm), signs);
}

A64_LIFT(sdot_vector, v3, dot_vector, 0)
A64_LIFT(udot_vector, v3, dot_vector, UNSIGNED)
A64_LIFT(usdot_vector, v3, dot_vector, UNSIGNED_N)

/* One word of m for all words of n. */
static bool dot_element(struct lifter *l, const struct a64_args_velement *a, unsigned signs)
{
    const struct a64_args_v3 same = {.q = a->q, .rd = a->rd, .rn = a->rn};
    return dot(l, &same, simd_duplicate(l, simd_read(l, (unsigned)a->rm), 2, (unsigned)a->index), signs);
}

A64_LIFT(sdot_element, velement, dot_element, 0)
A64_LIFT(udot_element, velement, dot_element, UNSIGNED)
A64_LIFT(usdot_element, velement, dot_element, UNSIGNED_N)
A64_LIFT(sudot_element, velement, dot_element, UNSIGNED_M)

/* A matrix of 2 x 8 bytes by another's transpose: word 2i + j is row i of n by row j of m. Rows are two words long: the
   dot products of their first words, and of their second ones. */
static bool multiply_matrices(struct lifter *l, const struct a64_args_v3 *a, unsigned signs)
{
    static const uint8_t rows_of_n[2][4] = {{0, 0, 2, 2}, {1, 1, 3, 3}}, rows_of_m[2][4] = {{0, 2, 0, 2}, {1, 3, 1, 3}};
    ir_ref sum = simd_read(l, (unsigned)a->rd), n_value = simd_read(l, (unsigned)a->rn);
    ir_ref m_value = simd_read(l, (unsigned)a->rm);
    for (unsigned half = 0; half < 2; half++) {
        uint8_t map_n[16], map_m[16];
        for (unsigned i = 0; i < 16; i++) {
            map_n[i] = (uint8_t)(rows_of_n[half][i / 4] * 4 + i % 4);
            map_m[i] = (uint8_t)(rows_of_m[half][i / 4] * 4 + i % 4);
        }
        struct bytes16 n = split(l, simd_shuffle(l, n_value, n_value, map_n), !(signs & UNSIGNED_N));
        struct bytes16 m = split(l, simd_shuffle(l, m_value, m_value, map_m), !(signs & UNSIGNED_M));
        sum = add_products(l, add_products(l, sum, n.even, m.even), n.odd, m.odd);
    }
    simd_write(l, (unsigned)a->rd, sum, 16);
    return true;
}

A64_LIFT(smmla, v3, multiply_matrices, 0)
A64_LIFT(ummla, v3, multiply_matrices, UNSIGNED)
A64_LIFT(usmmla, v3, multiply_matrices, UNSIGNED_N)
