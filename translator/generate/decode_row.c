/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int32_t decode_field_value(const struct decode_field *field, uint32_t bits)
{
    if (field->piece_count == 0) {
        return field->constant;
    }
    uint64_t value = 0;
    unsigned width = 0;
    for (unsigned index = 0; index < field->piece_count; index++) {
        struct decode_piece piece = field->pieces[index];
        unsigned size = piece.high - piece.low + 1u;
        value = value << size | ((uint64_t)bits >> piece.low & ((UINT64_C(1) << size) - 1));
        width += size;
    }
    if (field->is_signed && value >> (width - 1) & 1) {
        value |= ~UINT64_C(0) << width;
    }
    return (int32_t)(uint32_t)((value << field->shift) + (uint64_t)(int64_t)field->plus);
}

bool decode_row_matches(const struct decode_row *row, uint32_t bits)
{
    if ((bits & row->mask) != row->value) {
        return false;
    }
    for (unsigned index = 0; index < row->guard_count; index++) {
        const struct decode_guard *guard = &row->guards[index];
        if (((bits & guard->mask) == guard->value) != guard->equal) {
            return false;
        }
    }
    return true;
}

int decode_row_print(char *text, size_t size, const struct decode_row *row, const void *args)
{
    int length = snprintf(text, size, "%s", row->name);
    for (unsigned index = 0; index < row->field_count; index++) {
        const struct decode_field *field = &row->fields[index];
        if (field->piece_count == 0) {
            continue;
        }
        int32_t value;
        memcpy(&value, (const char *)args + field->offset, sizeof value);
        size_t used = (size_t)length < size ? (size_t)length : size;
        length += snprintf(text + used, size - used, " %s=%" PRId32, field->name, value);
    }
    return length;
}
