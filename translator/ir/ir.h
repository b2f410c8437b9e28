/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The intermediate representation: SSA over a unit of blocks, guest-blind. opcodes.def has every operation's meaning.
 *
 * A unit is what is translated at once: a superblock (a chain of blocks with side exits) in the fast tier, a region in the second
 * tier. A value reference (ir_ref) is the index of the instruction that makes it, or, with the top bit, of an interned constant.
 * Guest registers are slots: `read` and `write` name them; between them passes know them only as values. */
#ifndef IR_IR_H
#define IR_IR_H

#include "arena.h"
#include "ir_operations.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct float_rules; /* guest/shared/softfloat/softfloat.h */
struct cpu_header;

typedef uint32_t ir_ref;
#define IR_CONSTANT 0x80000000u
#define IR_NO_REF 0xffffffffu

static inline bool ir_is_constant(ir_ref ref) { return (ref & IR_CONSTANT) && ref != IR_NO_REF; }

struct ir_instruction {
    uint8_t op;   /* enum ir_op */
    uint8_t type; /* enum ir_type of the result */
    uint16_t aux;
    uint32_t a, b, c; /* ir_ref, literal or list index, as the table says */
};
_Static_assert(sizeof(struct ir_instruction) == 16, "four instructions to a cache line");

/* The first three members of an instruction, which travel together while it is made: the same 32 bits. */
typedef uint32_t ir_head;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IR_HEAD(op, type, aux) ((uint32_t)(op) | (uint32_t)(type) << 8 | (uint32_t)(aux) << 16)
static inline enum ir_op ir_head_op(ir_head head) { return (enum ir_op)(head & 0xff); }
static inline enum ir_type ir_head_type(ir_head head) { return (enum ir_type)(head >> 8 & 0xff); }
static inline uint16_t ir_head_aux(ir_head head) { return (uint16_t)(head >> 16); }
#else
#define IR_HEAD(op, type, aux) ((uint32_t)(op) << 24 | (uint32_t)(type) << 16 | (uint32_t)(aux))
static inline enum ir_op ir_head_op(ir_head head) { return (enum ir_op)(head >> 24); }
static inline enum ir_type ir_head_type(ir_head head) { return (enum ir_type)(head >> 16 & 0xff); }
static inline uint16_t ir_head_aux(ir_head head) { return (uint16_t)head; }
#endif

union ir_value {
    uint8_t u8[16];
    uint16_t u16[8];
    uint32_t u32[4];
    uint64_t u64[2];
    int8_t s8[16];
    int16_t s16[8];
    int32_t s32[4];
    int64_t s64[2];
    uint32_t i32;
    uint64_t i64;
} __attribute__((aligned(16)));

struct ir_constant {
    union ir_value value; /* bits above the type are zero */
    uint32_t type;
    uint16_t next;   /* in its hash chain, index + 1 */
    uint16_t shapes; /* enum ir_shape bits */
};

/* What folding asks of a constant: noted when it is made. */
enum ir_shape {
    IR_SHAPE_CONSTANT = 1,
    IR_SHAPE_ZERO = 2, /* of any type, vectors included */
    IR_SHAPE_ONE = 4,
    IR_SHAPE_ONES = 8,   /* all bits of the type */
    IR_SHAPE_POWER = 16, /* a power of two */
};

/* Blocks are runs of instructions, in order; the last one ends the block (effect END), no other does.
   In a unit of the fast tier all edges go forward in the layout, except edges to block 0 (the unit's own loop), and an SSA value
   made in a block is used only there and in blocks reached from it through single-predecessor edges; at a block with more
   predecessors (block 0 included) everything is in slots. Regions add phi operations. */
struct ir_block {
    uint32_t first, end;   /* instruction indices */
    uint32_t predecessors; /* count of edges into it; block 0 has one more, from outside */
};

/* ---- what a guest declares to the IR (generated from state.def, and its table of helpers) ---- */
struct ir_slot_description {
    const char *name;
    uint8_t type;    /* enum ir_type */
    uint8_t role;    /* enum ir_slot_role */
    uint16_t offset; /* bytes from the start of the state */
    const char *text;
};
enum ir_slot_role {
    IR_ROLE_GENERAL, IR_ROLE_PC, IR_ROLE_STACK, IR_ROLE_LINK, IR_ROLE_FLAGS, IR_ROLE_FLOAT, IR_ROLE_VECTOR,
    IR_ROLE_THREAD_POINTER, IR_ROLE_CONTROL, IR_ROLE_SCRATCH
};

/* How a helper is called, by every engine alike.
   IR_CALL_WORDS: uint64_t f(struct cpu_header *, uint64_t a, uint64_t b, uint64_t c, uint64_t d): up to 4 arguments of i32, i64,
     f32, f64 as zero-extended bits; result the same way (upper bits beyond its type are ignored).
   IR_CALL_VALUES: void f(struct cpu_header *, union ir_value *v): arguments in v[0..], any types; the result in v[0]. */
enum ir_call_kind { IR_CALL_WORDS, IR_CALL_VALUES };

typedef uint64_t ir_words_function(struct cpu_header *, uint64_t, uint64_t, uint64_t, uint64_t);
typedef void ir_values_function(struct cpu_header *, union ir_value *);

struct ir_helper {
    const char *name;
    enum ir_call_kind kind;
    uint8_t result;    /* enum ir_type */
    uint8_t effects;   /* IR_STATE_READ / IR_STATE_WRITE: reads or writes slots in the state's memory directly; IR_MEM_*: guest
                          memory; IR_FAULT: may end in a guest fault (needs the exact state in memory); IR_FENV: uses
                          header->fp through cpu_float_status */
    union {
        ir_words_function *words;
        ir_values_function *values;
    };
};

/* What a unit is made for: constant data of the guest, plus the mode. */
struct ir_context {
    const char *guest_name;
    const struct ir_slot_description *slots;
    unsigned slot_count;
    const struct ir_helper *helpers;
    unsigned helper_count;
    uint8_t word_type;               /* IR_I32 or IR_I64 */
    uint8_t ignored_bits;            /* of an address's upper bits; accesses use copies of the bit below */
    uint16_t pc_slot;
    const struct float_rules *rules; /* by the mode of this unit */
};

struct ir_unit {
    const struct ir_context *context;
    struct arena *arena; /* owns all below */
    struct ir_instruction *code;
    uint32_t count, capacity;
    struct ir_constant *constants;
    uint32_t constant_count, constant_capacity;
    uint16_t constant_hash[32];  /* heads of chains, index + 1 */
    ir_ref *list;                /* operand lists of calls and store_conditional */
    uint32_t list_count, list_capacity;
    struct ir_block *blocks;     /* by block number */
    uint32_t *layout;            /* block numbers in the order of their code; layout[0] is block 0, the entry */
    uint32_t block_count, block_capacity, layout_count;
    uint64_t pc;                 /* guest address of entry */
};

/* An empty unit in the arena. */
struct ir_unit *ir_unit_new(struct arena *arena, const struct ir_context *context, uint64_t pc);

/* Interned constants: equal ones have the same reference. Bits beyond the type must be zero (ir_constant_int truncates). */
ir_ref ir_constant_intern(struct ir_unit *unit, enum ir_type type, uint64_t low, uint64_t high);

static inline ir_ref ir_constant_int(struct ir_unit *unit, enum ir_type type, uint64_t value)
{
    bool is_short = type == IR_I32 || type == IR_F32 || type == IR_FLAGS;
    return ir_constant_intern(unit, type, is_short ? (uint32_t)value : value, 0);
}

static inline ir_ref ir_constant_v128(struct ir_unit *unit, uint64_t low, uint64_t high)
{
    return ir_constant_intern(unit, IR_V128, low, high);
}

static inline const struct ir_constant *ir_constant_of(const struct ir_unit *unit, ir_ref ref)
{
    return &unit->constants[ref & ~IR_CONSTANT];
}

static inline enum ir_type ir_type_of(const struct ir_unit *unit, ir_ref ref)
{
    return (enum ir_type)(ref & IR_CONSTANT ? unit->constants[ref & ~IR_CONSTANT].type : unit->code[ref].type);
}

/* Size in bytes of a value in memory: i32 4, i64 8, flags 4 ... */
extern const uint8_t ir_type_sizes[IR_TYPE_COUNT];
static inline unsigned ir_type_bytes(enum ir_type type) { return ir_type_sizes[type]; }
const char *ir_type_name(enum ir_type type);

/* Whether operand 0, 1, 2 (a, b, c) of an opcode is a value reference. */
extern const uint8_t ir_value_operands[IR_OP_COUNT]; /* bit per operand */
static inline bool ir_operand_is_value(enum ir_op op, unsigned index)
{
    return ir_value_operands[op] >> index & 1;
}

/* Effects of one instruction: the table's, for calls the helper's. */
unsigned ir_effects(const struct ir_unit *unit, const struct ir_instruction *instruction);

static inline bool ir_has_list(const struct ir_instruction *i)
{
    return i->op == IR_OP_call || i->op == IR_OP_store_conditional;
}
static inline uint32_t ir_list_count(const struct ir_instruction *i)
{
    return i->op == IR_OP_call ? i->c : i->op == IR_OP_store_conditional ? 2 : 0;
}
static inline uint32_t ir_list_start(const struct ir_instruction *i)
{
    return i->op == IR_OP_call ? i->b : i->c;
}

/* ---- printer.c, parser.c ---- */
void ir_print(FILE *file, const struct ir_unit *unit);
/* Text as ir_print writes it. Returns NULL and *error (owned by the arena, "line N: ...") on bad text. */
struct ir_unit *ir_parse(struct arena *arena, const struct ir_context *context, const char *text, const char **error);

/* ---- verifier.c: NULL if the unit obeys opcodes.def and SSA dominance, else what is wrong (owned by the arena) ---- */
const char *ir_verify(const struct ir_unit *unit, struct arena *arena);

#endif
