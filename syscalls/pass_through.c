/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's call of the same name with the same arguments. */
#include "handler.h"

#include <unistd.h>

int64_t host_call(long number, const uint64_t arguments[6])
{
    if (number < 0) {
        return -ENOSYS;
    }
    long result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    return result == -1 ? -errno : result;
}

int64_t host_call_blocking(struct syscall_context *context, long number, const uint64_t arguments[6],
                           enum syscall_interruption interruption)
{
    if (number < 0) {
        return -ENOSYS;
    }
    context->interruption = interruption;
    return context->host->blocking_call(context->thread, number, arguments);
}

int64_t handle_pass_through(struct syscall_context *context, const union syscall_value *args)
{
    return host_call(context->row->host_number, &args->bits);
}

int64_t handle_pass_through_blocking(struct syscall_context *context, const union syscall_value *args)
{
    return host_call_blocking(context, context->row->host_number, &args->bits, INTERRUPTED_RESTARTS);
}
