/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What struct guest of AArch64 and its header promise beside lifting: flags that are dead, descriptions, registers as
 * the manual has them, features. */
#include "aarch64.h"
#include "aarch64_state.h"
#include "guest.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

extern const struct guest guest_aarch64;

static bool are_flags_dead(const uint32_t *words, unsigned count)
{
    return guest_aarch64.flags_are_dead((const uint8_t *)words, count * 4, 0x1000, 0);
}

#define DEAD(...)                                                                                                      \
    are_flags_dead((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

enum {
    NOP = 0xd503201f,
    MOV_X0_1 = 0xd2800020,
    CMP_X0_X1 = 0xeb01001f,
    ANDS_X0_X1_X2 = 0xea020020,
    ADC_X0_X1_X2 = 0x9a020020,
    CSEL_X0_X1_X2_EQ = 0x9a820020,
    CCMP_X0_X1_0_EQ = 0xfa410000,
    LDR_X0_X1 = 0xf9400020,
    RET = 0xd65f03c0,
    B_EQ = 0x54000040,
    MRS_X0_NZCV = 0xd53b4200,
    SVC = 0xd4000001,
    FCMP_D0_D1 = 0x1e612000,
    RESERVED = 0x00000000,
};

START_TEST(flags_that_are_overwritten_are_dead)
{
    ck_assert(DEAD(CMP_X0_X1));
    ck_assert(DEAD(MOV_X0_1, NOP, ANDS_X0_X1_X2));
}
END_TEST

START_TEST(flags_that_are_read_are_not_dead)
{
    ck_assert(!DEAD(ADC_X0_X1_X2, CMP_X0_X1));
    ck_assert(!DEAD(CSEL_X0_X1_X2_EQ, CMP_X0_X1));
    ck_assert(!DEAD(CCMP_X0_X1_0_EQ));
    ck_assert(!DEAD(B_EQ, CMP_X0_X1));
    ck_assert(!DEAD(MRS_X0_NZCV, CMP_X0_X1));
}
END_TEST

START_TEST(flags_are_not_dead_where_somebody_may_look)
{
    ck_assert(!DEAD(LDR_X0_X1, CMP_X0_X1));
    ck_assert(!DEAD(RET, CMP_X0_X1));
    ck_assert(!DEAD(SVC, CMP_X0_X1));
    ck_assert(!DEAD(RESERVED, CMP_X0_X1));
    ck_assert(!DEAD(MOV_X0_1, MOV_X0_1));
    ck_assert(!are_flags_dead((const uint32_t[]){CMP_X0_X1}, 0));
}
END_TEST

START_TEST(instructions_are_described)
{
    const uint32_t word = MOV_X0_1;
    char text[128];
    ck_assert_uint_eq(guest_aarch64.describe(text, sizeof text, (const uint8_t *)&word, 4, 0, 0), 4);
    ck_assert_str_eq(text, "MOVZ sf=1 rd=0 hw=0 imm=1");
    ck_assert_uint_eq(guest_aarch64.describe(text, sizeof text, (const uint8_t *)&word, 3, 0, 0), 0);
}
END_TEST

START_TEST(status_registers_read_as_written)
{
    struct aarch64_state *state = aligned_alloc(64, (sizeof *state + 63) & ~(size_t)63);
    memset(state, 0, sizeof *state);
    guest_aarch64.reset(&state->header);
    ck_assert_uint_eq(aarch64_read_fpsr(&state->header), 0);
    ck_assert_uint_eq(state->exclusive_address, UINT64_MAX);
    aarch64_write_fpsr(&state->header, UINT32_MAX);
    ck_assert_uint_eq(aarch64_read_fpsr(&state->header), 0x0800009f);
    aarch64_write_fpsr(&state->header, 0x10);
    ck_assert_uint_eq(aarch64_read_fpsr(&state->header), 0x10);
    ck_assert_uint_eq(state->header.fp.exceptions, FLOAT_INEXACT);
    for (uint32_t nzcv = 0; nzcv < 16; nzcv++) {
        aarch64_write_nzcv(&state->header, nzcv << 28 | 0x1234);
        ck_assert_uint_eq(aarch64_read_nzcv(&state->header), nzcv << 28);
    }
    aarch64_write_fpcr(&state->header, UINT32_MAX);
    ck_assert_uint_eq(aarch64_read_fpcr(&state->header), 0x07c80000);
    ck_assert_uint_eq(state->header.mode, AARCH64_MODE_COUNT - 1);
    ck_assert_uint_eq(state->header.fp.rounding, FLOAT_TOWARD_ZERO);
    aarch64_write_fpcr(&state->header, 1 << 22);
    ck_assert_uint_eq(state->header.fp.rounding, FLOAT_UP);
    ck_assert(guest_aarch64.float_rules(AARCH64_MODE_FZ)->flush_inputs);
    ck_assert(!guest_aarch64.float_rules(0)->flush_inputs);
    ck_assert(guest_aarch64.float_rules(AARCH64_MODE_FZ16)->flush_inputs_half);
    free(state);
}
END_TEST

/* FP ASIMD AES PMULL SHA1 SHA2 CRC32 ATOMICS FPHP ASIMDHP CPUID ASIMDRDM JSCVT FCMA LRCPC DCPOP SHA3 SM3 SM4 ASIMDDP SHA512 ASIMDFHM DIT ILRCPC
   FLAGM SSBS SB PACA PACG;
   DCPODP FLAGM2 FRINT I8MM BF16 RNG WFXT CSSC MOPS HBC */
START_TEST(features_are_announced)
{
    ck_assert_uint_eq(aarch64_hwcap(), 0xfdbffffb);
    ck_assert_uint_eq(aarch64_hwcap2(), 0x0000180480016181);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("aarch64");
    TCase *tests = tcase_create("guest");
    tcase_add_test(tests, flags_that_are_overwritten_are_dead);
    tcase_add_test(tests, flags_that_are_read_are_not_dead);
    tcase_add_test(tests, flags_are_not_dead_where_somebody_may_look);
    tcase_add_test(tests, instructions_are_described);
    tcase_add_test(tests, status_registers_read_as_written);
    tcase_add_test(tests, features_are_announced);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
