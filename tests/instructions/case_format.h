/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases of single instructions: their text, the machine they assume, the comparison. Compiled for the host (runner) and
 * for each guest (recorder); README.md describes the text. */
#ifndef INSTRUCTIONS_CASE_FORMAT_H
#define INSTRUCTIONS_CASE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The guest's memory: code in the middle of a region that is filled with breakpoints, and a window of data. */
#define CASE_CODE UINT64_C(0x10000000)
#define CASE_CODE_REACH 0x100000 /* bytes mapped before and behind CASE_CODE */
#define CASE_DATA UINT64_C(0x20000000)
#define CASE_DATA_SIZE 0x2000

#define CASE_CODE_FILLED 72 /* bytes at CASE_CODE that case_fill_code writes */

enum { CASE_REGISTERS_MOST = 128, CASE_VALUES_MOST = 24, CASE_RUNS_MOST = 16, CASE_RUN_BYTES = 80 };

struct case_register {
    const char *name;
    uint8_t bytes; /* 4, 8 or 16 */
    bool is_fixed; /* background is `background`; otherwise a number made from the name */
    uint64_t background;
};

/* One guest's registers (registers.c in its folder), and what fills its code region. */
extern const struct case_register case_registers[];
extern const unsigned case_register_count;
uint32_t case_filler(uint64_t address);

struct case_state {
    uint64_t registers[CASE_REGISTERS_MOST][2];
    uint64_t pc;
    uint8_t memory[CASE_DATA_SIZE];
    char end[8]; /* "" if it ran through, else ILL, SEGV, BUS, TRAP, FPE, SYSCALL */
};

struct case_value {
    unsigned index; /* in case_registers; CASE_REGISTERS_MOST is the pc */
    uint64_t value[2];
};

struct case_run { /* of bytes of data memory */
    uint32_t offset, length;
    uint8_t bytes[CASE_RUN_BYTES];
};

struct case_side {
    struct case_value values[CASE_VALUES_MOST];
    struct case_run runs[CASE_RUNS_MOST];
    unsigned value_count, run_count;
    char end[8];
};

struct instruction_case {
    uint8_t code[64];
    unsigned code_length;
    struct case_side inputs, outputs;
};

/* False and *error (static text) if the line is none. has_outputs: "=>" must follow. Lines that are empty or begin with
   '#' are the caller's. */
bool case_parse(const char *line, bool has_outputs, struct instruction_case *result, const char **error);

/* The state in which a case begins. */
void case_begin(const struct instruction_case *one, struct case_state *state);

/* What lies at CASE_CODE: the code and fillers behind it, CASE_CODE_FILLED bytes. */
void case_fill_code(const struct instruction_case *one, uint8_t *code);

/* The state in which it must end: `begin` with the outputs. */
void case_expect(const struct instruction_case *one, const struct case_state *begin, struct case_state *state);

/* "CODE | INPUTS", the code as words of so many bits. */
void case_print_inputs(char *text, size_t size, const struct instruction_case *one, unsigned width);

/* " => ..." : what differs between two states, as text. Returns false if it does not fit the format's limits. */
bool case_print_outputs(char *text, size_t size, const struct instruction_case *one, const struct case_state *begin,
                        const struct case_state *end);

/* True if equal; otherwise the first difference in text. */
bool case_compare(char *text, size_t size, const struct case_state *expected, const struct case_state *got);

/* A digest of what differs between two states, continued from another. */
uint64_t case_digest(uint64_t digest, const struct case_state *begin, const struct case_state *end);

#endif
