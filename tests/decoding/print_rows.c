/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print_rows [FILE.lines]: decodes the words of a file and compares the text with the file's; without a file it reads
   words from standard input and prints what it decodes, with the row's status. Also checks that the decision tree
   agrees with the rows' masks and guards, and the operands with the rows' fields. Built once per decoder. */
#include DECODE_HEADER

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[] = {
    [DECODE_IMPLEMENTED] = "implemented",
    [DECODE_HINT] = "hint",
    [DECODE_MISSING] = "missing",
    [DECODE_UNDEFINED] = "undefined",
};

static const struct decode_row *first_match(uint32_t bits)
{
    for (unsigned index = 0; index < DECODE_ROW_COUNT; index++) {
        if (decode_row_matches(&DECODE_ROWS[index], bits)) {
            return &DECODE_ROWS[index];
        }
    }
    return NULL;
}

static bool is_consistent(const struct decode_row *row, uint32_t bits, const union DECODE_ARGS *args)
{
    if (row != first_match(bits)) {
        printf("%08" PRIx32 ": the tree and the table do not agree\n", bits);
        return false;
    }
    for (unsigned index = 0; row != NULL && index < row->field_count; index++) {
        int32_t value;
        memcpy(&value, (const char *)args + row->fields[index].offset, sizeof value);
        if (value != decode_field_value(&row->fields[index], bits)) {
            printf("%08" PRIx32 ": %s: %s is extracted differently\n", bits, row->name, row->fields[index].name);
            return false;
        }
    }
    return true;
}

static int check_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 2;
    }
    char line[512], text[512];
    unsigned count = 0, failures = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || line[0] == 0) {
            continue;
        }
        char *expected;
        uint32_t bits = (uint32_t)strtoul(line, &expected, 16);
        expected += *expected == ' ';
        union DECODE_ARGS args;
        const struct decode_row *row = DECODE(bits, &args);
        strcpy(text, "-");
        if (row != NULL) {
            decode_row_print(text, sizeof text, row, &args);
        }
        count++;
        if (strcmp(text, expected) != 0) {
            printf("%08" PRIx32 "\n  expected: %s\n  got:      %s\n", bits, expected, text);
            failures++;
        }
        failures += !is_consistent(row, bits, &args);
    }
    fclose(file);
    uint64_t random = 88172645463325252;
    for (unsigned round = 0; round < 20000; round++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        const struct decode_row *near = &DECODE_ROWS[(random >> 33) % DECODE_ROW_COUNT];
        uint32_t bits = ((uint32_t)random & ~near->mask) | near->value;
        union DECODE_ARGS args;
        failures += !is_consistent(DECODE(bits, &args), bits, &args);
    }
    printf("%u lines, %u failures\n", count, failures);
    return count == 0 || failures != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        return check_lines(argv[1]);
    }
    char line[512], text[512];
    while (fgets(line, sizeof line, stdin)) {
        uint32_t bits = (uint32_t)strtoul(line, NULL, 16);
        union DECODE_ARGS args;
        const struct decode_row *row = DECODE(bits, &args);
        if (row == NULL) {
            printf("%08" PRIx32 " unallocated -\n", bits);
            continue;
        }
        decode_row_print(text, sizeof text, row, &args);
        printf("%08" PRIx32 " %s %s\n", bits, status_names[row->status], text);
    }
    return 0;
}
