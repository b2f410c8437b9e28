/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A debugger's stops: the set itself and single steps. The set changes under the lock; units that were made without
 * regard to the change are invalidated. */
#include "interpreter.h"
#include "log.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)TRANSLATOR_WATCH_READ == (int)STOPS_READ && (int)TRANSLATOR_WATCH_WRITE == (int)STOPS_WRITE,
               "one set of bits");

const struct stop_set *translator_stops(const struct translator *t)
{
    return t->stops.breakpoint_count || t->stops.watch_count ? &t->stops : NULL;
}

/* ---- the set ---- */

void translator_set_breakpoint(struct translator *t, uint64_t address)
{
    struct stop_set *stops = &t->stops;
    pthread_mutex_lock(&t->lock);
    if (!stops_has_breakpoint(stops, address)) {
        if (stops->breakpoint_count == stops->breakpoint_room) {
            stops->breakpoint_room = stops->breakpoint_room * 2 + 16;
            stops->breakpoints = realloc(stops->breakpoints, stops->breakpoint_room * sizeof *stops->breakpoints);
            if (!stops->breakpoints) {
                log_fatal("out of memory for breakpoints");
            }
        }
        stops->breakpoints[stops->breakpoint_count++] = address;
        units_invalidate(t, address, 1);
    }
    pthread_mutex_unlock(&t->lock);
}

void translator_clear_breakpoint(struct translator *t, uint64_t address)
{
    struct stop_set *stops = &t->stops;
    pthread_mutex_lock(&t->lock);
    for (unsigned i = 0; i < stops->breakpoint_count; i++) {
        if (stops->breakpoints[i] == address) {
            stops->breakpoints[i] = stops->breakpoints[--stops->breakpoint_count];
            units_invalidate(t, address, 1);
            break;
        }
    }
    pthread_mutex_unlock(&t->lock);
}

bool translator_has_breakpoint(const struct translator *t, uint64_t address)
{
    return stops_has_breakpoint(&t->stops, address);
}

static void forget_all_units(struct translator *t)
{
    units_invalidate(t, 0, UINT64_MAX);
}

int translator_find_watchpoint(const struct translator *t, uint64_t address, uint64_t length, unsigned kinds)
{
    for (int i = 0; i < STOPS_MAX_WATCHES; i++) {
        const struct stop_watch *watch = &t->stops.watches[i];
        if (watch->kinds == kinds && watch->start == address && watch->length == length) {
            return i;
        }
    }
    return -1;
}

int translator_set_watchpoint(struct translator *t, uint64_t address, uint64_t length, unsigned kinds)
{
    pthread_mutex_lock(&t->lock);
    int number = translator_find_watchpoint(t, address, length, kinds);
    for (int i = 0; number < 0 && i < STOPS_MAX_WATCHES; i++) {
        if (!t->stops.watches[i].kinds) {
            t->stops.watches[i] = (struct stop_watch){address, length, kinds};
            t->stops.watch_count++;
            forget_all_units(t);
            number = i;
        }
    }
    pthread_mutex_unlock(&t->lock);
    return number;
}

void translator_clear_watchpoint(struct translator *t, int number)
{
    pthread_mutex_lock(&t->lock);
    if (number >= 0 && number < STOPS_MAX_WATCHES && t->stops.watches[number].kinds) {
        t->stops.watches[number].kinds = 0;
        t->stops.watch_count--;
        forget_all_units(t);
    }
    pthread_mutex_unlock(&t->lock);
}

void translator_clear_stops(struct translator *t)
{
    pthread_mutex_lock(&t->lock);
    if (translator_stops(t)) {
        t->stops.breakpoint_count = t->stops.watch_count = 0;
        memset(t->stops.watches, 0, sizeof t->stops.watches);
        forget_all_units(t);
    }
    pthread_mutex_unlock(&t->lock);
}

/* ---- single steps: the instruction alone, in the interpreter, whatever the engine ---- */

static struct translator_exit take_fault(struct translator_cpu *cpu)
{
    cpu->fault_pending = false;
    count_up(&cpu->translator->counters.left_fault, 1);
    return cpu->fault;
}

/* Where faults land. False if the instruction ended in one. */
static bool interpret_alone(struct translator_cpu *cpu, const struct ir_unit *ir, union ir_value *scratch,
                            struct ir_exit *exit)
{
    if (sigsetjmp(cpu->landing, 0)) {
        return false;
    }
    cpu->in_interpreter = true;
    *exit = ir_interpret(ir, cpu->state, scratch);
    return true;
}

/* *again: it met an address with a tag; the unit is to be made anew, for the CPU's new mode. */
static struct translator_exit run_alone(struct translator_cpu *cpu, const struct ir_unit *ir, bool *again)
{
    struct ir_exit exit;
    union ir_value *scratch = arena_array(&cpu->step_arena, union ir_value, ir->count);
    cpu_start_running(cpu);
    bool is_done = interpret_alone(cpu, ir, scratch, &exit);
    cpu->in_interpreter = false;
    atomic_store(&cpu->running, false);
    if (!is_done) {
        *again = !cpu->fault_pending;
        return take_fault(cpu);
    }
    switch (exit.kind) {
    case IR_LEFT_SYSCALL:
        return (struct translator_exit){.kind = TRANSLATOR_SYSCALL};
    case IR_LEFT_TRAP:
        return (struct translator_exit){
            .kind = TRANSLATOR_TRAP, .trap = (enum guest_trap)exit.trap, .argument = exit.argument};
    case IR_LEFT_MISALIGNED:
    case IR_LEFT_MISTAKEN:
        *again = !cpu_note_bad_access(cpu, &exit);
        return cpu->fault;
    case IR_LEFT_GOTO:
    case IR_LEFT_UNFINISHED:
        break;
    }
    return (struct translator_exit){.kind = TRANSLATOR_STEPPED};
}

/* NULL if the code cannot be read: cpu->fault says how. */
static struct superblock *form_alone(struct translator_cpu *cpu, const struct ir_context *context,
                                     const struct superblock_limits *limits)
{
    struct superblock_source source; /* the translator's own would need the lock */
    if (sigsetjmp(cpu->former_landing, 0)) {
        return NULL;
    }
    superblock_source_init(&source, cpu->translator->guest, cpu->translator->embedder);
    cpu->in_former = true;
    return superblock_form(&cpu->step_arena, &source, context, cpu->state, cpu_take_pc(cpu), *limits);
}

struct translator_exit translator_step(struct translator_cpu *cpu, bool watched)
{
    struct translator *t = cpu->translator;
    struct stop_set stops = {0};
    struct superblock_limits limits = {.instructions = 1, .branches = 1, .stops = &stops};
    if (cpu->state->event & CPU_EVENT_PROGRAM) {
        return (struct translator_exit){.kind = TRANSLATOR_EVENT};
    }
    if (watched) {
        memcpy(stops.watches, t->stops.watches, sizeof stops.watches);
        stops.watch_count = t->stops.watch_count;
    }
    struct translator_exit exit;
    bool again;
    do {
        struct ir_context context = superblock_context(t->guest, cpu->state->mode);
        arena_reset(&cpu->step_arena);
        struct superblock *sb = form_alone(cpu, &context, &limits);
        cpu->in_former = again = false;
        exit = sb ? run_alone(cpu, sb->unit, &again) : take_fault(cpu);
    } while (again);
    return exit;
}
