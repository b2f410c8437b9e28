/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a signal frame says of a fault. There is no engine for this host yet: the interpreter runs. */
#include "host.h"

#include <asm/sigcontext.h>
#include <ucontext.h>

enum { ESR_WRITE = 1 << 6 };

/* The exception syndrome of the fault, 0 if the frame has none. */
static uint64_t syndrome_of(const ucontext_t *context)
{
    const uint8_t *place = (const uint8_t *)context->uc_mcontext.__reserved;
    const uint8_t *end = place + sizeof context->uc_mcontext.__reserved;
    struct _aarch64_ctx head;
    for (; place + sizeof head <= end; place += head.size) {
        memcpy(&head, place, sizeof head);
        if (head.magic == ESR_MAGIC) {
            struct esr_context record;
            memcpy(&record, place, sizeof record);
            return record.esr;
        }
        if (head.magic == 0 || head.size < sizeof head) {
            break;
        }
    }
    return 0;
}

bool host_fault_is_write(const void *ucontext)
{
    return (syndrome_of(ucontext) & ESR_WRITE) != 0;
}

/* The kernel tells the address of every fault; that which the host would mistake never gets to it (host_address.h). */
bool host_fault_is_bad_address(const void *ucontext, uint64_t *address)
{
    return false;
}
