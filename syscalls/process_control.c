/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prctl: a row per option. What is not listed is the guest's architecture's, or gets EINVAL, as from a kernel that
 * lacks it: the host's own would act on its CPU, and some (PR_SET_MDWE, PR_SET_SYSCALL_USER_DISPATCH) on kage itself.
 */
#include "handler.h"

#include <linux/prctl.h>

enum control_form {
    CONTROL_UNKNOWN,
    CONTROL_NUMBERS,     /* nothing but numbers, or addresses that are only compared */
    CONTROL_POINTER,     /* the second argument points to bytes */
    CONTROL_SIGNAL,      /* the second argument is a signal */
    CONTROL_GET_SIGNAL,  /* the second argument points to an int, which gets a signal */
    CONTROL_GET_INT,     /* the second argument points to an int */
    CONTROL_GET_WORD_AT, /* the fifth argument points to an unsigned long */
    CONTROL_GET_SECCOMP, /* the program around the calls knows */
    CONTROL_SET_SECCOMP,
    CONTROL_REFUSED, /* known, not offered: noted in the log */
};

static const struct {
    int option;
    enum control_form form;
} options[] = {
    {PR_SET_PDEATHSIG, CONTROL_SIGNAL},
    {PR_GET_PDEATHSIG, CONTROL_GET_SIGNAL},
    {PR_GET_DUMPABLE, CONTROL_NUMBERS},
    {PR_SET_DUMPABLE, CONTROL_NUMBERS},
    {PR_GET_KEEPCAPS, CONTROL_NUMBERS},
    {PR_SET_KEEPCAPS, CONTROL_NUMBERS},
    {PR_GET_TIMING, CONTROL_NUMBERS},
    {PR_SET_TIMING, CONTROL_NUMBERS},
    {PR_SET_NAME, CONTROL_POINTER},
    {PR_GET_NAME, CONTROL_POINTER},
    {PR_GET_SECCOMP, CONTROL_GET_SECCOMP},
    {PR_SET_SECCOMP, CONTROL_SET_SECCOMP},
    {PR_CAPBSET_READ, CONTROL_NUMBERS},
    {PR_CAPBSET_DROP, CONTROL_NUMBERS},
    {PR_GET_SECUREBITS, CONTROL_NUMBERS},
    {PR_SET_SECUREBITS, CONTROL_NUMBERS},
    {PR_SET_TIMERSLACK, CONTROL_NUMBERS},
    {PR_GET_TIMERSLACK, CONTROL_NUMBERS},
    {PR_TASK_PERF_EVENTS_DISABLE, CONTROL_NUMBERS},
    {PR_TASK_PERF_EVENTS_ENABLE, CONTROL_NUMBERS},
    {PR_MCE_KILL, CONTROL_NUMBERS},
    {PR_MCE_KILL_GET, CONTROL_NUMBERS},
    {PR_SET_MM, CONTROL_REFUSED},
    {PR_SET_PTRACER, CONTROL_NUMBERS},
    {PR_SET_CHILD_SUBREAPER, CONTROL_NUMBERS},
    {PR_GET_CHILD_SUBREAPER, CONTROL_GET_INT},
    {PR_SET_NO_NEW_PRIVS, CONTROL_NUMBERS},
    {PR_GET_NO_NEW_PRIVS, CONTROL_NUMBERS},
    {PR_GET_TID_ADDRESS, CONTROL_REFUSED},
    {PR_SET_THP_DISABLE, CONTROL_NUMBERS},
    {PR_GET_THP_DISABLE, CONTROL_NUMBERS},
    {PR_CAP_AMBIENT, CONTROL_NUMBERS},
    {PR_SET_IO_FLUSHER, CONTROL_NUMBERS},
    {PR_GET_IO_FLUSHER, CONTROL_NUMBERS},
    {PR_SET_SYSCALL_USER_DISPATCH, CONTROL_REFUSED},
    {PR_SCHED_CORE, CONTROL_GET_WORD_AT},
    {PR_SET_VMA, CONTROL_GET_WORD_AT},
    {67 /* PR_SET_MEMORY_MERGE */, CONTROL_NUMBERS},
    {68 /* PR_GET_MEMORY_MERGE */, CONTROL_NUMBERS},
};

static enum control_form form_of(int option)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].option == option) {
            return options[i].form;
        }
    }
    return CONTROL_UNKNOWN;
}

static int64_t control_get_int(struct syscall_context *context, const union syscall_value *args, bool is_signal)
{
    int value = 0;
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)&value, args[2].bits, args[3].bits, args[4].bits};
    int64_t result = host_call(HOST_CALL_prctl, arguments);
    if (result < 0) {
        return result;
    }
    uint32_t shown = is_signal ? (uint32_t)constant_out(context, &constants_signal, (uint64_t)value) : (uint32_t)value;
    return guest_write_u32(context, args[1].bits, shown);
}

static int64_t control_architecture(struct syscall_context *context, const union syscall_value *args)
{
    const uint64_t arguments[4] = {args[1].bits, args[2].bits, args[3].bits, args[4].bits};
    int64_t result = context->host->control(context->thread, (int)args[0].number, arguments);
    if (result == -ENOSYS) {
        syscall_note(context, "option %d is not there", (int)args[0].number);
        return -EINVAL;
    }
    return result;
}

int64_t handle_process_prctl(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t arguments[6] = {args[0].bits, args[1].bits, args[2].bits, args[3].bits, args[4].bits};
    switch (form_of((int)args[0].number)) {
    case CONTROL_NUMBERS:
        break;
    case CONTROL_POINTER:
        arguments[1] = (uintptr_t)guest_pointer(context, args[1].bits, 16);
        break;
    case CONTROL_SIGNAL:
        arguments[1] = constant_in(context, &constants_signal, args[1].bits);
        break;
    case CONTROL_GET_SIGNAL:
        return control_get_int(context, args, true);
    case CONTROL_GET_INT:
        return control_get_int(context, args, false);
    case CONTROL_GET_WORD_AT:
        arguments[4] = (uintptr_t)guest_pointer(context, args[4].bits, 8);
        break;
    case CONTROL_GET_SECCOMP:
        return context->host->seccomp_mode(context->thread);
    case CONTROL_SET_SECCOMP: /* the modes 1 and 2 are the operations 0 and 1 */
        return args[1].bits - 1 > 1 ? -EINVAL
                                    : context->host->seccomp(context->thread, (unsigned)args[1].bits - 1, 0,
                                                             args[1].bits == 2 ? args[2].bits : 0);
    default:
        return control_architecture(context, args);
    }
    return host_call(HOST_CALL_prctl, arguments);
}

int64_t handle_process_seccomp(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->seccomp(context->thread, (unsigned)args[0].bits, (unsigned)args[1].bits, args[2].bits);
}
