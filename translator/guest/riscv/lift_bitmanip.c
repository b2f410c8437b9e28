/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zba, Zbb, Zbc, Zbs, Zbkb, Zbkx and Zicond. */
#include "lift.h"

static ir_ref own_constant(struct ir_builder *b, ir_ref like, uint64_t value)
{
    return ir_constant_int(b->unit, ir_typeof(b, like), value);
}

/* ---- Zba ---- */

static bool shift_add(struct lifter *l, const struct riscv_args_r *a, unsigned shift)
{
    ir_ref shifted = ir_shl(l->ir, lift_read_x(l, a->rs1), ir_word(l->ir, shift));
    lift_write_x(l, a->rd, ir_add(l->ir, shifted, lift_read_x(l, a->rs2)));
    return true;
}

/* rs1 counts as an unsigned word. */
static bool shift_add_uw(struct lifter *l, const struct riscv_args_r *a, unsigned shift)
{
    ir_ref word = ir_zext(l->ir, lift_read_x(l, a->rs1), 32);
    lift_write_x(l, a->rd, ir_add(l->ir, ir_shl(l->ir, word, ir_word(l->ir, shift)), lift_read_x(l, a->rs2)));
    return true;
}

RISCV_LIFT(sh1add, r, shift_add, 1)
RISCV_LIFT(sh2add, r, shift_add, 2)
RISCV_LIFT(sh3add, r, shift_add, 3)
RISCV_LIFT(add_uw, r, shift_add_uw, 0)
RISCV_LIFT(sh1add_uw, r, shift_add_uw, 1)
RISCV_LIFT(sh2add_uw, r, shift_add_uw, 2)
RISCV_LIFT(sh3add_uw, r, shift_add_uw, 3)

bool riscv_lift_slli_uw(struct lifter *l, const struct riscv_args_i *a)
{
    ir_ref word = ir_zext(l->ir, lift_read_x(l, a->rs1), 32);
    lift_write_x(l, a->rd, ir_shl(l->ir, word, ir_word(l->ir, (uint64_t)a->imm)));
    return true;
}

/* ---- Zbb ---- */

static ir_ref or_not(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_or(b, x, ir_not(b, y));
}

static ir_ref xor_not(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_not(b, ir_xor(b, x, y));
}

static ir_ref rotate_left(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_rotr(b, x, ir_neg(b, y));
}

static ir_ref minimum_signed(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_select(b, ir_cmp(b, IR_LTS, x, y), x, y);
}

static ir_ref minimum_unsigned(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_select(b, ir_cmp(b, IR_LTU, x, y), x, y);
}

static ir_ref maximum_signed(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_select(b, ir_cmp(b, IR_LTS, x, y), y, x);
}

static ir_ref maximum_unsigned(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_select(b, ir_cmp(b, IR_LTU, x, y), y, x);
}

RISCV_LIFT(andn, r, lift_register, ir_andn)
RISCV_LIFT(orn, r, lift_register, or_not)
RISCV_LIFT(xnor, r, lift_register, xor_not)
RISCV_LIFT(min, r, lift_register, minimum_signed)
RISCV_LIFT(minu, r, lift_register, minimum_unsigned)
RISCV_LIFT(max, r, lift_register, maximum_signed)
RISCV_LIFT(maxu, r, lift_register, maximum_unsigned)
RISCV_LIFT(rol, r, lift_register, rotate_left)
RISCV_LIFT(ror, r, lift_register, ir_rotr)
RISCV_LIFT(rolw, r, lift_register32, rotate_left)
RISCV_LIFT(rorw, r, lift_register32, ir_rotr)

bool riscv_lift_rori(struct lifter *l, const struct riscv_args_i *a)
{
    if (a->imm >= l->guest->word_bits) {
        return false;
    }
    lift_write_x(l, a->rd, ir_rotr(l->ir, lift_read_x(l, a->rs1), ir_word(l->ir, (uint64_t)a->imm)));
    return true;
}

bool riscv_lift_roriw(struct lifter *l, const struct riscv_args_i *a)
{
    lift_write_x32(l, a->rd, ir_rotr(l->ir, lift_read_x32(l, a->rs1), ir_i32(l->ir, (uint32_t)a->imm)));
    return true;
}

typedef ir_ref unary(struct ir_builder *, ir_ref);

static bool lift_unary(struct lifter *l, const struct riscv_args_i *a, unary *operation)
{
    lift_write_x(l, a->rd, operation(l->ir, lift_read_x(l, a->rs1)));
    return true;
}

static bool lift_unary32(struct lifter *l, const struct riscv_args_i *a, unary *operation)
{
    lift_write_x32(l, a->rd, operation(l->ir, lift_read_x32(l, a->rs1)));
    return true;
}

/* Every byte that is not 0 becomes 0xff: bit 7 of (byte & 0x7f) + 0x7f, or of the byte, says whether it is. */
static ir_ref or_combine(struct ir_builder *b, ir_ref x)
{
    ir_ref low = own_constant(b, x, 0x7f7f7f7f7f7f7f7f);
    ir_ref any = ir_or(b, ir_add(b, ir_and(b, x, low), low), x);
    ir_ref ones = ir_and(b, ir_shr(b, any, own_constant(b, x, 7)), own_constant(b, x, 0x0101010101010101));
    return ir_sub(b, ir_shl(b, ones, own_constant(b, x, 8)), ones);
}

static ir_ref reverse_bytes(struct ir_builder *b, ir_ref x)
{
    return ir_bswap(b, x, ir_typeof(b, x) == IR_I64 ? 64 : 32);
}

static ir_ref extend_byte(struct ir_builder *b, ir_ref x)
{
    return ir_sext(b, x, 8);
}

static ir_ref extend_half(struct ir_builder *b, ir_ref x)
{
    return ir_sext(b, x, 16);
}

static ir_ref extend_half_zero(struct ir_builder *b, ir_ref x)
{
    return ir_zext(b, x, 16);
}

RISCV_LIFT(clz, i, lift_unary, ir_clz)
RISCV_LIFT(ctz, i, lift_unary, ir_ctz)
RISCV_LIFT(cpop, i, lift_unary, ir_popcnt)
RISCV_LIFT(clzw, i, lift_unary32, ir_clz)
RISCV_LIFT(ctzw, i, lift_unary32, ir_ctz)
RISCV_LIFT(cpopw, i, lift_unary32, ir_popcnt)
RISCV_LIFT(orc_b, i, lift_unary, or_combine)
RISCV_LIFT(rev8, i, lift_unary, reverse_bytes)
RISCV_LIFT(sext_b, i, lift_unary, extend_byte)
RISCV_LIFT(sext_h, i, lift_unary, extend_half)
RISCV_LIFT(zext_h, i, lift_unary, extend_half_zero)

/* ---- Zbc: `shift` selects the word of the double-width product ---- */

static ir_ref carryless(struct ir_builder *b, ir_ref x, ir_ref y, unsigned shift)
{
    bool is_64 = ir_typeof(b, x) == IR_I64;
    ir_ref wide_x = is_64 ? x : ir_wide_u(b, IR_I64, x);
    ir_ref wide_y = is_64 ? y : ir_wide_u(b, IR_I64, y);
    ir_ref product = ir_v_clmul(b, ir_v_from(b, IR_V128, wide_x), ir_v_from(b, IR_V128, wide_y), 0);
    ir_ref low = ir_v_extract(b, IR_I64, product, 3, 0);
    if (!is_64) {
        return ir_narrow(b, IR_I32, ir_shr(b, low, ir_i64(b, shift)));
    }
    if (shift == 0) {
        return low;
    }
    ir_ref high = ir_v_extract(b, IR_I64, product, 3, 1);
    return shift == 64 ? high : ir_funnel(b, high, low, (uint16_t)shift);
}

static bool lift_carryless(struct lifter *l, const struct riscv_args_r *a, int shift)
{
    ir_ref product = carryless(l->ir, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), (unsigned)shift);
    lift_write_x(l, a->rd, product);
    return true;
}

RISCV_LIFT(clmul, r, lift_carryless, 0)
RISCV_LIFT(clmulr, r, lift_carryless, l->guest->word_bits - 1)
RISCV_LIFT(clmulh, r, lift_carryless, l->guest->word_bits)

/* ---- Zbkb, Zbkx ---- */

static ir_ref pack_halves(struct ir_builder *b, ir_ref x, ir_ref y)
{
    unsigned half = ir_typeof(b, x) == IR_I64 ? 32 : 16;
    return ir_insert(b, x, y, ir_field(half, half));
}

static ir_ref pack_bytes(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_insert(b, ir_zext(b, x, 8), y, ir_field(8, 8));
}

static ir_ref reverse_in_bytes(struct ir_builder *b, ir_ref x)
{
    return reverse_bytes(b, ir_bitrev(b, x));
}

/* Byte i of the result is the byte of x that byte i of y names, 0 if there is none: only the low word of the table is
 * not 0. */
static ir_ref permute_bytes(struct ir_builder *b, ir_ref x, ir_ref y)
{
    enum ir_type type = ir_typeof(b, x);
    ir_ref picked = ir_v_table(b, ir_v_from(b, IR_V128, x), ir_v_from(b, IR_V128, y));
    return ir_v_extract(b, type, picked, type == IR_I64 ? 3 : 2, 0);
}

bool riscv_lift_xperm4(struct lifter *l, const struct riscv_args_r *a)
{
    const ir_ref arguments[3] = {lift_read_x(l, a->rs1), lift_read_x(l, a->rs2), ir_i32(l->ir, l->guest->word_bits)};
    ir_ref picked = ir_call(l->ir, RISCV_HELPER_PERMUTE_NIBBLES, arguments, 3);
    lift_write_x(l, a->rd, lift_is_64(l) ? picked : ir_narrow(l->ir, IR_I32, picked));
    return true;
}

RISCV_LIFT(pack, r, lift_register, pack_halves)
RISCV_LIFT(packh, r, lift_register, pack_bytes)
RISCV_LIFT(packw, r, lift_register32, pack_halves)
RISCV_LIFT(brev8, i, lift_unary, reverse_in_bytes)
RISCV_LIFT(xperm8, r, lift_register, permute_bytes)

/* ---- Zbs ---- */

static ir_ref single_bit(struct ir_builder *b, ir_ref index)
{
    return ir_shl(b, own_constant(b, index, 1), index);
}

static ir_ref clear_bit(struct ir_builder *b, ir_ref x, ir_ref index)
{
    return ir_andn(b, x, single_bit(b, index));
}

static ir_ref extract_bit(struct ir_builder *b, ir_ref x, ir_ref index)
{
    return ir_and(b, ir_shr(b, x, index), own_constant(b, x, 1));
}

static ir_ref invert_bit(struct ir_builder *b, ir_ref x, ir_ref index)
{
    return ir_xor(b, x, single_bit(b, index));
}

static ir_ref set_bit(struct ir_builder *b, ir_ref x, ir_ref index)
{
    return ir_or(b, x, single_bit(b, index));
}

static bool lift_bit_immediate(struct lifter *l, const struct riscv_args_i *a, riscv_binary *operation)
{
    if (a->imm >= l->guest->word_bits) {
        return false;
    }
    lift_write_x(l, a->rd, operation(l->ir, lift_read_x(l, a->rs1), ir_word(l->ir, (uint64_t)a->imm)));
    return true;
}

RISCV_LIFT(bclr, r, lift_register, clear_bit)
RISCV_LIFT(bext, r, lift_register, extract_bit)
RISCV_LIFT(binv, r, lift_register, invert_bit)
RISCV_LIFT(bset, r, lift_register, set_bit)
RISCV_LIFT(bclri, i, lift_bit_immediate, clear_bit)
RISCV_LIFT(bexti, i, lift_bit_immediate, extract_bit)
RISCV_LIFT(binvi, i, lift_bit_immediate, invert_bit)
RISCV_LIFT(bseti, i, lift_bit_immediate, set_bit)

/* ---- Zicond ---- */

static bool lift_conditional_zero(struct lifter *l, const struct riscv_args_r *a, enum ir_cond zero_if)
{
    ir_ref zero = ir_word(l->ir, 0);
    ir_ref is_zero = ir_cmp(l->ir, zero_if, lift_read_x(l, a->rs2), zero);
    lift_write_x(l, a->rd, ir_select(l->ir, is_zero, zero, lift_read_x(l, a->rs1)));
    return true;
}

RISCV_LIFT(czero_eqz, r, lift_conditional_zero, IR_EQ)
RISCV_LIFT(czero_nez, r, lift_conditional_zero, IR_NE)
