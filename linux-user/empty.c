/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program is all in libraries; the build wants one file of its own. */
