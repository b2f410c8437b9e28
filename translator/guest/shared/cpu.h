/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a CPU's state that every guest shares: the first member of each generated state struct. */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include "softfloat.h"

#include <stddef.h>
#include <stdint.h>

struct translator;
struct translator_cpu;
struct guest;

/* One entry of the per-thread table of indirect jumps. */
struct cpu_jump {
    uint64_t pc;
    const void *code; /* host entry; an entry that matches nothing has pc = CPU_NO_PC */
};
#define CPU_NO_PC UINT64_MAX
enum { CPU_JUMP_LOG = 12, CPU_JUMP_COUNT = 1 << CPU_JUMP_LOG, CPU_SPILL_COUNT = 64 };
enum { CPU_LOOP_COUNTS = 64, CPU_LOOP_TURNS = 1500, CPU_BUSY_TURNS = 40000 };

/* Bit of cpu_header.mode that is no guest's: nobody but this CPU sees what it writes to memory, now. Atomic operations
   are then plain ones and fences nothing. The program sets it; it clears it, while the CPU is not in translator_run,
   before another thread or process can look. Guests leave it alone when they change the other bits. */
#define CPU_MODE_PRIVATE (1u << 31)
/* Another one: accesses ignore the guest's tag_bits. The runtime sets it when an access has faulted because of its tag; until then
   units do not pay for tags. */
#define CPU_MODE_TAGGED (1u << 30)
/* And another: an access of several guest instructions has faulted; they are done again one by one. The runtime sets it and clears it
   when the program enters translated code the next time. */
#define CPU_MODE_CAREFUL (1u << 29)
#define CPU_MODE_COMMON (CPU_MODE_PRIVATE | CPU_MODE_TAGGED | CPU_MODE_CAREFUL)

/* Bits of cpu_header.event. */
enum { CPU_EVENT_PROGRAM = 1, CPU_EVENT_RUNTIME = 2 };

/* What generated code touches most stands last: a host that points its state register between header and slots reaches
   both with short displacements. */
struct cpu_header {
    union {
        uint8_t bytes[16 * 8];
    } values __attribute__((aligned(16))); /* arguments of IR_CALL_VALUES helpers made by generated code */
    union {
        uint8_t bytes[16];
    } spills[CPU_SPILL_COUNT] __attribute__((aligned(16))); /* values that found no register */
    void *stack_base;                                       /* of translated code's own stack: where it is empty */
    uint64_t memory_base;                                   /* host address of guest address 0 */
    struct float_status fp; /* rounding mode and exceptions while no translated code runs */
    uint32_t host_fp;       /* host's control and status word for this guest's fp while translated code runs (MXCSR) */
    uint32_t host_fp_saved; /* the C side's own */
    const struct float_rules *rules; /* of the unit that called a helper last, for slow paths: rules by mode */
    const struct guest *guest;
    struct translator_cpu *cpu; /* runtime's part */
    void *program;              /* the program's thread object */
    void *host_scratch[5];      /* free for the host's code */
    int32_t loop_counts[CPU_LOOP_COUNTS]; /* turns to come until a loop is looked at again, by cpu_loop_index */
    uint64_t exit_value;        /* argument of the exit that generated code took */
    uint64_t program_sp;        /* host stack pointer of the C side while translated code runs */
    uint64_t translated_sp;     /* host stack pointer of translated code while it does not run */
    uint32_t exit_kind;         /* enum host_left, when translated code has left */
    uint32_t mode;              /* guest's mode bits and CPU_MODE_COMMON: part of a unit's key */
    struct cpu_jump *jumps;     /* CPU_JUMP_COUNT entries, indexed by cpu_jump_index: they lie right before the header */
    void *stack_limit;          /* calls that would push below it reset the stack to stack_base first */
    /* Read at unit entries and loop back edges: nonzero = leave to the dispatcher. Set by other threads and signal
     * handlers. */
    volatile uint32_t event;
    uint32_t reserved;
};
enum { CPU_HOT_BYTES = 16 }; /* stack_limit to the end */
_Static_assert(sizeof(struct cpu_header) == offsetof(struct cpu_header, stack_limit) + CPU_HOT_BYTES,
               "no padding at the end");

#define CPU_JUMP_BYTES (sizeof(struct cpu_jump) * CPU_JUMP_COUNT)
#define CPU_JUMP_FACTOR 0x9e3779b1u

static inline unsigned cpu_jump_index(uint64_t pc)
{
    return (uint32_t)pc * CPU_JUMP_FACTOR >> (32 - CPU_JUMP_LOG);
}

static inline unsigned cpu_loop_index(uint64_t pc)
{
    return (unsigned)(pc >> 2 ^ pc >> 8) & (CPU_LOOP_COUNTS - 1);
}

/* For helpers with effect IR_FENV: the float status with the host's accumulated exceptions moved into it. Every engine
   makes header->fp current before such a helper runs and reloads the host's registers from it after. */
static inline struct float_status *cpu_float_status(struct cpu_header *header)
{
    return &header->fp;
}

/* Guest memory for helpers with effects IR_MEM_*: direct mapping. A fault inside is a precise guest fault. */
static inline void *cpu_memory(struct cpu_header *header, uint64_t address)
{
    return (void *)(uintptr_t)(header->memory_base + address);
}

/* Helpers that invalidate code (instruction-cache maintenance): implemented by the runtime, set in every header's
 * translator. */
void cpu_invalidate_code(struct cpu_header *header, uint64_t address, uint64_t length);
/* For helpers of effects IR_STATE_READ, IR_STATE_WRITE and IR_MEM_*: embedder.hypercall. */
void cpu_hypercall(struct cpu_header *header, uint32_t number);

#endif
