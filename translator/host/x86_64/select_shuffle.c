/* SPDX-License-Identifier: GPL-2.0-or-later */
/* v_shuffle: any bytes of two vectors. Patterns that the host has an instruction for are found from the largest lanes
 * down; the rest is one or two pshufb. */
#include "vector_select.h"

enum shuffle_kind {
    SHUFFLE_MOVE,   /* one of the operands */
    SHUFFLE_TWO,    /* row first, second */
    SHUFFLE_TWO_I8, /* row first, second, immediate */
    SHUFFLE_ONE_I8, /* row first, immediate */
    SHUFFLE_BYTES,  /* pshufb of first */
    SHUFFLE_BOTH,   /* pshufb of both */
};

struct shuffle {
    enum shuffle_kind kind;
    uint32_t row;
    unsigned immediate;
    unsigned first, second; /* operand 0 or 1 */
    uint8_t bytes[16];      /* with sources folded if both operands are the same */
};

enum { ZERO = 0x80, OF_SECOND = 16 };

/* Lane numbers of (a:b) for lanes of 1 << log bytes; false if the bytes do not form such lanes. */
static bool find_lanes(const uint8_t bytes[16], unsigned log, uint8_t lanes[16])
{
    unsigned size = 1u << log;
    for (unsigned n = 0; n < 16; n++) {
        if (bytes[n] & ZERO || bytes[n] % size != n % size || (n % size && bytes[n] != bytes[n - 1] + 1)) {
            return false;
        }
        lanes[n / size] = (uint8_t)(bytes[n] / size);
    }
    return true;
}

static void set_two(struct shuffle *s, enum shuffle_kind kind, uint32_t row, unsigned first, unsigned second)
{
    s->kind = kind;
    s->row = row;
    s->first = first;
    s->second = second;
}

/* Bytes in sequence out of the double vector, from either end of it. */
static bool match_sequence(struct shuffle *s, bool same)
{
    unsigned wrap = same ? 15 : 31, start = s->bytes[0];
    for (unsigned n = 0; n < 16; n++) {
        if (s->bytes[n] != ((start + n) & wrap)) {
            return false;
        }
    }
    if (start % 16 == 0) {
        set_two(s, SHUFFLE_MOVE, 0, start / 16, 0);
    } else {
        /* palignr takes its upper half first. */
        set_two(s, SHUFFLE_TWO_I8, X86_PALIGNR, same ? 0 : start < 16, start >= 16);
        s->immediate = start & 15;
    }
    return true;
}

static bool match_interleave(struct shuffle *s, const uint8_t *lanes, unsigned log, bool same)
{
    static const uint32_t rows[2][4] = {{X86_PUNPCKLBW, X86_PUNPCKLWD, X86_PUNPCKLDQ, X86_PUNPCKLQDQ},
                                        {X86_PUNPCKHBW, X86_PUNPCKHWD, X86_PUNPCKHDQ, X86_PUNPCKHQDQ}};
    unsigned count = 16u >> log, wrap = same ? count - 1 : 2 * count - 1;
    for (unsigned variant = 0; variant < 4; variant++) {
        unsigned high = variant & 1, first = variant >> 1, n = 0;
        while (n < count && lanes[n] == ((high * count / 2 + n / 2 + ((n & 1) ^ first) * count) & wrap)) {
            n++;
        }
        if (n == count) {
            set_two(s, SHUFFLE_TWO, rows[high][log], same ? 0 : first, same ? 0 : !first);
            return true;
        }
    }
    return false;
}

static bool match_blend(struct shuffle *s, const uint8_t *lanes, unsigned log)
{
    unsigned count = 16u >> log;
    s->immediate = 0;
    for (unsigned n = 0; n < count; n++) {
        if (lanes[n] % count != n) {
            return false;
        }
        s->immediate |= (unsigned)(lanes[n] >= count) << n;
    }
    set_two(s, SHUFFLE_TWO_I8, log == 2 ? X86_BLENDPS : X86_PBLENDW, 0, 1);
    return true;
}

static bool match_lanes64(struct shuffle *s, const uint8_t *lanes)
{
    set_two(s, SHUFFLE_TWO_I8, X86_SHUFPD, lanes[0] / 2, lanes[1] / 2);
    s->immediate = (lanes[0] & 1) | (lanes[1] & 1) << 1;
    return true;
}

static bool match_lanes32(struct shuffle *s, const uint8_t *lanes, bool same)
{
    unsigned sources[4];
    s->immediate = 0;
    for (unsigned n = 0; n < 4; n++) {
        sources[n] = lanes[n] / 4;
        s->immediate |= (lanes[n] & 3u) << 2 * n;
    }
    if (sources[0] != sources[1] || sources[2] != sources[3]) {
        return (!same && match_blend(s, lanes, 2)) || match_interleave(s, lanes, 2, same);
    }
    if (sources[0] == sources[2]) {
        set_two(s, SHUFFLE_ONE_I8, X86_PSHUFD, sources[0], 0);
    } else {
        set_two(s, SHUFFLE_TWO_I8, X86_SHUFPS, sources[0], sources[2]);
    }
    return true;
}

/* Words that stay in their half, with the other half unchanged. */
static bool match_half_words(struct shuffle *s, const uint8_t *lanes)
{
    unsigned source = lanes[0] / 8;
    for (unsigned high = 0; high < 2; high++) {
        unsigned n = 0;
        s->immediate = 0;
        for (; n < 8 && lanes[n] / 8 == source; n++) {
            unsigned lane = lanes[n] % 8;
            if (n / 4 == high) {
                s->immediate |= (lane & 3) << 2 * (n & 3);
            }
            if (n / 4 == high ? lane / 4 != high : lane != n) {
                break;
            }
        }
        if (n == 8) {
            set_two(s, SHUFFLE_ONE_I8, high ? X86_PSHUFHW : X86_PSHUFLW, source, 0);
            return true;
        }
    }
    return false;
}

static void match_bytes(struct shuffle *s)
{
    unsigned from[2] = {0, 0};
    for (unsigned n = 0; n < 16; n++) {
        if (!(s->bytes[n] & ZERO)) {
            from[s->bytes[n] / OF_SECOND]++;
        }
    }
    set_two(s, from[0] && from[1] ? SHUFFLE_BOTH : SHUFFLE_BYTES, X86_PSHUFB, from[0] ? 0 : 1, 1);
}

static struct shuffle find_shuffle(struct host_code *code, const struct ir_instruction *i)
{
    struct shuffle s = {0};
    bool same = i->a == i->b;
    const union ir_value *bytes = &ir_constant_of(code->unit, i->c)->value;
    uint8_t lanes[16];
    for (unsigned n = 0; n < 16; n++) {
        /* Indices above 31 other than ZERO do not occur; same operands: all from the first. */
        s.bytes[n] = bytes->u8[n] & ZERO ? ZERO : bytes->u8[n] & (same ? 15 : 31);
    }
    if (match_sequence(&s, same) || (find_lanes(s.bytes, 3, lanes) && match_lanes64(&s, lanes)) ||
        (find_lanes(s.bytes, 2, lanes) && match_lanes32(&s, lanes, same))) {
        return s;
    }
    if (find_lanes(s.bytes, 1, lanes) &&
        ((!same && match_blend(&s, lanes, 1)) || match_interleave(&s, lanes, 1, same) || match_half_words(&s, lanes))) {
        return s;
    }
    if (!(find_lanes(s.bytes, 0, lanes) && match_interleave(&s, lanes, 0, same))) {
        match_bytes(&s);
    }
    return s;
}

/* reg = bytes of `from`, those that come from operand `source`; zero elsewhere. */
static void emit_bytes(struct host_code *code, const struct shuffle *s, unsigned source, unsigned reg, unsigned from)
{
    union ir_value mask;
    for (unsigned n = 0; n < 16; n++) {
        bool mine = !(s->bytes[n] & ZERO) && s->bytes[n] / OF_SECOND == source;
        mask.u8[n] = mine ? s->bytes[n] & 15 : ZERO;
    }
    emit_v_constant_operand(code, X86_PSHUFB, reg, from, &mask);
}

static void emit_shuffle(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    struct shuffle s = find_shuffle(code, plan_instruction(code, plan));
    unsigned result = vector_result(plan), first = vector_of(&plan->inputs[0]);
    unsigned second = plan->input_count > 1 ? vector_of(&plan->inputs[1]) : first;
    switch (s.kind) {
    case SHUFFLE_MOVE:
        x86_v_move(b, result, first);
        break;
    case SHUFFLE_TWO:
        x86_v_rrr(b, s.row, result, first, second);
        break;
    case SHUFFLE_TWO_I8:
        x86_v_rrr_i8(b, s.row, result, first, second, s.immediate);
        break;
    case SHUFFLE_ONE_I8:
        x86_v_rr_i8(b, s.row, result, first, s.immediate);
        break;
    case SHUFFLE_BYTES:
        emit_bytes(code, &s, s.first, result, first);
        break;
    case SHUFFLE_BOTH:
        emit_bytes(code, &s, 0, SCRATCH_V0, first);
        emit_bytes(code, &s, 1, SCRATCH_V1, second);
        x86_v_rrr(b, X86_POR, result, SCRATCH_V0, SCRATCH_V1);
        break;
    }
}

void plan_v_shuffle(struct host_code *code, struct host_plan *plan)
{
    const struct ir_instruction *i = plan_instruction(code, plan);
    struct shuffle s = find_shuffle(code, i);
    plan_use(code, plan, s.first ? i->b : i->a);
    if (s.kind == SHUFFLE_TWO || s.kind == SHUFFLE_TWO_I8 || s.kind == SHUFFLE_BOTH) {
        plan_use(code, plan, s.second ? i->b : i->a);
    }
    plan_result(code, plan);
    plan->emit = emit_shuffle;
}
