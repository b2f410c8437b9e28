/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libelf gives the headers one form for every class and byte order. It is handed a small image made here, of the file
 * header and the program headers alone, so that a file's size, section tables and offsets never reach it. */
#include "elf_loader.h"

#include "protected_copy.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_DOWN(address) ((address) & ~(uint64_t)(ADDRESS_SPACE_PAGE - 1))
#define PAGE_UP(address) PAGE_DOWN((address) + ADDRESS_SPACE_PAGE - 1)

/* Addresses and sizes above this are refused before any arithmetic with them. */
#define LARGEST_ADDRESS (UINT64_C(1) << 56)

static ssize_t read_fully(int fd, void *buffer, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = pread(fd, (char *)buffer + done, size - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return -errno;
        }
        if (count == 0) {
            break;
        }
        done += (size_t)count;
    }
    return (ssize_t)done;
}

static int refuse(const char **problem, const char *text)
{
    *problem = text;
    return -ENOEXEC;
}

union header_bytes {
    unsigned char ident[EI_NIDENT];
    Elf32_Ehdr header32;
    Elf64_Ehdr header64;
    char bytes[sizeof(Elf64_Ehdr)];
};

/* Where the program headers are, in the byte order of the file: the only fields read without libelf. */
struct table_place {
    uint64_t offset;
    unsigned entry_size, count;
};

static uint64_t field(const void *place, unsigned size, bool big)
{
    const unsigned char *bytes = place;
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)bytes[i] << 8 * (big ? size - 1 - i : i);
    }
    return value;
}

#define FIELD(member, big) field(&(member), sizeof(member), big)

static struct table_place find_table(const union header_bytes *header)
{
    bool big = header->ident[EI_DATA] == ELFDATA2MSB;
    if (header->ident[EI_CLASS] == ELFCLASS32) {
        const Elf32_Ehdr *h = &header->header32;
        return (struct table_place){FIELD(h->e_phoff, big), FIELD(h->e_phentsize, big), FIELD(h->e_phnum, big)};
    }
    const Elf64_Ehdr *h = &header->header64;
    return (struct table_place){FIELD(h->e_phoff, big), FIELD(h->e_phentsize, big), FIELD(h->e_phnum, big)};
}

/* Rewrites the header for the small image: program headers right behind it, no sections. */
static void point_behind_header(union header_bytes *header)
{
    bool big = header->ident[EI_DATA] == ELFDATA2MSB;
    if (header->ident[EI_CLASS] == ELFCLASS32) {
        Elf32_Ehdr *h = &header->header32;
        uint32_t size = sizeof *h;
        h->e_phoff = big ? __builtin_bswap32(size) : size;
        h->e_shoff = 0;
        h->e_shnum = h->e_shstrndx = 0;
    } else {
        Elf64_Ehdr *h = &header->header64;
        uint64_t size = sizeof *h;
        h->e_phoff = big ? __builtin_bswap64(size) : size;
        h->e_shoff = 0;
        h->e_shnum = h->e_shstrndx = 0;
    }
}

static int check_ident(const union header_bytes *header, ssize_t size, const char **problem)
{
    if (size < (ssize_t)sizeof(Elf32_Ehdr) || memcmp(header->ident, ELFMAG, SELFMAG) != 0) {
        return refuse(problem, "not an ELF file");
    }
    if (header->ident[EI_CLASS] != ELFCLASS32 && header->ident[EI_CLASS] != ELFCLASS64) {
        return refuse(problem, "unknown ELF class");
    }
    if (header->ident[EI_CLASS] == ELFCLASS64 && size < (ssize_t)sizeof(Elf64_Ehdr)) {
        return refuse(problem, "truncated ELF header");
    }
    if (header->ident[EI_DATA] != ELFDATA2LSB && header->ident[EI_DATA] != ELFDATA2MSB) {
        return refuse(problem, "unknown byte order");
    }
    return 0;
}

/* Reads the two parts of the small image; the caller frees *image. */
static int read_image(int fd, char **image, size_t *size, const char **problem)
{
    union header_bytes header;
    memset(&header, 0, sizeof header);
    ssize_t got = read_fully(fd, &header, sizeof header, 0);
    if (got < 0) {
        return (int)got;
    }
    int error = check_ident(&header, got, problem);
    if (error) {
        return error;
    }
    bool is_32 = header.ident[EI_CLASS] == ELFCLASS32;
    size_t header_size = is_32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
    size_t entry_size = is_32 ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
    struct table_place table = find_table(&header);
    if (table.count == 0) {
        return refuse(problem, "no program headers");
    }
    if (table.entry_size != entry_size || table.count > ELF_LOADER_SEGMENTS || table.offset > LARGEST_ADDRESS) {
        return refuse(problem, "bad table of program headers");
    }
    *size = header_size + table.count * entry_size;
    *image = calloc(1, *size);
    if (!*image) {
        return -ENOMEM;
    }
    got = read_fully(fd, *image + header_size, *size - header_size, table.offset);
    if (got != (ssize_t)(*size - header_size)) {
        return got < 0 ? (int)got : refuse(problem, "truncated program headers");
    }
    point_behind_header(&header);
    memcpy(*image, &header, header_size);
    return 0;
}

static int segment_protection(uint32_t flags)
{
    return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

static int add_segment(struct elf_file *file, const GElf_Phdr *header, const char **problem)
{
    if (header->p_memsz == 0) {
        return 0;
    }
    if (header->p_vaddr > LARGEST_ADDRESS || header->p_memsz > LARGEST_ADDRESS || header->p_offset > LARGEST_ADDRESS) {
        return refuse(problem, "segment outside any address space");
    }
    if (header->p_filesz > header->p_memsz) {
        return refuse(problem, "segment larger in the file than in memory");
    }
    if (header->p_filesz && (header->p_vaddr - header->p_offset) % ADDRESS_SPACE_PAGE) {
        return refuse(problem, "segment not aligned to pages");
    }
    if (file->segment_count) {
        const struct elf_segment *last = &file->segments[file->segment_count - 1];
        if (PAGE_DOWN(header->p_vaddr) < PAGE_DOWN(last->address + last->memory_size - 1)) {
            return refuse(problem, "overlapping or unordered segments");
        }
    }
    bool aligned = header->p_align && (header->p_align & (header->p_align - 1)) == 0 && header->p_align < 1u << 31;
    file->segments[file->segment_count++] = (struct elf_segment){header->p_vaddr,
                                                                 header->p_offset,
                                                                 header->p_filesz,
                                                                 header->p_memsz,
                                                                 aligned ? header->p_align : 1,
                                                                 segment_protection(header->p_flags)};
    return 0;
}

static int read_interpreter(int fd, struct elf_file *file, const GElf_Phdr *header, const char **problem)
{
    if (file->interpreter[0]) {
        return 0; /* the first one counts */
    }
    if (header->p_filesz < 2 || header->p_filesz > sizeof file->interpreter || header->p_offset > LARGEST_ADDRESS) {
        return refuse(problem, "bad name of the interpreter");
    }
    ssize_t got = read_fully(fd, file->interpreter, header->p_filesz, header->p_offset);
    if (got != (ssize_t)header->p_filesz || file->interpreter[got - 1] != 0 || !file->interpreter[0]) {
        file->interpreter[0] = 0;
        return got < 0 ? (int)got : refuse(problem, "bad name of the interpreter");
    }
    return 0;
}

/* The address of the program headers: in the segment that holds their place in the file. */
static uint64_t find_headers(const struct elf_file *file, uint64_t offset)
{
    for (unsigned i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        if (offset >= segment->file_offset && offset - segment->file_offset < segment->file_size) {
            return segment->address + (offset - segment->file_offset);
        }
    }
    return 0;
}

static int read_headers(int fd, Elf *elf, struct elf_file *file, const char **problem)
{
    GElf_Ehdr header;
    size_t count;
    if (!gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &count) != 0) {
        return refuse(problem, "unreadable ELF header");
    }
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
        return refuse(problem, header.e_type == ET_REL ? "an object file, not a program" : "not a program");
    }
    file->machine = header.e_machine;
    file->elf_class = header.e_ident[EI_CLASS];
    file->big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
    file->is_fixed = header.e_type == ET_EXEC;
    file->flags = header.e_flags;
    file->entry = header.e_entry;
    file->header_size = header.e_phentsize;
    file->header_count = (uint16_t)count;
    file->stack_protection = PROT_READ | PROT_WRITE | PROT_EXEC;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        int error = 0;
        if (!gelf_getphdr(elf, (int)i, &segment)) {
            return refuse(problem, "unreadable program header");
        }
        if (segment.p_type == PT_LOAD) {
            error = add_segment(file, &segment, problem);
        } else if (segment.p_type == PT_INTERP) {
            error = read_interpreter(fd, file, &segment, problem);
        } else if (segment.p_type == PT_GNU_STACK) {
            file->stack_protection = PROT_READ | PROT_WRITE | (segment.p_flags & PF_X ? PROT_EXEC : 0);
        }
        if (error) {
            return error;
        }
    }
    return file->segment_count ? 0 : refuse(problem, "nothing to load");
}

int elf_file_read(int fd, struct elf_file *file, const char **problem)
{
    char *image = NULL;
    size_t size = 0;
    memset(file, 0, sizeof *file);
    *problem = "cannot be read";
    int error = read_image(fd, &image, &size, problem);
    if (error == 0) {
        elf_version(EV_CURRENT);
        Elf *elf = elf_memory(image, size);
        error = elf ? read_headers(fd, elf, file, problem) : refuse(problem, "unreadable ELF header");
        elf_end(elf);
    }
    if (error == 0) {
        union header_bytes header;
        read_fully(fd, &header, sizeof header, 0);
        file->headers = find_headers(file, find_table(&header).offset);
    }
    free(image);
    return error;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* As Linux: blanks around the interpreter are skipped, all that follows is one argument, trailing blanks dropped. */
static int split_script_line(char *text, struct script_line *line)
{
    size_t length = strcspn(text, "\n");
    bool is_cut = text[length] != '\n' && length >= 253;
    while (length && is_blank(text[length - 1])) {
        length--;
    }
    text[length] = 0;
    text += strspn(text, " \t");
    size_t name = strcspn(text, " \t");
    if (name == 0 || (is_cut && text[name] == 0)) {
        return -ENOEXEC;
    }
    memcpy(line->interpreter, text, name);
    line->interpreter[name] = 0;
    text += name;
    text += strspn(text, " \t");
    strcpy(line->argument, text);
    return PROGRAM_SCRIPT;
}

int program_examine(int fd, struct script_line *line)
{
    char start[257] = {0};
    ssize_t got = read_fully(fd, start, 256, 0);
    if (got < 0) {
        return (int)got;
    }
    if (got >= SELFMAG && memcmp(start, ELFMAG, SELFMAG) == 0) {
        return PROGRAM_ELF;
    }
    if (got >= 2 && start[0] == '#' && start[1] == '!') {
        return split_script_line(start + 2, line);
    }
    return PROGRAM_OTHER;
}

/* ---- loading ---- */

static int map_segment(struct address_space *space, int fd, const struct elf_segment *segment, uint64_t bias)
{
    uint64_t address = segment->address + bias;
    uint64_t start = PAGE_DOWN(address), file_end = address + segment->file_size;
    uint64_t end = PAGE_UP(address + segment->memory_size), anonymous = start;
    if (segment->file_size) {
        uint64_t skew = address - start;
        int64_t place = address_space_map(space, start, skew + segment->file_size, segment->protection,
                                          MAP_PRIVATE | MAP_FIXED, fd, segment->file_offset - skew);
        if (place < 0) {
            return (int)place;
        }
        anonymous = PAGE_UP(file_end);
    }
    if (anonymous < end) {
        int64_t place = address_space_map(space, anonymous, end - anonymous, segment->protection,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (place < 0) {
            return (int)place;
        }
    }
    uint64_t clear_end = address + segment->memory_size < anonymous ? address + segment->memory_size : anonymous;
    clear_end = segment->memory_size > segment->file_size ? PAGE_UP(clear_end) : clear_end;
    if (segment->file_size && segment->memory_size > segment->file_size && clear_end > file_end &&
        (segment->protection & PROT_WRITE) && protected_clear((void *)file_end, clear_end - file_end) != 0) {
        return -EFAULT;
    }
    return 0;
}

/* A free place for the whole file; only then are the segments put into it. */
static int64_t reserve_extent(struct address_space *space, const struct elf_file *file, uint64_t base, uint64_t size)
{
    uint64_t align = ADDRESS_SPACE_PAGE;
    for (unsigned i = 0; i < file->segment_count; i++) {
        align = file->segments[i].align > align ? file->segments[i].align : align;
    }
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    int64_t place = address_space_map(space, base, size + align - ADDRESS_SPACE_PAGE, PROT_NONE, flags, -1, 0);
    if (place < 0) {
        return place;
    }
    uint64_t start = ((uint64_t)place + align - 1) & ~(align - 1),
             reserved = (uint64_t)place + size + align - ADDRESS_SPACE_PAGE;
    if (start > (uint64_t)place) {
        address_space_unmap(space, (uint64_t)place, start - (uint64_t)place);
    }
    if (reserved > start + size) {
        address_space_unmap(space, start + size, reserved - start - size);
    }
    return (int64_t)start;
}

static int64_t place_file(struct address_space *space, const struct elf_file *file, uint64_t base, uint64_t first,
                          uint64_t size)
{
    if (!file->is_fixed) {
        return reserve_extent(space, file, base, size);
    }
    return address_space_map(space, first, size, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
}

int elf_image_load(struct address_space *space, int fd, const struct elf_file *file, uint64_t base,
                   struct elf_image *image, const char **problem)
{
    const struct elf_segment *last = &file->segments[file->segment_count - 1];
    uint64_t first = PAGE_DOWN(file->segments[0].address), end = PAGE_UP(last->address + last->memory_size);
    memset(image, 0, sizeof *image);
    if (file->is_fixed && !address_space_contains(space, first, end - first)) {
        *problem = "linked outside the address space";
        return -ENOMEM;
    }
    int64_t place = place_file(space, file, base, first, end - first);
    if (place < 0) {
        *problem = file->is_fixed ? "its addresses are not available" : "no room for it";
        return place == -EEXIST ? -ENOMEM : (int)place;
    }
    image->bias = (uint64_t)place - first;
    image->start = (uint64_t)place;
    image->end = image->start + (end - first);
    image->code_start = UINT64_MAX;
    uint64_t covered = image->start;
    for (unsigned i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        int error = map_segment(space, fd, segment, image->bias);
        if (error) {
            *problem = "a segment cannot be mapped";
            return error;
        }
        uint64_t start = segment->address + image->bias, stop = start + segment->memory_size;
        if (PAGE_DOWN(start) > covered) {
            address_space_unmap(space, covered, PAGE_DOWN(start) - covered);
        }
        covered = PAGE_UP(stop);
        if (segment->protection & PROT_EXEC) {
            image->code_start = start < image->code_start ? start : image->code_start;
            image->code_end = stop;
        }
    }
    image->entry = file->entry + image->bias;
    image->headers = file->headers ? file->headers + image->bias : 0;
    image->header_size = file->header_size;
    image->header_count = file->header_count;
    return 0;
}
