/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of ranges against a plain array with one entry per page. */
#include "range_list.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 200, STEPS = 20000 };

static struct range_list list;
static int model[PAGES]; /* 0 = free, else protection + 1 */

static void check_against_model(void)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct address_range *range = &list.ranges[i];
        ck_assert_uint_lt(range->start, range->end);
        if (i) {
            const struct address_range *left = &list.ranges[i - 1];
            ck_assert_uint_le(left->end, range->start);
            ck_assert(left->end < range->start || left->protection != range->protection);
        }
    }
    for (uint64_t page = 0; page < PAGES; page++) {
        size_t index = range_list_lower(&list, page * ADDRESS_SPACE_PAGE);
        bool is_there = index < list.count && list.ranges[index].start <= page * ADDRESS_SPACE_PAGE;
        int found = is_there ? list.ranges[index].protection + 1 : 0;
        if (found != model[page]) { /* each assertion that holds costs a message to Check's parent process */
            ck_assert_int_eq(found, model[page]);
        }
    }
}

START_TEST(random_changes)
{
    srandom(1);
    for (int step = 0; step < STEPS; step++) {
        uint64_t first = (uint64_t)random() % PAGES, last = first + (uint64_t)random() % (PAGES - first) + 1;
        int protection = (int)(random() % 3);
        uint64_t start = first * ADDRESS_SPACE_PAGE, end = last * ADDRESS_SPACE_PAGE;
        bool is_free = true;
        for (uint64_t page = first; page < last; page++) {
            is_free = is_free && !model[page];
        }
        ck_assert_int_eq(range_list_is_free(&list, start, end), is_free);
        switch (random() % 3) {
        case 0:
            range_list_set(&list, &(struct address_range){start, end, protection, RANGE_PLAIN});
            break;
        case 1:
            range_list_clear(&list, start, end);
            protection = -1;
            break;
        default:
            range_list_protect(&list, start, end, protection);
            for (uint64_t page = first; page < last; page++) {
                model[page] = model[page] ? protection + 1 : 0;
            }
            check_against_model();
            continue;
        }
        for (uint64_t page = first; page < last; page++) {
            model[page] = protection + 1;
        }
        if (step % 16 == 0) {
            check_against_model();
        }
    }
    range_list_free(&list);
}
END_TEST

START_TEST(search_is_top_down)
{
    range_list_set(&list, &(struct address_range){0x50000, 0x60000, 1, RANGE_PLAIN});
    range_list_set(&list, &(struct address_range){0x80000, 0x90000, 1, RANGE_PLAIN});
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x100000, 0x1000, 0x1000, 0), 0xff000);
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x90000, 0x1000, 0x1000, 0), 0x7f000);
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x90000, 0x20000, 0x1000, 0), 0x60000);
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x90000, 0x21000, 0x1000, 0), 0x2f000);
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x90000, 0x41000, 0x1000, 0), 0);
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x7f000, 0x8000, 0x10000, 0), 0x70000);
    range_list_free(&list);
}
END_TEST

START_TEST(guard_below_growing_ranges)
{
    range_list_set(&list, &(struct address_range){0x80000, 0x90000, 1, RANGE_GROWING});
    ck_assert_uint_eq(range_list_find_top_down(&list, 0x10000, 0x90000, 0x1000, 0x1000, 0x8000), 0x77000);
    range_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range_list");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, random_changes);
    tcase_add_test(cases, search_is_top_down);
    tcase_add_test(cases, guard_below_growing_ranges);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
