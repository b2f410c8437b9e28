/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between fold.c (when a rule applies) and fold_rewrite.c (what it does). */
#ifndef IR_FOLD_H
#define IR_FOLD_H

#include "builder.h"

/* An operation about to be emitted. */
struct fold_subject {
    struct ir_builder *builder;
    enum ir_op op;
    enum ir_type type;
    uint16_t aux;
    ir_ref a, b, c;
};

/* The value that replaces the operation, or IR_NO_REF where the rule does not apply after all. */
typedef ir_ref fold_rewrite(const struct fold_subject *);

/* The shapes of three operands, or what a rule wants of them: enum ir_shape bits of a, of b eight bits up, of c sixteen up; and
   whether b is the same value as a. */
enum { FOLD_SAME = 32 };

enum fold_outcome { FOLD_END, FOLD_REWRITE, FOLD_TAKE_A, FOLD_TAKE_B, FOLD_TAKE_C, FOLD_GIVE_ZERO, FOLD_GIVE_ONES };

struct fold_rule {
    uint32_t want;
    uint8_t made_a; /* the operation that made a; 0 (read, which no rule needs) = any */
    uint8_t made_b;
    uint8_t outcome; /* enum fold_outcome; the row of zeros that ends a list applies to everything */
    fold_rewrite *rewrite;
};

/* The rules of an operation: all of them, and those for operands of any shape, which stand last. NULL: there are none. */
struct fold_rules {
    const struct fold_rule *all, *plain;
};
extern const struct fold_rules fold_rules[IR_OP_COUNT];

/* The instruction that made a value; NULL for constants. */
static inline const struct ir_instruction *fold_maker(const struct ir_builder *b, ir_ref ref)
{
    return ir_is_constant(ref) ? NULL : &b->unit->code[ref];
}

/* Upper bound on the bits of an integer that may be one: all from there up are zero. */
unsigned fold_significant_bits(const struct ir_builder *b, ir_ref ref);

fold_rewrite fold_swap_operands, fold_reassociate, fold_add_shifts, fold_subtract_constant, fold_negate, fold_invert,
    fold_multiply_power, fold_divide_power, fold_remainder_power, fold_and_mask, fold_and_not, fold_not_and,
    fold_andn,
    fold_extension, fold_extension_again, fold_field, fold_narrow, fold_wide_narrow, fold_compare_self,
    fold_compare_swapped, fold_compare_zero, fold_flags_test_sub, fold_flags_test_logic, fold_flags_test_add,
    fold_flags_test_select, fold_flags_test_float, fold_drop_carry, fold_take_inner, fold_take_inner_float,
    fold_take_inner_typed, fold_on_inner, fold_flags_bits, fold_insert_constant, fold_funnel_self, fold_funnel_shift,
    fold_extract_from, fold_extract_insert, fold_extract_low, fold_from_extract, fold_shuffle_identity,
    fold_join_extensions, fold_rotation, fold_shift_back;

#endif
