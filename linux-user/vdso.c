/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vdso.h"

#include "process.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Results of the clocks in the host's form, which is that of every 64-bit little-endian guest. */
bool vdso_hypercall(struct thread *thread, uint32_t number)
{
    static const int host_calls[VDSO_HYPERCALL_COUNT] = {
        [VDSO_CLOCK_GETTIME] = SYS_clock_gettime,
        [VDSO_GETTIMEOFDAY] = SYS_gettimeofday,
        [VDSO_CLOCK_GETRES] = SYS_clock_getres,
    };
    const struct user_guest *guest = thread->process->guest;
    if (number >= VDSO_HYPERCALL_COUNT) {
        return false;
    }
    uint64_t first = guest->get_argument(thread->state, 0), second = guest->get_argument(thread->state, 1);
    int64_t result;
    struct timespec time;
    if (number == VDSO_CLOCK_GETTIME) {
        result = clock_gettime((clockid_t)first, &time) != 0
                     ? -errno
                     : guest_copy_out(thread->process, second, &time, sizeof time);
    } else {
        bool is_inside = address_space_contains(thread->process->memory, first, 32) || number == VDSO_CLOCK_GETRES;
        is_inside = is_inside && address_space_contains(thread->process->memory, second, 32);
        result = !is_inside ? -EFAULT : syscall(host_calls[number], first, second) != 0 ? -errno : 0;
    }
    guest->set_result(thread->state, result < 0 ? -errno_to_guest(thread->process->abi, (int)-result) : result);
    translator_cpu_set_pc(thread->cpu, translator_cpu_pc(thread->cpu) + 4);
    return true;
}
