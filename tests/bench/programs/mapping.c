// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: mappings that come, change their protection, grow and go, with a few pages touched in each.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { page = 4096, slots = 64 };

int main(void)
{
    static struct {
        char *at;
        size_t size;
    } maps[slots];
    uint32_t seed = 9;
    unsigned long sum = 0;
    for (int i = 0; i < 90000; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned slot = seed >> 26;
        if (maps[slot].at) {
            sum += (unsigned char)maps[slot].at[maps[slot].size - page];
            munmap(maps[slot].at, maps[slot].size);
        }
        size_t size = ((seed >> 12) % 60 + 4) * page;
        char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
            return 1;
        at[0] = (char)i;
        if (i % 8 == 0) {
            at = mremap(at, size, size + 8 * page, MREMAP_MAYMOVE);
            if (at == MAP_FAILED)
                return 1;
            size += 8 * page;
        }
        mprotect(at + page, page, PROT_READ);
        sum += (unsigned char)at[0] + (unsigned char)at[page];
        at[size - page] = (char)(i >> 3);
        maps[slot].at = at;
        maps[slot].size = size;
    }
    printf("%lu\n", sum);
    return 0;
}
