/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Named constants of the ABI: names for the trace, and translation where an ABI's values differ from the host's. */
#ifndef SYSCALLS_CONSTANTS_H
#define SYSCALLS_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct constant_set;
struct syscall_constants;

#include "constants_generated.h"

struct constant {
    const char *name;
    uint64_t value; /* the host's */
};

struct constant_set {
    const char *name;
    enum constant_set_id id;
    bool is_flags; /* bits that may be combined; else one value of a list */
    uint16_t count;
    const char *zero; /* name to show if the bits of zero_mask are all clear; NULL: none */
    uint64_t zero_mask;
    const struct constant *entries;
};

struct constant_pair {
    uint64_t guest, host;
};

struct constant_map {
    uint16_t count;
    const struct constant_pair *pairs; /* only values that differ */
};

/* What an ABI has otherwise than the host, by set. */
struct syscall_constants {
    struct constant_map maps[CONSTANT_SET_COUNT];
};

/* Value of the other side. constants may be NULL: no difference. */
uint64_t constant_to_host(const struct syscall_constants *constants, const struct constant_set *set, uint64_t value);
uint64_t constant_to_guest(const struct syscall_constants *constants, const struct constant_set *set, uint64_t value);

/* Name of one host value, or NULL. */
const char *constant_name(const struct constant_set *set, uint64_t value);

#endif
