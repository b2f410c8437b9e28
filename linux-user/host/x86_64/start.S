/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's entry. kage is a fixed-address executable above 4 GiB: the tool chain's own start files cannot be linked there,
 * and a call to a function that the C library leaves undefined (weak) would have to reach address 0. Such functions are given
 * an empty body here; being absent and doing nothing are the same for all of them. */
        .text
        .globl _start
        .type _start, @function
_start:
        xor     %ebp, %ebp
        mov     %rdx, %r9
        pop     %rsi
        mov     %rsp, %rdx
        and     $-16, %rsp
        push    %rax
        push    %rsp
        xor     %r8d, %r8d
        xor     %ecx, %ecx
        lea     main(%rip), %rdi
        call    __libc_start_main
        hlt

#define FUNCTION @function
#include "../empty_functions.inc"
        ret

        .section .note.GNU-stack, "", @progbits
