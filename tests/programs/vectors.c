// SPDX-License-Identifier: GPL-2.0-or-later
// GCC's vector types: each becomes the architecture's own vector instructions, or scalar code where there are none.
#include "print.h"

typedef int8_t v16i8 __attribute__((vector_size(16)));
typedef uint8_t v16u8 __attribute__((vector_size(16)));
typedef int16_t v8i16 __attribute__((vector_size(16)));
typedef int32_t v4i32 __attribute__((vector_size(16)));
typedef uint32_t v4u32 __attribute__((vector_size(16)));
typedef int64_t v2i64 __attribute__((vector_size(16)));
typedef float v4f32 __attribute__((vector_size(16)));
typedef double v2f64 __attribute__((vector_size(16)));

static void show(const char *name, const void *data)
{
    const uint8_t *bytes = data;
    printf(" %s=", name);
    for (int i = 0; i < 16; i++)
        printf("%02x", bytes[i]);
}

#define SELECT(type, condition, a, b) (((type)(condition) & (a)) | (~(type)(condition) & (b)))

#define TEST_INTEGER(type, name, shift)                                                                                \
    static void test_##name(const uint8_t *p)                                                                          \
    {                                                                                                                  \
        type a, b;                                                                                                     \
        memcpy(&a, p, 16);                                                                                             \
        memcpy(&b, p + 16, 16);                                                                                        \
        a = OPAQUE(a);                                                                                                 \
        b = OPAQUE(b);                                                                                                 \
        printf("%s:", #name);                                                                                          \
        type r[] = {a + b, a - b, a * b, a & b, a | b, a ^ b, ~a, -a, a << shift, a >> shift,                          \
                    (type)(a == b), (type)(a > b), (type)(a >= b), SELECT(type, a > b, a, b), SELECT(type, a < b, a, b)};                      \
        for (size_t i = 0; i < sizeof r / sizeof *r; i++)                                                              \
            show("", &r[i]);                                                                                           \
        printf("\n");                                                                                                  \
    }

TEST_INTEGER(v16i8, i8, 3)
TEST_INTEGER(v16u8, u8, 3)
TEST_INTEGER(v8i16, i16, 5)
TEST_INTEGER(v4i32, i32, 7)
TEST_INTEGER(v4u32, u32, 7)
TEST_INTEGER(v2i64, i64, 13)

static void test_float(uint64_t *random)
{
    v4f32 a, b;
    v2f64 c, d;
    for (int i = 0; i < 4; i++) {
        a[i] = (float)(int32_t)next_random(random) / 1000.0f;
        b[i] = (float)(int32_t)next_random(random) / 77.0f;
    }
    for (int i = 0; i < 2; i++) {
        c[i] = (double)(int64_t)next_random(random) / 1e9;
        d[i] = (double)(int32_t)next_random(random) / 3.0;
    }
    a = OPAQUE(a);
    d = OPAQUE(d);
    v4f32 r[] = {a + b, a - b, a * b, a / b, -a, (v4f32)(a < b), (v4f32)(a == b), (v4f32)SELECT(v4i32, a > b, (v4i32)a, (v4i32)b)};
    v2f64 s[] = {c + d, c - d, c * d, c / d, -c, (v2f64)(c < d), (v2f64)(c != d), __builtin_convertvector(OPAQUE(((v2i64){5, -7})), v2f64)};
    v4i32 t = __builtin_convertvector(a, v4i32);
    for (int i = 0; i < 8; i++) {
        show("f", &r[i]);
        show("d", &s[i]);
    }
    show("t", &t);
    v16u8 bytes = (v16u8)a, index = (v16u8)b & 15;
    v16u8 shuffled = __builtin_shuffle(bytes, index);
    v4i32 permuted = __builtin_shuffle((v4i32)a, (v4i32)b, (v4i32){6, 1, 4, 3});
    show("sh", &shuffled);
    show("pm", &permuted);
    printf("\n");
}

// Loops that -O2 and -O3 turn into vector code: widening, narrowing, saturation, reductions, strides.
__attribute__((noinline, optimize("O3"))) static uint64_t loops(const uint8_t *p, int n)
{
    uint64_t sum = 0;
    int16_t wide[256];
    uint8_t narrow[256];
    int32_t total = 0, maximum = INT32_MIN;
    uint32_t dot = 0;
    for (int i = 0; i < n; i++)
        wide[i] = (int16_t)(p[i] * 3 - p[255 - i]);
    for (int i = 0; i < n; i++)
        narrow[i] = (uint8_t)(wide[i] < 0 ? 0 : wide[i] > 255 ? 255 : wide[i]);
    for (int i = 0; i < n; i++)
        total += abs(p[i] - narrow[i]);
    for (int i = 0; i < n; i++)
        maximum = wide[i] > maximum ? wide[i] : maximum;
    for (int i = 0; i < n; i++)
        dot += (uint32_t)p[i] * narrow[i];
    for (int i = 0; i < n / 2; i++)
        sum += (uint64_t)p[2 * i] << 8 | p[2 * i + 1];
    float floats[256], float_maximum = 0;
    for (int i = 0; i < n; i++)
        floats[i] = (float)wide[i] * 0.25f + (float)p[i];
    for (int i = 0; i < n; i++)
        float_maximum = floats[i] > float_maximum ? floats[i] : float_maximum;
    for (int i = 0; i < n; i++)
        sum = sum * 31 + (uint64_t)(int64_t)floats[i] + narrow[n - 1 - i];
    return mix(mix(mix(mix(sum, (uint64_t)total), (uint64_t)maximum), dot), (uint64_t)float_maximum);
}

int main(void)
{
    uint64_t random = 99;
    uint8_t data[256];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 256; i++)
            data[i] = (uint8_t)next_random(&random);
        test_i8(data);
        test_u8(data + 32);
        test_i16(data + 64);
        test_i32(data + 96);
        test_u32(data + 128);
        test_i64(data + 160);
        test_float(&random);
        printf("loops %016" PRIx64 "\n", loops(data, 256 - round));
    }
    return 0;
}
