/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control transfer. */
#include "lift.h"
#include "log.h"

/* The calling convention's link registers: what jumps to or from them are calls and returns ("return-address prediction
   stack actions"). */
static bool is_link(int number)
{
    return number == 1 || number == 5;
}

bool riscv_lift_jal(struct lifter *l, const struct riscv_args_u *a)
{
    uint64_t target = l->pc + (uint64_t)(int64_t)a->imm;
    uint64_t next = l->pc + l->length;
    lift_write_x(l, a->rd, ir_word(l->ir, next));
    if (is_link(a->rd)) {
        lift_call(l, target, next);
    } else {
        lift_jump(l, target);
    }
    return true;
}

bool riscv_lift_jalr(struct lifter *l, const struct riscv_args_i *a)
{
    struct ir_builder *ir = l->ir;
    uint64_t next = l->pc + l->length;
    ir_ref target = lift_read_x(l, a->rs1);
    target = a->imm ? ir_add(ir, target, ir_word(ir, (uint64_t)(int64_t)a->imm)) : target;
    target = ir_and(ir, target, ir_word(ir, ~1ull));
    lift_write_x(l, a->rd, ir_word(ir, next));
    uint64_t constant;
    bool is_known = ir_constant_value(ir, target, &constant); /* after AUIPC: a far call or jump */
    if (is_link(a->rd)) {
        if (is_known) {
            lift_call(l, constant, next);
        } else {
            lift_jump_value(l, target, IR_EXIT_CALL, next);
        }
    } else if (is_known) {
        lift_jump(l, constant);
    } else {
        lift_jump_value(l, target, is_link(a->rs1) ? IR_EXIT_RETURN : IR_EXIT_JUMP, 0);
    }
    return true;
}

/* A branch over one or two instructions that only compute a register becomes a selection: what they write is kept or
 * not. It saves a side exit of the unit, and a misprediction where compilers could not do it for want of an
 * instruction. */
enum { SKIPPED_MOST = 2, SKIPPED_BYTES_MOST = 4 + 4 * SKIPPED_MOST };

/* The instructions between this one and pc + distance; 0 if they are not all of that kind. */
static unsigned find_skipped(const struct lifter *l, uint32_t distance, struct riscv_decoded *skipped)
{
    uint32_t offset = l->length;
    unsigned count = 0;
    for (; offset < distance && count < SKIPPED_MOST; count++) {
        if (offset >= l->available) {
            return 0;
        }
        riscv_decode_at(&skipped[count], l->code + offset, l->available - offset);
        if (!riscv_is_pure(&skipped[count])) {
            return 0;
        }
        offset += skipped[count].length;
    }
    return offset == distance ? count : 0;
}

static bool lift_skipped(struct lifter *l, ir_ref taken, uint32_t distance)
{
    struct riscv_decoded skipped[SKIPPED_MOST];
    bool is_wanted = lift_is_64(l) && !(l->options & LIFT_SINGLE_STEP); /* RV32 reserves some pure rows' operands */
    unsigned count = is_wanted ? find_skipped(l, distance, skipped) : 0;
    if (count == 0) {
        return false;
    }
    uint64_t pc = l->pc;
    const struct decode_row *row = l->row;
    l->pc += l->length;
    for (unsigned i = 0; i < count; i++) {
        int rd = riscv_destination(&skipped[i]);
        ir_ref old = lift_read_x(l, rd);
        l->length = skipped[i].length;
        KAGE_ASSERT(riscv_lift_decoded(l, &skipped[i]), "no pure row is reserved on RV64");
        lift_write_x(l, rd, ir_select(l->ir, taken, old, lift_read_x(l, rd)));
        l->pc += skipped[i].length;
    }
    l->pc = pc;
    l->row = row;
    l->length = distance;
    return true;
}

static bool lift_conditional(struct lifter *l, const struct riscv_args_b *a, enum ir_cond condition)
{
    ir_ref taken = ir_cmp(l->ir, condition, lift_read_x(l, a->rs1), lift_read_x(l, a->rs2));
    if (a->imm > 0 && a->imm <= SKIPPED_BYTES_MOST && lift_skipped(l, taken, (uint32_t)a->imm)) {
        return true;
    }
    lift_branch(l, taken, l->pc + (uint64_t)(int64_t)a->imm);
    return true;
}

RISCV_LIFT(beq, b, lift_conditional, IR_EQ)
RISCV_LIFT(bne, b, lift_conditional, IR_NE)
RISCV_LIFT(blt, b, lift_conditional, IR_LTS)
RISCV_LIFT(bge, b, lift_conditional, IR_GES)
RISCV_LIFT(bltu, b, lift_conditional, IR_LTU)
RISCV_LIFT(bgeu, b, lift_conditional, IR_GEU)
