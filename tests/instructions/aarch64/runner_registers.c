/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner.h"

#include "aarch64.h"
#include "aarch64_state.h"

#include <string.h>

/* Indices in case_registers. */
enum { SP = 31, NZCV, FPCR, FPSR, V0 };

extern const struct guest guest_aarch64;
const struct guest *const runner_guest = &guest_aarch64;

void runner_to_cpu(const struct case_state *state, struct cpu_header *header)
{
    struct aarch64_state *cpu = (struct aarch64_state *)header;
    for (unsigned index = 0; index < 31; index++) {
        cpu->X[index] = state->registers[index][0];
    }
    cpu->SP = state->registers[SP][0];
    aarch64_write_nzcv(header, (uint32_t)state->registers[NZCV][0] << 28);
    aarch64_write_fpcr(header, (uint32_t)state->registers[FPCR][0]);
    aarch64_write_fpsr(header, (uint32_t)state->registers[FPSR][0]);
    memcpy(cpu->V, state->registers[V0], sizeof cpu->V);
    for (unsigned index = 0; index < sizeof cpu->APKey / sizeof *cpu->APKey; index++) { /* as in model.py */
        cpu->APKey[index] = UINT64_C(0x9e3779b97f4a7c15) * (2 * index + 1) | 1;
    }
}

void runner_from_cpu(struct cpu_header *header, struct case_state *state)
{
    const struct aarch64_state *cpu = (const struct aarch64_state *)header;
    for (unsigned index = 0; index < 31; index++) {
        state->registers[index][0] = cpu->X[index];
    }
    state->registers[SP][0] = cpu->SP;
    state->registers[NZCV][0] = aarch64_read_nzcv(header) >> 28;
    state->registers[FPCR][0] = aarch64_read_fpcr(header);
    state->registers[FPSR][0] = aarch64_read_fpsr(header);
    memcpy(state->registers[V0], cpu->V, sizeof cpu->V);
}
