/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner.h"

#include "riscv.h"
#include "riscv_state.h"

/* Indices in case_registers; x1 is the first. */
enum { FCSR = 31, F0 };

extern const struct guest guest_riscv64;
const struct guest *const runner_guest = &guest_riscv64;

void runner_to_cpu(const struct case_state *state, struct cpu_header *header)
{
    struct riscv_state *cpu = (struct riscv_state *)header;
    for (unsigned index = 1; index < 32; index++) {
        cpu->x[index] = state->registers[index - 1][0];
    }
    for (unsigned index = 0; index < 32; index++) {
        cpu->f[index] = state->registers[F0 + index][0];
    }
    riscv_write_fcsr(header, (uint32_t)state->registers[FCSR][0]);
}

void runner_from_cpu(struct cpu_header *header, struct case_state *state)
{
    const struct riscv_state *cpu = (const struct riscv_state *)header;
    for (unsigned index = 1; index < 32; index++) {
        state->registers[index - 1][0] = cpu->x[index];
    }
    for (unsigned index = 0; index < 32; index++) {
        state->registers[F0 + index][0] = cpu->f[index];
    }
    state->registers[FCSR][0] = riscv_read_fcsr(header);
}
