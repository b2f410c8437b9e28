/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals that the host has handed to a thread and that its guest has not yet seen.
 *
 * The host's mask is the guest's, so the kernel keeps what is blocked; a captured signal blocks all others until it is
 * delivered. What is queued here is therefore hardly ever more than one. Only the signals that faults use are never
 * blocked on the host; those sent by kill while the guest blocks them wait here.
 *
 * The producer is a signal handler on the thread itself, the consumer the thread: no locks, only the order of the
 * writes. */
#ifndef LINUX_USER_SIGNAL_QUEUE_H
#define LINUX_USER_SIGNAL_QUEUE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { SIGNAL_QUEUE_SLOTS = 16 };

struct signal_queue {
    struct {
        volatile uint32_t used;
        bool is_held; /* the guest blocks it: deliverable only when its mask allows */
        uint32_t order;
        siginfo_t info;
    } slots[SIGNAL_QUEUE_SLOTS];
    uint32_t next_order;
};

static inline uint64_t signal_bit(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

/* False if it was dropped: a standard signal already queued, or no room. Async-signal-safe. */
bool signal_queue_push(struct signal_queue *queue, const siginfo_t *info, bool is_held);

/* True if one may be delivered under the mask. */
bool signal_queue_has(const struct signal_queue *queue, uint64_t mask);

/* Takes the next: faults' signals first, then the lowest number, then the oldest. */
bool signal_queue_take(struct signal_queue *queue, uint64_t mask, siginfo_t *info);

/* Takes one out of a set whether blocked or not (sigwait). */
bool signal_queue_take_from(struct signal_queue *queue, uint64_t set, siginfo_t *info);

/* Bits of all that is queued. */
uint64_t signal_queue_all(const struct signal_queue *queue);

void signal_queue_clear(struct signal_queue *queue);

#endif
