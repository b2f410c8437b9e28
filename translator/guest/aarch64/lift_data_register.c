/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Data Processing -- Register" */
#include "lift.h"

/* ---- two sources, one source ---- */

static bool two_sources(struct lifter *l, const struct a64_args_rrr *a, a64_binary *operation)
{
    lift_write(l, a->rd, operation(l->ir, lift_read(l, a->sf, a->rn), lift_read(l, a->sf, a->rm)));
    return true;
}

A64_LIFT(udiv, rrr, two_sources, ir_divu)
A64_LIFT(sdiv, rrr, two_sources, ir_divs)
A64_LIFT(lslv, rrr, two_sources, ir_shl)
A64_LIFT(lsrv, rrr, two_sources, ir_shr)
A64_LIFT(asrv, rrr, two_sources, ir_sar)
A64_LIFT(rorv, rrr, two_sources, ir_rotr)

static bool checksum(struct lifter *l, const struct a64_args_rrr *a, enum a64_helper helper, unsigned bytes)
{
    ir_ref arguments[] = {lift_read(l, 0, a->rn), lift_read(l, 1, a->rm), ir_i32(l->ir, bytes)};
    lift_write(l, a->rd, ir_call(l->ir, helper, arguments, 3));
    return true;
}

A64_LIFT(crc32b, rrr, checksum, A64_HELPER_crc32, 1)
A64_LIFT(crc32h, rrr, checksum, A64_HELPER_crc32, 2)
A64_LIFT(crc32w, rrr, checksum, A64_HELPER_crc32, 4)
A64_LIFT(crc32x, rrr, checksum, A64_HELPER_crc32, 8)
A64_LIFT(crc32cb, rrr, checksum, A64_HELPER_crc32c, 1)
A64_LIFT(crc32ch, rrr, checksum, A64_HELPER_crc32c, 2)
A64_LIFT(crc32cw, rrr, checksum, A64_HELPER_crc32c, 4)
A64_LIFT(crc32cx, rrr, checksum, A64_HELPER_crc32c, 8)

static bool reverse_bytes(struct lifter *l, const struct a64_args_rr *a, unsigned width)
{
    lift_write(l, a->rd, ir_bswap(l->ir, lift_read(l, a->sf, a->rn), (uint16_t)width));
    return true;
}

A64_LIFT(reverse16, rr, reverse_bytes, 16)
A64_LIFT(reverse32, rr, reverse_bytes, 32)
A64_LIFT(reverse64, rr, reverse_bytes, 64)

bool a64_lift_rbit(struct lifter *l, const struct a64_args_rr *a)
{
    lift_write(l, a->rd, ir_bitrev(l->ir, lift_read(l, a->sf, a->rn)));
    return true;
}

bool a64_lift_clz(struct lifter *l, const struct a64_args_rr *a)
{
    lift_write(l, a->rd, ir_clz(l->ir, lift_read(l, a->sf, a->rn)));
    return true;
}

/* Bits that differ from the one above them are ones in x ^ (x >> 1); the sign bit never is. */
bool a64_lift_cls(struct lifter *l, const struct a64_args_rr *a)
{
    ir_ref value = lift_read(l, a->sf, a->rn);
    ir_ref one = lift_constant(l, a->sf, 1);
    ir_ref changes = ir_xor(l->ir, value, ir_sar(l->ir, value, one));
    lift_write(l, a->rd, ir_sub(l->ir, ir_clz(l->ir, changes), one));
    return true;
}

/* ---- FEAT_CSSC ---- */

static ir_ref extreme(struct lifter *l, enum ir_cond cond, ir_ref n, ir_ref m)
{
    return ir_select(l->ir, ir_cmp(l->ir, cond, n, m), n, m);
}

static bool extreme_register(struct lifter *l, const struct a64_args_rrr *a, enum ir_cond cond)
{
    lift_write(l, a->rd, extreme(l, cond, lift_read(l, a->sf, a->rn), lift_read(l, a->sf, a->rm)));
    return true;
}

static bool extreme_immediate(struct lifter *l, const struct a64_args_rr_small *a, enum ir_cond cond)
{
    ir_ref m = lift_constant(l, a->sf, (uint64_t)(int64_t)a->imm);
    lift_write(l, a->rd, extreme(l, cond, lift_read(l, a->sf, a->rn), m));
    return true;
}

A64_LIFT(smax, rrr, extreme_register, IR_GTS)
A64_LIFT(umax, rrr, extreme_register, IR_GTU)
A64_LIFT(smin, rrr, extreme_register, IR_LTS)
A64_LIFT(umin, rrr, extreme_register, IR_LTU)
A64_LIFT(smax_imm, rr_small, extreme_immediate, IR_GTS)
A64_LIFT(umax_imm, rr_small, extreme_immediate, IR_GTU)
A64_LIFT(smin_imm, rr_small, extreme_immediate, IR_LTS)
A64_LIFT(umin_imm, rr_small, extreme_immediate, IR_LTU)

bool a64_lift_ctz(struct lifter *l, const struct a64_args_rr *a)
{
    lift_write(l, a->rd, ir_ctz(l->ir, lift_read(l, a->sf, a->rn)));
    return true;
}

bool a64_lift_cnt(struct lifter *l, const struct a64_args_rr *a)
{
    lift_write(l, a->rd, ir_popcnt(l->ir, lift_read(l, a->sf, a->rn)));
    return true;
}

bool a64_lift_abs(struct lifter *l, const struct a64_args_rr *a)
{
    ir_ref value = lift_read(l, a->sf, a->rn);
    ir_ref is_negative = ir_cmp(l->ir, IR_LTS, value, lift_constant(l, a->sf, 0));
    lift_write(l, a->rd, ir_select(l->ir, is_negative, ir_neg(l->ir, value), value));
    return true;
}

/* ---- shifted and extended operands ---- */

static ir_ref shifted(struct lifter *l, const struct a64_args_rr_shift *a)
{
    static a64_binary *const shifts[] = {ir_shl, ir_shr, ir_sar, ir_rotr};
    ir_ref value = lift_read(l, a->sf, a->rm);
    return a->amount ? shifts[a->shift](l->ir, value, lift_constant(l, a->sf, (uint64_t)a->amount)) : value;
}

ir_ref lift_extended(struct lifter *l, int sf, int number, int option, int amount)
{
    unsigned width = 8u << (option & 3);
    bool is_signed = option & 4;
    ir_ref value;
    if (width == 64 || (width == 32 && !sf)) {
        value = lift_read(l, sf, number);
    } else if (width == 32) {
        ir_ref low = lift_read(l, 0, number);
        value = is_signed ? ir_wide_s(l->ir, IR_I64, low) : ir_wide_u(l->ir, IR_I64, low);
    } else {
        value = lift_read(l, sf, number);
        value = is_signed ? ir_sext(l->ir, value, (uint16_t)width) : ir_zext(l->ir, value, (uint16_t)width);
    }
    return amount ? ir_shl(l->ir, value, lift_constant(l, sf, (uint64_t)amount)) : value;
}

/* ---- logical ---- */

static bool logical_shifted(struct lifter *l, const struct a64_args_rr_shift *a, a64_binary *operation, bool invert)
{
    ir_ref m = shifted(l, a);
    m = invert ? ir_not(l->ir, m) : m;
    if (a->rn == 31 && operation == ir_or) { /* MOV, MVN */
        lift_write(l, a->rd, m);
        return true;
    }
    lift_write(l, a->rd, operation(l->ir, lift_read(l, a->sf, a->rn), m));
    return true;
}

A64_LIFT(and_shifted, rr_shift, logical_shifted, ir_and, false)
A64_LIFT(bic_shifted, rr_shift, logical_shifted, ir_andn, false)
A64_LIFT(orr_shifted, rr_shift, logical_shifted, ir_or, false)
A64_LIFT(orn_shifted, rr_shift, logical_shifted, ir_or, true)
A64_LIFT(eor_shifted, rr_shift, logical_shifted, ir_xor, false)
A64_LIFT(eon_shifted, rr_shift, logical_shifted, ir_xor, true)

static bool logical_shifted_flags(struct lifter *l, const struct a64_args_rr_shift *a, a64_binary *operation)
{
    ir_ref result = operation(l->ir, lift_read(l, a->sf, a->rn), shifted(l, a));
    lift_write(l, a->rd, result);
    lift_write_flags(l, ir_flags(l->ir, IR_OP_flags_logic, result, 0, 0));
    return true;
}

A64_LIFT(ands_shifted, rr_shift, logical_shifted_flags, ir_and)
A64_LIFT(bics_shifted, rr_shift, logical_shifted_flags, ir_andn)

/* ---- add and subtract ---- */

static bool add_shifted(struct lifter *l, const struct a64_args_rr_shift *a, a64_binary *operation)
{
    lift_write(l, a->rd, operation(l->ir, lift_read(l, a->sf, a->rn), shifted(l, a)));
    return true;
}

A64_LIFT(add_shifted, rr_shift, add_shifted, ir_add)
A64_LIFT(sub_shifted, rr_shift, add_shifted, ir_sub)

static void add_flags(struct lifter *l, int rd, ir_ref n, ir_ref m, bool subtract)
{
    if (rd != 31) {
        lift_write(l, rd, subtract ? ir_sub(l->ir, n, m) : ir_add(l->ir, n, m));
    }
    lift_write_flags(l, ir_flags(l->ir, subtract ? IR_OP_flags_sub : IR_OP_flags_add, n, m, 0));
}

static bool add_shifted_flags(struct lifter *l, const struct a64_args_rr_shift *a, bool subtract)
{
    add_flags(l, a->rd, lift_read(l, a->sf, a->rn), shifted(l, a), subtract);
    return true;
}

A64_LIFT(adds_shifted, rr_shift, add_shifted_flags, false)
A64_LIFT(subs_shifted, rr_shift, add_shifted_flags, true)

static bool add_extended(struct lifter *l, const struct a64_args_rr_extend *a, a64_binary *operation)
{
    ir_ref m = lift_extended(l, a->sf, a->rm, a->option, a->amount);
    lift_write_sp(l, a->rd, operation(l->ir, lift_read_sp(l, a->sf, a->rn), m));
    return true;
}

A64_LIFT(add_extended, rr_extend, add_extended, ir_add)
A64_LIFT(sub_extended, rr_extend, add_extended, ir_sub)

static bool add_extended_flags(struct lifter *l, const struct a64_args_rr_extend *a, bool subtract)
{
    ir_ref m = lift_extended(l, a->sf, a->rm, a->option, a->amount);
    add_flags(l, a->rd, lift_read_sp(l, a->sf, a->rn), m, subtract);
    return true;
}

A64_LIFT(adds_extended, rr_extend, add_extended_flags, false)
A64_LIFT(subs_extended, rr_extend, add_extended_flags, true)

static bool add_carry(struct lifter *l, const struct a64_args_rrr *a, bool subtract, bool sets_flags)
{
    ir_ref n = lift_read(l, a->sf, a->rn);
    ir_ref m = lift_read(l, a->sf, a->rm);
    m = subtract ? ir_not(l->ir, m) : m;
    ir_ref carry = ir_flags_test(l->ir, lift_flags(l), IR_FLAG_CS);
    lift_write(l, a->rd, ir_adc(l->ir, n, m, carry));
    if (sets_flags) {
        lift_write_flags(l, ir_flags(l->ir, IR_OP_flags_adc, n, m, carry));
    }
    return true;
}

A64_LIFT(adc, rrr, add_carry, false, false)
A64_LIFT(adcs, rrr, add_carry, false, true)
A64_LIFT(sbc, rrr, add_carry, true, false)
A64_LIFT(sbcs, rrr, add_carry, true, true)

/* ---- conditional ---- */

/* n and m compared if cond holds, else the flags that the instruction names. */
static bool compare_if(struct lifter *l, enum ir_op operation, ir_ref n, ir_ref m, int cond, int nzcv)
{
    ir_ref compared = ir_flags(l->ir, operation, n, m, 0);
    if (cond < 14) {
        ir_ref named = lift_flags_of_nzcv(l, ir_i32(l->ir, (uint32_t)nzcv));
        compared = ir_select(l->ir, lift_condition(l, cond), compared, named);
    }
    lift_write_flags(l, compared);
    return true;
}

static bool compare_if_register(struct lifter *l, const struct a64_args_compare_reg *a, enum ir_op operation)
{
    return compare_if(l, operation, lift_read(l, a->sf, a->rn), lift_read(l, a->sf, a->rm), a->cond, a->nzcv);
}

static bool compare_if_immediate(struct lifter *l, const struct a64_args_compare_imm *a, enum ir_op operation)
{
    ir_ref m = lift_constant(l, a->sf, (uint64_t)a->imm);
    return compare_if(l, operation, lift_read(l, a->sf, a->rn), m, a->cond, a->nzcv);
}

A64_LIFT(ccmn_reg, compare_reg, compare_if_register, IR_OP_flags_add)
A64_LIFT(ccmp_reg, compare_reg, compare_if_register, IR_OP_flags_sub)
A64_LIFT(ccmn_imm, compare_imm, compare_if_immediate, IR_OP_flags_add)
A64_LIFT(ccmp_imm, compare_imm, compare_if_immediate, IR_OP_flags_sub)

static bool conditional_select(struct lifter *l, const struct a64_args_selection *a, bool invert, bool increment)
{
    ir_ref n = lift_read(l, a->sf, a->rn);
    ir_ref m = lift_read(l, a->sf, a->rm);
    if (invert && increment) {
        m = ir_neg(l->ir, m);
    } else if (invert) {
        m = ir_not(l->ir, m);
    } else if (increment) {
        m = ir_add(l->ir, m, lift_constant(l, a->sf, 1));
    }
    lift_write(l, a->rd, ir_select(l->ir, lift_condition(l, a->cond), n, m));
    return true;
}

A64_LIFT(csel, selection, conditional_select, false, false)
A64_LIFT(csinc, selection, conditional_select, false, true)
A64_LIFT(csinv, selection, conditional_select, true, false)
A64_LIFT(csneg, selection, conditional_select, true, true)

/* ---- three sources ---- */

static bool multiply_add(struct lifter *l, const struct a64_args_rrrr *a, a64_binary *operation)
{
    ir_ref product = ir_mul(l->ir, lift_read(l, a->sf, a->rn), lift_read(l, a->sf, a->rm));
    lift_write(l, a->rd, operation(l->ir, lift_read(l, a->sf, a->ra), product));
    return true;
}

A64_LIFT(madd, rrrr, multiply_add, ir_add)
A64_LIFT(msub, rrrr, multiply_add, ir_sub)

typedef ir_ref widening(struct ir_builder *, enum ir_type, ir_ref);

static bool multiply_add_long(struct lifter *l, const struct a64_args_rrrr *a, a64_binary *operation, widening *widen)
{
    ir_ref n = widen(l->ir, IR_I64, lift_read(l, 0, a->rn));
    ir_ref m = widen(l->ir, IR_I64, lift_read(l, 0, a->rm));
    lift_write(l, a->rd, operation(l->ir, lift_read(l, 1, a->ra), ir_mul(l->ir, n, m)));
    return true;
}

A64_LIFT(smaddl, rrrr, multiply_add_long, ir_add, ir_wide_s)
A64_LIFT(smsubl, rrrr, multiply_add_long, ir_sub, ir_wide_s)
A64_LIFT(umaddl, rrrr, multiply_add_long, ir_add, ir_wide_u)
A64_LIFT(umsubl, rrrr, multiply_add_long, ir_sub, ir_wide_u)

static bool multiply_high(struct lifter *l, const struct a64_args_rrrr *a, a64_binary *operation)
{
    lift_write(l, a->rd, operation(l->ir, lift_read(l, 1, a->rn), lift_read(l, 1, a->rm)));
    return true;
}

A64_LIFT(smulh, rrrr, multiply_high, ir_mulhs)
A64_LIFT(umulh, rrrr, multiply_high, ir_mulhu)

/* ---- flags from registers (FEAT_FlagM) ---- */

ir_ref lift_flags_of_nzcv(struct lifter *l, ir_ref nzcv)
{
    struct ir_builder *ir = l->ir;
    uint64_t value;
    if (ir_constant_value(ir, nzcv, &value)) {
        return ir_flags_from_bits(ir, ir_i32(ir, (uint32_t)((value & 12) << 12 | (value & 2) << 7 | (value & 1))));
    }
    ir_ref nz = ir_shl(ir, ir_and(ir, nzcv, ir_i32(ir, 12)), ir_i32(ir, 12));
    ir_ref c = ir_shl(ir, ir_and(ir, nzcv, ir_i32(ir, 2)), ir_i32(ir, 7));
    ir_ref v = ir_and(ir, nzcv, ir_i32(ir, 1));
    return ir_flags_from_bits(ir, ir_or(ir, ir_or(ir, nz, c), v));
}

ir_ref lift_nzcv_of_flags(struct lifter *l, ir_ref flags)
{
    struct ir_builder *ir = l->ir;
    ir_ref bits = ir_flags_to_bits(ir, flags);
    ir_ref nz = ir_and(ir, ir_shr(ir, bits, ir_i32(ir, 12)), ir_i32(ir, 12));
    ir_ref c = ir_and(ir, ir_shr(ir, bits, ir_i32(ir, 7)), ir_i32(ir, 2));
    ir_ref v = ir_and(ir, bits, ir_i32(ir, 1));
    return ir_or(ir, ir_or(ir, nz, c), v);
}

bool a64_lift_cfinv(struct lifter *l, const struct a64_args_CFINV *a)
{
    ir_ref nzcv = lift_nzcv_of_flags(l, lift_flags(l));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_xor(l->ir, nzcv, ir_i32(l->ir, 2))));
    return true;
}

/* Between Arm's flags of a floating-point comparison and the other convention (FEAT_FlagM2). */
bool a64_lift_axflag(struct lifter *l, const struct a64_args_AXFLAG *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref nzcv = lift_nzcv_of_flags(l, lift_flags(l));
    ir_ref v = ir_and(ir, nzcv, ir_i32(ir, 1));
    ir_ref z = ir_or(ir, ir_and(ir, nzcv, ir_i32(ir, 4)), ir_shl(ir, v, ir_i32(ir, 2)));
    ir_ref c = ir_andn(ir, ir_and(ir, nzcv, ir_i32(ir, 2)), ir_shl(ir, v, ir_i32(ir, 1)));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_or(ir, z, c)));
    return true;
}

bool a64_lift_xaflag(struct lifter *l, const struct a64_args_XAFLAG *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref nzcv = lift_nzcv_of_flags(l, lift_flags(l));
    ir_ref z = ir_field_u(ir, nzcv, ir_field(2, 1)), c = ir_field_u(ir, nzcv, ir_field(1, 1)), one = ir_i32(ir, 1);
    ir_ref n = ir_xor(ir, ir_or(ir, c, z), one);
    ir_ref high = ir_or(ir, ir_shl(ir, n, ir_i32(ir, 3)), ir_shl(ir, ir_and(ir, z, c), ir_i32(ir, 2)));
    ir_ref low = ir_or(ir, ir_shl(ir, ir_or(ir, c, z), one), ir_andn(ir, z, c));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_or(ir, high, low)));
    return true;
}

bool a64_lift_rmif(struct lifter *l, const struct a64_args_RMIF *a)
{
    struct ir_builder *ir = l->ir;
    uint32_t mask = (uint32_t)a->nzcv;
    ir_ref rotated = ir_rotr(ir, lift_read(l, 1, a->rn), ir_i64(ir, (uint64_t)a->amount));
    ir_ref fresh = ir_and(ir, ir_narrow(ir, IR_I32, rotated), ir_i32(ir, mask));
    ir_ref kept = ir_and(ir, lift_nzcv_of_flags(l, lift_flags(l)), ir_i32(ir, ~mask & 15));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_or(ir, fresh, kept)));
    return true;
}

/* N and Z of the low bits, V where the next higher bit differs from the sign; C stays. */
static bool evaluate_into_flags(struct lifter *l, const struct a64_args_register *a, unsigned width)
{
    struct ir_builder *ir = l->ir;
    ir_ref value = lift_read(l, 0, a->rn);
    ir_ref sign = ir_field_u(ir, value, ir_field(width - 1, 1));
    ir_ref overflow = ir_xor(ir, sign, ir_field_u(ir, value, ir_field(width, 1)));
    ir_ref zero = ir_cmp(ir, IR_EQ, ir_zext(ir, value, (uint16_t)width), ir_i32(ir, 0));
    ir_ref carry = ir_and(ir, lift_nzcv_of_flags(l, lift_flags(l)), ir_i32(ir, 2));
    ir_ref nz = ir_or(ir, ir_shl(ir, sign, ir_i32(ir, 3)), ir_shl(ir, zero, ir_i32(ir, 2)));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_or(ir, ir_or(ir, nz, carry), overflow)));
    return true;
}

A64_LIFT(setf8, register, evaluate_into_flags, 8)
A64_LIFT(setf16, register, evaluate_into_flags, 16)
