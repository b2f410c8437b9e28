/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --perfmap and --jitdump: the files, one of each for every process. */
#ifndef LINUX_USER_PROFILE_FILES_H
#define LINUX_USER_PROFILE_FILES_H

struct process;

/* At the start of a program and in a child of fork. Says so once if a file cannot be made. */
void profile_open(struct process *process);

#endif
