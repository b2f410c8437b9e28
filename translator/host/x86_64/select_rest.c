/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations without a selection of their own: computed by ir_evaluate. */
#include "x86_host.h"

#define EVALUATED(X)                                                                                                   \
    X(v_shuffle)                                                                                                       \
    X(v_fadd) X(v_fsub) X(v_fmul) X(v_fdiv) X(v_fsqrt) X(v_fma) X(v_fneg) X(v_fabs) X(v_fmin) X(v_fmax) X(v_fminnum)   \
        X(v_fmaxnum) X(v_fround) X(v_fcmp_eq) X(v_fcmp_gt) X(v_fcmp_ge) X(v_fto_int) X(v_ffrom_int) X(v_fwiden)        \
            X(v_fnarrow)

#define X(name)                                                                                                        \
    void plan_##name(struct host_code *code, struct host_plan *plan)                                                   \
    {                                                                                                                  \
        plan_evaluate(code, plan);                                                                                     \
    }
EVALUATED(X)
#undef X
