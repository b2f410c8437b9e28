// SPDX-License-Identifier: GPL-2.0-or-later
// The mmap family by its results: what is refused, what content pages have, what happens to neighbours.
#include "kernel.h"

#include <sys/mman.h>
#include <sys/uio.h>

#define PAGE 4096L
#define ANYWHERE (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(void *at, long length, int protection, int flags)
{
    long result = syscall(SYS_mmap, at, length, INT(protection), INT(flags), INT(-1), 0L);
    return result == -1 ? NULL : (char *)result;
}

// 0 or the errno of reading or writing through the kernel, which faults without a signal
static int reach(void *place, int writes)
{
    char byte = 'r';
    int ends[2];
    pipe(ends);
    write(ends[1], "w", 1);
    long result = writes ? read(ends[0], place, 1) : write(ends[1], place, 1);
    int error = result < 0 ? errno : 0;
    close(ends[0]);
    close(ends[1]);
    return error;
}

static void show_reach(const char *what, void *place)
{
    int reads = reach(place, 0), writes = reach(place, 1);
    printf("%s: reads %s writes %s\n", what, reads ? strerrorname_np(reads) : "ok", writes ? strerrorname_np(writes) : "ok");
}

static void mapping(void)
{
    char *pages = map(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, ANYWHERE);
    show_truth("mmap", pages != NULL);
    show_truth("aligned", ((long)pages & (PAGE - 1)) == 0);
    show_reach("read and write", pages);
    pages[0] = 1;
    show("mprotect", syscall(SYS_mprotect, pages + PAGE, PAGE, (long)(PROT_READ)));
    show_reach("read only", pages + PAGE);
    show("mprotect none", syscall(SYS_mprotect, pages + 2 * PAGE, PAGE, (long)(PROT_NONE)));
    show_reach("none", pages + 2 * PAGE);
    show("mprotect takes a long", syscall(SYS_mprotect, pages, PAGE, INT(PROT_READ | PROT_WRITE)));
    show("munmap", syscall(SYS_munmap, pages + 3 * PAGE, PAGE));
    show_reach("gone", pages + 3 * PAGE);
    show_reach("its neighbour", pages + 4 * PAGE);
    show("mprotect over a hole", syscall(SYS_mprotect, pages + 2 * PAGE, 3 * PAGE, (long)(PROT_READ)));
    show("munmap twice", syscall(SYS_munmap, pages + 3 * PAGE, PAGE));
    show("munmap of odd", syscall(SYS_munmap, pages + 1, PAGE));
    show("munmap of nothing", syscall(SYS_munmap, pages, 0L));
    show("length 0", map(NULL, 0, PROT_READ, ANYWHERE) == NULL ? -1 : 0);
    show("too much", map(NULL, 1L << 62, PROT_READ, ANYWHERE) == NULL ? -1 : 0);
    show("neither shared nor private", map(NULL, PAGE, PROT_READ, MAP_ANONYMOUS) == NULL ? -1 : 0);
    show("no such descriptor", syscall(SYS_mmap, NULL, PAGE, INT(PROT_READ), INT(MAP_PRIVATE), INT(999), 0L));
    show_truth("fixed", map(pages + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE, ANYWHERE | MAP_FIXED) == pages + 3 * PAGE);
    show("where something is", map(pages, PAGE, PROT_READ, ANYWHERE | MAP_FIXED_NOREPLACE) == NULL ? -1 : 0);
    show("fixed at odd", map(pages + 1, PAGE, PROT_READ, ANYWHERE | MAP_FIXED) == NULL ? -1 : 0);
    pages[4 * PAGE] = 7;
    show("madvise", syscall(SYS_madvise, pages + 4 * PAGE, PAGE, INT(MADV_DONTNEED)));
    show("content", pages[4 * PAGE]);
    show("bad advice", syscall(SYS_madvise, pages, PAGE, INT(9999)));
    unsigned char resident[8];
    show("mincore", syscall(SYS_mincore, pages, PAGE, resident));
    show("resident", resident[0] & 1);
    show("mincore to nowhere", syscall(SYS_mincore, pages, PAGE, NOWHERE));
    show("mincore of a hole", (munmap(pages + 7 * PAGE, PAGE), syscall(SYS_mincore, pages + 7 * PAGE, PAGE, resident)));
    show("mlock", syscall(SYS_mlock, pages, PAGE));
    show("munlock", syscall(SYS_munlock, pages, PAGE));
    show("msync", syscall(SYS_msync, pages, PAGE, INT(MS_SYNC)));
    show("msync both ways", syscall(SYS_msync, pages, PAGE, INT(MS_SYNC | MS_ASYNC)));
}

static void moving(void)
{
    char *pages = map(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, ANYWHERE);
    strcpy(pages, "moved");
    long larger = syscall(SYS_mremap, pages, 4 * PAGE, 64 * PAGE, (long)(MREMAP_MAYMOVE), 0L);
    show_truth("mremap grows", larger != -1 && strcmp((char *)larger, "moved") == 0);
    long smaller = syscall(SYS_mremap, larger, 64 * PAGE, 2 * PAGE, (long)(0), 0L);
    show_truth("mremap shrinks", smaller == larger);
    show_reach("what was cut off", (char *)larger + 3 * PAGE);
    char *target = map(NULL, 2 * PAGE, PROT_NONE, ANYWHERE);
    long fixed = syscall(SYS_mremap, smaller, 2 * PAGE, 2 * PAGE, (long)(MREMAP_MAYMOVE | MREMAP_FIXED), target);
    show_truth("mremap to a place", fixed == (long)target && strcmp(target, "moved") == 0);
    show_reach("where it was", (char *)smaller);
    show("mremap of a hole", syscall(SYS_mremap, smaller, PAGE, 2 * PAGE, (long)(MREMAP_MAYMOVE), 0L));
    show("mremap with a bad flag", syscall(SYS_mremap, target, PAGE, 2 * PAGE, (long)(0x80), 0L));
}

static void files(void)
{
    enter_folder();
    long fd = syscall(SYS_openat, HERE, "file", INT(O_RDWR | O_CREAT), INT(0600));
    char text[16] = {0};
    ftruncate(fd, 3 * PAGE);
    pwrite(fd, "first", 5, 0);
    pwrite(fd, "second", 6, PAGE);
    char *shared = (char *)syscall(SYS_mmap, NULL, 3 * PAGE, INT(PROT_READ | PROT_WRITE), INT(MAP_SHARED), INT(fd), 0L);
    char *private = (char *)syscall(SYS_mmap, NULL, PAGE, INT(PROT_READ | PROT_WRITE), INT(MAP_PRIVATE), INT(fd), PAGE);
    show_text("offset", private, 6);
    strcpy(private, "own");
    strcpy(shared + PAGE, "changed");
    show_text("private keeps", private, 3);
    pread(fd, text, 7, PAGE);
    show_text("the file has", text, 7);
    show("odd offset", syscall(SYS_mmap, NULL, PAGE, INT(PROT_READ), INT(MAP_PRIVATE), INT(fd), 100L));
    long reader = syscall(SYS_openat, HERE, "file", INT(O_RDONLY));
    show("shared and written, from a reader", syscall(SYS_mmap, NULL, PAGE, INT(PROT_WRITE), INT(MAP_SHARED), INT(reader), 0L));
    char *read_only = (char *)syscall(SYS_mmap, NULL, PAGE, INT(PROT_READ), INT(MAP_SHARED), INT(reader), 0L);
    show("made writable", syscall(SYS_mprotect, read_only, PAGE, (long)(PROT_READ | PROT_WRITE)));
    show("msync", syscall(SYS_msync, shared, 3 * PAGE, INT(MS_SYNC)));
}

static void others(void)
{
    char from[] = "across processes", to[32] = {0};
    struct iovec local[2] = {{to, 6}, {to + 10, 10}}, remote = {from, sizeof from - 1};
    show("process_vm_readv", syscall(SYS_process_vm_readv, INT(getpid()), local, 2L, &remote, 1L, 0L));
    show_text("first", to, 6);
    show_text("second", to + 10, 10);
    remote.iov_base = NOWHERE;
    show("from nowhere", syscall(SYS_process_vm_readv, INT(getpid()), local, 2L, &remote, 1L, 0L));
    show("bad flags", syscall(SYS_process_vm_readv, INT(getpid()), local, 2L, &remote, 1L, 1L));
    show("membarrier registers", syscall(SYS_membarrier, INT(16), INT(0), INT(0)));
    show("membarrier", syscall(SYS_membarrier, INT(8), INT(0), INT(0)));
    show("no such barrier", syscall(SYS_membarrier, INT(0x4000000), INT(0), INT(0)));
    long end = syscall(SYS_brk, 0L);
    show_truth("brk grows", syscall(SYS_brk, end + 5 * PAGE) == end + 5 * PAGE);
    show_reach("it is there", (char *)end + 4 * PAGE);
    show_truth("brk shrinks", syscall(SYS_brk, end) == end);
    show_truth("brk refuses", syscall(SYS_brk, 1L) == end);
}

int main(void)
{
    mapping();
    moving();
    files();
    others();
    return 0;
}
