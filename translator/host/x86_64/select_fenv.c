/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floating-point status: exceptions are those in MXCSR and those that software raised into cpu_header.fp, together.
 */
#include "x86_host.h"

enum { MXCSR_EXCEPTIONS = 0x3d, MXCSR_ALL_EXCEPTIONS = 0x3f, MXCSR_ROUNDING_SHIFT = 13 };

static void emit_fenv_read(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    x86_m(b, X86_STMXCSR, X86_32, HEADER_AT(host_fp));
    x86_rm(b, X86_MOV, X86_32, X86_RAX, HEADER_AT(host_fp));
    x86_alu_ri(b, X86_AND, X86_32, X86_RAX, MXCSR_EXCEPTIONS);
    x86_rm(b, X86_OR_LOAD, X86_32, X86_RAX, HEADER_AT(fp.exceptions));
    x86_rr(b, X86_MOV, X86_32, plan->result, X86_RAX);
}

void plan_fenv_read(struct host_code *code, struct host_plan *plan)
{
    plan_result(code, plan);
    plan->emit = emit_fenv_read;
}

static void emit_fenv_write(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    emit_get(code, X86_32, X86_RAX, &plan->inputs[0]);
    x86_rm(b, X86_MOV_STORE, X86_32, X86_RAX, HEADER_AT(fp.exceptions));
    x86_m(b, X86_STMXCSR, X86_32, HEADER_AT(host_fp));
    x86_alu_mi(b, X86_AND, X86_32, HEADER_AT(host_fp), ~MXCSR_ALL_EXCEPTIONS);
    x86_m(b, X86_LDMXCSR, X86_32, HEADER_AT(host_fp));
}

void plan_fenv_write(struct host_code *code, struct host_plan *plan)
{
    plan_use_any(code, plan, plan_instruction(code, plan)->a);
    plan->emit = emit_fenv_write;
}

static void emit_fenv_round(struct host_code *code, const struct host_plan *plan)
{
    struct host_buffer *b = x86_code(code);
    emit_get(code, X86_32, X86_RAX, &plan->inputs[0]);
    x86_rm(b, X86_MOV_STORE, X86_32, X86_RAX, HEADER_AT(fp.rounding));
    x86_m(b, X86_STMXCSR, X86_32, HEADER_AT(host_fp));
    x86_alu_ri(b, X86_AND, X86_32, X86_RAX, 3);
    x86_r_i8(b, X86_SHL_I8, X86_32, X86_RAX, MXCSR_ROUNDING_SHIFT);
    x86_alu_mi(b, X86_AND, X86_32, HEADER_AT(host_fp), ~(3 << MXCSR_ROUNDING_SHIFT));
    x86_rm(b, X86_OR, X86_32, X86_RAX, HEADER_AT(host_fp));
    x86_m(b, X86_LDMXCSR, X86_32, HEADER_AT(host_fp));
}

void plan_fenv_round(struct host_code *code, struct host_plan *plan)
{
    plan_use_any(code, plan, plan_instruction(code, plan)->a);
    plan->emit = emit_fenv_round;
}
