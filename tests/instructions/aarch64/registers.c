/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "case_format.h"

#define X(n)                                                                                                           \
    {                                                                                                                  \
        .name = "X" #n, .bytes = 8                                                                                     \
    }
#define V(n)                                                                                                           \
    {                                                                                                                  \
        .name = "V" #n, .bytes = 16                                                                                    \
    }

/* NZCV is a number of four bits here. The stack pointer is in the middle of the data. */
const struct case_register case_registers[] = {
    X(0),
    X(1),
    X(2),
    X(3),
    X(4),
    X(5),
    X(6),
    X(7),
    X(8),
    X(9),
    X(10),
    X(11),
    X(12),
    X(13),
    X(14),
    X(15),
    X(16),
    X(17),
    X(18),
    X(19),
    X(20),
    X(21),
    X(22),
    X(23),
    X(24),
    X(25),
    X(26),
    X(27),
    X(28),
    X(29),
    X(30),
    {.name = "SP", .bytes = 8, .is_fixed = true, .background = CASE_DATA + CASE_DATA_SIZE / 2},
    {.name = "NZCV", .bytes = 4, .is_fixed = true},
    {.name = "FPCR", .bytes = 4, .is_fixed = true},
    {.name = "FPSR", .bytes = 4, .is_fixed = true},
    V(0),
    V(1),
    V(2),
    V(3),
    V(4),
    V(5),
    V(6),
    V(7),
    V(8),
    V(9),
    V(10),
    V(11),
    V(12),
    V(13),
    V(14),
    V(15),
    V(16),
    V(17),
    V(18),
    V(19),
    V(20),
    V(21),
    V(22),
    V(23),
    V(24),
    V(25),
    V(26),
    V(27),
    V(28),
    V(29),
    V(30),
    V(31),
};
const unsigned case_register_count = sizeof case_registers / sizeof *case_registers;

/* BRK, each with another immediate, so that a load from here shows where it read. */
uint32_t case_filler(uint64_t address)
{
    return 0xd4200000u | (uint32_t)(address >> 2 & 0xffff) << 5;
}
