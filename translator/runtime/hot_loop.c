/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops that go through several units. The first time code runs nobody knows which way its branches go; a jump back
 * that has been made often knows: along the linked exits from where it goes to where it comes from. The loop's head
 * gets a new unit, formed along that way: the loop is then one unit, with its slots in registers all around. A unit that
 * is a small loop itself counts its turns, too, and is formed again with several rounds (fast/unroll.h). */
#include "runtime.h"

enum { MAX_PATH = 8, MAX_VISITS = 64 };

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

void hot_loop_found(struct translator_cpu *cpu, const struct unit *from, uint64_t pc)
{
    struct translator *t = cpu->translator;
    cpu->state->loop_counts[cpu_loop_index(pc)] = CPU_LOOP_TURNS;
    const struct unit *head = unit_find(t, pc, from->mode);
    if (head && !head->is_formed_again && from->loops == (head == from) && from->valid &&
        from->mode == cpu->state->mode && make_loop(cpu, head, from)) {
        count_up(&t->counters.loops, 1);
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
