// SPDX-License-Identifier: GPL-2.0-or-later
// Loads and stores at odd addresses and across a page boundary, packed structures, overlapping widths.
#include "print.h"
#include <sys/mman.h>
#include <unistd.h>

struct __attribute__((packed)) packed {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    double e;
    float f;
};

int main(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED);
    uint64_t hash = MIX_START;
    for (size_t offset = page - 40; offset < page + 8; offset++) {
        struct packed *p = (struct packed *)(base + offset);
        p->a = (uint8_t)offset;
        p->b = (uint16_t)(offset * 3);
        p->c = (uint32_t)(offset * 0x12345);
        p->d = offset * 0x123456789abcdefull;
        p->e = (double)offset / 3;
        p->f = (float)offset * 0.7f;
        p = OPAQUE(p);
        p->d += p->c;
        p->e *= 2;
        for (size_t i = 0; i < sizeof *p; i++)
            hash = mix(hash, base[offset + i]);
        uint64_t word = OPAQUE(0x1122334455667788ull);
        memcpy(base + offset, &word, 8);
        uint16_t half;
        uint32_t middle;
        memcpy(&half, base + offset + 3, 2);
        memcpy(&middle, base + offset + 1, 4);
        hash = mix(mix(hash, half), middle);
    }
    printf("%016" PRIx64 "\n", hash);
    return 0;
}
