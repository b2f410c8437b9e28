// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: a system call with a buffer: reads of a few bytes.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char buffer[64];
    long sum = 0;
    int file = open("/dev/zero", O_RDONLY);
    for (int i = 0; i < 1200000; i++) {
        buffer[i & 31] = 1;
        sum += read(file, buffer, (size_t)(i & 31) + 1) + buffer[i & 31];
    }
    printf("%ld\n", sum);
    return 0;
}
