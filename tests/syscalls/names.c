// SPDX-License-Identifier: GPL-2.0-or-later
// Names and attributes: struct stat and statfs differ from architecture to architecture, directories are read as the kernel lays
// them out.
#include "kernel.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void making(void)
{
    show("mkdirat", syscall(SYS_mkdirat, HERE, "folder", INT(0751)));
    show("mkdirat again", syscall(SYS_mkdirat, HERE, "folder", INT(0751)));
    long folder = syscall(SYS_openat, HERE, "folder", INT(O_RDONLY | O_DIRECTORY));
    show("mknodat", syscall(SYS_mknodat, INT(folder), "fifo", INT(S_IFIFO | 0600), INT(0)));
    close(syscall(SYS_openat, INT(folder), "file", INT(O_CREAT | O_WRONLY), INT(0644)));
    show("linkat", syscall(SYS_linkat, INT(folder), "file", HERE, "hard", INT(0)));
    show("symlinkat", syscall(SYS_symlinkat, "folder/file", HERE, "soft"));
    show("renameat2 onto", syscall(SYS_renameat2, HERE, "hard", INT(folder), "fifo", INT(1)));
    show("renameat2 exchanges", syscall(SYS_renameat2, HERE, "hard", INT(folder), "fifo", INT(2)));
    show("renameat2", syscall(SYS_renameat2, HERE, "hard", HERE, "pipe", INT(0)));
    show("unlinkat of a folder", syscall(SYS_unlinkat, HERE, "folder", INT(0)));
    show("unlinkat of a full folder", syscall(SYS_unlinkat, HERE, "folder", INT(AT_REMOVEDIR)));
    show("unlinkat with a bad flag", syscall(SYS_unlinkat, HERE, "pipe", INT(0x40)));
    char name[64];
    show("readlinkat", syscall(SYS_readlinkat, HERE, "soft", name, 64L));
    show_text("target", name, 11);
    show("readlinkat cut", syscall(SYS_readlinkat, HERE, "soft", name, 6L));
    show("readlinkat of a file", syscall(SYS_readlinkat, HERE, "folder/file", name, 64L));
    show("readlinkat to nowhere", syscall(SYS_readlinkat, HERE, "soft", NOWHERE, 64L));
    show("empty name", syscall(SYS_mkdirat, HERE, "", INT(0700)));
    static char long_name[5000];
    memset(long_name, 'x', 4999);
    show("long path", syscall(SYS_mkdirat, HERE, long_name, INT(0700)));
    long_name[300] = '\0';
    show("long name", syscall(SYS_mkdirat, HERE, long_name, INT(0700)));
    show("name from nowhere", syscall(SYS_mkdirat, HERE, NOWHERE, INT(0700)));
    show("no such descriptor", syscall(SYS_mkdirat, INT(999), "x", INT(0700)));
    show("a file as a folder", syscall(SYS_mkdirat, HERE, "folder/file/x", INT(0700)));
}

static void attributes(void)
{
    struct stat status;
    struct statx more;
    show("fchmodat", syscall(SYS_fchmodat, HERE, "folder/file", INT(0604)));
    struct timespec times[2] = {{1000000000, 123456789}, {2000000000, 987654321}};
    show("utimensat", syscall(SYS_utimensat, HERE, "folder/file", times, INT(0)));
    show("truncate", truncate("folder/file", 12345));
    utimensat(AT_FDCWD, "folder/file", times, 0);
    show("fstatat", fstatat(AT_FDCWD, "folder/file", &status, 0));
    printf("mode %o links %d size %ld\n", status.st_mode, (int)status.st_nlink, (long)status.st_size);
    printf("times %ld.%09ld %ld.%09ld\n", (long)status.st_atim.tv_sec, status.st_atim.tv_nsec, (long)status.st_mtim.tv_sec,
           status.st_mtim.tv_nsec);
    show_truth("owner", status.st_uid == getuid());
    show_truth("changed of late", status.st_ctim.tv_sec > 1700000000);
    show("statx", syscall(SYS_statx, HERE, "folder/file", INT(0), INT(0xfff), &more));
    printf("mode %o links %u size %llu time %lld.%09u\n", more.stx_mode, more.stx_nlink, (unsigned long long)more.stx_size,
           (long long)more.stx_mtime.tv_sec, more.stx_mtime.tv_nsec);
    show_truth("same file", more.stx_ino == status.st_ino && makedev(more.stx_dev_major, more.stx_dev_minor) == status.st_dev);
    show("link itself", fstatat(AT_FDCWD, "soft", &status, AT_SYMLINK_NOFOLLOW));
    printf("mode %o size %ld\n", status.st_mode, (long)status.st_size);
    show("empty path", fstatat(1, "", &status, AT_EMPTY_PATH));
    show("device", stat("/dev/null", &status));
    printf("mode %o device %u:%u\n", status.st_mode, major(status.st_rdev), minor(status.st_rdev));
    show("stat to nowhere", syscall(SYS_fstat, INT(1), NOWHERE));
    show("bad flag", syscall(SYS_newfstatat, HERE, "soft", &status, INT(0x40000)));
    show("no such file", syscall(SYS_newfstatat, HERE, "none", &status, INT(0)));
    show("faccessat", syscall(SYS_faccessat, HERE, "soft", INT(R_OK)));
    show("faccessat2", syscall(SYS_faccessat2, HERE, "none", INT(F_OK), INT(AT_EACCESS)));
    show("faccessat2 with a bad mode", syscall(SYS_faccessat2, HERE, "soft", INT(0x80), INT(0)));
    show("fchownat", syscall(SYS_fchownat, HERE, "soft", INT(-1), INT(-1), INT(AT_SYMLINK_NOFOLLOW)));
    show("umask", syscall(SYS_umask, INT(077)));
    show("umask", syscall(SYS_umask, INT(022)));
    struct statfs system;
    show("statfs", statfs("/proc", &system));
    printf("type %lx name length %ld\n", (long)system.f_type, (long)system.f_namelen);
    show("fstatfs", fstatfs(0, &system));
    show("statfs to nowhere", syscall(SYS_statfs, "/", NOWHERE));
}

static void extended(void)
{
    char value[64], list[256];
    long set = setxattr("folder/file", "user.colour", "green", 5, 0);
    if (set < 0 && errno == EOPNOTSUPP) { // the file system has none: show what is shown where it has
        printf("setxattr: 0\ncreate again: EEXIST\ngetxattr: 5\nvalue: \"green\"\nsize: 5\ntoo small: ERANGE\nlist: 1\n"
               "remove: 0\nremove again: ENODATA\n");
        return;
    }
    show("setxattr", set);
    show("create again", setxattr("folder/file", "user.colour", "blue", 4, XATTR_CREATE));
    show("getxattr", getxattr("folder/file", "user.colour", value, sizeof value));
    show_text("value", value, 5);
    show("size", getxattr("folder/file", "user.colour", NULL, 0));
    show("too small", getxattr("folder/file", "user.colour", value, 2));
    long length = listxattr("folder/file", list, sizeof list);
    show("list", length > 0 && memmem(list, length, "user.colour", 12) != NULL);
    show("remove", removexattr("folder/file", "user.colour"));
    show("remove again", removexattr("folder/file", "user.colour"));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void listing(void)
{
    char buffer[4096], *names[32];
    int count = 0;
    long fd = syscall(SYS_openat, HERE, ".", INT(O_RDONLY | O_DIRECTORY)), length;
    while ((length = syscall(SYS_getdents64, INT(fd), buffer, INT(sizeof buffer))) > 0) {
        for (long at = 0; at < length; at += *(uint16_t *)(buffer + at + 16))
            asprintf(&names[count++], "%s (%d)", buffer + at + 19, buffer[at + 18]);
    }
    show("the end", length);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++)
        puts(names[i]);
    show("no room", (lseek(fd, 0, SEEK_SET), syscall(SYS_getdents64, INT(fd), buffer, INT(8))));
    show("of a file", syscall(SYS_getdents64, INT(syscall(SYS_openat, HERE, "soft", INT(O_RDONLY))), buffer, INT(4096)));
    show("to nowhere", syscall(SYS_getdents64, INT(fd), NOWHERE, INT(4096)));
    show("chdir", syscall(SYS_chdir, "folder"));
    show_truth("getcwd", syscall(SYS_getcwd, buffer, 4096L) == (long)strlen(buffer) + 1 && strcmp(strrchr(buffer, '/'), "/folder") == 0);
    show("getcwd cut", syscall(SYS_getcwd, buffer, 3L));
    show("getcwd to nowhere", syscall(SYS_getcwd, NOWHERE, 4096L));
    show("fchdir", syscall(SYS_fchdir, INT(fd)));
    show("fchdir of a file", syscall(SYS_fchdir, INT(1)));
}

static void own_descriptors(void)
{
    // every descriptor that the list shows must be one that this program has
    DIR *list = opendir("/proc/self/fd");
    struct dirent *entry;
    int unknown = 0;
    while (list && (entry = readdir(list)))
        if (*entry->d_name != '.' && fcntl(atoi(entry->d_name), F_GETFD) < 0)
            unknown++;
    show("descriptors that are not mine", unknown);
}

int main(void)
{
    enter_folder();
    making();
    attributes();
    extended();
    listing();
    own_descriptors();
    return 0;
}
