// SPDX-License-Identifier: GPL-2.0-or-later
// libc's string and memory functions at every alignment and length, up against an inaccessible page.
#include "print.h"
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

static char *guarded(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED);
    CHECK(mprotect(base + page, page, PROT_NONE) == 0);
    memset(base, 0x55, page);
    return base + page - size;
}

static void test_at_guard(void)
{
    uint64_t hash = MIX_START;
    for (size_t length = 0; length < 140; length++) {
        char *p = guarded(length + 1), *q = guarded(length + 1);
        for (size_t i = 0; i < length; i++)
            p[i] = (char)('a' + i % 26);
        p[length] = 0;
        CHECK(strlen(p) == length && strnlen(p, length + 1) == length);
        CHECK(strcpy(q, p) == q && strcmp(p, q) == 0);
        CHECK(memcmp(p, q, length + 1) == 0);
        CHECK(memchr(p, 0, length + 1) == p + length && memchr(p, 1, length + 1) == NULL);
        CHECK(strchr(p, 0) == p + length && strrchr(p, 0) == p + length);
        if (length) {
            CHECK(strchr(p, p[length - 1]) != NULL);
            q[length - 1]++;
            CHECK(strcmp(p, q) < 0 && memcmp(q, p, length) > 0 && strncmp(p, q, length - 1) == 0);
            memset(q, 'z', length);
            hash = mix(hash, (uint64_t)(unsigned char)q[0]);
        }
        memmove(q, p, length + 1);
        CHECK(strcasecmp(p, q) == 0);
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        munmap((char *)(((uintptr_t)p - 1) & -page) - (length + 1 == page ? page : 0), 2 * page);
        munmap((char *)(((uintptr_t)q - 1) & -page), 2 * page);
    }
    printf("guard %016" PRIx64 "\n", hash);
}

static void test_alignments(void)
{
    static unsigned char from[400], to[400];
    uint64_t hash = MIX_START;
    for (int i = 0; i < 400; i++)
        from[i] = (unsigned char)(i * 7 + 3);
    for (size_t a = 0; a < 17; a++)
        for (size_t b = 0; b < 17; b++)
            for (size_t n = 0; n < 300; n = n < 40 ? n + 1 : n + 37) {
                memset(to, 0xee, sizeof to);
                memcpy(to + b, from + a, n);
                memmove(to + b + 3, to + b, n);
                memmove(to + a, to + a + 5, n);
                for (int i = 0; i < 400; i += 8) {
                    uint64_t word;
                    memcpy(&word, to + i, 8);
                    hash = (hash ^ word) * 0x100000001b3ull;
                }
            }
    printf("copies %016" PRIx64 "\n", hash);
}

static void test_parsing(void)
{
    char text[] = "alpha,beta;;gamma delta", *save;
    for (char *word = strtok_r(text, ",; ", &save); word; word = strtok_r(NULL, ",; ", &save))
        printf("[%s] ", word);
    printf("%zu %zu %s %s\n", strspn("aabbc", "ab"), strcspn("hello", "l"), strstr("a needle in hay", "needle"), strpbrk("x=1;y", ";="));
    printf("%ld %ld %lu %lld %d\n", strtol("-0x1fg", NULL, 0), strtol("777", NULL, 8), strtoul("ffffffffffffffff", NULL, 16),
           strtoll("-9223372036854775808", NULL, 10), atoi(" 42x"));
    int a, b;
    char word[20];
    printf("%d", sscanf("12 0x1f hello", "%d %i %19s", &a, &b, word));
    printf(" %d %d %s\n", a, b, word);
    char buffer[64];
    printf("%d", snprintf(buffer, 10, "%s-%05d", "truncate", 42));
    printf(" %s|%-8s|%8.3s|%c|%%|%x|%o|%+d|% d|%#x\n", buffer, "left", "right", 'c', 0xbeefu, 8u, 5, 6, 255u);
    printf("%s\n", strerror(2));
}

int main(void)
{
    test_at_guard();
    test_alignments();
    test_parsing();
    return 0;
}
