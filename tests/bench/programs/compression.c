// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: byte loads, hash tables and unpredictable branches of an LZ compressor and its decompressor.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { size = 1 << 20, hash_bits = 15 };

static uint32_t read32(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, 4);
    return value;
}

__attribute__((noinline)) static size_t compress(const uint8_t *in, uint8_t *out)
{
    static uint32_t table[1 << hash_bits];
    uint8_t *start = out;
    size_t at = 0, literal = 0;
    memset(table, 0, sizeof table);
    while (at + 12 < size) {
        uint32_t slot = read32(in + at) * 2654435761u >> (32 - hash_bits), candidate = table[slot];
        table[slot] = (uint32_t)at;
        if (candidate < at && at - candidate < 65536 && read32(in + candidate) == read32(in + at)) {
            size_t length = 4;
            while (at + length + 8 < size && length < 250 && in[candidate + length] == in[at + length])
                length++;
            while (literal < at) {
                size_t run = at - literal > 255 ? 255 : at - literal;
                *out++ = 0;
                *out++ = (uint8_t)run;
                memcpy(out, in + literal, run);
                out += run;
                literal += run;
            }
            *out++ = (uint8_t)length;
            *out++ = (uint8_t)(at - candidate);
            *out++ = (uint8_t)((at - candidate) >> 8);
            at += length;
            literal = at;
        } else {
            at++;
        }
    }
    return (size_t)(out - start);
}

__attribute__((noinline)) static size_t expand(const uint8_t *in, size_t length, uint8_t *out)
{
    uint8_t *start = out;
    for (const uint8_t *end = in + length; in < end;) {
        unsigned count = *in++;
        if (count == 0) {
            unsigned run = *in++;
            memcpy(out, in, run);
            out += run;
            in += run;
        } else {
            const uint8_t *from = out - (in[0] | in[1] << 8);
            in += 2;
            while (count--)
                *out++ = *from++;
        }
    }
    return (size_t)(out - start);
}

int main(void)
{
    uint8_t *text = malloc(size), *packed = malloc(2 * size), *again = malloc(2 * size);
    uint32_t seed = 7;
    size_t total = 0;
    for (int i = 0; i < size; i++) {
        seed = seed * 1103515245 + 12345;
        text[i] = (uint8_t)(i > 5000 && (seed >> 16) % 16 ? text[i - 1 - (seed >> 24) % 8 * 613] : 'a' + (seed >> 20) % 20);
    }
    for (int round = 0; round < 38; round++) {
        size_t length = compress(text, packed), back = expand(packed, length, again);
        total += length;
        if (memcmp(text, again, back) != 0)
            return 1;
        text[round * 100]++;
    }
    printf("%zu\n", total);
    return 0;
}
