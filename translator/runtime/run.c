/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dispatcher: from unit to unit until something is for the program. */
#include "debug.h"
#include "interpreter.h"
#include "log.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

/* A zeroed entry matches pc 0 only, whose entry is this one. */
void cpu_clear_jumps(struct cpu_jump *zeroed)
{
    zeroed[cpu_jump_index(0)].pc = CPU_NO_PC;
}

void cpu_forget_jumps(struct translator_cpu *cpu)
{
    memset(cpu->state->jumps, 0, sizeof(struct cpu_jump) * CPU_JUMP_COUNT);
    cpu_clear_jumps(cpu->state->jumps);
}

static uint64_t read_pc(const struct translator_cpu *cpu)
{
    const struct guest *guest = cpu->translator->guest;
    const uint8_t *place = (const uint8_t *)cpu->state + guest->slots[guest->pc_slot].offset;
    if (guest->word_bits == 64) {
        return *(const uint64_t *)place;
    }
    return *(const uint32_t *)place;
}

uint64_t translator_cpu_pc(const struct translator_cpu *cpu)
{
    return read_pc(cpu);
}

void translator_cpu_set_pc(struct translator_cpu *cpu, uint64_t pc)
{
    const struct guest *guest = cpu->translator->guest;
    uint8_t *place = (uint8_t *)cpu->state + guest->slots[guest->pc_slot].offset;
    if (guest->word_bits == 64) {
        *(uint64_t *)place = pc;
    } else {
        *(uint32_t *)place = (uint32_t)pc;
    }
}

/* Marks this CPU as being in translated code, unless somebody wants all of them out. */
void cpu_start_running(struct translator_cpu *cpu)
{
    struct translator *t = cpu->translator;
    for (;;) {
        atomic_store(&cpu->running, true);
        if (__builtin_expect(!atomic_load(&t->exclusive), 1)) {
            return;
        }
        atomic_store(&cpu->running, false);
        pthread_mutex_lock(&t->lock);
        while (atomic_load(&t->exclusive)) {
            pthread_cond_wait(&t->resumed, &t->lock);
        }
        pthread_mutex_unlock(&t->lock);
    }
}

uint64_t cpu_take_pc(struct translator_cpu *cpu)
{
    uint64_t target = read_pc(cpu), pc = guest_remove_tag(cpu->translator->guest, target);
    if (__builtin_expect(pc != target, 0)) {
        translator_cpu_set_pc(cpu, pc);
    }
    return pc;
}

static bool event_is_for_program(const struct cpu_header *state)
{
    return state->event & CPU_EVENT_PROGRAM;
}

static struct translator_exit event_exit(struct translator_cpu *cpu)
{
    count_up(&cpu->translator->counters.left_event, 1);
    return (struct translator_exit){.kind = TRANSLATOR_EVENT};
}

static struct translator_exit fault_exit(struct translator_cpu *cpu)
{
    cpu->fault_pending = false;
    count_up(&cpu->translator->counters.left_fault, 1);
    return cpu->fault;
}

static struct translator_exit trap_exit(struct translator_cpu *cpu, uint32_t trap, uint32_t argument)
{
    count_up(&cpu->translator->counters.left_trap, 1);
    if (trap == TRAP_FETCH) { /* the program may make code of what is there now without telling */
        translator_invalidate(cpu->translator, read_pc(cpu), 1);
    }
    return (struct translator_exit){.kind = TRANSLATOR_TRAP, .trap = (enum guest_trap)trap, .argument = argument};
}

static struct translator_exit syscall_exit(struct translator_cpu *cpu)
{
    count_up(&cpu->translator->counters.left_syscall, 1);
    return (struct translator_exit){.kind = TRANSLATOR_SYSCALL};
}

static void grow_scratch(struct translator_cpu *cpu, uint32_t count)
{
    if (count > cpu->scratch_count) {
        free(cpu->scratch);
        cpu->scratch_count = count * 2;
        cpu->scratch = aligned_alloc(16, cpu->scratch_count * sizeof *cpu->scratch);
        if (!cpu->scratch) {
            log_fatal("out of memory for the interpreter");
        }
    }
}

static struct translator_exit run_interpreter(struct translator_cpu *cpu)
{
    if (sigsetjmp(cpu->landing, 0)) {
        cpu->in_interpreter = false;
        atomic_store(&cpu->running, false);
        if (cpu->fault_pending) {
            return fault_exit(cpu);
        }
    }
    for (;;) {
        if (event_is_for_program(cpu->state)) {
            return event_exit(cpu);
        }
        cpu_start_running(cpu);
        struct unit *unit = unit_find(cpu->translator, cpu_take_pc(cpu), cpu->state->mode);
        if (!unit) {
            atomic_store(&cpu->running, false);
            if (!unit_get(cpu, read_pc(cpu))) {
                return fault_exit(cpu);
            }
            continue;
        }
        grow_scratch(cpu, unit->ir->count);
        cpu->in_interpreter = true;
        struct ir_exit exit = ir_interpret(unit->ir, cpu->state, cpu->scratch);
        cpu->in_interpreter = false;
        atomic_store(&cpu->running, false);
        if (exit.kind == IR_LEFT_SYSCALL) {
            return syscall_exit(cpu);
        }
        if (exit.kind == IR_LEFT_TRAP) {
            return trap_exit(cpu, exit.trap, exit.argument);
        }
        if ((exit.kind == IR_LEFT_MISALIGNED || exit.kind == IR_LEFT_MISTAKEN) && cpu_note_bad_access(cpu, &exit)) {
            return fault_exit(cpu);
        }
    }
}

struct link_request cpu_look_at_place(struct translator_cpu *cpu, const uint8_t *place)
{
    struct translator *t = cpu->translator;
    bool is_exit = cpu->state->exit_kind == HOST_LEFT_LINK; /* then it is an end, else a beginning */
    struct unit *from = code_cache_find(t, (uintptr_t)place - is_exit);
    struct link_request request = {.from = from, .pc = from->pc, .flushes = atomic_load(&t->counters.flushes)};
    if (!is_exit) {
        return request;
    }
    struct host_exit *exit = host_exit_find(from->exits, &t->glue, place);
    request.pc = exit->pc;
    request.exit = exit->hint == IR_EXIT_MODE ? NULL : exit;
    request.hot = exit->hint == HOST_EXIT_HOT;
    return request;
}

uint64_t cpu_follow_exit(struct translator_cpu *cpu, const struct link_request *request)
{
    struct translator *t = cpu->translator;
    pthread_mutex_lock(&t->lock);
    bool is_known = request->flushes == atomic_load(&t->counters.flushes);
    if (request->hot && is_known) {
        hot_loop_found(cpu, request->from, request->pc);
    } else {
        struct unit *unit = unit_get_locked(cpu, request->pc);
        if (unit && request->exit && request->flushes == atomic_load(&t->counters.flushes)) {
            unit_link(t, request->from, request->exit, unit);
        }
    }
    pthread_mutex_unlock(&t->lock);
    return request->pc;
}

/* Neither the table of jumps nor the return addresses on the stack know of modes: both are dropped when the mode
 * changes. */
static void match_jumps_to_mode(struct translator_cpu *cpu)
{
    if (__builtin_expect(cpu->jumps_mode != cpu->state->mode, 0)) {
        cpu_forget_jumps(cpu);
        cpu->state->translated_sp = (uintptr_t)cpu->state->stack_base;
        cpu->jumps_mode = cpu->state->mode;
    }
}

static uint64_t look_up(struct translator_cpu *cpu)
{
    struct translator *t = cpu->translator;
    uint64_t target = read_pc(cpu), pc = cpu_take_pc(cpu);
    match_jumps_to_mode(cpu);
    pthread_mutex_lock(&t->lock);
    struct unit *unit = unit_get_locked(cpu, pc);
    if (unit && pc == target) { /* units know only their own pc when they are invalidated */
        struct cpu_jump *jump = &cpu->state->jumps[cpu_jump_index(pc)];
        jump->code = unit->code;
        jump->pc = pc;
    }
    pthread_mutex_unlock(&t->lock);
    return pc;
}

static struct translator_exit run_compiled(struct translator_cpu *cpu)
{
    struct cpu_header *state = cpu->state;
    struct runtime_counters *counters = &cpu->translator->counters;
    struct link_request request = {0};
    for (uint64_t pc = cpu_take_pc(cpu);;) {
        if (event_is_for_program(state)) {
            translator_cpu_set_pc(cpu, pc);
            return event_exit(cpu);
        }
        cpu_start_running(cpu);
        struct unit *unit = unit_find(cpu->translator, pc, state->mode);
        if (!unit) {
            atomic_store(&cpu->running, false);
            if (!unit_get(cpu, pc)) {
                translator_cpu_set_pc(cpu, pc);
                return fault_exit(cpu);
            }
            continue;
        }
        match_jumps_to_mode(cpu);
        const uint8_t *place = cpu->translator->glue.enter(state, unit->code);
        if (place) {
            request = cpu_look_at_place(cpu, place);
        }
        atomic_store(&cpu->running, false);
        switch ((enum host_left)state->exit_kind) {
        case HOST_LEFT_LINK:
            count_up(&counters->left_link, 1);
            pc = cpu_follow_exit(cpu, &request);
            break;
        case HOST_LEFT_LOOKUP:
            count_up(&counters->left_lookup, 1);
            pc = look_up(cpu);
            break;
        case HOST_LEFT_EVENT:
            pc = request.pc;
            break;
        case HOST_LEFT_SYSCALL:
            return syscall_exit(cpu);
        case HOST_LEFT_TRAP:
            return trap_exit(cpu, (uint32_t)state->exit_value, (uint32_t)(state->exit_value >> 32));
        case HOST_LEFT_FAULT:
            if (cpu->fault_pending) {
                return fault_exit(cpu);
            }
            pc = read_pc(cpu);
            break;
        }
    }
}

static struct translator_exit run_verified(struct translator_cpu *cpu)
{
    struct cpu_header *state = cpu->state;
    for (;;) {
        if (event_is_for_program(state)) {
            return event_exit(cpu);
        }
        if (!verify_step(cpu)) {
            return fault_exit(cpu);
        }
        switch ((enum host_left)state->exit_kind) {
        case HOST_LEFT_LINK:
        case HOST_LEFT_LOOKUP:
        case HOST_LEFT_EVENT:
            break;
        case HOST_LEFT_SYSCALL:
            return syscall_exit(cpu);
        case HOST_LEFT_TRAP:
            return trap_exit(cpu, (uint32_t)state->exit_value, (uint32_t)(state->exit_value >> 32));
        case HOST_LEFT_FAULT:
            if (cpu->fault_pending) {
                return fault_exit(cpu);
            }
            break;
        }
    }
}

struct translator_exit translator_run(struct translator_cpu *cpu)
{
    if (!cpu->translator->host) {
        return run_interpreter(cpu);
    }
    cpu->state->mode &= ~CPU_MODE_CAREFUL;
    return cpu->translator->options.verify ? run_verified(cpu) : run_compiled(cpu);
}

void translator_request_event(struct translator_cpu *cpu)
{
    __atomic_fetch_or(&cpu->state->event, CPU_EVENT_PROGRAM, __ATOMIC_SEQ_CST);
}

void translator_clear_event(struct translator_cpu *cpu)
{
    __atomic_fetch_and(&cpu->state->event, ~CPU_EVENT_PROGRAM, __ATOMIC_SEQ_CST);
}
