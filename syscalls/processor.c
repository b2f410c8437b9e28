/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about the guest's processors; the answers are known to the program around this library. */
#include "handler.h"

#include <sched.h>
#include <string.h>

struct probe_pair {
    int64_t key;
    uint64_t value;
};

enum { PROBE_WHICH_CPUS = 1, PROBE_UNKNOWN_KEY = -1, PROBE_PAIRS_MOST = 1 << 16 };

/* The processors that the program may mean, cut to those that exist. */
static int read_processors(struct syscall_context *context, uint64_t size, uint64_t address, cpu_set_t *set)
{
    cpu_set_t online;
    CPU_ZERO(set);
    if (sched_getaffinity(0, sizeof online, &online) != 0) {
        return -errno;
    }
    uint64_t length = size < sizeof *set ? size : sizeof *set;
    if (guest_read(context, set, address, length) != 0) {
        return -EFAULT;
    }
    CPU_AND(set, set, &online);
    return 0;
}

/* All processors are alike: either all of those asked for have the values, or none. */
static int64_t select_processors(struct syscall_context *context, struct probe_pair *pairs, uint64_t count,
                                 const union syscall_value *args)
{
    uint64_t size = args[2].bits, address = args[3].bits;
    cpu_set_t set, empty;
    CPU_ZERO(&empty);
    if (size == 0 || address == 0) {
        return -EINVAL;
    }
    int result = read_processors(context, size, address, &set);
    if (result < 0) {
        return result;
    }
    if (CPU_EQUAL(&set, &empty)) {
        sched_getaffinity(0, sizeof set, &set);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = 0;
        if (!context->host->probe_processor(context->thread, pairs[i].key, &value)) {
            pairs[i] = (struct probe_pair){PROBE_UNKNOWN_KEY, 0};
            CPU_ZERO(&set);
        } else if ((value & pairs[i].value) != pairs[i].value) {
            CPU_ZERO(&set);
        }
    }
    return guest_write(context, address, &set, size < sizeof set ? size : sizeof set);
}

int64_t handle_processor_riscv_probe(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t count = args[1].bits, address = args[0].bits, bytes = count * sizeof(struct probe_pair);
    if (args[4].bits & ~(uint64_t)PROBE_WHICH_CPUS) {
        return -EINVAL;
    }
    if (count > PROBE_PAIRS_MOST) {
        return -EFAULT;
    }
    struct probe_pair *pairs = scratch_alloc(context, bytes + 1);
    if (!pairs) {
        return -ENOMEM;
    }
    if (guest_read(context, pairs, address, bytes) != 0) {
        return -EFAULT;
    }
    int64_t result = 0;
    if (args[4].bits & PROBE_WHICH_CPUS) {
        result = select_processors(context, pairs, count, args);
    } else {
        cpu_set_t set;
        if (args[2].bits || args[3].bits) {
            result = read_processors(context, args[2].bits, args[3].bits, &set);
            result = result == 0 && CPU_COUNT(&set) == 0 ? -EINVAL : result;
        }
        for (uint64_t i = 0; i < count; i++) {
            pairs[i].value = 0;
            if (!context->host->probe_processor(context->thread, pairs[i].key, &pairs[i].value)) {
                pairs[i].key = PROBE_UNKNOWN_KEY;
            }
        }
    }
    return result < 0 ? result : guest_write(context, address, pairs, bytes);
}
