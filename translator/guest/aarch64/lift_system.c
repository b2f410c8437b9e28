/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Barriers, cache maintenance and system registers as Linux lets EL0 use them. */
#include "lift.h"

/* CTR_EL0: the data cache needs no cleaning for instruction fetches (IDC); the instruction cache must be invalidated
   (DIC is 0), in lines of 2 KiB, since every line is a call and invalidation is by page anyway; 64-byte data lines. */
#define CACHE_TYPE UINT64_C(0x9444c009)
#define INSTRUCTION_LINE 2048
/* DCZID_EL0: DC ZVA clears 64 bytes. */
#define ZERO_BLOCK 64
#define ZERO_BLOCK_ID 4
#define COUNTER_FREQUENCY UINT64_C(1000000000)

/* ---- barriers ---- */

/* CRm bits 1:0: 1 loads, 2 stores, 3 all; 0 is reserved and treated as all. */
static bool barrier(struct lifter *l, int crm)
{
    int kind = crm & 3;
    ir_fence(l->ir, kind == 1 ? IR_FENCE_LOADS : kind == 2 ? IR_FENCE_STORES : IR_FENCE_ALL);
    return true;
}

bool a64_lift_dmb(struct lifter *l, const struct a64_args_DMB *a)
{
    return barrier(l, a->crm);
}

bool a64_lift_dsb(struct lifter *l, const struct a64_args_DSB *a)
{
    return barrier(l, a->crm);
}

bool a64_lift_dsb_nxs(struct lifter *l, const struct a64_args_DSB_nxs *a)
{
    return barrier(l, 3);
}

bool a64_lift_sb(struct lifter *l, const struct a64_args_SB *a)
{
    return barrier(l, 3);
}

bool a64_lift_isb(struct lifter *l, const struct a64_args_ISB *a)
{
    lift_stop(l);
    return true;
}

/* ---- caches ---- */

bool a64_lift_ic_ivau(struct lifter *l, const struct a64_args_transfer *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref line = ir_and(ir, lift_read(l, 1, a->rt), ir_i64(ir, ~(uint64_t)(INSTRUCTION_LINE - 1)));
    ir_ref arguments[] = {line, ir_i64(ir, INSTRUCTION_LINE)};
    ir_call(ir, A64_HELPER_invalidate_line, arguments, 2);
    lift_stop(l);
    return true;
}

/* Memory is coherent: cleaning does nothing, but the address must be readable. */
bool a64_lift_dc_clean(struct lifter *l, const struct a64_args_transfer *a)
{
    ir_load(l->ir, IR_I32, lift_read(l, 1, a->rt), 0, 0);
    return true;
}

bool a64_lift_dc_zva(struct lifter *l, const struct a64_args_transfer *a)
{
    struct ir_builder *ir = l->ir;
    ir_ref block = ir_and(ir, lift_read(l, 1, a->rt), ir_i64(ir, ~(uint64_t)(ZERO_BLOCK - 1)));
    for (int32_t offset = 0; offset < ZERO_BLOCK; offset += 16) {
        ir_store(ir, block, ir_v128(ir, 0, 0), offset, 4);
    }
    return true;
}

/* ---- system registers ---- */

bool a64_lift_msr_nzcv(struct lifter *l, const struct a64_args_transfer *a)
{
    ir_ref top = ir_shr(l->ir, lift_read(l, 0, a->rt), ir_i32(l->ir, 28));
    lift_write_flags(l, lift_flags_of_nzcv(l, top));
    return true;
}

bool a64_lift_mrs_nzcv(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_shl(l->ir, lift_nzcv_of_flags(l, lift_flags(l)), ir_i32(l->ir, 28)));
    return true;
}

/* The mode bits may change: the unit ends. */
bool a64_lift_msr_fpcr(struct lifter *l, const struct a64_args_transfer *a)
{
    ir_ref value = lift_read(l, 0, a->rt);
    ir_call(l->ir, A64_HELPER_write_fpcr, &value, 1);
    lift_stop(l);
    return true;
}

bool a64_lift_mrs_fpcr(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_read(l->ir, AARCH64_SLOT_FPCR));
    return true;
}

bool a64_lift_msr_fpsr(struct lifter *l, const struct a64_args_transfer *a)
{
    ir_ref value = lift_read(l, 0, a->rt);
    ir_call(l->ir, A64_HELPER_write_fpsr, &value, 1);
    return true;
}

bool a64_lift_mrs_fpsr(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_call(l->ir, A64_HELPER_read_fpsr, NULL, 0));
    return true;
}

/* DIT, SSBS: nothing here depends on them, but they keep what is written. */
static void write_pstate(struct lifter *l, int bit, ir_ref value)
{
    struct ir_builder *ir = l->ir;
    ir_ref others = ir_and(ir, ir_read(ir, AARCH64_SLOT_PSTATE), ir_i32(ir, ~(1u << bit)));
    ir_write(ir, AARCH64_SLOT_PSTATE, ir_or(ir, others, ir_and(ir, value, ir_i32(ir, 1u << bit))));
}

bool a64_lift_msr_pstate(struct lifter *l, const struct a64_args_pstate *a)
{
    write_pstate(l, a->bit, ir_i32(l->ir, (uint32_t)(a->crm & 1) << a->bit));
    return true;
}

bool a64_lift_msr_pstate_reg(struct lifter *l, const struct a64_args_pstate_transfer *a)
{
    write_pstate(l, a->bit, lift_read(l, 0, a->rt));
    return true;
}

bool a64_lift_mrs_pstate(struct lifter *l, const struct a64_args_pstate_transfer *a)
{
    lift_write(l, a->rt, ir_and(l->ir, ir_read(l->ir, AARCH64_SLOT_PSTATE), ir_i32(l->ir, 1u << a->bit)));
    return true;
}

bool a64_lift_msr_tpidr(struct lifter *l, const struct a64_args_transfer *a)
{
    ir_write(l->ir, AARCH64_SLOT_TPIDR_EL0, lift_read(l, 1, a->rt));
    return true;
}

bool a64_lift_mrs_tpidr(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_read(l->ir, AARCH64_SLOT_TPIDR_EL0));
    return true;
}

bool a64_lift_mrs_tpidrro(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_read(l->ir, AARCH64_SLOT_TPIDRRO_EL0));
    return true;
}

static bool constant_register(struct lifter *l, const struct a64_args_transfer *a, uint64_t value)
{
    lift_write(l, a->rt, ir_i64(l->ir, value));
    return true;
}

A64_LIFT(mrs_ctr, transfer, constant_register, CACHE_TYPE)
A64_LIFT(mrs_dczid, transfer, constant_register, ZERO_BLOCK_ID)
A64_LIFT(mrs_cntfrq, transfer, constant_register, COUNTER_FREQUENCY)

bool a64_lift_mrs_cntvct(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_call(l->ir, A64_HELPER_read_counter, NULL, 0));
    return true;
}

/* A random number is always there: NZCV becomes 0. */
bool a64_lift_mrs_rndr(struct lifter *l, const struct a64_args_transfer *a)
{
    lift_write(l, a->rt, ir_call(l->ir, A64_HELPER_read_random, NULL, 0));
    lift_write_flags(l, lift_flags_of_nzcv(l, ir_i32(l->ir, 0)));
    return true;
}

/* ---- identification registers, which Linux emulates for EL0 (HWCAP_CPUID) ---- */

/* CRm and op2 of a register that is not zero; the fields are those of the features in guest.c. */
static const struct {
    uint8_t crm, op2;
    uint64_t value;
} identification[] = {
    {0, 0, AARCH64_MIDR},       /* MIDR_EL1 */
    {0, 5, 0x80000000},         /* MPIDR_EL1 */
    {4, 0, 0x0001000000110011}, /* ID_AA64PFR0_EL1: DIT; EL1 and EL0 in AArch64 only, FP and Advanced SIMD with FP16 */
    {4, 1, 0x20},               /* ID_AA64PFR1_EL1: SSBS with MSR and MRS */
    {5, 0, 0x6},                /* ID_AA64DFR0_EL1: Armv8 debug architecture */
    {6, 0, 0x1021111110212120}, /* ID_AA64ISAR0_EL1: RNDR, TS (FlagM2), FHM, DP, SM4, SM3, SHA3, RDM, Atomics, CRC32,
                                   SHA2 with SHA512, SHA1, AES with PMULL */
    {6, 1, 0x0010101110211302}, /* ID_AA64ISAR1_EL1: I8MM, BF16, SB, FRINTTS, GPI, LRCPC 2, FCMA, JSCVT, API (PAuth2),
                                   DPB 2 */
    {6, 2, 0x0010000000110002}, /* ID_AA64ISAR2_EL1: CSSC, BC, MOPS, WFxT */
};

bool a64_lift_mrs_id(struct lifter *l, const struct a64_args_MRS_id *a)
{
    uint64_t value = 0;
    bool is_main = a->crm == 0 && (a->op2 == 0 || a->op2 == 5 || a->op2 == 6);
    if (!is_main && a->crm < 2) { /* Linux emulates those of CRm 2 to 7 */
        return false;
    }
    for (unsigned index = 0; index < sizeof identification / sizeof *identification; index++) {
        if (identification[index].crm == a->crm && identification[index].op2 == a->op2) {
            value = identification[index].value;
        }
    }
    lift_write(l, a->rt, ir_i64(l->ir, value));
    return true;
}
