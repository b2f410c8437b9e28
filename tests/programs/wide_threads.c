// SPDX-License-Identifier: GPL-2.0-or-later
// One thread opens and closes the page that another one's hot copying loops touch: they fault as long as they must, and
// then go on.
// flags: -fno-tree-vectorize -fno-tree-loop-distribute-patterns -fno-builtin
#include "print.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

typedef uint64_t __attribute__((may_alias)) word;

static __attribute__((noinline)) void copy_mixed(word *d, const word *s, long count)
{
    for (; count > 0; count -= 4, d += 4, s += 4)
        d[0] = s[0], d[1] = s[1], d[2] = s[2], d[3] = s[3];
}

static __attribute__((noinline)) void copy(word *d, const word *s, long count)
{
    for (; count > 0; count -= 4, d += 4, s += 4) {
        word a = s[0], b = s[1], c = s[2], e = s[3];
        d[0] = a, d[1] = b, d[2] = c, d[3] = e;
    }
}

enum { ROUNDS = 160, WORDS = 64 };

static _Atomic int asked, closed; // rounds
static uint8_t *page;             // with open ones on either side

static void wait_for(_Atomic int *count, int round)
{
    while (*count < round)
        sched_yield();
}

static void *open_and_close(void *unused)
{
    for (int n = 1; n <= ROUNDS; n++) {
        wait_for(&asked, n);
        for (volatile int i = 0; i < n % 16 * 400; i++) {
        }
        CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
        wait_for(&asked, n + ROUNDS);
        CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
        asked = 0;
        closed = n;
    }
    return unused;
}

static void on_fault(int number)
{
    sched_yield();
}

// Into the page in one round, out of it in the next one.
static uint64_t copy_all(void)
{
    uint64_t from[WORDS], to[WORDS] = {0}, hash = MIX_START;
    for (int n = 1; n <= ROUNDS; n++) {
        int pair = (n - 1) / 2;
        word *place = (word *)(page + (pair & 1 ? PAGE : 0) - 3 * pair);
        for (int i = 0; i < WORDS && n & 1; i++)
            from[i] = (uint64_t)(i + n) * UINT64_C(0x9e3779b97f4a7c15);
        asked = n;
        if (n & 1)
            (pair & 2 ? copy : copy_mixed)(place, (const word *)from, WORDS);
        else
            (pair & 4 ? copy : copy_mixed)((word *)to, place, WORDS);
        CHECK(n & 1 || memcmp(to, from, sizeof to) == 0);
        hash = mix(hash, to[n % WORDS] + from[1]);
        asked = n + ROUNDS;
        wait_for(&closed, n);
    }
    return hash;
}

int main(void)
{
    pthread_t thread;
    struct sigaction action = {.sa_handler = on_fault};
    page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    page += PAGE;
    for (int i = 0; i < 100; i++) { // hot
        copy((word *)page, (const word *)(page + 1000), WORDS);
        copy_mixed((word *)page, (const word *)(page + 1000), WORDS);
    }
    CHECK(mprotect(page, PAGE, PROT_NONE) == 0);
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, open_and_close, NULL) == 0);
    uint64_t hash = copy_all();
    CHECK(pthread_join(thread, NULL) == 0);
    printf("%016" PRIx64 "\n", hash);
    return 0;
}
