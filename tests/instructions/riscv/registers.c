/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "case_format.h"

#define X(n) {.name = "x" #n, .bytes = 8}
#define F(n) {.name = "f" #n, .bytes = 8}

/* The stack pointer is in the middle of the data. */
const struct case_register case_registers[] = {
    X(1), {.name = "x2", .bytes = 8, .is_fixed = true, .background = CASE_DATA + CASE_DATA_SIZE / 2},
    X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12), X(13), X(14), X(15), X(16), X(17), X(18), X(19),
    X(20), X(21), X(22), X(23), X(24), X(25), X(26), X(27), X(28), X(29), X(30), X(31),
    {.name = "fcsr", .bytes = 4, .is_fixed = true},
    F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15),
    F(16), F(17), F(18), F(19), F(20), F(21), F(22), F(23), F(24), F(25), F(26), F(27), F(28), F(29), F(30), F(31),
};
const unsigned case_register_count = sizeof case_registers / sizeof *case_registers;

/* C.EBREAK twice: a breakpoint at every even address. */
uint32_t case_filler(uint64_t address)
{
    return 0x90029002u;
}
