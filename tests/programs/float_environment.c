// SPDX-License-Identifier: GPL-2.0-or-later
// Rounding modes and exception flags are the guest's own state and follow fork, threads and function calls.
// flags: -frounding-math
#include "print.h"
#include <fenv.h>

static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
static const char *const mode_names[] = {"nearest", "down", "up", "zero"};

static void show_flags(const char *what)
{
    printf(" %s:%s%s%s%s%s", what, fetestexcept(FE_INVALID) ? "V" : "", fetestexcept(FE_DIVBYZERO) ? "Z" : "",
           fetestexcept(FE_OVERFLOW) ? "O" : "", fetestexcept(FE_UNDERFLOW) ? "U" : "",
           fetestexcept(FE_INEXACT) ? "X" : "");
    feclearexcept(FE_ALL_EXCEPT);
}

int main(void)
{
    for (int mode = 0; mode < 4; mode++) {
        CHECK(fesetround(modes[mode]) == 0);
        CHECK(fegetround() == modes[mode]);
        printf("%s:", mode_names[mode]);
        print_double(OPAQUE(1.0) / OPAQUE(3.0));
        print_double(OPAQUE(-1.0) / OPAQUE(3.0));
        print_double(OPAQUE(0.1) + OPAQUE(0.2));
        print_double(OPAQUE(1e308) * OPAQUE(10.0));
        print_double(OPAQUE(-1e308) * OPAQUE(10.0));
        print_double(OPAQUE(4.9e-324) * OPAQUE(0.5));
        print_double(sqrt(OPAQUE(2.0)));
        print_double(rint(OPAQUE(2.5)));
        print_double(rint(OPAQUE(-2.5)));
        print_double((double)OPAQUE(INT64_MAX));
        print_double(OPAQUE(1.0) - OPAQUE(1.0));
        print_float((float)OPAQUE(0.1));
        print_float(OPAQUE(1.0f) / OPAQUE(-3.0f));
        print_double(fma(OPAQUE(0.1), OPAQUE(10.0), OPAQUE(-1.0)));
        printf(" %ld %ld\n", lrint(OPAQUE(0.5)), lrint(OPAQUE(-1.5)));
    }
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double sink;
    volatile float small;
    show_flags("none");
    sink = OPAQUE(1.0) / OPAQUE(0.0);
    show_flags("divide");
    sink = OPAQUE(0.0) / OPAQUE(0.0);
    show_flags("invalid");
    sink = OPAQUE(1e308) * OPAQUE(1e10);
    show_flags("overflow");
    sink = OPAQUE(1e-308) * OPAQUE(1e-10);
    show_flags("underflow");
    sink = OPAQUE(1.0) + OPAQUE(1e-20);
    show_flags("inexact");
    sink = sqrt(OPAQUE(-1.0));
    show_flags("sqrt");
    sink = OPAQUE(1.0) + OPAQUE(2.0);
    show_flags("exact");
    small = (float)OPAQUE(1e300);
    show_flags("narrow");
    small = (float)OPAQUE(0.1);
    show_flags("narrow inexact");
    sink = (double)OPAQUE((int64_t)9007199254740993);
    show_flags("convert");
    sink = (double)OPAQUE(7);
    show_flags("convert exact");
    int number = (int)OPAQUE(1.5);
    show_flags("truncate");
    int less = OPAQUE(1.0) < OPAQUE((double)NAN);
    show_flags("ordered nan");
    int equal = OPAQUE(1.0) == OPAQUE((double)NAN);
    show_flags("equal nan");
    printf("\n%d %d %d %d\n", number, less, equal, sink == sink && small == small);
    feraiseexcept(FE_INVALID | FE_INEXACT);
    fenv_t saved;
    feholdexcept(&saved);
    show_flags("held");
    feupdateenv(&saved);
    show_flags("restored");
    printf("\n");
    return 0;
}
