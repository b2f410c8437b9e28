/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of -strace. Everything is read through copy_in: tracing never faults and never changes what a call does. */
#ifndef SYSCALLS_TRACE_H
#define SYSCALLS_TRACE_H

#include "handler.h"

/* A line that is cut, with "...", when it is full. */
struct trace_text {
    size_t length;
    char bytes[2048];
};

void trace_print(struct trace_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

void trace_flags(struct trace_text *text, const struct constant_set *set, uint64_t value);
void trace_enumerator(struct trace_text *text, const struct constant_set *set, int64_t value);
void trace_signal(struct trace_text *text, int64_t number);

/* Bytes in quotes with C's escapes, at most a few dozen of them. */
void trace_bytes(struct trace_text *text, struct syscall_context *context, uint64_t address, uint64_t length);
void trace_string(struct trace_text *text, struct syscall_context *context, uint64_t address);
void trace_string_array(struct trace_text *text, struct syscall_context *context, uint64_t address);
void trace_socket_address(struct trace_text *text, struct syscall_context *context, uint64_t address, uint64_t length);

/* {field=value, ...} of the guest's struct at address. */
void trace_struct(struct trace_text *text, struct syscall_context *context, const struct layout *layout,
                  uint64_t address);

#endif
