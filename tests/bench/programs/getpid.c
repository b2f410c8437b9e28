// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: the way into a system call and back.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    long different = 0, first = syscall(SYS_getpid);
    for (int i = 0; i < 1500000; i++)
        different += syscall(SYS_getpid) != first;
    printf("%ld\n", different);
    return 0;
}
