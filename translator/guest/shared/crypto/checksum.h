/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reflected cyclic redundancy checks of 32 bits, without inversion before or after. */
#ifndef SHARED_CHECKSUM_H
#define SHARED_CHECKSUM_H

#include <stdint.h>

/* The CRC after the low `bytes` bytes (1, 2, 4 or 8) of value, least significant first. */
uint32_t checksum_crc32(uint32_t crc, uint64_t value, unsigned bytes);
uint32_t checksum_crc32c(uint32_t crc, uint64_t value, unsigned bytes);

#endif
