/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc_files.h"

#include "guest.h"
#include "placement.h"
#include "sysroot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The part behind /proc/self/, /proc/thread-self/, /proc/PID/ or their task/TID/, if PID is this process; else NULL. */
static const char *own_entry(const char *path)
{
    static const char *const selves[] = {"/proc/self/", "/proc/thread-self/"};
    const char *rest = NULL;
    for (unsigned i = 0; i < sizeof selves / sizeof selves[0]; i++) {
        if (strncmp(path, selves[i], strlen(selves[i])) == 0) {
            rest = path + strlen(selves[i]);
        }
    }
    if (!rest && strncmp(path, "/proc/", 6) == 0) {
        char *end;
        long pid = strtol(path + 6, &end, 10);
        rest = end != path + 6 && *end == '/' && pid == getpid() ? end + 1 : NULL;
    }
    if (rest && strncmp(rest, "task/", 5) == 0) {
        char *end;
        strtol(rest + 5, &end, 10);
        rest = end != rest + 5 && *end == '/' ? end + 1 : NULL;
    }
    return rest;
}

bool proc_path_is_executable(const char *path)
{
    if (strncmp(path, "/proc/", 6) != 0) {
        return false;
    }
    const char *entry = own_entry(path);
    return entry && strcmp(entry, "exe") == 0;
}

static int write_guest_bytes(struct thread *thread, FILE *file, uint64_t start, uint64_t end)
{
    char chunk[4096];
    while (start < end) {
        size_t size = end - start < sizeof chunk ? end - start : sizeof chunk;
        if (guest_copy_in(thread->process, chunk, start, size) != 0) {
            break;
        }
        fwrite(chunk, 1, size, file);
        start += size;
    }
    return 0;
}

static int write_cmdline(struct thread *thread, FILE *file)
{
    const struct process_image *image = &thread->process->image;
    return write_guest_bytes(thread, file, image->arguments_start, image->arguments_end);
}

static int write_environ(struct thread *thread, FILE *file)
{
    const struct process_image *image = &thread->process->image;
    return write_guest_bytes(thread, file, image->environment_start, image->environment_end);
}

static int write_auxv(struct thread *thread, FILE *file)
{
    const struct process_image *image = &thread->process->image;
    return write_guest_bytes(thread, file, image->vector_start, image->vector_start + image->vector_size);
}

static FILE *open_host(const char *path)
{
    return fopen(path, "re");
}

/* One line of the host's maps, taken apart. */
struct host_mapping {
    uint64_t start, end, offset, inode;
    char permissions[5], device[16], name[4096];
};

static bool parse_mapping(const char *line, struct host_mapping *mapping)
{
    int name = 0;
    if (sscanf(line, "%lx-%lx %4s %lx %15s %lu %n", &mapping->start, &mapping->end, mapping->permissions,
               &mapping->offset, mapping->device, &mapping->inode, &name) < 6) {
        return false;
    }
    snprintf(mapping->name, sizeof mapping->name, "%s", line + name);
    mapping->name[strcspn(mapping->name, "\n")] = 0;
    return true;
}

static const char *mapping_name(const struct thread *thread, const struct address_range *range,
                                const struct host_mapping *mapping)
{
    switch (range->kind) {
    case RANGE_HEAP:
        return "[heap]";
    case RANGE_STACK:
        return "[stack]";
    case RANGE_VDSO:
        return "[vdso]";
    default:
        return sysroot_guest_path(thread->process->sysroot, mapping->name);
    }
}

static void print_mapping(const struct thread *thread, FILE *file, const struct host_mapping *mapping,
                          const struct address_range *range)
{
    uint64_t start = range->start > mapping->start ? range->start : mapping->start;
    uint64_t end = range->end < mapping->end ? range->end : mapping->end;
    const char *name = mapping_name(thread, range, mapping);
    uint64_t offset = mapping->inode ? mapping->offset + (start - mapping->start) : 0;
    int used =
        fprintf(file, "%08lx-%08lx %c%c%c%c %08lx %s %lu ", start, end, range->protection & PROT_READ ? 'r' : '-',
                range->protection & PROT_WRITE ? 'w' : '-', range->protection & PROT_EXEC ? 'x' : '-',
                mapping->permissions[3], offset, mapping->device, mapping->inode);
    fprintf(file, "%*s%s\n", *name && used < 73 ? 73 - used : 0, "", name);
}

/* The host's mappings below the guest's limit, cut where the guest's protections differ. */
static int write_maps(struct thread *thread, FILE *file)
{
    char line[4400];
    struct host_mapping mapping;
    FILE *host = open_host("/proc/self/maps");
    if (!host) {
        return -ENOSYS;
    }
    while (fgets(line, sizeof line, host) && parse_mapping(line, &mapping) && mapping.start < PLACEMENT_GUEST_LIMIT) {
        struct address_range range;
        for (uint64_t at = mapping.start;
             at < mapping.end && address_space_find_next(thread->process->memory, at, &range) &&
             range.start < mapping.end;
             at = range.end) {
            if (range.kind != RANGE_FOREIGN) {
                print_mapping(thread, file, &mapping, &range);
            }
        }
    }
    fclose(host);
    return 0;
}

/* The host's line with the guest's addresses: fields 26 to 28 are start and end of the code and start of the stack. */
static int write_stat(struct thread *thread, FILE *file)
{
    char line[2048];
    const struct process_image *image = &thread->process->image;
    FILE *host = open_host("/proc/self/stat");
    if (!host) {
        return -ENOSYS;
    }
    size_t length = fread(line, 1, sizeof line - 1, host);
    fclose(host);
    line[length] = 0;
    char *rest = strrchr(line, ')');
    if (!rest) {
        return -ENOSYS;
    }
    rest++;
    fprintf(file, "%.*s", (int)(rest - line), line);
    int field = 3;
    for (char *word = strtok(rest, " \n"); word; word = strtok(NULL, " \n"), field++) {
        switch (field) {
        case 26:
            fprintf(file, " %lu", image->code_start);
            break;
        case 27:
            fprintf(file, " %lu", image->code_end);
            break;
        case 28:
            fprintf(file, " %lu", image->stack_start);
            break;
        default:
            fprintf(file, " %s", word);
        }
    }
    fputc('\n', file);
    return 0;
}

static int write_cpuinfo(struct thread *thread, FILE *file)
{
    const struct user_guest *guest = thread->process->guest;
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    for (long i = 0; i < count; i++) {
        if (guest->describe_processor) {
            guest->describe_processor(file, (unsigned)i);
        } else {
            fprintf(file, "processor\t: %ld\n\n", i);
        }
    }
    return 0;
}

struct proc_file {
    const char *name; /* behind /proc/self/, or the whole path */
    int (*write)(struct thread *thread, FILE *file);
};

static const struct proc_file own_files[] = {
    {"cmdline", write_cmdline}, {"environ", write_environ}, {"auxv", write_auxv},
    {"maps", write_maps},       {"stat", write_stat},
};
static const struct proc_file system_files[] = {{"/proc/cpuinfo", write_cpuinfo}};

static const struct proc_file *find_file(const char *path)
{
    for (unsigned i = 0; i < sizeof system_files / sizeof system_files[0]; i++) {
        if (strcmp(path, system_files[i].name) == 0) {
            return &system_files[i];
        }
    }
    const char *entry = own_entry(path);
    for (unsigned i = 0; entry && i < sizeof own_files / sizeof own_files[0]; i++) {
        if (strcmp(entry, own_files[i].name) == 0) {
            return &own_files[i];
        }
    }
    return NULL;
}

static int64_t make_file(struct thread *thread, const struct proc_file *row, int flags)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return -ENOMEM;
    }
    int error = row->write(thread, stream);
    fclose(stream);
    int fd = error ? error : memfd_create(row->name, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    if (fd < 0) {
        fd = error ? error : -errno;
    } else if (write(fd, text, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        fd = -EIO;
    }
    free(text);
    return fd;
}

int64_t proc_file_open(struct thread *thread, int directory_fd, const char *path, int flags)
{
    if (strncmp(path, "/proc/", 6) != 0) {
        return -ENOSYS;
    }
    if (proc_path_is_executable(path) && !(flags & O_NOFOLLOW)) {
        int fd = open(thread->process->image.host_executable, flags);
        return fd < 0 ? -errno : fd;
    }
    const struct proc_file *row = (flags & O_ACCMODE) == O_RDONLY && !(flags & O_PATH) ? find_file(path) : NULL;
    return row ? make_file(thread, row, flags) : -ENOSYS;
}

int64_t proc_link_read(struct thread *thread, const char *path, char *buffer, size_t size)
{
    if (!proc_path_is_executable(path)) {
        return -ENOSYS;
    }
    size_t length = strlen(thread->process->image.executable);
    length = length < size ? length : size;
    memcpy(buffer, thread->process->image.executable, length);
    return (int64_t)length;
}

bool proc_find_mapping(uint64_t address, struct proc_mapping *found)
{
    char line[4400];
    struct host_mapping mapping;
    FILE *host = open_host("/proc/self/maps");
    bool is_found = false;
    while (host && !is_found && fgets(line, sizeof line, host) && parse_mapping(line, &mapping)) {
        is_found = address >= mapping.start && address < mapping.end;
    }
    if (host) {
        fclose(host);
    }
    if (is_found) {
        *found = (struct proc_mapping){mapping.start, mapping.end, mapping.offset, ""};
        snprintf(found->name, sizeof found->name, "%s", mapping.name);
    }
    return is_found;
}
