// SPDX-License-Identifier: GPL-2.0-or-later
// printf, strtod and libm, whose last digit may differ between builds of libm: results are printed with fewer digits.
#include "print.h"
#include <complex.h>

int main(void)
{
    static const char *const texts[] = {"0", "-0", "1.5", "3.14159265358979", "1e-320", "0x1.8p3", "inf", "1e400", "123456789012345678901234567890",
                                        "0.1", "2.2250738585072011e-308", "9007199254740993", "1e23", "8.5", "0x.1p-1074"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        double value = strtod(texts[i], &end);
        print_double(value);
        print_float(strtof(texts[i], NULL));
        printf(" %g %e %f %.3f %.17g %a %10.2e|%-12.4g|%+.0f\n", value, value, value < 1e30 ? value : 0, value < 1e30 ? value : 0,
               value, value, value, value, value < 1e30 ? value : 0);
    }
    for (int i = 0; i < 60; i++) {
        double x = OPAQUE(0.137 * i + 0.01), y = OPAQUE(1.0 / (i + 1));
        printf("%.10g %.10g %.10g %.10g %.10g %.10g", sin(x), cos(x), tan(y), exp(y), log(x), pow(x, y));
        printf(" %.10g %.10g %.10g %.10g %.10g", atan2(x, y), sinh(y), cbrt(x), hypot(x, y), fmod(x * 10, y));
        printf(" %.10g %.10g %.10g %.10g %.10g", log2(x), log10(x), expm1(y), log1p(y), erf(y));
        printf(" %.10g %.10g %.10g %.6g", tgamma(x), lgamma(x + 2), remainder(x, y), (double)sinf((float)x));
        printf(" %.6g %.6g %.6g\n", (double)expf((float)y), (double)powf((float)x, 2.5f), (double)logf((float)x));
        double complex z = csqrt(x - y * I) * cexp(y + x * I) / (x + 1.0 * I);
        printf("%.9g %.9g %.9g\n", creal(z), cimag(z), cabs(z));
    }
    return 0;
}
