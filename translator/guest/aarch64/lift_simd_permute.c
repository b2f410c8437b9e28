/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Advanced SIMD table lookup", "permute", "extract", "copy" and "modified immediate". */
#include "simd.h"

/* ---- table lookup: an index beyond the table gives 0 (TBL) or leaves the byte (TBX) ---- */
static ir_ref look_up(struct lifter *l, const struct a64_args_vtable *a, ir_ref indices)
{
    ir_ref result = simd_zero(l);
    for (int i = 0; i <= a->length; i++) {
        ir_ref base = simd_splat_constant(l, 0, 16u * (unsigned)i);
        ir_ref relative = i == 0 ? indices : ir_v_sub(l->ir, indices, base, 0);
        ir_ref found = ir_v_table(l->ir, simd_read(l, (a->rn + i) & 31), relative);
        result = i == 0 ? found : ir_v_or(l->ir, result, found);
    }
    return result;
}
bool a64_lift_tbl(struct lifter *l, const struct a64_args_vtable *a)
{
    simd_write(l, a->rd, look_up(l, a, simd_read(l, a->rm)), simd_bytes(a->q));
    return true;
}
bool a64_lift_tbx(struct lifter *l, const struct a64_args_vtable *a)
{
    ir_ref indices = simd_read(l, a->rm);
    ir_ref limit = simd_splat_constant(l, 0, 16u * ((unsigned)a->length + 1));
    ir_ref inside = ir_v_cmp_gt_u(l->ir, limit, indices, 0);
    ir_ref result = ir_v_bitselect(l->ir, inside, look_up(l, a, indices), simd_read(l, a->rd));
    simd_write(l, a->rd, result, simd_bytes(a->q));
    return true;
}

/* ---- permute ---- */
static bool unzip(struct lifter *l, const struct a64_args_v3 *a, unsigned odd)
{
    struct simd_operands o = {.size = a->size, .bytes = simd_bytes(a->q)};
    o.n = simd_read(l, a->rn);
    o.m = simd_read(l, a->rm);
    simd_write(l, a->rd, simd_every_other(l, &o, odd), o.bytes);
    return true;
}
bool a64_lift_uzp1(struct lifter *l, const struct a64_args_v3 *a)
{
    return unzip(l, a, 0);
}
bool a64_lift_uzp2(struct lifter *l, const struct a64_args_v3 *a)
{
    return unzip(l, a, 1);
}
/* Lane i of the result is lane `from_lane(i)` of n for even i, of m for odd i. */
static bool interleave(struct lifter *l, const struct a64_args_v3 *a, unsigned first, unsigned step)
{
    uint8_t map[16];
    unsigned bytes = simd_bytes(a->q), lane_bytes = 1u << a->size;
    for (unsigned i = 0; i < 16; i++) {
        unsigned pair = i / (2 * lane_bytes);
        unsigned source = (first + pair * step) * lane_bytes + (i & (lane_bytes - 1));
        map[i] = (uint8_t)(i >= bytes ? 0x80 : i & lane_bytes ? source + 16 : source);
    }
    simd_write(l, a->rd, simd_shuffle(l, simd_read(l, a->rn), simd_read(l, a->rm), map), bytes);
    return true;
}
bool a64_lift_trn1(struct lifter *l, const struct a64_args_v3 *a)
{
    return interleave(l, a, 0, 2);
}
bool a64_lift_trn2(struct lifter *l, const struct a64_args_v3 *a)
{
    return interleave(l, a, 1, 2);
}
bool a64_lift_zip1(struct lifter *l, const struct a64_args_v3 *a)
{
    return interleave(l, a, 0, 1);
}
bool a64_lift_zip2(struct lifter *l, const struct a64_args_v3 *a)
{
    return interleave(l, a, (simd_bytes(a->q) >> a->size) / 2, 1);
}

/* ---- extract ---- */
bool a64_lift_ext(struct lifter *l, const struct a64_args_vextract *a)
{
    uint8_t map[16];
    unsigned bytes = simd_bytes(a->q);
    for (unsigned i = 0; i < 16; i++) {
        unsigned source = (unsigned)a->position + i;
        map[i] = (uint8_t)(i >= bytes ? 0x80 : source < bytes ? source : source - bytes + 16);
    }
    simd_write(l, a->rd, simd_shuffle(l, simd_read(l, a->rn), simd_read(l, a->rm), map), bytes);
    return true;
}

/* ---- copy ---- */
/* The type in which a lane of `size` travels. */
static enum ir_type lane_type(int size)
{
    return size == 3 ? IR_I64 : IR_I32;
}
static ir_ref read_general(struct lifter *l, int number, int size)
{
    return lift_read(l, size == 3, number);
}
bool a64_lift_dup_element(struct lifter *l, const struct a64_args_vlanes *a)
{
    simd_write(l, a->rd, simd_duplicate(l, simd_read(l, a->rn), a->size, a->index), simd_bytes(a->q));
    return true;
}
bool a64_lift_dup_scalar(struct lifter *l, const struct a64_args_slane *a)
{
    simd_write_element(l, a->rd, ir_v_extract(l->ir, lane_type(a->size), simd_read(l, a->rn), a->size, a->index));
    return true;
}
bool a64_lift_dup_general(struct lifter *l, const struct a64_args_vgeneral *a)
{
    simd_write(l, a->rd, ir_v_splat(l->ir, read_general(l, a->rn, a->size), a->size), simd_bytes(a->q));
    return true;
}
bool a64_lift_ins_general(struct lifter *l, const struct a64_args_slane *a)
{
    ir_ref value = read_general(l, a->rn, a->size);
    simd_write(l, a->rd, ir_v_insert(l->ir, simd_read(l, a->rd), value, ir_lane_index(a->size, a->index)), 16);
    return true;
}
bool a64_lift_ins_element(struct lifter *l, const struct a64_args_vinsert *a)
{
    uint8_t map[16];
    for (unsigned i = 0; i < 16; i++) {
        bool inserted = i >> a->size == (unsigned)a->index;
        map[i] = (uint8_t)(inserted ? 16 + ((unsigned)a->source << a->size) + (i & ((1u << a->size) - 1)) : i);
    }
    simd_write(l, a->rd, simd_shuffle(l, simd_read(l, a->rd), simd_read(l, a->rn), map), 16);
    return true;
}
bool a64_lift_umov(struct lifter *l, const struct a64_args_vmove *a)
{
    ir_ref lane = a->index == 0 && a->size >= 2
                      ? simd_read_element(l, a->rn, lane_type(a->size))
                      : ir_v_extract(l->ir, lane_type(a->size), simd_read(l, a->rn), a->size, a->index);
    lift_write(l, a->rd, lane);
    return true;
}
bool a64_lift_smov(struct lifter *l, const struct a64_args_vmove *a)
{
    ir_ref lane = ir_v_extract(l->ir, IR_I32, simd_read(l, a->rn), a->size, a->index);
    if (a->size < 2) {
        lane = ir_sext(l->ir, lane, (uint16_t)(8u << a->size));
    }
    lift_write(l, a->rd, a->sf ? ir_wide_s(l->ir, IR_I64, lane) : lane);
    return true;
}

/* ---- modified immediate: the manual's AdvSIMDExpandImm ---- */
static uint64_t replicate(uint64_t value, unsigned bits)
{
    for (; bits < 64; bits *= 2) {
        value |= value << bits;
    }
    return value;
}
static uint64_t expand_byte_mask(unsigned imm)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        value |= imm >> i & 1 ? UINT64_C(0xff) << i * 8 : 0;
    }
    return value;
}
static uint64_t expand_immediate(const struct a64_args_vmodified *a)
{
    unsigned cmode = (unsigned)a->cmode, imm = (unsigned)a->imm;
    switch (cmode >> 1) {
    case 0:
    case 1:
    case 2:
    case 3:
        return replicate((uint64_t)imm << (cmode >> 1) * 8, 32);
    case 4:
    case 5:
        return replicate((uint64_t)imm << (cmode >> 1 & 1) * 8, 16);
    case 6:
        return replicate(cmode & 1 ? (uint64_t)imm << 16 | 0xffff : (uint64_t)imm << 8 | 0xff, 32);
    default:
        if (cmode & 1) {
            return a->op ? simd_expand_float(3, imm) : replicate(simd_expand_float(2, imm), 32);
        }
        return a->op ? expand_byte_mask(imm) : replicate(imm, 8);
    }
}
static ir_ref expanded(struct lifter *l, const struct a64_args_vmodified *a, bool invert)
{
    uint64_t value = invert ? ~expand_immediate(a) : expand_immediate(a);
    return ir_v128(l->ir, value, a->q ? value : 0);
}
bool a64_lift_fmov_vector_half(struct lifter *l, const struct a64_args_vmodified *a)
{
    uint64_t value = replicate(simd_expand_float(1, (unsigned)a->imm), 16);
    ir_write(l->ir, (uint16_t)(AARCH64_SLOT_V0 + a->rd), ir_v128(l->ir, value, a->q ? value : 0));
    return true;
}
bool a64_lift_movi(struct lifter *l, const struct a64_args_vmodified *a)
{
    simd_write(l, a->rd, expanded(l, a, false), 16);
    return true;
}
bool a64_lift_mvni(struct lifter *l, const struct a64_args_vmodified *a)
{
    simd_write(l, a->rd, expanded(l, a, true), 16);
    return true;
}
bool a64_lift_orr_immediate_vector(struct lifter *l, const struct a64_args_vmodified *a)
{
    simd_write(l, a->rd, ir_v_or(l->ir, simd_read(l, a->rd), expanded(l, a, false)), simd_bytes(a->q));
    return true;
}
bool a64_lift_bic_immediate_vector(struct lifter *l, const struct a64_args_vmodified *a)
{
    simd_write(l, a->rd, ir_v_and(l->ir, simd_read(l, a->rd), expanded(l, a, true)), simd_bytes(a->q));
    return true;
}
