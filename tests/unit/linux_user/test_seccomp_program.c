/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters as Linux takes and refuses them, and what they answer. */
#include "seccomp_program.h"

#include <check.h>
#include <stddef.h>
#include <string.h>

#define LENGTH(array) ((unsigned)(sizeof(array) / sizeof(array)[0]))

static const struct seccomp_data data = {.nr = 7, .arch = 0xc00000b7, .args = {0x1122334455667788, 3}};

static const struct sock_filter by_number[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 5),
};

START_TEST(verdict_by_number)
{
    struct seccomp_data other = data;
    other.nr = 8;
    ck_assert(seccomp_program_is_valid(by_number, LENGTH(by_number)));
    ck_assert_uint_eq(seccomp_program_run(by_number, &data), SECCOMP_RET_ERRNO | 5);
    ck_assert_uint_eq(seccomp_program_run(by_number, &other), SECCOMP_RET_ALLOW);
}
END_TEST

START_TEST(arithmetic)
{
    static const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 4), /* 0x11223344 */
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff), /* 0x33 */
        BPF_STMT(BPF_ST, 3),
        BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), /* 64 */
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), /* 0x73 */
        BPF_STMT(BPF_LDX | BPF_MEM, 3),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0), /* 0x40 */
        BPF_STMT(BPF_ALU | BPF_NEG, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_IMM, 0x1000),
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0), /* 0x1040 */
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 4),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    ck_assert(seccomp_program_is_valid(code, LENGTH(code)));
    ck_assert_uint_eq(seccomp_program_run(code, &data), 0x1040 * 3 / 4);
}
END_TEST

START_TEST(division_by_a_register_of_zero)
{
    static const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_IMM, 8),
        BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    ck_assert(seccomp_program_is_valid(code, LENGTH(code)));
    ck_assert_uint_eq(seccomp_program_run(code, &data), 0);
}
END_TEST

/* One instruction each, followed by a return. */
static const struct {
    struct sock_filter instruction;
    bool is_valid;
} instructions[] = {
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60), true},
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), false},
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), false},
    {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), false},
    {BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), false},
    {BPF_STMT(BPF_LD | BPF_MEM, 15), true},
    {BPF_STMT(BPF_LD | BPF_MEM, 16), false},
    {BPF_STMT(BPF_STX, 16), false},
    {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), false},
    {BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), false},
    {BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), false},
    {BPF_STMT(BPF_JMP | BPF_JA, 0), true},
    {BPF_STMT(BPF_JMP | BPF_JA, 1), false},
    {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), false},
    {BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 0, 0), true},
    {BPF_STMT(0xffff, 0), false},
};

START_TEST(what_is_refused)
{
    struct sock_filter code[2] = {instructions[_i].instruction, BPF_STMT(BPF_RET | BPF_K, 0)};
    ck_assert_int_eq(seccomp_program_is_valid(code, 2), instructions[_i].is_valid);
}
END_TEST

START_TEST(no_return_at_the_end)
{
    ck_assert(!seccomp_program_is_valid(by_number, 2));
    ck_assert(!seccomp_program_is_valid(by_number, 0));
    ck_assert(!seccomp_program_is_valid(by_number, SECCOMP_PROGRAM_LONGEST + 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seccomp_program");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, verdict_by_number);
    tcase_add_test(cases, arithmetic);
    tcase_add_test(cases, division_by_a_register_of_zero);
    tcase_add_loop_test(cases, what_is_refused, 0, LENGTH(instructions));
    tcase_add_test(cases, no_return_at_the_end);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
