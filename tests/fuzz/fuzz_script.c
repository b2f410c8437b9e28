/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of program a file is, and the first line of a script. */
#include "elf_loader.h"
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct script_line line;
    memset(&line, 0xaa, sizeof line);
    fd = fd >= 0 ? fd : memfd_create("script", MFD_CLOEXEC);
    FUZZ_CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    if (program_examine(fd, &line) == PROGRAM_SCRIPT) {
        FUZZ_CHECK(line.interpreter[0] && memchr(line.interpreter, 0, sizeof line.interpreter));
        FUZZ_CHECK(memchr(line.argument, 0, sizeof line.argument));
        FUZZ_CHECK(!strpbrk(line.interpreter, " \t\n"));
    }
    return 0;
}
