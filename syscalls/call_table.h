/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of calls as C sees it: rows of calls.def, kinds of argument_kinds.def. */
#ifndef SYSCALLS_CALL_TABLE_H
#define SYSCALLS_CALL_TABLE_H

#include "syscalls.h"

enum argument_class {
    ARGUMENT_SIGNED,
    ARGUMENT_UNSIGNED,
    ARGUMENT_SIGNED_WORD,
    ARGUMENT_WORD,
    ARGUMENT_WIDE, /* 64 bits: two registers of a 32-bit guest */
    ARGUMENT_SIGNAL,
    ARGUMENT_DESCRIPTOR,
    ARGUMENT_FLAGS,
    ARGUMENT_LONG_FLAGS,
    ARGUMENT_ENUMERATOR,
    ARGUMENT_POINTER,
    ARGUMENT_STRING,
    ARGUMENT_PATH,
    ARGUMENT_LINK_PATH,
    ARGUMENT_PATH_AT,
    ARGUMENT_PATH_LINK,
    ARGUMENT_STRUCT_IN,
    ARGUMENT_PAIR_IN,
    ARGUMENT_STRUCT_OUT,
    ARGUMENT_STRUCT_INOUT,
};

enum argument_print {
    PRINT_DECIMAL,
    PRINT_NATURAL,
    PRINT_HEXADECIMAL,
    PRINT_OCTAL,
    PRINT_OPEN_MODE, /* shown if the open flags that it belongs to create a file */
    PRINT_IDENTITY,
    PRINT_FILE_MODE,
    PRINT_SIGNAL,
    PRINT_SOCKET_TYPE,
    PRINT_SOCKET_OPTION,
    PRINT_DIRECTORY,
    PRINT_FLAGS,
    PRINT_ENUMERATOR,
    PRINT_ADDRESS,
    PRINT_IN_BYTES,
    PRINT_OUT_BYTES,
    PRINT_SOCKET_ADDRESS,
    PRINT_STRING,
    PRINT_STRING_ARRAY,
    PRINT_STRUCT_IN,
    PRINT_PAIR_IN,
    PRINT_STRUCT_OUT,
};

enum syscall_return {
    RETURN_int,
    RETURN_uint,
    RETURN_long,
    RETURN_fd,
    RETURN_pid,
    RETURN_uid,
    RETURN_mode,
    RETURN_signal,
    RETURN_address,
    RETURN_never,
    RETURN_replaced, /* execve: no return if it succeeds */
};

enum syscall_status { SYSCALL_STATUS_FULL, SYSCALL_STATUS_PARTIAL, SYSCALL_STATUS_MISSING };

union syscall_value {
    int64_t number;
    uint64_t bits;
    void *pointer;
    const char *string;
};

typedef int64_t syscall_handler(struct syscall_context *context, const union syscall_value *args);

struct syscall_argument {
    uint8_t kind; /* index into argument_kinds */
    bool optional;
    uint8_t reference; /* the argument that an INDEX parameter names */
    const void *table; /* struct constant_set or struct layout */
};

struct syscall_row {
    const char *name;
    syscall_handler *handler; /* NULL: missing */
    int16_t host_number;      /* of the host's call that pass_through makes, -1 = the host has none */
    uint8_t argument_count;
    enum syscall_return returns;
    enum syscall_status status;
    int missing_errno;
    bool passes_through; /* structs that look as the host's are handed to the kernel where they are */
    const char *reason;  /* of PARTIAL and MISSING */
    struct syscall_argument arguments[6];
};

struct argument_kind {
    const char *name;
    enum argument_class class;
    enum argument_print print;
};

extern const struct argument_kind argument_kinds[];

#include "calls_generated.h"

#endif
