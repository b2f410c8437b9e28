/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target.xml and the values of registers, both out of the guest's generated table. */
#include "gdb_session.h"

#include <string.h>

enum { LARGEST = 16 };

static void describe_register(struct gdb_text *xml, const struct debug_register *reg, unsigned number)
{
    gdb_put(xml, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%u\"/>", reg->name, reg->bits, reg->type,
            number);
}

const char *gdb_target_description(struct gdb_session *session)
{
    const struct debug_description *debug = session->target->guest->debug;
    struct gdb_text xml = {0};
    if (session->description) {
        return session->description;
    }
    gdb_put(&xml,
            "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
            "<architecture>%s</architecture><osabi>GNU/Linux</osabi>",
            debug->architecture);
    for (unsigned feature = 0; feature < debug->feature_count; feature++) {
        gdb_put(&xml, "<feature name=\"%s\">", debug->features[feature].name);
        gdb_put_bytes(&xml, debug->features[feature].types, strlen(debug->features[feature].types));
        for (unsigned i = 0; i < debug->register_count; i++) {
            if (debug->registers[i].feature == feature) {
                describe_register(&xml, &debug->registers[i], i);
            }
        }
        gdb_put(&xml, "</feature>");
    }
    gdb_put(&xml, "</target>");
    gdb_put_bytes(&xml, "", 1);
    return session->description = xml.bytes;
}

static void *slot_place(const struct gdb_session *session, struct cpu_header *state, int slot)
{
    return (uint8_t *)state + session->target->guest->slots[slot].offset;
}

/* The register's bytes in the guest's order; how many. */
static size_t read_value(struct gdb_session *session, struct cpu_header *state, const struct debug_register *reg,
                         uint8_t value[LARGEST])
{
    const struct guest *guest = session->target->guest;
    size_t length = reg->bits / 8;
    if (reg->slot >= 0) {
        memcpy(value, slot_place(session, state, reg->slot), length);
    } else {
        uint64_t computed = guest->read_debug_register(state, reg->name);
        memset(value, 0, LARGEST);
        memcpy(value, &computed, sizeof computed);
    }
    for (size_t i = 0; guest->big_endian && i < length / 2; i++) {
        uint8_t byte = value[i];
        value[i] = value[length - 1 - i];
        value[length - 1 - i] = byte;
    }
    return length;
}

static void write_value(struct gdb_session *session, struct cpu_header *state, const struct debug_register *reg,
                        const uint8_t bytes[LARGEST])
{
    const struct guest *guest = session->target->guest;
    size_t length = reg->bits / 8;
    uint8_t value[LARGEST] = {0};
    for (size_t i = 0; i < length; i++) {
        value[i] = bytes[guest->big_endian ? length - 1 - i : i];
    }
    if (reg->slot >= 0) {
        memcpy(slot_place(session, state, reg->slot), value, length);
    } else {
        uint64_t computed;
        memcpy(&computed, value, sizeof computed);
        guest->write_debug_register(state, reg->name, computed);
    }
}

static struct cpu_header *current_state(struct gdb_session *session, bool is_for_writing)
{
    const struct gdb_target *target = session->target;
    return target->registers(target->program, gdb_current_thread(session), is_for_writing);
}

bool gdb_read_registers(struct gdb_session *session)
{
    const struct debug_description *debug = session->target->guest->debug;
    struct cpu_header *state = current_state(session, false);
    for (unsigned i = 0; state && i < debug->register_count; i++) {
        uint8_t value[LARGEST];
        gdb_put_hex(&session->reply, value, read_value(session, state, &debug->registers[i], value));
    }
    return state;
}

bool gdb_write_registers(struct gdb_session *session, const char *digits)
{
    const struct debug_description *debug = session->target->guest->debug;
    struct cpu_header *state = current_state(session, true);
    for (unsigned i = 0; state && i < debug->register_count; i++) {
        uint8_t value[LARGEST];
        size_t length = debug->registers[i].bits / 8;
        if (gdb_read_hex(value, length, digits) < length) {
            break;
        }
        write_value(session, state, &debug->registers[i], value);
        digits += 2 * length;
    }
    return state;
}

bool gdb_read_register(struct gdb_session *session, unsigned number)
{
    const struct debug_description *debug = session->target->guest->debug;
    struct cpu_header *state = current_state(session, false);
    if (!state || number >= debug->register_count) {
        return false;
    }
    uint8_t value[LARGEST];
    gdb_put_hex(&session->reply, value, read_value(session, state, &debug->registers[number], value));
    return true;
}

bool gdb_write_register(struct gdb_session *session, unsigned number, const char *digits)
{
    const struct debug_description *debug = session->target->guest->debug;
    struct cpu_header *state = current_state(session, true);
    uint8_t value[LARGEST];
    if (!state || number >= debug->register_count ||
        gdb_read_hex(value, debug->registers[number].bits / 8, digits) < debug->registers[number].bits / 8) {
        return false;
    }
    write_value(session, state, &debug->registers[number], value);
    return true;
}

void gdb_put_expedited(struct gdb_session *session, int thread)
{
    const struct gdb_target *target = session->target;
    const struct debug_description *debug = target->guest->debug;
    struct cpu_header *state = target->registers(target->program, thread, false);
    for (unsigned i = 0; state && i < debug->register_count; i++) {
        int slot = debug->registers[i].slot;
        uint8_t value[LARGEST];
        if (slot == target->guest->pc_slot || slot == target->guest->sp_slot) {
            size_t length = read_value(session, state, &debug->registers[i], value);
            gdb_put(&session->reply, "%02x:", i);
            gdb_put_hex(&session->reply, value, length);
            gdb_put(&session->reply, ";");
        }
    }
}
