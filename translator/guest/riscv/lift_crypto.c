/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scalar cryptography: Zkne, Zknd, Zknh, Zksed, Zksh. No result's time depends on data, given a host with AES
 * instructions. */
#include "lift.h"

/* ---- Zkne, Zknd: rs2 and rs1 hold the upper and the lower half of the state ---- */

typedef ir_ref vector_unary(struct ir_builder *, ir_ref);

static bool lift_aes_round(struct lifter *l, const struct riscv_args_r *a, vector_unary *substitute, vector_unary *mix)
{
    struct ir_builder *ir = l->ir;
    ir_ref low = ir_v_from(ir, IR_V128, lift_read_x(l, a->rs1));
    ir_ref state = ir_v_insert(ir, low, lift_read_x(l, a->rs2), ir_lane_index(3, 1));
    state = substitute(ir, state);
    if (mix) {
        state = mix(ir, state);
    }
    lift_write_x(l, a->rd, ir_v_extract(ir, IR_I64, state, 3, 0));
    return true;
}

RISCV_LIFT(aes64es, r, lift_aes_round, ir_v_aes_sub_shift, NULL)
RISCV_LIFT(aes64esm, r, lift_aes_round, ir_v_aes_sub_shift, ir_v_aes_mix)
RISCV_LIFT(aes64ds, r, lift_aes_round, ir_v_aes_inv_sub_shift, NULL)
RISCV_LIFT(aes64dsm, r, lift_aes_round, ir_v_aes_inv_sub_shift, ir_v_aes_inv_mix)

bool riscv_lift_aes64im(struct lifter *l, const struct riscv_args_i *a)
{
    ir_ref mixed = ir_v_aes_inv_mix(l->ir, ir_v_from(l->ir, IR_V128, lift_read_x(l, a->rs1)));
    lift_write_x(l, a->rd, ir_v_extract(l->ir, IR_I64, mixed, 3, 0));
    return true;
}

/* The word four times over is a state whose rows are constant: shifting them changes nothing. */
bool riscv_lift_aes64ks1i(struct lifter *l, const struct riscv_args_round *a)
{
    enum { LAST_ROUND = 10 }; /* of AES-256: neither rotated nor with a constant */
    static const uint8_t round_constants[LAST_ROUND + 1] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20,
                                                            0x40, 0x80, 0x1b, 0x36, 0x00};
    struct ir_builder *ir = l->ir;
    if (a->rnum > LAST_ROUND) {
        return false;
    }
    ir_ref word = ir_narrow(ir, IR_I32, ir_shr(ir, lift_read_x(l, a->rs1), ir_i64(ir, 32)));
    if (a->rnum < LAST_ROUND) {
        word = ir_rotr(ir, word, ir_i32(ir, 8));
    }
    ir_ref state = ir_v_aes_sub_shift(ir, ir_v_splat(ir, word, 2));
    word = ir_xor(ir, ir_v_extract(ir, IR_I32, state, 2, 0), ir_i32(ir, round_constants[a->rnum]));
    ir_ref wide = ir_wide_u(ir, IR_I64, word);
    lift_write_x(l, a->rd, ir_insert(ir, wide, wide, ir_field(32, 32)));
    return true;
}

bool riscv_lift_aes64ks2(struct lifter *l, const struct riscv_args_r *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref y = lift_read_x(l, a->rs2);
    ir_ref first = ir_xor(ir, ir_shr(ir, lift_read_x(l, a->rs1), ir_i64(ir, 32)), ir_zext(ir, y, 32));
    ir_ref second = ir_xor(ir, first, ir_shr(ir, y, ir_i64(ir, 32)));
    lift_write_x(l, a->rd, ir_insert(ir, first, second, ir_field(32, 32)));
    return true;
}

/* ---- Zknh, Zksh: exclusive or of rotations and shifts of one word ---- */

struct hash_function {
    uint8_t rotations[3], rotation_count;
    uint8_t shift; /* to the right; 0: there is none */
    bool keep;     /* the word itself is a term */
};

static ir_ref combine(struct ir_builder *b, ir_ref x, const struct hash_function *function)
{
    enum ir_type type = ir_typeof(b, x);
    ir_ref result = function->keep ? x : IR_NO_REF;
    for (unsigned i = 0; i < function->rotation_count; i++) {
        ir_ref term = ir_rotr(b, x, ir_constant_int(b->unit, type, function->rotations[i]));
        result = result == IR_NO_REF ? term : ir_xor(b, result, term);
    }
    if (function->shift) {
        result = ir_xor(b, result, ir_shr(b, x, ir_constant_int(b->unit, type, function->shift)));
    }
    return result;
}

static bool lift_hash32(struct lifter *l, const struct riscv_args_i *a, const struct hash_function *function)
{
    lift_write_x32(l, a->rd, combine(l->ir, lift_read_x32(l, a->rs1), function));
    return true;
}

static bool lift_hash64(struct lifter *l, const struct riscv_args_i *a, const struct hash_function *function)
{
    lift_write_x(l, a->rd, combine(l->ir, lift_read_x(l, a->rs1), function));
    return true;
}

#define ROTATIONS_3(a, b, c) (&(const struct hash_function){{a, b, c}, 3, 0, false})
#define ROTATIONS_SHIFT(a, b, s) (&(const struct hash_function){{a, b}, 2, s, false})
#define SELF_ROTATIONS_LEFT(a, b) (&(const struct hash_function){{32 - (a), 32 - (b)}, 2, 0, true})

RISCV_LIFT(sha256sum0, i, lift_hash32, ROTATIONS_3(2, 13, 22))
RISCV_LIFT(sha256sum1, i, lift_hash32, ROTATIONS_3(6, 11, 25))
RISCV_LIFT(sha256sig0, i, lift_hash32, ROTATIONS_SHIFT(7, 18, 3))
RISCV_LIFT(sha256sig1, i, lift_hash32, ROTATIONS_SHIFT(17, 19, 10))
RISCV_LIFT(sha512sum0, i, lift_hash64, ROTATIONS_3(28, 34, 39))
RISCV_LIFT(sha512sum1, i, lift_hash64, ROTATIONS_3(14, 18, 41))
RISCV_LIFT(sha512sig0, i, lift_hash64, ROTATIONS_SHIFT(1, 8, 7))
RISCV_LIFT(sha512sig1, i, lift_hash64, ROTATIONS_SHIFT(19, 61, 6))
RISCV_LIFT(sm3p0, i, lift_hash32, SELF_ROTATIONS_LEFT(9, 17))
RISCV_LIFT(sm3p1, i, lift_hash32, SELF_ROTATIONS_LEFT(15, 23))

/* ---- Zksed ---- */

/* An affine map of bytes is the exclusive or of a look-up of the low four bits and one of the high four. */
struct affine_map {
    uint64_t low[2], high[2];
};

static ir_ref map_bytes(struct ir_builder *b, ir_ref bytes, const struct affine_map *map)
{
    ir_ref nibble = ir_v128(b, 0x0f0f0f0f0f0f0f0f, 0x0f0f0f0f0f0f0f0f);
    ir_ref low = ir_v_and(b, bytes, nibble);
    ir_ref high = ir_v_and(b, ir_v_shr(b, bytes, ir_lane_index(3, 4)), nibble);
    return ir_v_xor(b, ir_v_table(b, ir_v128(b, map->low[0], map->low[1]), low),
                    ir_v_table(b, ir_v128(b, map->high[0], map->high[1]), high));
}

/* The boxes of SM4 and of AES are both an inverse in a field of 256 elements between affine maps. `before` is SM4's
   first map, then the way into the field of AES; `after` undoes the map of AES, goes back, and is SM4's last map. All
   bytes are equal: shifting rows changes nothing. */
static ir_ref substitute_sm4(struct ir_builder *b, ir_ref bytes)
{
    static const struct affine_map before = {{0x078b37bb820eb23e, 0x9814a8241d912da1},
                                             {0x37eb19c5f22edc00, 0x3fe311cdfa26d408}};
    static const struct affine_map after = {{0x2098ea521ea6d46c, 0x47ff8d3579c1b30b},
                                            {0x2dcd7d9db050e000, 0xed0dbd5d709020c0}};
    return map_bytes(b, ir_v_aes_sub_shift(b, map_bytes(b, bytes, &before)), &after);
}

static ir_ref masked_shift(struct ir_builder *b, ir_ref x, uint32_t mask, uint32_t count)
{
    return ir_shl(b, ir_and(b, x, ir_i32(b, mask)), ir_i32(b, count));
}

/* The linear step of a round, on the substituted byte alone. */
static ir_ref spread_round(struct ir_builder *b, ir_ref x)
{
    ir_ref y = ir_xor(b, ir_xor(b, x, masked_shift(b, x, 0xff, 8)), masked_shift(b, x, 0xff, 2));
    y = ir_xor(b, ir_xor(b, y, masked_shift(b, x, 0xff, 18)), masked_shift(b, x, 0x3f, 26));
    return ir_xor(b, y, masked_shift(b, x, 0xc0, 10));
}

static ir_ref spread_key(struct ir_builder *b, ir_ref x)
{
    ir_ref y = ir_xor(b, ir_xor(b, x, masked_shift(b, x, 0x07, 29)), masked_shift(b, x, 0xfe, 7));
    return ir_xor(b, ir_xor(b, y, masked_shift(b, x, 0x01, 23)), masked_shift(b, x, 0xf8, 13));
}

static bool lift_sm4(struct lifter *l, const struct riscv_args_select *a, vector_unary *spread)
{
    struct ir_builder *ir = l->ir;
    unsigned place = (unsigned)a->bs * 8;
    ir_ref byte = ir_field_u(ir, lift_read_x32(l, a->rs2), ir_field(place, 8));
    ir_ref box = ir_v_extract(ir, IR_I32, substitute_sm4(ir, ir_v_splat(ir, byte, 0)), 0, 0);
    ir_ref word = spread(ir, box);
    if (place) {
        word = ir_rotr(ir, word, ir_i32(ir, 32 - place));
    }
    lift_write_x32(l, a->rd, ir_xor(ir, word, lift_read_x32(l, a->rs1)));
    return true;
}

RISCV_LIFT(sm4ed, select, lift_sm4, spread_round)
RISCV_LIFT(sm4ks, select, lift_sm4, spread_key)
