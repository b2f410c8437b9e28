/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any call with any arguments. Nothing reaches the kernel: the program around the library and the kernel itself are
 * faked below, what they answer comes from the input. Guest memory is one allocation, so that a sanitizer sees every
 * access beside it. The input: ABI, then calls of number, kinds of the arguments, arguments; the rest is what guest
 * memory holds. */
#include "fuzz.h"
#include "syscalls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/statfs.h>

enum { MEMORY_BYTES = 1 << 14, MEMORY_START = 0x10000, CALLS = 4 };

static struct {
    uint8_t *memory;
    uint64_t answers; /* a stream of numbers */
    jmp_buf leave;
} world;

static uint64_t answer(void)
{
    world.answers = world.answers * 6364136223846793005u + 1442695040888963407u;
    return world.answers >> 32;
}

/* ---- the kernel ---- */

long __wrap_syscall(long number, ...);
int __wrap_open64(const char *path, int flags, ...);
ssize_t __wrap_readlink(const char *path, char *buffer, size_t size);
int __wrap_fstatfs64(int fd, struct statfs *status);
int __wrap_close(int fd);

/* 0, 1 or an error: the library relies on the kernel's promise never to fill more than it was asked for. */
static long some_result(void)
{
    uint64_t number = answer();
    if ((number & 7) == 0) {
        errno = (int)(number >> 3) % 133 + 1;
        return -1;
    }
    return number >> 3 & 1;
}

long __wrap_syscall(long number, ...)
{
    return some_result();
}

int __wrap_open64(const char *path, int flags, ...)
{
    errno = EACCES;
    return -1;
}

ssize_t __wrap_readlink(const char *path, char *buffer, size_t size)
{
    size_t length = answer() % 64;
    length = length < size ? length : size;
    memset(buffer, 'x', length);
    return (ssize_t)length;
}

int __wrap_fstatfs64(int fd, struct statfs *status)
{
    memset(status, (int)answer(), sizeof *status);
    return 0;
}

/* Of descriptors that the kernel above has only pretended to give: the fuzzer's own would be closed. */
int __wrap_close(int fd)
{
    return 0;
}

/* ---- the program around the library ---- */

static uint8_t *place_of(uint64_t address, size_t length)
{
    uint64_t offset = address - MEMORY_START;
    return offset <= MEMORY_BYTES && length <= MEMORY_BYTES - offset ? world.memory + offset : NULL;
}

static int copy_in(void *thread, void *destination, uint64_t source, size_t length)
{
    const uint8_t *place = place_of(source, length);
    if (place) {
        memcpy(destination, place, length);
    }
    return place ? 0 : -EFAULT;
}

static int copy_out(void *thread, uint64_t destination, const void *source, size_t length)
{
    uint8_t *place = place_of(destination, length);
    if (place) {
        memcpy(place, source,
               length); /* all of the source is read: uninitialised or foreign bytes are the sanitizer's */
    }
    return place ? 0 : -EFAULT;
}

static ssize_t string_length(void *thread, uint64_t address, size_t limit)
{
    for (size_t length = 0; length < limit; length++) {
        const uint8_t *place = place_of(address + length, 1);
        if (!place) {
            return -EFAULT;
        }
        if (!*place) {
            return (ssize_t)length;
        }
    }
    return (ssize_t)limit;
}

static void *host_pointer(void *thread, uint64_t address, size_t length)
{
    return place_of(address, length);
}

static int64_t some_answer(void)
{
    long result = some_result();
    return result < 0 ? -errno : result;
}

static int64_t answer_map(void *t, uint64_t a, uint64_t b, int c, int d, int e, uint64_t f)
{
    return some_answer();
}
static int64_t answer_2(void *t, uint64_t a, uint64_t b)
{
    return some_answer();
}
static int64_t answer_1(void *t, uint64_t a)
{
    return some_answer();
}
static int64_t answer_0(void *t)
{
    return some_answer();
}
static int64_t answer_protect(void *t, uint64_t a, uint64_t b, int c)
{
    return some_answer();
}
static int64_t answer_remap(void *t, uint64_t a, uint64_t b, uint64_t c, int d, uint64_t e)
{
    return some_answer();
}
static int64_t answer_attach(void *t, int a, uint64_t b, int c)
{
    return some_answer();
}
static void ignore_limit(void *t, int a, uint64_t b, uint64_t c) {}
static void ignore_flush(void *t, uint64_t a, uint64_t b) {}
static int64_t answer_control(void *t, int option, const uint64_t arguments[4])
{
    return some_answer();
}
static int64_t answer_blocking(void *t, long number, const uint64_t arguments[6])
{
    return some_answer();
}
static int64_t answer_robust(void *t, pid_t a, uint64_t b, uint64_t c)
{
    return some_answer();
}
static int64_t answer_seccomp(void *t, unsigned a, unsigned b, uint64_t c)
{
    return some_answer();
}
static bool is_private(void *t, int fd)
{
    return fd == 7;
}

static bool accepts_tags(void *thread)
{
    return answer() & 1;
}

static bool probe_processor(void *thread, int64_t key, uint64_t *value)
{
    *value = answer();
    return key >= 0 && key < 8;
}

static int64_t answer_clone(void *t, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, int g,
                            uint64_t h)
{
    return some_answer();
}

static int64_t answer_execute(void *t, int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
    size_t length = path ? strlen(path) : 0;
    for (int i = 0; argv[i]; i++) {
        length += strlen(argv[i]);
    }
    for (int i = 0; envp[i]; i++) {
        length += strlen(envp[i]);
    }
    return length > 1 << 30 ? 0 : -ENOENT;
}

static _Noreturn void leave(void *thread, int status)
{
    longjmp(world.leave, 1);
}

static int64_t answer_action(void *t, int signal, const struct guest_signal_action *set,
                             struct guest_signal_action *old)
{
    if (signal < 1 || signal > 64) {
        return -EINVAL; /* it is the program that says so */
    }
    if (old) {
        *old = (struct guest_signal_action){.handler = answer(), .flags = answer(), .mask = answer()};
    }
    return set && set->handler == 3 ? -EINVAL : 0;
}

static int64_t answer_mask(void *t, int how, const uint64_t *set, uint64_t *old)
{
    if (old) {
        *old = set ? *set : answer();
    }
    return some_answer();
}

static int64_t answer_pending(void *t, uint64_t *set)
{
    *set = answer();
    return 0;
}

static int64_t answer_stack(void *t, const struct guest_signal_stack *set, struct guest_signal_stack *old)
{
    if (old) {
        *old = (struct guest_signal_stack){.start = set ? set->start : answer(), .size = answer()};
    }
    return 0;
}

static int64_t answer_wait(void *t, uint64_t set, siginfo_t *info, const struct timespec *timeout)
{
    memset(info, 0, sizeof *info);
    info->si_signo = (int)(answer() % 64) + 1;
    info->si_code = (int)(answer() % 16) - 8;
    return timeout && timeout->tv_sec == 5 ? -EAGAIN : info->si_signo;
}

static const char *same_path(void *t, int fd, const char *path, bool follow, char *buffer)
{
    return path;
}
static int64_t no_virtual_file(void *t, int fd, const char *path, int flags, mode_t mode)
{
    return -ENOSYS;
}

static int64_t virtual_link(void *t, int fd, const char *path, char *buffer, size_t size)
{
    memset(buffer, 'p', size < 20 ? size : 20);
    return strlen(path) == 4 ? (int64_t)(size < 20 ? size : 20) : -ENOSYS;
}

static const struct host_services services = {
    .copy_in = copy_in,
    .copy_out = copy_out,
    .string_length = string_length,
    .host_pointer = host_pointer,
    .accepts_tags = accepts_tags,
    .map = answer_map,
    .unmap = answer_2,
    .protect = answer_protect,
    .remap = answer_remap,
    .advise = answer_protect,
    .program_break = answer_1,
    .attach_shared_memory = answer_attach,
    .detach_shared_memory = answer_1,
    .set_memory_limit = ignore_limit,
    .flush_instruction_cache = ignore_flush,
    .probe_processor = probe_processor,
    .control = answer_control,
    .blocking_call = answer_blocking,
    .clone = answer_clone,
    .execute = answer_execute,
    .exit_thread = leave,
    .exit_group = leave,
    .set_tid_address = answer_1,
    .set_robust_list = answer_2,
    .get_robust_list = answer_robust,
    .signal_action = answer_action,
    .signal_mask = answer_mask,
    .signal_pending = answer_pending,
    .signal_alternate_stack = answer_stack,
    .signal_suspend = answer_1,
    .signal_set_temporary_mask = answer_1,
    .signal_wait = answer_wait,
    .signal_return = answer_0,
    .seccomp = answer_seccomp,
    .seccomp_mode = answer_0,
    .translate_path = same_path,
    .open_virtual_file = no_virtual_file,
    .read_virtual_link = virtual_link,
    .descriptor_is_private = is_private,
};

/* An argument of two bits' kind: a small number, an address in memory, one near its end, any 64 bits. */
static uint64_t take_argument(struct fuzz_input *input, unsigned kind)
{
    uint64_t value = fuzz_take(input, kind == 3 ? 8 : 2);
    switch (kind) {
    case 0:
        return value & 0x8000 ? (uint64_t)(int16_t)value : value & 0x1ff;
    case 1:
        return MEMORY_START + value % MEMORY_BYTES;
    case 2:
        return MEMORY_START + MEMORY_BYTES - value % 64;
    default:
        return value;
    }
}

static void run_call(const struct syscall_abi *abi, struct fuzz_input *input)
{
    uint64_t number = fuzz_take(input, 2) % 512, kinds = fuzz_take(input, 2), arguments[6];
    int64_t result;
    for (int i = 0; i < 6; i++) {
        arguments[i] = take_argument(input, kinds >> 2 * i & 3);
    }
    if (setjmp(world.leave) == 0) {
        syscalls_run(abi, &services, NULL, number, arguments, &result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"aarch64", "riscv64"};
    struct fuzz_input input = {data, size}, calls;
    unsigned choice = (unsigned)fuzz_take(&input, 1);
    const struct syscall_abi *abi = syscall_abi_find(names[choice & 1]);
    FUZZ_CHECK(abi);
    syscalls_configure(&(struct syscall_options){.trace = choice & 2});
    world.answers = fuzz_take(&input, 4);
    world.memory = malloc(MEMORY_BYTES);
    FUZZ_CHECK(world.memory);
    calls = input;
    for (size_t i = 0; i < MEMORY_BYTES; i++) {
        world.memory[i] = input.size ? input.data[i % input.size] : 0;
    }
    for (unsigned i = 0; i < (choice >> 2) % CALLS + 1; i++) {
        run_call(abi, &calls);
    }
    free(world.memory);
    return 0;
}
