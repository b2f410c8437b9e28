/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that the translator asks of its program: how guest memory is reached, where code is, and what to call. */
#ifndef TRANSLATOR_EMBEDDER_H
#define TRANSLATOR_EMBEDDER_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_header;

/* How a guest load or store is emitted. */
enum memory_model {
    MEMORY_DIRECT,   /* host address = header->memory_base + guest address; a bad one faults on the host */
    MEMORY_WINDOW,   /* the same for a 32-bit address in a reserved 4 GiB window */
    MEMORY_SOFTMMU,  /* inline probe of header's TLB, slow call on a miss (kage-system) */
};

/* What of a page of code the translator must know. */
struct code_window {
    const uint8_t *bytes; /* host address of the first byte asked for */
    uint64_t available;   /* executable bytes from there on, as far as they are contiguous (may be cut at 64 KiB); 0 = none:
                             fetching there is a guest fault */
    uint64_t before;      /* executable bytes just before it that are there the same way; may be 0 */
};

/* A privileged operation a guest folder may name by number in its lifter; NULL table in user mode: such instructions trap. */
typedef uint64_t privileged_operation(struct cpu_header *, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

struct embedder {
    enum memory_model memory_model;
    bool memory_base_is_zero;  /* MEMORY_DIRECT at offset 0: addresses need no addition */
    uint64_t memory_base;      /* host address of guest address 0 */
    void *program; /* handed back to the callbacks */
    /* Where the code at guest address pc is, for the CPU that wants to run it. Called with no lock of the embedder held; must not
       call back into the translator. Unless there is an MMU (MEMORY_SOFTMMU) the answer is kept, for all CPUs, until
       translator_invalidate is told of a change anywhere. */
    struct code_window (*find_code)(void *program, struct cpu_header *state, uint64_t pc);
    /* The first range of code that ends above `address` whose bytes come from a file and were not writable since, or are otherwise the
       same in each process that has this code there: what is made of it may be kept for other processes. False: no more. NULL: none. */
    bool (*find_lasting_code)(void *program, uint64_t address, uint64_t *start, uint64_t *end);
    /* Symbol for logs: name and *offset, or NULL. May be NULL itself. */
    const char *(*find_symbol)(void *program, uint64_t pc, uint64_t *offset);
    /* What the program's own code in the guest (its vdso) asks for, by number, below hypercall_count; others trap. Called from
       translated code, with the state in memory: takes its arguments from there and puts its result there, and must not fault. */
    void (*hypercall)(void *thread, struct cpu_header *state, uint32_t number); /* thread: the CPU's cpu_header.program */
    unsigned hypercall_count;
    privileged_operation *const *privileged;
    unsigned privileged_count;
};

#endif
