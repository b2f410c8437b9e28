/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seccomp_program.h"

#include <string.h>

enum { MEMORY_WORDS = BPF_MEMWORDS };

static bool arithmetic_is_valid(const struct sock_filter *instruction)
{
    switch (BPF_OP(instruction->code)) {
    case BPF_DIV:
        return BPF_SRC(instruction->code) == BPF_X || instruction->k != 0;
    case BPF_LSH:
    case BPF_RSH:
        return BPF_SRC(instruction->code) == BPF_X || instruction->k < 32;
    case BPF_NEG:
        return BPF_SRC(instruction->code) == BPF_K;
    case BPF_ADD:
    case BPF_SUB:
    case BPF_MUL:
    case BPF_AND:
    case BPF_OR:
    case BPF_XOR:
        return true;
    default:
        return false;
    }
}

static bool jump_is_valid(const struct sock_filter *instruction, unsigned left)
{
    switch (instruction->code) {
    case BPF_JMP | BPF_JA:
        return instruction->k < left;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
        return instruction->jt < left && instruction->jf < left;
    default:
        return false;
    }
}

/* left: instructions behind this one. */
static bool instruction_is_valid(const struct sock_filter *instruction, unsigned left)
{
    switch (instruction->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return instruction->k % 4 == 0 && instruction->k < sizeof(struct seccomp_data);
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
        return true;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        return instruction->k < MEMORY_WORDS;
    default:
        break;
    }
    bool is_arithmetic = BPF_CLASS(instruction->code) == BPF_ALU && instruction->code < 0x100;
    return is_arithmetic ? arithmetic_is_valid(instruction) : jump_is_valid(instruction, left);
}

bool seccomp_program_is_valid(const struct sock_filter *code, unsigned count)
{
    if (count == 0 || count > SECCOMP_PROGRAM_LONGEST || BPF_CLASS(code[count - 1].code) != BPF_RET) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!instruction_is_valid(&code[i], count - 1 - i)) {
            return false;
        }
    }
    return true;
}

/* Division by a register of zero ends the program with 0, as the kernel's does. */
static uint32_t compute(uint16_t code, uint32_t a, uint32_t b, bool *ends)
{
    switch (BPF_OP(code)) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_DIV:
        *ends = b == 0;
        return b ? a / b : 0;
    case BPF_AND:
        return a & b;
    case BPF_OR:
        return a | b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return b < 32 ? a << b : 0;
    case BPF_RSH:
        return b < 32 ? a >> b : 0;
    default: /* BPF_NEG */
        return -a;
    }
}

static bool compare(uint16_t code, uint32_t a, uint32_t b)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == b;
    case BPF_JGT:
        return a > b;
    case BPF_JGE:
        return a >= b;
    default: /* BPF_JSET */
        return a & b;
    }
}

struct machine {
    uint32_t a, x, memory[MEMORY_WORDS];
};

static uint32_t load(const struct machine *machine, const struct sock_filter *i, const struct seccomp_data *data)
{
    uint32_t word;
    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
        memcpy(&word, (const char *)data + i->k, sizeof word);
        return word;
    case BPF_LEN:
        return sizeof *data;
    case BPF_MEM:
        return machine->memory[i->k];
    default: /* BPF_IMM */
        return i->k;
    }
}

uint32_t seccomp_program_run(const struct sock_filter *code, const struct seccomp_data *data)
{
    struct machine m = {0};
    for (const struct sock_filter *i = code;; i++) {
        uint32_t operand = BPF_SRC(i->code) == BPF_X ? m.x : i->k;
        bool ends = false;
        switch (BPF_CLASS(i->code)) {
        case BPF_LD:
            m.a = load(&m, i, data);
            break;
        case BPF_LDX:
            m.x = load(&m, i, data);
            break;
        case BPF_ST:
            m.memory[i->k] = m.a;
            break;
        case BPF_STX:
            m.memory[i->k] = m.x;
            break;
        case BPF_ALU:
            m.a = compute(i->code, m.a, operand, &ends);
            break;
        case BPF_JMP:
            i += BPF_OP(i->code) == BPF_JA ? i->k : compare(i->code, m.a, operand) ? i->jt : i->jf;
            break;
        case BPF_RET:
            return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
        default: /* BPF_MISC */
            if (BPF_MISCOP(i->code) == BPF_TAX) {
                m.x = m.a;
            } else {
                m.a = m.x;
            }
        }
        if (ends) {
            return 0;
        }
    }
}
