/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the RISC-V lift functions share. Word size and byte order come from the lifter's guest. A lift function returns
 * false for an encoding that is reserved; nothing but pure operations may have been emitted by then. */
#ifndef RISCV_LIFT_H
#define RISCV_LIFT_H

#include "guest.h"
#include "riscv.h"
#include "riscv_c_decode.h"
#include "riscv_decode.h"
#include "riscv_state.h"

/* Rounding modes as the manual numbers them (rm and frm); RISCV_DYNAMIC in rm only. */
enum riscv_rounding { RISCV_RNE, RISCV_RTZ, RISCV_RDN, RISCV_RUP, RISCV_RMM, RISCV_DYNAMIC = 7 };

/* Indices into riscv_helpers. */
enum riscv_helper {
    RISCV_HELPER_CLASSIFY_S,
    RISCV_HELPER_CLASSIFY_D,
    RISCV_HELPER_CLASSIFY_H,
    RISCV_HELPER_ROUND_AWAY,
    RISCV_HELPER_NARROW_BFLOAT,
    RISCV_HELPER_WRITE_FCSR,
    RISCV_HELPER_PERMUTE_NIBBLES,
    RISCV_HELPER_CONVERT_MODULAR,
    RISCV_HELPER_READ_TIME,
    RISCV_HELPER_READ_CYCLES,
    RISCV_HELPER_FLUSH_CODE,
    RISCV_HELPER_HYPERCALL,
    RISCV_HELPER_COUNT
};
/* The architecture's choices in floating point. */
extern const struct float_rules riscv_float_rules;

extern const struct ir_helper riscv_helpers[RISCV_HELPER_COUNT];

/* Operations of RISCV_HELPER_ROUND_AWAY: arithmetic in mode RMM, which hosts do not have. Argument d. */
enum riscv_away {
    RISCV_AWAY_ADD,
    RISCV_AWAY_SUB,
    RISCV_AWAY_MUL,
    RISCV_AWAY_DIV,
    RISCV_AWAY_SQRT,
    RISCV_AWAY_FMA,
    RISCV_AWAY_NARROW,      /* to the next smaller format */
    RISCV_AWAY_FROM_SIGNED, /* 64-bit integer to float */
    RISCV_AWAY_FROM_UNSIGNED,
    RISCV_AWAY_NARROW_DOUBLE, /* f64 to f16 */
    RISCV_AWAY_DOUBLE = 16,   /* the result is f64, */
    RISCV_AWAY_HALF = 32,     /* or f16, else f32 */
};

/* An instruction found in memory. */
struct riscv_decoded {
    uint32_t bits;
    unsigned length;              /* in bytes; 0: not all of it is there */
    const struct decode_row *row; /* NULL if it is none */
    union {
        union riscv_args wide;
        union riscv_c_args compressed;
    } args;
};

void riscv_decode_at(struct riscv_decoded *d, const uint8_t *code, uint32_t available);
/* It changes one register and nothing else. */
bool riscv_is_pure(const struct riscv_decoded *d);
/* Of a pure one. */
int riscv_destination(const struct riscv_decoded *d);
bool riscv_lift_decoded(struct lifter *l, const struct riscv_decoded *d);

/* The lift function of a row that is function(l, a, ...). */
#define RISCV_LIFT(name, args, function, ...)                                                                          \
    bool riscv_lift_##name(struct lifter *l, const struct riscv_args_##args *a)                                        \
    {                                                                                                                  \
        return function(l, a, __VA_ARGS__);                                                                            \
    }

/* A binary operation of the builder. */
typedef ir_ref riscv_binary(struct ir_builder *, ir_ref, ir_ref);

static inline enum ir_type lift_word_type(const struct lifter *l)
{
    return l->guest->word_bits == 64 ? IR_I64 : IR_I32;
}

static inline bool lift_is_64(const struct lifter *l)
{
    return l->guest->word_bits == 64;
}

/* A memop of 2^size bytes in the guest's byte order. */
static inline uint16_t lift_memop(const struct lifter *l, unsigned size)
{
    return (uint16_t)(size | (l->guest->big_endian ? IR_MEM_BIG : 0));
}

static inline ir_ref lift_read_x(struct lifter *l, int number)
{
    return number ? ir_read(l->ir, (uint16_t)(RISCV_SLOT_x0 + number)) : ir_word(l->ir, 0);
}

static inline void lift_write_x(struct lifter *l, int number, ir_ref value)
{
    if (number) {
        ir_write(l->ir, (uint16_t)(RISCV_SLOT_x0 + number), value);
    }
}

/* The low 32 bits of a register. */
static inline ir_ref lift_read_x32(struct lifter *l, int number)
{
    ir_ref value = lift_read_x(l, number);
    return lift_is_64(l) ? ir_narrow(l->ir, IR_I32, value) : value;
}

/* A 32-bit result, sign-extended to the register. */
static inline void lift_write_x32(struct lifter *l, int number, ir_ref value)
{
    lift_write_x(l, number, lift_is_64(l) ? ir_wide_s(l->ir, IR_I64, value) : value);
}

/* An i32 0 or 1 to the register. */
static inline void lift_write_bool(struct lifter *l, int number, ir_ref value)
{
    lift_write_x(l, number, lift_is_64(l) ? ir_wide_u(l->ir, IR_I64, value) : value);
}

static inline ir_ref lift_read_d(struct lifter *l, int number)
{
    return ir_read(l->ir, (uint16_t)(RISCV_SLOT_f0 + number));
}

static inline void lift_write_d(struct lifter *l, int number, ir_ref value)
{
    ir_write(l->ir, (uint16_t)(RISCV_SLOT_f0 + number), value);
}

/* A single: the canonical NaN unless it is properly NaN-boxed (manual, "NaN boxing of narrower values"). */
static inline ir_ref lift_read_s(struct lifter *l, int number)
{
    return ir_nan_unbox(l->ir, IR_F32, lift_read_d(l, number));
}

static inline void lift_write_s(struct lifter *l, int number, ir_ref value)
{
    lift_write_d(l, number, ir_nan_box(l->ir, IR_F64, value));
}

/* rd = operation(rs1, rs2), and the same on the low halves, sign-extended. */
static inline bool lift_register(struct lifter *l, const struct riscv_args_r *a, riscv_binary *operation)
{
    lift_write_x(l, a->rd, operation(l->ir, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2)));
    return true;
}

/* Operations of RV64 whose low 32 bits depend on the operands' low 32 bits alone: done on whole registers, then extended. */
static inline ir_ref lift_read_low(struct lifter *l, int number)
{
    return ir_low_word(l->ir, lift_read_x(l, number));
}

static inline void lift_write_low(struct lifter *l, int number, ir_ref value)
{
    lift_write_x(l, number, ir_sext(l->ir, value, 32));
}

static inline bool lift_register_low(struct lifter *l, const struct riscv_args_r *a, riscv_binary *operation)
{
    lift_write_low(l, a->rd, operation(l->ir, lift_read_low(l, a->rs1), lift_read_low(l, a->rs2)));
    return true;
}

static inline bool lift_register32(struct lifter *l, const struct riscv_args_r *a, riscv_binary *operation)
{
    lift_write_x32(l, a->rd, operation(l->ir, lift_read_x32(l, a->rs1), lift_read_x32(l, a->rs2)));
    return true;
}

/* FLT or FLE with no effect on the exceptions (lift_float.c); false if the row is neither. */
bool riscv_lift_silent_comparison(struct lifter *l, enum riscv_row row, const struct riscv_args_r *a);

#endif
