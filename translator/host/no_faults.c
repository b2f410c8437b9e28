/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a host that nobody has written a folder for: the address in siginfo is all that is known. */
#include "host.h"

bool host_fault_is_write(const void *ucontext)
{
    return false;
}

bool host_fault_is_bad_address(const void *ucontext, uint64_t *address)
{
    return false;
}
