/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the digests of floating-point rows are made of: operands by rule, and how results are summed up. Compiled for
 * the host and for the guest; digest_model.py has the same rule in its own words. */
#ifndef RISCV_DIGEST_RULE_H
#define RISCV_DIGEST_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A line "NAME CODE OPERANDS MODES [=> DIGEST]". CODE: rd is 10, sources are 11, 12, 13, rm is 0. OPERANDS: a letter
   each, h s d b (bfloat16) for floating-point registers, w for an integer. MODES: "rounds" or "fixed". */
struct digest_row {
    char name[24];
    uint32_t code;
    char operands[4];
    bool rounds;
    uint64_t digest; /* 0 if the line has none */
};

static inline bool digest_parse(const char *line, struct digest_row *row)
{
    char modes[8];
    unsigned long long digest = 0;
    int fields = sscanf(line, "%23s %x %3s %7s => %llx", row->name, &row->code, row->operands, modes, &digest);
    row->rounds = fields >= 4 && strcmp(modes, "rounds") == 0;
    row->digest = digest;
    return line[0] != '#' && fields >= 4;
}

enum { DIGEST_MOST = 4096 };

struct digest_list {
    uint64_t values[DIGEST_MOST];
    unsigned count;
};

struct digest_format {
    unsigned exponent_bits, fraction_bits;
};

static inline struct digest_format digest_format_of(char letter)
{
    return letter == 'h'   ? (struct digest_format){5, 10}
           : letter == 'b' ? (struct digest_format){8, 7}
           : letter == 's' ? (struct digest_format){8, 23}
                           : (struct digest_format){11, 52};
}

/* NaN-boxed; both signs. */
static inline void digest_add(struct digest_list *list, struct digest_format f, unsigned exponent, uint64_t fraction)
{
    unsigned width = 1 + f.exponent_bits + f.fraction_bits;
    uint64_t box = width < 64 ? ~0ull << width : 0;
    uint64_t magnitude = (uint64_t)exponent << f.fraction_bits | (fraction & ((1ull << f.fraction_bits) - 1));
    list->values[list->count++] = box | magnitude;
    list->values[list->count++] = box | 1ull << (width - 1) | magnitude;
}

/* One that is not boxed: a canonical NaN to instructions of its width. */
static inline void digest_add_unboxed(struct digest_list *list, struct digest_format f)
{
    unsigned width = 1 + f.exponent_bits + f.fraction_bits;
    if (width < 64) {
        uint64_t one = ((1ull << (f.exponent_bits - 1)) - 1) << f.fraction_bits;
        list->values[list->count++] = one;
        list->values[list->count++] = (~0ull << width ^ 1ull << width) | one;
    }
}

static inline void digest_list_integers(struct digest_list *list)
{
    static const uint64_t few[] = {0, 65503, 65504, 65505, 65519, 65520, 65521, 65535};
    unsigned first = list->count;
    memcpy(list->values, few, sizeof few);
    list->count += sizeof few / sizeof *few;
    for (unsigned k = 0; k < 64; k++) {
        static const unsigned precisions[] = {7, 10, 23, 52};
        uint64_t power = 1ull << k;
        for (int off = -1; off <= 1; off++) {
            list->values[list->count++] = power + (uint64_t)(int64_t)off;
        }
        for (unsigned p = 0; p < 4; p++) {
            if (k > precisions[p]) {
                uint64_t half = 1ull << (k - precisions[p] - 1);
                list->values[list->count++] = power + half;
                list->values[list->count++] = power + half + 1;
                list->values[list->count++] = power + 3 * half;
                list->values[list->count++] = power + 3 * half - 1;
            }
        }
    }
    unsigned positive = list->count;
    for (unsigned i = first; i < positive; i++) {
        list->values[list->count++] = -list->values[i];
    }
}

/* Of an only operand: exponents at which something begins or ends, fractions at which rounding to some width or to an
   integer turns. */
static inline void digest_list_one(struct digest_list *list, char letter)
{
    static const int offsets[] = {-150, -149, -148, -133, -127, -126, -125, -26, -25, -24, -23, -15, -14,
                                  -13,  -2,   -1,   0,    1,    2,    9,    10,  11,  12,  15,  16,  22,
                                  23,   24,   30,   31,   32,   51,   52,   53,  62,  63,  64,  127, 128};
    struct digest_format f = digest_format_of(letter);
    unsigned limit = (1u << f.exponent_bits) - 1, bias = limit / 2, exponents[64], count = 0;
    exponents[count++] = 0;
    exponents[count++] = 1;
    exponents[count++] = limit - 1;
    exponents[count++] = limit;
    for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        int exponent = (int)bias + offsets[i];
        if (exponent > 1 && exponent < (int)limit - 1) {
            exponents[count++] = (unsigned)exponent;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t top = 1ull << (f.fraction_bits - 1), all = 2 * top - 1;
        const uint64_t fixed[] = {0, 1, 2, 3, top, top | 1, top - 1, all, all - 1, top / 2, top / 2 * 3};
        for (unsigned n = 0; n < sizeof fixed / sizeof *fixed; n++) {
            digest_add(list, f, exponents[i], fixed[n]);
        }
        static const unsigned narrower[] = {7, 10, 23};
        for (unsigned n = 0; n < 3; n++) {
            if (narrower[n] < f.fraction_bits) {
                uint64_t half = 1ull << (f.fraction_bits - narrower[n] - 1);
                const uint64_t near[] = {half - 1, half, half + 1, 3 * half, all - half, all - half + 1};
                for (unsigned m = 0; m < sizeof near / sizeof *near; m++) {
                    digest_add(list, f, exponents[i], near[m]);
                }
            }
        }
    }
    digest_add_unboxed(list, f);
}

/* Of two operands: 2^-(fraction_bits + 1) beside 1 and its neighbours makes halfway sums. */
static inline void digest_list_two(struct digest_list *list, char letter)
{
    struct digest_format f = digest_format_of(letter);
    unsigned limit = (1u << f.exponent_bits) - 1, bias = limit / 2;
    uint64_t top = 1ull << (f.fraction_bits - 1);
    const unsigned exponents[] = {0, 1, bias - f.fraction_bits - 1, bias - 1, bias, bias + 1, limit - 1, limit};
    for (unsigned i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        digest_add(list, f, exponents[i], 0);
        digest_add(list, f, exponents[i], 1);
        digest_add(list, f, exponents[i], top);
        digest_add(list, f, exponents[i], 2 * top - 1);
    }
    digest_add_unboxed(list, f);
}

static inline void digest_list_three(struct digest_list *list, char letter)
{
    struct digest_format f = digest_format_of(letter);
    unsigned limit = (1u << f.exponent_bits) - 1, bias = limit / 2;
    uint64_t top = 1ull << (f.fraction_bits - 1);
    digest_add(list, f, 0, 0);
    digest_add(list, f, 0, 1);
    digest_add(list, f, bias - f.fraction_bits - 1, 0);
    digest_add(list, f, bias, 0);
    digest_add(list, f, bias, 1);
    digest_add(list, f, bias, top);
    digest_add(list, f, limit - 1, 2 * top - 1);
    digest_add(list, f, limit, 0);
    digest_add(list, f, limit, 1);
    digest_add(list, f, limit, top | 1);
}

static inline void digest_list_make(struct digest_list *list, const char *operands, unsigned index)
{
    list->count = 0;
    if (operands[index] == 'w') {
        digest_list_integers(list);
    } else if (operands[1] == 0) {
        digest_list_one(list, operands[index]);
    } else if (operands[2] == 0) {
        digest_list_two(list, operands[index]);
    } else {
        digest_list_three(list, operands[index]);
    }
}

/* What a row is run in: rm 7 with each frm, then each rm with another frm. The latter for one of seven operands only.
 */
struct digest_mode {
    unsigned rm, frm;
};
enum { DIGEST_MODES = 10, DIGEST_DYNAMIC = 5, DIGEST_STRIDE = 7 };

static inline struct digest_mode digest_mode_of(unsigned index)
{
    return index < DIGEST_DYNAMIC ? (struct digest_mode){7, index}
                                  : (struct digest_mode){index - DIGEST_DYNAMIC, (index - DIGEST_DYNAMIC + 1) % 5};
}

/* Registers before and after: f11 to f13 or x11 hold operands; x10, f10 and fcsr are summed up. */
struct digest_registers {
    uint64_t operands[3];
    uint64_t f10, x10, fcsr;
};
#define DIGEST_BEFORE 0x123456789abcdef0ull

/* FNV-1a over 64-bit words instead of bytes. */
static inline uint64_t digest_update(uint64_t digest, uint64_t value)
{
    return (digest ^ value) * 0x100000001b3ull;
}

/* Runs `code` once; opaque is the caller's. */
typedef void digest_run(void *opaque, uint32_t code, struct digest_registers *registers);

static inline uint64_t digest_compute(const struct digest_row *row, digest_run *run, void *opaque, bool print)
{
    static struct digest_list lists[3];
    unsigned arity = (unsigned)strlen(row->operands);
    for (unsigned i = 0; i < 3; i++) {
        lists[i] = (struct digest_list){.count = 1};
        if (i < arity) {
            digest_list_make(&lists[i], row->operands, i);
        }
    }
    unsigned total = lists[0].count * lists[1].count * lists[2].count;
    uint64_t digest = 0xcbf29ce484222325ull;
    for (unsigned m = 0; m < (row->rounds ? DIGEST_MODES : 1); m++) {
        struct digest_mode mode = digest_mode_of(m);
        uint32_t code = row->code | (row->rounds ? mode.rm << 12 : 0);
        for (unsigned n = 0; n < total; n += m < DIGEST_DYNAMIC ? 1 : DIGEST_STRIDE) {
            struct digest_registers r = {.f10 = DIGEST_BEFORE, .x10 = DIGEST_BEFORE, .fcsr = mode.frm << 5};
            r.operands[0] = lists[0].values[n % lists[0].count];
            r.operands[1] = lists[1].values[n / lists[0].count % lists[1].count];
            r.operands[2] = lists[2].values[n / lists[0].count / lists[1].count];
            run(opaque, code, &r);
            digest = digest_update(digest_update(digest_update(digest, r.f10), r.x10), r.fcsr);
            if (print) {
                printf("%08x %016llx %016llx %016llx fcsr=%x => %016llx %016llx %llx\n", code,
                       (unsigned long long)r.operands[0], (unsigned long long)r.operands[1],
                       (unsigned long long)r.operands[2], mode.frm << 5, (unsigned long long)r.f10,
                       (unsigned long long)r.x10, (unsigned long long)r.fcsr);
            }
        }
    }
    return digest;
}

#endif
