// SPDX-License-Identifier: GPL-2.0-or-later
// Files: every way to open, read, write, seek, link, rename, lock, stat and list them, and the errors they give.
#include "print.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_descriptors(void)
{
    int fd = open("data", O_RDWR | O_CREAT | O_EXCL, 0640);
    CHECK(fd >= 0 && open("data", O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST);
    CHECK(write(fd, "hello world", 11) == 11 && lseek(fd, -5, SEEK_END) == 6);
    char buffer[64] = "";
    CHECK(read(fd, buffer, 60) == 5 && pread(fd, buffer + 5, 5, 0) == 5);
    struct iovec parts[] = {{"<", 1}, {buffer, 10}, {">", 1}};
    CHECK(writev(fd, parts, 3) == 12 && pwrite(fd, "HELLO", 5, 0) == 5 && pwritev(fd, parts, 1, 5) == 1);
    char one[4] = "", two[20] = "";
    struct iovec targets[] = {{one, 3}, {two, 19}};
    CHECK(preadv(fd, targets, 2, 0) == 22);
    printf("%s|%s|\n", one, two);
    CHECK(ftruncate(fd, 5000) == 0 && fallocate(fd, 0, 0, 6000) == 0);
    struct stat status;
    CHECK(fstat(fd, &status) == 0);
    printf("size %ld mode %o links %d regular %d\n", (long)status.st_size, status.st_mode & 07777, (int)status.st_nlink,
           S_ISREG(status.st_mode));
    int copy = dup(fd), third = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    CHECK(copy >= 0 && third >= 100 && fcntl(third, F_GETFD) == FD_CLOEXEC && dup2(fd, 77) == 77);
    CHECK((fcntl(77, F_GETFL) & O_ACCMODE) == O_RDWR && fcntl(77, F_SETFL, O_APPEND) == 0);
    CHECK((fcntl(fd, F_GETFL) & O_APPEND) == O_APPEND);
    struct statx extended;
    CHECK(statx(AT_FDCWD, "data", 0, STATX_ALL, &extended) == 0);
    printf("statx %llu %o\n", (unsigned long long)extended.stx_size, extended.stx_mode & 07777);
    int target = open("copied", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    off_t offset = 0;
    CHECK(sendfile(target, fd, &offset, 100) == 100 && offset == 100);
    loff_t from = 0;
    CHECK(copy_file_range(fd, &from, target, NULL, 50, 0) == 50);
    int available;
    lseek(fd, 5990, SEEK_SET);
    CHECK(ioctl(fd, FIONREAD, &available) == 0);
    printf("available %d\n", available);
    CHECK(read(target, buffer, 1) == -1 && errno == EBADF && lseek(fd, -1, SEEK_SET) == -1 && errno == EINVAL);
    CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
}

static void test_names(void)
{
    char buffer[100] = "";
    struct stat status;
    CHECK(link("data", "hard") == 0 && symlink("data", "soft") == 0 && symlink("loop", "loop") == 0);
    CHECK(readlink("soft", buffer, sizeof buffer) == 4);
    printf("link %s\n", buffer);
    CHECK(lstat("soft", &status) == 0 && S_ISLNK(status.st_mode) && stat("hard", &status) == 0 && status.st_nlink == 2);
    CHECK(stat("loop", &status) == -1 && errno == ELOOP && stat("none", &status) == -1 && errno == ENOENT);
    CHECK(stat("data/x", &status) == -1 && errno == ENOTDIR && rename("hard", "renamed") == 0);
    CHECK(chmod("renamed", 0444) == 0 && access("renamed", R_OK) == 0 && utimensat(AT_FDCWD, "data", (struct timespec[]){{1000, 5}, {2000, 7}}, 0) == 0);
    CHECK(stat("data", &status) == 0);
    printf("times %ld.%09ld %ld.%09ld\n", status.st_atim.tv_sec, status.st_atim.tv_nsec, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    char *real = realpath("soft", NULL);
    CHECK(real && strcmp(strrchr(real, '/'), "/data") == 0);
    free(real);
    CHECK(chmod("data", 0600) == 0 && truncate("data", 3) == 0 && stat("data", &status) == 0 && status.st_size == 3);
    CHECK(mkfifo("fifo", 0600) == 0 && stat("fifo", &status) == 0 && S_ISFIFO(status.st_mode));
    struct statvfs space;
    CHECK(statvfs(".", &space) == 0 && space.f_bsize > 0);
    umask(027);
    close(open("masked", O_CREAT | O_WRONLY, 0666));
    CHECK(stat("masked", &status) == 0);
    printf("masked %o\n", status.st_mode & 0777);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *position)
{
    return remove(path);
    (void)status, (void)kind, (void)position;
}

static void test_directories(void)
{
    CHECK(mkdir("folder", 0755) == 0 && mkdir("folder", 0755) == -1 && errno == EEXIST);
    char name[40];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "folder/entry-%03d-with-a-long-name", i);
        int fd = openat(AT_FDCWD, name, O_CREAT | O_WRONLY, 0600);
        CHECK(fd >= 0 && close(fd) == 0);
    }
    int count = 0, files = 0;
    DIR *directory = opendir("folder");
    for (struct dirent *entry; (entry = readdir(directory)) != NULL; count++)
        files += entry->d_type == DT_REG;
    rewinddir(directory);
    CHECK(readdir(directory) != NULL && fchdir(dirfd(directory)) == 0);
    closedir(directory);
    struct dirent **entries;
    int found = scandir(".", &entries, NULL, by_name);
    printf("entries %d files %d sorted %d %s %s\n", count, files, found, entries[2]->d_name, entries[found - 1]->d_name);
    glob_t matches;
    CHECK(glob("entry-1[0-4]*", 0, NULL, &matches) == 0);
    printf("matches %zu %s\n", matches.gl_pathc, matches.gl_pathv[7]);
    CHECK(chdir("..") == 0 && rmdir("folder") == -1 && errno == ENOTEMPTY);
    int folder = open("folder", O_RDONLY | O_DIRECTORY);
    CHECK(unlinkat(folder, entries[5]->d_name, 0) == 0 && faccessat(folder, entries[6]->d_name, F_OK, 0) == 0);
    close(folder);
}

static void test_locks(void)
{
    int fd = open("copied", O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
    CHECK(fcntl(fd, F_SETLK, &lock) == 0);
    if (fork() == 0) {
        struct flock probe = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        CHECK(fcntl(fd, F_GETLK, &probe) == 0);
        printf("locked %d %ld %ld by parent %d\n", probe.l_type == F_WRLCK, (long)probe.l_start, (long)probe.l_len, probe.l_pid == getppid());
        CHECK(fcntl(fd, F_SETLK, &probe) == -1 && (errno == EAGAIN || errno == EACCES));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    int second = open("copied", O_RDWR);
    CHECK(flock(fd, LOCK_EX) == 0 && flock(second, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
    close(second);
    close(fd);
}

static void test_streams(void)
{
    FILE *file = fopen("stream", "w+");
    for (int i = 0; i < 3000; i++)
        fprintf(file, "%d %s %.3f\n", i, i % 2 ? "odd" : "even", i / 7.0);
    rewind(file);
    int number, total = 0;
    char word[10];
    double value, sum = 0;
    while (fscanf(file, "%d %9s %lf", &number, word, &value) == 3) {
        total += number;
        sum += value;
    }
    printf("stream %d %.3f %ld\n", total, sum, ftell(file));
    fseek(file, 5, SEEK_SET);
    ungetc('#', file);
    CHECK(fgetc(file) == '#' && fclose(file) == 0);
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    fprintf(memory, "%*d|%-*d|", 6, 42, 6, 42);
    fclose(memory);
    printf("%s %zu\n", text, size);
}

int main(void)
{
    char folder[] = "/tmp/kage-files-XXXXXX";
    setvbuf(stdout, NULL, _IONBF, 0);
    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    umask(022);
    test_descriptors();
    test_names();
    test_directories();
    test_locks();
    test_streams();
    CHECK(chdir("/") == 0 && nftw(folder, visit, 20, FTW_DEPTH | FTW_PHYS) == 0);
    CHECK(access(folder, F_OK) == -1 && errno == ENOENT);
    return 0;
}
