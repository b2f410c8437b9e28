/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps put together into whole hashes of one block, compared with the examples that came with FIPS 180. */
#include "crypto.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* "abc", padded: the words of its only block. */
static const uint32_t block[16] = {0x61626380, [15] = 24};

static uint32_t rotate_left(uint32_t x, unsigned count)
{
    return x << count | x >> (32 - count);
}

/* Cube roots of the first primes, as SHA-256 uses them. */
static const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

START_TEST(sha256_of_abc)
{
    static const uint32_t begin[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    static const uint32_t expected[8] = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                         0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
    uint32_t w[64], state[8];
    memcpy(w, block, sizeof block);
    for (unsigned t = 16; t < 64; t += 4) {
        memcpy(w + t, w + t - 16, 16);
        sha256_schedule_0(w + t, w + t - 12);
        sha256_schedule_1(w + t, w + t - 8, w + t - 4);
    }
    memcpy(state, begin, sizeof state);
    for (unsigned t = 0; t < 64; t += 4) {
        uint32_t words[4];
        for (unsigned i = 0; i < 4; i++) {
            words[i] = w[t + i] + sha256_constants[t + i];
        }
        sha256_rounds(state, state + 4, words);
    }
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_uint_eq(state[i] + begin[i], expected[i]);
    }
}
END_TEST

START_TEST(sha1_of_abc)
{
    static const uint32_t begin[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    static const uint32_t expected[5] = {0xa9993e36, 0x4706816a, 0xba3e2571, 0x7850c26c, 0x9cd0d89d};
    static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    static const enum sha1_function functions[4] = {SHA1_CHOOSE, SHA1_PARITY, SHA1_MAJORITY, SHA1_PARITY};
    uint32_t w[80], abcd[4], e = begin[4];
    memcpy(w, block, sizeof block);
    for (unsigned t = 16; t < 80; t += 4) {
        for (unsigned i = 0; i < 4; i++) { /* the first half, without the words of this very group */
            w[t + i] = w[t + i - 16] ^ w[t + i - 14] ^ w[t + i - 8];
        }
        sha1_schedule(w + t, w + t - 4);
    }
    memcpy(abcd, begin, sizeof abcd);
    for (unsigned t = 0; t < 80; t += 4) {
        uint32_t words[4], next = rotate_left(abcd[0], 30);
        for (unsigned i = 0; i < 4; i++) {
            words[i] = w[t + i] + constants[t / 20];
        }
        sha1_rounds(abcd, e, words, functions[t / 20]);
        e = next;
    }
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(abcd[i] + begin[i], expected[i]);
    }
    ck_assert_uint_eq(e + begin[4], expected[4]);
}
END_TEST

START_TEST(carryless_products)
{
    ck_assert_uint_eq(carryless_product_8(0xff, 0xff), 0x5555);
    ck_assert_uint_eq(carryless_product_8(0x80, 0x80), 0x4000);
    ck_assert_uint_eq(carryless_product_8(0x57, 0x01), 0x57);
    ck_assert_uint_eq(carryless_product_8(0x57, 0x13), 0x57 ^ 0x57 << 1 ^ 0x57 << 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crypto");
    TCase *cases = tcase_create("steps");
    tcase_add_test(cases, sha256_of_abc);
    tcase_add_test(cases, sha1_of_abc);
    tcase_add_test(cases, carryless_products);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
