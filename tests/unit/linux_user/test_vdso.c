/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The made-up vdso as libelf and a dynamic linker's search see it. */
#include "vdso.h"

#include <check.h>
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

static const uint32_t code[] = {0x11111111, 0x22222222, 0x33333333};
static const struct vdso_function functions[] = {{"first", 0, 4}, {"second", 4, 8}};
static const struct vdso_description description = {
    .version = "LINUX_9.9", .code = code, .code_size = sizeof code, .functions = functions, .function_count = 2};

static char buffer[16384] __attribute__((aligned(16)));

static uint64_t dynamic(const char *image, int64_t tag)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(image + header->e_phoff);
    for (const Elf64_Dyn *entry = (const Elf64_Dyn *)(image + segments[1].p_vaddr); entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == tag) {
            return entry->d_un.d_val;
        }
    }
    ck_abort_msg("no dynamic entry %ld", (long)tag);
    return 0;
}

START_TEST(headers_are_valid)
{
    uint64_t code_start;
    size_t size = vdso_build(&description, EM_AARCH64, buffer, sizeof buffer, &code_start);
    ck_assert_uint_gt(size, 0);
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory(buffer, size);
    GElf_Ehdr header;
    size_t count;
    ck_assert_ptr_nonnull(elf);
    ck_assert_ptr_nonnull(gelf_getehdr(elf, &header));
    ck_assert_int_eq(header.e_machine, EM_AARCH64);
    ck_assert_int_eq(elf_getphdrnum(elf, &count), 0);
    ck_assert_uint_eq(count, 2);
    elf_end(elf);
    ck_assert_int_eq(memcmp(buffer + code_start, code, sizeof code), 0);
}
END_TEST

START_TEST(symbols_are_found)
{
    uint64_t code_start;
    vdso_build(&description, EM_RISCV, buffer, sizeof buffer, &code_start);
    const char *strings = buffer + dynamic(buffer, DT_STRTAB);
    const Elf64_Sym *symbols = (const Elf64_Sym *)(buffer + dynamic(buffer, DT_SYMTAB));
    const uint32_t *hash = (const uint32_t *)(buffer + dynamic(buffer, DT_HASH));
    const uint16_t *versions = (const uint16_t *)(buffer + dynamic(buffer, DT_VERSYM));
    unsigned found = 0;
    for (uint32_t index = hash[2]; index; index = hash[2 + hash[0] + index]) {
        ck_assert_str_eq(strings + symbols[index].st_name, functions[index - 1].name);
        ck_assert_uint_eq(symbols[index].st_value, code_start + functions[index - 1].offset);
        ck_assert_uint_eq(versions[index], 2);
        found++;
    }
    ck_assert_uint_eq(found, 2);
    const Elf64_Verdef *definition = (const Elf64_Verdef *)(buffer + dynamic(buffer, DT_VERDEF));
    definition = (const Elf64_Verdef *)((const char *)definition + definition->vd_next);
    const Elf64_Verdaux *name = (const Elf64_Verdaux *)((const char *)definition + definition->vd_aux);
    ck_assert_uint_eq(definition->vd_ndx, 2);
    ck_assert_str_eq(strings + name->vda_name, "LINUX_9.9");
}
END_TEST

START_TEST(too_small_a_buffer)
{
    uint64_t code_start;
    ck_assert_uint_eq(vdso_build(&description, EM_RISCV, buffer, 100, &code_start), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vdso");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, headers_are_valid);
    tcase_add_test(cases, symbols_are_found);
    tcase_add_test(cases, too_small_a_buffer);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
