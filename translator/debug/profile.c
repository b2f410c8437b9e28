/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats: linux/tools/perf/Documentation/jit-interface.txt and jitdump-specification.txt. */
#include "profile.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { DUMP_MAGIC = 0x4a695444, DUMP_VERSION = 1, DUMP_CODE_LOAD = 0, MARKER_BYTES = 4096 };

/* The linker's name for the program's own ELF header, which says what machine the host code is for. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

struct dump_head {
    uint32_t magic, version, size, machine, padding, process;
    uint64_t time, flags;
};

struct dump_load {
    uint32_t kind, size;
    uint64_t time;
    uint32_t process, thread;
    uint64_t address, code_address, code_bytes, index;
};
_Static_assert(sizeof(struct dump_head) == 40 && sizeof(struct dump_load) == 56, "as the specification has it");

/* perf record -k mono has the same clock. */
static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void profile_begin(struct profile *profile, int map, int dump)
{
    struct dump_head head = {
        .magic = DUMP_MAGIC,
        .version = DUMP_VERSION,
        .size = sizeof head,
        .machine = __ehdr_start.e_machine,
        .process = (uint32_t)getpid(),
        .time = now_ns(),
    };
    *profile = (struct profile){.map = map, .dump = dump};
    if (dump < 0) {
        return;
    }
    if (write(dump, &head, sizeof head) != sizeof head) {
        profile->dump = -1;
        return;
    }
    /* perf notes executable mappings, and so sees the file's name. */
    profile->marker = mmap(NULL, MARKER_BYTES, PROT_READ | PROT_EXEC, MAP_PRIVATE, dump, 0);
}

static void name_code(char *name, size_t size, const struct guest *guest, const struct embedder *embedder, uint64_t pc)
{
    uint64_t offset = 0;
    const char *symbol = embedder->find_symbol ? embedder->find_symbol(embedder->program, pc, &offset) : NULL;
    if (!symbol) {
        snprintf(name, size, "%s_0x%" PRIx64, guest->name, pc);
    } else if (offset) {
        snprintf(name, size, "%s+0x%" PRIx64, symbol, offset);
    } else {
        snprintf(name, size, "%s", symbol);
    }
}

static void write_load(struct profile *profile, const char *name, const uint8_t *code, uint32_t bytes)
{
    struct dump_load load = {
        .kind = DUMP_CODE_LOAD,
        .size = (uint32_t)(sizeof load + strlen(name) + 1 + bytes),
        .time = now_ns(),
        .process = (uint32_t)getpid(),
        .thread = (uint32_t)syscall(SYS_gettid),
        .address = (uintptr_t)code,
        .code_address = (uintptr_t)code,
        .code_bytes = bytes,
        .index = profile->code_index++,
    };
    struct iovec parts[] = {{&load, sizeof load}, {(void *)name, strlen(name) + 1}, {(void *)code, bytes}};
    if (writev(profile->dump, parts, 3) != (ssize_t)load.size) {
        profile->dump = -1;
    }
}

void profile_note(struct profile *profile, const struct guest *guest, const struct embedder *embedder, uint64_t pc,
                  const uint8_t *code, uint32_t bytes)
{
    char name[512], line[600];
    if (!bytes) {
        return;
    }
    name_code(name, sizeof name, guest, embedder, pc);
    if (profile->map >= 0) {
        int length = snprintf(line, sizeof line, "%" PRIxPTR " %" PRIx32 " %s\n", (uintptr_t)code, bytes, name);
        if (write(profile->map, line, (size_t)length) != length) {
            profile->map = -1;
        }
    }
    if (profile->dump >= 0) {
        write_load(profile, name, code, bytes);
    }
}

void profile_end(struct profile *profile)
{
    if (profile->marker && profile->marker != MAP_FAILED) {
        munmap(profile->marker, MARKER_BYTES);
    }
    *profile = (struct profile){.map = -1, .dump = -1};
}
