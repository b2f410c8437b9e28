/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kage: runs a Linux program of another architecture. */
#include "log.h"
#include "options.h"
#include "placement.h"
#include "private_fd.h"
#include "process.h"
#include "profile_files.h"
#include "program.h"
#include "seccomp_filter.h"
#include "signal_delivery.h"
#include "symbols.h"
#include "sysroot.h"
#include "translation_cache.h"
#include "vdso.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

static int exit_code(int error)
{
    return error == -ENOENT || error == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* ---- what the translator asks ---- */

static struct code_window find_code(void *program, struct cpu_header *state, uint64_t pc)
{
    enum { LONGEST = 64 << 10, ENOUGH = 1 << 10 };
    struct process *process = program;
    struct address_range range;
    if (!address_space_find(process->memory, pc, &range) || !(range.protection & 4 /* PROT_EXEC */)) {
        return (struct code_window){0};
    }
    uint64_t end = range.end;
    uint64_t before = pc - range.start;
    while (end - pc < ENOUGH && address_space_find(process->memory, end, &range) && (range.protection & 4)) {
        end = range.end;
    }
    uint64_t available = end - pc;
    return (struct code_window){(const uint8_t *)pc, available < LONGEST ? available : LONGEST, before};
}

static bool find_lasting_code(void *program, uint64_t address, uint64_t *start, uint64_t *end)
{
    struct process *process = program;
    struct address_range range;
    for (; address_space_find_next(process->memory, address, &range); address = range.end) {
        if ((range.kind == RANGE_FILE || range.kind == RANGE_VDSO) && (range.protection & 4 /* PROT_EXEC */)) {
            *start = range.start;
            *end = range.end;
            return true;
        }
    }
    return false;
}

static void code_changed(void *user, uint64_t start, uint64_t end)
{
    struct process *process = user;
    if (process->translator) {
        translator_invalidate(process->translator, start, end - start);
    }
    symbols_forget(process->symbols, start, end);
}

static const char *find_symbol(void *program, uint64_t pc, uint64_t *offset)
{
    return symbols_find(((struct process *)program)->symbols, pc, offset);
}

/* ---- setting up ---- */

/* kage's own file, for execve: from the kage that executed this one, else from /proc, else by the name it was started
 * by. */
static int open_own_file(const struct options *options)
{
    enum { OUT_OF_THE_WAY = 901 };
    if (options->kage_fd >= 0) {
        fcntl(options->kage_fd, F_SETFD, FD_CLOEXEC);
        return options->kage_fd;
    }
    int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    if (fd < 0 && getauxval(AT_EXECFN)) {
        fd = open((const char *)getauxval(AT_EXECFN), O_PATH | O_CLOEXEC);
    }
    return private_fd_move(fd, OUT_OF_THE_WAY);
}

static void reserve_foreign(void *user, uint64_t start, uint64_t end)
{
    struct process *process = user;
    if (start < process->guest->layout.limit) {
        address_space_reserve(process->memory, start, end);
    }
}

static uint64_t stack_limit(const struct options *options)
{
    struct rlimit limit;
    if (options->stack_size) {
        return options->stack_size;
    }
    return getrlimit(RLIMIT_STACK, &limit) == 0 ? limit.rlim_cur : 8 << 20;
}

/* --randomize: as many bits as Linux gives them, within what is the guest's. */
static void randomise_layout(struct address_layout *layout)
{
    uint64_t bits[2] = {0, 0};
    if (getrandom(bits, sizeof bits, GRND_NONBLOCK) == sizeof bits) {
        uint64_t spread = layout->limit / 16;
        layout->program += bits[0] % spread & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1);
        layout->stack_top -= bits[1] % spread & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1);
    }
}

static struct address_layout choose_layout(const struct process *process)
{
    struct address_layout layout = process->guest->layout;
    const struct options *options = process->options;
    if (options->reserved_size && options->reserved_size < layout.limit) {
        layout.limit = layout.stack_top = options->reserved_size & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1);
        layout.program = layout.limit / 3 & ~(uint64_t)0xffff;
    }
    if (options->randomize) {
        randomise_layout(&layout);
    }
    return layout;
}

static void note_paths(struct process *process, const struct program *program)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", program->fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
    } else if (!realpath(program->path, path)) {
        snprintf(path, sizeof path, "%s", program->path);
    }
    process->image.host_executable = strdup(path);
    process->image.executable = strdup(sysroot_guest_path(process->sysroot, path));
    const char *first = process->options->program ? process->options->program : program->path;
    const char *base = strrchr(first, '/');
    prctl(PR_SET_NAME, base ? base + 1 : first);
}

/* A limited address space is the guest's before it is the code cache's. 0: the translator's default. */
static uint64_t cache_size(void)
{
    enum { SMALLEST = 8 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur >= UINT64_C(4) << 30) {
        return 0;
    }
    uint64_t share = limit.rlim_cur / 16 & ~(uint64_t)0xfffff;
    return share < SMALLEST ? SMALLEST : share;
}

static int make_process(struct process *process, struct program *program, const struct embedder *embedder)
{
    const struct options *options = process->options;
    const char *problem = NULL;
    process->translator_guest = program->guest;
    process->symbols = symbols_create();
    process->guest = user_guest_find(program->guest->name);
    process->abi = process->guest ? syscall_abi_find(process->guest->abi_name) : NULL;
    if (!process->guest || !process->abi) {
        log_error("%s: programs for %s cannot be run yet", options->program, program->guest->name);
        return -ENOEXEC;
    }
    translation_cache_open(process);
    struct translator_options translator_options = {.engine = options->engine,
                                                    .single_step = options->single_step,
                                                    .verify = options->verify,
                                                    .measure = options->statistics,
                                                    .keeps_images = process->cache_fd >= 0,
                                                    .cache_bytes = cache_size()};
    process->translator = translator_new(program->guest, embedder, &translator_options, &problem);
    if (!process->translator) {
        log_error("%s", problem);
        return -ENOMEM;
    }
    struct address_layout layout = choose_layout(process);
    process->memory = address_space_create(&layout, stack_limit(options), code_changed, process);
    placement_find_foreign(reserve_foreign, process);
    pthread_mutex_init(&process->lock, NULL);
    process->thread_count = 1;
    process->kage_fd = open_own_file(options);
    profile_open(process);
    translation_cache_load(process, program);
    note_paths(process, program);
    return 0;
}

static void inherit_limits(struct process *process)
{
    static const int resources[] = {RLIMIT_AS, RLIMIT_DATA};
    const uint64_t *limits = process->options->limits;
    memcpy(process->memory_limits, limits, sizeof process->memory_limits);
    for (int i = 0; i < 2; i++) {
        if (limits[2 * i + 1] != UINT64_MAX || limits[2 * i] != UINT64_MAX) {
            syscalls_inherit_limit(resources[i], limits[2 * i], limits[2 * i + 1]);
        }
    }
    address_space_set_limits(process->memory, limits[0], limits[2]);
}

static int run_program(struct process *process, struct program *program)
{
    struct embedder embedder = {.memory_model = MEMORY_DIRECT,
                                .memory_base_is_zero = true,
                                .program = process,
                                .find_code = find_code,
                                .find_lasting_code = find_lasting_code,
                                .find_symbol = find_symbol,
                                .hypercall = vdso_hypercall,
                                .hypercall_count = VDSO_HYPERCALL_COUNT};
    int error = make_process(process, program, &embedder);
    if (error) {
        return exit_code(error);
    }
    if (process->options->debugger && !debugger_open(process, process->options->debugger)) {
        return EXIT_USAGE;
    }
    struct thread *thread = thread_create(process, NULL);
    if (!thread) {
        log_error("out of memory");
        return EXIT_NOT_EXECUTABLE;
    }
    thread->is_first = true;
    signals_initialise(process, thread); /* loading may fault: a segment behind the end of its file */
    error = program_load(program, process, thread);
    if (error) {
        log_error("%s: %s (%s)", process->options->program, program->problem, strerror(-error));
        return exit_code(error);
    }
    close(program->fd);
    program->fd = -1;
    struct syscall_options syscall_options = {.trace = process->options->trace, .release = process->options->release};
    syscalls_configure(&syscall_options);
    inherit_limits(process);
    if (process->options->debugger_fd >= 0) {
        debugger_inherit(process, process->options->debugger_fd);
        signals_install_all(process);
    }
    if (process->options->filter_fd >= 0) {
        seccomp_load(thread, process->options->filter_fd);
    }
    thread_run(thread);
    return 0;
}

/* The program named on the command line: below -L first, then as it stands. */
static int find_program(struct program *program, const struct process *process)
{
    char buffer[PATH_MAX];
    const struct options *options = process->options;
    if (options->program_fd >= 0) {
        int error = program_resolve(program, process->sysroot, options->program_fd, NULL, options->arguments);
        snprintf(program->path, sizeof program->path, "%s", options->program);
        close(options->program_fd);
        return error;
    }
    const char *path = sysroot_translate(process->sysroot, options->program, true, buffer);
    return program_resolve(program, process->sysroot, -1, path, options->arguments);
}

static int refuse_program(const struct program *program, const char *name, int error)
{
    if (error == -ENOEXEC && program->problem) {
        log_error("%s: cannot run it: %s", name, program->problem);
    } else if (error) {
        log_error("%s: %s", name, strerror(-error));
    } else {
        log_error("%s: machine %u, %s-bit %s-endian, is none that kage knows", name, program->file.machine,
                  program->file.elf_class == 1 ? "32" : "64", program->file.big_endian ? "big" : "little");
    }
    return error ? exit_code(error) : EXIT_NOT_EXECUTABLE;
}

int main(int argc, char **argv, char **environment)
{
    static struct options options;
    static struct process process;
    static struct program program;
    const char *problem = NULL;
    placement_initialise();
    if (sysconf(_SC_PAGESIZE) != ADDRESS_SPACE_PAGE) {
        log_error("this host has pages of %ld bytes: only %d are supported", sysconf(_SC_PAGESIZE), ADDRESS_SPACE_PAGE);
        return EXIT_NOT_EXECUTABLE;
    }
    int code = options_parse(&options, argc, argv, environment);
    if (code >= 0) {
        return code;
    }
    if (!log_configure(options.log_names, options.log_file, &problem)) {
        log_error("log: '%s' cannot be used", problem);
        return EXIT_USAGE;
    }
    process.options = &options;
    process.sysroot = sysroot_open(options.sysroot);
    if (!process.sysroot &&
        options.is_inherited) { /* out of reach after chroot: the guest's files are at the root now */
        options.sysroot = NULL;
        process.sysroot = sysroot_open(NULL);
    }
    if (!process.sysroot) {
        log_error("-L %s: %s", options.sysroot, strerror(errno));
        return EXIT_USAGE;
    }
    int error = find_program(&program, &process);
    if (error == 0 && program.is_native && !program.guest) {
        execve(options.program, program.arguments, options.environment);
        error = -errno;
    }
    if (error || !program.guest) {
        return refuse_program(&program, options.program, error);
    }
    return run_program(&process, &program);
}
