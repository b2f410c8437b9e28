/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vdso.h"

#include "guest.h"

#include "process.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

int vdso_map(struct process *process)
{
    static char buffer[4 * ADDRESS_SPACE_PAGE] __attribute__((aligned(16)));
    uint64_t code_start;
    const struct vdso_description *description = process->guest->vdso;
    size_t size = vdso_build(description, process->translator_guest->elf_machine, buffer, sizeof buffer, &code_start);
    if (!size) {
        return -ENOEXEC;
    }
    int64_t place =
        address_space_map(process->memory, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place < 0) {
        return (int)place;
    }
    memcpy((void *)place, buffer, size);
    address_space_protect(process->memory, (uint64_t)place, size, PROT_READ | PROT_EXEC);
    uint64_t mapped = (size + ADDRESS_SPACE_PAGE - 1) & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1);
    address_space_set_kind(process->memory, (uint64_t)place, (uint64_t)place + mapped, RANGE_VDSO);
    process->image.vdso_start = (uint64_t)place;
    process->image.vdso_size = mapped;
    process->image.vdso_return = (uint64_t)place + code_start + description->return_offset;
    return 0;
}

/* The clocks' results have the host's form, which is that of every 64-bit little-endian guest. An address of 0 is the
 * caller's way of not asking, but for clock_gettime. */
static int64_t store_time(struct thread *thread, uint64_t address, const void *time, size_t size)
{
    return address ? guest_copy_out(thread->process, address, time, size) : 0;
}

static int64_t get_time(struct thread *thread, uint64_t clock, uint64_t address)
{
    struct timespec time;
    if (clock_gettime((clockid_t)clock, &time) != 0) {
        return -errno;
    }
    return guest_copy_out(thread->process, address, &time, sizeof time);
}

static int64_t get_time_of_day(struct thread *thread, uint64_t time_address, uint64_t zone_address)
{
    struct timeval time;
    struct timezone zone;
    if (gettimeofday(&time, &zone) != 0) {
        return -errno;
    }
    int64_t error = store_time(thread, time_address, &time, sizeof time);
    return error ? error : store_time(thread, zone_address, &zone, sizeof zone);
}

static int64_t get_resolution(struct thread *thread, uint64_t clock, uint64_t address)
{
    struct timespec time;
    if (clock_getres((clockid_t)clock, &time) != 0) {
        return -errno;
    }
    return store_time(thread, address, &time, sizeof time);
}

void vdso_hypercall(void *opaque, struct cpu_header *state, uint32_t number)
{
    struct thread *thread = opaque;
    static int64_t (*const handlers[VDSO_HYPERCALL_COUNT])(struct thread *, uint64_t, uint64_t) = {
        [VDSO_CLOCK_GETTIME] = get_time,
        [VDSO_GETTIMEOFDAY] = get_time_of_day,
        [VDSO_CLOCK_GETRES] = get_resolution,
    };
    const struct user_guest *guest = thread->process->guest;
    /* The vdso is user code: what it writes to may have a tag. */
    const struct guest *rules = thread->process->translator_guest;
    uint64_t first = guest_remove_tag(rules, guest->get_argument(state, 0));
    uint64_t second = guest_remove_tag(rules, guest->get_argument(state, 1));
    int64_t result = handlers[number](thread, first, second);
    guest->set_result(state, result < 0 ? -errno_to_guest(thread->process->abi, (int)-result) : result);
}
