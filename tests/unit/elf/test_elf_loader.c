/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loader with good files, and with files that lie. Whatever a file says, the answer is 0 or an errno, never a
 * signal. */
#include "elf_loader.h"

#include "host_machine.h"
#include "protected_copy.h"

#include <check.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static const struct address_layout layout = {
    .limit = UINT64_C(0x200000000000),
    .program = UINT64_C(0x155000000000),
    .stack_top = UINT64_C(0x1ffffff00000),
    .stack_gap = 128 << 20,
};

enum { FILE_SIZE = 0x3000, CODE_OFFSET = 0x1000, DATA_OFFSET = 0x2010, INTERPRETER_OFFSET = 0x400 };

/* A program of two segments with an interpreter, as a linker makes it. */
struct sample {
    Elf64_Ehdr header;
    Elf64_Phdr segments[4];
    char rest[FILE_SIZE - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
};

static struct sample sample;
static struct elf_file file;
static const char *problem;

static void make_sample(void)
{
    memset(&sample, 0, sizeof sample);
    sample.header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = EM_AARCH64,
        .e_version = EV_CURRENT,
        .e_entry = 0x1100,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 4,
    };
    sample.segments[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, 0, 0, 0x1800, 0x1800, 0x1000};
    sample.segments[1] = (Elf64_Phdr){PT_LOAD, PF_R | PF_W, DATA_OFFSET, 0x12010, 0, 0x100, 0x5000, 0x10000};
    sample.segments[2] = (Elf64_Phdr){PT_INTERP, PF_R, INTERPRETER_OFFSET, INTERPRETER_OFFSET, 0, 9, 9, 1};
    sample.segments[3] = (Elf64_Phdr){PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16};
    memcpy((char *)&sample + INTERPRETER_OFFSET, "/lib/ld.x", 9);
    ((char *)&sample)[INTERPRETER_OFFSET + 8] = 0;
    memset((char *)&sample + DATA_OFFSET, 'd', 0x100);
    memset((char *)&sample + DATA_OFFSET + 0x100, 'x', 0x200); /* must read as zero in the bss */
}

static int write_file(const void *bytes, size_t size)
{
    int fd = memfd_create("sample", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    return fd;
}

static int read_sample(size_t size)
{
    int fd = write_file(&sample, size);
    int error = elf_file_read(fd, &file, &problem);
    close(fd);
    return error;
}

/* As kage's handler does it. */
static void skip_fault(int signal, siginfo_t *info, void *context)
{
    uint64_t pc = host_context_pc(context);
    if (pc < (uint64_t)protected_start || pc >= (uint64_t)protected_end) {
        _exit(99);
    }
    host_context_set_pc(context, (uint64_t)protected_fault);
}

/* Reads and, if that goes well, loads. */
static int load_sample(size_t size, struct elf_image *image)
{
    int fd = write_file(&sample, size);
    int error = elf_file_read(fd, &file, &problem);
    if (error == 0) {
        struct address_space *space = address_space_create(&layout, 8 << 20, NULL, NULL);
        error = elf_image_load(space, fd, &file, layout.program, image, &problem);
        const struct elf_segment *segment = &file.segments[1];
        bool is_as_made = file.segment_count == 2 && segment->address == 0x12010 && segment->file_size == 0x100 &&
                          segment->memory_size == 0x5000 && segment->file_offset == DATA_OFFSET &&
                          segment->protection == (PROT_READ | PROT_WRITE);
        if (error == 0 && is_as_made) {
            const char *data = (const char *)image->bias + 0x12010;
            ck_assert_int_eq(data[0xff], 'd');
            ck_assert_int_eq(data[0x100], 0);
            ck_assert_int_eq(data[0x4fff], 0);
        }
        address_space_destroy(space);
    }
    close(fd);
    return error;
}

static void set_up(void)
{
    struct sigaction action = {.sa_sigaction = skip_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    make_sample();
}

START_TEST(good_file)
{
    struct elf_image image;
    ck_assert_int_eq(load_sample(sizeof sample, &image), 0);
    ck_assert_int_eq(file.machine, EM_AARCH64);
    ck_assert_int_eq(file.segment_count, 2);
    ck_assert_str_eq(file.interpreter, "/lib/ld.");
    ck_assert_int_eq(file.stack_protection, PROT_READ | PROT_WRITE);
    ck_assert_uint_eq(file.headers, sizeof(Elf64_Ehdr));
    ck_assert_uint_eq(image.bias, layout.program);
    ck_assert_uint_eq(image.entry, layout.program + 0x1100);
    ck_assert_uint_eq(image.end, layout.program + 0x18000);
}
END_TEST

START_TEST(fixed_file)
{
    struct elf_image image;
    sample.header.e_type = ET_EXEC;
    for (int i = 0; i < 2; i++) {
        sample.segments[i].p_vaddr += 0x400000;
    }
    ck_assert_int_eq(load_sample(sizeof sample, &image), 0);
    ck_assert_uint_eq(image.bias, 0);
    ck_assert_uint_eq(image.start, 0x400000);
}
END_TEST

START_TEST(every_truncation)
{
    struct elf_image image;
    for (size_t size = 0; size < 0x600; size++) {
        int error = load_sample(size, &image);
        ck_assert_int_le(error, 0);
        if (size < INTERPRETER_OFFSET) {
            ck_assert_int_eq(error, -ENOEXEC);
        }
    }
    for (size_t size = 0x600; size < sizeof sample; size += 509) {
        ck_assert_int_le(load_sample(size, &image), 0);
    }
}
END_TEST

START_TEST(every_byte_of_the_headers)
{
    static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct elf_image image;
    size_t end = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr);
    for (size_t place = 0; place < end; place++) {
        for (unsigned i = 0; i < sizeof values; i++) {
            make_sample();
            ((unsigned char *)&sample)[place] = values[i];
            ck_assert_int_le(load_sample(sizeof sample, &image), 0);
        }
    }
}
END_TEST

START_TEST(random_headers)
{
    struct elf_image image;
    srandom(1);
    for (int round = 0; round < 3000; round++) {
        make_sample();
        for (int change = 0; change < 4; change++) {
            size_t place = (size_t)random() % (sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr) - 8);
            uint64_t value = (uint64_t)random() << 40 ^ (uint64_t)random() << 20 ^ (uint64_t)random();
            memcpy((char *)&sample + place, &value, 1u << random() % 4);
        }
        ck_assert_int_le(load_sample(sizeof sample, &image), 0);
    }
}
END_TEST

static void segment_wraps(void)
{
    sample.segments[1].p_vaddr = UINT64_MAX - 0xfff + 0x10;
}
static void segment_is_huge(void)
{
    sample.segments[1].p_memsz = UINT64_MAX;
}
static void file_part_is_larger(void)
{
    sample.segments[0].p_filesz = sample.segments[0].p_memsz + 1;
}
static void segments_overlap(void)
{
    sample.segments[1].p_vaddr = 0x10;
    sample.segments[1].p_offset = 0x10;
}
static void segment_is_skewed(void)
{
    sample.segments[1].p_offset++;
}
static void many_headers(void)
{
    sample.header.e_phnum = 0xffff;
}
static void no_headers(void)
{
    sample.header.e_phnum = 0;
}
static void wrong_header_size(void)
{
    sample.header.e_phentsize = 1;
}
static void far_headers(void)
{
    sample.header.e_phoff = UINT64_MAX - 8;
}
static void object_file(void)
{
    sample.header.e_type = ET_REL;
}
static void bad_class(void)
{
    sample.header.e_ident[EI_CLASS] = 9;
}
static void bad_order(void)
{
    sample.header.e_ident[EI_DATA] = 0;
}
static void interpreter_without_end(void)
{
    ((char *)&sample)[INTERPRETER_OFFSET + 8] = 'x';
}
static void interpreter_too_long(void)
{
    sample.segments[2].p_filesz = 1 << 20;
}
static void nothing_to_load(void)
{
    sample.segments[0].p_type = sample.segments[1].p_type = PT_NULL;
}

/* What each lie is answered with. */
static const struct {
    const char *text;
    void (*tell)(void);
} lies[] = {
    {"segment outside any address space", segment_wraps},
    {"segment outside any address space", segment_is_huge},
    {"segment larger in the file than in memory", file_part_is_larger},
    {"overlapping or unordered segments", segments_overlap},
    {"segment not aligned to pages", segment_is_skewed},
    {"bad table of program headers", many_headers},
    {"no program headers", no_headers},
    {"bad table of program headers", wrong_header_size},
    {"bad table of program headers", far_headers},
    {"an object file, not a program", object_file},
    {"unknown ELF class", bad_class},
    {"unknown byte order", bad_order},
    {"bad name of the interpreter", interpreter_without_end},
    {"bad name of the interpreter", interpreter_too_long},
    {"nothing to load", nothing_to_load},
};

START_TEST(lies_are_named)
{
    lies[_i].tell();
    ck_assert_int_eq(read_sample(sizeof sample), -ENOEXEC);
    ck_assert_str_eq(problem, lies[_i].text);
}
END_TEST

START_TEST(addresses_beyond_the_guest)
{
    struct elf_image image;
    sample.header.e_type = ET_EXEC;
    sample.segments[0].p_vaddr = UINT64_C(0x7f0000000000);
    sample.segments[1].p_vaddr = UINT64_C(0x7f0000012010);
    ck_assert_int_eq(load_sample(sizeof sample, &image), -ENOMEM);
    make_sample();
    sample.segments[1].p_memsz = UINT64_C(1) << 50;
    ck_assert_int_eq(load_sample(sizeof sample, &image), -ENOMEM);
}
END_TEST

START_TEST(big_endian_32_bit)
{
    struct {
        Elf32_Ehdr header;
        Elf32_Phdr segment;
    } small = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2MSB, EV_CURRENT},
                   .e_type = __builtin_bswap16(ET_EXEC),
                   .e_machine = __builtin_bswap16(EM_PPC),
                   .e_version = __builtin_bswap32(EV_CURRENT),
                   .e_entry = __builtin_bswap32(0x10000100),
                   .e_phoff = __builtin_bswap32(sizeof(Elf32_Ehdr)),
                   .e_phentsize = __builtin_bswap16(sizeof(Elf32_Phdr)),
                   .e_phnum = __builtin_bswap16(1)},
        .segment = {.p_type = __builtin_bswap32(PT_LOAD),
                    .p_vaddr = __builtin_bswap32(0x10000000),
                    .p_memsz = __builtin_bswap32(0x1000),
                    .p_flags = __builtin_bswap32(PF_R)},
    };
    int fd = write_file(&small, sizeof small);
    ck_assert_int_eq(elf_file_read(fd, &file, &problem), 0);
    ck_assert_int_eq(file.machine, EM_PPC);
    ck_assert(file.big_endian);
    ck_assert_uint_eq(file.entry, 0x10000100);
    ck_assert_uint_eq(file.segments[0].memory_size, 0x1000);
    close(fd);
}
END_TEST

static const struct {
    const char *text;
    int kind;
    const char *interpreter, *argument;
} scripts[] = {
    {"#!/bin/sh\necho", PROGRAM_SCRIPT, "/bin/sh", ""},
    {"#! /bin/sh -e  \n", PROGRAM_SCRIPT, "/bin/sh", "-e"},
    {"#!\t/usr/bin/env  a b\tc\n", PROGRAM_SCRIPT, "/usr/bin/env", "a b\tc"},
    {"#!/bin/sh", PROGRAM_SCRIPT, "/bin/sh", ""},
    {"#!\n", -ENOEXEC, "", ""},
    {"#!   \n", -ENOEXEC, "", ""},
    {"#", PROGRAM_OTHER, "", ""},
    {"", PROGRAM_OTHER, "", ""},
    {"echo", PROGRAM_OTHER, "", ""},
    {"\177ELF", PROGRAM_ELF, "", ""},
};

START_TEST(first_lines)
{
    struct script_line line;
    int fd = write_file(scripts[_i].text, strlen(scripts[_i].text));
    ck_assert_int_eq(program_examine(fd, &line), scripts[_i].kind);
    if (scripts[_i].kind == PROGRAM_SCRIPT) {
        ck_assert_str_eq(line.interpreter, scripts[_i].interpreter);
        ck_assert_str_eq(line.argument, scripts[_i].argument);
    }
    close(fd);
}
END_TEST

START_TEST(first_line_without_end)
{
    struct script_line line;
    char text[600];
    memset(text, 'a', sizeof text);
    memcpy(text, "#!/", 3);
    int fd = write_file(text, sizeof text);
    ck_assert_int_eq(program_examine(fd, &line), -ENOEXEC);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elf_loader");
    TCase *cases = tcase_create("all");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, good_file);
    tcase_add_test(cases, fixed_file);
    tcase_add_test(cases, every_truncation);
    tcase_add_test(cases, every_byte_of_the_headers);
    tcase_add_test(cases, random_headers);
    tcase_add_loop_test(cases, lies_are_named, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(cases, addresses_beyond_the_guest);
    tcase_add_test(cases, big_endian_32_bit);
    tcase_add_loop_test(cases, first_lines, 0, sizeof scripts / sizeof scripts[0]);
    tcase_add_test(cases, first_line_without_end);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
