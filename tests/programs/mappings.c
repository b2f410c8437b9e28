// SPDX-License-Identifier: GPL-2.0-or-later
// mmap with and without hints, fixed, shared with files, mremap, madvise, msync, mincore, brk neighbours, errors.
#include "print.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t page;

static char *map(void *at, size_t pages, int protection, int flags)
{
    char *p = mmap(at, pages * page, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void test_fixed(void)
{
    char *area = map(NULL, 64, PROT_NONE, MAP_NORESERVE);
    CHECK(map(area + 8 * page, 4, PROT_READ | PROT_WRITE, MAP_FIXED) == area + 8 * page);
    memset(area + 8 * page, 'x', 4 * page);
    CHECK(map(area + 9 * page, 2, PROT_READ | PROT_WRITE, MAP_FIXED) == area + 9 * page);
    printf("fixed %c%d%d%c\n", area[8 * page], area[9 * page], area[11 * page - 1], area[11 * page]);
    CHECK(mmap(area, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
    CHECK(munmap(area, 64 * page) == 0);
    CHECK(map(area, 1, PROT_READ, MAP_FIXED_NOREPLACE) == area);
    CHECK(munmap(area, page) == 0 && munmap(area, page) == 0);
    CHECK(mmap(area + 1, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, page, PROT_READ, MAP_PRIVATE, 9999, 0) == MAP_FAILED && errno == EBADF);
    CHECK(mprotect(area, page, PROT_READ) == -1 && errno == ENOMEM);
    char *hinted = map(area, 1, PROT_READ, 0);
    printf("hint %s\n", hinted == area ? "taken" : "refused");
    munmap(hinted, page);
}

static void test_remap(void)
{
    char *p = map(NULL, 2, PROT_READ | PROT_WRITE, 0);
    strcpy(p, "kept");
    strcpy(p + page, "too");
    p = mremap(p, 2 * page, 100 * page, MREMAP_MAYMOVE);
    CHECK(p != MAP_FAILED);
    printf("grown %s %s %d\n", p, p + page, p[99 * page]);
    p[99 * page] = 1;
    CHECK(mremap(p, 100 * page, page, 0) == p);
    char *target = map(NULL, 4, PROT_NONE, 0);
    char *moved = mremap(p, page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    CHECK(moved == target);
    printf("moved %s\n", moved);
    CHECK(mremap((char *)page, page, 2 * page, 0) == MAP_FAILED && errno == EFAULT);
    munmap(target, 4 * page);
}

static void test_files(void)
{
    char name[] = "/tmp/kage-mappings-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0 && unlink(name) == 0);
    for (int i = 0; i < 5000; i++)
        CHECK(write(fd, "0123456789", 10) == 10);
    char *shared = mmap(NULL, 50000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *private = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, (off_t)(2 * page));
    CHECK(shared != MAP_FAILED && private != MAP_FAILED);
    memcpy(shared + 2 * page, "SHARED", 6);
    memcpy(private + 100, "PRIVATE", 7);
    CHECK(msync(shared, 50000, MS_SYNC) == 0);
    char text[12] = "";
    CHECK(pread(fd, text, 10, (off_t)(2 * page)) == 10);
    printf("file %s private %.6s shared %.10s tail %d\n", text, private, shared + 2 * page + 100 - 100 % 10, shared[50001]);
    if (fork() == 0) {
        memcpy(shared, "CHILD", 5);
        memcpy(private, "CHILD", 5);
        _exit(0);
    }
    wait(NULL);
    printf("after child %.5s %.5s\n", shared, private);
    CHECK(mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED && errno == EINVAL);
    int memory = memfd_create("test", MFD_CLOEXEC);
    CHECK(memory >= 0 && ftruncate(memory, (off_t)(4 * page)) == 0);
    char *one = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    char *two = mmap(NULL, 4 * page, PROT_READ, MAP_SHARED, memory, 0);
    strcpy(one + 3 * page, "through two mappings");
    printf("%s\n", two + 3 * page);
}

static void test_advice(void)
{
    char *p = map(NULL, 16, PROT_READ | PROT_WRITE, 0);
    memset(p, 7, 16 * page);
    CHECK(madvise(p + 4 * page, 4 * page, MADV_DONTNEED) == 0);
    printf("advice %d %d %d\n", p[3 * page], p[5 * page], p[8 * page]);
    unsigned char resident[16];
    CHECK(mincore(p, 16 * page, resident) == 0 && (resident[0] & 1));
    CHECK(mlock(p, page) == 0 && munlock(p, page) == 0);
    char *large = mmap(NULL, (size_t)1 << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(large != MAP_FAILED);
    CHECK(mprotect(large + ((size_t)1 << 39), page, PROT_READ | PROT_WRITE) == 0);
    large[(size_t)1 << 39] = 5;
    CHECK(munmap(large, (size_t)1 << 40) == 0);
    char copy[20] = "";
    struct iovec local = {copy, 16}, remote = {p + 8 * page - 8, 16};
    ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    printf("copied %zd %d %d\n", got, copy[0], copy[15]);
    CHECK(write(1, OPAQUE((void *)8), 5) == -1 && errno == EFAULT);
    CHECK(access(OPAQUE((char *)24), R_OK) == -1 && errno == EFAULT);
    struct stat status;
    CHECK(stat("/", &status) == 0 && fstat(0, OPAQUE((struct stat *)16)) == -1 && errno == EFAULT);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    page = (size_t)sysconf(_SC_PAGESIZE);
    test_fixed();
    test_remap();
    test_files();
    test_advice();
    return 0;
}
