/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the glue shares with others. */
#ifndef X86_64_GLUE_H
#define X86_64_GLUE_H

#include <stdint.h>

struct cpu_header;
struct float_rules;
struct host_glue;
struct host_buffer;

/* evaluate.c: operands and result in state->values. */
void x86_evaluate(struct cpu_header *state, uint32_t description, const struct float_rules *rules);

/* select_control.c: goes to the guest's pc in rax, through the table of jumps. Destroys rcx. */
void emit_probe_jump(struct host_buffer *b, const struct host_glue *glue);

#endif
