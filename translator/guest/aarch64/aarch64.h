/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs may know of an AArch64 guest besides its state (aarch64_state.h). All functions: while no translated
 * code runs. */
#ifndef AARCH64_AARCH64_H
#define AARCH64_AARCH64_H

#include "cpu.h"

/* NZCV as in PSTATE: bits 31 to 28. */
uint32_t aarch64_read_nzcv(const struct cpu_header *header);
void aarch64_write_nzcv(struct cpu_header *header, uint32_t value);

/* FPSR and FPCR as the manual defines them; bits that do nothing here read as zero. */
uint32_t aarch64_read_fpsr(const struct cpu_header *header);
void aarch64_write_fpsr(struct cpu_header *header, uint32_t value);
uint32_t aarch64_read_fpcr(const struct cpu_header *header);
void aarch64_write_fpcr(struct cpu_header *header, uint32_t value);

/* The exclusive monitor is open after this, as it is after every exception (signal delivery). */
void aarch64_clear_exclusive(struct cpu_header *header);

/* The auxiliary vector's AT_HWCAP and AT_HWCAP2, of the features in this folder's table. */
uint64_t aarch64_hwcap(void);
uint64_t aarch64_hwcap2(void);

/* MIDR_EL1: Neoverse N1, r4p1. Its features are among this guest's, so what is compiled for it (-mcpu=native) runs; and programs that choose
   by the processor's name rather than by its features (memcpy of the C library) take what suits a host with 16-byte vectors. */
#define AARCH64_MIDR 0x414fd0c1u

/* Mode bits: FPCR.FZ, DN and AHP, in the order of their bits, then FZ16. */
enum {
    AARCH64_MODE_FZ = 1,
    AARCH64_MODE_DN = 2,
    AARCH64_MODE_AHP = 4,
    AARCH64_MODE_FZ16 = 8,
    AARCH64_MODE_COUNT = 16
};

/* Bits of the PSTATE slot. */
#define AARCH64_PSTATE_SSBS (1u << 12)
#define AARCH64_PSTATE_DIT (1u << 24)

/* Immediates of HLT that trap as TRAP_HYPERCALL; the argument counts from the first. */
enum { AARCH64_HYPERCALL = 0x4b00, AARCH64_HYPERCALL_COUNT = 16 };

#endif
