/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "case_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned find_register(const char *name, size_t length)
{
    if (length == 2 && memcmp(name, "PC", 2) == 0) {
        return CASE_REGISTERS_MOST;
    }
    for (unsigned index = 0; index < case_register_count; index++) {
        if (strlen(case_registers[index].name) == length && memcmp(case_registers[index].name, name, length) == 0) {
            return index;
        }
    }
    return UINT32_MAX;
}

static bool parse_hex(const char *text, size_t length, uint64_t value[2])
{
    value[0] = value[1] = 0;
    if (length == 0 || length > 32) {
        return false;
    }
    for (size_t index = 0; index < length; index++) {
        char letter = text[index];
        unsigned digit = letter >= '0' && letter <= '9'   ? (unsigned)(letter - '0')
                         : letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a' + 10)
                                                          : 16;
        if (digit > 15) {
            return false;
        }
        value[1] = value[1] << 4 | value[0] >> 60;
        value[0] = value[0] << 4 | digit;
    }
    return true;
}

static bool parse_run(const char *name, const char *text, size_t length, struct case_run *run)
{
    run->offset = (uint32_t)strtoul(name + 1, NULL, 16);
    run->length = (uint32_t)(length / 2);
    if (length % 2 || run->length > CASE_RUN_BYTES || run->offset + run->length > CASE_DATA_SIZE) {
        return false;
    }
    for (uint32_t index = 0; index < run->length; index++) {
        uint64_t value[2];
        if (!parse_hex(text + 2 * index, 2, value)) {
            return false;
        }
        run->bytes[index] = (uint8_t)value[0];
    }
    return true;
}

/* NAME=HEX, @OFFSET=BYTES or !END. */
static const char *parse_word(const char *word, size_t length, struct case_side *side)
{
    if (word[0] == '!') {
        if (length - 1 >= sizeof side->end) {
            return "an end that is too long";
        }
        memcpy(side->end, word + 1, length - 1);
        return NULL;
    }
    const char *equals = memchr(word, '=', length);
    if (equals == NULL) {
        return "a word without '='";
    }
    size_t rest = length - (size_t)(equals + 1 - word);
    if (word[0] == '@') {
        if (side->run_count == CASE_RUNS_MOST || !parse_run(word, equals + 1, rest, &side->runs[side->run_count++])) {
            return "bad bytes of memory";
        }
        return NULL;
    }
    if (side->value_count == CASE_VALUES_MOST) {
        return "too many registers";
    }
    struct case_value *value = &side->values[side->value_count++];
    value->index = find_register(word, (size_t)(equals - word));
    if (value->index == UINT32_MAX) {
        return "unknown register";
    }
    return parse_hex(equals + 1, rest, value->value) ? NULL : "bad number";
}

static const char *parse_code(const char *word, size_t length, struct instruction_case *result)
{
    uint64_t value[2];
    if ((length != 4 && length != 8) || !parse_hex(word, length, value)) {
        return "code is words of 4 or 8 digits";
    }
    if (result->code_length + length / 2 > sizeof result->code) {
        return "too much code";
    }
    for (size_t index = 0; index < length / 2; index++) {
        result->code[result->code_length++] = (uint8_t)(value[0] >> 8 * index);
    }
    return NULL;
}

bool case_parse(const char *line, bool has_outputs, struct instruction_case *result, const char **error)
{
    enum { CODE, INPUTS, OUTPUTS } part = CODE;
    *result = (struct instruction_case){0};
    *error = NULL;
    while (*error == NULL) {
        line += strspn(line, " \t\n");
        size_t length = strcspn(line, " \t\n");
        if (length == 0) {
            break;
        }
        if (length == 1 && *line == '|' && part == CODE) {
            part = INPUTS;
        } else if (length == 2 && memcmp(line, "=>", 2) == 0 && part == INPUTS) {
            part = OUTPUTS;
        } else if (part == CODE) {
            *error = parse_code(line, length, result);
        } else {
            *error = parse_word(line, length, part == INPUTS ? &result->inputs : &result->outputs);
        }
        line += length;
    }
    if (*error == NULL && (result->code_length == 0 || part != (has_outputs ? OUTPUTS : INPUTS))) {
        *error = has_outputs ? "not 'code | inputs => outputs'" : "not 'code | inputs'";
    }
    return *error == NULL;
}

/* FNV-1a of the name, spread over 64 bits. */
static uint64_t name_number(const char *name, uint64_t salt)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ salt;
    for (; *name; name++) {
        hash = (hash ^ (uint8_t)*name) * UINT64_C(1099511628211);
    }
    hash ^= hash >> 29;
    return hash * UINT64_C(0x9e3779b97f4a7c15);
}

static void apply_side(const struct case_side *side, struct case_state *state)
{
    for (unsigned index = 0; index < side->value_count; index++) {
        const struct case_value *value = &side->values[index];
        if (value->index == CASE_REGISTERS_MOST) {
            state->pc = value->value[0];
        } else {
            memcpy(state->registers[value->index], value->value, sizeof value->value);
        }
    }
    for (unsigned index = 0; index < side->run_count; index++) {
        memcpy(state->memory + side->runs[index].offset, side->runs[index].bytes, side->runs[index].length);
    }
}

/* Made once: it is most of a case's cost. */
static const struct case_state *background(void)
{
    static struct case_state state;
    if (state.pc) {
        return &state;
    }
    for (unsigned index = 0; index < case_register_count; index++) {
        const struct case_register *reg = &case_registers[index];
        state.registers[index][0] = reg->is_fixed ? reg->background : name_number(reg->name, 0);
        state.registers[index][1] = reg->bytes == 16 ? name_number(reg->name, 1) : 0;
        if (reg->bytes == 4) {
            state.registers[index][0] &= UINT32_MAX;
        }
    }
    for (unsigned index = 0; index < CASE_DATA_SIZE; index++) {
        state.memory[index] = (uint8_t)(index * 37 + 11 + (index >> 8) * 5);
    }
    state.pc = CASE_CODE;
    return &state;
}

void case_begin(const struct instruction_case *one, struct case_state *state)
{
    *state = *background();
    apply_side(&one->inputs, state);
}

void case_fill_code(const struct instruction_case *one, uint8_t *code)
{
    memcpy(code, one->code, one->code_length);
    for (uint64_t offset = one->code_length; offset < CASE_CODE_FILLED; offset++) {
        uint32_t word = case_filler(CASE_CODE + (offset & ~UINT64_C(3)));
        code[offset] = (uint8_t)(word >> 8 * (offset & 3));
    }
    if (one->code_length & 2) { /* a breakpoint of four bytes that begins in the middle of a word */
        uint32_t word = case_filler(CASE_CODE);
        memcpy(code + one->code_length, &word, sizeof word);
    }
}

void case_expect(const struct instruction_case *one, const struct case_state *begin, struct case_state *state)
{
    *state = *begin;
    strcpy(state->end, one->outputs.end);
    if (state->end[0] == 0) {
        state->pc = CASE_CODE + one->code_length;
    }
    apply_side(&one->outputs, state);
}

static int print_number(char *text, size_t size, const uint64_t value[2])
{
    return value[1] ? snprintf(text, size, "%" PRIx64 "%016" PRIx64, value[1], value[0])
                    : snprintf(text, size, "%" PRIx64, value[0]);
}

static size_t print_memory(char *text, size_t size, const struct case_state *begin, const struct case_state *end,
                           unsigned *run_count)
{
    size_t used = 0;
    for (uint32_t index = 0; index < CASE_DATA_SIZE; index++) {
        if (begin->memory[index] == end->memory[index] || used + 32 + 2 * CASE_RUN_BYTES > size) {
            continue;
        }
        uint32_t last = index; /* runs swallow gaps of up to 3 equal bytes */
        for (uint32_t next = index; next < CASE_DATA_SIZE && next < last + 4 && next < index + CASE_RUN_BYTES; next++) {
            last = begin->memory[next] != end->memory[next] ? next : last;
        }
        used += (size_t)snprintf(text + used, size - used, " @%x=", (unsigned)index);
        for (; index <= last; index++) {
            used += (size_t)snprintf(text + used, size - used, "%02x", end->memory[index]);
        }
        index--;
        (*run_count)++;
    }
    return used;
}

void case_print_inputs(char *text, size_t size, const struct instruction_case *one, unsigned width)
{
    size_t used = 0;
    for (unsigned at = 0; at < one->code_length; at += width / 8) {
        uint32_t word = 0;
        memcpy(&word, one->code + at, width / 8);
        used += (size_t)snprintf(text + used, size - used, "%0*" PRIx32 " ", (int)width / 4, word);
    }
    used += (size_t)snprintf(text + used, size - used, "|");
    for (unsigned index = 0; index < one->inputs.value_count && used + 64 < size; index++) {
        const struct case_value *value = &one->inputs.values[index];
        used += (size_t)snprintf(text + used, size - used, " %s=", case_registers[value->index].name);
        used += (size_t)print_number(text + used, size - used, value->value);
    }
    for (unsigned index = 0; index < one->inputs.run_count; index++) {
        const struct case_run *run = &one->inputs.runs[index];
        used += (size_t)snprintf(text + used, size - used, " @%" PRIx32 "=", run->offset);
        for (uint32_t at = 0; at < run->length && used + 4 < size; at++) {
            used += (size_t)snprintf(text + used, size - used, "%02x", run->bytes[at]);
        }
    }
}

bool case_print_outputs(char *text, size_t size, const struct instruction_case *one, const struct case_state *begin,
                        const struct case_state *end)
{
    size_t used = (size_t)snprintf(text, size, " =>");
    unsigned values = 0, runs = 0;
    if (end->end[0]) {
        used += (size_t)snprintf(text + used, size - used, " !%s", end->end);
    }
    for (unsigned index = 0; index < case_register_count && used + 64 < size; index++) {
        if (memcmp(begin->registers[index], end->registers[index], 16) != 0) {
            used += (size_t)snprintf(text + used, size - used, " %s=", case_registers[index].name);
            used += (size_t)print_number(text + used, size - used, end->registers[index]);
            values++;
        }
    }
    if (end->pc != (end->end[0] ? begin->pc : CASE_CODE + one->code_length)) {
        used += (size_t)snprintf(text + used, size - used, " PC=%" PRIx64, end->pc);
    }
    print_memory(text + used, size - used, begin, end, &runs);
    return values < CASE_VALUES_MOST && runs <= CASE_RUNS_MOST;
}

bool case_compare(char *text, size_t size, const struct case_state *expected, const struct case_state *got)
{
    if (strcmp(expected->end, got->end) != 0) {
        snprintf(text, size, "ends with '%s', expected '%s'", got->end, expected->end);
        return false;
    }
    for (unsigned index = 0; index < case_register_count; index++) {
        if (memcmp(expected->registers[index], got->registers[index], 16) != 0) {
            int used = snprintf(text, size, "%s=", case_registers[index].name);
            used += print_number(text + used, size - (size_t)used, got->registers[index]);
            used += snprintf(text + used, size - (size_t)used, ", expected ");
            print_number(text + used, size - (size_t)used, expected->registers[index]);
            return false;
        }
    }
    if (expected->pc != got->pc) {
        snprintf(text, size, "PC=%" PRIx64 ", expected %" PRIx64, got->pc, expected->pc);
        return false;
    }
    for (unsigned index = 0; index < CASE_DATA_SIZE; index++) {
        if (expected->memory[index] != got->memory[index]) {
            snprintf(text, size, "@%x=%02x, expected %02x", index, got->memory[index], expected->memory[index]);
            return false;
        }
    }
    return true;
}

static uint64_t mix(uint64_t digest, uint64_t word)
{
    digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

uint64_t case_digest(uint64_t digest, const struct case_state *begin, const struct case_state *end)
{
    uint64_t words[CASE_DATA_SIZE / 8], before[CASE_DATA_SIZE / 8], name = 0;
    memcpy(&name, end->end, sizeof name);
    digest = mix(mix(digest, name), end->pc);
    for (unsigned index = 0; index < case_register_count; index++) {
        if (memcmp(begin->registers[index], end->registers[index], 16) != 0) {
            digest = mix(mix(mix(digest, index + 1), end->registers[index][0]), end->registers[index][1]);
        }
    }
    if (memcmp(begin->memory, end->memory, CASE_DATA_SIZE) != 0) {
        memcpy(before, begin->memory, CASE_DATA_SIZE);
        memcpy(words, end->memory, CASE_DATA_SIZE);
        for (unsigned index = 0; index < CASE_DATA_SIZE / 8; index++) {
            digest = words[index] != before[index] ? mix(mix(digest, index + 1000), words[index]) : digest;
        }
    }
    return digest;
}
