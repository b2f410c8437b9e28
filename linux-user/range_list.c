/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "range_list.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void range_list_free(struct range_list *list)
{
    free(list->ranges);
    *list = (struct range_list){0};
}

size_t range_list_lower(const struct range_list *list, uint64_t address)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->ranges[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void insert_at(struct range_list *list, size_t index, const struct address_range *range)
{
    if (list->count == list->capacity) {
        size_t wider = list->capacity ? list->capacity * 2 : 64;
        struct address_range *ranges = realloc(list->ranges, wider * sizeof *ranges);
        if (!ranges) {
            log_fatal("out of memory for the guest's mappings");
        }
        list->ranges = ranges;
        list->capacity = wider;
    }
    memmove(list->ranges + index + 1, list->ranges + index, (list->count - index) * sizeof *range);
    list->ranges[index] = *range;
    list->count++;
}

static void remove_at(struct range_list *list, size_t index, size_t count)
{
    if (count) {
        memmove(list->ranges + index, list->ranges + index + count,
                (list->count - index - count) * sizeof *list->ranges);
        list->count -= count;
    }
}

/* Makes address a boundary: a range that spans it is cut in two. */
static void split_at(struct range_list *list, uint64_t address)
{
    size_t index = range_list_lower(list, address);
    if (index == list->count || list->ranges[index].start >= address) {
        return;
    }
    struct address_range upper = list->ranges[index];
    upper.start = address;
    list->ranges[index].end = address;
    insert_at(list, index + 1, &upper);
}

static void merge_around(struct range_list *list, uint64_t start, uint64_t end)
{
    size_t index = range_list_lower(list, start ? start - 1 : 0);
    while (index + 1 < list->count && list->ranges[index].start <= end) {
        struct address_range *left = &list->ranges[index], *right = left + 1;
        if (left->end == right->start && left->protection == right->protection && left->kind == right->kind) {
            left->end = right->end;
            remove_at(list, index + 1, 1);
        } else {
            index++;
        }
    }
}

void range_list_clear(struct range_list *list, uint64_t start, uint64_t end)
{
    if (start >= end) {
        return;
    }
    split_at(list, start);
    split_at(list, end);
    size_t first = range_list_lower(list, start), last = first;
    while (last < list->count && list->ranges[last].start < end) {
        last++;
    }
    remove_at(list, first, last - first);
}

void range_list_set(struct range_list *list, const struct address_range *range)
{
    range_list_clear(list, range->start, range->end);
    insert_at(list, range_list_lower(list, range->start), range);
    merge_around(list, range->start, range->end);
}

void range_list_protect(struct range_list *list, uint64_t start, uint64_t end, int protection)
{
    if (start >= end) {
        return;
    }
    split_at(list, start);
    split_at(list, end);
    for (size_t i = range_list_lower(list, start); i < list->count && list->ranges[i].start < end; i++) {
        list->ranges[i].protection = protection;
        if ((protection & PROT_WRITE) && list->ranges[i].kind == RANGE_FILE) {
            list->ranges[i].kind = RANGE_PLAIN;
        }
    }
    merge_around(list, start, end);
}

bool range_list_is_free(const struct range_list *list, uint64_t start, uint64_t end)
{
    size_t index = range_list_lower(list, start);
    return index == list->count || list->ranges[index].start >= end;
}

bool range_list_has(const struct range_list *list, uint64_t start, uint64_t end, int protection)
{
    for (size_t i = range_list_lower(list, start); i < list->count && list->ranges[i].start < end; i++) {
        if (list->ranges[i].protection & protection) {
            return true;
        }
    }
    return false;
}

bool range_list_has_kind(const struct range_list *list, uint64_t start, uint64_t end, enum address_range_kind kind)
{
    for (size_t i = range_list_lower(list, start); i < list->count && list->ranges[i].start < end; i++) {
        if (list->ranges[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static uint64_t start_with_guard(const struct address_range *range, uint64_t guard)
{
    bool grows = range->kind == RANGE_GROWING || range->kind == RANGE_STACK;
    return !grows ? range->start : range->start > guard ? range->start - guard : 0;
}

uint64_t range_list_find_top_down(const struct range_list *list, uint64_t low, uint64_t high, uint64_t length,
                                  uint64_t align, uint64_t guard)
{
    size_t index = range_list_lower(list, high);
    if (index < list->count && start_with_guard(&list->ranges[index], guard) < high) {
        high = start_with_guard(&list->ranges[index], guard);
    }
    for (;;) {
        uint64_t floor = index ? list->ranges[index - 1].end : 0;
        floor = floor < low ? low : floor;
        if (high >= length && high - length >= floor) {
            uint64_t start = (high - length) & ~(align - 1);
            if (start >= floor) {
                return start;
            }
        }
        if (index == 0 || floor == low) {
            return 0;
        }
        index--;
        high = start_with_guard(&list->ranges[index], guard);
    }
}
