/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal_queue.h"

#include <string.h>

enum { FIRST_REALTIME = 32 };

static const uint64_t fault_signals = UINT64_C(1) << (SIGSEGV - 1) | UINT64_C(1) << (SIGBUS - 1) |
                                      UINT64_C(1) << (SIGILL - 1) | UINT64_C(1) << (SIGTRAP - 1) |
                                      UINT64_C(1) << (SIGFPE - 1) | UINT64_C(1) << (SIGSYS - 1);

bool signal_queue_push(struct signal_queue *queue, const siginfo_t *info, bool is_held)
{
    int place = -1;
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        if (!queue->slots[i].used) {
            place = place < 0 ? i : place;
        } else if (queue->slots[i].info.si_signo == info->si_signo && info->si_signo < FIRST_REALTIME) {
            return false;
        }
    }
    if (place < 0) {
        return false;
    }
    memcpy(&queue->slots[place].info, info, sizeof *info);
    queue->slots[place].is_held = is_held;
    queue->slots[place].order = queue->next_order++;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    queue->slots[place].used = 1;
    return true;
}

static bool is_deliverable(const struct signal_queue *queue, int slot, uint64_t mask)
{
    return queue->slots[slot].used &&
           (!queue->slots[slot].is_held || !(mask & signal_bit(queue->slots[slot].info.si_signo)));
}

bool signal_queue_has(const struct signal_queue *queue, uint64_t mask)
{
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        if (is_deliverable(queue, i, mask)) {
            return true;
        }
    }
    return false;
}

static uint64_t rank(const struct signal_queue *queue, int slot)
{
    int signal = queue->slots[slot].info.si_signo;
    bool is_fault = fault_signals & signal_bit(signal);
    return (uint64_t)!is_fault << 48 | (uint64_t)signal << 32 | queue->slots[slot].order;
}

static void take_slot(struct signal_queue *queue, int slot, siginfo_t *info)
{
    memcpy(info, &queue->slots[slot].info, sizeof *info);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    queue->slots[slot].used = 0;
}

bool signal_queue_take(struct signal_queue *queue, uint64_t mask, siginfo_t *info)
{
    int best = -1;
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        if (is_deliverable(queue, i, mask) && (best < 0 || rank(queue, i) < rank(queue, best))) {
            best = i;
        }
    }
    if (best >= 0) {
        take_slot(queue, best, info);
    }
    return best >= 0;
}

bool signal_queue_take_from(struct signal_queue *queue, uint64_t set, siginfo_t *info)
{
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        if (queue->slots[i].used && (set & signal_bit(queue->slots[i].info.si_signo))) {
            take_slot(queue, i, info);
            return true;
        }
    }
    return false;
}

uint64_t signal_queue_all(const struct signal_queue *queue)
{
    uint64_t set = 0;
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        if (queue->slots[i].used) {
            set |= signal_bit(queue->slots[i].info.si_signo);
        }
    }
    return set;
}

void signal_queue_clear(struct signal_queue *queue)
{
    for (int i = 0; i < SIGNAL_QUEUE_SLOTS; i++) {
        queue->slots[i].used = 0;
    }
}
