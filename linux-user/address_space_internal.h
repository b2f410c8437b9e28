/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the address space only. */
#ifndef LINUX_USER_ADDRESS_SPACE_INTERNAL_H
#define LINUX_USER_ADDRESS_SPACE_INTERNAL_H

#include "range_list.h"

#include <pthread.h>

#define PAGE_DOWN(address) ((address) & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1))
#define PAGE_UP(address) PAGE_DOWN((address) + ADDRESS_SPACE_PAGE - 1)

enum { SHARED_SEGMENTS = 128 };

struct address_space {
    pthread_mutex_t lock;
    struct address_layout layout;
    struct range_list list;
    uint64_t map_top;               /* mappings are placed downwards from here */
    uint64_t all_limit, data_limit; /* bytes, UINT64_MAX = none */
    uint64_t stack_limit;           /* bytes the stack may grow to */
    uint64_t heap_start, heap_end;  /* heap_end is exact, not rounded */
    struct {
        uint64_t start, length;  /* length 0: free */
    } attached[SHARED_SEGMENTS]; /* what shmdt has to remove */
    _Atomic bool is_shared;      /* somebody else may see what is written; never taken back */
    address_space_code_changed *code_changed;
    void *user;
};

/* The host's protection for a guest's: never executable, and readable where the guest executes. */
int address_space_host_protection(int protection);
/* To be called without the lock, after a change of [start, end) that held executable pages. */
void address_space_report(struct address_space *space, uint64_t start, uint64_t end, bool had_code);
/* With the lock held: */
/* True if the guest's own limits let [start, start+length) be mapped anew. */
bool address_space_is_allowed(const struct address_space *space, const struct address_range *range);
bool address_space_has_foreign(const struct address_space *space, uint64_t start, uint64_t end);
uint64_t address_space_find_gap(struct address_space *space, uint64_t length, uint64_t align, bool low_only);

#endif
