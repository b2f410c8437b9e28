/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encoder.h"
#include "log.h"

enum { LABEL_UNBOUND = -1 };

/* The 32-bit field at the end of the instruction just emitted refers to label. */
static void link_field(struct host_buffer *b, struct host_label *label)
{
    int32_t field = (int32_t)x86_offset(b) - 4;
    if (label->offset != LABEL_UNBOUND) {
        x86_put32(b->start + field, (uint32_t)(label->offset - field - 4));
    } else {
        x86_put32(b->start + field, (uint32_t)label->pending);
        label->pending = field;
    }
}

static bool is_near(const struct host_buffer *b, const struct host_label *label)
{
    return label->offset != LABEL_UNBOUND && label->offset - ((int32_t)x86_offset(b) + 2) >= -128;
}

void x86_jmp_label(struct host_buffer *b, struct host_label *label)
{
    x86_begin(b);
    if (is_near(b, label)) {
        uint32_t jump = x86_jmp_short(b);
        b->next[-1] = (uint8_t)(label->offset - (int32_t)jump);
        return;
    }
    x86_jmp_rel32(b, 0);
    link_field(b, label);
}

void x86_jcc_label(struct host_buffer *b, enum x86_condition condition, struct host_label *label)
{
    x86_begin(b);
    if (is_near(b, label)) {
        uint32_t jump = x86_jcc_short(b, condition);
        b->next[-1] = (uint8_t)(label->offset - (int32_t)jump);
        return;
    }
    x86_jcc_rel32(b, condition, 0);
    link_field(b, label);
}

void x86_call_label(struct host_buffer *b, struct host_label *label)
{
    x86_call_rel32(b, 0);
    link_field(b, label);
}

void x86_lea_label(struct host_buffer *b, unsigned reg, struct host_label *label)
{
    x86_rm(b, X86_LEA, X86_64, reg, x86_at(X86_RIP, 0));
    link_field(b, label);
}

void x86_bind(struct host_buffer *b, struct host_label *label)
{
    int32_t here = (int32_t)x86_offset(b);
    label->offset = here;
    b->flags_end = NULL;
    if (b->overflow) {
        return; /* the links may have been overwritten */
    }
    for (int32_t field = label->pending; field != LABEL_UNBOUND;) {
        int32_t previous;
        memcpy(&previous, b->start + field, 4);
        x86_put32(b->start + field, (uint32_t)(here - field - 4));
        field = previous;
    }
    label->pending = LABEL_UNBOUND;
}

void x86_bind_short(struct host_buffer *b, uint32_t jump)
{
    uint32_t distance = x86_offset(b) - jump;
    b->flags_end = NULL;
    if (!b->overflow) {
        KAGE_ASSERT(distance <= 127, "a short jump is too long");
        b->start[jump - 1] = (uint8_t)distance;
    }
}

void x86_nop(struct host_buffer *b, unsigned bytes)
{
    /* The forms that the manual recommends (NOP, table of multi-byte sequences). */
    static const uint8_t forms[9][9] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
    };
    while (bytes) {
        unsigned size = bytes < 9 ? bytes : 9;
        memcpy(x86_begin(b), forms[size - 1], sizeof forms[0]);
        b->next += size;
        bytes -= size;
    }
}
