/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs on the guest (a real one, or the peer): reads lines "code | inputs" from standard input and writes them with
 * " => outputs". Lines that begin with '#' are copied. With -d it writes "NAME COUNT DIGEST" for the cases behind each
 * line "# NAME".
 *
 * No assembly: a signal handler replaces its ucontext by the case's registers, and returning from it runs the
 * instruction; the breakpoint behind it, or the instruction's own fault, comes back into the handler with every
 * register in the ucontext. The handler must not need anything that the case's registers destroy (thread pointer,
 * global pointer). */
#include "recorder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static ucontext_t saved_context;
static const struct case_state *begin_state;
static struct case_state end_state;
static volatile int ended_by;

static void on_begin(int signal, siginfo_t *info, void *context)
{
    memcpy(&saved_context, context, sizeof saved_context);
    recorder_save_rest(context);
    recorder_to_context(begin_state, context);
}

static void on_end(int signal, siginfo_t *info, void *context)
{
    recorder_from_context(context, &end_state);
    ended_by = signal;
    recorder_restore(context, &saved_context);
}

static const char *end_name(int signal)
{
    switch (signal) {
    case SIGILL:
        return "ILL";
    case SIGSEGV:
        return "SEGV";
    case SIGBUS:
        return "BUS";
    case SIGTRAP:
        return "TRAP";
    case SIGFPE:
        return "FPE";
    default:
        return "?";
    }
}

static void fill_code(const struct instruction_case *one)
{
    char *code = (char *)(uintptr_t)CASE_CODE;
    case_fill_code(one, (uint8_t *)code);
    __builtin___clear_cache(code, code + CASE_CODE_FILLED);
}

static void map(uint64_t address, size_t size)
{
    void *place = mmap((void *)(uintptr_t)address, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (place == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
}

static void prepare(void)
{
    static uint8_t stack[1 << 16];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = on_begin, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_sigaction = on_end;
    int ends[] = {SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGFPE};
    for (unsigned index = 0; index < sizeof ends / sizeof *ends; index++) {
        sigdelset(&action.sa_mask, ends[index]);
    }
    for (unsigned index = 0; index < sizeof ends / sizeof *ends; index++) {
        sigaction(ends[index], &action, NULL);
    }
    map(CASE_CODE - CASE_CODE_REACH, 2 * CASE_CODE_REACH);
    map(CASE_DATA, CASE_DATA_SIZE);
    for (uint64_t address = CASE_CODE - CASE_CODE_REACH; address < CASE_CODE + CASE_CODE_REACH; address += 4) {
        uint32_t word = case_filler(address);
        memcpy((void *)(uintptr_t)address, &word, sizeof word);
    }
}

/* What was summed up since the last line "# NAME". */
struct summary {
    char name[64];
    unsigned count;
    uint64_t digest;
};

static void end_summary(struct summary *summary, const char *next)
{
    if (summary->count) {
        printf("%s %u %016llx\n", summary->name, summary->count, (unsigned long long)summary->digest);
        fflush(stdout);
    }
    *summary = (struct summary){0};
    snprintf(summary->name, sizeof summary->name, "%s", next);
}

static void record(char *line, struct summary *summary)
{
    static struct instruction_case one;
    static struct case_state begin;
    const char *error;
    if (!case_parse(line, false, &one, &error)) {
        fprintf(stderr, "%s: %s\n", line, error);
        exit(1);
    }
    case_begin(&one, &begin);
    fill_code(&one);
    memcpy((void *)(uintptr_t)CASE_DATA, begin.memory, CASE_DATA_SIZE);
    begin_state = &begin;
    end_state = begin;
    ended_by = 0;
    raise(SIGUSR1);
    memcpy(end_state.memory, (void *)(uintptr_t)CASE_DATA, CASE_DATA_SIZE);
    bool inside = end_state.pc >= CASE_CODE && end_state.pc < CASE_CODE + one.code_length;
    strcpy(end_state.end, inside ? end_name(ended_by) : "");
    if (summary) {
        summary->digest = case_digest(summary->digest, &begin, &end_state);
        summary->count++;
        return;
    }
    char text[4096];
    if (case_print_outputs(text, sizeof text, &one, &begin, &end_state)) {
        printf("%s%s\n", line, text);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static char line[8192];
    static struct summary summary;
    bool sums = argc > 1 && strcmp(argv[1], "-d") == 0;
    prepare();
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (sums && strncmp(line, "# ", 2) == 0) {
            end_summary(&summary, line + 2);
        } else if (line[0] == 0 || line[0] == '#') {
            puts(line);
        } else {
            record(line, sums ? &summary : NULL);
        }
    }
    end_summary(&summary, "");
    return 0;
}
