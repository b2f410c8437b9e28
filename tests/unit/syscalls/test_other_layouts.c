/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests of another word size and byte order, by ABIs that no machine has (test_abis.table): every number and pointer
 * in memory is turned and widened on its way. */
#include "fake_host.h"

#include "byteorder.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *abi;
    unsigned word;
    bool big;
} guests[] = {{"narrow", 4, true}, {"wide", 8, true}, {"small", 4, false}};

/* Guest memory: a page of low addresses, which all guests can name. */
static uint8_t *page;

static void make_page(void)
{
    page = mmap((void *)0x40000000, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
}

static uint64_t at(size_t offset)
{
    return (uint64_t)(uintptr_t)(page + offset);
}

static void put(size_t offset, unsigned size, uint64_t value, bool big)
{
    uint8_t bytes[8];
    byteorder_store64(bytes, value, big);
    memcpy(page + offset, big ? bytes + 8 - size : bytes, size);
}

static uint64_t get(size_t offset, unsigned size, bool big)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)page[offset + i] << 8 * (big ? size - 1 - i : i);
    }
    return value;
}

START_TEST(numbers_are_turned)
{
    const char *abi = guests[_i].abi;
    bool big = guests[_i].big;
    ck_assert_int_eq(run_call(abi, "pipe2", at(0), 0, 0, 0, 0, 0), 0);
    int in = (int)get(0, 4, big), out = (int)get(4, 4, big);
    ck_assert_int_eq(out, in + 1);
    strcpy((char *)page + 100, "hello");
    ck_assert_int_eq(run_call(abi, "write", (uint64_t)out, at(100), 5, 0, 0, 0), 5);
    /* readv into two parts */
    unsigned word = guests[_i].word;
    put(200, word, at(300), big);
    put(200 + word, word, 2, big);
    put(200 + 2 * word, word, at(400), big);
    put(200 + 3 * word, word, 10, big);
    ck_assert_int_eq(run_call(abi, "readv", (uint64_t)in, at(200), 2, 0, 0, 0), 5);
    ck_assert_mem_eq(page + 300, "he", 2);
    ck_assert_mem_eq(page + 400, "llo", 3);
    /* poll */
    put(500, 4, (uint64_t)in, big);
    put(504, 2, POLLIN, big);
    put(508, 4, (uint64_t)out, big);
    put(512, 2, POLLOUT, big);
    put(600, word, 0, big);
    put(600 + word, word, 0, big);
    ck_assert_int_eq(run_call(abi, "ppoll", at(500), 2, at(600), 0, 8, 0), 1);
    ck_assert_uint_eq(get(506, 2, big), 0);
    ck_assert_uint_eq(get(514, 2, big), POLLOUT);
    close(in);
    close(out);
}
END_TEST

START_TEST(times_have_their_width)
{
    const char *abi = guests[_i].abi;
    unsigned word = guests[_i].word;
    bool big = guests[_i].big;
    time_t now = time(NULL);
    ck_assert_int_eq(run_call(abi, "clock_getres", CLOCK_MONOTONIC, at(0), 0, 0, 0, 0), 0);
    if (word == 8) {
        return;
    }
    ck_assert_int_eq(run_call(abi, "clock_gettime64", CLOCK_REALTIME, at(0), 0, 0, 0, 0), 0);
    ck_assert_int_le(llabs((long long)get(0, 8, big) - now), 2);
    ck_assert_uint_lt(get(8, 8, big), 1000000000);
    ck_assert_int_eq(run_call(abi, "gettimeofday", at(32), 0, 0, 0, 0, 0), 0);
    ck_assert_int_le(llabs((long long)get(32, 4, big) - now), 2);
    put(0, 8, 0, big);
    put(8, 8, 1000, big);
    ck_assert_int_eq(run_call(abi, "clock_nanosleep_time64", CLOCK_MONOTONIC, 0, at(0), 0, 0, 0), 0);
}
END_TEST

/* 64-bit arguments come in two registers, from an even one on where the ABI says so. */
START_TEST(pairs_are_joined)
{
    const char *abi = guests[_i].abi;
    bool big = guests[_i].big;
    int fd = memfd_create("pairs", 0);
    if (guests[_i].word == 8) {
        ck_assert_int_eq(run_call(abi, "ftruncate", (uint64_t)fd, 0x100000002, 0, 0, 0, 0), 0);
    } else if (strcmp(abi, "narrow") == 0) {
        ck_assert_int_eq(run_call(abi, "ftruncate64", (uint64_t)fd, 0xdead, 1, 2, 0, 0), 0);
    } else {
        ck_assert_int_eq(run_call(abi, "ftruncate64", (uint64_t)fd, 2, 1, 0, 0, 0), 0);
    }
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0x100000002);
    if (guests[_i].word == 4) {
        ck_assert_int_eq(run_call(abi, "_llseek", (uint64_t)fd, 3, 4, at(0), SEEK_SET, 0), 0);
        ck_assert_uint_eq(get(0, 8, big), 0x300000004);
        /* a lock as fcntl64 has it */
        put(64, 2, F_WRLCK, big);
        put(66, 2, SEEK_SET, big);
        unsigned start = strcmp(abi, "narrow") == 0 ? 68 : 72;
        put(start, 8, 0x200000000, big);
        put(start + 8, 8, 5, big);
        ck_assert_int_eq(run_call(abi, "fcntl64", (uint64_t)fd, F_OFD_SETLK, at(64), 0, 0, 0), 0);
        struct flock lock = {.l_type = F_RDLCK, .l_start = 0x200000001, .l_len = 1};
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int other = open(path, O_RDWR);
        ck_assert_int_eq(fcntl(other, F_OFD_GETLK, &lock), 0);
        ck_assert_int_eq(lock.l_type, F_WRLCK);
        ck_assert_int_eq(lock.l_start, 0x200000000);
        close(other);
    }
    close(fd);
}
END_TEST

/* Header, vector and control data of a message, both ways; a descriptor travels. */
START_TEST(messages_are_converted)
{
    const char *abi = guests[_i].abi;
    unsigned word = guests[_i].word;
    bool big = guests[_i].big;
    int ends[2], null = open("/dev/null", O_RDWR);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    enum { HEADER = 0, VECTOR = 100, CONTROL = 200, TEXT = 300 };
    memset(page, 0, 1024);
    /* name, length (padded), vector, count, control, its length, flags: all at multiples of a word */
    put(HEADER + 2 * word, word, at(VECTOR), big);
    put(HEADER + 3 * word, word, 1, big);
    put(HEADER + 4 * word, word, at(CONTROL), big);
    put(HEADER + 5 * word, word, word + 8 + 4, big);
    put(VECTOR, word, at(TEXT), big);
    put(VECTOR + word, word, 4, big);
    put(CONTROL, word, word + 8 + 4, big);
    put(CONTROL + word, 4, SOL_SOCKET, big);
    put(CONTROL + word + 4, 4, SCM_RIGHTS, big);
    put(CONTROL + word + 8, 4, (uint64_t)null, big);
    memcpy(page + TEXT, "sent", 4);
    ck_assert_int_eq(run_call(abi, "sendmsg", (uint64_t)ends[0], at(HEADER), 0, 0, 0, 0), 4);
    memset(page + CONTROL, 0, 200);
    put(HEADER + 5 * word, word, 100, big);
    ck_assert_int_eq(run_call(abi, "recvmsg", (uint64_t)ends[1], at(HEADER), 0, 0, 0, 0), 4);
    ck_assert_mem_eq(page + TEXT, "sent", 4);
    ck_assert_uint_eq(get(CONTROL, word, big), word + 8 + 4);
    ck_assert_uint_eq(get(CONTROL + word, 4, big), SOL_SOCKET);
    ck_assert_uint_eq(get(CONTROL + word + 4, 4, big), SCM_RIGHTS);
    int got = (int)get(CONTROL + word + 8, 4, big);
    ck_assert_int_gt(got, null);
    ck_assert_int_eq(write(got, "x", 1), 1);
    put(HEADER + 5 * word, word, 4, big);
    ck_assert_int_eq(run_call(abi, "recvmsg", (uint64_t)ends[1], at(HEADER), MSG_DONTWAIT, 0, 0, 0), -EAGAIN);
    put(HEADER + 2 * word, word, 16, big);
    ck_assert_int_eq(run_call(abi, "sendmsg", (uint64_t)ends[0], at(HEADER), 0, 0, 0, 0), -EFAULT);
    close(ends[0]);
    close(ends[1]);
    close(got);
    close(null);
}
END_TEST

START_TEST(events_and_futexes)
{
    const char *abi = guests[_i].abi;
    bool big = guests[_i].big;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    int epoll = (int)run_call(abi, "epoll_create1", 0, 0, 0, 0, 0, 0);
    unsigned data = strcmp(abi, "narrow") == 0 ? 4 : 8;
    put(0, 4, EPOLLOUT, big);
    put(data, 8, 0x1122334455667788, big);
    ck_assert_int_eq(run_call(abi, "epoll_ctl", (uint64_t)epoll, EPOLL_CTL_ADD, (uint64_t)ends[1], at(0), 0, 0), 0);
    memset(page, 0, 64);
    ck_assert_int_eq(run_call(abi, "epoll_pwait", (uint64_t)epoll, at(0), 2, 0, 0, 8), 1);
    ck_assert_uint_eq(get(0, 4, big), EPOLLOUT);
    ck_assert_uint_eq(get(data, 8, big), 0x1122334455667788);
    put(128, 4, 7, big);
    ck_assert_int_eq(run_call(abi, "futex", at(128), FUTEX_WAIT, 8, 0, 0, 0), -EAGAIN);
    unsigned word = guests[_i].word;
    put(136, word, 0, big);
    put(136 + word, word, 1000, big);
    ck_assert_int_eq(run_call(abi, "futex", at(128), FUTEX_WAIT, 7, at(136), 0, 0), -ETIMEDOUT);
    ck_assert_int_eq(run_call(abi, "futex", at(128), FUTEX_WAKE, 1, 0, 0, 0), 0);
    close(epoll);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(signals_have_their_sets)
{
    const char *abi = guests[_i].abi;
    unsigned word = guests[_i].word;
    bool big = guests[_i].big;
    memset(page, 0, 64);
    put(0, word, 0x1000, big);
    put(word, word, 4, big);
    put(2 * word, word, 0x2000, big);
    if (word == 8) {
        put(3 * word, 8, 0x8000000000000200, big);
    } else {
        put(3 * word, 4, 0x200, big);
        put(4 * word, 4, 0x80000000, big);
    }
    ck_assert_int_eq(run_call(abi, "rt_sigaction", 10, at(0), at(64), 8, 0, 0), 0);
    ck_assert_uint_eq(fake.action.handler, 0x1000);
    ck_assert_uint_eq(fake.action.flags, 4);
    ck_assert_uint_eq(fake.action.restorer, 0x2000);
    ck_assert_uint_eq(fake.action.mask, 0x8000000000000200);
    ck_assert_int_eq(run_call(abi, "rt_sigaction", 10, 0, at(64), 8, 0, 0), 0);
    ck_assert_mem_eq(page, page + 64, 3 * word + 8);
    /* the mask of ppoll */
    memcpy(page + 128, page + 3 * word, 8);
    put(200, word, 0, big);
    put(200 + word, word, 0, big);
    ck_assert_int_eq(run_call(abi, "ppoll", at(0), 0, at(200), at(128), 8, 0), 0);
    ck_assert_uint_eq(fake.temporary_mask, 0x8000000000000200);
    /* the kernel's record of a signal */
    siginfo_t host = {.si_signo = 10, .si_code = SI_QUEUE};
    host.si_pid = 4711;
    host.si_value.sival_ptr = (void *)0x12345678;
    siginfo_to_guest(syscall_abi_find(abi), page + 256, &host);
    unsigned sender = word == 8 ? 16 : 12;
    ck_assert_uint_eq(get(256, 4, big), 10);
    ck_assert_uint_eq(get(256 + 8, 4, big), UINT32_MAX);
    ck_assert_uint_eq(get(256 + sender, 4, big), 4711);
    ck_assert_uint_eq(get(256 + sender + 8, word, big), 0x12345678);
}
END_TEST

START_TEST(queues_and_strings)
{
    const char *abi = guests[_i].abi;
    unsigned word = guests[_i].word;
    bool big = guests[_i].big;
    int64_t queue = run_call(abi, "msgget", IPC_PRIVATE, 0600 | IPC_CREAT, 0, 0, 0, 0);
    ck_assert_int_ge(queue, 0);
    put(0, word, 77, big);
    memcpy(page + word, "text", 4);
    ck_assert_int_eq(run_call(abi, "msgsnd", (uint64_t)queue, at(0), 4, 0, 0, 0), 0);
    memset(page, 0, 64);
    ck_assert_int_eq(run_call(abi, "msgrcv", (uint64_t)queue, at(0), 32, 0, 0, 0), 4);
    ck_assert_uint_eq(get(0, word, big), 77);
    ck_assert_mem_eq(page + word, "text", 4);
    msgctl((int)queue, IPC_RMID, NULL);
    strcpy((char *)page + 300, "/prog");
    strcpy((char *)page + 310, "argument");
    put(320, word, at(300), big);
    put(320 + word, word, at(310), big);
    put(320 + 2 * word, word, 0, big);
    ck_assert_int_eq(run_call(abi, "execve", at(300), at(320), 0, 0, 0, 0), -ENOENT);
    ck_assert_str_eq(fake.argv[1], "argument");
    ck_assert_int_eq(run_call(abi, "ioctl", 999, 0x5401, at(0), 0, 0, 0), big ? -ENOTTY : -EBADF);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("layouts");
    tcase_add_unchecked_fixture(tests, make_page, NULL);
    int count = sizeof guests / sizeof guests[0];
    tcase_add_loop_test(tests, numbers_are_turned, 0, count);
    tcase_add_loop_test(tests, times_have_their_width, 0, count);
    tcase_add_loop_test(tests, pairs_are_joined, 0, count);
    tcase_add_loop_test(tests, messages_are_converted, 0, count);
    tcase_add_loop_test(tests, events_and_futexes, 0, count);
    tcase_add_loop_test(tests, signals_have_their_sets, 0, count);
    tcase_add_loop_test(tests, queues_and_strings, 0, count);
    Suite *suite = suite_create("other layouts");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
