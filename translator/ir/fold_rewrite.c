/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of fold.c do beyond taking an operand. The comment before each says what becomes of what. */
#include "fold.h"

static unsigned width_of(const struct fold_subject *s)
{
    return ir_type_bytes(s->type) * 8;
}

static ir_ref constant(const struct fold_subject *s, uint64_t value)
{
    return ir_constant_int(s->builder->unit, s->type, value);
}

static ir_ref constant_like(const struct fold_subject *s, ir_ref ref, uint64_t value)
{
    return ir_constant_int(s->builder->unit, ir_typeof(s->builder, ref), value);
}

static ir_ref truth(const struct fold_subject *s, bool value)
{
    return ir_i32(s->builder, value);
}

static uint64_t value_of(const struct fold_subject *s, ir_ref ref)
{
    return ir_constant_of(s->builder->unit, ref)->value.i64;
}

static ir_ref emit(const struct fold_subject *s, enum ir_op op, uint16_t aux, ir_ref a, ir_ref b)
{
    return ir_emit(s->builder, op, s->type, aux, a, b, 0);
}

unsigned fold_significant_bits(const struct ir_builder *b, ir_ref ref)
{
    unsigned bits = ir_type_bytes(ir_type_of(b->unit, ref)) * 8, of_a, of_b;
    const struct ir_instruction *i = fold_maker(b, ref);

    if (!i) {
        uint64_t value = ir_constant_of(b->unit, ref)->value.i64;
        return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
    }
    switch (i->op) {
    case IR_OP_cmp:
    case IR_OP_fcmp:
    case IR_OP_flags_test:
    case IR_OP_store_conditional:
        return 1;
    case IR_OP_clz:
    case IR_OP_ctz:
    case IR_OP_popcnt:
        return 7;
    case IR_OP_zext:
        return i->aux;
    case IR_OP_field_u:
        return ir_field_width(i->aux);
    case IR_OP_wide_u:
        return 32;
    case IR_OP_v_extract:
        return 8u << ir_lane(i->aux);
    case IR_OP_load:
    case IR_OP_atomic:
        return i->aux & IR_MEM_SIGNED ? bits : ir_mem_bytes(i->aux) * 8;
    case IR_OP_and: /* constants stand second */
        of_b = ir_is_constant(i->b) ? fold_significant_bits(b, i->b) : bits;
        return of_b < bits ? of_b : bits;
    case IR_OP_shr:
        if (!ir_is_constant(i->b)) {
            return bits;
        }
        of_a = bits - (unsigned)(ir_constant_of(b->unit, i->b)->value.i64 & (bits - 1));
        return of_a;
    default:
        return bits;
    }
}

/* op(c, x): op(x, c) */
ir_ref fold_swap_operands(const struct fold_subject *s)
{
    return ir_is_constant(s->b) ? IR_NO_REF : ir_emit(s->builder, s->op, s->type, s->aux, s->b, s->a, s->c);
}

/* op(op(x, c1), c2): op(x, op(c1, c2)) */
ir_ref fold_reassociate(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    return ir_is_constant(inner.b) ? emit(s, s->op, 0, inner.a, emit(s, s->op, 0, inner.b, s->b)) : IR_NO_REF;
}

/* shift(shift(x, c1), c2): one shift by their sum */
ir_ref fold_add_shifts(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    unsigned width = width_of(s);

    if (!ir_is_constant(inner.b)) {
        return IR_NO_REF;
    }
    unsigned sum = (unsigned)(value_of(s, inner.b) & (width - 1)) + (unsigned)(value_of(s, s->b) & (width - 1));
    if (sum >= width && s->op != IR_OP_rotr) {
        if (s->op != IR_OP_sar) {
            return constant(s, 0);
        }
        sum = width - 1;
    }
    return emit(s, s->op, 0, inner.a, constant(s, sum));
}

/* shift right(x << c1, c2): a field of x, or one of 32 bits from bit 0 shifted left */
ir_ref fold_shift_back(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    unsigned width = width_of(s);
    bool is_signed = s->op == IR_OP_sar;

    if (!ir_is_constant(inner.b)) {
        return IR_NO_REF;
    }
    unsigned left = value_of(s, inner.b) & (width - 1), right = value_of(s, s->b) & (width - 1);
    if (right >= left) {
        return emit(s, is_signed ? IR_OP_field_s : IR_OP_field_u, ir_field(right - left, width - right), inner.a, 0);
    }
    if (width != 64 || left != 32) {
        return IR_NO_REF;
    }
    ir_ref low = emit(s, is_signed ? IR_OP_sext : IR_OP_zext, 32, inner.a, 0);
    return emit(s, IR_OP_shl, 0, low, constant(s, left - right));
}

/* x - c: x + -c */
ir_ref fold_subtract_constant(const struct fold_subject *s)
{
    return emit(s, IR_OP_add, 0, s->a, constant(s, 0 - value_of(s, s->b)));
}

/* 0 - x, x / -1: -x */
ir_ref fold_negate(const struct fold_subject *s)
{
    return emit(s, IR_OP_neg, 0, s->op == IR_OP_sub ? s->b : s->a, 0);
}

/* x ^ ones: ~x */
ir_ref fold_invert(const struct fold_subject *s)
{
    return emit(s, IR_OP_not, 0, s->a, 0);
}

static unsigned log_of(const struct fold_subject *s)
{
    return (unsigned)__builtin_ctzll(value_of(s, s->b));
}

ir_ref fold_multiply_power(const struct fold_subject *s)
{
    return emit(s, IR_OP_shl, 0, s->a, constant(s, log_of(s)));
}

ir_ref fold_divide_power(const struct fold_subject *s)
{
    return emit(s, IR_OP_shr, 0, s->a, constant(s, log_of(s)));
}

ir_ref fold_remainder_power(const struct fold_subject *s)
{
    return emit(s, IR_OP_and, 0, s->a, constant(s, value_of(s, s->b) - 1));
}

/* x & mask: x if nothing else can be set; an extension for 8, 16 and 32 bits */
ir_ref fold_and_mask(const struct fold_subject *s)
{
    uint64_t mask = value_of(s, s->b);
    unsigned significant = fold_significant_bits(s->builder, s->a);
    uint64_t possible = significant ? UINT64_MAX >> (64 - significant) : 0;

    if ((possible & ~mask) == 0) {
        return s->a;
    }
    if (mask <= UINT32_MAX && s->type == IR_I64) {
        ir_ref low = ir_low_word(s->builder, s->a);
        if (low != s->a) {
            return emit(s, IR_OP_and, 0, low, s->b);
        }
    }
    if (mask == UINT8_MAX || mask == UINT16_MAX || mask == UINT32_MAX) {
        return emit(s, IR_OP_zext, (uint16_t)(64 - __builtin_clzll(mask)), s->a, 0);
    }
    return IR_NO_REF;
}

/* x & ~y: andn(x, y) */
ir_ref fold_and_not(const struct fold_subject *s)
{
    return emit(s, IR_OP_andn, 0, s->a, fold_maker(s->builder, s->b)->a);
}

ir_ref fold_not_and(const struct fold_subject *s)
{
    return ir_is_constant(s->b) ? IR_NO_REF : emit(s, IR_OP_andn, 0, s->b, fold_maker(s->builder, s->a)->a);
}

/* andn with a constant or an inverted operand needs no andn */
ir_ref fold_andn(const struct fold_subject *s)
{
    if (ir_is_constant(s->b)) {
        return emit(s, IR_OP_and, 0, s->a, constant(s, ~value_of(s, s->b)));
    }
    const struct ir_instruction *maker = fold_maker(s->builder, s->b);
    if (maker->op == IR_OP_not) {
        return emit(s, IR_OP_and, 0, s->a, maker->a);
    }
    return emit(s, IR_OP_not, 0, s->b, 0); /* a is all ones */
}

/* All bits from bit width - 1 up are the same; depth: of operands looked at. */
static bool is_sign_extended(const struct ir_builder *b, ir_ref ref, unsigned width, unsigned depth)
{
    const struct ir_instruction *i = fold_maker(b, ref);
    if (!i) {
        int64_t value = ir_constant_of(b->unit, ref)->value.i64, shifted = value >> (width - 1);
        return shifted == 0 || shifted == -1;
    }
    switch (i->op) {
    case IR_OP_load:
        return (i->aux & IR_MEM_SIGNED) && ir_mem_bytes(i->aux) * 8 <= width;
    case IR_OP_sext:
        return i->aux <= width;
    case IR_OP_field_s:
        return ir_field_width(i->aux) <= width;
    case IR_OP_wide_s:
        return width >= 32;
    case IR_OP_and:
    case IR_OP_or:
    case IR_OP_xor:
    case IR_OP_andn:
        return depth && is_sign_extended(b, i->a, width, depth - 1) && is_sign_extended(b, i->b, width, depth - 1);
    case IR_OP_not:
        return depth && is_sign_extended(b, i->a, width, depth - 1);
    default:
        return fold_significant_bits(b, ref) < width;
    }
}

/* An extension of what is extended already: the value itself. */
ir_ref fold_extension(const struct fold_subject *s)
{
    unsigned significant = fold_significant_bits(s->builder, s->a);

    if (significant < s->aux || (significant == s->aux && s->op == IR_OP_zext)) {
        return s->a;
    }
    return s->op == IR_OP_sext && is_sign_extended(s->builder, s->a, s->aux, 2) ? s->a : IR_NO_REF;
}

/* ext(ext(x, w1), w2) of one kind: the narrower */
ir_ref fold_extension_again(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    return emit(s, s->op, inner.aux < s->aux ? inner.aux : s->aux, inner.a, 0);
}

/* A field at either end of the value: a shift or an extension. */
ir_ref fold_field(const struct fold_subject *s)
{
    unsigned lsb = ir_field_lsb(s->aux), field = ir_field_width(s->aux), width = width_of(s);
    bool is_signed = s->op == IR_OP_field_s;

    if (lsb + field == width) {
        return emit(s, is_signed ? IR_OP_sar : IR_OP_shr, 0, s->a, constant(s, lsb));
    }
    if (lsb == 0 && (field == 8 || field == 16 || field == 32)) {
        return emit(s, is_signed ? IR_OP_sext : IR_OP_zext, (uint16_t)field, s->a, 0);
    }
    return IR_NO_REF;
}

/* The low 32 bits of the value in any 64 that have them without work. */
ir_ref ir_low_word(struct ir_builder *b, ir_ref ref)
{
    const struct ir_instruction *i = fold_maker(b, ref);
    if (!i || i->type != IR_I64) {
        return ref;
    }
    if ((i->op == IR_OP_sext || i->op == IR_OP_zext) && i->aux == 32) {
        return i->a;
    }
    return i->op == IR_OP_wide_s ? ir_wide_u(b, IR_I64, i->a) : ref;
}

static bool is_extended_word(const struct ir_builder *b, ir_ref ref)
{
    const struct ir_instruction *i = fold_maker(b, ref);
    return i && (i->op == IR_OP_wide_s || (i->op == IR_OP_sext && i->aux == 32));
}

/* op(sext x, sext y), from 32 bits: sext op(x, y) */
ir_ref fold_join_extensions(const struct fold_subject *s)
{
    if (s->type != IR_I64 || !is_extended_word(s->builder, s->a) || !is_extended_word(s->builder, s->b)) {
        return IR_NO_REF;
    }
    ir_ref low = emit(s, s->op, 0, ir_low_word(s->builder, s->a), ir_low_word(s->builder, s->b));
    return emit(s, IR_OP_sext, 32, low, 0);
}

static bool is_shift_by(const struct ir_builder *b, const struct ir_instruction *i, enum ir_op op, unsigned count)
{
    unsigned width = ir_type_bytes(i->type) * 8;
    return i->op == op && ir_is_constant(i->b) && (ir_constant_of(b->unit, i->b)->value.i64 & (width - 1)) == count;
}

/* shl(x, width - n) with shr(x, n): rotr(x, n) */
static ir_ref rotate_whole(const struct fold_subject *s, const struct ir_instruction *left,
                           const struct ir_instruction *right)
{
    if (left->op != IR_OP_shl || right->op != IR_OP_shr || left->a != right->a || !ir_is_constant(right->b)) {
        return IR_NO_REF;
    }
    ir_ref x = right->a, count = right->b;
    unsigned n = value_of(s, count) & (width_of(s) - 1);
    return n && is_shift_by(s->builder, left, IR_OP_shl, width_of(s) - n) ? emit(s, IR_OP_rotr, 0, x, count)
                                                                           : IR_NO_REF;
}

/* The same on 32 bits of 64: sext(shl(x, 32 - n)) with the field of x from bit n to 31. */
static ir_ref rotate_word(const struct fold_subject *s, const struct ir_instruction *left,
                          const struct ir_instruction *right)
{
    unsigned n = ir_field_lsb(right->aux);
    if (s->type != IR_I64 || left->op != IR_OP_sext || left->aux != 32 || right->op != IR_OP_field_u || n == 0 ||
        n + ir_field_width(right->aux) != 32) {
        return IR_NO_REF;
    }
    const struct ir_instruction *shift = fold_maker(s->builder, left->a);
    if (!shift || !is_shift_by(s->builder, shift, IR_OP_shl, 32 - n) || shift->a != right->a) {
        return IR_NO_REF;
    }
    ir_ref word = ir_narrow(s->builder, IR_I32, right->a);
    ir_ref rotated = ir_rotr(s->builder, word, ir_i32(s->builder, n));
    return ir_wide_s(s->builder, IR_I64, rotated);
}

ir_ref fold_rotation(const struct fold_subject *s)
{
    if (ir_is_constant(s->a) || ir_is_constant(s->b)) {
        return IR_NO_REF;
    }
    struct ir_instruction a = *fold_maker(s->builder, s->a), b = *fold_maker(s->builder, s->b);
    ir_ref result = rotate_whole(s, &a, &b);
    result = result == IR_NO_REF ? rotate_whole(s, &b, &a) : result;
    result = result == IR_NO_REF ? rotate_word(s, &a, &b) : result;
    return result == IR_NO_REF ? rotate_word(s, &b, &a) : result;
}

/* narrow(ext(x, 32)): narrow(x) */
ir_ref fold_narrow(const struct fold_subject *s)
{
    const struct ir_instruction *i = fold_maker(s->builder, s->a);
    if (i && (i->op == IR_OP_zext || i->op == IR_OP_sext) && i->aux == 32) {
        return emit(s, IR_OP_narrow, 0, i->a, 0);
    }
    return IR_NO_REF;
}

/* wide_x(narrow(y)): the extension of y from 32 bits */
ir_ref fold_wide_narrow(const struct fold_subject *s)
{
    ir_ref inner = fold_maker(s->builder, s->a)->a;
    return emit(s, s->op == IR_OP_wide_u ? IR_OP_zext : IR_OP_sext, 32, inner, 0);
}

/* x cond x; and select with equal values */
ir_ref fold_compare_self(const struct fold_subject *s)
{
    if (s->op == IR_OP_select) {
        return s->b == s->c ? s->b : IR_NO_REF;
    }
    switch ((enum ir_cond)s->aux) {
    case IR_EQ:
    case IR_GEU:
    case IR_LEU:
    case IR_GES:
    case IR_LES:
        return truth(s, true);
    default:
        return truth(s, false);
    }
}

/* c cond x: x cond' c */
ir_ref fold_compare_swapped(const struct fold_subject *s)
{
    static const uint8_t swapped[IR_COND_COUNT] = {
        [IR_EQ] = IR_EQ,   [IR_NE] = IR_NE,   [IR_LTU] = IR_GTU, [IR_GEU] = IR_LEU, [IR_LEU] = IR_GEU,
        [IR_GTU] = IR_LTU, [IR_LTS] = IR_GTS, [IR_GES] = IR_LES, [IR_LES] = IR_GES, [IR_GTS] = IR_LTS,
    };
    return ir_cmp(s->builder, (enum ir_cond)swapped[s->aux], s->b, s->a);
}

/* A truth compared with zero: itself or its inverse. */
static ir_ref compare_truth(const struct fold_subject *s, const struct ir_instruction *i)
{
    if (!i || i->type != IR_I32) {
        return IR_NO_REF;
    }
    if (s->aux == IR_NE) {
        return fold_significant_bits(s->builder, s->a) <= 1 ? s->a : IR_NO_REF;
    }
    if (i->op == IR_OP_cmp) {
        return ir_cmp(s->builder, (enum ir_cond)(i->aux ^ 1), i->a, i->b);
    }
    return i->op == IR_OP_flags_test ? ir_flags_test(s->builder, i->a, (enum ir_flag_cond)(i->aux ^ 1)) : IR_NO_REF;
}

/* Comparison with zero: unsigned, or of a truth. */
ir_ref fold_compare_zero(const struct fold_subject *s)
{
    switch ((enum ir_cond)s->aux) {
    case IR_LTU:
        return truth(s, false);
    case IR_GEU:
        return truth(s, true);
    case IR_LEU:
        return ir_cmp(s->builder, IR_EQ, s->a, s->b);
    case IR_GTU:
        return ir_cmp(s->builder, IR_NE, s->a, s->b);
    case IR_EQ:
    case IR_NE:
        return compare_truth(s, fold_maker(s->builder, s->a));
    default:
        return IR_NO_REF;
    }
}
/* ---- flags ---- */

enum { NO_CONDITION = IR_COND_COUNT };

/* op(x, y) made shortly before in this block, or IR_NO_REF: what computes flags usually computes the result too. */
static ir_ref find_made(const struct fold_subject *s, enum ir_op op, ir_ref x, ir_ref y)
{
    enum { FAR_ENOUGH = 32 };
    const struct ir_unit *unit = s->builder->unit;
    uint32_t first = unit->blocks[s->builder->block].first;
    uint32_t stop = unit->count - first > FAR_ENOUGH ? unit->count - FAR_ENOUGH : first;

    for (uint32_t k = unit->count; k > stop; k--) {
        const struct ir_instruction *i = &unit->code[k - 1];
        if (i->op == op && i->a == x && i->b == y) {
            return k - 1;
        }
    }
    return IR_NO_REF;
}

/* a - b or a + b: the one that was made, or a new one. */
static ir_ref sum_of(const struct fold_subject *s, enum ir_op op, ir_ref a, ir_ref b)
{
    if (op == IR_OP_sub && ir_is_constant(b)) {
        op = IR_OP_add;
        b = constant_like(s, b, -value_of(s, b));
    }
    ir_ref made = find_made(s, op, a, b);
    return made != IR_NO_REF ? made : ir_emit(s->builder, op, ir_typeof(s->builder, a), 0, a, b, 0);
}

/* A condition on the flags of a - b as a comparison of a with b. */
ir_ref fold_flags_test_sub(const struct fold_subject *s)
{
    static const uint8_t as_cond[IR_FLAG_COND_COUNT] = {
        [IR_FLAG_EQ] = IR_EQ,        [IR_FLAG_NE] = IR_NE,        [IR_FLAG_CS] = IR_GEU,
        [IR_FLAG_CC] = IR_LTU,       [IR_FLAG_MI] = NO_CONDITION, [IR_FLAG_PL] = NO_CONDITION,
        [IR_FLAG_VS] = NO_CONDITION, [IR_FLAG_VC] = NO_CONDITION, [IR_FLAG_HI] = IR_GTU,
        [IR_FLAG_LS] = IR_LEU,       [IR_FLAG_GE] = IR_GES,       [IR_FLAG_LT] = IR_LTS,
        [IR_FLAG_GT] = IR_GTS,       [IR_FLAG_LE] = IR_LES,
    };
    struct ir_instruction flags = *fold_maker(s->builder, s->a);
    unsigned condition = as_cond[s->aux];

    if (condition != NO_CONDITION) {
        return ir_cmp(s->builder, (enum ir_cond)condition, flags.a, flags.b);
    }
    if (s->aux == IR_FLAG_MI || s->aux == IR_FLAG_PL) {
        ir_ref difference = sum_of(s, IR_OP_sub, flags.a, flags.b);
        return ir_cmp(s->builder, s->aux == IR_FLAG_MI ? IR_LTS : IR_GES, difference, constant_like(s, flags.a, 0));
    }
    return IR_NO_REF;
}

/* C and V are clear: the rest is a comparison with zero. */
ir_ref fold_flags_test_logic(const struct fold_subject *s)
{
    static const uint8_t as_cond[IR_FLAG_COND_COUNT] = {
        [IR_FLAG_EQ] = IR_EQ,        [IR_FLAG_NE] = IR_NE,        [IR_FLAG_CS] = NO_CONDITION,
        [IR_FLAG_CC] = NO_CONDITION, [IR_FLAG_MI] = IR_LTS,       [IR_FLAG_PL] = IR_GES,
        [IR_FLAG_VS] = NO_CONDITION, [IR_FLAG_VC] = NO_CONDITION, [IR_FLAG_HI] = NO_CONDITION,
        [IR_FLAG_LS] = NO_CONDITION, [IR_FLAG_GE] = IR_GES,       [IR_FLAG_LT] = IR_LTS,
        [IR_FLAG_GT] = IR_GTS,       [IR_FLAG_LE] = IR_LES,
    };
    struct ir_instruction flags = *fold_maker(s->builder, s->a);
    unsigned condition = as_cond[s->aux];

    if (condition == NO_CONDITION) { /* CS, VS and HI are false */
        return truth(s, s->aux & 1);
    }
    return ir_cmp(s->builder, (enum ir_cond)condition, flags.a, constant_like(s, flags.a, 0));
}

/* Z and N of a sum are those of its value; its carry is "the sum is below an addend". */
ir_ref fold_flags_test_add(const struct fold_subject *s)
{
    struct ir_builder *b = s->builder;
    struct ir_instruction flags = *fold_maker(b, s->a);
    static const uint8_t as_cond[] = {
        [IR_FLAG_EQ] = IR_EQ,  [IR_FLAG_NE] = IR_NE,  [IR_FLAG_CS] = IR_LTU,
        [IR_FLAG_CC] = IR_GEU, [IR_FLAG_MI] = IR_LTS, [IR_FLAG_PL] = IR_GES,
    };
    if (s->aux > IR_FLAG_PL) {
        return IR_NO_REF;
    }
    ir_ref sum = sum_of(s, IR_OP_add, flags.a, flags.b);
    bool carry = s->aux == IR_FLAG_CS || s->aux == IR_FLAG_CC;
    return ir_cmp(b, (enum ir_cond)as_cond[s->aux], sum, carry ? flags.a : constant_like(s, flags.a, 0));
}

/* Of flags that are computed under a condition and constant otherwise: the condition and the test, or its inverse or
 * the test. */
ir_ref fold_flags_test_select(const struct fold_subject *s)
{
    struct ir_builder *b = s->builder;
    struct ir_instruction choice = *fold_maker(b, s->a);
    uint64_t otherwise;
    if (fold_significant_bits(b, choice.a) > 1 || !ir_is_constant(choice.c) || ir_is_constant(choice.b) ||
        !ir_constant_value(b, ir_flags_test(b, choice.c, (enum ir_flag_cond)s->aux), &otherwise)) {
        return IR_NO_REF;
    }
    ir_ref test = ir_flags_test(b, choice.b, (enum ir_flag_cond)s->aux);
    return otherwise ? ir_or(b, ir_cmp(b, IR_EQ, choice.a, truth(s, false)), test) : ir_and(b, choice.a, test);
}

/* Whether the float status was only added to since the instruction, in this block: then a comparison made again raises
 * nothing new. */
static bool is_status_kept_since(const struct fold_subject *s, ir_ref made)
{
    enum { FAR_ENOUGH = 32 };
    const struct ir_unit *unit = s->builder->unit;
    if (made < unit->blocks[s->builder->block].first || unit->count - made > FAR_ENOUGH) {
        return false;
    }
    for (uint32_t k = made + 1; k < unit->count; k++) {
        enum ir_op op = (enum ir_op)unit->code[k].op;
        if (op == IR_OP_call || op == IR_OP_fenv_read || op == IR_OP_fenv_write) {
            return false;
        }
    }
    return true;
}

/* A condition on the flags of a comparison of floats as that comparison. */
ir_ref fold_flags_test_float(const struct fold_subject *s)
{
    static const uint8_t as_cond[IR_FLAG_COND_COUNT / 2] = {
        [IR_FLAG_EQ / 2] = IR_FEQ, [IR_FLAG_CC / 2] = IR_FLT, [IR_FLAG_MI / 2] = IR_FLT, [IR_FLAG_VS / 2] = IR_FUN,
        [IR_FLAG_LS / 2] = IR_FLE, [IR_FLAG_GE / 2] = IR_FGE, [IR_FLAG_GT / 2] = IR_FGT,
    };
    struct ir_instruction flags = *fold_maker(s->builder, s->a);
    /* CS and HI hold for unordered operands, their inverses are comparisons. */
    bool inverse = (s->aux & 1) != (s->aux / 2 == IR_FLAG_CS / 2 || s->aux / 2 == IR_FLAG_HI / 2);

    if (!is_status_kept_since(s, s->a)) {
        return IR_NO_REF;
    }
    unsigned condition = as_cond[s->aux / 2] | (flags.aux ? IR_FCOND_SIGNALING : 0);
    ir_ref holds = ir_fcmp(s->builder, (uint16_t)condition, flags.a, flags.b);
    return inverse ? ir_cmp(s->builder, IR_EQ, holds, constant(s, 0)) : holds;
}

/* to_bits(from_bits(x)): x & flags */
ir_ref fold_flags_bits(const struct fold_subject *s)
{
    ir_ref inner = fold_maker(s->builder, s->a)->a;
    return emit(s, IR_OP_and, 0, inner, constant(s, IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V));
}

/* adc(x, y, 0): add(x, y) */
ir_ref fold_drop_carry(const struct fold_subject *s)
{
    return emit(s, s->op == IR_OP_adc ? IR_OP_add : IR_OP_flags_add, 0, s->a, s->b);
}

/* ---- of one operand ---- */

/* op(op'(x)): x */
ir_ref fold_take_inner(const struct fold_subject *s)
{
    return fold_maker(s->builder, s->a)->a;
}

/* The same where the types may differ. */
ir_ref fold_take_inner_typed(const struct fold_subject *s)
{
    ir_ref inner = fold_maker(s->builder, s->a)->a;
    return ir_typeof(s->builder, inner) == s->type ? inner : IR_NO_REF;
}

/* Of f16 in an i32 the inner operand may have bits above. */
ir_ref fold_take_inner_float(const struct fold_subject *s)
{
    return s->type == IR_I32 ? IR_NO_REF : fold_maker(s->builder, s->a)->a;
}

/* op(op'(x)): op(x) */
ir_ref fold_on_inner(const struct fold_subject *s)
{
    return emit(s, s->op, s->aux, fold_maker(s->builder, s->a)->a, 0);
}

/* insert(x, c): (x & ~mask) | c */
ir_ref fold_insert_constant(const struct fold_subject *s)
{
    unsigned lsb = ir_field_lsb(s->aux);
    uint64_t mask = UINT64_MAX >> (64 - ir_field_width(s->aux)) << lsb;
    ir_ref kept = emit(s, IR_OP_and, 0, s->a, constant(s, ~mask));
    return emit(s, IR_OP_or, 0, kept, constant(s, value_of(s, s->b) << lsb & mask));
}

/* funnel(x, x): a rotation */
ir_ref fold_funnel_self(const struct fold_subject *s)
{
    return emit(s, IR_OP_rotr, 0, s->a, constant(s, s->aux));
}

/* funnel(0, x): a shift */
ir_ref fold_funnel_shift(const struct fold_subject *s)
{
    return emit(s, IR_OP_shr, 0, s->b, constant(s, s->aux));
}

/* ---- vectors ---- */

/* A scalar as the result of an extraction, if it has the size of a whole lane. */
static ir_ref scalar_as(const struct fold_subject *s, ir_ref scalar)
{
    enum ir_type type = ir_typeof(s->builder, scalar);
    if (ir_type_bytes(type) != 1u << ir_lane(s->aux) || ir_type_bytes(s->type) != ir_type_bytes(type)) {
        return IR_NO_REF;
    }
    return type == s->type ? scalar : emit(s, IR_OP_bits, 0, scalar, 0);
}

/* extract(from(x), 0): x; zero above it */
ir_ref fold_extract_from(const struct fold_subject *s)
{
    ir_ref scalar = fold_maker(s->builder, s->a)->a;
    unsigned place = ir_index(s->aux) << ir_lane(s->aux);

    if (place >= ir_type_bytes(ir_typeof(s->builder, scalar))) {
        return constant(s, 0);
    }
    return ir_index(s->aux) == 0 ? scalar_as(s, scalar) : IR_NO_REF;
}

/* extract(insert(v, x, i), j): x if i == j, else extract(v, j) */
ir_ref fold_extract_insert(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    if (ir_lane(inner.aux) != ir_lane(s->aux)) {
        return IR_NO_REF;
    }
    return ir_index(inner.aux) == ir_index(s->aux) ? scalar_as(s, inner.b) : emit(s, s->op, s->aux, inner.a, 0);
}

/* extract(low64(v), j): extract(v, j) in the lower half, zero in the upper */
ir_ref fold_extract_low(const struct fold_subject *s)
{
    bool upper = ir_index(s->aux) << ir_lane(s->aux) >= 8;
    return upper ? constant(s, 0) : emit(s, s->op, s->aux, fold_maker(s->builder, s->a)->a, 0);
}

/* from(extract(v, lower 64 bits)): low64(v) */
ir_ref fold_from_extract(const struct fold_subject *s)
{
    struct ir_instruction inner = *fold_maker(s->builder, s->a);
    return inner.aux == ir_lane_index(3, 0) ? emit(s, IR_OP_v_low64, 0, inner.a, 0) : IR_NO_REF;
}

/* shuffle by 0, 1, 2 ... 15: a; by 16 ... 31: b */
ir_ref fold_shuffle_identity(const struct fold_subject *s)
{
    const union ir_value *control = &ir_constant_of(s->builder->unit, s->c)->value;
    for (unsigned i = 1; i < 16; i++) {
        if (control->u8[i] != control->u8[0] + i) {
            return IR_NO_REF;
        }
    }
    return control->u8[0] == 0 ? s->a : control->u8[0] == 16 ? s->b : IR_NO_REF;
}
