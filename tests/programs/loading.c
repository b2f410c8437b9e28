// SPDX-License-Identifier: GPL-2.0-or-later
// variants: dynamic
// Shared objects: dlopen, symbols of libm, lazy binding, constructors, atexit order, TLS of a loaded library.
#include "print.h"
#include <dlfcn.h>
#include <link.h>

__attribute__((constructor(101))) static void first(void)
{
    printf("constructor one\n");
}
__attribute__((constructor(102))) static void second(void)
{
    printf("constructor two\n");
}
__attribute__((destructor)) static void last(void)
{
    printf("destructor\n");
}
static void at_exit(void)
{
    printf("at exit\n");
}
static void on_exit_with(int status, void *argument)
{
    printf("on exit %d %s\n", status, (char *)argument);
}

int main(void)
{
    atexit(at_exit);
    on_exit(on_exit_with, "argument");
    void *library = dlopen("libm.so.6", RTLD_NOW);
    printf("opened %d\n", library != NULL);
    if (library) {
        double (*cosine)(double) = (double (*)(double))dlsym(library, "cos");
        printf("%.6f %d\n", cosine(OPAQUE(0.5)), dlsym(library, "no_such_symbol") == NULL);
        Dl_info info;
        CHECK(dladdr((void *)cosine, &info) && strstr(info.dli_fname, "libm"));
        CHECK(dlclose(library) == 0);
    }
    library = dlopen("libmissing.so.77", RTLD_LAZY);
    printf("missing %d %d\n", library == NULL, dlerror() != NULL);
    fflush(stdout);
    return 17;
}
