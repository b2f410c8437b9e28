/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for many descriptors. Masks go through the host's service, which knows the guest's signals; the kernel is
 * never given one. */
#include "handler.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOLL_EVENTS_AT_ONCE (1 << 20)
#define DESCRIPTOR_SET_WORD 64

static bool has_wide_time(const struct syscall_context *context)
{
    return context->row == &syscall_rows[CALL_ppoll_time64] || context->row == &syscall_rows[CALL_pselect6_time64];
}

static int timeout_read(struct syscall_context *context, uint64_t address, struct host_timespec64 *timeout)
{
    return struct_read(context, has_wide_time(context) ? &layout_timespec64 : &layout_timespec, timeout, address);
}

/* The kernel tells what is left; a timeout in read-only memory is no error. */
static void timeout_write(struct syscall_context *context, uint64_t address, const struct host_timespec64 *timeout)
{
    struct_write(context, has_wide_time(context) ? &layout_timespec64 : &layout_timespec, address, timeout);
}

/* ---- poll ---- */

static int64_t poll_with(struct syscall_context *context, uint64_t address, uint64_t count,
                         struct host_timespec64 *timeout)
{
    uint64_t arguments[6] = {0, count, (uintptr_t)timeout};
    if (struct_is_native(context, &layout_pollfd)) {
        arguments[0] = (uintptr_t)guest_pointer(context, address, count * sizeof(struct host_pollfd));
        return host_call_blocking(context, HOST_CALL_ppoll, arguments, INTERRUPTED_WITHOUT_HANDLER);
    }
    void *items;
    int error = struct_array_read(context, &layout_pollfd, address, count, &items);
    if (error) {
        return error;
    }
    arguments[0] = (uintptr_t)items;
    int64_t result = host_call_blocking(context, HOST_CALL_ppoll, arguments, INTERRUPTED_WITHOUT_HANDLER);
    if (result >= 0) {
        error = struct_array_write(context, &layout_pollfd, address, count, items);
    }
    return error ? error : result;
}

int64_t handle_poll_poll(struct syscall_context *context, const union syscall_value *args)
{
    int milliseconds = (int)args[2].number;
    struct host_timespec64 timeout = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    return poll_with(context, args[0].bits, args[1].bits, milliseconds < 0 ? NULL : &timeout);
}

int64_t handle_poll_ppoll(struct syscall_context *context, const union syscall_value *args)
{
    struct host_timespec64 timeout;
    if (args[2].bits && timeout_read(context, args[2].bits, &timeout)) {
        return -EFAULT;
    }
    int error = signal_use_temporary_mask(context, args[3].bits, args[4].bits);
    if (error) {
        return error;
    }
    int64_t result = poll_with(context, args[0].bits, args[1].bits, args[2].bits ? &timeout : NULL);
    if (args[2].bits) {
        timeout_write(context, args[2].bits, &timeout);
    }
    return result;
}

/* ---- select ---- */

/* Sets are arrays of words; only big-endian 32-bit guests see them otherwise than the host does. */
static int64_t select_with(struct syscall_context *context, const union syscall_value *args,
                           struct host_timespec64 *timeout)
{
    if (context->abi->big_endian) {
        syscall_note(context, "sets of big-endian guests are not converted");
        return -ENOSYS;
    }
    uint64_t arguments[6] = {args[0].bits, 0, 0, 0, (uintptr_t)timeout, 0};
    size_t size = args[0].number > 0 ? ((size_t)args[0].number + DESCRIPTOR_SET_WORD - 1) / DESCRIPTOR_SET_WORD * 8 : 0;
    uint8_t *copies[3] = {NULL};
    /* the kernel reads and writes words of 64 bits, which would run over the end of a 32-bit guest's set */
    size_t guest_size = args[0].number > 0 ? ((size_t)args[0].number + context->abi->word_bits - 1) /
                                                 context->abi->word_bits * (context->abi->word_bits / 8)
                                           : 0;
    for (int i = 0; i < 3; i++) {
        if (args[1 + i].bits == 0 || guest_is_native(context)) {
            arguments[1 + i] = (uintptr_t)guest_pointer(context, args[1 + i].bits, 1);
            continue;
        }
        copies[i] = scratch_alloc(context, size);
        if (copies[i] == NULL) {
            return -ENOMEM;
        }
        memset(copies[i], 0, size);
        if (guest_read(context, copies[i], args[1 + i].bits, guest_size)) {
            return -EFAULT;
        }
        arguments[1 + i] = (uintptr_t)copies[i];
    }
    int64_t result = host_call_blocking(context, HOST_CALL_pselect6, arguments, INTERRUPTED_WITHOUT_HANDLER);
    for (int i = 0; i < 3 && result >= 0; i++) {
        if (copies[i] && guest_write(context, args[1 + i].bits, copies[i], guest_size)) {
            return -EFAULT;
        }
    }
    return result;
}

int64_t handle_poll_select(struct syscall_context *context, const union syscall_value *args)
{
    struct host_timeval given;
    struct host_timespec64 timeout;
    if (args[4].bits == 0) {
        return select_with(context, args, NULL);
    }
    if (struct_read(context, &layout_timeval, &given, args[4].bits)) {
        return -EFAULT;
    }
    if (given.sec < 0 || given.usec < 0) {
        return -EINVAL;
    }
    timeout.sec = given.sec + given.usec / 1000000;
    timeout.nsec = given.usec % 1000000 * 1000;
    int64_t result = select_with(context, args, &timeout);
    given = (struct host_timeval){timeout.sec, timeout.nsec / 1000};
    struct_write(context, &layout_timeval, args[4].bits, &given);
    return result;
}

int64_t handle_poll_pselect6(struct syscall_context *context, const union syscall_value *args)
{
    struct host_timespec64 timeout;
    uint64_t mask = 0, size = 0, word = context->abi->word_bits / 8;
    if (args[5].bits &&
        (guest_read_word(context, args[5].bits, &mask) || guest_read_word(context, args[5].bits + word, &size))) {
        return -EFAULT;
    }
    if (args[4].bits && timeout_read(context, args[4].bits, &timeout)) {
        return -EFAULT;
    }
    int error = signal_use_temporary_mask(context, mask, size);
    if (error) {
        return error;
    }
    int64_t result = select_with(context, args, args[4].bits ? &timeout : NULL);
    if (args[4].bits) {
        timeout_write(context, args[4].bits, &timeout);
    }
    return result;
}

/* ---- epoll ---- */

int64_t handle_poll_epoll_ctl(struct syscall_context *context, const union syscall_value *args)
{
    struct host_epoll_event event;
    uint64_t pointer = 0;
    if (args[3].bits && args[1].number != 2 /* EPOLL_CTL_DEL */) {
        if (struct_read(context, &layout_epoll_event, &event, args[3].bits)) {
            return -EFAULT;
        }
        pointer = (uintptr_t)&event;
    }
    return host_call(HOST_CALL_epoll_ctl, (uint64_t[6]){args[0].bits, args[1].bits, args[2].bits, pointer});
}

/* number is epoll_pwait (wait in milliseconds) or epoll_pwait2 (wait is a pointer to a timespec). Fewer events than the
   guest has room for may be reported: the rest come with the next call. */
static int64_t epoll_wait_with(struct syscall_context *context, long number, const union syscall_value *args,
                               uint64_t wait)
{
    uint64_t arguments[6] = {args[0].bits, 0, args[2].bits, wait};
    if (struct_is_native(context, &layout_epoll_event)) {
        arguments[1] = (uintptr_t)guest_pointer(context, args[1].bits, 1);
        return host_call_blocking(context, number, arguments, INTERRUPTED_FAILS);
    }
    int64_t room = args[2].number < EPOLL_EVENTS_AT_ONCE ? args[2].number : EPOLL_EVENTS_AT_ONCE;
    struct host_epoll_event *events = scratch_alloc(context, room > 0 ? (size_t)room * sizeof *events : 1);
    if (events == NULL) {
        return -ENOMEM;
    }
    arguments[1] = (uintptr_t)events;
    arguments[2] = (uint64_t)room;
    int64_t result = host_call_blocking(context, number, arguments, INTERRUPTED_FAILS);
    if (result > 0 && struct_array_write(context, &layout_epoll_event, args[1].bits, (size_t)result, events)) {
        return -EFAULT;
    }
    return result;
}

int64_t handle_poll_epoll_wait(struct syscall_context *context, const union syscall_value *args)
{
    return epoll_wait_with(context, HOST_CALL_epoll_pwait, args, args[3].bits);
}

int64_t handle_poll_epoll_pwait(struct syscall_context *context, const union syscall_value *args)
{
    int error = signal_use_temporary_mask(context, args[4].bits, args[5].bits);
    return error ? error : epoll_wait_with(context, HOST_CALL_epoll_pwait, args, args[3].bits);
}

int64_t handle_poll_epoll_pwait2(struct syscall_context *context, const union syscall_value *args)
{
    int error = signal_use_temporary_mask(context, args[4].bits, args[5].bits);
    return error ? error : epoll_wait_with(context, HOST_CALL_epoll_pwait2, args, args[3].bits);
}
