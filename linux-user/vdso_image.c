/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vdso.h"

#include "address_space.h"

#include <elf.h>
#include <string.h>

enum { SYMBOLS = 16, STRINGS = 512, DYNAMIC_ENTRIES = 10, BUCKETS = 1 };

/* The whole image but its code, which follows. Every address is an offset into it. */
struct vdso_image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    Elf64_Dyn dynamic[DYNAMIC_ENTRIES];
    Elf64_Sym symbols[SYMBOLS];
    struct {
        uint32_t bucket_count, chain_count, buckets[BUCKETS], chains[SYMBOLS];
    } hash;
    uint16_t versions[SYMBOLS];
    struct {
        Elf64_Verdef definition;
        Elf64_Verdaux name;
    } definitions[2];
    char strings[STRINGS];
    uint32_t code[] __attribute__((aligned(16)));
};

static const char object_name[] = "linux-vdso.so.1";

static uint32_t add_string(struct vdso_image *image, uint32_t *used, const char *text)
{
    size_t length = strlen(text) + 1;
    uint32_t place = *used;
    if (place + length > STRINGS) {
        return 0;
    }
    memcpy(image->strings + place, text, length);
    *used += (uint32_t)length;
    return place;
}

static uint32_t elf_hash(const char *name)
{
    uint32_t hash = 0;
    for (; *name; name++) {
        hash = (hash << 4) + (unsigned char)*name;
        uint32_t high = hash & 0xf0000000;
        hash = (hash ^ high >> 24) & ~high;
    }
    return hash;
}

static void fill_headers(struct vdso_image *image, const struct vdso_description *description, uint16_t machine,
                         size_t total)
{
    image->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = machine,
        .e_version = EV_CURRENT,
        .e_phoff = offsetof(struct vdso_image, segments),
        .e_flags = description->elf_flags,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf64_Shdr),
    };
    image->segments[0] = (Elf64_Phdr){
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = total, .p_memsz = total, .p_align = ADDRESS_SPACE_PAGE};
    image->segments[1] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
                                      .p_flags = PF_R,
                                      .p_offset = offsetof(struct vdso_image, dynamic),
                                      .p_vaddr = offsetof(struct vdso_image, dynamic),
                                      .p_paddr = offsetof(struct vdso_image, dynamic),
                                      .p_filesz = sizeof image->dynamic,
                                      .p_memsz = sizeof image->dynamic,
                                      .p_align = 8};
}

static void fill_dynamic(struct vdso_image *image, uint32_t name)
{
    const Elf64_Dyn entries[DYNAMIC_ENTRIES] = {
        {DT_SONAME, {name}},
        {DT_HASH, {offsetof(struct vdso_image, hash)}},
        {DT_STRTAB, {offsetof(struct vdso_image, strings)}},
        {DT_SYMTAB, {offsetof(struct vdso_image, symbols)}},
        {DT_STRSZ, {STRINGS}},
        {DT_SYMENT, {sizeof(Elf64_Sym)}},
        {DT_VERSYM, {offsetof(struct vdso_image, versions)}},
        {DT_VERDEF, {offsetof(struct vdso_image, definitions)}},
        {DT_VERDEFNUM, {2}},
        {DT_NULL, {0}},
    };
    memcpy(image->dynamic, entries, sizeof entries);
}

static void fill_versions(struct vdso_image *image, uint32_t object, uint32_t version, const char *version_name)
{
    for (int i = 0; i < 2; i++) {
        image->definitions[i].definition = (Elf64_Verdef){
            .vd_version = VER_DEF_CURRENT,
            .vd_flags = i == 0 ? VER_FLG_BASE : 0,
            .vd_ndx = (Elf64_Half)(i + 1),
            .vd_cnt = 1,
            .vd_hash = elf_hash(i == 0 ? object_name : version_name),
            .vd_aux = sizeof(Elf64_Verdef),
            .vd_next = i == 0 ? sizeof image->definitions[0] : 0,
        };
        image->definitions[i].name = (Elf64_Verdaux){.vda_name = i == 0 ? object : version};
    }
}

size_t vdso_build(const struct vdso_description *description, uint16_t machine, void *buffer, size_t size,
                  uint64_t *code_start)
{
    struct vdso_image *image = buffer;
    size_t total = sizeof *image + description->code_size;
    unsigned symbols = description->function_count + 1;
    uint32_t used = 1;
    if (total > size || symbols > SYMBOLS) {
        return 0;
    }
    memset(buffer, 0, total);
    fill_headers(image, description, machine, total);
    uint32_t object = add_string(image, &used, object_name);
    uint32_t version = add_string(image, &used, description->version);
    fill_dynamic(image, object);
    fill_versions(image, object, version, description->version);
    image->hash.bucket_count = BUCKETS;
    image->hash.chain_count = symbols;
    image->hash.buckets[0] = symbols > 1 ? 1 : 0;
    for (unsigned i = 0; i < description->function_count; i++) {
        const struct vdso_function *function = &description->functions[i];
        image->symbols[i + 1] = (Elf64_Sym){
            .st_name = add_string(image, &used, function->name),
            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
            .st_shndx = 1, /* any but undefined */
            .st_value = sizeof *image + function->offset,
            .st_size = function->size,
        };
        image->versions[i + 1] = 2;
        image->hash.chains[i + 1] = i + 2 < symbols ? i + 2 : 0;
    }
    memcpy(image->code, description->code, description->code_size);
    *code_start = sizeof *image;
    return total;
}
