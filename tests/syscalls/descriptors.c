// SPDX-License-Identifier: GPL-2.0-or-later
// Reading, writing and duplicating descriptors: positions, vectors, flags and locks cross the ABI; O_ flags differ on arm64.
#include "kernel.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static void reading_and_writing(void)
{
    char buffer[64] = {0};
    long fd = syscall(SYS_openat, HERE, "data", INT(O_RDWR | O_CREAT | O_TRUNC), INT(0640));
    show_ok("create", fd);
    show("write", syscall(SYS_write, INT(fd), "hello, world", 12L));
    show("position", syscall(SYS_lseek, INT(fd), 0L, INT(SEEK_CUR)));
    show("far", syscall(SYS_lseek, INT(fd), 0x500000000L, INT(SEEK_SET)));
    show("before the start", syscall(SYS_lseek, INT(fd), -1L, INT(SEEK_SET)));
    show("no such whence", syscall(SYS_lseek, INT(fd), 0L, INT(77)));
    show("pread", syscall(SYS_pread64, INT(fd), buffer, 5L, 7L));
    show_text("text", buffer, 5);
    show("pwrite", syscall(SYS_pwrite64, INT(fd), "W", 1L, 7L));
    show("pwrite at -1", syscall(SYS_pwrite64, INT(fd), "W", 1L, -1L));
    struct iovec parts[3] = {{buffer, 3}, {buffer + 10, 0}, {buffer + 20, 30}};
    show("lseek", syscall(SYS_lseek, INT(fd), 0L, INT(SEEK_SET)));
    show("readv", syscall(SYS_readv, INT(fd), parts, 3L));
    show_text("first", buffer, 3);
    show_text("third", buffer + 20, 9);
    show("readv of -1 parts", syscall(SYS_readv, INT(fd), parts, -1L));
    show("readv from nowhere", syscall(SYS_readv, INT(fd), NOWHERE, 1L));
    parts[0] = (struct iovec){"AB", 2};
    parts[1] = (struct iovec){"CD", 2};
    show("pwritev", syscall(SYS_pwritev, INT(fd), parts, 2L, 2L, 0L));
    show("pwritev2 appends", syscall(SYS_pwritev2, INT(fd), parts, 2L, -1L, 0L, INT(0x10)));
    show("preadv", syscall(SYS_preadv, INT(fd), parts, 0L, 0L, 0L));
    parts[0] = (struct iovec){buffer, sizeof buffer};
    show("preadv2", syscall(SYS_preadv2, INT(fd), parts, 1L, 0L, 0L, INT(0)));
    show_text("whole", buffer, 16);
    show("read nothing to nowhere", syscall(SYS_read, INT(fd), NOWHERE, 0L));
    show("read to nowhere", syscall(SYS_pread64, INT(fd), NOWHERE, 4L, 0L));
    show("fallocate", syscall(SYS_fallocate, INT(fd), INT(0), 0L, 100000L));
    show("end", syscall(SYS_lseek, INT(fd), 0L, INT(SEEK_END)));
    show("ftruncate", syscall(SYS_ftruncate, INT(fd), 5000L));
    show("truncate", syscall(SYS_truncate, "data", 4000L));
    show("truncate to -1", syscall(SYS_truncate, "data", -1L));
    show("fsync", syscall(SYS_fsync, INT(fd)));
    show("fdatasync", syscall(SYS_fdatasync, INT(fd)));
    show("advice", syscall(SYS_fadvise64, INT(fd), 0L, 0L, INT(2)));
    show("bad advice", syscall(SYS_fadvise64, INT(fd), 0L, 0L, INT(99)));
    show("close", syscall(SYS_close, INT(fd)));
    show("close again", syscall(SYS_close, INT(fd)));
}

static void flags(void)
{
    long fd = syscall(SYS_openat, HERE, "data", INT(O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    show_ok("no follow", fd);
    show_truth("F_GETFL has O_NOFOLLOW", syscall(SYS_fcntl, INT(fd), INT(F_GETFL), 0L) & O_NOFOLLOW);
    show("F_GETFD", syscall(SYS_fcntl, INT(fd), INT(F_GETFD), 0L));
    show("F_SETFL", syscall(SYS_fcntl, INT(fd), INT(F_SETFL), (long)(O_NONBLOCK | O_APPEND)));
    long now = syscall(SYS_fcntl, INT(fd), INT(F_GETFL), 0L);
    show_truth("O_NONBLOCK|O_APPEND", (now & (O_NONBLOCK | O_APPEND)) == (O_NONBLOCK | O_APPEND));
    close(fd);
    symlink("data", "link");
    show("O_NOFOLLOW of a link", syscall(SYS_openat, HERE, "link", INT(O_RDONLY | O_NOFOLLOW)));
    show("O_DIRECTORY of a file", syscall(SYS_openat, HERE, "data", INT(O_RDONLY | O_DIRECTORY)));
    show_ok("O_DIRECTORY of a folder", syscall(SYS_openat, HERE, ".", INT(O_RDONLY | O_DIRECTORY)));
    show_ok("O_PATH of a link", syscall(SYS_openat, HERE, "link", INT(O_PATH | O_NOFOLLOW)));
    show("O_EXCL", syscall(SYS_openat, HERE, "data", INT(O_RDWR | O_CREAT | O_EXCL), INT(0600)));
    fd = syscall(SYS_openat, HERE, ".", INT(O_RDWR | O_TMPFILE), INT(0600));
    show_ok("O_TMPFILE", fd);
    show_truth("F_GETFL has O_TMPFILE", (syscall(SYS_fcntl, INT(fd), INT(F_GETFL), 0L) & O_TMPFILE) == O_TMPFILE);
    struct { uint64_t flags, mode, resolve; } how = {O_RDONLY | O_NOFOLLOW, 0, 0};
    show("openat2 of a link", syscall(SYS_openat2, HERE, "link", &how, 24L));
    how.flags = O_RDONLY;
    show_ok("openat2", syscall(SYS_openat2, HERE, "link", &how, 24L));
    how.resolve = 0x08;
    show("openat2 beneath", syscall(SYS_openat2, HERE, "/etc/passwd", &how, 24L));
    show("openat2 too small", syscall(SYS_openat2, HERE, "data", &how, 8L));
    show("openat2 from nowhere", syscall(SYS_openat2, HERE, "data", NOWHERE, 24L));
}

static void duplicates(void)
{
    long fd = syscall(SYS_openat, HERE, "data", INT(O_RDONLY));
    show("dup3", syscall(SYS_dup3, INT(fd), INT(100), INT(O_CLOEXEC)));
    show("its F_GETFD", syscall(SYS_fcntl, INT(100), INT(F_GETFD), 0L));
    show("dup3 onto itself", syscall(SYS_dup3, INT(fd), INT(fd), INT(0)));
    show("F_DUPFD_CLOEXEC", syscall(SYS_fcntl, INT(fd), INT(F_DUPFD_CLOEXEC), 200L));
    show("F_DUPFD from -1", syscall(SYS_fcntl, INT(fd), INT(F_DUPFD), -1L));
    show("close_range", syscall(SYS_close_range, INT(100), INT(150), INT(0)));
    show("100 is closed", syscall(SYS_fcntl, INT(100), INT(F_GETFD), 0L));
    show("200 is open", syscall(SYS_fcntl, INT(200), INT(F_GETFD), 0L));
    show("close_range backwards", syscall(SYS_close_range, INT(5), INT(4), INT(0)));
    show("close_range to the end", syscall(SYS_close_range, INT(fd), INT(~0u), INT(0)));
    show("200 is closed", syscall(SYS_fcntl, INT(200), INT(F_GETFD), 0L));
    show_ok("what is open next", syscall(SYS_openat, HERE, "data", INT(O_RDONLY)));
}

static void moving(void)
{
    int ends[2], others[2];
    char buffer[32];
    long in = syscall(SYS_openat, HERE, "from", INT(O_RDWR | O_CREAT), INT(0600)), out;
    long offset = 3, target = 1;
    write(in, "0123456789abcdef", 16);
    out = syscall(SYS_openat, HERE, "to", INT(O_RDWR | O_CREAT), INT(0600));
    show("sendfile", syscall(SYS_sendfile, INT(out), INT(in), &offset, 5L));
    show("offset", offset);
    show("copy_file_range", syscall(SYS_copy_file_range, INT(in), &offset, INT(out), &target, 4L, INT(0)));
    show("offset", offset);
    show("pread", pread(out, buffer, sizeof buffer, 0));
    show_text("text", buffer, 5);
    show("pipe2", syscall(SYS_pipe2, ends, INT(O_NONBLOCK | O_CLOEXEC)));
    show("pipe2 with a bad flag", syscall(SYS_pipe2, others, INT(0x4)));
    show("pipe2 to nowhere", syscall(SYS_pipe2, NOWHERE, INT(0)));
    show("read of an empty pipe", syscall(SYS_read, INT(ends[0]), buffer, 8L));
    offset = 0;
    show("splice", syscall(SYS_splice, INT(in), &offset, INT(ends[1]), 0L, 6L, INT(0)));
    pipe(others);
    show("tee", syscall(SYS_tee, INT(ends[0]), INT(others[1]), 4L, INT(0)));
    struct iovec part = {"vm", 2};
    show("vmsplice", syscall(SYS_vmsplice, INT(others[1]), &part, 1L, INT(0)));
    show("read", read(others[0], buffer, sizeof buffer));
    show_text("text", buffer, 6);
    show("F_GETPIPE_SZ", syscall(SYS_fcntl, INT(others[0]), INT(F_GETPIPE_SZ), 0L));
    show("memory file", syscall(SYS_memfd_create, "name", INT(0x2)) >= 0);
    show("memory file with a bad flag", syscall(SYS_memfd_create, "name", INT(0x8000)));
}

static void locks(void)
{
    long fd = syscall(SYS_openat, HERE, "data", INT(O_RDWR)), other = syscall(SYS_openat, HERE, "data", INT(O_RDWR));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 0x100000000};
    show("F_OFD_SETLK", syscall(SYS_fcntl, INT(fd), INT(F_OFD_SETLK), &lock));
    show("F_OFD_SETLK of the same", syscall(SYS_fcntl, INT(other), INT(F_OFD_SETLK), &lock));
    lock.l_start = 0;
    show("F_OFD_GETLK", syscall(SYS_fcntl, INT(other), INT(F_OFD_GETLK), &lock));
    printf("type %d start %ld length %ld owner %d\n", lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
    lock.l_type = 99;
    show("no such type", syscall(SYS_fcntl, INT(fd), INT(F_SETLK), &lock));
    show("lock at nowhere", syscall(SYS_fcntl, INT(fd), INT(F_SETLK), NOWHERE));
    show("flock", syscall(SYS_flock, INT(fd), INT(LOCK_EX | LOCK_NB)));
    show("flock of the same", syscall(SYS_flock, INT(other), INT(LOCK_EX | LOCK_NB)));
    show("no such command", syscall(SYS_fcntl, INT(fd), INT(4242), 0L));
}

int main(void)
{
    enter_folder();
    reading_and_writing();
    flags();
    duplicates();
    moving();
    locks();
    return 0;
}
