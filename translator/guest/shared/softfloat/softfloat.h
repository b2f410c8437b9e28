/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact IEEE 754 arithmetic in software, with each architecture's choices as data (struct float_rules).
 *
 * It is the reference for the IR's floating-point operations, the slow path behind host instructions (a result that is a
 * NaN, a rounding mode that the host lacks), and what a host without a feature falls back on. Values are passed as bit
 * patterns in unsigned integers, so that no host floating-point register ever changes them. */
#ifndef SHARED_SOFTFLOAT_H
#define SHARED_SOFTFLOAT_H

#include <stdbool.h>
#include <stdint.h>

enum float_rounding {
    FLOAT_NEAREST_EVEN = 0, /* the first four have the numbers of the x86 MXCSR.RC and roundsd immediates */
    FLOAT_DOWN = 1,
    FLOAT_UP = 2,
    FLOAT_TOWARD_ZERO = 3,
    FLOAT_NEAREST_AWAY = 4,
    FLOAT_TO_ODD = 5,
    FLOAT_DYNAMIC = 7, /* in IR operations only: the mode in the state's struct float_status */
};

/* Exception bits as in the x86 MXCSR, so that the host's accumulated bits need no translation. */
enum float_exception {
    FLOAT_INVALID = 1,
    FLOAT_INPUT_DENORMAL = 2, /* raised only where rules->flush_inputs flushed an operand */
    FLOAT_DIVIDE_BY_ZERO = 4,
    FLOAT_OVERFLOW = 8,
    FLOAT_UNDERFLOW = 16,
    FLOAT_INEXACT = 32,
};

/* Which NaN an operation with NaN operands returns (always quieted). */
enum float_nan_choice {
    FLOAT_NAN_DEFAULT,         /* the default NaN, always (RISC-V; Arm with FPCR.DN) */
    FLOAT_NAN_SIGNALING_FIRST, /* first signaling operand in operand order, else first quiet one (Arm) */
    FLOAT_NAN_FIRST,           /* first NaN operand in operand order (x86 SSE, PowerPC) */
    FLOAT_NAN_LARGER,          /* larger significand (x87) */
};

/* What conversion to an integer returns for a NaN. Out of range always saturates unless integer_indefinite. */
enum float_nan_integer { FLOAT_NAN_TO_ZERO, FLOAT_NAN_TO_MAX, FLOAT_NAN_TO_MIN };

/* What min-number and max-number do with one signaling NaN operand. */
enum float_minnum_signaling { FLOAT_MINNUM_RETURNS_NAN, FLOAT_MINNUM_RETURNS_NUMBER };

/* An architecture's (and mode's) choices. Constant data, owned by the guest folder. */
struct float_rules {
    const char *name;                 /* for dumps: "arm", "arm-fz", "riscv" */
    enum float_nan_choice nan_choice;
    bool default_nan_negative;        /* sign of the default NaN: x86 negative; payload is 1000... for all */
    bool tininess_before_rounding;    /* underflow detection: Arm before, RISC-V and x86 after */
    bool flush_inputs;                /* subnormal f32/f64 operands are read as zeros of their sign */
    bool flush_outputs;               /* subnormal f32/f64 results become zeros of their sign */
    bool flush_inputs_half;           /* the same for f16 (Arm FZ16); f16 never raises FLOAT_INPUT_DENORMAL (Arm) */
    bool flush_outputs_half;
    bool flush_output_inexact;        /* a flushed result raises INEXACT too (x86 FTZ); Arm raises UNDERFLOW only */
    bool alternative_half;            /* Arm AHP: f16 without infinities and NaNs, in conversions */
    bool fma_accumulator_nan_first;   /* Arm: NaN operand order of a*b+c is c, a, b */
    bool fma_zero_infinity_default;   /* 0*inf + quiet NaN: true = invalid and default NaN (Arm); false = see below */
    bool fma_zero_infinity_invalid;   /* 0*inf + quiet NaN raises invalid (RISC-V) */
    bool integer_indefinite;          /* out of range and NaN give the most negative integer (x86) */
    enum float_nan_integer nan_integer;
    enum float_minnum_signaling minnum_signaling;
};

/* The dynamic part, in the CPU state; the host may hold its copy in its own control register while code runs. */
struct float_status {
    uint32_t rounding;   /* enum float_rounding, never FLOAT_DYNAMIC */
    uint32_t exceptions; /* accumulated enum float_exception bits */
};

typedef uint16_t float16_bits;
typedef uint32_t float32_bits;
typedef uint64_t float64_bits;

enum float_relation { FLOAT_LESS = -1, FLOAT_EQUAL = 0, FLOAT_GREATER = 1, FLOAT_UNORDERED = 2 };

/* Every function below: operands and result are bit patterns; rounding comes from status->rounding; exceptions are or-ed
 * into status->exceptions; no other state is read or written. Thread safe. */

#define SOFTFLOAT_ARITHMETIC(size, type)                                                                               \
    type softfloat_add##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    type softfloat_sub##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    type softfloat_mul##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    type softfloat_div##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    type softfloat_sqrt##size(type a, const struct float_rules *, struct float_status *);                              \
    /* a * b + c with one rounding */                                                                                  \
    type softfloat_fma##size(type a, type b, type c, const struct float_rules *, struct float_status *);               \
    /* NaN if either is NaN; -0 < +0 */                                                                                \
    type softfloat_min##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    type softfloat_max##size(type a, type b, const struct float_rules *, struct float_status *);                       \
    /* a number beats a quiet NaN (IEEE 754-2008 minNum); rules->minnum_signaling for signaling ones */                \
    type softfloat_minnum##size(type a, type b, const struct float_rules *, struct float_status *);                    \
    type softfloat_maxnum##size(type a, type b, const struct float_rules *, struct float_status *);                    \
    /* signaling: any NaN raises invalid; otherwise only a signaling one */                                            \
    enum float_relation softfloat_compare##size(type a, type b, bool signaling, const struct float_rules *,            \
                                                struct float_status *);                                                \
    /* to an integral value in the same format; mode may be FLOAT_DYNAMIC; inexact: raise FLOAT_INEXACT */             \
    type softfloat_round##size(type a, enum float_rounding mode, bool inexact, const struct float_rules *,             \
                               struct float_status *);                                                                 \
    /* to an integer of bits (8 to 64) after multiplying by 2^scale (Arm fixed point); result sign- or zero-extended */\
    uint64_t softfloat_to_int##size(type a, bool is_signed, unsigned bits, int scale, enum float_rounding mode,        \
                                    const struct float_rules *, struct float_status *);                                \
    /* a * 2^-scale, a signed or unsigned 64-bit integer */                                                            \
    type softfloat_from_int##size(uint64_t a, bool is_signed, int scale, enum float_rounding mode,                     \
                                  const struct float_rules *, struct float_status *);

SOFTFLOAT_ARITHMETIC(16, float16_bits)
SOFTFLOAT_ARITHMETIC(32, float32_bits)
SOFTFLOAT_ARITHMETIC(64, float64_bits)

/* Between formats, one rounding; NaN payloads are kept from the top (or replaced, as rules say). mode: FLOAT_DYNAMIC or
 * a static mode (FLOAT_TO_ODD for Arm FCVTXN). */
float32_bits softfloat_16_to_32(float16_bits, const struct float_rules *, struct float_status *);
float64_bits softfloat_16_to_64(float16_bits, const struct float_rules *, struct float_status *);
float16_bits softfloat_32_to_16(float32_bits, const struct float_rules *, struct float_status *);
float64_bits softfloat_32_to_64(float32_bits, const struct float_rules *, struct float_status *);
float16_bits softfloat_64_to_16(float64_bits, const struct float_rules *, struct float_status *);
float32_bits softfloat_64_to_32(float64_bits, enum float_rounding mode, const struct float_rules *,
                                struct float_status *);
float16_bits softfloat_bf16_from_32(float32_bits, const struct float_rules *, struct float_status *);

bool softfloat_is_nan16(float16_bits);
bool softfloat_is_nan32(float32_bits);
bool softfloat_is_nan64(float64_bits);
bool softfloat_is_signaling16(float16_bits);
bool softfloat_is_signaling32(float32_bits);
bool softfloat_is_signaling64(float64_bits);

/* The NaN that an operation on two operands, at least one a NaN, returns; raises invalid for a signaling one. */
float16_bits softfloat_choose_nan16(float16_bits a, float16_bits b, const struct float_rules *, struct float_status *);
float32_bits softfloat_choose_nan32(float32_bits a, float32_bits b, const struct float_rules *, struct float_status *);
float64_bits softfloat_choose_nan64(float64_bits a, float64_bits b, const struct float_rules *, struct float_status *);

/* An operand as an operation sees it: flushed where rules say so (raising FLOAT_INPUT_DENORMAL). */
float16_bits softfloat_operand16(float16_bits a, const struct float_rules *, struct float_status *);
float32_bits softfloat_operand32(float32_bits a, const struct float_rules *, struct float_status *);
float64_bits softfloat_operand64(float64_bits a, const struct float_rules *, struct float_status *);

#endif
