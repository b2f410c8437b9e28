/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What handlers work with. A handler gets marshalled values and returns a host result or -errno (host numbers). */
#ifndef SYSCALLS_HANDLER_H
#define SYSCALLS_HANDLER_H

#include "call_table.h"
#include "constants.h"
#include "layout.h"

#include <errno.h>
#include <sys/uio.h>

/* ---- the host's calls; arguments and numbers of the host, -errno on failure ---- */
int64_t host_call(long number, const uint64_t arguments[6]);

/* The same through host->blocking_call; notes what an interruption means for the guest. */
int64_t host_call_blocking(struct syscall_context *context, long number, const uint64_t arguments[6],
                           enum syscall_interruption interruption);

/* ---- memory for the length of the call ---- */
struct scratch_chunk;

struct syscall_scratch {
    uint8_t *next, *end;
    struct scratch_chunk *chunks;
};

/* size bytes, aligned to 16, not cleared; NULL if the system has no memory. */
void *scratch_alloc(struct syscall_context *context, size_t size);
void scratch_free(struct syscall_scratch *scratch);

/* ---- guest memory (guest_memory.c) ----
   All return 0 or -EFAULT unless they say otherwise. */
int guest_read(struct syscall_context *context, void *to, uint64_t address, size_t length);
int guest_write(struct syscall_context *context, uint64_t address, const void *from, size_t length);

/* Numbers in the guest's byte order. */
int guest_read_u32(struct syscall_context *context, uint64_t address, uint32_t *value);
int guest_write_u32(struct syscall_context *context, uint64_t address, uint32_t value);
int guest_read_u64(struct syscall_context *context, uint64_t address, uint64_t *value);
int guest_write_u64(struct syscall_context *context, uint64_t address, uint64_t value);
int guest_read_word(struct syscall_context *context, uint64_t address, uint64_t *value);
int guest_write_word(struct syscall_context *context, uint64_t address, uint64_t value);

/* A pointer that only the kernel may follow: NULL for 0, one that gives EFAULT for what is not the guest's. */
void *guest_pointer(struct syscall_context *context, uint64_t address, size_t length);

/* A copy of a string in scratch memory. Also -ENAMETOOLONG (limit reached) and -ENOMEM. */
int guest_string(struct syscall_context *context, uint64_t address, size_t limit, char **string);

/* A path copied and translated; directory_fd AT_FDCWD if there is none. */
int guest_path(struct syscall_context *context, int directory_fd, uint64_t address, bool follow, const char **path);

/* ---- structs: between the guest's form at address and the host's form ---- */
static inline bool struct_is_native(const struct syscall_context *context, const struct layout *layout)
{
    return context->abi->layouts[layout->id].same;
}

static inline size_t struct_guest_size(const struct syscall_context *context, const struct layout *layout)
{
    return context->abi->layouts[layout->id].size;
}

int struct_read(struct syscall_context *context, const struct layout *layout, void *host, uint64_t address);
int struct_write(struct syscall_context *context, const struct layout *layout, uint64_t address, const void *host);

/* Arrays of count structs in scratch memory, the host's form. Also -ENOMEM. */
int struct_array_read(struct syscall_context *context, const struct layout *layout, uint64_t address, size_t count,
                      void **array);
int struct_array_write(struct syscall_context *context, const struct layout *layout, uint64_t address, size_t count,
                       const void *array);

/* True for guests whose words and byte order are the host's, and whose addresses therefore are too: what pointers
   inside structs point to needs no look. */
static inline bool guest_is_native(const struct syscall_context *context)
{
    return context->abi->layouts[LAYOUT_iovec].same;
}

/* The same for pointers inside structs, unless they may have tags, which the kernel must not see. */
static inline bool guest_pointers_are_native(const struct syscall_context *context)
{
    return guest_is_native(context) && !context->host->accepts_tags(context->thread);
}

/* An I/O vector for the kernel; a copy if the guest's differs. Also -EINVAL, -ENOMEM. */
int guest_iovec(struct syscall_context *context, uint64_t address, uint64_t count, const struct iovec **vector);

/* ---- signals ---- */

/* For ppoll and its like: the mask at address (0: none) holds until the call ends. 0 or -errno. */
int signal_use_temporary_mask(struct syscall_context *context, uint64_t address, uint64_t size);

/* ---- small things ---- */
static inline uint64_t constant_in(const struct syscall_context *context, const struct constant_set *set,
                                   uint64_t value)
{
    return context->abi->constants ? constant_to_host(context->abi->constants, set, value) : value;
}

static inline uint64_t constant_out(const struct syscall_context *context, const struct constant_set *set,
                                    uint64_t value)
{
    return context->abi->constants ? constant_to_guest(context->abi->constants, set, value) : value;
}

static inline bool descriptor_is_private(struct syscall_context *context, int fd)
{
    return context->host->descriptor_is_private != NULL && context->host->descriptor_is_private(context->thread, fd);
}

/* A line in --log=syscalls about something that this call does not support. */
void syscall_note(struct syscall_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Options as given to syscalls_configure. */
const struct syscall_options *syscall_options_get(void);

/* ---- between dispatch.c, marshal.c and trace.c ---- */
struct marshalled {
    union syscall_value values[6];
    uint64_t raw[6];    /* the guest's registers per argument, pairs joined */
    bool write_back[6]; /* values[i] is a scratch struct whose content goes to raw[i] if the call succeeds */
};

/* 0 or -errno. */
int marshal_arguments(struct syscall_context *context, struct marshalled *marshalled);
int marshal_results(struct syscall_context *context, const struct marshalled *marshalled);

/* Before the call: prints calls that may not return. After it: the line with the result. */
void trace_enter(struct syscall_context *context, const struct marshalled *marshalled);
void trace_leave(struct syscall_context *context, const struct marshalled *marshalled, int64_t result);
/* A call without a row. */
void trace_unknown(struct syscall_context *context);

#endif
