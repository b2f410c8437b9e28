/* SPDX-License-Identifier: GPL-2.0-or-later */
/* random_runner ENGINE[,ENGINE...] FILE.digests [ROW...]: runs the random instances of every row in each engine and
 * compares the digests with the file's and, instance by instance, those of the engines. -i [ROW...]: prints the
 * instances for record.sh. -u ENGINE [ROW...]: prints them with what the engine makes of them. -w ENGINE [ROW...]:
 * prints the engine's digests, as lines of the file. -s SALT before all that: other instances than those that the file
 * is about. */
#include "random.h"
#include "runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENGINES_MOST = 8, SHOWN_MOST = 3 };

struct session {
    struct runner engines[ENGINES_MOST];
    const char *names[ENGINES_MOST];
    unsigned engine_count;
    struct instruction_case instances[RANDOM_INSTANCES];
    uint64_t digests[ENGINES_MOST][RANDOM_INSTANCES];
    const char *salt;
    char **wanted; /* rows; none: all */
    unsigned rows, runs, failures;
};

static bool is_wanted(const struct session *session, const char *name)
{
    char **wanted = session->wanted;
    bool found = wanted[0] == NULL;
    for (; *wanted && !found; wanted++) {
        found = strcmp(*wanted, name) == 0;
    }
    return found;
}

/* ---- running ---- */

static uint64_t run_instance(struct runner *runner, const struct instruction_case *one, uint64_t digest)
{
    runner->one = *one;
    case_begin(&runner->one, &runner->begin);
    runner_run(runner);
    bool is_inside = runner->got.pc >= CASE_CODE && runner->got.pc < CASE_CODE + one->code_length;
    if (!is_inside && strcmp(runner->got.end, "SYSCALL") != 0) {
        runner->got.end[0] = 0; /* it went somewhere else: what is there does not matter */
    }
    return case_digest(digest, &runner->begin, &runner->got);
}

static uint64_t run_row(struct session *session, unsigned engine)
{
    uint64_t digest = 0;
    for (unsigned index = 0; index < RANDOM_INSTANCES; index++) {
        session->digests[engine][index] = digest =
            run_instance(&session->engines[engine], &session->instances[index], digest);
    }
    session->runs += RANDOM_INSTANCES;
    return digest;
}

static void print_instance(const struct random_row *row, const struct instruction_case *one, struct runner *runner)
{
    static char inputs[8192], outputs[8192];
    case_print_inputs(inputs, sizeof inputs, one, row->width);
    outputs[0] = 0;
    if (runner) {
        run_instance(runner, one, 0);
        case_print_outputs(outputs, sizeof outputs, &runner->one, &runner->begin, &runner->got);
    }
    printf("%s%s\n", inputs, outputs);
}

/* ---- comparing ---- */

struct expected {
    char name[64];
    unsigned count;
    uint64_t digest;
};

/* The row's line of the file: "NAME COUNT DIGEST" and perhaps a word that says whose it is. */
static bool find_expected(FILE *file, const char *name, struct expected *expected)
{
    char line[200];
    for (unsigned pass = 0; pass < 2; pass++) { /* rows stand in the decoders' order */
        while (fgets(line, sizeof line, file)) {
            if (sscanf(line, "%63s %u %" SCNx64, expected->name, &expected->count, &expected->digest) == 3 &&
                strcmp(expected->name, name) == 0) {
                return true;
            }
        }
        rewind(file);
    }
    return false;
}

/* Instances whose results are not the first engine's: digests go on from one to the next, so the first that differs
   counts only; the rest is found by running again from there. */
static void show_differences(struct session *session, const struct random_row *row, unsigned engine)
{
    unsigned shown = 0;
    for (unsigned index = 0; index < RANDOM_INSTANCES && shown < SHOWN_MOST; index++) {
        const struct instruction_case *one = &session->instances[index];
        if (run_instance(&session->engines[0], one, 0) != run_instance(&session->engines[engine], one, 0)) {
            for (unsigned which = 0; which <= engine; which += engine) {
                printf("  %s: ", session->names[which]);
                print_instance(row, one, &session->engines[which]);
            }
            shown++;
        }
    }
}

static void compare_row(struct session *session, const struct random_row *row, FILE *file)
{
    struct expected expected;
    const char *name = row->row->name;
    bool is_known = find_expected(file, name, &expected);
    if (!is_known) {
        printf("%s: no digest\n", name);
        session->failures++;
    }
    for (unsigned engine = 0; engine < session->engine_count; engine++) {
        uint64_t digest = run_row(session, engine);
        if (is_known && (digest != expected.digest || expected.count != RANDOM_INSTANCES)) {
            printf("%s: %s: %016" PRIx64 ", expected %016" PRIx64 "\n", session->names[engine], name, digest,
                   expected.digest);
            session->failures++;
        }
        if (engine && memcmp(session->digests[0], session->digests[engine], sizeof session->digests[0]) != 0) {
            show_differences(session, row, engine);
            session->failures += !is_known;
        }
    }
}

/* ---- the program ---- */

enum action { PRINT_INPUTS, PRINT_OUTPUTS, PRINT_DIGESTS, COMPARE };

static void do_row(struct session *session, const struct random_row *row, enum action action, FILE *file)
{
    if (!random_make_row(row, session->salt, session->instances)) {
        fprintf(stderr, "no instance of %s\n", row->row->name);
        session->failures++;
        return;
    }
    session->rows++;
    if (action == COMPARE) {
        compare_row(session, row, file);
    } else if (action == PRINT_DIGESTS) {
        printf("%s %u %016" PRIx64 "\n", row->row->name, RANDOM_INSTANCES, run_row(session, 0));
    } else {
        printf("# %s\n", row->row->name);
        for (unsigned index = 0; index < RANDOM_INSTANCES; index++) {
            print_instance(row, &session->instances[index], action == PRINT_OUTPUTS ? &session->engines[0] : NULL);
        }
    }
}

static bool open_engines(struct session *session, char *names)
{
    for (char *name = strtok(names, ","); name && session->engine_count < ENGINES_MOST; name = strtok(NULL, ",")) {
        if (!runner_open(&session->engines[session->engine_count], name, false)) {
            return false;
        }
        session->names[session->engine_count++] = name;
    }
    return true;
}

static enum action find_action(const char *option)
{
    return strcmp(option, "-i") == 0   ? PRINT_INPUTS
           : strcmp(option, "-u") == 0 ? PRINT_OUTPUTS
           : strcmp(option, "-w") == 0 ? PRINT_DIGESTS
                                       : COMPARE;
}

int main(int argc, char **argv)
{
    static struct session session = {.salt = ""};
    if (argc > 3 && strcmp(argv[1], "-s") == 0) {
        session.salt = argv[2];
        argv += 2;
        argc -= 2;
    }
    enum action action = argc > 1 ? find_action(argv[1]) : COMPARE;
    int engines = action == COMPARE ? 1 : action == PRINT_INPUTS ? 0 : 2;
    FILE *file = action == COMPARE && argc > 2 ? fopen(argv[2], "r") : NULL;
    if (argc < 2 || argc <= engines || (action == COMPARE && file == NULL)) {
        fprintf(stderr,
                "usage: random_runner ENGINE[,ENGINE...] FILE.digests [ROW...]\n       random_runner -i [ROW...]\n"
                "       random_runner -u ENGINE [ROW...]\n       random_runner -w ENGINE [ROW...]\n");
        return 2;
    }
    runner_map_memory();
    if (engines && !open_engines(&session, argv[engines])) {
        return 2;
    }
    session.wanted = argv + (action == PRINT_INPUTS ? 2 : 3);
    for (unsigned index = 0; index < random_row_count; index++) {
        if (is_wanted(&session, random_rows[index].row->name)) {
            do_row(&session, &random_rows[index], action, file);
        }
    }
    if (action == COMPARE) {
        printf("%s: %u rows, %u runs in %u engines, %u failures\n", runner_guest->name, session.rows, session.runs,
               session.engine_count, session.failures);
        fclose(file);
    }
    for (unsigned engine = 0; engine < session.engine_count; engine++) {
        runner_close(&session.engines[engine]);
    }
    return session.failures != 0 || session.rows == 0;
}
