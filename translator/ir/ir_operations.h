/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vocabulary of the IR: types, operations and what stands in an operation's aux field. */
#ifndef IR_IR_OPERATIONS_H
#define IR_IR_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>

enum ir_type { IR_NONE, IR_I32, IR_I64, IR_F32, IR_F64, IR_F80, IR_V128, IR_V256, IR_FLAGS, IR_TYPE_COUNT };

enum ir_op {
#define OP(name, result, a, b, c, effects, aux) IR_OP_##name,
#include "opcodes.def"
#undef OP
    IR_OP_COUNT
};
_Static_assert(IR_OP_COUNT <= 256, "an opcode fits a byte");

/* What may stand as a result or operand; see opcodes.def. */
enum ir_kind {
    IR_KIND_NONE,
    IR_KIND_INT,
    IR_KIND_I32,
    IR_KIND_I64,
    IR_KIND_F32,
    IR_KIND_F64,
    IR_KIND_V128,
    IR_KIND_FLAGS,
    IR_KIND_FLOAT,
    IR_KIND_ANY,    /* the instruction's own type */
    IR_KIND_ANY_A,  /* operand a: any scalar type */
    IR_KIND_ANY_B,  /* operand b: any scalar type */
    IR_KIND_AINT,
    IR_KIND_AFLOAT,
    IR_KIND_SAME,
    IR_KIND_WORD,
    IR_KIND_LIT,
    IR_KIND_LIST,
};

enum ir_effect {
    IR_PURE = 0,
    IR_STATE_READ = 1,
    IR_STATE_WRITE = 2,
    IR_MEM_READ = 4,
    IR_MEM_WRITE = 8,
    IR_FAULT = 16,
    IR_FENV = 32,
    IR_END = 64,
};

/* Which of the accessors below applies to an instruction's aux. */
enum ir_aux {
    IR_AUX_NOAUX,
    IR_AUX_OFFSET,     /* byte offset */
    IR_AUX_LENGTH,     /* bytes */
    IR_AUX_WIDTH,      /* bits */
    IR_AUX_COUNT,      /* small number */
    IR_AUX_FIELD,      /* ir_field */
    IR_AUX_COND,       /* enum ir_cond */
    IR_AUX_FLAG_COND,  /* enum ir_flag_cond */
    IR_AUX_SIGNALING,  /* bool */
    IR_AUX_FCOND,      /* ir_fcond */
    IR_AUX_MEMOP,      /* ir_memop */
    IR_AUX_ATOMIC,     /* ir_memop with an enum ir_atomic */
    IR_AUX_FENCE,      /* enum ir_fence */
    IR_AUX_ROUND,      /* ir_round */
    IR_AUX_LANE,       /* log2 of the lane's bytes */
    IR_AUX_LANE_INDEX, /* ir_lane_index */
    IR_AUX_LANE_COUNT, /* ir_lane_index with a shift count */
    IR_AUX_LANE_ROUND, /* ir_round with a lane in bits 8..9 */
    IR_AUX_HINT,       /* enum ir_hint */
    IR_AUX_EXIT,       /* enum ir_exit_hint */
};

struct ir_op_description {
    const char *name;
    uint8_t result, a, b, c; /* enum ir_kind */
    uint8_t effects;         /* enum ir_effect bits */
    uint8_t aux;             /* enum ir_aux */
};
extern const struct ir_op_description ir_ops[IR_OP_COUNT];

enum ir_cond {
    IR_EQ, IR_NE, IR_LTU, IR_GEU, IR_LEU, IR_GTU, IR_LTS, IR_GES, IR_LES, IR_GTS, /* cond ^ 1 is the inverse */
    IR_COND_COUNT
};

/* Conditions on flags; cond ^ 1 is the inverse. */
enum ir_flag_cond {
    IR_FLAG_EQ, IR_FLAG_NE, /* Z */
    IR_FLAG_CS, IR_FLAG_CC, /* C */
    IR_FLAG_MI, IR_FLAG_PL, /* N */
    IR_FLAG_VS, IR_FLAG_VC, /* V */
    IR_FLAG_HI, IR_FLAG_LS, /* C && !Z */
    IR_FLAG_GE, IR_FLAG_LT, /* N == V */
    IR_FLAG_GT, IR_FLAG_LE, /* !Z && N == V */
    IR_FLAG_COND_COUNT
};

enum ir_flag_bits { IR_BIT_N = 1 << 15, IR_BIT_Z = 1 << 14, IR_BIT_C = 1 << 8, IR_BIT_V = 1 };

/* Floating comparisons: aux = condition | signaling << 3. Unordered makes all but UN false. */
enum ir_fcond { IR_FEQ, IR_FLT, IR_FLE, IR_FGT, IR_FGE, IR_FUN, IR_FCOND_COUNT };
#define IR_FCOND_SIGNALING 8

/* ir_field: lsb | width << 8 */
static inline uint16_t ir_field(unsigned lsb, unsigned width) { return (uint16_t)(lsb | width << 8); }
static inline unsigned ir_field_lsb(uint16_t aux) { return aux & 0xff; }
static inline unsigned ir_field_width(uint16_t aux) { return aux >> 8; }

/* ir_lane_index: lane | index << 8 (index of a lane, or a shift count in bits) */
static inline uint16_t ir_lane_index(unsigned lane, unsigned index) { return (uint16_t)(lane | index << 8); }
static inline unsigned ir_lane(uint16_t aux) { return aux & 3; }
static inline unsigned ir_index(uint16_t aux) { return aux >> 8; }

/* ir_round: enum float_rounding (bits 0..2) | IR_ROUND_SIGNED (integer conversions) | IR_ROUND_INEXACT (fround raises it)
   | lane << 8 */
enum { IR_ROUND_MODE = 7, IR_ROUND_SIGNED = 8, IR_ROUND_INEXACT = 16 };
static inline unsigned ir_round_lane(uint16_t aux) { return aux >> 8 & 3; }

/* ir_memop: what a memory access is. */
enum ir_memop {
    IR_MEM_SIZE = 7,          /* log2 of the bytes: 0..4 */
    IR_MEM_SIGNED = 8,        /* loads: sign-extended to the own type, else zero-extended */
    IR_MEM_BIG = 16,          /* big-endian */
    IR_MEM_ACQUIRE = 32,
    IR_MEM_RELEASE = 64,      /* both: sequentially consistent */
    IR_MEM_ALIGN_SHIFT = 7,   /* bits 7..9: log2 of the alignment demanded + 1; 0 = any; a fault otherwise */
    IR_MEM_ALIGN = 7 << 7,
    IR_MEM_UNPRIVILEGED = 1 << 10,
    IR_MEM_ATOMIC_SHIFT = 11, /* bits 11..15: enum ir_atomic */
};
enum ir_atomic {
    IR_ATOMIC_ADD, IR_ATOMIC_AND, IR_ATOMIC_ANDN, /* *a & ~b */
    IR_ATOMIC_OR, IR_ATOMIC_XOR, IR_ATOMIC_MIN_S, IR_ATOMIC_MAX_S, IR_ATOMIC_MIN_U, IR_ATOMIC_MAX_U, IR_ATOMIC_SWAP,
    IR_ATOMIC_COUNT
};
static inline unsigned ir_mem_bytes(uint16_t aux) { return 1u << (aux & IR_MEM_SIZE); }
static inline enum ir_atomic ir_mem_atomic(uint16_t aux) { return (enum ir_atomic)(aux >> IR_MEM_ATOMIC_SHIFT); }
/* Alignment demanded in bytes; 1 = any. */
static inline unsigned ir_mem_align(uint16_t aux)
{
    unsigned log = (aux & IR_MEM_ALIGN) >> IR_MEM_ALIGN_SHIFT;
    return log ? 1u << (log - 1) : 1;
}

enum ir_fence { IR_FENCE_LOADS, IR_FENCE_STORES, IR_FENCE_ALL, IR_FENCE_COUNT };

enum ir_hint { IR_HINT_NONE, IR_HINT_LIKELY, IR_HINT_UNLIKELY };

enum ir_exit_hint {
    IR_EXIT_JUMP,
    IR_EXIT_CALL,   /* operand b is the return address */
    IR_EXIT_RETURN,
    IR_EXIT_MODE,   /* the mode bits of the state may have changed: look the target up anew, never chain */
};

#endif
