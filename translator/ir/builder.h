/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making IR. Every function folds (fold.c) before it emits and returns the value's reference.
 * The builder knows each slot's current value on the path being built, so that a read after a write costs nothing. */
#ifndef IR_BUILDER_H
#define IR_BUILDER_H

#include "ir.h"

struct ir_builder {
    struct ir_unit *unit;
    ir_ref *slot_value;      /* by slot: its value here, or IR_NO_REF if only memory knows */
    ir_ref *part_value;      /* by slot: the last partial read since the slot was last written, or IR_NO_REF */
    uint32_t *part_key;      /* offset | type << 16 of that */
    uint32_t block;          /* number of the block being built */
    bool in_block;           /* false between the end of a block and ir_block_place */
    const struct ir_slot_description *slots; /* of the context */
    uint64_t mark_pc;        /* the guest instruction being built */
    uint16_t mark_length;
    bool is_marked;          /* it has its mark in this block */
    bool marks_all;          /* every instruction gets its mark */
    bool marks_now;          /* the next one does */
    uint8_t ignored_bits;    /* of the context */
    ir_ref tagged, untagged; /* the last address that lost its ignored bits in this block, and what it became */
    /* Called before an access to guest memory is emitted (load, store, atomic, cas, store_conditional); may end the block and place
       another one. NULL = nobody looks. */
    void (*before_access)(void *user, enum ir_op op, ir_ref address, int32_t disp, uint16_t memop);
    void *access_user;
};

/* A builder for an empty unit, with block 0 begun. Everything in the unit's arena. */
void ir_builder_init(struct ir_builder *builder, struct ir_unit *unit);

/* A new block's number, not yet placed. */
uint32_t ir_block_new(struct ir_builder *builder);
/* Begins block `number` here. keep_slots: its only predecessor is the block that ended just before it in the layout, so what is
   known about slots still holds; otherwise everything is forgotten. */
void ir_block_place(struct ir_builder *builder, uint32_t number, bool keep_slots);

/* The one that does it: folds, else appends. Effects on the knowledge about slots included. Also usable for END operations. */
ir_ref ir_emit_head(struct ir_builder *builder, ir_head head, ir_ref a, ir_ref b, ir_ref c);
/* The same for an operation that is not pure. */
ir_ref ir_emit_effect(struct ir_builder *builder, ir_head head, ir_ref a, ir_ref b, ir_ref c);

static inline ir_ref ir_emit(struct ir_builder *builder, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a, ir_ref b,
                             ir_ref c)
{
    return ir_emit_head(builder, IR_HEAD(op, type, aux), a, b, c);
}

void ir_grow_code(struct ir_unit *unit);

static inline ir_ref ir_append_head(struct ir_builder *builder, ir_head head, ir_ref a, ir_ref b, ir_ref c)
{
    struct ir_unit *unit = builder->unit;
    uint32_t index = unit->count;
    if (__builtin_expect(index == unit->capacity, 0)) {
        ir_grow_code(unit);
    }
    struct ir_instruction *place = &unit->code[index];
    memcpy(place, &head, sizeof head);
    place->a = a;
    place->b = b;
    place->c = c;
    unit->count = index + 1;
    return index;
}

/* Appends without folding and without a mark. */
static inline ir_ref ir_append(struct ir_builder *builder, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a, ir_ref b,
                               ir_ref c)
{
    return ir_append_head(builder, IR_HEAD(op, type, aux), a, b, c);
}

/* ---- constants ---- */
static inline ir_ref ir_i32(struct ir_builder *b, uint32_t value) { return ir_constant_int(b->unit, IR_I32, value); }
static inline ir_ref ir_i64(struct ir_builder *b, uint64_t value) { return ir_constant_int(b->unit, IR_I64, value); }
static inline ir_ref ir_f32(struct ir_builder *b, uint32_t bits) { return ir_constant_int(b->unit, IR_F32, bits); }
static inline ir_ref ir_f64(struct ir_builder *b, uint64_t bits) { return ir_constant_int(b->unit, IR_F64, bits); }
static inline ir_ref ir_word(struct ir_builder *b, uint64_t value)
{
    return ir_constant_int(b->unit, (enum ir_type)b->unit->context->word_type, value);
}
static inline ir_ref ir_v128(struct ir_builder *b, uint64_t low, uint64_t high)
{
    return ir_constant_v128(b->unit, low, high);
}
static inline enum ir_type ir_typeof(struct ir_builder *b, ir_ref ref) { return ir_type_of(b->unit, ref); }
/* True and *value if ref is a constant of at most 64 bits. */
bool ir_constant_value(struct ir_builder *b, ir_ref ref, uint64_t *value);

/* ---- state ---- */
ir_ref ir_read_memory(struct ir_builder *builder, uint16_t slot);
static inline ir_ref ir_read(struct ir_builder *builder, uint16_t slot)
{
    ir_ref value = builder->slot_value[slot];
    return value != IR_NO_REF ? value : ir_read_memory(builder, slot);
}
/* Flags are read even if they are known: that read, which nobody uses, tells that they must be right at faults before it
   (fast/analyze.c). The conditions that are made of them are often comparisons of other values and would not tell. */
static inline ir_ref ir_read_flags(struct ir_builder *builder, uint16_t slot)
{
    ir_ref value = builder->slot_value[slot], read = ir_read_memory(builder, slot);
    return builder->slot_value[slot] = value != IR_NO_REF ? value : read;
}
/* The `type` at byte `offset` of a slot of wider type (f32, f64, i32, i64 of a v128 slot; i32 of an i64 slot). */
ir_ref ir_read_part(struct ir_builder *builder, uint16_t slot, enum ir_type type, unsigned offset);
static inline void ir_write(struct ir_builder *builder, uint16_t slot, ir_ref value)
{
    ir_append(builder, IR_OP_write, IR_NONE, 0, slot, value, 0);
    builder->slot_value[slot] = value;
    builder->part_value[slot] = IR_NO_REF;
}

/* What follows belongs to the guest instruction at pc. The mark is made when something comes that needs it: most
   instructions can neither fault nor trap. The unit's first is made in any case: no value has reference 0; marks_all: every one. */
void ir_make_mark(struct ir_builder *builder);
static inline void ir_mark(struct ir_builder *builder, uint64_t pc, unsigned length)
{
    builder->mark_pc = pc;
    builder->mark_length = (uint16_t)length;
    builder->is_marked = false;
    if (builder->marks_now) {
        ir_make_mark(builder);
    }
}

/* ---- helpers: count arguments of any types ---- */
ir_ref ir_call(struct ir_builder *builder, unsigned helper, const ir_ref *arguments, unsigned count);

/* ---- memory; disp in bytes; aux an ir_memop (size and sign included) ---- */
ir_ref ir_load(struct ir_builder *b, enum ir_type type, ir_ref address, int32_t disp, uint16_t memop);
void ir_store(struct ir_builder *b, ir_ref address, ir_ref value, int32_t disp, uint16_t memop);
ir_ref ir_store_conditional(struct ir_builder *b, ir_ref address, ir_ref value, ir_ref reserved_address,
                            ir_ref reserved_value, uint16_t memop);

/* ---- one function per operation, in the shape of its operands ---- */
#define IR_UNARY(X)                                                                                                    \
    X(not) X(neg) X(clz) X(ctz) X(popcnt) X(bitrev) X(fsqrt) X(fneg) X(fabs) X(v_low64) X(v_not) X(v_popcnt)           \
    X(v_aes_sub_shift) X(v_aes_inv_sub_shift) X(v_aes_mix) X(v_aes_inv_mix) X(v_fwiden) X(v_fnarrow)     \
    X(v_fhalf_to) X(v_fhalf_from)
#define IR_BINARY(X)                                                                                                   \
    X(add) X(sub) X(mul) X(mulhu) X(mulhs) X(mulhsu) X(divu) X(divs) X(remu) X(rems) X(and) X(or) X(xor) X(andn)       \
    X(shl) X(shr) X(sar) X(rotr) X(fadd) X(fsub) X(fmul) X(fdiv) X(fmin) X(fmax) X(fminnum) X(fmaxnum)                 \
    X(v_and) X(v_or) X(v_xor) X(v_andn) X(v_table) X(v_mul_add_pairs)
#define IR_TERNARY(X) X(adc) X(fma) X(v_bitselect) X(v_shuffle)
/* unary with aux as the last parameter: width, field, count, rounding, lane ... */
#define IR_UNARY_AUX(X)                                                                                                \
    X(bswap) X(sext) X(zext) X(field_u) X(field_s) X(fround) X(v_neg) X(v_abs) X(v_shl) X(v_shr) X(v_sar)              \
    X(v_widen_lo_s) X(v_widen_lo_u) X(v_widen_hi_s) X(v_widen_hi_u) X(v_clz) X(v_fsqrt) X(v_fneg) X(v_fabs)            \
    X(v_fround) X(v_fto_int) X(v_ffrom_int)
#define IR_BINARY_AUX(X)                                                                                               \
    X(funnel) X(insert) X(v_add) X(v_sub) X(v_mul) X(v_add_sat_s) X(v_add_sat_u) X(v_sub_sat_s) X(v_sub_sat_u)         \
    X(v_avg_u) X(v_min_s) X(v_max_s) X(v_min_u) X(v_max_u) X(v_cmp_eq) X(v_cmp_gt_s) X(v_cmp_ge_s) X(v_cmp_gt_u)       \
    X(v_cmp_ge_u) X(v_shift_s) X(v_shift_u) X(v_shl_each) X(v_shr_each) X(v_narrow) X(v_narrow_sat_s) X(v_narrow_sat_u) X(v_narrow_sat_su)         \
    X(v_mul_lo_s) X(v_mul_lo_u) X(v_mul_hi_s) X(v_mul_hi_u) X(v_add_pairs) X(v_clmul) X(v_insert) X(v_fadd) X(v_fsub)  \
    X(v_fmul) X(v_fdiv) X(v_fmin) X(v_fmax) X(v_fminnum) X(v_fmaxnum) X(v_fcmp_eq) X(v_fcmp_gt) X(v_fcmp_ge)
/* unary with the result's type given */
#define IR_CONVERT(X) X(wide_u) X(wide_s) X(narrow) X(fwiden) X(bits) X(nan_box) X(nan_unbox) X(v_from)

#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, ir_ref x)                                                     \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, ir_typeof(b, x), 0, x, 0, 0);                                                  \
    }
IR_UNARY(X)
#undef X
#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, ir_ref x, ir_ref y)                                           \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, ir_typeof(b, x), 0, x, y, 0);                                                  \
    }
IR_BINARY(X)
#undef X
#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, ir_ref x, ir_ref y, ir_ref z)                                 \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, ir_typeof(b, x), 0, x, y, z);                                                  \
    }
IR_TERNARY(X)
#undef X
#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, ir_ref x, uint16_t aux)                                       \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, ir_typeof(b, x), aux, x, 0, 0);                                                \
    }
IR_UNARY_AUX(X)
#undef X
#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, ir_ref x, ir_ref y, uint16_t aux)                             \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, ir_typeof(b, x), aux, x, y, 0);                                                \
    }
IR_BINARY_AUX(X)
#undef X
#define X(name)                                                                                                        \
    static inline ir_ref ir_##name(struct ir_builder *b, enum ir_type type, ir_ref x)                                  \
    {                                                                                                                  \
        return ir_emit(b, IR_OP_##name, type, 0, x, 0, 0);                                                             \
    }
IR_CONVERT(X)
#undef X

static inline ir_ref ir_cmp(struct ir_builder *b, enum ir_cond cond, ir_ref x, ir_ref y)
{
    return ir_emit(b, IR_OP_cmp, IR_I32, (uint16_t)cond, x, y, 0);
}
static inline ir_ref ir_fcmp(struct ir_builder *b, uint16_t fcond, ir_ref x, ir_ref y)
{
    return ir_emit(b, IR_OP_fcmp, IR_I32, fcond, x, y, 0);
}
/* condition != 0 ? x : y */
static inline ir_ref ir_select(struct ir_builder *b, ir_ref condition, ir_ref x, ir_ref y)
{
    return ir_emit(b, IR_OP_select, ir_typeof(b, x), 0, condition, x, y);
}
static inline ir_ref ir_flags(struct ir_builder *b, enum ir_op op, ir_ref x, ir_ref y, ir_ref carry)
{
    return ir_emit(b, op, IR_FLAGS, 0, x, y, carry);
}
/* For a use of the low 32 bits alone: an integer that has them and may have others above, ref itself or one that is there already. */
ir_ref ir_low_word(struct ir_builder *b, ir_ref ref);

static inline ir_ref ir_flags_test(struct ir_builder *b, ir_ref flags, enum ir_flag_cond cond)
{
    return ir_emit(b, IR_OP_flags_test, IR_I32, (uint16_t)cond, flags, 0, 0);
}
static inline ir_ref ir_flags_from_bits(struct ir_builder *b, ir_ref bits)
{
    return ir_emit(b, IR_OP_flags_from_bits, IR_FLAGS, 0, bits, 0, 0);
}
static inline ir_ref ir_flags_to_bits(struct ir_builder *b, ir_ref flags)
{
    return ir_emit(b, IR_OP_flags_to_bits, IR_I32, 0, flags, 0, 0);
}
static inline ir_ref ir_fto_int(struct ir_builder *b, enum ir_type type, ir_ref x, uint16_t round)
{
    return ir_emit(b, IR_OP_fto_int, type, round, x, 0, 0);
}
static inline ir_ref ir_ffrom_int(struct ir_builder *b, enum ir_type type, ir_ref x, uint16_t round)
{
    return ir_emit(b, IR_OP_ffrom_int, type, round, x, 0, 0);
}
static inline ir_ref ir_fnarrow(struct ir_builder *b, ir_ref x, uint16_t round)
{
    return ir_emit(b, IR_OP_fnarrow, IR_F32, round, x, 0, 0);
}
static inline ir_ref ir_fhalf_to(struct ir_builder *b, enum ir_type type, ir_ref x)
{
    return ir_emit(b, IR_OP_fhalf_to, type, 0, x, 0, 0);
}
static inline ir_ref ir_fhalf_from(struct ir_builder *b, ir_ref x)
{
    return ir_emit(b, IR_OP_fhalf_from, IR_I32, 0, x, 0, 0);
}
static inline ir_ref ir_v_splat(struct ir_builder *b, ir_ref x, unsigned lane)
{
    return ir_emit(b, IR_OP_v_splat, IR_V128, (uint16_t)lane, x, 0, 0);
}
/* type: IR_I32 for lanes 0..2, IR_I64 for lane 3, or IR_F32, IR_F64 */
static inline ir_ref ir_v_extract(struct ir_builder *b, enum ir_type type, ir_ref x, unsigned lane, unsigned index)
{
    return ir_emit(b, IR_OP_v_extract, type, ir_lane_index(lane, index), x, 0, 0);
}
static inline ir_ref ir_v_test(struct ir_builder *b, ir_ref x, ir_ref y)
{
    return ir_emit(b, IR_OP_v_test, IR_I32, 0, x, y, 0);
}
static inline ir_ref ir_v_fma(struct ir_builder *b, ir_ref x, ir_ref y, ir_ref z, unsigned lane)
{
    return ir_emit(b, IR_OP_v_fma, IR_V128, (uint16_t)lane, x, y, z);
}
/* The address that an access uses: see ir_context.ignored_bits. */
ir_ref ir_remove_ignored_bits(struct ir_builder *builder, ir_ref address);
static inline ir_ref ir_access_address(struct ir_builder *b, ir_ref address)
{
    return __builtin_expect(b->ignored_bits, 0) ? ir_remove_ignored_bits(b, address) : address;
}
static inline ir_ref ir_atomic(struct ir_builder *b, enum ir_type type, enum ir_atomic kind, ir_ref address, ir_ref x,
                               uint16_t memop)
{
    return ir_emit(b, IR_OP_atomic, type, (uint16_t)(memop | kind << IR_MEM_ATOMIC_SHIFT),
                   ir_access_address(b, address), x, 0);
}
static inline ir_ref ir_cas(struct ir_builder *b, ir_ref address, ir_ref expected, ir_ref x, uint16_t memop)
{
    return ir_emit(b, IR_OP_cas, ir_typeof(b, x), memop, ir_access_address(b, address), expected, x);
}
static inline void ir_fence(struct ir_builder *b, enum ir_fence kind)
{
    ir_emit(b, IR_OP_fence, IR_NONE, (uint16_t)kind, 0, 0, 0);
}
static inline ir_ref ir_fenv_read(struct ir_builder *b) { return ir_emit(b, IR_OP_fenv_read, IR_I32, 0, 0, 0, 0); }
static inline void ir_fenv_write(struct ir_builder *b, ir_ref x) { ir_emit(b, IR_OP_fenv_write, IR_NONE, 0, x, 0, 0); }
static inline void ir_fenv_round(struct ir_builder *b, ir_ref x) { ir_emit(b, IR_OP_fenv_round, IR_NONE, 0, x, 0, 0); }

#endif
