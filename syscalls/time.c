/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sleeping and timers. */
#include "handler.h"

#include <signal.h>
#include <time.h>

/* A time that cannot be read is left to the kernel, which judges the clock first. What is left goes to the guest
 * whenever a signal ended the sleep. Both layouts have the same form on the host. */
static int64_t sleep_on(struct syscall_context *context, uint64_t clock, uint64_t flags, uint64_t address,
                        uint64_t left_address)
{
    bool is_wide = context->row == &syscall_rows[CALL_clock_nanosleep_time64];
    const struct layout *layout = is_wide ? &layout_timespec64 : &layout_timespec;
    struct host_timespec wait, left = {0};
    bool readable = struct_read(context, layout, &wait, address) == 0;
    uint64_t pointer = (uintptr_t)(readable ? &wait : guest_pointer(context, address, 1));
    uint64_t arguments[6] = {clock, flags, pointer, (uintptr_t)&left};
    int64_t result = host_call_blocking(context, HOST_CALL_clock_nanosleep, arguments, INTERRUPTED_WITHOUT_HANDLER);
    if (result == -EINTR && left_address && !(flags & TIMER_ABSTIME) &&
        struct_write(context, layout, left_address, &left)) {
        return -EFAULT;
    }
    return result;
}

int64_t handle_time_nanosleep(struct syscall_context *context, const union syscall_value *args)
{
    return sleep_on(context, CLOCK_MONOTONIC, 0, args[0].bits, args[1].bits);
}

int64_t handle_time_clock_nanosleep(struct syscall_context *context, const union syscall_value *args)
{
    return sleep_on(context, args[0].bits, args[1].bits, args[2].bits, args[3].bits);
}

int64_t handle_time_timer_create(struct syscall_context *context, const union syscall_value *args)
{
    struct host_sigevent event;
    int32_t identity;
    uint64_t pointer = 0;
    if (args[1].bits) {
        if (struct_read(context, &layout_sigevent, &event, args[1].bits)) {
            return -EFAULT;
        }
        event.signo = (int32_t)constant_in(context, &constants_signal, (uint32_t)event.signo);
        pointer = (uintptr_t)&event;
    }
    int64_t result = host_call(HOST_CALL_timer_create, (uint64_t[6]){args[0].bits, pointer, (uintptr_t)&identity});
    if (result < 0) {
        return result;
    }
    if (guest_write_u32(context, args[2].bits, (uint32_t)identity)) {
        host_call(HOST_CALL_timer_delete, (uint64_t[6]){(uint64_t)identity});
        return -EFAULT;
    }
    return 0;
}
