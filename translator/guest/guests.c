/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

#include <string.h>

#define GUEST(name, text) extern const struct guest guest_##name __attribute__((weak));
#include "guests.def"
#undef GUEST

const struct guest *const guest_list[] = {
#define GUEST(name, text) &guest_##name,
#include "guests.def"
#undef GUEST
};
const unsigned guest_count = sizeof guest_list / sizeof guest_list[0];

const struct guest *guest_find_elf(uint16_t machine, uint8_t elf_class, bool big_endian)
{
    for (unsigned i = 0; i < guest_count; i++) {
        const struct guest *g = guest_list[i];
        if (!g) {
            continue;
        }
        if (g->elf_machine == machine && g->elf_class == elf_class && g->big_endian == big_endian) {
            return g;
        }
    }
    return NULL;
}

const struct guest *guest_find_name(const char *name)
{
    for (unsigned i = 0; i < guest_count; i++) {
        if (guest_list[i] && !strcmp(guest_list[i]->name, name)) {
            return guest_list[i];
        }
    }
    return NULL;
}
