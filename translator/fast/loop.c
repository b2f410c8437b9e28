/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units that are loops keep slots in registers across the back edge: the header assigns registers to the slots used
 * most, loads them once, and each back edge moves their values there again. A slot written in the loop is stale in
 * memory all through it. */
#include "compiler.h"
#include "log.h"

enum { KEEP_FREE_GENERAL = 3, KEEP_FREE_VECTOR = 4 };

struct candidate {
    uint16_t slot;
    uint16_t weight;
    uint8_t type;
    bool read_first; /* the iteration wants what the one before it left there */
    bool written;
};

/* Flags that the next iteration overwrites before anybody looks, an event's exit included: they are not even stored. */
static bool is_dead_at_entry(const struct compiler *c, unsigned slot)
{
    for (unsigned i = 0; i < c->flag_count; i++) {
        if (c->flag_slots[i] == slot) {
            return !(c->entry_flags >> i & 1);
        }
    }
    return false;
}

/* The slots that the unit accesses, each once; how many, or 0 if a helper in the unit makes registers across the loop worthless. */
static unsigned find_candidates(struct compiler *c, struct candidate *found)
{
    unsigned slots = c->unit->context->slot_count, count = 0;
    uint16_t *place = arena_alloc_zero(c->arena, slots * sizeof *place, 2); /* index in found, plus 1 */
    for (uint32_t i = 0; i < c->unit->count; i++) {
        const struct ir_instruction *in = &c->unit->code[i];
        if (in->op == IR_OP_call && !(c->bits[i] & IS_DEAD)) {
            return 0;
        }
        if ((in->op != IR_OP_read && in->op != IR_OP_write) || c->bits[i] & IS_DEAD || is_dead_at_entry(c, in->a)) {
            continue;
        }
        if (!place[in->a]) {
            found[count] = (struct candidate){.slot = (uint16_t)in->a,
                                              .type = c->unit->context->slots[in->a].type,
                                              .read_first = in->op == IR_OP_read};
            place[in->a] = (uint16_t)++count;
        }
        struct candidate *candidate = &found[place[in->a] - 1];
        candidate->weight++;
        candidate->written |= in->op == IR_OP_write;
    }
    return count;
}

/* How many values of the class, slots aside, are wanted by later instructions at a time. */
struct pressure {
    uint8_t *live; /* by instruction */
    host_mask registers;
    unsigned now;
};

static void visit_live(struct compiler *c, uint32_t number, void *data)
{
    struct pressure *p = data;
    if (number < c->unit->count && !p->live[number] && c->unit->code[number].op != IR_OP_read &&
        class_registers(c, (enum ir_type)c->values[number].type) == p->registers) {
        p->live[number] = 1;
        p->now++;
    }
}

static unsigned find_pressure(struct compiler *c, host_mask registers)
{
    struct pressure p = {.live = arena_alloc_zero(c->arena, c->unit->count, 1), .registers = registers};
    unsigned most = 0;
    for (uint32_t i = c->unit->count; i-- > 0;) {
        const struct ir_instruction *in = &c->unit->code[i];
        p.now -= p.live[i];
        if (in->op == IR_OP_write || in->op == IR_OP_mark || c->bits[i] & (IS_DEAD | IS_ABSORBED | IS_DEFERRED)) {
            continue;
        }
        for_each_use(c, i, visit_live, &p);
        most = p.now > most ? p.now : most;
    }
    return most;
}

static bool fits_class(uint8_t type, bool vector)
{
    return vector ? type == IR_V128 || type == IR_F64 : type == IR_I32 || type == IR_I64 || type == IR_FLAGS;
}

/* What is carried from one iteration to the next comes first: through memory that would be slow. Then what is only
   read; then what each iteration makes anew, of which memory would need the last value only. */
static unsigned rank(const struct candidate *s)
{
    return s->read_first ? 1 + s->written : 0;
}

/* Of the best rank the most accessed one, among equals the lowest slot. */
static struct candidate *best_candidate(struct candidate *found, unsigned count, bool vector)
{
    struct candidate *best = NULL;
    for (struct candidate *s = found; s < found + count; s++) {
        if (!s->weight || !fits_class(s->type, vector)) {
            continue;
        }
        unsigned is = rank(s), was = best ? rank(best) : 0;
        if (!best || is > was ||
            (is == was && (s->weight > best->weight || (s->weight == best->weight && s->slot < best->slot)))) {
            best = s;
        }
    }
    return best;
}

static void assign(struct compiler *c, struct candidate *found, unsigned count, bool vector, host_mask registers,
                   unsigned keep_free)
{
    unsigned pressure = find_pressure(c, registers);
    while ((unsigned)__builtin_popcount(registers) > keep_free) {
        struct candidate *best = best_candidate(found, count, vector);
        if (!best || (rank(best) == 0 && (unsigned)__builtin_popcount(registers) <= pressure)) {
            return;
        }
        host_register reg = (host_register)(31 - __builtin_clz(registers)); /* the last ones: less often demanded by name */
        registers &= ~(1u << reg);
        c->header[c->header_count++] = (struct header_slot){best->slot, reg, best->written};
        best->weight = 0;
    }
}

void loop_choose_header(struct compiler *c)
{
    struct candidate *found = arena_array(c->arena, struct candidate, c->unit->context->slot_count);
    unsigned count = find_candidates(c, found);
    c->header_count = 0;
    if (!count) {
        return;
    }
    c->header = arena_array(c->arena, struct header_slot, REGISTER_COUNT);
    assign(c, found, count, false, c->host->allocatable_general, KEEP_FREE_GENERAL);
    assign(c, found, count, true, c->host->allocatable_vector, KEEP_FREE_VECTOR);
}

void loop_enter(struct compiler *c)
{
    for (uint32_t i = 0; i < c->header_count; i++) {
        const struct header_slot *h = &c->header[i];
        uint32_t number = c->entry_start + h->slot;
        struct value *v = &c->values[number];
        c->host->load(&c->code, (enum ir_type)v->type, h->reg, slot_disp(c, h->slot));
        value_set_register(c, number, h->reg);
        if (h->dirty) {
            slot_set_pending(c, h->slot, number);
        } else {
            v->in_state = true;
            v->home_slot = h->slot;
            v->disp = slot_disp(c, h->slot);
            v->held = 1; /* for the back edge */
        }
    }
    c->header_label = (struct host_label){.offset = -1, .pending = -1};
    c->host->bind(&c->code, &c->header_label);
}

static const struct header_slot *header_of(const struct compiler *c, unsigned slot)
{
    for (uint32_t i = 0; i < c->header_count; i++) {
        if (c->header[i].slot == slot) {
            return &c->header[i];
        }
    }
    return NULL;
}

host_register loop_register(const struct compiler *c, unsigned slot)
{
    const struct header_slot *h = header_of(c, slot);
    return h ? h->reg : HOST_NO_REGISTER;
}

/* The value that a header slot has now: pending, or the entry value, or only in memory (NO_VALUE). */
static uint32_t current_value(const struct compiler *c, const struct header_slot *h)
{
    if (c->pending[h->slot] != NO_VALUE) {
        return c->pending[h->slot];
    }
    uint32_t entry = c->entry_start + h->slot;
    return !h->dirty && c->values[entry].reg != HOST_NO_REGISTER ? entry : NO_VALUE;
}

/* Everything that is not the header's goes to memory, deferred values of header slots into registers. */
static void settle_slots(struct compiler *c)
{
    for (uint32_t i = c->pending_count; i-- > 0;) {
        if (i >= c->pending_count) {
            continue;
        }
        unsigned slot = c->pending_list[i];
        uint32_t number = c->pending[slot];
        if (is_dead_at_entry(c, slot)) {
            slot_drop(c, slot);
        } else if (!header_of(c, slot)) {
            slot_write_back(c, slot);
        } else if (!value_is_constant(c, number) && c->values[number].deferred) {
            value_materialize(c, number);
        }
    }
}

/* Register-to-register moves of the back edge, in parallel: a move is made when nobody still needs its target; what
   remains are cycles. */
struct parallel_move {
    host_register to, from;
    uint8_t type;
};

static void move_in_parallel(struct compiler *c, struct parallel_move *moves, unsigned count)
{
    while (count) {
        bool progress = false;
        for (unsigned i = 0; i < count; i++) {
            bool needed = false;
            for (unsigned k = 0; k < count; k++) {
                needed |= k != i && moves[k].from == moves[i].to;
            }
            if (!needed) {
                c->host->move(&c->code, (enum ir_type)moves[i].type, moves[i].to, moves[i].from);
                moves[i] = moves[--count];
                progress = true;
                break;
            }
        }
        if (progress) {
            continue;
        }
        /* Only cycles: exchange one pair; whoever wanted the two finds them the other way round. */
        host_register one = moves[0].to, other = moves[0].from;
        c->host->exchange(&c->code, one, other);
        moves[0] = moves[--count];
        for (unsigned k = 0; k < count;) {
            moves[k].from = moves[k].from == one ? other : moves[k].from == other ? one : moves[k].from;
            if (moves[k].from == moves[k].to) {
                moves[k] = moves[--count];
            } else {
                k++;
            }
        }
    }
}

/* For the out-of-line event exit: the header's registers back to memory. */
static void store_header(struct host_code *code, void *data)
{
    struct compiler *c = data;
    for (uint32_t i = 0; i < c->header_count; i++) {
        const struct header_slot *h = &c->header[i];
        if (h->dirty) {
            enum ir_type type = (enum ir_type)c->unit->context->slots[h->slot].type;
            c->host->store(code, type, slot_disp(c, h->slot), h->reg);
        }
    }
}

void loop_back(struct compiler *c)
{
    struct parallel_move moves[REGISTER_COUNT];
    const struct header_slot *from_memory[REGISTER_COUNT];
    unsigned move_count = 0, memory_count = 0;
    settle_slots(c);
    for (uint32_t i = 0; i < c->header_count; i++) {
        const struct header_slot *h = &c->header[i];
        uint32_t number = current_value(c, h);
        if (number == NO_VALUE || c->values[number].reg == HOST_NO_REGISTER) {
            from_memory[memory_count++] = h;
        } else if (c->values[number].reg != h->reg) {
            enum ir_type type = (enum ir_type)c->unit->context->slots[h->slot].type;
            moves[move_count++] = (struct parallel_move){h->reg, c->values[number].reg, type};
        }
    }
    move_in_parallel(c, moves, move_count);
    for (unsigned i = 0; i < memory_count; i++) {
        const struct header_slot *h = from_memory[i];
        uint32_t number = current_value(c, h);
        enum ir_type type = (enum ir_type)c->unit->context->slots[h->slot].type;
        if (number != NO_VALUE && value_is_constant(c, number)) {
            c->host->load_constant(&c->code, h->reg, value_constant(c, number));
        } else {
            c->host->load(&c->code, type, h->reg, number == NO_VALUE ? slot_disp(c, h->slot) : c->values[number].disp);
        }
    }
    c->host->loop(&c->code, &c->header_label, store_header, c);
}
