/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops that go through several units. The first time code runs nobody knows which way its branches go; a jump back
 * that has been made often knows: along the linked exits from where it goes to where it comes from. The loop's head
 * gets a new unit, formed along that way: the loop is then one unit, with its slots in registers all around. A unit that
 * is a small loop itself counts its turns, too, and is formed again with several rounds (fast/unroll.h). */
#include "runtime.h"

enum { MAX_PATH = 8, MAX_VISITS = 64, MAX_AROUND = 64 };

struct search {
    const struct unit *goal;
    const struct unit *path[MAX_PATH];
    uint64_t pcs[MAX_PATH];
    unsigned visits;
};

static bool is_on_path(const struct search *s, const struct unit *unit, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        if (s->path[i] == unit) {
            return true;
        }
    }
    return false;
}

/* The shortest ways first; `limit` units at most. Returns how many units are on the path, 0 if there is none. */
static unsigned find_path(struct search *s, const struct unit *unit, unsigned depth, unsigned limit)
{
    s->path[depth] = unit;
    s->pcs[depth++] = unit->pc;
    if (unit == s->goal) {
        return depth;
    }
    if (depth == limit || (depth > 1 && unit->loops) || s->visits++ == MAX_VISITS) {
        return 0;
    }
    for (unsigned n = 0; n < unit->exit_count; n++) {
        const struct host_exit *exit = &unit->exits[n];
        if (!exit->target || exit->hint != IR_EXIT_JUMP || exit->is_continuation ||
            is_on_path(s, exit->target, depth)) {
            continue;
        }
        unsigned count = find_path(s, exit->target, depth, limit);
        if (count) {
            return count;
        }
    }
    return 0;
}

static bool make_loop(struct translator_cpu *cpu, const struct unit *head, const struct unit *from)
{
    if (head == from) {
        return unit_make_loop(cpu, head->pc, &head->pc, 1) != NULL;
    }
    struct search search = {.goal = from};
    for (unsigned limit = 2; limit <= MAX_PATH; limit++) {
        search.visits = 0;
        unsigned count = find_path(&search, head, 0, limit);
        if (count) {
            return unit_make_loop(cpu, head->pc, search.pcs, count) != NULL;
        }
    }
    return false;
}

/* What a loop goes through that calls functions, and what it goes on to, runs often too: units there that ended after a few
   branches become longer. They are found along linked exits, calls and what comes after them included. */
static void form_around(struct translator_cpu *cpu, struct unit *start)
{
    struct unit *around[MAX_AROUND];
    uint64_t pcs[MAX_AROUND];
    unsigned count = 0, cut = 0;
    if (start) {
        around[count++] = start;
    }
    for (unsigned i = 0; i < count; i++) {
        const struct unit *unit = around[i];
        if (unit->is_cut && !unit->is_formed_again && !unit->loops) {
            pcs[cut++] = unit->pc;
        }
        for (unsigned n = 0; n < unit->exit_count && count < MAX_AROUND; n++) {
            struct unit *target = unit->exits[n].target;
            bool is_new = target && target->mode == start->mode;
            for (unsigned k = 0; k < count && is_new; k++) {
                is_new = around[k] != target;
            }
            if (is_new) {
                around[count++] = target;
            }
        }
    }
    for (unsigned i = 0; i < cut; i++) {
        unit_form_again(cpu, pcs[i]);
    }
}

void hot_loop_found(struct translator_cpu *cpu, const struct unit *from, uint64_t pc)
{
    struct translator *t = cpu->translator;
    unsigned place = cpu_loop_index(pc);
    cpu->state->loop_counts[place] = CPU_LOOP_TURNS;
    struct unit *head = unit_find(t, pc, from->mode);
    if (head && from->valid && from->mode == cpu->state->mode) {
        if (!head->is_formed_again && from->loops == (head == from) && make_loop(cpu, head, from)) {
            count_up(&t->counters.loops, 1);
        } else if (cpu->busy[place] != pc) { /* it is counted once more, for longer */
            cpu->busy[place] = pc;
            cpu->state->loop_counts[place] = CPU_BUSY_TURNS;
            return;
        } else {
            form_around(cpu, head);
        }
    }
    uint64_t flushes = atomic_load(&t->counters.flushes);
    struct unit *target = unit_get_locked(cpu, pc);
    if (!target || flushes != atomic_load(&t->counters.flushes)) {
        return;
    }
    for (unsigned n = 0; n < from->exit_count; n++) {
        struct host_exit *exit = &from->exits[n];
        if (exit->pc == pc && exit->hint == IR_EXIT_JUMP) {
            unit_link(t, from, exit, target);
        }
    }
}
