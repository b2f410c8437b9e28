// SPDX-License-Identifier: GPL-2.0-or-later
// Long code without a branch: instructions of four bytes and, where there are such, now and then one of two, so that
// what is so and so many bytes away may be within an instruction.
#include "print.h"

#if defined __aarch64__
#define ADD "add x0, x0, #1\n\t"
#define ODD ""
#elif defined __riscv
#define ADD ".option push\n\t.option norvc\n\taddi a0, a0, 1\n\t.option pop\n\t"
#define ODD "c.nop\n\t"
#else
#define ADD "add $1, %%rax\n\t"
#define ODD "nop\n\t"
#endif

static __attribute__((noinline)) uint64_t count_up(uint64_t start)
{
#if defined __aarch64__
    register uint64_t sum __asm__("x0") = start;
#elif defined __riscv
    register uint64_t sum __asm__("a0") = start;
#else
    register uint64_t sum __asm__("rax") = start;
#endif
    __asm__ volatile(".rept 8\n\t.rept 10000\n\t" ADD ".endr\n\t" ODD ".endr" : "+r"(sum));
    return sum;
}

int main(void)
{
    for (int i = 0; i < 3; i++)
        printf("%" PRIu64 "\n", count_up((uint64_t)i));
    return 0;
}
