/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lift functions of RISC-V promise about the IR they make, and what struct guest and riscv.h promise beside
 * lifting. */
#include "guest.h"
#include "riscv.h"
#include "riscv_state.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

extern const struct guest guest_riscv64;

/* One instruction lifted at pc 0x1000 from words of code. */
struct lifted {
    struct arena arena;
    struct ir_context context;
    struct ir_builder ir;
    struct lifter lifter;
};

static void lift_code(struct lifted *it, const void *code, uint32_t available, uint32_t mode, uint32_t options)
{
    arena_init(&it->arena);
    it->context = (struct ir_context){
        .guest_name = "riscv64",
        .slots = guest_riscv64.slots,
        .slot_count = guest_riscv64.slot_count,
        .helpers = guest_riscv64.helpers,
        .helper_count = guest_riscv64.helper_count,
        .word_type = IR_I64,
        .pc_slot = guest_riscv64.pc_slot,
        .rules = guest_riscv64.float_rules(mode),
    };
    ir_builder_init(&it->ir, ir_unit_new(&it->arena, &it->context, 0x1000));
    it->lifter = (struct lifter){
        .ir = &it->ir,
        .guest = &guest_riscv64,
        .code = code,
        .available = available,
        .pc = 0x1000,
        .mode = mode,
        .options = options,
    };
    guest_riscv64.lift(&it->lifter);
}

static unsigned count_op(const struct lifted *it, enum ir_op op)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < it->ir.unit->count; i++) {
        count += it->ir.unit->code[i].op == op;
    }
    return count;
}

static unsigned count_lifted(uint32_t word, uint32_t mode, enum ir_op op)
{
    struct lifted it;
    lift_code(&it, &word, sizeof word, mode, 0);
    unsigned count = count_op(&it, op);
    arena_free(&it.arena);
    return count;
}

enum {
    ADDI_X0_X1_1 = 0x00108013,
    ADD_X1_X0_X0 = 0x000000b3,
    FENCE_RW_RW = 0x0330000f,
    FENCE_R_RW = 0x0230000f,
    FENCE_RW_W = 0x0310000f,
    FENCE_TSO = 0x8330000f,
    FADD_D_DYNAMIC = 0x023170d3,
    FADD_D_RTZ = 0x023110d3,
    FADD_D_RMM = 0x023140d3,
    FADD_D_RESERVED = 0x023150d3,
    BEQZ_X10_8 = 0x00050463,
    MV_X11_X12 = 0x00060593,
    LD_X11_X12 = 0x00063583,
    JALR_X1_X5 = 0x000280e7,
    RET = 0x00008067,
};

START_TEST(x0_is_no_slot)
{
    ck_assert_uint_eq(count_lifted(ADDI_X0_X1_1, 0, IR_OP_write), 0);
    ck_assert_uint_eq(count_lifted(ADD_X1_X0_X0, 0, IR_OP_read), 0);
    ck_assert_uint_eq(count_lifted(ADD_X1_X0_X0, 0, IR_OP_add), 0);
}
END_TEST

static unsigned fences_of(uint32_t word)
{
    struct lifted it;
    unsigned kinds = 0;
    lift_code(&it, &word, sizeof word, 0, 0);
    for (uint32_t i = 0; i < it.ir.unit->count; i++) {
        kinds |= it.ir.unit->code[i].op == IR_OP_fence ? 1u << it.ir.unit->code[i].aux : 0;
    }
    arena_free(&it.arena);
    return kinds;
}

START_TEST(a_fence_is_as_weak_as_its_sets_allow)
{
    ck_assert_uint_eq(fences_of(FENCE_RW_RW), 1u << IR_FENCE_ALL);
    ck_assert_uint_eq(fences_of(FENCE_R_RW), 1u << IR_FENCE_LOADS);
    ck_assert_uint_eq(fences_of(FENCE_RW_W), 1u << IR_FENCE_LOADS | 1u << IR_FENCE_STORES);
    ck_assert_uint_eq(fences_of(FENCE_TSO), 1u << IR_FENCE_LOADS | 1u << IR_FENCE_STORES);
}
END_TEST

START_TEST(rounding_modes_are_known_while_lifting)
{
    ck_assert_uint_eq(count_lifted(FADD_D_DYNAMIC, RISCV_MODE_FRM & 2, IR_OP_fenv_round), 0);
    ck_assert_uint_eq(count_lifted(FADD_D_RTZ, 1, IR_OP_fenv_round), 0);
    ck_assert_uint_eq(count_lifted(FADD_D_RTZ, 0, IR_OP_fenv_round), 2);
    ck_assert_uint_eq(count_lifted(FADD_D_RMM, 0, IR_OP_call), 1);
    ck_assert_uint_eq(count_lifted(FADD_D_DYNAMIC, 4, IR_OP_call), 1);
    ck_assert_uint_eq(count_lifted(FADD_D_RESERVED, 0, IR_OP_trap), 1);
    ck_assert_uint_eq(count_lifted(FADD_D_DYNAMIC, 5, IR_OP_trap), 1);
    ck_assert_uint_eq(count_lifted(FADD_D_RTZ, 5, IR_OP_trap), 0);
}
END_TEST

START_TEST(a_branch_over_a_pure_instruction_is_a_selection)
{
    const uint32_t pure[] = {BEQZ_X10_8, MV_X11_X12}, load[] = {BEQZ_X10_8, LD_X11_X12};
    struct lifted it;
    lift_code(&it, pure, sizeof pure, 0, 0);
    ck_assert_int_eq(it.lifter.end, LIFT_NEXT);
    ck_assert_uint_eq(it.lifter.length, 8);
    ck_assert_uint_eq(count_op(&it, IR_OP_select), 1);
    arena_free(&it.arena);
    lift_code(&it, pure, sizeof pure, 0, LIFT_SINGLE_STEP);
    ck_assert_int_eq(it.lifter.end, LIFT_BRANCH);
    ck_assert_uint_eq(it.lifter.length, 4);
    arena_free(&it.arena);
    lift_code(&it, load, sizeof load, 0, 0);
    ck_assert_int_eq(it.lifter.end, LIFT_BRANCH);
    arena_free(&it.arena);
    lift_code(&it, pure, 6, 0, 0); /* the second is not all there */
    ck_assert_int_eq(it.lifter.end, LIFT_BRANCH);
    ck_assert_uint_eq(it.lifter.target, 0x1008);
    arena_free(&it.arena);
}
END_TEST

static int exit_hint(uint32_t word)
{
    struct lifted it;
    lift_code(&it, &word, sizeof word, 0, 0);
    const struct ir_instruction *last = &it.ir.unit->code[it.ir.unit->count - 1];
    int hint = last->op == IR_OP_goto_value ? last->aux : -1;
    arena_free(&it.arena);
    return hint;
}

START_TEST(calls_and_returns_are_told_apart)
{
    ck_assert_int_eq(exit_hint(JALR_X1_X5), IR_EXIT_CALL);
    ck_assert_int_eq(exit_hint(RET), IR_EXIT_RETURN);
    ck_assert_int_eq(exit_hint(0x00050067), IR_EXIT_JUMP); /* jr a0 */
}
END_TEST

START_TEST(an_instruction_that_is_cut_off_is_a_fetch_fault)
{
    const uint32_t word = MV_X11_X12;
    struct lifted it;
    lift_code(&it, &word, 2, 0, 0);
    const struct ir_instruction *last = &it.ir.unit->code[it.ir.unit->count - 1];
    ck_assert_uint_eq(last->op, IR_OP_trap);
    ck_assert_uint_eq(last->a, TRAP_FETCH);
    arena_free(&it.arena);
}
END_TEST

START_TEST(fcsr_reads_as_written)
{
    struct riscv_state *state = aligned_alloc(64, (sizeof *state + 63) & ~(size_t)63);
    memset(state, 0, sizeof *state);
    guest_riscv64.reset(&state->header);
    ck_assert_uint_eq(riscv_read_fcsr(&state->header), 0);
    ck_assert_uint_eq(state->reservation_address & 1, 1);
    for (uint32_t value = 0; value < 256; value++) {
        riscv_write_fcsr(&state->header, value | 0xffff00);
        ck_assert_uint_eq(riscv_read_fcsr(&state->header), value);
        ck_assert_uint_eq(state->header.mode, value >> 5);
    }
    riscv_write_fcsr(&state->header, 3 << 5 | 0x11);
    ck_assert_uint_eq(state->header.fp.rounding, FLOAT_UP);
    ck_assert_uint_eq(state->header.fp.exceptions, FLOAT_INVALID | FLOAT_INEXACT);
    riscv_write_fcsr(&state->header, 4 << 5);
    ck_assert_uint_eq(state->header.fp.rounding, FLOAT_NEAREST_EVEN);
    free(state);
}
END_TEST

START_TEST(instructions_are_described)
{
    const uint32_t wide = MV_X11_X12, compressed = 0x85b2; /* c.mv a1, a2 */
    char text[128];
    ck_assert_uint_eq(guest_riscv64.describe(text, sizeof text, (const uint8_t *)&wide, 4, 0, 0), 4);
    ck_assert_str_eq(text, "ADDI rd=11 rs1=12 imm=0");
    ck_assert_uint_eq(guest_riscv64.describe(text, sizeof text, (const uint8_t *)&compressed, 4, 0, 0), 2);
    ck_assert_str_eq(text, "C_MV rd=11 rs2=12");
    ck_assert_uint_eq(guest_riscv64.describe(text, sizeof text, (const uint8_t *)&wide, 2, 0, 0), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("riscv");
    TCase *tests = tcase_create("guest");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, x0_is_no_slot);
    tcase_add_test(tests, a_fence_is_as_weak_as_its_sets_allow);
    tcase_add_test(tests, rounding_modes_are_known_while_lifting);
    tcase_add_test(tests, a_branch_over_a_pure_instruction_is_a_selection);
    tcase_add_test(tests, calls_and_returns_are_told_apart);
    tcase_add_test(tests, an_instruction_that_is_cut_off_is_a_fetch_fault);
    tcase_add_test(tests, fcsr_reads_as_written);
    tcase_add_test(tests, instructions_are_described);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
