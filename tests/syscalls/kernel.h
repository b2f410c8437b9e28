// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs of this folder share: calls made without the C library's help, and what the kernel said in words that are the
// same on every architecture and on every run.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// An int as an argument register may hold it: the upper half is anything.
#define INT(x) ((long)((uint64_t)(uint32_t)(x) | 0xdeadbeef00000000u))
#define HERE INT(AT_FDCWD)

// result as it is if it is an error or small, else only that there was one
static inline long show(const char *what, long result)
{
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: %ld\n", what, result);
    return result;
}

// for results that vary: descriptors, process numbers, addresses
static inline long show_ok(const char *what, long result)
{
    if (result == -1)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        printf("%s: ok\n", what);
    return result;
}

static inline void show_truth(const char *what, int truth)
{
    printf("%s: %s\n", what, truth ? "yes" : "no");
}

static inline void show_text(const char *what, const void *bytes, long length)
{
    printf("%s: \"%.*s\"\n", what, (int)(length < 0 ? 0 : length), (const char *)bytes);
}

// A page that is not there.
#define NOWHERE ((void *)16)

// A folder of this run's own, made the current one; who runs the program removes $TMPDIR.
static inline void enter_folder(void)
{
    static char name[200];
    snprintf(name, sizeof name, "%s/kage-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (!mkdtemp(name) || chdir(name)) {
        perror(name);
        exit(1);
    }
    umask(022);
}
