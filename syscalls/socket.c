/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets: options and messages. Addresses and option numbers are alike in every little-endian guest and go to the
 * kernel as they are. */
#include "handler.h"

#include <sys/socket.h>
#include <unistd.h>

int64_t handle_socket_socketpair(struct syscall_context *context, const union syscall_value *args)
{
    int fds[2];
    if (!context->abi->big_endian) {
        uint64_t pointer = (uintptr_t)guest_pointer(context, args[3].bits, sizeof fds);
        return host_call(HOST_CALL_socketpair, (uint64_t[6]){args[0].bits, args[1].bits, args[2].bits, pointer});
    }
    int64_t result =
        host_call(HOST_CALL_socketpair, (uint64_t[6]){args[0].bits, args[1].bits, args[2].bits, (uintptr_t)fds});
    if (result < 0) {
        return result;
    }
    if (guest_write_u32(context, args[3].bits, (uint32_t)fds[0]) ||
        guest_write_u32(context, args[3].bits + 4, (uint32_t)fds[1])) {
        close(fds[0]);
        close(fds[1]);
        return -EFAULT;
    }
    return 0;
}

/* ---- options: only structs with words in them differ from guest to guest ---- */

static const struct {
    int level, option;
    const struct layout *layout;
} option_layouts[] = {
    {SOL_SOCKET, 20 /* SO_RCVTIMEO_OLD */, &layout_timeval},
    {SOL_SOCKET, 21 /* SO_SNDTIMEO_OLD */, &layout_timeval},
    {SOL_SOCKET, SO_LINGER, &layout_linger},
    {SOL_SOCKET, SO_PEERCRED, &layout_ucred},
};

static const struct layout *option_layout(const struct syscall_context *context, int level, int option)
{
    for (size_t i = 0; i < sizeof option_layouts / sizeof option_layouts[0]; i++) {
        const struct layout *layout = option_layouts[i].layout;
        if (option_layouts[i].level == level && option_layouts[i].option == option &&
            !struct_is_native(context, layout)) {
            return layout;
        }
    }
    return NULL;
}

int64_t handle_socket_getsockopt(struct syscall_context *context, const union syscall_value *args)
{
    const struct layout *layout = option_layout(context, (int)args[1].number, (int)args[2].number);
    uint64_t arguments[6] = {args[0].bits, args[1].bits, args[2].bits,
                             (uintptr_t)guest_pointer(context, args[3].bits, 1),
                             (uintptr_t)guest_pointer(context, args[4].bits, 4)};
    uint64_t value[8] = {0};
    uint32_t guest_length, length = sizeof value;
    if (layout == NULL) {
        return host_call(HOST_CALL_getsockopt, arguments);
    }
    if (guest_read_u32(context, args[4].bits, &guest_length)) {
        return -EFAULT;
    }
    if (guest_length < struct_guest_size(context, layout)) {
        return -EINVAL;
    }
    arguments[3] = (uintptr_t)value;
    arguments[4] = (uintptr_t)&length;
    int64_t result = host_call(HOST_CALL_getsockopt, arguments);
    if (result < 0) {
        return result;
    }
    int error = struct_write(context, layout, args[3].bits, value);
    return error ? error : guest_write_u32(context, args[4].bits, (uint32_t)struct_guest_size(context, layout));
}

int64_t handle_socket_setsockopt(struct syscall_context *context, const union syscall_value *args)
{
    int level = (int)args[1].number, option = (int)args[2].number;
    const struct layout *layout = option_layout(context, level, option);
    uint64_t arguments[6] = {args[0].bits, args[1].bits, args[2].bits,
                             (uintptr_t)guest_pointer(context, args[3].bits, 1), args[4].bits};
    uint64_t value[8];
    struct host_sock_fprog program;
    if (layout) {
        if (args[4].bits < struct_guest_size(context, layout)) {
            return -EINVAL;
        }
        if (struct_read(context, layout, value, args[3].bits)) {
            return -EFAULT;
        }
        arguments[3] = (uintptr_t)value;
        arguments[4] = layout->host_size;
    } else if (level == SOL_SOCKET && (option == SO_ATTACH_FILTER || option == SO_ATTACH_REUSEPORT_CBPF) &&
               !guest_pointers_are_native(context)) {
        if (struct_read(context, &layout_sock_fprog, &program, args[3].bits)) {
            return -EFAULT;
        }
        program.filter = (uintptr_t)guest_pointer(context, program.filter, 1);
        arguments[3] = (uintptr_t)&program;
        arguments[4] = sizeof program;
    }
    return host_call(HOST_CALL_setsockopt, arguments);
}
