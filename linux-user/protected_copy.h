/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access to memory that may not be there. A host fault between protected_start and protected_end is not a crash: the
 * host's signal handler continues at protected_fault, and the function returns -1. */
#ifndef LINUX_USER_PROTECTED_COPY_H
#define LINUX_USER_PROTECTED_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* 0, or -1 if some byte of either side cannot be accessed (bytes before it have been copied). */
int protected_copy(void *destination, const void *source, size_t length);
int protected_clear(void *destination, size_t length);
/* Length of the string, at most limit, or -1. */
ssize_t protected_string_length(const char *text, size_t limit);

/* Calls the kernel unless *pending is nonzero at the last instruction before it; then, and where a signal made the
   kernel want to restart the call, BLOCKING_CALL_INTERRUPTED. Otherwise the kernel's result. The signal handler moves a
   thread that is between blocking_call_start and blocking_call_instruction (both included) to
   blocking_call_interrupted. */
long blocking_call(const volatile uint32_t *pending, long number, const uint64_t arguments[6]);
#define BLOCKING_CALL_INTERRUPTED (-512)

extern const char protected_start[], protected_end[], protected_fault[];
extern const char blocking_call_start[], blocking_call_instruction[], blocking_call_interrupted[];

#endif
