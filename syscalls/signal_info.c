/* SPDX-License-Identifier: GPL-2.0-or-later */
/* siginfo_t: which of its shapes a signal has follows from number and code. */
#include "handler.h"

#include <signal.h>
#include <string.h>

static const struct layout *shape_of(const siginfo_t *information)
{
    switch (information->si_code) {
    case SI_USER:
    case SI_TKILL:
        return &layout_siginfo_kill;
    case SI_TIMER:
        return &layout_siginfo_timer;
    case SI_QUEUE:
    case SI_MESGQ:
    case SI_ASYNCIO:
        return &layout_siginfo_queue;
    case SI_SIGIO:
        return &layout_siginfo_poll;
    default:
        break;
    }
    if (information->si_code < 0) {
        return &layout_siginfo_queue;
    }
    switch (information->si_signo) {
    case SIGCHLD:
        return &layout_siginfo_child;
    case SIGILL:
    case SIGFPE:
    case SIGSEGV:
    case SIGBUS:
    case SIGTRAP:
        return &layout_siginfo_fault;
    case SIGIO:
        return &layout_siginfo_poll;
    case SIGSYS:
        return &layout_siginfo_system_call;
    default:
        return &layout_siginfo_queue;
    }
}

void siginfo_to_guest(const struct syscall_abi *abi, void *guest_siginfo, const siginfo_t *host)
{
    if (abi->layouts[LAYOUT_iovec].same) {
        memcpy(guest_siginfo, host, sizeof *host);
    } else {
        memset(guest_siginfo, 0, 128);
        abi->layouts[shape_of(host)->id].to_guest(guest_siginfo, (const uint8_t *)host);
    }
    uint32_t number = (uint32_t)constant_to_guest(abi->constants, &constants_signal, (uint64_t)host->si_signo);
    if (number != (uint32_t)host->si_signo) {
        memcpy(guest_siginfo, &number, sizeof number);
    }
}
