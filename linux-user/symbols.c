/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "symbols.h"

#include "log.h"
#include "proc_files.h"

#include <fcntl.h>
#include <gelf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbol {
    uint64_t start, size; /* the file's own addresses */
    const char *name;
};

/* One ELF file; kept for good, as names point into it. */
struct symbol_file {
    char *path;
    struct {
        uint64_t offset, size, address;
    } segments[16]; /* executable ones */
    unsigned segment_count;
    struct symbol *symbols; /* by growing start */
    size_t symbol_count, symbol_room;
    struct symbol_file *next;
};

/* Guest memory that a file is mapped at; file NULL: nothing with symbols. */
struct symbol_range {
    uint64_t start, end, offset;
    const struct symbol_file *file;
    struct symbol_range *next;
};

struct symbols {
    pthread_mutex_t lock;
    struct symbol_file *files;
    struct symbol_range *ranges;
};

struct symbols *symbols_create(void)
{
    struct symbols *symbols = calloc(1, sizeof *symbols);
    if (!symbols) {
        log_fatal("out of memory");
    }
    pthread_mutex_init(&symbols->lock, NULL);
    elf_version(EV_CURRENT);
    return symbols;
}

/* ---- reading a file ---- */

static void add_symbol(struct symbol_file *file, const GElf_Sym *entry, const char *name)
{
    if (file->symbol_count == file->symbol_room) {
        file->symbol_room = file->symbol_room * 2 + 256;
        file->symbols = realloc(file->symbols, file->symbol_room * sizeof *file->symbols);
    }
    char *copy = strdup(name);
    if (!file->symbols || !copy) {
        log_fatal("out of memory for symbols");
    }
    file->symbols[file->symbol_count++] = (struct symbol){entry->st_value, entry->st_size, copy};
}

/* Functions, and labels without a type that assembly code has; not the mapping symbols ($x, $d) of ARM and RISC-V. */
static bool is_function(const GElf_Sym *entry, const char *name)
{
    unsigned type = GELF_ST_TYPE(entry->st_info);
    return (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE) && entry->st_shndx != SHN_UNDEF &&
           entry->st_value && name && *name && *name != '$' && strncmp(name, ".L", 2) != 0;
}

static void read_table(struct symbol_file *file, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
    for (size_t i = 0; i < count; i++) {
        GElf_Sym entry;
        const char *name = gelf_getsym(data, (int)i, &entry) ? elf_strptr(elf, header->sh_link, entry.st_name) : NULL;
        if (name && is_function(&entry, name)) {
            add_symbol(file, &entry, name);
        }
    }
}

static void read_segments(struct symbol_file *file, Elf *elf)
{
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count && file->segment_count < sizeof file->segments / sizeof file->segments[0]; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD && (header.p_flags & PF_X)) {
            unsigned place = file->segment_count++;
            file->segments[place].offset = header.p_offset;
            file->segments[place].size = header.p_filesz;
            file->segments[place].address = header.p_vaddr;
        }
    }
}

/* At one address the symbol with a size stands last, and is found. */
static int compare_symbols(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    return x->start != y->start ? (x->start < y->start ? -1 : 1) : (x->size > y->size) - (x->size < y->size);
}

static void read_symbols(struct symbol_file *file, int fd)
{
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF) {
        read_segments(file, elf);
        for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
            GElf_Shdr header;
            if (gelf_getshdr(section, &header) && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)) {
                read_table(file, elf, section, &header);
            }
        }
    }
    elf_end(elf);
    if (file->symbol_count) {
        qsort(file->symbols, file->symbol_count, sizeof *file->symbols, compare_symbols);
    }
}

static const struct symbol_file *find_file(struct symbols *symbols, const char *path)
{
    for (const struct symbol_file *file = symbols->files; file; file = file->next) {
        if (strcmp(file->path, path) == 0) {
            return file;
        }
    }
    struct symbol_file *file = calloc(1, sizeof *file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (!file || !(file->path = strdup(path))) {
        log_fatal("out of memory for symbols");
    }
    if (fd >= 0) {
        read_symbols(file, fd);
        close(fd);
    }
    file->next = symbols->files;
    symbols->files = file;
    return file;
}

/* ---- looking up ---- */

static const struct symbol *search(const struct symbol_file *file, uint64_t address)
{
    size_t low = 0, high = file->symbol_count;
    while (low < high) { /* the last that begins at or before address */
        size_t middle = low + (high - low) / 2;
        if (file->symbols[middle].start <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct symbol *symbol = low ? &file->symbols[low - 1] : NULL;
    return symbol && (!symbol->size || address - symbol->start < symbol->size) ? symbol : NULL;
}

static const struct symbol_range *find_range(struct symbols *symbols, uint64_t pc)
{
    struct symbol_range *range = symbols->ranges;
    while (range && (pc < range->start || pc >= range->end)) {
        range = range->next;
    }
    struct proc_mapping mapping;
    if (!range && proc_find_mapping(pc, &mapping) && (range = calloc(1, sizeof *range))) {
        *range = (struct symbol_range){mapping.start, mapping.end, mapping.offset, NULL, symbols->ranges};
        range->file = mapping.name[0] == '/' ? find_file(symbols, mapping.name) : NULL;
        symbols->ranges = range;
    }
    return range;
}

static const char *find_in_range(const struct symbol_range *range, uint64_t pc, uint64_t *offset)
{
    uint64_t place = pc - range->start + range->offset;
    for (unsigned i = 0; i < range->file->segment_count; i++) {
        if (place - range->file->segments[i].offset < range->file->segments[i].size) {
            uint64_t address = place - range->file->segments[i].offset + range->file->segments[i].address;
            const struct symbol *symbol = search(range->file, address);
            *offset = symbol ? address - symbol->start : 0;
            return symbol ? symbol->name : NULL;
        }
    }
    return NULL;
}

const char *symbols_find(struct symbols *symbols, uint64_t pc, uint64_t *offset)
{
    pthread_mutex_lock(&symbols->lock);
    const struct symbol_range *range = find_range(symbols, pc);
    const char *name = range && range->file ? find_in_range(range, pc, offset) : NULL;
    pthread_mutex_unlock(&symbols->lock);
    return name;
}

void symbols_lock(struct symbols *symbols)
{
    pthread_mutex_lock(&symbols->lock);
}

void symbols_unlock(struct symbols *symbols)
{
    pthread_mutex_unlock(&symbols->lock);
}

void symbols_forget(struct symbols *symbols, uint64_t start, uint64_t end)
{
    if (!symbols->ranges) { /* as long as nobody asks for names */
        return;
    }
    pthread_mutex_lock(&symbols->lock);
    for (struct symbol_range **place = &symbols->ranges; *place;) {
        struct symbol_range *range = *place;
        if (range->start < end && start < range->end) {
            *place = range->next;
            free(range);
        } else {
            place = &range->next;
        }
    }
    pthread_mutex_unlock(&symbols->lock);
}
