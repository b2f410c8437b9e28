/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sweep.h"

#include <string.h>

/* x0 table, x1 results, x2 count, x3 status, x4 control; only registers that a call may change. */
static const uint32_t head[] = {
    0xaa0003ea, /* mov  x10, x0 */
    0xaa0103eb, /* mov  x11, x1 */
    0xaa0203ec, /* mov  x12, x2 */
    0xaa0303e5, /* mov  x5, x3 */
    0xd51b4404, /* msr  fpcr, x4 */
    0xd51b4425, /* loop: msr fpsr, x5 */
    0xad400941, /* ldp  q1, q2, [x10] */
    0xad410143, /* ldp  q3, q0, [x10, #32] */
    0xa9440941, /* ldp  x1, x2, [x10, #64] */
    0xaa0c03e0, /* mov  x0, x12 */
    0xd51b4202, /* msr  nzcv, x2 */
};
static const uint32_t tail[] = {
    0x3d800160, /* str  q0, [x11] */
    0xd53b4423, /* mrs  x3, fpsr */
    0xd53b4204, /* mrs  x4, nzcv */
    0xaa040063, /* orr  x3, x3, x4 */
    0xa9010d60, /* stp  x0, x3, [x11, #16] */
    0x9101414a, /* add  x10, x10, #80 */
    0x9100816b, /* add  x11, x11, #32 */
    0xf100058c, /* subs x12, x12, #1 */
    0x54fffe21, /* b.ne loop */
    0xd51b441f, /* msr  fpcr, xzr */
    0xd65f03c0, /* ret */
};

const unsigned sweep_argument_registers[SWEEP_ARGUMENTS + 1] = {0, 1, 2, 3, 4, 30};

unsigned sweep_make_code(uint32_t code[SWEEP_CODE_WORDS], uint32_t word)
{
    enum { HEAD = sizeof head / sizeof *head, TAIL = sizeof tail / sizeof *tail };
    memcpy(code, head, sizeof head);
    code[HEAD] = word;
    memcpy(code + HEAD + 1, tail, sizeof tail);
    return HEAD + 1 + TAIL;
}

unsigned sweep_modes(struct sweep_mode *modes, bool half)
{
    enum { RMODE = 22, FZ = 1 << 24, DN = 1 << 25, AHP = 1 << 26, FZ16 = 1 << 19, INEXACT = 1 << 4 };
    static const uint32_t settings[] = {0, FZ, DN, FZ | DN};
    static const uint32_t half_settings[] = {FZ16, AHP, FZ16 | AHP | FZ | DN};
    unsigned count = 0;
    for (uint32_t rounding = 0; rounding < 4; rounding++) {
        for (unsigned i = 0; i < 4; i++) {
            modes[count++] = (struct sweep_mode){settings[i] | rounding << RMODE, 0};
            if (settings[i] & FZ) { /* what has been raised before may decide how results are computed */
                modes[count++] = (struct sweep_mode){settings[i] | rounding << RMODE, INEXACT};
            }
        }
        for (unsigned i = 0; half && i < 3; i++) {
            modes[count++] = (struct sweep_mode){half_settings[i] | rounding << RMODE, 0};
        }
    }
    return count;
}
