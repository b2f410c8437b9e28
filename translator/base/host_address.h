/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host makes of an address that no process of its own can have. */
#ifndef BASE_HOST_ADDRESS_H
#define BASE_HOST_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* An address with bits set above these is not left to the host: it may ignore the upper ones and access another. 64: it
   refuses by itself. Those of AArch64 ignore 8 bits, and give a process more than 48 only where it asks for an address
   up there (Documentation/arch/arm64/memory.rst, "52-bit userspace VAs"), which kage never does. */
#ifdef __aarch64__
enum { HOST_ADDRESS_BITS = 48 };
#else
enum { HOST_ADDRESS_BITS = 64 };
#endif

static inline bool host_mistakes_address(uint64_t address)
{
    return HOST_ADDRESS_BITS < 64 && address >> (HOST_ADDRESS_BITS & 63) != 0;
}

#endif
