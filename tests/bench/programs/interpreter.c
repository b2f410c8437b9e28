// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: indirect jumps that are hard to predict: a byte-code interpreter with one switch.
#include <stdint.h>
#include <stdio.h>

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, LESS, JUMP_IF, LOAD, STORE, XOR, STOP };

__attribute__((noinline)) static int64_t execute(const int8_t *code)
{
    int64_t stack[32], variables[8] = {0};
    int top = -1, pc = 0;
    for (;;)
        switch (code[pc++]) {
        case PUSH: stack[++top] = code[pc++]; break;
        case ADD: top--; stack[top] += stack[top + 1]; break;
        case SUB: top--; stack[top] -= stack[top + 1]; break;
        case MUL: top--; stack[top] *= stack[top + 1]; break;
        case DUP: stack[top + 1] = stack[top]; top++; break;
        case SWAP: { int64_t t = stack[top]; stack[top] = stack[top - 1]; stack[top - 1] = t; break; }
        case LESS: top--; stack[top] = stack[top] < stack[top + 1]; break;
        case JUMP_IF: pc += stack[top--] ? code[pc] : 1; break;
        case LOAD: stack[++top] = variables[code[pc++]]; break;
        case STORE: variables[code[pc++]] = stack[top--]; break;
        case XOR: top--; stack[top] ^= stack[top + 1]; break;
        case STOP: return stack[top];
        }
}

int main(void)
{
    // v1 counts down from 100 * 100, v2 = v2 * 3 + (v1 ^ v2) - 1
    static const int8_t code[] = {PUSH, 100, DUP, MUL, STORE, 1, LOAD, 2, PUSH, 3, MUL, LOAD, 1, LOAD, 2, XOR, ADD, PUSH, 1, SUB,
                                  STORE, 2, LOAD, 1, PUSH, 1, SUB, DUP, STORE, 1, PUSH, 0, SWAP, LESS, JUMP_IF, -29, LOAD, 2, STOP};
    int64_t sum = 0;
    for (int i = 0; i < 1000; i++)
        sum ^= execute(code) + i;
    printf("%lld\n", (long long)sum);
    return 0;
}
