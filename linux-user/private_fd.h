/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of kage's own stay clear of the low numbers that guests count on. */
#ifndef LINUX_USER_PRIVATE_FD_H
#define LINUX_USER_PRIVATE_FD_H

/* Moves fd to `wanted` or above, or as high as RLIMIT_NOFILE lets it, close-on-exec. The new number; fd itself if it
   cannot be moved. fd < 0 is handed back. */
int private_fd_move(int fd, int wanted);

#endif
