/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading programs: what a file is, and bringing an ELF program with its interpreter into the guest's address space.
 * Nothing in a file is believed: every size and place is checked before it is used. */
#ifndef LINUX_USER_ELF_LOADER_H
#define LINUX_USER_ELF_LOADER_H

#include "address_space.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { ELF_LOADER_SEGMENTS = 128 }; /* more program headers than this are refused */

struct elf_segment {
    uint64_t address, file_offset, file_size, memory_size, align;
    int protection; /* PROT_* */
};

/* The headers of one ELF file, in native form and checked. */
struct elf_file {
    uint16_t machine;  /* EM_* */
    uint8_t elf_class; /* ELFCLASS* */
    bool big_endian;
    bool is_fixed;  /* ET_EXEC */
    uint32_t flags; /* e_flags */
    uint64_t entry;
    uint64_t headers; /* address of the program headers as linked, 0 if no segment holds them */
    uint16_t header_size, header_count;
    int stack_protection; /* of PT_GNU_STACK, or read, write and execute if there is none */
    unsigned segment_count;
    struct elf_segment segments[ELF_LOADER_SEGMENTS]; /* PT_LOAD, ascending, disjoint by page */
    char interpreter[PATH_MAX];                       /* "" = none */
};

enum program_kind {
    PROGRAM_ELF,
    PROGRAM_SCRIPT, /* begins with #! */
    PROGRAM_OTHER,
};

/* 0, or -ENOEXEC and *problem says why (static text), or another -errno if the file cannot be read. */
int elf_file_read(int fd, struct elf_file *file, const char **problem);

/* The first line of a script, as the kernel splits it. */
struct script_line {
    char interpreter[256];
    char argument[256]; /* "" = none */
};
/* Kind of the file, or -errno; line is filled for a script (-ENOEXEC if its first line names nothing). */
int program_examine(int fd, struct script_line *line);

/* Where a loaded file is. */
struct elf_image {
    uint64_t bias;       /* run-time minus link-time addresses */
    uint64_t start, end; /* pages used, end rounded up */
    uint64_t entry;
    uint64_t headers; /* run-time address of the program headers, 0 = not loaded */
    uint16_t header_size, header_count;
    uint64_t code_start, code_end;
};

/* Maps the segments of fd. A position independent file goes to `base` (0 = where mappings go). 0, or -errno with
 * *problem. */
int elf_image_load(struct address_space *space, int fd, const struct elf_file *file, uint64_t base,
                   struct elf_image *image, const char **problem);

#endif
