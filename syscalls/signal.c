/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals: actions, masks, waiting. The queue and delivery are the host's services. */
#include "handler.h"

#include <signal.h>
#include <string.h>

#define SIGNAL_SET_SIZE 8

/* A set is an array of words, least significant first; each in the guest's byte order. */
static int read_set(struct syscall_context *context, uint64_t address, uint64_t *set)
{
    if (context->abi->word_bits == 64) {
        return guest_read_u64(context, address, set);
    }
    uint32_t low = 0, high = 0;
    int error = guest_read_u32(context, address, &low);
    error = error ? error : guest_read_u32(context, address + 4, &high);
    *set = (uint64_t)high << 32 | low;
    return error;
}

static int write_set(struct syscall_context *context, uint64_t address, uint64_t set)
{
    if (context->abi->word_bits == 64) {
        return guest_write_u64(context, address, set);
    }
    int error = guest_write_u32(context, address, (uint32_t)set);
    return error ? error : guest_write_u32(context, address + 4, (uint32_t)(set >> 32));
}

/* The same inside struct sigaction, which holds it as two halves so that it is aligned as the guest's words are. */
static uint64_t join_set(const struct syscall_context *context, const uint32_t halves[2])
{
    bool high_first = context->abi->big_endian && context->abi->word_bits == 64;
    return high_first ? (uint64_t)halves[0] << 32 | halves[1] : (uint64_t)halves[1] << 32 | halves[0];
}

static void split_set(const struct syscall_context *context, uint64_t set, uint32_t halves[2])
{
    bool high_first = context->abi->big_endian && context->abi->word_bits == 64;
    halves[high_first] = (uint32_t)set;
    halves[!high_first] = (uint32_t)(set >> 32);
}

int signal_use_temporary_mask(struct syscall_context *context, uint64_t address, uint64_t size)
{
    uint64_t mask;
    if (address == 0) {
        return 0;
    }
    if (size != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (read_set(context, address, &mask)) {
        return -EFAULT;
    }
    return (int)context->host->signal_set_temporary_mask(context->thread, mask);
}

int64_t handle_signal_action(struct syscall_context *context, const union syscall_value *args)
{
    struct host_sigaction native;
    struct guest_signal_action wanted, old;
    if (args[3].bits != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (args[1].bits) {
        if (struct_read(context, &layout_sigaction, &native, args[1].bits)) {
            return -EFAULT;
        }
        wanted =
            (struct guest_signal_action){native.handler, native.flags, native.restorer, join_set(context, native.mask)};
        wanted.flags = constant_in(context, &constants_signal_action, wanted.flags);
    }
    int64_t result = context->host->signal_action(context->thread, (int)args[0].number, args[1].bits ? &wanted : NULL,
                                                  args[2].bits ? &old : NULL);
    if (result < 0 || args[2].bits == 0) {
        return result;
    }
    native = (struct host_sigaction){
        .handler = old.handler,
        .flags = constant_out(context, &constants_signal_action, old.flags),
        .restorer = old.restorer,
    };
    split_set(context, old.mask, native.mask);
    return struct_write(context, &layout_sigaction, args[2].bits, &native);
}

int64_t handle_signal_procmask(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t set, old;
    if (args[3].bits != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (args[1].bits && read_set(context, args[1].bits, &set)) {
        return -EFAULT;
    }
    int64_t result = context->host->signal_mask(context->thread, (int)args[0].number, args[1].bits ? &set : NULL, &old);
    if (result < 0 || args[2].bits == 0) {
        return result;
    }
    return write_set(context, args[2].bits, old);
}

int64_t handle_signal_pending(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t set;
    if (args[1].bits > SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    int64_t result = context->host->signal_pending(context->thread, &set);
    if (result < 0) {
        return result;
    }
    if (args[1].bits == SIGNAL_SET_SIZE) {
        return write_set(context, args[0].bits, set);
    }
    return guest_write(context, args[0].bits, &set, args[1].bits);
}

int64_t handle_signal_suspend(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t mask;
    if (args[1].bits != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (read_set(context, args[0].bits, &mask)) {
        return -EFAULT;
    }
    context->interruption = INTERRUPTED_WITHOUT_HANDLER;
    return context->host->signal_suspend(context->thread, mask);
}

int64_t handle_signal_pause(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t mask;
    int64_t result = context->host->signal_mask(context->thread, SIG_BLOCK, NULL, &mask);
    context->interruption = INTERRUPTED_WITHOUT_HANDLER;
    return result < 0 ? result : context->host->signal_suspend(context->thread, mask);
}

int64_t handle_signal_stack(struct syscall_context *context, const union syscall_value *args)
{
    struct host_sigaltstack native;
    struct guest_signal_stack wanted, old;
    if (args[0].bits) {
        if (struct_read(context, &layout_sigaltstack, &native, args[0].bits)) {
            return -EFAULT;
        }
        wanted = (struct guest_signal_stack){native.sp, native.size, native.flags};
    }
    int64_t result = context->host->signal_alternate_stack(context->thread, args[0].bits ? &wanted : NULL,
                                                           args[1].bits ? &old : NULL);
    if (result < 0 || args[1].bits == 0) {
        return result;
    }
    memset(&native, 0, sizeof native);
    native.sp = old.start;
    native.flags = old.flags;
    native.size = old.size;
    return struct_write(context, &layout_sigaltstack, args[1].bits, &native);
}

int64_t handle_signal_return(struct syscall_context *context, const union syscall_value *args)
{
    context->no_result = true;
    return context->host->signal_return(context->thread);
}

int64_t handle_signal_timedwait(struct syscall_context *context, const union syscall_value *args)
{
    const struct host_timespec *wait = args[2].pointer;
    struct timespec timeout = {0};
    siginfo_t information;
    uint64_t set;
    if (args[3].bits != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (read_set(context, args[0].bits, &set)) {
        return -EFAULT;
    }
    if (wait) {
        timeout = (struct timespec){wait->sec, wait->nsec};
        if (timeout.tv_sec < 0 || timeout.tv_nsec < 0 || timeout.tv_nsec >= 1000000000) {
            return -EINVAL;
        }
    }
    memset(&information, 0, sizeof information);
    int64_t result = context->host->signal_wait(context->thread, set, &information, wait ? &timeout : NULL);
    if (result < 0) {
        return result;
    }
    if (args[1].bits) {
        uint8_t guest[128];
        siginfo_to_guest(context->abi, guest, &information);
        if (guest_write(context, args[1].bits, guest, sizeof guest)) {
            return -EFAULT;
        }
    }
    return (int64_t)constant_out(context, &constants_signal, (uint64_t)result);
}

int64_t handle_signal_signalfd(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t set;
    if (args[2].bits != SIGNAL_SET_SIZE) {
        return -EINVAL;
    }
    if (read_set(context, args[1].bits, &set)) {
        return -EFAULT;
    }
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)&set, SIGNAL_SET_SIZE, args[3].bits};
    return host_call(HOST_CALL_signalfd4, arguments);
}

/* A siginfo that the guest made up: user space may only send the shape of sigqueue. */
static int read_information(struct syscall_context *context, uint64_t address, siginfo_t *information)
{
    memset(information, 0, sizeof *information);
    if (guest_is_native(context)) {
        return guest_read(context, information, address, sizeof *information);
    }
    return struct_read(context, &layout_siginfo_queue, information, address);
}

int64_t handle_signal_queue(struct syscall_context *context, const union syscall_value *args)
{
    siginfo_t information;
    int error = read_information(context, args[2].bits, &information);
    uint64_t arguments[6] = {args[0].bits, args[1].bits, (uintptr_t)&information};
    return error ? error : host_call(HOST_CALL_rt_sigqueueinfo, arguments);
}

int64_t handle_signal_thread_queue(struct syscall_context *context, const union syscall_value *args)
{
    siginfo_t information;
    int error = read_information(context, args[3].bits, &information);
    uint64_t arguments[6] = {args[0].bits, args[1].bits, args[2].bits, (uintptr_t)&information};
    return error ? error : host_call(HOST_CALL_rt_tgsigqueueinfo, arguments);
}

int64_t handle_signal_pidfd_send(struct syscall_context *context, const union syscall_value *args)
{
    siginfo_t information;
    uint64_t pointer = 0;
    if (args[2].bits) {
        bool readable = read_information(context, args[2].bits, &information) == 0;
        pointer = (uintptr_t)(readable ? &information : guest_pointer(context, args[2].bits, 1));
    }
    return host_call(HOST_CALL_pidfd_send_signal, (uint64_t[6]){args[0].bits, args[1].bits, pointer, args[3].bits});
}
