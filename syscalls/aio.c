/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The old asynchronous input and output. The kernel maps its ring itself and the identity of a context is the ring's
 * address, which libraries read: that works where guest and host addresses are the same. */
#include "handler.h"

static bool is_possible(struct syscall_context *context)
{
    if (!guest_is_native(context)) {
        syscall_note(context, "control blocks are not converted");
        return false;
    }
    return true;
}

int64_t handle_aio_run(struct syscall_context *context, const union syscall_value *args)
{
    return is_possible(context) ? host_call(context->row->host_number, &args->bits) : -ENOSYS;
}

int64_t handle_aio_wait(struct syscall_context *context, const union syscall_value *args)
{
    if (!is_possible(context)) {
        return -ENOSYS;
    }
    return host_call_blocking(context, context->row->host_number, &args->bits, INTERRUPTED_FAILS);
}

/* The last argument points to a mask and its size, as pselect6's does. */
int64_t handle_aio_wait_masked(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t mask = 0, size = 0;
    if (!is_possible(context)) {
        return -ENOSYS;
    }
    if (args[5].bits &&
        (guest_read_word(context, args[5].bits, &mask) || guest_read_word(context, args[5].bits + 8, &size))) {
        return -EFAULT;
    }
    int error = signal_use_temporary_mask(context, mask, size);
    uint64_t arguments[6] = {args[0].bits, args[1].bits, args[2].bits, args[3].bits, args[4].bits, 0};
    return error ? error : host_call_blocking(context, HOST_CALL_io_pgetevents, arguments, INTERRUPTED_WITHOUT_HANDLER);
}
