/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a path to a program that can run: scripts resolved, machine known; then into memory with its stack. */
#ifndef LINUX_USER_PROGRAM_H
#define LINUX_USER_PROGRAM_H

#include "elf_loader.h"
#include "process.h"

struct program {
    int fd;                    /* of the ELF file, close-on-exec; -1 when not open */
    const struct guest *guest; /* NULL: no guest's, for the host's kernel to judge */
    bool is_native;            /* an ELF file of the host's machine, which may be a guest's, too */
    struct elf_file file;      /* valid if guest */
    char path[PATH_MAX];       /* of the ELF file, as the guest names it */
    char **arguments;          /* argv with what scripts put in front; malloc'ed array of borrowed or owned strings */
    const char *problem;       /* after -ENOEXEC: why, static text */
};

/* Follows scripts from path (a host path; NULL: the open fd) to an ELF file. 0, or -errno as execve gives it. To be
   ended with program_close whatever the result. */
int program_resolve(struct program *program, struct sysroot *sysroot, int fd, const char *path,
                    char *const arguments[]);
void program_close(struct program *program);

/* Loads the program and its interpreter, makes heap, vdso and stack, and sets the first thread's registers. 0 or -errno
   with program->problem. */
int program_load(struct program *program, struct process *process, struct thread *thread);

#endif
