/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -strace: one line per call, from the same row that runs it. */
#include "trace.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct constant_set *option_set(int level)
{
    switch (level) {
    case 0:
        return &constants_ip_option;
    case 1:
        return &constants_socket_option;
    case 6:
        return &constants_tcp_option;
    case 17:
        return &constants_udp_option;
    case 41:
        return &constants_ipv6_option;
    case 263:
        return &constants_packet_option;
    case 270:
        return &constants_netlink_option;
    default:
        return NULL;
    }
}

/* The value in the host's numbers, whether marshalling came that far or not. */
static uint64_t constant_value(struct syscall_context *context, const struct constant_set *set, uint64_t raw, bool wide)
{
    return constant_in(context, set, wide ? raw : set->is_flags ? (uint32_t)raw : (uint64_t)(int32_t)raw);
}

static int64_t signed_value(struct syscall_context *context, enum argument_class class, uint64_t raw)
{
    bool word = class == ARGUMENT_WIDE || (class == ARGUMENT_SIGNED_WORD && context->abi->word_bits == 64);
    return word ? (int64_t)raw : (int32_t)raw;
}

static uint64_t natural_value(enum argument_class class, uint64_t raw)
{
    return class == ARGUMENT_UNSIGNED ? (uint32_t)raw : raw;
}

static void print_file_mode(struct trace_text *text, uint32_t mode)
{
    const char *name = constant_name(&constants_file_type, mode & S_IFMT);
    trace_print(text, name ? "%s|%#o" : "%s%#o", name ? name : "", name ? mode & ~(uint32_t)S_IFMT : mode);
}

static void print_socket_type(struct trace_text *text, uint32_t type)
{
    trace_enumerator(text, &constants_socket_type, type & 0xf);
    if (type & ~0xfu) {
        trace_print(text, "|");
        trace_flags(text, &constants_socket_flags, type & ~0xfu);
    }
}

static void print_socket_option(struct trace_text *text, int level, int option)
{
    const struct constant_set *set = option_set(level);
    if (set) {
        trace_enumerator(text, set, option);
    } else {
        trace_print(text, "%d", option);
    }
}

/* What does not point to memory. */
static void print_number(struct trace_text *text, struct syscall_context *context, const struct marshalled *marshalled,
                         unsigned index)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    const struct argument_kind *kind = &argument_kinds[argument->kind];
    uint64_t raw = marshalled->raw[index];
    int64_t number = signed_value(context, kind->class, raw);
    switch (kind->print) {
    case PRINT_DECIMAL:
        trace_print(text, "%lld", (long long)number);
        break;
    case PRINT_NATURAL:
        trace_print(text, "%llu", (unsigned long long)natural_value(kind->class, raw));
        break;
    case PRINT_OPEN_MODE:
    case PRINT_OCTAL:
        trace_print(text, "%#o", (uint32_t)raw);
        break;
    case PRINT_IDENTITY:
        trace_print(text, (uint32_t)raw == UINT32_MAX ? "-1" : "%u", (uint32_t)raw);
        break;
    case PRINT_FILE_MODE:
        print_file_mode(text, (uint32_t)raw);
        break;
    case PRINT_SIGNAL:
        trace_signal(text, (int32_t)constant_in(context, &constants_signal, (uint32_t)raw));
        break;
    case PRINT_SOCKET_TYPE:
        print_socket_type(text, (uint32_t)raw);
        break;
    case PRINT_SOCKET_OPTION:
        print_socket_option(text, (int)marshalled->raw[argument->reference], (int)raw);
        break;
    case PRINT_DIRECTORY:
        trace_print(text, (int32_t)raw == AT_FDCWD ? "AT_FDCWD" : "%d", (int32_t)raw);
        break;
    case PRINT_FLAGS:
        trace_flags(text, argument->table,
                    constant_value(context, argument->table, raw, kind->class != ARGUMENT_FLAGS));
        break;
    case PRINT_ENUMERATOR:
        trace_enumerator(text, argument->table, (int64_t)constant_value(context, argument->table, raw, false));
        break;
    case PRINT_ADDRESS:
        trace_print(text, raw ? "0x%llx" : "NULL", (unsigned long long)raw);
        break;
    default:
        trace_print(text, raw ? "0x%llx" : "0", (unsigned long long)raw);
        break;
    }
}

/* failed: what the call should have written is not there, so addresses are shown. */
static void print_argument(struct trace_text *text, struct syscall_context *context,
                           const struct marshalled *marshalled, unsigned index, int64_t result)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    uint64_t address = marshalled->raw[index], length = marshalled->raw[argument->reference];
    bool failed = result < 0 && result >= -4095;
    switch (argument_kinds[argument->kind].print) {
    case PRINT_IN_BYTES:
        trace_bytes(text, context, address, length);
        break;
    case PRINT_OUT_BYTES:
        trace_bytes(text, context, failed ? 0 : address, (uint64_t)result < length ? (uint64_t)result : length);
        break;
    case PRINT_SOCKET_ADDRESS:
        trace_socket_address(text, context, address, (uint32_t)length);
        break;
    case PRINT_STRING:
        trace_string(text, context, address);
        break;
    case PRINT_STRING_ARRAY:
        trace_string_array(text, context, address);
        break;
    case PRINT_STRUCT_IN:
        trace_struct(text, context, argument->table, address);
        break;
    case PRINT_PAIR_IN:
        trace_print(text, address ? "[" : "");
        trace_struct(text, context, argument->table, address);
        if (address) {
            trace_print(text, ", ");
            trace_struct(text, context, argument->table, address + struct_guest_size(context, argument->table));
            trace_print(text, "]");
        }
        break;
    case PRINT_STRUCT_OUT:
        if (failed) {
            trace_print(text, address ? "0x%llx" : "NULL", (unsigned long long)address);
        } else {
            trace_struct(text, context, argument->table, address);
        }
        break;
    default:
        print_number(text, context, marshalled, index);
        break;
    }
}

static void begin_line(struct trace_text *text, const char *name)
{
    text->length = 0;
    trace_print(text, "%d %s(", (int)gettid(), name);
}

static void end_line(struct trace_text *text)
{
    log_text("%.*s\n", (int)text->length, text->bytes);
}

static bool is_shown(struct syscall_context *context, const struct marshalled *marshalled, unsigned index)
{
    const struct syscall_argument *argument = &context->row->arguments[index];
    if (argument_kinds[argument->kind].print != PRINT_OPEN_MODE) {
        return true;
    }
    uint64_t flags = constant_in(context, &constants_open, marshalled->raw[argument->reference]);
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

static void print_arguments(struct trace_text *text, struct syscall_context *context,
                            const struct marshalled *marshalled, int64_t result)
{
    for (unsigned i = 0; i < context->row->argument_count; i++) {
        if (is_shown(context, marshalled, i)) {
            trace_print(text, i ? ", " : "");
            print_argument(text, context, marshalled, i, result);
        }
    }
}

static void print_result(struct trace_text *text, struct syscall_context *context, int64_t result)
{
    if (result < 0 && result >= -4095) {
        const char *name = strerrorname_np((int)-result);
        if (result == -EINTR && context->interruption != INTERRUPTED_FAILS) {
            name = context->interruption == INTERRUPTED_RESTARTS ? "ERESTARTSYS" : "ERESTARTNOHAND";
            trace_print(text, ") = ? %s (To be restarted)", name);
            return;
        }
        trace_print(text, ") = -1 %s (%s)", name ? name : "E?", strerrordesc_np((int)-result));
        return;
    }
    switch (context->row->returns) {
    case RETURN_address:
        trace_print(text, ") = 0x%llx", (unsigned long long)result);
        break;
    case RETURN_mode:
        trace_print(text, ") = %#llo", (unsigned long long)result);
        break;
    case RETURN_uint:
        trace_print(text, result ? ") = 0x%llx" : ") = %llx", (unsigned long long)result);
        break;
    default:
        trace_print(text, ") = %lld", (long long)result);
        break;
    }
}

void trace_enter(struct syscall_context *context, const struct marshalled *marshalled)
{
    struct trace_text text;
    if (context->row->returns != RETURN_never && context->row->returns != RETURN_replaced) {
        return;
    }
    begin_line(&text, context->row->name);
    print_arguments(&text, context, marshalled, 0);
    trace_print(&text, ") = ?");
    end_line(&text);
}

void trace_leave(struct syscall_context *context, const struct marshalled *marshalled, int64_t result)
{
    struct trace_text text;
    begin_line(&text, context->row->name);
    print_arguments(&text, context, marshalled, result);
    print_result(&text, context, result);
    end_line(&text);
}

void trace_unknown(struct syscall_context *context)
{
    struct trace_text text;
    text.length = 0;
    trace_print(&text, "%d syscall_%llu(", (int)gettid(), (unsigned long long)context->number);
    for (unsigned i = 0; i < 6; i++) {
        trace_print(&text, i ? ", 0x%llx" : "0x%llx", (unsigned long long)context->arguments[i]);
    }
    trace_print(&text, ") = -1 ENOSYS (Function not implemented)");
    end_line(&text);
}
