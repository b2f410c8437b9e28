/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Superwords: neighbouring words that a loop loads, computes and stores one by one are handled two at a time, in vectors.
 *
 * A window is a run of whole guest instructions within a block that ends with two stores to neighbouring doublewords and
 * whose loads come in pairs of neighbours. All its accesses are made first, each pair as one; then come the window's
 * writes to slots. So an access of a window faults with the state at the window's start, of whose first instruction the
 * pc is: the embedder of the unit has the instructions from there on done again one by one (CPU_MODE_CAREFUL), and the
 * right one faults. That and the new order of accesses need a window's loads and stores to be apart: where their
 * addresses come from different registers the loop looks once per turn, and goes the old way if they are not. */
#ifndef FAST_SUPERWORD_H
#define FAST_SUPERWORD_H

#include "ir.h"

/* A unit with superwords that does what `unit` does, in the unit's arena, or NULL if there is nothing to gain. The unit is
   a loop; each of its guest instructions has its mark. */
struct ir_unit *superword_form(const struct ir_unit *unit);

#endif
