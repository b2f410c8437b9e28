/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -L: absolute paths of the guest that exist below a directory mean the file there. Links in it are followed inside it.
 */
#ifndef LINUX_USER_SYSROOT_H
#define LINUX_USER_SYSROOT_H

#include <stdbool.h>

struct sysroot;

/* NULL directory: every path is the host's. Returns NULL and sets errno if the directory cannot be opened. */
struct sysroot *sysroot_open(const char *directory);

/* The path as the host sees it: path itself, or buffer (PATH_MAX bytes). follow: a link in the last place is followed.
 */
const char *sysroot_translate(struct sysroot *sysroot, const char *path, bool follow, char *buffer);

/* The guest's name of a host path: the part behind the directory, or path itself. */
const char *sysroot_guest_path(const struct sysroot *sysroot, const char *path);

/* True for the directory's own descriptor. */
bool sysroot_owns(const struct sysroot *sysroot, int fd);

#endif
