/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ioctl. Requests, and the structs that they point to, are the generic ones on the host: a guest of the host's word
 * size and byte order talks to the driver directly. For others each request needs its struct's layout. */
#include "handler.h"

#include <linux/kvm.h>
#include <sys/ioctl.h>

enum request_form {
    REQUEST_UNKNOWN,
    REQUEST_NUMBER,  /* the argument is a number or not looked at */
    REQUEST_GET_INT, /* points to an int */
    REQUEST_SET_INT,
    REQUEST_BYTES, /* points to bytes or to 16-bit numbers that are alike in every little-endian guest */
};

/* For guests whose layouts differ; the numbers of these do not. */
static const struct {
    uint32_t request;
    enum request_form form;
} requests[] = {
    {TCGETS, REQUEST_BYTES},       {TCSETS, REQUEST_BYTES},     {TCSETSW, REQUEST_BYTES},
    {TCSETSF, REQUEST_BYTES},      {TCSBRK, REQUEST_NUMBER},    {TCSBRKP, REQUEST_NUMBER},
    {TCXONC, REQUEST_NUMBER},      {TCFLSH, REQUEST_NUMBER},    {TIOCEXCL, REQUEST_NUMBER},
    {TIOCNXCL, REQUEST_NUMBER},    {TIOCSCTTY, REQUEST_NUMBER}, {TIOCGPGRP, REQUEST_GET_INT},
    {TIOCSPGRP, REQUEST_SET_INT},  {TIOCOUTQ, REQUEST_GET_INT}, {TIOCGWINSZ, REQUEST_BYTES},
    {TIOCSWINSZ, REQUEST_BYTES},   {TIOCMGET, REQUEST_GET_INT}, {TIOCMSET, REQUEST_SET_INT},
    {TIOCMBIS, REQUEST_SET_INT},   {TIOCMBIC, REQUEST_SET_INT}, {FIONREAD, REQUEST_GET_INT},
    {TIOCNOTTY, REQUEST_NUMBER},   {TIOCSETD, REQUEST_SET_INT}, {TIOCGETD, REQUEST_GET_INT},
    {TIOCGSID, REQUEST_GET_INT},   {TIOCGPTN, REQUEST_GET_INT}, {TIOCSPTLCK, REQUEST_SET_INT},
    {TIOCGPTPEER, REQUEST_NUMBER}, {FIONCLEX, REQUEST_NUMBER},  {FIOCLEX, REQUEST_NUMBER},
    {FIOASYNC, REQUEST_SET_INT},   {FIONBIO, REQUEST_SET_INT},
};

static enum request_form form_of(uint32_t request)
{
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (requests[i].request == request) {
            return requests[i].form;
        }
    }
    return REQUEST_UNKNOWN;
}

static int64_t request_blocking(struct syscall_context *context, const union syscall_value *args, uint64_t argument)
{
    uint64_t arguments[6] = {args[0].bits, (uint32_t)args[1].bits, argument};
    return host_call_blocking(context, HOST_CALL_ioctl, arguments, INTERRUPTED_RESTARTS);
}

static int64_t request_converted(struct syscall_context *context, const union syscall_value *args)
{
    uint32_t request = (uint32_t)args[1].bits, value = 0;
    uint64_t address = args[2].bits;
    int64_t result;
    switch (form_of(request)) {
    case REQUEST_NUMBER:
        return request_blocking(context, args, address);
    case REQUEST_GET_INT:
        result = request_blocking(context, args, (uintptr_t)&value);
        return result < 0 ? result : guest_write_u32(context, address, value) ? -EFAULT : result;
    case REQUEST_SET_INT:
        if (guest_read_u32(context, address, &value)) {
            return -EFAULT;
        }
        return request_blocking(context, args, (uintptr_t)&value);
    case REQUEST_BYTES:
        if (!context->abi->big_endian) {
            return request_blocking(context, args, (uintptr_t)guest_pointer(context, address, 1));
        }
        break;
    default:
        break;
    }
    syscall_note(context, "request 0x%x has no layout for %s", request, context->abi->name);
    return -ENOTTY;
}

int64_t handle_ioctl_run(struct syscall_context *context, const union syscall_value *args)
{
    if (_IOC_TYPE((uint32_t)args[1].bits) == KVMIO && _IOC_DIR((uint32_t)args[1].bits) == _IOC_NONE &&
        _IOC_NR((uint32_t)args[1].bits) < 4) {
        syscall_note(context, "virtual machines would be the host's, not the guest's");
        return -ENOTTY;
    }
    return guest_is_native(context) ? request_blocking(context, args, args[2].bits) : request_converted(context, args);
}
