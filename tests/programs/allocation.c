// SPDX-License-Identifier: GPL-2.0-or-later
// malloc in every size class, large arrays, alloca, realloc, brk growth and its shrinking again.
#include "print.h"
#include <alloca.h>
#include <malloc.h>
#include <unistd.h>

static uint64_t with_alloca(int n)
{
    uint8_t *p = alloca((size_t)n);
    memset(p, n & 0xff, (size_t)n);
    uint64_t sum = 0;
    for (int i = 0; i < n; i += 97)
        sum += p[i];
    return sum;
}

int main(void)
{
    enum { count = 2000 };
    static uint8_t *blocks[count];
    static size_t sizes[count];
    uint64_t random = 31, hash = MIX_START;
    for (int round = 0; round < 30000; round++) {
        int i = (int)(next_random(&random) % count);
        if (blocks[i]) {
            for (size_t j = 0; j < sizes[i]; j += 1 + sizes[i] / 4)
                CHECK(blocks[i][j] == (uint8_t)i);
            if (random & 64) {
                free(blocks[i]);
                blocks[i] = NULL;
                continue;
            }
        }
        sizes[i] = next_random(&random) % (round % 100 == 0 ? 300000 : 500) + 1;
        blocks[i] = realloc(blocks[i], sizes[i]);
        CHECK(blocks[i] && ((uintptr_t)blocks[i] & 15) == 0);
        memset(blocks[i], i, sizes[i]);
        hash = mix(hash, sizes[i]);
    }
    void *aligned = NULL;
    CHECK(posix_memalign(&aligned, 4096, 10000) == 0 && ((uintptr_t)aligned & 4095) == 0);
    CHECK(calloc(1000, 1000) != NULL);
    CHECK(malloc(SIZE_MAX / 2 - OPAQUE(0)) == NULL);
    char *start = sbrk(0);
    CHECK(sbrk(1 << 20) == start && sbrk(0) == start + (1 << 20));
    memset(start, 1, 1 << 20);
    CHECK(sbrk(-(1 << 20)) == start + (1 << 20) && sbrk(0) == start);
    static uint32_t large[8 << 20];
    for (size_t i = 0; i < sizeof large / sizeof *large; i += 1024)
        large[i] = (uint32_t)i;
    for (size_t i = 0; i < sizeof large / sizeof *large; i += 1024)
        hash = mix(hash, large[i]);
    for (int i = 1; i < 200000; i *= 3)
        hash = mix(hash, with_alloca(i));
    printf("%016" PRIx64 "\n", hash);
    return 0;
}
