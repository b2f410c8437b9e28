/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fcntl: a table of commands, because each gives its argument another meaning. */
#include "handler.h"

#include <fcntl.h>
#include <string.h>

enum control_form {
    CONTROL_NUMBER,
    CONTROL_GET_FLAGS,
    CONTROL_SET_FLAGS,
    CONTROL_SIGNAL,
    CONTROL_GET_SIGNAL,
    CONTROL_GET_LOCK,
    CONTROL_SET_LOCK,
    CONTROL_WAIT_LOCK,
    CONTROL_GET_OWNER,
    CONTROL_SET_OWNER,
    CONTROL_GET_WIDE, /* a u64 in memory */
    CONTROL_SET_WIDE,
    CONTROL_POINTER, /* numbers of 32 bits in memory, for the kernel alone */
};

static const struct {
    int command;
    enum control_form form;
} commands[] = {
    {F_GETFL, CONTROL_GET_FLAGS},
    {F_SETFL, CONTROL_SET_FLAGS},
    {F_SETSIG, CONTROL_SIGNAL},
    {F_GETSIG, CONTROL_GET_SIGNAL},
    {F_GETLK, CONTROL_GET_LOCK},
    {F_SETLK, CONTROL_SET_LOCK},
    {F_SETLKW, CONTROL_WAIT_LOCK},
    {F_OFD_GETLK, CONTROL_GET_LOCK},
    {F_OFD_SETLK, CONTROL_SET_LOCK},
    {F_OFD_SETLKW, CONTROL_WAIT_LOCK},
    {F_GETOWN_EX, CONTROL_GET_OWNER},
    {F_SETOWN_EX, CONTROL_SET_OWNER},
    {F_GET_RW_HINT, CONTROL_GET_WIDE},
    {F_GET_FILE_RW_HINT, CONTROL_GET_WIDE},
    {F_SET_RW_HINT, CONTROL_SET_WIDE},
    {F_SET_FILE_RW_HINT, CONTROL_SET_WIDE},
    {17 /* F_GETOWNER_UIDS */, CONTROL_POINTER},
};

static enum control_form form_of(int command)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].command == command) {
            return commands[i].form;
        }
    }
    return CONTROL_NUMBER;
}

static int64_t control(int fd, int command, uint64_t argument)
{
    return host_call(HOST_CALL_fcntl, (uint64_t[6]){(uint64_t)fd, (uint64_t)command, argument});
}

/* fcntl64 and open-file-description locks of 32-bit guests have 64-bit offsets. */
static const struct layout *lock_layout(const struct syscall_context *context, int command)
{
    bool wide = context->row == &syscall_rows[CALL_fcntl64] || command >= F_OFD_GETLK;
    return context->abi->word_bits == 32 && wide ? &layout_flock64 : &layout_flock;
}

static int64_t control_lock(struct syscall_context *context, int fd, int command, uint64_t address)
{
    const struct layout *layout = lock_layout(context, command);
    struct host_flock64 lock; /* of the same form as host_flock */
    int error = struct_read(context, layout, &lock, address);
    if (error) {
        return error;
    }
    uint64_t arguments[6] = {(uint64_t)fd, (uint64_t)command, (uintptr_t)&lock};
    if (form_of(command) == CONTROL_WAIT_LOCK) {
        return host_call_blocking(context, HOST_CALL_fcntl, arguments, INTERRUPTED_RESTARTS);
    }
    int64_t result = host_call(HOST_CALL_fcntl, arguments);
    if (result < 0 || form_of(command) == CONTROL_SET_LOCK) {
        return result;
    }
    return struct_write(context, layout, address, &lock);
}

static int64_t control_owner(struct syscall_context *context, int fd, int command, uint64_t address)
{
    struct host_f_owner_ex owner = {0};
    if (command == F_SETOWN_EX) {
        int error = struct_read(context, &layout_f_owner_ex, &owner, address);
        return error ? error : control(fd, command, (uintptr_t)&owner);
    }
    int64_t result = control(fd, command, (uintptr_t)&owner);
    return result < 0 ? result : struct_write(context, &layout_f_owner_ex, address, &owner);
}

static int64_t control_wide(struct syscall_context *context, int fd, int command, uint64_t address)
{
    uint64_t value = 0;
    if (form_of(command) == CONTROL_SET_WIDE) {
        int error = guest_read_u64(context, address, &value);
        return error ? error : control(fd, command, (uintptr_t)&value);
    }
    int64_t result = control(fd, command, (uintptr_t)&value);
    return result < 0 ? result : guest_write_u64(context, address, value);
}

int64_t handle_file_fcntl(struct syscall_context *context, const union syscall_value *args)
{
    int fd = (int)args[0].number, command = (int)args[1].number;
    uint64_t argument = args[2].bits;
    int64_t result;
    switch (form_of(command)) {
    case CONTROL_GET_FLAGS:
        result = control(fd, command, argument);
        return result < 0 ? result : (int64_t)constant_out(context, &constants_open, (uint64_t)result);
    case CONTROL_SET_FLAGS:
        return control(fd, command, constant_in(context, &constants_open, argument));
    case CONTROL_SIGNAL:
        return control(fd, command, constant_in(context, &constants_signal, argument));
    case CONTROL_GET_SIGNAL:
        result = control(fd, command, argument);
        return result < 0 ? result : (int64_t)constant_out(context, &constants_signal, (uint64_t)result);
    case CONTROL_GET_LOCK:
    case CONTROL_SET_LOCK:
    case CONTROL_WAIT_LOCK:
        return control_lock(context, fd, command, argument);
    case CONTROL_GET_OWNER:
    case CONTROL_SET_OWNER:
        return control_owner(context, fd, command, argument);
    case CONTROL_GET_WIDE:
    case CONTROL_SET_WIDE:
        return control_wide(context, fd, command, argument);
    case CONTROL_POINTER:
        return control(fd, command, (uintptr_t)guest_pointer(context, argument, 1));
    default:
        return control(fd, command, argument);
    }
}
