/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include "guest.h"
#include "host_machine.h"
#include "initial_stack.h"
#include "log.h"
#include "sysroot.h"
#include "vdso.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRIPT_DEPTH = 5, STRING_LIMIT = 6 << 20 }; /* as the kernel: bytes of arguments and environment */

/* Opens what execve would execute. */
static int open_executable(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return -errno;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0) {
        close(fd);
        return -EACCES;
    }
    return fd;
}

/* execveat with a descriptor: it may be O_PATH, so a readable one is made. */
static int open_descriptor(int fd)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int own = open_executable(link);
    return own == -ENOENT ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : own;
}

static size_t count_words(char *const *words)
{
    size_t count = 0;
    while (words[count]) {
        count++;
    }
    return count;
}

static char *own_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy) {
        log_fatal("out of memory");
    }
    return copy;
}

/* argv of a script becomes: interpreter, its argument, the script's path, the rest. */
static void prepend_script(struct program *program, const struct script_line *line)
{
    size_t count = count_words(program->arguments), extra = line->argument[0] ? 3 : 2, used = 0;
    char **words = calloc(count + extra + 1, sizeof *words);
    if (!words) {
        log_fatal("out of memory");
    }
    words[used++] = own_text(line->interpreter);
    if (line->argument[0]) {
        words[used++] = own_text(line->argument);
    }
    words[used++] = own_text(program->path);
    for (size_t i = 1; i < count; i++) {
        words[used++] = program->arguments[i];
    }
    free(program->arguments);
    program->arguments = words;
}

static int examine_elf(struct program *program)
{
    int error = elf_file_read(program->fd, &program->file, &program->problem);
    if (error) {
        return error;
    }
    const struct elf_file *file = &program->file;
    program->is_native = host_runs_machine(file->machine);
    program->guest = guest_find_elf(file->machine, file->elf_class, file->big_endian);
    return 0;
}

int program_resolve(struct program *program, struct sysroot *sysroot, int fd, const char *path,
                    char *const arguments[])
{
    struct script_line line;
    char host_path[PATH_MAX];
    size_t count = count_words(arguments);
    memset(program, 0, sizeof *program);
    program->arguments = calloc(count + 2, sizeof *program->arguments);
    if (!program->arguments) {
        return -ENOMEM;
    }
    memcpy(program->arguments, arguments, count * sizeof *arguments);
    if (count == 0) {
        program->arguments[0] = own_text(""); /* as Linux does */
    }
    program->fd = path ? open_executable(path) : open_descriptor(fd);
    if (path) {
        snprintf(program->path, sizeof program->path, "%s", sysroot_guest_path(sysroot, path));
    } else {
        snprintf(program->path, sizeof program->path, "/dev/fd/%d", fd);
    }
    for (int depth = 0; program->fd >= 0; depth++) {
        int kind = program_examine(program->fd, &line);
        if (kind < 0) {
            program->problem = "the first line names no interpreter";
            return kind;
        }
        if (kind == PROGRAM_ELF) {
            return examine_elf(program);
        }
        if (kind == PROGRAM_OTHER) {
            program->problem = "neither an ELF program nor a script";
            return -ENOEXEC;
        }
        if (depth == SCRIPT_DEPTH) {
            return -ELOOP;
        }
        prepend_script(program, &line);
        close(program->fd);
        program->fd = open_executable(sysroot_translate(sysroot, line.interpreter, true, host_path));
        snprintf(program->path, sizeof program->path, "%s", line.interpreter);
        program->problem = "its interpreter cannot be executed";
    }
    return program->fd;
}

void program_close(struct program *program)
{
    if (program->fd >= 0) {
        close(program->fd);
    }
    free(program->arguments);
    program->fd = -1;
    program->arguments = NULL;
}

/* ---- loading ---- */

static int load_interpreter(struct program *program, struct process *process, struct elf_image *image)
{
    char host_path[PATH_MAX];
    struct elf_file *file = malloc(sizeof *file);
    const char *path = sysroot_translate(process->sysroot, program->file.interpreter, true, host_path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : 0;
    if (error || !file) {
        program->problem = "its dynamic linker was not found (use -L DIRECTORY)";
        free(file);
        return error ? error : -ENOMEM;
    }
    error = elf_file_read(fd, file, &program->problem);
    if (!error && (file->machine != program->file.machine || file->elf_class != program->file.elf_class ||
                   file->big_endian != program->file.big_endian)) {
        program->problem = "its dynamic linker is for another machine";
        error = -ELIBBAD;
    }
    if (!error) {
        error = elf_image_load(process->memory, fd, file, 0, image, &program->problem);
    }
    close(fd);
    free(file);
    return error;
}

static void add_entry(struct initial_stack *stack, uint64_t type, uint64_t value)
{
    KAGE_ASSERT(stack->entry_count < INITIAL_STACK_ENTRIES, "too many auxiliary entries");
    stack->entries[stack->entry_count++] = (struct vector_entry){type, value};
}

static void fill_vector(struct initial_stack *stack, const struct process *process, const struct elf_image *image,
                        const struct elf_image *interpreter)
{
    uint64_t capabilities[2] = {0, 0};
    process->guest->hardware_capabilities(capabilities);
    if (process->image.vdso_start) {
        add_entry(stack, AT_SYSINFO_EHDR, process->image.vdso_start);
    }
    add_entry(stack, AT_MINSIGSTKSZ, process->guest->signal_frame_size);
    add_entry(stack, AT_HWCAP, capabilities[0]);
    add_entry(stack, AT_PAGESZ, ADDRESS_SPACE_PAGE);
    add_entry(stack, AT_CLKTCK, (uint64_t)sysconf(_SC_CLK_TCK));
    add_entry(stack, AT_PHDR, image->headers);
    add_entry(stack, AT_PHENT, image->header_size);
    add_entry(stack, AT_PHNUM, image->header_count);
    add_entry(stack, AT_BASE, interpreter ? interpreter->bias : 0);
    add_entry(stack, AT_FLAGS, 0);
    add_entry(stack, AT_ENTRY, image->entry);
    add_entry(stack, AT_UID, getuid());
    add_entry(stack, AT_EUID, geteuid());
    add_entry(stack, AT_GID, getgid());
    add_entry(stack, AT_EGID, getegid());
    add_entry(stack, AT_SECURE, getauxval(AT_SECURE));
    if (capabilities[1]) {
        add_entry(stack, AT_HWCAP2, capabilities[1]);
    }
}

static int write_stack(struct program *program, struct process *process, const struct elf_image *image,
                       const struct elf_image *interpreter, uint64_t *sp)
{
    uint8_t random[16];
    struct initial_stack stack = {
        .word_bytes = process->translator_guest->word_bits / 8,
        .big_endian = process->translator_guest->big_endian,
        .top = address_space_layout(process->memory)->stack_top,
        .arguments = program->arguments,
        .environment = process->options->environment,
        .program = process->options->executable_path ? process->options->executable_path : program->path,
        .platform = process->guest->platform,
        .random = random,
    };
    if (getrandom(random, sizeof random, GRND_NONBLOCK) != sizeof random && getauxval(AT_RANDOM)) {
        memcpy(random, (const void *)getauxval(AT_RANDOM), sizeof random);
    }
    fill_vector(&stack, process, image, interpreter);
    size_t size = initial_stack_size(&stack, STRING_LIMIT);
    if (!size) {
        program->problem = "arguments and environment are too long";
        return -E2BIG;
    }
    int64_t top = address_space_make_stack(process->memory, size, program->file.stack_protection);
    if (top < 0) {
        program->problem = "no room for the stack";
        return (int)top;
    }
    initial_stack_write(&stack, (void *)((uint64_t)top - size), size);
    process->image.stack_start = *sp = stack.sp;
    process->image.arguments_start = stack.arguments_start;
    process->image.arguments_end = stack.arguments_end;
    process->image.environment_start = stack.environment_start;
    process->image.environment_end = stack.environment_end;
    process->image.vector_start = stack.vector_start;
    process->image.vector_size = stack.vector_size;
    return 0;
}

int program_load(struct program *program, struct process *process, struct thread *thread)
{
    struct elf_image image, interpreter;
    bool has_interpreter = program->file.interpreter[0];
    uint64_t base = address_space_layout(process->memory)->program, sp = 0;
    /* As Linux: a position independent file that no interpreter loads (ld.so itself) goes where mappings go, so that
       its heap and the program it may load have room of their own. */
    int error = elf_image_load(process->memory, program->fd, &program->file, has_interpreter ? base : 0, &image,
                               &program->problem);
    if (!error && has_interpreter) {
        error = load_interpreter(program, process, &interpreter);
    }
    if (error) {
        return error;
    }
    bool has_own_heap = program->file.is_fixed || has_interpreter;
    address_space_set_heap(process->memory, has_own_heap ? image.end : base);
    error = vdso_map(process);
    if (!error) {
        error = write_stack(program, process, &image, has_interpreter ? &interpreter : NULL, &sp);
    }
    if (error) {
        return error;
    }
    process->image.code_start = image.code_start;
    process->image.code_end = image.code_end;
    process->guest->start_program(thread->state, has_interpreter ? interpreter.entry : image.entry, sp);
    return 0;
}
