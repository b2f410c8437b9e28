// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: 64-bit multiplications and rotations in four independent lanes, as fast hash functions have them.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const uint64_t odd[4] = {0x9e3779b97f4a7c15, 0xd1b54a32d192ed03, 0xaef17502108ef2d9, 0xf1357aea2e62a9c5};

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static uint64_t read64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, __builtin_assume_aligned(p, 8), 8);
    return value;
}

__attribute__((noinline)) static uint64_t hash(const uint8_t *p, size_t length, uint64_t seed)
{
    uint64_t lane0 = seed + odd[0], lane1 = seed ^ odd[1], lane2 = seed, lane3 = seed - odd[2], h;
    for (; length >= 32; p += 32, length -= 32) {
        lane0 = rotate(lane0 + read64(p) * odd[1], 31) * odd[0];
        lane1 = rotate(lane1 + read64(p + 8) * odd[1], 31) * odd[0];
        lane2 = rotate(lane2 + read64(p + 16) * odd[1], 31) * odd[0];
        lane3 = rotate(lane3 + read64(p + 24) * odd[1], 31) * odd[0];
    }
    h = rotate(lane0, 1) + rotate(lane1, 7) + rotate(lane2, 12) + rotate(lane3, 18) + length;
    for (; length > 0; p++, length--)
        h = rotate(h ^ *p * odd[3], 11) * odd[0];
    h = (h ^ h >> 33) * odd[1];
    h = (h ^ h >> 29) * odd[2];
    return h ^ h >> 32;
}

int main(void)
{
    static uint8_t data[1 << 16];
    uint64_t sum = 0;
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    for (unsigned round = 0; round < 44000; round++) {
        unsigned start = round % 61 * 8;
        sum = hash(data + start, sizeof data - start - round % 29, sum);
        sum += hash(data + start, round % 97, sum);
    }
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
