// SPDX-License-Identifier: GPL-2.0-or-later
// The calling convention: variable arguments, structures by value, many arguments, function pointers, qsort.
#include "print.h"
#include <search.h>
#include <stdarg.h>

struct small { int32_t a; int16_t b; };
struct pair { double x; float y; };
struct large { int64_t v[5]; char text[9]; };
struct floats { float f[4]; };

static double sum_arguments(const char *kinds, ...)
{
    va_list list, copy;
    va_start(list, kinds);
    va_copy(copy, list);
    double sum = 0;
    for (const char *k = kinds; *k; k++)
        switch (*k) {
        case 'i': sum += va_arg(list, int); break;
        case 'l': sum += (double)va_arg(list, int64_t); break;
        case 'd': sum += va_arg(list, double); break;
        case 's': sum += (double)strlen(va_arg(list, char *)); break;
        case 'S': sum += va_arg(list, struct small).b; break;
        case 'L': sum += (double)va_arg(list, struct large).v[3]; break;
        case 'P': sum += va_arg(list, struct pair).x; break;
        }
    sum += *kinds == 'i' ? va_arg(copy, int) : 0;
    va_end(copy);
    va_end(list);
    return sum;
}

__attribute__((noinline)) static struct large make_large(struct small s, struct pair p, struct floats f, struct large l)
{
    l.v[0] += s.a;
    l.v[1] += s.b;
    l.v[2] += (int64_t)p.x;
    l.v[3] += (int64_t)(p.y + f.f[3]);
    l.text[1] = 'X';
    return l;
}

__attribute__((noinline)) static struct floats scale(struct floats f, float by)
{
    for (int i = 0; i < 4; i++)
        f.f[i] *= by;
    return f;
}

__attribute__((noinline)) static int64_t many(int8_t a, uint16_t b, int32_t c, int64_t d, int e, int f, int g, int h,
                                              int8_t i, double j, float k, int16_t l, uint8_t m, int64_t n)
{
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + h * 17 + i * 19 + (int64_t)j * 23 + (int64_t)k * 29 + l * 31 +
           m * 37 + n * 41;
}

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int visited;
static void visit(const void *node, VISIT order, int depth)
{
    if (order == leaf || order == postorder)
        visited += **(int *const *)node * (depth >= 0);
}

int main(void)
{
    struct small s = {100000, -7};
    struct pair p = {2.5, 1.25f};
    struct large l = {{1, 2, 3, 4, 5}, "largetxt"};
    struct floats f = {{1, 2, 3, 4}};
    printf("%g\n", sum_arguments("ildsSLPidlsdiiiiddddddddd", 5, INT64_C(-6), 7.5, "four", s, l, p, 1, 0.5, INT64_C(1) << 40, "",
                                 0.25, 1, 2, 3, 4, .1, .2, .3, .4, .5, .6, .7, .8, .9));
    struct large r = make_large(s, p, scale(f, 2.5f), l);
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n", r.v[0], r.v[1], r.v[2], r.v[3], r.v[4], r.text);
    int64_t (*volatile pointer)(int8_t, uint16_t, int32_t, int64_t, int, int, int, int, int8_t, double, float, int16_t, uint8_t,
                                int64_t) = many;
    printf("%" PRId64 "\n", pointer(-1, 65535, -3, 4, 5, 6, 7, 8, -9, 10.5, -11.5f, -12, 250, -14));
    enum { count = 5000 };
    static int numbers[count];
    uint64_t random = 7, hash = MIX_START;
    for (int i = 0; i < count; i++)
        numbers[i] = (int)next_random(&random);
    qsort(numbers, count, sizeof *numbers, compare_ints);
    for (int i = 0; i < count; i++) {
        CHECK(i == 0 || numbers[i - 1] <= numbers[i]);
        hash = mix(hash, (uint64_t)numbers[i]);
    }
    int *found = bsearch(&numbers[1234], numbers, count, sizeof *numbers, compare_ints);
    printf("%016" PRIx64 " %td\n", hash, found - numbers);
    void *root = NULL;
    for (int i = 0; i < 200; i++)
        tsearch(&numbers[i * 17 % 200], &root, compare_ints);
    twalk(root, visit);
    printf("%d\n", visited);
    return 0;
}
