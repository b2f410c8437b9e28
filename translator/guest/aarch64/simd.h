/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lifters of the Advanced SIMD classes share: registers, lanes, and the operations that several classes have
 * in common (vector, scalar, by element). */
#ifndef AARCH64_SIMD_H
#define AARCH64_SIMD_H

#include "lift.h"

/* An operation on lanes. Upper lanes (beyond `bytes`) of a result need not be clear: simd_write clears them. Integer
   operations may look at the upper lanes of their operands, floating-point ones get them cleared, so that they raise
   nothing. */
struct simd_operands {
    unsigned size;  /* log2 of a lane's bytes */
    unsigned bytes; /* of the result that count: 16, 8, or one lane in scalar forms */
    bool high;      /* long forms: the upper half of the sources */
    unsigned shift; /* shifts by immediate */
    ir_ref d, n, m; /* d is IR_NO_REF unless the operation accumulates */
};
typedef ir_ref simd_operation(struct lifter *l, const struct simd_operands *o);

static inline ir_ref simd_read(struct lifter *l, unsigned register_number)
{
    return ir_read(l->ir, (uint16_t)(AARCH64_SLOT_V0 + register_number));
}

/* The lowest element: IR_F32, IR_F64, IR_I32 or IR_I64. */
static inline ir_ref simd_read_element(struct lifter *l, unsigned register_number, enum ir_type type)
{
    return ir_read_part(l->ir, (uint16_t)(AARCH64_SLOT_V0 + register_number), type, 0);
}

/* A scalar into the lowest element, zeros above. */
static inline void simd_write_element(struct lifter *l, unsigned register_number, ir_ref value)
{
    ir_write(l->ir, (uint16_t)(AARCH64_SLOT_V0 + register_number), ir_v_from(l->ir, IR_V128, value));
}

/* The lowest `bytes` of a vector, zeros above. */
ir_ref simd_low_bytes(struct lifter *l, ir_ref value, unsigned bytes);
static inline void simd_write(struct lifter *l, unsigned register_number, ir_ref value, unsigned bytes)
{
    ir_write(l->ir, (uint16_t)(AARCH64_SLOT_V0 + register_number), simd_low_bytes(l, value, bytes));
}
/* A 64-bit result into the half that Q says: 0 = low, upper half cleared; 1 = high, lower half kept. */
void simd_write_half(struct lifter *l, unsigned register_number, ir_ref value, bool high);

static inline ir_ref simd_zero(struct lifter *l)
{
    return ir_v128(l->ir, 0, 0);
}
/* A constant in every lane. */
ir_ref simd_splat_constant(struct lifter *l, unsigned size, uint64_t value);
/* Byte i of the result is byte map[i] of x (0..15) or y (16..31), or zero (0x80). */
ir_ref simd_shuffle(struct lifter *l, ir_ref x, ir_ref y, const uint8_t map[16]);
ir_ref simd_duplicate(struct lifter *l, ir_ref x, unsigned size, unsigned index);
/* The low halves of x and y, or of their lower and upper parts. */
ir_ref simd_join_low(struct lifter *l, ir_ref x, ir_ref y);
/* The upper half moved down, zeros above. */
ir_ref simd_high_half(struct lifter *l, ir_ref x);
/* Lanes 0, 2, 4 ... (odd: 1, 3, 5 ...) of the concatenation of n and m, each of `bytes` bytes. */
ir_ref simd_every_other(struct lifter *l, const struct simd_operands *o, unsigned odd);
ir_ref simd_widen(struct lifter *l, ir_ref x, unsigned size, bool is_signed, bool high);

/* The manual's VFPExpandImm: an 8-bit immediate as f16 (size 1), f32 or f64. */
uint64_t simd_expand_float(unsigned size, unsigned imm);

/* Notes saturation (FPSR.QC) if `actual` differs from `exact` in the bytes that count. */
void simd_note_saturation(struct lifter *l, ir_ref actual, ir_ref exact, unsigned bytes);

/* How a helper of helpers_simd.h is told what to do: size | lanes << 8 | variant << 16. */
ir_ref simd_call(struct lifter *l, unsigned helper, const struct simd_operands *o, unsigned variant);

static inline unsigned simd_bytes(int q)
{
    return q ? 16 : 8;
}

/* ---- simd.c: integer operations that more than one class has ---- */
simd_operation simd_mul, simd_mla, simd_mls;
simd_operation simd_sqdmulh, simd_sqrdmulh, simd_sqrdmlah, simd_sqrdmlsh;
simd_operation simd_smull, simd_umull, simd_smlal, simd_umlal, simd_smlsl, simd_umlsl;
simd_operation simd_sqdmull, simd_sqdmlal, simd_sqdmlsl;
/* ---- simd_float.c: floating-point operations that more than one class has ---- */
simd_operation simd_fmul, simd_fmulx, simd_fmla, simd_fmls;

/* Operands as floating-point operations want them: what does not count is zero. */
void simd_float_operands(struct lifter *l, struct simd_operands *o);

#endif
