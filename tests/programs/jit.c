// SPDX-License-Identifier: GPL-2.0-or-later
// Code made at run time: functions written, flushed, called and overwritten; through one mapping, two mappings, and after
// mprotect. The function made returns its argument plus a constant.
#include "print.h"
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

typedef long (*function)(long);

static size_t emit_add(void *at, int constant)
{
#if defined __aarch64__
    uint32_t code[] = {0x91000000u | (uint32_t)constant << 10, 0xd65f03c0u}; // add x0, x0, #constant; ret
#elif defined __riscv
    uint32_t code[] = {0x00050513u | (uint32_t)constant << 20, 0x00008067u}; // addi a0, a0, constant; ret
#elif defined __x86_64__
    uint8_t code[] = {0x48, 0x8d, 0x87, 0, 0, 0, 0, 0xc3}; // lea constant(%rdi), %rax; ret
    memcpy(code + 3, &constant, 4);
#endif
    memcpy(at, code, sizeof code);
    return sizeof code;
}

static void write_function(char *writable, char *executable, int constant)
{
    size_t size = emit_add(writable, constant);
    __builtin___clear_cache(executable, executable + size);
}

static char *shared_code;
static volatile int stop, started;
static void *call_repeatedly(void *unused)
{
    long calls = 0;
    while (!stop) {
        long result = ((function)shared_code)(1);
        CHECK(result >= 1 && result <= 1 + 2047);
        calls++;
        started = 1;
    }
    (void)unused;
    return (void *)calls;
}

int main(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *code = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(code != MAP_FAILED);
    long sum = 0;
    for (int i = 0; i < 2000; i++) { // the same place over and over
        write_function(code, code, i);
        CHECK(((function)code)(i) == 2L * i);
        sum += ((function)OPAQUE(code))(7);
    }
    printf("rewritten %ld\n", sum);
    for (int i = 0; i < 1000; i++)
        write_function(code + 16 * i, code + 16 * i, i);
    sum = 0;
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 1000; i++)
            sum += ((function)(code + 16 * i))(round);
    printf("many %ld\n", sum);
    for (int i = 0; i < 200; i++) { // write xor execute
        CHECK(mprotect(code, page, PROT_READ | PROT_WRITE) == 0);
        write_function(code, code, 2047 - i);
        CHECK(mprotect(code, page, PROT_READ | PROT_EXEC) == 0);
        CHECK(((function)code)(i) == 2047);
    }
    int fd = memfd_create("code", 0);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)page) == 0);
    char *writable = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *executable = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    CHECK(writable != MAP_FAILED && executable != MAP_FAILED);
    for (int i = 0; i < 500; i++) {
        write_function(writable, executable, i);
        CHECK(((function)executable)(1000) == 1000 + i);
    }
    for (int i = 0; i < 100; i++) { // mapping replaced: nothing to flush
        char *fresh = mmap(code, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        CHECK(fresh == code);
        write_function(code, code, i);
        CHECK(((function)code)(3) == 3 + i);
    }
    shared_code = executable;
    pthread_t thread;
    pthread_create(&thread, NULL, call_repeatedly, NULL);
    while (!started)
        usleep(100);
    for (int i = 0; i < 300; i++) {
        write_function(writable, executable, i);
        CHECK(((function)executable)(5) == 5 + i);
    }
    stop = 1;
    void *calls;
    pthread_join(thread, &calls);
    CHECK((long)calls > 0);
    printf("threads well\n");
    return 0;
}
