/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops that only look at memory until a condition holds, as in strlen: two rounds of the unrolled loop as they were, then
 * pairs of rounds of which both are computed at once, in the lanes of vectors. If a condition holds in one of them nothing
 * has happened yet, and the loop goes on at its entry, where it is left within two rounds.
 *
 * The second of two rounds may load what the loop would not have loaded: a turn's loads all lie in the pages of its first
 * ones, else it is made of the first two rounds alone; and what faults all the same is found again one by one
 * (CPU_MODE_CAREFUL). */
#ifndef FAST_SUPERWORD_SEARCH_H
#define FAST_SUPERWORD_SEARCH_H

#include "ir.h"

/* As superword_form; the unit has no stores and no helpers. */
struct ir_unit *superword_form_search(const struct ir_unit *unit);

#endif
