/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame of a signal handler: struct rt_sigframe of Linux on RISC-V. */
#include "user_guest_riscv.h"

#include "process.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* siginfo, then struct ucontext. All fields are little-endian, as is RV64 here and every host that kage runs on. */
struct frame {
    uint8_t info[128];
    uint64_t uc_flags;
    uint64_t uc_link;
    struct {
        uint64_t ss_sp;
        int32_t ss_flags;
        uint32_t padding;
        uint64_t ss_size;
    } uc_stack;
    uint64_t uc_sigmask;
    uint8_t unused[1024 / 8 - sizeof(uint64_t)];
    uint64_t padding;
    struct {
        uint64_t pc;
        uint64_t x[31]; /* x1 to x31 */
    } sc_regs;
    struct { /* the D part of a union as large as the Q extension's, whose end holds the header of extensions */
        uint64_t f[32];
        uint32_t fcsr;
        uint32_t padding[64];
        uint32_t reserved;    /* must be 0 */
        uint32_t magic, size; /* of the first extension context: 0, 0 ends them */
    } sc_fpregs;
};
_Static_assert(offsetof(struct frame, uc_stack) == 128 + 16, "as in asm/ucontext.h");
_Static_assert(offsetof(struct frame, uc_sigmask) == 128 + 40, "as in asm/ucontext.h");
_Static_assert(offsetof(struct frame, sc_regs) == 128 + 176, "as in asm/ucontext.h");
_Static_assert(offsetof(struct frame, sc_fpregs) == 128 + 176 + 256, "as in asm/sigcontext.h");
_Static_assert(offsetof(struct frame, sc_fpregs.magic) == 128 + 176 + 256 + 520, "as in asm/ptrace.h");
_Static_assert(sizeof(struct frame) == RISCV_SIGNAL_FRAME_SIZE, "as in asm/sigcontext.h");

static void save_registers(struct frame *frame, const struct riscv_state *state)
{
    frame->sc_regs.pc = state->pc;
    memcpy(frame->sc_regs.x, state->x + 1, sizeof frame->sc_regs.x);
    memcpy(frame->sc_fpregs.f, state->f, sizeof frame->sc_fpregs.f);
    frame->sc_fpregs.fcsr = riscv_read_fcsr(&state->header);
}

static void load_registers(struct riscv_state *state, const struct frame *frame)
{
    state->pc = frame->sc_regs.pc;
    memcpy(state->x + 1, frame->sc_regs.x, sizeof frame->sc_regs.x);
    memcpy(state->f, frame->sc_fpregs.f, sizeof frame->sc_fpregs.f);
    riscv_write_fcsr(&state->header, frame->sc_fpregs.fcsr);
}

static struct process *process_of(const struct cpu_header *header)
{
    return ((struct thread *)header->program)->process;
}

int riscv_build_signal_frame(struct cpu_header *header, const struct signal_frame *request)
{
    struct riscv_state *state = (struct riscv_state *)header;
    uint64_t place = (request->sp - sizeof(struct frame)) & ~UINT64_C(15);
    struct frame frame = {
        .uc_stack = {.ss_sp = request->stack.start, .ss_flags = request->stack.flags, .ss_size = request->stack.size},
        .uc_sigmask = request->mask,
    };
    siginfo_to_guest(request->abi, frame.info, request->info);
    save_registers(&frame, state);
    if (guest_copy_out(process_of(header), place, &frame, sizeof frame) != 0) {
        return -EFAULT;
    }
    state->x[1] = request->restorer;
    state->x[2] = place;
    state->x[10] = (uint32_t)request->info->si_signo;
    state->x[11] = place + offsetof(struct frame, info);
    state->x[12] = place + offsetof(struct frame, uc_flags);
    state->pc = request->handler;
    state->reservation_address = ~UINT64_C(0);
    return 0;
}

int riscv_restore_signal_frame(struct cpu_header *header, struct signal_frame *result)
{
    struct riscv_state *state = (struct riscv_state *)header;
    struct frame frame;
    if (guest_copy_in(process_of(header), &frame, state->x[2], sizeof frame) != 0) {
        return -EFAULT;
    }
    if (frame.sc_fpregs.reserved != 0 || frame.sc_fpregs.magic != 0 || frame.sc_fpregs.size != 0) {
        return -EFAULT;
    }
    load_registers(state, &frame);
    state->reservation_address = ~UINT64_C(0);
    result->mask = frame.uc_sigmask;
    result->stack.start = frame.uc_stack.ss_sp;
    result->stack.flags = frame.uc_stack.ss_flags;
    result->stack.size = frame.uc_stack.ss_size;
    return 0;
}
