/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's address space: where its mappings are, what they allow, and the mmap family of system calls.
 *
 * A 64-bit guest shares the host's address space at offset 0. It is given pages below `limit` only; the program itself
 * is linked above it (see placement.h), so no guest request can reach its memory. The layout is that of Linux on the
 * guest's architecture and depends on nothing of the host's: program, heap above it, mappings from the top down, stack.
 *
 * The ranges kept here hold the guest's protections. The host's pages are never executable, and executable guest pages
 * are readable on the host. All functions are thread safe; code changes are reported after the lock is released. */
#ifndef LINUX_USER_ADDRESS_SPACE_H
#define LINUX_USER_ADDRESS_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_SPACE_PAGE = 4096,
};

enum address_range_kind {
    RANGE_PLAIN,
    RANGE_HEAP,    /* made by brk */
    RANGE_STACK,   /* the initial stack: the range spans all that it may grow to */
    RANGE_GROWING, /* MAP_GROWSDOWN */
    RANGE_SHARED,  /* SysV shared memory */
    RANGE_VDSO,
    RANGE_FILE,    /* private pages of a file that were never writable: they have the file's bytes */
    RANGE_FOREIGN, /* something of the host's lies there; the guest cannot have it */
};

struct address_range {
    uint64_t start, end; /* page aligned, end exclusive */
    int protection;      /* PROT_* as the guest asked */
    enum address_range_kind kind;
};

struct address_layout {
    uint64_t limit;     /* TASK_SIZE: first address that is never the guest's */
    uint64_t program;   /* where a position independent program goes */
    uint64_t stack_top; /* end of the initial stack */
    uint64_t stack_gap; /* least distance between stack_top and the highest mapping */
};

/* The guest may have translated code in [start, end) that is no longer there or no longer executable. */
typedef void address_space_code_changed(void *user, uint64_t start, uint64_t end);

struct address_space;

/* stack_limit: the size the stack may grow to, bytes. Never NULL. */
struct address_space *address_space_create(const struct address_layout *layout, uint64_t stack_limit,
                                           address_space_code_changed *code_changed, void *user);

/* Forgets everything and removes the guest's pages. */
void address_space_destroy(struct address_space *space);

/* Marks [start, end) as not the guest's, whatever lies there. */
void address_space_reserve(struct address_space *space, uint64_t start, uint64_t end);

const struct address_layout *address_space_layout(const struct address_space *space);

/* The system calls. Flags and protections are native bits; results are addresses, 0 or -errno. */
int64_t address_space_map(struct address_space *space, uint64_t address, uint64_t length, int protection, int flags,
                          int fd, uint64_t offset);
int64_t address_space_unmap(struct address_space *space, uint64_t address, uint64_t length);
int64_t address_space_protect(struct address_space *space, uint64_t address, uint64_t length, int protection);
int64_t address_space_remap(struct address_space *space, uint64_t old_address, uint64_t old_length, uint64_t new_length,
                            int flags, uint64_t new_address);
int64_t address_space_advise(struct address_space *space, uint64_t address, uint64_t length, int advice);
int64_t address_space_attach(struct address_space *space, int id, uint64_t address, int flags);
int64_t address_space_detach(struct address_space *space, uint64_t address);

/* The heap starts at address (page aligned up), empty; to be called once, after the program is loaded. */
void address_space_set_heap(struct address_space *space, uint64_t address);
/* brk: returns the new end of the heap, or the old one if it cannot be moved there. */
int64_t address_space_break(struct address_space *space, uint64_t address);
/* Where mappings begin, downwards. */
uint64_t address_space_map_top(const struct address_space *space);
uint64_t address_space_heap_start(const struct address_space *space);

/* RLIMIT_AS and RLIMIT_DATA as the guest set them: the kernel would count kage's own memory too. UINT64_MAX: none. */
void address_space_set_limits(struct address_space *space, uint64_t all_bytes, uint64_t data_bytes);

/* Makes the initial stack of which `size` bytes below its top will be written at once. Returns its top or -errno. */
int64_t address_space_make_stack(struct address_space *space, uint64_t size, int protection);

/* Names a range for address_space_find and /proc/self/maps. */
void address_space_set_kind(struct address_space *space, uint64_t start, uint64_t end, enum address_range_kind kind);

/* The range that holds address, or false. */
bool address_space_find(struct address_space *space, uint64_t address, struct address_range *found);
/* The first range that ends above address, or false. */
bool address_space_find_next(struct address_space *space, uint64_t address, struct address_range *found);
/* True if all of [start, start+length) is below the limit and does not wrap. */
bool address_space_contains(const struct address_space *space, uint64_t start, uint64_t length);

/* Another thread or process is to see this memory, or parts of it. */
void address_space_share(struct address_space *space);
/* True after that, after a mapping that others may write to or read was made writable, and after shmat. */
bool address_space_is_shared(const struct address_space *space);

/* Held around fork, so that the child's copy is consistent. */
void address_space_lock(struct address_space *space);
void address_space_unlock(struct address_space *space);

#endif
