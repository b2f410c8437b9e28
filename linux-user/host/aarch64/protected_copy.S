/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See protected_copy.h. None of these functions has anything on the stack. */
        .text
        .globl protected_start, protected_end, protected_fault
        .globl protected_copy, protected_clear, protected_string_length
        .type protected_copy, %function
        .type protected_clear, %function
        .type protected_string_length, %function

protected_start:
protected_copy:
        cmp     x2, #16
        b.lo    2f
1:      ldp     x4, x5, [x1], #16
        stp     x4, x5, [x0], #16
        sub     x2, x2, #16
        cmp     x2, #16
        b.hs    1b
2:      cbz     x2, 4f
3:      ldrb    w4, [x1], #1
        strb    w4, [x0], #1
        subs    x2, x2, #1
        b.ne    3b
4:      mov     x0, #0
        ret

protected_clear:
        cmp     x1, #16
        b.lo    2f
1:      stp     xzr, xzr, [x0], #16
        sub     x1, x1, #16
        cmp     x1, #16
        b.hs    1b
2:      cbz     x1, 4f
3:      strb    wzr, [x0], #1
        subs    x1, x1, #1
        b.ne    3b
4:      mov     x0, #0
        ret

protected_string_length:
        mov     x2, x0
        mov     x0, #0
1:      cmp     x0, x1
        b.eq    2f
        ldrb    w3, [x2, x0]
        cbz     w3, 2f
        add     x0, x0, #1
        b       1b
2:      ret
protected_end:

protected_fault:
        mov     x0, #-1
        ret

/* A call that the kernel restarts has its pc at blocking_call_instruction again, and x0 as it was. */
        .globl blocking_call, blocking_call_start, blocking_call_instruction, blocking_call_interrupted
        .type blocking_call, %function
blocking_call:
        mov     x9, x0
        mov     x8, x1
        mov     x10, x2
        ldp     x0, x1, [x10]
        ldp     x2, x3, [x10, #16]
        ldp     x4, x5, [x10, #32]
blocking_call_start:
        ldr     w11, [x9]
        cbnz    w11, blocking_call_interrupted
blocking_call_instruction:
        svc     #0
        ret
blocking_call_interrupted:
        mov     x0, #-512
        ret

        .section .note.GNU-stack, "", %progbits
