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

        .macro nothing name
        .weak   \name
        .type   \name, @function
\name:
        .endm
        nothing _init
        nothing _fini
        nothing _dl_relocate_static_pie
        nothing __call_tls_dtors
        nothing __pthread_initialize_minimal
        nothing __glibc_tls_internal_free
        nothing __mq_notify_fork_subprocess
        nothing __timer_fork_subprocess
        nothing __nss_database_fork_prepare_parent
        nothing __nss_database_fork_subprocess
        ret

        .section .note.GNU-stack, "", @progbits
