/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point on the host's own unit: what scalar and vector selections share.
 *
 * A host instruction's result is the guest's unless it is a NaN (which one is the architecture's choice) or, where the
 * architecture finds tininess before rounding, the smallest normal number (the host finds it after, so the underflow
 * exception may be missing). Both are found by one comparison and computed again in software; exceptions that the host
 * has raised by then are raised there too. Rules that flush subnormals need more: select_float_flush.c. */
#ifndef X86_64_FLOAT_SELECT_H
#define X86_64_FLOAT_SELECT_H

#include "softfloat.h"
#include "x86_host.h"

/* Rows of one operation: single, double, packed single, packed double. */
struct float_rows {
    uint32_t ss, sd, ps, pd;
};

/* Fills `flushes` and `soft_float` of the unit. */
void find_float_rules(struct host_code *code);

static inline bool uses_soft_float(struct host_code *code)
{
    if (!x86_unit(code)->float_rules_known) {
        find_float_rules(code);
    }
    return x86_unit(code)->soft_float;
}

/* Whether subnormals are flushed, and natively so (else uses_soft_float). */
static inline bool flushes(struct host_code *code)
{
    return !uses_soft_float(code) && x86_unit(code)->flushes;
}

/* Before any operation of a unit that flushes: the tests of its operands. Where the result does not come from the
   host's instruction the path returned is taken; its `back` is to be bound after the operation. NULL if nothing was
   needed. */
struct slow_path *begin_flushing(struct host_code *code, const struct host_plan *plan);
/* Slow path if the result is a NaN or is to be flushed. */
void emit_flushed_scalar_check(struct host_code *code, unsigned result, bool wide, struct slow_path *slow);
/* SCRATCH_V1: ones in lanes that are to be flushed. */
void emit_flushed_lanes(struct host_code *code, unsigned result, bool wide);

/* Whether a rounding operation has to look for the smallest normal number. */
static inline bool checks_tiny(struct host_code *code)
{
    return code->unit->context->rules->tininess_before_rounding;
}

/* Whether an operation on floats works on f16: select_half.c, select_vector_half.c. */
bool is_half_operation(const struct ir_unit *unit, const struct ir_instruction *i);
/* Whether operations on f16 run on the host's units; conversions between formats have less to look for. */
bool half_is_native(struct host_code *code);
/* Plans an operation for which is_half_operation says yes. */
void plan_half(struct host_code *code, struct host_plan *plan);
void plan_vector_half(struct host_code *code, struct host_plan *plan);
/* A scratch vector = the f16 in a general register as f32, zeros above. Destroys RAX. */
void emit_half_operand(struct host_code *code, unsigned scratch, const struct host_input *input);
/* From f32, no NaN, in a vector register with zeros above the lowest lane; tiny: where the architecture finds tininess
   before rounding, slow path if the result is the smallest normal number. The vector is destroyed, and RAX. */
void emit_half_result(struct host_code *code, unsigned result, unsigned vector, bool tiny, struct slow_path *slow);

/* Slow path if a lane of f16 is the smallest normal number, where the architecture finds tininess before rounding.
   Destroys SCRATCH_V0. */
void emit_tiny_halves(struct host_code *code, unsigned result, struct slow_path *slow);
/* fcmp and flags_float (the number in RAX) of f32 or f64 in vector registers; f16 have been converted to f32. */
enum x86_condition emit_compare_registers(struct host_code *code, const struct ir_instruction *i, unsigned x,
                                          unsigned y);
void emit_flags_registers(struct host_code *code, const struct ir_instruction *i, unsigned x, unsigned y);

/* The plan of an operation whose operands are kept for the slow path. */
void plan_float(struct host_code *code, struct host_plan *plan, unsigned operands,
                void (*emit)(struct host_code *, const struct host_plan *));
/* After a scalar result of `wide` (f64) or f32: slow path if it is a NaN, or with `tiny` the smallest normal number. */
void emit_scalar_check(struct host_code *code, const struct host_plan *plan, bool wide, bool tiny);
/* The same for all lanes of a vector. */
void emit_vector_check(struct host_code *code, const struct host_plan *plan, bool wide, bool tiny);
/* fto_int of the f32 or f64 in a vector register, which is not SCRATCH_V0. */
void emit_float_to_int(struct host_code *code, const struct host_plan *plan, unsigned from);
/* The immediate of roundsd for a mode: 0 to 3, or the dynamic one. False if the host lacks the mode. */
bool round_immediate(unsigned mode, unsigned *immediate);
enum { ROUND_SUPPRESS_INEXACT = 8 };
/* Ties away from zero differ from ties to even only in ties. `rounded` is the finite operand `from` rounded to even:
   takes the slow path if that was a tie. Destroys SCRATCH_V0, RAX and RCX. */
void emit_tie_check(struct host_code *code, unsigned from, unsigned rounded, bool wide, struct slow_path *slow);

#endif
