/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instructions that units are full of, assembled in a register and stored at once; part of encoder.h. The general
 * emitters write the same bytes. */
#ifndef X86_64_ENCODER_PLAIN_H
#define X86_64_ENCODER_PLAIN_H

enum { OPCODE_MOV_STORE = (X86_MOV_STORE & 0xff) + 1, OPCODE_MOV_LOAD = (X86_MOV & 0xff) + 1 };

/* An instruction of one opcode byte on a general register and [rbp + displacement], 32 or 64 bits. */
static inline void x86_near_rbp(struct host_buffer *b, unsigned opcode, bool wide, unsigned reg, int32_t displacement)
{
    enum { REX = 0x40, REX_W = 0x48, NEAR = 0x40, FAR = 0x80, MODRM = 16 };
    uint8_t *p = x86_begin(b);
    uint32_t start = opcode << 8 | (NEAR | X86_RBP) << MODRM | (reg & 8) >> 1 | (reg & 7) << (MODRM + 3);
    bool is_near = displacement == (int8_t)displacement;
    if (__builtin_expect(is_near && wide, 1)) {
        x86_put32(p, start | REX_W | (uint32_t)displacement << (MODRM + 8));
        b->next = p + 4;
        return;
    }
    uint64_t bytes = start | (wide ? REX_W : REX) | (uint64_t)(uint32_t)displacement << (MODRM + 8);
    if (!is_near) {
        bytes ^= (NEAR ^ FAR) << MODRM;
    }
    bool has_rex = wide || reg >= 8;
    x86_put64(p, has_rex ? bytes : bytes >> 8);
    b->next = p + (is_near ? 3 : 6) + has_rex;
}

/* An ALU row on two general registers: op rm, reg, 32 or 64 bits. */
static inline void x86_alu_rr(struct host_buffer *b, uint32_t op, bool wide, unsigned rm, unsigned reg)
{
    uint8_t *p = x86_begin(b);
    unsigned rex = (unsigned)wide << 3 | (reg & 8) >> 1 | rm >> 3;
    uint32_t bytes = (op & 0xff) | 1 | (0xc0 | (reg & 7) << 3 | (rm & 7)) << 8;
    x86_put32(p, rex ? bytes << 8 | 0x40 | rex : bytes);
    b->next = p + 2 + (rex != 0);
}

/* What differs among moves of integers between a general register and memory. */
struct x86_plain_row {
    uint16_t opcode; /* in the order of its bytes */
    uint8_t length;
    uint8_t rex;  /* bits it has anyway */
    bool is_word; /* 16 bits: a prefix */
    bool is_byte; /* the register needs a REX prefix from 4 on */
};

/* reg and [base + index * 2^scale + displacement]; index: X86_RSP for none. */
static inline void x86_plain(struct host_buffer *b, const struct x86_plain_row *row, unsigned reg, struct x86_memory m)
{
    uint8_t *p = x86_begin(b);
    unsigned base = m.base, index = m.index;
    unsigned rex = row->rex | (reg & 8) >> 1 | (index & 8) >> 2 | base >> 3, length = row->length;
    uint32_t opcode = row->opcode;
    if (row->is_word) {
        *p++ = 0x66;
    }
    if (rex || (row->is_byte && reg >= 4)) {
        opcode = opcode << 8 | 0x40 | rex;
        length++;
    }
    unsigned mode = 0, rest = 1;
    base &= 7;
    if (m.displacement || base == X86_RBP) {
        bool is_near = m.displacement == (int8_t)m.displacement;
        mode = is_near ? 0x40 : 0x80;
        rest = is_near ? 2 : 5;
    }
    uint64_t modrm = mode | (reg & 7) << 3, displacement = (uint32_t)m.displacement;
    if (index == X86_RSP && base != X86_RSP) {
        x86_put64(p, (displacement << 8 | modrm | base) << 8 * length | opcode);
    } else {
        uint64_t sib = (unsigned)m.scale << 6 | (index & 7) << 3 | base;
        x86_put32(p, opcode);
        x86_put64(p + length, displacement << 16 | sib << 8 | modrm | 4);
        rest++;
    }
    b->next = p + length + rest;
}

enum { PLAIN_WIDE = 8, PLAIN_SIGNED = 8 };
/* Loads by the result's width (64 bits or not), then by log2 of the bytes and PLAIN_SIGNED; stores by log2. */
static const struct x86_plain_row x86_plain_loads[2][2 * PLAIN_SIGNED] = {
    {
        [X86_8] = {0xb60f, 2, 0},
        [X86_16] = {0xb70f, 2, 0},
        [X86_32] = {0x8b, 1, 0},
        [X86_8 | PLAIN_SIGNED] = {0xbe0f, 2, 0},
        [X86_16 | PLAIN_SIGNED] = {0xbf0f, 2, 0},
        [X86_32 | PLAIN_SIGNED] = {0x8b, 1, 0},
    },
    {
        [X86_8] = {0xb60f, 2, 0},
        [X86_16] = {0xb70f, 2, 0},
        [X86_32] = {0x8b, 1, 0},
        [X86_64] = {0x8b, 1, PLAIN_WIDE},
        [X86_8 | PLAIN_SIGNED] = {0xbe0f, 2, PLAIN_WIDE},
        [X86_16 | PLAIN_SIGNED] = {0xbf0f, 2, PLAIN_WIDE},
        [X86_32 | PLAIN_SIGNED] = {0x63, 1, PLAIN_WIDE},
        [X86_64 | PLAIN_SIGNED] = {0x8b, 1, PLAIN_WIDE},
    },
};
static const struct x86_plain_row x86_plain_stores[] = {
    [X86_8] = {0x88, 1, 0, .is_byte = true},
    [X86_16] = {0x89, 1, 0, .is_word = true},
    [X86_32] = {0x89, 1, 0},
    [X86_64] = {0x89, 1, PLAIN_WIDE},
};

#endif
