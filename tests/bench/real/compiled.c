// SPDX-License-Identifier: GPL-2.0-or-later
/* What the compiler is given to compile: several of the benchmark programs as one file. */
#define main embedded_main
#include "../programs/embedded.c"
#undef main
#define main compression_main
#include "../programs/compression.c"
#undef main
#define main sha256_main
#include "../programs/sha256.c"
#undef main
#define main nbody_main
#include "../programs/nbody.c"
#undef main
#define main quicksort_main
#include "../programs/quicksort.c"
#undef main
#define main interpreter_main
#include "../programs/interpreter.c"
#undef main
#include "../programs/long_arithmetic.c"
