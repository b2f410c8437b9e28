/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations without a selection of their own: computed by ir_evaluate. */
#include "x86_host.h"

#define EVALUATED(X)                                                                                                   \
    X(v_from) X(v_low64) X(v_splat) X(v_extract) X(v_insert) X(v_shl) X(v_shr) X(v_sar) X(v_shift_s)                   \
    X(v_shift_u) X(v_narrow) X(v_narrow_sat_u) X(v_widen_lo_s) X(v_widen_lo_u) X(v_widen_hi_s) X(v_widen_hi_u)         \
    X(v_mul_lo_s) X(v_mul_lo_u) X(v_mul_hi_s) X(v_mul_hi_u) X(v_add_pairs) X(v_popcnt) X(v_clz) X(v_shuffle)           \
    X(v_table) X(v_clmul) X(v_aes_sub_shift) X(v_aes_inv_sub_shift) X(v_aes_mix) X(v_aes_inv_mix) X(v_fadd)            \
    X(v_fsub) X(v_fmul) X(v_fdiv) X(v_fsqrt) X(v_fma) X(v_fneg) X(v_fabs) X(v_fmin) X(v_fmax) X(v_fminnum)             \
    X(v_fmaxnum) X(v_fround) X(v_fcmp_eq) X(v_fcmp_gt) X(v_fcmp_ge) X(v_fto_int) X(v_ffrom_int) X(v_fwiden)            \
    X(v_fnarrow)

#define X(name)                                                                                                        \
    void plan_##name(struct host_code *code, struct host_plan *plan)                                                   \
    {                                                                                                                  \
        plan_evaluate(code, plan);                                                                                     \
    }
EVALUATED(X)
#undef X
