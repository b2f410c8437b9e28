// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-256 and CRC-32 over generated data: long dependent chains of rotations, shifts and table look-ups.
#include "print.h"

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static uint32_t k[64];

static void make_constants(void)
{
    int count = 0;
    for (int n = 2; count < 64; n++) {
        int prime = 1;
        for (int d = 2; d * d <= n; d++)
            prime &= n % d != 0;
        if (!prime)
            continue;
        // First 32 bits of the fractional part of the cube root, by integer search to be exact on every libm.
        unsigned __int128 low = 0, high = (unsigned __int128)8 << 32;
        while (high - low > 1) {
            unsigned __int128 middle = (low + high) / 2;
            if (middle * middle * middle <= (unsigned __int128)n << 96)
                low = middle;
            else
                high = middle;
        }
        k[count++] = (uint32_t)low;
    }
}

static void sha256_block(uint32_t *h, const uint8_t *block)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, h, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
        uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

int main(void)
{
    make_constants();
    uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t block[64] = "abc\x80";
    block[63] = 24;
    sha256_block(h, block);
    for (int i = 0; i < 8; i++)
        printf("%08x", h[i]); // ba7816bf 8f01cfea ... for "abc"
    printf("\n");
    static uint8_t data[1 << 18];
    uint64_t random = 42;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(next_random(&random) >> 11);
    for (size_t i = 0; i < sizeof data; i += 64)
        sha256_block(h, data + i);
    for (int i = 0; i < 8; i++)
        printf("%08x", h[i]);
    uint32_t table[256], crc = 0xffffffff;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
    }
    for (size_t i = 0; i < sizeof data; i++)
        crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    printf(" %08x\n", ~crc);
    return 0;
}
