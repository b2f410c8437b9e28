/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "word_loop.h"
#include "builder.h"
#include "interpreter.h"
#include "names.h"
#include "unit_run.h"

#include <string.h>

/* ---- a random loop ---- */

enum { MAX_WORDS = 8, MAX_CHAIN = 4, BYTES = 8 };

enum shape { SHAPE_COPY, SHAPE_MERGE, SHAPE_TWO_SOURCES, SHAPE_FILL, SHAPE_FLOAT, SHAPE_TWO_TARGETS, SHAPE_COUNT };

struct maker {
    struct word_loop *loop;
    uint64_t random;
    enum shape shape;
    unsigned words, group; /* of a round; done together */
    bool down;             /* from the last word to the first */
    int32_t first;         /* displacement of word 0 */
    bool moves_each;       /* bases move with each word, else once a round */
    bool pairs;            /* two words by one instruction */
    bool searches;         /* LOOP_TO and LOOP_TO_2 are numbers */
    struct step chain[MAX_CHAIN];
    unsigned chain_length;
};

static uint64_t rnd(struct maker *m)
{
    return random_next(&m->random) >> 8;
}

static bool chance(struct maker *m, unsigned percent)
{
    return rnd(m) % 100 < percent;
}

static void add(struct maker *m, struct step step)
{
    if (m->loop->count < WORD_LOOP_MAX) {
        m->loop->steps[m->loop->count++] = step;
    }
}

static struct step compute(enum ir_op op, uint8_t to, uint8_t a, uint8_t b)
{
    return (struct step){.kind = STEP_COMPUTE, .op = op, .type = IR_I64, .to = to, .a = a, .b = b};
}

static struct step compute_constant(enum ir_op op, uint8_t to, uint8_t a, uint64_t value)
{
    return (struct step){
        .kind = STEP_COMPUTE, .op = op, .type = IR_I64, .to = to, .a = a, .is_constant = true, .value = value};
}

static uint64_t random_value(struct maker *m)
{
    uint64_t value = rnd(m) * 0x9e3779b97f4a7c15;
    return chance(m, 50) ? value % 70 : chance(m, 30) ? (uint64_t)(int64_t)(int8_t)value : value;
}

/* Integer operations that there are vectors for, and some that there are not. */
static struct step random_integer_step(struct maker *m, uint8_t to, uint8_t a)
{
    static const uint8_t ops[] = {IR_OP_and, IR_OP_or,  IR_OP_xor, IR_OP_andn, IR_OP_add, IR_OP_sub,
                                  IR_OP_shl, IR_OP_shr, IR_OP_and, IR_OP_add,  IR_OP_shl, IR_OP_shr,
                                  IR_OP_not, IR_OP_neg, IR_OP_mul, IR_OP_sar};
    enum ir_op op = ops[rnd(m) % (sizeof ops - (chance(m, 80) ? 3 : 0))];
    if (op == IR_OP_not || op == IR_OP_neg) {
        return compute(op, to, a, 0);
    }
    if (chance(m, 50)) {
        return compute_constant(op, to, a, random_value(m));
    }
    uint8_t other = LOOP_SHIFT + rnd(m) % 4;
    bool swap = chance(m, 20);
    return compute(op, to, swap ? other : a, swap ? a : other);
}

static struct step random_float_step(struct maker *m, uint8_t to, uint8_t a)
{
    static const uint8_t ops[] = {IR_OP_fneg, IR_OP_fabs, IR_OP_fadd, IR_OP_fmul};
    struct step step = compute(ops[rnd(m) % (chance(m, 70) ? 2 : 4)], to, a, REGISTER_D0 + rnd(m) % 8);
    step.type = IR_F64;
    return step;
}

static void make_plan(struct maker *m)
{
    static const uint8_t words[] = {2, 2, 4, 4, 4, 6, 8, 8, 1, 3, 5, 7};
    m->shape = rnd(m) % SHAPE_COUNT;
    m->words = words[rnd(m) % sizeof words];
    unsigned room = m->shape == SHAPE_COPY ? 8 : m->shape == SHAPE_FLOAT ? 6 : 4;
    m->group = chance(m, 40) ? 1 : chance(m, 50) ? 2 : m->words;
    m->group = m->group > room ? room : m->group;
    m->down = chance(m, 30);
    m->first = ((int32_t)(rnd(m) % 9) - 4) * BYTES + (chance(m, 10) ? (int32_t)(rnd(m) % 8) : 0);
    m->moves_each = m->group == 1 && chance(m, 40);
    m->pairs = !m->moves_each && m->group % 2 == 0 && m->words % m->group == 0 && chance(m, 25);
    m->chain_length = chance(m, 40) ? 0 : 1 + (unsigned)rnd(m) % MAX_CHAIN;
    for (unsigned n = 0; n < m->chain_length; n++) {
        m->chain[n] = m->shape == SHAPE_FLOAT ? random_float_step(m, 0, 0) : random_integer_step(m, 0, 0);
    }
}

/* Where a word of a group is. */
static uint8_t register_of(const struct maker *m, unsigned word)
{
    return (uint8_t)((m->shape == SHAPE_FLOAT ? REGISTER_V0 : LOOP_WORDS) + word % m->group);
}

static void add_access(struct maker *m, enum step_kind kind, uint8_t base, unsigned word, uint8_t reg)
{
    unsigned place = m->down ? m->words - 1 - word : word;
    struct step step = {.kind = kind, .type = m->shape == SHAPE_FLOAT ? IR_F64 : IR_I64, .a = base, .count = 1};
    step.disp = m->first + (m->moves_each ? 0 : (int32_t)place * BYTES);
    step.to = step.b = reg;
    if (m->pairs && word % 2 == 0) {
        step.count = 2;
        step.disp -= m->down ? BYTES : 0;
    }
    if (m->moves_each) {
        step.advance = m->down ? -BYTES : BYTES;
    }
    if (!m->pairs || word % 2 == 0) {
        add(m, step);
    }
}

static void add_loads(struct maker *m, unsigned from, unsigned to)
{
    for (unsigned word = from; word < to && m->shape != SHAPE_FILL; word++) {
        add_access(m, STEP_LOAD, LOOP_FROM, word, register_of(m, word));
        if (m->shape == SHAPE_TWO_SOURCES) {
            add_access(m, STEP_LOAD, LOOP_FROM_2, word, (uint8_t)(register_of(m, word) + 4));
        }
    }
}

static void add_computing(struct maker *m, unsigned from, unsigned to)
{
    for (unsigned word = from; word < to && m->shape != SHAPE_FILL; word++) {
        uint8_t reg = register_of(m, word), result = (uint8_t)(reg + 4);
        if (m->shape == SHAPE_MERGE) {
            add(m, compute(m->down ? IR_OP_shl : IR_OP_shr, result, LOOP_CARRY, LOOP_SHIFT));
            add(m, compute(m->down ? IR_OP_shr : IR_OP_shl, LOOP_MASK, reg, LOOP_SHIFT_BACK));
            add(m, compute(IR_OP_read, LOOP_CARRY, reg, 0));
            add(m, compute(IR_OP_or, reg, result, LOOP_MASK));
        } else if (m->shape == SHAPE_TWO_SOURCES) {
            add(m, compute(m->chain_length & 1 ? IR_OP_xor : IR_OP_add, reg, reg, result));
        }
        for (unsigned n = 0; n < m->chain_length; n++) {
            struct step step = m->chain[n];
            step.to = reg;
            step.a = step.a ? step.a : reg;
            step.b = step.b ? step.b : reg;
            add(m, step);
        }
    }
}

static void add_stores(struct maker *m, unsigned from, unsigned to)
{
    for (unsigned word = from; word < to; word++) {
        uint8_t reg = m->shape == SHAPE_FILL && !m->pairs ? LOOP_CARRY : register_of(m, word);
        add_access(m, STEP_STORE, LOOP_TO, word, reg);
        if (m->shape == SHAPE_TWO_TARGETS) {
            add_access(m, STEP_STORE, LOOP_TO_2, word, reg);
        }
    }
}

static void add_round(struct maker *m)
{
    for (unsigned word = 0; word < m->words; word += m->group) {
        unsigned end = word + m->group < m->words ? word + m->group : m->words;
        add_loads(m, word, end);
        add_computing(m, word, end);
        add_stores(m, word, end);
    }
    for (uint8_t base = LOOP_FROM; base <= LOOP_TO_2 && !m->moves_each; base++) {
        add(m, compute_constant(IR_OP_add, base, base, (uint64_t)(int64_t)(m->down ? -BYTES : BYTES) * m->words));
    }
}

/* Something that such a loop would not need. */
static struct step random_step(struct maker *m)
{
    uint8_t base = rnd(m) % 4 & (m->searches ? LOOP_FROM_2 : 3), reg = LOOP_WORDS + rnd(m) % 8,
            other = LOOP_WORDS + rnd(m) % 9;
    struct step access = {.kind = STEP_LOAD, .type = IR_I64, .to = reg, .a = base, .b = other, .count = 1};
    access.disp = (int32_t)(rnd(m) % 17 - 8) * BYTES;
    switch (rnd(m) % 14) {
    case 0:
        access.count = 1 + rnd(m) % 4;
        return access;
    case 1:
    case 2:
        access.kind = STEP_STORE;
        access.count = 1 + rnd(m) % 4;
        return access;
    case 3:
        access.type = IR_I32;
        access.kind = chance(m, 50) ? STEP_LOAD : STEP_STORE;
        return access;
    case 4:
        access.type = IR_F64;
        access.kind = chance(m, 50) ? STEP_LOAD : STEP_STORE;
        access.to = access.b = REGISTER_D0 + rnd(m) % 5;
        access.count = 1 + rnd(m) % 4;
        return access;
    case 5:
        return random_float_step(m, REGISTER_D0 + rnd(m) % 8, REGISTER_D0 + rnd(m) % 8);
    case 6:
        return (struct step){.kind = chance(m, 30) ? STEP_FENCE : STEP_RAISED, .to = reg};
    case 7:
        return (struct step){.kind = STEP_FLAGS, .a = reg, .b = other};
    case 8:
        return compute(IR_OP_read, reg, base, 0);
    case 9:
        return compute_constant(IR_OP_add, LOOP_FROM_2 + rnd(m) % 2, base, (rnd(m) % 9 - 4) * BYTES);
    case 10:
        return compute_constant(IR_OP_add, base, base, (rnd(m) % 5 - 2) * BYTES);
    default:
        return random_integer_step(m, reg, other);
    }
}

static void insert(struct maker *m, unsigned place, struct step step)
{
    struct word_loop *loop = m->loop;
    memmove(&loop->steps[place + 1], &loop->steps[place], (loop->count - place) * sizeof step);
    loop->steps[place] = step;
    loop->count++;
}

static void insert_random(struct maker *m)
{
    for (unsigned n = chance(m, 40) ? 1 + (unsigned)rnd(m) % 3 : 0; n > 0; n--) {
        insert(m, (unsigned)rnd(m) % (m->loop->count + 1), random_step(m));
    }
}

/* What there is becomes the first of several rounds; between: a step between them, at the end in any case. */
static void repeat(struct maker *m, unsigned rounds, const struct step *between, bool is_between)
{
    struct word_loop *loop = m->loop;
    unsigned round = loop->count;
    struct step last = *between;
    for (unsigned i = 0; i < round; i++) {
        loop->steps[i].place = (uint8_t)i;
    }
    last.place = (uint8_t)round;
    for (unsigned n = 1; n < rounds && loop->count + round + 2 < WORD_LOOP_MAX; n++) {
        if (is_between) {
            add(m, last);
        }
        for (unsigned i = 0; i < round; i++) {
            add(m, loop->steps[i]);
        }
    }
    add(m, last);
}

void word_loop_make(struct word_loop *loop, uint64_t seed)
{
    struct maker m = {.loop = loop, .random = seed};
    struct step turn = {.kind = STEP_TURN};
    loop->count = 0;
    make_plan(&m);
    add_round(&m);
    insert_random(&m);
    repeat(&m, 1 + (unsigned)rnd(&m) % 4, &turn, chance(&m, 75));
}

/* ---- a random search ---- */

static struct step leave(enum ir_cond cond, uint8_t a, uint8_t b)
{
    return (struct step){.kind = STEP_LEAVE, .op = cond, .type = IR_I64, .a = a, .b = b};
}

/* Of a word with what is in a register, or a constant. */
static struct step random_leave(struct maker *m, uint8_t reg)
{
    static const uint8_t conds[] = {IR_EQ,  IR_NE,  IR_EQ,  IR_NE,  IR_LTU, IR_GEU,
                                    IR_LEU, IR_GTU, IR_LTS, IR_GES, IR_LES, IR_GTS};
    struct step step = leave(conds[rnd(m) % sizeof conds], reg, LOOP_SHIFT + rnd(m) % 4);
    step.is_constant = chance(m, 40);
    step.value = chance(m, 50) ? 0 : random_value(m);
    if (step.op != IR_EQ && step.op != IR_NE && step.value + 1 < 2) {
        step.value = 5; /* else it is no question */
    }
    if (!step.is_constant && chance(m, 20)) {
        step.a = step.b;
        step.b = reg;
    }
    return step;
}

/* Whether a byte of the word is zero; `to` and the register behind it are used. */
static void add_zero_byte(struct maker *m, uint8_t to, uint8_t word)
{
    add(m, compute_constant(IR_OP_sub, to, word, 0x0101010101010101));
    if (chance(m, 50)) {
        add(m, compute(IR_OP_andn, to, to, word));
    } else {
        add(m, compute(IR_OP_not, (uint8_t)(to + 1), word, 0));
        add(m, compute(IR_OP_and, to, to, (uint8_t)(to + 1)));
    }
    add(m, compute_constant(IR_OP_and, to, to, 0x8080808080808080));
    struct step step = leave(IR_NE, to, 0);
    step.is_constant = true;
    add(m, step);
}

/* A count, or an address that has an end: the step that looks at it. */
static struct step add_count(struct maker *m)
{
    static const uint8_t conds[2][2] = {{IR_GEU, IR_GTU}, {IR_LTU, IR_LEU}};
    uint8_t reg = chance(m, 50) ? LOOP_FROM : LOOP_TO_2, end = LOOP_TO;
    int64_t by = chance(m, 50) ? 1 : 8;
    bool down = reg == LOOP_FROM ? m->down : chance(m, 50), swap = chance(m, 30);
    if (reg == LOOP_TO_2) {
        add(m, compute_constant(IR_OP_add, reg, reg, (uint64_t)(down ? -by : by)));
    }
    enum ir_cond cond = chance(m, 25) ? (enum ir_cond)(rnd(m) % IR_COND_COUNT) : conds[down ^ swap][rnd(m) % 2];
    return leave(cond, swap ? end : reg, swap ? reg : end);
}

static void add_search_loads(struct maker *m, unsigned streams)
{
    bool moves_first = chance(m, 20);
    struct step load = {.kind = STEP_LOAD, .type = IR_I64, .count = 1, .disp = m->first};
    for (unsigned n = 0; n < streams; n++) {
        load.a = n ? LOOP_FROM_2 : LOOP_FROM;
        load.to = load.b = (uint8_t)(LOOP_WORDS + n);
        load.advance = moves_first || chance(m, 30) ? 0 : m->down ? -BYTES : BYTES;
        struct step move = compute_constant(IR_OP_add, load.a, load.a, (uint64_t)(m->down ? -BYTES : BYTES));
        if (moves_first) {
            add(m, move);
        }
        add(m, load);
        if (!moves_first && !load.advance) {
            add(m, move);
        }
    }
}

static void add_search_computing(struct maker *m, unsigned streams)
{
    uint8_t word = LOOP_WORDS, spare = LOOP_WORDS + 4;
    if (streams == 2 && chance(m, 70)) {
        add(m, chance(m, 50) ? leave(IR_NE, word, word + 1) : compute(IR_OP_xor, word, word, word + 1));
    }
    for (unsigned n = 0; n < m->chain_length; n++) {
        add(m, random_integer_step(m, word, word));
    }
    if (chance(m, 30)) {
        add(m, (struct step){.kind = chance(m, 30) ? STEP_CARRY : STEP_COMPUTE,
                             .op = chance(m, 50) ? IR_OP_add : IR_OP_xor,
                             .type = IR_I64,
                             .to = LOOP_CARRY,
                             .a = LOOP_CARRY,
                             .b = word});
    }
    if (chance(m, 50)) {
        add_zero_byte(m, spare, word);
    }
    if (chance(m, 60)) {
        add(m, random_leave(m, chance(m, 80) ? word : spare));
    }
    if (chance(m, 15)) {
        add(m, (struct step){.kind = STEP_FLAGS, .a = word, .b = LOOP_MASK});
    }
}

void word_search_make(struct word_loop *loop, uint64_t seed)
{
    struct maker m = {.loop = loop, .random = seed, .searches = true};
    struct step end = chance(&m, 50) ? (struct step){.kind = STEP_TURN} : random_leave(&m, LOOP_WORDS);
    unsigned streams = chance(&m, 30) ? 2 : 1, counts = (unsigned)rnd(&m) % 5; /* at the start, later, at the end */
    loop->count = 0;
    make_plan(&m);
    m.chain_length = chance(&m, 50) ? 0 : m.chain_length % 3;
    m.down = chance(&m, 25);
    if (counts == 0) {
        add(&m, add_count(&m));
    }
    add_search_loads(&m, streams);
    add_search_computing(&m, streams);
    if (counts == 1) {
        add(&m, add_count(&m));
    } else if (counts == 2) {
        end = add_count(&m);
    }
    if (chance(&m, 25)) {
        insert_random(&m);
    }
    repeat(&m, chance(&m, 80) ? 8 : 2 + (unsigned)rnd(&m) % 7, &end, true);
}

/* ---- as a unit ---- */

static ir_ref read_register(struct ir_builder *b, uint8_t reg)
{
    return reg < REGISTER_D0   ? ir_read(b, FAKE_X0 + reg)
           : reg < REGISTER_V0 ? ir_read(b, FAKE_D0 + reg - REGISTER_D0)
                               : ir_read_part(b, FAKE_V0 + reg - REGISTER_V0, IR_F64, 0);
}

static void write_register(struct ir_builder *b, uint8_t reg, ir_ref value)
{
    if (reg < REGISTER_D0) {
        ir_write(b, FAKE_X0 + reg, value);
    } else if (reg < REGISTER_V0) {
        ir_write(b, FAKE_D0 + reg - REGISTER_D0, value);
    } else {
        ir_write(b, FAKE_V0 + reg - REGISTER_V0, ir_v_from(b, IR_V128, value));
    }
}

static void build_compute(struct ir_builder *b, const struct step *step)
{
    ir_ref x = read_register(b, step->a), y = 0;
    if (step->is_constant) {
        y = ir_i64(b, step->value);
    } else if (ir_operand_is_value(step->op, 1)) {
        y = read_register(b, step->b);
    }
    write_register(b, step->to, step->op == IR_OP_read ? x : ir_emit(b, step->op, step->type, 0, x, y, 0));
}

/* log2 of its bytes */
static uint16_t access_size(const struct step *step)
{
    return step->type == IR_I32 ? 2 : 3;
}

static void build_access(struct ir_builder *b, const struct step *step)
{
    ir_ref base = ir_read(b, FAKE_X0 + step->a), values[4];
    uint16_t size = access_size(step);
    for (unsigned n = 0; n < step->count; n++) {
        int32_t disp = step->disp + (int32_t)(n << size);
        if (step->kind == STEP_LOAD) {
            values[n] = ir_load(b, step->type, base, disp, size);
        } else {
            ir_ref value = read_register(b, (uint8_t)(step->b + n));
            ir_store(b, base, step->type == IR_I32 ? ir_narrow(b, IR_I32, value) : value, disp, size);
        }
    }
    if (step->advance) {
        ir_write(b, FAKE_X0 + step->a, ir_add(b, base, ir_i64(b, (uint64_t)step->advance)));
    }
    for (unsigned n = 0; n < step->count && step->kind == STEP_LOAD; n++) {
        write_register(b, (uint8_t)(step->to + n), step->type == IR_I32 ? ir_wide_u(b, IR_I64, values[n]) : values[n]);
    }
}

/* Goes on if x cond y; *exit is the block of the way out. */
static void build_branch(struct ir_builder *b, enum ir_cond cond, ir_ref x, ir_ref y, bool is_last, uint32_t *exit)
{
    bool is_inverted = b->unit->count & 4; /* now and then */
    ir_ref test = ir_cmp(b, (enum ir_cond)(cond ^ is_inverted), x, y);
    if (ir_is_constant(test)) { /* unrolling leaves such out, too */
        uint32_t value = ir_constant_of(b->unit, test)->value.i32;
        if (value != is_inverted && !is_last) {
            return;
        }
        test = ir_append(b, IR_OP_narrow, IR_I32, 0, ir_i64(b, value), 0, 0);
    }
    uint32_t follow = ir_block_new(b), stay = is_last ? 0 : follow;
    *exit = is_last ? follow : ir_block_new(b);
    ir_emit(b, IR_OP_branch, IR_NONE, IR_HINT_NONE, test, is_inverted ? *exit : stay, is_inverted ? stay : *exit);
    if (!is_last) {
        ir_block_place(b, follow, true);
    }
}

static void build_turn(struct ir_builder *b, bool is_last, uint32_t *exit)
{
    ir_ref left = ir_sub(b, ir_read(b, FAKE_COUNTER), ir_i64(b, 1));
    ir_write(b, FAKE_COUNTER, left);
    build_branch(b, IR_NE, left, ir_i64(b, 0), is_last, exit);
}

static void build_leave(struct ir_builder *b, const struct step *step, bool is_last, uint32_t *exit)
{
    ir_ref x = read_register(b, step->a), y = step->is_constant ? ir_i64(b, step->value) : read_register(b, step->b);
    build_branch(b, (enum ir_cond)(step->op ^ 1), x, y, is_last, exit);
}

static void build_carry(struct ir_builder *b, const struct step *step)
{
    ir_ref x = read_register(b, step->a), y = read_register(b, step->b);
    ir_ref carry = ir_emit(b, IR_OP_flags_test, IR_I32, IR_FLAG_CS, ir_read_flags(b, FAKE_FLAGS), 0, 0);
    write_register(b, step->to, ir_emit(b, IR_OP_adc, IR_I64, 0, x, y, carry));
    ir_write(b, FAKE_FLAGS, ir_emit(b, IR_OP_flags_adc, IR_FLAGS, 0, x, y, carry));
}

static void build_step(struct ir_builder *b, const struct step *step, bool is_last, uint32_t *exit)
{
    switch ((enum step_kind)step->kind) {
    case STEP_COMPUTE:
        build_compute(b, step);
        break;
    case STEP_LOAD:
    case STEP_STORE:
        build_access(b, step);
        break;
    case STEP_FLAGS:
        ir_write(b, FAKE_FLAGS,
                 ir_emit(b, IR_OP_flags_sub, IR_FLAGS, 0, read_register(b, step->a), read_register(b, step->b), 0));
        break;
    case STEP_RAISED:
        write_register(b, step->to, ir_wide_u(b, IR_I64, ir_emit(b, IR_OP_fenv_read, IR_I32, 0, 0, 0, 0)));
        break;
    case STEP_FENCE:
        ir_emit_effect(b, IR_HEAD(IR_OP_fence, IR_NONE, IR_FENCE_ALL), 0, 0, 0);
        break;
    case STEP_CARRY:
        build_carry(b, step);
        break;
    case STEP_TURN:
        build_turn(b, is_last, exit);
        break;
    case STEP_LEAVE:
        build_leave(b, step, is_last, exit);
        break;
    }
}

struct ir_unit *word_loop_unit(struct arena *arena, const struct ir_context *context, const struct word_loop *loop)
{
    struct ir_unit *unit = ir_unit_new(arena, context, word_loop_pc(loop, 0));
    struct ir_builder b;
    uint32_t exits[WORD_LOOP_MAX] = {0};
    ir_builder_init(&b, unit);
    b.marks_all = true;
    for (unsigned n = 0; n < loop->count; n++) {
        ir_mark(&b, word_loop_pc(loop, n), 4);
        build_step(&b, &loop->steps[n], n + 1 == loop->count, &exits[n]);
    }
    for (unsigned n = loop->count; n-- > 0;) { /* the last one's comes right behind it */
        if (exits[n]) {
            ir_ref target = ir_word(&b, word_loop_target(loop, n));
            ir_block_place(&b, exits[n], true);
            ir_emit(&b, IR_OP_goto, IR_NONE, IR_EXIT_JUMP, target, target, 0);
        }
    }
    return unit;
}

/* ---- one step at a time ---- */

static union ir_value *register_place(struct fake_state *state, uint8_t reg)
{
    return &state->slots[reg < REGISTER_D0   ? FAKE_X0 + reg
                         : reg < REGISTER_V0 ? FAKE_D0 + reg - REGISTER_D0
                                             : FAKE_V0 + reg - REGISTER_V0];
}

static void set_register(struct fake_state *state, uint8_t reg, uint64_t value)
{
    union ir_value *place = register_place(state, reg);
    place->u64[0] = value;
    if (reg >= REGISTER_V0) {
        place->u64[1] = 0;
    }
}

static void run_compute(struct word_run *run, const struct step *step)
{
    union ir_value x = {.i64 = register_place(&run->state, step->a)->i64};
    union ir_value y = {.i64 = step->is_constant ? step->value : register_place(&run->state, step->b)->i64}, none = {0};
    if (step->op != IR_OP_read) {
        x = ir_evaluate(step->op, step->type, step->type, 0, x, y, none, fake_context.rules, &run->state.header.fp);
    }
    set_register(&run->state, step->to, x.i64);
}

static void run_access(struct word_run *run, const struct step *step)
{
    union ir_value *base = register_place(&run->state, step->a);
    unsigned bytes = 1u << access_size(step);
    uint64_t values[4] = {0}, place = base->i64 + (uint64_t)(int64_t)step->disp - run->address;
    for (unsigned n = 0; n < step->count; n++, place += bytes) {
        if (place > FAKE_WINDOW_BYTES - bytes) {
            run->faulted = true;
            return;
        }
        if (step->kind == STEP_LOAD) {
            memcpy(&values[n], run->window + place, bytes);
        } else {
            memcpy(run->window + place, register_place(&run->state, (uint8_t)(step->b + n)), bytes);
        }
    }
    base->i64 += (uint64_t)step->advance;
    for (unsigned n = 0; n < step->count && step->kind == STEP_LOAD; n++) {
        set_register(&run->state, (uint8_t)(step->to + n), values[n]);
    }
}

static void run_flags(struct word_run *run, const struct step *step)
{
    struct fake_state *state = &run->state;
    union ir_value none = {0}, flags;
    flags = ir_evaluate(IR_OP_flags_sub, IR_FLAGS, IR_I64, 0, *register_place(state, step->a),
                        *register_place(state, step->b), none, fake_context.rules, &state->header.fp);
    state->slots[FAKE_FLAGS].i32 = flags.i32;
}

static void run_carry(struct word_run *run, const struct step *step)
{
    struct fake_state *state = &run->state;
    const struct float_rules *rules = fake_context.rules;
    struct float_status *fp = &state->header.fp;
    union ir_value x = *register_place(state, step->a), y = *register_place(state, step->b), none = {0};
    union ir_value flags = {.i32 = state->slots[FAKE_FLAGS].i32};
    union ir_value carry = ir_evaluate(IR_OP_flags_test, IR_I32, IR_FLAGS, IR_FLAG_CS, flags, none, none, rules, fp);
    flags = ir_evaluate(IR_OP_flags_adc, IR_FLAGS, IR_I64, 0, x, y, carry, rules, fp);
    set_register(state, step->to, x.i64 + y.i64 + carry.i32);
    state->slots[FAKE_FLAGS].i32 = flags.i32;
}

static bool leaves(struct word_run *run, const struct step *step)
{
    union ir_value x = *register_place(&run->state, step->a), y = {.i64 = step->value}, none = {0};
    y = step->is_constant ? y : *register_place(&run->state, step->b);
    return ir_evaluate(IR_OP_cmp, IR_I32, IR_I64, step->op, x, y, none, fake_context.rules, &run->state.header.fp).i32;
}

void word_run_step(struct word_run *run)
{
    const struct step *step = &run->loop->steps[run->next];
    struct fake_state *state = &run->state;
    state->slots[FAKE_PC].i64 = word_loop_pc(run->loop, run->next);
    switch ((enum step_kind)step->kind) {
    case STEP_COMPUTE:
        run_compute(run, step);
        break;
    case STEP_LOAD:
    case STEP_STORE:
        run_access(run, step);
        break;
    case STEP_FLAGS:
        run_flags(run, step);
        break;
    case STEP_RAISED:
        set_register(state, step->to, state->header.fp.exceptions);
        break;
    case STEP_FENCE:
        break;
    case STEP_CARRY:
        run_carry(run, step);
        break;
    case STEP_LEAVE:
        run->left = leaves(run, step);
        break;
    case STEP_TURN:
        run->left = --state->slots[FAKE_COUNTER].i64 == 0;
        break;
    }
    if (run->left) {
        state->slots[FAKE_PC].i64 = word_loop_target(run->loop, run->next);
    } else if (!run->faulted) {
        run->next = run->next + 1 == run->loop->count ? 0 : run->next + 1;
    }
}

bool word_loop_wants_flags(const struct word_loop *loop, unsigned step)
{
    for (unsigned n = 0; n < loop->count; n++, step = step + 1 == loop->count ? 0 : step + 1) {
        switch ((enum step_kind)loop->steps[step].kind) {
        case STEP_FLAGS:
            return false;
        case STEP_CARRY:
        case STEP_TURN:
            return true;
        default: /* a STEP_LEAVE may be one that never does */
            break;
        }
    }
    return false;
}

/* ---- as text ---- */

void word_loop_print(FILE *file, const struct word_loop *loop)
{
    static const char *const kinds[] = {"compute", "load",  "store", "flags", "carry",
                                        "raised",  "fence", "turn",  "leave"};
    for (unsigned n = 0; n < loop->count; n++) {
        const struct step *s = &loop->steps[n];
        fprintf(file, "  %#6llx %-7s", (unsigned long long)word_loop_pc(loop, n), kinds[s->kind]);
        if (s->kind == STEP_COMPUTE) {
            fprintf(file, " r%u = %s r%u, ", s->to, ir_ops[s->op].name, s->a);
            s->is_constant ? fprintf(file, "%#llx", (unsigned long long)s->value) : fprintf(file, "r%u", s->b);
        } else if (s->kind == STEP_LOAD || s->kind == STEP_STORE) {
            fprintf(file, " %u %s at r%u%+d, r%u; %+d", s->count, ir_type_name(s->type), s->a, s->disp,
                    s->kind == STEP_LOAD ? s->to : s->b, (int)s->advance);
        } else if (s->kind == STEP_LEAVE) {
            fprintf(file, " if r%u %s ", s->a, ir_cond_names[s->op]);
            s->is_constant ? fprintf(file, "%#llx", (unsigned long long)s->value) : fprintf(file, "r%u", s->b);
        } else {
            fprintf(file, " r%u r%u r%u", s->to, s->a, s->b);
        }
        fprintf(file, "\n");
    }
}
