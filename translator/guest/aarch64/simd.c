/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd.h"
#include "helpers_simd.h"

ir_ref simd_low_bytes(struct lifter *l, ir_ref value, unsigned bytes)
{
    switch (bytes) {
    case 16:
        return value;
    case 8:
        return ir_v_low64(l->ir, value);
    default:
        return ir_v_and(l->ir, value, ir_v128(l->ir, (UINT64_C(1) << bytes * 8) - 1, 0));
    }
}

ir_ref simd_shuffle(struct lifter *l, ir_ref x, ir_ref y, const uint8_t map[16])
{
    uint64_t low = 0, high = 0;
    for (unsigned i = 0; i < 8; i++) {
        low |= (uint64_t)map[i] << i * 8;
        high |= (uint64_t)map[i + 8] << i * 8;
    }
    return ir_v_shuffle(l->ir, x, y, ir_v128(l->ir, low, high));
}

ir_ref simd_splat_constant(struct lifter *l, unsigned size, uint64_t value)
{
    for (unsigned bits = 8u << size; bits < 64; bits *= 2) {
        value = (value & ((UINT64_C(1) << bits) - 1)) | value << bits;
    }
    return ir_v128(l->ir, value, value);
}

ir_ref simd_duplicate(struct lifter *l, ir_ref x, unsigned size, unsigned index)
{
    uint8_t map[16];
    for (unsigned i = 0; i < 16; i++) {
        map[i] = (uint8_t)((index << size) + (i & ((1u << size) - 1)));
    }
    return simd_shuffle(l, x, x, map);
}

static const uint8_t low_halves[16] = {0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23};

ir_ref simd_join_low(struct lifter *l, ir_ref x, ir_ref y)
{
    return simd_shuffle(l, x, y, low_halves);
}

ir_ref simd_high_half(struct lifter *l, ir_ref x)
{
    static const uint8_t map[16] = {8, 9, 10, 11, 12, 13, 14, 15, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
    return simd_shuffle(l, x, x, map);
}

void simd_write_half(struct lifter *l, unsigned register_number, ir_ref value, bool high)
{
    if (high) {
        value = simd_join_low(l, simd_read(l, register_number), value);
    }
    simd_write(l, register_number, value, high ? 16 : 8);
}

ir_ref simd_every_other(struct lifter *l, const struct simd_operands *o, unsigned odd)
{
    uint8_t map[16];
    unsigned lane_bytes = 1u << o->size;
    for (unsigned i = 0; i < 16; i++) {
        unsigned lane = 2 * (i >> o->size) + odd;
        unsigned byte = lane * lane_bytes + (i & (lane_bytes - 1));
        map[i] = (uint8_t)(byte < o->bytes ? byte : byte < 2 * o->bytes ? byte - o->bytes + 16 : 0x80);
    }
    return simd_shuffle(l, o->n, o->m, map);
}

ir_ref simd_widen(struct lifter *l, ir_ref x, unsigned size, bool is_signed, bool high)
{
    static const enum ir_op operations[2][2] = {{IR_OP_v_widen_lo_u, IR_OP_v_widen_lo_s},
                                                {IR_OP_v_widen_hi_u, IR_OP_v_widen_hi_s}};
    return ir_emit(l->ir, operations[high][is_signed], IR_V128, (uint16_t)size, x, 0, 0);
}

void simd_note_saturation(struct lifter *l, ir_ref actual, ir_ref exact, unsigned bytes)
{
    ir_ref difference = simd_low_bytes(l, ir_v_xor(l->ir, actual, exact), bytes);
    ir_write(l->ir, AARCH64_SLOT_QC, ir_v_or(l->ir, ir_read(l->ir, AARCH64_SLOT_QC), difference));
}

ir_ref simd_call(struct lifter *l, unsigned helper, const struct simd_operands *o, unsigned variant)
{
    ir_ref parameter = ir_i32(l->ir, o->size | o->bytes >> o->size << 8 | variant << 16);
    ir_ref arguments[4] = {parameter, o->n};
    unsigned count = 2;
    if (o->m != IR_NO_REF) {
        arguments[count++] = o->m;
    }
    if (o->d != IR_NO_REF) {
        arguments[count++] = o->d;
    }
    return ir_call(l->ir, helper, arguments, count);
}

uint64_t simd_expand_float(unsigned size, unsigned imm)
{
    uint64_t sign = imm >> 7, exponent = imm >> 6 & 1, low = imm & 0x3f;
    if (size == 1) {
        return sign << 15 | (exponent ? UINT64_C(0x3000) : UINT64_C(0x4000)) | low << 6;
    }
    if (size == 3) {
        return sign << 63 | (exponent ? UINT64_C(0x3fc0000000000000) : UINT64_C(0x4000000000000000)) | low << 48;
    }
    return sign << 31 | (exponent ? UINT64_C(0x3e000000) : UINT64_C(0x40000000)) | low << 19;
}

/* ---- products ---- */
ir_ref simd_mul(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_mul(l->ir, o->n, o->m, (uint16_t)o->size);
}
ir_ref simd_mla(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, simd_mul(l, o), (uint16_t)o->size);
}
ir_ref simd_mls(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, o->d, simd_mul(l, o), (uint16_t)o->size);
}
/* The upper halves of doubled products: shifted right by one bit less, only the product of two minima is too large. */
static ir_ref double_high(struct lifter *l, const struct simd_operands *o, bool round)
{
    uint16_t wide = (uint16_t)(o->size + 1), size = (uint16_t)o->size;
    unsigned bits = 8u << o->size;
    ir_ref products[2];
    for (unsigned high = 0; high < 2; high++) {
        enum ir_op op = high ? IR_OP_v_mul_hi_s : IR_OP_v_mul_lo_s;
        ir_ref product = ir_emit(l->ir, op, IR_V128, size, o->n, o->m, 0);
        if (round) {
            product = ir_v_add(l->ir, product, simd_splat_constant(l, wide, UINT64_C(1) << (bits - 2)), wide);
        }
        products[high] = ir_v_sar(l->ir, product, ir_lane_index(wide, bits - 1));
        if (o->bytes < 16) {
            products[1] = products[0];
            break;
        }
    }
    ir_ref result = ir_v_narrow_sat_s(l->ir, products[0], products[1], wide);
    simd_note_saturation(l, result, ir_v_narrow(l->ir, products[0], products[1], wide), o->bytes);
    return result;
}
ir_ref simd_sqdmulh(struct lifter *l, const struct simd_operands *o)
{
    return double_high(l, o, false);
}
ir_ref simd_sqrdmulh(struct lifter *l, const struct simd_operands *o)
{
    return double_high(l, o, true);
}
ir_ref simd_sqrdmlah(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_multiply_high_add, o, 0);
}
ir_ref simd_sqrdmlsh(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_multiply_high_add, o, SIMD_SUBTRACT);
}

ir_ref simd_smull(struct lifter *l, const struct simd_operands *o)
{
    enum ir_op op = o->high ? IR_OP_v_mul_hi_s : IR_OP_v_mul_lo_s;
    return ir_emit(l->ir, op, IR_V128, (uint16_t)o->size, o->n, o->m, 0);
}
ir_ref simd_umull(struct lifter *l, const struct simd_operands *o)
{
    enum ir_op op = o->high ? IR_OP_v_mul_hi_u : IR_OP_v_mul_lo_u;
    return ir_emit(l->ir, op, IR_V128, (uint16_t)o->size, o->n, o->m, 0);
}
ir_ref simd_smlal(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, simd_smull(l, o), (uint16_t)(o->size + 1));
}
ir_ref simd_umlal(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, simd_umull(l, o), (uint16_t)(o->size + 1));
}
ir_ref simd_smlsl(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, o->d, simd_smull(l, o), (uint16_t)(o->size + 1));
}
ir_ref simd_umlsl(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_sub(l->ir, o->d, simd_umull(l, o), (uint16_t)(o->size + 1));
}

/* Saturates the doubled product, then the sum. */
static ir_ref add_saturating(struct lifter *l, const struct simd_operands *o, ir_ref x, ir_ref y, bool subtract)
{
    uint16_t wide = (uint16_t)(o->size + 1);
    ir_ref result = subtract ? ir_v_sub_sat_s(l->ir, x, y, wide) : ir_v_add_sat_s(l->ir, x, y, wide);
    ir_ref exact = subtract ? ir_v_sub(l->ir, x, y, wide) : ir_v_add(l->ir, x, y, wide);
    simd_note_saturation(l, result, exact, o->bytes);
    return result;
}
ir_ref simd_sqdmull(struct lifter *l, const struct simd_operands *o)
{
    ir_ref product = simd_smull(l, o);
    return add_saturating(l, o, product, product, false);
}
ir_ref simd_sqdmlal(struct lifter *l, const struct simd_operands *o)
{
    return add_saturating(l, o, o->d, simd_sqdmull(l, o), false);
}
ir_ref simd_sqdmlsl(struct lifter *l, const struct simd_operands *o)
{
    return add_saturating(l, o, o->d, simd_sqdmull(l, o), true);
}
