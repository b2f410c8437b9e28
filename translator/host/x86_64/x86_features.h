/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this CPU and its operating system offer. */
#ifndef X86_64_FEATURES_H
#define X86_64_FEATURES_H

#include <stdint.h>

/* X(enumerator, name) */
#define X86_FEATURES(X)                                                                                                \
    X(SSSE3, "ssse3")                                                                                                  \
    X(SSE41, "sse4.1")                                                                                                 \
    X(SSE42, "sse4.2")                                                                                                 \
    X(POPCNT, "popcnt")                                                                                                \
    X(LZCNT, "lzcnt")                                                                                                  \
    X(MOVBE, "movbe")                                                                                                  \
    X(CX16, "cx16")                                                                                                    \
    X(AES, "aes")                                                                                                      \
    X(PCLMUL, "pclmul")                                                                                                \
    X(SHA, "sha")                                                                                                      \
    X(GFNI, "gfni")                                                                                                    \
    X(AVX, "avx")                                                                                                      \
    X(AVX2, "avx2")                                                                                                    \
    X(BMI1, "bmi1")                                                                                                    \
    X(BMI2, "bmi2")                                                                                                    \
    X(ADX, "adx")                                                                                                      \
    X(FMA, "fma")                                                                                                      \
    X(F16C, "f16c")                                                                                                    \
    X(AVX512, "avx512")               /* F, VL, DQ and BW together */                                                  \
    X(AVX512_BITALG, "avx512-bitalg") /* with VPOPCNTDQ */                                                             \
    X(ERMS, "erms")

enum x86_feature_bit {
#define X(id, name) X86_FEATURE_BIT_##id,
    X86_FEATURES(X)
#undef X
        X86_FEATURE_COUNT
};

enum {
#define X(id, name) X86_HAS_##id = 1 << X86_FEATURE_BIT_##id,
    X86_FEATURES(X)
#undef X
};

/* A set of X86_HAS_*, read with cpuid and xgetbv. AVX and what depends on it only where the system saves its state. */
uint32_t x86_features_detect(void);

/* The name of one feature, NULL beyond the last. */
const char *x86_feature_name(unsigned bit);

#endif
