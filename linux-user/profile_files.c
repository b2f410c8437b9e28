/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile_files.h"

#include "log.h"
#include "private_fd.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OUT_OF_THE_WAY = 905 };

static int make_file(bool is_wanted, const char *prefix, const char *suffix)
{
    char path[64];
    if (!is_wanted) {
        return -1;
    }
    snprintf(path, sizeof path, "%s%d%s", prefix, (int)getpid(), suffix);
    unlink(path); /* never someone else's file or what it points to */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("%s cannot be written: %s", path, strerror(errno));
    }
    return private_fd_move(fd, OUT_OF_THE_WAY);
}

void profile_open(struct process *process)
{
    static const char *const names[2][2] = {{"/tmp/perf-", ".map"}, {"jit-", ".dump"}};
    const bool wanted[2] = {process->options->perf_map, process->options->jit_dump};
    int old[2];
    memcpy(old, process->profile_fds, sizeof old);
    for (int i = 0; i < 2; i++) {
        process->profile_fds[i] = make_file(wanted[i], names[i][0], names[i][1]);
    }
    if (!wanted[0] && !wanted[1]) {
        return;
    }
    translator_set_profile(process->translator, process->profile_fds[0], process->profile_fds[1]);
    for (int i = 0; i < 2; i++) {
        if (old[i] > 0) { /* the parent's */
            close(old[i]);
        }
    }
}
