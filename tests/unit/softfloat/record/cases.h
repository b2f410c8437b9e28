/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which operations on which operands the peer's results were recorded for; shared by the recorders, which run as guest
 * programs, and by test_peer.c, which replays. A recording is the results in this order, nothing else: per case the
 * bytes of the result, then one byte of exceptions (bits of enum float_exception). Changing anything here needs a new
 * recording. */
#ifndef SOFTFLOAT_RECORD_CASES_H
#define SOFTFLOAT_RECORD_CASES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum case_group { GROUP_ARITHMETIC = 1, GROUP_FUSED = 2, GROUP_MINIMUM = 4, GROUP_CONVERT = 8, GROUP_ALL = 15 };
enum case_machine { MACHINE_ARM = 1, MACHINE_RISCV = 2, MACHINE_BOTH = 3 };

/* X(name, bits of the operands (0: integers), count of operands, bytes of the result, group, machines) */
#define CASES_OF_WIDTH(X, w, bytes)                                                                                    \
    X(add##w, w, 2, bytes, GROUP_ARITHMETIC, MACHINE_BOTH)                                                             \
    X(sub##w, w, 2, bytes, GROUP_MINIMUM, MACHINE_BOTH)                                                                \
    X(mul##w, w, 2, bytes, GROUP_ARITHMETIC, MACHINE_BOTH)                                                             \
    X(div##w, w, 2, bytes, GROUP_ARITHMETIC, MACHINE_BOTH)                                                             \
    X(sqrt##w, w, 1, bytes, GROUP_ARITHMETIC, MACHINE_BOTH)                                                            \
    X(fma##w, w, 3, bytes, GROUP_FUSED, MACHINE_BOTH)                                                                  \
    X(min##w, w, 2, bytes, GROUP_MINIMUM, MACHINE_ARM)                                                                 \
    X(max##w, w, 2, bytes, GROUP_MINIMUM, MACHINE_ARM)                                                                 \
    X(minnum##w, w, 2, bytes, GROUP_MINIMUM, MACHINE_BOTH)                                                             \
    X(maxnum##w, w, 2, bytes, GROUP_MINIMUM, MACHINE_BOTH)                                                             \
    X(quiet##w, w, 2, 1, GROUP_MINIMUM, MACHINE_BOTH)     /* Arm: NZCV of FCMP; RISC-V: feq */                         \
    X(signaling##w, w, 2, 1, GROUP_MINIMUM, MACHINE_BOTH) /* Arm: NZCV of FCMPE; RISC-V: flt */                        \
    X(roundx##w, w, 1, bytes, GROUP_CONVERT, MACHINE_ARM) /* FRINTX */                                                 \
    X(rounda##w, w, 1, bytes, GROUP_CONVERT, MACHINE_ARM) /* FRINTA */                                                 \
    X(roundi##w, w, 1, bytes, GROUP_CONVERT, MACHINE_ARM) /* FRINTI */                                                 \
    X(s32_from##w, w, 1, 4, GROUP_CONVERT, MACHINE_BOTH)  /* Arm: toward zero; RISC-V: the dynamic mode */             \
    X(u32_from##w, w, 1, 4, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(s64_from##w, w, 1, 8, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(u64_from##w, w, 1, 8, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(fixed_from##w, w, 1, 8, GROUP_CONVERT, MACHINE_ARM) /* FCVTZS, 13 fraction bits */                               \
    X(away_from##w, w, 1, 8, GROUP_CONVERT, MACHINE_ARM)  /* FCVTAS */                                                 \
    X(s64_to##w, 0, 1, bytes, GROUP_CONVERT, MACHINE_BOTH)                                                             \
    X(u64_to##w, 0, 1, bytes, GROUP_CONVERT, MACHINE_BOTH)                                                             \
    X(fixed_to##w, 0, 1, bytes, GROUP_CONVERT, MACHINE_ARM) /* SCVTF, 30 fraction bits */

#define CASES(X)                                                                                                       \
    CASES_OF_WIDTH(X, 16, 2)                                                                                           \
    CASES_OF_WIDTH(X, 32, 4)                                                                                           \
    CASES_OF_WIDTH(X, 64, 8)                                                                                           \
    X(f16_to_f32, 16, 1, 4, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f16_to_f64, 16, 1, 8, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f32_to_f16, 32, 1, 2, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f32_to_f64, 32, 1, 8, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f64_to_f16, 64, 1, 2, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f64_to_f32, 64, 1, 4, GROUP_CONVERT, MACHINE_BOTH)                                                               \
    X(f64_to_odd, 64, 1, 4, GROUP_CONVERT, MACHINE_ARM) /* FCVTXN */                                                   \
    X(f32_to_bf16, 32, 1, 2, GROUP_CONVERT, MACHINE_ARM)

enum case_operation {
#define X(name, width, operands, bytes, group, machines) CASE_##name,
    CASES(X)
#undef X
        CASE_COUNT
};

struct case_description {
    const char *name;
    uint8_t width, operands, bytes, group, machines;
};

static const struct case_description case_descriptions[CASE_COUNT] = {
#define X(name, width, operands, bytes, group, machines) {#name, width, operands, bytes, group, machines},
    CASES(X)
#undef X
};

/* ---- operands ---- */

enum { PAIR_COUNT = 16, FUSED_COUNT = 11, NUMBER_COUNT = 40, INTEGER_COUNT = 18 };

/* The special values of a format; the first FUSED_COUNT for three operands, PAIR_COUNT for two, all else for one. */
static inline uint64_t case_special(unsigned width, unsigned index)
{
    unsigned fraction_bits = width == 16 ? 10 : width == 32 ? 23 : 52, exponent_bits = width - 1 - fraction_bits;
    uint64_t sign = UINT64_C(1) << (width - 1), unit = UINT64_C(1) << fraction_bits;
    uint64_t infinity = ((UINT64_C(1) << exponent_bits) - 1) << fraction_bits,
             bias = (UINT64_C(1) << (exponent_bits - 1)) - 1;

    switch (index) {
    case 0:
        return 0;
    case 1:
        return sign | (unit - 1); /* the largest subnormal number */
    case 2:
        return infinity;
    case 3:
        return infinity | unit >> 1 | 0x123; /* quiet */
    case 4:
        return sign | infinity | 0x45; /* signaling */
    case 5:
        return bias << fraction_bits | 1; /* 1 and a bit */
    case 6:
        return sign | bias << fraction_bits;
    case 7:
        return infinity - 1; /* the largest number */
    case 8:
        return (bias / 2 + 1) << fraction_bits | unit / 3; /* its square is subnormal */
    case 9:
        return infinity | unit >> 2; /* signaling */
    case 10:
        return sign;
    case 11:
        return 1;
    case 12:
        return sign | unit; /* the smallest normal number */
    case 13:
        return sign | infinity;
    case 14:
        return (bias - 1) << fraction_bits | (unit - 1);
    default:
        return sign | (bias + 2) << fraction_bits | unit * 2 / 3;
    }
}

/* Numbers near the edges of integers and of the narrower formats, cut off to the format. */
static inline uint64_t case_number(unsigned width, unsigned index)
{
    static const double numbers[NUMBER_COUNT - PAIR_COUNT] = {
        0x1p31,       -0x1.00000002p31, 0x1.fffffffcp30, 0x1.fffffffep31, 0x1p32,          0x1p63,
        -0x1p63,      0x1.8p63,         -0x1.8p0,        0x1.4p1,         0x1.cp1,         -0x1p-1,
        0x1.ffcp15,   0x1.ffdfffp15,    0x1.ffep15,      0x1.ffdp-15,     0x1.ffep-15,     0x1p-25,
        0x1.0001p-25, 0x1.fffffep127,   0x1.ffffffp127,  0x1.ffffffp-127, 0x1.fffffep-127, 0x1.8p-149,
    };
    uint64_t bits;

    memcpy(&bits, &numbers[index - PAIR_COUNT], sizeof bits);
    if (width == 64) {
        return bits;
    }
    int fraction_bits = width == 16 ? 10 : 23, bias = width == 16 ? 15 : 127;
    uint64_t sign = bits >> 63 << (width - 1);
    int exponent = (int)(bits >> 52 & 0x7FF) - 1023 + bias;
    uint64_t fraction = (bits & ((UINT64_C(1) << 52) - 1)) >> (52 - fraction_bits);
    if (exponent > 2 * bias) {
        return sign | (((uint64_t)(2 * bias + 1) << fraction_bits) - 1);
    }
    return exponent < 1 ? sign | (fraction >> 1) | 1 : sign | (uint64_t)exponent << fraction_bits | fraction;
}

static inline uint64_t case_integer(unsigned index)
{
    static const uint64_t integers[INTEGER_COUNT] = {
        0,
        1,
        UINT64_MAX,
        2049,
        2051,
        65519,
        65520,
        65504,
        0x1000001,
        0x1000003,
        0x20000000000001,
        0x20000000000003,
        INT64_MAX,
        UINT64_C(1) << 63,
        0x7FFFFFBFFFFFFFFF,
        0x7FFFFFC000000000,
        0x8000000000000400,
        0x8000000000000401,
    };
    return integers[index];
}

static inline unsigned case_operand_count(const struct case_description *d)
{
    return d->width == 0      ? INTEGER_COUNT
           : d->operands == 1 ? NUMBER_COUNT
           : d->operands == 2 ? PAIR_COUNT
                              : FUSED_COUNT;
}

static inline uint64_t case_operand(const struct case_description *d, unsigned index)
{
    return d->width == 0        ? case_integer(index)
           : index < PAIR_COUNT ? case_special(d->width, index)
                                : case_number(d->width, index);
}

/* ---- modes ---- */

struct case_mode {
    const char *name;
    uint32_t control; /* Arm: FPCR; RISC-V: frm */
    uint32_t groups;  /* recorded in this mode */
};

enum { FPCR_FZ16 = 1 << 19, FPCR_RMODE_SHIFT = 22, FPCR_FZ = 1 << 24, FPCR_DN = 1 << 25, FPCR_AHP = 1 << 26 };

static const struct case_mode arm_modes[] = {
    {"nearest", 0, GROUP_ALL},
    {"up", 1 << FPCR_RMODE_SHIFT, GROUP_ARITHMETIC | GROUP_FUSED | GROUP_CONVERT},
    {"down", 2 << FPCR_RMODE_SHIFT, GROUP_ARITHMETIC | GROUP_FUSED | GROUP_CONVERT},
    {"zero", 3 << FPCR_RMODE_SHIFT, GROUP_ARITHMETIC | GROUP_CONVERT},
    {"default NaN", FPCR_DN, GROUP_ALL},
    {"flushing", FPCR_FZ | FPCR_FZ16, GROUP_ALL},
    {"alternative half", FPCR_AHP, GROUP_CONVERT},
    {"alternative half, default NaN, flushing up", FPCR_AHP | FPCR_DN | FPCR_FZ | 1 << FPCR_RMODE_SHIFT, GROUP_CONVERT},
};
static const struct case_mode riscv_modes[] = {
    {"nearest", 0, GROUP_ALL},
    {"zero", 1, GROUP_ARITHMETIC | GROUP_CONVERT},
    {"down", 2, GROUP_ARITHMETIC | GROUP_FUSED | GROUP_CONVERT},
    {"up", 3, GROUP_ARITHMETIC | GROUP_CONVERT},
    {"away", 4, GROUP_ARITHMETIC | GROUP_FUSED | GROUP_CONVERT},
};

/* ---- the order ---- */

struct case_point {
    enum case_operation operation;
    const struct case_mode *mode;
    uint64_t operands[3];
};

typedef void case_visitor(void *context, const struct case_point *);

static inline void case_visit_operation(struct case_point *point, case_visitor *visit, void *context)
{
    const struct case_description *d = &case_descriptions[point->operation];
    unsigned count = case_operand_count(d), count_b = d->operands > 1 ? count : 1,
             count_c = d->operands > 2 ? count : 1;

    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < count_b; j++) {
            for (unsigned k = 0; k < count_c; k++) {
                point->operands[0] = case_operand(d, i);
                point->operands[1] = d->operands > 1 ? case_operand(d, j) : 0;
                point->operands[2] = d->operands > 2 ? case_operand(d, k) : 0;
                visit(context, point);
            }
        }
    }
}

static inline void case_visit_all(enum case_machine machine, case_visitor *visit, void *context)
{
    const struct case_mode *modes = machine == MACHINE_ARM ? arm_modes : riscv_modes;
    unsigned count = machine == MACHINE_ARM ? sizeof arm_modes / sizeof *modes : sizeof riscv_modes / sizeof *modes;

    for (unsigned m = 0; m < count; m++) {
        for (int o = 0; o < CASE_COUNT; o++) {
            struct case_point point = {(enum case_operation)o, &modes[m], {0}};
            if (case_descriptions[o].machines & machine && case_descriptions[o].group & modes[m].groups) {
                case_visit_operation(&point, visit, context);
            }
        }
    }
}

#endif
