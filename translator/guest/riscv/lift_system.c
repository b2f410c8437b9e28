/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Environment calls, control and status registers, instruction fetch fence. */
#include "lift.h"

bool riscv_lift_ecall(struct lifter *l, const struct riscv_args_none *a)
{
    (void)a;
    lift_syscall(l);
    return true;
}

bool riscv_lift_ebreak(struct lifter *l, const struct riscv_args_none *a)
{
    (void)a;
    lift_trap(l, TRAP_BREAKPOINT, 0);
    return true;
}

bool riscv_lift_kage_call(struct lifter *l, const struct riscv_args_KAGE_CALL *a)
{
    uint32_t number = (uint32_t)a->number;
    if (number < l->hypercalls) {
        ir_ref argument = ir_word(l->ir, number);
        ir_call(l->ir, RISCV_HELPER_HYPERCALL, &argument, 1);
    } else {
        lift_trap(l, TRAP_HYPERCALL, number);
    }
    return true;
}

/* Zimop: an extension to come may give it a meaning. */
bool riscv_lift_mop(struct lifter *l, const struct riscv_args_clear *a)
{
    lift_write_x(l, a->rd, ir_word(l->ir, 0));
    return true;
}

/* Zicboz: the block that holds the address; Linux tells its size (riscv_hwprobe). */
bool riscv_lift_cbo_zero(struct lifter *l, const struct riscv_args_i *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref block = ir_and(ir, lift_read_x(l, a->rs1), ir_word(ir, ~(uint64_t)(RISCV_CACHE_BLOCK - 1)));
    ir_ref zero = ir_v128(ir, 0, 0);
    for (int offset = 0; offset < RISCV_CACHE_BLOCK; offset += 16) {
        ir_store(ir, block, zero, offset, 4);
    }
    return true;
}

/* Zicbom: caches are coherent here. The block must be one that a load may read. */
bool riscv_lift_cbo_clean(struct lifter *l, const struct riscv_args_i *a)
{
    ir_load(l->ir, IR_I32, lift_read_x(l, a->rs1), 0, 0);
    return true;
}

/* FENCE.I names no address: all of this program's code may have changed. */
bool riscv_lift_fence_i(struct lifter *l, const struct riscv_args_none *a)
{
    (void)a;
    ir_call(l->ir, RISCV_HELPER_FLUSH_CODE, NULL, 0);
    lift_stop(l);
    return true;
}

/* The control and status registers that a user program may name. */
enum csr {
    CSR_FFLAGS = 0x001,
    CSR_FRM = 0x002,
    CSR_FCSR = 0x003,
    CSR_CYCLE = 0xc00,
    CSR_TIME = 0xc01,
    CSR_INSTRET = 0xc02,
    CSR_CYCLEH = 0xc80,
    CSR_TIMEH = 0xc81,
    CSR_INSTRETH = 0xc82,
};

/* fflags is NV DZ OF UF NX from bit 4 down; the engine's bits have the same order from bit 0 up, with the one for
   denormal operands between the first two. */
static ir_ref reverse_five(struct ir_builder *b, ir_ref bits)
{
    /* Copies of the bits at distances that put each where a mask picks it in reverse; a product gathers them in byte 4.
     */
    ir_ref copies = ir_mul(b, ir_wide_u(b, IR_I64, bits), ir_i64(b, 0x80200802));
    ir_ref picked = ir_mul(b, ir_and(b, copies, ir_i64(b, 0x0884422110)), ir_i64(b, 0x0101010101));
    return ir_and(b, ir_narrow(b, IR_I32, ir_shr(b, picked, ir_i64(b, 32 + 3))), ir_i32(b, 31));
}

static ir_ref flags_from_engine(struct ir_builder *b, ir_ref exceptions)
{
    ir_ref one = ir_i32(b, 1);
    ir_ref upper = ir_and(b, ir_shr(b, exceptions, one), ir_i32(b, 0x1e));
    return reverse_five(b, ir_or(b, ir_and(b, exceptions, one), upper));
}

static ir_ref flags_to_engine(struct ir_builder *b, ir_ref flags)
{
    ir_ref packed = reverse_five(b, ir_and(b, flags, ir_i32(b, 31)));
    ir_ref upper = ir_shl(b, ir_and(b, packed, ir_i32(b, 0x1e)), ir_i32(b, 1));
    return ir_or(b, ir_and(b, packed, ir_i32(b, 1)), upper);
}

/* The register's value as i32. */
static ir_ref read_float_csr(struct lifter *l, enum csr csr)
{
    uint32_t frm = l->mode & RISCV_MODE_FRM;
    if (csr == CSR_FRM) {
        return ir_i32(l->ir, frm);
    }
    ir_ref flags = flags_from_engine(l->ir, ir_fenv_read(l->ir));
    return csr == CSR_FFLAGS ? flags : ir_or(l->ir, flags, ir_i32(l->ir, frm << 5));
}

static void write_float_csr(struct lifter *l, enum csr csr, ir_ref value)
{
    struct ir_builder *ir = l->ir;
    if (csr == CSR_FFLAGS) {
        ir_fenv_write(ir, flags_to_engine(ir, value));
        return;
    }
    if (csr == CSR_FRM) {
        ir_ref frm = ir_shl(ir, ir_and(ir, value, ir_i32(ir, 7)), ir_i32(ir, 5));
        value = ir_or(ir, frm, flags_from_engine(ir, ir_fenv_read(ir)));
    }
    ir_call(ir, RISCV_HELPER_WRITE_FCSR, &value, 1);
    lift_stop(l); /* frm is part of the mode */
}

/* A counter, which only RV32 has in halves; IR_NO_REF if it is none. */
static ir_ref read_counter(struct lifter *l, int csr)
{
    bool is_high = csr >= CSR_CYCLEH;
    int base = is_high ? csr - CSR_CYCLEH + CSR_CYCLE : csr;
    if (base < CSR_CYCLE || base > CSR_INSTRET || (is_high && lift_is_64(l))) {
        return IR_NO_REF;
    }
    ir_ref value = ir_call(l->ir, base == CSR_TIME ? RISCV_HELPER_READ_TIME : RISCV_HELPER_READ_CYCLES, NULL, 0);
    if (lift_is_64(l)) {
        return value;
    }
    return ir_narrow(l->ir, IR_I32, is_high ? ir_shr(l->ir, value, ir_i64(l->ir, 32)) : value);
}

enum csr_operation { CSR_WRITE, CSR_SET, CSR_CLEAR };

/* operand: what is written, set or cleared, as i32. CSRRS and CSRRC with register or immediate 0 do not write. */
static bool lift_csr(struct lifter *l, const struct riscv_args_csr *a, enum csr_operation operation, bool is_immediate)
{
    struct ir_builder *ir = l->ir;
    bool writes = operation == CSR_WRITE || a->rs1 != 0;
    if (a->csr < CSR_FFLAGS || a->csr > CSR_FCSR) {
        ir_ref counter = writes ? IR_NO_REF : read_counter(l, a->csr);
        if (counter == IR_NO_REF) {
            return false;
        }
        lift_write_x(l, a->rd, counter);
        return true;
    }
    enum csr csr = (enum csr)a->csr;
    ir_ref operand = is_immediate ? ir_i32(ir, (uint32_t)a->rs1) : lift_read_x32(l, a->rs1);
    ir_ref old = operation == CSR_WRITE && a->rd == 0 ? IR_NO_REF : read_float_csr(l, csr);
    if (old != IR_NO_REF) {
        lift_write_bool(l, a->rd, old);
    }
    if (operation == CSR_SET) {
        operand = ir_or(ir, old, operand);
    } else if (operation == CSR_CLEAR) {
        operand = ir_andn(ir, old, operand);
    }
    if (writes) {
        write_float_csr(l, csr, operand);
    }
    return true;
}

/* FRFLAGS x, FLT or FLE, FSFLAGS x: how compilers compare without exceptions. The comparison is then made without the
   floating-point unit, whose flags would cost more to put back. */
static void lift_quiet_comparison(struct lifter *l, const struct riscv_args_csr *a)
{
    struct riscv_decoded compare, restore;
    uint32_t offset = l->length;
    if (l->options & LIFT_SINGLE_STEP || l->available < offset + 8) {
        return;
    }
    riscv_decode_at(&compare, l->code + offset, l->available - offset);
    riscv_decode_at(&restore, l->code + offset + 4, l->available - offset - 4);
    if (!compare.row || !restore.row || compare.length != 4 || restore.length != 4 ||
        restore.row->id != RISCV_ROW_CSRRW) {
        return;
    }
    const struct riscv_args_r *operands = &compare.args.wide.as_r;
    const struct riscv_args_csr *written = &restore.args.wide.as_csr;
    if (written->csr != CSR_FFLAGS || written->rd != 0 || written->rs1 != a->rd || operands->rd == a->rd) {
        return;
    }
    if (riscv_lift_silent_comparison(l, (enum riscv_row)compare.row->id, operands)) {
        l->length = offset + 8;
    }
}

bool riscv_lift_csrrs(struct lifter *l, const struct riscv_args_csr *a)
{
    if (!lift_csr(l, a, CSR_SET, false)) {
        return false;
    }
    if (a->csr == CSR_FFLAGS && a->rs1 == 0 && a->rd != 0) {
        lift_quiet_comparison(l, a);
    }
    return true;
}

RISCV_LIFT(csrrw, csr, lift_csr, CSR_WRITE, false)
RISCV_LIFT(csrrc, csr, lift_csr, CSR_CLEAR, false)
RISCV_LIFT(csrrwi, csr, lift_csr, CSR_WRITE, true)
RISCV_LIFT(csrrsi, csr, lift_csr, CSR_SET, true)
RISCV_LIFT(csrrci, csr, lift_csr, CSR_CLEAR, true)
