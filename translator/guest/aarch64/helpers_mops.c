/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory copies and fills (lift_mops.c). The work is done in pieces that lie in one page, and before a piece is begun
 * the registers say what is left: a fault leaves them so that the instruction goes on where it was. What is small and
 * lies in one page is done by the prologue: a fault leaves all as it was. */
#include "helpers_mops.h"
#include "lift.h"

#include <string.h>

enum { PAGE = 4096, NZCV_N = 1 << 31, NZCV_C = 1 << 29 };

struct copy {
    uint64_t *to, *from, *left; /* the registers */
};

static inline struct copy registers_of(struct cpu_header *header, uint64_t registers)
{
    struct aarch64_state *state = (struct aarch64_state *)header;
    return (struct copy){
        .to = &state->X[registers & 31],
        .from = &state->X[registers >> MOPS_SOURCE_SHIFT & 31],
        .left = &state->X[registers >> MOPS_SIZE_SHIFT & 31],
    };
}

static inline bool lies_in_page(const uint8_t *start, uint64_t size)
{
    return (uintptr_t)start % PAGE + size <= PAGE;
}

/* Another CPU's prologue may have left the form of option B, C set and addresses that move: Linux starts over with the
 * instructions' own form, which comes to the same as changing it. */
static void leave_option_b(struct cpu_header *header, const struct copy *copy, bool is_set)
{
    uint32_t nzcv = aarch64_read_nzcv(header);
    if (!(nzcv & NZCV_C)) {
        return;
    }
    uint64_t left = *copy->left;
    bool is_backward = !is_set && nzcv & (uint32_t)NZCV_N;
    *copy->to += is_backward ? -left : left;
    if (!is_set) {
        *copy->from += is_backward ? -left : left;
    }
    *copy->left = is_backward ? left : -left;
    aarch64_write_nzcv(header, 0);
}

/* The address that an access uses: the top byte is ignored. */
static uint8_t *access_at(struct cpu_header *header, uint64_t address)
{
    return cpu_memory(header, (uint64_t)((int64_t)(address << 8) >> 8));
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t distance_of(const uint8_t *to, const uint8_t *from)
{
    uint64_t distance = to > from ? (uint64_t)(to - from) : (uint64_t)(from - to);
    return distance ? distance : UINT64_MAX;
}

/* Both ends by a word of the size, which meet or overlap; read before anything is written. */
#define COPY_ENDS(type)                                                                                                \
    do {                                                                                                               \
        type begin, end;                                                                                               \
        memcpy(&begin, from, sizeof begin);                                                                            \
        memcpy(&end, from + size - sizeof end, sizeof end);                                                            \
        memcpy(to, &begin, sizeof begin);                                                                              \
        memcpy(to + size - sizeof end, &end, sizeof end);                                                              \
    } while (0)

typedef uint8_t vector16 __attribute__((vector_size(16)));
typedef struct {
    vector16 halves[2];
} block32;

enum { SMALL = 64 };

/* 1 to 64 bytes. The first access is to the first byte: a fault is at that address. */
static void copy_small(uint8_t *to, const uint8_t *from, uint64_t size)
{
    if (size >= 32) {
        COPY_ENDS(block32);
    } else if (size >= 16) {
        COPY_ENDS(vector16);
    } else if (size >= 8) {
        COPY_ENDS(uint64_t);
    } else if (size >= 4) {
        COPY_ENDS(uint32_t);
    } else if (size >= 2) {
        COPY_ENDS(uint16_t);
    } else {
        *to = *from;
    }
}

/* first: the byte that is touched first, so that a fault is at its address. */
static void copy_piece(uint8_t *to, const uint8_t *from, uint64_t size, uint64_t first)
{
    if (size <= SMALL) {
        copy_small(to, from, size);
    } else {
        ((volatile uint8_t *)to)[first] = ((const volatile uint8_t *)from)[first];
        memcpy(to, from, size);
    }
}

/* Pieces that overlap their source are cut to the distance, so that none overwrites what it has yet to read; small ones
 * are read before they are written. */
static uint64_t cut(uint64_t size, const uint8_t *to, const uint8_t *from)
{
    return size <= SMALL ? size : least(size, distance_of(to, from));
}

static void copy_forward(struct cpu_header *header, const struct copy *copy)
{
    while ((int64_t)*copy->left < 0) {
        uint8_t *to = access_at(header, *copy->to + *copy->left);
        const uint8_t *from = access_at(header, *copy->from + *copy->left);
        uint64_t size = least(-*copy->left, PAGE - (uintptr_t)to % PAGE);
        size = cut(least(size, PAGE - (uintptr_t)from % PAGE), to, from);
        copy_piece(to, from, size, 0);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        *copy->left += size;
    }
}

static void copy_backward(struct cpu_header *header, const struct copy *copy)
{
    while ((int64_t)*copy->left > 0) {
        uint8_t *to_last = access_at(header, *copy->to + *copy->left - 1);
        const uint8_t *from_last = access_at(header, *copy->from + *copy->left - 1);
        uint64_t size = least(*copy->left, (uintptr_t)to_last % PAGE + 1);
        size = cut(least(size, (uintptr_t)from_last % PAGE + 1), to_last, from_last);
        copy_piece(to_last + 1 - size, from_last + 1 - size, size, size - 1);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        *copy->left -= size;
    }
}

uint64_t a64_helper_mops_copy(struct cpu_header *header, uint64_t registers, uint64_t b, uint64_t c, uint64_t d)
{
    struct copy copy = registers_of(header, registers);
    leave_option_b(header, &copy, false);
    copy_forward(header, &copy);
    copy_backward(header, &copy);
    return 0;
}

/* The prologue is over, whose pc the state has: what faults from here on is the main part. */
static void enter_main(struct cpu_header *header)
{
    ((struct aarch64_state *)header)->PC += 4;
    ((struct aarch64_state *)header)->NZCV = 0;
}

static __attribute__((noinline)) uint64_t copy_large(struct cpu_header *header, uint64_t size, uint64_t how)
{
    struct copy copy = registers_of(header, how);
    bool forward = how & MOPS_FORWARD;
    size = least(size, forward ? (uint64_t)INT64_MAX : INT64_MAX >> 8);
    bool is_backward = !forward && (*copy.to - *copy.from) << 8 < size << 8;
    if (!is_backward) {
        *copy.to += size;
        *copy.from += size;
    }
    *copy.left = is_backward ? size : -size;
    enter_main(header);
    copy_forward(header, &copy);
    copy_backward(header, &copy);
    return 0;
}

uint64_t a64_helper_mops_copy_whole(struct cpu_header *header, uint64_t to, uint64_t from, uint64_t size, uint64_t how)
{
    uint8_t *to_place = access_at(header, to);
    const uint8_t *from_place = access_at(header, from);
    if (size - 1 < SMALL && lies_in_page(to_place, size) && lies_in_page(from_place, size)) {
        copy_small(to_place, from_place, size);
        return 0;
    }
    return copy_large(header, size, how);
}

#define SET_ENDS(type)                                                                                                 \
    do {                                                                                                               \
        memcpy(to, &pattern, sizeof(type));                                                                            \
        memcpy(to + size - sizeof(type), &pattern, sizeof(type));                                                      \
    } while (0)

/* 1 to 64 bytes of one value, as copy_small. */
static void set_small(uint8_t *to, uint8_t value, uint64_t size)
{
    vector16 half = (vector16){} + value;
    block32 pattern = {{half, half}};
    if (size >= 32) {
        SET_ENDS(block32);
    } else if (size >= 16) {
        SET_ENDS(vector16);
    } else if (size >= 8) {
        SET_ENDS(uint64_t);
    } else if (size >= 4) {
        SET_ENDS(uint32_t);
    } else if (size >= 2) {
        SET_ENDS(uint16_t);
    } else {
        *to = value;
    }
}

static uint8_t fill_value(const struct copy *copy, uint64_t registers)
{
    bool is_zero_register = (registers >> MOPS_SOURCE_SHIFT & 31) == 31;
    return is_zero_register ? 0 : (uint8_t)*copy->from;
}

static void fill(struct cpu_header *header, const struct copy *copy, uint8_t value)
{
    while ((int64_t)*copy->left < 0) {
        uint8_t *to = access_at(header, *copy->to + *copy->left);
        uint64_t size = least(-*copy->left, PAGE - (uintptr_t)to % PAGE);
        *(volatile uint8_t *)to = value; /* first, so that a fault is at its address */
        memset(to, value, size);
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        *copy->left += size;
    }
}

uint64_t a64_helper_mops_set(struct cpu_header *header, uint64_t registers, uint64_t b, uint64_t c, uint64_t d)
{
    struct copy copy = registers_of(header, registers);
    leave_option_b(header, &copy, true);
    fill(header, &copy, fill_value(&copy, registers));
    return 0;
}

static __attribute__((noinline)) uint64_t fill_large(struct cpu_header *header, uint64_t size, uint64_t how)
{
    struct copy copy = registers_of(header, how);
    size = least(size, INT64_MAX);
    *copy.to += size;
    *copy.left = -size;
    enter_main(header);
    fill(header, &copy, fill_value(&copy, how));
    return 0;
}

uint64_t a64_helper_mops_set_whole(struct cpu_header *header, uint64_t to, uint64_t value, uint64_t size, uint64_t how)
{
    uint8_t *place = access_at(header, to);
    if (size - 1 < SMALL && lies_in_page(place, size)) {
        set_small(place, (uint8_t)value, size);
        return 0;
    }
    return fill_large(header, size, how);
}
