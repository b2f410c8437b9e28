/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Loads and Stores": exclusives, compare and swap, atomic memory operations.
 *
 * The exclusive monitor is the address and the value that the load-exclusive saw: a store-exclusive succeeds if memory
 * still has that value. A change and change back between the two is not noticed; no algorithm that is built of
 * exclusive pairs and nothing else depends on noticing it more than on compare and swap. */
#include "lift.h"

/* Aligned to its size; order: IR_MEM_ACQUIRE, IR_MEM_RELEASE. */
static uint16_t atomic_memop(unsigned size, unsigned order)
{
    return (uint16_t)(size | (size + 1) << IR_MEM_ALIGN_SHIFT | order);
}

/* Two registers as one value of twice the size, the first in the lower half. */
static ir_ref read_pair(struct lifter *l, int size, int first, int second)
{
    struct ir_builder *ir = l->ir;
    ir_ref low = lift_read(l, size == 3, first), high = lift_read(l, size == 3, second);
    if (size == 3) {
        return ir_v_insert(ir, ir_v_from(ir, IR_V128, low), high, ir_lane_index(3, 1));
    }
    return ir_or(ir, ir_wide_u(ir, IR_I64, low), ir_shl(ir, ir_wide_u(ir, IR_I64, high), ir_i64(ir, 32)));
}

static void split_pair(struct lifter *l, int size, ir_ref value, ir_ref *low, ir_ref *high)
{
    struct ir_builder *ir = l->ir;
    if (size == 3) {
        *low = ir_v_extract(ir, IR_I64, value, 3, 0);
        *high = ir_v_extract(ir, IR_I64, value, 3, 1);
    } else {
        *low = ir_narrow(ir, IR_I32, value);
        *high = ir_narrow(ir, IR_I32, ir_shr(ir, value, ir_i64(ir, 32)));
    }
}

/* ---- exclusives ---- */

bool a64_lift_load_exclusive(struct lifter *l, const struct a64_args_exclusive *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref address = lift_read_sp(l, 1, a->rn);
    unsigned size = (unsigned)(a->size + a->pair);
    enum ir_type type = size == 4 ? IR_V128 : lift_type(size == 3);
    ir_ref value = ir_load(ir, type, address, 0, atomic_memop(size, a->ordered ? IR_MEM_ACQUIRE | IR_MEM_RELEASE : 0));
    ir_write(ir, AARCH64_SLOT_exclusive_address, address);
    if (a->pair) {
        ir_ref low, high;
        split_pair(l, a->size, value, &low, &high);
        ir_write(ir, AARCH64_SLOT_exclusive_low, size == 4 ? low : value);
        if (size == 4) {
            ir_write(ir, AARCH64_SLOT_exclusive_high, high);
        }
        lift_write(l, a->rt, low);
        lift_write(l, a->rt2, high);
    } else {
        ir_write(ir, AARCH64_SLOT_exclusive_low, size == 3 ? value : ir_wide_u(ir, IR_I64, value));
        lift_write(l, a->rt, value);
    }
    return true;
}

static ir_ref read_reserved(struct lifter *l, unsigned size)
{
    struct ir_builder *ir = l->ir;
    ir_ref low = ir_read(ir, AARCH64_SLOT_exclusive_low);
    if (size < 3) {
        return ir_narrow(ir, IR_I32, low);
    }
    if (size == 3) {
        return low;
    }
    ir_ref high = ir_read(ir, AARCH64_SLOT_exclusive_high);
    return ir_v_insert(ir, ir_v_from(ir, IR_V128, low), high, ir_lane_index(3, 1));
}

static void open_monitor(struct lifter *l)
{
    ir_write(l->ir, AARCH64_SLOT_exclusive_address, ir_i64(l->ir, AARCH64_MONITOR_OPEN));
}

bool a64_lift_store_exclusive(struct lifter *l, const struct a64_args_exclusive *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref address = lift_read_sp(l, 1, a->rn);
    unsigned size = (unsigned)(a->size + a->pair);
    ir_ref value = a->pair ? read_pair(l, a->size, a->rt, a->rt2) : lift_read(l, size == 3, a->rt);
    ir_ref failed =
        ir_store_conditional(ir, address, value, ir_read(ir, AARCH64_SLOT_exclusive_address), read_reserved(l, size),
                             atomic_memop(size, a->ordered ? IR_MEM_ACQUIRE | IR_MEM_RELEASE : 0));
    open_monitor(l);
    lift_write(l, a->rs, failed);
    return true;
}

bool a64_lift_clrex(struct lifter *l, const struct a64_args_CLREX *a)
{
    open_monitor(l);
    return true;
}

/* ---- compare and swap ---- */

static unsigned order_of(int acquire, int release)
{
    return (acquire ? IR_MEM_ACQUIRE : 0) | (release ? IR_MEM_RELEASE : 0);
}

bool a64_lift_cas(struct lifter *l, const struct a64_args_compare_swap *a)
{
    unsigned size = (unsigned)a->size;
    ir_ref address = lift_read_sp(l, 1, a->rn);
    ir_ref expected = lift_read(l, size == 3, a->rs);
    if (size < 2) {
        expected = ir_zext(l->ir, expected, (uint16_t)(8u << size));
    }
    ir_ref value = lift_read(l, size == 3, a->rt);
    lift_write(l, a->rs, ir_cas(l->ir, address, expected, value, atomic_memop(size, order_of(a->acquire, a->release))));
    return true;
}

bool a64_lift_casp(struct lifter *l, const struct a64_args_compare_swap *a)
{
    ir_ref address = lift_read_sp(l, 1, a->rn);
    ir_ref expected = read_pair(l, a->size, a->rs, a->rs + 1);
    ir_ref value = read_pair(l, a->size, a->rt, a->rt + 1);
    uint16_t memop = atomic_memop((unsigned)a->size + 1, order_of(a->acquire, a->release));
    ir_ref low, high;
    split_pair(l, a->size, ir_cas(l->ir, address, expected, value, memop), &low, &high);
    lift_write(l, a->rs, low);
    lift_write(l, a->rs + 1, high);
    return true;
}

/* ---- atomic memory operations ---- */

static bool atomic(struct lifter *l, const struct a64_args_atomic *a, enum ir_atomic operation)
{
    unsigned size = (unsigned)a->size;
    ir_ref value = lift_read(l, size == 3, a->rs);
    uint16_t memop = atomic_memop(size, order_of(a->acquire, a->release));
    lift_write(l, a->rt, ir_atomic(l->ir, lift_type(size == 3), operation, lift_read_sp(l, 1, a->rn), value, memop));
    return true;
}

A64_LIFT(ldadd, atomic, atomic, IR_ATOMIC_ADD)
A64_LIFT(ldclr, atomic, atomic, IR_ATOMIC_ANDN)
A64_LIFT(ldeor, atomic, atomic, IR_ATOMIC_XOR)
A64_LIFT(ldset, atomic, atomic, IR_ATOMIC_OR)
A64_LIFT(ldsmax, atomic, atomic, IR_ATOMIC_MAX_S)
A64_LIFT(ldsmin, atomic, atomic, IR_ATOMIC_MIN_S)
A64_LIFT(ldumax, atomic, atomic, IR_ATOMIC_MAX_U)
A64_LIFT(ldumin, atomic, atomic, IR_ATOMIC_MIN_U)
A64_LIFT(swp, atomic, atomic, IR_ATOMIC_SWAP)
