/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generated decoders share. */
#ifndef GENERATE_DECODE_ROW_H
#define GENERATE_DECODE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decode_status {
    DECODE_IMPLEMENTED, /* has a lift function */
    DECODE_HINT,        /* executes as no operation */
    DECODE_MISSING,     /* a valid instruction that is not supported: illegal instruction, logged once with text */
    DECODE_UNDEFINED,   /* reserved by the manual: illegal instruction */
};

/* A run of instruction bits that contributes to an operand; pieces are listed most significant first. */
struct decode_piece {
    uint8_t high, low;
};

struct decode_field {
    const char *name;
    const struct decode_piece *pieces;
    uint8_t piece_count;
    bool is_signed;
    uint8_t shift;     /* shifted left after concatenation */
    int32_t plus;      /* then added */
    int32_t constant;  /* value when piece_count is 0 */
    uint16_t offset;   /* of the member in the args struct; members are int32_t */
};

struct decode_guard {
    uint32_t mask, value; /* the bits of the named field and what they are compared with */
    bool equal;           /* must be equal, or must differ */
};

/* A feature or an attribute: its name in the decode file and what it means. */
struct decode_name {
    const char *name, *text;
};

struct decode_row {
    const char *name;
    const char *group;
    uint32_t mask, value;
    uint32_t attributes; /* bits of <prefix>_attribute */
    uint64_t features;   /* bits of <prefix>_feature; 0 = base */
    enum decode_status status;
    const char *status_text;
    uint16_t id; /* enum <prefix>_row */
    uint16_t field_count, guard_count;
    const struct decode_field *fields;
    const struct decode_guard *guards;
};

/* The value of a field in an instruction. */
int32_t decode_field_value(const struct decode_field *field, uint32_t bits);

/* Whether the instruction matches the row's bits and guards (a row above it in the same braces may still take it). */
bool decode_row_matches(const struct decode_row *row, uint32_t bits);

/* "NAME rd=1 rs1=2 imm=-16" into text; args is the union filled by the decoder. Returns the length as snprintf does. */
int decode_row_print(char *text, size_t size, const struct decode_row *row, const void *args);

#endif
