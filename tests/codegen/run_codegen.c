/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiles the units of a file of cases and compares the host code with what the file says.
 *
 *     run_codegen FILE            0 if all is as written; else prints the first differences
 *     run_codegen --update FILE   writes the file anew: review the change as a diff
 *
 * A file: lines beginning with # are kept as they are; then per case
 *     case NAME: why it is here
 *     features LEVEL              of the host: see levels[] below
 *     superwords                  perhaps: the IR gets them (fast/superword.h)
 *     the IR, as printer.c writes it
 *     code:
 *     the instructions between the unit's entry check and its out-of-line part, and an empty line */
#include <capstone/capstone.h>
#include <stdlib.h>
#include "host_run.h"
#include "superword.h"
#include "x86_features.h"

enum { TEXT_SIZE = 1 << 20, LINE_SIZE = 512 };

static const struct {
    const char *name;
    uint32_t disabled;
} levels[] = {
    {"sse4.1", (uint32_t) ~(X86_HAS_SSSE3 | X86_HAS_SSE41 | X86_HAS_CX16)},
    {"avx2", X86_HAS_AVX512 | X86_HAS_AVX512_BITALG | X86_HAS_GFNI},
};

static const struct float_rules arm = {
    .name = "arm",
    .nan_choice = FLOAT_NAN_SIGNALING_FIRST,
    .tininess_before_rounding = true,
    .fma_accumulator_nan_first = true,
    .fma_zero_infinity_default = true,
    .fma_zero_infinity_invalid = true,
};

struct output {
    char text[TEXT_SIZE];
    size_t length;
};

static void append(struct output *out, const char *text)
{
    size_t length = strlen(text);
    if (out->length + length < TEXT_SIZE) {
        memcpy(out->text + out->length, text, length + 1);
        out->length += length;
    }
}

/* Addresses differ from run to run: constants in memory become a word, places in the unit offsets, others "glue". */
static void append_instruction(struct output *out, const cs_insn *i, const uint64_t parts[3])
{
    char line[LINE_SIZE], operands[LINE_SIZE / 2];
    snprintf(operands, sizeof operands, "%s", i->op_str);
    char *rip = strstr(operands, "[rip"), *rest = rip ? strchr(rip, ']') : NULL;
    if (rest) {
        char tail[LINE_SIZE];
        snprintf(tail, sizeof tail, "%s", rest + 1);
        snprintf(rip, sizeof operands - (size_t)(rip - operands), "[constant]%s", tail);
    }
    if (i->mnemonic[0] == 'j' || strcmp(i->mnemonic, "call") == 0) {
        uint64_t target = strtoull(operands, NULL, 0);
        if (target >= parts[0] && target < parts[1]) {
            snprintf(operands, sizeof operands, "+0x%llx", (unsigned long long)(target - parts[0]));
        } else if (target >= parts[1] && target < parts[2]) {
            snprintf(operands, sizeof operands, "out of line");
        } else if (target) {
            snprintf(operands, sizeof operands, "glue");
        }
    }
    snprintf(line, sizeof line, "      %.31s%s%s\n", i->mnemonic, operands[0] ? " " : "", operands);
    append(out, line);
}

static void append_code(struct output *out, csh capstone, const struct fast_result *result)
{
    enum { ENTRY_CHECK = 6 };
    cs_insn *i;
    const uint8_t *body = result->entry + ENTRY_CHECK;
    uint64_t start = (uintptr_t)body, end = (uintptr_t)result->main_end, limit = (uintptr_t)result->end;
    size_t count = cs_disasm(capstone, body, end - start, start, 0, &i);
    for (size_t n = 0; n < count; n++) {
        append_instruction(out, &i[n], (const uint64_t[]){start, end, limit});
    }
    if (count) {
        cs_free(i, count);
    }
    append(out, "\n");
}

static uint32_t level_of(const char *name)
{
    for (unsigned n = 0; n < sizeof levels / sizeof *levels; n++) {
        if (strcmp(levels[n].name, name) == 0) {
            return levels[n].disabled;
        }
    }
    fprintf(stderr, "no such level: %s\n", name);
    exit(EXIT_FAILURE);
}

static bool run_case(struct output *out, csh capstone, const char *level, bool widens, const char *ir)
{
    struct host_run run;
    const char *error;
    host_run_init(&run, level_of(level), &arm);
    run.machine.features = run.machine.host->detect_features(level_of(level));
    struct ir_unit *unit = ir_parse(&run.machine.arena, &run.machine.context, ir, &error);
    const char *wrong = unit ? ir_verify(unit, &run.machine.arena) : error;
    if (!wrong && widens) {
        unit = superword_form(unit);
        wrong = unit ? ir_verify(unit, &run.machine.arena) : "no superwords";
    }
    const void *code = wrong ? NULL : host_run_compile(&run, unit, false);
    if (code) {
        append_code(out, capstone, &run.last);
    } else {
        fprintf(stderr, "%s\n%s\n", wrong ? wrong : "not compiled", ir);
    }
    host_run_free(&run);
    return code != NULL;
}

/* The file with all code parts made anew. */
static bool regenerate(struct output *out, FILE *file)
{
    char line[LINE_SIZE], level[LINE_SIZE] = "avx2";
    static char ir[TEXT_SIZE];
    bool good = true, in_code = false, widens = false;
    csh capstone;
    if (cs_open(CS_ARCH_X86, CS_MODE_64, &capstone) != CS_ERR_OK) {
        return false;
    }
    ir[0] = 0;
    while (fgets(line, sizeof line, file)) {
        if (in_code) {
            in_code = line[0] != '\n';
            continue;
        }
        append(out, line);
        if (strncmp(line, "features ", 9) == 0) {
            snprintf(level, sizeof level, "%.*s", (int)strcspn(line + 9, "\n"), line + 9);
            ir[0] = 0;
            widens = false;
        } else if (strcmp(line, "superwords\n") == 0) {
            widens = true;
        } else if (strcmp(line, "code:\n") == 0) {
            good &= run_case(out, capstone, level, widens, ir);
            ir[0] = 0;
            in_code = true;
        } else if (line[0] != '#' && strncmp(line, "case ", 5) != 0 && strlen(ir) + strlen(line) < TEXT_SIZE) {
            strcat(ir, line);
        }
    }
    cs_close(&capstone);
    return good;
}

static unsigned compare(const char *path, const struct output *out, FILE *file)
{
    char want[LINE_SIZE];
    const char *got = out->text;
    unsigned different = 0, number = 0;
    while (fgets(want, sizeof want, file)) {
        size_t length = strcspn(got, "\n");
        number++;
        if (strncmp(want, got, length) != 0 || want[length] != got[length]) {
            if (different++ < 20) {
                fprintf(stderr, "%s:%u: now \"%.*s\", was \"%.*s\"\n", path, number, (int)length, got,
                        (int)strcspn(want, "\n"), want);
            }
        }
        got += length + (got[length] != 0);
    }
    return different + (*got != 0);
}

int main(int argc, char **argv)
{
    bool update = argc == 3 && strcmp(argv[1], "--update") == 0;
    const char *path = argv[argc - 1];
    static struct output out;
    FILE *file = argc >= 2 ? fopen(path, "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: run_codegen [--update] FILE\n");
        return EXIT_FAILURE;
    }
    if (!regenerate(&out, file)) {
        return EXIT_FAILURE;
    }
    if (update) {
        fclose(file);
        file = fopen(path, "w");
        return file && fwrite(out.text, 1, out.length, file) == out.length && fclose(file) == 0 ? 0 : EXIT_FAILURE;
    }
    rewind(file);
    unsigned different = compare(path, &out, file);
    fclose(file);
    if (different) {
        fprintf(stderr, "%u lines differ; if that is meant: %s --update %s\n", different, argv[0], path);
    }
    return different ? EXIT_FAILURE : EXIT_SUCCESS;
}
