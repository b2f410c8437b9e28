/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text to IR, for tests. The form is what printer.c writes; names of values (%N) may be any numbers, each defined
 * before it is used; ';' begins a comment. What the text says is not checked against the table of operations: that is
 * ir_verify()'s part. */
#include "builder.h"
#include "names.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

struct parser {
    struct arena *arena;
    const struct ir_context *context;
    struct ir_unit *unit;
    struct ir_builder builder; /* of which only the unit is used: appends */
    const char *at;
    unsigned line;
    uint32_t block; /* being filled; IR_NO_REF before the first */
    ir_ref *value;  /* by name: the value, or IR_NO_REF */
    uint32_t value_count;
    const char *error;
};

/* ---- words ---- */

__attribute__((format(printf, 2, 3))) static bool fail(struct parser *p, const char *format, ...)
{
    char text[160];
    va_list list;

    if (p->error) {
        return false;
    }
    int prefix = snprintf(text, sizeof text, "line %u: ", p->line);
    va_start(list, format);
    vsnprintf(text + prefix, sizeof text - (size_t)prefix, format, list);
    va_end(list);
    size_t size = strlen(text) + 1;
    p->error = memcpy(arena_alloc_aligned(p->arena, size, 1), text, size);
    return false;
}

static void skip_blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t') {
        p->at++;
    }
    if (*p->at == ';') {
        p->at += strcspn(p->at, "\n");
    }
}

/* To the next line that says something. False at the end of the text. */
static bool next_line(struct parser *p)
{
    for (skip_blanks(p); *p->at == '\n' || *p->at == '\r'; skip_blanks(p)) {
        p->line += *p->at == '\n';
        p->at++;
    }
    return *p->at != 0;
}

static bool accept(struct parser *p, char c)
{
    skip_blanks(p);
    if (*p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

static bool expect(struct parser *p, char c)
{
    return accept(p, c) || fail(p, "'%c' expected before '%.12s'", c, p->at);
}

/* Letters, digits and underscores; empty if there is none. */
static void read_word(struct parser *p, char *word, size_t size)
{
    size_t length = 0;
    skip_blanks(p);
    while (isalnum((unsigned char)p->at[length]) || p->at[length] == '_') {
        length++;
    }
    size_t kept = length < size ? length : size - 1;
    memcpy(word, p->at, kept);
    word[kept] = 0;
    p->at += length;
}

static bool read_number(struct parser *p, uint64_t *number)
{
    char *end;
    skip_blanks(p);
    bool negative = *p->at == '-';
    *number = strtoull(p->at + negative, &end, 0);
    if (end == p->at + negative || !isdigit((unsigned char)p->at[negative])) {
        return fail(p, "number expected before '%.12s'", p->at);
    }
    *number = negative ? 0 - *number : *number;
    p->at = end;
    return true;
}

/* A small number: block, width, count. */
static bool read_small(struct parser *p, uint32_t most, uint32_t *number)
{
    uint64_t wide;
    if (!read_number(p, &wide)) {
        return false;
    }
    *number = (uint32_t)wide;
    return wide <= most || fail(p, "%" PRIu64 " is too large", wide);
}

static bool find_name(struct parser *p, const char *word, const char *const *names, unsigned count, unsigned *index)
{
    for (*index = 0; *index < count; ++*index) {
        if (names[*index] && strcmp(names[*index], word) == 0) {
            return true;
        }
    }
    return fail(p, "unknown word '%s'", word);
}

static bool read_name(struct parser *p, const char *const *names, unsigned count, unsigned *index)
{
    char word[40];
    read_word(p, word, sizeof word);
    return find_name(p, word, names, count, index);
}

#define READ_NAME(parser, names, index) read_name(parser, names, sizeof(names) / sizeof(names[0]), index)

/* ---- operands ---- */

static bool parse_type(struct parser *p, const char *word, enum ir_type *type)
{
    for (*type = IR_NONE; *type < IR_TYPE_COUNT; ++*type) {
        if (strcmp(ir_type_name(*type), word) == 0) {
            return true;
        }
    }
    return fail(p, "unknown type '%s'", word);
}

/* After '#'. */
static bool parse_constant(struct parser *p, enum ir_type implied, ir_ref *ref)
{
    uint64_t first, second = 0;
    enum ir_type type = implied;

    if (isalpha((unsigned char)*p->at)) {
        char word[8];
        read_word(p, word, sizeof word);
        if (!parse_type(p, word, &type) || !expect(p, ':')) {
            return false;
        }
    }
    if (type == IR_NONE) {
        return fail(p, "a constant here must say its type");
    }
    if (!read_number(p, &first)) {
        return false;
    }
    if (type != IR_V128) {
        *ref = ir_constant_int(p->unit, type, first);
        return true;
    }
    if (!expect(p, ':') || !read_number(p, &second)) {
        return false;
    }
    *ref = ir_constant_v128(p->unit, second, first);
    return true;
}

static bool parse_ref(struct parser *p, enum ir_type implied, ir_ref *ref)
{
    uint32_t name;
    if (accept(p, '#')) {
        return parse_constant(p, implied, ref);
    }
    if (!expect(p, '%') || !read_small(p, UINT32_MAX, &name)) {
        return false;
    }
    if (name >= p->value_count || p->value[name] == IR_NO_REF) {
        return fail(p, "%%%" PRIu32 " is not defined", name);
    }
    *ref = p->value[name];
    return true;
}

static bool parse_block_number(struct parser *p, uint32_t *block)
{
    enum { MOST_BLOCKS = 65535 };
    char word[8];
    read_word(p, word, sizeof word);
    if (strcmp(word, "block") != 0) {
        return fail(p, "'block' expected");
    }
    if (!read_small(p, MOST_BLOCKS, block)) {
        return false;
    }
    while (p->unit->block_count <= *block) {
        ir_block_new(&p->builder);
    }
    return true;
}

/* (ref, ref, ...); its place and length in the unit's list. */
static bool parse_list(struct parser *p, uint32_t *start, uint32_t *count)
{
    struct ir_unit *unit = p->unit;
    ir_ref ref;

    *start = unit->list_count;
    if (!expect(p, '(')) {
        return false;
    }
    while (!accept(p, ')')) {
        if ((unit->list_count > *start && !expect(p, ',')) || !parse_ref(p, IR_NONE, &ref)) {
            return false;
        }
        if (unit->list_count == unit->list_capacity) {
            unit->list = arena_grow(unit->arena, unit->list, &unit->list_capacity, sizeof *unit->list);
        }
        unit->list[unit->list_count++] = ref;
    }
    *count = unit->list_count - *start;
    return true;
}

static bool parse_slot(struct parser *p, uint32_t *slot)
{
    char word[40];
    read_word(p, word, sizeof word);
    for (*slot = 0; *slot < p->context->slot_count; ++*slot) {
        if (strcmp(p->context->slots[*slot].name, word) == 0) {
            return true;
        }
    }
    return fail(p, "unknown slot '%s'", word);
}

static bool parse_helper(struct parser *p, uint32_t *helper)
{
    char word[64];
    read_word(p, word, sizeof word);
    for (*helper = 0; *helper < p->context->helper_count; ++*helper) {
        if (strcmp(p->context->helpers[*helper].name, word) == 0) {
            return true;
        }
    }
    return fail(p, "unknown helper '%s'", word);
}

/* ---- aux ---- */

/* mode[.signed][.inexact] */
static bool parse_round(struct parser *p, uint16_t *aux)
{
    static const char *const suffixes[] = {"signed", "inexact"};
    unsigned mode, suffix;

    if (!READ_NAME(p, ir_rounding_names, &mode)) {
        return false;
    }
    *aux |= (uint16_t)mode;
    while (accept(p, '.')) {
        if (!READ_NAME(p, suffixes, &suffix)) {
            return false;
        }
        *aux |= suffix ? IR_ROUND_INEXACT : IR_ROUND_SIGNED;
    }
    return true;
}

/* x8, x16, x32, x64 */
static bool parse_lane(struct parser *p, uint16_t *lane)
{
    static const char *const names[] = {"x8", "x16", "x32", "x64"};
    unsigned index = 0;
    bool found = READ_NAME(p, names, &index);
    *lane = (uint16_t)index;
    return found;
}

static bool parse_lane_aux(struct parser *p, enum ir_aux kind, uint16_t *aux)
{
    uint32_t index = 0;
    if (!parse_lane(p, aux) || kind == IR_AUX_LANE) {
        return !p->error;
    }
    if (kind == IR_AUX_LANE_ROUND) {
        *aux = (uint16_t)(*aux << 8);
        return expect(p, '.') && parse_round(p, aux);
    }
    if (!expect(p, ':') || !read_small(p, 255, &index)) {
        return false;
    }
    *aux = ir_lane_index(*aux, index);
    return true;
}

static bool parse_fcond(struct parser *p, uint16_t *aux)
{
    static const char *const suffix[] = {"signaling"};
    unsigned condition, ignored;
    if (!READ_NAME(p, ir_fcond_names, &condition)) {
        return false;
    }
    bool signaling = accept(p, '.');
    *aux = (uint16_t)(condition | (signaling ? IR_FCOND_SIGNALING : 0));
    return !signaling || READ_NAME(p, suffix, &ignored);
}

static bool parse_aux_before(struct parser *p, enum ir_aux kind, uint16_t *aux)
{
    static const char *const quiet_names[] = {"quiet", "signaling"};
    uint32_t first = 0, second = 0;
    unsigned name = 0;
    bool good = true;

    switch (kind) {
    case IR_AUX_WIDTH:
    case IR_AUX_COUNT:
        good = read_small(p, 255, &first);
        *aux = (uint16_t)first;
        return good;
    case IR_AUX_FIELD:
        good = read_small(p, 255, &first) && expect(p, '+') && read_small(p, 255, &second);
        *aux = ir_field(first, second);
        return good;
    case IR_AUX_FCOND:
        return parse_fcond(p, aux);
    case IR_AUX_ROUND:
        return parse_round(p, aux);
    case IR_AUX_LANE:
    case IR_AUX_LANE_INDEX:
    case IR_AUX_LANE_COUNT:
    case IR_AUX_LANE_ROUND:
        return parse_lane_aux(p, kind, aux);
    case IR_AUX_COND:
        good = READ_NAME(p, ir_cond_names, &name);
        break;
    case IR_AUX_FLAG_COND:
        good = READ_NAME(p, ir_flag_cond_names, &name);
        break;
    case IR_AUX_SIGNALING:
        good = READ_NAME(p, quiet_names, &name);
        break;
    case IR_AUX_FENCE:
        good = READ_NAME(p, ir_fence_names, &name);
        break;
    default:
        break;
    }
    *aux = (uint16_t)name;
    return good;
}

/* u32.be.acq.rel.align4.user */
static bool parse_memop(struct parser *p, uint16_t *aux)
{
    static const char *const sizes[] = {"u8", "u16", "u32", "u64", "u128", "", "", "", "s8", "s16", "s32", "s64"};
    static const char *const suffixes[] = {"be",     "acq",    "rel",    "user",    "align1",
                                           "align2", "align4", "align8", "align16", "align32"};
    static const uint16_t bits[] = {IR_MEM_BIG, IR_MEM_ACQUIRE, IR_MEM_RELEASE, IR_MEM_UNPRIVILEGED};
    unsigned index;

    if (!READ_NAME(p, sizes, &index)) {
        return false;
    }
    *aux |= (uint16_t)index;
    while (accept(p, '.')) {
        if (!READ_NAME(p, suffixes, &index)) {
            return false;
        }
        *aux |= index < 4 ? bits[index] : (uint16_t)((index - 3) << IR_MEM_ALIGN_SHIFT);
    }
    return true;
}
_Static_assert(IR_MEM_SIGNED == 8, "parse_memop() has the signed sizes eight places above the unsigned ones");

static bool parse_aux_after(struct parser *p, enum ir_aux kind, uint16_t *aux)
{
    unsigned name = 0;
    bool good = true;

    switch (kind) {
    case IR_AUX_ATOMIC:
        if (!expect(p, ',') || !READ_NAME(p, ir_atomic_names, &name) || !expect(p, '.')) {
            return false;
        }
        *aux = (uint16_t)(name << IR_MEM_ATOMIC_SHIFT);
        return parse_memop(p, aux);
    case IR_AUX_MEMOP:
        return expect(p, ',') && parse_memop(p, aux);
    case IR_AUX_HINT:
        good = !accept(p, ',') || READ_NAME(p, ir_hint_names, &name);
        break;
    case IR_AUX_EXIT:
        good = READ_NAME(p, ir_exit_names, &name);
        break;
    default:
        return true;
    }
    *aux = (uint16_t)name;
    return good;
}

/* ---- instructions ---- */

static uint32_t *operand_place(struct ir_instruction *i, unsigned index)
{
    return index == 0 ? &i->a : index == 1 ? &i->b : &i->c;
}

static bool parse_operand(struct parser *p, struct ir_instruction *i, unsigned index, enum ir_kind kind)
{
    uint32_t *place = operand_place(i, index), count = 0;
    uint64_t literal = 0;

    if (kind == IR_KIND_LIST) {
        return parse_list(p, place, &count) &&
               (count == ir_list_count(i) || fail(p, "%" PRIu32 " values expected", ir_list_count(i)));
    }
    if (ir_operand_is_block((enum ir_op)i->op, index)) {
        return parse_block_number(p, place);
    }
    if (kind == IR_KIND_LIT) {
        bool good = read_number(p, &literal);
        *place = (uint32_t)literal;
        return good;
    }
    return parse_ref(p, ir_required_type(p->unit, i, index), place);
}

static bool parse_operands(struct parser *p, struct ir_instruction *i)
{
    const struct ir_op_description *d = &ir_ops[i->op];
    const uint8_t kinds[3] = {d->a, d->b, d->c};

    for (unsigned k = 0; k < 3 && kinds[k] != IR_KIND_NONE; k++) {
        if (d->aux == IR_AUX_EXIT && k == 1 && !accept(p, ',')) { /* only calls have a return address */
            i->b = i->a;
            break;
        }
        if (k && d->aux != IR_AUX_EXIT && !expect(p, ',')) {
            return false;
        }
        if (!parse_operand(p, i, k, (enum ir_kind)kinds[k])) {
            return false;
        }
    }
    return true;
}

static bool parse_body(struct parser *p, struct ir_instruction *i)
{
    const struct ir_op_description *d = &ir_ops[i->op];
    uint32_t small = 0;
    uint64_t pc = 0;

    switch (i->op) {
    case IR_OP_read:
        if (!parse_slot(p, &i->a) || (accept(p, '+') && !read_small(p, 255, &small))) {
            return false;
        }
        i->aux = (uint16_t)small;
        return true;
    case IR_OP_drop:
        return parse_slot(p, &i->a);
    case IR_OP_write:
        return parse_slot(p, &i->a) && expect(p, ',') && parse_ref(p, ir_required_type(p->unit, i, 1), &i->b);
    case IR_OP_mark:
        if (!read_number(p, &pc) || !read_small(p, 255, &small)) {
            return false;
        }
        i->a = (uint32_t)pc;
        i->b = (uint32_t)(pc >> 32);
        i->aux = (uint16_t)small;
        return true;
    case IR_OP_call:
        return parse_helper(p, &i->a) && parse_list(p, &i->b, &i->c);
    default:
        return parse_aux_before(p, (enum ir_aux)d->aux, &i->aux) && parse_operands(p, i) &&
               parse_aux_after(p, (enum ir_aux)d->aux, &i->aux);
    }
}

static bool parse_operation(struct parser *p, struct ir_instruction *i)
{
    char word[40];
    unsigned op;
    enum ir_type type = IR_NONE;

    read_word(p, word, sizeof word);
    for (op = 0; op < IR_OP_COUNT && strcmp(ir_ops[op].name, word) != 0; op++) {
    }
    if (op == IR_OP_COUNT) {
        return fail(p, "unknown operation '%s'", word);
    }
    if (accept(p, '.')) {
        read_word(p, word, sizeof word);
        if (!parse_type(p, word, &type)) {
            return false;
        }
    }
    i->op = (uint8_t)op;
    i->type = (uint8_t)type;
    return parse_body(p, i);
}

static bool define_value(struct parser *p, uint32_t name, ir_ref ref)
{
    enum { MOST_NAMES = 1 << 20 };
    if (name >= MOST_NAMES) {
        return fail(p, "%%%" PRIu32 " is too large a name", name);
    }
    while (name >= p->value_count) {
        uint32_t old = p->value_count;
        p->value = arena_grow(p->arena, p->value, &p->value_count, sizeof *p->value);
        memset(p->value + old, 0xFF, sizeof *p->value * (p->value_count - old));
    }
    if (p->value[name] != IR_NO_REF) {
        return fail(p, "%%%" PRIu32 " is defined twice", name);
    }
    p->value[name] = ref;
    return true;
}

static bool parse_instruction(struct parser *p)
{
    struct ir_instruction i = {0};
    uint32_t name = IR_NO_REF;

    if (p->block == IR_NO_REF) {
        return fail(p, "an operation before the first block");
    }
    if (accept(p, '%') && !(read_small(p, UINT32_MAX - 1, &name) && expect(p, '='))) {
        return false;
    }
    if (!parse_operation(p, &i)) {
        return false;
    }
    if ((i.type != IR_NONE) != (name != IR_NO_REF)) {
        return fail(p, "%s: a value has a name and a type, or neither", ir_ops[i.op].name);
    }
    ir_ref ref = ir_append(&p->builder, (enum ir_op)i.op, (enum ir_type)i.type, i.aux, i.a, i.b, i.c);
    p->unit->blocks[p->block].end = p->unit->count;
    return name == IR_NO_REF || define_value(p, name, ref);
}

static bool parse_block_header(struct parser *p)
{
    struct ir_unit *unit = p->unit;
    uint32_t number;

    if (!parse_block_number(p, &number) || !expect(p, ':')) {
        return false;
    }
    for (uint32_t k = 0; k < unit->layout_count; k++) {
        if (unit->layout[k] == number) {
            return fail(p, "block %" PRIu32 " stands here twice", number);
        }
    }
    unit->blocks[number].first = unit->blocks[number].end = unit->count;
    unit->layout[unit->layout_count++] = number;
    p->block = number;
    return true;
}

static bool parse_unit_header(struct parser *p)
{
    char word[40];
    uint64_t pc;

    read_word(p, word, sizeof word);
    if (strcmp(word, "unit") != 0) {
        return fail(p, "'unit' expected");
    }
    read_word(p, word, sizeof word);
    if (strcmp(word, p->context->guest_name) != 0) {
        return fail(p, "the unit is of '%s', the context of %s", word, p->context->guest_name);
    }
    read_word(p, word, sizeof word);
    if (strcmp(word, "pc") != 0 || !expect(p, '=') || !read_number(p, &pc)) {
        return fail(p, "'pc=' and a number expected");
    }
    p->unit->pc = pc;
    return true;
}

static void count_predecessors(struct ir_unit *unit)
{
    unit->blocks[0].predecessors++;
    for (uint32_t k = 0; k < unit->count; k++) {
        const struct ir_instruction *i = &unit->code[k];
        if (i->op == IR_OP_jump) {
            unit->blocks[i->a].predecessors++;
        } else if (i->op == IR_OP_branch) {
            unit->blocks[i->b].predecessors++;
            unit->blocks[i->c].predecessors++;
        }
    }
}

struct ir_unit *ir_parse(struct arena *arena, const struct ir_context *context, const char *text, const char **error)
{
    struct parser p = {.arena = arena, .context = context, .at = text, .line = 1, .block = IR_NO_REF};
    p.unit = ir_unit_new(arena, context, 0);
    p.builder.unit = p.unit;

    bool good = next_line(&p) ? parse_unit_header(&p) : fail(&p, "no unit");
    while (good && next_line(&p)) {
        good = strncmp(p.at, "block ", 6) == 0 ? parse_block_header(&p) : parse_instruction(&p);
        skip_blanks(&p);
        if (good && *p.at && *p.at != '\n' && *p.at != '\r') {
            good = fail(&p, "more than expected: '%.20s'", p.at);
        }
    }
    if (good && p.unit->block_count == 0) {
        good = fail(&p, "no block");
    }
    *error = p.error;
    if (!good) {
        return NULL;
    }
    count_predecessors(p.unit);
    return p.unit;
}
