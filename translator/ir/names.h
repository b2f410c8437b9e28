/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of the text form, shared by printer.c and parser.c; and what type an operand must have, shared with verifier.c.
 */
#ifndef IR_NAMES_H
#define IR_NAMES_H

#include "ir.h"

enum { IR_ROUNDING_COUNT = 8 };

/* By enumerator; NULL where a number has no meaning. */
extern const char *const ir_cond_names[IR_COND_COUNT];
extern const char *const ir_flag_cond_names[IR_FLAG_COND_COUNT];
extern const char *const ir_fcond_names[IR_FCOND_COUNT];
extern const char *const ir_atomic_names[IR_ATOMIC_COUNT];
extern const char *const ir_fence_names[IR_FENCE_COUNT];
extern const char *const ir_hint_names[IR_HINT_UNLIKELY + 1];
extern const char *const ir_exit_names[IR_EXIT_MODE + 1];
extern const char *const ir_rounding_names[IR_ROUNDING_COUNT];

/* The type that operand `index` of an instruction must have, as far as its operation, its own type and, for index > 0,
   operand a decide it; else IR_NONE: some freedom is left, or it is not a value. */
enum ir_type ir_required_type(const struct ir_unit *unit, const struct ir_instruction *i, unsigned index);

/* Where a memory operation or an exit names its parts: whether operand `index`, a literal, is a block. */
bool ir_operand_is_block(enum ir_op op, unsigned index);

#endif
