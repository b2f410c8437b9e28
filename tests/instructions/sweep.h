/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sweeps: one floating-point instruction on every combination of special operands in every mode, one digest of all
 * results. Compiled for the host (sweep_runner) and for the guest (sweep_recorder); README.md describes the text. */
#ifndef INSTRUCTIONS_SWEEP_H
#define INSTRUCTIONS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SWEEP_OPERANDS = 4, SWEEP_CHUNK = 256, SWEEP_CODE_WORDS = 48 };

enum sweep_shape {
    SWEEP_SCALAR, /* one combination, signaling NaNs in the other lanes */
    SWEEP_SAME,   /* one combination in all lanes */
    SWEEP_LANES,  /* a combination in each lane, signaling NaNs in the lanes above */
    SWEEP_PAIRS,  /* n in even lanes, m in odd ones, of both vectors */
};

struct sweep {
    uint32_t word;
    char kinds[SWEEP_OPERANDS]; /* of n, m, a, d; 0: not there */
    enum sweep_shape shape;
    unsigned lanes; /* of SWEEP_LANES */
    uint64_t digest;
};

/* What the guest's loop reads and writes: operands n, m, a, d in vector registers 1, 2, 3, 0, n in a general register,
   flags; the result as vector and as general register, status and flags. */
struct sweep_input {
    uint64_t vectors[SWEEP_OPERANDS][2];
    uint64_t general, flags;
};
struct sweep_output {
    uint64_t vector[2], general, status;
};

struct sweep_mode {
    uint32_t control, status;
};

/* Runs the loop over count inputs: code was made by sweep_make_code. */
typedef void sweep_execute(void *engine, const uint32_t *code, const struct sweep_input *, struct sweep_output *,
                           unsigned count, struct sweep_mode);

/* ---- sweep.c ---- */
/* "WORD | n=KIND m=KIND a=KIND d=KIND SHAPE => DIGEST"; the digest may be missing. False if the line is none. */
bool sweep_parse(const char *line, struct sweep *);
/* The digest of all results; dump: prints every result, too. */
uint64_t sweep_run(const struct sweep *, sweep_execute *, void *engine, bool dump);

/* ---- the guest's folder ---- */
/* A function (table, results, count, status, control) around the instruction; returns its words. */
unsigned sweep_make_code(uint32_t code[SWEEP_CODE_WORDS], uint32_t word);
/* Its modes, as registers; half: those that concern f16 too. */
unsigned sweep_modes(struct sweep_mode *modes, bool half);
enum { SWEEP_MODES_MOST = 64, SWEEP_ARGUMENTS = 5 };
/* Indices in case_registers of the function's arguments and of the return address. */
extern const unsigned sweep_argument_registers[SWEEP_ARGUMENTS + 1];

#endif
