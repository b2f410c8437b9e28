/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any file as a program: its headers, and if they are taken its segments in an address space. */
#include "elf_loader.h"
#include "fuzz.h"
#include "host_machine.h"
#include "protected_copy.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Clear of a sanitizer's shadow and heap: a file of fixed addresses gets them only between these two. */
#define LOWEST UINT64_C(0x110000000000)
#define LIMIT UINT64_C(0x200000000000)

/* A segment may lie behind the end of its file: kage's handler of faults lets the loader see that, and so does this one. */
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    uintptr_t pc = host_context_pc(context);
    if (pc >= (uintptr_t)protected_start && pc < (uintptr_t)protected_end) {
        host_context_set_pc(context, (uintptr_t)protected_fault);
    } else {
        signal(signal_number, SIG_DFL); /* and it happens again */
    }
}

static void code_changed(void *user, uint64_t start, uint64_t end)
{
    FUZZ_CHECK(start <= end);
}

static void load(int fd, const struct elf_file *file)
{
    static const struct address_layout layout = {
        .limit = LIMIT, .program = UINT64_C(0x155000000000), .stack_top = LIMIT - 0x100000, .stack_gap = 1 << 20};
    const char *problem = NULL;
    struct elf_image image;
    struct address_space *space = address_space_create(&layout, 1 << 20, code_changed, NULL);
    address_space_reserve(space, 0, LOWEST);
    if (elf_image_load(space, fd, file, layout.program, &image, &problem) == 0) {
        FUZZ_CHECK(image.start <= image.end && image.end <= LIMIT);
    } else {
        FUZZ_CHECK(problem);
    }
    address_space_destroy(space);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    return sigaction(SIGBUS, &action, NULL) || sigaction(SIGSEGV, &action, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static struct elf_file file;
    const char *problem = NULL;
    fd = fd >= 0 ? fd : memfd_create("program", MFD_CLOEXEC);
    FUZZ_CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    if (elf_file_read(fd, &file, &problem) == 0) {
        FUZZ_CHECK(file.segment_count && file.segment_count <= ELF_LOADER_SEGMENTS);
        FUZZ_CHECK(memchr(file.interpreter, 0, sizeof file.interpreter));
        load(fd, &file);
    }
    return 0;
}
