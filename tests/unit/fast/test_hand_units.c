/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units written by hand: the cases that the allocation of registers has to get right, each with what it is about. Most
 * were found by random units. Each is run from several states, with memory at host address 0 and elsewhere. */
#include "unit_run.h"
#include "x86_features.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { STATES = 40, TEXT_SIZE = 8192 };

/* Sixteen values that live at once; USE_16 consumes them and writes X15. */
#define MAKE_16                                                                                                        \
    "  %900 = read.i64 X4\n"                                                                                           \
    "  %901 = add.i64 %900, #0x11\n  %902 = xor.i64 %900, #0x12\n  %903 = shl.i64 %900, #0x3\n"                        \
    "  %904 = mul.i64 %900, #0x14\n  %905 = not.i64 %900\n  %906 = or.i64 %900, #0x16\n"                               \
    "  %907 = add.i64 %900, #0x17\n  %908 = xor.i64 %900, #0x18\n  %909 = shl.i64 %900, #0x9\n"                        \
    "  %910 = mul.i64 %900, #0x1a\n  %911 = neg.i64 %900\n  %912 = or.i64 %900, #0x1c\n"                               \
    "  %913 = add.i64 %900, #0x1d\n  %914 = xor.i64 %900, #0x1e\n  %915 = shl.i64 %900, #0x1f\n"
#define USE_16                                                                                                         \
    "  %921 = xor.i64 %901, %902\n  %922 = add.i64 %921, %903\n  %923 = xor.i64 %922, %904\n"                          \
    "  %924 = add.i64 %923, %905\n  %925 = xor.i64 %924, %906\n  %926 = add.i64 %925, %907\n"                          \
    "  %927 = xor.i64 %926, %908\n  %928 = add.i64 %927, %909\n  %929 = xor.i64 %928, %910\n"                          \
    "  %930 = add.i64 %929, %911\n  %931 = xor.i64 %930, %912\n  %932 = add.i64 %931, %913\n"                          \
    "  %933 = xor.i64 %932, %914\n  %934 = add.i64 %933, %915\n  write X15, %934\n"
/* Leaves block 0 for block 9 when the counter has reached 0; goes on in block 1. */
#define LOOP_HEAD                                                                                                      \
    "block 0:\n  mark 0x1004 4\n  %990 = read.i64 X16\n  %991 = sub.i64 %990, #0x1\n  write X16, %991\n"               \
    "  %992 = cmp.i32 eq %990, #0x0\n  branch %992, block 9, block 1\nblock 1:\n"
#define LOOP_LEAVE "block 9:\n  goto #0x9000 jump\n"
/* Faults in about every second run. */
#define MAY_FAULT(pc, value) "  mark " pc " 4\n  %980 = read.i64 X19\n  store %980, " value ", 0x60, u64\n"

static const struct {
    const char *about, *text;
} units[] = {
    {"a tied operand whose value lives on",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = sub.i64 %1, %2\n  write X2, %3\n"
     "  %4 = sub.i64 %3, %1\n  write X3, %4\n  %5 = sub.i64 %1, %3\n  write X0, %5\n  %6 = mul.i64 %1, %1\n"
     "  write X1, %6\n" MAY_FAULT("0x1008", "%5") "  goto #0x9000 jump\n"},
    {"a load into its own address's slot",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X19\n  %2 = add.i64 %1, #0x40\n  write X19, %2\n  mark 0x1008 4\n"
     "  %3 = load.i64 %2, 32, u64\n  write X19, %3\n  mark 0x100c 4\n  goto #0x9000 jump\n"},
    {"a load into the slot of its address, a sum of two slots that live on",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X19\n  %2 = read.i64 X16\n  %3 = and.i64 %2, #0xf8\n  write X1, %3\n"
     "  %5 = add.i64 %1, %3\n  write X2, %5\n  mark 0x1008 4\n  %7 = load.i64 %5, 0, u64\n  write X2, %7\n"
     "  %9 = add.i64 %7, %3\n  write X3, %9\n" MAY_FAULT("0x100c", "%9") "  goto #0x9000 jump\n"},
    {"two such sums, made before the first of their loads, whose operands are overwritten by the loads",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X19\n  %2 = read.i64 X16\n  %3 = and.i64 %2, #0x78\n  write X1, %3\n"
     "  %5 = add.i64 %1, %3\n  write X2, %5\n  %7 = add.i64 %3, %1\n  write X1, %7\n  mark 0x1008 4\n"
     "  %9 = load.i64 %5, 8, u64\n  write X2, %9\n  mark 0x100c 4\n  %11 = load.i64 %7, 16, u64\n  write X1, %11\n"
     MAKE_16 USE_16 MAY_FAULT("0x1010", "%11") "  goto #0x9000 jump\n"},
    {"such a sum with a way out between it and its load",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X19\n  %2 = read.i64 X16\n  %3 = add.i64 %1, %2\n  write X2, %3\n"
     "  %5 = cmp.i32 ltu %2, #0x40\n  branch %5, block 1, block 2\nblock 1:\n  mark 0x1008 4\n"
     "  %7 = load.i64 %3, 0, u64\n  write X2, %7\n  goto #0x9000 jump\nblock 2:\n  goto #0x9010 jump\n"},
    {"such sums in a loop, in which one operand is the other's load",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X16\n  %2 = sub.i64 %1, #0x1\n  write X16, %2\n  %4 = read.i64 X19\n"
     "  %5 = and.i64 %2, #0x38\n  write X3, %5\n  %7 = add.i64 %4, %5\n  write X2, %7\n  mark 0x1008 4\n"
     "  %9 = load.i64 %7, 0, u8\n  write X2, %9\n  %11 = add.i64 %4, %9\n  write X3, %11\n  mark 0x100c 4\n"
     "  %13 = load.i64 %11, 0, u8\n  write X3, %13\n  %15 = cmp.i32 ne %2, #0x0\n  branch %15, block 0, block 1\nblock 1:\n"
     "  goto #0x9000 jump\n"},
    {"the second half of a product whose bits are a float that a loop keeps in a register",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X16\n  %2 = sub.i64 %1, #0x1\n  write X16, %2\n  %4 = read.f64 D1\n"
     "  %5 = bits.i64 %4\n  write X4, %5\n  %7 = cmp.i32 ltu %2, #0x20\n  branch %7, block 1, block 2\nblock 1:\n"
     "  write X5, %2\n  jump block 3\nblock 2:\n  write X5, #0x3\n  jump block 3\nblock 3:\n"
     "  %14 = read.i64 X0\n  %15 = read.i64 X1\n  %16 = mul.i64 %14, %15\n  %17 = mulhs.i64 %14, %15\n  write X2, %16\n"
     "  %19 = add.i64 %17, #0x1\n  write X3, %19\n  %21 = bits.f64 %17\n  write D1, %21\n  %23 = read.i64 X16\n"
     "  %24 = cmp.i32 ne %23, #0x0\n  branch %24, block 0, block 4\nblock 4:\n  goto #0x9000 jump\n"},
    {"an atomic operation into its own operand's slot",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X3\n  %2 = add.i64 %1, #0x40\n  write X3, %2\n  mark 0x1008 4\n"
     "  %5 = read.i64 X19\n  %6 = and.i64 %5, #0xfffffffffffffff0\n  %7 = add.i64 %6, #0x60\n"
     "  %8 = atomic.i64 %7, %2, min_u.u64\n  write X3, %8\n  goto #0x9000 jump\n"},
    {"a slot that is overwritten by way of a widening",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = add.i64 %1, #0x1\n  write X0, %2\n  %3 = narrow.i32 %2\n"
     "  %4 = add.i32 %3, #0x7\n  %5 = wide_u.i64 %4\n  write X0, %5\n" MAY_FAULT("0x1008",
                                                                                 "%5") "  goto #0x9000 jump\n"},
    {"an operand that deferred flags need when its slot is overwritten",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = xor.i64 %1, #0x5\n  write X0, %2\n  mark 0x1008 4\n"
     "  %3 = flags_sub.flags %2, #i64:0x3\n  write NZCV, %3\n  %4 = sub.i64 %2, #0x3\n"
     "  write X0, %4\n" MAY_FAULT("0x100c", "%4") "  goto #0x9000 jump\n"},
    {"deferred flags on several ways out: dropped, kept, replaced",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = flags_sub.flags %1, %2\n  write NZCV, "
     "%3\n"
     "  %4 = cmp.i32 ltu %1, %2\n  branch %4, block 2, block 1\nblock 1:\n  %5 = cmp.i32 lts %1, %2\n"
     "  branch %5, block 3, block 4\nblock 4:\n  mark 0x1008 4\n  %6 = add.i64 %1, %2\n  write X0, %6\n  write X1, %6\n"
     "  %7 = flags_logic.flags %6\n  write NZCV, %7\n  %8 = cmp.i32 ne %6, #0x0\n  branch %8, block 5, block 6\n"
     "block 6:\n  drop NZCV\n  goto #0x9000 jump\nblock 2:\n  drop NZCV\n  goto #0x9010 jump\nblock 3:\n  goto #0x9020 "
     "jump\n"
     "block 5:\n  goto #0x9030 jump\n"},
    {"flags that are computed in a late block and on the main way from the same operands",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = flags_add.flags %1, %2\n"
     "  %4 = cmp.i32 ltu %1, %2\n  branch %4, block 2, block 1\nblock 1:\n  write X0, #0x5\n  write X1, #0x6\n" MAKE_16
     "  write NZCV, %3\n" USE_16
     "  goto #0x9000 jump\nblock 2:\n  write X1, #0x6\n  write NZCV, %3\n  goto #0x9010 jump\n"},
    {"flags at a fault between their making and a condition on their operands",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = flags_sub.flags %1, %2\n  write NZCV, "
     "%3\n"
     "  mark 0x1008 4\n  %4 = read.i64 X19\n  %5 = load.i64 %4, 96, u64\n  write X2, %5\n  mark 0x100c 4\n"
     "  %6 = read.flags NZCV\n  %7 = cmp.i32 eq %1, %2\n  branch %7, block 1, block 2\nblock 2:\n  drop NZCV\n"
     "  goto #0x9000 jump\nblock 1:\n  drop NZCV\n  goto #0x9010 jump\n"},
    {"flags that each iteration of a loop overwrites, wanted behind it",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X16\n  %2 = sub.i64 %1, #0x1\n  %3 = flags_sub.flags %1, #i64:0x1\n"
     "  write NZCV, %3\n  write X16, %2\n  %4 = cmp.i32 ne %2, #0x0\n  branch %4, block 0, block 1\nblock 1:\n"
     "  goto #0x9000 jump\n"},
    {"slots that change places in a loop",
     LOOP_HEAD "  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = read.i64 X2\n  %4 = read.i64 X3\n  %5 = read.i64 X5\n"
               "  write X0, %2\n  write X1, %3\n  write X2, %1\n  write X3, %5\n  write X5, %4\n  write X6, %1\n"
               "  %6 = read.v128 V0\n  %7 = read.v128 V1\n  %8 = read.v128 V2\n  write V1, %6\n  write V0, %7\n"
               "  write V3, %8\n  write V2, %6\n  write X7, #0x1234567\n  jump block 0\n" LOOP_LEAVE},
    {"one value in several of a loop's slots, and an event",
     LOOP_HEAD "  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = add.i64 %1, %2\n  write X1, %3\n  write X0, %3\n"
               "  write X2, %3\n  mark 0x1008 4\n  %4 = read.i64 X17\n  %5 = cmp.i32 eq %990, #0x3\n"
               "  store %4, %5, 0, u32\n  %6 = cmp.i32 ltu %3, #0x3\n  branch %6, block 2, block 0\n"
               "block 2:\n  %7 = xor.i64 %1, %2\n  write X3, %7\n  jump block 0\n" LOOP_LEAVE},
    {"parts of a loop's slots", LOOP_HEAD
     "  %1 = read.i32 X0\n  %2 = read.i32 X0+4\n  %3 = wide_u.i64 %1\n  %4 = add.i32 %1, %2\n  %5 = wide_u.i64 %4\n"
     "  %6 = read.i64 X0\n  %7 = sub.i64 %6, %3\n  write X1, %7\n  write X0, %5\n  %8 = read.i32 X0\n"
     "  %9 = wide_s.i64 %8\n  write X2, %9\n  %10 = read.f64 V0\n  %11 = read.f64 V0+8\n  %12 = read.f32 V0+4\n"
     "  %13 = v_from.v128 %12\n  write V0, %13\n  write D0, %11\n  write D1, %10\n  %14 = read.i64 V0\n"
     "  write X3, %14\n  %15 = read.i32 W0\n  %16 = wide_u.i64 %15\n  %17 = read.i32 W1\n  %18 = wide_u.i64 %17\n"
     "  %19 = add.i64 %16, %18\n  write X5, %19\n  write W0, %17\n  jump block 0\n" LOOP_LEAVE},
    {"a loop's slot read behind a merge, then exchanged",
     LOOP_HEAD "  %1 = read.i64 X0\n  %2 = cmp.i32 lts %1, #0x0\n  branch %2, block 2, block 3\nblock 2:\n"
               "  write X1, %1\n  jump block 3\nblock 3:\n  %3 = read.i64 X11\n  %4 = read.i64 X0\n  write X11, %4\n"
               "  write X0, %3\n  jump block 0\n" LOOP_LEAVE},
    {"a loop's slot whose old value lives on in another slot's memory",
     LOOP_HEAD "  %1 = read.i64 X0\n  %2 = read.i64 X2\n  %3 = read.i64 X10\n  write X2, %1\n  write X0, %3\n"
               "  write X10, %1\n" MAKE_16 "  %4 = read.i64 X0\n  %5 = mulhu.i64 %4, %4\n" USE_16
               "  write X11, %5\n  write X12, %2\n  jump block 0\n" LOOP_LEAVE},
    {"values that a late block needs and that the main way has moved since",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.v128 V0\n  %3 = add.i64 %1, #0x1\n  %4 = read.i64 "
     "X1\n" MAKE_16
     "  %5 = cmp.i32 ltu %4, %1\n  branch %5, block 2, block 1\nblock 1:\n  write X0, %4\n  write X1, #0x77\n"
     "  write V0, #0x5:0x6\n" USE_16 "  goto #0x9000 jump\nblock 2:\n  %6 = read.i64 X2\n  %7 = xor.i64 %6, %4\n"
     "  %8 = cmp.i32 ltu %7, #0x100\n  branch %8, block 3, block 4\nblock 4:\n  write X3, %3\n  write V1, %2\n"
     "  write X5, %901\n  write X6, %908\n  goto #0x9010 jump\nblock 3:\n  write X3, %1\n  write X5, %915\n  goto "
     "#0x9020 jump\n"},
    {"registers run out in a late block",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i64 X1\n  %3 = mul.i64 %1, %2\n  %4 = cmp.i32 ltu %1, "
     "%2\n"
     "  branch %4, block 2, block 1\nblock 1:\n  write X0, %3\n  goto #0x9000 jump\nblock 2:\n" MAKE_16
     "  write X1, %3\n" USE_16 "  write X0, %1\n" MAY_FAULT("0x1008", "%934") "  goto #0x9010 jump\n"},
    {"two readings of a slot, one widened in place and stored elsewhere",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.i32 X0\n  %3 = wide_u.i64 %2\n  write X1, %3\n" MAKE_16
     "  write X0, #0x9\n  %4 = sub.i64 %1, %3\n  write X2, %4\n" USE_16 "  goto #0x9000 jump\n"},
    {"a value that is wider than the slot that has it",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i32 W0\n  %2 = add.i32 %1, #0x3\n  write W1, %2\n  %3 = wide_u.i64 %2\n"
     "  %4 = read.v128 V0\n  %5 = v_add.v128 x32 %4, %4\n  write V1, %5\n  %6 = read.f64 V1\n  write D0, %6\n" MAKE_16
         USE_16 "  %7 = sub.i64 %3, %934\n  write X0, %7\n" MAY_FAULT("0x1008", "%3") "  goto #0x9000 jump\n"},
    {"everything alive across helpers",
     "block 0:\n  mark 0x1004 4\n  %1 = read.i64 X0\n  %2 = read.v128 V2\n  %3 = v_add.v128 x64 %2, %2\n  %4 = "
     "read.i64 X3\n" MAKE_16
     "  write X0, %901\n  write V5, %3\n  %5 = call.v128 mix_vectors(%2, %3, %901)\n  mark 0x1008 4\n"
     "  call set(%1, %902, %903, %904)\n  mark 0x100c 4\n  %6 = call.i64 look(%4)\n  mark 0x1010 4\n  %7 = read.i64 "
     "X18\n"
     "  %8 = call.i64 bump(%7, %6)\n  write V3, %5\n  %9 = read.i64 X3\n  write X1, %9\n  write X2, %4\n  write V4, "
     "%2\n"
     "  write X6, %6\n  write X7, %8\n" USE_16 "  goto #0x9000 jump\n"},
};

static void run_unit(struct unit_run *run, const char *text)
{
    const char *error = NULL;
    for (unsigned based = 0; based < 2; based++) {
        struct compiled_unit compiled;
        arena_reset(&run->machine.arena);
        struct ir_unit *unit = ir_parse(&run->machine.arena, &run->machine.context, text, &error);
        ck_assert_msg(unit, "%s\n%s", error, text);
        error = ir_verify(unit, &run->machine.arena);
        ck_assert_msg(!error, "%s\n%s", error, text);
        ck_assert(unit_compile(run, unit, based, &compiled));
        for (unsigned n = 0; n < STATES; n++) {
            unit_run_randomize(run, n, based);
            ck_assert(unit_compare(run, &compiled));
        }
    }
}

/* With any room that is too small, but for a few instructions, the compiler gives up and writes nothing behind it. */
static void run_out_of_room(struct unit_run *run, const char *text)
{
    const char *error = NULL;
    uint8_t *start = run->machine.end - 0x8000;
    for (uint32_t room = 64;; room += 13) {
        arena_reset(&run->machine.arena);
        struct ir_unit *unit = ir_parse(&run->machine.arena, &run->machine.context, text, &error);
        struct fast_target target = {
            .host = run->machine.host,
            .glue = &run->machine.glue,
            .features = run->machine.features,
            .memory_model = MEMORY_DIRECT,
            .memory_base_is_zero = true,
            .start = start,
            .limit = start + room,
            .records = &run->machine.arena,
        };
        memset(start, 0xa5, 0x8000);
        struct fast_result result = fast_compile(unit, &run->machine.arena, &target);
        unsigned written = 0;
        for (const uint8_t *byte = start + room; byte < run->machine.end; byte++) {
            written += *byte != 0xa5;
        }
        ck_assert_msg(!written, "%u bytes behind a room of %u were written", written, room);
        if (result.done) {
            return;
        }
    }
}

START_TEST(test_units)
{
    static const uint32_t disabled[] = {~(uint32_t)(X86_HAS_SSSE3 | X86_HAS_SSE41 | X86_HAS_CX16), 0};
    char text[TEXT_SIZE];
    for (unsigned n = 0; n < 2; n++) {
        struct unit_run run;
        unit_run_init(&run, disabled[n]);
        int length = snprintf(text, sizeof text, "unit fake pc=0x1004\n%s", units[_i].text);
        ck_assert_int_lt(length, TEXT_SIZE);
        run_unit(&run, text);
        run_out_of_room(&run, text);
        unit_run_free(&run);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fast, by hand");
    TCase *cases = tcase_create("units");
    tcase_set_timeout(cases, 0);
    tcase_add_loop_test(cases, test_units, 0, sizeof units / sizeof *units);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
