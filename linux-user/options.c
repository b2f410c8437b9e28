/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include "log.h"
#include "syscalls.h"

#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* The kernel's flag for binfmt's P: argv[0] of the program follows its path. */
enum { AUXV_PRESERVE_ARGV0 = 1 };

/* What one option does. text: its argument or NULL. Returns -1, or a code to exit with. */
struct parser {
    struct options *options;
    char **environment; /* being made: malloc'ed, room for more */
    size_t environment_count;
    const char *argv0; /* -0 */
};

struct option_row {
    const char *name;     /* without dashes */
    const char *variable; /* the peer's environment variable, NULL = none */
    const char *argument; /* what it takes, NULL = nothing */
    const char *text;
    int (*apply)(struct parser *parser, const char *text);
};

static int mistake(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int mistake(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log_error("%s", line);
    return EXIT_USAGE;
}

static void set_variable(struct parser *parser, const char *assignment)
{
    size_t name = strcspn(assignment, "=");
    size_t i = 0;
    while (i < parser->environment_count &&
           (strncmp(parser->environment[i], assignment, name) != 0 || parser->environment[i][name] != '=')) {
        i++;
    }
    bool is_new = i == parser->environment_count;
    if (is_new) {
        parser->environment = realloc(parser->environment, (i + 2) * sizeof *parser->environment);
        if (!parser->environment) {
            log_fatal("out of memory");
        }
        parser->environment[++parser->environment_count] = NULL;
    }
    parser->environment[i] = (char *)assignment;
}

static void unset_variable(struct parser *parser, const char *name)
{
    size_t length = strcspn(name, "="), kept = 0;
    for (size_t i = 0; i < parser->environment_count; i++) {
        char *entry = parser->environment[i];
        if (strncmp(entry, name, length) != 0 || entry[length] != '=') {
            parser->environment[kept++] = entry;
        }
    }
    parser->environment_count = kept;
    parser->environment[kept] = NULL;
}

static int for_each_item(struct parser *parser, const char *list, void (*act)(struct parser *, const char *))
{
    char *copy = strdup(list), *rest = copy; /* kept: the environment points into it */
    for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
        if (*item) {
            act(parser, item);
        }
    }
    return -1;
}

static bool parse_number(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    unsigned shift = *end == 'k' || *end == 'K'   ? 10
                     : *end == 'm' || *end == 'M' ? 20
                     : *end == 'g' || *end == 'G' ? 30
                                                  : 0;
    end += shift != 0;
    *value <<= shift;
    return !errno && end != text && *end == 0 && *text != '-';
}

static int apply_sysroot(struct parser *p, const char *text)
{
    p->options->sysroot = *text ? text : NULL;
    return -1;
}
static int apply_set(struct parser *p, const char *text)
{
    return for_each_item(p, text, set_variable);
}
static int apply_unset(struct parser *p, const char *text)
{
    return for_each_item(p, text, unset_variable);
}
static int apply_argv0(struct parser *p, const char *text)
{
    p->argv0 = text;
    return -1;
}
static int apply_base(struct parser *p, const char *text)
{
    return parse_number(text, &p->options->guest_base) ? -1 : mistake("-B: '%s' is not a number", text);
}
static int apply_reserved(struct parser *p, const char *text)
{
    return parse_number(text, &p->options->reserved_size) ? -1 : mistake("-R: '%s' is not a size", text);
}
static int apply_stack(struct parser *p, const char *text)
{
    return parse_number(text, &p->options->stack_size) && p->options->stack_size
               ? -1
               : mistake("-s: '%s' is not a size", text);
}
static int apply_release(struct parser *p, const char *text)
{
    p->options->release = text;
    return -1;
}
static int apply_cpu(struct parser *p, const char *text)
{
    if (strcmp(text, "help") == 0 || strcmp(text, "?") == 0) {
        puts("Available CPUs:\n  max");
        return 0;
    }
    p->options->cpu = text;
    return -1;
}
static int apply_gdb(struct parser *p, const char *text)
{
    p->options->debugger = text;
    return *text ? -1 : mistake("-g wants a port or the path of a socket");
}
static int apply_trace(struct parser *p, const char *text)
{
    p->options->trace = true;
    return -1;
}
static int apply_step(struct parser *p, const char *text)
{
    p->options->single_step = true;
    return -1;
}
static int apply_log_file(struct parser *p, const char *text)
{
    p->options->log_file = text;
    return -1;
}
static int apply_log(struct parser *p, const char *text)
{
    p->options->log_names = text;
    return -1;
}

/* The peer's names of log items and ours; those without a counterpart are accepted and show nothing. */
static int apply_peer_log(struct parser *p, const char *text)
{
    static const char *const names[][2] = {
        {"in_asm", "decode"}, {"op", "ir"},          {"op_opt", "passes"},
        {"out_asm", "host"},  {"exec", "blocks"},    {"int", "exits"},
        {"page", "memory"},   {"unimp", "syscalls"}, {"nochain", NULL},
        {"cpu", NULL},        {"mmu", NULL},         {"pcall", NULL},
        {"fpu", NULL},        {"tid", NULL},         {"guest_errors", "faults"},
        {"plugin", NULL},     {"strace", "strace"},
    };
    static char ours[256];
    char *copy = strdup(text), *rest = copy;
    ours[0] = 0;
    for (char *item = strsep(&rest, ","); item; item = strsep(&rest, ",")) {
        const char *name = item;
        for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
            if (strcmp(item, names[i][0]) == 0) {
                name = names[i][1] ? names[i][1] : "";
            }
        }
        if (strcmp(name, "strace") == 0) {
            p->options->trace = true;
        } else if (*name && strlen(ours) + strlen(name) + 2 < sizeof ours) {
            strcat(strcat(ours, *ours ? "," : ""), name);
        }
    }
    free(copy);
    p->options->log_names = *ours ? ours : NULL;
    return -1;
}

static int apply_page(struct parser *p, const char *text)
{
    uint64_t size;
    return parse_number(text, &size) && size == 4096 ? -1
                                                     : mistake("-p %s: only pages of 4096 bytes are supported", text);
}
static int apply_seed(struct parser *p, const char *text)
{
    return -1;
}
static int apply_engine(struct parser *p, const char *text)
{
    return translator_engine_parse(text, &p->options->engine)
               ? -1
               : mistake("--engine: '%s' is neither interpreter nor fast", text);
}
static int apply_verify(struct parser *p, const char *text)
{
    p->options->verify = true;
    return -1;
}
static int apply_statistics(struct parser *p, const char *text)
{
    p->options->statistics = true;
    return -1;
}
static int apply_randomize(struct parser *p, const char *text)
{
    p->options->randomize = true;
    return -1;
}
static int apply_cache(struct parser *p, const char *text)
{
    p->options->no_cache = strcmp(text, "off") == 0;
    p->options->cache = text;
    return *text ? -1 : mistake("--cache wants a directory or 'off'");
}
static int apply_perf_map(struct parser *p, const char *text)
{
    p->options->perf_map = true;
    return -1;
}
static int apply_jit_dump(struct parser *p, const char *text)
{
    p->options->jit_dump = true;
    return -1;
}
static int apply_syscalls(struct parser *p, const char *text)
{
    syscalls_print_support(stdout);
    return 0;
}
static int apply_version(struct parser *p, const char *text)
{
    puts("kage (Kagemusha) " KAGE_VERSION);
    return 0;
}
static int apply_help(struct parser *p, const char *text);

static const struct option_row rows[] = {
    {"L", "QEMU_LD_PREFIX", "DIRECTORY", "look for the guest's absolute paths below DIRECTORY first", apply_sysroot},
    {"E", "QEMU_SET_ENV", "NAME=VALUE", "set a variable of the guest's environment", apply_set},
    {"U", "QEMU_UNSET_ENV", "NAME", "remove a variable from the guest's environment", apply_unset},
    {"0", "QEMU_ARGV0", "TEXT", "the guest's argv[0]", apply_argv0},
    {"s", "QEMU_STACK_SIZE", "SIZE", "stack of SIZE bytes instead of the host's limit", apply_stack},
    {"r", "QEMU_UNAME", "RELEASE", "kernel release that uname reports", apply_release},
    {"cpu", "QEMU_CPU", "MODEL", "accepted; every model is 'max'", apply_cpu},
    {"B", "QEMU_GUEST_BASE", "ADDRESS", "accepted; 64-bit guests live at offset 0", apply_base},
    {"R", "QEMU_RESERVED_VA", "SIZE", "end of the guest's address space", apply_reserved},
    {"p", "QEMU_PAGESIZE", "SIZE", "page size; 4096 only", apply_page},
    {"g", NULL, "PORT|PATH", "wait for gdb at a port or a UNIX socket", apply_gdb},
    {"strace", "QEMU_STRACE", NULL, "print the guest's system calls", apply_trace},
    {"d", "QEMU_LOG", "ITEMS", "log, with the peer's names of items", apply_peer_log},
    {"log", "KAGE_LOG", "ITEMS", "log: decode,ir,passes,host,blocks,exits,faults,syscalls,signals,memory,all",
     apply_log},
    {"D", "QEMU_LOG_FILENAME", "FILE", "write the log to FILE", apply_log_file},
    {"engine", "KAGE_ENGINE", "NAME", "fast (default) or interpreter", apply_engine},
    {"one-insn-per-tb", "QEMU_ONE_INSN_PER_TB", NULL, "translate one instruction at a time", apply_step},
    {"singlestep", "QEMU_SINGLESTEP", NULL, "the same", apply_step},
    {"seed", "QEMU_RAND_SEED", "NUMBER", "accepted", apply_seed},
    {"verify", "KAGE_VERIFY", NULL, "run everything in the interpreter, too, and compare; very slow", apply_verify},
    {"cache", "KAGE_CACHE", "DIRECTORY|off", "where translations are kept for later runs (~/.cache/kage)", apply_cache},
    {"stats", NULL, NULL, "statistics of the translator at exit", apply_statistics},
    {"perfmap", "QEMU_PERFMAP", NULL, "write /tmp/perf-PID.map, which tells perf what translated code is",
     apply_perf_map},
    {"jitdump", "QEMU_JITDUMP", NULL, "write jit-PID.dump into the current directory, for perf inject --jit",
     apply_jit_dump},
    {"randomize", NULL, NULL, "randomise the guest's addresses", apply_randomize},
    {"syscalls", NULL, NULL, "table of the system calls and how far they are supported", apply_syscalls},
    {"version", NULL, NULL, "version", apply_version},
    {"help", NULL, NULL, "this text", apply_help},
    {"h", NULL, NULL, "this text", apply_help},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static int apply_help(struct parser *p, const char *text)
{
    puts("usage: kage [options] PROGRAM [ARGUMENTS...]\n"
         "Runs a Linux program of another architecture. Options (one or two dashes; -NAME VALUE or --NAME=VALUE):");
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s %s", strlen(rows[i].name) > 1 ? "--" : "-", rows[i].name,
                 rows[i].argument ? rows[i].argument : "");
        printf("  %-26s %s%s%s%s\n", left, rows[i].text, rows[i].variable ? " [" : "",
               rows[i].variable ? rows[i].variable : "", rows[i].variable ? "]" : "");
    }
    return 0;
}

/* Finds the row of "-NAME", "--NAME" or "--NAME=VALUE". */
static const struct option_row *find_row(const char *word, const char **value)
{
    const char *name = word + 1 + (word[1] == '-');
    size_t length = strcspn(name, "=");
    *value = name[length] == '=' ? name + length + 1 : NULL;
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static int apply_variables(struct parser *parser)
{
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        const char *text = rows[i].variable ? getenv(rows[i].variable) : NULL;
        int code = text ? rows[i].apply(parser, text) : -1;
        if (code >= 0) {
            return code;
        }
    }
    return -1;
}

static int apply_words(struct parser *parser, int argc, char **argv, int *next)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *value;
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        const struct option_row *row = find_row(argv[i], &value);
        if (!row) {
            return mistake("unknown option '%s' (--help lists them)", argv[i]);
        }
        if (row->argument && !value) {
            if (++i == argc) {
                return mistake("option '%s' wants %s", argv[i - 1], row->argument);
            }
            value = argv[i];
        } else if (!row->argument && value) {
            return mistake("option '%s' takes no value", argv[i]);
        }
        int code = row->apply(parser, value);
        if (code >= 0) {
            return code;
        }
    }
    *next = i;
    return -1;
}

/* "qemu-aarch64-static" asks for the guest whose peer's name is aarch64. */
static const char *guest_of_command(const char *command)
{
    static char name[64];
    const char *base = strrchr(command, '/');
    base = base ? base + 1 : command;
    if (strncmp(base, "qemu-", 5) != 0) {
        return NULL;
    }
    snprintf(name, sizeof name, "%s", base + 5);
    char *suffix = strstr(name, "-static");
    if (suffix) {
        *suffix = 0;
    }
    return name;
}

static void copy_environment(struct parser *parser, char **environment)
{
    size_t count = 0;
    while (environment[count]) {
        count++;
    }
    parser->environment = malloc((count + 1) * sizeof *environment);
    if (!parser->environment) {
        log_fatal("out of memory");
    }
    memcpy(parser->environment, environment, (count + 1) * sizeof *environment);
    parser->environment_count = count;
}

/* ---- what one kage hands to the next: fields separated by a control character ---- */

enum { SEPARATOR = 0x1f };

enum private_field {
    PRIVATE_KAGE_FD,
    PRIVATE_PROGRAM_FD,
    PRIVATE_FILTER_FD,
    PRIVATE_DEBUGGER_FD,
    PRIVATE_CACHE_FD,
    PRIVATE_LIMITS, /* as many fields as there are limits */
    PRIVATE_LAST_LIMIT = PRIVATE_LIMITS + OPTIONS_LIMITS - 1,
    PRIVATE_PROGRAM,
    PRIVATE_SYSROOT,
    PRIVATE_RELEASE,
    PRIVATE_CPU,
    PRIVATE_LOG_NAMES,
    PRIVATE_LOG_FILE,
    PRIVATE_ENGINE,
    PRIVATE_FLAGS, /* trace, statistics, randomize, single step, verify, perf map, jit dump */
    PRIVATE_FIELD_COUNT
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

char *options_private_variable(const struct options *options, const int fds[OPTIONS_FDS],
                               const uint64_t limits[OPTIONS_LIMITS], const char *program)
{
    char *text;
    int length = asprintf(
        &text, "%s=%d\x1f%d\x1f%d\x1f%d\x1f%d\x1f%lu\x1f%lu\x1f%lu\x1f%lu\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%d\x1f%d",
        OPTIONS_PRIVATE_VARIABLE, fds[OPTIONS_KAGE_FD], fds[OPTIONS_PROGRAM_FD], fds[OPTIONS_FILTER_FD],
        fds[OPTIONS_DEBUGGER_FD], fds[OPTIONS_CACHE_FD], limits[0], limits[1], limits[2], limits[3], program, or_empty(options->sysroot),
        or_empty(options->release), or_empty(options->cpu), or_empty(options->log_names), or_empty(options->log_file),
        (int)options->engine,
        options->trace | options->statistics << 1 | options->randomize << 2 | options->single_step << 3 |
            options->verify << 4 | options->perf_map << 5 | options->jit_dump << 6);
    return length < 0 ? NULL : text;
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static bool apply_private(struct parser *parser, const char *value)
{
    struct options *options = parser->options;
    const char *fields[PRIVATE_FIELD_COUNT];
    char *rest = strdup(value);
    unsigned count = 0;
    const char separator[2] = {SEPARATOR, 0};
    for (char *item = strsep(&rest, separator); item && count < PRIVATE_FIELD_COUNT; item = strsep(&rest, separator)) {
        fields[count++] = item;
    }
    if (count != PRIVATE_FIELD_COUNT) {
        return false;
    }
    int flags = atoi(fields[PRIVATE_FLAGS]);
    options->is_inherited = true;
    options->kage_fd = atoi(fields[PRIVATE_KAGE_FD]);
    options->program_fd = atoi(fields[PRIVATE_PROGRAM_FD]);
    options->filter_fd = atoi(fields[PRIVATE_FILTER_FD]);
    options->debugger_fd = atoi(fields[PRIVATE_DEBUGGER_FD]);
    options->cache_fd = atoi(fields[PRIVATE_CACHE_FD]);
    for (int i = 0; i < OPTIONS_LIMITS; i++) {
        options->limits[i] = strtoull(fields[PRIVATE_LIMITS + i], NULL, 10);
    }
    options->program = fields[PRIVATE_PROGRAM];
    options->sysroot = or_null(fields[PRIVATE_SYSROOT]);
    options->release = or_null(fields[PRIVATE_RELEASE]);
    options->cpu = or_null(fields[PRIVATE_CPU]);
    options->log_names = or_null(fields[PRIVATE_LOG_NAMES]);
    options->log_file = or_null(fields[PRIVATE_LOG_FILE]);
    options->engine = (enum translator_engine)atoi(fields[PRIVATE_ENGINE]);
    options->trace = flags & 1;
    options->statistics = flags & 2;
    options->randomize = flags & 4;
    options->single_step = flags & 8;
    options->verify = flags & 16;
    options->perf_map = flags & 32;
    options->jit_dump = flags & 64;
    return true;
}

/* binfmt_misc: kage PATH [ARGV0] ARGUMENTS, maybe with the program open already. */
static void take_binfmt_words(struct parser *parser, int argc, char **argv, int *next)
{
    if (getauxval(AT_EXECFD)) {
        parser->options->program_fd = (int)getauxval(AT_EXECFD);
    }
    if (getauxval(AT_FLAGS) & AUXV_PRESERVE_ARGV0 && argc >= 3) {
        parser->argv0 = argv[2];
        argv[2] = argv[1];
        *next = 2;
    } else {
        *next = 1;
    }
}

int options_parse(struct options *options, int argc, char **argv, char **environment)
{
    struct parser parser = {.options = options};
    bool is_secure = getauxval(AT_SECURE);
    *options = (struct options){.engine = ENGINE_FAST,
                                .program_fd = -1,
                                .kage_fd = -1,
                                .filter_fd = -1,
                                .debugger_fd = -1,
                                .cache_fd = -1,
                                .limits = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    copy_environment(&parser, environment);
    const char *private_value = is_secure ? NULL : getenv(OPTIONS_PRIVATE_VARIABLE);
    unset_variable(&parser, OPTIONS_PRIVATE_VARIABLE);
    int next = 0, code = -1;
    if (private_value && apply_private(&parser, private_value)) {
        options->arguments = argv;
        options->environment = parser.environment;
        return -1;
    }
    options->guest_name = argc ? guest_of_command(argv[0]) : NULL;
    if (!is_secure) {
        code = apply_variables(&parser);
    }
    if (code < 0 && ((getauxval(AT_FLAGS) & AUXV_PRESERVE_ARGV0) || getauxval(AT_EXECFD))) {
        take_binfmt_words(&parser, argc, argv, &next);
    } else if (code < 0) {
        code = apply_words(&parser, argc, argv, &next);
    }
    options->no_cache |= is_secure; /* its place would be the user's to choose */
    if (code >= 0) {
        return code;
    }
    if (options->verify && options->engine == ENGINE_INTERPRETER) {
        return mistake(
            "--verify compares compiled code with the interpreter: it does not go with --engine=interpreter");
    }
    if (next >= argc) {
        return mistake("no program given (kage [options] PROGRAM [ARGUMENTS...]; --help lists the options)");
    }
    options->program = argv[next];
    options->arguments = argv + next;
    if (parser.argv0) {
        options->arguments[0] = (char *)parser.argv0;
    }
    options->environment = parser.environment;
    return -1;
}
