/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "builder.h"

ir_ref ir_fold(struct ir_builder *builder, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a, ir_ref b, ir_ref c)
{
    return IR_NO_REF;
}
