/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86-64 encoder: one inline store sequence per instruction into a byte buffer, no allocation, no look-up.
 *
 * An instruction is a packed constant, X86_<id>, made from its row in x86_instructions.def; since it is nearly always a
 * literal at the call, what remains after inlining are the stores. Which emitter fits follows from the row's form:
 *   general   x86_rr x86_rm (reg, r/m; also stores, where reg is the source)   x86_r x86_m (digit forms)   x86_o x86_z
 *   VEX general   x86_vex_rrr x86_vex_rrm (reg, vvvv, r/m)
 *   vector    x86_v_rr x86_v_rm (no first source)   x86_v_rrr x86_v_rrm (first source): VEX where the buffer says so,
 *             else the legacy form, after a move where destination and first source differ
 * Immediates are appended by the _i8 variants. encoder_forms.h has moves, immediates, jumps and the like. */
#ifndef X86_64_ENCODER_H
#define X86_64_ENCODER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "encoder_table.h"
#include "host_buffer.h"

enum { X86_SLACK = 64 }; /* room kept after limit; emitters may write a few bytes beyond what they make */

static inline void x86_buffer_init(struct host_buffer *b, uint8_t *start, size_t size, bool avx)
{
    *b = (struct host_buffer){start, start + size - X86_SLACK, start, false, avx, 15};
}

static inline uint32_t x86_offset(const struct host_buffer *b)
{
    return (uint32_t)(b->next - b->start);
}

/* An instruction starts here. After an overflow code is written over the buffer's start, so nothing is ever written
   outside; the caller looks at the flag once, at the end. */
static inline uint8_t *x86_begin(struct host_buffer *b)
{
    if (__builtin_expect(b->next > b->limit, 0)) {
        b->overflow = true;
        b->next = b->start;
    }
    return b->next;
}

enum x86_segment { X86_SEGMENT_NONE = 0, X86_FS = 0x64, X86_GS = 0x65 };

struct x86_memory {
    int32_t displacement;
    uint8_t base;  /* register, X86_RIP, X86_NONE */
    uint8_t index; /* register but X86_RSP, X86_NONE */
    uint8_t scale; /* shift: 0 to 3 */
    uint8_t address32 : 1;
    uint8_t segment : 7; /* enum x86_segment */
};

static inline struct x86_memory x86_at(unsigned base, int32_t displacement)
{
    return (struct x86_memory){displacement, (uint8_t)base, X86_NONE, 0, 0, 0};
}

static inline struct x86_memory x86_at_index(unsigned base, unsigned index, unsigned scale, int32_t displacement)
{
    return (struct x86_memory){displacement, (uint8_t)base, (uint8_t)index, (uint8_t)scale, 0, 0};
}

static inline uint8_t *x86_put32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, 4);
    return p + 4;
}

static inline uint8_t *x86_put64(uint8_t *p, uint64_t value)
{
    memcpy(p, &value, 8);
    return p + 8;
}

/* Bits X and B of a memory operand; X86_RIP and X86_NONE have neither. */
static inline unsigned x86_memory_rex(struct x86_memory m)
{
    _Static_assert(!((X86_RIP | X86_NONE) & 8), "what is no register asks for no REX");
    return (m.index >> 2 & 2) | (m.base >> 3 & 1);
}

/* Without a base register. */
static inline uint8_t *x86_put_place(const struct host_buffer *b, uint8_t *p, unsigned reg, struct x86_memory m,
                                     unsigned trailing)
{
    unsigned r = (reg & 7) << 3;
    if (m.base == X86_RIP) {
        *p++ = (uint8_t)(r | 5);
        return x86_put32(p, (uint32_t)(m.displacement - (int32_t)(p + 4 + trailing - b->start)));
    }
    *p++ = (uint8_t)(r | 4);
    *p++ = (uint8_t)(m.index == X86_NONE ? 0x25 : m.scale << 6 | (m.index & 7) << 3 | 5);
    return x86_put32(p, (uint32_t)m.displacement);
}

/* ModRM, SIB, displacement; may write 8 bytes. trailing: bytes of immediate that follow (a RIP-relative distance counts
   from their end). */
static inline uint8_t *x86_put_memory(const struct host_buffer *b, uint8_t *p, unsigned reg, struct x86_memory m,
                                      unsigned trailing)
{
    if (__builtin_expect(m.base >= X86_RIP, 0)) {
        return x86_put_place(b, p, reg, m, trailing);
    }
    unsigned base = m.base & 7, length = 0, mode = 0, bytes = (reg & 7) << 3;
    if (m.displacement || base == 5) {
        bool is_short = m.displacement == (int8_t)m.displacement;
        mode = is_short ? 0x40 : 0x80;
        length = is_short ? 1 : 4;
    }
    if (m.index == X86_NONE && base != 4) {
        x86_put64(p, mode | bytes | base | (uint64_t)(uint32_t)m.displacement << 8);
        return p + 1 + length;
    }
    unsigned sib = m.index == X86_NONE ? 0x20 | base : (unsigned)m.scale << 6 | (m.index & 7u) << 3 | base;
    x86_put64(p, mode | bytes | 4 | sib << 8 | (uint64_t)(uint32_t)m.displacement << 16);
    return p + 2 + length;
}

static inline uint8_t *x86_put_memory_prefix(uint8_t *p, struct x86_memory m)
{
    if (__builtin_expect(m.segment | m.address32, 0)) {
        if (m.segment) {
            *p++ = (uint8_t)m.segment;
        }
        if (m.address32) {
            *p++ = 0x67;
        }
    }
    return p;
}

/* Prefixes, REX, opcode map and opcode; may write 4 bytes more. rex: bits R, X, B. */
static inline uint8_t *x86_put_opcode(uint8_t *p, uint32_t op, enum x86_size size, unsigned rex, bool byte_rex)
{
    static const uint8_t mandatory[4] = {0, 0x66, 0xf3, 0xf2};
    static const struct {
        uint16_t escape;
        uint8_t shift, length;
    } maps[4] = {{0, 0, 1}, {0x0f, 8, 2}, {0x380f, 16, 3}, {0x3a0f, 16, 3}};
    unsigned map = op >> 8 & 3, prefix = op >> 10 & 3, length = maps[map].length;
    uint32_t opcode = (uint8_t)(op | ((op & X86_FLAG_SIZED) && size != X86_8));
    uint32_t bytes = maps[map].escape | opcode << maps[map].shift;
    if (size == X86_16) {
        *p++ = 0x66;
    }
    if (prefix) {
        *p++ = mandatory[prefix];
    }
    rex |= (size == X86_64 || (op & X86_FLAG_W1)) << 3;
    if (rex || byte_rex) {
        bytes = bytes << 8 | 0x40 | rex;
        length++;
    }
    x86_put32(p, bytes);
    return p + length;
}

static inline unsigned x86_digit(uint32_t op)
{
    return op >> X86_FLAG_DIGIT_SHIFT & 7;
}

/* spl, bpl, sil, dil need a REX prefix to be told from ah, ch, dh, bh. */
static inline bool x86_byte_rex(uint32_t op, enum x86_size size, unsigned reg, unsigned rm)
{
    bool sized = (op & X86_FLAG_SIZED) && size == X86_8;
    return (sized && (reg & ~3u) == 4) || ((sized || (op & X86_FLAG_BYTE_RM)) && (rm & ~3u) == 4);
}

static inline uint8_t *x86_put_rr(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned rm)
{
    uint8_t *p = x86_put_opcode(x86_begin(b), op, size, reg >> 3 << 2 | rm >> 3, x86_byte_rex(op, size, reg, rm));
    *p++ = (uint8_t)(0xc0 | (reg & 7) << 3 | (rm & 7));
    return p;
}

static inline uint8_t *x86_put_rm(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg,
                                  struct x86_memory m, unsigned trailing)
{
    uint8_t *p = x86_put_memory_prefix(x86_begin(b), m);
    p = x86_put_opcode(p, op, size, reg >> 3 << 2 | x86_memory_rex(m), x86_byte_rex(op, size, reg, 0));
    return x86_put_memory(b, p, reg, m, trailing);
}

/* op reg, rm (or rm, reg where the row says RM_R) */
static inline void x86_rr(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned rm)
{
    b->next = x86_put_rr(b, op, size, reg, rm);
}

static inline void x86_rm(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, struct x86_memory m)
{
    b->next = x86_put_rm(b, op, size, reg, m, 0);
}

static inline void x86_rr_i8(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned rm,
                             unsigned immediate)
{
    uint8_t *p = x86_put_rr(b, op, size, reg, rm);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

static inline void x86_rm_i8(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, struct x86_memory m,
                             unsigned immediate)
{
    uint8_t *p = x86_put_rm(b, op, size, reg, m, 1);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

/* Digit forms. The digit is below 8 but no register, so a byte operand's REX must not come from it. */
static inline uint8_t *x86_put_r(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned rm)
{
    uint8_t *p = x86_put_opcode(x86_begin(b), op, size, rm >> 3, x86_byte_rex(op, size, 0, rm));
    *p++ = (uint8_t)(0xc0 | x86_digit(op) << 3 | (rm & 7));
    return p;
}

static inline uint8_t *x86_put_m(struct host_buffer *b, uint32_t op, enum x86_size size, struct x86_memory m,
                                 unsigned trailing)
{
    uint8_t *p = x86_put_memory_prefix(x86_begin(b), m);
    p = x86_put_opcode(p, op, size, x86_memory_rex(m), false);
    return x86_put_memory(b, p, x86_digit(op), m, trailing);
}

static inline void x86_r(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned rm)
{
    b->next = x86_put_r(b, op, size, rm);
}

static inline void x86_m(struct host_buffer *b, uint32_t op, enum x86_size size, struct x86_memory m)
{
    b->next = x86_put_m(b, op, size, m, 0);
}

static inline void x86_r_i8(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned rm, unsigned immediate)
{
    uint8_t *p = x86_put_r(b, op, size, rm);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

static inline void x86_m_i8(struct host_buffer *b, uint32_t op, enum x86_size size, struct x86_memory m,
                            unsigned immediate)
{
    uint8_t *p = x86_put_m(b, op, size, m, 1);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

/* Register in the opcode's low bits: push, pop, bswap. */
static inline void x86_o(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg)
{
    uint8_t *p = x86_put_opcode(x86_begin(b), op, size, reg >> 3, false);
    p[-1] = (uint8_t)(p[-1] | (reg & 7));
    b->next = p;
}

/* No operands. */
static inline void x86_z(struct host_buffer *b, uint32_t op)
{
    b->next = x86_put_opcode(x86_begin(b), op, X86_32, 0, false);
}

/* No operands but a ModRM byte: the fences. */
static inline void x86_zd(struct host_buffer *b, uint32_t op)
{
    b->next = x86_put_r(b, op, X86_32, 0);
}

#include "encoder_vector.h"
#include "encoder_forms.h"
#include "encoder_plain.h"

#endif
