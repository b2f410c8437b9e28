/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs as a RISC-V program and writes the results of every case to standard output. See record.sh. */
#include <stdio.h>

#include "cases.h"

typedef uint64_t run_function(const uint64_t *operands, uint64_t frm, uint64_t *fflags);

/* Operands go to fa0, fa1, fa2 boxed to the width, or to a0. */
#define RUN(name, put, instruction, get)                                                                               \
    static uint64_t run_##name(const uint64_t *o, uint64_t frm, uint64_t *fflags)                                      \
    {                                                                                                                  \
        uint64_t result;                                                                                               \
        __asm__ volatile(".option push\n\t.option arch, +zfh\n\tmv a0, %[a]\n\t" put " fa0, %[a]\n\t" put              \
                         " fa1, %[b]\n\t" put " fa2, %[c]\n\tfsrm %[frm]\n\tfsflags zero\n\t" instruction              \
                         "\n\tfrflags %[fflags]\n\tfsrm zero\n\t" get "\n\tmv %[result], a0\n\t.option pop"            \
                         : [result] "=&r"(result), [fflags] "=&r"(*fflags)                                             \
                         : [a] "r"(o[0]), [b] "r"(o[1]), [c] "r"(o[2]), [frm] "r"(frm)                                 \
                         : "a0", "fa0", "fa1", "fa2");                                                                 \
        return result;                                                                                                 \
    }

#define RUN_WIDTH(w, s, put, get)                                                                                      \
    RUN(add##w, put, "fadd." s " fa0, fa0, fa1", get)                                                                  \
    RUN(sub##w, put, "fsub." s " fa0, fa0, fa1", get)                                                                  \
    RUN(mul##w, put, "fmul." s " fa0, fa0, fa1", get)                                                                  \
    RUN(div##w, put, "fdiv." s " fa0, fa0, fa1", get)                                                                  \
    RUN(sqrt##w, put, "fsqrt." s " fa0, fa0", get)                                                                     \
    RUN(fma##w, put, "fmadd." s " fa0, fa0, fa1, fa2", get)                                                            \
    RUN(minnum##w, put, "fmin." s " fa0, fa0, fa1", get)                                                               \
    RUN(maxnum##w, put, "fmax." s " fa0, fa0, fa1", get)                                                               \
    RUN(quiet##w, put, "feq." s " a0, fa0, fa1", "")                                                                   \
    RUN(signaling##w, put, "flt." s " a0, fa0, fa1", "")                                                               \
    RUN(s32_from##w, put, "fcvt.w." s " a0, fa0, dyn", "")                                                             \
    RUN(u32_from##w, put, "fcvt.wu." s " a0, fa0, dyn", "")                                                            \
    RUN(s64_from##w, put, "fcvt.l." s " a0, fa0, dyn", "")                                                             \
    RUN(u64_from##w, put, "fcvt.lu." s " a0, fa0, dyn", "")                                                            \
    RUN(s64_to##w, put, "fcvt." s ".l fa0, a0, dyn", get)                                                              \
    RUN(u64_to##w, put, "fcvt." s ".lu fa0, a0, dyn", get)

#define GET16 "fmv.x.h a0, fa0"
#define GET32 "fmv.x.w a0, fa0"
#define GET64 "fmv.x.d a0, fa0"
RUN_WIDTH(16, "h", "fmv.h.x", GET16)
RUN_WIDTH(32, "s", "fmv.w.x", GET32)
RUN_WIDTH(64, "d", "fmv.d.x", GET64)
RUN(f16_to_f32, "fmv.h.x", "fcvt.s.h fa0, fa0", GET32)
RUN(f16_to_f64, "fmv.h.x", "fcvt.d.h fa0, fa0", GET64)
RUN(f32_to_f16, "fmv.w.x", "fcvt.h.s fa0, fa0, dyn", GET16)
RUN(f32_to_f64, "fmv.w.x", "fcvt.d.s fa0, fa0", GET64)
RUN(f64_to_f16, "fmv.d.x", "fcvt.h.d fa0, fa0, dyn", GET16)
RUN(f64_to_f32, "fmv.d.x", "fcvt.s.d fa0, fa0, dyn", GET32)

#define HAVE(w)                                                                                                        \
    [CASE_add##w] = run_add##w, [CASE_sub##w] = run_sub##w, [CASE_mul##w] = run_mul##w, [CASE_div##w] = run_div##w,    \
    [CASE_sqrt##w] = run_sqrt##w, [CASE_fma##w] = run_fma##w, [CASE_minnum##w] = run_minnum##w,                        \
    [CASE_maxnum##w] = run_maxnum##w, [CASE_quiet##w] = run_quiet##w, [CASE_signaling##w] = run_signaling##w,          \
    [CASE_s32_from##w] = run_s32_from##w, [CASE_u32_from##w] = run_u32_from##w, [CASE_s64_from##w] = run_s64_from##w,  \
    [CASE_u64_from##w] = run_u64_from##w, [CASE_s64_to##w] = run_s64_to##w, [CASE_u64_to##w] = run_u64_to##w

static run_function *const runs[CASE_COUNT] = {
    HAVE(16),
    HAVE(32),
    HAVE(64),
    [CASE_f16_to_f32] = run_f16_to_f32,
    [CASE_f16_to_f64] = run_f16_to_f64,
    [CASE_f32_to_f16] = run_f32_to_f16,
    [CASE_f32_to_f64] = run_f32_to_f64,
    [CASE_f64_to_f16] = run_f64_to_f16,
    [CASE_f64_to_f32] = run_f64_to_f32,
};

static void record(void *context, const struct case_point *point)
{
    uint64_t fflags, result = runs[point->operation](point->operands, point->mode->control, &fflags);
    uint8_t flags = (uint8_t)((fflags & 16 ? 1 : 0) | (fflags & 8 ? 4 : 0) | (fflags & 4 ? 8 : 0) |
                              (fflags & 2 ? 16 : 0) | (fflags & 1 ? 32 : 0));
    fwrite(&result, case_descriptions[point->operation].bytes, 1, stdout);
    putchar(flags);
}

int main(void)
{
    case_visit_all(MACHINE_RISCV, record, NULL);
    return 0;
}
