/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sweep_runner ENGINE FILE.digests...: runs each sweep in the engine and compares its digest with the recorded one.
 * -d WORD: writes every result of the sweeps of that instruction, as sweep_recorder -d does on the guest: to be
 * compared line by line. ENGINE as in runner.c. */
#include "runner.h"
#include "sweep.h"
#include "translator.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CODE_BYTES = SWEEP_CODE_WORDS * sizeof(uint32_t) };

struct sweeper {
    struct translator *translator;
    struct translator_cpu *cpu;
    uint32_t *code;
};

static struct code_window find_code(void *program, struct cpu_header *state, uint64_t pc)
{
    const struct sweeper *sweeper = program;
    uint64_t start = (uintptr_t)sweeper->code;
    if (pc < start || pc >= start + CODE_BYTES) {
        return (struct code_window){0};
    }
    return (struct code_window){.bytes = (const uint8_t *)(uintptr_t)pc, .available = start + CODE_BYTES - pc};
}

static void execute(void *engine, const uint32_t *code, const struct sweep_input *inputs, struct sweep_output *outputs,
                    unsigned count, struct sweep_mode mode)
{
    static struct case_state state;
    struct sweeper *sweeper = engine;
    struct cpu_header *header = translator_cpu_state(sweeper->cpu);
    const uint64_t arguments[SWEEP_ARGUMENTS + 1] = {
        (uintptr_t)inputs, (uintptr_t)outputs, count, mode.status, mode.control, 0x1000 /* nothing is there */};
    if (memcmp(sweeper->code, code, CODE_BYTES) != 0) {
        memcpy(sweeper->code, code, CODE_BYTES);
        translator_invalidate(sweeper->translator, (uintptr_t)sweeper->code, CODE_BYTES);
    }
    for (unsigned i = 0; i <= SWEEP_ARGUMENTS; i++) {
        state.registers[sweep_argument_registers[i]][0] = arguments[i];
    }
    runner_guest->reset(header);
    runner_to_cpu(&state, header);
    translator_cpu_set_pc(sweeper->cpu, (uintptr_t)sweeper->code);
    memset(outputs, 0, count * sizeof *outputs);
    struct translator_exit left = translator_run(sweeper->cpu);
    if (left.kind != TRANSLATOR_TRAP || left.trap != TRAP_FETCH) {
        outputs[0].general = UINT64_C(0xbad) << 52 | left.kind; /* an undefined instruction */
    }
}

static bool run_file(struct sweeper *sweeper, const char *engine, const char *path, const char *word)
{
    FILE *file = fopen(path, "r");
    unsigned count = 0, failures = 0;
    static char line[256], row[256];
    if (file == NULL) {
        perror(path);
        return false;
    }
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        struct sweep s;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#') {
            strcpy(row, line);
        }
        if (!sweep_parse(line, &s) || (word && strncmp(word, line, 8) != 0)) {
            continue;
        }
        uint64_t digest = sweep_run(&s, execute, sweeper, word != NULL);
        count++;
        if (digest != s.digest && !word) {
            printf("%s:%u: %s: %s: %s has %016" PRIx64 "\n", path, number, row, line, engine, digest);
            failures++;
        }
    }
    fclose(file);
    if (!word) {
        printf("%s %s: %u sweeps, %u failures\n", runner_guest->name, engine, count, failures);
    }
    return failures == 0 && count != 0;
}

int main(int argc, char **argv)
{
    static struct sweeper sweeper;
    static struct embedder embedder = {.memory_model = MEMORY_DIRECT, .program = &sweeper, .find_code = find_code};
    struct translator_options options = {0};
    const char *error, *word = NULL;
    if (argc > 2 && strcmp(argv[1], "-d") == 0) {
        word = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc < 3) {
        fprintf(stderr, "usage: sweep_runner [-d WORD] ENGINE FILE.digests...\n");
        return 2;
    }
    const char *without = strchr(argv[1], ':');
    char engine[32];
    snprintf(engine, sizeof engine, "%.*s", (int)(without ? without - argv[1] : 31), argv[1]);
    options.disabled_features = without ? (uint32_t)strtoul(without + 1, NULL, 16) : 0;
    if (!translator_engine_parse(engine, &options.engine)) {
        fprintf(stderr, "no engine '%s'\n", engine);
        return 2;
    }
    sweeper.code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sweeper.translator = translator_new(runner_guest, &embedder, &options, &error);
    if (sweeper.code == MAP_FAILED || sweeper.translator == NULL) {
        fprintf(stderr, "%s: %s\n", argv[1], sweeper.translator ? "no memory" : error);
        return 2;
    }
    sweeper.cpu = translator_cpu_new(sweeper.translator, &sweeper, NULL);
    bool is_good = true;
    for (char **path = argv + 2; *path; path++) {
        is_good = run_file(&sweeper, argv[1], *path, word) && is_good;
    }
    translator_cpu_free(sweeper.cpu);
    translator_free(sweeper.translator);
    return !is_good;
}
