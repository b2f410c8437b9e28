/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sendmsg, recvmsg and their many-message forms. Guests that are laid out as the host hand their headers to the kernel;
 * for others header, vector and control data are converted. */
#include "handler.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A layout that is the host's own has no converters. */
static void convert_to_host(const struct layout_of_abi *form, void *host, const uint8_t *guest)
{
    if (form->same) {
        memcpy(host, guest, form->size);
    } else {
        form->to_host(host, guest);
    }
}

static void convert_to_guest(const struct layout_of_abi *form, uint8_t *guest, const void *host)
{
    if (form->same) {
        memcpy(guest, host, form->size);
    } else {
        form->to_guest(guest, host);
    }
}

#define CONTROL_LIMIT 65536

/* What a message was made of on the host's side. */
struct message {
    struct host_msghdr host, guest; /* guest: as read, pointers still the guest's */
};

static size_t control_align(const struct syscall_context *context, size_t length)
{
    size_t word = context->abi->word_bits / 8;
    return (length + word - 1) & ~(word - 1);
}

static bool data_is_int_array(int level, int type)
{
    return level == SOL_SOCKET && (type == SCM_RIGHTS || type == SCM_CREDENTIALS);
}

/* Payloads are arrays of ints or bytes that are alike, but timestamps, which are pairs of words. */
static const struct layout *data_layout(int level, int type)
{
    if (level != SOL_SOCKET) {
        return NULL;
    }
    switch (type) {
    case SO_TIMESTAMP:
        return &layout_timeval;
    case SO_TIMESTAMPNS:
        return &layout_timespec;
    default:
        return NULL;
    }
}

static void turn_ints(const struct syscall_context *context, uint8_t *data, size_t length)
{
    for (size_t at = 0; context->abi->big_endian && at + 4 <= length; at += 4) {
        uint32_t value;
        memcpy(&value, data + at, 4);
        value = __builtin_bswap32(value);
        memcpy(data + at, &value, 4);
    }
}

static int control_from_guest(struct syscall_context *context, struct message *message)
{
    size_t header = struct_guest_size(context, &layout_cmsghdr), length = message->guest.controllen;
    if (length > CONTROL_LIMIT) {
        return -ENOBUFS;
    }
    uint8_t *from = scratch_alloc(context, length + 16), *to = scratch_alloc(context, length * 2 + 64);
    if (from == NULL || to == NULL) {
        return -ENOMEM;
    }
    if (guest_read(context, from, message->guest.control, length)) {
        return -EFAULT;
    }
    size_t at = 0, written = 0;
    while (at + header <= length) {
        struct host_cmsghdr host;
        convert_to_host(&context->abi->layouts[LAYOUT_cmsghdr], &host, from + at);
        if (host.len < header || host.len > length - at) {
            return -EINVAL;
        }
        size_t data = host.len - control_align(context, header), advance = control_align(context, host.len);
        memcpy(to + written + sizeof host, from + at + control_align(context, header), data);
        if (data_is_int_array(host.level, host.type)) {
            turn_ints(context, to + written + sizeof host, data);
        }
        host.len = CMSG_LEN(data);
        memcpy(to + written, &host, sizeof host);
        written += CMSG_SPACE(data);
        at += advance;
    }
    message->host.control = (uintptr_t)to;
    message->host.controllen = written;
    return 0;
}

/* Returns the length in the guest's form; sets MSG_CTRUNC if not all of it has room. */
static int control_to_guest(struct syscall_context *context, struct message *message, uint64_t *length)
{
    const uint8_t *from = (const uint8_t *)(uintptr_t)message->host.control;
    size_t header = control_align(context, struct_guest_size(context, &layout_cmsghdr)), written = 0, at = 0;
    size_t room = message->guest.controllen;
    while (at + sizeof(struct host_cmsghdr) <= message->host.controllen) {
        struct host_cmsghdr host;
        memcpy(&host, from + at, sizeof host);
        if (host.len < sizeof host || host.len > message->host.controllen - at) {
            break;
        }
        size_t data = host.len - sizeof host;
        const struct layout *layout = data_layout(host.level, host.type);
        uint8_t *guest = scratch_alloc(context, header + data + 16);
        if (guest == NULL) {
            return -ENOMEM;
        }
        memcpy(guest + header, from + at + sizeof host, data);
        if (layout && data == layout->host_size) {
            convert_to_guest(&context->abi->layouts[layout->id], guest + header, from + at + sizeof host);
            data = struct_guest_size(context, layout);
        } else if (data_is_int_array(host.level, host.type)) {
            turn_ints(context, guest + header, data);
        }
        if (written + header + data > room) {
            message->host.flags |= MSG_CTRUNC;
            break;
        }
        at += CMSG_ALIGN(host.len);
        host.len = header + data;
        convert_to_guest(&context->abi->layouts[LAYOUT_cmsghdr], guest, &host);
        if (guest_write(context, message->guest.control + written, guest, header + data)) {
            return -EFAULT;
        }
        written += control_align(context, header + data);
    }
    *length = written < room ? written : room;
    return 0;
}

static int message_from_guest(struct syscall_context *context, struct message *message, uint64_t address, bool sends)
{
    int error = struct_read(context, &layout_msghdr, &message->guest, address);
    if (error) {
        return error;
    }
    message->host = message->guest;
    message->host.name = (uintptr_t)guest_pointer(context, message->guest.name, 1);
    const struct iovec *vector;
    error = guest_iovec(context, message->guest.iov, message->guest.iovlen, &vector);
    if (error) {
        return error == -EINVAL ? -EMSGSIZE : error;
    }
    message->host.iov = (uintptr_t)vector;
    if (message->guest.control == 0 || message->guest.controllen == 0) {
        message->host.control = message->host.controllen = 0;
        return 0;
    }
    if (sends) {
        return control_from_guest(context, message);
    }
    size_t room = message->guest.controllen < CONTROL_LIMIT ? message->guest.controllen * 2 : CONTROL_LIMIT;
    message->host.control = (uintptr_t)scratch_alloc(context, room);
    message->host.controllen = room;
    return message->host.control ? 0 : -ENOMEM;
}

/* After receiving: lengths and flags, and the control data. */
static int message_to_guest(struct syscall_context *context, struct message *message, uint64_t address)
{
    struct host_msghdr shown = message->guest;
    uint64_t control = 0;
    if (message->host.control) {
        int error = control_to_guest(context, message, &control);
        if (error) {
            return error;
        }
    }
    shown.namelen = message->host.namelen;
    shown.controllen = control;
    shown.flags = message->host.flags;
    return struct_write(context, &layout_msghdr, address, &shown);
}

static int64_t run_message(struct syscall_context *context, const union syscall_value *args, uint64_t address,
                           bool sends)
{
    long number = sends ? HOST_CALL_sendmsg : HOST_CALL_recvmsg;
    uint64_t arguments[6] = {args[0].bits, 0,
                             context->row == &syscall_rows[CALL_sendmsg] || context->row == &syscall_rows[CALL_recvmsg]
                                 ? args[2].bits
                                 : args[3].bits};
    struct message message;
    int error = message_from_guest(context, &message, address, sends);
    if (error) {
        return error;
    }
    arguments[1] = (uintptr_t)&message.host;
    int64_t result = host_call_blocking(context, number, arguments, INTERRUPTED_RESTARTS);
    if (result < 0 || sends) {
        return result;
    }
    error = message_to_guest(context, &message, address);
    return error ? error : result;
}

static int64_t run_native(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)guest_pointer(context, args[1].bits, 1), args[2].bits,
                             args[3].bits, args[4].bits};
    return host_call_blocking(context, context->row->host_number, arguments, INTERRUPTED_RESTARTS);
}

int64_t handle_socket_sendmsg(struct syscall_context *context, const union syscall_value *args)
{
    return guest_pointers_are_native(context) ? run_native(context, args)
                                              : run_message(context, args, args[1].bits, true);
}

int64_t handle_socket_recvmsg(struct syscall_context *context, const union syscall_value *args)
{
    return guest_pointers_are_native(context) ? run_native(context, args)
                                              : run_message(context, args, args[1].bits, false);
}

/* One after the other; what was done before an error counts. */
static int64_t run_many(struct syscall_context *context, const union syscall_value *args, bool sends)
{
    size_t size = struct_guest_size(context, &layout_mmsghdr), header = struct_guest_size(context, &layout_msghdr);
    uint64_t count = args[2].bits < 1024 ? args[2].bits : 1024, done;
    int64_t result = 0;
    union syscall_value step[6];
    memcpy(step, args, sizeof step);
    for (done = 0; done < count; done++) {
        uint64_t address = args[1].bits + done * size;
        result = run_message(context, step, address, sends);
        if (result < 0) {
            break;
        }
        if (guest_write_u32(context, address + header, (uint32_t)result)) {
            return -EFAULT;
        }
        if (!sends && (args[3].bits & MSG_WAITFORONE)) {
            step[3].bits |= MSG_DONTWAIT;
        }
    }
    return done ? (int64_t)done : result;
}

int64_t handle_socket_sendmmsg(struct syscall_context *context, const union syscall_value *args)
{
    return guest_pointers_are_native(context) ? run_native(context, args) : run_many(context, args, true);
}

/* The timeout only bounds when the next message is begun; converted guests wait without it. */
int64_t handle_socket_recvmmsg(struct syscall_context *context, const union syscall_value *args)
{
    return guest_pointers_are_native(context) ? run_native(context, args) : run_many(context, args, false);
}
