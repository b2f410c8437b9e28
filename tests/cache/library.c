/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A library of some hundred functions; VALUE is all in which its builds differ. */
#define FUNCTION(n)                                                                                                    \
    __attribute__((noinline)) static int function_##n(int x)                                                           \
    {                                                                                                                  \
        return x & 1 ? x + VALUE : x - (n);                                                                            \
    }
#define TEN(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7) X(n##8) X(n##9)
#define ALL(X) TEN(X, 1) TEN(X, 2) TEN(X, 3) TEN(X, 4) TEN(X, 5) TEN(X, 6) TEN(X, 7) TEN(X, 8) TEN(X, 9)

ALL(FUNCTION)

int answer(void)
{
    volatile int sum = 0;
#define CALL(n) sum += function_##n(3);
    ALL(CALL)
    return sum;
}
