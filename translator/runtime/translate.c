/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making units: under the lock, one at a time. */
#include "debug.h"
#include "log.h"
#include "runtime.h"

#include <stdlib.h>
#include <time.h>

enum { MAX_INSTRUCTIONS = 64, MAX_BRANCHES = 2, HOT_BRANCHES = 8, LOOP_INSTRUCTIONS = 200, LOOP_BRANCHES = 14, MAX_WATCHED = 4, UNIT_ROOM = 64 * 1024 };

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool exclusive_begin(struct translator *t, unsigned pauses)
{
    unsigned left = pauses;
    atomic_fetch_add(&t->exclusive, 1);
    for (struct translator_cpu *cpu = t->cpus; cpu; cpu = cpu->next) {
        while (atomic_load(&cpu->running)) {
            if (pauses && !left--) {
                exclusive_end(t);
                return false;
            }
            __atomic_fetch_or(&cpu->state->event, CPU_EVENT_RUNTIME, __ATOMIC_SEQ_CST);
            pthread_mutex_unlock(&t->lock);
            struct timespec pause = {0, 20000};
            nanosleep(&pause, NULL);
            pthread_mutex_lock(&t->lock);
            cpu = t->cpus; /* the list may have changed */
        }
    }
    return true;
}

void exclusive_end(struct translator *t)
{
    for (struct translator_cpu *cpu = t->cpus; cpu; cpu = cpu->next) {
        __atomic_fetch_and(&cpu->state->event, ~CPU_EVENT_RUNTIME, __ATOMIC_SEQ_CST);
    }
    atomic_fetch_sub(&t->exclusive, 1);
    pthread_cond_broadcast(&t->resumed);
}

/* The interpreter keeps its IR: one block of memory with everything ir_interpret looks at. */
static struct ir_unit *copy_ir(const struct ir_unit *from)
{
    struct {
        const void *place;
        size_t bytes;
    } part[] = {
        {from, sizeof *from},
        {from->context, sizeof *from->context},
        {from->code, from->count * sizeof *from->code},
        {from->constants, from->constant_count * sizeof *from->constants},
        {from->list, from->list_count * sizeof *from->list},
        {from->blocks, from->block_count * sizeof *from->blocks},
        {from->layout, from->layout_count * sizeof *from->layout},
    };
    size_t total = 0, at[7];
    for (int i = 0; i < 7; i++) {
        at[i] = total;
        total += (part[i].bytes + 15) & ~(size_t)15;
    }
    uint8_t *block = aligned_alloc(16, total);
    if (!block) {
        log_fatal("out of memory for a unit");
    }
    for (int i = 0; i < 7; i++) {
        if (part[i].bytes) {
            memcpy(block + at[i], part[i].place, part[i].bytes);
        }
    }
    struct ir_unit *unit = (struct ir_unit *)block;
    unit->context = (const void *)(block + at[1]);
    unit->code = (void *)(block + at[2]);
    unit->constants = (void *)(block + at[3]);
    unit->list = (void *)(block + at[4]);
    unit->blocks = (void *)(block + at[5]);
    unit->layout = (void *)(block + at[6]);
    unit->arena = NULL;
    return unit;
}

static bool compile(struct translator *t, struct unit *unit, const struct superblock *sb)
{
    struct code_cache *cache = &t->cache;
    if (cache->end - cache->next < UNIT_ROOM) {
        return false;
    }
    code_cache_populate(cache, cache->next);
    struct fast_target target = {
        .host = t->host,
        .glue = &t->glue,
        .features = t->host_features,
        .memory_model = t->embedder->memory_model,
        .memory_base_is_zero = t->embedder->memory_model == MEMORY_DIRECT && t->embedder->memory_base_is_zero,
        .single_threaded = unit->mode & CPU_MODE_PRIVATE,
        .counts_loops = !t->options.single_step && !t->stops.watch_count,
        .counts_own_loop = sb->may_unroll,
        .start = cache->next,
        .limit = cache->next + UNIT_ROOM,
        .records = &t->records,
    };
    struct fast_result result = fast_compile(sb->unit, &t->arena, &target);
    if (!result.done) {
        return false;
    }
    unit->code = result.entry;
    unit->code_bytes = (uint32_t)(result.end - result.entry);
    unit->exits = result.exits;
    unit->exit_count = (uint16_t)result.exit_count;
    unit->faults = result.faults;
    count_up(&t->counters.host_bytes, (uint64_t)(result.end - cache->next));
    return code_cache_add(cache, unit);
}

static void check_ir(struct translator *t, const struct superblock *sb)
{
    const char *wrong = ir_verify(sb->unit, &t->arena);
    if (wrong) {
        ir_print(stderr, sb->unit);
        log_fatal("bad IR at 0x%llx: %s", (unsigned long long)sb->unit->pc, wrong);
    }
}

static struct unit *make_unit(struct translator_cpu *cpu, uint64_t pc, struct superblock_limits limits)
{
    struct translator *t = cpu->translator;
    uint64_t began = t->options.measure ? now_ns() : 0;
    arena_reset(&t->arena);
    struct ir_context context = superblock_context(t->guest, cpu->state->mode);
    cpu->in_former = true;
    struct superblock *sb = superblock_form(&t->arena, &t->source, &context, cpu->state, pc, limits);
    cpu->in_former = false;
    if (t->options.check_ir) {
        check_ir(t, sb);
    }
    if (limits.path && !sb->loops) {
        return NULL;
    }
    struct unit *unit = arena_new(&t->records, struct unit);
    unit->pc = pc;
    unit->loops = sb->loops;
    unit->is_formed_again = limits.path || limits.is_hot;
    unit->is_cut = sb->is_cut;
    unit->is_wide = sb->is_wide;
    unit->mode = cpu->state->mode;
    unit->instructions = sb->instructions;
    unit->range_count = (uint8_t)sb->range_count;
    unit->ranges = arena_array(&t->records, struct superblock_range, sb->range_count);
    memcpy(unit->ranges, sb->ranges, sb->range_count * sizeof *unit->ranges);
    if (t->options.keeps_images && sb->instructions) { /* else there is no code: the unit is a trap */
        cpu->in_former = true;
        unit->code_hash = image_code_hash(t, unit);
        cpu->in_former = false;
    }
    debug_log_ir(t->guest, t->embedder, sb);
    if (!t->host || t->options.verify) {
        unit->ir = copy_ir(sb->unit);
    }
    if (t->host && !compile(t, unit, sb)) {
        free(unit->ir);
        return NULL;
    }
    debug_log_code(t->host, pc, unit->code, unit->code_bytes);
    if (profile_is_on(&t->profile)) {
        profile_note(&t->profile, t->guest, t->embedder, pc, unit->code, unit->code_bytes);
    }
    units_insert(t, unit);
    t->image.made++;
    count_up(&t->counters.units, 1);
    count_up(&t->counters.guest_instructions, sb->instructions);
    count_up(&t->counters.ir_instructions, sb->unit->count);
    for (unsigned i = 0; i < sb->range_count; i++) {
        count_up(&t->counters.guest_bytes, sb->ranges[i].length);
    }
    if (t->options.measure) {
        count_up(&t->counters.translation_ns, now_ns() - began);
    }
    return unit;
}

/* Lock held. NULL if the code cannot be read (its pages went away, or lie behind the end of a file): cpu->fault says
 * how. */
static struct unit *make_readable_unit(struct translator_cpu *cpu, uint64_t pc, struct superblock_limits limits)
{
    volatile bool again = false;
    if (sigsetjmp(cpu->former_landing, 0)) {
        cpu->in_former = false;
        superblock_forget_code(&cpu->translator->source);
        if (again) {
            return NULL;
        }
        again = true; /* perhaps only code further on cannot be read */
    }
    if (again && limits.path) {
        return NULL;
    }
    if (again) {
        limits.instructions = limits.branches = 1;
    }
    return make_unit(cpu, pc, limits);
}

static void flush_cache(struct translator *t)
{
    exclusive_begin(t, 0);
    units_flush(t);
    code_cache_init(t, 0);
    count_up(&t->counters.flushes, 1);
    exclusive_end(t);
}

static bool may_widen(const struct translator *t, uint32_t mode)
{
    return t->host && t->host->has_superwords(t->host_features) && t->embedder->memory_model == MEMORY_DIRECT &&
           !(mode & CPU_MODE_CAREFUL);
}

struct unit *unit_get_locked(struct translator_cpu *cpu, uint64_t pc)
{
    struct translator *t = cpu->translator;
    struct unit *unit;
    struct superblock_limits limits = {
        MAX_INSTRUCTIONS, MAX_BRANCHES, translator_stops(t), .unrolls = t->options.verify};
    limits.widens = limits.unrolls && may_widen(t, cpu->state->mode);
    if (t->options.single_step) {
        limits.instructions = limits.branches = 1;
    } else if (t->stops.watch_count) { /* every access has a branch and a block */
        limits.instructions = MAX_WATCHED;
    }
    for (int attempt = 0; !(unit = unit_find(t, pc, cpu->state->mode)); attempt++) {
        cpu->fault_pending = false;
        if (t->image.waiting && image_wake(cpu, pc) && (unit = unit_find(t, pc, cpu->state->mode))) {
            break;
        }
        unit = make_readable_unit(cpu, pc, limits);
        if (unit || cpu->fault_pending) {
            break;
        }
        KAGE_ASSERT(attempt < 6, "a unit does not fit the code cache");
        if (attempt > 0) {
            limits.instructions = limits.instructions / 2 + 1;
        }
        if (t->cache.end - t->cache.next < 2 * UNIT_ROOM) {
            flush_cache(t);
        }
    }
    return unit;
}

struct unit *unit_make_loop(struct translator_cpu *cpu, uint64_t pc, const uint64_t *path, unsigned path_count)
{
    struct translator *t = cpu->translator;
    struct superblock_limits limits = {LOOP_INSTRUCTIONS, LOOP_BRANCHES, translator_stops(t), path, path_count, .unrolls = true};
    limits.widens = may_widen(t, cpu->state->mode);
    struct unit *old = unit_find(t, pc, cpu->state->mode);
    if (t->cache.end - t->cache.next < 2 * UNIT_ROOM) {
        return NULL;
    }
    struct unit *unit = make_readable_unit(cpu, pc, limits);
    cpu->fault_pending = false;
    if (unit && old) {
        unit_invalidate(t, old);
    }
    return unit;
}

void unit_form_again(struct translator_cpu *cpu, uint64_t pc)
{
    struct translator *t = cpu->translator;
    struct superblock_limits limits = {
        MAX_INSTRUCTIONS, HOT_BRANCHES, translator_stops(t), .unrolls = true, .is_hot = true};
    limits.widens = may_widen(t, cpu->state->mode); /* it may turn out to be a loop */
    struct unit *old = unit_find(t, pc, cpu->state->mode);
    if (!old || t->cache.end - t->cache.next < 2 * UNIT_ROOM) {
        return;
    }
    if (make_readable_unit(cpu, pc, limits)) {
        unit_invalidate(t, old);
    }
    cpu->fault_pending = false;
}

struct unit *unit_get(struct translator_cpu *cpu, uint64_t pc)
{
    struct translator *t = cpu->translator;
    pthread_mutex_lock(&t->lock);
    struct unit *unit = unit_get_locked(cpu, pc);
    pthread_mutex_unlock(&t->lock);
    return unit;
}
