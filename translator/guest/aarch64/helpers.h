/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and functions of the helpers in helpers.def. */
#ifndef AARCH64_HELPERS_H
#define AARCH64_HELPERS_H

#include "cpu.h"
#include "ir.h"

enum a64_helper {
#define HELPER(name, kind, result, effects) A64_HELPER_##name,
#include "helpers.def"
#undef HELPER
    A64_HELPER_COUNT
};

extern const struct ir_helper a64_helpers[A64_HELPER_COUNT];

#define A64_FUNCTION_WORDS(name)                                                                                       \
    uint64_t a64_helper_##name(struct cpu_header *header, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
#define A64_FUNCTION_VALUES(name) void a64_helper_##name(struct cpu_header *header, union ir_value *values);
#define HELPER(name, kind, result, effects) A64_FUNCTION_##kind(name)
#include "helpers.def"
#undef HELPER
#undef A64_FUNCTION_WORDS
#undef A64_FUNCTION_VALUES

#endif
