/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random instances of RISC-V rows. */
#include "random.h"

#include "riscv_c_decode.h"
#include "riscv_decode.h"

#include <string.h>

/* Indices in case_registers; x1 is the first. */
enum { FCSR = 31, F0 };

static const struct random_format half = {5, 10}, single = {8, 23}, brain = {8, 7};

const struct decode_row *random_decode(uint32_t bits, unsigned width)
{
    union riscv_args args;
    union riscv_c_args compressed_args;
    if (width == 16) { /* with 3 in the low bits it is the beginning of a longer one */
        return (bits & 3) != 3 ? riscv_c_decode(bits, &compressed_args) : NULL;
    }
    return riscv_decode(bits, &args);
}

struct maker {
    const struct random_row *row;
    uint32_t bits;
    struct random_source *source;
    struct instruction_case *one;
    bool is_compressed;
};

static int operand(const struct maker *m, const char *name)
{
    return random_operand(m->row, m->bits, name);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
    size_t length = strlen(text), tail = strlen(with);
    return length >= tail && strcmp(text + length - tail, with) == 0;
}

/* Attributes have the same names in both decoders. */
static bool is_memory(const struct maker *m)
{
    return m->row->row->attributes & (m->is_compressed ? RISCV_C_ATTRIBUTE_MEMORY : RISCV_ATTRIBUTE_MEMORY);
}

static bool is_branch(const struct maker *m)
{
    return m->row->row->attributes & (m->is_compressed ? RISCV_C_ATTRIBUTE_BRANCH : RISCV_ATTRIBUTE_BRANCH);
}

static void set_x(struct maker *m, int number, uint64_t value)
{
    if (number > 0 && number < 32) {
        random_set(m->one, (unsigned)number - 1, value, 0);
    }
}

static void set_f(struct maker *m, int number, uint64_t value)
{
    random_set(m->one, F0 + (unsigned)number, value, 0);
}

static void add_code(struct maker *m)
{
    random_add_code(m->one, m->bits, m->row->width);
}

/* The part of a lift function's name behind its nth underscore. */
static void name_part(const char *lift, unsigned n, char part[8])
{
    for (; n && lift; n--) {
        lift = strchr(lift, '_');
        lift = lift ? lift + 1 : NULL;
    }
    size_t length = lift ? strcspn(lift, "_") : 0;
    length = length < 7 ? length : 7;
    memcpy(part, lift ? lift : "", length);
    part[length] = 0;
}

/* The format of a floating-point source, as a letter (b is bfloat16), or 0 where the source is an integer. */
static char source_format(const struct maker *m, const char *member)
{
    const char *lift = m->row->lift;
    bool is_load = strcmp(lift, "flw") == 0 || strcmp(lift, "fld") == 0 || strcmp(lift, "flh") == 0;
    if (lift[0] != 'f' || begins(lift, "fence") || begins(lift, "fli") || is_load) {
        return 0;
    }
    if (strcmp(lift, "fsw") == 0 || strcmp(lift, "fsd") == 0 || strcmp(lift, "fsh") == 0) {
        char width = lift[2];
        return strcmp(member, "rs2") == 0 ? (width == 'w' ? 's' : width) : 0;
    }
    char from[8];
    if (begins(lift, "fcvt") || begins(lift, "fmv")) {
        name_part(lift, 2, from);
        if (strcmp(lift, "fmv_x_w") == 0) {
            return 's';
        }
        if (strcmp(from, "bf16") == 0) {
            return 'b';
        }
        return from[0] && strchr("shd", from[0]) && !from[1] ? from[0] : 0;
    }
    return lift[strlen(lift) - 1];
}

static uint64_t make_float(struct maker *m, char letter)
{
    if (letter == 'd') {
        return random_float(m->source, (struct random_format){11, 52});
    }
    unsigned width = letter == 's' ? 32 : 16;
    uint64_t value = random_float(m->source, letter == 's' ? single : letter == 'b' ? brain : half);
    unsigned draw = random_below(m->source, 100);
    if (draw < 94) {
        return value | UINT64_MAX << width;
    }
    return draw < 97 ? value | random_bits(m->source, 64 - width - 1) << width
                     : random_next(m->source); /* not NaN-boxed */
}

/* The bytes of an access, from the end of the lift function's name. */
static unsigned access_bytes(const struct maker *m)
{
    const char *lift = m->row->lift;
    if (begins(lift, "cbo")) {
        return 64;
    }
    size_t at = strlen(lift) - 1;
    at -= lift[at] == 'u' && at > 0;
    const char *name = m->row->row->name;
    if (m->row->args[0] == 'a') { /* the width of an atomic one is in the row's name */
        const char *mark = strchr(name, '_');
        bool ordered = ends(name, "_AQ") || ends(name, "_RL");
        char letter = ordered ? name[1] : mark ? mark[1] : 'D';
        return letter == 'B' ? 1 : letter == 'H' ? 2 : letter == 'W' ? 4 : letter == 'Q' ? 16 : 8;
    }
    return lift[at] == 'b' ? 1 : lift[at] == 'h' ? 2 : lift[at] == 'w' ? 4 : 8;
}

static uint64_t choose_place(struct maker *m, unsigned alignment)
{
    unsigned draw = random_below(m->source, 100);
    uint64_t offset = 0x100 + random_below(m->source, 0x1e00);
    if (draw < 10) {
        offset = 0x1000 - 20 + random_below(m->source, 24);
    } else if (draw < 15) {
        offset = CASE_DATA_SIZE + random_below(m->source, 0x10000);
    }
    offset &= ~(uint64_t)(alignment - 1);
    if (draw < 90) {
        random_set_memory(m->source, m->one, (uint32_t)(offset & ~UINT64_C(7)), 24);
    }
    return CASE_DATA + offset;
}

/* AMOCAS: the expected value is what memory has. */
static void compare_equal(struct maker *m, uint64_t place, unsigned bytes)
{
    struct case_state state;
    case_begin(m->one, &state);
    uint64_t offset = place - CASE_DATA, values[2] = {0, 0};
    if (offset + bytes > CASE_DATA_SIZE) {
        return;
    }
    memcpy(values, state.memory + offset, bytes);
    int rd = operand(m, "rd");
    set_x(m, rd, values[0] | (bytes < 8 ? random_next(m->source) << 8 * bytes : 0));
    if (bytes == 16 && rd) {
        set_x(m, rd + 1, values[1]);
    }
}

static bool fill_memory(struct maker *m)
{
    const char *name = m->row->row->name;
    int rs1 = operand(m, "rs1"), rs2 = operand(m, "rs2"), rd = operand(m, "rd"), imm = operand(m, "imm");
    unsigned bytes = access_bytes(m);
    if (bytes == 16 && ((rd | rs2) & 1) && random_chance(m->source, 95)) {
        return false; /* pairs that begin with an odd register are reserved */
    }
    bool atomic = m->row->args[0] == 'a';
    bool aligned = random_chance(m->source, atomic ? 95 : 70);
    uint64_t place = choose_place(m, aligned ? bytes : 1);
    char letter = source_format(m, "rs2");
    if (rs2 != RANDOM_ABSENT && letter) {
        set_f(m, rs2, make_float(m, letter));
    } else if (rs2 != RANDOM_ABSENT) {
        set_x(m, rs2, random_integer(m->source, 64));
    }
    if (begins(name, "AMOCAS") && rd != rs1) {
        set_x(m, rd, random_integer(m->source, 64));
        if (random_chance(m->source, 60)) {
            compare_equal(m, place, bytes);
        }
    }
    if (begins(name, "SC_") && random_chance(m->source, 75)) { /* a reservation of the place */
        random_add_code(m->one, 0x1000202fu | (bytes == 8 ? 0x1000u : 0) | (uint32_t)rs1 << 15, 32);
    }
    add_code(m);
    place |=
        random_chance(m->source, 1) ? UINT64_C(1) << (48 + random_below(m->source, 16)) : 0; /* no program's address */
    set_x(m, rs1, place - (uint64_t)(int64_t)(imm == RANDOM_ABSENT ? 0 : imm));
    return true;
}

static bool fill_branch(struct maker *m)
{
    int rs1 = operand(m, "rs1"), rs2 = operand(m, "rs2"), imm = operand(m, "imm");
    add_code(m);
    if (strcmp(m->row->lift, "jalr") == 0) {
        int32_t distance = random_chance(m->source, 50) ? random_between(m->source, -0xff000, -8)
                                                        : random_between(m->source, 8, 0xff000);
        uint64_t target = random_chance(m->source, 5) ? UINT64_C(0x30000000) + random_below(m->source, 0x10000)
                                                      : CASE_CODE + (uint64_t)(int64_t)distance;
        set_x(m, rs1, target - (uint64_t)(int64_t)imm);
        return rs1 != 0;
    }
    if (imm != RANDOM_ABSENT && imm >= 0 && imm < m->row->width / 8) {
        return false; /* for ever, or into its own middle */
    }
    if (rs1 != RANDOM_ABSENT) {
        uint64_t first = random_integer(m->source, 64), second = random_integer(m->source, 64);
        set_x(m, rs1, random_chance(m->source, 25) ? 0 : first);
        if (rs2 != RANDOM_ABSENT) {
            set_x(m, rs2, random_chance(m->source, 30) ? first : second);
        }
    }
    return true;
}

static bool fill_csr(struct maker *m)
{
    int rd = operand(m, "rd"), rs1 = operand(m, "rs1"), csr = operand(m, "csr");
    if (csr > 3 && random_chance(m->source, 98)) { /* most are none */
        m->bits = (m->bits & 0xfffff) | (uint32_t)random_below(m->source, 4) << 20;
        csr = operand(m, "csr");
    }
    add_code(m);
    if (csr >= 0xc00 && csr <= 0xc1f && rd) { /* what a counter says is never the same */
        random_add_code(m->one, 0x13u | (uint32_t)rd << 7, 32);
    }
    set_x(m, rs1, random_chance(m->source, 70) ? random_bits(m->source, 9) : random_integer(m->source, 64));
    random_set(m->one, FCSR, random_bits(m->source, 8), 0);
    return true;
}

static bool fill_data(struct maker *m)
{
    static const char *const members[] = {"rs1", "rs2", "rs3"};
    bool rounds = !m->is_compressed && m->row->row->attributes & RISCV_ATTRIBUTE_ROUNDS, floating = rounds;
    add_code(m);
    for (unsigned index = 0; index < 3; index++) {
        int number = operand(m, members[index]);
        char letter = number == RANDOM_ABSENT || !m->row->lift[0] ? 0 : source_format(m, members[index]);
        if (letter) {
            set_f(m, number, make_float(m, letter));
            floating = true;
        } else if (number != RANDOM_ABSENT) {
            set_x(m, number, random_integer(m->source, 64));
        }
    }
    if (floating) {
        uint64_t mode = random_chance(m->source, 92) ? random_below(m->source, 5) : random_bits(m->source, 3);
        random_set(m->one, FCSR, mode << 5 | (random_chance(m->source, 50) ? random_bits(m->source, 5) : 0), 0);
    }
    return true;
}

bool random_fill(const struct random_row *row, uint32_t bits, struct random_source *source,
                 struct instruction_case *one)
{
    struct maker maker = {.row = row, .bits = bits, .source = source, .one = one, .is_compressed = row->width == 16},
                 *m = &maker;
    enum decode_status status = row->row->status;
    if (status == DECODE_MISSING || status == DECODE_UNDEFINED) {
        add_code(m);
        return true;
    }
    if (strcmp(row->args, "csr") == 0) {
        return fill_csr(m);
    }
    if (is_memory(m)) {
        return fill_memory(m);
    }
    return is_branch(m) && row->lift[0] ? fill_branch(m) : fill_data(m);
}
