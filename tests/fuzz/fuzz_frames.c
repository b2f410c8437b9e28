/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of signal handlers as a guest may have written them: sigreturn takes them or refuses them. What was taken, put
 * into a frame again, must give the same registers. Guest memory is a block with nothing around it. */
#include "fuzz.h"
#include "process.h"
#include "signal_frame_aarch64.h"
#include "user_guest_riscv.h"

#include <signal.h>

extern const struct guest guest_aarch64, guest_riscv64;

enum { MEMORY_BYTES = 16384, FRAME_PLACE = 4096, GUESTS = 2 };
#define MEMORY_START UINT64_C(0x40000000)

static const struct {
    const struct guest *guest;
    const char *abi;
    int (*build)(struct cpu_header *state, const struct signal_frame *frame);
    int (*restore)(struct cpu_header *state, struct signal_frame *frame);
} guests[GUESTS] = {
    {&guest_aarch64, "aarch64", aarch64_build_signal_frame, aarch64_restore_signal_frame},
    {&guest_riscv64, "riscv64", riscv_build_signal_frame, riscv_restore_signal_frame},
};

static struct process process;
static struct thread thread = {.process = &process};
static uint8_t *memory;

/* ---- what the frames' files call in kage ---- */

struct thread *thread_current(void)
{
    return &thread;
}

static uint8_t *memory_at(uint64_t address, size_t length)
{
    uint64_t offset = address - MEMORY_START;
    return offset <= MEMORY_BYTES && length <= MEMORY_BYTES - offset ? memory + offset : NULL;
}

int guest_copy_in(struct process *of, void *destination, uint64_t source, size_t length)
{
    const uint8_t *place = memory_at(source, length);
    if (!place) {
        return -1;
    }
    memcpy(destination, place, length);
    return 0;
}

int guest_copy_out(struct process *of, uint64_t destination, const void *source, size_t length)
{
    uint8_t *place = memory_at(destination, length);
    if (!place) {
        return -1;
    }
    memcpy(place, source, length);
    return 0;
}

/* ---- the target ---- */

static struct cpu_header *new_state(const struct guest *guest)
{
    size_t bytes = (guest->state_size + 63) & ~(size_t)63;
    struct cpu_header *state = aligned_alloc(64, bytes);
    FUZZ_CHECK(state);
    memset(state, 0, bytes);
    return state;
}

static void set_stack(const struct guest *guest, struct cpu_header *state, uint64_t sp)
{
    memcpy((uint8_t *)state + guest->slots[guest->sp_slot].offset, &sp, sizeof sp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cpu_header *states[GUESTS], *taken[GUESTS];
    struct fuzz_input input = {data, size};
    unsigned kind = (unsigned)fuzz_take(&input, 1), more = (unsigned)fuzz_take(&input, 1), n = kind & 1;
    const struct guest *guest = guests[n].guest;
    siginfo_t info = {.si_signo = 1 + (int)(more & 63), .si_code = (int8_t)more, .si_addr = (void *)(uintptr_t)size};
    struct signal_frame frame = {.abi = syscall_abi_find(guests[n].abi), .info = &info};
    if (!states[n]) {
        states[n] = new_state(guest);
        taken[n] = new_state(guest);
        memory = memory ? memory : malloc(MEMORY_BYTES);
        FUZZ_CHECK(memory && frame.abi);
    }
    struct cpu_header *state = states[n];
    memset(state, 0, guest->state_size);
    guest->reset(state);
    state->rules = guest->float_rules(state->mode);
    state->guest = guest;
    state->program = &thread;
    memset(memory, 0, MEMORY_BYTES);
    size_t place = kind & 4 ? MEMORY_BYTES - 4096 : FRAME_PLACE, room = MEMORY_BYTES - place;
    memcpy(memory + place, input.data, input.size < room ? input.size : room);
    set_stack(guest, state, MEMORY_START + place + (kind & 8 ? 8 : 0));
    if (guests[n].restore(state, &frame) != 0) {
        return 0;
    }
    memcpy(taken[n], state, guest->state_size);
    frame.handler = 0x1000;
    frame.restorer = 0x2000;
    frame.flags = kind & 16 ? SA_SIGINFO : 0;
    frame.is_fault = kind & 32;
    frame.is_write = kind & 64;
    frame.sp = MEMORY_START + MEMORY_BYTES - (more & 15);
    FUZZ_CHECK(guests[n].build(state, &frame) == 0);
    struct signal_frame again = {.abi = frame.abi, .info = &info};
    FUZZ_CHECK(guests[n].restore(state, &again) == 0);
    FUZZ_CHECK(again.mask == frame.mask && again.stack.start == frame.stack.start &&
               again.stack.size == frame.stack.size && again.stack.flags == frame.stack.flags);
    size_t header = sizeof(struct cpu_header);
    FUZZ_CHECK(!memcmp((uint8_t *)state + header, (uint8_t *)taken[n] + header, guest->state_size - header));
    FUZZ_CHECK(state->mode == taken[n]->mode && !memcmp(&state->fp, &taken[n]->fp, sizeof state->fp));
    return 0;
}
