/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of guest code for profiles and logs, out of the ELF files that are mapped. Files are read when one of their
 * addresses is asked for first. */
#ifndef LINUX_USER_SYMBOLS_H
#define LINUX_USER_SYMBOLS_H

#include <stdint.h>

struct symbols;

struct symbols *symbols_create(void);
/* The function that pc lies in and how far; NULL if none is known. The name lasts as long as symbols. */
const char *symbols_find(struct symbols *symbols, uint64_t pc, uint64_t *offset);
/* Held around fork, so that the child's copy is consistent. */
void symbols_lock(struct symbols *symbols);
void symbols_unlock(struct symbols *symbols);
/* What is mapped in [start, end) may be something else now. */
void symbols_forget(struct symbols *symbols, uint64_t start, uint64_t end);

#endif
