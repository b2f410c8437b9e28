/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the interpreter: one operation with its operands, and the functions that compute them. */
#ifndef IR_EVALUATE_H
#define IR_EVALUATE_H

#include "ir.h"
#include "softfloat.h"

struct ir_evaluation {
    enum ir_op op;
    enum ir_type type, operand_type; /* of the result, of operand a */
    uint16_t aux;
    union ir_value a, b, c;
    const struct float_rules *rules;
    struct float_status *status;
};

typedef union ir_value ir_evaluator(const struct ir_evaluation *);

/* By opcode; NULL where the file has nothing for it. */
extern ir_evaluator *const ir_integer_evaluators[IR_OP_COUNT];
extern ir_evaluator *const ir_float_evaluators[IR_OP_COUNT];
extern ir_evaluator *const ir_vector_evaluators[IR_OP_COUNT];
extern ir_evaluator *const ir_crypto_evaluators[IR_OP_COUNT];

/* The low bits of a type, nothing above. */
static inline union ir_value ir_value_of(enum ir_type type, uint64_t bits)
{
    return (union ir_value){.u64 = {ir_type_bytes(type) == 4 ? (uint32_t)bits : bits, 0}};
}

/* bits: 1 to 64 */
static inline uint64_t ir_zero_extend(uint64_t value, unsigned bits)
{
    return value & UINT64_MAX >> (64 - bits);
}

static inline int64_t ir_sign_extend(uint64_t value, unsigned bits)
{
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

/* Lanes of 1 << lane bytes; an index counts modulo the number of lanes. */
static inline uint64_t ir_lane_get(const union ir_value *v, unsigned lane, unsigned index)
{
    switch (lane) {
    case 0:
        return v->u8[index & 15];
    case 1:
        return v->u16[index & 7];
    case 2:
        return v->u32[index & 3];
    default:
        return v->u64[index & 1];
    }
}

static inline void ir_lane_set(union ir_value *v, unsigned lane, unsigned index, uint64_t bits)
{
    switch (lane) {
    case 0:
        v->u8[index & 15] = (uint8_t)bits;
        break;
    case 1:
        v->u16[index & 7] = (uint16_t)bits;
        break;
    case 2:
        v->u32[index & 3] = (uint32_t)bits;
        break;
    default:
        v->u64[index & 1] = bits;
        break;
    }
}

/* interpreter_memory.c */
struct ir_memory_access {
    void *host;     /* where the access goes */
    uint64_t bytes; /* 1 to 16 */
    uint16_t memop;
};

union ir_value ir_memory_load(enum ir_type type, const struct ir_memory_access *);
void ir_memory_store(union ir_value, const struct ir_memory_access *);
union ir_value ir_memory_atomic(enum ir_type type, union ir_value operand, const struct ir_memory_access *);
/* What was there; the exchange happened if the low bytes of that equal those of expected. */
union ir_value ir_memory_exchange(union ir_value expected, union ir_value desired, const struct ir_memory_access *);
void ir_memory_fence(enum ir_fence);

#endif
