/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any words as a command line, and the variables that are options. Lines are words; up to the first empty line they are
 * variables, whose names their first bytes choose. What is printed goes nowhere (-close_fd_mask). */
#include "fuzz.h"
#include "options.h"

enum { MOST_WORDS = 32 };

static void parse(int argc, char **argv, char **environment)
{
    struct options options;
    if (options_parse(&options, argc, argv, environment) < 0) {
        static const int fds[OPTIONS_FDS] = {3, -1, -1, -1};
        FUZZ_CHECK(options.program && options.environment);
        char *text = options_private_variable(&options, fds, options.limits, options.program);
        FUZZ_CHECK(text && strncmp(text, OPTIONS_PRIVATE_VARIABLE "=", sizeof OPTIONS_PRIVATE_VARIABLE) == 0);
        free(text);
    }
    for (char **word = options.environment; word && *word; word++) {
        FUZZ_CHECK(strlen(*word) < 1 << 20);
    }
    free(options.environment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const known[] = {"QEMU_LD_PREFIX",   "QEMU_SET_ENV", "QEMU_UNSET_ENV",
                                        "QEMU_STACK_SIZE",  "QEMU_LOG",     "KAGE_LOG",
                                        "QEMU_RESERVED_VA", "KAGE_ENGINE",  OPTIONS_PRIVATE_VARIABLE};
    char *words[MOST_WORDS + 2] = {"kage"}, *environment[MOST_WORDS + 1] = {0};
    int argc = 1, count = 0;
    char *copy = malloc(size + 1), *rest = copy;
    FUZZ_CHECK(copy);
    memcpy(copy, data, size);
    copy[size] = 0;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        unsetenv(known[i]);
    }
    bool in_variables = true;
    for (char *word = strsep(&rest, "\n"); word && argc < MOST_WORDS && count < MOST_WORDS;
         word = strsep(&rest, "\n")) {
        in_variables &= *word != 0;
        if (in_variables) {
            environment[count++] = word;
            setenv(known[(uint8_t)*word % (sizeof known / sizeof *known)], word + 1, 1);
        } else if (*word) {
            words[argc++] = word;
        }
    }
    parse(argc, words, environment);
    free(copy);
    return 0;
}
