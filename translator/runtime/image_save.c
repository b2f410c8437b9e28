/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making an image: what cannot be kept is invalidated, which takes its links away; the rest is written as it lies there. */
#include "image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { DUE_AT_LEAST = 32, DUE_SHARE = 16 }; /* new units: so many; with one in so many of all saving is certain */
enum { NO_REGION = 0xffff, MOST_PAUSES = 4000 };

/* A region to be. */
struct candidate {
    uint64_t start, end;           /* lasting code, or the region that waits */
    const struct image_region *old; /* that waits, else NULL */
    uint32_t units;
};

struct page_of {
    uint32_t candidate;
    struct image_page page;
};

struct saving {
    struct translator *t;
    struct candidate candidates[MOST_REGIONS];
    uint32_t candidate_count, lasting_count; /* lasting code first, ascending; then those that wait, in their order */
    uint32_t *index_of_old;                  /* candidate by old region */
    struct page_of *pages;
    uint32_t page_count, page_capacity;
    uint32_t unit_count, own_count;
    uint64_t live_bytes;
    struct image_header header;
};

bool translator_image_is_due(const struct translator *t)
{
    struct timespec now;
    if (t->image.made < DUE_AT_LEAST) {
        return false;
    }
    /* Processes that each make the same few units anew: sooner or later one of them saves. */
    uint32_t certain = t->image.kept / DUE_SHARE;
    return t->image.made >= certain || (clock_gettime(CLOCK_MONOTONIC, &now) == 0 && (uint64_t)now.tv_nsec / 64 % certain < t->image.made);
}

uint64_t translator_image_size(const struct translator *t)
{
    return (uint64_t)(t->cache.next - t->cache.base) + (uint64_t)(t->records.next - t->records.room) +
           (sizeof *t->pages << PAGE_BUCKET_LOG);
}

/* ---- which units stay ---- */

static bool find_candidates(struct saving *s)
{
    struct translator *t = s->t;
    uint64_t start, end = 0;
    while (s->candidate_count < MOST_REGIONS && t->embedder->find_lasting_code(t->embedder->program, end, &start, &end)) {
        s->candidates[s->candidate_count++] = (struct candidate){.start = start, .end = end};
    }
    s->lasting_count = s->candidate_count;
    s->index_of_old = calloc(t->image.region_count + 1, sizeof *s->index_of_old);
    for (uint32_t i = 0; i < t->image.region_count && s->index_of_old; i++) {
        const struct image_region *region = &t->image.regions[i];
        if (atomic_load(&region->state) == IMAGE_WAITING && s->candidate_count < MOST_REGIONS) {
            s->index_of_old[i] = s->candidate_count;
            s->candidates[s->candidate_count++] = (struct candidate){region->start, region->end, region, 0};
        }
    }
    return s->index_of_old && s->candidate_count < MOST_REGIONS;
}

static uint32_t find_lasting(const struct saving *s, uint64_t start, uint64_t length)
{
    uint32_t low = 0, high = s->lasting_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (s->candidates[middle].end <= start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < s->lasting_count && s->candidates[low].start <= start && start + length <= s->candidates[low].end ? low : NO_REGION;
}

/* The candidate that a unit belongs to. One that reaches over two of them belongs to none. */
static uint32_t choose_candidate(const struct saving *s, const struct unit *unit)
{
    const struct image *image = &s->t->image;
    uint32_t found = NO_REGION;
    if (unit->region && atomic_load(&image->regions[unit->region - 1].state) == IMAGE_WAITING) {
        return s->index_of_old[unit->region - 1];
    }
    for (unsigned i = 0; i < unit->range_count; i++) {
        const struct superblock_range *range = &unit->ranges[i];
        uint32_t candidate = find_lasting(s, range->start, range->length);
        if (candidate == NO_REGION || (i && candidate != found)) {
            return NO_REGION;
        }
        found = candidate;
        uint64_t last = (range->start + (range->length ? range->length - 1 : 0)) >> CODE_PAGE_LOG;
        for (uint64_t page = range->start >> CODE_PAGE_LOG; page <= last; page++) {
            if (image_has_changed(image, page)) {
                return NO_REGION;
            }
        }
    }
    return found;
}

/* What stays is the list of all units from now on. */
static void prune(struct saving *s)
{
    struct translator *t = s->t;
    struct unit **place = &t->all_units;
    while (*place) {
        struct unit *unit = *place;
        uint32_t candidate = unit->valid ? choose_candidate(s, unit) : NO_REGION;
        unit->candidate = (uint16_t)candidate;
        if (candidate != NO_REGION) {
            s->candidates[candidate].units++;
            s->unit_count++;
            s->own_count += unit->region == 0;
            s->live_bytes += unit->code_bytes;
            place = &unit->all_next;
            continue;
        }
        if (unit->valid) {
            unit_invalidate(t, unit);
        }
        *place = unit->all_next;
    }
    units_sweep_pages(t);
}

static void unlink_regions(struct saving *s)
{
    for (struct unit *unit = s->t->all_units; unit; unit = unit->all_next) {
        for (unsigned n = 0; n < unit->exit_count; n++) {
            struct host_exit *exit = &unit->exits[n];
            if (exit->target && exit->target->candidate != unit->candidate) {
                unit_unlink_exit(s->t, exit);
            }
        }
    }
}

/* ---- the pages they were made of ---- */

static bool add_page(struct saving *s, uint32_t bucket_start, uint32_t candidate, uint64_t page)
{
    for (uint32_t i = s->page_count; i-- > bucket_start;) {
        if (s->pages[i].page.page == page && s->pages[i].candidate == candidate) {
            return true;
        }
    }
    if (s->page_count == s->page_capacity) {
        uint32_t capacity = s->page_capacity ? s->page_capacity * 2 : 1024;
        struct page_of *pages = realloc(s->pages, capacity * sizeof *pages);
        if (!pages) {
            return false;
        }
        s->pages = pages;
        s->page_capacity = capacity;
    }
    s->pages[s->page_count++] = (struct page_of){candidate, {.page = page}};
    return true;
}

static bool collect_pages(struct saving *s)
{
    for (uint32_t i = 0; i < 1u << PAGE_BUCKET_LOG; i++) {
        uint32_t bucket_start = s->page_count;
        for (const struct page_entry *entry = s->t->pages[i]; entry; entry = entry->next) {
            if (!add_page(s, bucket_start, entry->unit->candidate, entry->page)) {
                return false;
            }
        }
    }
    return true;
}

static int compare_pages(const void *one, const void *other)
{
    const struct page_of *a = one, *b = other;
    if (a->candidate != b->candidate) {
        return a->candidate < b->candidate ? -1 : 1;
    }
    return a->page.page < b->page.page ? -1 : a->page.page > b->page.page;
}

static struct image_page old_page(const struct image *image, const struct image_region *region, uint64_t page)
{
    for (uint32_t i = 0; i < region->page_count; i++) {
        if (image->pages[region->first_page + i].page == page) {
            return image->pages[region->first_page + i];
        }
    }
    return (struct image_page){.page = page}; /* no bytes have this hash */
}

/* False if a unit is not of the bytes that are there: a file was written over under its mapping, perhaps. The pages'
   hashes, taken before, would have it run for the new ones. */
static bool are_units_of_these(const struct saving *s)
{
    for (const struct unit *unit = s->t->all_units; unit; unit = unit->all_next) {
        if (!s->candidates[unit->candidate].old && unit->code_hash != image_code_hash(s->t, unit)) {
            return false;
        }
    }
    return true;
}

static void hash_pages(struct saving *s)
{
    for (uint32_t i = 0; i < s->page_count; i++) {
        struct page_of *p = &s->pages[i];
        const struct image_region *old = s->candidates[p->candidate].old;
        p->page = old ? old_page(&s->t->image, old, p->page.page) : image_page_now(s->t, p->page.page);
    }
}

/* ---- the new tables ---- */

static unsigned log_for(uint32_t count)
{
    unsigned log = 8;
    while (log < UNIT_BUCKET_LOG && 1u << log < count * 2) {
        log++;
    }
    return log;
}

static uint32_t count_regions(const struct saving *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->candidate_count; i++) {
        count += s->candidates[i].units != 0;
    }
    return count;
}

/* region_of: 1 + the region's index, by candidate. */
static void fill_regions(const struct saving *s, struct image *image, uint16_t *region_of)
{
    uint32_t count = 0, next = 0;
    for (uint32_t i = 0; i < s->candidate_count; i++) {
        if (!s->candidates[i].units) {
            continue;
        }
        struct image_region *region = &image->regions[count++];
        region_of[i] = (uint16_t)count;
        region->first_page = next;
        for (; next < s->page_count && s->pages[next].candidate == i; next++) {
            image->pages[next] = s->pages[next].page;
        }
        region->page_count = next - region->first_page;
        region->start = image->pages[region->first_page].page << CODE_PAGE_LOG;
        region->end = (image->pages[next - 1].page + 1) << CODE_PAGE_LOG;
        atomic_store(&region->state, IMAGE_WAITING);
    }
}

static void fill_buckets(struct translator *t, struct image *image, const uint16_t *region_of)
{
    for (struct unit *unit = t->all_units; unit; unit = unit->all_next) {
        unit->region = region_of[unit->candidate];
        _Atomic(struct unit *) *bucket = &image->buckets[unit_hash(unit->pc, unit->mode, image->bucket_log)];
        atomic_store_explicit(&unit->hash_next, atomic_load_explicit(bucket, memory_order_relaxed), memory_order_relaxed);
        atomic_store_explicit(bucket, unit, memory_order_relaxed);
    }
}

/* The tables of the image become this process's own, too. */
static bool make_tables(struct saving *s)
{
    struct translator *t = s->t;
    struct image_header *header = &s->header;
    header->region_count = count_regions(s);
    header->page_count = s->page_count;
    header->bucket_log = log_for(s->unit_count);
    header->bytes[SECTION_TABLE] = image_table_bytes(header);
    uint16_t *region_of = calloc(s->candidate_count, sizeof *region_of);
    void *table = mmap(NULL, page_up(header->bytes[SECTION_TABLE]), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!region_of || table == MAP_FAILED) {
        free(region_of);
        return false;
    }
    struct image image = t->image;
    image_attach_table(&image, header, table);
    fill_regions(s, &image, region_of);
    fill_buckets(t, &image, region_of);
    memset((void *)t->buckets, 0, sizeof *t->buckets << UNIT_BUCKET_LOG);
    if (t->image.table) {
        munmap(t->image.table, t->image.table_bytes);
    }
    t->image = image;
    free(region_of);
    return true;
}

/* ---- the file ---- */

static bool is_zero(const uint8_t *place, uint64_t bytes)
{
    return !place[0] && !memcmp(place, place + 1, bytes - 1);
}

/* Pages of zeros stay holes of the file. */
static bool write_all(int fd, const void *data, uint64_t bytes, uint64_t offset)
{
    const uint8_t *place = data;
    while (bytes) {
        uint64_t piece = 0, left;
        while ((left = bytes - piece) > 0 && !is_zero(place + piece, left < PAGE ? left : PAGE)) {
            piece += left < PAGE ? left : PAGE;
        }
        ssize_t done = piece ? pwrite(fd, place, piece, (off_t)offset) : (ssize_t)(bytes < PAGE ? bytes : PAGE);
        if (done <= 0) {
            return false;
        }
        place += done;
        bytes -= (uint64_t)done;
        offset += (uint64_t)done;
    }
    return true;
}

/* What lies there is of no use any more: half of a unit that did not fit, records given back. */
static void clear_rests(const struct image_header *header, uint8_t *const place[SECTIONS])
{
    for (int i = 0; i < SECTIONS; i++) {
        memset(place[i] + header->bytes[i], 0, page_up(header->bytes[i]) - header->bytes[i]);
    }
}

static bool write_image(struct saving *s, int fd)
{
    struct translator *t = s->t;
    const struct code_cache *cache = &t->cache;
    struct image_header *header = &s->header;
    struct image_layout layout = image_layout_of(t);
    layout.place[SECTION_TABLE] = t->image.table;
    memcpy(header->magic, image_magic, sizeof header->magic);
    header->format = FORMAT;
    header->code_used = header->bytes[SECTION_CODE] = (uint64_t)(cache->next - cache->base);
    header->records_used = header->bytes[SECTION_RECORDS] = (uint64_t)(t->records.next - t->records.room);
    header->unit_count = atomic_load(&cache->unit_count);
    header->granules_used = cache->granules_used;
    header->bytes[SECTION_BY_ADDRESS] = header->unit_count * sizeof *cache->by_address;
    header->bytes[SECTION_FIRST_UNIT] = cache->granules_used * sizeof *cache->first_unit;
    header->bytes[SECTION_PAGES] = sizeof *t->pages << PAGE_BUCKET_LOG;
    header->all_units = (uintptr_t)t->all_units;
    header->free_pages = (uintptr_t)t->free_pages;
    uint64_t total = page_up(sizeof *header);
    for (int i = 0; i < SECTIONS; i++) {
        total += page_up(header->bytes[i]);
    }
    clear_rests(header, layout.place);
    bool done = translator_image_identity(t, header->identity) && image_hash(header, layout.place, header->hash) &&
                ftruncate(fd, (off_t)total) == 0 && write_all(fd, header, sizeof *header, 0);
    uint64_t offset = page_up(sizeof *header);
    for (int i = 0; i < SECTIONS && done; i++) {
        done = write_all(fd, layout.place[i], header->bytes[i], offset);
        offset += page_up(header->bytes[i]);
    }
    return done;
}

/* What is live in this process stays so. */
static void wake_own(struct saving *s)
{
    struct image *image = &s->t->image;
    uint32_t index = 0;
    image->waiting = 0;
    for (uint32_t i = 0; i < s->candidate_count; i++) {
        if (s->candidates[i].units) {
            struct image_region *region = &image->regions[index++];
            bool waits = s->candidates[i].old != NULL;
            atomic_store(&region->state, waits ? IMAGE_WAITING : IMAGE_LIVE);
            image->waiting += waits;
        }
    }
    image->kept = s->unit_count;
    image->made = 0;
}

/* The hashing reads guest code, which may not be there. */
static bool hash_guarded(struct saving *s, struct translator_cpu *cpu)
{
    if (sigsetjmp(cpu->former_landing, 0)) {
        cpu->in_former = false;
        cpu->fault_pending = false;
        return false;
    }
    cpu->in_former = true;
    hash_pages(s);
    bool is_right = are_units_of_these(s);
    cpu->in_former = false;
    return is_right;
}

static enum translator_image_result save(struct saving *s, struct translator_cpu *cpu, int fd)
{
    struct translator *t = s->t;
    if (t->records.chunks || !find_candidates(s)) {
        return TRANSLATOR_IMAGE_FAILED;
    }
    prune(s);
    if (s->live_bytes < (uint64_t)(t->cache.next - t->glue.end) / 2) {
        return TRANSLATOR_IMAGE_WORN_OUT;
    }
    if (s->own_count < DUE_AT_LEAST) {
        return TRANSLATOR_IMAGE_NOT_DUE;
    }
    unlink_regions(s);
    if (!collect_pages(s)) {
        return TRANSLATOR_IMAGE_FAILED;
    }
    qsort(s->pages, s->page_count, sizeof *s->pages, compare_pages);
    if (!hash_guarded(s, cpu) || !make_tables(s)) {
        return TRANSLATOR_IMAGE_FAILED;
    }
    bool is_written = write_image(s, fd);
    wake_own(s);
    return is_written ? TRANSLATOR_IMAGE_SAVED : TRANSLATOR_IMAGE_FAILED;
}

enum translator_image_result translator_save_image(struct translator_cpu *cpu, int fd)
{
    struct translator *t = cpu->translator;
    uint64_t identity[2];
    struct saving *s = calloc(1, sizeof *s);
    if (!s || !translator_image_identity(t, identity)) {
        free(s);
        return TRANSLATOR_IMAGE_FAILED;
    }
    s->t = t;
    enum translator_image_result result = TRANSLATOR_IMAGE_FAILED;
    pthread_mutex_lock(&t->lock);
    /* Who touches memory that never comes, or is stopped, would keep the process from ending. */
    if (exclusive_begin(t, MOST_PAUSES)) {
        result = save(s, cpu, fd);
        exclusive_end(t);
    }
    pthread_mutex_unlock(&t->lock);
    free(s->index_of_old);
    free(s->pages);
    free(s);
    return result;
}
