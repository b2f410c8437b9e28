// SPDX-License-Identifier: GPL-2.0-or-later
// Tagged addresses: AArch64 ignores the top byte of an address in loads, stores and branches; system calls take tags after prctl
// only. Where there are no tags, tag() leaves the address as it is.
#include "print.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SET_TAGGED_ADDR_CTRL = 55, GET_TAGGED_ADDR_CTRL = 56 };

#ifdef __aarch64__
enum { HAS_TAGS = 1 };
#else
enum { HAS_TAGS = 0 };
#endif

static void *tag(const void *address, unsigned value)
{
    return HAS_TAGS ? (void *)((uintptr_t)address | (uintptr_t)value << 56) : (void *)(uintptr_t)address;
}

static sigjmp_buf escape;
static volatile uintptr_t fault_address;
static volatile int fault_code, fault_signal;

static void leave(int number, siginfo_t *info, void *context)
{
    fault_signal = number;
    fault_address = (uintptr_t)info->si_addr;
    fault_code = info->si_code;
    siglongjmp(escape, 1);
    (void)context;
}

static __attribute__((noinline)) uint64_t sum(const uint64_t *values, int count)
{
    uint64_t total = 0;
    for (int i = 0; i < count; i++) {
        total += values[i];
    }
    return total;
}

struct pair {
    uint64_t first, second;
};

static __attribute__((noinline)) void swap_pair(struct pair *pair)
{
    struct pair old = *pair;
    *pair = (struct pair){old.second, old.first};
}

static void accesses(void)
{
    static uint64_t values[64];
    static struct pair pair = {1, 2};
    static char text[200], copy[200];
    static _Atomic uint64_t counter;
    static _Atomic unsigned char small;
    for (int i = 0; i < 64; i++) {
        values[i] = (uint64_t)i * i;
    }
    for (unsigned value = 0; value < 256; value += 51) {
        uint64_t *tagged = tag(values, value);
        tagged[value / 8] += value;
        swap_pair(tag(&pair, value));
        memset(tag(text, value), 'a' + (int)value % 26, 150);
        memcpy(tag(copy, 255 - value), tag(text, value), 151);
        _Atomic uint64_t *tagged_counter = tag(&counter, value);
        __atomic_fetch_add(tagged_counter, 5, __ATOMIC_SEQ_CST);
        uint64_t expected = *tagged_counter;
        CHECK(__atomic_compare_exchange_n(tagged_counter, &expected, expected + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
        __atomic_fetch_or((_Atomic unsigned char *)tag(&small, value), 1u << value / 51, __ATOMIC_RELEASE);
        printf("%u: %" PRIu64 " %" PRIu64 " %s %" PRIu64 " %u\n", value, sum(tagged, 64), pair.first, copy, counter, small);
    }
}

static void exclusives(void)
{
    static uint64_t word = 40, two[2] __attribute__((aligned(16))) = {7, 8};
#ifdef __aarch64__
    uint64_t value, *place = tag(&word, 0x12), *pair = tag(two, 0x80), other;
    uint32_t failed;
    __asm__ volatile("1: ldaxr %0, [%3]\n\tadd %0, %0, #2\n\tstlxr %w1, %0, [%3]\n\tcbnz %w1, 1b\n\t"
                     "2: ldxp %0, %2, [%4]\n\tstxp %w1, %2, %0, [%4]\n\tcbnz %w1, 2b"
                     : "=&r"(value), "=&r"(failed), "=&r"(other)
                     : "r"(place), "r"(pair)
                     : "memory");
#else
    word += 2;
    uint64_t first = two[0];
    two[0] = two[1];
    two[1] = first;
#endif
    printf("exclusives: %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", word, two[0], two[1]);
}

static __attribute__((noinline)) int add_three(int value)
{
    return value + 3;
}

static void branches(void)
{
    int (*volatile function)(int) = (int (*)(int))tag((void *)add_three, 0x55);
    int total = 0;
    for (int i = 0; i < 1000; i++) {
        total += function(i);
    }
    printf("calls: %d\n", total);
#ifdef __aarch64__
    uint64_t pc, link;
    __asm__ volatile("adr %1, 2f\n\torr %1, %1, #0xff00000000000000\n\tbr %1\n\tudf #0\n2:\tadr %0, ."
                     : "=&r"(pc), "=&r"(link));
    CHECK(pc >> 48 == 0);
#endif
}

static void faults(void)
{
    struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(munmap(page + 4096, 4096) == 0);
    volatile char *first = tag(page, 0x31);
    if (sigsetjmp(escape, 1) == 0) {
        printf("readable: %d\n", first[5]);
        first[5] = 1;
        printf("not reached\n");
    }
    printf("write: signal %d code %d offset %ld\n", fault_signal, fault_code, (long)(fault_address - (uintptr_t)page));
    if (sigsetjmp(escape, 1) == 0) {
        printf("%d\n", first[4100]);
    }
    printf("read: signal %d code %d offset %ld\n", fault_signal, fault_code, (long)(fault_address - (uintptr_t)page));
    /* Bits that no tag has. */
    volatile char *bad = (volatile char *)((uintptr_t)page | UINT64_C(0x0011000000000000));
    if (sigsetjmp(escape, 1) == 0) {
        printf("%d\n", bad[6]);
    }
    uintptr_t told = HAS_TAGS ? fault_address - (uintptr_t)page : UINT64_C(0x0011000000000006);
    printf("bad: signal %d %" PRIx64 "\n", fault_signal, (uint64_t)told);
    if (HAS_TAGS) {
        CHECK(fault_code == 1);
    }
}

static void system_calls(void)
{
    int ends[2];
    char text[] = "through a pipe", back[32] = {0};
    CHECK(pipe(ends) == 0);
    if (HAS_TAGS) {
        CHECK(prctl(GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 0);
        CHECK(write(ends[1], tag(text, 1), 3) == -1 && errno == EFAULT);
        CHECK(open(tag("/dev/null", 1), O_RDONLY) == -1 && errno == EFAULT);
        CHECK(prctl(SET_TAGGED_ADDR_CTRL, 2, 0, 0, 0) == -1 && errno == EINVAL);
        CHECK(prctl(SET_TAGGED_ADDR_CTRL, 1, 0, 0, 0) == 0 && prctl(GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 1);
    }
    struct iovec parts[] = {{tag(text, 9), 8}, {tag(text + 8, 200), sizeof text - 8}};
    CHECK(writev(ends[1], tag(parts, 77), 2) == sizeof text);
    CHECK(read(ends[0], tag(back, 3), sizeof back) == sizeof text);
    printf("read back: %s\n", back);
    int null = open(tag("/dev/null", 255), O_RDONLY);
    CHECK(null >= 0 && close(null) == 0);
    struct timespec now = {0};
    CHECK(clock_gettime(CLOCK_REALTIME, tag(&now, 4)) == 0 && now.tv_sec > 1000000);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mprotect(tag(page, 66), 4096, PROT_READ) == 0 && munmap(tag(page, 67), 4096) == 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(!HAS_TAGS || prctl(GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 1 ? 5 : 6);
    }
    int status;
    CHECK(waitpid(child, tag(&status, 8), 0) == child);
    printf("child: %d\n", WEXITSTATUS(status));
}

static void *thread_main(void *argument)
{
    uint64_t *place = tag(argument, 0xee);
    for (int i = 0; i < 100000; i++) {
        __atomic_fetch_add(place, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void threads(void)
{
    static uint64_t shared;
    pthread_t others[3];
    for (int i = 0; i < 3; i++) {
        pthread_create(&others[i], NULL, thread_main, &shared);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(others[i], NULL);
    }
    printf("threads: %" PRIu64 "\n", shared);
}

int main(int argc, char **argv)
{
    if (argc > 1) { /* branches before any access has met a tag */
        branches();
        return 0;
    }
    branches();
    threads();
    accesses();
    exclusives();
    branches();
    faults();
    system_calls();
    return 0;
}
