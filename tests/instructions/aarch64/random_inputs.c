/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random instances of A64 rows. What the manual calls CONSTRAINED UNPREDICTABLE is left out: a load with write-back
 * into its base, a pair into one register, a store-exclusive whose status register is another operand. */
#include "random.h"

#include "a64_decode.h"
#include "aarch64.h"

#include <string.h>

/* Indices in case_registers. */
enum { SP = 31, NZCV, FPCR, FPSR, V0 };

enum {
    MOVZ_X = 0xd2800000u,
    MRS_TPIDR = 0xd53bd040u,
    MSR_TPIDR = 0xd51bd040u,
    SHORTEST_BRANCH = 4,
    TAG_SHIFT = 56,
};

static const struct random_format formats[] = {{5, 10}, {5, 10}, {8, 23}, {11, 52}};
static const struct random_format bfloat = {8, 7};

const struct decode_row *random_decode(uint32_t bits, unsigned width)
{
    union a64_args args;
    return a64_decode(bits, &args);
}

struct maker {
    const struct random_row *row;
    uint32_t bits;
    struct random_source *source;
    struct instruction_case *one;
};

static int operand(const struct maker *m, const char *name)
{
    return random_operand(m->row, m->bits, name);
}

static bool has(const struct maker *m, const char *name)
{
    return operand(m, name) != RANDOM_ABSENT;
}

static int operand_or(const struct maker *m, const char *name, int otherwise)
{
    int value = operand(m, name);
    return value == RANDOM_ABSENT ? otherwise : value;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void set_general(struct maker *m, int number, uint64_t value)
{
    if (number >= 0 && number < 31) {
        random_set(m->one, (unsigned)number, value, 0);
    }
}

/* Number 31 is the stack pointer; false where it would be misaligned. */
static bool set_base(struct maker *m, int number, uint64_t address)
{
    if (number == 31) {
        if (address & 15) {
            return false;
        }
        random_set(m->one, SP, address, 0);
        return true;
    }
    set_general(m, number, address);
    return true;
}

static void add_code(struct maker *m)
{
    random_add_code(m->one, m->bits, 32);
}

/* ---- vectors ---- */

static bool is_float(const struct maker *m)
{
    const char *name = m->row->row->name;
    return name[0] == 'F' || begins(name, "BF");
}

static uint64_t make_lane(struct maker *m, int size, bool floating)
{
    return floating && size ? random_float(m->source, formats[size]) : random_integer(m->source, 8u << size);
}

/* Lanes of 8 << size bits. */
static void set_lanes(struct maker *m, int number, int size, bool floating)
{
    uint64_t vector[2] = {random_next(m->source), random_next(m->source)};
    unsigned bytes = 1u << size;
    if (size <= 3 && !random_chance(m->source, floating ? 4 : 15)) {
        bool same = random_chance(m->source, 5);
        uint64_t lane = make_lane(m, size, floating);
        for (unsigned at = 0; at < 16; at += bytes) {
            memcpy((uint8_t *)vector + at, &lane, bytes);
            lane = same ? lane : make_lane(m, size, floating);
        }
    }
    random_set(m->one, V0 + (unsigned)number, vector[0], vector[1]);
}

static void set_bfloats(struct maker *m, int number)
{
    uint16_t vector[8];
    for (unsigned lane = 0; lane < 8; lane++) {
        vector[lane] = (uint16_t)random_float(m->source, bfloat);
    }
    uint64_t halves[2];
    memcpy(halves, vector, sizeof halves);
    random_set(m->one, V0 + (unsigned)number, halves[0], halves[1]);
}

static int lane_size(const struct maker *m)
{
    const char *name = m->row->row->name;
    int immh = operand(m, "immh");
    if (immh != RANDOM_ABSENT) {
        int size = immh ? 31 - __builtin_clz((unsigned)immh) : 0;
        const char *end = strchr(name, '_');
        size_t length = end ? (size_t)(end - name) : strlen(name);
        bool narrows = contains(name, "SHR") && (name[length - 1] == 'N' || name[length - 2] == 'N');
        return narrows ? size + 1 : size;
    }
    if (strcmp(m->row->args, "fcvt") == 0) {
        return operand(m, "source");
    }
    if (has(m, "cmode") || has(m, "position") || has(m, "length")) {
        return 0;
    }
    return operand_or(m, "size", 2);
}

/* Whether a member names a general register. */
static bool is_general(const struct maker *m, const char *member)
{
    const char *args = m->row->args, *lift = m->row->lift;
    if (strcmp(args, "fgeneral") == 0 || strcmp(args, "ffixed") == 0) {
        bool from = begins(lift, "scvtf") || begins(lift, "ucvtf") || begins(lift, "fmov_from_general") ||
                    strcmp(lift, "fmov_top_x") == 0;
        return (strcmp(member, "rn") == 0) == from;
    }
    if (strcmp(lift, "smov") == 0 || strcmp(lift, "umov") == 0) {
        return strcmp(member, "rd") == 0;
    }
    return (strcmp(lift, "dup_general") == 0 || strcmp(lift, "ins_general") == 0) && strcmp(member, "rn") == 0;
}

/* FPCR and FPSR: rounding, FZ, DN, AHP, FZ16; flags that are set already. */
static void set_modes(struct maker *m, bool floating)
{
    const char *name = m->row->row->name;
    if (random_chance(m->source, 25)) {
        random_set(m->one, FPSR, random_next(m->source) & 0x0800009fu, 0);
    }
    if ((floating || contains(name, "CVTF")) && random_chance(m->source, 65)) {
        uint64_t control = random_bits(m->source, contains(name, "FCVT") ? 5 : 4) << 22;
        if (m->row->row->features & A64_FEATURE_FP16) {
            control |= random_bits(m->source, 1) << 26 | (uint64_t)random_chance(m->source, 30) << 19;
        }
        random_set(m->one, FPCR, control, 0);
    }
}

/* Products of f16 or bfloat16 that are added to f32. */
static bool set_narrow_products(struct maker *m)
{
    const char *name = m->row->row->name;
    bool half = begins(name, "FML") && contains(name, "L");
    half = half && (begins(name, "FMLAL") || begins(name, "FMLSL"));
    bool brain = begins(name, "BFDOT") || begins(name, "BFMLAL") || begins(name, "BFMMLA");
    if (!half && !brain) {
        return false;
    }
    set_lanes(m, operand(m, "rd"), 2, true);
    const char *const sources[] = {"rn", "rm"};
    for (unsigned index = 0; index < 2; index++) {
        if (half) {
            set_lanes(m, operand(m, sources[index]), 1, true);
        } else {
            set_bfloats(m, operand(m, sources[index]));
        }
    }
    set_modes(m, true);
    return true;
}

static bool fill_vector(struct maker *m)
{
    static const char *const members[] = {"rd", "rn", "rm", "ra"};
    const char *name = m->row->row->name;
    add_code(m);
    if (set_narrow_products(m)) {
        return true;
    }
    int size = lane_size(m);
    bool floating = is_float(m);
    size -= strcmp(name, "FCVTL") == 0;
    floating = floating && size != 0;
    for (unsigned index = 0; index < 4; index++) {
        int number = operand(m, members[index]);
        if (number == RANDOM_ABSENT) {
            continue;
        }
        if (is_general(m, members[index])) {
            set_general(m, number, random_integer(m->source, 64));
            continue;
        }
        bool wide = index == 1 && name[1] && (begins(name + 1, "ADDW") || begins(name + 1, "SUBW"));
        int lanes = size + wide;
        set_lanes(m, number, lanes > 3 ? 3 : lanes, floating);
    }
    if (strcmp(name, "TBL") == 0 || strcmp(name, "TBX") == 0) {
        uint8_t indices[16];
        for (unsigned index = 0; index < 16; index++) {
            indices[index] =
                (uint8_t)(random_chance(m->source, 90) ? random_below(m->source, 70) : random_bits(m->source, 8));
        }
        uint64_t halves[2];
        memcpy(halves, indices, sizeof halves);
        random_set(m->one, V0 + (unsigned)operand(m, "rm"), halves[0], halves[1]);
    }
    if (has(m, "cond") || strcmp(name, "FJCVTZS") == 0 || begins(name, "FCMP")) {
        random_set(m->one, NZCV, random_bits(m->source, 4), 0);
    }
    set_modes(m, floating);
    return true;
}

/* ---- memory ---- */

/* Where an access goes: mostly inside the data, sometimes across a page or a line, sometimes nowhere, sometimes with a
   tag. What is split by the end of the data is left out: how much of it is done is the implementation's choice. */
static uint64_t choose_place(struct maker *m, unsigned alignment)
{
    unsigned draw = random_below(m->source, 100);
    uint64_t offset = 0x200 + random_below(m->source, 0x1c00);
    if (draw < 10) {
        offset = 0x1000 - 40 + random_below(m->source, 48);
    } else if (draw < 15) {
        offset = CASE_DATA_SIZE + random_below(m->source, 0x10000);
    }
    if (random_chance(m->source, 50)) {
        offset &= ~UINT64_C(15);
    }
    offset &= ~(uint64_t)(alignment - 1);
    if (draw < 90) {
        random_set_memory(m->source, m->one, (uint32_t)(offset & ~UINT64_C(7)), 72);
    }
    return CASE_DATA + offset;
}

static uint64_t with_tag(struct maker *m, uint64_t address)
{
    if (random_chance(m->source, 1)) { /* no address of any program's */
        return address | UINT64_C(1) << (48 + random_below(m->source, 7));
    }
    return random_chance(m->source, 5) ? address ^ random_bits(m->source, 8) << TAG_SHIFT : address;
}

/* The index register of [rn, rm, option amount]: sets it, and returns the offset through *offset. */
static bool set_index(struct maker *m, uint64_t *offset)
{
    int rm = operand(m, "rm"), rn = operand(m, "rn"), option = operand(m, "option");
    unsigned shift = operand(m, "s") ? (unsigned)operand(m, "size") : 0;
    if (rm == rn && rm != 31) {
        return false;
    }
    uint64_t index = rm == 31     ? 0
                     : option & 4 ? (uint64_t)(int64_t)random_between(m->source, -0x200, 0x200)
                                  : random_below(m->source, 0x200);
    set_general(m, rm, option & 1 ? index : (index & UINT32_MAX) | random_next(m->source) << 32);
    *offset = index << shift;
    return true;
}

/* Makes comparisons succeed: the compared registers become what memory has. */
static void compare_equal(struct maker *m, uint64_t place)
{
    struct case_state state;
    case_begin(m->one, &state);
    unsigned bytes = 1u << operand(m, "size");
    bool pair = strcmp(m->row->lift, "casp") == 0;
    for (unsigned index = 0; index <= pair; index++) {
        uint64_t value = 0, offset = place - CASE_DATA + index * bytes;
        if (offset + bytes <= CASE_DATA_SIZE) {
            memcpy(&value, state.memory + offset, bytes);
            value |= bytes < 8 ? random_next(m->source) << 8 * bytes : 0;
            set_general(m, operand(m, "rs") + (int)index, value);
        }
    }
}

/* A load-exclusive of the same address into the zero register, and sometimes CLREX. */
static void add_load_exclusive(struct maker *m)
{
    uint32_t size = (uint32_t)operand(m, "size"), rn = (uint32_t)operand(m, "rn");
    if (operand_or(m, "pair", 0)) {
        if (rn != 30) {
            random_add_code(m->one, 0x887f0000u | (size - 2) << 30 | 30u << 10 | rn << 5 | 31, 32);
        }
    } else {
        random_add_code(m->one, 0x085f7c00u | size << 30 | rn << 5 | 31, 32);
    }
    if (random_chance(m->source, 8)) {
        random_add_code(m->one, 0xd503305fu, 32);
    }
}

static bool is_unpredictable(const struct maker *m, bool loads, bool writes_back)
{
    int rn = operand(m, "rn"), rt = operand(m, "rt"), rt2 = operand(m, "rt2"), rs = operand(m, "rs");
    if (writes_back && rn != 31 && (rt == rn || rt2 == rn)) {
        return true;
    }
    if (strcmp(m->row->args, "exclusive") == 0) {
        bool pair = operand_or(m, "pair", 0);
        return loads ? pair && rt == rt2 : rs == rt || (pair && rs == rt2) || (rs == rn && rn != 31);
    }
    return loads && rt2 != RANDOM_ABSENT && rt == rt2;
}

static bool fill_memory(struct maker *m)
{
    const char *args = m->row->args, *lift = m->row->lift;
    bool atomic = strcmp(args, "exclusive") == 0 || strcmp(args, "compare_swap") == 0 || strcmp(args, "atomic") == 0;
    bool aligned = atomic || strcmp(args, "ordered") == 0 || contains(lift, "ordered");
    int index = operand_or(m, "index", 0), rn = operand(m, "rn");
    unsigned size = (unsigned)operand_or(m, "size", 3);
    bool loads = begins(lift, "load");
    if (rn == RANDOM_ABSENT) { /* a literal */
        add_code(m);
        return true;
    }
    if (is_unpredictable(m, loads, index != 0)) {
        return false;
    }
    static const char *const members[] = {"rs", "rt", "rt2"};
    for (unsigned at = 0; at < 3; at++) {
        set_general(m, operand_or(m, members[at], 31), random_integer(m->source, 64));
    }
    bool misaligned = random_chance(m->source, 4);
    uint64_t place = choose_place(m, aligned && !misaligned ? 2u << size : 1);
    uint64_t offset = index == 1 ? 0 : (uint64_t)(int64_t)operand_or(m, "imm", 0);
    if (has(m, "option") && !set_index(m, &offset)) {
        return false;
    }
    if (strcmp(args, "compare_swap") == 0 && random_chance(m->source, 60) && rn != operand(m, "rs")) {
        compare_equal(m, place);
    }
    bool store_exclusive = strcmp(lift, "store_exclusive") == 0;
    if (store_exclusive && random_chance(m->source, 75)) {
        add_load_exclusive(m);
    }
    add_code(m);
    return set_base(m, rn, with_tag(m, place - offset));
}

static bool fill_vector_memory(struct maker *m)
{
    const char *args = m->row->args, *lift = m->row->lift;
    int rn = operand(m, "rn"), rm = operand(m, "rm");
    unsigned size = (unsigned)operand(m, "size");
    add_code(m);
    if (rn == RANDOM_ABSENT) {
        return true;
    }
    if (has(m, "rt2") && operand(m, "rt") == operand(m, "rt2") && begins(lift, "ld")) {
        return false;
    }
    uint64_t place = choose_place(m, 1), offset = 0;
    if (has(m, "imm") && !contains(lift, "_post")) {
        bool scaled = strcmp(args, "vpair") == 0 || contains(lift, "unsigned");
        offset = (uint64_t)(int64_t)operand(m, "imm") << (scaled ? size : 0);
    }
    if (has(m, "option")) {
        if (!set_index(m, &offset)) {
            return false;
        }
    } else if (rm != RANDOM_ABSENT && rm != 31) {
        set_general(m, rm, random_next(m->source));
    }
    return set_base(m, rn, with_tag(m, place - offset));
}

/* A group of memory copy or set up to the row's own part. */
static bool fill_mops(struct maker *m)
{
    const char *name = m->row->row->name;
    bool set = begins(name, "SET");
    unsigned stage_shift = set ? 14 : 22;
    uint32_t stage = m->bits >> stage_shift & 3;
    int rd = operand(m, "rd"), rs = operand(m, "rs"), rn = operand(m, "rn");
    for (uint32_t before = 0; before < stage; before++) {
        random_add_code(m->one, (m->bits & ~(3u << stage_shift)) | before << stage_shift, 32);
    }
    add_code(m);
    static const uint16_t sizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 255, 300};
    uint64_t size = random_chance(m->source, 70) ? sizes[random_below(m->source, 16)] : random_below(m->source, 300);
    uint64_t to = CASE_DATA + 0x600 + random_below(m->source, 0x800),
             from = CASE_DATA + 0x600 + random_below(m->source, 0x800);
    if (random_chance(m->source, 40)) { /* they overlap; a forward-only copy only in its own direction */
        from = to + (uint64_t)(int64_t)random_between(m->source, begins(name, "CPYF") ? 0 : -40, 40);
    } else if (random_chance(m->source, 20)) {
        to = CASE_DATA + 0x1000 - random_below(m->source, (uint32_t)size + 1);
    } else if (random_chance(m->source, 10)) { /* out of the data */
        to = CASE_DATA + CASE_DATA_SIZE - random_below(m->source, (uint32_t)size + 1);
    }
    if (begins(name, "CPYF") && from < to && to < from + size) {
        return false; /* what a copy forwards has left of bytes that it writes before it reads them is open */
    }
    set_general(m, rs, set ? random_next(m->source) : from);
    set_general(m, rd, with_tag(m, to));
    set_general(m, rn, size);
    random_set(m->one, NZCV, random_bits(m->source, 4), 0);
    return true;
}

/* ---- pointer authentication: there and back again, since codes are each implementation's own ---- */

static uint64_t make_pointer(struct maker *m)
{
    uint64_t pointer = random_bits(m->source, 47);
    return random_chance(m->source, 20) ? pointer | random_bits(m->source, 7) << TAG_SHIFT : pointer;
}

/* PACIA ... PACDB rd, rn with a key of 0 to 3; modifier < 0: PACIZA ... */
static uint32_t pac_word(int key, int rd, int rn)
{
    return rn < 0 ? 0xdac123e0u | (uint32_t)key << 10 | (uint32_t)rd
                  : 0xdac10000u | (uint32_t)key << 10 | (uint32_t)rn << 5 | (uint32_t)rd;
}

static bool fill_pac(struct maker *m)
{
    const char *name = m->row->row->name;
    int rd = operand(m, "rd"), rn = operand(m, "rn"), key = operand_or(m, "key", 0);
    bool is_strip = strcmp(m->row->lift, "xpac") == 0;
    if (strcmp(name, "PACGA") == 0 || is_strip) {
        add_code(m);
        set_general(m, operand_or(m, "rm", 31), random_integer(m->source, 64));
        set_general(m, rn == RANDOM_ABSENT ? 31 : rn, random_integer(m->source, 64));
        set_general(m, is_strip ? rd : 31, random_chance(m->source, 50) ? make_pointer(m) : random_next(m->source));
        return true;
    }
    if (rd == rn || rd == 31) {
        return false;
    }
    bool is_check = begins(name, "AUT");
    random_add_code(m->one, pac_word(key, rd, rn), 32);
    if (!is_check) { /* the row itself in place of the word just made */
        m->one->code_length = 0;
        add_code(m);
        random_add_code(m->one, pac_word(key, rd, rn) | 1u << 12, 32);
    } else {
        add_code(m);
    }
    if (rn >= 0 && rn < 31) {
        set_general(m, rn, random_integer(m->source, 64));
    }
    set_general(m, rd, make_pointer(m));
    return true;
}

/* A pointer behind the branch, signed before it. */
static bool fill_pac_branch(struct maker *m)
{
    int rd = operand(m, "rd"), rn = operand(m, "rn"), key = operand_or(m, "key", 0);
    bool calls = begins(m->row->lift, "bl");
    if (rd == rn || rd == 31 || (calls && (rd == 30 || rn == 30))) {
        return false;
    }
    random_add_code(m->one, pac_word(key, rd, rn), 32);
    add_code(m);
    random_add_code(m->one, 0xdac143e0u | (uint32_t)rd, 32); /* XPACI */
    if (rn >= 0 && rn < 31) {
        set_general(m, rn, random_integer(m->source, 64));
    }
    set_general(m, rd, CASE_CODE + 8);
    return true;
}

/* LDRAA, LDRAB: the base signed with DA or DB and zero, stripped again where it is not written back. */
static bool fill_pac_load(struct maker *m)
{
    int rt = operand(m, "rt"), rn = operand(m, "rn");
    if (rn == 31 || rt == rn) {
        return false;
    }
    random_add_code(m->one, pac_word(2 + operand(m, "key"), rn, RANDOM_ABSENT), 32);
    add_code(m);
    random_add_code(m->one, 0xdac147e0u | (uint32_t)rn, 32); /* XPACD */
    uint64_t offset = CASE_DATA_SIZE / 2 + random_below(m->source, 0x800);
    random_set_memory(m->source, m->one, (uint32_t)offset, 16);
    set_general(m, rn, CASE_DATA + offset - (uint64_t)(int64_t)operand(m, "imm"));
    return true;
}

/* ---- the rest ---- */

/* Anywhere in the region around the code, but not at the code itself; sometimes outside, sometimes tagged. */
static uint64_t choose_target(struct maker *m)
{
    if (random_chance(m->source, 5)) {
        return UINT64_C(0x30000000) + 4 * random_below(m->source, 0x10000);
    }
    uint64_t distance = 4 * (uint64_t)random_between(m->source, SHORTEST_BRANCH, 0x3ff00);
    return with_tag(m, random_chance(m->source, 50) ? CASE_CODE + distance : CASE_CODE - distance);
}

static bool fill_branch(struct maker *m)
{
    const char *name = m->row->row->name;
    int rn = operand(m, "rn"), rt = operand(m, "rt"), distance = operand_or(m, "imm", 1);
    bool jumps = m->row->part[0] == 'b' && has(m, "imm") &&
                 (has(m, "cond") || strcmp(m->row->args, "jump") == 0 || rt != RANDOM_ABSENT);
    add_code(m);
    random_set(m->one, NZCV, random_bits(m->source, 4), 0);
    if (strcmp(name, "BR") == 0 || strcmp(name, "BLR") == 0 || strcmp(name, "RET") == 0) {
        if (rn == 31) {
            return false;
        }
        set_general(m, rn, choose_target(m));
        return true;
    }
    if (jumps && distance == 0) {
        return false; /* for ever */
    }
    if (strcmp(name, "HLT") == 0 && (uint32_t)(distance - AARCH64_HYPERCALL) < AARCH64_HYPERCALL_COUNT) {
        return false; /* those of kage's vdso */
    }
    if (rt != RANDOM_ABSENT) {
        uint64_t value = random_chance(m->source, 40) ? random_bits(m->source, 1) << random_below(m->source, 64)
                                                      : random_integer(m->source, 64);
        set_general(m, rt, random_chance(m->source, 20) ? value & ~UINT64_C(0xffffffff) : value);
    }
    return true;
}

/* The thread pointer is the recorder's: it is kept in X16 around the instruction. */
static bool fill_thread_pointer(struct maker *m)
{
    int rt = operand(m, "rt");
    bool writes = begins(m->row->row->name, "MSR");
    if (rt == 16 || rt == 17) {
        return false;
    }
    random_add_code(m->one, MRS_TPIDR | 16, 32);
    if (!writes) {
        random_add_code(m->one, MSR_TPIDR | 17, 32);
    }
    add_code(m);
    if (writes) {
        random_add_code(m->one, MRS_TPIDR | 17, 32);
    }
    random_add_code(m->one, MSR_TPIDR | 16, 32);
    random_add_code(m->one, MOVZ_X | 16, 32);
    random_set(m->one, 17, random_next(m->source), 0);
    set_general(m, rt, random_next(m->source));
    return true;
}

static bool fill_system(struct maker *m)
{
    const char *name = m->row->row->name;
    int rt = operand_or(m, "rt", 31);
    if (contains(name, "tpidr") && !contains(name, "tpidrro")) {
        return fill_thread_pointer(m);
    }
    random_set(m->one, NZCV, random_bits(m->source, 4), 0);
    add_code(m);
    if (begins(name, "MRS_cnt") || strcmp(name, "MRS_rndr") == 0) { /* what it reads is never the same */
        random_add_code(m->one, MOVZ_X | (uint32_t)rt, 32);
        return true;
    }
    uint64_t value = random_integer(m->source, 64);
    if (begins(name, "DC_") || begins(name, "IC_")) {
        value = choose_place(m, 1);
        value = rt == 31 ? 0 : value;
    } else if (strcmp(name, "MSR_fpcr") == 0) {
        value = random_bits(m->source, 5) << 22 | random_bits(m->source, 1) << 19;
    } else if (strcmp(name, "MSR_fpsr") == 0) {
        value &= 0x0800009f;
    } else if (contains(name, "fpcr") || contains(name, "fpsr")) {
        random_set(m->one, FPCR, random_bits(m->source, 5) << 22 | random_bits(m->source, 1) << 19, 0);
        random_set(m->one, FPSR, random_next(m->source) & 0x0800009fu, 0);
    }
    set_general(m, rt, value);
    return true;
}

static bool fill_data(struct maker *m)
{
    static const char *const members[] = {"rd", "rn", "rm", "ra"};
    const char *name = m->row->row->name;
    size_t length = strlen(name);
    bool takes_sp = (length > 4 && strcmp(name + length - 4, "_imm") == 0) || contains(name, "_extended");
    add_code(m);
    for (unsigned index = 0; index < 4; index++) {
        int number = operand(m, members[index]);
        if (number == 31 && index == 1 && takes_sp && random_chance(m->source, 50)) {
            random_set(m->one, SP, random_integer(m->source, 64) & ~UINT64_C(15), 0);
        } else if (number != RANDOM_ABSENT) {
            set_general(m, number, random_integer(m->source, 64));
        }
    }
    random_set(m->one, NZCV, random_bits(m->source, 4), 0);
    return true;
}

bool random_fill(const struct random_row *row, uint32_t bits, struct random_source *source,
                 struct instruction_case *one)
{
    struct maker maker = {.row = row, .bits = bits, .source = source, .one = one}, *m = &maker;
    const char *part = row->part, *args = row->args;
    enum decode_status status = row->row->status;
    if (status == DECODE_MISSING || status == DECODE_UNDEFINED) {
        add_code(m);
        return true;
    }
    if (row->row->features & A64_FEATURE_MOPS) {
        return fill_mops(m);
    }
    if (strcmp(args, "pac_load") == 0) {
        return fill_pac_load(m);
    }
    if (row->row->features & A64_FEATURE_PAUTH) {
        bool branches = part[0] == 'b' && (begins(row->lift, "b") || strcmp(row->lift, "retaa") == 0);
        return branches ? fill_pac_branch(m) : fill_pac(m);
    }
    if (strcmp(part, "simd_load_store") == 0) {
        return fill_vector_memory(m);
    }
    if (begins(part, "fp") || begins(part, "simd")) {
        return fill_vector(m);
    }
    if (strcmp(part, "load_store") == 0) {
        return fill_memory(m);
    }
    if (strcmp(part, "branch") == 0) {
        return fill_branch(m);
    }
    return strcmp(part, "system") == 0 ? fill_system(m) : fill_data(m);
}
