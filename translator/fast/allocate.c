/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, on the fly: one forward pass, no lists of intervals. A register is freed when its value has no use left
 * and no pending slot has it. When none is free, the cheapest to get back goes: constants and values that memory has
 * too, then values that only pending slots want (stored where they belong anyway), then those that must come back, from
 * memory, from their slot, from a spill place; among equals the one touched longest ago. */
#include "compiler.h"
#include "log.h"

#include <stddef.h>

static const struct value fresh = {.reg = HOST_NO_REGISTER, .absorbed = IR_NO_REF};

static inline void make_value(struct value *v, uint32_t number, uint8_t type)
{
    *v = fresh;
    v->type = type;
    v->canon = number;
}

static void note_flags(struct compiler *c, uint32_t slot)
{
    for (unsigned i = 0; i < c->flag_count; i++) {
        if (c->flag_slots[i] == slot) {
            return;
        }
    }
    KAGE_ASSERT(c->flag_count < MAX_FLAG_SLOTS, "a unit has too many flags");
    c->flag_slots[c->flag_count++] = (uint16_t)slot;
}

static inline void count_raw(uint16_t *uses, ir_ref ref)
{
    if (!(ref & IR_CONSTANT)) {
        uses[ref]++;
    }
}

static void count_operands(const struct ir_unit *unit, const struct ir_instruction *in, uint16_t *uses)
{
    unsigned operands = ir_value_operands[in->op];
    if (operands & 1) {
        count_raw(uses, in->a);
    }
    if (operands & 2) {
        count_raw(uses, in->b);
    }
    if (operands & 4) {
        count_raw(uses, in->c);
    }
    if (ir_has_list(in)) {
        for (uint32_t k = 0; k < ir_list_count(in); k++) {
            count_raw(uses, unit->list[ir_list_start(in) + k]);
        }
    }
}

/* The values of instructions, with how often each is named. */
static void make_values(struct compiler *c)
{
    const struct ir_unit *unit = c->unit;
    const struct ir_slot_description *slots = unit->context->slots;
    const struct ir_instruction *in = unit->code;
    uint16_t *uses = c->uses;
    struct value *values = c->values;
    for (uint32_t i = 0, count = unit->count; i < count; i++, in++) {
        switch (in->op) {
        case IR_OP_mark:
            break;
        case IR_OP_write:
            count_raw(uses, in->b);
            count_raw(c->writes, in->b);
            if (slots[in->a].type == IR_FLAGS) {
                note_flags(c, in->a);
            }
            break;
        case IR_OP_read:
        case IR_OP_drop:
            make_value(&values[i], i, in->type);
            if (slots[in->a].type == IR_FLAGS) {
                note_flags(c, in->a);
            }
            break;
        default:
            make_value(&values[i], i, in->type);
            count_operands(unit, in, uses);
            break;
        }
    }
}

void allocate_init(struct compiler *c)
{
    const struct ir_unit *unit = c->unit;
    unsigned slots = unit->context->slot_count;
    c->loops = unit->blocks[0].predecessors > 1;
    c->constant_start = unit->count;
    c->entry_start = unit->count + unit->constant_count;
    c->value_count = c->entry_start + (c->loops ? slots : 0);
    c->values = arena_alloc_aligned(c->arena, c->value_count * sizeof *c->values, sizeof *c->values);
    c->uses = arena_alloc_zero(c->arena, unit->count * (3 * sizeof *c->uses + sizeof *c->bits), 8);
    c->writes = c->uses + unit->count;
    c->wanted = c->writes + unit->count;
    c->bits = (uint8_t *)(c->wanted + unit->count);
    c->code.uses = c->uses;
    c->code.bits = c->bits;
    make_values(c);
    for (uint32_t i = 0; i < unit->constant_count; i++) {
        uint32_t number = c->constant_start + i;
        make_value(&c->values[number], number, (uint8_t)unit->constants[i].type);
    }
    for (uint32_t i = c->entry_start; i < c->value_count; i++) {
        make_value(&c->values[i], i, unit->context->slots[i - c->entry_start].type);
    }
    _Static_assert(NO_VALUE == UINT32_MAX, "all bits are set");
    c->pending = memset(arena_array(c->arena, uint32_t, 2 * slots), 0xff, 2 * slots * sizeof *c->pending);
    c->home_head = c->pending + slots;
    c->pending_list = arena_array(c->arena, uint16_t, 2 * slots);
    c->pending_place = c->pending_list + slots;
    c->home_slots = arena_alloc_zero(c->arena, (slots + 63) / 64 * sizeof *c->home_slots, 8);
    memset(c->registers, 0xff, sizeof c->registers);
    c->vacant = UINT32_MAX;
}

void value_forget_memory(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    if (!v->in_state) {
        return;
    }
    v->in_state = false;
    if (v->home_slot == NO_SLOT) {
        unsigned place = (unsigned)(v->disp - (int32_t)offsetof(struct cpu_header, spills)) / 16;
        c->spills_used &= ~(1ull << place);
        return;
    }
    for (uint32_t *link = &c->home_head[v->home_slot]; *link != NO_VALUE; link = &c->values[*link].home_next) {
        if (*link == number) {
            *link = v->home_next;
            return;
        }
    }
}

static void use_done(struct compiler *c, uint32_t number, void *data)
{
    value_use_done(c, number);
}

void value_forget(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    if (v->deferred) {
        v->deferred = false;
        for_each_use(c, number, use_done, NULL);
        return;
    }
    value_set_register(c, number, HOST_NO_REGISTER);
    value_forget_memory(c, number);
}

/* A pending slot that has this value and room for all of it, or NO_SLOT. */
static unsigned find_pending_slot(const struct compiler *c, uint32_t number)
{
    for (uint32_t i = 0; i < c->pending_count; i++) {
        unsigned slot = c->pending_list[i];
        if (c->pending[slot] == number && c->unit->context->slots[slot].type == c->values[number].type) {
            return slot;
        }
    }
    return NO_SLOT;
}

static void spill(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    unsigned place = (unsigned)__builtin_ctzll(~c->spills_used);
    KAGE_ASSERT(place < CPU_SPILL_COUNT, "out of spill places");
    c->spills_used |= 1ull << place;
    v->disp = (int32_t)offsetof(struct cpu_header, spills) + (int32_t)place * 16;
    v->home_slot = NO_SLOT;
    v->in_state = true;
    c->host->store(&c->code, (enum ir_type)v->type, v->disp, v->reg);
}

/* Memory gets the value if nothing else has it. */
static void save_value(struct compiler *c, uint32_t number)
{
    struct value *v = &c->values[number];
    if (value_is_constant(c, number) || v->in_state || (v->left == 0 && v->held == 0)) {
        return;
    }
    unsigned slot = v->held ? find_pending_slot(c, number) : NO_SLOT;
    if (slot != NO_SLOT) {
        slot_write_back(c, slot);
    } else {
        spill(c, number);
    }
}

static void evict(struct compiler *c, host_register reg)
{
    uint32_t number = c->registers[reg];
    save_value(c, number);
    if (c->registers[reg] == number) {
        value_set_register(c, number, HOST_NO_REGISTER);
    }
}

static uint32_t eviction_cost(const struct compiler *c, host_register reg)
{
    const struct value *v = &c->values[c->registers[reg]];
    bool used = v->left > 0;
    uint32_t cost = value_is_constant(c, c->registers[reg]) ? 0 : v->in_state ? 2 * used : v->held ? 1 + 2 * used : 4;
    return cost << 24 | (c->touched[reg] & 0xffffff);
}

/* ---- in loops: by the next use ---- */

enum { FAR_AHEAD = 64 };

/* Registers by the distance of the next instruction that wants their value: what a loop repeats is worth looking ahead
 * for. */
struct lookahead {
    uint8_t distance[REGISTER_COUNT]; /* FAR_AHEAD: none so near */
    host_mask unseen;
};

static inline void see_at(struct compiler *c, struct lookahead *ahead, uint32_t number, uint32_t distance)
{
    host_register reg = number < c->value_count ? c->values[number].reg : HOST_NO_REGISTER;
    if (reg != HOST_NO_REGISTER && c->registers[reg] == number && ahead->unseen >> reg & 1) {
        ahead->distance[reg] = (uint8_t)distance;
        ahead->unseen &= ~(1u << reg);
    }
}

struct seen_use {
    struct lookahead *ahead;
    uint32_t distance;
};

static void see_use(struct compiler *c, uint32_t number, void *data)
{
    const struct seen_use *use = data;
    see_at(c, use->ahead, number, use->distance);
}

/* A slot is written: what it had until then need not be stored, nor what that would be made from. */
static void see_overwritten(struct compiler *c, struct lookahead *ahead, uint32_t number, uint32_t distance)
{
    if (number == NO_VALUE || value_is_constant(c, number)) {
        return;
    }
    if (c->values[number].deferred) {
        struct seen_use use = {ahead, distance};
        for_each_use(c, number, see_use, &use);
    } else {
        see_at(c, ahead, number, distance);
    }
}

static struct lookahead look_ahead(struct compiler *c, host_mask candidates)
{
    const struct ir_instruction *code = c->unit->code;
    struct lookahead ahead = {.unseen = candidates};
    memset(ahead.distance, FAR_AHEAD, sizeof ahead.distance);
    uint32_t distance = 0;
    for (uint32_t i = c->current + 1; i < c->unit->count && ahead.unseen && distance < FAR_AHEAD - 1; i++) {
        const struct ir_instruction *in = &code[i];
        if (in->op == IR_OP_mark || c->bits[i] & (IS_DEAD | IS_ABSORBED | IS_DEFERRED | IS_MADE_EARLY)) {
            continue;
        }
        if (in->op == IR_OP_write || in->op == IR_OP_drop) {
            see_overwritten(c, &ahead, c->pending[in->a], distance + 1);
            continue;
        }
        distance++;
        if (in->op == IR_OP_read) {
            uint32_t known = c->pending[in->a];
            see_at(c, &ahead, known != NO_VALUE ? known : c->entry_start + in->a, distance);
            continue;
        }
        struct seen_use use = {&ahead, distance};
        for_each_use(c, i, see_use, &use);
    }
    return ahead;
}

/* The back edge wants the value in a register. */
static bool goes_to_header(const struct compiler *c, uint32_t number)
{
    for (uint32_t i = 0; i < c->header_count; i++) {
        if (c->pending[c->header[i].slot] == number) {
            return true;
        }
    }
    return false;
}

/* What it costs to lose the register, per instruction until the value is wanted again: a load, and a store unless
   memory has the value or gets it in any case. */
static uint32_t loop_eviction_cost(const struct compiler *c, host_register reg, const struct lookahead *ahead)
{
    enum { SCALE = 1 << 10, LOAD = 1, STORE = 2 };
    uint32_t number = c->registers[reg];
    const struct value *v = &c->values[number];
    bool from_header = number >= c->entry_start, stays = v->held && v->left == 0; /* only slots want it */
    if (value_is_constant(c, number) || (v->left == 0 && !from_header && (v->in_state || !v->held))) {
        return 0;
    }
    uint32_t cost = v->in_state ? LOAD : stays && !from_header && !goes_to_header(c, number) ? STORE : STORE + LOAD;
    return cost * SCALE / (v->now ? 1 : ahead->distance[reg]) + 1;
}

static host_register choose_in_loop(struct compiler *c, host_mask mask)
{
    struct lookahead ahead = look_ahead(c, mask);
    host_register best = HOST_NO_REGISTER;
    uint32_t best_cost = UINT32_MAX;
    for (host_mask rest = mask; rest; rest &= rest - 1) {
        host_register reg = (host_register)__builtin_ctz(rest);
        uint32_t cost = loop_eviction_cost(c, reg, &ahead);
        if (cost < best_cost || (cost == best_cost && c->touched[reg] < c->touched[best])) {
            best_cost = cost;
            best = reg;
        }
    }
    return best;
}

host_register allocate_register(struct compiler *c, host_mask mask)
{
    mask &= ~c->locked;
    KAGE_ASSERT(mask, "an instruction needs more registers than there are");
    if (mask & c->vacant) {
        return (host_register)__builtin_ctz(mask & c->vacant);
    }
    host_register best = HOST_NO_REGISTER;
    uint32_t best_cost = UINT32_MAX;
    if (c->loops) {
        best = choose_in_loop(c, mask);
        evict(c, best);
        return best;
    }
    for (host_mask rest = mask; rest; rest &= rest - 1) {
        host_register reg = (host_register)__builtin_ctz(rest);
        uint32_t cost = eviction_cost(c, reg);
        if (cost < best_cost) {
            best_cost = cost;
            best = reg;
        }
    }
    evict(c, best);
    return best;
}

void register_vacate(struct compiler *c, host_register reg, host_mask avoid)
{
    uint32_t number = c->registers[reg];
    if (number == NO_VALUE) {
        return;
    }
    const struct value *v = &c->values[number];
    host_mask others = class_registers(c, (enum ir_type)v->type) & c->vacant & ~c->locked & ~avoid & ~(1u << reg);
    if (others && !v->in_state && !value_is_constant(c, number)) {
        host_register other = (host_register)__builtin_ctz(others);
        c->host->move(&c->code, (enum ir_type)v->type, other, reg);
        value_set_register(c, number, other);
        return;
    }
    evict(c, reg);
}

static void load_value(struct compiler *c, uint32_t number, host_register reg)
{
    const struct value *v = &c->values[number];
    if (value_is_constant(c, number)) {
        c->host->load_constant(&c->code, reg, value_constant(c, number));
    } else {
        KAGE_ASSERT(v->in_state, "a value that is nowhere");
        c->host->load(&c->code, (enum ir_type)v->type, reg, v->disp);
    }
}

host_register value_into_register(struct compiler *c, uint32_t number, host_mask mask)
{
    struct value *v = &c->values[number];
    if (v->deferred) {
        value_materialize(c, number);
    }
    if (v->reg != HOST_NO_REGISTER && mask >> v->reg & 1) {
        c->touched[v->reg] = ++c->clock;
        return v->reg;
    }
    host_register reg = allocate_register(c, mask);
    if (v->reg != HOST_NO_REGISTER) {
        c->host->move(&c->code, (enum ir_type)v->type, reg, v->reg);
    } else {
        load_value(c, number, reg);
    }
    value_set_register(c, number, reg);
    return reg;
}
