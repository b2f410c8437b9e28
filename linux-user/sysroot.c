/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"

#include "private_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ABSENT_COUNT = 8, MISSES_PER_NOTE = 16 };

/* A path of one or two components that the directory does not have, and the directory in which its last one would be.
   While that one is the same and has not changed, nothing below the path is there either: one cheap question in place of
   a walk that fails. It is asked by name: what is put in its place, or mounted over it, is another one. */
struct absent {
    atomic_bool is_known; /* false: it has changed since */
    dev_t device;         /* the parent's */
    ino_t inode;
    struct timespec changed;
    size_t length;
    char parent[NAME_MAX + 1]; /* in the sysroot's directory; empty: that one */
    char path[2 * NAME_MAX + 3];
};

struct sysroot {
    int fd; /* of the directory, -1 = none */
    atomic_uint misses;
    _Atomic(struct absent *) absent[ABSENT_COUNT]; /* from the first on; they stay, other threads may read them */
    size_t length;
    char directory[PATH_MAX]; /* absolute, no slash at its end */
};

struct sysroot *sysroot_open(const char *directory)
{
    struct sysroot *sysroot = calloc(1, sizeof *sysroot);
    if (!sysroot) {
        return NULL;
    }
    sysroot->fd = -1;
    if (!directory) {
        return sysroot;
    }
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !realpath(directory, sysroot->directory)) {
        free(sysroot);
        return NULL;
    }
    sysroot->length = strlen(sysroot->directory);
    if (sysroot->length == 1) { /* the root itself: nothing to translate */
        close(fd);
        return sysroot;
    }
    sysroot->fd = private_fd_move(fd, 900);
    return sysroot;
}

/* What never comes from a sysroot: the running system's own trees. */
static bool is_of_host(const char *path)
{
    static const char *const trees[] = {"/proc", "/dev", "/sys"};
    for (unsigned i = 0; i < sizeof trees / sizeof trees[0]; i++) {
        size_t length = strlen(trees[i]);
        if (strncmp(path, trees[i], length) == 0 && (path[length] == '/' || path[length] == 0)) {
            return true;
        }
    }
    return false;
}

/* Lets the kernel resolve the path with the directory as its root; the name of the result comes from /proc. */
static bool resolve_inside(const struct sysroot *sysroot, const char *path, bool follow, char *buffer)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW), .resolve = RESOLVE_IN_ROOT};
    int fd = (int)syscall(SYS_openat2, sysroot->fd, path, &how, sizeof how);
    if (fd < 0) {
        return false;
    }
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    close(fd);
    if (length <= 0 || buffer[0] != '/') {
        return false;
    }
    buffer[length] = 0;
    return true;
}

/* The prefix itself or a path below it; "/root" is no prefix of "/root-other". */
static bool has_prefix(const char *path, const char *prefix, size_t length)
{
    return strncmp(path, prefix, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static bool lies_inside(const struct sysroot *sysroot, const char *path)
{
    return has_prefix(path, sysroot->directory, sysroot->length);
}

/* ---- what is known to be absent ---- */

static bool is_parent(const struct absent *absent, const struct stat *status)
{
    return status->st_dev == absent->device && status->st_ino == absent->inode && status->st_ctim.tv_sec == absent->changed.tv_sec &&
           status->st_ctim.tv_nsec == absent->changed.tv_nsec;
}

static bool is_known_absent(struct sysroot *sysroot, const char *path)
{
    for (unsigned i = 0; i < ABSENT_COUNT; i++) {
        struct absent *absent = atomic_load_explicit(&sysroot->absent[i], memory_order_acquire);
        if (!absent) {
            return false;
        }
        if (!atomic_load_explicit(&absent->is_known, memory_order_relaxed) ||
            !has_prefix(path, absent->path, absent->length)) {
            continue;
        }
        struct stat now;
        if (fstatat(sysroot->fd, absent->parent, &now, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0 && is_parent(absent, &now)) {
            return true;
        }
        atomic_store_explicit(&absent->is_known, false, memory_order_relaxed);
    }
    return false;
}

/* The times of files advance in ticks: a directory that has just changed may change again and keep its time. */
static bool has_settled(const struct timespec *changed)
{
    enum { SETTLED = 100000000 };
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec - changed->tv_sec) * 1000000000ll + (now.tv_nsec - changed->tv_nsec) > SETTLED;
}

/* The length of the path's component at the place, 0 if it is none with a name of its own. */
static size_t component_length(const char *path, size_t start)
{
    size_t length = strcspn(path + start, "/");
    return length > NAME_MAX || path[start] == '.' ? 0 : length;
}

/* Remembers the first `length` bytes of the path if the last component, which begins at `last`, is absent from the directory fd. That is
   looked at first, so that whoever makes it in between changes what was seen. */
static bool add_absent(struct sysroot *sysroot, int fd, const char *path, size_t last, size_t length)
{
    struct stat parent, itself;
    struct absent *absent = fstat(fd, &parent) == 0 && has_settled(&parent.st_ctim) ? calloc(1, sizeof *absent) : NULL;
    if (!absent) {
        return false;
    }
    *absent = (struct absent){
        .is_known = true, .length = length, .device = parent.st_dev, .inode = parent.st_ino, .changed = parent.st_ctim};
    memcpy(absent->path, path, length);
    memcpy(absent->parent, path + 1, last > 1 ? last - 2 : 0);
    if (fstatat(fd, absent->path + last, &itself, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) {
        free(absent);
        return false;
    }
    for (unsigned i = 0; i < ABSENT_COUNT; i++) {
        struct absent *none = NULL;
        if (atomic_compare_exchange_strong(&sysroot->absent[i], &none, absent)) {
            return true;
        }
    }
    free(absent);
    return true;
}

/* After a path was not found. Only now and then: most programs miss a few files here and there. */
static void note_absent(struct sysroot *sysroot, const char *path)
{
    unsigned misses = atomic_fetch_add_explicit(&sysroot->misses, 1, memory_order_relaxed) + 1;
    size_t first = component_length(path, 1), second = first && path[1 + first] ? component_length(path, 2 + first) : 0;
    if (misses % MISSES_PER_NOTE || !first || atomic_load(&sysroot->absent[ABSENT_COUNT - 1])) {
        return;
    }
    if (add_absent(sysroot, sysroot->fd, path, 1, 1 + first) || !second) {
        return;
    }
    char name[NAME_MAX + 1];
    memcpy(name, path + 1, first);
    name[first] = 0;
    int fd = openat(sysroot->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        add_absent(sysroot, fd, path, 2 + first, 2 + first + second);
        close(fd);
    }
}

const char *sysroot_translate(struct sysroot *sysroot, const char *path, bool follow, char *buffer)
{
    if (sysroot->fd < 0 || path[0] != '/' || is_of_host(path) || lies_inside(sysroot, path)) {
        return path;
    }
    int saved_errno = errno;
    if (is_known_absent(sysroot, path)) {
        errno = saved_errno;
        return path;
    }
    if (resolve_inside(sysroot, path, follow, buffer)) {
        errno = saved_errno;
        return buffer;
    }
    if (errno == ENOENT) {
        note_absent(sysroot, path);
        errno = saved_errno;
        return path;
    }
    bool is_there = errno == ENOSYS && snprintf(buffer, PATH_MAX, "%s%s", sysroot->directory, path) < PATH_MAX &&
                    faccessat(AT_FDCWD, buffer, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    errno = saved_errno;
    return is_there ? buffer : path;
}

const char *sysroot_guest_path(const struct sysroot *sysroot, const char *path)
{
    bool is_inside =
        sysroot->length > 1 && strncmp(path, sysroot->directory, sysroot->length) == 0 && path[sysroot->length] == '/';
    return is_inside ? path + sysroot->length : path;
}

bool sysroot_owns(const struct sysroot *sysroot, int fd)
{
    return fd >= 0 && fd == sysroot->fd;
}
