/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

extern const struct host host_x86_64;

const struct host *host_native(void)
{
    return &host_x86_64;
}
