/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"

#include "private_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sysroot {
    int fd; /* of the directory, -1 = none */
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

/* The directory itself or a path below it; "/root" is no prefix of "/root-other". */
static bool lies_inside(const struct sysroot *sysroot, const char *path)
{
    return strncmp(path, sysroot->directory, sysroot->length) == 0 &&
           (path[sysroot->length] == '/' || path[sysroot->length] == 0);
}

const char *sysroot_translate(const struct sysroot *sysroot, const char *path, bool follow, char *buffer)
{
    if (sysroot->fd < 0 || path[0] != '/' || is_of_host(path) || lies_inside(sysroot, path)) {
        return path;
    }
    int saved_errno = errno;
    if (resolve_inside(sysroot, path, follow, buffer)) {
        errno = saved_errno;
        return buffer;
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
