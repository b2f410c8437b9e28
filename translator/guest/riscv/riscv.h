/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs may know of a RISC-V guest besides its state (riscv_state.h). */
#ifndef RISCV_RISCV_H
#define RISCV_RISCV_H

#include "cpu.h"

/* fcsr as the manual defines it: frm in bits 5..7, fflags in bits 0..4. While no translated code runs. Mode bits 0..2
   of the header are frm: units are made for one rounding mode. */
uint32_t riscv_read_fcsr(const struct cpu_header *header);
void riscv_write_fcsr(struct cpu_header *header, uint32_t value);

enum { RISCV_MODE_FRM = 7 };

/* Ticks per second of the time register, as RISC-V boards commonly have it. */
enum { RISCV_TIMEBASE = 10000000 };

/* Bytes that CBO.ZERO clears; the size of all cache blocks. */
enum { RISCV_CACHE_BLOCK = 64 };

#endif
