/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto.h"

uint16_t carryless_product_8(uint8_t a, uint8_t b)
{
    uint16_t product = 0;
    for (unsigned i = 0; i < 8; i++) {
        product ^= (uint16_t)(b >> i & 1 ? a << i : 0);
    }
    return product;
}
