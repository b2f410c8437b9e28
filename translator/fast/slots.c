/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest slots: which are stale in memory, and what they are. */
#include "compiler.h"
#include "log.h"

#include <stddef.h>

static void remove_pending(struct compiler *c, unsigned slot)
{
    uint16_t place = c->pending_place[slot];
    uint16_t last = c->pending_list[--c->pending_count];
    c->pending_list[place] = last;
    c->pending_place[last] = place;
    c->pending[slot] = NO_VALUE;
    c->version++;
}

void slot_set_pending(struct compiler *c, unsigned slot, uint32_t number)
{
    if (c->pending[slot] == NO_VALUE) {
        c->pending_place[slot] = (uint16_t)c->pending_count;
        c->pending_list[c->pending_count++] = (uint16_t)slot;
    }
    c->pending[slot] = number;
    if (!value_is_constant(c, number)) {
        c->values[number].held++;
    }
    c->version++;
}

static void set_home(struct compiler *c, uint32_t number, unsigned slot, int32_t disp)
{
    struct value *v = &c->values[number];
    v->in_state = true;
    v->home_slot = (uint16_t)slot;
    v->disp = disp;
    link_home(c, number, slot);
}

/* The slot's memory is about to change: values that live only there move to registers. */
static void leave_home(struct compiler *c, unsigned slot)
{
    for (uint32_t number = c->home_head[slot]; number != NO_VALUE; number = c->values[number].home_next) {
        struct value *v = &c->values[number];
        if (!v->in_state || v->home_slot != slot) {
            continue;
        }
        if ((v->left || v->held) && v->reg == HOST_NO_REGISTER) {
            value_into_register(c, number, class_registers(c, (enum ir_type)v->type));
        }
        v->in_state = false;
    }
    c->home_head[slot] = NO_VALUE;
}

void slots_leave_homes(struct compiler *c)
{
    for_each_home(c, leave_home);
}

/* An alias has the wider of the two types: its register is right for both. Memory that has only the narrower one is no
 * home then. */
static void make_alias(struct compiler *c, uint32_t index, uint32_t number, enum ir_type type)
{
    struct value *v = &c->values[number];
    c->values[index].canon = number;
    v->left += c->values[index].left;
    if (ir_type_bytes(type) > ir_type_bytes((enum ir_type)v->type)) {
        if (v->in_state && v->reg == HOST_NO_REGISTER) {
            value_into_register(c, number, class_registers(c, (enum ir_type)v->type));
        }
        value_forget_memory(c, number);
        v->type = (uint8_t)type;
    }
}

static bool is_vector_type(enum ir_type type)
{
    return type == IR_F32 || type == IR_F64 || type == IR_V128;
}

/* The read of a slot whose value is in a register: the same value, or its low part. False if only memory can tell. */
static bool read_from_value(struct compiler *c, uint32_t index, uint32_t number)
{
    const struct ir_instruction *in = &c->unit->code[index];
    struct value *v = &c->values[number];
    enum ir_type type = (enum ir_type)in->type, slot_type = (enum ir_type)c->unit->context->slots[in->a].type;
    if (value_is_constant(c, number) || v->deferred || in->aux != 0) {
        return false;
    }
    if (type == slot_type ||
        (is_vector_type(type) && is_vector_type((enum ir_type)v->type) && v->reg != HOST_NO_REGISTER)) {
        make_alias(c, index, number, (enum ir_type)v->type);
        return true;
    }
    if (type != IR_I32 || slot_type != IR_I64 || v->reg == HOST_NO_REGISTER) {
        return false;
    }
    c->locked |= 1u << v->reg;
    host_register reg = allocate_register(c, class_registers(c, type));
    c->locked &= ~(1u << v->reg);
    c->host->move(&c->code, IR_I32, reg, v->reg);
    value_set_register(c, index, reg);
    return true;
}

void slot_read(struct compiler *c, uint32_t index)
{
    const struct ir_instruction *in = &c->unit->code[index];
    unsigned slot = in->a;
    uint32_t known = c->pending[slot];
    uint32_t entry = c->entry_start + slot;
    if (known == NO_VALUE && c->loops && c->values[entry].in_state && c->values[entry].home_slot == slot) {
        known = entry; /* a loop's register that memory agrees with */
    }
    if (known != NO_VALUE && read_from_value(c, index, known)) {
        return;
    }
    if (c->pending[slot] != NO_VALUE) {
        slot_write_back(c, slot);
    }
    set_home(c, index, slot, slot_disp(c, slot) + in->aux);
}

void slot_write(struct compiler *c, unsigned slot, uint32_t number)
{
    uint32_t old = c->pending[slot];
    const struct value *v = &c->values[number];
    bool is_constant = value_is_constant(c, number);
    bool same = old == number || (old == NO_VALUE && !is_constant && v->in_state && v->home_slot == slot &&
                                  v->disp == slot_disp(c, slot));
    if (!same) {
        leave_home(c, slot);
        slot_set_pending(c, slot, number);
        if (old != NO_VALUE) {
            value_release(c, old);
        }
    }
    value_use_done(c, number);
}

void slot_drop(struct compiler *c, unsigned slot)
{
    uint32_t old = c->pending[slot];
    if (old != NO_VALUE) {
        remove_pending(c, slot);
        value_release(c, old);
    }
}

void deferred_places(const struct compiler *c, uint32_t index, struct host_place places[3])
{
    const struct ir_instruction *in = &c->unit->code[index];
    const ir_ref operand[3] = {in->a, in->b, in->c};
    for (unsigned k = 0; k < 3; k++) {
        places[k] = ir_operand_is_value((enum ir_op)in->op, k) ? value_place(c, value_of(c, operand[k]))
                                                               : (struct host_place){.kind = HOST_NOWHERE};
    }
}

/* Code that stores a pending slot; nothing that the compiler knows changes, except that a value may come into a
 * register. */
static void store_slot(struct compiler *c, unsigned slot)
{
    uint32_t number = c->pending[slot];
    struct value *v = &c->values[number];
    enum ir_type type = (enum ir_type)c->unit->context->slots[slot].type;
    if (value_is_constant(c, number)) {
        c->host->store_constant(&c->code, slot_disp(c, slot), value_constant(c, number));
    } else if (v->deferred) {
        struct host_place places[3];
        deferred_places(c, number, places);
        c->host->store_deferred(&c->code, number, places, slot_disp(c, slot));
    } else {
        host_register reg = value_into_register(c, number, class_registers(c, type));
        c->host->store(&c->code, type, slot_disp(c, slot), reg);
    }
}

void slot_write_back(struct compiler *c, unsigned slot)
{
    uint32_t number = c->pending[slot];
    struct value *v = &c->values[number];
    store_slot(c, slot);
    if (c->pending[slot] != number) {
        return; /* stored while a register was looked for */
    }
    remove_pending(c, slot);
    bool whole = v->type == c->unit->context->slots[slot].type;
    if (!value_is_constant(c, number) && !v->deferred && !v->in_state && whole) {
        set_home(c, number, slot, slot_disp(c, slot));
    }
    value_release(c, number);
}

void slots_write_back_all(struct compiler *c)
{
    while (c->pending_count) {
        slot_write_back(c, c->pending_list[c->pending_count - 1]);
    }
}

void slots_store_all(struct compiler *c)
{
    /* Finding a register may store another slot and take it off the list: the last one then takes its place. */
    for (uint32_t i = c->pending_count; i-- > 0;) {
        if (i < c->pending_count) {
            store_slot(c, c->pending_list[i]);
        }
    }
}

bool slot_make_alias(struct compiler *c, uint32_t index, ir_ref operand)
{
    if (ir_is_constant(operand)) {
        return false;
    }
    uint32_t number = value_of(c, operand);
    if (number >= c->entry_start) {
        return false; /* a loop's header relies on what its values are */
    }
    make_alias(c, index, number, (enum ir_type)c->unit->code[index].type);
    value_use_done(c, number);
    return true;
}
