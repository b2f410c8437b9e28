// SPDX-License-Identifier: GPL-2.0-or-later
// Synchronous faults: address and code in siginfo, recovery by longjmp and by repair, and registers intact afterwards.
#include "print.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf escape;
static volatile uintptr_t fault_address;
static volatile int fault_code, fault_signal, repairs;
static char *page;
static size_t page_size;

static void leave(int number, siginfo_t *info, void *context)
{
    fault_signal = number;
    fault_address = (uintptr_t)info->si_addr;
    fault_code = info->si_code;
    siglongjmp(escape, 1);
    (void)context;
}

static void repair(int number, siginfo_t *info, void *context)
{
    repairs++;
    CHECK(number == SIGSEGV && (char *)info->si_addr >= page && (char *)info->si_addr < page + page_size);
    CHECK(mprotect(page, page_size, PROT_READ | PROT_WRITE) == 0);
    (void)context;
}

static void install(void (*handler)(int, siginfo_t *, void *))
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (int i = 0; i < 5; i++) {
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        sigaction(numbers[i], &action, NULL);
    }
}

#define TRY(name, statement)                                                                                           \
    do {                                                                                                               \
        fault_signal = 0;                                                                                              \
        if (sigsetjmp(escape, 1) == 0) {                                                                               \
            statement;                                                                                                 \
        }                                                                                                              \
        printf("%s: signal %d code %d offset %zd\n", name, fault_signal, fault_code,                                   \
               fault_address - (uintptr_t)page < 8 * page_size ? (ssize_t)(fault_address - (uintptr_t)page) : -1);     \
    } while (0)

__attribute__((noinline)) static double keep_registers(volatile char *where, long a, long b, double c, double d)
{
    long e = a * 3 + b, f = a ^ b << 2, g = a - b, h = a + 17;
    double i = c * d, j = c + d;
    *where = (char)a; // faults and is repaired: everything above must survive
    return (double)(a + b * 2 + e * 3 + f * 5 + g * 7 + h * 11) + c + d * 2 + i * 3 + j * 5;
}

int main(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    page = mmap(NULL, 8 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 1, 8 * page_size);
    install(leave);
    TRY("null read", (void)*(volatile char *)OPAQUE((uintptr_t)16));
    TRY("null write", *(volatile int *)OPAQUE((uintptr_t)0) = 1);
    printf("address %#lx\n", (unsigned long)fault_address);
    CHECK(mprotect(page, page_size, PROT_READ) == 0);
    TRY("read-only write", ((volatile char *)page)[100] = 1);
    TRY("read-only read", (void)((volatile char *)page)[100]);
    CHECK(mprotect(page, page_size, PROT_NONE) == 0);
    TRY("no access", (void)((volatile uint64_t *)page)[5]);
    CHECK(munmap(page + 3 * page_size, page_size) == 0);
    TRY("unmapped", ((volatile uint16_t *)(page + 3 * page_size))[7] = 3);
    TRY("memset into a hole", memset(page + 2 * page_size, 0, OPAQUE(2 * page_size)));
    TRY("jump to data", ((void (*)(void))OPAQUE((uintptr_t)page + 2 * page_size))());
    TRY("jump to nothing", ((void (*)(void))OPAQUE((uintptr_t)page + 3 * page_size))());
    char name[] = "/tmp/kage-faults-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    CHECK(ftruncate(fd, 100) == 0);
    char *map = mmap(page + 5 * page_size, 2 * page_size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
    CHECK(map == page + 5 * page_size);
    TRY("inside the file", (void)((volatile char *)map)[50]);
    TRY("beyond the file", (void)((volatile char *)map)[page_size + 8]);
    if (sigsetjmp(escape, 1) == 0)
        __builtin_trap(); // SIGILL or SIGTRAP, as the architecture has it
    printf("illegal %d\n", fault_signal == SIGILL || fault_signal == SIGTRAP);
    install(repair);
    CHECK(mprotect(page, page_size, PROT_NONE) == 0);
    double value = keep_registers(page + 17, OPAQUE(1234567L), OPAQUE(-99L), OPAQUE(2.5), OPAQUE(-0.125));
    printf("repaired %d value %.6f stored %d\n", repairs, value, (unsigned char)page[17]);
    for (int i = 0; i < 2000; i++) {
        CHECK(mprotect(page, page_size, PROT_READ) == 0);
        ((volatile char *)page)[i] = (char)i;
        CHECK(page[i] == (char)i);
    }
    printf("repaired %d\n", repairs);
    return 0;
}
