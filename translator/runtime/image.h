/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loading (image.c) and saving (image_save.c) an image share: the file's form. A header of one page, then the sections, each from the
 * next page on: what lies in memory, to be mapped where it was. The rest of a section's last page is zero: it is mapped, too. */
#ifndef RUNTIME_IMAGE_H
#define RUNTIME_IMAGE_H

#include "log.h"
#include "runtime.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PAGE = 4096, FORMAT = 1, MOST_REGIONS = 1000, BUILD_ID_BYTES = 64 };
enum section { SECTION_CODE, SECTION_RECORDS, SECTION_BY_ADDRESS, SECTION_FIRST_UNIT, SECTION_PAGES, SECTION_TABLE, SECTIONS };

struct image_header {
    char magic[8];
    uint32_t format, region_count, page_count, bucket_log;
    uint64_t identity[2];
    uint64_t hash[2];         /* of the header, with these two zero, and of the sections' pages */
    uint64_t bytes[SECTIONS]; /* each starts at the next page of the file */
    uint64_t code_used, records_used;
    uint64_t all_units, free_pages; /* host addresses */
    uint32_t unit_count, granules_used;
};

extern const char image_magic[8];

static inline uint64_t page_up(uint64_t bytes)
{
    return (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

/* Where the sections are in this process. */
struct image_layout {
    uint8_t *place[SECTIONS]; /* in memory; NULL: anywhere */
    uint64_t room[SECTIONS];  /* bytes that there are at most */
};

struct image_layout image_layout_of(const struct translator *translator);

/* SECTION_TABLE: buckets, regions, pages. */
uint64_t image_table_bytes(const struct image_header *header);
/* The image's tables from now on; the mapping goes over to it. */
void image_attach_table(struct image *image, const struct image_header *header, void *table);
/* Of the header but for its own hash, and of the sections' pages at `place`. False: no memory. */
bool image_hash(const struct image_header *header, uint8_t *const place[SECTIONS], uint64_t hash[2]);
/* The page with the hash of its bytes; reads guest memory. */
struct image_page image_page_now(const struct translator *translator, uint64_t page);
/* image_note_change was told of the page, perhaps. */
bool image_has_changed(const struct image *image, uint64_t page);

#endif
