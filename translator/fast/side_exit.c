/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Side exits that only leave for a known pc, which is nearly all of them: at the branch it is noted what each stale
 * slot is, and out of line that is stored. The allocation need not be saved and restored. */
#include "compiler.h"

struct side_store {
    uint16_t slot;
    uint8_t type; /* of the slot */
    uint8_t kind; /* enum host_place_kind of the value; HOST_NOWHERE: deferred */
    host_register reg;
    int32_t disp;
    uint32_t number;             /* of the value */
    struct host_place places[3]; /* of a deferred value's operands */
};

struct side_exit {
    uint32_t leave; /* the goto's index */
    uint32_t count;
    host_mask used; /* registers with values to be stored */
    struct side_store *stores;
};

/* The block is goto, at most after drops. */
static bool is_plain(const struct compiler *c, const struct ir_block *block)
{
    const struct ir_instruction *code = c->unit->code;
    for (uint32_t i = block->first; i + 1 < block->end; i++) {
        if (code[i].op != IR_OP_drop) {
            return false;
        }
    }
    return code[block->end - 1].op == IR_OP_goto;
}

static bool is_dropped(const struct compiler *c, const struct ir_block *block, unsigned slot)
{
    for (uint32_t i = block->first; i + 1 < block->end; i++) {
        if (c->unit->code[i].a == slot) {
            return true;
        }
    }
    return false;
}

static host_mask place_mask(const struct host_place *place)
{
    return place->kind == HOST_IN_REGISTER ? 1u << place->reg : 0;
}

static void note_store(struct compiler *c, struct side_exit *exit, unsigned slot)
{
    struct side_store *store = &exit->stores[exit->count++];
    uint32_t number = c->pending[slot];
    *store = (struct side_store){
        .slot = (uint16_t)slot, .type = c->unit->context->slots[slot].type, .number = number, .kind = HOST_NOWHERE};
    if (!value_is_constant(c, number) && c->values[number].deferred) {
        deferred_places(c, number, store->places);
        for (unsigned k = 0; k < 3; k++) {
            exit->used |= place_mask(&store->places[k]);
        }
        return;
    }
    struct host_place place = value_place(c, number);
    store->kind = place.kind;
    store->reg = place.reg;
    store->disp = place.disp;
    exit->used |= place_mask(&place);
}

bool side_exit_note(struct compiler *c, uint32_t number)
{
    const struct ir_block *block = &c->unit->blocks[number];
    if (!is_plain(c, block)) {
        return false;
    }
    struct side_exit *exit = arena_new(c->arena, struct side_exit);
    exit->leave = block->end - 1;
    exit->stores = arena_array(c->arena, struct side_store, c->pending_count);
    for (uint32_t i = 0; i < c->pending_count; i++) {
        if (!is_dropped(c, block, c->pending_list[i])) {
            note_store(c, exit, c->pending_list[i]);
        }
    }
    /* Values in other places of memory pass through a register of their class that no store needs. */
    const host_mask general = c->host->allocatable_general, vector = c->host->allocatable_vector;
    if ((exit->used & general) == general || (exit->used & vector) == vector) {
        return false;
    }
    c->side_exits[number] = exit;
    return true;
}

void side_exit_emit(struct compiler *c, uint32_t number)
{
    const struct side_exit *exit = c->side_exits[number];
    const struct host *host = c->host;
    host->bind(&c->code, &c->labels[number]);
    for (uint32_t i = 0; i < exit->count; i++) {
        const struct side_store *store = &exit->stores[i];
        enum ir_type type = (enum ir_type)store->type;
        int32_t disp = slot_disp(c, store->slot);
        host_register reg = store->reg;
        switch ((enum host_place_kind)store->kind) {
        case HOST_IS_CONSTANT:
            host->store_constant(&c->code, disp, value_constant(c, store->number));
            break;
        case HOST_NOWHERE:
            host->store_deferred(&c->code, store->number, store->places, disp);
            break;
        case HOST_IN_STATE:
            reg = (host_register)__builtin_ctz(class_registers(c, type) & ~exit->used);
            host->load(&c->code, type, reg, store->disp);
            host->store(&c->code, type, disp, reg);
            break;
        case HOST_IN_REGISTER:
            host->store(&c->code, type, disp, reg);
            break;
        }
    }
    c->current = exit->leave;
    emit_instruction(c, exit->leave);
}
