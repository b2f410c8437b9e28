/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest_runner ENGINE FILE.digests [NAME]: computes each row's digest and compares; with a NAME it prints every run of
 * that row. ENGINE:HEX disables features of the host's CPU. */
#include "digest_rule.h"

#include "riscv.h"
#include "riscv_state.h"
#include "translator.h"

#include <stdlib.h>

extern const struct guest guest_riscv64;

enum { CODE = 0x10000 };

struct runner {
    struct translator *translator;
    struct translator_cpu *cpu;
    uint32_t code;
};

static struct code_window find_code(void *program, struct cpu_header *state, uint64_t pc)
{
    const struct runner *runner = program;
    if (pc < CODE || pc >= CODE + sizeof runner->code) {
        return (struct code_window){0};
    }
    return (struct code_window){.bytes = (const uint8_t *)&runner->code + (pc - CODE),
                                .available = CODE + sizeof runner->code - pc};
}

static void run(void *opaque, uint32_t code, struct digest_registers *r)
{
    struct runner *runner = opaque;
    struct cpu_header *header = translator_cpu_state(runner->cpu);
    struct riscv_state *state = (struct riscv_state *)header;
    if (runner->code != code) {
        runner->code = code;
        translator_invalidate(runner->translator, CODE, sizeof code);
    }
    for (unsigned i = 0; i < 3; i++) {
        state->f[11 + i] = r->operands[i];
    }
    state->x[11] = r->operands[0];
    state->f[10] = r->f10;
    state->x[10] = r->x10;
    riscv_write_fcsr(header, (uint32_t)r->fcsr);
    translator_cpu_set_pc(runner->cpu, CODE);
    struct translator_exit left = translator_run(runner->cpu);
    if (left.kind != TRANSLATOR_TRAP || left.trap != TRAP_FETCH) {
        printf("%08x does not run\n", code);
        exit(1);
    }
    r->f10 = state->f[10];
    r->x10 = state->x[10];
    r->fcsr = riscv_read_fcsr(header);
}

static unsigned compare(struct runner *runner, FILE *file, const char *engine, const char *wanted)
{
    char line[200];
    unsigned rows = 0, failures = 0;
    while (fgets(line, sizeof line, file)) {
        struct digest_row row = {0};
        if (!digest_parse(line, &row) || (wanted && strcmp(wanted, row.name) != 0)) {
            continue;
        }
        uint64_t digest = digest_compute(&row, run, runner, wanted);
        rows++;
        if (digest != row.digest) {
            printf("%s: %s: %016llx, expected %016llx\n", engine, row.name, (unsigned long long)digest,
                   (unsigned long long)row.digest);
            failures++;
        }
    }
    printf("%s: %u rows, %u failures\n", engine, rows, failures);
    return rows ? failures : 1;
}

int main(int argc, char **argv)
{
    FILE *file = argc > 2 ? fopen(argv[2], "r") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: digest_runner ENGINE FILE.digests [NAME]\n");
        return 2;
    }
    static struct runner runner;
    static struct embedder embedder = {.memory_model = MEMORY_DIRECT, .program = &runner, .find_code = find_code};
    struct translator_options options = {0};
    const char *error, *without = strchr(argv[1], ':');
    char engine[32];
    snprintf(engine, sizeof engine, "%.*s", (int)strcspn(argv[1], ":"), argv[1]);
    options.disabled_features = without ? (uint32_t)strtoul(without + 1, NULL, 16) : 0;
    if (!translator_engine_parse(engine, &options.engine)) {
        fprintf(stderr, "no engine '%s'\n", engine);
        return 2;
    }
    runner.translator = translator_new(&guest_riscv64, &embedder, &options, &error);
    if (runner.translator == NULL) {
        fprintf(stderr, "%s\n", error);
        return 2;
    }
    runner.cpu = translator_cpu_new(runner.translator, &runner, NULL);
    unsigned failures = compare(&runner, file, argv[1], argc > 3 ? argv[3] : NULL);
    translator_cpu_free(runner.cpu);
    translator_free(runner.translator);
    fclose(file);
    return failures != 0;
}
