/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the cases of *.ir files (README.md describes them): text to IR, verified, printed and read again, interpreted.
 */
#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "interpreter.h"
#include "test_context.h"

struct text_case {
    char *name, *expectations, *unit; /* within the file's text */
};

static struct text_case cases[1000];
static unsigned case_count;

/* ---- files to cases ---- */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    text[length] = 0;
    fclose(file);
    return text;
}

/* "== name" begins a case; its expectations are the lines up to "unit". */
static void split_file(char *text)
{
    char *at = strncmp(text, "== ", 3) == 0 ? text : strstr(text, "\n== ");
    while (at) {
        at += *at == '\n';
        char *next = strstr(at, "\n== ");
        char *body = strchr(at, '\n');
        if (next) {
            *next++ = 0;
        }
        *body++ = 0;
        char *unit = strstr(body, "unit ");
        while (unit && unit != body && unit[-1] != '\n') {
            unit = strstr(unit + 1, "unit ");
        }
        if (unit && unit != body) {
            unit[-1] = 0;
        }
        cases[case_count++] = (struct text_case){at + 3, unit == body ? (char *)"" : body, unit ? unit : (char *)""};
        at = next;
    }
}

/* ---- words of an expectation ---- */

static const struct ir_slot_description *find_slot(const struct ir_context *context, const char *name, size_t length)
{
    for (unsigned k = 0; k < context->slot_count; k++) {
        if (strlen(context->slots[k].name) == length && memcmp(context->slots[k].name, name, length) == 0) {
            return &context->slots[k];
        }
    }
    ck_abort_msg("no slot %.*s", (int)length, name);
    return NULL;
}

static unsigned hex_digit(char c)
{
    return isdigit((unsigned char)c) ? (unsigned)(c - '0') : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

/* mem.OFFSET=bytes: writes them, or compares */
static void do_memory(const char *word, uint8_t *memory, bool compare)
{
    char *end;
    unsigned long offset = strtoul(word + 4, &end, 0);
    ck_assert_int_eq(*end, '=');
    for (const char *digits = end + 1; isxdigit((unsigned char)*digits); digits += 2, offset++) {
        uint8_t byte = (uint8_t)(hex_digit(digits[0]) << 4 | hex_digit(digits[1]));
        ck_assert_uint_lt(offset, TEST_MEMORY_SIZE);
        if (compare) {
            ck_assert_msg(memory[offset] == byte, "memory at 0x%lx: %02x, expected %02x", offset, memory[offset], byte);
        } else {
            memory[offset] = byte;
        }
    }
}

/* SLOT=0xLOW or SLOT=0xHIGH:0xLOW */
static void do_slot(const struct ir_context *context, const char *word, struct test_state *state, bool compare)
{
    char *end;
    const char *equals = strchr(word, '=');
    ck_assert_msg(equals, "no '=' in %s", word);
    const struct ir_slot_description *slot = find_slot(context, word, (size_t)(equals - word));
    union ir_value value = {.u64 = {strtoull(equals + 1, &end, 0), 0}};
    if (*end == ':') {
        value.u64[1] = value.u64[0];
        value.u64[0] = strtoull(end + 1, &end, 0);
    }
    uint8_t *place = (uint8_t *)state + slot->offset;
    unsigned bytes = ir_type_bytes((enum ir_type)slot->type);
    union ir_value found = {0};
    if (!compare) {
        memcpy(place, &value, bytes);
        return;
    }
    memcpy(&found, place, bytes);
    ck_assert_msg(memcmp(&found, &value, 16) == 0, "%s: is 0x%lx:0x%lx, expected 0x%lx:0x%lx", slot->name, found.u64[1],
                  found.u64[0], value.u64[1], value.u64[0]);
}

static void do_words(const struct ir_context *context, char *line, struct test_state *state, uint8_t *memory,
                     bool compare)
{
    char *rest = line;
    for (char *word; line && (word = strtok_r(NULL, " ", &rest));) {
        uint32_t number = (uint32_t)strtoul(strchr(word, '=') ? strchr(word, '=') + 1 : "0", NULL, 0);
        if (strncmp(word, "mem.", 4) == 0) {
            do_memory(word, memory, compare);
        } else if (strncmp(word, "exceptions=", 11) == 0 && compare) {
            ck_assert_uint_eq(state->header.fp.exceptions, number);
        } else if (strncmp(word, "exceptions=", 11) == 0) {
            state->header.fp.exceptions = number;
        } else if (strncmp(word, "rounding=", 9) == 0 && compare) {
            ck_assert_uint_eq(state->header.fp.rounding, number);
        } else if (strncmp(word, "rounding=", 9) == 0) {
            state->header.fp.rounding = number;
        } else if (strncmp(word, "event=", 6) == 0) {
            state->header.event = number;
        } else {
            do_slot(context, word, state, compare);
        }
    }
}

static void check_exit(const char *expected, struct ir_exit exit)
{
    static const char *const hints[] = {"jump", "call", "return", "mode"};
    char found[80];

    switch (exit.kind) {
    case IR_LEFT_GOTO:
        snprintf(found, sizeof found, "goto %s", hints[exit.hint]);
        break;
    case IR_LEFT_SYSCALL:
        snprintf(found, sizeof found, "syscall");
        break;
    case IR_LEFT_TRAP:
        snprintf(found, sizeof found, "trap %u %u", exit.trap, exit.argument);
        break;
    default:
        snprintf(found, sizeof found, "misaligned 0x%lx", exit.address);
        break;
    }
    ck_assert_str_eq(found, expected);
}

/* ---- one case ---- */

static char *text_of(const struct ir_unit *unit)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    ir_print(file, unit);
    fclose(file);
    return text;
}

static void check_round_trip(const struct ir_unit *unit, struct arena *arena)
{
    const char *error;
    char *first = text_of(unit);
    struct ir_unit *again = ir_parse(arena, unit->context, first, &error);
    ck_assert_msg(again, "its own text is not read back: %s\n%s", error, first);
    char *second = text_of(again);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}

struct expectation {
    const struct ir_context *context;
    char *in, *out, *exit, *invalid, *unreadable; /* lines, or NULL */
};

static struct expectation read_expectation(char *text)
{
    struct expectation e = {.context = &test_context};
    char *rest = text;
    for (char *line; (line = strtok_r(NULL, "\n", &rest));) {
        char *argument = strchr(line, ' ');
        argument = argument ? argument + 1 : line + strlen(line);
        if (line[0] == ';') {
            continue;
        } else if (strncmp(line, "in ", 3) == 0) {
            e.in = argument;
        } else if (strncmp(line, "out ", 4) == 0) {
            e.out = argument;
        } else if (strncmp(line, "exit ", 5) == 0) {
            e.exit = argument;
        } else if (strncmp(line, "invalid ", 8) == 0) {
            e.invalid = argument;
        } else if (strncmp(line, "unreadable ", 11) == 0) {
            e.unreadable = argument;
        } else if (strncmp(line, "word 32", 7) == 0) {
            e.context = &test_context32;
        } else {
            ck_abort_msg("what is '%s'?", line);
        }
    }
    return e;
}

static void run_case(const struct text_case *c)
{
    struct arena arena;
    const char *error;
    char *expectations = strdup(c->expectations);
    struct expectation e = read_expectation(expectations);

    arena_init(&arena);
    struct ir_unit *unit = ir_parse(&arena, e.context, c->unit, &error);
    if (e.unreadable) {
        ck_assert_msg(!unit && strstr(error, e.unreadable), "'%s' expected, found '%s'", e.unreadable,
                      unit ? "no error" : error);
    } else {
        ck_assert_msg(unit, "%s", error);
        const char *wrong = ir_verify(unit, &arena);
        if (e.invalid) {
            ck_assert_msg(wrong && strstr(wrong, e.invalid), "'%s' expected, found '%s'", e.invalid,
                          wrong ? wrong : "no error");
        } else {
            ck_assert_msg(!wrong, "%s", wrong);
            check_round_trip(unit, &arena);
            uint8_t *memory = aligned_alloc(64, TEST_MEMORY_SIZE);
            union ir_value *scratch = aligned_alloc(16, sizeof *scratch * (unit->count + 1));
            struct test_state state = {.header.memory_base = (uintptr_t)memory};
            memset(memory, 0, TEST_MEMORY_SIZE);
            do_words(e.context, e.in, &state, memory, false);
            struct ir_exit exit = ir_interpret(unit, &state.header, scratch);
            do_words(e.context, e.out, &state, memory, true);
            check_exit(e.exit ? e.exit : "goto jump", exit);
            free(memory);
            free(scratch);
        }
    }
    arena_free(&arena);
    free(expectations);
}

START_TEST(text_case)
{
    fprintf(stderr, "%s\n", cases[_i].name); /* the last one before a failure's message */
    run_case(&cases[_i]);
}
END_TEST

int main(int argc, char **argv)
{
    for (int k = 1; k < argc; k++) {
        split_file(read_file(argv[k]));
    }
    Suite *suite = suite_create("text IR");
    TCase *tests = tcase_create("cases");
    tcase_add_loop_test(tests, text_case, 0, (int)case_count);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0 || case_count == 0;
}
