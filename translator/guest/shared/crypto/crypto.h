/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps of SHA-1, SHA-256 and SM4 as instruction sets cut them, and a carry-less product. Portable C, exact. AES steps and
 * 64-bit carry-less products are operations of the IR. Words are in the host's order, element 0 first. */
#ifndef SHARED_CRYPTO_H
#define SHARED_CRYPTO_H

#include <stdint.h>

/* FIPS 180-4. */
enum sha1_function { SHA1_CHOOSE, SHA1_PARITY, SHA1_MAJORITY };
/* Four rounds; abcd and e are the state (e enters; it leaves as abcd[0] before the rounds, rotated, which the caller
   has), words already have the round constant added. */
void sha1_rounds(uint32_t abcd[4], uint32_t e, const uint32_t words[4], enum sha1_function function);
/* Second half of the message schedule: what the first half left in w, and the four words before. */
void sha1_schedule(uint32_t w[4], const uint32_t before[4]);
/* Four rounds; words have the round constants added. */
void sha256_rounds(uint32_t abcd[4], uint32_t efgh[4], const uint32_t words[4]);
/* w (t-16..t-13) plus sigma0 of the words one later; `next` is t-12..t-9. */
void sha256_schedule_0(uint32_t w[4], const uint32_t next[4]);
/* The four new words: w from sha256_schedule_0, t-8..t-5 and t-4..t-1. */
void sha256_schedule_1(uint32_t w[4], const uint32_t middle[4], const uint32_t last[4]);

/* SM4: the S-box on each byte of a word; four rounds of encryption; four steps of the key schedule. */
uint32_t sm4_substitute(uint32_t word);
void sm4_rounds(uint32_t state[4], const uint32_t keys[4]);
void sm4_schedule(uint32_t keys[4], const uint32_t constants[4]);

/* The product of two polynomials over GF(2). */
uint16_t carryless_product_8(uint8_t a, uint8_t b);

#endif
