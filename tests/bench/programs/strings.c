// SPDX-License-Identifier: GPL-2.0-or-later
// class: strings
// Isolates: libc's strlen, strchr, strcmp, memchr on short and middling strings, mostly vector code.
#include <stdio.h>
#include <string.h>

int main(void)
{
    static char text[64][512];
    unsigned long sum = 0;
    for (int i = 0; i < 64; i++) {
        memset(text[i], 'a' + i % 26, (size_t)(i * 7 + 5));
        text[i][i * 7 + 4] = '!';
    }
    for (int round = 0; round < 4000000; round++) {
        char *s = text[round & 63], *t = text[(round * 7 + 3) & 63];
        __asm__ volatile("" : "+r"(s), "+r"(t));
        sum += strlen(s) + (size_t)(strchr(s, '!') - s) + (size_t)(strcmp(s, t) > 0);
        sum += (size_t)((char *)memchr(t, '!', 512) - t) + (size_t)(memcmp(s, t, 30) > 0) + strspn(s, "abcdefg") % 3;
    }
    printf("%lu\n", sum);
    return 0;
}
