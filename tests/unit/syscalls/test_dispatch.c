/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marshalling and dispatch against a fake host: arguments narrowed, pointers checked, layouts converted, errors as the
 * guest's. */
#include "fake_host.h"

#include "handler.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))
#define POISON 0xdeadbeef00000000u

static const char *const guests[] = {"aarch64", "riscv64", "x86_64"};

START_TEST(unknown_numbers_give_enosys)
{
    const struct syscall_abi *abi = syscall_abi_find(guests[_i]);
    int64_t result = 0;
    uint64_t arguments[6] = {0};
    ck_assert_int_eq(syscalls_run(abi, &fake_services, NULL, 100000, arguments, &result), SYSCALL_DONE);
    ck_assert_int_eq(result, -ENOSYS);
    ck_assert_int_eq(syscalls_run(abi, &fake_services, NULL, UINT64_MAX, arguments, &result), SYSCALL_DONE);
    ck_assert_int_eq(result, -ENOSYS);
    ck_assert_ptr_null(syscall_name(abi, 100000));
}
END_TEST

/* The kernel looks at the low half of an int argument only. */
START_TEST(upper_halves_are_ignored)
{
    char byte = 0;
    int fds[2];
    ck_assert_int_eq(run_call(guests[_i], "pipe2", ADDRESS(fds), POISON | O_CLOEXEC, 0, 0, 0, 0), 0);
    ck_assert_int_eq(run_call(guests[_i], "write", POISON | (unsigned)fds[1], ADDRESS("x"), 1, 0, 0, 0), 1);
    ck_assert_int_eq(run_call(guests[_i], "read", POISON | (unsigned)fds[0], ADDRESS(&byte), 1, 0, 0, 0), 1);
    ck_assert_int_eq(byte, 'x');
    ck_assert_int_eq(run_call(guests[_i], "close", POISON | (unsigned)fds[0], 0, 0, 0, 0, 0), 0);
    ck_assert_int_eq(run_call(guests[_i], "close", POISON | (unsigned)fds[1], 0, 0, 0, 0, 0), 0);
    ck_assert_int_eq(run_call(guests[_i], "close", (unsigned)fds[1], 0, 0, 0, 0, 0), -EBADF);
}
END_TEST

START_TEST(bad_pointers_give_efault)
{
    const char *abi = guests[_i];
    static const uint64_t bad[] = {1, 0x1000, 1ull << 47, UINT64_MAX - 100};
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(write(fds[1], "abc", 3), 3);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(run_call(abi, "openat", (uint64_t)AT_FDCWD, bad[i], 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "faccessat", (uint64_t)AT_FDCWD, bad[i], 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "fstat", 0, bad[i], 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "read", (uint64_t)fds[0], bad[i], 3, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "writev", (uint64_t)fds[1], bad[i], 1, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "uname", bad[i], 0, 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "clock_gettime", 0, bad[i], 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "rt_sigaction", 10, bad[i], 0, 8, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "execve", ADDRESS("/x"), bad[i], 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "pipe2", bad[i], 0, 0, 0, 0, 0), -EFAULT);
        ck_assert_int_eq(run_call(abi, "nanosleep", bad[i], 0, 0, 0, 0, 0), -EFAULT);
    }
    /* the descriptor is judged first, as the kernel does */
    ck_assert_int_eq(run_call(abi, "read", 999, 1, 3, 0, 0, 0), -EBADF);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

/* arm64 numbers O_DIRECTORY, O_NOFOLLOW, O_DIRECT and O_LARGEFILE otherwise than the generic list. */
START_TEST(open_flags_are_translated)
{
    int64_t fd = run_call("aarch64", "openat", (uint64_t)AT_FDCWD, ADDRESS("/"), 040000 /* O_DIRECTORY */, 0, 0, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(run_call("aarch64", "fcntl", (uint64_t)fd, F_GETFL, 0, 0, 0, 0), 0440000);
    close((int)fd);
    ck_assert_int_eq(run_call("aarch64", "openat", (uint64_t)AT_FDCWD, ADDRESS("/dev/null"), 040000, 0, 0, 0),
                     -ENOTDIR);
    ck_assert_int_eq(run_call("riscv64", "openat", (uint64_t)AT_FDCWD, ADDRESS("/dev/null"), 0200000, 0, 0, 0),
                     -ENOTDIR);
    ck_assert_int_eq(run_call("aarch64", "openat", (uint64_t)AT_FDCWD, ADDRESS("/proc/self/exe"), 0100000, 0, 0, 0),
                     -ELOOP);
    ck_assert_int_eq(run_call("aarch64", "openat", (uint64_t)AT_FDCWD, ADDRESS("/virtual"), 0, 0, 0, 0), -ELOOP);
}
END_TEST

/* asm-generic/stat.h: another order of fields than x86-64's. */
struct generic_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad1;
    int64_t size;
    int32_t blksize, pad2;
    int64_t blocks, atime;
    uint64_t atime_nsec;
    int64_t mtime;
    uint64_t mtime_nsec;
    int64_t ctime;
    uint64_t ctime_nsec;
    uint32_t unused[2];
};

START_TEST(stat_is_converted)
{
    const char *abi = _i ? "riscv64" : "aarch64";
    struct stat native;
    struct generic_stat guest;
    memset(&guest, 0xff, sizeof guest);
    ck_assert_int_eq(stat("/bin/sh", &native), 0);
    ck_assert_int_eq(run_call(abi, "newfstatat", (uint64_t)AT_FDCWD, ADDRESS("/bin/sh"), ADDRESS(&guest), 0, 0, 0), 0);
    ck_assert_uint_eq(guest.ino, native.st_ino);
    ck_assert_uint_eq(guest.dev, native.st_dev);
    ck_assert_uint_eq(guest.mode, native.st_mode);
    ck_assert_uint_eq(guest.nlink, native.st_nlink);
    ck_assert_int_eq(guest.size, native.st_size);
    ck_assert_int_eq(guest.blksize, native.st_blksize);
    ck_assert_int_eq(guest.blocks, native.st_blocks);
    ck_assert_int_eq(guest.mtime, native.st_mtim.tv_sec);
    ck_assert_uint_eq(guest.ctime_nsec, (uint64_t)native.st_ctim.tv_nsec);
    ck_assert_uint_eq(guest.unused[1], 0);
}
END_TEST

struct generic_epoll_event {
    uint32_t events;
    uint64_t data;
};

START_TEST(epoll_events_are_converted)
{
    const char *abi = _i ? "riscv64" : "aarch64";
    struct generic_epoll_event event = {EPOLLIN, 0x123456789abcdef0}, seen[4];
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    int64_t epoll = run_call(abi, "epoll_create1", 0, 0, 0, 0, 0, 0);
    ck_assert_int_ge(epoll, 0);
    ck_assert_int_eq(
        run_call(abi, "epoll_ctl", (uint64_t)epoll, EPOLL_CTL_ADD, (uint64_t)fds[0], ADDRESS(&event), 0, 0), 0);
    ck_assert_int_eq(run_call(abi, "epoll_pwait", (uint64_t)epoll, ADDRESS(seen), 4, 0, 0, 8), 0);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    uint64_t mask = 0x200;
    ck_assert_int_eq(
        run_call(abi, "epoll_pwait", (uint64_t)epoll, ADDRESS(seen), 4, POISON | UINT32_MAX, ADDRESS(&mask), 8), 1);
    ck_assert_uint_eq(seen[0].events, EPOLLIN);
    ck_assert_uint_eq(seen[0].data, event.data);
    ck_assert_uint_eq(fake.temporary_mask, 0x200);
    ck_assert_int_eq(run_call(abi, "epoll_pwait", (uint64_t)epoll, ADDRESS(seen), 4, 0, ADDRESS(&mask), 4), -EINVAL);
    ck_assert_int_eq(run_call(abi, "epoll_pwait", (uint64_t)epoll, ADDRESS(seen), 0, 0, 0, 8), -EINVAL);
    ck_assert_int_eq(run_call(abi, "epoll_ctl", (uint64_t)epoll, EPOLL_CTL_DEL, (uint64_t)fds[0], 0, 0, 0), 0);
    close(fds[0]);
    close(fds[1]);
    close((int)epoll);
}
END_TEST

/* The kernel's struct sigaction has no restorer on RISC-V. */
START_TEST(signal_actions_have_their_layout)
{
    uint64_t arm[4] = {0x1000, SA_SIGINFO | 0x04000000, 0x2000, 0x55}, riscv[3] = {0x3000, SA_RESTART, 0x66},
             old[4] = {0};
    ck_assert_int_eq(run_call("aarch64", "rt_sigaction", POISON | 10, ADDRESS(arm), 0, 8, 0, 0), 0);
    ck_assert_uint_eq(fake.action.handler, 0x1000);
    ck_assert_uint_eq(fake.action.restorer, 0x2000);
    ck_assert_uint_eq(fake.action.mask, 0x55);
    ck_assert_int_eq(run_call("riscv64", "rt_sigaction", 10, ADDRESS(riscv), 0, 8, 0, 0), 0);
    ck_assert_uint_eq(fake.action.handler, 0x3000);
    ck_assert_uint_eq(fake.action.restorer, 0);
    ck_assert_uint_eq(fake.action.mask, 0x66);
    ck_assert_int_eq(run_call("aarch64", "rt_sigaction", 10, 0, ADDRESS(old), 8, 0, 0), 0);
    ck_assert_uint_eq(old[0], 0x3000);
    ck_assert_uint_eq(old[3], 0x66);
    ck_assert_int_eq(run_call("aarch64", "rt_sigaction", 10, ADDRESS(arm), 0, 16, 0, 0), -EINVAL);
}
END_TEST

START_TEST(interruptions_say_what_becomes_of_the_call)
{
    char byte;
    struct timespec wait = {0, 1};
    uint64_t read_arguments[6] = {0, ADDRESS(&byte), 1}, sleep_arguments[6] = {ADDRESS(&wait)}, none[6] = {0};
    fake.blocking_result = -EINTR;
    ck_assert_int_eq(run_disposition("aarch64", "read", read_arguments), SYSCALL_RESTART);
    ck_assert_int_eq(run_disposition("aarch64", "nanosleep", sleep_arguments), SYSCALL_RESTART_WITHOUT_HANDLER);
    uint64_t wait_arguments[6] = {0, ADDRESS(&wait), 1};
    ck_assert_int_eq(run_disposition("aarch64", "epoll_pwait", wait_arguments), SYSCALL_DONE);
    fake.blocking_result = 0;
    ck_assert_int_eq(run_disposition("aarch64", "rt_sigreturn", none), SYSCALL_NO_RESULT);
}
END_TEST

START_TEST(private_descriptors_do_not_exist)
{
    fake.private_fd = dup(0);
    ck_assert_int_ge(fake.private_fd, 0);
    uint64_t fd = (uint64_t)fake.private_fd;
    ck_assert_int_eq(run_call("aarch64", "close", fd, 0, 0, 0, 0, 0), -EBADF);
    ck_assert_int_eq(run_call("aarch64", "dup", fd, 0, 0, 0, 0, 0), -EBADF);
    ck_assert_int_eq(run_call("aarch64", "dup3", 0, fd, 0, 0, 0, 0), -EBADF);
    int before = dup2(0, fake.private_fd + 2), after = dup2(0, fake.private_fd + 4);
    ck_assert_int_eq(run_call("aarch64", "close_range", fd - 1 + 1, UINT32_MAX, 0, 0, 0, 0), 0);
    ck_assert_int_eq(fcntl(before, F_GETFD), -1);
    ck_assert_int_eq(fcntl(after, F_GETFD), -1);
    ck_assert_int_ge(fcntl(fake.private_fd, F_GETFD), 0);
    close(fake.private_fd);
    fake.private_fd = -1;
}
END_TEST

START_TEST(clone_arguments_follow_the_abi)
{
    uint64_t flags = 0x100 | 0x80000 | 17;
    ck_assert_int_eq(run_call("aarch64", "clone", flags, 1, 2, 3, 4, 0), 4711);
    ck_assert_uint_eq(fake.clone[0], 0x80100);
    ck_assert_uint_eq(fake.clone[3], 2);
    ck_assert_uint_eq(fake.clone[5], 3); /* tls */
    ck_assert_uint_eq(fake.clone[4], 4); /* child */
    ck_assert_uint_eq(fake.clone[6], 17);
    ck_assert_int_eq(run_call("x86_64", "clone", flags, 1, 2, 3, 4, 0), 4711);
    ck_assert_uint_eq(fake.clone[5], 4);
    ck_assert_uint_eq(fake.clone[4], 3);
    uint64_t more[12] = {0x100, 0, 5, 6, 17, 0x10000, 0x2000, 7};
    ck_assert_int_eq(run_call("riscv64", "clone3", ADDRESS(more), 88, 0, 0, 0, 0), 4711);
    ck_assert_uint_eq(fake.clone[2], 0x2000);
    ck_assert_uint_eq(fake.clone[5], 7);
    ck_assert_int_eq(run_call("riscv64", "clone3", ADDRESS(more), 63, 0, 0, 0, 0), -EINVAL);
    more[11] = 1;
    ck_assert_int_eq(run_call("riscv64", "clone3", ADDRESS(more), 96, 0, 0, 0, 0), -E2BIG);
}
END_TEST

START_TEST(execve_copies_its_strings)
{
    const char *argv[] = {"prog", "one", NULL}, *envp[] = {"A=1", NULL};
    ck_assert_int_eq(run_call("aarch64", "execve", ADDRESS("/prog"), ADDRESS(argv), ADDRESS(envp), 0, 0, 0), -ENOENT);
    ck_assert_str_eq(fake.path, "/prog");
    ck_assert_str_eq(fake.argv[1], "one");
    ck_assert_str_eq(fake.envp[0], "A=1");
    ck_assert_int_eq(run_call("aarch64", "execveat", 5, ADDRESS(""), ADDRESS(argv), 0, AT_EMPTY_PATH, 0), -ENOENT);
    ck_assert_str_eq(fake.path, "(descriptor)");
}
END_TEST

START_TEST(uname_names_the_guest)
{
    struct utsname names;
    ck_assert_int_eq(run_call(guests[_i], "uname", ADDRESS(&names), 0, 0, 0, 0, 0), 0);
    ck_assert_str_eq(names.machine, guests[_i]);
    ck_assert_str_eq(names.sysname, "Linux");
}
END_TEST

START_TEST(virtual_links_are_asked_first)
{
    char buffer[64] = {0};
    uint64_t here = (uint64_t)AT_FDCWD;
    ck_assert_int_eq(run_call("aarch64", "readlinkat", here, ADDRESS("/proc/self/exe"), ADDRESS(buffer), 64, 0, 0), 10);
    ck_assert_str_eq(buffer, "/bin/guest");
    ck_assert_int_eq(run_call("aarch64", "readlinkat", here, ADDRESS("/proc/self/exe"), ADDRESS(buffer), 4, 0, 0), 4);
    ck_assert_int_eq(run_call("aarch64", "readlinkat", here, ADDRESS("/proc/self/exe"), ADDRESS(buffer), 0, 0, 0),
                     -EINVAL);
    ck_assert_int_gt(run_call("aarch64", "readlinkat", here, ADDRESS("/proc/self/cwd"), ADDRESS(buffer), 64, 0, 0), 0);
}
END_TEST

START_TEST(riscv_flushes_code)
{
    ck_assert_int_eq(run_call("riscv64", "riscv_flush_icache", 0x1000, 0x1800, 0, 0, 0, 0), 0);
    ck_assert_uint_eq(fake.flushed[0], 0x1000);
    ck_assert_uint_eq(fake.flushed[1], 0x800);
    ck_assert_int_eq(run_call("riscv64", "riscv_flush_icache", 0x1000, 0x1800, 2, 0, 0, 0), -EINVAL);
}
END_TEST

/* A limit on address space would starve kage itself. */
START_TEST(address_space_limit_is_kept_apart)
{
    uint64_t wanted[2] = {1 << 20, 1 << 24}, seen[2] = {0};
    ck_assert_int_eq(run_call("aarch64", "prlimit64", 0, 9, ADDRESS(wanted), 0, 0, 0), 0);
    ck_assert_int_eq(run_call("aarch64", "prlimit64", 0, 9, 0, ADDRESS(seen), 0, 0), 0);
    ck_assert_uint_eq(seen[0], wanted[0]);
    ck_assert_int_eq(run_call("aarch64", "getrlimit", 9, ADDRESS(seen), 0, 0, 0, 0), 0);
    ck_assert_uint_eq(seen[1], wanted[1]);
    void *room = mmap(NULL, 1 << 26, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(room, MAP_FAILED);
    munmap(room, 1 << 26);
}
END_TEST

/* Every row can be run into the table's own consistency: what it says about itself holds. */
START_TEST(rows_are_sane)
{
    for (unsigned i = CALL_none + 1; i < CALL_COUNT; i++) {
        const struct syscall_row *row = &syscall_rows[i];
        ck_assert_msg((row->handler == NULL) == (row->status == SYSCALL_STATUS_MISSING), "%s", row->name);
        ck_assert_msg((row->reason == NULL) == (row->status == SYSCALL_STATUS_FULL), "%s", row->name);
        ck_assert_msg(!row->passes_through || row->host_number >= 0, "%s passes through to nothing", row->name);
        ck_assert_msg(row->missing_errno > 0 && row->missing_errno < 134, "%s", row->name);
        for (unsigned j = 0; j < row->argument_count; j++) {
            enum argument_class class = argument_kinds[row->arguments[j].kind].class;
            bool table = class == ARGUMENT_FLAGS || class == ARGUMENT_ENUMERATOR || class >= ARGUMENT_STRUCT_IN;
            ck_assert_msg(!table || row->arguments[j].table, "%s: argument %u has no table", row->name, j);
        }
    }
    ck_assert_uint_ge(CALL_COUNT, 400);
}
END_TEST

/* No missing call may do anything, and each says its errno. */
START_TEST(missing_calls_fail)
{
    const struct syscall_abi *abi = syscall_abi_find("aarch64");
    uint64_t arguments[6] = {0};
    unsigned missing = 0;
    for (uint64_t number = 0; number < abi->number_count; number++) {
        const struct syscall_row *row = &syscall_rows[abi->calls[number]];
        if (abi->calls[number] && row->status == SYSCALL_STATUS_MISSING) {
            int64_t result = 0;
            syscalls_run(abi, &fake_services, NULL, number, arguments, &result);
            ck_assert_msg(result < 0, "%s gives %lld", row->name, (long long)result);
            missing++;
        }
    }
    ck_assert_uint_gt(missing, 5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dispatch");
    tcase_set_timeout(tests, 20);
    tcase_add_loop_test(tests, unknown_numbers_give_enosys, 0, 3);
    tcase_add_loop_test(tests, upper_halves_are_ignored, 0, 3);
    tcase_add_loop_test(tests, bad_pointers_give_efault, 0, 3);
    tcase_add_loop_test(tests, uname_names_the_guest, 0, 3);
    tcase_add_loop_test(tests, stat_is_converted, 0, 2);
    tcase_add_loop_test(tests, epoll_events_are_converted, 0, 2);
    tcase_add_test(tests, open_flags_are_translated);
    tcase_add_test(tests, signal_actions_have_their_layout);
    tcase_add_test(tests, interruptions_say_what_becomes_of_the_call);
    tcase_add_test(tests, private_descriptors_do_not_exist);
    tcase_add_test(tests, clone_arguments_follow_the_abi);
    tcase_add_test(tests, execve_copies_its_strings);
    tcase_add_test(tests, virtual_links_are_asked_first);
    tcase_add_test(tests, riscv_flushes_code);
    tcase_add_test(tests, address_space_limit_is_kept_apart);
    tcase_add_test(tests, rows_are_sane);
    tcase_add_test(tests, missing_calls_fail);
    Suite *suite = suite_create("syscalls");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
