/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the guest's registers to what a handler gets, as the kinds in the call's row say, and back. */
#include "handler.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

const struct argument_kind argument_kinds[] = {
#define KIND(name, class_name, print_name, parameter) {#name, ARGUMENT_##class_name, PRINT_##print_name},
#include "argument_kinds.def"
#undef KIND
};

/* The guest's registers per argument: 64-bit numbers of 32-bit guests take two. */
static void join_registers(struct syscall_context *context, uint64_t raw[6])
{
    const struct syscall_row *row = context->row;
    unsigned next = 0;
    for (unsigned i = 0; i < row->argument_count; i++) {
        bool pair = context->abi->word_bits == 32 && argument_kinds[row->arguments[i].kind].class == ARGUMENT_WIDE;
        if (pair && context->abi->aligns_pairs) {
            next += next & 1;
        }
        uint64_t first = next < 6 ? context->arguments[next++] : 0;
        if (pair) {
            uint64_t second = next < 6 ? context->arguments[next++] : 0;
            first = context->abi->big_endian ? first << 32 | (uint32_t)second : second << 32 | (uint32_t)first;
        }
        raw[i] = first;
    }
}

static bool path_is_followed(enum argument_class class, uint64_t flags)
{
    switch (class) {
    case ARGUMENT_LINK_PATH:
        return false;
    case ARGUMENT_PATH_AT:
        return !(flags & AT_SYMLINK_NOFOLLOW);
    case ARGUMENT_PATH_LINK:
        return flags & AT_SYMLINK_FOLLOW;
    default:
        return true;
    }
}

static int marshal_path(struct syscall_context *context, struct marshalled *marshalled, unsigned index)
{
    const struct syscall_row *row = context->row;
    const struct syscall_argument *argument = &row->arguments[index];
    enum argument_class class = argument_kinds[argument->kind].class;
    int directory_fd = AT_FDCWD;
    if (index > 0 && argument_kinds[row->arguments[index - 1].kind].class == ARGUMENT_DESCRIPTOR) {
        directory_fd = (int)marshalled->raw[index - 1];
    }
    uint64_t flags = marshalled->raw[argument->reference];
    return guest_path(context, directory_fd, marshalled->raw[index], path_is_followed(class, flags),
                      &marshalled->values[index].string);
}

/* A struct of the host's form: the guest's own memory if it looks the same and only the kernel will look at it. */
static int marshal_struct(struct syscall_context *context, struct marshalled *marshalled, unsigned index)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    enum argument_class class = argument_kinds[argument->kind].class;
    const struct layout *layout = argument->table;
    uint64_t address = marshalled->raw[index];
    size_t count = class == ARGUMENT_PAIR_IN ? 2 : 1;
    if (context->row->passes_through && struct_is_native(context, layout)) {
        marshalled->values[index].pointer = guest_pointer(context, address, count * layout->host_size);
        return 0;
    }
    uint8_t *host = scratch_alloc(context, count * layout->host_size);
    if (host == NULL) {
        return -ENOMEM;
    }
    marshalled->values[index].pointer = host;
    marshalled->write_back[index] = class == ARGUMENT_STRUCT_OUT || class == ARGUMENT_STRUCT_INOUT;
    if (class == ARGUMENT_STRUCT_OUT) {
        memset(host, 0, layout->host_size);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        int error = struct_read(context, layout, host + i * layout->host_size,
                                address + i * struct_guest_size(context, layout));
        if (error) {
            return error;
        }
    }
    return 0;
}

static int marshal_reference(struct syscall_context *context, struct marshalled *marshalled, unsigned index)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    union syscall_value *value = &marshalled->values[index];
    uint64_t raw = marshalled->raw[index];
    if (raw == 0 && argument->optional) {
        value->pointer = NULL;
        return 0;
    }
    switch (argument_kinds[argument->kind].class) {
    case ARGUMENT_POINTER:
        value->pointer = guest_pointer(context, raw, 1);
        return 0;
    case ARGUMENT_STRING: {
        char *string;
        int error = guest_string(context, raw, PATH_MAX, &string);
        value->string = string;
        return error;
    }
    case ARGUMENT_STRUCT_IN:
    case ARGUMENT_PAIR_IN:
    case ARGUMENT_STRUCT_OUT:
    case ARGUMENT_STRUCT_INOUT:
        return marshal_struct(context, marshalled, index);
    default:
        return marshal_path(context, marshalled, index);
    }
}

/* What cannot be read goes to the kernel as it is, which will say so in its own order of checks. */
static int marshal_reference_or_leave(struct syscall_context *context, struct marshalled *marshalled, unsigned index)
{
    int error = marshal_reference(context, marshalled, index);
    if ((error == -EFAULT || error == -ENAMETOOLONG) && context->row->passes_through) {
        marshalled->values[index].pointer = guest_pointer(context, marshalled->raw[index], 1);
        marshalled->write_back[index] = false;
        return 0;
    }
    return error;
}

static int marshal_argument(struct syscall_context *context, struct marshalled *marshalled, unsigned index)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    union syscall_value *value = &marshalled->values[index];
    uint64_t raw = marshalled->raw[index];
    switch (argument_kinds[argument->kind].class) {
    case ARGUMENT_SIGNED:
        value->number = (int32_t)raw;
        return 0;
    case ARGUMENT_UNSIGNED:
        value->bits = (uint32_t)raw;
        return 0;
    case ARGUMENT_SIGNED_WORD:
        value->number = context->abi->word_bits == 32 ? (int32_t)raw : (int64_t)raw;
        return 0;
    case ARGUMENT_WORD:
    case ARGUMENT_WIDE:
        value->bits = raw;
        return 0;
    case ARGUMENT_SIGNAL:
        value->number = (int32_t)constant_in(context, &constants_signal, (uint32_t)raw);
        return 0;
    case ARGUMENT_DESCRIPTOR:
        value->number = (int32_t)raw;
        return descriptor_is_private(context, (int32_t)raw) ? -EBADF : 0;
    case ARGUMENT_FLAGS:
        value->number = (int32_t)constant_in(context, argument->table, (uint32_t)raw);
        return 0;
    case ARGUMENT_ENUMERATOR:
        value->number = (int32_t)constant_in(context, argument->table, (uint64_t)(int32_t)raw);
        return 0;
    case ARGUMENT_LONG_FLAGS:
        value->bits = constant_in(context, argument->table, raw);
        return 0;
    default:
        return marshal_reference_or_leave(context, marshalled, index);
    }
}

int marshal_arguments(struct syscall_context *context, struct marshalled *marshalled)
{
    join_registers(context, marshalled->raw);
    for (unsigned i = 0; i < context->row->argument_count; i++) {
        int error = marshal_argument(context, marshalled, i);
        if (error) {
            return error;
        }
    }
    return 0;
}

int marshal_results(struct syscall_context *context, const struct marshalled *marshalled)
{
    for (unsigned i = 0; i < context->row->argument_count; i++) {
        if (marshalled->write_back[i] && marshalled->values[i].pointer) {
            int error = struct_write(context, context->row->arguments[i].table, marshalled->raw[i],
                                     marshalled->values[i].pointer);
            if (error) {
                return error;
            }
        }
    }
    return 0;
}
