// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: a table look-up that each step depends on.
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    static uint8_t data[1 << 20];
    uint32_t table[256], crc = 0xffffffff;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
    }
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    for (int round = 0; round < 130; round++)
        for (unsigned i = 0; i < sizeof data; i++)
            crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
    printf("%08x\n", ~crc);
    return 0;
}
