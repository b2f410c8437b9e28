/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest: reads rows of a digests file on standard input and writes them with the digests that this machine computes.
 * With a NAME it prints every run of that row instead. */
#include "digest_rule.h"

#include <stdlib.h>
#include <sys/mman.h>

/* a0 = struct digest_registers. The second word of nops is where the instruction goes. */
__asm__(".option push; .option norvc; .option norelax\n"
        "thunk_begin: mv t0, a0\n fld fa1, 0(t0)\n fld fa2, 8(t0)\n fld fa3, 16(t0)\n fld fa0, 24(t0)\n"
        "ld a1, 0(t0)\n ld a0, 32(t0)\n ld t1, 40(t0)\n fscsr t1\n"
        "thunk_place: nop\n"
        "frcsr t1\n fsd fa0, 24(t0)\n sd a0, 32(t0)\n sd t1, 40(t0)\n ret\n"
        "thunk_end:\n .option pop\n");
extern const char thunk_begin[], thunk_place[], thunk_end[];

static void run(void *opaque, uint32_t code, struct digest_registers *registers)
{
    char *thunk = opaque;
    uint32_t *place = (uint32_t *)(thunk + (thunk_place - thunk_begin));
    if (*place != code) {
        *place = code;
        __builtin___clear_cache(thunk, thunk + 4096);
    }
    ((void (*)(struct digest_registers *))thunk)(registers);
}

int main(int argc, char **argv)
{
    static char line[200];
    char *thunk = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(thunk, thunk_begin, (size_t)(thunk_end - thunk_begin));
    while (fgets(line, sizeof line, stdin)) {
        struct digest_row row = {0};
        if (!digest_parse(line, &row)) {
            fputs(line, stdout);
        } else if (argc > 1) {
            if (strcmp(argv[1], row.name) == 0) {
                digest_compute(&row, run, thunk, true);
            }
        } else {
            printf("%-11s %08x %-3s %-6s => %016llx\n", row.name, row.code, row.operands,
                   row.rounds ? "rounds" : "fixed", (unsigned long long)digest_compute(&row, run, thunk, false));
        }
    }
    return 0;
}
