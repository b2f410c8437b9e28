/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One call: find its row, marshal, run the handler, convert the result. */
#include "handler.h"

#include "log.h"

#include <stdarg.h>
#include <string.h>

/* Room for two paths and their translations without asking the allocator. */
#define SCRATCH_SIZE 9216

/* Set once at start, before the first call. */
static struct syscall_options options;

void syscalls_configure(const struct syscall_options *wanted)
{
    options = *wanted;
}

const struct syscall_options *syscall_options_get(void)
{
    return &options;
}

const struct syscall_abi *syscall_abi_find(const char *name)
{
    for (unsigned i = 0; i < ABI_COUNT; i++) {
        if (strcmp(syscall_abis[i].name, name) == 0) {
            return &syscall_abis[i];
        }
    }
    return NULL;
}

static const struct syscall_row *find_row(const struct syscall_abi *abi, uint64_t number)
{
    unsigned index = number < abi->number_count ? abi->calls[number] : CALL_none;
    return index == CALL_none ? NULL : &syscall_rows[index];
}

const char *syscall_name(const struct syscall_abi *abi, uint64_t number)
{
    const struct syscall_row *row = find_row(abi, number);
    return row ? row->name : NULL;
}

int errno_to_guest(const struct syscall_abi *abi, int host_errno)
{
    return (int)constant_to_guest(abi->constants, &constants_errno, (uint64_t)host_errno);
}

void syscall_note(struct syscall_context *context, const char *format, ...)
{
    if (!log_is_on(LOG_SYSCALLS)) {
        return;
    }
    char text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    log_text("%s: %s\n", context->row ? context->row->name : "?", text);
}

static bool result_is_error(int64_t result)
{
    return result < 0 && result >= -4095;
}

static int64_t run_row(struct syscall_context *context)
{
    const struct syscall_row *row = context->row;
    uint8_t memory[SCRATCH_SIZE] __attribute__((aligned(16)));
    struct syscall_scratch scratch = {memory, memory + sizeof memory, NULL};
    struct marshalled marshalled;
    memset(marshalled.write_back, 0, sizeof marshalled.write_back);
    memset(marshalled.values, 0, sizeof marshalled.values);
    context->scratch = &scratch;

    int64_t result = marshal_arguments(context, &marshalled);
    if (options.trace) {
        trace_enter(context, &marshalled);
    }
    if (result == 0 && row->handler == NULL) {
        syscall_note(context, "%s", row->reason);
        result = -row->missing_errno;
    } else if (result == 0) {
        result = row->handler(context, marshalled.values);
        int error = result_is_error(result) ? 0 : marshal_results(context, &marshalled);
        result = error ? error : result;
    }
    if (options.trace && !context->no_result) {
        trace_leave(context, &marshalled, result);
    }
    scratch_free(&scratch);
    return result;
}

static enum syscall_disposition disposition_of(const struct syscall_context *context, int64_t result)
{
    if (context->no_result) {
        return SYSCALL_NO_RESULT;
    }
    if (result == -EINTR && context->interruption == INTERRUPTED_RESTARTS) {
        return SYSCALL_RESTART;
    }
    if (result == -EINTR && context->interruption == INTERRUPTED_WITHOUT_HANDLER) {
        return SYSCALL_RESTART_WITHOUT_HANDLER;
    }
    return SYSCALL_DONE;
}

enum syscall_disposition syscalls_run(const struct syscall_abi *abi, const struct host_services *host, void *thread,
                                      uint64_t number, const uint64_t arguments[6], int64_t *result)
{
    struct syscall_context context = {
        .abi = abi, .host = host, .thread = thread, .row = find_row(abi, number), .number = number};
    memcpy(context.arguments, arguments, sizeof context.arguments);
    if (context.row == NULL) {
        syscall_note(&context, "no call has number %llu", (unsigned long long)number);
        if (options.trace) {
            trace_unknown(&context);
        }
        *result = -errno_to_guest(abi, ENOSYS);
        return SYSCALL_DONE;
    }
    int64_t native = run_row(&context);
    *result = result_is_error(native) ? -errno_to_guest(abi, (int)-native) : native;
    return disposition_of(&context, native);
}

static const char *status_text(enum syscall_status status)
{
    static const char *const texts[] = {"full", "partial", "missing"};
    return texts[status];
}

void syscalls_print_support(FILE *file)
{
    for (unsigned i = CALL_none + 1; i < CALL_COUNT; i++) {
        const struct syscall_row *row = &syscall_rows[i];
        fprintf(file, "%-28s %-8s%s%s\n", row->name, status_text(row->status), row->reason ? " " : "",
                row->reason ? row->reason : "");
    }
}
