/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user_guest.h"

#include <string.h>

/* Weak: a guest that the translator knows may have no user mode. */
#define GUEST(name, text) extern const struct user_guest user_guest_##name __attribute__((weak));
#include "guests.def"
#undef GUEST

const struct user_guest *user_guest_find(const char *name)
{
    static const struct user_guest *const list[] = {
#define GUEST(name, text) &user_guest_##name,
#include "guests.def"
#undef GUEST
    };
    for (unsigned i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (list[i] && strcmp(list[i]->name, name) == 0) {
            return list[i];
        }
    }
    return NULL;
}
