// SPDX-License-Identifier: GPL-2.0-or-later
// class: system
// Isolates: fork, exit and wait.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int sum = 0;
    for (int i = 0; i < 2400; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(i & 63);
        waitpid(child, &status, 0);
        sum += WEXITSTATUS(status);
    }
    printf("%d\n", sum);
    return 0;
}
