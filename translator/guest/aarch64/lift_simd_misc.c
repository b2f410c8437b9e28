/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Advanced SIMD two-register miscellaneous", its scalar class, and "Advanced SIMD across lanes": integers. */
#include "helpers_simd.h"
#include "simd.h"

static bool vector_misc(struct lifter *l, const struct a64_args_v2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .d = IR_NO_REF, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool vector_misc_accumulate(struct lifter *l, const struct a64_args_v2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.d = simd_read(l, a->rd);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool scalar_misc(struct lifter *l, const struct a64_args_s2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .d = IR_NO_REF, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}
static bool scalar_misc_accumulate(struct lifter *l, const struct a64_args_s2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 1u << a->size, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.d = simd_read(l, a->rd);
    simd_write(l, a->rd, operation(l, &o), o.bytes);
    return true;
}

/* Elements of `size` in reverse order within each container of `container`. */
static ir_ref reverse(struct lifter *l, const struct simd_operands *o, unsigned container)
{
    uint8_t map[16];
    for (unsigned i = 0; i < 16; i++) {
        map[i] = (uint8_t)(i ^ ((1u << container) - (1u << o->size)));
    }
    return simd_shuffle(l, o->n, o->n, map);
}
static ir_ref rev16(struct lifter *l, const struct simd_operands *o)
{
    return reverse(l, o, 1);
}
static ir_ref rev32(struct lifter *l, const struct simd_operands *o)
{
    return reverse(l, o, 2);
}
static ir_ref rev64(struct lifter *l, const struct simd_operands *o)
{
    return reverse(l, o, 3);
}

/* Sums of neighbours in lanes of twice the width. */
static ir_ref saddlp(struct lifter *l, const struct simd_operands *o)
{
    uint16_t by_lane = ir_lane_index(o->size + 1, 8u << o->size);
    ir_ref even = ir_v_sar(l->ir, ir_v_shl(l->ir, o->n, by_lane), by_lane);
    return ir_v_add(l->ir, even, ir_v_sar(l->ir, o->n, by_lane), (uint16_t)(o->size + 1));
}
static ir_ref uaddlp(struct lifter *l, const struct simd_operands *o)
{
    uint64_t mask = (UINT64_C(1) << (8u << o->size)) - 1;
    ir_ref even = ir_v_and(l->ir, o->n, simd_splat_constant(l, o->size + 1, mask));
    ir_ref odd = ir_v_shr(l->ir, o->n, ir_lane_index(o->size + 1, 8u << o->size));
    return ir_v_add(l->ir, even, odd, (uint16_t)(o->size + 1));
}
static ir_ref sadalp(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, saddlp(l, o), (uint16_t)(o->size + 1));
}
static ir_ref uadalp(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_add(l->ir, o->d, uaddlp(l, o), (uint16_t)(o->size + 1));
}

static ir_ref clz(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_clz(l->ir, o->n, (uint16_t)o->size);
}
/* Leading bits that equal the sign, without the sign: zeros of x ^ (x >> 1), whose top bit is clear. */
static ir_ref cls(struct lifter *l, const struct simd_operands *o)
{
    ir_ref changes = ir_v_xor(l->ir, o->n, ir_v_sar(l->ir, o->n, ir_lane_index(o->size, 1)));
    return ir_v_sub(l->ir, ir_v_clz(l->ir, changes, (uint16_t)o->size), simd_splat_constant(l, o->size, 1),
                    (uint16_t)o->size);
}
static ir_ref cnt(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_popcnt(l->ir, o->n);
}
static ir_ref not(struct lifter * l, const struct simd_operands *o)
{
    return ir_v_not(l->ir, o->n);
}
/* Bits of each byte reversed, by two tables of reversed nibbles. */
static ir_ref rbit(struct lifter *l, const struct simd_operands *o)
{
    ir_ref low_to_high = ir_v128(l->ir, UINT64_C(0xe060a020c0408000), UINT64_C(0xf070b030d0509010));
    ir_ref high_to_low = ir_v128(l->ir, UINT64_C(0x0e060a020c040800), UINT64_C(0x0f070b030d050901));
    ir_ref low = ir_v_and(l->ir, o->n, simd_splat_constant(l, 0, 15));
    ir_ref high = ir_v_shr(l->ir, o->n, ir_lane_index(0, 4));
    return ir_v_or(l->ir, ir_v_table(l->ir, low_to_high, low), ir_v_table(l->ir, high_to_low, high));
}

static ir_ref absolute(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_abs(l->ir, o->n, (uint16_t)o->size);
}
static ir_ref neg(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_neg(l->ir, o->n, (uint16_t)o->size);
}
static ir_ref sqabs(struct lifter *l, const struct simd_operands *o)
{
    ir_ref wrapped = absolute(l, o);
    ir_ref lowest = simd_splat_constant(l, o->size, UINT64_C(1) << ((8u << o->size) - 1));
    ir_ref result = ir_v_xor(l->ir, wrapped, ir_v_cmp_eq(l->ir, wrapped, lowest, (uint16_t)o->size));
    simd_note_saturation(l, result, wrapped, o->bytes);
    return result;
}
static ir_ref sqneg(struct lifter *l, const struct simd_operands *o)
{
    ir_ref result = ir_v_sub_sat_s(l->ir, simd_zero(l), o->n, (uint16_t)o->size);
    simd_note_saturation(l, result, neg(l, o), o->bytes);
    return result;
}
static ir_ref suqadd(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_add_mixed, o, SIMD_SIGNED);
}
static ir_ref usqadd(struct lifter *l, const struct simd_operands *o)
{
    return simd_call(l, A64_HELPER_simd_add_mixed, o, 0);
}

#define COMPARE_ZERO(name, op, first, second)                                                                          \
    static ir_ref name(struct lifter *l, const struct simd_operands *o)                                                \
    {                                                                                                                  \
        ir_ref zero = simd_zero(l);                                                                                    \
        return ir_emit(l->ir, IR_OP_##op, IR_V128, (uint16_t)o->size, first, second, 0);                               \
    }
COMPARE_ZERO(cmgt_zero, v_cmp_gt_s, o->n, zero)
COMPARE_ZERO(cmge_zero, v_cmp_ge_s, o->n, zero)
COMPARE_ZERO(cmeq_zero, v_cmp_eq, o->n, zero)
COMPARE_ZERO(cmle_zero, v_cmp_ge_s, zero, o->n)
COMPARE_ZERO(cmlt_zero, v_cmp_gt_s, zero, o->n)

#define VECTOR(name, operation)                                                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v2 *a)                                                \
    {                                                                                                                  \
        return vector_misc(l, a, operation);                                                                           \
    }
#define VECTOR_ACCUMULATE(name, operation)                                                                             \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_v2 *a)                                                \
    {                                                                                                                  \
        return vector_misc_accumulate(l, a, operation);                                                                \
    }
#define SCALAR(name, operation)                                                                                        \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_s2 *a)                                                \
    {                                                                                                                  \
        return scalar_misc(l, a, operation);                                                                           \
    }
#define SCALAR_ACCUMULATE(name, operation)                                                                             \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_s2 *a)                                                \
    {                                                                                                                  \
        return scalar_misc_accumulate(l, a, operation);                                                                \
    }

VECTOR(rev64, rev64)
VECTOR(rev16, rev16)
VECTOR(saddlp, saddlp)
VECTOR_ACCUMULATE(suqadd_vector, suqadd)
VECTOR(cls_vector, cls)
VECTOR(cnt_vector, cnt)
VECTOR_ACCUMULATE(sadalp, sadalp)
VECTOR(sqabs_vector, sqabs)
VECTOR(cmgt_zero_vector, cmgt_zero)
VECTOR(cmeq_zero_vector, cmeq_zero)
VECTOR(cmlt_zero_vector, cmlt_zero)
VECTOR(abs_vector, absolute)
VECTOR(rev32, rev32)
VECTOR(uaddlp, uaddlp)
VECTOR_ACCUMULATE(usqadd_vector, usqadd)
VECTOR(clz_vector, clz)
VECTOR(not_vector, not )
VECTOR(rbit_vector, rbit)
VECTOR_ACCUMULATE(uadalp, uadalp)
VECTOR(sqneg_vector, sqneg)
VECTOR(cmge_zero_vector, cmge_zero)
VECTOR(cmle_zero_vector, cmle_zero)
VECTOR(neg_vector, neg)

SCALAR_ACCUMULATE(suqadd_scalar, suqadd)
SCALAR(sqabs_scalar, sqabs)
SCALAR(cmgt_zero_scalar, cmgt_zero)
SCALAR(cmeq_zero_scalar, cmeq_zero)
SCALAR(cmlt_zero_scalar, cmlt_zero)
SCALAR(abs_scalar, absolute)
SCALAR_ACCUMULATE(usqadd_scalar, usqadd)
SCALAR(sqneg_scalar, sqneg)
SCALAR(cmge_zero_scalar, cmge_zero)
SCALAR(cmle_zero_scalar, cmle_zero)
SCALAR(neg_scalar, neg)

/* ---- narrowing: size is the result's ---- */
static ir_ref narrow_saturating(struct lifter *l, const struct simd_operands *o, enum ir_op op, bool is_signed)
{
    ir_ref result = ir_emit(l->ir, op, IR_V128, (uint16_t)(o->size + 1), o->n, o->n, 0);
    simd_note_saturation(l, simd_widen(l, result, o->size, is_signed, false), o->n, 2 * o->bytes);
    return result;
}
static ir_ref xtn(struct lifter *l, const struct simd_operands *o)
{
    return ir_v_narrow(l->ir, o->n, o->n, (uint16_t)(o->size + 1));
}
static ir_ref sqxtn(struct lifter *l, const struct simd_operands *o)
{
    return narrow_saturating(l, o, IR_OP_v_narrow_sat_s, true);
}
static ir_ref sqxtun(struct lifter *l, const struct simd_operands *o)
{
    return narrow_saturating(l, o, IR_OP_v_narrow_sat_su, false);
}
static ir_ref uqxtn(struct lifter *l, const struct simd_operands *o)
{
    return narrow_saturating(l, o, IR_OP_v_narrow_sat_u, false);
}
static bool vector_narrow(struct lifter *l, const struct a64_args_v2 *a, simd_operation *operation)
{
    struct simd_operands o = {.size = a->size, .bytes = 8, .d = IR_NO_REF, .m = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    simd_write_half(l, a->rd, operation(l, &o), a->q);
    return true;
}
bool a64_lift_xtn(struct lifter *l, const struct a64_args_v2 *a)
{
    return vector_narrow(l, a, xtn);
}
bool a64_lift_sqxtn_vector(struct lifter *l, const struct a64_args_v2 *a)
{
    return vector_narrow(l, a, sqxtn);
}
bool a64_lift_sqxtun_vector(struct lifter *l, const struct a64_args_v2 *a)
{
    return vector_narrow(l, a, sqxtun);
}
bool a64_lift_uqxtn_vector(struct lifter *l, const struct a64_args_v2 *a)
{
    return vector_narrow(l, a, uqxtn);
}
SCALAR(sqxtn_scalar, sqxtn)
SCALAR(sqxtun_scalar, sqxtun)
SCALAR(uqxtn_scalar, uqxtn)

/* ---- widening by a shift of a whole lane ---- */
bool a64_lift_shll(struct lifter *l, const struct a64_args_v2 *a)
{
    ir_ref wide = simd_widen(l, simd_read(l, a->rn), a->size, false, a->q);
    simd_write(l, a->rd, ir_v_shl(l->ir, wide, ir_lane_index(a->size + 1, 8u << a->size)), 16);
    return true;
}

/* ---- across lanes ---- */
/* Folds lanes of `size` in the low `bytes` into the lowest one, halving each time. */
static ir_ref reduce(struct lifter *l, ir_ref value, enum ir_op op, unsigned size, unsigned bytes)
{
    for (unsigned half = bytes / 2; half >= 1u << size; half /= 2) {
        uint8_t map[16];
        for (unsigned i = 0; i < 16; i++) {
            map[i] = (uint8_t)((i + half) & 15);
        }
        value = ir_emit(l->ir, op, IR_V128, (uint16_t)size, value, simd_shuffle(l, value, value, map), 0);
    }
    return value;
}
static bool across(struct lifter *l, const struct a64_args_v2 *a, enum ir_op op)
{
    ir_ref result = reduce(l, simd_read(l, a->rn), op, a->size, simd_bytes(a->q));
    simd_write(l, a->rd, result, 1u << a->size);
    return true;
}
bool a64_lift_addv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, IR_OP_v_add);
}
bool a64_lift_smaxv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, IR_OP_v_max_s);
}
bool a64_lift_sminv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, IR_OP_v_min_s);
}
bool a64_lift_umaxv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, IR_OP_v_max_u);
}
bool a64_lift_uminv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across(l, a, IR_OP_v_min_u);
}
/* Long sums: neighbours first, then lanes of twice the width. */
static bool across_long(struct lifter *l, const struct a64_args_v2 *a, simd_operation *pairs)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .n = simd_read(l, a->rn)};
    ir_ref result = reduce(l, pairs(l, &o), IR_OP_v_add, a->size + 1, o.bytes);
    simd_write(l, a->rd, result, 2u << a->size);
    return true;
}
bool a64_lift_saddlv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across_long(l, a, saddlp);
}
bool a64_lift_uaddlv(struct lifter *l, const struct a64_args_v2 *a)
{
    return across_long(l, a, uaddlp);
}

/* Advanced SIMD scalar pairwise */
bool a64_lift_addp_scalar(struct lifter *l, const struct a64_args_s2 *a)
{
    ir_ref n = simd_read(l, a->rn);
    simd_write(l, a->rd, ir_v_add(l->ir, n, simd_high_half(l, n), 3), 8);
    return true;
}
