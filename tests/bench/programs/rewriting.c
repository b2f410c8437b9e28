// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: code that writes code: small functions rewritten, flushed and called a few times each.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* Writes a function that returns `value` (below 2048); returns its length in bytes. */
static size_t write_constant_function(uint8_t *code, unsigned value)
{
#if defined(__aarch64__)
    const uint32_t words[] = {0x52800000 | value << 5, 0xd65f03c0}; /* movz w0, #value; ret */
#elif defined(__riscv)
    const uint32_t words[] = {0x00000513 | value << 20, 0x00008067}; /* addi a0, zero, value; ret */
#elif defined(__x86_64__)
    const uint8_t words[] = {0xb8, (uint8_t)value, (uint8_t)(value >> 8), 0, 0, 0xc3}; /* mov eax, value; ret */
#endif
    memcpy(code, words, sizeof words);
    return sizeof words;
}

int main(void)
{
    enum { functions = 64, distance = 128 };
    uint8_t *code =
        mmap(NULL, functions * distance, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned long sum = 0;
    if (code == MAP_FAILED)
        return 1;
    for (unsigned i = 0; i < functions; i++)
        __builtin___clear_cache((char *)code + i * distance,
                                (char *)code + i * distance + write_constant_function(code + i * distance, i));
    for (unsigned i = 0; i < 120000; i++) {
        uint8_t *at = code + i % functions * distance;
        size_t length = write_constant_function(at, i % 2048);
        __builtin___clear_cache((char *)at, (char *)at + length);
        for (unsigned k = 0; k < 8; k++)
            sum += (unsigned)((int (*)(void))(code + (i + k * 5) % functions * distance))();
    }
    printf("%lu\n", sum);
    return 0;
}
