/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "superword_search.h"
#include "superword_lanes.h"

enum {
    MAX_ROUNDS = 8,
    MAX_PER_ROUND = 4, /* loads, and ways out */
    MAX_STREAMS = 4,
    MOST_INSTRUCTIONS = 700, /* of the IR, all turns of pairs together */
    MOST_TURNS = 7,
    MOST_RETREATS = MOST_TURNS * (1 + 2 * MAX_PER_ROUND + MAX_ROUNDS / 2),
    PAGE_LOG = 12, /* no host protects less at once */
};

/* A way out of the loop: taken if `x cond y`. */
struct way_out {
    ir_ref x, y;
    uint16_t cond;
};

struct round {
    uint32_t start, end; /* instructions */
    uint32_t loads[MAX_PER_ROUND];
    struct way_out ways[MAX_PER_ROUND];
    unsigned load_count, way_count;
};

/* Loads through one register: all of a turn's are from low to before high. */
struct stream {
    ir_ref base;
    int64_t low, high;
};

struct search {
    struct superword_lanes lanes;
    struct round rounds[MAX_ROUNDS];
    unsigned round_count;
    uint32_t chain; /* how many blocks of the layout are the turn itself */
    struct stream streams[MAX_STREAMS];
    unsigned stream_count;
    bool is_count[MAX_PER_ROUND]; /* by way out */
    uint32_t *written; /* by slot: its last write up to the round reached, or IR_NO_REF */
    uint32_t retreats[MOST_RETREATS]; /* new blocks that go back to the entry; they stand last */
    unsigned retreat_count;
};

/* ---- what the loop does ---- */

static bool note_load(struct search *s, struct round *round, uint32_t index)
{
    const struct ir_instruction *in = &s->lanes.old->code[index];
    if (round->load_count == MAX_PER_ROUND || !superword_is_doubleword(s->lanes.old, in)) {
        return false;
    }
    round->loads[round->load_count++] = index;
    int64_t low = superword_disp(in), high = low + SUPERWORD_BYTES;
    for (unsigned i = 0; i < s->stream_count; i++) {
        struct stream *stream = &s->streams[i];
        if (stream->base == in->a) {
            stream->low = low < stream->low ? low : stream->low;
            stream->high = high > stream->high ? high : stream->high;
            return true;
        }
    }
    if (s->stream_count == MAX_STREAMS || ir_is_constant(in->a) || s->lanes.old->code[in->a].op != IR_OP_read) {
        return false;
    }
    s->streams[s->stream_count++] = (struct stream){in->a, low, high};
    return true;
}

/* A branch that stays in the turn one way and leaves it the other way. */
static bool note_branch(struct search *s, struct round *round, const struct ir_instruction *in, uint32_t stay)
{
    const struct ir_unit *unit = s->lanes.old;
    if (round->way_count == MAX_PER_ROUND || ir_is_constant(in->a) || unit->code[in->a].op != IR_OP_cmp ||
        in->b == in->c || (in->b != stay && in->c != stay)) {
        return false;
    }
    const struct ir_instruction *cmp = &unit->code[in->a];
    if (ir_type_of(unit, cmp->a) != IR_I64) {
        return false;
    }
    round->ways[round->way_count++] = (struct way_out){cmp->a, cmp->b, in->b == stay ? cmp->aux ^ 1 : cmp->aux};
    return true;
}

static bool is_round_start(const struct ir_unit *unit, const struct ir_instruction *in)
{
    return in->op == IR_OP_mark && (in->a | (uint64_t)in->b << 32) == unit->pc;
}

/* An instruction of the turn; next: the block that follows in the layout. */
static bool note_instruction(struct search *s, uint32_t index, uint32_t next)
{
    const struct ir_unit *unit = s->lanes.old;
    const struct ir_instruction *in = &unit->code[index];
    struct round *round = s->round_count ? &s->rounds[s->round_count - 1] : NULL;
    if (is_round_start(unit, in)) {
        if (s->round_count == MAX_ROUNDS) {
            return false;
        }
        s->rounds[s->round_count++] = (struct round){.start = index};
        return true;
    }
    if (!round) {
        return false;
    }
    round->end = index + 1;
    switch (in->op) {
    case IR_OP_load:
        return note_load(s, round, index);
    case IR_OP_branch:
        return note_branch(s, round, in, in->b == 0 || in->c == 0 ? 0 : next);
    case IR_OP_jump:
        return in->a == 0;
    case IR_OP_mark:
    case IR_OP_read:
    case IR_OP_write:
        return true;
    default:
        return ir_ops[in->op].effects == IR_PURE;
    }
}

static bool note_turn(struct search *s)
{
    const struct ir_unit *unit = s->lanes.old;
    for (;;) {
        const struct ir_block *block = &unit->blocks[unit->layout[s->chain++]];
        uint32_t next = s->chain < unit->layout_count ? unit->layout[s->chain] : IR_NO_REF;
        for (uint32_t i = block->first; i < block->end; i++) {
            if (!note_instruction(s, i, next)) {
                return false;
            }
        }
        const struct ir_instruction *end = &unit->code[block->end - 1];
        if (end->op == IR_OP_jump || end->b == 0 || end->c == 0) {
            return true;
        }
    }
}

/* Whether all rounds are alike, and the loads of each are beside those of the next. */
static bool rounds_match(const struct search *s)
{
    const struct round *first = &s->rounds[0];
    if (s->round_count < 4 || s->round_count % 2 || !first->load_count || !first->way_count) {
        return false;
    }
    for (unsigned r = 1; r < s->round_count; r++) {
        const struct round *round = &s->rounds[r], *before = round - 1;
        if (round->load_count != first->load_count || round->way_count != first->way_count) {
            return false;
        }
        for (unsigned i = 0; i < round->load_count; i++) {
            struct superword_pair pair;
            if (!superword_find_pair(s->lanes.old, before->loads[i], round->loads[i], &pair)) {
                return false;
            }
        }
        for (unsigned i = 0; i < round->way_count; i++) {
            if (round->ways[i].cond != first->ways[i].cond) {
                return false;
            }
        }
    }
    return true;
}

/* The ways out go to a known pc and look at nothing. */
static bool exits_are_plain(const struct search *s)
{
    const struct ir_unit *old = s->lanes.old;
    for (uint32_t place = s->chain; place < old->layout_count; place++) {
        const struct ir_block *block = &old->blocks[old->layout[place]];
        for (uint32_t i = block->first; i < block->end; i++) {
            if (old->code[i].op != IR_OP_goto && old->code[i].op != IR_OP_drop && old->code[i].op != IR_OP_mark) {
                return false;
            }
        }
    }
    return true;
}

/* ---- pairs of rounds ---- */

/* To the entry if the condition holds. The state is that of a round's start. */
static void retreat_if(struct search *s, ir_ref condition)
{
    struct ir_builder *b = &s->lanes.b;
    uint32_t retreat = ir_block_new(b), follow = ir_block_new(b);
    s->retreats[s->retreat_count++] = retreat;
    ir_emit(b, IR_OP_branch, IR_NONE, IR_HINT_NONE, condition, retreat, follow);
    ir_block_place(b, follow, true);
}

static ir_ref lanes_of(struct search *s, enum ir_op op, ir_ref x, ir_ref y)
{
    return ir_emit(&s->lanes.b, op, IR_V128, ir_ops[op].aux == IR_AUX_LANE ? SUPERWORD_LANE : 0, x, y, 0);
}

/* What is not zero in the lanes that leave. */
static ir_ref compare_lanes(struct search *s, uint16_t cond, ir_ref x, ir_ref y)
{
    switch ((enum ir_cond)cond) {
    case IR_NE:
        return lanes_of(s, IR_OP_v_xor, x, y);
    case IR_EQ:
        return lanes_of(s, IR_OP_v_cmp_eq, x, y);
    case IR_GTU:
        return lanes_of(s, IR_OP_v_cmp_gt_u, x, y);
    case IR_LTU:
        return lanes_of(s, IR_OP_v_cmp_gt_u, y, x);
    case IR_GEU:
        return lanes_of(s, IR_OP_v_cmp_ge_u, x, y);
    case IR_LEU:
        return lanes_of(s, IR_OP_v_cmp_ge_u, y, x);
    case IR_GTS:
        return lanes_of(s, IR_OP_v_cmp_gt_s, x, y);
    case IR_LTS:
        return lanes_of(s, IR_OP_v_cmp_gt_s, y, x);
    case IR_GES:
        return lanes_of(s, IR_OP_v_cmp_ge_s, x, y);
    default:
        return lanes_of(s, IR_OP_v_cmp_ge_s, y, x);
    }
}

/* The value that a sum with a constant starts from, and the constant. */
static ir_ref start_of(const struct ir_unit *unit, ir_ref ref, int64_t *offset)
{
    *offset = 0;
    if (ir_is_constant(ref) || unit->code[ref].op != IR_OP_add || !ir_is_constant(unit->code[ref].b)) {
        return ref;
    }
    *offset = ir_constant_of(unit, unit->code[ref].b)->value.s64[0];
    return unit->code[ref].a;
}

/* A way out that a register is counted to: `start + offset cond fixed`, the offset in equal steps from round to round. */
struct count {
    ir_ref start, fixed;
    uint16_t cond;
    int64_t first, step;
};

static bool find_count(const struct search *s, unsigned way, struct count *count)
{
    static const uint8_t swapped[IR_COND_COUNT] = {[IR_LTU] = IR_GTU, [IR_GTU] = IR_LTU, [IR_LEU] = IR_GEU, [IR_GEU] = IR_LEU};
    const struct ir_unit *unit = s->lanes.old;
    const struct way_out *first = &s->rounds[0].ways[way], *second = &s->rounds[1].ways[way];
    bool is_first = first->x != second->x;
    int64_t offset;
    count->start = start_of(unit, is_first ? first->x : first->y, &count->first);
    count->fixed = is_first ? first->y : first->x;
    start_of(unit, is_first ? second->x : second->y, &offset);
    count->step = offset - count->first;
    count->cond = is_first ? first->cond : swapped[first->cond];
    for (unsigned r = 1; r < s->round_count; r++) {
        const struct way_out *w = &s->rounds[r].ways[way];
        if (start_of(unit, is_first ? w->x : w->y, &offset) != count->start || (is_first ? w->y : w->x) != count->fixed ||
            offset != count->first + (int64_t)r * count->step) {
            return false;
        }
    }
    /* The later round's way out is then taken whenever the earlier one's is, but where the count wraps. */
    return count->step < 0 ? count->cond == IR_LTU || count->cond == IR_LEU
                           : count->step > 0 && (count->cond == IR_GTU || count->cond == IR_GEU);
}

/* No turn if the count ends within it or wraps. */
static void test_count(struct search *s, const struct count *count)
{
    struct ir_builder *b = &s->lanes.b;
    ir_ref start = superword_value(&s->lanes, count->start), fixed = superword_value(&s->lanes, count->fixed);
    int64_t last = count->first + (int64_t)(s->round_count - 1) * count->step;
    ir_ref begin = ir_add(b, start, ir_i64(b, (uint64_t)count->first)), end = ir_add(b, start, ir_i64(b, (uint64_t)last));
    retreat_if(s, ir_cmp(b, (enum ir_cond)count->cond, end, fixed));
    retreat_if(s, ir_cmp(b, count->step < 0 ? IR_GTU : IR_LTU, end, begin));
    s->lanes.gain += (int)s->round_count - 2;
}

/* Nonzero if a turn's loads are not all in the pages of the first. */
static ir_ref crosses_page(struct search *s)
{
    struct ir_builder *b = &s->lanes.b;
    ir_ref all = IR_NO_REF;
    for (unsigned i = 0; i < s->stream_count; i++) {
        const struct stream *stream = &s->streams[i];
        ir_ref base = superword_value(&s->lanes, stream->base);
        ir_ref low = ir_add(b, base, ir_i64(b, (uint64_t)stream->low));
        ir_ref high = ir_add(b, base, ir_i64(b, (uint64_t)stream->high - 1)), pages = ir_xor(b, low, high);
        all = all == IR_NO_REF ? pages : ir_or(b, all, pages);
    }
    return ir_cmp(b, IR_GTU, all, ir_i64(b, (1u << PAGE_LOG) - 1));
}

static void load_pair(struct search *s, const struct round *one, const struct round *other)
{
    struct superword_lanes *l = &s->lanes;
    ir_mark(&l->b, l->old->pc, l->old->code[0].aux);
    for (unsigned i = 0; i < one->load_count; i++) {
        struct superword_pair pair;
        superword_find_pair(l->old, one->loads[i], other->loads[i], &pair);
        const struct ir_instruction *in = &l->old->code[pair.first];
        ir_ref vector = ir_load(&l->b, IR_V128, superword_value(l, in->a), (int32_t)in->b, SUPERWORD_WHOLE);
        superword_set_lanes(l, pair.first, pair.second, vector);
        l->gain++;
    }
}

static void test_pair(struct search *s, const struct round *one, const struct round *other)
{
    struct superword_lanes *l = &s->lanes;
    struct ir_builder *b = &l->b;
    ir_ref any = IR_NO_REF;
    for (unsigned i = 0; i < one->way_count; i++) {
        const struct way_out *first = &one->ways[i], *second = &other->ways[i];
        if (s->is_count[i]) {
            continue;
        }
        ir_ref x = superword_pack(l, first->x, second->x), y = superword_pack(l, first->y, second->y);
        ir_ref leaves = compare_lanes(s, first->cond, x, y);
        any = any == IR_NO_REF ? leaves : lanes_of(s, IR_OP_v_or, any, leaves);
        l->gain++;
    }
    if (any != IR_NO_REF) {
        const struct ir_instruction *in = ir_is_constant(any) ? NULL : &b->unit->code[any];
        bool is_masked = in && in->op == IR_OP_v_and;
        retreat_if(s, is_masked ? ir_v_test(b, in->a, in->b) : ir_v_test(b, any, any));
    }
}

/* Slots become what they are after the two rounds. */
static void write_slots(struct search *s, const struct round *one, const struct round *other)
{
    struct superword_lanes *l = &s->lanes;
    const struct ir_unit *old = l->old;
    unsigned slots = old->context->slot_count;
    memset(s->written, 0xff, slots * sizeof *s->written);
    for (uint32_t i = one->start; i < other->end; i++) {
        if (old->code[i].op == IR_OP_write) {
            s->written[old->code[i].a] = i;
        }
    }
    for (unsigned slot = 0; slot < slots; slot++) { /* all values first: one may be made of what a slot has until now */
        if (s->written[slot] != IR_NO_REF) {
            superword_value(l, old->code[s->written[slot]].b);
        }
    }
    for (unsigned slot = 0; slot < slots; slot++) {
        if (s->written[slot] != IR_NO_REF) {
            ir_write(&l->b, (uint16_t)slot, superword_value(l, old->code[s->written[slot]].b));
        }
    }
}

/* All rounds of a turn in pairs: slots have what the turn before left there. */
static void make_turn(struct search *s)
{
    struct superword_lanes *l = &s->lanes;
    superword_begin_copy(l);
    for (uint32_t i = s->rounds[0].start; i < s->rounds[s->round_count - 1].end; i++) {
        if (l->old->code[i].op == IR_OP_read) { /* before a write is made */
            superword_value(l, i);
        }
    }
    for (unsigned i = 0; i < s->rounds[0].way_count; i++) {
        struct count count;
        s->is_count[i] = find_count(s, i, &count);
        if (s->is_count[i]) {
            test_count(s, &count);
        }
    }
    retreat_if(s, crosses_page(s));
    for (unsigned r = 0; r < s->round_count; r += 2) {
        const struct round *one = &s->rounds[r], *other = one + 1;
        load_pair(s, one, other);
        test_pair(s, one, other);
        write_slots(s, one, other);
    }
}

/* ---- the new unit ---- */

/* New blocks for those that the code up to `last` leads to. */
static void make_blocks(struct search *s, uint32_t last)
{
    struct superword_lanes *l = &s->lanes;
    const struct ir_unit *old = l->old;
    for (uint32_t n = 1; n < old->block_count; n++) {
        l->blocks[n] = IR_NO_REF;
    }
    for (uint32_t i = 0; i <= last; i++) {
        if (old->code[i].op == IR_OP_branch) {
            l->blocks[old->code[i].b] = ir_block_new(&l->b);
            l->blocks[old->code[i].c] = ir_block_new(&l->b);
        }
    }
}

/* The first two rounds as they were; what went on to the third one goes on here. */
static void copy_rounds(struct search *s)
{
    struct superword_lanes *l = &s->lanes;
    const struct ir_unit *old = l->old;
    uint32_t last = s->rounds[1].end - 1;
    superword_begin_copy(l);
    make_blocks(s, last);
    for (uint32_t place = 0;; place++) {
        const struct ir_block *block = &old->blocks[old->layout[place]];
        if (place > 0) {
            ir_block_place(&l->b, l->blocks[old->layout[place]], true);
            l->b.is_marked = true;
        }
        for (uint32_t i = block->first; i < block->end && i <= last; i++) {
            superword_copy_once(l, i);
        }
        if (block->end > last + 1 || block->first > last) {
            return;
        }
    }
}

static void copy_exits(struct search *s)
{
    struct superword_lanes *l = &s->lanes;
    const struct ir_unit *old = l->old;
    for (uint32_t place = s->chain; place < old->layout_count; place++) {
        uint32_t number = old->layout[place];
        if (l->blocks[number] == IR_NO_REF) {
            continue;
        }
        ir_block_place(&l->b, l->blocks[number], false);
        l->b.is_marked = true;
        for (uint32_t i = old->blocks[number].first; i < old->blocks[number].end; i++) {
            superword_copy(l, i);
        }
    }
    for (unsigned i = 0; i < s->retreat_count; i++) {
        ir_block_place(&l->b, s->retreats[i], false);
        ir_emit(&l->b, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
    }
}

struct ir_unit *superword_form_search(const struct ir_unit *unit)
{
    struct search s = {.round_count = 0};
    struct superword_lanes *l = &s.lanes;
    superword_lanes_init(l, unit);
    if (!note_turn(&s) || !rounds_match(&s) || !exits_are_plain(&s)) {
        return NULL;
    }
    s.written = arena_array(unit->arena, uint32_t, unit->context->slot_count);
    superword_begin_unit(l);
    copy_rounds(&s);
    l->folds = true;
    uint32_t first = l->b.unit->count;
    for (unsigned turn = 0; turn < MOST_TURNS; turn++) {
        l->gain = 0;
        make_turn(&s);
        if (l->gain <= (int)s.round_count) {
            return NULL;
        }
        if ((l->b.unit->count - first) / (turn + 1) * (turn + 2) > MOST_INSTRUCTIONS) {
            break;
        }
    }
    ir_emit(&l->b, IR_OP_jump, IR_NONE, 0, 0, 0, 0);
    l->folds = false;
    copy_exits(&s);
    return l->b.unit;
}
