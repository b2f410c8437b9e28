/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Futexes: the kernel compares guest memory itself, so words stay where they are. */
#include "handler.h"

#include <byteswap.h>
#include <linux/futex.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

enum futex_form {
    FUTEX_FORM_WAKE,    /* never blocks */
    FUTEX_FORM_REQUEUE, /* the fourth argument is a number */
    FUTEX_FORM_WAIT,    /* the fourth argument is a timeout */
    FUTEX_FORM_LOCK,
};

static enum futex_form form_of(int operation)
{
    switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
        return FUTEX_FORM_WAIT;
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return FUTEX_FORM_LOCK;
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
    case FUTEX_WAKE_OP:
        return FUTEX_FORM_REQUEUE;
    default:
        return FUTEX_FORM_WAKE;
    }
}

/* Values that the kernel compares with the guest's word must lie as the word does. */
static uint64_t as_word(const struct syscall_context *context, uint64_t value)
{
    return context->abi->big_endian ? bswap_32((uint32_t)value) : value;
}

int64_t handle_futex_run(struct syscall_context *context, const union syscall_value *args)
{
    int operation = (int)args[1].bits;
    enum futex_form form = form_of(operation);
    uint64_t arguments[6] = {(uintptr_t)guest_pointer(context, args[0].bits, 4), args[1].bits, args[2].bits, 0,
                             (uintptr_t)guest_pointer(context, args[4].bits, 4), args[5].bits};
    if (form == FUTEX_FORM_WAKE || form == FUTEX_FORM_REQUEUE) {
        if ((operation & FUTEX_CMD_MASK) == FUTEX_WAKE_OP && context->abi->big_endian) {
            syscall_note(context, "FUTEX_WAKE_OP of big-endian guests");
            return -ENOSYS;
        }
        bool compares = (operation & FUTEX_CMD_MASK) == FUTEX_CMP_REQUEUE;
        arguments[3] = (uint32_t)args[3].bits;
        arguments[5] = compares ? as_word(context, args[5].bits) : args[5].bits;
        return host_call(HOST_CALL_futex, arguments);
    }
    struct host_timespec64 timeout;
    if (args[3].bits) {
        bool wide = context->row == &syscall_rows[CALL_futex_time64];
        if (struct_read(context, wide ? &layout_timespec64 : &layout_timespec, &timeout, args[3].bits)) {
            return -EFAULT;
        }
        arguments[3] = (uintptr_t)&timeout;
    }
    if (form == FUTEX_FORM_WAIT) {
        arguments[2] = as_word(context, args[2].bits);
    } else if (context->abi->big_endian) {
        syscall_note(context, "priority inheritance of big-endian guests");
        return -ENOSYS;
    }
    bool timed = form == FUTEX_FORM_WAIT && args[3].bits;
    return host_call_blocking(context, HOST_CALL_futex, arguments,
                              timed ? INTERRUPTED_WITHOUT_HANDLER : INTERRUPTED_RESTARTS);
}

int64_t handle_futex_waitv(struct syscall_context *context, const union syscall_value *args)
{
    struct host_futex_waitv *waiters;
    if (args[1].bits == 0 || args[1].bits > 128) {
        return -EINVAL;
    }
    int error = struct_array_read(context, &layout_futex_waitv, args[0].bits, args[1].bits, (void **)&waiters);
    if (error) {
        return error;
    }
    for (size_t i = 0; i < args[1].bits; i++) {
        waiters[i].uaddr = (uintptr_t)guest_pointer(context, waiters[i].uaddr, 4);
        waiters[i].val = as_word(context, waiters[i].val);
    }
    uint64_t arguments[6] = {(uintptr_t)waiters, args[1].bits, args[2].bits, args[3].bits, args[4].bits};
    return host_call_blocking(context, HOST_CALL_futex_waitv, arguments, INTERRUPTED_RESTARTS);
}
