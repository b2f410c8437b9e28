// SPDX-License-Identifier: GPL-2.0-or-later
// Floating-point arithmetic, comparison and rounding on edge values: bits must be those of the host, NaN aside.
#include "print.h"

static const double edges[] = {0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 3.0, 1e-308, 4.9e-324, -4.9e-324, 2.2250738585072014e-308,
                               1.7976931348623157e308, INFINITY, -INFINITY, NAN, 3.141592653589793, 1e16, 123456789.125,
                               0.1, -0.3, 4503599627370497.5, 9007199254740993.0, 1e-16};
static const float small_edges[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 2.5f, 1e-45f, -1e-45f, 1.17549435e-38f, 3.4028235e38f,
                                    INFINITY, -INFINITY, NAN, 3.1415927f, 16777217.0f, 8388609.5f, 0.1f, -0.3f, 1e-7f};

static void test_double(double a, double b, double c)
{
    print_double(a + b);
    print_double(a - b);
    print_double(a * b);
    print_double(a / b);
    print_double(fma(a, b, c));
    print_double(fma(-a, b, c));
    print_double(fma(a, b, -c));
    print_double(-fma(a, b, c));
    if (a != b && a == a && b == b) { // which zero fmax returns is not specified
        print_double(fmax(a, b));
        print_double(fmin(a, b));
    }
    print_double(copysign(a, b));
    printf(" %d%d%d%d%d%d%d\n", a < b, a <= b, a == b, a != b, a > b, a >= b, isunordered(a, b) ? 1 : 0);
}

static void test_float(float a, float b, float c)
{
    print_float(a + b);
    print_float(a - b);
    print_float(a * b);
    print_float(a / b);
    print_float(fmaf(a, b, c));
    print_float(-fmaf(a, -b, c));
    print_float(copysignf(a, b));
    print_double((double)a * b);
    printf(" %d%d%d%d%d%d\n", a < b, a <= b, a == b, a != b, a > b, a >= b);
}

static void test_single_operand(double a)
{
    float f = (float)a;
    print_double(sqrt(a));
    print_double(floor(a));
    print_double(ceil(a));
    print_double(trunc(a));
    print_double(round(a));
    print_double(rint(a));
    print_double(nearbyint(a));
    print_double(fabs(a));
    print_double(-a);
    print_float(f);
    print_float(sqrtf(f));
    print_float(floorf(f));
    print_float(ceilf(f));
    print_float(rintf(f));
    print_float(roundf(f));
    print_double(f);
    printf(" %d %d %d %d\n", isnan(a) != 0, isinf(a) != 0, isnormal(a) != 0, signbit(a) && a == a);
}

int main(void)
{
    enum { count = sizeof edges / sizeof *edges, small_count = sizeof small_edges / sizeof *small_edges };
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++)
            test_double(OPAQUE(edges[i]), OPAQUE(edges[j]), OPAQUE(edges[(i * 7 + j * 3) % count]));
        test_single_operand(OPAQUE(edges[i]));
    }
    for (int i = 0; i < small_count; i++)
        for (int j = 0; j < small_count; j++)
            test_float(OPAQUE(small_edges[i]), OPAQUE(small_edges[j]), OPAQUE(small_edges[(i * 5 + j) % small_count]));
    return 0;
}
