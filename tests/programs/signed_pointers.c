// SPDX-License-Identifier: GPL-2.0-or-later
// Pointer authentication of AArch64 by compiled code, by hand and through prctl; other architectures print the same.
#include "print.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESET_KEYS = 54, SET_ENABLED = 60, GET_ENABLED = 61, KEY_IA = 1, KEY_DB = 8, ALL_ADDRESS_KEYS = 15 };
#define CODE_BITS UINT64_C(0x007f000000000000)

#ifdef __aarch64__
enum { HAS_KEYS = 1 };
#define SIGNED __attribute__((target("branch-protection=standard")))
#define SIGN(instruction, pointer, modifier)                                                                           \
    __extension__({                                                                                                    \
        uint64_t signed_value = (uint64_t)(pointer);                                                                   \
        __asm__ volatile(".arch_extension pauth\n\t" instruction " %0, %1" : "+r"(signed_value) : "r"((uint64_t)(modifier)));   \
        signed_value;                                                                                                  \
    })
#else
enum { HAS_KEYS = 0 };
#define SIGNED
#define SIGN(instruction, pointer, modifier) ((uint64_t)(pointer))
#endif

static SIGNED __attribute__((noinline)) int fibonacci(int n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static sigjmp_buf escape;
static volatile uintptr_t fault_address;
static volatile int fault_code;

static void leave(int number, siginfo_t *info, void *context)
{
    fault_address = (uintptr_t)info->si_addr;
    fault_code = info->si_code;
    siglongjmp(escape, number);
    (void)context;
}

static void by_hand(void)
{
    static int value = 42;
    unsigned different = 0, restored = 0, kept = 0;
    for (uint64_t modifier = 0; modifier < 64; modifier++) {
        uint64_t code = SIGN("pacia", &value, modifier), data = SIGN("pacdb", &value, modifier);
        different += code != data || !HAS_KEYS;
        restored += SIGN("autia", code, modifier) == (uint64_t)&value && SIGN("autdb", data, modifier) == (uint64_t)&value;
        kept += (code & ~CODE_BITS) == (uint64_t)&value;
    }
    printf("keys differ: %d, restored: %u, other bits kept: %u\n", different > 48, restored, kept);
#ifdef __aarch64__
    uint64_t generic, stripped = SIGN("pacib", &value, 3);
    __asm__(".arch_extension pauth\n\tpacga %0, %1, %2" : "=r"(generic) : "r"(1ul), "r"(2ul));
    __asm__(".arch_extension pauth\n\txpacd %0" : "+r"(stripped));
    CHECK((uint32_t)generic == 0 && generic != 0 && stripped == (uint64_t)&value);
#endif
}

/* With a code of 7 bits one modifier in 128 fits by chance: one that does not is looked for. */
static void failures(void)
{
    static int value = 42;
    struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    uint64_t bad = (uint64_t)&value;
    for (uint64_t modifier = 1; HAS_KEYS && bad == (uint64_t)&value; modifier++) {
        bad = SIGN("autda", SIGN("pacda", &value, 0), modifier);
    }
    if (HAS_KEYS) {
        CHECK((bad & CODE_BITS) != 0);
        if (sigsetjmp(escape, 1) == 0) {
            printf("%d\n", *(volatile int *)bad);
        }
        CHECK(fault_address == bad && fault_code == 1);
        if (sigsetjmp(escape, 1) == 0) {
            ((void (*)(void))bad)();
        }
        CHECK(fault_address == bad && fault_code == 1);
    }
    printf("pointers that fail fault\n");
}

static void keys(void)
{
    static int value;
    uint64_t before = SIGN("pacia", &value, 1234);
    pid_t child = fork(); /* has the same keys */
    if (child == 0) {
        _exit(SIGN("pacia", &value, 1234) == before);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    printf("child has the keys: %d\n", WEXITSTATUS(status));
    if (!HAS_KEYS) {
        return;
    }
    CHECK(prctl(GET_ENABLED, 0, 0, 0, 0) == ALL_ADDRESS_KEYS);
    CHECK(prctl(SET_ENABLED, KEY_IA | KEY_DB, KEY_DB, 0, 0) == 0 && prctl(GET_ENABLED, 0, 0, 0, 0) == 14);
    CHECK(SIGN("pacia", &value, 1234) == (uint64_t)&value);
    CHECK(prctl(SET_ENABLED, KEY_IA, KEY_IA, 0, 0) == 0 && SIGN("pacia", &value, 1234) == before);
    CHECK(prctl(SET_ENABLED, KEY_IA, KEY_DB, 0, 0) == -1 && prctl(SET_ENABLED, 16, 16, 0, 0) == -1);
    CHECK(prctl(RESET_KEYS, 32, 0, 0, 0) == -1);
    unsigned changed = 0;
    for (int i = 0; i < 20; i++) {
        CHECK(prctl(RESET_KEYS, KEY_IA, 0, 0, 0) == 0);
        changed += SIGN("pacia", &value, 1234) != before;
    }
    CHECK(changed > 10 && SIGN("autdb", SIGN("pacdb", &value, 7), 7) == (uint64_t)&value);
}

int main(void)
{
    printf("fibonacci: %d\n", fibonacci(18));
    by_hand();
    failures();
    keys();
    return 0;
}
