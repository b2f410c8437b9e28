// SPDX-License-Identifier: GPL-2.0-or-later
// setjmp and longjmp across many frames, computed goto, switch tables, tail calls, deep recursion, swapcontext.
#include "print.h"
#include <setjmp.h>
#include <ucontext.h>

static jmp_buf target;

__attribute__((noinline)) static int descend(int depth, int value)
{
    if (depth == 0)
        longjmp(target, value);
    return descend(depth - 1, value) + 1;
}

__attribute__((noinline)) static uint64_t recurse(int depth, uint64_t a, double b)
{
    volatile char frame[64];
    frame[depth & 63] = (char)depth;
    if (depth == 0)
        return a + (uint64_t)b;
    return recurse(depth - 1, a * 31 + (uint64_t)(unsigned char)frame[depth & 63], b + 0.5) ^ (uint64_t)depth;
}

static int interpret(const unsigned char *code)
{
    static void *const labels[] = {&&op_push, &&op_add, &&op_multiply, &&op_negate, &&op_stop};
    int stack[16], top = 0;
    goto *labels[*code++];
op_push:
    stack[top++] = *code++;
    goto *labels[*code++];
op_add:
    top--;
    stack[top - 1] += stack[top];
    goto *labels[*code++];
op_multiply:
    top--;
    stack[top - 1] *= stack[top];
    goto *labels[*code++];
op_negate:
    stack[top - 1] = -stack[top - 1];
    goto *labels[*code++];
op_stop:
    return stack[0];
}

static int classify(int x)
{
    switch (x) {
    case 0: return 17;
    case 1: return 4;
    case 2: return -1;
    case 3: return 99;
    case 4: return 0;
    case 5: return 5;
    case 6: return 12;
    case 7: return 1000;
    case 100: return 6;
    default: return x * 2;
    }
}

static ucontext_t main_context, contexts[3];
static char stacks[3][65536];

static void coroutine(int self)
{
    for (int i = 0; i < 4; i++) {
        printf("coroutine %d step %d %.2f\n", self, i, OPAQUE(self + 0.25) * i);
        swapcontext(&contexts[self], &contexts[(self + 1) % 3]);
    }
    if (self != 2)
        swapcontext(&contexts[self], &contexts[self + 1]);
}

int main(void)
{
    for (volatile int i = 1; i <= 5; i++) {
        int value = setjmp(target);
        if (value == 0)
            descend(i * 20, i);
        printf("jumped %d\n", value);
    }
    printf("recursion %016" PRIx64 "\n", recurse(20000, 1, 0));
    static const unsigned char program[] = {0, 5, 0, 7, 1, 0, 3, 2, 3, 4};
    printf("interpreted %d\n", interpret(program));
    for (int i = -2; i < 12; i++)
        printf("%d ", classify(OPAQUE(i)));
    printf("%d\n", classify(OPAQUE(100)));
    for (int i = 0; i < 3; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_sp = stacks[i];
        contexts[i].uc_stack.ss_size = sizeof stacks[i];
        contexts[i].uc_link = &main_context;
        makecontext(&contexts[i], (void (*)(void))coroutine, 1, i);
    }
    swapcontext(&main_context, &contexts[0]);
    printf("back\n");
    return 0;
}
