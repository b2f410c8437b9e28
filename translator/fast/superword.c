/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "superword.h"
#include "superword_lanes.h"
#include "superword_search.h"

enum { MAX_PAIRS = 4, MAX_CHECKS = 4, FAILED = -1000 };

struct window {
    uint32_t start, end; /* instructions: from a mark to a mark or the block's end */
    struct superword_pair stores, loads[MAX_PAIRS];
    unsigned load_count;
    int gain; /* in operations, once it has been made, or FAILED */
};

/* That accesses through two registers are apart: store base - load base is not from `low` to `high`. */
struct check {
    uint32_t store_slot, load_slot;
    int64_t low, high;
};

struct superword {
    struct superword_lanes lanes;
    struct window *windows; /* in the order of the code */
    unsigned window_count;
    struct check checks[MAX_CHECKS];
    unsigned check_count;
};

/* ---- windows ---- */

/* The slot whose value at the unit's entry an address is, or IR_NO_REF. */
static uint32_t entry_slot(const struct ir_unit *unit, ir_ref address)
{
    if (ir_is_constant(address)) {
        return IR_NO_REF;
    }
    const struct ir_instruction *in = &unit->code[address];
    if (in->op != IR_OP_read || in->type != IR_I64 || in->aux || unit->context->slots[in->a].type != IR_I64) {
        return IR_NO_REF;
    }
    for (uint32_t i = 0; i < address; i++) {
        if (unit->code[i].op == IR_OP_write && unit->code[i].a == in->a) {
            return IR_NO_REF;
        }
    }
    return in->a;
}

static bool add_check(struct superword *s, uint32_t store_slot, uint32_t load_slot, int64_t apart)
{
    for (unsigned i = 0; i < s->check_count; i++) {
        struct check *check = &s->checks[i];
        if (check->store_slot == store_slot && check->load_slot == load_slot) {
            check->low = apart - 15 < check->low ? apart - 15 : check->low;
            check->high = apart + 15 > check->high ? apart + 15 : check->high;
            return true;
        }
    }
    if (s->check_count == MAX_CHECKS) {
        return false;
    }
    s->checks[s->check_count++] = (struct check){store_slot, load_slot, apart - 15, apart + 15};
    return true;
}

/* Whether the window's loads and its stores are apart, for all that is known now; the rest is left to a check. */
static bool keep_apart(struct superword *s, const struct window *w)
{
    const struct ir_unit *unit = s->lanes.old;
    const struct ir_instruction *store = &unit->code[w->stores.first];
    for (unsigned i = 0; i < w->load_count; i++) {
        const struct ir_instruction *load = &unit->code[w->loads[i].first];
        int64_t apart = (int64_t)superword_disp(load) - superword_disp(store);
        if (load->a == store->a) {
            if (apart > -2 * SUPERWORD_BYTES && apart < 2 * SUPERWORD_BYTES) {
                return false;
            }
            continue;
        }
        uint32_t from = entry_slot(unit, load->a), to = entry_slot(unit, store->a);
        if (from == IR_NO_REF || to == IR_NO_REF || !add_check(s, to, from, apart)) {
            return false;
        }
    }
    return true;
}

/* The loads of a window so far, and those among them that have found their neighbour. */
struct loads {
    uint32_t index[2 * MAX_PAIRS];
    unsigned count;
};

/* What may not stand in a window: it would be done a second time, or looks at what accesses do. */
static bool is_barrier(const struct ir_unit *unit, const struct ir_instruction *in)
{
    return in->op == IR_OP_call || in->op == IR_OP_fence || in->op == IR_OP_drop || in->op == IR_OP_fenv_read ||
           in->op == IR_OP_fenv_write || in->op == IR_OP_fenv_round || ir_has_list(in) ||
           (ir_effects(unit, in) & (IR_MEM_READ | IR_MEM_WRITE | IR_FAULT) && in->op != IR_OP_load && in->op != IR_OP_store);
}

/* One block's windows, from `start` on. */
struct search {
    uint32_t start;   /* where a window may begin, or IR_NO_REF */
    uint32_t store;   /* the store that waits for its neighbour, or IR_NO_REF */
    uint32_t restart; /* the mark behind it */
    struct loads loads, later; /* since the start, since the waiting store */
};

static uint32_t next_mark(const struct ir_unit *unit, uint32_t from, uint32_t end)
{
    while (from < end && unit->code[from].op != IR_OP_mark) {
        from++;
    }
    return from;
}

static void add_load(struct loads *loads, uint32_t index)
{
    if (loads->count < 2 * MAX_PAIRS) {
        loads->index[loads->count] = index;
    }
    loads->count++; /* too many are seen by the count */
}

/* An instruction may access more than one place after its last store in a pair. */
static bool ends_with(const struct ir_unit *unit, uint32_t store, uint32_t end)
{
    for (uint32_t i = store + 1; i < end; i++) {
        if (unit->code[i].op == IR_OP_load || unit->code[i].op == IR_OP_store || is_barrier(unit, &unit->code[i])) {
            return false;
        }
    }
    return true;
}

static bool make_window(struct superword *s, const struct search *search, uint32_t store, uint32_t end)
{
    const struct ir_unit *unit = s->lanes.old;
    struct window *w = &s->windows[s->window_count];
    w->start = search->start;
    w->end = next_mark(unit, store, end);
    w->load_count = search->loads.count / 2;
    struct check before[MAX_CHECKS];
    unsigned count = s->check_count;
    memcpy(before, s->checks, sizeof before);
    if (ends_with(unit, store, w->end) && search->loads.count <= 2 * MAX_PAIRS && superword_find_pair(unit, search->store, store, &w->stores) &&
        superword_pair_loads(unit, search->loads.index, search->loads.count, w->loads) && keep_apart(s, w)) {
        s->window_count++;
        return true;
    }
    memcpy(s->checks, before, sizeof before);
    s->check_count = count;
    return false;
}

static void note_store(struct superword *s, struct search *search, uint32_t store, uint32_t end)
{
    uint32_t behind = next_mark(s->lanes.old, store, end);
    if (search->store != IR_NO_REF && make_window(s, search, store, end)) {
        *search = (struct search){.start = behind, .store = IR_NO_REF};
        return;
    }
    if (search->store != IR_NO_REF && search->restart > store) { /* both are the same instruction's */
        *search = (struct search){.start = behind, .store = IR_NO_REF};
        return;
    }
    if (search->store != IR_NO_REF) { /* the waiting store goes alone, with what was before it */
        search->start = search->restart;
        search->loads = search->later;
    }
    search->store = store;
    search->restart = behind;
    search->later.count = 0;
}

static void find_windows_in(struct superword *s, const struct ir_block *block)
{
    const struct ir_unit *unit = s->lanes.old;
    uint32_t end = block->end - 1; /* what ends the block is not part of a window */
    struct search search = {.start = next_mark(unit, block->first, end), .store = IR_NO_REF};
    for (uint32_t i = search.start; i < end; i++) {
        const struct ir_instruction *in = &unit->code[i];
        bool is_access = in->op == IR_OP_load || in->op == IR_OP_store;
        if (is_barrier(unit, in) || (is_access && !superword_is_doubleword(unit, in))) {
            search = (struct search){.start = next_mark(unit, i, end), .store = IR_NO_REF};
        } else if (i < search.start) { /* of the barrier's instruction */
            continue;
        } else if (in->op == IR_OP_load) {
            add_load(&search.loads, i);
            add_load(&search.later, i);
        } else if (in->op == IR_OP_store) {
            note_store(s, &search, i, end);
        }
    }
}

/* ---- the new unit ---- */

static void make_accesses(struct superword_lanes *l, const struct window *w)
{
    const struct ir_instruction *code = l->old->code, *low = &code[w->stores.first], *high = &code[w->stores.second];
    for (unsigned i = 0; i < w->load_count; i++) {
        const struct superword_pair *pair = &w->loads[i];
        const struct ir_instruction *in = &code[pair->first];
        ir_ref address = superword_value(l, in->a);
        superword_set_lanes(l, pair->first, pair->second,
                            ir_append(&l->b, IR_OP_load, IR_V128, SUPERWORD_WHOLE, address, in->b, 0));
    }
    ir_ref stored = superword_pack(l, low->b, high->b);
    ir_append(&l->b, IR_OP_store, IR_NONE, SUPERWORD_WHOLE, superword_value(l, low->a), stored, low->c);
    l->gain += 1 + (int)w->load_count;
}

static void place_block(struct superword_lanes *l, uint32_t number, bool follows)
{
    ir_block_place(&l->b, number, follows);
    l->b.is_marked = true; /* marks are copied */
}

static void make_window_code(struct superword *s, struct window *w)
{
    struct superword_lanes *l = &s->lanes;
    l->start = w->start;
    l->gain = 0;
    l->has_failed = false;
    superword_copy(l, w->start);
    l->is_early = true;
    make_accesses(l, w);
    l->is_early = false;
    for (uint32_t i = w->start; i < w->end; i++) {
        const struct ir_instruction *in = &l->old->code[i];
        if (in->op != IR_OP_mark && in->op != IR_OP_load && in->op != IR_OP_store) {
            superword_copy_once(l, i);
        }
    }
    w->gain = l->has_failed ? FAILED : l->gain;
}

/* Whether the block is reached from the one before it in the layout: then what that one knows is known here. */
static bool follows_on(const struct ir_unit *unit, uint32_t place)
{
    const struct ir_instruction *last = &unit->code[unit->blocks[unit->layout[place - 1]].end - 1];
    uint32_t number = unit->layout[place];
    if (unit->blocks[number].predecessors != 1) {
        return false;
    }
    return last->op == IR_OP_branch ? last->b == number || last->c == number : last->op == IR_OP_jump && last->a == number;
}

/* All of the old unit's code once: with windows, or as it was. The block for the old block 0 is begun already. */
static void copy_blocks(struct superword *s, bool with_windows)
{
    struct superword_lanes *l = &s->lanes;
    const struct ir_unit *old = l->old;
    superword_begin_copy(l);
    for (uint32_t n = 1; n < old->block_count; n++) {
        l->blocks[n] = ir_block_new(&l->b);
    }
    struct window *w = s->windows, *end = w + (with_windows ? s->window_count : 0);
    for (uint32_t place = 0; place < old->layout_count; place++) {
        uint32_t number = old->layout[place];
        const struct ir_block *block = &old->blocks[number];
        bool follows = place > 0 && follows_on(old, place);
        if (place > 0) {
            place_block(l, l->blocks[number], follows);
        }
        l->splat_count = follows ? l->splat_count : 0;
        for (uint32_t i = block->first; i < block->end;) {
            if (w < end && w->start == i) {
                make_window_code(s, w);
                i = w++->end;
            } else {
                superword_copy_once(l, i++);
            }
        }
    }
}

/* Nonzero if the accesses of all windows are apart. */
static ir_ref make_checks(struct superword *s)
{
    struct ir_builder *b = &s->lanes.b;
    ir_ref all = IR_NO_REF;
    for (unsigned i = 0; i < s->check_count; i++) {
        const struct check *check = &s->checks[i];
        ir_ref distance = ir_sub(b, ir_read(b, (uint16_t)check->store_slot), ir_read(b, (uint16_t)check->load_slot));
        ir_ref from_low = ir_add(b, distance, ir_i64(b, (uint64_t)-check->low));
        ir_ref apart = ir_cmp(b, IR_GTU, from_low, ir_i64(b, (uint64_t)(check->high - check->low)));
        all = all == IR_NO_REF ? apart : ir_and(b, all, apart);
    }
    return all;
}

static void make_unit(struct superword *s)
{
    struct superword_lanes *l = &s->lanes;
    superword_begin_unit(l);
    if (!s->check_count) {
        copy_blocks(s, true);
        return;
    }
    ir_ref apart = make_checks(s);
    uint32_t wide = ir_block_new(&l->b), narrow = ir_block_new(&l->b);
    ir_emit_effect(&l->b, IR_HEAD(IR_OP_branch, IR_NONE, IR_HINT_LIKELY), apart, wide, narrow);
    place_block(l, wide, true);
    copy_blocks(s, true);
    place_block(l, narrow, false);
    copy_blocks(s, false);
}

/* Windows that gain less than `least` are given up. True if there were any; *gain: of the others. */
static bool drop_windows(struct superword *s, int least, int *gain)
{
    unsigned kept = 0, count = s->window_count;
    *gain = 0;
    for (unsigned i = 0; i < count; i++) {
        if (s->windows[i].gain >= least) {
            *gain += s->windows[i].gain;
            s->windows[kept++] = s->windows[i];
        }
    }
    s->window_count = kept;
    return kept != count;
}

static struct ir_unit *form_windows(const struct ir_unit *unit, unsigned stores)
{
    struct superword s = {.window_count = 0};
    superword_lanes_init(&s.lanes, unit);
    s.windows = arena_array(unit->arena, struct window, stores / 2 + 1);
    for (uint32_t l = 0; l < unit->layout_count; l++) {
        find_windows_in(&s, &unit->blocks[unit->layout[l]]);
    }
    if (!s.window_count) {
        return NULL;
    }
    int gain;
    make_unit(&s);
    for (int least = 1; drop_windows(&s, least, &gain); least = FAILED + 1) {
        make_unit(&s); /* what those had in vectors the next ones gather now: some may gain nothing then, but all together */
    }
    return gain > 0 ? s.lanes.b.unit : NULL;
}

struct ir_unit *superword_form(const struct ir_unit *unit)
{
    unsigned stores = 0;
    if (unit->context->word_type != IR_I64) {
        return NULL;
    }
    for (uint32_t i = 0; i < unit->count; i++) {
        stores += unit->code[i].op == IR_OP_store;
        if (ir_has_list(&unit->code[i])) {
            return NULL;
        }
    }
    return stores ? form_windows(unit, stores) : superword_form_search(unit);
}
