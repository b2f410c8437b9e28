/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system says about itself. */
#include "handler.h"

#include <string.h>
#include <sys/utsname.h>

int64_t handle_system_uname(struct syscall_context *context, const union syscall_value *args)
{
    struct utsname names;
    int64_t result = host_call(HOST_CALL_uname, (uint64_t[6]){(uintptr_t)&names});
    if (result < 0) {
        return result;
    }
    memset(names.machine, 0, sizeof names.machine);
    strncpy(names.machine, context->abi->machine, sizeof names.machine - 1);
    const char *release = syscall_options_get()->release;
    if (release) {
        memset(names.release, 0, sizeof names.release);
        strncpy(names.release, release, sizeof names.release - 1);
    }
    return guest_write(context, args[0].bits, &names, sizeof names);
}
