/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's vdso: a small ELF image, made at start from a guest's table of functions, with the return from signal
 * handlers and the clocks. No compiler of the guest's is needed to build kage. */
#ifndef LINUX_USER_VDSO_H
#define LINUX_USER_VDSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;
struct thread;
struct cpu_header;

struct vdso_function {
    const char *name;
    uint32_t offset, size; /* bytes of code */
};

struct vdso_description {
    const char *version;    /* "LINUX_2.6.39" */
    const uint32_t *code;   /* instruction words, host byte order */
    uint32_t code_size;     /* bytes */
    uint32_t return_offset; /* the signal trampoline within code */
    const struct vdso_function *functions;
    unsigned function_count;
    uint32_t elf_flags;
};

/* What the code asks of kage by a hypercall; by number. Arguments and result as in a system
 * call. */
enum vdso_hypercall { VDSO_CLOCK_GETTIME, VDSO_GETTIMEOFDAY, VDSO_CLOCK_GETRES, VDSO_HYPERCALL_COUNT };

/* The image in buffer (at most size bytes); returns its size, or 0 if it does not fit. *code_start: offset of the code.
 */
size_t vdso_build(const struct vdso_description *description, uint16_t machine, void *buffer, size_t size,
                  uint64_t *code_start);

/* Maps the image and notes its place in process->image. 0 or -errno. */
int vdso_map(struct process *process);

/* Carries a hypercall out: the embedder's. */
void vdso_hypercall(void *thread, struct cpu_header *state, uint32_t number);

#endif
