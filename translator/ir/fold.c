/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding while the IR is built: constants are computed by the interpreter's own functions, identities are rows of a
 * table.
 *
 * A row applies where the operands have the shapes that it names; the first row that gives something wins, so the most
 * specific stand first. Every row must keep the exact meaning of opcodes.def; tests/unit/ir checks all of them against
 * the interpreter on random expressions. */
#include "fold.h"
#include "interpreter.h"

#define CONSTANT IR_SHAPE_CONSTANT
#define ZERO IR_SHAPE_ZERO
#define ONE IR_SHAPE_ONE
#define ONES IR_SHAPE_ONES
#define POWER IR_SHAPE_POWER
#define SAME FOLD_SAME

#define RULES(...)                                                                                                     \
    (const struct fold_rule[])                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            .outcome = FOLD_END                                                                                        \
        }                                                                                                              \
    }
/* Rules that want a shape; rules that do not; both. */
#define SHAPED(...) .all = RULES(__VA_ARGS__)
#define PLAIN(...) .all = RULES(__VA_ARGS__), .plain = RULES(__VA_ARGS__)
#define MIXED(shaped, ...) .all = RULES(PASS shaped, __VA_ARGS__), .plain = RULES(__VA_ARGS__)
#define PASS(...) __VA_ARGS__
#define A(shape) .want = shape
#define B(shape) .want = (shape) << 8
#define C(shape) .want = (shape) << 16
#define MADE(op) .made_a = IR_OP_##op
#define MADE_B(op) .made_b = IR_OP_##op
#define DO(function) .outcome = FOLD_REWRITE, .rewrite = fold_##function
#define GIVE(what) .outcome = FOLD_##what
#define COMMUTE                                                                                                        \
    {                                                                                                                  \
        A(CONSTANT), DO(swap_operands)                                                                                 \
    }

#define ROTATE                                                                                                         \
    {MADE(shl), DO(rotation)}, {MADE_B(shl), DO(rotation)}, {MADE(field_u), DO(rotation)}, {MADE_B(field_u), DO(rotation)}
#define JOIN {MADE(sext), DO(join_extensions)}, {MADE(wide_s), DO(join_extensions)}

const struct fold_rules fold_rules[IR_OP_COUNT] = {
    [IR_OP_add] = {SHAPED(COMMUTE, {B(ZERO), GIVE(TAKE_A)}, {B(CONSTANT), MADE(add), DO(reassociate)})},
    [IR_OP_sub] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {B(SAME), GIVE(GIVE_ZERO)}, {A(ZERO), DO(negate)},
                          {B(CONSTANT), DO(subtract_constant)})},
    [IR_OP_adc] = {SHAPED({C(ZERO), DO(drop_carry)})},
    [IR_OP_mul] = {SHAPED(COMMUTE, {B(ZERO), GIVE(TAKE_B)}, {B(ONE), GIVE(TAKE_A)}, {B(POWER), DO(multiply_power)},
                          {B(CONSTANT), MADE(mul), DO(reassociate)})},
    [IR_OP_mulhu] = {SHAPED(COMMUTE, {B(ZERO), GIVE(TAKE_B)}, {B(ONE), GIVE(GIVE_ZERO)})},
    [IR_OP_mulhs] = {SHAPED(COMMUTE, {B(ZERO), GIVE(TAKE_B)})},
    [IR_OP_mulhsu] = {SHAPED({A(ZERO), GIVE(TAKE_A)}, {B(ZERO), GIVE(TAKE_B)})},
    [IR_OP_divu] = {SHAPED({B(ZERO), GIVE(GIVE_ZERO)}, {B(ONE), GIVE(TAKE_A)}, {B(POWER), DO(divide_power)})},
    [IR_OP_divs] = {SHAPED({B(ZERO), GIVE(GIVE_ZERO)}, {B(ONE), GIVE(TAKE_A)}, {B(ONES), DO(negate)})},
    [IR_OP_remu] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {B(ONE), GIVE(GIVE_ZERO)}, {B(POWER), DO(remainder_power)})},
    [IR_OP_rems] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {B(ONE), GIVE(GIVE_ZERO)}, {B(ONES), GIVE(GIVE_ZERO)})},
    [IR_OP_and] = {MIXED((COMMUTE, {B(ZERO), GIVE(TAKE_B)}, {B(ONES), GIVE(TAKE_A)}, {B(SAME), GIVE(TAKE_A)},
                          {B(CONSTANT), MADE(and), DO(reassociate)}, {B(CONSTANT), DO(and_mask)}),
                         {MADE_B(not ), DO(and_not)}, {MADE(not ), DO(not_and)}, JOIN)},
    [IR_OP_or] = {MIXED((COMMUTE, {B(ZERO), GIVE(TAKE_A)}, {B(ONES), GIVE(TAKE_B)}, {B(SAME), GIVE(TAKE_A)},
                         {B(CONSTANT), MADE(or), DO(reassociate)}),
                        ROTATE, JOIN)},
    [IR_OP_xor] = {MIXED((COMMUTE, {B(ZERO), GIVE(TAKE_A)}, {B(ONES), DO(invert)}, {B(SAME), GIVE(GIVE_ZERO)},
                          {B(CONSTANT), MADE(xor), DO(reassociate)}),
                         ROTATE, JOIN)},
    [IR_OP_andn] = {MIXED(({B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)}, {B(ONES), GIVE(GIVE_ZERO)},
                           {B(SAME), GIVE(GIVE_ZERO)}, {A(ONES), DO(andn)}, {B(CONSTANT), DO(andn)}),
                          {MADE_B(not ), DO(andn)})},
    [IR_OP_not] = {PLAIN({MADE(not ), DO(take_inner)})},
    [IR_OP_neg] = {PLAIN({MADE(neg), DO(take_inner)})},
    [IR_OP_shl] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)}, {B(CONSTANT), MADE(shl), DO(add_shifts)})},
    [IR_OP_shr] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)}, {B(CONSTANT), MADE(shr), DO(add_shifts)},
                          {B(CONSTANT), MADE(shl), DO(shift_back)})},
    [IR_OP_sar] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)}, {A(ONES), GIVE(TAKE_A)},
                          {B(CONSTANT), MADE(sar), DO(add_shifts)}, {B(CONSTANT), MADE(shl), DO(shift_back)})},
    [IR_OP_rotr] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)}, {A(ONES), GIVE(TAKE_A)},
                           {B(CONSTANT), MADE(rotr), DO(add_shifts)})},
    [IR_OP_funnel] = {SHAPED({B(SAME), DO(funnel_self)}, {A(ZERO), DO(funnel_shift)})},
    [IR_OP_sext] = {PLAIN({DO(extension)}, {MADE(sext), DO(extension_again)})},
    [IR_OP_zext] = {PLAIN({DO(extension)}, {MADE(zext), DO(extension_again)})},
    [IR_OP_wide_u] = {PLAIN({MADE(narrow), DO(wide_narrow)})},
    [IR_OP_wide_s] = {PLAIN({MADE(narrow), DO(wide_narrow)})},
    [IR_OP_narrow] = {PLAIN({MADE(wide_u), DO(take_inner)}, {MADE(wide_s), DO(take_inner)}, {DO(narrow)})},
    [IR_OP_field_u] = {PLAIN({DO(field)})},
    [IR_OP_field_s] = {PLAIN({DO(field)})},
    [IR_OP_insert] = {SHAPED({B(CONSTANT), DO(insert_constant)})},
    [IR_OP_cmp] = {SHAPED({B(SAME), DO(compare_self)}, {A(CONSTANT), DO(compare_swapped)},
                          {B(ZERO), DO(compare_zero)})},
    [IR_OP_select] = {MIXED(({A(ZERO), GIVE(TAKE_C)}, {A(CONSTANT), GIVE(TAKE_B)}), {DO(compare_self)})},
    [IR_OP_flags_adc] = {SHAPED({C(ZERO), DO(drop_carry)})},
    [IR_OP_flags_from_bits] = {PLAIN({MADE(flags_to_bits), DO(take_inner)})},
    [IR_OP_flags_to_bits] = {PLAIN({MADE(flags_from_bits), DO(flags_bits)})},
    [IR_OP_flags_test] = {PLAIN({MADE(flags_sub), DO(flags_test_sub)}, {MADE(flags_logic), DO(flags_test_logic)},
                                {MADE(flags_add), DO(flags_test_add)}, {MADE(select), DO(flags_test_select)},
                                {MADE(flags_float), DO(flags_test_float)})},
    [IR_OP_fneg] = {PLAIN({MADE(fneg), DO(take_inner_float)})},
    [IR_OP_fabs] = {PLAIN({MADE(fabs), GIVE(TAKE_A)}, {MADE(fneg), DO(on_inner)})},
    [IR_OP_bits] = {PLAIN({MADE(bits), DO(take_inner_typed)})},
    [IR_OP_nan_unbox] = {PLAIN({MADE(nan_box), DO(take_inner)})},
    [IR_OP_v_from] = {PLAIN({MADE(v_extract), DO(from_extract)})},
    [IR_OP_v_low64] = {PLAIN({MADE(v_from), GIVE(TAKE_A)}, {MADE(v_low64), GIVE(TAKE_A)},
                             {MADE(v_fnarrow), GIVE(TAKE_A)})},
    [IR_OP_v_extract] = {PLAIN({MADE(v_from), DO(extract_from)}, {MADE(v_insert), DO(extract_insert)},
                               {MADE(v_low64), DO(extract_low)})},
    [IR_OP_v_and] = {SHAPED(COMMUTE, {B(SAME), GIVE(TAKE_A)}, {B(ZERO), GIVE(TAKE_B)}, {B(ONES), GIVE(TAKE_A)})},
    [IR_OP_v_or] = {SHAPED(COMMUTE, {B(SAME), GIVE(TAKE_A)}, {B(ZERO), GIVE(TAKE_A)}, {B(ONES), GIVE(TAKE_B)})},
    [IR_OP_v_xor] = {SHAPED(COMMUTE, {B(SAME), GIVE(GIVE_ZERO)}, {B(ZERO), GIVE(TAKE_A)})},
    [IR_OP_v_andn] = {SHAPED({B(SAME), GIVE(GIVE_ZERO)}, {B(ZERO), GIVE(TAKE_A)}, {A(ZERO), GIVE(TAKE_A)},
                             {B(ONES), GIVE(GIVE_ZERO)})},
    [IR_OP_v_not] = {PLAIN({MADE(v_not), DO(take_inner)})},
    [IR_OP_v_bitselect] = {SHAPED({A(ZERO), GIVE(TAKE_C)}, {A(ONES), GIVE(TAKE_B)})},
    [IR_OP_v_add] = {SHAPED(COMMUTE, {B(ZERO), GIVE(TAKE_A)})},
    [IR_OP_v_sub] = {SHAPED({B(ZERO), GIVE(TAKE_A)}, {B(SAME), GIVE(GIVE_ZERO)})},
    [IR_OP_v_cmp_eq] = {SHAPED(COMMUTE, {B(SAME), GIVE(GIVE_ONES)})},
    [IR_OP_v_cmp_gt_u] = {SHAPED({B(SAME), GIVE(GIVE_ZERO)})},
    [IR_OP_v_cmp_gt_s] = {SHAPED({B(SAME), GIVE(GIVE_ZERO)})},
    [IR_OP_v_cmp_ge_u] = {SHAPED({B(SAME), GIVE(GIVE_ONES)}, {B(ZERO), GIVE(GIVE_ONES)})},
    [IR_OP_v_cmp_ge_s] = {SHAPED({B(SAME), GIVE(GIVE_ONES)})},
    [IR_OP_v_min_u] = {SHAPED({B(SAME), GIVE(TAKE_A)})},
    [IR_OP_v_max_u] = {SHAPED({B(SAME), GIVE(TAKE_A)})},
    [IR_OP_v_min_s] = {SHAPED({B(SAME), GIVE(TAKE_A)})},
    [IR_OP_v_max_s] = {SHAPED({B(SAME), GIVE(TAKE_A)})},
    [IR_OP_v_shuffle] = {PLAIN({DO(shuffle_identity)})},
};

static ir_ref apply(const struct fold_rule *rule, const struct fold_subject *s)
{
    struct ir_unit *unit = s->builder->unit;

    switch ((enum fold_outcome)rule->outcome) {
    case FOLD_END:
        return IR_NO_REF;
    case FOLD_REWRITE:
        return rule->rewrite(s);
    case FOLD_TAKE_A:
        return s->a;
    case FOLD_TAKE_B:
        return s->b;
    case FOLD_TAKE_C:
        return s->c;
    case FOLD_GIVE_ZERO:
        return s->type == IR_V128 ? ir_constant_v128(unit, 0, 0) : ir_constant_int(unit, s->type, 0);
    case FOLD_GIVE_ONES:
        break;
    }
    return s->type == IR_V128 ? ir_constant_v128(unit, UINT64_MAX, UINT64_MAX)
                              : ir_constant_int(unit, s->type, UINT64_MAX);
}

static __attribute__((noinline)) ir_ref compute(struct ir_builder *b, ir_head head, ir_ref x, ir_ref y, ir_ref z)
{
    struct ir_unit *unit = b->unit;
    enum ir_op op = ir_head_op(head);
    enum ir_type type = ir_head_type(head);
    const ir_ref refs[3] = {x, y, z};
    union ir_value v[3] = {0};

    if (op == IR_OP_add) {
        return ir_constant_int(unit, type, ir_constant_of(unit, x)->value.i64 + ir_constant_of(unit, y)->value.i64);
    }
    for (unsigned k = 0; k < 3; k++) {
        if (ir_operand_is_value(op, k)) {
            v[k] = ir_constant_of(unit, refs[k])->value;
        }
    }
    union ir_value result =
        ir_evaluate(op, type, ir_type_of(unit, x), ir_head_aux(head), v[0], v[1], v[2], unit->context->rules, NULL);
    return type == IR_V128 ? ir_constant_v128(unit, result.u64[0], result.u64[1])
                           : ir_constant_int(unit, type, result.i64);
}

static inline uint32_t shapes_of(const struct ir_unit *unit, ir_ref ref)
{
    return ref & IR_CONSTANT ? ir_constant_of(unit, ref)->shapes : 0;
}

static inline bool rule_applies(const struct fold_rule *rule, uint32_t have, const struct ir_unit *unit, ir_ref x,
                                ir_ref y)
{
    return (have & rule->want) == rule->want &&
           (!rule->made_a || (!(x & IR_CONSTANT) && unit->code[x].op == rule->made_a)) &&
           (!rule->made_b || (!(y & IR_CONSTANT) && unit->code[y].op == rule->made_b));
}

static inline uint32_t shapes_of_all(const struct ir_unit *unit, ir_ref x, ir_ref y, ir_ref z)
{
    uint32_t have = shapes_of(unit, x) | shapes_of(unit, y) << 8 | shapes_of(unit, z) << 16;
    return x == y ? have | FOLD_SAME << 8 : have;
}

/* From the first rule that applies on. */
static __attribute__((noinline)) ir_ref emit_folded(struct ir_builder *b, ir_head head, ir_ref x, ir_ref y, ir_ref z,
                                                    const struct fold_rule *rule)
{
    const struct fold_subject s = {b, ir_head_op(head), ir_head_type(head), ir_head_aux(head), x, y, z};
    uint32_t have = shapes_of_all(b->unit, x, y, z);
    ir_ref result = apply(rule, &s);
    while (result == IR_NO_REF && (++rule)->outcome != FOLD_END) {
        if (rule_applies(rule, have, b->unit, x, y)) {
            result = apply(rule, &s);
        }
    }
    return result != IR_NO_REF ? result : ir_append_head(b, head, x, y, z);
}

/* Mostly no rule applies. What else there is to do is left to others at the end, so that this function needs no stack.
 */
ir_ref ir_emit_head(struct ir_builder *b, ir_head head, ir_ref x, ir_ref y, ir_ref z)
{
    const struct fold_rules *rules = &fold_rules[ir_head_op(head)];
    struct ir_unit *unit = b->unit;
    const struct fold_rule *rule = rules->plain;
    uint32_t have = 0;

    if (ir_ops[ir_head_op(head)].effects != IR_PURE) {
        return ir_emit_effect(b, head, x, y, z);
    }
    if ((x | y | z) & IR_CONSTANT) {
        unsigned values = ir_value_operands[ir_head_op(head)];
        unsigned constants = x >> 31 | (y >> 31) << 1 | (z >> 31) << 2;
        if ((constants & values) == values) {
            return compute(b, head, x, y, z);
        }
        rule = rules->all;
        have = rule ? shapes_of_all(unit, x, y, z) : 0;
    } else if (x == y) {
        rule = rules->all;
        have = rule ? shapes_of_all(unit, x, y, z) : 0;
    }
    if (rule) {
        for (; rule->outcome != FOLD_END; rule++) {
            if (rule_applies(rule, have, unit, x, y)) {
                return emit_folded(b, head, x, y, z, rule);
            }
        }
    }
    return ir_append_head(b, head, x, y, z);
}
