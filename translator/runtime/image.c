/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: the code cache and its records as they lie in memory, for a later process of the same program to map at the same places.
 * Host code refers to the glue and to C functions, records to each other and to code; all that is right again where the program is the
 * same, which its build id tells, and has the same places. Only what depends on the process is checked and made anew:
 *
 *  - guest code. Units belong to regions of lasting code. A region waits until its code is entered; then its pages are compared by their
 *    hashes. No link leaves a region, so that none is entered without that.
 *  - CPUs, their tables of jumps and their stacks: they are not in an image.
 *
 * An image is private to its process once it is mapped: links are made and units invalidated in it as anywhere. */
#include "image.h"

#include <elf.h>
#include <link.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

const char image_magic[8] = {'k', 'a', 'g', 'e', 'u', 'n', 'i', 't'};

/* ---- what has to be the same ---- */

extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));

/* This program's build id; its length, 0 = it has none. */
static size_t read_build_id(uint8_t id[BUILD_ID_BYTES])
{
    const uint8_t *base = (const uint8_t *)&__ehdr_start;
    if (!base) {
        return 0;
    }
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)(base + __ehdr_start.e_phoff);
    uint64_t first = UINT64_MAX; /* address of the file's start, as linked */
    for (unsigned i = 0; i < __ehdr_start.e_phnum; i++) {
        if (headers[i].p_type == PT_LOAD && headers[i].p_offset == 0) {
            first = headers[i].p_vaddr;
        }
    }
    for (unsigned i = 0; i < __ehdr_start.e_phnum && first != UINT64_MAX; i++) {
        const uint8_t *place = base + (headers[i].p_vaddr - first), *end = place + headers[i].p_memsz;
        while (headers[i].p_type == PT_NOTE && place + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)place;
            const uint8_t *text = place + sizeof *note + ((note->n_namesz + 3) & ~3u);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_descsz <= BUILD_ID_BYTES) {
                memcpy(id, text, note->n_descsz);
                return note->n_descsz;
            }
            place = text + ((note->n_descsz + 3) & ~3u);
        }
    }
    return 0;
}

bool translator_image_identity(const struct translator *t, uint64_t identity[2])
{
    struct {
        uint8_t build[BUILD_ID_BYTES];
        char guest[16];
        uint64_t host_features, base, end, records, function, memory_base;
        uint32_t memory_model, memory_base_is_zero, hypercall_count, format;
    } what = {0};
    if (!t->options.keeps_images || !t->host || !t->records.room || t->options.verify || t->options.single_step ||
        t->options.check_ir || !read_build_id(what.build)) {
        return false;
    }
    strncpy(what.guest, t->guest->name, sizeof what.guest - 1);
    what.host_features = t->host_features;
    what.base = (uintptr_t)t->cache.base;
    what.end = (uintptr_t)t->cache.end;
    what.records = (uintptr_t)t->records.room;
    what.function = (uintptr_t)&translator_image_identity;
    what.memory_base = t->embedder->memory_base;
    what.memory_model = t->embedder->memory_model;
    what.memory_base_is_zero = t->embedder->memory_base_is_zero;
    what.hypercall_count = t->embedder->hypercall_count;
    what.format = FORMAT;
    XXH128_hash_t hash = XXH3_128bits(&what, sizeof what);
    identity[0] = hash.low64;
    identity[1] = hash.high64;
    return true;
}

/* ---- sections ---- */

struct image_layout image_layout_of(const struct translator *t)
{
    const struct code_cache *cache = &t->cache;
    struct image_layout layout = {
        .place = {[SECTION_CODE] = cache->base,
                  [SECTION_RECORDS] = t->records.room,
                  [SECTION_BY_ADDRESS] = (uint8_t *)cache->by_address,
                  [SECTION_FIRST_UNIT] = (uint8_t *)cache->first_unit,
                  [SECTION_PAGES] = (uint8_t *)t->pages},
        .room = {[SECTION_CODE] = (uint64_t)(cache->end - cache->base),
                 [SECTION_RECORDS] = (uint64_t)(t->records.room_end - t->records.room),
                 [SECTION_BY_ADDRESS] = cache->unit_capacity * sizeof *cache->by_address,
                 [SECTION_FIRST_UNIT] = cache->granules * sizeof *cache->first_unit,
                 [SECTION_PAGES] = sizeof *t->pages << PAGE_BUCKET_LOG,
                 [SECTION_TABLE] = UINT64_C(1) << 30}};
    return layout;
}

uint64_t image_table_bytes(const struct image_header *header)
{
    return (sizeof(struct unit *) << header->bucket_log) + header->region_count * sizeof(struct image_region) +
           header->page_count * sizeof(struct image_page);
}

void image_attach_table(struct image *image, const struct image_header *header, void *table)
{
    image->table = table;
    image->table_bytes = page_up(header->bytes[SECTION_TABLE]);
    image->buckets = table;
    image->bucket_log = header->bucket_log;
    image->regions = (struct image_region *)((uint8_t *)table + (sizeof(struct unit *) << header->bucket_log));
    image->pages = (struct image_page *)(image->regions + header->region_count);
    image->region_count = header->region_count;
    image->page_count = header->page_count;
}

/* ---- loading ---- */

/* NULL, or where a record may be. */
static bool is_record(const struct translator *t, const struct image_header *header, uint64_t place)
{
    uint64_t offset = place - (uintptr_t)t->records.room;
    return !place || (offset < header->records_used && place % alignof(struct unit) == 0);
}

static bool header_fits(const struct translator *t, const struct image_header *header, uint64_t file_bytes)
{
    struct image_layout layout = image_layout_of(t);
    uint64_t identity[2], total = page_up(sizeof *header);
    if (memcmp(header->magic, image_magic, sizeof image_magic) != 0 || header->format != FORMAT ||
        !translator_image_identity(t, identity) || memcmp(identity, header->identity, sizeof identity) != 0) {
        return false;
    }
    for (int i = 0; i < SECTIONS; i++) {
        if (header->bytes[i] > layout.room[i]) {
            return false;
        }
        total += page_up(header->bytes[i]);
    }
    return total == file_bytes && header->bucket_log < 28 && header->region_count < MOST_REGIONS &&
           header->page_count < 1u << 24 && header->bytes[SECTION_TABLE] == image_table_bytes(header) &&
           header->bytes[SECTION_PAGES] == layout.room[SECTION_PAGES] &&
           header->bytes[SECTION_BY_ADDRESS] == header->unit_count * sizeof *t->cache.by_address &&
           header->bytes[SECTION_FIRST_UNIT] == header->granules_used * sizeof *t->cache.first_unit &&
           header->code_used == header->bytes[SECTION_CODE] && header->records_used == header->bytes[SECTION_RECORDS] &&
           is_record(t, header, header->all_units) && is_record(t, header, header->free_pages);
}

/* Maps a section at its place, private and writable. Where files cannot be mapped for execution its bytes are read instead. */
static uint8_t *map_section(int fd, uint64_t offset, uint64_t bytes, uint8_t *place, int protection, bool *is_file)
{
    int fixed = place ? MAP_FIXED : 0;
    bytes = page_up(bytes);
    if (!bytes) {
        return place;
    }
    uint8_t *mapped = mmap(place, bytes, protection, MAP_PRIVATE | fixed, fd, (off_t)offset);
    if (mapped != MAP_FAILED) {
        madvise(mapped, bytes, MADV_POPULATE_READ);
        *is_file = true;
        return mapped;
    }
    return place && pread(fd, place, bytes, (off_t)offset) == (ssize_t)bytes ? place : NULL;
}

/* What the hash has looked at need not stay in this process: most programs use a part of it. */
static void let_go(uint8_t *const mapped[SECTIONS], const bool is_file[SECTIONS], const struct image_header *header)
{
    for (int i = 0; i < SECTIONS; i++) {
        if (is_file[i]) {
            madvise(mapped[i], page_up(header->bytes[i]), MADV_DONTNEED);
        }
    }
}

/* The places are as they were before anything was mapped. */
static void take_back(struct translator *t, uint8_t *const mapped[SECTIONS], const struct image_header *header)
{
    struct image_layout layout = image_layout_of(t);
    for (int i = 0; i < SECTIONS; i++) {
        uint64_t bytes = page_up(header->bytes[i]);
        if (layout.place[i] && bytes) {
            int protection = PROT_READ | PROT_WRITE | (i == SECTION_CODE ? PROT_EXEC : 0);
            mmap(layout.place[i], bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        } else if (mapped[i] && bytes) {
            munmap(mapped[i], bytes);
        }
    }
    code_cache_init(t, 0);
}

bool image_hash(const struct image_header *header, uint8_t *const place[SECTIONS], uint64_t hash[2])
{
    struct image_header without = *header;
    XXH3_state_t *state = XXH3_createState();
    if (!state) {
        return false;
    }
    without.hash[0] = without.hash[1] = 0;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, &without, sizeof without);
    for (int i = 0; i < SECTIONS; i++) {
        XXH3_128bits_update(state, place[i], page_up(header->bytes[i]));
    }
    XXH128_hash_t result = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    hash[0] = result.low64;
    hash[1] = result.high64;
    return true;
}

static void adopt(struct translator *t, const struct image_header *header, void *table)
{
    struct code_cache *cache = &t->cache;
    image_attach_table(&t->image, header, table);
    cache->next = cache->base + header->code_used;
    cache->populated = cache->base + page_up(header->bytes[SECTION_CODE]);
    cache->granules_used = header->granules_used;
    atomic_store(&cache->unit_count, header->unit_count);
    t->records.next = t->records.room + header->records_used;
    t->records.end = t->records.room + page_up(header->bytes[SECTION_RECORDS]);
    t->all_units = (struct unit *)header->all_units;
    t->free_pages = (struct page_entry *)header->free_pages;
    t->image.waiting = header->region_count;
    t->image.kept = header->unit_count;
    count_up(&t->counters.kept_units, header->unit_count);
}

bool translator_load_image(struct translator *t, int fd)
{
    struct image_header header;
    struct stat status;
    uint64_t hash[2];
    uint8_t *mapped[SECTIONS] = {NULL};
    bool is_file[SECTIONS] = {false};
    if (atomic_load(&t->cache.unit_count) || t->image.buckets || fstat(fd, &status) != 0 ||
        pread(fd, &header, sizeof header, 0) != sizeof header || !header_fits(t, &header, (uint64_t)status.st_size)) {
        return false;
    }
    size_t glue_bytes = (size_t)(t->glue.end - t->glue.start);
    uint8_t *glue = malloc(glue_bytes);
    struct image_layout layout = image_layout_of(t);
    bool is_good = glue && glue_bytes <= header.code_used;
    uint64_t offset = page_up(sizeof header);
    for (int i = 0; i < SECTIONS && is_good; i++) {
        int protection = PROT_READ | PROT_WRITE | (i == SECTION_CODE ? PROT_EXEC : 0);
        if (i == SECTION_CODE) {
            memcpy(glue, t->glue.start, glue_bytes);
        }
        mapped[i] = map_section(fd, offset, header.bytes[i], layout.place[i], protection, &is_file[i]);
        offset += page_up(header.bytes[i]);
        is_good = mapped[i] != NULL;
    }
    is_good = is_good && memcmp(glue, t->glue.start, glue_bytes) == 0 && image_hash(&header, mapped, hash) &&
              memcmp(hash, header.hash, sizeof hash) == 0;
    free(glue);
    if (is_good) {
        let_go(mapped, is_file, &header);
        adopt(t, &header, mapped[SECTION_TABLE]);
    } else {
        take_back(t, mapped, &header);
    }
    return is_good;
}

/* ---- regions come to life ---- */

struct image_page image_page_now(const struct translator *t, uint64_t page)
{
    const void *place = (const void *)(uintptr_t)(t->embedder->memory_base + (page << CODE_PAGE_LOG));
    XXH128_hash_t hash = XXH3_128bits(place, 1u << CODE_PAGE_LOG);
    return (struct image_page){page, {hash.low64, hash.high64}};
}

uint64_t image_code_hash(const struct translator *t, const struct unit *unit)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < unit->range_count; i++) {
        const void *place = (const void *)(uintptr_t)(t->embedder->memory_base + unit->ranges[i].start);
        hash = XXH3_64bits_withSeed(place, unit->ranges[i].length, hash);
    }
    return hash;
}

static bool lies_in_lasting_code(const struct translator *t, uint64_t start, uint64_t end)
{
    uint64_t code_start, code_end;
    return t->embedder->find_lasting_code(t->embedder->program, start, &code_start, &code_end) && code_start <= start &&
           end <= code_end;
}

static bool is_as_it_was(const struct translator *t, const struct image_region *region)
{
    if (!lies_in_lasting_code(t, region->start, region->end)) {
        return false;
    }
    for (uint32_t i = 0; i < region->page_count; i++) {
        const struct image_page *page = &t->image.pages[region->first_page + i];
        struct image_page now = image_page_now(t, page->page);
        if (memcmp(now.hash, page->hash, sizeof now.hash) != 0) {
            return false;
        }
    }
    return true;
}

/* Nobody has entered it: its units are simply not there any more. */
static void drop_region(struct translator *t, struct image_region *region)
{
    atomic_store(&region->state, IMAGE_GONE);
    t->image.waiting--;
    for (uint32_t i = 0; i < region->page_count; i++) {
        units_drop(t, t->image.pages[region->first_page + i].page);
    }
}

/* Pages may lie behind the end of a file that has become shorter: that is a fault, as when code is read for lifting. */
static bool is_readable_and_as_it_was(struct translator_cpu *cpu, const struct image_region *region)
{
    if (sigsetjmp(cpu->former_landing, 0)) {
        cpu->in_former = false;
        cpu->fault_pending = false;
        return false;
    }
    cpu->in_former = true;
    bool result = is_as_it_was(cpu->translator, region);
    cpu->in_former = false;
    return result;
}

bool image_wake(struct translator_cpu *cpu, uint64_t pc)
{
    struct image *image = &cpu->translator->image;
    bool any = false;
    for (uint32_t i = 0; i < image->region_count; i++) {
        struct image_region *region = &image->regions[i];
        if (pc < region->start || pc >= region->end || atomic_load(&region->state) != IMAGE_WAITING) {
            continue;
        }
        if (is_readable_and_as_it_was(cpu, region)) {
            image->waiting--;
            atomic_store_explicit(&region->state, IMAGE_LIVE, memory_order_release);
            any = true;
        } else {
            drop_region(cpu->translator, region);
        }
    }
    return any;
}

void image_note_change(struct translator *t, uint64_t page)
{
    t->image.changed[page >> 3 & ((1u << IMAGE_CHANGED_LOG) - 1)] |= (uint8_t)(1u << (page & 7));
}

bool image_has_changed(const struct image *image, uint64_t page)
{
    return image->changed[page >> 3 & ((1u << IMAGE_CHANGED_LOG) - 1)] >> (page & 7) & 1;
}

void image_forget(struct translator *t)
{
    struct image *image = &t->image;
    if (image->table) {
        munmap(image->table, image->table_bytes);
    }
    image->table = NULL;
    image->buckets = NULL;
    image->regions = NULL;
    image->pages = NULL;
    image->region_count = image->page_count = image->waiting = image->kept = image->made = 0;
}
