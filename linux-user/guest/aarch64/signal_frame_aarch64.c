/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal_frame_aarch64.h"

#include "aarch64.h"
#include "aarch64_state.h"
#include "process.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum {
    FPSIMD_RECORD = 0x46508001,
    ESR_RECORD = 0x45535201,
    RESERVED_SIZE = 4096,
    FRAME_POINTER = 29,
    LINK_REGISTER = 30,
    SIGINFO_SIZE = 128,
};

/* A record in the context's reserved area: a header, then what its magic says. A zero header ends the list. */
struct context_header {
    uint32_t magic, size;
};

struct fpsimd_record {
    struct context_header header;
    uint32_t fpsr, fpcr;
    uint8_t registers[32][16];
};
_Static_assert(sizeof(struct fpsimd_record) == 0x210, "as in the kernel");

struct esr_record {
    struct context_header header;
    uint64_t esr;
};

struct machine_context {
    uint64_t fault_address, registers[31], sp, pc, pstate;
    uint8_t reserved[RESERVED_SIZE] __attribute__((aligned(16)));
};

struct user_context {
    uint64_t flags, link;
    struct {
        uint64_t start;
        int32_t flags, padding;
        uint64_t size;
    } stack;
    uint64_t mask;
    uint8_t unused[120];
    struct machine_context machine;
};

struct frame {
    uint8_t info[SIGINFO_SIZE];
    struct user_context context;
    uint64_t next_frame_pointer, next_link; /* the frame record, for unwinders */
};
_Static_assert(offsetof(struct user_context, machine) == 176, "as in the kernel");
_Static_assert(offsetof(struct machine_context, reserved) == 288, "as in the kernel");
_Static_assert(sizeof(struct frame) == AARCH64_SIGNAL_FRAME_SIZE, "as in the kernel");

/* Exception syndrome of the fault, as far as user space looks at it: class, and for data aborts the write bit and
 * status. */
static uint64_t syndrome(const struct signal_frame *frame)
{
    enum { DATA_ABORT = 0x24, INSTRUCTION_LENGTH = 1 << 25, WRITE = 1 << 6, TRANSLATION = 7, PERMISSION = 0xf };
    uint64_t status = frame->info->si_code == SEGV_ACCERR ? PERMISSION : TRANSLATION;
    return (uint64_t)DATA_ABORT << 26 | INSTRUCTION_LENGTH | (frame->is_write ? WRITE : 0) | status;
}

static void save_fpsimd(struct fpsimd_record *context, const struct aarch64_state *state)
{
    context->header = (struct context_header){FPSIMD_RECORD, sizeof *context};
    context->fpsr = aarch64_read_fpsr(&state->header);
    context->fpcr = aarch64_read_fpcr(&state->header);
    memcpy(context->registers, state->V, sizeof context->registers);
}

static void save_machine(struct machine_context *machine, const struct aarch64_state *state,
                         const struct signal_frame *frame)
{
    memcpy(machine->registers, state->X, sizeof machine->registers);
    machine->sp = state->SP;
    machine->pc = state->PC;
    machine->pstate = aarch64_read_nzcv(&state->header) | state->PSTATE;
    save_fpsimd((struct fpsimd_record *)machine->reserved, state);
    bool has_syndrome = frame->is_fault && (frame->info->si_signo == SIGSEGV || frame->info->si_signo == SIGBUS);
    machine->fault_address = frame->is_fault ? (uint64_t)frame->info->si_addr : 0;
    if (has_syndrome) {
        struct esr_record *esr = (struct esr_record *)(machine->reserved + sizeof(struct fpsimd_record));
        *esr = (struct esr_record){{ESR_RECORD, sizeof *esr}, syndrome(frame)};
    }
}

int aarch64_build_signal_frame(struct cpu_header *header, const struct signal_frame *frame)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    struct process *process = thread_current()->process;
    struct frame image;
    uint64_t sp = (frame->sp & ~UINT64_C(15)) - sizeof image;
    memset(&image, 0, sizeof image);
    siginfo_to_guest(frame->abi, image.info, frame->info);
    image.context.stack.start = frame->stack.start;
    image.context.stack.size = frame->stack.size;
    image.context.stack.flags = frame->stack.flags;
    image.context.mask = frame->mask;
    save_machine(&image.context.machine, state, frame);
    image.next_frame_pointer = state->X[FRAME_POINTER];
    image.next_link = state->X[LINK_REGISTER];
    if (guest_copy_out(process, sp, &image, sizeof image) != 0) {
        return -EFAULT;
    }
    state->X[0] = (uint64_t)frame->info->si_signo;
    if (frame->flags & SA_SIGINFO) {
        state->X[1] = sp + offsetof(struct frame, info);
        state->X[2] = sp + offsetof(struct frame, context);
    }
    state->SP = sp;
    state->X[FRAME_POINTER] = sp + offsetof(struct frame, next_frame_pointer);
    state->X[LINK_REGISTER] = frame->restorer;
    state->PC = frame->handler;
    aarch64_clear_exclusive(header);
    return 0;
}

static void restore_fpsimd(const struct fpsimd_record *context, struct aarch64_state *state)
{
    memcpy(state->V, context->registers, sizeof context->registers);
    aarch64_write_fpcr(&state->header, context->fpcr);
    aarch64_write_fpsr(&state->header, context->fpsr);
}

/* Walks the records; a malformed list is a bad frame. */
static int restore_records(const struct machine_context *machine, struct aarch64_state *state)
{
    size_t place = 0;
    while (place + sizeof(struct context_header) <= RESERVED_SIZE) {
        struct context_header header;
        memcpy(&header, machine->reserved + place, sizeof header);
        if (header.magic == 0) {
            return 0;
        }
        if (header.size < sizeof header || header.size % 16 || header.size > RESERVED_SIZE - place) {
            return -EFAULT;
        }
        if (header.magic == FPSIMD_RECORD) {
            if (header.size != sizeof(struct fpsimd_record)) {
                return -EFAULT;
            }
            restore_fpsimd((const struct fpsimd_record *)(machine->reserved + place), state);
        }
        place += header.size;
    }
    return -EFAULT;
}

int aarch64_restore_signal_frame(struct cpu_header *header, struct signal_frame *frame)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    struct frame image;
    if (state->SP % 16 || guest_copy_in(thread_current()->process, &image, state->SP, sizeof image) != 0) {
        return -EFAULT;
    }
    const struct machine_context *machine = &image.context.machine;
    if (restore_records(machine, state) != 0) {
        return -EFAULT;
    }
    memcpy(state->X, machine->registers, sizeof machine->registers);
    state->SP = machine->sp;
    state->PC = machine->pc;
    aarch64_write_nzcv(header, (uint32_t)machine->pstate);
    state->PSTATE = (uint32_t)machine->pstate & (AARCH64_PSTATE_DIT | AARCH64_PSTATE_SSBS);
    aarch64_clear_exclusive(header);
    frame->mask = image.context.mask;
    frame->stack.start = image.context.stack.start;
    frame->stack.size = image.context.stack.size;
    frame->stack.flags = image.context.stack.flags;
    return 0;
}
