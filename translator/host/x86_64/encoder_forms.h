/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Immediates in their shortest form, conditions, jumps and labels; part of encoder.h. */
#ifndef X86_64_ENCODER_FORMS_H
#define X86_64_ENCODER_FORMS_H

static inline uint8_t *x86_put_immediate(uint8_t *p, enum x86_size size, int32_t value)
{
    if (size == X86_8) {
        *p++ = (uint8_t)value;
    } else if (size == X86_16) {
        memcpy(p, &value, 2);
        p += 2;
    } else {
        p = x86_put32(p, (uint32_t)value);
    }
    return p;
}

/* 80, 81 or 83 with the digit of an ALU row. A value is taken modulo the operand size before its form is chosen. */
static inline uint32_t x86_alu_opcode(uint32_t op, enum x86_size size, int32_t *value)
{
    if (size == X86_16) {
        *value = (int16_t)*value;
    } else if (size == X86_8) {
        *value = (int8_t)*value;
    }
    uint32_t digit = op & 7 << X86_FLAG_DIGIT_SHIFT;
    return digit | (size == X86_8 ? 0x80 : *value == (int8_t)*value ? 0x83 : 0x81);
}

/* op rm, immediate. op: a row marked ALU. */
static inline void x86_alu_ri(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned rm, int32_t value)
{
    uint32_t code = x86_alu_opcode(op, size, &value);
    uint8_t *p;
    if ((code & 0xff) == 0x81 && rm == X86_RAX) {
        p = x86_put_opcode(x86_begin(b), ((op & 0xff) | 5), size, 0, false);
    } else {
        p = x86_put_opcode(x86_begin(b), code, size, rm >> 3, size == X86_8 && (rm & ~3u) == 4);
        *p++ = (uint8_t)(0xc0 | x86_digit(code) << 3 | (rm & 7));
    }
    b->next = x86_put_immediate(p, (code & 0xff) == 0x81 ? size : X86_8, value);
}

static inline void x86_alu_mi(struct host_buffer *b, uint32_t op, enum x86_size size, struct x86_memory m,
                              int32_t value)
{
    uint32_t code = x86_alu_opcode(op, size, &value);
    enum x86_size width = (code & 0xff) == 0x81 ? size : X86_8;
    b->next = x86_put_immediate(x86_put_m(b, code, size, m,
                                          width == X86_8    ? 1
                                          : width == X86_16 ? 2
                                                            : 4),
                                width, value);
}

/* test rm, immediate */
static inline void x86_test_ri(struct host_buffer *b, enum x86_size size, unsigned rm, int32_t value)
{
    uint8_t *p;
    if (rm == X86_RAX) {
        p = x86_put_opcode(x86_begin(b), 0xa8 | X86_FLAG_SIZED, size, 0, false);
    } else {
        p = x86_put_r(b, 0xf6 | X86_FLAG_SIZED, size, rm);
    }
    b->next = x86_put_immediate(p, size, value);
}

static inline void x86_test_mi(struct host_buffer *b, enum x86_size size, struct x86_memory m, int32_t value)
{
    uint8_t *p = x86_put_m(b, 0xf6 | X86_FLAG_SIZED, size, m, size == X86_8 ? 1 : size == X86_16 ? 2 : 4);
    b->next = x86_put_immediate(p, size, value);
}

/* mov m, immediate (sign-extended to 64 bits) */
static inline void x86_mov_mi(struct host_buffer *b, enum x86_size size, struct x86_memory m, int32_t value)
{
    uint8_t *p = x86_put_m(b, 0xc6 | X86_FLAG_SIZED, size, m, size == X86_8 ? 1 : size == X86_16 ? 2 : 4);
    b->next = x86_put_immediate(p, size, value);
}

/* The whole 64-bit register becomes value; flags are kept. */
static inline void x86_mov_ri(struct host_buffer *b, unsigned reg, uint64_t value)
{
    uint8_t *p = x86_begin(b);
    if (value <= UINT32_MAX) {
        if (reg >= 8) {
            *p++ = 0x41;
        }
        *p++ = (uint8_t)(0xb8 | (reg & 7));
        b->next = x86_put32(p, (uint32_t)value);
    } else if ((int64_t)value == (int32_t)value) {
        *p++ = (uint8_t)(0x48 | reg >> 3);
        *p++ = 0xc7;
        *p++ = (uint8_t)(0xc0 | (reg & 7));
        b->next = x86_put32(p, (uint32_t)value);
    } else {
        *p++ = (uint8_t)(0x48 | reg >> 3);
        *p++ = (uint8_t)(0xb8 | (reg & 7));
        b->next = x86_put64(p, value);
    }
}

/* xor reg, reg: destroys the flags */
static inline void x86_zero(struct host_buffer *b, unsigned reg)
{
    x86_rr(b, X86_XOR, X86_32, reg, reg);
}

/* mov to, from; nothing where it would have no effect (a 32-bit move clears the upper half, so it is always emitted) */
static inline void x86_mov_rr(struct host_buffer *b, enum x86_size size, unsigned to, unsigned from)
{
    if (to != from || size == X86_32) {
        x86_rr(b, X86_MOV, size, to, from);
    }
}

/* The last instruction's flags are those of its result in reg. */
static inline void x86_note_flags(struct host_buffer *b, enum x86_size size, unsigned reg, bool is_logic)
{
    b->flags_end = b->next;
    b->flags_register = (uint8_t)reg;
    b->flags_size = (uint8_t)size;
    b->flags_of_logic = is_logic;
}

/* Flags of reg compared with zero, for any condition or only for equal and not equal: the last instruction's own if they are. */
static inline void x86_compare_zero(struct host_buffer *b, enum x86_size size, unsigned reg, bool only_equal)
{
    bool known = b->flags_end == b->next && b->flags_register == reg;
    bool same_size = b->flags_size == size, extended = b->flags_size == X86_32 && size == X86_64;
    if (known && (only_equal ? same_size || extended : same_size && b->flags_of_logic)) {
        return;
    }
    x86_rr(b, X86_TEST, size, reg, reg);
}

/* reg = rm * value, the shortest form */
static inline void x86_imul_rri(struct host_buffer *b, enum x86_size size, unsigned reg, unsigned rm, int32_t value)
{
    if (value == (int8_t)value) {
        x86_rr_i8(b, X86_IMUL_I8, size, reg, rm, (unsigned)value);
    } else {
        b->next = x86_put_immediate(x86_put_rr(b, X86_IMUL_I32, size, reg, rm), size, value);
    }
}

/* Conditional forms, made from the condition's number. */
static inline void x86_setcc(struct host_buffer *b, enum x86_condition condition, unsigned reg)
{
    x86_r(b, 0x90 | 1 << 8 | X86_FLAG_BYTE_RM | condition, X86_32, reg);
}

static inline void x86_setcc_m(struct host_buffer *b, enum x86_condition condition, struct x86_memory m)
{
    x86_m(b, 0x90 | 1 << 8 | X86_FLAG_BYTE_RM | condition, X86_32, m);
}

static inline void x86_cmov(struct host_buffer *b, enum x86_condition condition, enum x86_size size, unsigned reg,
                            unsigned rm)
{
    x86_rr(b, 0x40 | 1 << 8 | condition, size, reg, rm);
}

static inline void x86_cmov_m(struct host_buffer *b, enum x86_condition condition, enum x86_size size, unsigned reg,
                              struct x86_memory m)
{
    x86_rm(b, 0x40 | 1 << 8 | condition, size, reg, m);
}

/* The next instruction is atomic. */
static inline void x86_lock(struct host_buffer *b)
{
    *x86_begin(b) = 0xf0;
    b->next++;
}

#define X86_LABEL_INIT                                                                                                 \
    {                                                                                                                  \
        -1, -1                                                                                                         \
    }

/* Jumps to a label that is bound take 2 bytes where they can; jumps forward have 32-bit distances. */
/* Until then they are linked through their displacement fields. */
void x86_jmp_label(struct host_buffer *b, struct host_label *label);
void x86_jcc_label(struct host_buffer *b, enum x86_condition condition, struct host_label *label);
void x86_call_label(struct host_buffer *b, struct host_label *label);
/* lea reg, [rip + label] */
void x86_lea_label(struct host_buffer *b, unsigned reg, struct host_label *label);
/* The label is here; jumps to it are patched. */
void x86_bind(struct host_buffer *b, struct host_label *label);

/* A short jump forward, over code of at most 127 bytes; returns the place to be given to x86_bind_short. */
static inline uint32_t x86_jcc_short(struct host_buffer *b, enum x86_condition condition)
{
    uint8_t *p = x86_begin(b);
    *p++ = (uint8_t)(0x70 | condition);
    *p++ = 0;
    b->next = p;
    return x86_offset(b);
}

static inline uint32_t x86_jmp_short(struct host_buffer *b)
{
    uint8_t *p = x86_begin(b);
    *p++ = 0xeb;
    *p++ = 0;
    b->next = p;
    return x86_offset(b);
}

void x86_bind_short(struct host_buffer *b, uint32_t jump);

/* jmp and call with a 32-bit distance to be patched; returns the offset of the distance field. distance counts from the
   end of the instruction. */
static inline uint32_t x86_jmp_rel32(struct host_buffer *b, int32_t distance)
{
    uint8_t *p = x86_begin(b);
    *p++ = 0xe9;
    b->next = x86_put32(p, (uint32_t)distance);
    return x86_offset(b) - 4;
}

static inline uint32_t x86_call_rel32(struct host_buffer *b, int32_t distance)
{
    uint8_t *p = x86_begin(b);
    *p++ = 0xe8;
    b->next = x86_put32(p, (uint32_t)distance);
    return x86_offset(b) - 4;
}

static inline uint32_t x86_jcc_rel32(struct host_buffer *b, enum x86_condition condition, int32_t distance)
{
    uint8_t *p = x86_begin(b);
    *p++ = 0x0f;
    *p++ = (uint8_t)(0x80 | condition);
    b->next = x86_put32(p, (uint32_t)distance);
    return x86_offset(b) - 4;
}

/* bytes of no-operation, as few instructions as possible. */
void x86_nop(struct host_buffer *b, unsigned bytes);

/* No-operations until the offset is a multiple of align (a power of two). */
static inline void x86_align(struct host_buffer *b, unsigned align)
{
    x86_nop(b, (unsigned)-(uintptr_t)b->next & (align - 1));
}

#endif
