/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structs that cross the ABI: the host's form as C structs (struct host_*), converters, and descriptions for the trace.
 */
#ifndef SYSCALLS_LAYOUT_H
#define SYSCALLS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;

typedef void layout_converter(uint8_t *to, const uint8_t *from);

struct layout_of_abi {
    uint16_t size;
    bool same; /* as the host's: no conversion */
    layout_converter *to_host, *to_guest;
};

#include "layouts_generated.h"

enum field_form {
    FIELD_DECIMAL,
    FIELD_NATURAL,
    FIELD_HEXADECIMAL,
    FIELD_OCTAL,
    FIELD_ADDRESS,
    FIELD_FLAGS,
    FIELD_ENUMERATOR,
    FIELD_STRUCT,
};

struct layout_field {
    const char *name;
    uint16_t offset, size; /* in the host's form; of one element */
    uint16_t count;        /* 0: no array */
    bool is_signed;
    enum field_form form;
    const void *table; /* struct constant_set, or struct layout for FIELD_STRUCT */
};

struct layout {
    const char *name;
    enum layout_id id;
    uint16_t host_size, field_count;
    const struct layout_field *fields;
};

#endif
