// SPDX-License-Identifier: GPL-2.0-or-later
// Conversions between integers and floating point, within the range where C defines them.
#include "print.h"

static void from_integers(uint64_t x)
{
    print_double((double)x);
    print_double((double)(int64_t)x);
    print_double((double)(uint32_t)x);
    print_double((double)(int32_t)x);
    print_double((double)(int16_t)x);
    print_float((float)x);
    print_float((float)(int64_t)x);
    print_float((float)(uint32_t)x);
    print_float((float)(int32_t)x);
    print_float((float)(uint8_t)x);
    printf("\n");
}

static void to_integers(double d)
{
    if (fabs(d) < 2147483648.0)
        printf(" s32=%d", (int32_t)d);
    if (d > -1.0 && d < 4294967296.0)
        printf(" u32=%u", (uint32_t)d);
    if (fabs(d) < 9223372036854775808.0)
        printf(" s64=%" PRId64 " rint=%ld round=%ld", (int64_t)d, lrint(d), lround(d));
    if (d > -1.0 && d < 18446744073709551616.0)
        printf(" u64=%" PRIu64, (uint64_t)d);
    float f = (float)d;
    if (fabsf(f) < 2147483648.0f)
        printf(" fs32=%d", (int32_t)f);
    if (f > -1.0f && f < 18446744073709551616.0f)
        printf(" fu64=%" PRIu64, (uint64_t)f);
    printf("\n");
}

int main(void)
{
    uint64_t random = 12345;
    for (int i = 0; i < 200; i++) {
        uint64_t x = next_random(&random) >> (i % 64);
        from_integers(OPAQUE(x));
        from_integers(OPAQUE(-x));
        to_integers(OPAQUE((double)(int64_t)x / 3.0));
        to_integers(OPAQUE(-(double)x * 0.5));
        to_integers(OPAQUE((double)(x % 100000) / 64.0));
        int exponent;
        double mantissa = frexp((double)x + 0.75, &exponent), whole, part = modf((double)x / 1024.0, &whole);
        print_double(mantissa);
        print_double(part);
        print_double(whole);
        print_double(ldexp((double)x, -i * 10));
        print_float((float)ldexp((double)x, -i));
        printf(" %d %d\n", exponent, ilogb((double)x + 1));
    }
    return 0;
}
