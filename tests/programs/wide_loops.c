// SPDX-License-Identifier: GPL-2.0-or-later
// Loops over words, hot enough that an emulator makes vectors of them: copies that overlap in every way, and searches
// that must not see what is behind their end.
// flags: -fno-tree-vectorize -fno-tree-loop-distribute-patterns -fno-builtin
#include "print.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

typedef uint64_t __attribute__((may_alias)) word;
typedef double __attribute__((may_alias)) number;

// ---- copying ----
// Every kind works on words from `s` (and those of `d`) to `d`, `group` words at once: all of them are loaded, then all
// are stored.

enum kind { COPY, MERGE, XOR, ADD, NOT, NEGATE };

static void copy_1(word *d, const word *s, long count, unsigned shift)
{
    for (long i = 0; i < count; i++)
        d[i] = s[i];
}

static void copy_down_1(word *d, const word *s, long count, unsigned shift)
{
    for (long i = count; i-- > 0;)
        d[i] = s[i];
}

static void copy_2(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 2, d += 2, s += 2) {
        word a = s[0], b = s[1];
        d[0] = a, d[1] = b;
    }
}

static void copy_4(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 4, d += 4, s += 4) {
        word a = s[0], b = s[1], c = s[2], e = s[3];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e;
    }
}

static void copy_4_mixed(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 4, d += 4, s += 4)
        d[0] = s[0], d[1] = s[1], d[2] = s[2], d[3] = s[3];
}

static void copy_down_4(word *d, const word *s, long count, unsigned shift)
{
    for (d += count, s += count; count > 0; count -= 4) {
        d -= 4, s -= 4;
        word a = s[3], b = s[2], c = s[1], e = s[0];
        d[3] = a, d[2] = b, d[1] = c, d[0] = e;
    }
}

static void copy_down_4_mixed(word *d, const word *s, long count, unsigned shift)
{
    for (d += count, s += count; count > 0; count -= 4) {
        d -= 4, s -= 4;
        d[3] = s[3], d[2] = s[2], d[1] = s[1], d[0] = s[0];
    }
}

static void merge_2(word *d, const word *s, long count, unsigned shift)
{
    word before = s[-1], now;
    for (; count > 0; count -= 2, d += 2, s += 2) {
        now = s[0];
        d[0] = before >> shift | now << (64 - shift);
        before = s[1];
        d[1] = now >> shift | before << (64 - shift);
    }
}

static void merge_4(word *d, const word *s, long count, unsigned shift)
{
    word before = s[-1];
    for (; count > 0; count -= 4, d += 4, s += 4) {
        word a = s[0], b = s[1], c = s[2], e = s[3];
        d[0] = before >> shift | a << (64 - shift);
        d[1] = a >> shift | b << (64 - shift);
        d[2] = b >> shift | c << (64 - shift);
        d[3] = c >> shift | e << (64 - shift);
        before = e;
    }
}

static void merge_by_40(word *d, const word *s, long count, unsigned shift)
{
    word before = s[-1];
    for (; count > 0; count -= 2, d += 2, s += 2) {
        word a = s[0], b = s[1];
        d[0] = before >> 40 | a << 24;
        d[1] = a >> 40 | b << 24;
        before = b;
    }
}

static void xor_4(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 4, d += 4, s += 4)
        d[0] ^= s[0], d[1] ^= s[1], d[2] ^= s[2], d[3] ^= s[3];
}

static void add_2(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 2, d += 2, s += 2) {
        word a = s[0], b = s[1], c = d[0], e = d[1];
        d[0] = a + c, d[1] = b + e;
    }
}

static void not_2(word *d, const word *s, long count, unsigned shift)
{
    for (; count > 0; count -= 2, d += 2, s += 2) {
        word a = s[0], b = s[1];
        d[1] = ~b, d[0] = ~a;
    }
}

static void number_4(word *d, const word *s, long count, unsigned shift)
{
    number *x = (number *)d;
    const number *y = (const number *)s;
    for (; count > 0; count -= 4, x += 4, y += 4)
        x[0] = y[0], x[1] = y[1], x[2] = y[2], x[3] = y[3];
}

static void negate_2(word *d, const word *s, long count, unsigned shift)
{
    number *x = (number *)d;
    const number *y = (const number *)s;
    for (; count > 0; count -= 2, x += 2, y += 2) {
        double a = y[0], b = y[1];
        x[0] = -a, x[1] = -b;
    }
}

// Four words by one instruction, where there is one.
static void copy_structures(word *d, const word *s, long count, unsigned shift)
{
#if defined __aarch64__
    for (; count > 0; count -= 4)
        __asm__ volatile("ld1 {v0.8b-v3.8b}, [%0], #32\n\tst1 {v0.8b-v3.8b}, [%1], #32"
                         : "+r"(s), "+r"(d)
                         :
                         : "v0", "v1", "v2", "v3", "memory");
#else
    copy_4(d, s, count, shift);
#endif
}

static const struct copier {
    void (*run)(word *d, const word *s, long count, unsigned shift);
    enum kind kind;
    int group, down, backward; // down: from the end; backward: stores of a group
    unsigned shift;            // if it knows only one
} copiers[] = {
    {copy_1, COPY, 1},
    {copy_down_1, COPY, 1, 1},
    {copy_2, COPY, 2},
    {copy_4, COPY, 4},
    {copy_4_mixed, COPY, 1},
    {copy_down_4, COPY, 4, 1},
    {merge_2, MERGE, 1},
    {merge_4, MERGE, 4},
    {merge_by_40, MERGE, 2, .shift = 40},
    {xor_4, XOR, 1},
    {copy_down_4_mixed, COPY, 1, 1},
    {add_2, ADD, 2},
    {not_2, NOT, 2, 0, 1},
    {number_4, COPY, 1},
    {negate_2, NEGATE, 2},
    {copy_structures, COPY, 4},
};

enum { BEFORE = 512, ROOM = 1536, COPIERS = sizeof copiers / sizeof *copiers };

static uint64_t load_bytes(const volatile uint8_t *p)
{
    uint64_t value = 0;
    for (int i = 8; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

static void store_bytes(volatile uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 8; i++, value >>= 8)
        p[i] = (uint8_t)value;
}

static uint64_t result_of(enum kind kind, uint64_t now, uint64_t before, uint64_t other, unsigned shift)
{
    switch (kind) {
    case MERGE:
        return before >> shift | now << (64 - shift);
    case XOR:
        return now ^ other;
    case ADD:
        return now + other;
    case NOT:
        return ~now;
    case NEGATE:
        return now ^ (uint64_t)1 << 63;
    default:
        return now;
    }
}

// What a copier does, a byte at a time.
static void copy_slowly(const struct copier *c, uint8_t *d, const uint8_t *s, long count, unsigned shift)
{
    uint64_t results[4], before = load_bytes(s - 8);
    for (long n = 0; n < count; n += c->group) {
        long first = c->down ? count - n - c->group : n;
        for (int k = 0; k < c->group; k++) {
            uint64_t now = load_bytes(s + (first + k) * 8), other = load_bytes(d + (first + k) * 8);
            results[k] = result_of(c->kind, now, before, other, shift);
            before = now;
        }
        for (int k = 0; k < c->group; k++) {
            int place = c->down || c->backward ? c->group - 1 - k : k;
            store_bytes(d + (first + place) * 8, results[place]);
        }
    }
}

static uint8_t pattern[ROOM], expected[ROOM], got[ROOM];

static void copy_once(const struct copier *c, int from, int to, long count, unsigned shift)
{
    shift = c->shift ? c->shift : shift;
    memcpy(expected, pattern, ROOM);
    memcpy(got, pattern, ROOM);
    copy_slowly(c, expected + to, expected + from, count, shift);
    c->run((word *)OPAQUE(got + to), (const word *)OPAQUE(got + from), count, shift);
    CHECK(memcmp(expected, got, ROOM) == 0);
}

static void test_copying(void)
{
    uint64_t random = 88172645463325252, hash = MIX_START;
    for (int i = 0; i < ROOM; i++)
        pattern[i] = (uint8_t)(next_random(&random) >> 24);
    for (int i = 0; i < COPIERS; i++)
        for (int n = 0; n < 60; n++) // hot
            copiers[i].run((word *)(got + 32), (const word *)(got + 64 + n), 128, 8);
    for (int i = 0; i < COPIERS; i++)
        for (int distance = -40; distance <= 40; distance++)
            for (int n = 0; n < 4; n++) {
                int from = BEFORE + (n * 3 + distance + 40) % 8;
                long count = (long)(next_random(&random) % 8) * 4;
                copy_once(&copiers[i], from, from + distance, count, 1 + next_random(&random) % 63);
            }
    for (int i = 0; i < COPIERS; i++)
        for (int n = 0; n < 60; n++) {
            int from = 8 + (int)(next_random(&random) % 600), to = 8 + (int)(next_random(&random) % 600);
            long count = (long)(next_random(&random) % 25) * 4;
            copy_once(&copiers[i], from, to, count, 1 + next_random(&random) % 63);
            hash = mix(hash, load_bytes(got + to));
        }
    printf("copying %016" PRIx64 "\n", hash);
}

static void test_library(void)
{
    uint64_t random = 362436069;
    for (int n = 0; n < 4000; n++) {
        int size = (int)(next_random(&random) % 600), from = (int)(next_random(&random) % 900);
        int to = n & 1 ? (int)(next_random(&random) % 900) : from + n / 2 % 81 - 40;
        to = to < 0 ? 0 : to;
        memcpy(got, pattern, ROOM);
        memcpy(expected, pattern, ROOM);
        for (int i = 0; i < size; i++)
            ((volatile uint8_t *)expected)[to + i] = pattern[from + i];
        if (to + size <= from || from + size <= to)
            memcpy(OPAQUE(got + to), OPAQUE(got + from), (size_t)OPAQUE(size));
        else
            memmove(OPAQUE(got + to), OPAQUE(got + from), (size_t)OPAQUE(size));
        CHECK(memcmp(got, expected, ROOM) == 0);
    }
    printf("library\n");
}

// ---- searches ----

#define EACH_BYTE UINT64_C(0x0101010101010101)

static inline word zero_bytes(word value)
{
    return (value - EACH_BYTE) & ~value & EACH_BYTE << 7;
}

// The bytes before `s` in its word, all ones.
static inline word before_start(const char *s)
{
    return ~(~UINT64_C(0) << (uintptr_t)s % 8 * 8);
}

static inline const word *word_of(const char *s)
{
    return (const word *)((uintptr_t)s & ~(uintptr_t)7);
}

static __attribute__((noinline)) size_t find_length(const char *s)
{
    const word *w = word_of(s);
    word zero = zero_bytes(*w | before_start(s));
    while (!zero)
        zero = zero_bytes(*++w);
    return (size_t)((const char *)w + __builtin_ctzll(zero) / 8 - s);
}

static __attribute__((noinline)) const char *find_in_string(const char *s, int c)
{
    const word *w = word_of(s);
    word all = (unsigned char)c * EACH_BYTE, value = *w | before_start(s);
    word found = zero_bytes(value) | zero_bytes((*w ^ all) | before_start(s));
    while (!found) {
        value = *++w;
        found = zero_bytes(value) | zero_bytes(value ^ all);
    }
    const char *place = (const char *)w + __builtin_ctzll(found) / 8;
    return *place == (char)c ? place : NULL;
}

static __attribute__((noinline)) const char *find_in_memory(const char *s, int c, size_t size)
{
    const word *w = word_of(s);
    const char *end = s + size;
    word all = (unsigned char)c * EACH_BYTE, found = zero_bytes((*w ^ all) | before_start(s));
    if (!size)
        return NULL;
    while (!found) {
        if ((const char *)++w >= end)
            return NULL;
        found = zero_bytes(*w ^ all);
    }
    const char *place = (const char *)w + __builtin_ctzll(found) / 8;
    return place < end ? place : NULL;
}

static __attribute__((noinline)) size_t find_length_slowly(const char *s)
{
    const char *p = s;
    while (*p)
        p++;
    return (size_t)(p - s);
}

static void find_all(const char *s, size_t length, size_t place)
{
    CHECK(find_length(s) == length);
    CHECK(find_length_slowly(s) == length);
    CHECK(find_in_string(s, 0xee) == (place < length ? s + place : NULL));
    CHECK(find_in_string(s, 0xef) == NULL);
    CHECK(find_in_memory(s, 0xee, length) == (place < length ? s + place : NULL));
    CHECK(find_in_memory(s, 0xef, length + 1) == NULL);
    CHECK(find_in_memory(s, 0, length + 1) == s + length);
    CHECK(strlen(s) == length);
    CHECK(strchr(s, 0xee) == (place < length ? s + place : NULL));
    CHECK(memchr(s, 0xee, length) == (place < length ? s + place : NULL));
    CHECK(strnlen(s, 1000) == length);
}

static sigjmp_buf escape;
static volatile int may_leave;
static volatile uintptr_t fault;
static char *end; // of a page, with one behind it that cannot be touched

static void on_fault(int number, siginfo_t *info, void *context)
{
    CHECK(may_leave);
    fault = (uintptr_t)info->si_addr;
    siglongjmp(escape, 1);
}

static void make_page(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    end = page + PAGE;
    CHECK(mprotect(end, PAGE, PROT_NONE) == 0);
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

// Strings that end directly before a page that cannot be touched.
static void test_searches(void)
{
    memset(end - PAGE, 0x55, PAGE);
    end[-1] = 0;
    for (int pass = 0; pass < 3; pass++)
        for (size_t length = 0; length <= 300; length++) {
            size_t place = (length * 7 + (size_t)pass) % (length + 2);
            char *s = end - 1 - length;
            s[-1] = (char)0xee;
            if (place < length)
                s[place] = (char)0xee;
            find_all(s, length, place);
            memset(s - 1, 0x55, length + 1);
        }
    printf("searches\n");
}

// They run into the page if there is no end.
static void test_endless_searches(void)
{
    unsigned faults = 0;
    memset(end - PAGE, 0x55, PAGE);
    for (size_t length = 1; length <= 300; length++)
        for (volatile int kind = 0; kind < 4; kind++) {
            const char *s = end - length;
            if (sigsetjmp(escape, 1) == 0) {
                may_leave = 1;
                OPAQUE(kind == 0   ? find_length(s)
                       : kind == 1 ? (size_t)find_in_string(s, 0xee)
                       : kind == 2 ? (size_t)find_in_memory(s, 0xee, 10000)
                                   : find_length_slowly(s));
            } else {
                CHECK(fault == (uintptr_t)end);
                faults++;
            }
            may_leave = 0;
        }
    printf("endless searches %u\n", faults);
}

int main(void)
{
    test_copying();
    test_library();
    make_page();
    test_searches();
    test_endless_searches();
    return 0;
}
