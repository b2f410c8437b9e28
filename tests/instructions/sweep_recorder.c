/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs on the guest (a real one, or the peer): reads lines of sweeps from standard input and writes them with their
 * digests; with -d it writes every result instead. */
#include "sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef void loop(const struct sweep_input *, struct sweep_output *, uint64_t count, uint64_t status, uint64_t control);

static void execute(void *engine, const uint32_t *code, const struct sweep_input *inputs, struct sweep_output *outputs,
                    unsigned count, struct sweep_mode mode)
{
    if (memcmp(engine, code, SWEEP_CODE_WORDS * sizeof *code) != 0) {
        memcpy(engine, code, SWEEP_CODE_WORDS * sizeof *code);
        __builtin___clear_cache(engine, (char *)engine + SWEEP_CODE_WORDS * sizeof *code);
    }
    ((loop *)engine)(inputs, outputs, count, mode.status, mode.control);
}

int main(int argc, char **argv)
{
    static char line[256];
    bool dump = argc > 1 && strcmp(argv[1], "-d") == 0;
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (code != MAP_FAILED && fgets(line, sizeof line, stdin)) {
        struct sweep s;
        line[strcspn(line, "\n")] = 0;
        if (!sweep_parse(line, &s)) {
            puts(line);
            continue;
        }
        uint64_t digest = sweep_run(&s, execute, code, dump);
        if (!dump) {
            char *end = strstr(line, " =>");
            printf("%.*s => %016" PRIx64 "\n", (int)(end ? end - line : (int)strlen(line)), line, digest);
            fflush(stdout);
        }
    }
    return 0;
}
