/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --verify: every unit runs twice from the same state, in the interpreter and as compiled code, and the outcomes must
 * agree.
 *
 * The interpreter goes first, on a copy of the state and with an overlay over memory, so that nothing of what it does
 * is seen by anybody. The compiled code then runs on the real state and memory. Compared are all slots, the float
 * status, the mode, how the unit was left, and every byte that the interpreter wrote. Memory the interpreter did not
 * write is not compared: a store to a wrong place is found by its missing from the right one.
 *
 * One thread at a time runs a unit (verify_lock), units are never chained and the table of jumps stays empty, so that
 * every unit comes back here. Links are noted, though, and loops counted: a loop through several units becomes one unit
 * as it does otherwise (hot_loop.c), and that unit is compared like any other. Memory that is mapped twice looks like two memories to the overlay, and a private page of
 * a file gets its copy when the interpreter tries whether it can be written, somewhat earlier than by the program's own
 * store. A loop within a unit runs as long in both engines, up to a limit; beyond it one iteration at a time is
 * compared, entered behind the check for events with an event set.
 *
 * Not compared, and counted: units that call a helper with effects on memory (clocks, random numbers, invalidation of
 * code), runs that an event cut short, and runs whose memory was changed meanwhile by another process or the kernel. */
#include "debug.h"
#include "interpreter.h"
#include "log.h"
#include "runtime.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOP_LIMIT = 256,   /* iterations of a unit that are compared as one run */
    LOOP_PATIENCE = 255 /* runs of one iteration before a long loop is tried again as one run */
};

struct verifier {
    struct ir_aside aside;
    struct cpu_header *before, *expected; /* the state at entry, and as the interpreter left it */
    union ir_value *values;               /* of the interpreter */
    uint32_t value_count;
    struct link_request left; /* of the compiled run, if it left by HOST_LEFT_LINK */
};

/* How a unit was left, in terms of both engines. */
struct outcome {
    enum { WENT_ON, SYSTEM_CALL, TRAPPED, FAULTED, MENDED } kind; /* MENDED: again, in another mode */
    uint32_t trap, argument;                                      /* of a trap */
    int signal, code;                                             /* of a fault */
    uint64_t address;
    bool write;
};

static const char *const outcome_names[] = {"goes on", "system call", "trap", "fault", "mended"};

static void *new_state(const struct guest *guest)
{
    size_t bytes = (guest->state_size + 63) & ~(size_t)63;
    void *state = aligned_alloc(64, bytes);
    if (!state) {
        log_fatal("out of memory for verification");
    }
    return state;
}

static struct verifier *verifier_of(struct translator_cpu *cpu)
{
    if (!cpu->verifier) {
        struct verifier *v = calloc(1, sizeof *v);
        if (!v) {
            log_fatal("out of memory for verification");
        }
        v->before = new_state(cpu->translator->guest);
        v->expected = new_state(cpu->translator->guest);
        ir_overlay_init(&v->aside.memory);
        cpu->verifier = v;
    }
    return cpu->verifier;
}

void verifier_free(struct verifier *v)
{
    if (v) {
        ir_overlay_free(&v->aside.memory);
        free(v->before);
        free(v->expected);
        free(v->values);
        free(v);
    }
}

/* All but what only generated code uses, at the start of the header. */
static void copy_state(const struct guest *guest, struct cpu_header *to, const struct cpu_header *from)
{
    const size_t start = offsetof(struct cpu_header, stack_base);
    memcpy((uint8_t *)to + start, (const uint8_t *)from + start, guest->state_size - start);
}

static union ir_value *room_for_values(struct verifier *v, uint32_t count)
{
    if (count > v->value_count) {
        free(v->values);
        v->value_count = count * 2;
        v->values = aligned_alloc(16, v->value_count * sizeof *v->values);
        if (!v->values) {
            log_fatal("out of memory for verification");
        }
    }
    return v->values;
}

/* ---- the interpreter's run ---- */

/* Clocks, random numbers, invalidation of code: what cannot be done twice. */
static bool calls_outside(const struct ir_unit *ir)
{
    for (uint32_t i = 0; i < ir->count; i++) {
        if (ir->code[i].op == IR_OP_call &&
            ir->context->helpers[ir->code[i].a].effects & (IR_MEM_READ | IR_MEM_WRITE)) {
            return true;
        }
    }
    return false;
}

static struct outcome outcome_of_fault(struct translator_cpu *cpu)
{
    cpu->fault_pending = false;
    return (struct outcome){.kind = FAULTED,
                            .signal = cpu->fault.signal,
                            .code = cpu->fault.code,
                            .address = cpu->fault.address,
                            .write = cpu->fault.write};
}

static struct outcome outcome_of_exit(const struct ir_exit *exit)
{
    switch (exit->kind) {
    case IR_LEFT_SYSCALL:
        return (struct outcome){.kind = SYSTEM_CALL};
    case IR_LEFT_TRAP:
        return (struct outcome){.kind = TRAPPED, .trap = exit->trap, .argument = exit->argument};
    case IR_LEFT_MISALIGNED:
        return (struct outcome){.kind = FAULTED, .signal = SIGBUS, .code = BUS_ADRALN, .address = exit->address};
    default:
        return (struct outcome){.kind = WENT_ON};
    }
}

/* False if the unit loops more often than is compared as one run. one_loop: leave at the first edge back. */
static bool interpret(struct translator_cpu *cpu, const struct unit *unit, bool one_loop, struct outcome *outcome)
{
    struct verifier *v = cpu->verifier;
    copy_state(cpu->translator->guest, v->expected, v->before);
    v->expected->event = one_loop ? CPU_EVENT_RUNTIME : 0;
    v->aside.loops = LOOP_LIMIT;
    memset(v->aside.dropped, 0, sizeof v->aside.dropped);
    ir_overlay_clear(&v->aside.memory);
    union ir_value *values = room_for_values(v, unit->ir->count);
    if (sigsetjmp(cpu->landing, 0)) {
        cpu->in_interpreter = false;
        if (unit->is_wide) {
            cpu->state->mode |= CPU_MODE_CAREFUL;
            cpu->fault_pending = false;
        }
        *outcome = cpu->fault_pending ? outcome_of_fault(cpu) : (struct outcome){.kind = MENDED};
        return true;
    }
    cpu->in_interpreter = true;
    struct ir_exit exit = ir_interpret_aside(unit->ir, v->expected, values, &v->aside);
    cpu->in_interpreter = false;
    *outcome = outcome_of_exit(&exit);
    return exit.kind != IR_LEFT_UNFINISHED;
}

static bool slot_matters(const struct ir_unit *ir, unsigned slot, uint32_t index, bool *looped);

static bool slot_matters_in_block(const struct ir_unit *ir, unsigned slot, uint32_t block, bool *looped)
{
    if (block == 0 && *looped) {
        return false;
    }
    *looped |= block == 0;
    return slot_matters(ir, slot, ir->blocks[block].first, looped);
}

/* Whether the code from an instruction on may look at a slot before it overwrites it. *looped: the edge to block 0 was
 * followed. */
static bool slot_matters(const struct ir_unit *ir, unsigned slot, uint32_t index, bool *looped)
{
    for (;; index++) {
        const struct ir_instruction *i = &ir->code[index];
        bool is_slot = (i->op == IR_OP_read || i->op == IR_OP_write || i->op == IR_OP_drop) && i->a == slot;
        if (is_slot) {
            return i->op == IR_OP_read;
        }
        if (i->op == IR_OP_branch) {
            return slot_matters_in_block(ir, slot, i->b, looped) || slot_matters_in_block(ir, slot, i->c, looped);
        }
        if (i->op == IR_OP_jump) {
            return slot_matters_in_block(ir, slot, i->a, looped);
        }
        if ((ir_effects(ir, i) & (IR_END | IR_STATE_READ)) && i->op != IR_OP_read) {
            return true;
        }
    }
}

/* At faults and at edges to a unit's own entry, flags may be older if the code that follows overwrites them before it
   looks (fast/analyze.c): they count as dropped. */
static void drop_dead_flags(struct translator_cpu *cpu, const struct unit *unit, uint32_t from)
{
    const struct guest *guest = cpu->translator->guest;
    for (unsigned slot = 0; slot < guest->slot_count; slot++) {
        bool looped = false;
        if (guest->slots[slot].type == IR_FLAGS && !slot_matters(unit->ir, slot, from, &looped)) {
            cpu->verifier->aside.dropped[slot / 64] |= (uint64_t)1 << slot % 64;
        }
    }
}

/* ---- the compiled run ---- */

/* Whether nothing of the unit, or only some of its iterations, have run because of an event or an invalidation. */
static bool was_cut_short(const struct translator_cpu *cpu, bool one_loop)
{
    return cpu->state->exit_kind == HOST_LEFT_EVENT && !one_loop;
}

static struct outcome run_unit(struct translator_cpu *cpu, const struct unit *unit, bool one_loop)
{
    struct cpu_header *state = cpu->state;
    const struct translator *t = cpu->translator;
    const uint8_t *entry = unit->code;
    if (one_loop) {
        entry += t->host->entry_check_bytes;
        __atomic_fetch_or(&state->event, CPU_EVENT_RUNTIME, __ATOMIC_SEQ_CST);
    }
    atomic_store(&cpu->running, true);
    const uint8_t *place = t->glue.enter(state, entry);
    if (place) {
        cpu->verifier->left = cpu_look_at_place(cpu, place);
        translator_cpu_set_pc(cpu, cpu->verifier->left.pc);
    }
    atomic_store(&cpu->running, false);
    if (one_loop) {
        __atomic_fetch_and(&state->event, ~CPU_EVENT_RUNTIME, __ATOMIC_SEQ_CST);
    }
    switch ((enum host_left)state->exit_kind) {
    case HOST_LEFT_SYSCALL:
        return (struct outcome){.kind = SYSTEM_CALL};
    case HOST_LEFT_TRAP:
        return (struct outcome){
            .kind = TRAPPED, .trap = (uint32_t)state->exit_value, .argument = (uint32_t)(state->exit_value >> 32)};
    case HOST_LEFT_FAULT: {
        bool was_pending = cpu->fault_pending;
        struct outcome outcome = outcome_of_fault(cpu);
        cpu->fault_pending = was_pending;
        return outcome;
    }
    default:
        return (struct outcome){.kind = WENT_ON};
    }
}

/* ---- comparison; a report is written where there is one ---- */

struct comparison {
    const struct translator_cpu *cpu;
    const struct verifier *v;
    FILE *report;
    unsigned differences;
};

static void print_value(FILE *file, const void *place, unsigned bytes)
{
    fputs("0x", file);
    for (unsigned i = bytes; i-- > 0;) {
        fprintf(file, "%02x", ((const uint8_t *)place)[i]);
    }
}

static void note_difference(struct comparison *c, const char *what, const void *const values[3], unsigned bytes)
{
    static const char *const texts[] = {"before", "interpreter", "compiled"};
    c->differences++;
    if (!c->report) {
        return;
    }
    fprintf(c->report, "  %-18s", what);
    for (int i = 0; i < 3; i++) {
        if (values[i]) {
            fprintf(c->report, " %s ", texts[i]);
            print_value(c->report, values[i], bytes);
        }
    }
    fputc('\n', c->report);
}

static void compare_part(struct comparison *c, const char *name, size_t offset, unsigned bytes)
{
    const uint8_t *before = (uint8_t *)c->v->before + offset, *expected = (uint8_t *)c->v->expected + offset;
    const uint8_t *found = (uint8_t *)c->cpu->state + offset;
    if (memcmp(expected, found, bytes)) {
        note_difference(c, name, (const void *[]){before, expected, found}, bytes);
    }
}

/* What a dropped slot holds is as good as anything: it agrees. */
static void adopt_dropped(struct comparison *c)
{
    const struct guest *guest = c->cpu->translator->guest;
    for (unsigned word = 0; word < sizeof c->v->aside.dropped / sizeof *c->v->aside.dropped; word++) {
        for (uint64_t bits = c->v->aside.dropped[word]; bits; bits &= bits - 1) {
            const struct ir_slot_description *slot = &guest->slots[word * 64 + (unsigned)__builtin_ctzll(bits)];
            memcpy((uint8_t *)c->v->expected + slot->offset, (uint8_t *)c->cpu->state + slot->offset,
                   ir_type_bytes((enum ir_type)slot->type));
        }
    }
}

static void compare_state(struct comparison *c)
{
    const struct guest *guest = c->cpu->translator->guest;
    const size_t start = sizeof(struct cpu_header);
    bool differs =
        memcmp((uint8_t *)c->v->expected + start, (uint8_t *)c->cpu->state + start, guest->state_size - start);
    for (unsigned i = 0; i < guest->slot_count && differs; i++) {
        const struct ir_slot_description *slot = &guest->slots[i];
        compare_part(c, slot->name, slot->offset, ir_type_bytes((enum ir_type)slot->type));
    }
    compare_part(c, "(mode)", offsetof(struct cpu_header, mode), sizeof(uint32_t));
    compare_part(c, "(rounding)", offsetof(struct cpu_header, fp.rounding), sizeof(uint32_t));
    compare_part(c, "(exceptions)", offsetof(struct cpu_header, fp.exceptions), sizeof(uint32_t));
}

static void compare_memory(struct comparison *c)
{
    const struct ir_overlay *memory = &c->v->aside.memory;
    for (uint32_t i = 0; i < memory->count; i++) {
        const struct ir_overlay_word *word = &memory->words[i];
        uint64_t bits = ir_overlay_bits(word->written);
        uint64_t found = bits ? __atomic_load_n(word->place, __ATOMIC_RELAXED) & bits : 0;
        uint64_t expected = word->now & bits, before = word->before & bits;
        if (found != expected) {
            char name[32];
            snprintf(name, sizeof name, "[0x%" PRIx64 "]", (uintptr_t)word->place - c->cpu->state->memory_base);
            note_difference(c, name, (const void *[]){&before, &expected, &found}, sizeof found);
        }
    }
}

static void compare_number(struct comparison *c, const char *name, uint64_t expected, uint64_t found)
{
    if (expected != found) {
        note_difference(c, name, (const void *[]){NULL, &expected, &found}, sizeof found);
    }
}

static void compare_outcome(struct comparison *c, const struct outcome *expected, const struct outcome *found)
{
    if (expected->kind != found->kind) {
        c->differences++;
        if (c->report) {
            fprintf(c->report, "  (end of the unit) interpreter: %s; compiled: %s\n", outcome_names[expected->kind],
                    outcome_names[found->kind]);
        }
        return;
    }
    compare_number(c, "(trap)", expected->trap, found->trap);
    compare_number(c, "(argument)", expected->argument, found->argument);
    compare_number(c, "(signal)", (unsigned)expected->signal, (unsigned)found->signal);
    compare_number(c, "(code)", (unsigned)expected->code, (unsigned)found->code);
    compare_number(c, "(address)", expected->address, found->address);
    compare_number(c, "(write)", expected->write, found->write);
}

static unsigned compare(struct comparison *c, const struct outcome *expected, const struct outcome *found)
{
    c->differences = 0;
    adopt_dropped(c);
    compare_outcome(c, expected, found);
    compare_state(c);
    compare_memory(c);
    return c->differences;
}

/* Somebody else has changed what the unit read: the compiled code may have seen other values. */
static bool memory_has_changed(const struct ir_overlay *memory)
{
    for (uint32_t i = 0; i < memory->count; i++) {
        const struct ir_overlay_word *word = &memory->words[i];
        uint8_t mask = word->read & (uint8_t)~word->written;
        uint64_t changed = word->before;
        if (mask) {
            changed ^= __atomic_load_n(word->place, __ATOMIC_RELAXED);
        }
        if (mask && changed & ir_overlay_bits(mask)) {
            return true;
        }
    }
    return false;
}

/* The unit wrote to memory that other processes may write, too, at the same time. */
static bool wrote_shared_memory(const struct ir_overlay *memory)
{
    FILE *file = fopen("/proc/self/maps", "re");
    char line[4352], access[5];
    uintptr_t start, end;
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, access) == 3 && access[3] == 's') {
            for (uint32_t i = 0; i < memory->count && !found; i++) {
                uintptr_t place = (uintptr_t)memory->words[i].place;
                found = memory->words[i].written && place >= start && place < end;
            }
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

static _Noreturn void report(struct translator_cpu *cpu, const struct unit *unit, const struct outcome *expected,
                             const struct outcome *found)
{
    struct translator *t = cpu->translator;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (!file) {
        log_fatal("--verify: a difference at pc 0x%" PRIx64 ", and no memory to say more", unit->pc);
    }
    struct comparison c = {.cpu = cpu, .v = cpu->verifier, .report = file};
    fprintf(file, "--verify: %s unit at pc 0x%" PRIx64 ": interpreter and compiled code differ\n", t->guest->name,
            unit->pc);
    compare(&c, expected, found);
    fprintf(file, "guest code:\n");
    debug_print_guest_code(file, t->guest, t->embedder, unit->ranges, unit->range_count, unit->mode);
    fprintf(file, "IR:\n");
    ir_print(file, unit->ir);
    fprintf(file, "host code:\n");
    debug_print_host_code(file, t->host, unit->code, unit->code_bytes);
    fclose(file);
    log_text("%s", text);
    log_fatal("--verify: interpreter and compiled code differ at pc 0x%" PRIx64, unit->pc);
}

/* ---- one unit ---- */

static bool wants_one_loop(struct unit *unit)
{
    if (unit->patience) {
        unit->patience--;
        return true;
    }
    return false;
}

static uint64_t expected_pc(const struct translator_cpu *cpu)
{
    const struct guest *guest = cpu->translator->guest;
    uint64_t pc = 0;
    memcpy(&pc, (uint8_t *)cpu->verifier->expected + guest->slots[guest->pc_slot].offset, guest->word_bits / 8);
    return pc;
}

static void verify_unit(struct translator_cpu *cpu, struct unit *unit)
{
    struct verifier *v = verifier_of(cpu);
    struct verify_counters *counters = &cpu->translator->verify_counters;
    struct outcome expected;
    if (calls_outside(unit->ir)) {
        run_unit(cpu, unit, false);
        count_up(&counters->outside, 1);
        return;
    }
    copy_state(cpu->translator->guest, v->before, cpu->state);
    bool one_loop = wants_one_loop(unit);
    if (!interpret(cpu, unit, one_loop, &expected)) {
        unit->patience = LOOP_PATIENCE;
        one_loop = true;
        interpret(cpu, unit, true, &expected);
    }
    if (expected.kind == MENDED) {
        cpu->state->exit_kind = HOST_LEFT_EVENT;
        return;
    }
    if (expected.kind == FAULTED) {
        drop_dead_flags(cpu, unit, v->aside.at);
    } else if (one_loop && expected.kind == WENT_ON && expected_pc(cpu) == unit->pc) {
        drop_dead_flags(cpu, unit, unit->ir->blocks[0].first);
    }
    struct outcome found = run_unit(cpu, unit, one_loop);
    if (was_cut_short(cpu, one_loop)) {
        count_up(&counters->cut_short, 1);
        return;
    }
    struct comparison c = {.cpu = cpu, .v = v};
    if (compare(&c, &expected, &found) == 0) {
        count_up(one_loop ? &counters->iterations : &counters->agreed, 1);
    } else if (memory_has_changed(&v->aside.memory) || wrote_shared_memory(&v->aside.memory)) {
        count_up(&counters->disturbed, 1);
    } else {
        report(cpu, unit, &expected, &found);
    }
}

bool verify_step(struct translator_cpu *cpu)
{
    struct translator *t = cpu->translator;
    pthread_mutex_lock(&t->verify_lock);
    struct unit *unit = unit_get(cpu, cpu_take_pc(cpu));
    if (unit) {
        verify_unit(cpu, unit);
        if (cpu->state->exit_kind == HOST_LEFT_LINK) {
            cpu_follow_exit(cpu, &cpu->verifier->left);
        }
    }
    pthread_mutex_unlock(&t->verify_lock);
    return unit != NULL;
}
