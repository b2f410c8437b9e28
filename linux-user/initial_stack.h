/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program finds on its stack: arguments, environment, auxiliary vector, as the kernel lays them out. */
#ifndef LINUX_USER_INITIAL_STACK_H
#define LINUX_USER_INITIAL_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vector_entry {
    uint64_t type, value;
};

enum { INITIAL_STACK_ENTRIES = 32 };

struct initial_stack {
    unsigned word_bytes; /* 4 or 8 */
    bool big_endian;
    uint64_t top; /* guest address of the end of the stack */
    char *const *arguments, *const *environment;
    const char *program;   /* AT_EXECFN */
    const char *platform;  /* AT_PLATFORM or NULL */
    const uint8_t *random; /* 16 bytes, AT_RANDOM */
    struct vector_entry
        entries[INITIAL_STACK_ENTRIES]; /* those that need no place on the stack; AT_NULL not included */
    unsigned entry_count;
    /* results: guest addresses */
    uint64_t sp, arguments_start, arguments_end, environment_start, environment_end, vector_start, vector_size;
};

/* Bytes that initial_stack_write will need, 0 if more than limit (E2BIG). */
size_t initial_stack_size(const struct initial_stack *stack, size_t limit);

/* Writes the image into buffer, whose end corresponds to stack->top and whose size is what initial_stack_size returned.
 */
void initial_stack_write(struct initial_stack *stack, void *buffer, size_t size);

#endif
