/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address_space.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

enum { PAGE = ADDRESS_SPACE_PAGE, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS, READ_WRITE = PROT_READ | PROT_WRITE };

/* A corner of the test's own address space where nothing else is. */
static const struct address_layout layout = {
    .limit = UINT64_C(0x200000000000),
    .program = UINT64_C(0x155000000000),
    .stack_top = UINT64_C(0x1ffffff00000),
    .stack_gap = 128 << 20,
};

static struct address_space *space;
static uint64_t changed_start, changed_end;
static int change_count;

static void code_changed(void *user, uint64_t start, uint64_t end)
{
    changed_start = start;
    changed_end = end;
    change_count++;
}

static void set_up(void)
{
    space = address_space_create(&layout, 8 << 20, code_changed, NULL);
    change_count = 0;
}

static void tear_down(void)
{
    address_space_destroy(space);
}

static uint64_t map_pages(unsigned count, int protection)
{
    int64_t place = address_space_map(space, 0, count * PAGE, protection, ANONYMOUS, -1, 0);
    ck_assert_int_gt(place, 0);
    return (uint64_t)place;
}

START_TEST(mappings_go_top_down)
{
    uint64_t first = map_pages(1, READ_WRITE), second = map_pages(3, READ_WRITE);
    ck_assert_uint_eq(first, layout.stack_top - layout.stack_gap - PAGE);
    ck_assert_uint_eq(second, first - 3 * PAGE);
    *(volatile char *)first = 1;
    *(volatile char *)second = 1;
}
END_TEST

START_TEST(layout_is_the_same_each_time)
{
    uint64_t first = map_pages(5, READ_WRITE);
    tear_down();
    set_up();
    ck_assert_uint_eq(map_pages(5, READ_WRITE), first);
}
END_TEST

START_TEST(hints_are_taken_if_free)
{
    uint64_t wanted = 0x120000000000; /* where no sanitizer has its shadow */
    ck_assert_int_eq(address_space_map(space, wanted + 5, PAGE, READ_WRITE, ANONYMOUS, -1, 0), wanted);
    int64_t other = address_space_map(space, wanted, PAGE, READ_WRITE, ANONYMOUS, -1, 0);
    ck_assert_int_gt(other, 0);
    ck_assert_int_ne(other, wanted);
    ck_assert_int_eq(address_space_map(space, wanted, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
                     -EEXIST);
    ck_assert_int_eq(address_space_map(space, wanted, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0), wanted);
}
END_TEST

START_TEST(fixed_never_leaves_the_guest)
{
    char own = 'x';
    uint64_t mine = (uint64_t)&own & ~(uint64_t)(PAGE - 1);
    ck_assert_int_eq(address_space_map(space, mine, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM);
    ck_assert_int_eq(address_space_map(space, layout.limit - PAGE, 2 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0),
                     -ENOMEM);
    ck_assert_int_eq(address_space_unmap(space, mine, PAGE), -EINVAL);
    ck_assert_int_eq(address_space_protect(space, mine, PAGE, PROT_NONE), -ENOMEM);
    ck_assert_int_lt(address_space_remap(space, mine, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0), 0);
    ck_assert_int_lt(address_space_advise(space, mine, PAGE, MADV_DONTNEED), 0);
    ck_assert_int_eq(own, 'x');
    address_space_reserve(space, 0x10000000000, 0x10000001000);
    ck_assert_int_eq(address_space_map(space, 0x10000000000, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM);
}
END_TEST

START_TEST(bad_arguments)
{
    ck_assert_int_eq(address_space_map(space, 0, 0, READ_WRITE, ANONYMOUS, -1, 0), -EINVAL);
    ck_assert_int_eq(address_space_map(space, 0, PAGE, READ_WRITE, ANONYMOUS, -1, 1), -EINVAL);
    ck_assert_int_eq(address_space_map(space, 0, UINT64_MAX, READ_WRITE, ANONYMOUS, -1, 0), -ENOMEM);
    ck_assert_int_eq(address_space_map(space, 0, PAGE, READ_WRITE, MAP_PRIVATE, 9999, 0), -EBADF);
    ck_assert_int_eq(address_space_map(space, 123, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), -EINVAL);
    ck_assert_int_eq(address_space_unmap(space, 1, PAGE), -EINVAL);
    ck_assert_int_eq(address_space_unmap(space, PAGE, 0), -EINVAL);
    ck_assert_int_eq(address_space_unmap(space, PAGE, UINT64_MAX - 10), -EINVAL);
    ck_assert_int_eq(address_space_protect(space, PAGE, UINT64_MAX, PROT_READ), -ENOMEM);
    ck_assert_int_eq(address_space_protect(space, PAGE, PAGE, 0x10), -EINVAL);
}
END_TEST

START_TEST(executable_pages_are_only_readable)
{
    uint64_t place = map_pages(2, PROT_EXEC);
    struct address_range range;
    ck_assert(address_space_find(space, place, &range));
    ck_assert_int_eq(range.protection, PROT_EXEC);
    ck_assert_int_eq(*(volatile char *)place, 0);
    ck_assert_int_eq(change_count, 0);
    ck_assert_int_eq(address_space_protect(space, place + PAGE, PAGE, READ_WRITE), 0);
    ck_assert_int_eq(change_count, 1);
    ck_assert_uint_eq(changed_start, place + PAGE);
    ck_assert_uint_eq(changed_end, place + 2 * PAGE);
    ck_assert_int_eq(address_space_unmap(space, place, 2 * PAGE), 0);
    ck_assert_int_eq(change_count, 2);
    ck_assert(!address_space_find(space, place, &range));
}
END_TEST

START_TEST(protection_of_a_hole)
{
    uint64_t place = map_pages(3, READ_WRITE);
    struct address_range range;
    ck_assert_int_eq(address_space_unmap(space, place + PAGE, PAGE), 0);
    ck_assert_int_eq(address_space_protect(space, place, 3 * PAGE, PROT_READ), -ENOMEM);
    ck_assert(address_space_find(space, place, &range));
    ck_assert_int_eq(range.protection, PROT_READ); /* Linux has changed what comes before the hole */
    ck_assert(address_space_find(space, place + 2 * PAGE, &range));
    ck_assert_int_eq(range.protection, READ_WRITE);
}
END_TEST

START_TEST(remap_grows_moves_and_shrinks)
{
    uint64_t place = map_pages(2, READ_WRITE);
    strcpy((char *)place, "content");
    int64_t moved = address_space_remap(space, place, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0);
    ck_assert_int_gt(moved, 0);
    ck_assert_str_eq((char *)moved, "content");
    ck_assert_int_eq(address_space_remap(space, (uint64_t)moved, 8 * PAGE, PAGE, 0, 0), moved);
    ck_assert_int_eq(address_space_remap(space, (uint64_t)moved, PAGE, 4 * PAGE, 0, 0), moved);
    int64_t fixed =
        address_space_remap(space, (uint64_t)moved, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0x120000000000);
    ck_assert_int_eq(fixed, 0x120000000000);
    ck_assert_str_eq((char *)fixed, "content");
    struct address_range range;
    ck_assert(!address_space_find(space, (uint64_t)moved, &range));
    ck_assert_int_eq(address_space_remap(space, 0x20000000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0), -EFAULT);
    ck_assert_int_eq(address_space_remap(space, (uint64_t)fixed, PAGE, 2 * PAGE, 64, 0), -EINVAL);
}
END_TEST

START_TEST(heap)
{
    address_space_set_heap(space, layout.program + 10);
    uint64_t start = address_space_heap_start(space);
    ck_assert_uint_eq(start, layout.program + PAGE);
    ck_assert_int_eq(address_space_break(space, 0), start);
    ck_assert_int_eq(address_space_break(space, start + 100), start + 100);
    *(volatile char *)(start + 99) = 1;
    ck_assert_int_eq(address_space_break(space, start + 5 * PAGE), start + 5 * PAGE);
    ck_assert_int_eq(*(volatile char *)(start + 99), 1);
    ck_assert_int_eq(address_space_break(space, start + PAGE), start + PAGE);
    ck_assert_int_eq(address_space_break(space, layout.limit + 1), start + PAGE);
    ck_assert_int_gt(address_space_map(space, start + 3 * PAGE, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), 0);
    ck_assert_int_eq(address_space_break(space, start + 4 * PAGE), start + PAGE);
}
END_TEST

START_TEST(stack_grows_on_its_own)
{
    int64_t top = address_space_make_stack(space, 1000, READ_WRITE);
    ck_assert_int_eq(top, layout.stack_top);
    for (uint64_t at = (uint64_t)top - 8; at > (uint64_t)top - (4 << 20); at -= PAGE) {
        *(volatile char *)at = 1;
    }
    struct address_range range;
    ck_assert(address_space_find(space, (uint64_t)top - (8 << 20), &range));
    ck_assert_int_eq(range.kind, RANGE_STACK);
    ck_assert(!address_space_find(space, (uint64_t)top - (8 << 20) - 1, &range));
}
END_TEST

START_TEST(shared_memory)
{
    int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
    if (id < 0) {
        return; /* no System V memory here */
    }
    int64_t place = address_space_attach(space, id, 0, 0);
    ck_assert_int_gt(place, 0);
    int64_t again = address_space_attach(space, id, 0, SHM_RDONLY);
    ck_assert_int_gt(again, 0);
    strcpy((char *)place, "shared");
    ck_assert_str_eq((char *)again, "shared");
    ck_assert_int_eq(address_space_detach(space, (uint64_t)place + PAGE), -EINVAL);
    ck_assert_int_eq(address_space_detach(space, (uint64_t)place), 0);
    struct address_range range;
    ck_assert(!address_space_find(space, (uint64_t)place, &range));
    ck_assert_int_eq(address_space_detach(space, (uint64_t)again), 0);
    shmctl(id, IPC_RMID, NULL);
}
END_TEST

START_TEST(what_the_host_has_is_left_alone)
{
    /* A mapping that the list does not know of, right where the next one would go. */
    uint64_t place = layout.stack_top - layout.stack_gap - PAGE;
    char *foreign = mmap((void *)place, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_eq(foreign, (void *)place);
    *foreign = 'x';
    ck_assert_uint_ne(map_pages(1, READ_WRITE), place);
    ck_assert_int_eq(*foreign, 'x');
    munmap(foreign, PAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address_space");
    TCase *cases = tcase_create("all");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, mappings_go_top_down);
    tcase_add_test(cases, layout_is_the_same_each_time);
    tcase_add_test(cases, hints_are_taken_if_free);
    tcase_add_test(cases, fixed_never_leaves_the_guest);
    tcase_add_test(cases, bad_arguments);
    tcase_add_test(cases, executable_pages_are_only_readable);
    tcase_add_test(cases, protection_of_a_hole);
    tcase_add_test(cases, remap_grows_moves_and_shrinks);
    tcase_add_test(cases, heap);
    tcase_add_test(cases, stack_grows_on_its_own);
    tcase_add_test(cases, shared_memory);
    tcase_add_test(cases, what_the_host_has_is_left_alone);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
