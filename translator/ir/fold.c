/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding while the IR is built: constants are computed by the interpreter's own functions, identities are rows of a
 * table.
 *
 * A row applies where the operands have the shapes that it names; the first row that gives something wins, so the most
 * specific stand first. Every row must keep the exact meaning of opcodes.def; tests/unit/ir checks all of them against
 * the interpreter on random expressions. */
#include "fold.h"
#include "interpreter.h"

enum shape {
    ANY,
    CONSTANT,
    ZERO, /* of any type, vectors included */
    ONE,
    ONES,  /* all bits of the type */
    POWER, /* a power of two */
    SAME,  /* b: the same value as a */
};

enum outcome { REWRITE, TAKE_A, TAKE_B, TAKE_C, GIVE_ZERO, GIVE_ONES };

struct rule {
    uint8_t a, b, c; /* enum shape */
    uint8_t made_a;  /* the operation that made a; 0 (read, which no rule needs) = any */
    uint8_t made_b;
    uint8_t outcome; /* enum outcome */
    bool last;       /* of its operation's rows */
    fold_rewrite *rewrite;
};

#define RULES(...)                                                                                                     \
    (const struct rule[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            .last = true                                                                                               \
        }                                                                                                              \
    }
#define MADE(op) .made_a = IR_OP_##op
#define MADE_B(op) .made_b = IR_OP_##op
#define DO(function) .rewrite = fold_##function
#define COMMUTE                                                                                                        \
    {                                                                                                                  \
        .a = CONSTANT, DO(swap_operands)                                                                               \
    }

static const struct rule *const rules[IR_OP_COUNT] = {
    [IR_OP_add] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_A}, {.b = CONSTANT, MADE(add), DO(reassociate)}),
    [IR_OP_sub] = RULES({.b = ZERO, .outcome = TAKE_A}, {.b = SAME, .outcome = GIVE_ZERO}, {.a = ZERO, DO(negate)},
                        {.b = CONSTANT, DO(subtract_constant)}),
    [IR_OP_adc] = RULES({.c = ZERO, DO(drop_carry)}),
    [IR_OP_mul] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_B}, {.b = ONE, .outcome = TAKE_A},
                        {.b = POWER, DO(multiply_power)}, {.b = CONSTANT, MADE(mul), DO(reassociate)}),
    [IR_OP_mulhu] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_B}, {.b = ONE, .outcome = GIVE_ZERO}),
    [IR_OP_mulhs] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_B}),
    [IR_OP_mulhsu] = RULES({.a = ZERO, .outcome = TAKE_A}, {.b = ZERO, .outcome = TAKE_B}),
    [IR_OP_divu] =
        RULES({.b = ZERO, .outcome = GIVE_ZERO}, {.b = ONE, .outcome = TAKE_A}, {.b = POWER, DO(divide_power)}),
    [IR_OP_divs] = RULES({.b = ZERO, .outcome = GIVE_ZERO}, {.b = ONE, .outcome = TAKE_A}, {.b = ONES, DO(negate)}),
    [IR_OP_remu] =
        RULES({.b = ZERO, .outcome = TAKE_A}, {.b = ONE, .outcome = GIVE_ZERO}, {.b = POWER, DO(remainder_power)}),
    [IR_OP_rems] =
        RULES({.b = ZERO, .outcome = TAKE_A}, {.b = ONE, .outcome = GIVE_ZERO}, {.b = ONES, .outcome = GIVE_ZERO}),
    [IR_OP_and] =
        RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_B}, {.b = ONES, .outcome = TAKE_A}, {.b = SAME, .outcome = TAKE_A},
              {.b = CONSTANT, MADE(and), DO(reassociate)}, {.b = CONSTANT, DO(and_mask)}, {MADE_B(not ), DO(and_not)}),
    [IR_OP_or] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_A}, {.b = ONES, .outcome = TAKE_B},
                       {.b = SAME, .outcome = TAKE_A}, {.b = CONSTANT, MADE(or), DO(reassociate)}),
    [IR_OP_xor] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_A}, {.b = ONES, DO(invert)},
                        {.b = SAME, .outcome = GIVE_ZERO}, {.b = CONSTANT, MADE(xor), DO(reassociate)}),
    [IR_OP_andn] = RULES({.b = ZERO, .outcome = TAKE_A}, {.a = ZERO, .outcome = TAKE_A},
                         {.b = ONES, .outcome = GIVE_ZERO}, {.b = SAME, .outcome = GIVE_ZERO}, {.a = ONES, DO(andn)},
                         {.b = CONSTANT, DO(andn)}, {MADE_B(not ), DO(andn)}),
    [IR_OP_not] = RULES({MADE(not ), DO(take_inner)}),
    [IR_OP_neg] = RULES({MADE(neg), DO(take_inner)}),
    [IR_OP_shl] = RULES({.b = ZERO, .outcome = TAKE_A}, {.a = ZERO, .outcome = TAKE_A},
                        {.b = CONSTANT, MADE(shl), DO(add_shifts)}),
    [IR_OP_shr] = RULES({.b = ZERO, .outcome = TAKE_A}, {.a = ZERO, .outcome = TAKE_A},
                        {.b = CONSTANT, MADE(shr), DO(add_shifts)}),
    [IR_OP_sar] = RULES({.b = ZERO, .outcome = TAKE_A}, {.a = ZERO, .outcome = TAKE_A}, {.a = ONES, .outcome = TAKE_A},
                        {.b = CONSTANT, MADE(sar), DO(add_shifts)}),
    [IR_OP_rotr] = RULES({.b = ZERO, .outcome = TAKE_A}, {.a = ZERO, .outcome = TAKE_A}, {.a = ONES, .outcome = TAKE_A},
                         {.b = CONSTANT, MADE(rotr), DO(add_shifts)}),
    [IR_OP_funnel] = RULES({.b = SAME, DO(funnel_self)}, {.a = ZERO, DO(funnel_shift)}),
    [IR_OP_sext] = RULES({DO(extension)}, {MADE(sext), DO(extension_again)}),
    [IR_OP_zext] = RULES({DO(extension)}, {MADE(zext), DO(extension_again)}),
    [IR_OP_wide_u] = RULES({MADE(narrow), DO(wide_narrow)}),
    [IR_OP_wide_s] = RULES({MADE(narrow), DO(wide_narrow)}),
    [IR_OP_narrow] = RULES({MADE(wide_u), DO(take_inner)}, {MADE(wide_s), DO(take_inner)}, {DO(narrow)}),
    [IR_OP_field_u] = RULES({DO(field)}),
    [IR_OP_field_s] = RULES({DO(field)}),
    [IR_OP_insert] = RULES({.b = CONSTANT, DO(insert_constant)}),
    [IR_OP_cmp] = RULES({.b = SAME, DO(compare_self)}, {.a = CONSTANT, DO(compare_swapped)},
                        {.b = ZERO, DO(compare_zero)}, {.b = ZERO, DO(compare_truth)}),
    [IR_OP_select] = RULES({.a = ZERO, .outcome = TAKE_C}, {.a = CONSTANT, .outcome = TAKE_B}, {DO(compare_self)}),
    [IR_OP_flags_adc] = RULES({.c = ZERO, DO(drop_carry)}),
    [IR_OP_flags_from_bits] = RULES({MADE(flags_to_bits), DO(take_inner)}),
    [IR_OP_flags_to_bits] = RULES({MADE(flags_from_bits), DO(flags_bits)}),
    [IR_OP_flags_test] = RULES({MADE(flags_sub), DO(flags_test_sub)}, {MADE(flags_logic), DO(flags_test_logic)},
                               {MADE(flags_add), DO(flags_test_add)}, {MADE(select), DO(flags_test_select)},
                               {MADE(flags_float), DO(flags_test_float)}),
    [IR_OP_fneg] = RULES({MADE(fneg), DO(take_inner)}),
    [IR_OP_fabs] = RULES({MADE(fabs), .outcome = TAKE_A}, {MADE(fneg), DO(on_inner)}),
    [IR_OP_bits] = RULES({MADE(bits), DO(take_inner_typed)}),
    [IR_OP_nan_unbox] = RULES({MADE(nan_box), DO(take_inner)}),
    [IR_OP_v_from] = RULES({MADE(v_extract), DO(from_extract)}),
    [IR_OP_v_low64] = RULES({MADE(v_from), .outcome = TAKE_A}, {MADE(v_low64), .outcome = TAKE_A},
                            {MADE(v_fnarrow), .outcome = TAKE_A}),
    [IR_OP_v_extract] =
        RULES({MADE(v_from), DO(extract_from)}, {MADE(v_insert), DO(extract_insert)}, {MADE(v_low64), DO(extract_low)}),
    [IR_OP_v_and] =
        RULES(COMMUTE, {.b = SAME, .outcome = TAKE_A}, {.b = ZERO, .outcome = TAKE_B}, {.b = ONES, .outcome = TAKE_A}),
    [IR_OP_v_or] =
        RULES(COMMUTE, {.b = SAME, .outcome = TAKE_A}, {.b = ZERO, .outcome = TAKE_A}, {.b = ONES, .outcome = TAKE_B}),
    [IR_OP_v_xor] = RULES(COMMUTE, {.b = SAME, .outcome = GIVE_ZERO}, {.b = ZERO, .outcome = TAKE_A}),
    [IR_OP_v_andn] = RULES({.b = SAME, .outcome = GIVE_ZERO}, {.b = ZERO, .outcome = TAKE_A},
                           {.a = ZERO, .outcome = TAKE_A}, {.b = ONES, .outcome = GIVE_ZERO}),
    [IR_OP_v_not] = RULES({MADE(v_not), DO(take_inner)}),
    [IR_OP_v_bitselect] = RULES({.a = ZERO, .outcome = TAKE_C}, {.a = ONES, .outcome = TAKE_B}),
    [IR_OP_v_add] = RULES(COMMUTE, {.b = ZERO, .outcome = TAKE_A}),
    [IR_OP_v_sub] = RULES({.b = ZERO, .outcome = TAKE_A}, {.b = SAME, .outcome = GIVE_ZERO}),
    [IR_OP_v_cmp_eq] = RULES(COMMUTE, {.b = SAME, .outcome = GIVE_ONES}),
    [IR_OP_v_cmp_gt_u] = RULES({.b = SAME, .outcome = GIVE_ZERO}),
    [IR_OP_v_cmp_gt_s] = RULES({.b = SAME, .outcome = GIVE_ZERO}),
    [IR_OP_v_cmp_ge_u] = RULES({.b = SAME, .outcome = GIVE_ONES}, {.b = ZERO, .outcome = GIVE_ONES}),
    [IR_OP_v_cmp_ge_s] = RULES({.b = SAME, .outcome = GIVE_ONES}),
    [IR_OP_v_min_u] = RULES({.b = SAME, .outcome = TAKE_A}),
    [IR_OP_v_max_u] = RULES({.b = SAME, .outcome = TAKE_A}),
    [IR_OP_v_min_s] = RULES({.b = SAME, .outcome = TAKE_A}),
    [IR_OP_v_max_s] = RULES({.b = SAME, .outcome = TAKE_A}),
    [IR_OP_v_shuffle] = RULES({DO(shuffle_identity)}),
};

static bool shape_holds(const struct fold_subject *s, enum shape shape, ir_ref ref)
{
    if (shape == ANY) {
        return true;
    }
    if (shape == SAME) {
        return ref == s->a;
    }
    if (!ir_is_constant(ref)) {
        return false;
    }
    const struct ir_constant *c = ir_constant_of(s->builder->unit, ref);
    unsigned bytes = ir_type_bytes((enum ir_type)c->type);
    uint64_t low = c->value.u64[0], high = c->value.u64[1];
    uint64_t low_ones = bytes == 4 ? UINT32_MAX : UINT64_MAX, high_ones = bytes == 16 ? UINT64_MAX : 0;

    switch (shape) {
    case ZERO:
        return (low | high) == 0;
    case ONE:
        return low == 1 && high == 0;
    case ONES:
        return low == low_ones && high == high_ones;
    case POWER:
        return low && (low & (low - 1)) == 0 && high == 0;
    default:
        return true;
    }
}

static bool is_made_by(const struct fold_subject *s, unsigned op, ir_ref ref)
{
    const struct ir_instruction *maker = op ? fold_maker(s->builder, ref) : NULL;
    return op == 0 || (maker && maker->op == op);
}

static ir_ref apply(const struct fold_subject *s, const struct rule *rule)
{
    struct ir_unit *unit = s->builder->unit;

    switch (rule->outcome) {
    case TAKE_A:
        return s->a;
    case TAKE_B:
        return s->b;
    case TAKE_C:
        return s->c;
    case GIVE_ZERO:
        return s->type == IR_V128 ? ir_constant_v128(unit, 0, 0) : ir_constant_int(unit, s->type, 0);
    case GIVE_ONES:
        return s->type == IR_V128 ? ir_constant_v128(unit, UINT64_MAX, UINT64_MAX)
                                  : ir_constant_int(unit, s->type, UINT64_MAX);
    default:
        return rule->rewrite(s);
    }
}

static ir_ref apply_rules(const struct fold_subject *s)
{
    const struct rule *rule = rules[s->op];

    for (; rule && !rule->last; rule++) {
        if (shape_holds(s, (enum shape)rule->a, s->a) && shape_holds(s, (enum shape)rule->b, s->b) &&
            shape_holds(s, (enum shape)rule->c, s->c) && is_made_by(s, rule->made_a, s->a) &&
            is_made_by(s, rule->made_b, s->b)) {
            ir_ref result = apply(s, rule);
            if (result != IR_NO_REF) {
                return result;
            }
        }
    }
    return IR_NO_REF;
}

static ir_ref compute(const struct fold_subject *s)
{
    struct ir_unit *unit = s->builder->unit;
    const ir_ref refs[3] = {s->a, s->b, s->c};
    union ir_value v[3] = {0};

    for (unsigned k = 0; k < 3; k++) {
        if (!ir_operand_is_value(s->op, k)) {
            continue;
        }
        if (!ir_is_constant(refs[k])) {
            return IR_NO_REF;
        }
        v[k] = ir_constant_of(unit, refs[k])->value;
    }
    union ir_value result =
        ir_evaluate(s->op, s->type, ir_type_of(unit, s->a), s->aux, v[0], v[1], v[2], unit->context->rules, NULL);
    return s->type == IR_V128 ? ir_constant_v128(unit, result.u64[0], result.u64[1])
                              : ir_constant_int(unit, s->type, result.i64);
}

ir_ref ir_fold(struct ir_builder *builder, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a, ir_ref b, ir_ref c)
{
    const struct fold_subject s = {builder, op, type, aux, a, b, c};

    if (ir_ops[op].effects != IR_PURE) {
        return IR_NO_REF;
    }
    ir_ref result = ir_is_constant(a) ? compute(&s) : IR_NO_REF;
    return result != IR_NO_REF ? result : apply_rules(&s);
}

void ir_fold_address(struct ir_builder *builder, ir_ref *address, int32_t *disp)
{
    uint64_t offset;
    const struct ir_instruction *maker = fold_maker(builder, *address);

    if (!maker || maker->op != IR_OP_add || !ir_constant_value(builder, maker->b, &offset)) {
        return;
    }
    int64_t sum = (int64_t)offset + *disp;
    if (maker->type == IR_I32) {
        sum = (int32_t)sum;
    }
    if (sum == (int32_t)sum) {
        *address = maker->a;
        *disp = (int32_t)sum;
    }
}
