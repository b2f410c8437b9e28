/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of units: by pc and mode (lock-free to read), and by page of guest code (for invalidation). */
#include "runtime.h"

#include <stdlib.h>

/* Neighbouring code shares buckets and their cache lines: a short process then touches few pages of the tables. */
uint32_t unit_hash(uint64_t pc, uint32_t mode, unsigned log)
{
    uint64_t mixed = pc >> 5 ^ pc >> 22 ^ (uint64_t)mode << 9;
    return (uint32_t)mixed & ((1u << log) - 1);
}

/* Units of an image have a table of their own, so that nothing need be done with them one by one. */
static _Atomic(struct unit *) *bucket_of(struct translator *t, const struct unit *unit)
{
    return unit->region ? &t->image.buckets[unit_hash(unit->pc, unit->mode, t->image.bucket_log)]
                        : &t->buckets[unit_hash(unit->pc, unit->mode, UNIT_BUCKET_LOG)];
}

static uint32_t page_bucket_of(uint64_t page)
{
    return (uint32_t)(page ^ page >> PAGE_BUCKET_LOG) & ((1u << PAGE_BUCKET_LOG) - 1);
}

static struct unit *find_in(_Atomic(struct unit *) *bucket, uint64_t pc, uint32_t mode)
{
    struct unit *unit = atomic_load_explicit(bucket, memory_order_acquire);
    while (unit && (unit->pc != pc || unit->mode != mode)) {
        unit = atomic_load_explicit(&unit->hash_next, memory_order_acquire);
    }
    return unit;
}

struct unit *unit_find(struct translator *t, uint64_t pc, uint32_t mode)
{
    struct unit *unit = find_in(&t->buckets[unit_hash(pc, mode, UNIT_BUCKET_LOG)], pc, mode);
    if (!unit && t->image.buckets) {
        unit = find_in(&t->image.buckets[unit_hash(pc, mode, t->image.bucket_log)], pc, mode);
        if (unit && atomic_load_explicit(&t->image.regions[unit->region - 1].state, memory_order_acquire) != IMAGE_LIVE) {
            return NULL;
        }
    }
    return unit;
}

static void add_page(struct translator *t, uint64_t page, struct unit *unit)
{
    struct page_entry **head = &t->pages[page_bucket_of(page)];
    for (struct page_entry *e = *head; e && e->unit == unit; e = e->next) {
        if (e->page == page) {
            return;
        }
    }
    struct page_entry *entry = t->free_pages;
    if (entry) {
        t->free_pages = entry->next;
    } else {
        entry = arena_new(&t->records, struct page_entry);
    }
    *entry = (struct page_entry){page, unit, *head};
    *head = entry;
}

void units_insert(struct translator *t, struct unit *unit)
{
    for (unsigned i = 0; i < unit->range_count; i++) {
        const struct superblock_range *r = &unit->ranges[i];
        uint64_t last = (r->start + (r->length ? r->length - 1 : 0)) >> CODE_PAGE_LOG;
        for (uint64_t page = r->start >> CODE_PAGE_LOG; page <= last; page++) {
            add_page(t, page, unit);
        }
    }
    unit->valid = true;
    unit->all_next = t->all_units;
    t->all_units = unit;
    _Atomic(struct unit *) *bucket = bucket_of(t, unit);
    atomic_store_explicit(&unit->hash_next, atomic_load_explicit(bucket, memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(bucket, unit, memory_order_release);
}

/* Every way around in the graph of units makes a call, a jump through a value or a jump to a lower pc: those check for
   events, the others need not. What invalidates a unit takes its links away. */
static bool may_skip_check(const struct translator *t, const struct unit *from, const struct host_exit *exit,
                           const struct unit *target)
{
    return !t->options.verify &&
           (exit->is_continuation || (exit->hint == IR_EXIT_JUMP && target->pc > from->pc));
}

void unit_link(struct translator *t, const struct unit *from, struct host_exit *exit, struct unit *target)
{
    if (exit->target || !target->valid || !from->valid) {
        return;
    }
    exit->target = target;
    exit->next_of_target = target->linked;
    target->linked = exit;
    if (!t->options.verify) { /* which only wants to know the way of loops */
        t->host->link(&t->glue, exit, target->code + (may_skip_check(t, from, exit, target) ? t->host->entry_check_bytes : 0));
    }
    count_up(&t->counters.links, 1);
}

void unit_unlink_exit(struct translator *t, struct host_exit *exit)
{
    struct host_exit **place = &exit->target->linked;
    while (*place != exit) {
        place = &(*place)->next_of_target;
    }
    *place = exit->next_of_target;
    exit->target = NULL;
    t->host->link(&t->glue, exit, NULL);
}

static void remove_from_bucket(struct translator *t, struct unit *unit)
{
    _Atomic(struct unit *) *place = bucket_of(t, unit);
    struct unit *other;
    while ((other = atomic_load_explicit(place, memory_order_relaxed)) != unit) {
        place = &other->hash_next;
    }
    struct unit *next = atomic_load_explicit(&unit->hash_next, memory_order_relaxed);
    atomic_store_explicit(place, next, memory_order_release);
}

static void forget_in_jump_tables(struct translator *t, uint64_t pc)
{
    for (struct translator_cpu *cpu = t->cpus; cpu; cpu = cpu->next) {
        struct cpu_jump *jump = &cpu->state->jumps[cpu_jump_index(pc)];
        if (jump->pc == pc) {
            __atomic_store_n(&jump->pc, CPU_NO_PC, __ATOMIC_RELEASE);
        }
    }
}

void unit_invalidate(struct translator *t, struct unit *unit)
{
    unit->valid = false;
    remove_from_bucket(t, unit);
    forget_in_jump_tables(t, unit->pc);
    if (unit->code) {
        t->host->disable_unit((uint8_t *)unit->code);
        while (unit->linked) {
            unit_unlink_exit(t, unit->linked);
        }
        for (unsigned n = 0; n < unit->exit_count; n++) {
            if (unit->exits[n].target) {
                unit_unlink_exit(t, &unit->exits[n]);
            }
        }
    }
    count_up(&t->counters.invalidated, 1);
}

static bool overlaps(const struct unit *unit, uint64_t start, uint64_t length)
{
    for (unsigned i = 0; i < unit->range_count; i++) {
        const struct superblock_range *r = &unit->ranges[i];
        if (r->start < start + length && start < r->start + r->length) {
            return true;
        }
    }
    return false;
}

static void sweep_bucket(struct translator *t, struct page_entry **place)
{
    while (*place) {
        struct page_entry *entry = *place;
        if (entry->unit->valid) {
            place = &entry->next;
            continue;
        }
        *place = entry->next;
        entry->next = t->free_pages;
        t->free_pages = entry;
    }
}

void units_sweep_pages(struct translator *t)
{
    for (uint32_t i = 0; i < 1u << PAGE_BUCKET_LOG; i++) {
        sweep_bucket(t, &t->pages[i]);
    }
}

void units_drop(struct translator *t, uint64_t page)
{
    struct page_entry **bucket = &t->pages[page_bucket_of(page)];
    superblock_forget_code(&t->source);
    for (const struct page_entry *entry = *bucket; entry; entry = entry->next) {
        if (entry->page == page && entry->unit->valid) {
            unit_invalidate(t, entry->unit);
        }
    }
    sweep_bucket(t, bucket);
}

static void invalidate_bucket(struct translator *t, struct page_entry **place, uint64_t start, uint64_t length)
{
    bool any = false;
    for (const struct page_entry *entry = *place; entry; entry = entry->next) {
        if (entry->unit->valid && overlaps(entry->unit, start, length)) {
            unit_invalidate(t, entry->unit);
            image_note_change(t, entry->page);
        }
        any |= !entry->unit->valid;
    }
    if (any) {
        sweep_bucket(t, place);
    }
}

void units_invalidate(struct translator *t, uint64_t start, uint64_t length)
{
    if (length == 0) {
        return;
    }
    superblock_forget_code(&t->source);
    if (start + length < start) {
        length = -start;
    }
    uint64_t first = start >> CODE_PAGE_LOG, last = (start + length - 1) >> CODE_PAGE_LOG;
    if (last - first >= 1u << PAGE_BUCKET_LOG) {
        for (uint32_t i = 0; i < 1u << PAGE_BUCKET_LOG; i++) {
            invalidate_bucket(t, &t->pages[i], start, length);
        }
        return;
    }
    for (uint64_t page = first; page <= last; page++) {
        invalidate_bucket(t, &t->pages[page_bucket_of(page)], start, length);
    }
}

void units_free(struct translator *t)
{
    for (struct unit *unit = t->host && !t->options.verify ? NULL : t->all_units; unit;) { /* those that have IR */
        struct unit *next = unit->all_next;
        free(unit->ir);
        unit = next;
    }
    image_forget(t);
    t->all_units = NULL;
}

void units_flush(struct translator *t)
{
    for (uint32_t i = 0; i < 1u << UNIT_BUCKET_LOG; i++) {
        atomic_store_explicit(&t->buckets[i], NULL, memory_order_relaxed);
    }
    for (uint32_t i = 0; i < 1u << PAGE_BUCKET_LOG; i++) {
        t->pages[i] = NULL;
    }
    units_free(t);
    t->free_pages = NULL;
    arena_reset(&t->records);
    for (struct translator_cpu *cpu = t->cpus; cpu; cpu = cpu->next) {
        cpu_forget_jumps(cpu);
        cpu->state->translated_sp = (uintptr_t)cpu->state->stack_base;
    }
}
