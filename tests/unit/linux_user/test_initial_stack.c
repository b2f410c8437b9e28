/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initial_stack.h"

#include "byteorder.h"

#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

static char *arguments[] = {"prog", "", "third", NULL};
static char *environment[] = {"A=1", "PATH=/bin", NULL};
static const uint8_t random_bytes[16] = "0123456789abcdef";

static struct initial_stack stack;
static char *image;
static size_t size;

static uint64_t word(uint64_t address)
{
    const char *place = image + size - (stack.top - address);
    return stack.word_bytes == 8 ? byteorder_load64(place, stack.big_endian)
                                 : byteorder_load32(place, stack.big_endian);
}

static const char *text(uint64_t address)
{
    ck_assert_uint_lt(address, stack.top);
    ck_assert_uint_ge(address, stack.top - size);
    return image + size - (stack.top - address);
}

static uint64_t entry(uint64_t type)
{
    for (uint64_t at = stack.vector_start;; at += 2 * stack.word_bytes) {
        if (word(at) == type) {
            return word(at + stack.word_bytes);
        }
        ck_assert_uint_ne(word(at), AT_NULL);
    }
}

static void build(unsigned word_bytes, bool big_endian)
{
    stack = (struct initial_stack){
        .word_bytes = word_bytes,
        .big_endian = big_endian,
        .top = 0x70000000,
        .arguments = arguments,
        .environment = environment,
        .program = "/bin/prog",
        .platform = "double",
        .random = random_bytes,
        .entries = {{AT_PAGESZ, 4096}, {AT_ENTRY, 0x1234}},
        .entry_count = 2,
    };
    size = initial_stack_size(&stack, 1 << 20);
    ck_assert_uint_gt(size, 0);
    image = malloc(size);
    initial_stack_write(&stack, image, size);
}

START_TEST(what_a_program_finds)
{
    static const struct {
        unsigned word_bytes;
        bool big_endian;
    } forms[] = {{8, false}, {8, true}, {4, false}, {4, true}};
    build(forms[_i].word_bytes, forms[_i].big_endian);
    unsigned bytes = stack.word_bytes;
    ck_assert_uint_eq(stack.sp % 16, 0);
    ck_assert_uint_ge(stack.sp, stack.top - size);
    ck_assert_uint_eq(word(stack.sp), 3);
    uint64_t at = stack.sp + bytes;
    for (int i = 0; i < 3; i++, at += bytes) {
        ck_assert_str_eq(text(word(at)), arguments[i]);
    }
    ck_assert_uint_eq(word(at), 0);
    at += bytes;
    for (int i = 0; i < 2; i++, at += bytes) {
        ck_assert_str_eq(text(word(at)), environment[i]);
    }
    ck_assert_uint_eq(word(at), 0);
    ck_assert_uint_eq(at + bytes, stack.vector_start);
    ck_assert_uint_eq(entry(AT_PAGESZ), 4096);
    ck_assert_uint_eq(entry(AT_ENTRY), 0x1234);
    ck_assert_str_eq(text(entry(AT_EXECFN)), "/bin/prog");
    ck_assert_str_eq(text(entry(AT_PLATFORM)), "double");
    ck_assert_int_eq(memcmp(text(entry(AT_RANDOM)), random_bytes, 16), 0);
    ck_assert_uint_eq(stack.arguments_end - stack.arguments_start, sizeof "prog" + sizeof "" + sizeof "third");
    ck_assert_uint_eq(stack.environment_end - stack.environment_start, sizeof "A=1" + sizeof "PATH=/bin");
    ck_assert_uint_eq(stack.arguments_end, stack.environment_start);
    free(image);
}
END_TEST

START_TEST(too_long)
{
    build(8, false);
    ck_assert_uint_eq(initial_stack_size(&stack, 100), 0);
    free(image);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("initial_stack");
    TCase *cases = tcase_create("all");
    tcase_add_loop_test(cases, what_a_program_finds, 0, 4);
    tcase_add_test(cases, too_long);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
