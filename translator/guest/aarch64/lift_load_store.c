/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Loads and Stores" of general registers, but for exclusives and atomics (lift_atomic.c). An access comes before the
 * registers it changes, so that a fault leaves them as they were. */
#include "lift.h"

enum index { INDEX_OFFSET, INDEX_POST, INDEX_PRE };

static ir_ref load_value(struct lifter *l, ir_ref address, int32_t disp, uint16_t memop, bool wide)
{
    bool is_long = (memop & IR_MEM_SIZE) == 3 || (wide && memop & IR_MEM_SIGNED);
    return ir_load(l->ir, lift_type(is_long), address, disp, memop);
}

static uint16_t memop_of(int size, int sign)
{
    return (uint16_t)(size | (sign ? IR_MEM_SIGNED : 0));
}

/* Ordered accesses demand alignment: there is no FEAT_LSE2 (the manual's UnalignedAccessFaults). */
static uint16_t ordered_memop(int size, unsigned order)
{
    return (uint16_t)(order ? (unsigned)(size + 1) << IR_MEM_ALIGN_SHIFT | order : 0);
}

static void write_back(struct lifter *l, int rn, ir_ref base, int32_t imm, int index)
{
    if (index != INDEX_OFFSET) {
        lift_write_sp(l, rn, ir_add(l->ir, base, ir_i64(l->ir, (uint64_t)(int64_t)imm)));
    }
}

static bool load(struct lifter *l, const struct a64_args_memory *a, unsigned order)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    uint16_t memop = memop_of(a->size, a->sign) | ordered_memop(a->size, order);
    ir_ref value = load_value(l, base, a->index == INDEX_POST ? 0 : a->imm, memop, a->wide);
    write_back(l, a->rn, base, a->imm, a->index);
    lift_write(l, a->rt, value);
    return true;
}

static bool store(struct lifter *l, const struct a64_args_memory *a, unsigned order)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    ir_ref value = lift_read(l, a->size == 3, a->rt);
    ir_store(l->ir, base, value, a->index == INDEX_POST ? 0 : a->imm,
             memop_of(a->size, 0) | ordered_memop(a->size, order));
    write_back(l, a->rn, base, a->imm, a->index);
    return true;
}

A64_LIFT(load, memory, load, 0)
A64_LIFT(store, memory, store, 0)
A64_LIFT(load_unscaled_ordered, memory, load, IR_MEM_ACQUIRE)
A64_LIFT(store_unscaled_ordered, memory, store, IR_MEM_RELEASE)

static ir_ref register_address(struct lifter *l, const struct a64_args_memory_register *a)
{
    ir_ref offset = lift_extended(l, 1, a->rm, a->option, a->s ? a->size : 0);
    return ir_add(l->ir, lift_read_sp(l, 1, a->rn), offset);
}

bool a64_lift_load_register(struct lifter *l, const struct a64_args_memory_register *a)
{
    ir_ref value = load_value(l, register_address(l, a), 0, memop_of(a->size, a->sign), a->wide);
    lift_write(l, a->rt, value);
    return true;
}

bool a64_lift_store_register(struct lifter *l, const struct a64_args_memory_register *a)
{
    ir_store(l->ir, register_address(l, a), lift_read(l, a->size == 3, a->rt), 0, memop_of(a->size, 0));
    return true;
}

bool a64_lift_load_literal(struct lifter *l, const struct a64_args_memory_literal *a)
{
    ir_ref address = ir_i64(l->ir, l->pc + (uint64_t)(int64_t)a->imm);
    lift_write(l, a->rt, load_value(l, address, 0, memop_of(a->size, a->sign), true));
    return true;
}

bool a64_lift_load_pair(struct lifter *l, const struct a64_args_memory_pair *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    uint16_t memop = memop_of(a->size, a->sign);
    int32_t disp = a->index == INDEX_POST ? 0 : a->imm;
    ir_ref first = load_value(l, base, disp, memop, true);
    ir_ref second = load_value(l, base, disp + (1 << a->size), memop, true);
    write_back(l, a->rn, base, a->imm, a->index);
    lift_write(l, a->rt, first);
    lift_write(l, a->rt2, second);
    return true;
}

bool a64_lift_store_pair(struct lifter *l, const struct a64_args_memory_pair *a)
{
    ir_ref base = lift_read_sp(l, 1, a->rn);
    int32_t disp = a->index == INDEX_POST ? 0 : a->imm;
    ir_ref first = lift_read(l, a->size == 3, a->rt);
    ir_ref second = lift_read(l, a->size == 3, a->rt2);
    ir_store(l->ir, base, first, disp, memop_of(a->size, 0));
    ir_store(l->ir, base, second, disp + (1 << a->size), memop_of(a->size, 0));
    write_back(l, a->rn, base, a->imm, a->index);
    return true;
}

/* ---- ordered ---- */

static bool load_ordered(struct lifter *l, const struct a64_args_ordered *a, unsigned order)
{
    uint16_t memop = memop_of(a->size, 0) | ordered_memop(a->size, order);
    lift_write(l, a->rt, load_value(l, lift_read_sp(l, 1, a->rn), 0, memop, false));
    return true;
}

/* LDAR and STLR keep their order among each other, LDAPR may pass an earlier STLR. */
A64_LIFT(load_ordered, ordered, load_ordered, IR_MEM_ACQUIRE | IR_MEM_RELEASE)
A64_LIFT(ldapr, ordered, load_ordered, IR_MEM_ACQUIRE)

bool a64_lift_store_ordered(struct lifter *l, const struct a64_args_ordered *a)
{
    uint16_t memop = memop_of(a->size, 0) | ordered_memop(a->size, IR_MEM_ACQUIRE | IR_MEM_RELEASE);
    ir_store(l->ir, lift_read_sp(l, 1, a->rn), lift_read(l, a->size == 3, a->rt), 0, memop);
    return true;
}
