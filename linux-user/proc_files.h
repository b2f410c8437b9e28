/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of /proc whose content must be the guest's: /proc/self/{maps,cmdline,environ,auxv,stat,exe}, /proc/cpuinfo. */
#ifndef LINUX_USER_PROC_FILES_H
#define LINUX_USER_PROC_FILES_H

#include "process.h"

/* A descriptor with the made-up content, -errno, or -ENOSYS if the path is none of these. */
int64_t proc_file_open(struct thread *thread, int directory_fd, const char *path, int flags);

/* readlink of /proc/self/exe: the length, or -ENOSYS. */
int64_t proc_link_read(struct thread *thread, const char *path, char *buffer, size_t size);

/* True for /proc/self/exe and its other names. */
bool proc_path_is_executable(const char *path);

/* The mapping of the host that holds an address. */
struct proc_mapping {
    uint64_t start, end, offset; /* offset in the file */
    char name[4096];             /* empty = none */
};
/* False if there is none or no /proc. */
bool proc_find_mapping(uint64_t address, struct proc_mapping *found);

#endif
