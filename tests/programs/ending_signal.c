// SPDX-License-Identifier: GPL-2.0-or-later
// A signal sent to oneself with its default action ends the process with it; core is off so that none is left behind.
#include "print.h"
#include <signal.h>
#include <sys/resource.h>

int main(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    printf("before\n");
    fflush(stdout);
    raise(SIGFPE);
    return 0;
}
