/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_aarch64.h"

#include "aarch64_state.h"
#include "process.h"

#include <errno.h>
#include <sys/random.h>

enum {
    PAC_RESET_KEYS = 54,
    SET_TAGGED_ADDR_CTRL = 55,
    GET_TAGGED_ADDR_CTRL = 56,
    PAC_SET_ENABLED_KEYS = 60,
    PAC_GET_ENABLED_KEYS = 61,
    TAGGED_ADDR_ENABLE = 1,
    ADDRESS_KEY_COUNT = 4,
    KEY_COUNT = 5,
};

/* A disabled key is zero in the state (lift_pauth.c); what it was is in the thread's words. */
static bool key_is_enabled(const struct aarch64_state *state, unsigned key)
{
    return state->APKey[2 * key] != 0;
}

void aarch64_reset_keys(struct cpu_header *header, unsigned keys)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    uint64_t random[2 * KEY_COUNT];
    while (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
    }
    for (unsigned key = 0; key < KEY_COUNT; key++) {
        if (keys >> key & 1) {
            state->APKey[2 * key] = random[2 * key] | 1;
            state->APKey[2 * key + 1] = random[2 * key + 1] | 1;
        }
    }
}

/* Keys that are disabled get new values, too, but stay disabled. */
static int64_t reset_keys(struct thread *thread, uint64_t keys)
{
    if (keys & ~(uint64_t)AARCH64_ALL_KEYS) {
        return -EINVAL;
    }
    struct aarch64_state *state = (struct aarch64_state *)thread->state;
    unsigned disabled = 0, wanted = keys ? (unsigned)keys : AARCH64_ALL_KEYS;
    for (unsigned key = 0; key < ADDRESS_KEY_COUNT; key++) {
        disabled |= key_is_enabled(state, key) ? 0 : 1u << key;
    }
    aarch64_reset_keys(thread->state, wanted);
    for (unsigned key = 0; key < ADDRESS_KEY_COUNT; key++) {
        for (unsigned part = 2 * key; disabled & wanted & 1u << key && part < 2 * key + 2; part++) {
            thread->guest_words[part] = state->APKey[part];
            state->APKey[part] = 0;
        }
    }
    return 0;
}

static int64_t set_enabled_keys(struct thread *thread, uint64_t keys, uint64_t enabled)
{
    if (keys & ~(uint64_t)AARCH64_ADDRESS_KEYS || enabled & ~keys) {
        return -EINVAL;
    }
    struct aarch64_state *state = (struct aarch64_state *)thread->state;
    for (unsigned key = 0; key < ADDRESS_KEY_COUNT; key++) {
        bool enable = enabled >> key & 1;
        for (unsigned part = 2 * key; keys >> key & 1 && part < 2 * key + 2; part++) {
            uint64_t value = state->APKey[part] ? state->APKey[part] : thread->guest_words[part];
            thread->guest_words[part] = value;
            state->APKey[part] = enable ? value : 0;
        }
    }
    return 0;
}

static int64_t get_enabled_keys(const struct thread *thread)
{
    const struct aarch64_state *state = (const struct aarch64_state *)thread->state;
    int64_t enabled = 0;
    for (unsigned key = 0; key < ADDRESS_KEY_COUNT; key++) {
        enabled |= key_is_enabled(state, key) ? 1 << key : 0;
    }
    return enabled;
}

int64_t aarch64_control(struct thread *thread, int option, const uint64_t arguments[4])
{
    uint64_t third = arguments[1], last = arguments[2] | arguments[3];
    switch (option) {
    case PAC_RESET_KEYS:
        return third | last ? -EINVAL : reset_keys(thread, arguments[0]);
    case PAC_SET_ENABLED_KEYS:
        return last ? -EINVAL : set_enabled_keys(thread, arguments[0], third);
    case PAC_GET_ENABLED_KEYS:
        return arguments[0] | third | last ? -EINVAL : get_enabled_keys(thread);
    case SET_TAGGED_ADDR_CTRL:
        if (third | last || arguments[0] & ~(uint64_t)TAGGED_ADDR_ENABLE) {
            return -EINVAL;
        }
        thread->accepts_tags = arguments[0] & TAGGED_ADDR_ENABLE;
        return 0;
    case GET_TAGGED_ADDR_CTRL:
        return arguments[0] | third | last ? -EINVAL : thread->accepts_tags;
    default:
        return -ENOSYS;
    }
}
