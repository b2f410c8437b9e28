// SPDX-License-Identifier: GPL-2.0-or-later
// abort with a handler that returns still ends the process by SIGABRT.
#include "print.h"
#include <signal.h>
#include <sys/resource.h>

static void handle(int number)
{
    printf("handled %d\n", number);
    fflush(stdout);
}

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, handle);
    abort();
}
