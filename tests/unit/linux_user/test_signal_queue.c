/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal_queue.h"

#include <check.h>
#include <string.h>

static struct signal_queue queue;

static bool push(int signal, int value, bool is_held)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_value.sival_int = value;
    return signal_queue_push(&queue, &info, is_held);
}

static int take(uint64_t mask, int *value)
{
    siginfo_t info;
    if (!signal_queue_take(&queue, mask, &info)) {
        return 0;
    }
    *value = info.si_value.sival_int;
    return info.si_signo;
}

START_TEST(order_of_delivery)
{
    int value;
    ck_assert(push(40, 1, false));
    ck_assert(push(SIGTERM, 2, false));
    ck_assert(push(40, 3, false));
    ck_assert(push(SIGSEGV, 4, false));
    ck_assert(push(SIGUSR1, 5, false));
    static const int expected[][2] = {{SIGSEGV, 4}, {SIGUSR1, 5}, {SIGTERM, 2}, {40, 1}, {40, 3}};
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(take(0, &value), expected[i][0]);
        ck_assert_int_eq(value, expected[i][1]);
    }
    ck_assert_int_eq(take(0, &value), 0);
}
END_TEST

START_TEST(standard_signals_do_not_queue_twice)
{
    int value;
    ck_assert(push(SIGUSR1, 1, false));
    ck_assert(!push(SIGUSR1, 2, false));
    ck_assert_int_eq(take(0, &value), SIGUSR1);
    ck_assert_int_eq(value, 1);
    ck_assert_int_eq(take(0, &value), 0);
}
END_TEST

START_TEST(held_signals_wait_for_the_mask)
{
    int value;
    uint64_t mask = signal_bit(SIGSEGV);
    ck_assert(push(SIGSEGV, 1, true));
    ck_assert(!signal_queue_has(&queue, mask));
    ck_assert_int_eq(take(mask, &value), 0);
    ck_assert_uint_eq(signal_queue_all(&queue), mask);
    ck_assert(signal_queue_has(&queue, 0));
    ck_assert_int_eq(take(0, &value), SIGSEGV);
    /* What the host let through is delivered whatever the mask says: it was let through by a temporary one. */
    ck_assert(push(SIGUSR2, 1, false));
    ck_assert_int_eq(take(~UINT64_C(0), &value), SIGUSR2);
}
END_TEST

START_TEST(full_queue)
{
    int value, pushed = 0;
    while (push(50, pushed, false)) {
        pushed++;
    }
    ck_assert_int_eq(pushed, SIGNAL_QUEUE_SLOTS);
    for (int i = 0; i < pushed; i++) {
        ck_assert_int_eq(take(0, &value), 50);
        ck_assert_int_eq(value, i);
    }
    ck_assert(push(50, 0, false));
    siginfo_t info;
    ck_assert(!signal_queue_take_from(&queue, signal_bit(51), &info));
    ck_assert(signal_queue_take_from(&queue, signal_bit(50), &info));
    signal_queue_clear(&queue);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signal_queue");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, order_of_delivery);
    tcase_add_test(cases, standard_signals_do_not_queue_twice);
    tcase_add_test(cases, held_signals_wait_for_the_mask);
    tcase_add_test(cases, full_queue);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
