/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs as an AArch64 program and writes the results of every case to standard output. See record.sh. */
#include <stdio.h>

#include "cases.h"

typedef uint64_t run_function(const uint64_t *operands, uint64_t fpcr, uint64_t *fpsr);

/* Operands go to registers 0 to 2 of both files before FPCR is set; the result comes back when it is clear again. */
#define RUN(name, instruction, fetch)                                                                                  \
    static uint64_t run_##name(const uint64_t *o, uint64_t fpcr, uint64_t *fpsr)                                       \
    {                                                                                                                  \
        uint64_t result;                                                                                               \
        __asm__ volatile("mov x0, %[a]\n\tfmov d0, %[a]\n\tfmov d1, %[b]\n\tfmov d2, %[c]\n\t"                         \
                         "msr fpcr, %[fpcr]\n\tmsr fpsr, xzr\n\t" instruction "\n\tmrs %[fpsr], fpsr\n\t" fetch        \
                         "\n\tmsr fpcr, xzr\n\tmov %[result], x0"                                                      \
                         : [result] "=&r"(result), [fpsr] "=&r"(*fpsr)                                                 \
                         : [a] "r"(o[0]), [b] "r"(o[1]), [c] "r"(o[2]), [fpcr] "r"(fpcr)                               \
                         : "x0", "v0", "v1", "v2", "cc");                                                              \
        return result;                                                                                                 \
    }

#define RUN_WIDTH(w, r, fetch)                                                                                         \
    RUN(add##w, "fadd " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(sub##w, "fsub " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(mul##w, "fmul " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(div##w, "fdiv " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(sqrt##w, "fsqrt " r "0, " r "0", fetch)                                                                        \
    RUN(fma##w, "fmadd " r "0, " r "0, " r "1, " r "2", fetch)                                                         \
    RUN(min##w, "fmin " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(max##w, "fmax " r "0, " r "0, " r "1", fetch)                                                                  \
    RUN(minnum##w, "fminnm " r "0, " r "0, " r "1", fetch)                                                             \
    RUN(maxnum##w, "fmaxnm " r "0, " r "0, " r "1", fetch)                                                             \
    RUN(quiet##w, "fcmp " r "0, " r "1", "mrs x0, nzcv\n\tlsr x0, x0, #28")                                            \
    RUN(signaling##w, "fcmpe " r "0, " r "1", "mrs x0, nzcv\n\tlsr x0, x0, #28")                                       \
    RUN(roundx##w, "frintx " r "0, " r "0", fetch)                                                                     \
    RUN(rounda##w, "frinta " r "0, " r "0", fetch)                                                                     \
    RUN(roundi##w, "frinti " r "0, " r "0", fetch)                                                                     \
    RUN(s32_from##w, "fcvtzs w0, " r "0", "")                                                                          \
    RUN(u32_from##w, "fcvtzu w0, " r "0", "")                                                                          \
    RUN(s64_from##w, "fcvtzs x0, " r "0", "")                                                                          \
    RUN(u64_from##w, "fcvtzu x0, " r "0", "")                                                                          \
    RUN(fixed_from##w, "fcvtzs x0, " r "0, #13", "")                                                                   \
    RUN(away_from##w, "fcvtas x0, " r "0", "")                                                                         \
    RUN(s64_to##w, "scvtf " r "0, x0", fetch)                                                                          \
    RUN(u64_to##w, "ucvtf " r "0, x0", fetch)                                                                          \
    RUN(fixed_to##w, "scvtf " r "0, x0, #30", fetch)

#define FETCH16 "umov w0, v0.h[0]"
#define FETCH32 "umov w0, v0.s[0]"
#define FETCH64 "umov x0, v0.d[0]"
RUN_WIDTH(16, "h", FETCH16)
RUN_WIDTH(32, "s", FETCH32)
RUN_WIDTH(64, "d", FETCH64)
RUN(f16_to_f32, "fcvt s0, h0", FETCH32)
RUN(f16_to_f64, "fcvt d0, h0", FETCH64)
RUN(f32_to_f16, "fcvt h0, s0", FETCH16)
RUN(f32_to_f64, "fcvt d0, s0", FETCH64)
RUN(f64_to_f16, "fcvt h0, d0", FETCH16)
RUN(f64_to_f32, "fcvt s0, d0", FETCH32)
RUN(f64_to_odd, "fcvtxn s0, d0", FETCH32)
RUN(f32_to_bf16, "bfcvt h0, s0", FETCH16)

static run_function *const runs[CASE_COUNT] = {
#define X(name, width, operands, bytes, group, machines) [CASE_##name] = run_##name,
    CASES(X)
#undef X
};

static void record(void *context, const struct case_point *point)
{
    uint64_t fpsr, result = runs[point->operation](point->operands, point->mode->control, &fpsr);
    uint8_t flags = (uint8_t)((fpsr & 1 ? 1 : 0) | (fpsr & 0x80 ? 2 : 0) | (fpsr & 2 ? 4 : 0) | (fpsr & 4 ? 8 : 0) |
                              (fpsr & 8 ? 16 : 0) | (fpsr & 16 ? 32 : 0));
    fwrite(&result, case_descriptions[point->operation].bytes, 1, stdout);
    putchar(flags);
}

int main(void)
{
    case_visit_all(MACHINE_ARM, record, NULL);
    return 0;
}
