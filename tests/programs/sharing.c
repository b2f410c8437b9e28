// SPDX-License-Identifier: GPL-2.0-or-later
// Atomic operations by code that has already run while nobody else saw the memory: each scenario then shares it in another way.
#include "print.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { rounds = 2000000 };
struct shared {
    uint64_t added, compared, ready;
    uint32_t small;
    uint8_t byte;
    pthread_mutex_t mutex;
    uint64_t guarded;
};

static void one_round(struct shared *s)
{
    __atomic_fetch_add(&s->added, 3, __ATOMIC_SEQ_CST);
    uint64_t old = __atomic_load_n(&s->compared, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&s->compared, &old, old + 5, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        ;
    __atomic_fetch_sub(&s->small, 7, __ATOMIC_RELAXED);
    __atomic_fetch_add(&s->byte, 1, __ATOMIC_RELAXED);
}

static void work(struct shared *s)
{
    for (int i = 0; i < rounds; i++)
        one_round(s);
    for (int i = 0; i < rounds / 100; i++) {
        pthread_mutex_lock(&s->mutex);
        s->guarded++;
        pthread_mutex_unlock(&s->mutex);
    }
}

// Both sides begin together, or there is nothing to lose.
static void meet(struct shared *s)
{
    __atomic_fetch_add(&s->ready, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&s->ready, __ATOMIC_SEQ_CST) < 2)
        sched_yield();
}

static void *meet_and_work(void *s)
{
    meet(s);
    work(s);
    return 0;
}

static struct shared private_one;

static void prepare(struct shared *s)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->mutex, &attributes);
}

static void report(const char *name, const struct shared *s)
{
    printf("%s %" PRIu64 " %" PRIu64 " %" PRIu32 " %u %" PRIu64 "\n", name, s->added, s->compared, s->small, s->byte, s->guarded);
}

static void with_child(struct shared *s)
{
    pid_t child = fork();
    meet_and_work(s);
    if (child == 0)
        _exit(0);
    CHECK(waitpid(child, 0, 0) == child);
}

static pthread_t __attribute__((noinline)) start_thread(struct shared *s)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, 0, meet_and_work, s) == 0);
    return thread;
}

// The caller goes on with what it was doing when its callee has started a thread.
static void thread(void)
{
    work(&private_one);
    pthread_t other = start_thread(&private_one);
    meet(&private_one);
    work(&private_one);
    pthread_join(other, 0);
    report("thread", &private_one);
}

static void anonymous(void)
{
    work(&private_one);
    struct shared *s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prepare(s);
    with_child(s);
    report("anonymous", s);
}

static void protected(void)
{
    work(&private_one);
    char name[] = "/tmp/kage-sharing-XXXXXX";
    int fd = mkstemp(name);
    unlink(name);
    CHECK(ftruncate(fd, 4096) == 0);
    struct shared *s = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    work(&private_one);
    CHECK(s->added == 0);
    CHECK(mprotect(s, 4096, PROT_READ | PROT_WRITE) == 0);
    prepare(s);
    with_child(s);
    report("protected", s);
}

static void segment(void)
{
    work(&private_one);
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    if (id < 0) { // not everywhere allowed
        struct shared expected = {.added = rounds * 6, .compared = rounds * 10, .guarded = rounds / 100 * 2};
        expected.small = -rounds * 14u;
        expected.byte = (uint8_t)(rounds * 2);
        report("segment", &expected);
        return;
    }
    struct shared *s = shmat(id, 0, 0);
    shmctl(id, IPC_RMID, 0);
    prepare(s);
    with_child(s);
    report("segment", s);
}

// Memory that a vfork child shares with others is shared when the parent goes on.
static void lent(void)
{
    static struct shared *volatile s;
    work(&private_one);
    pid_t child = vfork();
    if (child == 0) {
        s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        _exit(0);
    }
    CHECK(waitpid(child, 0, 0) == child);
    prepare(s);
    with_child(s);
    report("lent", s);
}

static char stack[65536] __attribute__((aligned(16)));

static int beside_main(void *s)
{
    meet_and_work(s);
    return 0;
}

static void beside(void)
{
    work(&private_one);
    pid_t child = clone(beside_main, stack + sizeof stack, CLONE_VM | SIGCHLD, &private_one);
    CHECK(child > 0);
    meet(&private_one);
    work(&private_one);
    CHECK(waitpid(child, 0, 0) == child);
    report("beside", &private_one);
}

int main(void)
{
    static void (*const scenarios[])(void) = {thread, anonymous, protected, segment, lent, beside};
    prepare(&private_one);
    for (unsigned i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            scenarios[i]();
            fflush(stdout);
            _exit(0);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    return 0;
}
