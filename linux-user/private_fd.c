/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "private_fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int private_fd_move(int fd, int wanted)
{
    enum { SPARE = 4 };
    struct rlimit limit;
    if (fd < 0) {
        return fd;
    }
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, wanted);
    if (moved < 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > SPARE) {
        moved = fcntl(fd, F_DUPFD_CLOEXEC, (int)limit.rlim_cur - SPARE);
    }
    if (moved >= 0) {
        close(fd);
    }
    return moved >= 0 ? moved : fd;
}
