/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How mops_* (helpers.def) are called: mops_copy and mops_set with the numbers of Xd, Xs and Xn in one word. The *_whole
 * ones stand for a whole group and are called before its prologue, with the registers' values and that word. They use
 * those registers in the state, and NZCV and pc, for what a fault must find there: the caller writes them all after. */
#ifndef AARCH64_HELPERS_MOPS_H
#define AARCH64_HELPERS_MOPS_H

/* Where a number stands; a copy that only goes forward. */
enum { MOPS_SOURCE_SHIFT = 5, MOPS_SIZE_SHIFT = 10, MOPS_FORWARD = 1 << 15 };

#endif
