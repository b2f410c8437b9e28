/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --log shows of translation. Every function returns at once when its category is off. */
#ifndef DEBUG_DEBUG_H
#define DEBUG_DEBUG_H

#include "embedder.h"
#include "guest.h"
#include "host.h"
#include "superblock.h"

#include <stdio.h>

/* LOG_BLOCKS: a line per unit; LOG_DECODE: its guest instructions; LOG_IR: its IR. */
void debug_log_ir(const struct guest *guest, const struct embedder *embedder, const struct superblock *sb);

/* LOG_HOST: the host code of the unit of guest address pc. host may be NULL. */
void debug_log_code(const struct host *host, uint64_t pc, const uint8_t *code, uint32_t bytes);

/* The same, to a file, whatever the categories. */
void debug_print_guest_code(FILE *file, const struct guest *guest, const struct embedder *embedder,
                            const struct superblock_range *ranges, unsigned range_count, uint32_t mode);
void debug_print_host_code(FILE *file, const struct host *host, const uint8_t *code, uint32_t bytes);

#endif
