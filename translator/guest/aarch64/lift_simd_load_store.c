/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of the SIMD and floating-point registers. All loads of an instruction come before its first write of
 * a register, so that a fault leaves the registers as they were. */
#include "simd.h"

/* ---- one register: size is log2 of its bytes ---- */
static enum ir_type memory_type(unsigned size)
{
    static const enum ir_type types[] = {IR_I32, IR_I32, IR_F32, IR_F64, IR_V128};
    return types[size];
}
static ir_ref load(struct lifter *l, unsigned size, ir_ref address, int32_t displacement)
{
    return ir_load(l->ir, memory_type(size), address, displacement, (uint16_t)size);
}
static void write_loaded(struct lifter *l, int number, ir_ref value)
{
    if (ir_typeof(l->ir, value) == IR_V128) {
        simd_write(l, number, value, 16);
    } else {
        simd_write_element(l, number, value);
    }
}
static void store(struct lifter *l, unsigned size, int number, ir_ref address, int32_t displacement)
{
    ir_ref value = size == 4 ? simd_read(l, number) : simd_read_element(l, number, memory_type(size));
    ir_store(l->ir, address, value, displacement, (uint16_t)size);
}
static void write_base(struct lifter *l, int number, ir_ref address)
{
    ir_write(l->ir, (uint16_t)(AARCH64_SLOT_X0 + number), address);
}
static ir_ref advanced(struct lifter *l, ir_ref address, int64_t bytes)
{
    return ir_add(l->ir, address, ir_i64(l->ir, (uint64_t)bytes));
}

enum indexing { OFFSET, POST, PRE };

static bool load_register(struct lifter *l, const struct a64_args_vmemory *a, int32_t displacement,
                          enum indexing indexing)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    ir_ref value = load(l, a->size, base, indexing == POST ? 0 : displacement);
    if (indexing != OFFSET) {
        write_base(l, a->rn, advanced(l, base, displacement));
    }
    write_loaded(l, a->rt, value);
    return true;
}
static bool store_register(struct lifter *l, const struct a64_args_vmemory *a, int32_t displacement,
                           enum indexing indexing)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    store(l, a->size, a->rt, base, indexing == POST ? 0 : displacement);
    if (indexing != OFFSET) {
        write_base(l, a->rn, advanced(l, base, displacement));
    }
    return true;
}
bool a64_lift_ldr_simd_unscaled(struct lifter *l, const struct a64_args_vmemory *a)
{
    return load_register(l, a, a->imm, OFFSET);
}
bool a64_lift_str_simd_unscaled(struct lifter *l, const struct a64_args_vmemory *a)
{
    return store_register(l, a, a->imm, OFFSET);
}
bool a64_lift_ldr_simd_post(struct lifter *l, const struct a64_args_vmemory *a)
{
    return load_register(l, a, a->imm, POST);
}
bool a64_lift_str_simd_post(struct lifter *l, const struct a64_args_vmemory *a)
{
    return store_register(l, a, a->imm, POST);
}
bool a64_lift_ldr_simd_pre(struct lifter *l, const struct a64_args_vmemory *a)
{
    return load_register(l, a, a->imm, PRE);
}
bool a64_lift_str_simd_pre(struct lifter *l, const struct a64_args_vmemory *a)
{
    return store_register(l, a, a->imm, PRE);
}
bool a64_lift_ldr_simd_unsigned(struct lifter *l, const struct a64_args_vmemory *a)
{
    return load_register(l, a, a->imm << a->size, OFFSET);
}
bool a64_lift_str_simd_unsigned(struct lifter *l, const struct a64_args_vmemory *a)
{
    return store_register(l, a, a->imm << a->size, OFFSET);
}

static ir_ref register_address(struct lifter *l, const struct a64_args_vregister *a)
{
    ir_ref offset = lift_read(l, 1, a->rm);
    if (!(a->option & 1)) { /* UXTW or SXTW */
        ir_ref word = lift_read(l, 0, a->rm);
        offset = a->option & 4 ? ir_wide_s(l->ir, IR_I64, word) : ir_wide_u(l->ir, IR_I64, word);
    }
    if (a->s && a->size) {
        offset = ir_shl(l->ir, offset, ir_i64(l->ir, (uint64_t)a->size));
    }
    return ir_add(l->ir, lift_read_sp(l, 1, a->rn), offset);
}
bool a64_lift_ldr_simd_register(struct lifter *l, const struct a64_args_vregister *a)
{
    write_loaded(l, a->rt, load(l, a->size, register_address(l, a), 0));
    return true;
}
bool a64_lift_str_simd_register(struct lifter *l, const struct a64_args_vregister *a)
{
    store(l, a->size, a->rt, register_address(l, a), 0);
    return true;
}
bool a64_lift_ldr_literal_simd(struct lifter *l, const struct a64_args_vliteral *a)
{
    write_loaded(l, a->rt, load(l, a->size, ir_i64(l->ir, l->pc + (uint64_t)(int64_t)a->imm), 0));
    return true;
}

/* ---- pairs ---- */
static bool load_pair(struct lifter *l, const struct a64_args_vpair *a, enum indexing indexing)
{
    int32_t displacement = a->imm * (1 << a->size), at = indexing == POST ? 0 : displacement;
    ir_ref base = lift_read_sp(l, 1, a->rn);
    ir_ref first = load(l, a->size, base, at);
    ir_ref second = load(l, a->size, base, at + (1 << a->size));
    if (indexing != OFFSET) {
        write_base(l, a->rn, advanced(l, base, displacement));
    }
    write_loaded(l, a->rt, first);
    write_loaded(l, a->rt2, second);
    return true;
}
static bool store_pair(struct lifter *l, const struct a64_args_vpair *a, enum indexing indexing)
{
    int32_t displacement = a->imm * (1 << a->size), at = indexing == POST ? 0 : displacement;
    ir_ref base = lift_read_sp(l, 1, a->rn);
    store(l, a->size, a->rt, base, at);
    store(l, a->size, a->rt2, base, at + (1 << a->size));
    if (indexing != OFFSET) {
        write_base(l, a->rn, advanced(l, base, displacement));
    }
    return true;
}
bool a64_lift_ldp_simd_offset(struct lifter *l, const struct a64_args_vpair *a)
{
    return load_pair(l, a, OFFSET);
}
bool a64_lift_stp_simd_offset(struct lifter *l, const struct a64_args_vpair *a)
{
    return store_pair(l, a, OFFSET);
}
bool a64_lift_ldp_simd_post(struct lifter *l, const struct a64_args_vpair *a)
{
    return load_pair(l, a, POST);
}
bool a64_lift_stp_simd_post(struct lifter *l, const struct a64_args_vpair *a)
{
    return store_pair(l, a, POST);
}
bool a64_lift_ldp_simd_pre(struct lifter *l, const struct a64_args_vpair *a)
{
    return load_pair(l, a, PRE);
}
bool a64_lift_stp_simd_pre(struct lifter *l, const struct a64_args_vpair *a)
{
    return store_pair(l, a, PRE);
}

/* ---- structures ---- */
/* The base register after the instruction: plus rm, or for rm == 31 plus the bytes transferred. */
static void post_index(struct lifter *l, int rn, int rm, unsigned bytes)
{
    ir_ref base = lift_read_sp(l, 1, rn);
    ir_ref step = rm == 31 ? ir_i64(l->ir, bytes) : lift_read(l, 1, rm);
    write_base(l, rn, ir_add(l->ir, base, step));
}

/* A vector whose byte i is byte map[i] of the sources laid end to end (16 bytes each, up to 4), or zero (0xff). */
static ir_ref gather(struct lifter *l, const ir_ref *sources, unsigned count, const uint8_t map[16])
{
    ir_ref result = IR_NO_REF;
    for (unsigned first = 0; first < count; first += 2) {
        uint8_t pair_map[16];
        bool used = false;
        for (unsigned i = 0; i < 16; i++) {
            bool inside = map[i] / 32u == first / 2;
            pair_map[i] = inside ? map[i] % 32 : 0x80;
            used |= inside;
        }
        if (used) {
            ir_ref second = sources[first + 1 < count ? first + 1 : first];
            ir_ref part = simd_shuffle(l, sources[first], second, pair_map);
            result = result == IR_NO_REF ? part : ir_v_or(l->ir, result, part);
        }
    }
    return result;
}

static void load_chunks(struct lifter *l, const struct a64_args_vstructures *a, ir_ref *chunks)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    unsigned bytes = simd_bytes(a->q) * (unsigned)a->count;
    for (unsigned at = 0; at < bytes; at += 16) {
        bool half = bytes - at == 8;
        ir_ref value = load(l, half ? 3 : 4, base, (int32_t)at);
        chunks[at / 16] = half ? ir_v_from(l->ir, IR_V128, value) : value;
    }
}
static bool load_structures(struct lifter *l, const struct a64_args_vstructures *a)
{
    ir_ref chunks[4], results[4];
    unsigned count = (unsigned)a->count, bytes = simd_bytes(a->q), lane_bytes = 1u << a->size;
    load_chunks(l, a, chunks);
    for (unsigned number = 0; number < count; number++) {
        uint8_t map[16];
        for (unsigned i = 0; i < 16; i++) {
            unsigned source = ((i >> a->size) * count + number) * lane_bytes + (i & (lane_bytes - 1));
            map[i] = (uint8_t)(i < bytes ? source : 0xff);
        }
        results[number] = gather(l, chunks, (bytes * count + 15) / 16, map);
    }
    for (unsigned number = 0; number < count; number++) {
        simd_write(l, ((unsigned)a->rt + number) & 31, results[number], 16);
    }
    return true;
}
/* Where byte `at` of memory comes from, in registers laid end to end. */
static uint8_t structure_source(const struct a64_args_vstructures *a, unsigned at)
{
    unsigned element = at >> a->size, number = element % (unsigned)a->count, lane = element / (unsigned)a->count;
    return (uint8_t)(number * 16 + (lane << a->size) + (at & ((1u << a->size) - 1)));
}
static bool store_structures(struct lifter *l, const struct a64_args_vstructures *a)
{
    ir_ref sources[4], base = lift_read_sp(l, 1, a->rn);
    unsigned bytes = simd_bytes(a->q) * (unsigned)a->count;
    for (unsigned number = 0; number < (unsigned)a->count; number++) {
        sources[number] = simd_read(l, ((unsigned)a->rt + number) & 31);
    }
    for (unsigned at = 0; at < bytes; at += 16) {
        uint8_t map[16];
        bool half = bytes - at == 8;
        for (unsigned i = 0; i < 16; i++) {
            map[i] = i < 8 || !half ? structure_source(a, at + i) : 0xff;
        }
        ir_ref chunk = gather(l, sources, (unsigned)a->count, map);
        ir_store(l->ir, base, half ? ir_v_extract(l->ir, IR_F64, chunk, 3, 0) : chunk, (int32_t)at, half ? 3 : 4);
    }
    return true;
}
static bool load_multiple(struct lifter *l, const struct a64_args_vstructures *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn), values[4];
    unsigned size = a->q ? 4 : 3;
    for (int i = 0; i < a->count; i++) {
        values[i] = load(l, size, base, i << size);
    }
    for (int i = 0; i < a->count; i++) {
        write_loaded(l, (a->rt + i) & 31, values[i]);
    }
    return true;
}
static bool store_multiple(struct lifter *l, const struct a64_args_vstructures *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    unsigned size = a->q ? 4 : 3;
    for (int i = 0; i < a->count; i++) {
        store(l, size, (a->rt + i) & 31, base, i << size);
    }
    return true;
}
#define STRUCTURES(name, function)                                                                                     \
    bool a64_lift_##name(struct lifter *l, const struct a64_args_vstructures *a)                                       \
    {                                                                                                                  \
        return function(l, a);                                                                                         \
    }                                                                                                                  \
    bool a64_lift_##name##_post(struct lifter *l, const struct a64_args_vstructures *a)                                \
    {                                                                                                                  \
        function(l, a);                                                                                                \
        post_index(l, a->rn, a->rm, simd_bytes(a->q) * (unsigned)a->count);                                            \
        return true;                                                                                                   \
    }
STRUCTURES(ld1_multiple, load_multiple)
STRUCTURES(st1_multiple, store_multiple)
STRUCTURES(ld_structures, load_structures)
STRUCTURES(st_structures, store_structures)

/* ---- one lane of each register ---- */
static enum ir_type lane_type(int size)
{
    return size == 3 ? IR_I64 : IR_I32;
}
static bool load_lane(struct lifter *l, const struct a64_args_vlane *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn), values[4];
    for (int i = 0; i < a->count; i++) {
        values[i] = ir_load(l->ir, lane_type(a->size), base, i << a->size, (uint16_t)a->size);
    }
    for (int i = 0; i < a->count; i++) {
        unsigned number = (unsigned)(a->rt + i) & 31;
        uint16_t where = ir_lane_index(a->size, a->index);
        simd_write(l, number, ir_v_insert(l->ir, simd_read(l, number), values[i], where), 16);
    }
    return true;
}
static bool store_lane(struct lifter *l, const struct a64_args_vlane *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    for (int i = 0; i < a->count; i++) {
        ir_ref vector = simd_read(l, (unsigned)(a->rt + i) & 31);
        ir_ref value = ir_v_extract(l->ir, lane_type(a->size), vector, a->size, a->index);
        ir_store(l->ir, base, value, i << a->size, (uint16_t)a->size);
    }
    return true;
}
static bool load_replicate(struct lifter *l, const struct a64_args_vreplicate *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn), values[4];
    for (int i = 0; i < a->count; i++) {
        values[i] = ir_load(l->ir, lane_type(a->size), base, i << a->size, (uint16_t)a->size);
    }
    for (int i = 0; i < a->count; i++) {
        simd_write(l, (unsigned)(a->rt + i) & 31, ir_v_splat(l->ir, values[i], a->size), simd_bytes(a->q));
    }
    return true;
}
#define LANE(name, args, function)                                                                                     \
    bool a64_lift_##name(struct lifter *l, const struct args *a)                                                       \
    {                                                                                                                  \
        return function(l, a);                                                                                         \
    }                                                                                                                  \
    bool a64_lift_##name##_post(struct lifter *l, const struct args *a)                                                \
    {                                                                                                                  \
        function(l, a);                                                                                                \
        post_index(l, a->rn, a->rm, (unsigned)a->count << a->size);                                                    \
        return true;                                                                                                   \
    }
LANE(ld_lane, a64_args_vlane, load_lane)
LANE(st_lane, a64_args_vlane, store_lane)
LANE(ld_replicate, a64_args_vreplicate, load_replicate)
