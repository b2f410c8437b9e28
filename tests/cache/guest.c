/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program of tests/cache: guest MODE [arguments]. What it prints has to be the same whatever kage kept of earlier
 * runs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __aarch64__
#define RETURN_1 0x52800020u
#define RETURN_2 0x52800040u
#define RETURN 0xd65f03c0u
#else
#define RETURN_1 0x00100513u
#define RETURN_2 0x00200513u
#define RETURN 0x00008067u
#endif

extern uint32_t patched[]; /* a function that returns 1 */
#ifdef __aarch64__
__asm__(".text\n.balign 8\n.skip 8192\n.quad 0x5ad0c0de5ad0c0de\n.globl patched\npatched:\nmov w0, #1\nret\n");
#else
__asm__(".text\n.balign 8\n.skip 8192\n.quad 0x5ad0c0de5ad0c0de\n.globl patched\npatched:\n.option push\n.option "
        "norvc\nli a0, 1\nret\n.option pop\n");
#endif

enum { PAGE = 4096 };

static int call(const void *code)
{
    int (*function)(void);
    memcpy(&function, &code, sizeof code);
    return function();
}

static void check(int is_good, const char *what)
{
    if (!is_good) {
        printf("%s: %s\n", what, strerror(errno));
        exit(99);
    }
}

/* Enough code of its own that a run is worth keeping. */
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define STEP(n)                                                                                                        \
    static __attribute__((noinline)) unsigned step_##n(unsigned x)                                                     \
    {                                                                                                                  \
        return x & (1u << (n)) ? x * 3 + (n) : (x ^ 0x5555u << (n)) + 1;                                               \
    }
EACH(STEP)
static unsigned compute(unsigned count)
{
    unsigned x = 1;
    for (unsigned i = 0; i < count; i++) {
#define CALL(n) x = step_##n(x);
        EACH(CALL)
    }
    return x;
}

static void *page_of(const void *address)
{
    return (void *)((uintptr_t)address & ~(uintptr_t)(PAGE - 1));
}

static void flush(void *start)
{
    __builtin___clear_cache((char *)start, (char *)start + 64);
}

/* ---- libraries ---- */

static void *load(const char *name)
{
    void *library = dlopen(name, RTLD_NOW);
    if (!library) {
        printf("%s\n", dlerror());
        exit(99);
    }
    return library;
}

static int ask(void *library)
{
    int (*answer)(void);
    *(void **)&answer = dlsym(library, "answer");
    return answer();
}

static int mode_answer(char **argv)
{
    printf("%d\n", ask(load(argv[0])));
    return 0;
}

/* Two libraries one after the other at the same address, several times. */
static int mode_turns(char **argv)
{
    void *places[2];
    for (int i = 0; i < 6; i++) {
        void *library = load(argv[i & 1]);
        places[i & 1] = dlsym(library, "answer");
        printf("%d\n", ask(library));
        dlclose(library);
    }
    printf("%s\n", places[0] == places[1] ? "one place" : "two places");
    return 0;
}

/* The library's file gets other bytes while it is in use. */
static int mode_overwrite(char **argv)
{
    static char bytes[1 << 20];
    void *library = load(argv[0]);
    printf("%d\n", ask(library));
    int from = open(argv[1], O_RDONLY), to = open(argv[0], O_WRONLY);
    ssize_t size = read(from, bytes, sizeof bytes);
    check(size > 0 && write(to, bytes, (size_t)size) == size, "overwrite");
    return 0;
}

static int mode_truncate(char **argv)
{
    void *library = load(argv[0]);
    printf("%d\n", ask(library));
    fflush(stdout);
    check(truncate(argv[0], 0) == 0, "truncate");
    _exit(7);
}

/* ---- code that changes ---- */

static void patch(uint32_t word)
{
    check(mprotect(page_of(patched), 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0, "mprotect");
    *(volatile uint32_t *)patched = word;
    flush(patched);
}

static int mode_patch(char **argv)
{
    printf("%d", call(patched));
    patch(RETURN_2);
    printf("%d", call(patched));
    patch(RETURN_1);
    printf("%d", call(patched));
    patch(RETURN_2);
    check(mprotect(page_of(patched), 2 * PAGE, PROT_READ | PROT_EXEC) == 0, "mprotect");
    printf("%d", call(patched));
    check(madvise(page_of(patched), 2 * PAGE, MADV_DONTNEED) == 0, "madvise");
    printf("%d\n", call(patched));
    return 0;
}

/* By the debugger's door, which writes where the program may not. */
static int mode_poke(char **argv)
{
    int memory = open("/proc/self/mem", O_RDWR);
    const uint32_t words[] = {RETURN_2, RETURN_1, RETURN_2};
    for (int i = 0; i < 3; i++) {
        if (i != 0 || !argv[0]) {
            printf("%d", call(patched));
        }
        check(pwrite(memory, &words[i], 4, (off_t)(uintptr_t)patched) == 4, "write");
        flush(patched);
    }
    printf("%d", call(patched));
    check(madvise(page_of(patched), 2 * PAGE, MADV_DONTNEED) == 0, "madvise");
    printf("%d\n", call(patched));
    return 0;
}

/* The program's own file once more, at a place of the kernel's choice. */
static int mode_own_file(char **argv)
{
    int fd = open(argv[0], O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);
    const uint32_t code[] = {RETURN_1, RETURN};
    check(fd >= 0 && size > 0, argv[0]);
    for (int i = 0; i < 2; i++) {
        uint8_t *copy = mmap(NULL, (size_t)size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
        check(copy != MAP_FAILED, "mmap");
        uint32_t *place = memmem(copy, (size_t)size, code, sizeof code);
        check(place != NULL, "memmem");
        printf("%d", call(place));
        check(mprotect(copy, (size_t)size, PROT_READ | PROT_WRITE) == 0, "mprotect");
        *(volatile uint32_t *)place = RETURN_2;
        flush(place);
        check(mprotect(copy, (size_t)size, PROT_READ | PROT_EXEC) == 0, "mprotect");
        printf("%d", call(place));
        uint8_t *moved = mremap(copy, (size_t)size, (size_t)size, MREMAP_MAYMOVE | MREMAP_FIXED, copy - (64 << 20));
        check(moved != MAP_FAILED, "mremap");
        printf("%d", call((uint8_t *)place + (moved - copy)));
        check(mmap(moved, (size_t)size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == moved, "mmap");
        printf("%d", call((uint8_t *)place + (moved - copy)));
        munmap(moved, (size_t)size);
    }
    printf("\n");
    return 0;
}

/* Two files of code mapped at one place in turns. */
static int mode_files(char **argv)
{
    char name[2][PATH_MAX];
    void *place = NULL;
    for (int i = 0; i < 2; i++) {
        const uint32_t code[] = {i ? RETURN_2 : RETURN_1, RETURN};
        snprintf(name[i], sizeof name[i], "%s/code%d", argv[0], i);
        int fd = open(name[i], O_RDWR | O_CREAT | O_TRUNC, 0600);
        check(fd >= 0 && write(fd, code, sizeof code) == sizeof code && ftruncate(fd, PAGE) == 0, name[i]);
        close(fd);
    }
    for (int i = 0; i < 6; i++) {
        int fd = open(name[i & 1], O_RDONLY);
        int fixed = i > 2 ? MAP_FIXED : 0;
        void *next = mmap(place, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | fixed, fd, 0);
        check(next != MAP_FAILED && (!place || next == place), "mmap");
        place = next;
        printf("%d", call(place));
        close(fd);
        if (i < 2) {
            munmap(place, PAGE);
        }
    }
    printf("\n");
    return 0;
}

static int mode_shared_segment(char **argv)
{
    char name[PATH_MAX];
    const uint32_t code[2][2] = {{RETURN_1, RETURN}, {RETURN_2, RETURN}};
    int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
    check(id >= 0, "shmget");
    void *place = shmat(id, NULL, SHM_EXEC);
    check(place != (void *)-1, "shmat");
    memcpy(place, code[0], sizeof code[0]);
    flush(place);
    printf("%d", call(place));
    check(shmdt(place) == 0, "shmdt");
    snprintf(name, sizeof name, "%s/code", argv[0]);
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(write(fd, code[1], sizeof code[1]) == sizeof code[1] && ftruncate(fd, PAGE) == 0, name);
    check(mmap(place, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == place, "mmap");
    printf("%d", call(place));
    check(shmat(id, place, SHM_EXEC | SHM_REMAP) == place, "shmat");
    printf("%d\n", call(place));
    shmctl(id, IPC_RMID, NULL);
    return 0;
}

static int mode_jit(char **argv)
{
    uint32_t *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned sum = 0;
    check(code != MAP_FAILED, "mmap");
    code[1] = RETURN;
    for (int i = 0; i < 300; i++) {
        code[0] = i % 3 ? RETURN_1 : RETURN_2;
        flush(code);
        sum = sum * 7 + (unsigned)call(code);
        sum += compute(2);
    }
    printf("%u\n", sum);
    return 0;
}

/* ---- processes ---- */

static void *spin(void *unused)
{
    for (volatile unsigned sum = 0;; sum += compute(20)) {
    }
    return NULL;
}

static void *make_calls(void *unused)
{
    for (;;) {
        char buffer[4];
        int ends[2];
        if (pipe(ends) == 0) {
            check(write(ends[1], "abc", 3) == 3 && read(ends[0], buffer, 3) == 3, "pipe");
            close(ends[0]);
            close(ends[1]);
        }
    }
    return NULL;
}

static void *end_soon(void *unused)
{
    return (void *)(uintptr_t)compute(3);
}

static void *start_others(void *unused)
{
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, end_soon, NULL) == 0) {
            pthread_join(thread, NULL);
        }
    }
    return NULL;
}

static void *leave_process(void *unused)
{
    compute(10);
    _exit(5);
}

static void *fork_often(void *unused)
{
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            _exit((int)(compute(5) & 1));
        }
        int status;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status)) {
            _exit(98);
        }
    }
    return NULL;
}

static int spin_beside(void *unused)
{
    spin(unused);
    return 0;
}

/* A process in the same memory is stopped within translated code: the other one ends all the same. */
static int mode_stopped(char **argv)
{
    static char stack[1 << 16] __attribute__((aligned(16)));
    compute(100);
    int child = clone(spin_beside, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
    check(child > 0, "clone");
    usleep(10000);
    kill(child, SIGSTOP);
    usleep(10000);
    printf("%d\n", child);
    return 0;
}

/* Threads of all kinds are busy when the process ends, by two of them at once. */
static int mode_threads(char **argv)
{
    void *(*const kinds[])(void *) = {spin, make_calls, start_others, fork_often, spin};
    pthread_t thread;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        check(pthread_create(&thread, NULL, kinds[i], NULL) == 0, "pthread_create");
    }
    usleep(20000);
    printf("%u\n", compute(100));
    fflush(stdout);
    pthread_create(&thread, NULL, leave_process, NULL);
    compute(10);
    _exit(5);
}

static int mode_raise(char **argv)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    printf("%u\n", compute(100));
    fflush(stdout);
    raise(atoi(argv[0]));
    return 0;
}

static int mode_fork(char **argv)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        char text[40];
        snprintf(text, sizeof text, "%a", 1.5 * compute(7)); /* code that the parent has not run */
        _exit(strlen(text) > 3 ? 3 : 4);
    }
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    return 0;
}

static int mode_vfork(char **argv)
{
    int status;
    pid_t child = vfork();
    if (child == 0) {
        execv(argv[0], argv);
        _exit(99);
    }
    waitpid(child, &status, 0);
    printf("%d\n", WEXITSTATUS(status));
    return 0;
}

static int mode_exec(char **argv)
{
    char *empty[] = {NULL};
    check(execve(argv[0], argv, empty) == 0, argv[0]);
    return 99;
}

static int mode_set_user(char **argv)
{
    uid_t user = (uid_t)atoi(argv[0]);
    check(setresuid(user, user, user) == 0, "setresuid");
    return mode_exec(argv + 1);
}

static int mode_failing_exec(char **argv)
{
    for (int i = 0; i < 3; i++) {
        char *arguments[] = {(char *)"/dev/null", NULL};
        check(execv(arguments[0], arguments) != 0, "exec");
        printf("%u\n", compute(10));
    }
    return 0;
}

static int mode_chroot(char **argv)
{
    check(chroot(argv[0]) == 0 && chdir("/") == 0, "chroot");
    return mode_exec(argv + 1);
}

static void list_descriptors(void)
{
    DIR *stream = opendir("/proc/self/fd");
    check(stream != NULL, "/proc/self/fd");
    for (struct dirent *entry; (entry = readdir(stream));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != dirfd(stream)) {
            printf("%d ", fd);
        }
    }
    printf("\n");
    closedir(stream);
}

static int mode_descriptors(char **argv)
{
    list_descriptors();
    syscall(SYS_close_range, 3, ~0u, 0);
    for (int fd = 3; fd < 2000; fd++) {
        close(fd);
    }
    list_descriptors();
    if (argv[0]) {
        fflush(stdout);
        return mode_exec(argv);
    }
    return 0;
}

static int mode_wait(char **argv)
{
    char line[20];
    printf("%u\n", compute(100));
    fflush(stdout);
    check(fgets(line, sizeof line, stdin) != NULL, "fgets");
    printf("%s%a\n", line, 1.25);
    return 0;
}

static int mode_limit(char **argv)
{
    rlim_t value = (rlim_t)atoll(argv[1]);
    const struct rlimit limit = {value, value};
    check(setrlimit(atoi(argv[0]), &limit) == 0, "setrlimit");
    printf("%u\n", compute(100));
    return 0;
}

static int mode_compute(char **argv)
{
    printf("%u %g\n", compute(1000), 1.0 / 3);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(char **argv);
    } modes[] = {{"answer", mode_answer},
                 {"turns", mode_turns},
                 {"overwrite", mode_overwrite},
                 {"truncate", mode_truncate},
                 {"patch", mode_patch},
                 {"poke", mode_poke},
                 {"own_file", mode_own_file},
                 {"files", mode_files},
                 {"shared_segment", mode_shared_segment},
                 {"jit", mode_jit},
                 {"threads", mode_threads},
                 {"raise", mode_raise},
                 {"stopped", mode_stopped},
                 {"fork", mode_fork},
                 {"vfork", mode_vfork},
                 {"exec", mode_exec},
                 {"failing_exec", mode_failing_exec},
                 {"set_user", mode_set_user},
                 {"chroot", mode_chroot},
                 {"descriptors", mode_descriptors},
                 {"wait", mode_wait},
                 {"limit", mode_limit},
                 {"compute", mode_compute}};
    for (unsigned i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(argv[1], modes[i].name) == 0) {
            return modes[i].run(argv + 2);
        }
    }
    return 99;
}
