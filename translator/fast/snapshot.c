/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots: where the stale slots' values are at each host instruction that may fault. Consecutive instructions
 * between which nothing moved share one list. */
#include "compiler.h"
#include "interpreter.h"
#include "log.h"

#include <stddef.h>

static uint32_t add_constant(struct compiler *c, ir_ref ref)
{
    const struct ir_constant *constant = ir_constant_of(c->unit, ref);
    while (c->constant_count + 2 > c->constant_capacity) {
        c->constants = arena_grow(c->arena, c->constants, &c->constant_capacity, sizeof *c->constants);
    }
    uint32_t index = c->constant_count;
    c->constants[index] = constant->value.u64[0];
    c->constants[index + 1] = constant->value.u64[1];
    c->constant_count += 2;
    return index;
}

static void describe_place(struct compiler *c, uint32_t number, uint8_t *where, uint32_t *payload)
{
    struct host_place place = value_place(c, number);
    switch ((enum host_place_kind)place.kind) {
    case HOST_IN_REGISTER:
        *where = FAST_IN_REGISTER;
        *payload = place.reg;
        return;
    case HOST_IS_CONSTANT:
        *where = FAST_CONSTANT;
        *payload = add_constant(c, value_constant(c, number));
        return;
    case HOST_IN_STATE:
        *where = FAST_IN_STATE;
        *payload = (uint32_t)place.disp;
        return;
    case HOST_NOWHERE:
        break;
    }
    log_fatal("a snapshot of a value that is nowhere");
}

static uint32_t add_recipe(struct compiler *c, uint32_t number)
{
    const struct ir_instruction *in = &c->unit->code[number];
    const ir_ref operand[3] = {in->a, in->b, in->c};
    if (c->recipe_count == c->recipe_capacity) {
        c->recipes = arena_grow(c->arena, c->recipes, &c->recipe_capacity, sizeof *c->recipes);
    }
    struct fast_recipe recipe = {.op = in->op, .type = in->type, .aux = in->aux};
    for (unsigned k = 0; k < 3; k++) {
        recipe.where[k] = FAST_DEFERRED; /* no operand */
        if (ir_operand_is_value((enum ir_op)in->op, k)) {
            if (k == 0) {
                recipe.operand_type = (uint8_t)ir_type_of(c->unit, operand[k]);
            }
            describe_place(c, value_of(c, operand[k]), &recipe.where[k], &recipe.payload[k]);
        }
    }
    c->recipes[c->recipe_count] = recipe;
    return c->recipe_count++;
}

static void take_snapshot(struct compiler *c)
{
    uint32_t count = c->pending_count;
    const uint16_t *list = c->pending_list;
    const struct ir_slot_description *slots = c->unit->context->slots;
    c->snapshot_version = c->version;
    c->snapshot_first = c->slot_value_count;
    c->snapshot_count = count;
    while (c->slot_value_count + count > c->slot_value_capacity) {
        c->slot_values = arena_grow(c->arena, c->slot_values, &c->slot_value_capacity, sizeof *c->slot_values);
    }
    struct fast_slot_value *entry = c->slot_values + c->slot_value_count;
    c->slot_value_count += count;
    for (uint32_t i = 0; i < count; i++, entry++) {
        uint16_t slot = list[i];
        uint32_t number = c->pending[slot];
        const struct value *v = &c->values[number];
        *entry = (struct fast_slot_value){
            .slot = slot, .where = FAST_IN_REGISTER, .type = slots[slot].type, .payload = v->reg};
        if (v->deferred) {
            entry->where = FAST_DEFERRED;
            entry->payload = add_recipe(c, number);
        } else if (v->reg == HOST_NO_REGISTER || value_is_constant(c, number)) {
            describe_place(c, number, &entry->where, &entry->payload);
        }
    }
}

void snapshot_note_fault(struct host_code *code)
{
    struct compiler *c = (struct compiler *)code;
    if (c->snapshot_version != c->version) {
        take_snapshot(c);
    }
    if (c->fault_count == c->fault_capacity) {
        c->faults = arena_grow(c->arena, c->faults, &c->fault_capacity, sizeof *c->faults);
    }
    c->faults[c->fault_count++] = (struct fast_fault){
        .code_offset = (uint32_t)(code->buffer.next - code->buffer.start),
        .first = c->snapshot_first,
        .count = c->snapshot_count,
        .pc_delta = (uint32_t)(c->pc - c->unit->pc),
    };
}

void snapshot_finish(struct compiler *c, struct fast_faults *faults)
{
    *faults = (struct fast_faults){0};
    if (!c->fault_count) {
        return;
    }
    size_t fault_bytes = c->fault_count * sizeof *c->faults, slot_bytes = c->slot_value_count * sizeof *c->slot_values;
    size_t recipe_bytes = c->recipe_count * sizeof *c->recipes,
           constant_bytes = c->constant_count * sizeof *c->constants;
    uint8_t *block =
        arena_alloc_aligned(c->target->records, fault_bytes + constant_bytes + slot_bytes + recipe_bytes, 8);
    faults->pc = c->unit->pc;
    faults->fault_count = c->fault_count;
    faults->faults = memcpy(block, c->faults, fault_bytes);
    block += fault_bytes;
    faults->constants = constant_bytes ? memcpy(block, c->constants, constant_bytes) : NULL;
    block += constant_bytes;
    faults->slots = slot_bytes ? memcpy(block, c->slot_values, slot_bytes) : NULL;
    block += slot_bytes;
    faults->recipes = recipe_bytes ? memcpy(block, c->recipes, recipe_bytes) : NULL;
}

/* ---- at a fault ---- */

struct fault_reader {
    const struct fast_faults *faults;
    struct cpu_header *state;
    const struct host *host;
    const void *ucontext;
    const struct float_rules *rules;
};

static union ir_value read_place(const struct fault_reader *r, uint8_t where, uint32_t payload)
{
    union ir_value value = {.u64 = {0, 0}};
    switch ((enum fast_where)where) {
    case FAST_IN_REGISTER:
        r->host->read_register(r->ucontext, (host_register)payload, &value);
        break;
    case FAST_IN_STATE:
        memcpy(&value, (const uint8_t *)r->state + (int32_t)payload, sizeof value);
        break;
    case FAST_CONSTANT:
        value.u64[0] = r->faults->constants[payload];
        value.u64[1] = r->faults->constants[payload + 1];
        break;
    case FAST_DEFERRED:
        break;
    }
    return value;
}

static union ir_value cook(const struct fault_reader *r, const struct fast_recipe *recipe)
{
    union ir_value v[3];
    for (unsigned k = 0; k < 3; k++) {
        v[k] = read_place(r, recipe->where[k], recipe->payload[k]);
        if (k < 2 && ir_type_bytes((enum ir_type)recipe->operand_type) == 4) {
            v[k].u64[0] = v[k].i32;
        }
    }
    struct float_status none = {0};
    return ir_evaluate((enum ir_op)recipe->op, (enum ir_type)recipe->type, (enum ir_type)recipe->operand_type,
                       recipe->aux, v[0], v[1], v[2], r->rules, &none);
}

bool fast_apply_fault(const struct fast_faults *faults, uint32_t code_offset, const struct ir_context *context,
                      struct cpu_header *state, const struct host *host, const void *ucontext)
{
    uint32_t low = 0, high = faults->fault_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (faults->faults[middle].code_offset < code_offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == faults->fault_count || faults->faults[low].code_offset != code_offset) {
        return false;
    }
    const struct fast_fault *fault = &faults->faults[low];
    struct fault_reader reader = {faults, state, host, ucontext, context->rules};
    union ir_value values[REGISTER_COUNT * 4];
    uint32_t count = fault->count < REGISTER_COUNT * 4 ? fault->count : REGISTER_COUNT * 4;
    /* All are read before any is written: a value may be in the memory of another slot. */
    for (uint32_t i = 0; i < count; i++) {
        const struct fast_slot_value *entry = &faults->slots[fault->first + i];
        values[i] = entry->where == FAST_DEFERRED ? cook(&reader, &faults->recipes[entry->payload])
                                                  : read_place(&reader, entry->where, entry->payload);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct fast_slot_value *entry = &faults->slots[fault->first + i];
        memcpy((uint8_t *)state + context->slots[entry->slot].offset, &values[i],
               ir_type_bytes((enum ir_type)entry->type));
    }
    const struct ir_slot_description *pc = &context->slots[context->pc_slot];
    uint64_t fault_pc = faults->pc + (uint64_t)(int64_t)(int32_t)fault->pc_delta;
    memcpy((uint8_t *)state + pc->offset, &fault_pc, ir_type_bytes((enum ir_type)pc->type));
    return true;
}
