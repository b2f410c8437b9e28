/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of -strace: what users compare with those of strace. */
#include "fake_host.h"

#include "log.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

static char line[8192];

/* Runs a call with the trace going to a file in memory; the text without the thread number and the newline is in line.
 */
static int64_t traced(const char *abi, const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                      uint64_t f)
{
    int file = memfd_create("trace", 0), saved = dup(log_fd());
    ck_assert_int_ge(dup2(file, log_fd()), 0);
    syscalls_configure(&(struct syscall_options){.trace = true});
    int64_t result = run_call(abi, name, a, b, c, d, e, f);
    syscalls_configure(&(struct syscall_options){0});
    dup2(saved, log_fd());
    close(saved);
    char text[8192];
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    close(file);
    ck_assert_int_gt(length, 0);
    ck_assert_int_eq(text[length - 1], '\n');
    text[length - 1] = '\0';
    const char *space = strchr(text, ' ');
    ck_assert_int_eq(atoi(text), gettid());
    memmove(line, space + 1, strlen(space + 1) + 1);
    return result;
}

START_TEST(paths_and_flags)
{
    uint64_t here = (uint64_t)AT_FDCWD;
    int64_t fd = traced("aarch64", "openat", here, ADDRESS("/dev/null"), O_RDONLY, 0, 0, 0);
    char expected[128];
    snprintf(expected, sizeof expected, "openat(AT_FDCWD, \"/dev/null\", O_RDONLY) = %d", (int)fd);
    ck_assert_str_eq(line, expected);
    close((int)fd);
    traced("aarch64", "openat", here, ADDRESS("/nowhere"), 02000000 | 040000 | 1, 0, 0, 0);
    ck_assert_str_eq(
        line, "openat(AT_FDCWD, \"/nowhere\", O_WRONLY|O_DIRECTORY|O_CLOEXEC) = -1 ENOENT (No such file or directory)");
    traced("riscv64", "openat", here, 16, 0200000 | 0101, 0644, 0, 0);
    ck_assert_str_eq(line, "openat(AT_FDCWD, 0x10, O_WRONLY|O_CREAT|O_DIRECTORY, 0644) = -1 EFAULT (Bad address)");
    traced("riscv64", "mkdirat", here, ADDRESS("/dev/null/x\n\0011"), 0755, 0, 0, 0);
    ck_assert_str_eq(line, "mkdirat(AT_FDCWD, \"/dev/null/x\\n\\0011\", 0755) = -1 ENOTDIR (Not a directory)");
}
END_TEST

START_TEST(bytes_before_and_after)
{
    int fds[2];
    char buffer[64], expected[128];
    ck_assert_int_eq(pipe(fds), 0);
    traced("aarch64", "write", (uint64_t)fds[1], ADDRESS("a\0b\"c"), 5, 0, 0, 0);
    snprintf(expected, sizeof expected, "write(%d, \"a\\0b\\\"c\", 5) = 5", fds[1]);
    ck_assert_str_eq(line, expected);
    traced("aarch64", "read", (uint64_t)fds[0], ADDRESS(buffer), sizeof buffer, 0, 0, 0);
    snprintf(expected, sizeof expected, "read(%d, \"a\\0b\\\"c\", 64) = 5", fds[0]);
    ck_assert_str_eq(line, expected);
    close(fds[0]);
    close(fds[1]);
    traced("aarch64", "write", 999, ADDRESS("0123456789012345678901234567890123456789"), 40, 0, 0, 0);
    ck_assert_str_eq(line, "write(999, \"01234567890123456789012345678901\"..., 40) = -1 EBADF (Bad file descriptor)");
}
END_TEST

START_TEST(structs_and_enumerators)
{
    uint64_t wait[2] = {0, 1};
    traced("riscv64", "clock_nanosleep", 1, 0, ADDRESS(wait), 0, 0, 0);
    ck_assert_str_eq(line, "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=1}, NULL) = 0");
    traced("riscv64", "clock_settime", 77, ADDRESS(wait), 0, 0, 0, 0);
    ck_assert_str_eq(line, "clock_settime(77, {tv_sec=0, tv_nsec=1}) = -1 EINVAL (Invalid argument)");
    traced("aarch64", "kill", 0x7fffffff, 10, 0, 0, 0, 0);
    ck_assert_str_eq(line, "kill(2147483647, SIGUSR1) = -1 ESRCH (No such process)");
    struct sockaddr_in address = {AF_INET, htons(80), {htonl(0x7f000001)}, {0}};
    traced("aarch64", "connect", 999, ADDRESS(&address), sizeof address, 0, 0, 0);
    ck_assert_str_eq(
        line, "connect(999, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 EBADF "
              "(Bad file descriptor)");
    traced("aarch64", "socket", 1, 0x80001, 99, 0, 0, 0);
    ck_assert_str_eq(line,
                     "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 99) = -1 EPROTONOSUPPORT (Protocol not supported)");
    traced("aarch64", "setsockopt", 999, 1, 2, 0, 0, 0);
    ck_assert_str_eq(line, "setsockopt(999, SOL_SOCKET, SO_REUSEADDR, NULL, 0) = -1 EBADF (Bad file descriptor)");
    traced("aarch64", "ioctl", 999, 0x5401, 0, 0, 0, 0);
    ck_assert_str_eq(line, "ioctl(999, TCGETS, 0) = -1 EBADF (Bad file descriptor)");
}
END_TEST

START_TEST(calls_that_do_not_return)
{
    const char *argv[] = {"ls", "-l", NULL};
    traced("aarch64", "execve", ADDRESS("/bin/ls"), ADDRESS(argv), 0, 0, 0, 0);
    ck_assert_ptr_nonnull(strstr(line, "execve(\"/bin/ls\", [\"ls\", \"-l\"], NULL) = ?\n"));
    ck_assert_ptr_nonnull(
        strstr(line, "execve(\"/bin/ls\", [\"ls\", \"-l\"], NULL) = -1 ENOENT (No such file or directory)"));
    traced("aarch64", "rt_sigreturn", 0, 0, 0, 0, 0, 0);
    ck_assert_str_eq(line, "rt_sigreturn() = ?");
}
END_TEST

START_TEST(addresses_are_hexadecimal)
{
    char expected[256];
    int64_t place =
        traced("riscv64", "mmap", 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0);
    snprintf(expected, sizeof expected,
             "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x%llx",
             (unsigned long long)place);
    ck_assert_str_eq(line, expected);
    munmap((void *)(uintptr_t)place, 4096);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("trace");
    tcase_add_test(tests, paths_and_flags);
    tcase_add_test(tests, bytes_before_and_after);
    tcase_add_test(tests, structs_and_enumerators);
    tcase_add_test(tests, calls_that_do_not_return);
    tcase_add_test(tests, addresses_are_hexadecimal);
    Suite *suite = suite_create("trace");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
