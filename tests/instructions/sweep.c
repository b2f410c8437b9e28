/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operands of sweeps, made by rule, and their digest. */
#include "sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kinds: floats h s d, b (bfloat16); integers H w x of 16, 32, 64 bits. */
static const char kind_letters[] = "hsdbHwx";
enum { KIND_COUNT = sizeof kind_letters - 1, VALUES_MOST = 192 };

struct format {
    unsigned exponent_bits, fraction_bits, narrower; /* fraction bits of the next narrower format */
};
static const struct format formats[] = {{5, 10, 7}, {8, 23, 10}, {11, 52, 23}, {8, 7, 3}};
static const unsigned integer_bits[] = {16, 32, 64};

struct values {
    uint64_t all[VALUES_MOST];
    unsigned count, some, few; /* the first `some` are enough for two operands, the first `few` for three */
};

static unsigned kind_index(char kind)
{
    return (unsigned)(strchr(kind_letters, kind) - kind_letters);
}

static unsigned kind_bits(char kind)
{
    unsigned index = kind_index(kind);
    return index < 4 ? 1 + formats[index].exponent_bits + formats[index].fraction_bits : integer_bits[index - 4];
}

/* ---- values ---- */
static void add(struct values *v, uint64_t value)
{
    if (v->count < VALUES_MOST) {
        v->all[v->count++] = value;
    }
}

/* Both signs. */
static void add_float(struct values *v, const struct format *f, uint64_t magnitude)
{
    add(v, magnitude);
    add(v, magnitude | UINT64_C(1) << (f->exponent_bits + f->fraction_bits));
}

/* 2^exponent * (1 + fraction), plus `ulps`, if the format has it */
static void add_power(struct values *v, const struct format *f, int exponent, uint64_t fraction, int ulps)
{
    int bias = (1 << (f->exponent_bits - 1)) - 1;
    if (exponent + bias > 0 && exponent <= bias) {
        add_float(v, f, ((uint64_t)(exponent + bias) << f->fraction_bits | fraction) + (uint64_t)(int64_t)ulps);
    }
}

static void make_floats(struct values *v, const struct format *f)
{
    unsigned F = f->fraction_bits;
    uint64_t unit = UINT64_C(1) << F, half = unit >> 1, infinity = ((UINT64_C(1) << f->exponent_bits) - 1) << F;
    int bias = (1 << (f->exponent_bits - 1)) - 1;
    /* Enough for three operands: zero, subnormal and normal edges, ones, the largest, infinity, NaNs of both kinds. */
    const uint64_t few[] = {0, 1, unit - 1, unit, infinity - 1, infinity, infinity | half | 5, infinity | 3};
    for (unsigned i = 0; i < sizeof few / sizeof *few; i++) {
        add_float(v, f, few[i]);
    }
    add_power(v, f, 0, 0, 0);
    add_power(v, f, 0, 0, 1);
    add_power(v, f, -(int)F - 1, 0, 0); /* half an ulp of one */
    add_power(v, f, -bias / 2, half | 1, 0);
    v->few = v->count;
    const uint64_t edges[] = {
        2, 3, half, half - 1, unit + 1, infinity - 2, infinity | half, infinity | 1, infinity | (half - 1)};
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; i++) {
        add_float(v, f, edges[i]);
    }
    const struct {
        int exponent;
        uint64_t fraction;
    } halves[] = {{-1, 0},        {0, half},  {1, half >> 1}, {1, half}, {1, half | half >> 1},
                  {2, half >> 2}, {-1, half}, {-2, 0}};
    for (unsigned i = 0; i < sizeof halves / sizeof *halves; i++) {
        add_power(v, f, halves[i].exponent, halves[i].fraction, 0);
    }
    add_power(v, f, 0, 0, -1);
    add_power(v, f, -1, 0, -1);
    add_power(v, f, (int)F - 1, 0, -1); /* the largest with a half */
    add_power(v, f, (int)F, 0, 1);
    /* Halfway between numbers of the narrower format, even and odd below, and next to it. */
    uint64_t tie = unit >> (f->narrower + 1);
    add_power(v, f, 0, tie, 0);
    add_power(v, f, 0, 3 * tie, 0);
    add_power(v, f, 0, tie, 1);
    add_power(v, f, 0, tie, -1);
    /* Products and quotients about the smallest and largest numbers. */
    add_power(v, f, -bias / 2, unit - 1, 0);
    add_power(v, f, bias / 2, unit - 1, 0);
    add_power(v, f, bias / 2 + 1, 1, 0);
    add_power(v, f, bias, half, 0);
    v->some = v->count;
    /* Ends of the ranges of integers, and of the narrower formats. */
    static const int ends[] = {7, 8, 15, 16, 31, 32, 63, 64, -14, -15, -24, -25, -126, -127, -149, -150, 127, 128};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        add_power(v, f, ends[i], 0, 0);
        add_power(v, f, ends[i], 0, -1);
    }
}

static void make_integers(struct values *v, unsigned bits)
{
    static const uint8_t powers[] = {7, 8, 10, 11, 12, 15, 16, 23, 24, 25, 31, 32, 52, 53, 54, 62, 63};
    uint64_t mask = UINT64_MAX >> (64 - bits);
    add(v, 0);
    add(v, 1);
    add(v, mask);
    add(v, mask - 1);
    add(v, UINT64_C(0x5555555555555555) & mask);
    add(v, UINT64_C(0x123456789abcdef1) & mask);
    for (unsigned i = 0; i < sizeof powers && powers[i] < bits; i++) {
        uint64_t power = UINT64_C(1) << powers[i];
        for (int step = -1; step <= 3; step++) {
            add(v, (power + (uint64_t)(int64_t)step) & mask);
        }
        add(v, (0 - power - 1) & mask);
    }
    v->few = v->some = v->count;
}

static const struct values *values_of(char kind)
{
    static struct values made[KIND_COUNT];
    unsigned index = kind_index(kind);
    struct values *v = &made[index];
    if (v->count == 0 && index < 4) {
        make_floats(v, &formats[index]);
    } else if (v->count == 0) {
        make_integers(v, integer_bits[index - 4]);
    }
    return v;
}

/* ---- combinations ---- */
struct plan {
    const struct sweep *sweep;
    const struct values *values[SWEEP_OPERANDS];
    unsigned counts[SWEEP_OPERANDS];
    uint64_t combinations, entries;
    unsigned per_entry;
};

static struct plan make_plan(const struct sweep *s)
{
    struct plan p = {.sweep = s, .combinations = 1, .per_entry = s->shape == SWEEP_LANES ? s->lanes : 1};
    unsigned operands = 0;
    for (unsigned i = 0; i < SWEEP_OPERANDS; i++) {
        operands += s->kinds[i] != 0;
    }
    for (unsigned i = 0; i < SWEEP_OPERANDS; i++) {
        if (s->kinds[i]) {
            p.values[i] = values_of(s->kinds[i]);
            const struct values *v = p.values[i];
            p.counts[i] = operands > 2 ? v->few : operands == 2 ? v->some : v->count;
            p.combinations *= p.counts[i];
        }
    }
    p.entries = (p.combinations + p.per_entry - 1) / p.per_entry;
    return p;
}

static uint64_t operand_value(const struct plan *p, unsigned operand, uint64_t combination)
{
    combination %= p->combinations;
    for (unsigned i = 0; i < operand; i++) {
        combination /= p->counts[i] ? p->counts[i] : 1;
    }
    return p->values[operand]->all[combination % p->counts[operand]];
}

static void put_lane(uint64_t vector[2], unsigned bits, unsigned lane, uint64_t value)
{
    memcpy((uint8_t *)vector + lane * bits / 8, &value, bits / 8);
}

/* A signaling NaN of the kind (an odd integer). */
static uint64_t alarm(char kind)
{
    unsigned index = kind_index(kind);
    return index < 4 ? ((UINT64_C(1) << formats[index].exponent_bits) - 1) << formats[index].fraction_bits | 9 : 0x5ac3;
}

static void fill_vector(const struct plan *p, unsigned operand, uint64_t entry, uint64_t vector[2])
{
    char kind = p->sweep->kinds[operand];
    unsigned bits = kind_bits(kind), lanes = 128 / bits;
    for (unsigned lane = 0; lane < lanes; lane++) {
        uint64_t value = alarm(kind);
        switch (p->sweep->shape) {
        case SWEEP_PAIRS:
            value = operand_value(p, lane & 1, entry);
            break;
        case SWEEP_SAME:
            value = operand_value(p, operand, entry);
            break;
        case SWEEP_SCALAR:
            value = lane ? value : operand_value(p, operand, entry);
            break;
        case SWEEP_LANES:
            value = lane < p->sweep->lanes ? operand_value(p, operand, entry * p->per_entry + lane) : value;
            break;
        }
        put_lane(vector, bits, lane, value);
    }
}

static void fill_input(const struct plan *p, uint64_t entry, struct sweep_input *input)
{
    const struct sweep *s = p->sweep;
    for (unsigned operand = 0; operand < SWEEP_OPERANDS; operand++) {
        input->vectors[operand][0] = UINT64_C(0x7d01fffe7fa00003) ^ operand;
        input->vectors[operand][1] = UINT64_C(0x7ff4000000000001) + operand;
        if (s->kinds[operand] && !(s->shape == SWEEP_PAIRS && operand > 1)) {
            fill_vector(p, operand, entry, input->vectors[operand]);
        }
    }
    input->general = operand_value(p, 0, entry * p->per_entry);
    if (kind_bits(s->kinds[0]) < 64) {
        input->general |= UINT64_C(0xfedcba98) << 32;
    }
    input->flags = (entry & 15) << 28;
}

/* ---- running ---- */
static uint64_t mix(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

static void print_result(struct sweep_mode mode, const struct sweep_input *in, const struct sweep_output *out)
{
    printf("%08" PRIx32 " %" PRIx32, mode.control, mode.status);
    for (unsigned i = 0; i < SWEEP_OPERANDS; i++) {
        printf(" %016" PRIx64 "%016" PRIx64, in->vectors[i][1], in->vectors[i][0]);
    }
    printf(" %" PRIx64 " => %016" PRIx64 "%016" PRIx64 " %" PRIx64 " %" PRIx64 "\n", in->general, out->vector[1],
           out->vector[0], out->general, out->status);
}

uint64_t sweep_run(const struct sweep *s, sweep_execute *execute, void *engine, bool dump)
{
    static struct sweep_input inputs[SWEEP_CHUNK];
    static struct sweep_output outputs[SWEEP_CHUNK];
    struct sweep_mode modes[SWEEP_MODES_MOST];
    uint32_t code[SWEEP_CODE_WORDS] = {0};
    struct plan plan = make_plan(s);
    bool half = memchr(s->kinds, 'h', sizeof s->kinds) != NULL;
    unsigned mode_count = sweep_modes(modes, half);
    uint64_t digest = 0;

    sweep_make_code(code, s->word);
    for (uint64_t first = 0; first < plan.entries; first += SWEEP_CHUNK) {
        uint64_t rest = plan.entries - first;
        unsigned count = rest < SWEEP_CHUNK ? (unsigned)rest : SWEEP_CHUNK;
        for (unsigned i = 0; i < count; i++) {
            fill_input(&plan, first + i, &inputs[i]);
        }
        for (unsigned m = 0; m < mode_count; m++) {
            execute(engine, code, inputs, outputs, count, modes[m]);
            for (unsigned i = 0; i < count; i++) {
                digest = mix(mix(mix(mix(digest, outputs[i].vector[0]), outputs[i].vector[1]), outputs[i].general),
                             outputs[i].status);
                if (dump) {
                    print_result(modes[m], &inputs[i], &outputs[i]);
                }
            }
        }
    }
    return digest;
}

/* ---- text ---- */
static bool parse_word(struct sweep *s, const char *word)
{
    static const char names[SWEEP_OPERANDS] = "nmad";
    const char *operand = word[0] && word[1] == '=' ? memchr(names, word[0], sizeof names) : NULL;
    if (operand && word[2] && strchr(kind_letters, word[2]) && !word[3]) {
        s->kinds[operand - names] = word[2];
        return true;
    }
    if (strncmp(word, "lanes", 5) == 0) {
        s->shape = SWEEP_LANES;
        s->lanes = (unsigned)strtoul(word + 5, NULL, 10);
        return s->lanes >= 1 && s->lanes <= 8;
    }
    s->shape = strcmp(word, "same") == 0 ? SWEEP_SAME : strcmp(word, "pairs") == 0 ? SWEEP_PAIRS : SWEEP_SCALAR;
    return s->shape != SWEEP_SCALAR || strcmp(word, "scalar") == 0;
}

bool sweep_parse(const char *line, struct sweep *s)
{
    char word[16];
    int length;
    *s = (struct sweep){0};
    if (sscanf(line, "%" SCNx32 " |%n", &s->word, &length) != 1) {
        return false;
    }
    for (line += length; sscanf(line, "%15s%n", word, &length) == 1; line += length) {
        if (strcmp(word, "=>") == 0) {
            return sscanf(line + length, "%" SCNx64, &s->digest) == 1 && s->kinds[0];
        }
        if (!parse_word(s, word)) {
            return false;
        }
    }
    return s->kinds[0] != 0;
}
