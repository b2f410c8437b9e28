// SPDX-License-Identifier: GPL-2.0-or-later
// What a program sees of itself: arguments, environment, auxiliary vector, /proc/self, limits, identity, stack.
#include "print.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;
extern char __executable_start[], etext[], edata[], end[];

static void test_proc(const char *self)
{
    char path[PATH_MAX] = "", real[PATH_MAX], line[600];
    CHECK(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    CHECK(realpath(self, real));
    printf("exe %s\n", strcmp(path, real) == 0 ? "right" : path);
    snprintf(line, sizeof line, "/proc/%d/exe", getpid());
    memset(path, 0, sizeof path);
    CHECK(readlink(line, path, sizeof path - 1) > 0 && strcmp(path, real) == 0);
    FILE *maps = fopen("/proc/self/maps", "r");
    int has_code = 0, has_stack = 0, has_heap = 0, sorted = 1;
    unsigned long last = 0, low, high, here = (unsigned long)&has_code, code = (unsigned long)&test_proc;
    (void)!malloc(100000);
    char flags[8];
    while (fgets(line, sizeof line, maps)) {
        CHECK(sscanf(line, "%lx-%lx %7s", &low, &high, flags) == 3);
        sorted &= low >= last;
        last = high;
        has_code |= code >= low && code < high && flags[2] == 'x';
        has_stack |= here >= low && here < high && strstr(line, "[stack]") != NULL;
        has_heap |= strstr(line, "[heap]") != NULL;
    }
    fclose(maps);
    printf("maps code %d stack %d heap %d sorted %d\n", has_code, has_stack, has_heap, sorted);
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = read(fd, line, sizeof line);
    printf("cmdline %d\n", length == (ssize_t)strlen(self) + 1 && memcmp(line, self, (size_t)length) == 0);
    close(fd);
    FILE *status = fopen("/proc/self/stat", "r");
    int pid;
    char name[40], expected[20] = "";
    CHECK(fscanf(status, "%d (%39[^)])", &pid, name) == 2 && pid == getpid());
    strncpy(expected, strrchr(self, '/') ? strrchr(self, '/') + 1 : self, 15);
    printf("stat %d\n", strcmp(name, expected) == 0);
    fclose(status);
}

static int count_objects(struct dl_phdr_info *info, size_t size, void *count)
{
    ++*(int *)count;
    return 0;
    (void)info, (void)size;
}

static void test_auxiliary(void)
{
    CHECK(getauxval(AT_PAGESZ) == (unsigned long)sysconf(_SC_PAGESIZE));
    CHECK(getauxval(AT_PHDR) && getauxval(AT_PHENT) == sizeof(ElfW(Phdr)) && getauxval(AT_PHNUM) > 1);
    CHECK(getauxval(AT_ENTRY) && getauxval(AT_RANDOM) && getauxval(AT_UID) == getuid() && getauxval(AT_SECURE) == 0);
    CHECK(getauxval(AT_EXECFN) && getauxval(AT_PLATFORM) + 1 > 0 && getauxval(AT_CLKTCK) == (unsigned long)sysconf(_SC_CLK_TCK));
    errno = 0;
    CHECK(getauxval(4711) == 0 && errno == ENOENT);
    int objects = 0;
    dl_iterate_phdr(count_objects, &objects);
    CHECK(objects >= 1);
}

static void *report_stack(void *unused)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    char here;
    CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
    CHECK(pthread_attr_getstack(&attributes, &low, &size) == 0);
    CHECK(&here > (char *)low && &here < (char *)low + size);
    return unused;
}

int main(int argc, char **argv)
{
    printf("%d arguments, %d\n", argc, argv[argc] == NULL);
    CHECK(setenv("KAGE_TEST", "1", 1) == 0 && strcmp(getenv("KAGE_TEST"), "1") == 0 && unsetenv("KAGE_TEST") == 0);
    CHECK(getenv("KAGE_TEST") == NULL && getenv("PATH") != NULL);
    test_proc(argv[0]);
    test_auxiliary();
    report_stack(NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, report_stack, NULL);
    pthread_join(thread, NULL);
    struct utsname names;
    CHECK(uname(&names) == 0 && strcmp(names.sysname, "Linux") == 0);
#if defined __aarch64__
    printf("machine %d\n", strcmp(names.machine, "aarch64") == 0);
#elif defined __riscv
    printf("machine %d\n", strcmp(names.machine, "riscv64") == 0);
#else
    printf("machine %d\n", strcmp(names.machine, "x86_64") == 0);
#endif
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 64;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0 && dup2(0, 70) == -1 && errno == EBADF);
    unsigned char noise[32];
    CHECK(getrandom(noise, sizeof noise, 0) == sizeof noise);
    cpu_set_t processors;
    CHECK(sched_getaffinity(0, sizeof processors, &processors) == 0 && CPU_COUNT(&processors) >= 1);
    CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && getpriority(PRIO_PROCESS, 0) >= -20);
    char name[17] = "";
    CHECK(prctl(PR_SET_NAME, "renamed thread") == 0 && prctl(PR_GET_NAME, name) == 0);
    printf("name %s\n", name);
    char folder[PATH_MAX];
    CHECK(getcwd(folder, sizeof folder) && getpgrp() > 0 && getsid(0) >= 0 && geteuid() == getuid());
    CHECK(syscall(9999) == -1 && errno == ENOSYS);
    printf("done\n");
    return 0;
}
