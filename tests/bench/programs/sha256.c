// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: rotations and long dependent chains (SHA-256 rounds, constants simplified).
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

__attribute__((noinline)) static void block(uint32_t *h, const uint32_t *data)
{
    uint32_t w[64], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], i = h[7];
    memcpy(w, data, 64);
    for (int t = 16; t < 64; t++)
        w[t] = w[t - 16] + w[t - 7] + (rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3) +
               (rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10);
    for (int t = 0; t < 64; t++) {
        uint32_t x = i + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + 0x9e3779b9u * (uint32_t)t + w[t];
        uint32_t y = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        i = g, g = f, f = e, e = d + x, d = c, c = b, b = a, a = x + y;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += i;
}

int main(void)
{
    uint32_t h[8] = {1, 2, 3, 4, 5, 6, 7, 8}, data[16] = {0};
    for (uint32_t n = 0; n < 1100000; n++) {
        data[n & 15] = n;
        block(h, data);
    }
    printf("%08x%08x\n", h[0], h[7]);
    return 0;
}
