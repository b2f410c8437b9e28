// SPDX-License-Identifier: GPL-2.0-or-later
// What instruction sets promise of memory that threads share: outcomes that barriers and ordered accesses forbid are
// counted, and none may be seen; pairs of load- and store-exclusive lose nothing to other threads nor to signals
// between the two. With an argument: also how often the outcomes came that are allowed without a barrier, which tells
// whether the threads meet at all.
#include "print.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

enum { places = 256, batches = 60, most_threads = 4 };
typedef struct {
    _Alignas(64) _Atomic int it;
} place;
static place x[places], y[places];
static struct {
    int first, second;
} seen[most_threads][places];

#define ASM(text) __asm__ volatile(text ::: "memory")
#if defined __aarch64__
#define FENCE_ALL() ASM("dmb ish")
#define FENCE_LOADS() ASM("dmb ishld")
#define FENCE_STORES() ASM("dmb ishst")
#elif defined __riscv
#define FENCE_ALL() ASM("fence rw, rw")
#define FENCE_LOADS() ASM("fence r, rw")
#define FENCE_STORES() ASM("fence w, w")
#else
#define FENCE_ALL() ASM("mfence")
#define FENCE_LOADS() ASM("")
#define FENCE_STORES() ASM("")
#endif

// swap_ordered: an exchange that is ordered with all before and after; swap_exclusive: the same as a pair of exclusives
#if defined __aarch64__
static inline void swap_ordered(_Atomic int *at, int value)
{
    int old;
    __asm__ volatile(".arch_extension lse\n\tswpal %w1, %w0, %2" : "=&r"(old) : "r"(value), "Q"(*at) : "memory");
}
static inline void swap_exclusive(_Atomic int *at, int value)
{
    int old, failed;
    __asm__ volatile("1: ldaxr %w0, %2\n\tstlxr %w1, %w3, %2\n\tcbnz %w1, 1b"
                     : "=&r"(old), "=&r"(failed), "+Q"(*at)
                     : "r"(value)
                     : "memory");
}
#elif defined __riscv
static inline void swap_ordered(_Atomic int *at, int value)
{
    __asm__ volatile("amoswap.w.aqrl x0, %1, %0" : "+A"(*at) : "r"(value) : "memory");
}
static inline void swap_exclusive(_Atomic int *at, int value)
{
    int old;
    __asm__ volatile("1: lr.w.aqrl %0, %1\n\tsc.w.aqrl %0, %2, %1\n\tbnez %0, 1b"
                     : "=&r"(old), "+A"(*at)
                     : "r"(value)
                     : "memory");
}
#else
#define swap_ordered(at, value) ((void)atomic_exchange(at, value))
#define swap_exclusive swap_ordered
#endif

#define SET(at, value) atomic_store_explicit(&(at)[i].it, value, memory_order_relaxed)
#define GET(at) atomic_load_explicit(&(at)[i].it, memory_order_relaxed)
#define SET_RELEASE(at, value) atomic_store_explicit(&(at)[i].it, value, memory_order_release)
#define GET_ACQUIRE(at) atomic_load_explicit(&(at)[i].it, memory_order_acquire)
#define SET_IN_ORDER(at, value) atomic_store(&(at)[i].it, value)
#define GET_IN_ORDER(at) atomic_load(&(at)[i].it)
#define FIRST(thread) seen[thread][i].first
#define SECOND(thread) seen[thread][i].second

struct litmus {
    const char *name;
    int threads;
    void (*run)(int thread, int i);
    int (*is_forbidden)(int i);
};

// ---- store buffering: both read before both wrote ----
#define STORE_BUFFERING(name, store, between, load)                                                                    \
    static void name(int thread, int i)                                                                                \
    {                                                                                                                  \
        if (thread == 0) {                                                                                             \
            store(x, 1);                                                                                               \
            between;                                                                                                   \
            FIRST(0) = load(y);                                                                                        \
        } else {                                                                                                       \
            store(y, 1);                                                                                               \
            between;                                                                                                   \
            FIRST(1) = load(x);                                                                                        \
        }                                                                                                              \
    }
#define SWAP_ORDERED(at, value) swap_ordered(&(at)[i].it, value)
#define SWAP_EXCLUSIVE(at, value) swap_exclusive(&(at)[i].it, value)
STORE_BUFFERING(buffer_freely, SET, , GET)
STORE_BUFFERING(buffer_fence, SET, FENCE_ALL(), GET)
STORE_BUFFERING(buffer_in_order, SET_IN_ORDER, , GET_IN_ORDER)
STORE_BUFFERING(buffer_swap, SWAP_ORDERED, , GET_IN_ORDER)
STORE_BUFFERING(buffer_exclusive, SWAP_EXCLUSIVE, , GET_IN_ORDER)
static int neither(int i)
{
    return FIRST(0) == 0 && FIRST(1) == 0;
}

// ---- message passing: the flag is there, the message is not ----
#define MESSAGE_PASSING(name, before_flag, store, load, after_flag)                                                    \
    static void name(int thread, int i)                                                                                \
    {                                                                                                                  \
        if (thread == 0) {                                                                                             \
            SET(x, 1);                                                                                                 \
            before_flag;                                                                                               \
            store(y, 1);                                                                                               \
        } else {                                                                                                       \
            FIRST(1) = load(y);                                                                                        \
            after_flag;                                                                                                \
            SECOND(1) = GET(x);                                                                                        \
        }                                                                                                              \
    }
MESSAGE_PASSING(pass_fences, FENCE_STORES(), SET, GET, FENCE_LOADS())
MESSAGE_PASSING(pass_ordered, , SET_RELEASE, GET_ACQUIRE, )
MESSAGE_PASSING(pass_swap, , SWAP_ORDERED, GET_ACQUIRE, )
MESSAGE_PASSING(pass_exclusive, , SWAP_EXCLUSIVE, GET_ACQUIRE, )
static int flag_alone(int i)
{
    return FIRST(1) == 1 && SECOND(1) == 0;
}

// ---- load buffering: both read what the other wrote after its own load ----
static void load_acquire(int thread, int i)
{
    if (thread == 0) {
        FIRST(0) = GET_ACQUIRE(x);
        SET(y, 1);
    } else {
        FIRST(1) = GET(y);
        SET_RELEASE(x, 1);
    }
}
static int both(int i)
{
    return FIRST(0) == 1 && FIRST(1) == 1;
}

// ---- two readers must agree in which order two writers wrote ----
static void independent(int thread, int i)
{
    if (thread == 0)
        SET_IN_ORDER(x, 1);
    else if (thread == 1)
        SET_IN_ORDER(y, 1);
    else {
        FIRST(thread) = thread == 2 ? GET_IN_ORDER(x) : GET_IN_ORDER(y);
        SECOND(thread) = thread == 2 ? GET_IN_ORDER(y) : GET_IN_ORDER(x);
    }
}
static int disagreement(int i)
{
    return FIRST(2) == 1 && SECOND(2) == 0 && FIRST(3) == 1 && SECOND(3) == 0;
}

// ---- a store that comes last overall, and a load after it that misses the other's earlier store ----
static void last_store(int thread, int i)
{
    if (thread == 0) {
        SET(x, 1);
        FENCE_ALL();
        SET(y, 1);
    } else {
        SET(y, 2);
        FENCE_ALL();
        FIRST(1) = GET(x);
    }
}
static int missed(int i)
{
    return GET(y) == 2 && FIRST(1) == 0;
}

// ---- two loads of one place never go back ----
static void same_place(int thread, int i)
{
    if (thread == 0) {
        SET(x, 1);
        SET(x, 2);
    } else {
        FIRST(1) = GET(x);
        SECOND(1) = GET(x);
    }
}
static int went_back(int i)
{
    return FIRST(1) > SECOND(1);
}

static const struct litmus all[] = {
    {"store buffering, full barrier", 2, buffer_fence, neither},
    {"store buffering, ordered store and load", 2, buffer_in_order, neither},
    {"store buffering, ordered exchange", 2, buffer_swap, neither},
    {"store buffering, ordered exclusives", 2, buffer_exclusive, neither},
    {"message passing, barriers", 2, pass_fences, flag_alone},
    {"message passing, release and acquire", 2, pass_ordered, flag_alone},
    {"message passing, ordered exchange", 2, pass_swap, flag_alone},
    {"message passing, ordered exclusives", 2, pass_exclusive, flag_alone},
    {"load buffering", 2, load_acquire, both},
    {"independent reads of independent writes", 4, independent, disagreement},
    {"store after store, load after store", 2, last_store, missed},
    {"loads of one place", 2, same_place, went_back},
};
static const struct litmus control = {"store buffering, no barrier", 2, buffer_freely, neither};

static _Atomic int arrived;
static int forbidden;
static const struct litmus *current;

static void meet(int *round)
{
    int target = ++*round * current->threads;
    atomic_fetch_add(&arrived, 1);
    for (int spin = 0; atomic_load(&arrived) < target; spin++)
        if (spin > 200)
            sched_yield();
}

static void *run_thread(void *argument)
{
    int self = (int)(intptr_t)argument, round = 0;
    for (int batch = 0; batch < batches; batch++) {
        meet(&round);
        for (int i = 0; i < places; i++)
            current->run(self, i);
        meet(&round);
        for (int i = 0; i < places && self == 0; i++) {
            forbidden += current->is_forbidden(i);
            SET(x, 0);
            SET(y, 0);
        }
    }
    return NULL;
}

static int count_forbidden(const struct litmus *litmus)
{
    pthread_t threads[most_threads];
    current = litmus;
    forbidden = 0;
    atomic_store(&arrived, 0);
    for (int i = 0; i < litmus->threads; i++)
        CHECK(pthread_create(&threads[i], NULL, run_thread, (void *)(intptr_t)i) == 0);
    for (int i = 0; i < litmus->threads; i++)
        pthread_join(threads[i], NULL);
    return forbidden;
}

// ---- exclusives of every width, contended ----
static uint8_t sum8;
static uint16_t sum16;
static uint32_t sum32;
static uint64_t sum64;
static _Alignas(16) uint64_t pair[2];
enum { adders = 3, additions = 4000 };

#if defined __aarch64__
#define ADD_EXCLUSIVE(at, suffix, w)                                                                                   \
    do {                                                                                                               \
        uint64_t old;                                                                                                  \
        int failed;                                                                                                    \
        __asm__ volatile("1: ldxr" suffix " %" w "0, %2\n\tadd %0, %0, #1\n\tstxr" suffix " %w1, %" w                  \
                         "0, %2\n\tcbnz %w1, 1b"                                                                       \
                         : "=&r"(old), "=&r"(failed), "+Q"(at)                                                         \
                         :                                                                                             \
                         : "memory");                                                                                  \
    } while (0)
static void add_everywhere(void)
{
    uint64_t low, high;
    int failed;
    ADD_EXCLUSIVE(sum8, "b", "w");
    ADD_EXCLUSIVE(sum16, "h", "w");
    ADD_EXCLUSIVE(sum32, "", "w");
    ADD_EXCLUSIVE(sum64, "", "");
    __asm__ volatile("1: ldxp %0, %1, %3\n\tadd %0, %0, #1\n\tsub %1, %1, #1\n\tstxp %w2, %0, %1, %3\n\tcbnz %w2, 1b"
                     : "=&r"(low), "=&r"(high), "=&r"(failed), "+Q"(pair)
                     :
                     : "memory");
}
static int pair_is_torn(void)
{
    uint64_t low, high, failed;
    __asm__ volatile("1: ldaxp %0, %1, %3\n\tstlxp %w2, %0, %1, %3\n\tcbnz %w2, 1b"
                     : "=&r"(low), "=&r"(high), "=&r"(failed), "+Q"(pair)
                     :
                     : "memory");
    return low + high != 0;
}
#else
static _Atomic int pair_lock;
static void lock_pair(void)
{
    while (atomic_exchange(&pair_lock, 1))
        sched_yield();
}
static void add_everywhere(void)
{
    __atomic_fetch_add(&sum8, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&sum16, 1, __ATOMIC_RELAXED);
#if defined __riscv
    uint64_t old;
    __asm__ volatile("1: lr.w %0, %1\n\taddi %0, %0, 1\n\tsc.w %0, %0, %1\n\tbnez %0, 1b"
                     : "=&r"(old), "+A"(sum32)
                     :
                     : "memory");
    __asm__ volatile("1: lr.d %0, %1\n\taddi %0, %0, 1\n\tsc.d %0, %0, %1\n\tbnez %0, 1b"
                     : "=&r"(old), "+A"(sum64)
                     :
                     : "memory");
#else
    __atomic_fetch_add(&sum32, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&sum64, 1, __ATOMIC_RELAXED);
#endif
    lock_pair();
    pair[0]++;
    pair[1]--;
    atomic_store(&pair_lock, 0);
}
static int pair_is_torn(void)
{
    lock_pair();
    int torn = pair[0] + pair[1] != 0;
    atomic_store(&pair_lock, 0);
    return torn;
}
#endif

static void *add_often(void *unused)
{
    for (int i = 0; i < additions; i++) {
        add_everywhere();
        CHECK(!pair_is_torn());
    }
    return unused;
}

static void contend(void)
{
    pthread_t threads[adders];
    for (int i = 0; i < adders; i++)
        CHECK(pthread_create(&threads[i], NULL, add_often, NULL) == 0);
    for (int i = 0; i < adders; i++)
        pthread_join(threads[i], NULL);
    printf("sums %u %u %u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", sum8, sum16, sum32, sum64, pair[0], -pair[1]);
}

// ---- signals between the load and the store ----
static uint64_t shared;
static volatile int signals_seen, is_over;
enum { signals_wanted = 150 };

// Adds 1, long after it has read.
static void add_slowly(void)
{
#if defined __aarch64__
    uint64_t old, turns;
    __asm__ volatile("1: ldxr %0, %2\n\tmov %1, #200\n2: subs %1, %1, #1\n\tb.ne 2b\n\tadd %0, %0, #1\n\tstxr %w1, %0, "
                     "%2\n\tcbnz %w1, 1b"
                     : "=&r"(old), "=&r"(turns), "+Q"(shared)
                     :
                     : "memory", "cc");
#elif defined __riscv
    uint64_t old, turns;
    __asm__ volatile("1: lr.d %0, %2\n\tli %1, 200\n2: addi %1, %1, -1\n\tbnez %1, 2b\n\taddi %0, %0, 1\n\tsc.d %1, "
                     "%0, %2\n\tbnez %1, 1b"
                     : "=&r"(old), "=&r"(turns), "+A"(shared)
                     :
                     : "memory");
#else
    __atomic_fetch_add(&shared, 1, __ATOMIC_RELAXED);
#endif
}

// Adds too, and leaves a reservation behind that the interrupted pair must not take for its own.
static void on_signal(int number)
{
    add_slowly();
#if defined __aarch64__
    uint64_t old;
    __asm__ volatile("ldxr %0, %1" : "=r"(old) : "Q"(shared) : "memory");
#elif defined __riscv
    uint64_t old;
    __asm__ volatile("lr.d %0, %1" : "=r"(old) : "A"(shared) : "memory");
#endif
    signals_seen++;
}

static void *add_beside(void *result)
{
    uint64_t *count = result;
    sigset_t all_signals;
    sigfillset(&all_signals);
    pthread_sigmask(SIG_BLOCK, &all_signals, NULL);
    for (; !is_over; ++*count) {
        __atomic_fetch_add(&shared, 1, __ATOMIC_RELAXED);
        sched_yield();
    }
    return NULL;
}

static void interrupt(void)
{
    uint64_t own = 0, beside = 0;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, add_beside, &beside) == 0);
    signal(SIGALRM, on_signal);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    for (; signals_seen < signals_wanted; own++)
        add_slowly();
    setitimer(ITIMER_REAL, &never, NULL);
    is_over = 1;
    pthread_join(thread, NULL);
    signal(SIGALRM, SIG_IGN);
    printf("additions lost to signals: %" PRId64 "\n", (int64_t)(own + beside + (uint64_t)signals_seen - shared));
}

int main(int count, char **arguments)
{
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        printf("%s: %d\n", all[i].name, count_forbidden(&all[i]));
    if (count > 1)
        printf("%s: %d\n", control.name, count_forbidden(&control));
    contend();
    interrupt();
    return 0;
}
