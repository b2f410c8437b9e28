/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See protected_copy.h. None of these functions has anything on the stack where it can be interrupted, but blocking_call, whose
   two saved registers blocking_call_interrupted takes down. */
        .text
        .globl protected_start, protected_end, protected_fault
        .globl protected_copy, protected_clear, protected_string_length
        .type protected_copy, @function
        .type protected_clear, @function
        .type protected_string_length, @function

protected_start:
protected_copy:
        mov     %rdx, %rcx
        rep movsb
        xor     %eax, %eax
        ret

protected_clear:
        mov     %rsi, %rcx
        xor     %eax, %eax
        rep stosb
        ret

protected_string_length:
        xor     %eax, %eax
1:      cmp     %rsi, %rax
        je      2f
        cmpb    $0, (%rdi,%rax)
        je      2f
        inc     %rax
        jmp     1b
2:      ret
protected_end:

protected_fault:
        mov     $-1, %rax
        ret

        .globl blocking_call, blocking_call_start, blocking_call_instruction, blocking_call_interrupted
        .type blocking_call, @function
blocking_call:
        push    %rbx
        push    %rbp
        mov     %rdi, %rbx
        mov     %rsi, %rax
        mov     %rdx, %rbp
        mov     0(%rbp), %rdi
        mov     8(%rbp), %rsi
        mov     16(%rbp), %rdx
        mov     24(%rbp), %r10
        mov     32(%rbp), %r8
        mov     40(%rbp), %r9
blocking_call_start:
        cmpl    $0, (%rbx)
        jne     blocking_call_interrupted
blocking_call_instruction:
        syscall
        pop     %rbp
        pop     %rbx
        ret
blocking_call_interrupted:
        mov     $-512, %rax
        pop     %rbp
        pop     %rbx
        ret

        .section .note.GNU-stack, "", @progbits
