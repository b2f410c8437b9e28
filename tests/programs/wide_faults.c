// SPDX-License-Identifier: GPL-2.0-or-later
// Loops over words, hot enough that an emulator makes vectors of them, that fault: with exactly the state of the
// instruction that faults, after any number of turns; and that go on where a handler makes it possible.
// flags: -fno-tree-vectorize -fno-tree-loop-distribute-patterns -fno-builtin
#include "print.h"
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { PAGE = 4096 };

// ---- areas with pages around them that cannot be touched ----

struct area {
    uint8_t *start;         // of four pages; the two in the middle are open
    uint8_t copy[4 * PAGE]; // what is to be there
    unsigned open, to_open; // bit per page; what a handler opens
};

enum { AREAS = 3 };
static struct area areas[AREAS];

static void protect(struct area *area, unsigned open)
{
    for (unsigned i = 0; i < 4; i++)
        if ((area->open ^ open) >> i & 1)
            CHECK(mprotect(area->start + i * PAGE, PAGE, open >> i & 1 ? PROT_READ | PROT_WRITE : PROT_NONE) == 0);
    area->open = open;
}

static void make_areas(void)
{
    uint64_t random = 521288629;
    for (int i = 0; i < AREAS; i++) {
        areas[i].start = mmap(NULL, 6 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(areas[i].start != MAP_FAILED);
        areas[i].start += PAGE;
        areas[i].open = 0;
        for (int k = 0; k < 4 * PAGE; k++)
            areas[i].copy[k] = (uint8_t)(next_random(&random) >> 30 | 1);
        protect(&areas[i], 15);
        memcpy(areas[i].start, areas[i].copy, 4 * PAGE);
        protect(&areas[i], 6);
    }
}

static struct area *area_of(uint64_t address)
{
    for (int i = 0; i < AREAS; i++)
        if (address - (uintptr_t)areas[i].start < 4 * PAGE)
            return &areas[i];
    return NULL;
}

// Where the copy of a byte is. NULL, and *fault: where an access ends.
static uint8_t *find_copy(uint64_t address, unsigned bytes, uint64_t *fault)
{
    struct area *area = area_of(address);
    uint64_t last = address + bytes - 1;
    *fault = address;
    if (!area)
        return NULL;
    uint64_t offset = address - (uintptr_t)area->start, page = offset / PAGE;
    if (!((area->open | area->to_open) >> page & 1))
        return NULL;
    if (last / PAGE != address / PAGE && (page == 3 || !((area->open | area->to_open) >> (page + 1) & 1))) {
        *fault = last / PAGE * PAGE;
        return NULL;
    }
    return area->copy + offset;
}

// ---- loops of instructions whose every step is known ----
// Registers have the same numbers on both architectures. The rows make the code and drive a run of it in C.

enum op {
    LOAD,
    STORE,
    LOADP,
    STOREP,
    LOADB,
    LOADF,
    STOREF,
    ADDI,
    MOVE,
    ADDX,
    SUBX,
    ANDX,
    ORX,
    XORX,
    NOTX,
    SHL,
    SHR,
    DIVF,
    LEAVE_NZ,
    AGAIN_NZ,
    AGAIN_Z
};

struct row {
    enum op op;
    int a, b, c;
};

struct machine {
    uint64_t x[32], fault;
    double f[8];
    unsigned known, raised; // bit per float register; inexact
    int pc;                 // row
    enum { RUNS, LEFT, FAULTS } state;
};

// Two neighbours by one instruction. What a store does before its second half faults is its own business.
static void run_pair(struct machine *m, const struct row *row)
{
    uint64_t address = m->x[row->b] + (uint64_t)(int64_t)row->c;
    uint8_t *first = find_copy(address, 8, &m->fault);
    uint8_t *second = first ? find_copy(address + 8, 8, &m->fault) : NULL;
    if (first && !second && row->op == STOREP)
        memcpy(first, (void *)address, 8);
    if (!second) {
        m->state = FAULTS;
        return;
    }
    m->pc++;
    uint8_t *places[] = {first, second};
    for (int i = 0; i < 2; i++)
        if (row->op == LOADP)
            memcpy(&m->x[row->a + i], places[i], 8);
        else
            memcpy(places[i], &m->x[row->a + i], 8);
}

static void run_access(struct machine *m, const struct row *row)
{
    uint8_t *place = find_copy(m->x[row->b] + (uint64_t)(int64_t)row->c, row->op == LOADB ? 1 : 8, &m->fault);
    if (!place) {
        m->state = FAULTS;
        return;
    }
    m->pc++;
    switch (row->op) {
    case LOAD:
        memcpy(&m->x[row->a], place, 8);
        break;
    case LOADB:
        m->x[row->a] = *place;
        break;
    case STORE:
        memcpy(place, &m->x[row->a], 8);
        break;
    case LOADF:
        memcpy(&m->f[row->a], place, 8);
        m->known |= 1u << row->a;
        break;
    default:
        memcpy(place, &m->f[row->a], 8);
        break;
    }
}

static void run_branch(struct machine *m, const struct row *row)
{
    if (row->op == LEAVE_NZ && m->x[row->a])
        m->state = LEFT;
    else if (row->op == LEAVE_NZ)
        m->pc++;
    else if ((m->x[row->a] != 0) == (row->op == AGAIN_NZ))
        m->pc = 0;
    else
        m->state = LEFT;
}

static void run_row(struct machine *m, const struct row *row)
{
    uint64_t b = m->x[row->b], c = m->x[row->c & 31];
    switch (row->op) {
    case LOADP:
    case STOREP:
        run_pair(m, row);
        return;
    case LOAD:
    case STORE:
    case LOADB:
    case LOADF:
    case STOREF:
        run_access(m, row);
        return;
    case LEAVE_NZ:
    case AGAIN_NZ:
    case AGAIN_Z:
        run_branch(m, row);
        return;
    case DIVF:
        m->f[row->a] = m->f[row->b] / m->f[row->c];
        m->raised |= fma(m->f[row->a], m->f[row->c], -m->f[row->b]) != 0;
        m->known |= 1u << row->a;
        break;
    default:
        m->x[row->a] = row->op == ADDI   ? b + (uint64_t)(int64_t)row->c
                       : row->op == MOVE ? b
                       : row->op == ADDX ? b + c
                       : row->op == SUBX ? b - c
                       : row->op == ANDX ? b & c
                       : row->op == ORX  ? b | c
                       : row->op == XORX ? b ^ c
                       : row->op == NOTX ? ~b
                       : row->op == SHL  ? b << (c & 63)
                                         : b >> (c & 63);
        break;
    }
    m->pc++;
}

// clang-format off
#define NEXT_5 6
#define NEXT_13 14
#define NEXT_15 16
#if defined __riscv
#define LOAD_PAIR(R, r, b, d) R(LOAD, r, b, d) R(LOAD, NEXT_##r, b, d + 8)
#define STORE_PAIR(R, r, b, d) R(STORE, r, b, d) R(STORE, NEXT_##r, b, d + 8)
#else
#define LOAD_PAIR(R, r, b, d) R(LOADP, r, b, d)
#define STORE_PAIR(R, r, b, d) R(STOREP, r, b, d)
#endif

// x10: to; x11: from; x12: turns; x13: from, too, or a shift; x14: its complement
#define LOOP_copy_2(R) R(LOAD, 5, 11, 0) R(LOAD, 6, 11, 8) R(STORE, 5, 10, 0) R(STORE, 6, 10, 8) \
    R(ADDI, 10, 10, 16) R(ADDI, 11, 11, 16) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_copy_4(R) R(LOAD, 5, 11, 0) R(LOAD, 6, 11, 8) R(LOAD, 7, 11, 16) R(LOAD, 15, 11, 24) R(ADDI, 11, 11, 32) \
    R(STORE, 5, 10, 0) R(STORE, 6, 10, 8) R(STORE, 7, 10, 16) R(STORE, 15, 10, 24) R(ADDI, 10, 10, 32) \
    R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_copy_mixed(R) R(LOAD, 5, 11, 0) R(ADDI, 12, 12, -1) R(STORE, 5, 10, 0) R(LOAD, 6, 11, 8) R(ADDI, 11, 11, 32) \
    R(STORE, 6, 10, 8) R(ADDI, 10, 10, 32) R(LOAD, 5, 11, -16) R(STORE, 5, 10, -16) R(LOAD, 6, 11, -8) R(STORE, 6, 10, -8) \
    R(AGAIN_NZ, 12, 0, 0)
#define LOOP_copy_down(R) R(ADDI, 10, 10, -32) R(ADDI, 11, 11, -32) R(LOAD, 5, 11, 24) R(LOAD, 6, 11, 16) R(LOAD, 7, 11, 8) \
    R(LOAD, 15, 11, 0) R(STORE, 5, 10, 24) R(STORE, 6, 10, 16) R(STORE, 7, 10, 8) R(STORE, 15, 10, 0) \
    R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_pairs(R) LOAD_PAIR(R, 5, 11, 0) LOAD_PAIR(R, 15, 11, 16) R(ADDI, 11, 11, 32) STORE_PAIR(R, 5, 10, 0) \
    STORE_PAIR(R, 15, 10, 16) R(ADDI, 10, 10, 32) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_odd_pairs(R) R(LOAD, 5, 11, 0) STORE_PAIR(R, 5, 10, 0) LOAD_PAIR(R, 15, 11, 8) LOAD_PAIR(R, 13, 11, 24) \
    STORE_PAIR(R, 15, 10, 16) STORE_PAIR(R, 13, 10, 32) R(ADDI, 10, 10, 48) R(ADDI, 11, 11, 40) \
    R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_merge(R) R(LOAD, 16, 11, 0) R(SHR, 15, 15, 13) R(SHL, 17, 16, 14) R(ORX, 17, 17, 15) R(STORE, 17, 10, 0) \
    R(LOAD, 15, 11, 8) R(SHR, 16, 16, 13) R(SHL, 17, 15, 14) R(ORX, 17, 17, 16) R(STORE, 17, 10, 8) \
    R(ADDI, 10, 10, 16) R(ADDI, 11, 11, 16) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_xor(R) R(LOAD, 5, 11, 0) R(LOAD, 6, 13, 0) R(XORX, 5, 5, 6) R(STORE, 5, 10, 0) R(LOAD, 7, 11, 8) R(LOAD, 15, 13, 8) \
    R(XORX, 7, 7, 15) R(STORE, 7, 10, 8) R(ADDI, 10, 10, 16) R(ADDI, 11, 11, 16) R(ADDI, 13, 13, 16) \
    R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_in_place(R) R(LOAD, 5, 10, 0) R(NOTX, 5, 5, 0) R(LOAD, 6, 10, 8) R(NOTX, 6, 6, 0) R(STORE, 5, 11, 0) R(STORE, 6, 11, 8) \
    R(ADDX, 17, 17, 5) R(LOAD, 7, 10, 16) R(LOAD, 15, 10, 24) R(STORE, 15, 11, 24) R(STORE, 7, 11, 16) R(ADDX, 17, 17, 7) \
    R(ADDI, 10, 10, 32) R(ADDI, 11, 11, 32) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_fill(R) R(STORE, 15, 10, 0) R(STORE, 16, 10, 8) R(ADDI, 15, 15, 1) R(STORE, 15, 10, 16) R(STORE, 16, 10, 24) \
    R(ADDI, 10, 10, 32) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_numbers(R) R(LOADF, 0, 11, 0) R(LOADF, 1, 11, 8) R(STOREF, 0, 10, 0) R(STOREF, 1, 10, 8) R(LOADF, 2, 11, 16) \
    R(ADDI, 17, 17, 3) R(STOREF, 2, 10, 16) R(LOADF, 3, 11, 24) R(STOREF, 3, 10, 24) \
    R(ADDI, 10, 10, 32) R(ADDI, 11, 11, 32) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_quotients(R) R(LOADF, 0, 11, 0) R(LOADF, 1, 11, 8) R(LOADF, 2, 11, 16) R(LOADF, 3, 11, 24) R(LOADF, 4, 11, 32) \
    R(LOADF, 5, 11, 40) R(DIVF, 6, 0, 1) R(STOREF, 6, 10, 0) R(DIVF, 7, 2, 3) R(STOREF, 7, 10, 8) \
    R(ADDI, 10, 10, 16) R(ADDI, 11, 11, 48) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
// x13, x14: 0x01 and 0x80 in each byte; x15: what is looked for, in each byte
#define LOOP_find_zero(R) R(LOAD, 5, 11, 0) R(ADDI, 11, 11, 8) R(SUBX, 6, 5, 13) R(NOTX, 7, 5, 0) R(ANDX, 6, 6, 7) R(ANDX, 6, 6, 14) \
    R(AGAIN_Z, 6, 0, 0)
#define LOOP_find_byte(R) R(LOAD, 5, 11, 0) R(XORX, 5, 5, 15) R(SUBX, 6, 5, 13) R(NOTX, 7, 5, 0) R(ANDX, 6, 6, 7) R(ANDX, 6, 6, 14) \
    R(LEAVE_NZ, 6, 0, 0) R(ADDI, 11, 11, 8) R(ADDI, 12, 12, -1) R(AGAIN_NZ, 12, 0, 0)
#define LOOP_find_either(R) R(LOAD, 5, 11, 0) R(SUBX, 6, 5, 13) R(NOTX, 7, 5, 0) R(ANDX, 6, 6, 7) R(ANDX, 6, 6, 14) \
    R(LEAVE_NZ, 6, 0, 0) R(XORX, 5, 5, 15) R(SUBX, 6, 5, 13) R(NOTX, 7, 5, 0) R(ANDX, 6, 6, 7) R(ANDX, 6, 6, 14) \
    R(ADDI, 11, 11, 8) R(AGAIN_Z, 6, 0, 0)
#define LOOP_find_difference(R) R(LOAD, 5, 11, 0) R(LOAD, 6, 10, 0) R(ADDI, 11, 11, 8) R(ADDI, 10, 10, 8) R(XORX, 7, 5, 6) \
    R(AGAIN_Z, 7, 0, 0)
#define LOOP_find_zero_slowly(R) R(LOADB, 5, 11, 0) R(ADDI, 11, 11, 1) R(AGAIN_NZ, 5, 0, 0)
#define LOOP_find_byte_slowly(R) R(LOADB, 5, 11, 0) R(ADDI, 11, 11, 1) R(SUBX, 6, 5, 15) R(ADDI, 17, 17, 1) R(AGAIN_NZ, 6, 0, 0)

#if defined __aarch64__
#define TEXT_LOAD(r, b, d) "ldr x" #r ", [x" #b ", #" #d "]\n"
#define TEXT_LOADP(r, b, d) PAIR("ldp", r, NEXT_##r, b, d)
#define TEXT_STOREP(r, b, d) PAIR("stp", r, NEXT_##r, b, d)
#define PAIR(name, r, s, b, d) PAIR_OF(name, r, s, b, d)
#define PAIR_OF(name, r, s, b, d) name " x" #r ", x" #s ", [x" #b ", #" #d "]\n"
#define TEXT_LOADB(r, b, d) "ldrb w" #r ", [x" #b ", #" #d "]\n"
#define TEXT_STORE(r, b, d) "str x" #r ", [x" #b ", #" #d "]\n"
#define TEXT_LOADF(r, b, d) "ldr d" #r ", [x" #b ", #" #d "]\n"
#define TEXT_STOREF(r, b, d) "str d" #r ", [x" #b ", #" #d "]\n"
#define TEXT_ADDI(r, a, c) "add x" #r ", x" #a ", #" #c "\n"
#define TEXT_MOVE(r, a, c) "mov x" #r ", x" #a "\n"
#define TEXT_NOTX(r, a, c) "mvn x" #r ", x" #a "\n"
#define THREE(name, r, a, b) name " x" #r ", x" #a ", x" #b "\n"
#define TEXT_ADDX(r, a, b) THREE("add", r, a, b)
#define TEXT_SUBX(r, a, b) THREE("sub", r, a, b)
#define TEXT_ANDX(r, a, b) THREE("and", r, a, b)
#define TEXT_ORX(r, a, b) THREE("orr", r, a, b)
#define TEXT_XORX(r, a, b) THREE("eor", r, a, b)
#define TEXT_SHL(r, a, b) THREE("lsl", r, a, b)
#define TEXT_SHR(r, a, b) THREE("lsr", r, a, b)
#define TEXT_DIVF(r, a, b) "fdiv d" #r ", d" #a ", d" #b "\n"
#define TEXT_LEAVE_NZ(r, a, b) "cbnz x" #r ", 9f\n"
#define TEXT_AGAIN_NZ(r, a, b) "cbnz x" #r ", 1b\n"
#define TEXT_AGAIN_Z(r, a, b) "cbz x" #r ", 1b\n"
#define CODE_START ""
#define CODE_END ""
#define HAS_CODE
#define FLOATS "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"
#elif defined __riscv
#define TEXT_LOAD(r, b, d) "ld x" #r ", " #d "(x" #b ")\n"
#define TEXT_LOADB(r, b, d) "lbu x" #r ", " #d "(x" #b ")\n"
#define TEXT_STORE(r, b, d) "sd x" #r ", " #d "(x" #b ")\n"
#define TEXT_LOADF(r, b, d) "fld f" #r ", " #d "(x" #b ")\n"
#define TEXT_STOREF(r, b, d) "fsd f" #r ", " #d "(x" #b ")\n"
#define TEXT_ADDI(r, a, c) "addi x" #r ", x" #a ", " #c "\n"
#define TEXT_MOVE(r, a, c) "mv x" #r ", x" #a "\n"
#define TEXT_NOTX(r, a, c) "not x" #r ", x" #a "\n"
#define THREE(name, r, a, b) name " x" #r ", x" #a ", x" #b "\n"
#define TEXT_ADDX(r, a, b) THREE("add", r, a, b)
#define TEXT_SUBX(r, a, b) THREE("sub", r, a, b)
#define TEXT_ANDX(r, a, b) THREE("and", r, a, b)
#define TEXT_ORX(r, a, b) THREE("or", r, a, b)
#define TEXT_XORX(r, a, b) THREE("xor", r, a, b)
#define TEXT_SHL(r, a, b) THREE("sll", r, a, b)
#define TEXT_SHR(r, a, b) THREE("srl", r, a, b)
#define TEXT_DIVF(r, a, b) "fdiv.d f" #r ", f" #a ", f" #b "\n"
#define TEXT_LEAVE_NZ(r, a, b) "bnez x" #r ", 9f\n"
#define TEXT_AGAIN_NZ(r, a, b) "bnez x" #r ", 1b\n"
#define TEXT_AGAIN_Z(r, a, b) "beqz x" #r ", 1b\n"
#define CODE_START ".option push\n.option norvc\n"
#define CODE_END ".option pop\n"
#define HAS_CODE
#define FLOATS "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7"
#endif

#define TEXT(op, a, b, c) TEXT_##op(a, b, c)
#define ROW(op, a, b, c) {op, a, b, c},
#define OPERAND(n) "+r"(x##n)
#ifdef HAS_CODE
#define DEFINE(name)                                                                                                   \
    static const struct row rows_##name[] = {LOOP_##name(ROW)};                                                        \
    extern char code_##name[];                                                                                         \
    static __attribute__((noinline, noclone)) void run_##name(uint64_t *x)                                             \
    {                                                                                                                  \
        register uint64_t x5 __asm__("x5") = x[5], x6 __asm__("x6") = x[6], x7 __asm__("x7") = x[7];                   \
        register uint64_t x10 __asm__("x10") = x[10], x11 __asm__("x11") = x[11], x12 __asm__("x12") = x[12];          \
        register uint64_t x13 __asm__("x13") = x[13], x14 __asm__("x14") = x[14], x15 __asm__("x15") = x[15];          \
        register uint64_t x16 __asm__("x16") = x[16], x17 __asm__("x17") = x[17];                                      \
        __asm__ volatile(CODE_START ".globl code_" #name "\ncode_" #name ":\n1:\n" LOOP_##name(TEXT) "9:\n" CODE_END   \
                         : OPERAND(5), OPERAND(6), OPERAND(7), OPERAND(10), OPERAND(11), OPERAND(12), OPERAND(13),     \
                           OPERAND(14), OPERAND(15), OPERAND(16), OPERAND(17)                                          \
                         :                                                                                             \
                         : "memory", "cc", FLOATS);                                                                    \
        x[5] = x5, x[6] = x6, x[7] = x7, x[10] = x10, x[11] = x11, x[12] = x12, x[13] = x13, x[14] = x14;              \
        x[15] = x15, x[16] = x16, x[17] = x17;                                                                         \
    }
#else
#define DEFINE(name) static const struct row rows_##name[] = {LOOP_##name(ROW)};
#endif
// clang-format on

#define ALL_LOOPS(X)                                                                                                   \
    X(copy_2)                                                                                                          \
    X(copy_4) X(copy_mixed) X(copy_down) X(pairs) X(odd_pairs) X(merge) X(xor) X(in_place) X(fill) X(numbers)          \
        X(quotients) X(find_zero) X(find_byte) X(find_either) X(find_difference) X(find_zero_slowly)                   \
            X(find_byte_slowly)

ALL_LOOPS(DEFINE)

static const struct loop {
    const char *name;
    const struct row *rows;
    void (*run)(uint64_t *x);
    const char *code;
} loops[] = {
#ifdef HAS_CODE
#define ENTRY(name) {#name, rows_##name, run_##name, code_##name},
#else
#define ENTRY(name) {#name, rows_##name},
#endif
    ALL_LOOPS(ENTRY)};
enum { LOOPS = sizeof loops / sizeof *loops, FIRST_SEARCH = 12 };

// ---- what a handler has seen ----

static sigjmp_buf escape;
static volatile int may_leave;
static volatile unsigned opened;
static struct machine seen;
static uint64_t seen_pc;

static void note_registers(const ucontext_t *context)
{
#if defined __aarch64__
    const mcontext_t *m = &context->uc_mcontext;
    const struct fpsimd_context *floats = (const struct fpsimd_context *)m->__reserved;
    seen_pc = m->pc;
    for (int i = 0; i < 31; i++)
        seen.x[i] = m->regs[i];
    CHECK(floats->head.magic == FPSIMD_MAGIC);
    for (int i = 0; i < 8; i++)
        memcpy(&seen.f[i], &floats->vregs[i], 8);
    seen.raised = floats->fpsr >> 4 & 1;
#elif defined __riscv
    const mcontext_t *m = &context->uc_mcontext;
    seen_pc = m->__gregs[0];
    for (int i = 1; i < 32; i++)
        seen.x[i] = m->__gregs[i];
    for (int i = 0; i < 8; i++)
        memcpy(&seen.f[i], &m->__fpregs.__d.__f[i], 8);
    seen.raised = m->__fpregs.__d.__fcsr & 1;
#endif
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    uint64_t address = (uintptr_t)info->si_addr;
    struct area *area = area_of(address);
    seen.fault = address;
    note_registers(context);
    if (area && area->to_open >> (address - (uintptr_t)area->start) / PAGE & 1) {
        opened++;
        protect(area, area->open | 1u << (address - (uintptr_t)area->start) / PAGE);
        return;
    }
    CHECK(may_leave);
    siglongjmp(escape, 1);
}

static void install(void)
{
    static char room[1 << 16];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    CHECK(sigaltstack(&stack, NULL) == 0);
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

// ---- running a loop and its rows ----

static const int numbers[] = {5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17};

static void run_rows(const struct loop *loop, struct machine *m)
{
    m->pc = 0;
    for (m->state = RUNS; m->state == RUNS;)
        run_row(m, &loop->rows[m->pc]);
}

static void compare_areas(void)
{
#ifdef HAS_CODE
    for (int i = 0; i < AREAS; i++)
        for (unsigned page = 0; page < 4; page++)
            if (areas[i].open >> page & 1)
                CHECK(memcmp(areas[i].start + page * PAGE, areas[i].copy + page * PAGE, PAGE) == 0);
#endif
}

static void compare_registers(const struct machine *m, const uint64_t *x)
{
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        CHECK(x[numbers[i]] == m->x[numbers[i]]);
}

// Whether the loop faulted, which is as it should be.
static int run_loop(const struct loop *loop, struct machine *m)
{
#ifdef HAS_CODE
    uint64_t x[32];
    memcpy(x, m->x, sizeof x);
    feclearexcept(FE_ALL_EXCEPT);
    int faults = sigsetjmp(escape, 1);
    if (!faults) {
        may_leave = 1;
        loop->run(x);
    }
    may_leave = 0;
    run_rows(loop, m);
    CHECK(faults == (m->state == FAULTS));
    compare_registers(m, faults ? seen.x : x);
    if (faults) {
        CHECK(seen_pc == (uintptr_t)loop->code + 4 * (unsigned)m->pc);
        CHECK(seen.fault == m->fault);
        CHECK(seen.raised == m->raised);
        for (int i = 0; i < 8; i++)
            CHECK(!(m->known >> i & 1) || memcmp(&seen.f[i], &m->f[i], 8) == 0);
    }
#else
    run_rows(loop, m);
#endif
    return m->state == FAULTS;
}

#define EACH_BYTE UINT64_C(0x0101010101010101)
enum { SOUGHT = 0x80 };

static void prepare(struct machine *m, const uint8_t *to, const uint8_t *from, uint64_t turns)
{
    *m = (struct machine){0};
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        m->x[numbers[i]] = (unsigned)numbers[i] * UINT64_C(0x123456789abcdef);
    m->x[10] = (uintptr_t)to;
    m->x[11] = (uintptr_t)from;
    m->x[12] = turns;
}

// Quotients are exact but for the second one of the turn in which a store faults, perhaps the one before it.
static void prepare_quotients(struct machine *m)
{
    uint64_t faulting = ((uintptr_t)areas[0].start + 3 * PAGE - m->x[10]) / 16;
    uint8_t *copy = areas[1].copy + PAGE;
    for (unsigned turn = 0; turn < 85; turn++) {
        double six[] = {6, 3, 1, turn == faulting ? 3 : 2, 8, 4};
        memcpy(copy + turn * sizeof six, six, sizeof six);
    }
    m->x[11] = (uintptr_t)areas[1].start + PAGE;
    memcpy((void *)m->x[11], copy, PAGE);
}

// Registers that the loop needs besides.
static void prepare_more(struct machine *m, int loop, unsigned number)
{
    if (loop >= FIRST_SEARCH) {
        m->x[13] = EACH_BYTE;
        m->x[14] = EACH_BYTE << 7;
        m->x[15] = loops[loop].rows == rows_find_byte_slowly ? SOUGHT : EACH_BYTE * SOUGHT;
    } else if (loops[loop].rows == rows_quotients) {
        prepare_quotients(m);
    } else if (loops[loop].rows == rows_merge) {
        m->x[13] = number % 7 * 8 + 8;
        m->x[14] = 64 - m->x[13];
    } else {
        m->x[13] = (uintptr_t)areas[2].start + PAGE + 16 + number % 8;
    }
}

static int is_down(int loop)
{
    return loops[loop].rows == rows_copy_down;
}

// Once with nothing in the way, and often enough to be hot.
static void warm_up(int loop)
{
    struct machine m;
    uint8_t *to = areas[0].start + (is_down(loop) ? 3 : 1) * PAGE,
            *from = areas[1].start + (is_down(loop) ? 3 : 1) * PAGE;
    int way = is_down(loop) ? -1 : 1;
    for (int n = 0; n < 32; n++) {
        prepare(&m, to + way * (n % 8), from + way * (n % 5), 60);
        prepare_more(&m, loop, (unsigned)n);
        CHECK(!run_loop(&loops[loop], &m));
    }
    compare_areas();
}

// What is read faults, or what is written, after any number of turns.
static void test_faults(void)
{
    unsigned faults = 0;
    for (int loop = 0; loop < FIRST_SEARCH; loop++) {
        warm_up(loop);
        for (unsigned n = 0; n < 64; n++) {
            struct machine m;
            unsigned ahead = n * 29 % 400 + n % 8, other = 1200 + n % 11;
            int down = is_down(loop);
            uint8_t *near[2], *far[2];
            for (int i = 0; i < 2; i++) {
                near[i] = areas[i].start + (down ? PAGE + ahead : 3 * PAGE - ahead);
                far[i] = areas[i].start + (down ? PAGE + other : 3 * PAGE - other);
            }
            prepare(&m, n % 3 ? near[0] : far[0], n % 3 != 1 ? near[1] : far[1], 1000);
            prepare_more(&m, loop, n);
            faults += (unsigned)run_loop(&loops[loop], &m);
        }
        compare_areas();
    }
    printf("faults %u\n", faults);
}

// Pages are opened when they are touched, and the loop goes on.
static void test_opening(void)
{
    unsigned count = 0;
    for (int loop = 0; loop < FIRST_SEARCH; loop++)
        for (unsigned n = 0; n < 24; n++) {
            struct machine m;
            int down = is_down(loop);
            unsigned ahead = n * 29 % 160 + n % 8, page = down ? 0 : 3;
            for (int i = 0; i < AREAS; i++)
                areas[i].to_open = 1u << page;
            prepare(&m, areas[0].start + (down ? PAGE + ahead : 3 * PAGE - ahead),
                    areas[1].start + (down ? PAGE + ahead / 2 : 3 * PAGE - ahead / 2), 40);
            prepare_more(&m, loop, n);
            CHECK(!run_loop(&loops[loop], &m));
            for (int i = 0; i < AREAS; i++)
                areas[i].to_open = 0;
            compare_areas();
            for (int i = 0; i < AREAS; i++)
                protect(&areas[i], 6);
            count++;
        }
#ifdef HAS_CODE
    CHECK(opened > count);
#endif
    printf("opening %u\n", count);
}

// The same as loops of instructions, with all registers.
static void test_search_loops(void)
{
    unsigned faults = 0, runs = 0;
    uint64_t random = 123456789;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 4 * PAGE; k++)
            areas[i].copy[k] = (uint8_t)(k % 127 + 1);
    for (int i = 0; i < 2; i++)
        memcpy(areas[i].start + PAGE, areas[i].copy + PAGE, 2 * PAGE);
    for (int loop = FIRST_SEARCH; loop < LOOPS; loop++)
        for (int n = 0; n < 120; n++) {
            struct machine m;
            int ahead = 1 + (int)(next_random(&random) % 400), place = 1 + (int)(next_random(&random) % 600);
            uint8_t *from = areas[1].start + 3 * PAGE, *copy = areas[1].copy + 3 * PAGE, old = copy[-place];
            ahead = n < 10 ? 1000 : ahead;
            int is_zero = loops[loop].rows == rows_find_zero || loops[loop].rows == rows_find_zero_slowly;
            is_zero |= loops[loop].rows == rows_find_either && n % 3 == 0;
            from[-place] = copy[-place] = is_zero ? 0 : SOUGHT; // sometimes before the start: then there is no end
            prepare(&m, areas[0].start + 3 * PAGE - ahead - (n & 1 ? 0 : 127), from - ahead, 1000);
            prepare_more(&m, loop, 0);
            faults += (unsigned)run_loop(&loops[loop], &m);
            from[-place] = copy[-place] = old;
            runs++;
        }
    printf("search loops %u %u\n", runs, faults);
}

int main(void)
{
    make_areas();
    install();
    test_faults();
    test_opening();
    test_search_loops();
    return 0;
}
