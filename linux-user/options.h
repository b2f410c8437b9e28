/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, the peer's environment variables, and what a kage process hands to the kage process that it
 * executes. */
#ifndef LINUX_USER_OPTIONS_H
#define LINUX_USER_OPTIONS_H

#include "translator.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit codes as a shell gives them. */
enum {
    EXIT_USAGE = 1,
    EXIT_NOT_EXECUTABLE = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL = 128,
};

/* The variable that carries struct options across execve; never seen by the guest. */
#define OPTIONS_PRIVATE_VARIABLE "KAGE_PRIVATE"

/* Descriptors that go along, in this order; -1 = none. */
enum { OPTIONS_KAGE_FD, OPTIONS_PROGRAM_FD, OPTIONS_FILTER_FD, OPTIONS_DEBUGGER_FD, OPTIONS_CACHE_FD, OPTIONS_FDS };

/* Memory limits that the guest has set: RLIMIT_AS current, maximum, RLIMIT_DATA current, maximum. */
enum { OPTIONS_LIMITS = 4 };

struct options {
    const char *program;    /* path of the guest's program */
    char **arguments;       /* guest's argv, NULL-terminated */
    char **environment;     /* guest's, NULL-terminated */
    const char *sysroot;    /* -L, NULL = none */
    const char *guest_name; /* the guest asked for by the name of the command (qemu-<arch>), NULL = the program's */
    const char *release;    /* -r */
    const char *cpu;        /* -cpu */
    const char *log_names;  /* --log, -d */
    const char *log_file;   /* -D */
    uint64_t stack_size;    /* -s, 0 = RLIMIT_STACK */
    uint64_t reserved_size; /* -R: limit of the guest's address space, 0 = none */
    uint64_t guest_base;    /* -B: accepted, unused by 64-bit guests */
    enum translator_engine engine;
    bool trace;      /* -strace */
    bool statistics; /* --stats */
    bool randomize;
    bool perf_map;                   /* -perfmap */
    bool jit_dump;                   /* -jitdump */
    bool single_step;                /* -one-insn-per-tb, -singlestep */
    bool verify;                     /* --verify */
    const char *cache;               /* --cache: directory of translations, NULL = the user's */
    bool no_cache;                   /* --cache off */
    const char *debugger;            /* -g: where to wait for gdb, NULL = nowhere */
    int program_fd;                  /* open already (binfmt's O flag, execveat), or -1 */
    int kage_fd;                     /* kage's own file from the process that executed this one, or -1 */
    int filter_fd;                   /* seccomp filters of the program before, or -1 */
    int debugger_fd;                 /* the debugger's session of the program before, or -1 */
    int cache_fd;                    /* directory of translations of the program before, or -1 */
    uint64_t limits[OPTIONS_LIMITS]; /* of the program before, UINT64_MAX = none */
    bool is_inherited;               /* all this comes from the kage process that executed this one */
    const char *executable_path;     /* AT_EXECFN; NULL = program */
};

/* Fills options. Returns -1 to go on, or the code to exit with (--help, a mistake: its line has been printed). The
   strings belong to argv and environment, which must outlive options. */
int options_parse(struct options *options, int argc, char **argv, char **environment);

/* The value of OPTIONS_PRIVATE_VARIABLE for a kage that runs `program` with the same options; malloc'ed "NAME=value".
 */
char *options_private_variable(const struct options *options, const int fds[OPTIONS_FDS],
                               const uint64_t limits[OPTIONS_LIMITS], const char *program);

#endif
