/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translations on disk: one image (translator.h) per program, in a directory of the user's. Whatever is wrong with the directory or an
 * image costs time, never more: the program is translated again. */
#ifndef LINUX_USER_TRANSLATION_CACHE_H
#define LINUX_USER_TRANSLATION_CACHE_H

struct process;
struct program;
struct thread;

/* Sets process->cache_fd, the directory (O_PATH), or -1: none is wanted or none can be trusted. It is that of the kage that executed this
   one, --cache, $XDG_CACHE_HOME/kage or ~/.cache/kage; of the last two kage makes its own directory only, where the user has the one above.
   Before the translator is made, which has to know whether there will be images. */
void translation_cache_open(struct process *process);

/* Takes over what is there for the program. Before its first thread runs; its memory exists. */
void translation_cache_load(struct process *process, const struct program *program);

/* Writes the image anew if enough has been added. For the end of a process and before execve; does nothing in a vfork child. */
void translation_cache_save(struct thread *thread);

#endif
