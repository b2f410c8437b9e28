/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VEX and vector emitters; part of encoder.h. size matters only between a general and a vector register (cvtsi2sd and
 * the like); otherwise X86_32. */
#ifndef X86_64_ENCODER_VECTOR_H
#define X86_64_ENCODER_VECTOR_H

/* VEX prefix and opcode. xb: bits X and B. vvvv: 0 where unused. */
static inline uint8_t *x86_put_vex(uint8_t *p, uint32_t op, bool w, unsigned reg, unsigned vvvv, unsigned xb)
{
    unsigned map = op >> 8 & 3;
    unsigned tail = (~vvvv & 15) << 3 | (op >> 31) << 2 | (op >> 10 & 3);
    unsigned r = (~reg & 8) << 4;
    if (map == 1 && !w && xb == 0) {
        *p++ = 0xc5;
        *p++ = (uint8_t)(r | tail);
    } else {
        *p++ = 0xc4;
        *p++ = (uint8_t)(r | (~xb & 3) << 5 | map);
        *p++ = (uint8_t)((unsigned)w << 7 | tail);
    }
    *p++ = (uint8_t)op;
    return p;
}

static inline uint8_t *x86_put_vex_rr(struct host_buffer *b, uint32_t op, bool w, unsigned reg, unsigned vvvv,
                                      unsigned rm)
{
    uint8_t *p = x86_put_vex(x86_begin(b), op, w, reg, vvvv, rm >> 3);
    *p++ = (uint8_t)(0xc0 | (reg & 7) << 3 | (rm & 7));
    return p;
}

static inline uint8_t *x86_put_vex_rm(struct host_buffer *b, uint32_t op, bool w, unsigned reg, unsigned vvvv,
                                      struct x86_memory m, unsigned trailing)
{
    uint8_t *p = x86_put_memory_prefix(x86_begin(b), m);
    p = x86_put_vex(p, op, w, reg, vvvv, x86_memory_rex(m));
    return x86_put_memory(b, p, reg, m, trailing);
}

/* BMI: size is X86_32 or X86_64. Digit forms (blsr...) take the digit as reg and the destination as vvvv. */
static inline void x86_vex_rrr(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned vvvv,
                               unsigned rm)
{
    b->next = x86_put_vex_rr(b, op, size == X86_64, reg, vvvv, rm);
}

static inline void x86_vex_rrm(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned vvvv,
                               struct x86_memory m)
{
    b->next = x86_put_vex_rm(b, op, size == X86_64, reg, vvvv, m, 0);
}

static inline void x86_rorx(struct host_buffer *b, enum x86_size size, unsigned reg, unsigned rm, unsigned count)
{
    uint8_t *p = x86_put_vex_rr(b, X86_RORX, size == X86_64, reg, 0, rm);
    *p++ = (uint8_t)count;
    b->next = p;
}

static inline bool x86_uses_vex(const struct host_buffer *b, uint32_t op)
{
    return (b->avx && (op & X86_FLAG_VEX)) || !(op & X86_FLAG_LEGACY);
}

static inline bool x86_vex_w(uint32_t op, enum x86_size size)
{
    return size == X86_64 || (op & (X86_FLAG_W1 | X86_FLAG_VEX_W1));
}

static inline uint8_t *x86_put_v_rr(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned rm)
{
    if (x86_uses_vex(b, op)) {
        /* The upper part of a scalar unary result comes from the source itself: no dependence on the destination. */
        return x86_put_vex_rr(b, op, x86_vex_w(op, size), reg, (op & X86_FLAG_NDS) ? rm : 0, rm);
    }
    return x86_put_rr(b, op, size, reg, rm);
}

static inline uint8_t *x86_put_v_rm(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg,
                                    struct x86_memory m, unsigned trailing)
{
    if (x86_uses_vex(b, op)) {
        return x86_put_vex_rm(b, op, x86_vex_w(op, size), reg, (op & X86_FLAG_NDS) ? reg : 0, m, trailing);
    }
    return x86_put_rm(b, op, size, reg, m, trailing);
}

/* op reg, rm; or the store form op rm, reg. A scalar NDS instruction (sqrtsd) takes its upper part from rm in the VEX
   form and from reg in the legacy form. */
static inline void x86_v_rr(struct host_buffer *b, uint32_t op, unsigned reg, unsigned rm)
{
    b->next = x86_put_v_rr(b, op, X86_32, reg, rm);
}

static inline void x86_v_rm(struct host_buffer *b, uint32_t op, unsigned reg, struct x86_memory m)
{
    b->next = x86_put_v_rm(b, op, X86_32, reg, m, 0);
}

static inline void x86_v_rr_i8(struct host_buffer *b, uint32_t op, unsigned reg, unsigned rm, unsigned immediate)
{
    uint8_t *p = x86_put_v_rr(b, op, X86_32, reg, rm);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

static inline void x86_v_rm_i8(struct host_buffer *b, uint32_t op, unsigned reg, struct x86_memory m,
                               unsigned immediate)
{
    uint8_t *p = x86_put_v_rm(b, op, X86_32, reg, m, 1);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

/* Between files: cvttsd2si reg, xmm. */
static inline void x86_v_rr_sized(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned rm)
{
    b->next = x86_put_v_rr(b, op, size, reg, rm);
}

static inline void x86_v_move(struct host_buffer *b, unsigned to, unsigned from)
{
    if (to != from) {
        /* The shorter of the two directions. */
        if (b->avx && from >= 8 && to < 8) {
            x86_v_rr(b, X86_MOVAPS_STORE, from, to);
        } else {
            x86_v_rr(b, X86_MOVAPS, to, from);
        }
    }
}

/* Makes the legacy form's first source and destination the same register; returns the second source's register. */
static inline unsigned x86_v_unify(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned second)
{
    if (reg != first) {
        if (reg == second) {
            if (op & X86_FLAG_SWAP) {
                return first;
            }
            x86_v_move(b, b->scratch_vector, second);
            second = b->scratch_vector;
        }
        x86_v_move(b, reg, first);
    }
    return second;
}

static inline uint8_t *x86_put_v_rrr(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg,
                                     unsigned first, unsigned second)
{
    if (x86_uses_vex(b, op)) {
        if ((op & X86_FLAG_SWAP) && second >= 8 && first < 8) {
            return x86_put_vex_rr(b, op, x86_vex_w(op, size), reg, second, first);
        }
        return x86_put_vex_rr(b, op, x86_vex_w(op, size), reg, first, second);
    }
    second = x86_v_unify(b, op, reg, first, second);
    return x86_put_rr(b, op, size, reg, second);
}

/* reg = first op second */
static inline void x86_v_rrr(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned second)
{
    b->next = x86_put_v_rrr(b, op, X86_32, reg, first, second);
}

static inline void x86_v_rrr_i8(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned second,
                                unsigned immediate)
{
    uint8_t *p = x86_put_v_rrr(b, op, X86_32, reg, first, second);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

/* reg = first with the general register rm converted or inserted: cvtsi2sd, pinsr (which then needs an immediate). */
static inline uint8_t *x86_put_v_rrg(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg,
                                     unsigned first, unsigned rm)
{
    if (x86_uses_vex(b, op)) {
        return x86_put_vex_rr(b, op, x86_vex_w(op, size), reg, first, rm);
    }
    x86_v_move(b, reg, first);
    return x86_put_rr(b, op, size, reg, rm);
}

static inline void x86_v_rrg(struct host_buffer *b, uint32_t op, enum x86_size size, unsigned reg, unsigned first,
                             unsigned rm)
{
    b->next = x86_put_v_rrg(b, op, size, reg, first, rm);
}

static inline void x86_v_rrg_i8(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned rm,
                                unsigned immediate)
{
    uint8_t *p = x86_put_v_rrg(b, op, X86_32, reg, first, rm);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

static inline uint8_t *x86_put_v_rrm(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first,
                                     struct x86_memory m, unsigned trailing)
{
    if (x86_uses_vex(b, op)) {
        return x86_put_vex_rm(b, op, x86_vex_w(op, X86_32), reg, first, m, trailing);
    }
    x86_v_move(b, reg, first);
    return x86_put_rm(b, op, X86_32, reg, m, trailing);
}

/* A legacy packed form faults on a memory operand that is not 16-byte aligned. */
static inline void x86_v_rrm(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, struct x86_memory m)
{
    b->next = x86_put_v_rrm(b, op, reg, first, m, 0);
}

static inline void x86_v_rrm_i8(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, struct x86_memory m,
                                unsigned immediate)
{
    uint8_t *p = x86_put_v_rrm(b, op, reg, first, m, 1);
    *p++ = (uint8_t)immediate;
    b->next = p;
}

/* Shifts by an immediate: reg = first shifted. */
static inline void x86_v_shift_i8(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned count)
{
    uint8_t *p;
    if (b->avx) {
        p = x86_put_vex_rr(b, op, false, x86_digit(op), reg, first);
    } else {
        x86_v_move(b, reg, first);
        p = x86_put_rr(b, op, X86_32, x86_digit(op), reg);
    }
    *p++ = (uint8_t)count;
    b->next = p;
}

/* Variable blends of AVX: reg = mask's byte negative ? second : first. */
static inline void x86_v_rrrr(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, unsigned second,
                              unsigned mask)
{
    uint8_t *p = x86_put_vex_rr(b, op, (op & X86_FLAG_W1) != 0, reg, first, second);
    *p++ = (uint8_t)(mask << 4);
    b->next = p;
}

static inline void x86_v_rrmr(struct host_buffer *b, uint32_t op, unsigned reg, unsigned first, struct x86_memory m,
                              unsigned mask)
{
    uint8_t *p = x86_put_vex_rm(b, op, (op & X86_FLAG_W1) != 0, reg, first, m, 1);
    *p++ = (uint8_t)(mask << 4);
    b->next = p;
}

static inline void x86_v_zero(struct host_buffer *b, unsigned reg)
{
    x86_v_rrr(b, X86_XORPS, reg, reg, reg);
}

static inline void x86_v_ones(struct host_buffer *b, unsigned reg)
{
    x86_v_rrr(b, X86_PCMPEQD, reg, reg, reg);
}

#endif
