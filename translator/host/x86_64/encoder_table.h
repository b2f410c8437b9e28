/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers, conditions and the packed constant of each row of x86_instructions.def; part of encoder.h. */
#ifndef X86_64_ENCODER_TABLE_H
#define X86_64_ENCODER_TABLE_H

enum {
    X86_RAX,
    X86_RCX,
    X86_RDX,
    X86_RBX,
    X86_RSP,
    X86_RBP,
    X86_RSI,
    X86_RDI,
    X86_R8,
    X86_R9,
    X86_R10,
    X86_R11,
    X86_R12,
    X86_R13,
    X86_R14,
    X86_R15,
    X86_RIP,  /* as a base only: displacement is then the target's offset from the buffer's start */
    X86_NONE, /* no base or no index */
};

enum x86_size { X86_8, X86_16, X86_32, X86_64 };

/* As in the opcodes of jcc, setcc, cmovcc; the lowest bit inverts. */
enum x86_condition {
    X86_O,
    X86_NO,
    X86_B,
    X86_AE,
    X86_E,
    X86_NE,
    X86_BE,
    X86_A,
    X86_S,
    X86_NS,
    X86_P,
    X86_NP,
    X86_L,
    X86_GE,
    X86_LE,
    X86_G,
};

enum {
    X86_FLAG_DIGIT_SHIFT = 12,
    X86_FLAG_SIZED = 1 << 15,
    X86_FLAG_WIDE = 1 << 16,
    X86_FLAG_QUAD = 1 << 17,
    X86_FLAG_W1 = 1 << 18,
    X86_FLAG_BYTE_RM = 1 << 19,
    X86_FLAG_SWAP = 1 << 20,
    X86_FLAG_VEX_W1 = 1 << 21,
    X86_FLAG_VEX = 1 << 22,
    X86_FLAG_LEGACY = 1 << 23,
    X86_FLAG_NDS = 1 << 24,
    X86_FLAG_YMM = 1 << 25,
    X86_FLAG_SCALAR = 1 << 26,
    X86_FLAG_FIXED = 1 << 27,
    X86_FLAG_RM16 = 1 << 28,
    X86_FLAG_RM32 = 1 << 29,
    X86_FLAG_RM64 = 1 << 30,
};
#define X86_256 0x80000000u /* or it into a vector instruction for 256 bits */

/* What the .def file's columns mean here; undefined again after its inclusion. */
#define X86_COLUMN_MAP_ONE 0
#define X86_COLUMN_MAP_0F 1
#define X86_COLUMN_MAP_38 2
#define X86_COLUMN_MAP_3A 3
#define X86_COLUMN_PREFIX_NP 0
#define X86_COLUMN_PREFIX_66 1
#define X86_COLUMN_PREFIX_F3 2
#define X86_COLUMN_PREFIX_F2 3
#define SIZED X86_FLAG_SIZED
#define WIDE X86_FLAG_WIDE
#define QUAD X86_FLAG_QUAD
#define W1 X86_FLAG_W1
#define BYTE_RM X86_FLAG_BYTE_RM
#define SWAP X86_FLAG_SWAP
#define VEX_W1 X86_FLAG_VEX_W1
#define VEX X86_FLAG_VEX
#define LEGACY X86_FLAG_LEGACY
#define BOTH (X86_FLAG_VEX | X86_FLAG_LEGACY)
#define NDS X86_FLAG_NDS
#define YMM X86_FLAG_YMM
#define SCALAR X86_FLAG_SCALAR
#define FIXED X86_FLAG_FIXED
#define RM16 X86_FLAG_RM16
#define RM32 X86_FLAG_RM32
#define RM64 X86_FLAG_RM64
#define ALU 0
#define X86(id, text, form, map, prefix, opcode, digit, flags)                                                         \
    X86_##id = (opcode) | X86_COLUMN_MAP_##map << 8 | X86_COLUMN_PREFIX_##prefix << 10 |                               \
               (digit) << X86_FLAG_DIGIT_SHIFT | (flags),
enum {
#include "x86_instructions.def"
};
#undef X86
#undef SIZED
#undef WIDE
#undef QUAD
#undef W1
#undef BYTE_RM
#undef SWAP
#undef VEX_W1
#undef VEX
#undef LEGACY
#undef BOTH
#undef NDS
#undef YMM
#undef SCALAR
#undef FIXED
#undef RM16
#undef RM32
#undef RM64
#undef ALU

#endif
