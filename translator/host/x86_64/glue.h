/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C functions that only the glue calls. */
#ifndef X86_64_GLUE_H
#define X86_64_GLUE_H

#include <stdint.h>

struct cpu_header;
struct float_rules;

/* evaluate.c: operands and result in state->values. */
void x86_evaluate(struct cpu_header *state, uint32_t description, const struct float_rules *rules);

#endif
