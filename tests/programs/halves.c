// SPDX-License-Identifier: GPL-2.0-or-later
// Half precision, bfloat16 and complex numbers: with the architecture's own instructions where it has them, from their
// definitions in float and double elsewhere. Compared as numbers: which NaN comes out is another test's matter.

// flags: -fexcess-precision=16

// guests: aarch64

// flags aarch64: -march=armv8.6-a+fp16+fp16fml+bf16

// variants: static vector
#include "print.h"
#include <math.h>
#ifdef __aarch64__
#include <arm_acle.h>
#include <arm_neon.h>
#endif

typedef _Float16 v8f16 __attribute__((vector_size(16)));
typedef int16_t v8i16 __attribute__((vector_size(16)));

static uint32_t hash = 2166136261u;
static unsigned results;

static void note(uint32_t word)
{
    hash = (hash ^ word) * 16777619u;
    results++;
}
static void note_half(_Float16 x)
{
    uint16_t bits;
    memcpy(&bits, &x, 2);
    note(x != x ? 0x7e00 : bits);
}
static void note_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    note(x != x ? 0x7fc00000 : bits);
}
static void section(const char *name)
{
    printf("%s: %u results, %08x\n", name, results, hash);
    results = 0;
}

/* ---- numbers ---- */
enum { COUNT = 48 };
static _Float16 numbers[COUNT];

static void make_numbers(void)
{
    static const uint16_t special[] = {0,      0x8000, 1,      0x8001, 0x03ff, 0x0400, 0x3c00, 0xbc00, 0x3c01,
                                       0x3bff, 0x3800, 0x3e00, 0x4100, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00};
    uint32_t state = 12345;
    for (unsigned i = 0; i < COUNT; i++) {
        state = state * 1664525 + 1013904223;
        uint16_t bits = i < sizeof special / 2 ? special[i] : (uint16_t)(state >> 16);
        memcpy(&numbers[i], &bits, 2);
    }
}

/* ---- scalars and vectors of _Float16 ---- */
static void test_scalars(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        for (unsigned k = 0; k < COUNT; k++) {
            volatile _Float16 a = numbers[i], b = numbers[k];
            note_half(a + b);
            note_half(a - b);
            note_half(a * b);
            note_half(a / b);
            note((a < b) | (a <= b) << 1 | (a == b) << 2 | (a != b) << 3 | (a > b) << 4 | (a >= b) << 5);
            note_half(a < b ? a : b);
        }
    }
    section("scalars");
}

static void test_conversions(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        volatile _Float16 a = numbers[i];
        note_float(a);
        note_half((_Float16)sqrtf(a));
        note_half(-a);
        if (a > -30000 && a < 30000) {
            note((uint32_t)(int32_t)a);
            note((uint16_t)(int16_t)a);
            note((uint32_t)(int64_t)a);
        }
        volatile int32_t n = (int32_t)(i * 2654435761u) >> (i % 24);
        volatile float f = (float)n * 0x1p-12f;
        volatile double d = (double)n * 0x1p-20 + 0x1p-30;
        note_half((_Float16)n);
        note_half((_Float16)f);
        note_half((_Float16)d);
        note_half((_Float16)(uint16_t)n);
        note_half((_Float16)(int64_t)n);
    }
    section("conversions");
}

static void test_vectors(void)
{
    for (unsigned i = 0; i + 8 <= COUNT; i++) {
        for (unsigned k = 0; k + 8 <= COUNT; k++) {
            v8f16 a, b, r[5];
            memcpy(&a, numbers + i, 16);
            memcpy(&b, numbers + k, 16);
            a = OPAQUE(a);
            b = OPAQUE(b);
            r[0] = a + b;
            r[1] = a - b;
            r[2] = a * b;
            r[3] = a / b;
            r[4] = -a;
            for (unsigned n = 0; n < 40; n++)
                note_half(r[n / 8][n % 8]);
            for (unsigned n = 0; n < 8; n++)
                note(a[n] < b[n]);
        }
    }
    section("vectors");
}

__attribute__((noinline)) static void scale_and_add(_Float16 *y, const _Float16 *x, _Float16 a, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        y[i] = y[i] + a * x[i];
}
__attribute__((noinline)) static float dot(const _Float16 *x, const _Float16 *y, unsigned count)
{
    float sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += (float)x[i] * (float)y[i];
    return sum;
}

static void test_loops(void)
{
    static _Float16 x[1000], y[1000];
    for (unsigned i = 0; i < 1000; i++) {
        x[i] = (_Float16)((int)(i % 37) - 18) / 8;
        y[i] = (_Float16)(i % 11) * (_Float16)0.25;
    }
    for (unsigned round = 0; round < 20; round++)
        scale_and_add(y, x, (_Float16)(0.5f - 0.0625f * round), 1000);
    for (unsigned i = 0; i < 1000; i++)
        note_half(y[i]);
    note_float(dot(x, y, 1000));
    section("loops");
}

/* ---- what has no type in C: the instruction, or its definition ---- */
static float half_product(float sum, _Float16 a, _Float16 b)
{
#ifdef __aarch64__
    float32x2_t r = vfmlal_low_f16(vdup_n_f32(sum), vdup_n_f16(a), vdup_n_f16(b));
    return vget_lane_f32(r, 1);
#else
    return fmaf(a, b, sum);
#endif
}
static uint16_t to_bfloat(float x)
{
#ifdef __aarch64__
    bfloat16_t r = vcvth_bf16_f32(x);
    uint16_t bits;
    memcpy(&bits, &r, 2);
    return bits;
#else
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}
/* Small integers: the matrix product is exact in every order. */
static void bfloat_matrix(float sum[4], const uint16_t a[8], const uint16_t b[8])
{
#ifdef __aarch64__
    bfloat16x8_t x, y;
    memcpy(&x, a, 16);
    memcpy(&y, b, 16);
    vst1q_f32(sum, vbfmmlaq_f32(vld1q_f32(sum), x, y));
#else
    for (unsigned row = 0; row < 2; row++)
        for (unsigned column = 0; column < 2; column++)
            for (unsigned k = 0; k < 4; k++) {
                uint32_t x = (uint32_t)a[4 * row + k] << 16, y = (uint32_t)b[4 * column + k] << 16;
                float p, q;
                memcpy(&p, &x, 4);
                memcpy(&q, &y, 4);
                sum[2 * row + column] += p * q;
            }
#endif
}
static void complex_product(float sum[2], const float a[2], const float b[2])
{
#ifdef __aarch64__
    float32x2_t r = vcmla_f32(vld1_f32(sum), vld1_f32(a), vld1_f32(b));
    vst1_f32(sum, vcmla_rot90_f32(r, vld1_f32(a), vld1_f32(b)));
#else
    float real = fmaf(a[0], b[0], sum[0]), imaginary = fmaf(a[0], b[1], sum[1]);
    sum[0] = fmaf(a[1], -b[1], real);
    sum[1] = fmaf(a[1], b[0], imaginary);
#endif
}
static int32_t to_javascript(double x)
{
#ifdef __aarch64__
    return __jcvt(x);
#else
    if (!isfinite(x))
        return 0;
    double m = fmod(trunc(x), 4294967296.0);
    return (int32_t)(uint32_t)(int64_t)m;
#endif
}
static float to_int32_range(float x)
{
#ifdef __aarch64__
    return vget_lane_f32(vrnd32z_f32(vdup_n_f32(x)), 0);
#else
    float r = truncf(x);
    return r >= -0x1p31f && r < 0x1p31f ? r : -0x1p31f;
#endif
}

static void test_extensions(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        for (unsigned k = 0; k < COUNT; k++) {
            float f = (float)numbers[i] * (float)numbers[k];
            note_float(half_product(f, numbers[k], numbers[i]));
            note(f != f ? 0x7fc0 : to_bfloat(f));
            note_float(to_int32_range(f * 65536));
            note((uint32_t)to_javascript((double)f * 1e7 + i));
            float sum[2] = {(float)i, f}, a[2] = {(float)numbers[i], (float)numbers[k]},
                  b[2] = {0.5f, (float)numbers[i]};
            complex_product(sum, a, b);
            note_float(sum[0]);
            note_float(sum[1]);
        }
        float product[4] = {(float)i, 1, 2, 3};
        uint16_t a[8], b[8];
        for (unsigned n = 0; n < 8; n++) {
            a[n] = to_bfloat((float)((int)(i * 7 + n * 5) % 23 - 11));
            b[n] = to_bfloat((float)((int)(i * 3 + n * 9) % 19 - 9));
        }
        bfloat_matrix(product, a, b);
        for (unsigned n = 0; n < 4; n++)
            note_float(product[n]);
    }
    section("extensions");
}

int main(void)
{
    make_numbers();
    test_scalars();
    test_conversions();
    test_vectors();
    test_loops();
    test_extensions();
    return 0;
}
