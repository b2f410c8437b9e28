/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row of x86_instructions.def is emitted with a spread of registers, memory operands and operand sizes, in its
 * legacy and its VEX form; objdump's reading of the bytes must be the text that the row's form predicts. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <check.h>
#include "encoder.h"
#include "x86_features.h"

struct row {
    const char *id, *text, *form;
    uint32_t op;
};

static const struct row rows[] = {
#define X86(id, text, form, map, prefix, opcode, digit, flags) {#id, text, #form, X86_##id},
#include "x86_instructions.def"
#undef X86
};

enum { BUFFER_SIZE = 8 << 20, MAX_LINES = 300000, MAX_OPERANDS = 5, LINE_SIZE = 96 };

struct expected {
    uint32_t offset;
    char text[LINE_SIZE];
};

static struct host_buffer buffer;
static struct expected *lines;
static unsigned line_count;

static void expect_at(uint32_t offset, const char *text)
{
    ck_assert_uint_lt(line_count, MAX_LINES);
    lines[line_count].offset = offset;
    snprintf(lines[line_count++].text, LINE_SIZE, "%s", text);
}

static const char *general_name(unsigned reg, enum x86_size size)
{
    static const char *const low[4][8] = {
        {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"},
        {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"},
        {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"},
        {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"},
    };
    static const char *const high[4] = {"b", "w", "d", ""};
    static char text[8][16];
    static unsigned turn;
    if (reg < 8) {
        return low[size][reg];
    }
    turn = (turn + 1) % 8;
    snprintf(text[turn], sizeof text[turn], "r%u%s", reg, high[size]);
    return text[turn];
}

static void print_memory(char *out, struct x86_memory m)
{
    enum x86_size width = m.address32 ? X86_32 : X86_64;
    const char *segment = m.segment == X86_GS ? "gs:" : m.segment == X86_FS ? "fs:" : "";
    int length = 0;
    if (m.base == X86_NONE && m.index == X86_NONE) {
        sprintf(out, "%s0x%x", *segment ? segment : "ds:", (unsigned)m.displacement);
        return;
    }
    length += sprintf(out, "%s[", segment);
    if (m.base != X86_NONE) {
        length += sprintf(out + length, "%s", general_name(m.base, width));
    }
    if (m.index != X86_NONE) {
        length += sprintf(out + length, "%s%s*%u", m.base == X86_NONE ? "" : "+", general_name(m.index, width),
                          1u << m.scale);
    }
    if (m.displacement || m.base == X86_NONE || (m.base & 7) == X86_RBP) { /* rbp and r13 have no form without one */
        length += sprintf(out + length, "%s0x%x", m.displacement < 0 ? "-" : "+", (unsigned)abs(m.displacement));
    }
    sprintf(out + length, "]");
}

static const struct x86_memory memories[] = {
    {0, X86_RAX, X86_NONE, 0, 0, 0},       {0, X86_RBP, X86_NONE, 0, 0, 0},         {0x7f, X86_RSP, X86_NONE, 0, 0, 0},
    {-0x80, X86_R12, X86_NONE, 0, 0, 0},   {0x80, X86_R13, X86_NONE, 0, 0, 0},      {0, X86_R13, X86_R12, 0, 0, 0},
    {0x12345, X86_RDI, X86_RBP, 3, 0, 0},  {-0x12345, X86_R9, X86_R15, 2, 0, 0},    {0x10, X86_NONE, X86_RCX, 1, 0, 0},
    {0x1234, X86_NONE, X86_NONE, 0, 0, 0}, {0x20, X86_RSI, X86_NONE, 0, 1, X86_GS}, {0, X86_RBX, X86_R8, 0, 1, X86_FS},
};
enum { MEMORY_COUNT = sizeof memories / sizeof *memories };

/* What a row's form means for the encoding. */
struct shape {
    char tokens[MAX_OPERANDS][4];
    unsigned count;
    int reg, vvvv, rm, mask; /* token numbers, -1: none */
    unsigned immediate;      /* bytes: 0, 1; 4 stands for the operand's size up to 4 */
    bool may_be_register, may_be_memory, vector, digit;
};

static struct shape shape_of(const struct row *row)
{
    struct shape s = {.reg = -1, .vvvv = -1, .rm = -1, .mask = -1};
    char copy[32];
    snprintf(copy, sizeof copy, "%s", row->form);
    for (char *token = strtok(copy, "_"); token; token = strtok(NULL, "_")) {
        int number = (int)s.count;
        snprintf(s.tokens[s.count++], sizeof s.tokens[0], "%s", token);
        s.vector |= strchr("XY", token[0]) != NULL && strcmp(token, "X0") != 0;
        if (strcmp(token, "I8") == 0 || strcmp(token, "I") == 0) {
            s.immediate = token[1] ? 1 : 4;
        } else if (strchr(token, 'M') || strcmp(token, "XR") == 0) {
            s.rm = number;
            s.may_be_memory = strchr(token, 'M') != NULL;
            s.may_be_register = strcmp(token, "M") != 0;
        } else if (strcmp(token, "V") == 0) {
            s.vvvv = number;
        } else if (strcmp(token, "R") == 0 || strcmp(token, "X") == 0 || strcmp(token, "Y") == 0) {
            *(s.reg < 0 ? &s.reg : s.rm >= 0 ? &s.mask : &s.vvvv) = number;
        }
    }
    s.digit = s.reg < 0;
    return s;
}

struct instance {
    const struct row *row;
    const struct shape *shape;
    enum x86_size size;
    bool vex, wide_vector, is_memory;
    unsigned reg, vvvv, rm, mask, immediate;
    struct x86_memory memory;
};

static enum x86_size rm_size(const struct instance *i)
{
    uint32_t op = i->row->op;
    return op & X86_FLAG_BYTE_RM ? X86_8
           : op & X86_FLAG_RM16  ? X86_16
           : op & X86_FLAG_RM32  ? X86_32
           : op & X86_FLAG_RM64  ? X86_64
                                 : i->size;
}

static enum x86_size reg_size(const struct instance *i)
{
    uint32_t op = i->row->op;
    return op & X86_FLAG_W1 && !i->shape->vector ? X86_64 : op & X86_FLAG_RM64 ? X86_64 : i->size;
}

static int print_vector(char *out, const struct instance *i, const char *token, unsigned reg)
{
    return sprintf(out, "%s%u", i->wide_vector || token[0] == 'Y' ? "ymm" : "xmm", reg);
}

static int print_operand(char *out, const struct instance *i, unsigned number)
{
    const struct shape *s = i->shape;
    const char *token = s->tokens[number];
    int n = (int)number;
    if (strcmp(token, "I8") == 0 || strcmp(token, "I") == 0) {
        return sprintf(out, "0x%x", i->immediate);
    }
    if (n == s->rm && i->is_memory) {
        print_memory(out, i->memory);
        return (int)strlen(out);
    }
    if (strcmp(token, "O") == 0) {
        return sprintf(out, "%s", general_name(i->rm, reg_size(i)));
    }
    if (strcmp(token, "CL") == 0 || strcmp(token, "1") == 0 || strcmp(token, "X0") == 0) {
        return sprintf(out, "%s", strcmp(token, "X0") == 0 ? "xmm0" : token[0] == '1' ? "1" : "cl");
    }
    unsigned reg = n == s->rm ? i->rm : n == s->reg ? i->reg : n == s->mask ? i->mask : i->vvvv;
    if (strchr("XY", token[0]) || (token[0] == 'V' && s->vector)) {
        return print_vector(out, i, token, reg);
    }
    return sprintf(out, "%s", general_name(reg, n == s->rm ? rm_size(i) : reg_size(i)));
}

static void print_instance(char *out, const struct instance *i)
{
    const struct shape *s = i->shape;
    int length = sprintf(out, "%s%s", i->vex && (i->row->op & X86_FLAG_LEGACY) ? "v" : "", i->row->text);
    char separator = ' ';
    for (unsigned n = 0; n < s->count; n++) {
        bool absent = !i->vex && s->vector && (int)n == s->vvvv;
        if (s->tokens[n][0] == 'Z' || absent) {
            continue;
        }
        out[length++] = separator;
        length += print_operand(out + length, i, n);
        separator = ',';
    }
    for (char *c = out; *c; c++) {
        *c = (char)tolower(*c);
    }
}

static void emit_vector(struct host_buffer *b, const struct instance *i)
{
    const struct shape *s = i->shape;
    uint32_t op = i->row->op | (i->wide_vector ? X86_256 : 0);
    bool general = s->tokens[s->rm][0] == 'R';
    if (s->tokens[0][0] == 'Y' || (s->count > 1 && s->tokens[1][0] == 'Y')) {
        op |= X86_256;
    }
    if (s->mask >= 0) {
        i->is_memory ? x86_v_rrmr(b, op, i->reg, i->vvvv, i->memory, i->mask)
                     : x86_v_rrrr(b, op, i->reg, i->vvvv, i->rm, i->mask);
    } else if (s->digit) {
        x86_v_shift_i8(b, op, i->vvvv, i->rm, i->immediate);
    } else if (s->vvvv >= 0 && i->is_memory) {
        s->immediate ? x86_v_rrm_i8(b, op, i->reg, i->vvvv, i->memory, i->immediate)
                     : x86_v_rrm(b, op, i->reg, i->vvvv, i->memory);
    } else if (s->vvvv >= 0 && general) {
        s->immediate ? x86_v_rrg_i8(b, op, i->reg, i->vvvv, i->rm, i->immediate)
                     : x86_v_rrg(b, op, i->size, i->reg, i->vvvv, i->rm);
    } else if (s->vvvv >= 0) {
        s->immediate ? x86_v_rrr_i8(b, op, i->reg, i->vvvv, i->rm, i->immediate)
                     : x86_v_rrr(b, op, i->reg, i->vvvv, i->rm);
    } else if (i->is_memory) {
        s->immediate ? x86_v_rm_i8(b, op, i->reg, i->memory, i->immediate) : x86_v_rm(b, op, i->reg, i->memory);
    } else if (i->row->op & X86_FLAG_QUAD) {
        x86_v_rr_sized(b, op, i->size, i->reg, i->rm);
    } else {
        s->immediate ? x86_v_rr_i8(b, op, i->reg, i->rm, i->immediate) : x86_v_rr(b, op, i->reg, i->rm);
    }
}

static void emit_general(struct host_buffer *b, const struct instance *i)
{
    const struct shape *s = i->shape;
    uint32_t op = i->row->op;
    if (strcmp(s->tokens[0], "Z") == 0) {
        i->vex ? (void)(b->next = x86_put_vex(x86_begin(b), op, false, 0, 0, 0)) : x86_z(b, op);
    } else if (strcmp(s->tokens[0], "ZD") == 0) {
        x86_zd(b, op);
    } else if (strcmp(s->tokens[0], "O") == 0) {
        x86_o(b, op, i->size, i->rm);
    } else if (i->vex && s->immediate) {
        x86_rorx(b, i->size, i->reg, i->rm, i->immediate);
    } else if (i->vex) {
        unsigned reg = s->digit ? x86_digit(op) : i->reg;
        i->is_memory ? x86_vex_rrm(b, op, i->size, reg, i->vvvv, i->memory)
                     : x86_vex_rrr(b, op, i->size, reg, i->vvvv, i->rm);
    } else if (s->immediate == 4) {
        uint8_t *p = i->is_memory ? x86_put_rm(b, op, i->size, i->reg, i->memory, i->size == X86_16 ? 2 : 4)
                                  : x86_put_rr(b, op, i->size, i->reg, i->rm);
        b->next = x86_put_immediate(p, i->size, (int32_t)i->immediate);
    } else if (s->digit && s->immediate) {
        i->is_memory ? x86_m_i8(b, op, i->size, i->memory, i->immediate)
                     : x86_r_i8(b, op, i->size, i->rm, i->immediate);
    } else if (s->digit) {
        i->is_memory ? x86_m(b, op, i->size, i->memory) : x86_r(b, op, i->size, i->rm);
    } else if (s->immediate) {
        i->is_memory ? x86_rm_i8(b, op, i->size, i->reg, i->memory, i->immediate)
                     : x86_rr_i8(b, op, i->size, i->reg, i->rm, i->immediate);
    } else {
        i->is_memory ? x86_rm(b, op, i->size, i->reg, i->memory) : x86_rr(b, op, i->size, i->reg, i->rm);
    }
}

static void emit_instance(struct instance *i)
{
    char text[LINE_SIZE];
    uint32_t offset = x86_offset(&buffer);
    buffer.avx = i->vex;
    if (i->shape->vector) {
        emit_vector(&buffer, i);
    } else {
        emit_general(&buffer, i);
    }
    if (i->vex && i->shape->vector && (i->row->op & X86_FLAG_SWAP) && !i->is_memory && i->rm >= 8 && i->vvvv < 8) {
        unsigned other = i->rm; /* the encoder exchanges the sources for a shorter prefix */
        i->rm = i->vvvv;
        i->vvvv = other;
    }
    print_instance(text, i);
    expect_at(offset, text);
}

static void emit_variants(struct instance base)
{
    static const uint8_t registers[][4] = {
        {0, 1, 2, 3},  {3, 2, 1, 0},  {4, 5, 6, 7},     {7, 4, 5, 6},
        {8, 1, 9, 15}, {5, 12, 3, 2}, {15, 14, 13, 12}, {2, 3, 11, 8},
    };
    for (unsigned n = 0; n < sizeof registers / sizeof *registers; n++) {
        struct instance i = base;
        i.reg = registers[n][0];
        i.vvvv = registers[n][1];
        i.rm = registers[n][2];
        i.mask = registers[n][3];
        if (!i.vex && i.shape->vector) {
            i.vvvv = i.shape->digit ? i.rm : i.reg; /* the forms without a move */
        }
        if (i.shape->rm < 0) {
            i.rm = i.reg;
            emit_instance(&i);
        } else if (i.shape->may_be_register) {
            emit_instance(&i);
        }
    }
    for (unsigned n = 0; n < MEMORY_COUNT && base.shape->may_be_memory; n++) {
        struct instance i = base;
        i.is_memory = true;
        i.memory = memories[n];
        i.reg = (n * 5 + 3) % 16;
        i.vvvv = i.vex || !i.shape->vector ? (n * 3 + 1) % 16 : i.reg;
        i.mask = (n * 7 + 2) % 16;
        if (i.vex && !i.shape->vector && i.shape->immediate) {
            continue; /* rorx from memory has no emitter */
        }
        if (i.shape->vector && (i.row->op & X86_FLAG_QUAD)) {
            continue; /* nor have conversions from memory with an operand size */
        }
        emit_instance(&i);
    }
}

static void emit_row(const struct row *row)
{
    struct shape shape = shape_of(row);
    uint32_t op = row->op;
    enum x86_size first = op & X86_FLAG_SIZED ? X86_8 : op & X86_FLAG_WIDE ? X86_16 : X86_32;
    enum x86_size last = op & (X86_FLAG_SIZED | X86_FLAG_WIDE | X86_FLAG_QUAD) ? X86_64 : X86_32;
    for (enum x86_size size = first; size <= last; size++) {
        struct instance i = {.row = row, .shape = &shape, .size = size, .immediate = 0x2b};
        if (shape.immediate == 4) {
            i.immediate = 0x1234;
        }
        if (!(op & X86_FLAG_VEX) || (op & X86_FLAG_LEGACY)) {
            emit_variants(i);
        }
        if (op & X86_FLAG_VEX) {
            i.vex = true;
            emit_variants(i);
            i.wide_vector = true;
            if (op & X86_FLAG_YMM) {
                emit_variants(i);
            }
        }
    }
}

/* objdump's text, reduced: one blank after the mnemonic, no operand sizes, no comment. */
static void normalise(char *text)
{
    static const char *const sizes[] = {"BYTE",    "WORD",  "DWORD", "QWORD", "XMMWORD",
                                        "YMMWORD", "OWORD", "TBYTE", "FWORD"};
    text[strcspn(text, "#\n")] = 0;
    for (unsigned n = 0; n < sizeof sizes / sizeof *sizes; n++) {
        char phrase[16], *at;
        snprintf(phrase, sizeof phrase, " %s PTR ", sizes[n]);
        while ((at = strstr(text, phrase)) != NULL) {
            memmove(at + 1, at + strlen(phrase), strlen(at + strlen(phrase)) + 1);
        }
        snprintf(phrase, sizeof phrase, ",%s PTR ", sizes[n]);
        while ((at = strstr(text, phrase)) != NULL) {
            memmove(at + 1, at + strlen(phrase), strlen(at + strlen(phrase)) + 1);
        }
    }
    char *to = text;
    bool blank = true;
    for (char *from = text; *from; from++) {
        if (*from == ' ' && blank) {
            continue;
        }
        blank = *from == ' ';
        *to++ = *from;
    }
    while (to > text && to[-1] == ' ') {
        to--;
    }
    *to = 0;
}

static void compare_with_objdump(void)
{
    char path[] = "/tmp/x86_encoder.XXXXXX", command[160];
    ck_assert(!buffer.overflow);
    int fd = mkstemp(path);
    size_t size = x86_offset(&buffer);
    ck_assert_int_eq(write(fd, buffer.start, size), (ssize_t)size);
    close(fd);
    snprintf(command, sizeof command, "objdump -D -z -w -b binary -m i386:x86-64 -M intel --no-show-raw-insn %s", path);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    char text[256];
    unsigned next = 0, wrong = 0;
    while (fgets(text, sizeof text, pipe)) {
        char *colon = strchr(text, ':'), *end;
        unsigned long offset = strtoul(text, &end, 16);
        if (!colon || end != colon) {
            continue;
        }
        normalise(colon + 1);
        char *got = colon + 1 + strspn(colon + 1, "\t ");
        if (next < line_count && lines[next].offset == offset) {
            if (strcmp(got, lines[next].text) != 0 && wrong++ < 30) {
                fprintf(stderr, "%lx: got \"%s\", expected \"%s\"\n", offset, got, lines[next].text);
            }
            next++;
        } else if (next < line_count && lines[next].offset < offset && wrong++ < 30) {
            fprintf(stderr, "%lx: no instruction starts at \"%s\"\n", offset, lines[next].text);
            next++;
        }
    }
    pclose(pipe);
    unlink(path);
    ck_assert_uint_eq(next, line_count);
    ck_assert_uint_eq(wrong, 0);
}

static void setup(void)
{
    lines = calloc(MAX_LINES, sizeof *lines);
    line_count = 0;
    x86_buffer_init(&buffer, malloc(BUFFER_SIZE), BUFFER_SIZE, false);
}

static void teardown(void)
{
    free(buffer.start);
    free(lines);
}

START_TEST(test_rows)
{
    for (unsigned n = 0; n < sizeof rows / sizeof *rows; n++) {
        emit_row(&rows[n]);
    }
    ck_assert_uint_gt(line_count, 10000);
    compare_with_objdump();
}
END_TEST

#define EXPECT(text, call)                                                                                             \
    do {                                                                                                               \
        uint32_t offset = x86_offset(b);                                                                               \
        call;                                                                                                          \
        expect_at(offset, text);                                                                                       \
    } while (0)

START_TEST(test_immediates)
{
    struct host_buffer *b = &buffer;
    struct x86_memory m = x86_at(X86_RBX, 8), rip = x86_at(X86_RIP, 0);
    EXPECT("add eax,0x7f", x86_alu_ri(b, X86_ADD, X86_32, X86_RAX, 0x7f));
    EXPECT("add eax,0x80", x86_alu_ri(b, X86_ADD, X86_32, X86_RAX, 0x80));
    EXPECT("and r9,0xffffffffffffff80", x86_alu_ri(b, X86_AND, X86_64, X86_R9, -0x80));
    EXPECT("cmp sil,0x80", x86_alu_ri(b, X86_CMP, X86_8, X86_RSI, 0x80));
    EXPECT("sub bx,0x1234", x86_alu_ri(b, X86_SUB, X86_16, X86_RBX, 0x1234));
    EXPECT("xor bx,0xffff", x86_alu_ri(b, X86_XOR, X86_16, X86_RBX, 0xffff));
    EXPECT("or [rbx+0x8],0x12345", x86_alu_mi(b, X86_OR, X86_64, m, 0x12345));
    EXPECT("cmp [rbx+0x8],0x5", x86_alu_mi(b, X86_CMP, X86_8, m, 5));
    EXPECT("test al,0x80", x86_test_ri(b, X86_8, X86_RAX, 0x80));
    EXPECT("test dil,0x1", x86_test_ri(b, X86_8, X86_RDI, 1));
    EXPECT("test r12d,0x10000", x86_test_ri(b, X86_32, X86_R12, 0x10000));
    EXPECT("test [rbx+0x8],0x10", x86_test_mi(b, X86_32, m, 0x10));
    EXPECT("mov [rbx+0x8],0xffffffffffffffff", x86_mov_mi(b, X86_64, m, -1));
    EXPECT("mov [rbx+0x8],0x1234", x86_mov_mi(b, X86_16, m, 0x1234));
    EXPECT("mov r10d,0x0", x86_mov_ri(b, X86_R10, 0));
    EXPECT("mov eax,0xffffffff", x86_mov_ri(b, X86_RAX, 0xffffffff));
    EXPECT("mov rdi,0xffffffffffffffff", x86_mov_ri(b, X86_RDI, UINT64_MAX));
    EXPECT("movabs r8,0x123456789abcdef0", x86_mov_ri(b, X86_R8, 0x123456789abcdef0));
    EXPECT("imul eax,r8d,0x7f", x86_imul_rri(b, X86_32, X86_RAX, X86_R8, 0x7f));
    EXPECT("imul rax,r8,0x3e8", x86_imul_rri(b, X86_64, X86_RAX, X86_R8, 1000));
    EXPECT("setne sil", x86_setcc(b, X86_NE, X86_RSI));
    EXPECT("setl r9b", x86_setcc(b, X86_L, X86_R9));
    EXPECT("setb [rbx+0x8]", x86_setcc_m(b, X86_B, m));
    EXPECT("cmovae r9,rax", x86_cmov(b, X86_AE, X86_64, X86_R9, X86_RAX));
    EXPECT("cmovp ecx,[rbx+0x8]", x86_cmov_m(b, X86_P, X86_32, X86_RCX, m));
    EXPECT("lock xadd [rbx+0x8],ecx", (x86_lock(b), x86_rm(b, X86_XADD, X86_32, X86_RCX, m)));
    rip.displacement = (int32_t)x86_offset(b) + 7 + 0x100;
    EXPECT("lea rdx,[rip+0x100]", x86_rm(b, X86_LEA, X86_64, X86_RDX, rip));
    rip.displacement = (int32_t)x86_offset(b) + 8 + 0x40;
    EXPECT("cmp [rip+0x40],0x3", x86_alu_mi(b, X86_CMP, X86_64, rip, 3));
    compare_with_objdump();
}
END_TEST

START_TEST(test_legacy_three_operands)
{
    struct host_buffer *b = &buffer;
    EXPECT("subps xmm1,xmm2", x86_v_rrr(b, X86_SUBPS, 1, 1, 2));
    EXPECT("movaps xmm1,xmm3", x86_v_rrr(b, X86_SUBPS, 1, 3, 2));
    expect_at(x86_offset(b) - 3, "subps xmm1,xmm2");
    EXPECT("paddd xmm1,xmm3", x86_v_rrr(b, X86_PADDD, 1, 3, 1)); /* commutative: no move */
    EXPECT("movaps xmm15,xmm1", x86_v_rrr(b, X86_PSUBD, 1, 3, 1));
    expect_at(x86_offset(b) - 8, "movaps xmm1,xmm3");
    expect_at(x86_offset(b) - 5, "psubd xmm1,xmm15");
    b->avx = true;
    EXPECT("vmovaps xmm1,xmm9", x86_v_move(b, 1, 9));
    ck_assert_uint_eq(b->next[-4], 0xc5); /* the store form has the short prefix */
    EXPECT("vmovaps xmm9,xmm1", x86_v_move(b, 9, 1));
    EXPECT("vpsubd xmm1,xmm3,xmm1", x86_v_rrr(b, X86_PSUBD, 1, 3, 1));
    compare_with_objdump();
}
END_TEST

START_TEST(test_labels)
{
    struct host_buffer *b = &buffer;
    struct host_label top = X86_LABEL_INIT, out = X86_LABEL_INIT;
    x86_bind(b, &top);
    EXPECT("jne 0x20c", x86_jcc_label(b, X86_NE, &out));
    uint32_t jump;
    EXPECT("je 0xd", jump = x86_jcc_short(b, X86_E));
    EXPECT("jmp 0x20c", x86_jmp_label(b, &out));
    x86_bind_short(b, jump);
    EXPECT("jmp 0x0", x86_jmp_label(b, &top));
    EXPECT("jl 0x0", x86_jcc_label(b, X86_L, &top));
    for (unsigned n = 1; x86_offset(b) < 0x200; n++) {
        x86_nop(b, n % 11 < 0x200 - x86_offset(b) ? n % 11 : 1);
    }
    EXPECT("jmp 0x0", x86_jmp_label(b, &top));
    ck_assert_uint_eq(x86_offset(b), 0x205);
    EXPECT("lea rax,[rip+0x0]", x86_lea_label(b, X86_RAX, &out));
    x86_bind(b, &out);
    ck_assert_uint_eq(x86_offset(b), 0x20c);
    EXPECT("ret", x86_z(b, X86_RET));
    compare_with_objdump();
}
END_TEST

/* The short ways of encoder_plain.h write what the general emitters write. */
static void compare_ways(unsigned reg, struct x86_memory m)
{
    static const uint32_t loads[2][4] = {{X86_MOVZX8, X86_MOVZX16, X86_MOV, X86_MOV},
                                         {X86_MOVSX8, X86_MOVSX16, X86_MOVSXD, X86_MOV}};
    struct x86_memory general = m;
    uint8_t one[64], other[64];
    struct host_buffer fast, slow;
    general.index = m.index == X86_RSP ? X86_NONE : m.index;
    x86_buffer_init(&fast, one, 128, false);
    for (unsigned way = 0; way < 2 * 2 * 4 + 4 + 2; way++) {
        unsigned size = way & 3, is_signed = way >> 2 & 1, wide = way >> 3 & 1;
        x86_buffer_init(&slow, other, 128, false);
        fast.next = one;
        if (way < 16) {
            if (size > X86_32 && !wide) {
                continue;
            }
            unsigned extended = is_signed && size < X86_32 + wide;
            x86_plain(&fast, &x86_plain_loads[wide][size | is_signed * PLAIN_SIGNED], reg, m);
            x86_rm(&slow, loads[extended][size], size == X86_64 || (extended && wide) ? X86_64 : X86_32, reg, general);
        } else if (way < 20) {
            x86_plain(&fast, &x86_plain_stores[size], reg, m);
            x86_rm(&slow, X86_MOV_STORE, size, reg, general);
        } else {
            x86_near_rbp(&fast, OPCODE_MOV_LOAD, way & 1, reg, m.displacement);
            x86_rm(&slow, X86_MOV, way & 1 ? X86_64 : X86_32, reg, x86_at(X86_RBP, m.displacement));
            x86_alu_rr(&fast, X86_CMP, way & 1, m.base, reg);
            x86_rr(&slow, X86_CMP, way & 1 ? X86_64 : X86_32, reg, m.base);
        }
        ck_assert_uint_eq(x86_offset(&fast), x86_offset(&slow));
        ck_assert_mem_eq(one, other, x86_offset(&slow));
    }
}

START_TEST(test_plain)
{
    static const int32_t displacements[] = {0, 1, -1, 127, 128, -128, -129, INT32_MAX, INT32_MIN};
    for (unsigned n = 0; n < sizeof displacements / sizeof *displacements; n++) {
        for (unsigned reg = 0; reg < 16; reg++) {
            for (unsigned base = 0; base < 16; base++) {
                for (unsigned index = 0; index < 16; index++) {
                    unsigned scale = index == X86_RSP ? 0 : (reg + base) & 3;
                    compare_ways(reg, x86_at_index(base, index, scale, displacements[n]));
                }
            }
        }
    }
}
END_TEST

START_TEST(test_overflow)
{
    uint8_t bytes[256];
    struct host_buffer small;
    memset(bytes, 0x55, sizeof bytes);
    x86_buffer_init(&small, bytes, 128, false);
    for (unsigned n = 0; n < 100; n++) {
        x86_rr(&small, X86_ADD, X86_64, X86_RAX, X86_RBX);
    }
    ck_assert(small.overflow);
    for (unsigned n = 128; n < sizeof bytes; n++) {
        ck_assert_uint_eq(bytes[n], 0x55);
    }
}
END_TEST

START_TEST(test_features)
{
    uint32_t features = x86_features_detect();
    ck_assert(features & X86_HAS_SSE41);
    ck_assert_int_eq((features & X86_HAS_AVX2) != 0, __builtin_cpu_supports("avx2") != 0);
    ck_assert_int_eq((features & X86_HAS_BMI2) != 0, __builtin_cpu_supports("bmi2") != 0);
    ck_assert_int_eq((features & X86_HAS_FMA) != 0, __builtin_cpu_supports("fma") != 0);
    ck_assert_int_eq((features & X86_HAS_AVX512) != 0,
                     __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"));
    ck_assert_str_eq(x86_feature_name(0), "ssse3");
    ck_assert_ptr_null(x86_feature_name(X86_FEATURE_COUNT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("x86_encoder");
    TCase *rows_case = tcase_create("encoder");
    tcase_add_checked_fixture(rows_case, setup, teardown);
    tcase_set_timeout(rows_case, 60);
    tcase_add_test(rows_case, test_rows);
    tcase_add_test(rows_case, test_immediates);
    tcase_add_test(rows_case, test_legacy_three_operands);
    tcase_add_test(rows_case, test_labels);
    tcase_add_test(rows_case, test_plain);
    tcase_add_test(rows_case, test_overflow);
    tcase_add_test(rows_case, test_features);
    suite_add_tcase(suite, rows_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
