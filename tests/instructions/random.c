/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random.h"

#include <string.h>

/* ---- numbers ---- */

void random_seed(struct random_source *source, const char *name)
{
    source->state = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++) {
        source->state = (source->state ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
    }
}

/* SplitMix64. */
uint64_t random_next(struct random_source *source)
{
    uint64_t z = source->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t random_bits(struct random_source *source, unsigned count)
{
    return count ? random_next(source) >> (64 - count) : 0;
}

uint32_t random_below(struct random_source *source, uint32_t limit)
{
    return (uint32_t)((random_next(source) >> 32) * limit >> 32);
}

int32_t random_between(struct random_source *source, int32_t low, int32_t high)
{
    return low + (int32_t)random_below(source, (uint32_t)(high - low) + 1);
}

bool random_chance(struct random_source *source, unsigned percent)
{
    return random_below(source, 100) < percent;
}

static uint64_t mask_of(unsigned bits)
{
    return UINT64_MAX >> (64 - bits);
}

uint64_t random_integer(struct random_source *source, unsigned bits)
{
    uint64_t mask = mask_of(bits), top = UINT64_C(1) << (bits - 1), half = UINT64_C(1) << bits / 2;
    const uint64_t edges[] = {0,       1,    2,        mask,     mask - 1,        top,  top - 1,
                              top + 1, half, half - 1, half / 2, mask - half + 1, bits, bits - 1};
    switch (random_below(source, 8)) {
    case 0:
    case 1:
        return edges[random_below(source, sizeof edges / sizeof *edges)] & mask;
    case 2:
        return (uint64_t)(int64_t)random_between(source, -(int)bits - 2, (int)bits + 2) & mask;
    case 3:
        return random_bits(source, bits) >> random_below(source, bits);
    case 4: /* a run of ones */
        return (mask >> random_below(source, bits)) << random_below(source, bits) & mask;
    default:
        return random_bits(source, bits);
    }
}

static uint64_t special_float(struct random_source *source, struct random_format f)
{
    unsigned width = f.fraction_bits;
    uint64_t unit = UINT64_C(1) << width, all = unit - 1, infinity = mask_of(f.exponent_bits) << width;
    uint64_t one = (mask_of(f.exponent_bits) >> 1) << width;
    const uint64_t edges[] = {0,
                              1,
                              2,
                              all,
                              all - 1,
                              unit / 2,
                              unit,
                              unit + 1,
                              infinity - 1,
                              infinity - unit,
                              infinity,
                              infinity,
                              infinity | unit / 2,
                              infinity | unit / 2,
                              infinity | unit / 2 | random_bits(source, width - 1),
                              infinity | 1,
                              infinity | (1 + random_bits(source, width - 1) / 2),
                              one,
                              one,
                              one + 1,
                              one - 1,
                              one - unit,
                              one + unit,
                              one | unit / 2,
                              one + unit + unit / 4,
                              one + 2 * unit + unit / 8,
                              one + unit / 2 + unit};
    return edges[random_below(source, sizeof edges / sizeof *edges)];
}

uint64_t random_float(struct random_source *source, struct random_format f)
{
    unsigned width = f.fraction_bits;
    uint64_t sign = random_bits(source, 1) << (f.exponent_bits + width), bias = mask_of(f.exponent_bits) >> 1;
    unsigned draw = random_below(source, 100);
    if (draw < 35) {
        return sign | special_float(source, f);
    }
    if (draw < 65) { /* exponents that meet */
        return sign | (bias + (uint64_t)(int64_t)random_between(source, -6, 6)) << width | random_bits(source, width);
    }
    if (draw < 75) { /* few bits: exact results and halfway cases */
        uint64_t fraction = random_bits(source, 3) << (width - 3);
        return sign | ((bias + (uint64_t)(int64_t)random_between(source, -4, 4)) << width) | fraction;
    }
    if (draw < 87) { /* about the ends of the ranges of integers, with any number of fraction bits */
        static const uint8_t ends[] = {7, 8, 11, 15, 16, 23, 24, 31, 32, 52, 53, 63, 64};
        uint64_t exponent = bias + ends[random_below(source, sizeof ends)] - random_below(source, 3);
        exponent = exponent > mask_of(f.exponent_bits) ? bias : exponent;
        uint64_t keep = ~UINT64_C(0) << random_below(source, width);
        return sign | exponent << width | (random_bits(source, width) & keep);
    }
    return random_bits(source, 1 + f.exponent_bits + width);
}

/* ---- instances ---- */

int32_t random_operand(const struct random_row *row, uint32_t bits, const char *name)
{
    for (unsigned index = 0; index < row->row->field_count; index++) {
        if (strcmp(row->row->fields[index].name, name) == 0) {
            return decode_field_value(&row->row->fields[index], bits);
        }
    }
    return RANDOM_ABSENT;
}

void random_set(struct instruction_case *one, unsigned index, uint64_t low, uint64_t high)
{
    struct case_side *side = &one->inputs;
    unsigned at = 0;
    while (at < side->value_count && side->values[at].index != index) {
        at++;
    }
    if (at == CASE_VALUES_MOST) {
        return;
    }
    side->value_count += at == side->value_count;
    side->values[at] = (struct case_value){.index = index, .value = {low, high}};
}

void random_set_memory(struct random_source *source, struct instruction_case *one, uint32_t offset, uint32_t length)
{
    struct case_side *side = &one->inputs;
    if (side->run_count == CASE_RUNS_MOST || offset >= CASE_DATA_SIZE) {
        return;
    }
    length = length < CASE_DATA_SIZE - offset ? length : CASE_DATA_SIZE - offset;
    struct case_run *run = &side->runs[side->run_count++];
    run->offset = offset;
    run->length = length;
    for (uint32_t index = 0; index < length; index++) {
        run->bytes[index] = (uint8_t)random_next(source);
    }
}

void random_add_code(struct instruction_case *one, uint32_t bits, unsigned width)
{
    for (unsigned shift = 0; shift < width; shift += 8) {
        one->code[one->code_length++] = (uint8_t)(bits >> shift);
    }
}

static bool make_instance(const struct random_row *row, struct random_source *source, struct instruction_case *one)
{
    const struct decode_row *wanted = row->row;
    for (unsigned attempt = 0; attempt < 4000; attempt++) {
        uint32_t bits = ((uint32_t)random_bits(source, row->width) & ~wanted->mask) | wanted->value;
        if (random_decode(bits, row->width) != wanted) {
            continue;
        }
        *one = (struct instruction_case){0};
        if (random_fill(row, bits, source, one)) {
            return true;
        }
    }
    return false;
}

bool random_make_row(const struct random_row *row, const char *salt,
                     struct instruction_case instances[RANDOM_INSTANCES])
{
    struct random_source source;
    random_seed(&source, salt);
    uint64_t salted = source.state;
    random_seed(&source, row->row->name);
    source.state ^= salted;
    for (unsigned index = 0; index < RANDOM_INSTANCES; index++) {
        if (!make_instance(row, &source, &instances[index])) {
            return false;
        }
    }
    return true;
}
