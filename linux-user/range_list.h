/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sorted list of disjoint address ranges. Look-up is a binary search; a change moves the tail of the array, which is
 * cheaper than a tree up to some ten thousands of mappings. Neighbours with the same attributes are merged. */
#ifndef LINUX_USER_RANGE_LIST_H
#define LINUX_USER_RANGE_LIST_H

#include "address_space.h"

struct range_list {
    struct address_range *ranges;
    size_t count, capacity;
};

void range_list_free(struct range_list *list);

/* Index of the first range whose end lies above address; count if there is none. */
size_t range_list_lower(const struct range_list *list, uint64_t address);

/* [start, end) becomes one range; what was there is replaced. */
void range_list_set(struct range_list *list, const struct address_range *range);

/* [start, end) becomes free. */
void range_list_clear(struct range_list *list, uint64_t start, uint64_t end);

/* Changes the protection of every range within [start, end); a file's pages that become writable are plain ones. */
void range_list_protect(struct range_list *list, uint64_t start, uint64_t end, int protection);

/* True if nothing lies in [start, end). */
bool range_list_is_free(const struct range_list *list, uint64_t start, uint64_t end);

/* True if any range within [start, end) has one of the protection bits. */
bool range_list_has(const struct range_list *list, uint64_t start, uint64_t end, int protection);

/* True if any range within [start, end) is of the kind. */
bool range_list_has_kind(const struct range_list *list, uint64_t start, uint64_t end, enum address_range_kind kind);

/* The highest free place for length bytes in [low, high), start aligned to align; 0 if there is none. Below growing
   ranges guard bytes stay free. */
uint64_t range_list_find_top_down(const struct range_list *list, uint64_t low, uint64_t high, uint64_t length,
                                  uint64_t align, uint64_t guard);

#endif
