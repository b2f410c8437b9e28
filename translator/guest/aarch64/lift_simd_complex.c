/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Complex numbers (FEAT_FCMA): pairs of lanes, the real part in the even one. A rotation exchanges the parts of m and
 * changes signs, NaNs' included; what is left is an addition or a fused multiplication and addition. */
#include "simd.h"

enum parts { PARTS_AS_THEY_ARE, PARTS_EXCHANGED, PARTS_REAL, PARTS_IMAGINARY };

/* Lanes of x, by pairs. */
static ir_ref take_parts(struct lifter *l, ir_ref x, unsigned size, enum parts parts)
{
    uint8_t map[16];
    for (unsigned i = 0; i < 16; i++) {
        unsigned lane = i >> size;
        lane = parts == PARTS_EXCHANGED ? lane ^ 1 : parts == PARTS_REAL ? lane & ~1u : lane | 1;
        map[i] = (uint8_t)((lane << size) + (i & ((1u << size) - 1)));
    }
    return parts == PARTS_AS_THEY_ARE ? x : simd_shuffle(l, x, x, map);
}

static ir_ref negate_parts(struct lifter *l, ir_ref x, unsigned size, bool real, bool imaginary)
{
    union ir_value signs = {0};
    for (unsigned lane = 0; lane < 16u >> size; lane++) {
        if (lane & 1 ? imaginary : real) {
            signs.u8[((lane + 1) << size) - 1] = 0x80;
        }
    }
    return real || imaginary ? ir_v_xor(l->ir, x, ir_v128(l->ir, signs.u64[0], signs.u64[1])) : x;
}

bool a64_lift_fcadd(struct lifter *l, const struct a64_args_vcomplex *a)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q), .d = IR_NO_REF};
    o.n = simd_read(l, a->rn);
    o.m = take_parts(l, simd_read(l, a->rm), o.size, PARTS_EXCHANGED);
    o.m = negate_parts(l, o.m, o.size, !a->rotation, a->rotation);
    simd_float_operands(l, &o);
    simd_write(l, a->rd, ir_v_fadd(l->ir, o.n, o.m, (uint16_t)o.size), o.bytes);
    return true;
}

/* Rotations by 0, 90, 180 and 270 degrees. */
static bool multiply_add(struct lifter *l, unsigned rd, struct simd_operands *o, unsigned rotation)
{
    bool turned = rotation & 1;
    o->n = take_parts(l, o->n, o->size, turned ? PARTS_IMAGINARY : PARTS_REAL);
    o->m = take_parts(l, o->m, o->size, turned ? PARTS_EXCHANGED : PARTS_AS_THEY_ARE);
    o->m = negate_parts(l, o->m, o->size, rotation == 1 || rotation == 2, rotation >= 2);
    o->d = simd_read(l, rd);
    simd_float_operands(l, o);
    simd_write(l, rd, simd_fmla(l, o), o->bytes);
    return true;
}
bool a64_lift_fcmla_vector(struct lifter *l, const struct a64_args_vcomplex *a)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q)};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    return multiply_add(l, a->rd, &o, a->rotation);
}
bool a64_lift_fcmla_element(struct lifter *l, const struct a64_args_vcomplex_element *a)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q)};
    o.n = simd_read(l, a->rn);
    o.m = simd_duplicate(l, simd_read(l, a->rm), o.size + 1, a->index);
    return multiply_add(l, a->rd, &o, a->rotation);
}
