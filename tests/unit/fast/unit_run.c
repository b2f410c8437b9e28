/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_run.h"
#include "interpreter.h"

#include <check.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HOLE_BYTES = 4096 };

static const char *const way_names[] = {"goto", "syscall", "trap", "fault", "misaligned", "broken"};

/* What the signal handler works on. */
static struct {
    struct unit_run *run;
    const struct compiled_unit *compiled; /* NULL while the interpreter runs */
    uint64_t address;
    bool misaligned;
    const char *broken;
    sigjmp_buf landing;
} active;

uint64_t random_next(uint64_t *seed)
{
    uint64_t x = *seed += 0x9e3779b97f4a7c15; /* splitmix64, Vigna */
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void give_up(const char *why)
{
    active.broken = why;
    siglongjmp(active.landing, 1);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    struct unit_run *run = active.run;
    const struct compiled_unit *compiled = active.compiled;
    if (!run) {
        abort();
    }
    active.address = (uintptr_t)info->si_addr;
    active.misaligned = false;
    if (!compiled || signal == SIGABRT) {
        siglongjmp(active.landing, signal == SIGSEGV ? 2 : 1);
    }
    const struct host *host = run->machine.host;
    uint64_t pc = host->fault_pc(context), address;
    if (pc - (uintptr_t)compiled->code < compiled->bytes) {
        if (host->fault_is_misaligned(context, signal, &address)) {
            active.misaligned = true;
            active.address = address;
        }
        if (!fast_apply_fault(&compiled->faults, (uint32_t)(pc - (uintptr_t)compiled->code), &run->machine.context,
                              &run->state->header, host, context)) {
            give_up("a fault where none may be");
        }
    } else if ((uintptr_t)info->si_addr - (uintptr_t)(run->window + FAKE_WINDOW_BYTES) >= HOLE_BYTES) {
        give_up("a fault outside the unit and the window");
    }
    host->save_fp_from_fault(context, &run->state->header);
    host->leave_from_fault(context, &run->machine.glue, &run->state->header);
}

static void catch_signals(void)
{
    static uint8_t stack[1 << 16];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    sigaction(SIGABRT, &action, NULL);
}

void unit_run_init(struct unit_run *run, uint32_t disabled)
{
    *run = (struct unit_run){0};
    uint8_t *room =
        mmap(NULL, HOLE_BYTES + FAKE_WINDOW_BYTES + HOLE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(room != MAP_FAILED);
    run->window = room + HOLE_BYTES;
    ck_assert_int_eq(mprotect(run->window, FAKE_WINDOW_BYTES, PROT_READ | PROT_WRITE), 0);
    run->state = test_state_new(sizeof *run->state);
    test_machine_init(&run->machine, disabled, &fake_context, &run->state->header);
    active.run = run;
    catch_signals();
}

void unit_run_free(struct unit_run *run)
{
    active.run = NULL;
    test_machine_free(&run->machine);
    munmap(run->window - HOLE_BYTES, HOLE_BYTES + FAKE_WINDOW_BYTES + HOLE_BYTES);
    test_state_free(run->state);
    free(run->scratch);
}

static bool differs(const struct unit_run *run, const struct ir_unit *unit, const char *what)
{
    if (!run->quiet) {
        fprintf(stderr, "compiled code differs from the interpreter in %s (features %llx)\n", what,
                (unsigned long long)run->machine.features);
        ir_print(stderr, unit);
    }
    return false;
}

bool unit_compile(struct unit_run *run, struct ir_unit *unit, bool based, struct compiled_unit *result)
{
    *result = (struct compiled_unit){.unit = unit, .based = based};
    active.compiled = NULL;
    if (sigsetjmp(active.landing, 1)) {
        return differs(run, unit, "an assertion of the compiler");
    }
    struct fast_result compiled = test_machine_compile(&run->machine, unit, based);
    if (!compiled.done) {
        return differs(run, unit, "its size: no room");
    }
    result->code = compiled.entry;
    result->bytes = (uint32_t)(compiled.end - compiled.entry);
    result->exits = compiled.exits;
    result->faults = compiled.faults;
    return true;
}

/* ---- states ---- */

static uint64_t random_word(uint64_t *seed)
{
    static const uint64_t special[] = {0,
                                       1,
                                       2,
                                       0x7f,
                                       0x80,
                                       0xff,
                                       0x8000,
                                       0xffff,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x100000000,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       UINT64_MAX,
                                       0xffffffff80000000,
                                       0x3ff0000000000000};
    uint64_t r = random_next(seed);
    if ((r & 3) == 0) {
        return special[(r >> 8) % (sizeof special / sizeof *special)];
    }
    return r & 4 ? random_next(seed) >> (r >> 8 & 63) : random_next(seed);
}

void unit_run_randomize(struct unit_run *run, uint64_t seed, bool based)
{
    struct cpu_header *header = &run->state->header;
    union ir_value *slots = run->state->slots;
    header->memory_base = based ? (uintptr_t)run->window - 0x10000 : 0;
    header->event = 0;
    header->fp = (struct float_status){.rounding = (uint32_t)(random_next(&seed) & 3)};
    for (unsigned s = 0; s < FAKE_SLOT_COUNT; s++) {
        slots[s] = (union ir_value){.u64 = {random_word(&seed), random_word(&seed)}};
    }
    slots[FAKE_FLAGS].i32 = (uint32_t)random_next(&seed) & FAKE_FLAG_MASK;
    slots[FAKE_COUNTER].i64 = 1 + random_next(&seed) % 5;
    slots[FAKE_WINDOW].i64 = (uintptr_t)run->window - header->memory_base;
    slots[FAKE_NEAR_END].i64 = slots[FAKE_WINDOW].i64 + FAKE_WINDOW_BYTES - random_next(&seed) % 200;
    slots[FAKE_EVENT].i64 = (uintptr_t)&header->event - header->memory_base;
    for (unsigned n = 0; n < FAKE_WINDOW_BYTES; n += 8) {
        uint64_t word = random_word(&seed);
        memcpy(run->window + n, &word, 8);
    }
}

/* ---- the two engines ---- */

static void keep(const struct unit_run *run, struct unit_outcome *outcome)
{
    outcome->state = *run->state;
    memcpy(outcome->window, run->window, FAKE_WINDOW_BYTES);
}

void unit_interpret(struct unit_run *run, const struct ir_unit *unit, struct unit_outcome *outcome)
{
    static const enum unit_way ways[] = {WAY_GOTO, WAY_SYSCALL, WAY_TRAP, WAY_MISALIGNED};
    if (run->scratch_count < unit->count) {
        free(run->scratch);
        run->scratch_count = unit->count * 2;
        run->scratch = aligned_alloc(16, run->scratch_count * sizeof *run->scratch);
    }
    active.compiled = NULL;
    int landed = sigsetjmp(active.landing, 1);
    if (landed) {
        outcome->way = landed == 2 ? WAY_FAULT : WAY_BROKEN;
        outcome->address = active.address - run->state->header.memory_base;
    } else {
        struct ir_exit exit = ir_interpret(unit, &run->state->header, run->scratch);
        outcome->way = ways[exit.kind];
        outcome->address = exit.address;
        outcome->trap = exit.trap | (uint64_t)exit.argument << 32;
        outcome->event =
            exit.kind == IR_LEFT_GOTO && run->state->header.event && run->state->slots[FAKE_PC].i64 == unit->pc;
    }
    keep(run, outcome);
}

void unit_execute(struct unit_run *run, const struct compiled_unit *compiled, struct unit_outcome *outcome)
{
    struct cpu_header *header = &run->state->header;
    header->translated_sp = (uint64_t)(uintptr_t)header->stack_base;
    active.compiled = compiled;
    active.misaligned = false;
    if (sigsetjmp(active.landing, 1)) {
        outcome->way = WAY_BROKEN;
        fprintf(stderr, "%s\n", run->quiet || !active.broken ? "" : active.broken);
    } else {
        feraiseexcept(FE_ALL_EXCEPT); /* what C code has raised is none of the guest's business */
        const uint8_t *place = run->machine.glue.enter(header, compiled->code);
        switch ((enum host_left)header->exit_kind) {
        case HOST_LEFT_LINK:
            run->state->slots[FAKE_PC].i64 = host_exit_find(compiled->exits, &run->machine.glue, place)->pc;
            break;
        case HOST_LEFT_SYSCALL:
            outcome->way = WAY_SYSCALL;
            break;
        case HOST_LEFT_TRAP:
            outcome->way = WAY_TRAP;
            outcome->trap = header->exit_value;
            break;
        case HOST_LEFT_FAULT:
            outcome->way = active.misaligned ? WAY_MISALIGNED : WAY_FAULT;
            outcome->address = active.address - (active.misaligned ? 0 : header->memory_base);
            break;
        case HOST_LEFT_EVENT:
            outcome->event = true;
            run->state->slots[FAKE_PC].i64 = compiled->unit->pc;
            break;
        case HOST_LEFT_LOOKUP:
            break;
        }
    }
    active.compiled = NULL;
    keep(run, outcome);
}

/* ---- comparison ---- */

/* Whether some way on from instruction `index` looks at the flags before it writes them. */
static bool flags_wanted(const struct ir_unit *unit, uint32_t index, uint8_t *visited)
{
    for (; !visited[index]; index++) {
        const struct ir_instruction *in = &unit->code[index];
        visited[index] = 1;
        bool flags = (in->op == IR_OP_read || in->op == IR_OP_write || in->op == IR_OP_drop) && in->a == FAKE_FLAGS;
        if (flags) {
            return in->op == IR_OP_read;
        }
        if (in->op == IR_OP_jump) {
            return flags_wanted(unit, unit->blocks[in->a].first, visited);
        }
        if (in->op == IR_OP_branch) {
            return flags_wanted(unit, unit->blocks[in->b].first, visited) ||
                   flags_wanted(unit, unit->blocks[in->c].first, visited);
        }
        /* A call that only reads state may have been left out because nobody wants its result. */
        unsigned effects = in->op == IR_OP_call ? ir_effects(unit, in) : 0;
        if (ir_ops[in->op].effects & IR_END || (effects & IR_STATE_READ && effects != IR_STATE_READ)) {
            return true;
        }
    }
    return false;
}

/* The instruction at which a run ended: by pc and way, of which a unit has each only once. IR_NO_REF if not found. */
static uint32_t find_end(const struct ir_unit *unit, const struct unit_outcome *outcome)
{
    uint64_t at = outcome->state.slots[FAKE_PC].i64;
    bool fault = outcome->way == WAY_FAULT || outcome->way == WAY_MISALIGNED, here = false;
    for (uint32_t n = 0; n < unit->count; n++) {
        const struct ir_instruction *in = &unit->code[n];
        if (in->op == IR_OP_mark) {
            here = (in->a | (uint64_t)in->b << 32) == at;
        } else if (fault && here && ir_effects(unit, in) & IR_FAULT) {
            return n;
        } else if (!fault && in->op == IR_OP_goto && ir_constant_of(unit, in->a)->value.i64 == at) {
            for (; unit->code[n - 1].op == IR_OP_drop; n--) {
            }
            return n;
        }
    }
    return IR_NO_REF;
}

static bool flags_are_compared(const struct ir_unit *unit, const struct unit_outcome *outcome)
{
    uint32_t end = outcome->event ? 0 : find_end(unit, outcome);
    if (end == IR_NO_REF) {
        return true;
    }
    uint8_t *visited = calloc(unit->count, 1);
    bool wanted = flags_wanted(unit, end, visited);
    free(visited);
    return wanted;
}

static void print_state(const struct unit_run *run, const struct fake_state *state, const char *name)
{
    fprintf(stderr, "%s:\n", name);
    for (unsigned s = 0; s < FAKE_SLOT_COUNT; s++) {
        fprintf(stderr, "  %-5s %016llx %016llx%s", run->machine.context.slots[s].name,
                (unsigned long long)state->slots[s].u64[1], (unsigned long long)state->slots[s].u64[0],
                s % 2 ? "\n" : "");
    }
    fprintf(stderr, "\n");
}

static bool same_slot(unsigned slot, const union ir_value *a, const union ir_value *b, bool flags)
{
    if (slot == FAKE_FLAGS) {
        return !flags || ((a->i32 ^ b->i32) & FAKE_FLAG_MASK) == 0;
    }
    return memcmp(a, b, sizeof *a) == 0;
}

static bool compare_outcomes(struct unit_run *run, const struct ir_unit *unit, const struct unit_outcome *expected,
                             const struct unit_outcome *got)
{
    if (expected->way != got->way || expected->event != got->event || expected->address != got->address ||
        expected->trap != got->trap) {
        if (!run->quiet) {
            fprintf(stderr, "expected: %s, event %u, address %llx; got: %s, event %u, address %llx\n",
                    way_names[expected->way], expected->event, (unsigned long long)expected->address,
                    way_names[got->way], got->event, (unsigned long long)got->address);
        }
        return differs(run, unit, "its end");
    }
    bool flags = flags_are_compared(unit, expected), same = true;
    for (unsigned s = 0; s < FAKE_SLOT_COUNT; s++) {
        const union ir_value *e = &expected->state.slots[s], *g = &got->state.slots[s];
        if (!same_slot(s, e, g, flags)) {
            same = same && differs(run, unit, way_names[expected->way]);
            if (!run->quiet) {
                fprintf(stderr, "%s: expected %016llx %016llx, got %016llx %016llx\n",
                        run->machine.context.slots[s].name, (unsigned long long)e->u64[1],
                        (unsigned long long)e->u64[0], (unsigned long long)g->u64[1], (unsigned long long)g->u64[0]);
            }
        }
    }
    if (memcmp(expected->window, got->window, FAKE_WINDOW_BYTES) != 0) {
        same = same && differs(run, unit, "memory");
    }
    if (expected->state.header.fp.exceptions != got->state.header.fp.exceptions) {
        same = same && differs(run, unit, "floating-point exceptions");
    }
    return same;
}

bool unit_compare(struct unit_run *run, const struct compiled_unit *compiled)
{
    struct unit_outcome before = {0}, *expected = calloc(2, sizeof *expected), *got = expected + 1;
    keep(run, &before);
    unit_interpret(run, compiled->unit, expected);
    *run->state = before.state;
    memcpy(run->window, before.window, FAKE_WINDOW_BYTES);
    unit_execute(run, compiled, got);
    *run->state = before.state;
    memcpy(run->window, before.window, FAKE_WINDOW_BYTES);
    run->faults += expected->way == WAY_FAULT || expected->way == WAY_MISALIGNED;
    run->events += expected->event;
    bool same = compare_outcomes(run, compiled->unit, expected, got);
    if (!same && !run->quiet) {
        print_state(run, &before.state, "state before");
    }
    free(expected);
    return same;
}
