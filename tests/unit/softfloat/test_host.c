/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softfloat with x86's rules against the host's SSE and FMA units: results and exception flags, every rounding mode. */
#include <check.h>
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>

#include "softfloat.h"

static const struct float_rules x86_rules = {
    .name = "x86",
    .nan_choice = FLOAT_NAN_FIRST,
    .default_nan_negative = true,
    .integer_indefinite = true,
    .flush_output_inexact = true,
};
static const struct float_rules x86_flush_rules = {
    .name = "x86-ftz-daz",
    .nan_choice = FLOAT_NAN_FIRST,
    .default_nan_negative = true,
    .integer_indefinite = true,
    .flush_inputs = true,
    .flush_outputs = true,
    .flush_output_inexact = true,
};

struct host_mode {
    const struct float_rules *rules;
    uint32_t rounding;
    uint32_t mxcsr;
};

struct outcome {
    uint64_t value;
    uint32_t flags;
};

typedef struct outcome host_function(const struct host_mode *, uint64_t a, uint64_t b, uint64_t c);

struct operation {
    const char *name;
    unsigned width, operands;
    bool fma, is_integer;
    host_function *host, *soft;
};

/* DE is raised for any subnormal operand; softfloat's INPUT_DENORMAL has Arm's meaning. */
enum { COMPARED_FLAGS = 0x3D };

#define HOST_BEGIN(mode) uint32_t saved = _mm_getcsr(), control = (mode)->mxcsr, after

/* The instruction stands between two loads of MXCSR in one asm statement, so that the compiler can move nothing in. */
#define HOST_END(result) (_mm_setcsr(saved), (struct outcome){(uint64_t)(result), after & COMPARED_FLAGS})

#define SOFT_BEGIN(mode) struct float_status status = {.rounding = (mode)->rounding}
#define SOFT_END(result) ((struct outcome){(uint64_t)(result), status.exceptions & COMPARED_FLAGS})

#define SSE(text, output, ...)                                                                                         \
    __asm__ volatile("ldmxcsr %[control]\n\t" text "\n\tstmxcsr %[after]"                                              \
                     : output, [after] "=m"(after)                                                                     \
                     : [control] "m"(control), __VA_ARGS__)

#define BINARY(name, size, type, suffix)                                                                               \
    static struct outcome host_##name##size(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)          \
    {                                                                                                                  \
        uint##size##_t bits[2] = {(uint##size##_t)a, (uint##size##_t)b};                                               \
        type x, y;                                                                                                     \
        __builtin_memcpy(&x, &bits[0], sizeof(x));                                                                     \
        __builtin_memcpy(&y, &bits[1], sizeof(y));                                                                     \
        HOST_BEGIN(mode);                                                                                              \
        SSE(#name suffix " %[y], %[x]", [x] "+&x"(x), [y] "x"(y));                                                     \
        __builtin_memcpy(&bits[0], &x, sizeof(x));                                                                     \
        return HOST_END(bits[0]);                                                                                      \
    }                                                                                                                  \
    static struct outcome soft_##name##size(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)          \
    {                                                                                                                  \
        SOFT_BEGIN(mode);                                                                                              \
        uint##size##_t result = softfloat_##name##size((uint##size##_t)a, (uint##size##_t)b, mode->rules, &status);    \
        return SOFT_END(result);                                                                                       \
    }

BINARY(add, 32, float, "ss")
BINARY(sub, 32, float, "ss")
BINARY(mul, 32, float, "ss")
BINARY(div, 32, float, "ss")
BINARY(add, 64, double, "sd")
BINARY(sub, 64, double, "sd")
BINARY(mul, 64, double, "sd")
BINARY(div, 64, double, "sd")

/* host: text computes [x] of out_type from [y] of in_type */
#define UNARY(name, in_size, in_type, in_place, out_size, out_type, out_place, text, soft)                             \
    static struct outcome host_##name(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)                \
    {                                                                                                                  \
        uint##in_size##_t in_bits = (uint##in_size##_t)a;                                                              \
        uint##out_size##_t out_bits;                                                                                   \
        in_type y;                                                                                                     \
        out_type x = 0;                                                                                                \
        __builtin_memcpy(&y, &in_bits, sizeof(y));                                                                     \
        HOST_BEGIN(mode);                                                                                              \
        SSE(text, [x] "+&" out_place(x), [y] in_place(y));                                                             \
        __builtin_memcpy(&out_bits, &x, sizeof(x));                                                                    \
        return HOST_END(out_bits);                                                                                     \
    }                                                                                                                  \
    static struct outcome soft_##name(const struct host_mode *mode, uint64_t bits, uint64_t b, uint64_t c)             \
    {                                                                                                                  \
        SOFT_BEGIN(mode);                                                                                              \
        const struct float_rules *rules = mode->rules;                                                                 \
        uint##in_size##_t a = (uint##in_size##_t)bits;                                                                 \
        uint##out_size##_t result = (uint##out_size##_t)(soft);                                                        \
        return SOFT_END(result);                                                                                       \
    }

UNARY(sqrt32, 32, float, "x", 32, float, "x", "sqrtss %[y], %[x]", softfloat_sqrt32(a, rules, &status))
UNARY(sqrt64, 64, double, "x", 64, double, "x", "sqrtsd %[y], %[x]", softfloat_sqrt64(a, rules, &status))
UNARY(widen, 32, float, "x", 64, double, "x", "cvtss2sd %[y], %[x]", softfloat_32_to_64(a, rules, &status))
UNARY(narrow, 64, double, "x", 32, float, "x", "cvtsd2ss %[y], %[x]",
      softfloat_64_to_32(a, FLOAT_DYNAMIC, rules, &status))
UNARY(round32, 32, float, "x", 32, float, "x", "roundss $4, %[y], %[x]",
      softfloat_round32(a, FLOAT_DYNAMIC, true, rules, &status))
UNARY(round64, 64, double, "x", 64, double, "x", "roundsd $4, %[y], %[x]",
      softfloat_round64(a, FLOAT_DYNAMIC, true, rules, &status))
UNARY(floor64, 64, double, "x", 64, double, "x", "roundsd $9, %[y], %[x]",
      softfloat_round64(a, FLOAT_DOWN, false, rules, &status))
UNARY(int32_32, 32, float, "x", 32, int32_t, "r", "cvtss2si %[y], %[x]",
      softfloat_to_int32(a, true, 32, 0, FLOAT_DYNAMIC, rules, &status))
UNARY(int64_32, 32, float, "x", 64, int64_t, "r", "cvtss2si %[y], %[x]",
      softfloat_to_int32(a, true, 64, 0, FLOAT_DYNAMIC, rules, &status))
UNARY(int32_64, 64, double, "x", 32, int32_t, "r", "cvtsd2si %[y], %[x]",
      softfloat_to_int64(a, true, 32, 0, FLOAT_DYNAMIC, rules, &status))
UNARY(int64_64, 64, double, "x", 64, int64_t, "r", "cvttsd2si %[y], %[x]",
      softfloat_to_int64(a, true, 64, 0, FLOAT_TOWARD_ZERO, rules, &status))
UNARY(from32, 64, int64_t, "r", 32, float, "x", "cvtsi2ssq %[y], %[x]",
      softfloat_from_int32(a, true, 0, FLOAT_DYNAMIC, rules, &status))
UNARY(from64, 64, int64_t, "r", 64, double, "x", "cvtsi2sdq %[y], %[x]",
      softfloat_from_int64(a, true, 0, FLOAT_DYNAMIC, rules, &status))

/* ordered relation as EFLAGS of ucomis (quiet) and comis (signaling): ZF, PF, CF */
static uint64_t eflags_of(enum float_relation relation)
{
    switch (relation) {
    case FLOAT_UNORDERED:
        return 0x45;
    case FLOAT_LESS:
        return 0x01;
    case FLOAT_EQUAL:
        return 0x40;
    default:
        return 0;
    }
}

#define COMPARE(name, size, type, instruction, signaling)                                                              \
    static struct outcome host_##name(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)                \
    {                                                                                                                  \
        uint##size##_t bits[2] = {(uint##size##_t)a, (uint##size##_t)b};                                               \
        type x, y;                                                                                                     \
        uint64_t flags;                                                                                                \
        __builtin_memcpy(&x, &bits[0], sizeof(x));                                                                     \
        __builtin_memcpy(&y, &bits[1], sizeof(y));                                                                     \
        HOST_BEGIN(mode);                                                                                              \
        SSE(instruction " %[y], %[x]\n\tpushfq\n\tpopq %[flags]", [flags] "=&r"(flags), [x] "x"(x), [y] "x"(y));       \
        return HOST_END(flags & 0x45);                                                                                 \
    }                                                                                                                  \
    static struct outcome soft_##name(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)                \
    {                                                                                                                  \
        SOFT_BEGIN(mode);                                                                                              \
        enum float_relation relation =                                                                                 \
            softfloat_compare##size((uint##size##_t)a, (uint##size##_t)b, signaling, mode->rules, &status);            \
        return SOFT_END(eflags_of(relation));                                                                          \
    }

COMPARE(ucomi32, 32, float, "ucomiss", false)
COMPARE(comi32, 32, float, "comiss", true)
COMPARE(ucomi64, 64, double, "ucomisd", false)
COMPARE(comi64, 64, double, "comisd", true)

#define FUSED(size, type, suffix)                                                                                      \
    static struct outcome host_fma##size(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)             \
    {                                                                                                                  \
        uint##size##_t bits[3] = {(uint##size##_t)a, (uint##size##_t)b, (uint##size##_t)c};                            \
        type x, y, z;                                                                                                  \
        __builtin_memcpy(&x, &bits[0], sizeof(x));                                                                     \
        __builtin_memcpy(&y, &bits[1], sizeof(y));                                                                     \
        __builtin_memcpy(&z, &bits[2], sizeof(z));                                                                     \
        HOST_BEGIN(mode);                                                                                              \
        SSE("vfmadd132" suffix " %[y], %[z], %[x]", [x] "+&x"(x), [y] "x"(y), [z] "x"(z));                             \
        __builtin_memcpy(&bits[0], &x, sizeof(x));                                                                     \
        return HOST_END(bits[0]);                                                                                      \
    }                                                                                                                  \
    static struct outcome soft_fma##size(const struct host_mode *mode, uint64_t a, uint64_t b, uint64_t c)             \
    {                                                                                                                  \
        SOFT_BEGIN(mode);                                                                                              \
        uint##size##_t result =                                                                                        \
            softfloat_fma##size((uint##size##_t)a, (uint##size##_t)b, (uint##size##_t)c, mode->rules, &status);        \
        return SOFT_END(result);                                                                                       \
    }

FUSED(32, float, "ss")
FUSED(64, double, "sd")

#define ROW(name, width, operands, ...)                                                                                \
    {                                                                                                                  \
#name, width, operands, .host = host_##name, .soft = soft_##name, __VA_ARGS__                                  \
    }
static const struct operation operations[] = {
    ROW(add32, 32, 2),
    ROW(sub32, 32, 2),
    ROW(mul32, 32, 2),
    ROW(div32, 32, 2),
    ROW(sqrt32, 32, 1),
    ROW(fma32, 32, 3, .fma = true),
    ROW(add64, 64, 2),
    ROW(sub64, 64, 2),
    ROW(mul64, 64, 2),
    ROW(div64, 64, 2),
    ROW(sqrt64, 64, 1),
    ROW(fma64, 64, 3, .fma = true),
    ROW(widen, 32, 1),
    ROW(narrow, 64, 1),
    ROW(round32, 32, 1),
    ROW(round64, 64, 1),
    ROW(floor64, 64, 1),
    ROW(int32_32, 32, 1),
    ROW(int64_32, 32, 1),
    ROW(int32_64, 64, 1),
    ROW(int64_64, 64, 1),
    ROW(from32, 64, 1, .is_integer = true),
    ROW(from64, 64, 1, .is_integer = true),
    ROW(ucomi32, 32, 2),
    ROW(comi32, 32, 2),
    ROW(ucomi64, 64, 2),
    ROW(comi64, 64, 2),
};
enum { OPERATION_COUNT = sizeof(operations) / sizeof(operations[0]) };

static const uint64_t special32[] = {
    0,          0x80000000, 1,          0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, 0x00800001,
    0x3F800000, 0xBF800000, 0x3F800001, 0x3F000000, 0x3EFFFFFF, 0x3FC00000, 0x40200000, 0xC0200000, 0x4B000001,
    0x4B7FFFFF, 0x4EFFFFFF, 0x4F000000, 0xCF000000, 0x5F000000, 0xDF000000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F000000,
    0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC12345, 0x7F800001, 0xFFA12345, 0x33800000, 0x34000000, 0x1FFFFFFF,
};
static const uint64_t special64[] = {
    0,
    0x8000000000000000,
    1,
    0x8000000000000001,
    0x000FFFFFFFFFFFFF,
    0x800FFFFFFFFFFFFF,
    0x0010000000000000,
    0x8010000000000000,
    0x3FF0000000000000,
    0xBFF0000000000000,
    0x3FF0000000000001,
    0x3FE0000000000000,
    0x3FDFFFFFFFFFFFFF,
    0x3FF8000000000000,
    0x4004000000000000,
    0x4330000000000001,
    0x41DFFFFFFFC00000,
    0x41E0000000000000,
    0xC1E0000000000000,
    0xC1E0000000100000,
    0x43DFFFFFFFFFFFFF,
    0x43E0000000000000,
    0xC3E0000000000000,
    0x7FEFFFFFFFFFFFFF,
    0xFFEFFFFFFFFFFFFF,
    0x7FF0000000000000,
    0xFFF0000000000000,
    0x7FF8000000000000,
    0xFFF8123456789ABC,
    0x7FF0000000000001,
    0xFFF4123456789ABC,
    0x3CA0000000000000,
    0x47EFFFFFE0000000, /* largest f32 */
    0x47EFFFFFF0000000, /* halfway from there to the next power of two */
    0x3810000000000000, /* smallest normal f32 */
    0x380FFFFFF0000000, /* rounds up to it: tiny or not decides underflow */
    0x380FFFFFE0000000,
    0x380FFFFFF8000000,
    0x36A0000000000000, /* smallest subnormal f32 */
    0x3690000000000000, /* half of it */
};

static uint64_t random_state;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* Exponents near one another and near the edges meet far more often than in uniform bits; long runs of ones and zeros
 * make halfway cases. */
static uint64_t random_operand(const struct operation *operation)
{
    unsigned fraction_bits = operation->width == 32 ? 23 : 52, exponent_max = operation->width == 32 ? 255 : 2047;
    uint64_t r = random_bits(), fraction = random_bits() >> (64 - fraction_bits), exponent;

    if (operation->is_integer)
        return random_bits() >> (r & 63) ^ (r & 64 ? UINT64_MAX : 0);
    if (r % 16 == 0)
        return operation->width == 32 ? special32[(r >> 8) % (sizeof(special32) / 8)]
                                      : special64[(r >> 8) % (sizeof(special64) / 8)];
    switch (r >> 4 & 3) {
    case 0:
        fraction &= UINT64_MAX << ((r >> 16) % fraction_bits);
        break;
    case 1:
        fraction |= (UINT64_C(1) << ((r >> 16) % fraction_bits)) - 1;
        break;
    }
    switch (r >> 6 & 7) {
    case 0:
        exponent = (r >> 24) % 3;
        break;
    case 1:
        exponent = exponent_max - 1 - (r >> 24) % 3;
        break;
    case 2:
        exponent = (r >> 24) % exponent_max;
        break;
    default:
        exponent = exponent_max / 2 - 40 + (r >> 24) % 80;
        break;
    }
    return (r >> 63) << (operation->width - 1) | exponent << fraction_bits | fraction;
}

static void compare_once(const struct operation *operation, const struct host_mode *mode, const uint64_t *operands)
{
    struct outcome host = operation->host(mode, operands[0], operands[1], operands[2]);
    struct outcome soft = operation->soft(mode, operands[0], operands[1], operands[2]);

    if (host.value != soft.value || host.flags != soft.flags)
        ck_abort_msg("%s %s rounding %u (%016lx, %016lx, %016lx): host %016lx flags %02x, softfloat %016lx flags %02x",
                     operation->name, mode->rules->name, mode->rounding, operands[0], operands[1], operands[2],
                     host.value, host.flags, soft.value, soft.flags);
}

static void compare_specials(const struct operation *operation, const struct host_mode *mode)
{
    const uint64_t *table = operation->width == 32 ? special32 : special64;
    unsigned count = operation->width == 32 ? sizeof(special32) / 8 : sizeof(special64) / 8;
    unsigned count_b = operation->operands > 1 ? count : 1, count_c = operation->operands > 2 ? count : 1;

    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count_b; j++)
            for (unsigned k = 0; k < count_c; k++)
                compare_once(operation, mode, (uint64_t[]){table[i], table[j], table[k]});
}

START_TEST(matches_host)
{
    const struct operation *operation = &operations[_i];
    const char *scale = getenv("SOFTFLOAT_ROUNDS");
    unsigned rounds = scale ? (unsigned)atoi(scale) : 20000;

    if (operation->fma && !__builtin_cpu_supports("fma"))
        return;
    random_state = 0x9E3779B97F4A7C15 + (uint64_t)_i;
    for (uint32_t flush = 0; flush < 2; flush++) {
        for (uint32_t rounding = 0; rounding < 4; rounding++) {
            struct host_mode mode = {flush ? &x86_flush_rules : &x86_rules, rounding,
                                     0x1F80 | rounding << 13 | (flush ? 0x8040 : 0)};
            compare_specials(operation, &mode);
            for (unsigned i = 0; i < rounds; i++) {
                uint64_t operands[3] = {random_operand(operation), random_operand(operation),
                                        random_operand(operation)};
                compare_once(operation, &mode, operands);
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("softfloat against the host");
    TCase *tests = tcase_create("operations");

    tcase_add_loop_test(tests, matches_host, 0, OPERATION_COUNT);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
