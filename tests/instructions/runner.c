/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner ENGINE[,ENGINE...] FILE.cases...: runs each case in each engine and compares. With -u ENGINE it prints instead
 * every case with the outputs that the engine computes (to look at; never to make expectations of). ENGINE:HEX disables
 * features of the host's CPU by the host's own bits (x86_features.h). ENGINE+private runs in CPU_MODE_PRIVATE,
 * ENGINE+cut is shown the code in windows that end inside instructions, ENGINE+zero is told that guest and host
 * addresses are the same. */
#include "runner.h"

#include <stdio.h>
#include <string.h>

struct counts {
    unsigned count, failures;
};

static bool run_file(struct counts *counts, struct runner *runner, const char *engine, const char *path, bool print)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    static struct case_state expected;
    static char line[8192], text[8192], row[64];
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\n")] = 0;
        const char *error;
        if (line[0] == 0 || line[0] == '#') {
            snprintf(row, sizeof row, "%.60s", line);
            continue;
        }
        if (!case_parse(line, true, &runner->one, &error)) {
            printf("%s:%u: %s\n", path, number, error);
            counts->failures++;
            continue;
        }
        case_begin(&runner->one, &runner->begin);
        case_expect(&runner->one, &runner->begin, &expected);
        runner_run(runner);
        counts->count++;
        if (print) {
            case_print_outputs(text, sizeof text, &runner->one, &runner->begin, &runner->got);
            printf("%.*s%s\n", (int)(strstr(line, " =>") - line), line, text);
        } else if (!case_compare(text, sizeof text, &expected, &runner->got)) {
            printf("%s:%u: %s: %s\n  %s: %s\n", path, number, row, line, engine, text);
            counts->failures++;
        }
    }
    fclose(file);
    return true;
}

static bool run_engine(const char *name, char **paths, bool print)
{
    static struct runner runner;
    struct counts counts = {0};
    if (!runner_open(&runner, name, true)) {
        return false;
    }
    bool is_good = true;
    for (; *paths; paths++) {
        is_good = run_file(&counts, &runner, name, *paths, print) && is_good;
    }
    runner_close(&runner);
    if (!print) {
        printf("%s %s: %u cases, %u failures\n", runner_guest->name, name, counts.count, counts.failures);
    }
    return is_good && counts.failures == 0 && counts.count != 0;
}

int main(int argc, char **argv)
{
    bool print = argc > 1 && strcmp(argv[1], "-u") == 0;
    argv += print;
    argc -= print;
    if (argc < 3) {
        fprintf(stderr, "usage: runner [-u] ENGINE[,ENGINE...] FILE.cases...\n");
        return 2;
    }
    runner_map_memory();
    bool is_good = true;
    for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
        is_good = run_engine(name, argv + 2, print) && is_good;
    }
    return !is_good;
}
