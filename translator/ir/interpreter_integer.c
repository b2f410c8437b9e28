/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer and flag operations of the interpreter. */
#include "evaluate.h"

/* Operands of one integer operation, in the width of operand a. */
struct integers {
    uint64_t a, b;
    int64_t signed_a, signed_b;
    unsigned bits;
};

static struct integers integers_of(const struct ir_evaluation *e)
{
    unsigned bits = ir_type_bytes(e->operand_type) * 8;
    return (struct integers){e->a.i64, e->b.i64, ir_sign_extend(e->a.i64, bits), ir_sign_extend(e->b.i64, bits), bits};
}

/* name; the operands' name; the result, of which the bits above the type are dropped */
#define INTEGER(name, n, ...)                                                                                          \
    static union ir_value evaluate_##name(const struct ir_evaluation *e)                                               \
    {                                                                                                                  \
        struct integers n = integers_of(e);                                                                            \
        (void)n;                                                                                                       \
        return ir_value_of(e->type, (uint64_t)(__VA_ARGS__));                                                          \
    }

INTEGER(add, n, n.a + n.b)
INTEGER(sub, n, n.a - n.b)
INTEGER(adc, n, n.a + n.b + e->c.i32)
INTEGER(mul, n, n.a *n.b)
INTEGER(mulhu, n, (unsigned __int128)n.a *n.b >> n.bits)
INTEGER(mulhs, n, (__int128)n.signed_a *n.signed_b >> n.bits)
INTEGER(mulhsu, n, (__int128)n.signed_a *(__int128)n.b >> n.bits)
INTEGER(divu, n, n.b ? n.a / n.b : 0)
INTEGER(remu, n, n.b ? n.a % n.b : n.a)
INTEGER(divs, n, n.b == 0 ? 0 : n.signed_b == -1 ? 0 - n.signed_a : n.signed_a / n.signed_b)
INTEGER(rems, n, n.b == 0 ? n.signed_a : n.signed_b == -1 ? 0 : n.signed_a % n.signed_b)
INTEGER(and, n, n.a &n.b)
INTEGER(or, n, n.a | n.b)
INTEGER(xor, n, n.a ^ n.b)
INTEGER(andn, n, n.a & ~n.b)
INTEGER(not, n, ~n.a)
INTEGER(neg, n, 0 - n.a)
INTEGER(shl, n, n.a << (n.b & (n.bits - 1)))
INTEGER(shr, n, n.a >> (n.b & (n.bits - 1)))
INTEGER(sar, n, n.signed_a >> (n.b & (n.bits - 1)))
INTEGER(rotr, n, n.a >> (n.b & (n.bits - 1)) | n.a << ((0 - n.b) & (n.bits - 1)))
INTEGER(funnel, n, e->aux == 0 ? n.b : n.b >> e->aux | n.a << (n.bits - e->aux))
INTEGER(clz, n, n.a ? (unsigned)__builtin_clzll(n.a) - (64 - n.bits) : n.bits)
INTEGER(ctz, n, n.a ? (unsigned)__builtin_ctzll(n.a) : n.bits)
INTEGER(popcnt, n, __builtin_popcountll(n.a))
INTEGER(sext, n, ir_sign_extend(n.a, e->aux))
INTEGER(zext, n, ir_zero_extend(n.a, e->aux))
INTEGER(wide_u, n, n.a)
INTEGER(wide_s, n, n.signed_a)
INTEGER(narrow, n, n.a)
INTEGER(bits, n, n.a)
INTEGER(field_u, n, ir_zero_extend(n.a >> ir_field_lsb(e->aux), ir_field_width(e->aux)))
INTEGER(field_s, n, ir_sign_extend(n.a >> ir_field_lsb(e->aux), ir_field_width(e->aux)))
INTEGER(nan_box, n, n.a | UINT64_C(0xFFFFFFFF00000000))
INTEGER(nan_unbox, n, n.a >> 32 == 0xFFFFFFFF ? n.a : 0x7FC00000)

static uint64_t insert_field(uint64_t into, uint64_t from, uint16_t aux)
{
    uint64_t mask = ir_zero_extend(UINT64_MAX, ir_field_width(aux)) << ir_field_lsb(aux);
    return (into & ~mask) | (from << ir_field_lsb(aux) & mask);
}
INTEGER(insert, n, insert_field(n.a, n.b, e->aux))

static uint64_t reverse_bits(uint64_t value, unsigned bits)
{
    uint64_t reversed = 0;
    for (unsigned i = 0; i < bits; i++) {
        reversed |= (value >> i & 1) << (bits - 1 - i);
    }
    return reversed;
}
INTEGER(bitrev, n, reverse_bits(n.a, n.bits))

static uint64_t swap_units(uint64_t value, unsigned bits, unsigned unit)
{
    uint64_t swapped = 0;
    for (unsigned i = 0; i < bits; i += 8) {
        unsigned place = i / unit * unit + (unit - 8 - i % unit);
        swapped |= (value >> i & 0xFF) << place;
    }
    return swapped;
}
INTEGER(bswap, n, swap_units(n.a, n.bits, e->aux))

static bool integer_condition(enum ir_cond condition, struct integers n)
{
    switch (condition & ~1u) {
    case IR_EQ:
        return (n.a == n.b) != (condition & 1);
    case IR_LTU:
        return (n.a < n.b) != (condition & 1);
    case IR_LEU:
        return (n.a <= n.b) != (condition & 1);
    case IR_LTS:
        return (n.signed_a < n.signed_b) != (condition & 1);
    default:
        return (n.signed_a <= n.signed_b) != (condition & 1);
    }
}
_Static_assert(IR_NE == (IR_EQ | 1) && IR_GEU == (IR_LTU | 1) && IR_GTU == (IR_LEU | 1) && IR_GES == (IR_LTS | 1) &&
                   IR_GTS == (IR_LES | 1),
               "cond ^ 1 is the inverse");
INTEGER(cmp, n, integer_condition(e->aux, n))

static union ir_value evaluate_select(const struct ir_evaluation *e)
{
    return e->a.i32 ? e->b : e->c;
}

/* ---- flags ---- */

static uint32_t flags_of_sum(struct integers n, uint64_t b, uint32_t carry)
{
    uint64_t sign = UINT64_C(1) << (n.bits - 1);
    unsigned __int128 exact = (unsigned __int128)n.a + ir_zero_extend(b, n.bits) + carry;
    uint64_t sum = ir_zero_extend((uint64_t)exact, n.bits);

    return (sum & sign ? IR_BIT_N : 0) | (sum == 0 ? IR_BIT_Z : 0) | (exact >> n.bits ? IR_BIT_C : 0) |
           ((n.a ^ sum) & (b ^ sum) & sign ? IR_BIT_V : 0);
}

static uint32_t flags_of_logic(struct integers n)
{
    return (n.signed_a < 0 ? IR_BIT_N : 0) | (n.signed_a == 0 ? IR_BIT_Z : 0);
}

static bool flags_condition(enum ir_flag_cond condition, uint32_t flags)
{
    bool n = flags & IR_BIT_N, z = flags & IR_BIT_Z, c = flags & IR_BIT_C, v = flags & IR_BIT_V,
         inverse = condition & 1;

    switch (condition & ~1u) {
    case IR_FLAG_EQ:
        return z != inverse;
    case IR_FLAG_CS:
        return c != inverse;
    case IR_FLAG_MI:
        return n != inverse;
    case IR_FLAG_VS:
        return v != inverse;
    case IR_FLAG_HI:
        return (c && !z) != inverse;
    case IR_FLAG_GE:
        return (n == v) != inverse;
    default:
        return (!z && n == v) != inverse;
    }
}
_Static_assert(IR_FLAG_LS == (IR_FLAG_HI | 1) && IR_FLAG_LT == (IR_FLAG_GE | 1) && IR_FLAG_LE == (IR_FLAG_GT | 1),
               "cond ^ 1 is the inverse");

enum { ALL_FLAGS = IR_BIT_N | IR_BIT_Z | IR_BIT_C | IR_BIT_V };

INTEGER(flags_add, n, flags_of_sum(n, n.b, 0))
INTEGER(flags_sub, n, flags_of_sum(n, ~n.b, 1))
INTEGER(flags_adc, n, flags_of_sum(n, n.b, e->c.i32))
INTEGER(flags_logic, n, flags_of_logic(n))
INTEGER(flags_from_bits, n, n.a &ALL_FLAGS)
INTEGER(flags_to_bits, n, n.a &ALL_FLAGS)
INTEGER(flags_test, n, flags_condition(e->aux, e->a.i32))

#define ROW(name) [IR_OP_##name] = evaluate_##name
ir_evaluator *const ir_integer_evaluators[IR_OP_COUNT] = {
    ROW(add),           ROW(sub),        ROW(adc),       ROW(mul),         ROW(mulhu),
    ROW(mulhs),         ROW(mulhsu),     ROW(divu),      ROW(remu),        ROW(divs),
    ROW(rems),          ROW(and),        ROW(or),        ROW(xor),         ROW(andn),
    ROW(not ),          ROW(neg),        ROW(shl),       ROW(shr),         ROW(sar),
    ROW(rotr),          ROW(funnel),     ROW(clz),       ROW(ctz),         ROW(popcnt),
    ROW(bitrev),        ROW(bswap),      ROW(sext),      ROW(zext),        ROW(wide_u),
    ROW(wide_s),        ROW(narrow),     ROW(bits),      ROW(field_u),     ROW(field_s),
    ROW(insert),        ROW(nan_box),    ROW(nan_unbox), ROW(cmp),         ROW(select),
    ROW(flags_add),     ROW(flags_sub),  ROW(flags_adc), ROW(flags_logic), ROW(flags_from_bits),
    ROW(flags_to_bits), ROW(flags_test),
};
