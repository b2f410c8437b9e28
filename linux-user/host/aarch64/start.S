/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's entry, for the reasons told in ../x86_64/start.S. */
        .text
        .globl _start
        .type _start, %function
_start:
        mov     x29, #0
        mov     x30, #0
        mov     x5, x0
        ldr     x1, [sp]
        add     x2, sp, #8
        mov     x6, sp
        adrp    x0, main
        add     x0, x0, :lo12:main
        mov     x3, #0
        mov     x4, #0
        bl      __libc_start_main
        brk     #1

#define FUNCTION %function
#include "../empty_functions.inc"
        ret

        .section .note.GNU-stack, "", %progbits
