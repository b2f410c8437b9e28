/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C functions that RISC-V units call, and the floating-point control and status register. */
#include "lift.h"

#include <time.h>

/* ---- fcsr ---- */

static const uint32_t exception_of_flag[5] = {
    FLOAT_INEXACT, FLOAT_UNDERFLOW, FLOAT_OVERFLOW, FLOAT_DIVIDE_BY_ZERO, FLOAT_INVALID,
};

/* RMM and the reserved modes have no dynamic mode of the engine: see lift_float.c. */
static const uint8_t engine_rounding[8] = {
    [RISCV_RNE] = FLOAT_NEAREST_EVEN,
    [RISCV_RTZ] = FLOAT_TOWARD_ZERO,
    [RISCV_RDN] = FLOAT_DOWN,
    [RISCV_RUP] = FLOAT_UP,
};

uint32_t riscv_read_fcsr(const struct cpu_header *header)
{
    uint32_t value = (header->mode & RISCV_MODE_FRM) << 5;
    for (unsigned i = 0; i < 5; i++) {
        value |= header->fp.exceptions & exception_of_flag[i] ? 1u << i : 0;
    }
    return value;
}

void riscv_write_fcsr(struct cpu_header *header, uint32_t value)
{
    uint32_t frm = value >> 5 & 7;
    header->mode = (header->mode & ~(uint32_t)RISCV_MODE_FRM) | frm;
    header->fp.rounding = engine_rounding[frm];
    header->fp.exceptions = 0;
    for (unsigned i = 0; i < 5; i++) {
        header->fp.exceptions |= value >> i & 1 ? exception_of_flag[i] : 0;
    }
}

static uint64_t write_fcsr(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    riscv_write_fcsr(header, (uint32_t)value);
    return 0;
}

/* ---- FCLASS ---- */

enum class_bit {
    CLASS_NEGATIVE_INFINITY = 1 << 0,
    CLASS_NEGATIVE_NORMAL = 1 << 1,
    CLASS_NEGATIVE_SUBNORMAL = 1 << 2,
    CLASS_NEGATIVE_ZERO = 1 << 3,
    CLASS_POSITIVE_ZERO = 1 << 4,
    CLASS_POSITIVE_SUBNORMAL = 1 << 5,
    CLASS_POSITIVE_NORMAL = 1 << 6,
    CLASS_POSITIVE_INFINITY = 1 << 7,
    CLASS_SIGNALING_NAN = 1 << 8,
    CLASS_QUIET_NAN = 1 << 9,
};

static uint64_t classify(uint64_t value, unsigned fraction_bits, unsigned exponent_bits)
{
    uint64_t fraction = value & ((1ull << fraction_bits) - 1);
    uint64_t exponent_limit = (1ull << exponent_bits) - 1;
    uint64_t exponent = value >> fraction_bits & exponent_limit;
    bool is_negative = value >> (fraction_bits + exponent_bits) & 1;
    if (exponent == exponent_limit) {
        if (fraction != 0) {
            return fraction >> (fraction_bits - 1) ? CLASS_QUIET_NAN : CLASS_SIGNALING_NAN;
        }
        return is_negative ? CLASS_NEGATIVE_INFINITY : CLASS_POSITIVE_INFINITY;
    }
    if (exponent != 0) {
        return is_negative ? CLASS_NEGATIVE_NORMAL : CLASS_POSITIVE_NORMAL;
    }
    if (fraction != 0) {
        return is_negative ? CLASS_NEGATIVE_SUBNORMAL : CLASS_POSITIVE_SUBNORMAL;
    }
    return is_negative ? CLASS_NEGATIVE_ZERO : CLASS_POSITIVE_ZERO;
}

static uint64_t classify_s(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    return classify(value & UINT32_MAX, 23, 8);
}

static uint64_t classify_d(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    return classify(value, 52, 11);
}

static uint64_t classify_h(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    return classify(value & UINT16_MAX, 10, 5);
}

/* ---- rounding to nearest, ties to maximum magnitude ---- */

static uint64_t round_away_single(uint64_t x, uint64_t y, uint64_t z, enum riscv_away operation,
                                  struct float_status *status)
{
    const struct float_rules *rules = &riscv_float_rules;
    float32_bits a = (float32_bits)x, b = (float32_bits)y, c = (float32_bits)z;
    switch (operation) {
    case RISCV_AWAY_ADD:
        return softfloat_add32(a, b, rules, status);
    case RISCV_AWAY_SUB:
        return softfloat_sub32(a, b, rules, status);
    case RISCV_AWAY_MUL:
        return softfloat_mul32(a, b, rules, status);
    case RISCV_AWAY_DIV:
        return softfloat_div32(a, b, rules, status);
    case RISCV_AWAY_SQRT:
        return softfloat_sqrt32(a, rules, status);
    case RISCV_AWAY_FMA:
        return softfloat_fma32(a, b, c, rules, status);
    case RISCV_AWAY_NARROW:
        return softfloat_64_to_32(x, FLOAT_NEAREST_AWAY, rules, status);
    default:
        return softfloat_from_int32(x, operation == RISCV_AWAY_FROM_SIGNED, 0, FLOAT_NEAREST_AWAY, rules, status);
    }
}

static uint64_t round_away_half(uint64_t x, uint64_t y, uint64_t z, enum riscv_away operation,
                                struct float_status *status)
{
    const struct float_rules *rules = &riscv_float_rules;
    float16_bits a = (float16_bits)x, b = (float16_bits)y, c = (float16_bits)z;
    switch (operation) {
    case RISCV_AWAY_ADD:
        return softfloat_add16(a, b, rules, status);
    case RISCV_AWAY_SUB:
        return softfloat_sub16(a, b, rules, status);
    case RISCV_AWAY_MUL:
        return softfloat_mul16(a, b, rules, status);
    case RISCV_AWAY_DIV:
        return softfloat_div16(a, b, rules, status);
    case RISCV_AWAY_SQRT:
        return softfloat_sqrt16(a, rules, status);
    case RISCV_AWAY_FMA:
        return softfloat_fma16(a, b, c, rules, status);
    case RISCV_AWAY_NARROW:
        return softfloat_32_to_16((float32_bits)x, rules, status);
    case RISCV_AWAY_NARROW_DOUBLE:
        return softfloat_64_to_16(x, rules, status);
    default:
        return softfloat_from_int16(x, operation == RISCV_AWAY_FROM_SIGNED, 0, FLOAT_NEAREST_AWAY, rules, status);
    }
}

static uint64_t round_away_double(uint64_t x, uint64_t y, uint64_t z, enum riscv_away operation,
                                  struct float_status *status)
{
    const struct float_rules *rules = &riscv_float_rules;
    switch (operation) {
    case RISCV_AWAY_ADD:
        return softfloat_add64(x, y, rules, status);
    case RISCV_AWAY_SUB:
        return softfloat_sub64(x, y, rules, status);
    case RISCV_AWAY_MUL:
        return softfloat_mul64(x, y, rules, status);
    case RISCV_AWAY_DIV:
        return softfloat_div64(x, y, rules, status);
    case RISCV_AWAY_SQRT:
        return softfloat_sqrt64(x, rules, status);
    case RISCV_AWAY_FMA:
        return softfloat_fma64(x, y, z, rules, status);
    default:
        return softfloat_from_int64(x, operation == RISCV_AWAY_FROM_SIGNED, 0, FLOAT_NEAREST_AWAY, rules, status);
    }
}

/* d: enum riscv_away. */
static uint64_t round_away(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct float_status *shared = cpu_float_status(header);
    struct float_status status = {.rounding = FLOAT_NEAREST_AWAY};
    enum riscv_away operation = (enum riscv_away)(d & (RISCV_AWAY_DOUBLE - 1));
    uint64_t result = d & RISCV_AWAY_DOUBLE ? round_away_double(a, b, c, operation, &status)
                      : d & RISCV_AWAY_HALF ? round_away_half(a, b, c, operation, &status)
                                            : round_away_single(a, b, c, operation, &status);
    shared->exceptions |= status.exceptions;
    return result;
}

static uint64_t narrow_bfloat(struct cpu_header *header, uint64_t value, uint64_t mode, uint64_t c, uint64_t d)
{
    struct float_status *shared = cpu_float_status(header);
    struct float_status status = {.rounding = (uint32_t)mode};
    uint64_t result = softfloat_bf16_from_32((float32_bits)value, &riscv_float_rules, &status);
    shared->exceptions |= status.exceptions;
    return result;
}

/* FCVTMOD.W.D: towards zero, modulo 2^32; 0 for infinities and NaNs; the exceptions are those of FCVT.W.D. */
static uint64_t convert_modular(struct cpu_header *header, uint64_t value, uint64_t b, uint64_t c, uint64_t d)
{
    struct float_status *status = cpu_float_status(header);
    softfloat_to_int64(value, true, 32, 0, FLOAT_TOWARD_ZERO, &riscv_float_rules, status);
    int exponent = (int)(value >> 52 & 0x7ff) - 1075;
    uint64_t significand = (value & ((1ull << 52) - 1)) | 1ull << 52;
    if (exponent == 0x7ff - 1075 || exponent >= 32 || exponent <= -53) {
        return 0;
    }
    uint64_t magnitude = exponent >= 0 ? significand << exponent : significand >> -exponent;
    return (uint32_t)(value >> 63 ? -magnitude : magnitude);
}

/* ---- XPERM4 ---- */

static uint64_t permute_nibbles(struct cpu_header *header, uint64_t table, uint64_t indices, uint64_t bits, uint64_t d)
{
    uint64_t result = 0;
    for (unsigned place = 0; place < bits; place += 4) {
        unsigned from = (unsigned)(indices >> place & 15) * 4;
        result |= from < bits ? (table >> from & 15) << place : 0;
    }
    return result;
}

/* ---- counters ---- */

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t read_time(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return nanoseconds() / (1000000000 / RISCV_TIMEBASE);
}

/* Cycles and retired instructions are not counted: a machine of 1 GHz that retires one instruction per cycle. */
static uint64_t read_cycles(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return nanoseconds();
}

static uint64_t flush_code(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    cpu_invalidate_code(header, 0, UINT64_MAX);
    return 0;
}

static uint64_t hypercall(struct cpu_header *header, uint64_t number, uint64_t b, uint64_t c, uint64_t d)
{
    cpu_hypercall(header, (uint32_t)number);
    return 0;
}

const struct ir_helper riscv_helpers[RISCV_HELPER_COUNT] = {
    [RISCV_HELPER_HYPERCALL] = {"riscv_hypercall", IR_CALL_WORDS, IR_NONE,
                                IR_STATE_READ | IR_STATE_WRITE | IR_MEM_READ | IR_MEM_WRITE, .words = hypercall},
    [RISCV_HELPER_CLASSIFY_S] = {"riscv_classify_s", IR_CALL_WORDS, IR_I32, IR_PURE, .words = classify_s},
    [RISCV_HELPER_CLASSIFY_D] = {"riscv_classify_d", IR_CALL_WORDS, IR_I32, IR_PURE, .words = classify_d},
    [RISCV_HELPER_CLASSIFY_H] = {"riscv_classify_h", IR_CALL_WORDS, IR_I32, IR_PURE, .words = classify_h},
    [RISCV_HELPER_NARROW_BFLOAT] = {"riscv_narrow_bfloat", IR_CALL_WORDS, IR_I32, IR_FENV, .words = narrow_bfloat},
    [RISCV_HELPER_ROUND_AWAY] = {"riscv_round_away", IR_CALL_WORDS, IR_I64, IR_FENV, .words = round_away},
    [RISCV_HELPER_WRITE_FCSR] = {"riscv_write_fcsr", IR_CALL_WORDS, IR_NONE, IR_FENV | IR_STATE_WRITE,
                                 .words = write_fcsr},
    [RISCV_HELPER_PERMUTE_NIBBLES] = {"riscv_permute_nibbles", IR_CALL_WORDS, IR_I64, IR_PURE,
                                      .words = permute_nibbles},
    [RISCV_HELPER_CONVERT_MODULAR] = {"riscv_convert_modular", IR_CALL_WORDS, IR_I32, IR_FENV,
                                      .words = convert_modular},
    [RISCV_HELPER_READ_TIME] = {"riscv_read_time", IR_CALL_WORDS, IR_I64, IR_MEM_READ, .words = read_time},
    [RISCV_HELPER_READ_CYCLES] = {"riscv_read_cycles", IR_CALL_WORDS, IR_I64, IR_MEM_READ, .words = read_cycles},
    [RISCV_HELPER_FLUSH_CODE] = {"riscv_flush_code", IR_CALL_WORDS, IR_NONE, IR_MEM_READ | IR_MEM_WRITE,
                                 .words = flush_code},
};
