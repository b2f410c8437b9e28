/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs single cases in an engine of the translator. */
#include "runner.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The CPU that is running, for the signal handler. */
static struct translator_cpu *running_cpu;

static struct code_window find_code(void *program, struct cpu_header *state, uint64_t pc)
{
    const struct runner *runner = program;
    if (pc < CASE_CODE || pc >= CASE_CODE + runner->one.code_length) {
        return (struct code_window){0};
    }
    uint64_t available = CASE_CODE + runner->one.code_length - pc;
    return (struct code_window){.bytes = (const uint8_t *)(uintptr_t)pc,
                                .available = available < runner->window ? available : runner->window};
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    if (running_cpu == NULL || !translator_handle_fault(running_cpu, signal_number, info, context)) {
        signal(signal_number, SIG_DFL);
    }
}

static const char *name_signal(int number)
{
    return number == SIGSEGV ? "SEGV" : number == SIGBUS ? "BUS" : number == SIGFPE ? "FPE" : "ILL";
}

static const char *name_end(const struct runner *runner, const struct translator_exit *left)
{
    static const char *const traps[] = {
        [TRAP_UNDEFINED] = "ILL", [TRAP_BREAKPOINT] = "TRAP", [TRAP_FETCH] = "SEGV",
        [TRAP_ALIGNMENT] = "BUS", [TRAP_DIVIDE] = "FPE",      [TRAP_HYPERCALL] = "HYPER",
    };
    switch (left->kind) {
    case TRANSLATOR_SYSCALL:
        return "SYSCALL";
    case TRANSLATOR_TRAP:
        if (left->trap == TRAP_FETCH) {
            uint64_t pc = translator_cpu_pc(runner->cpu);
            return pc >= CASE_CODE && pc < CASE_CODE + runner->one.code_length ? "SEGV" : "";
        }
        return traps[left->trap];
    case TRANSLATOR_FAULT:
        return name_signal(left->signal);
    default:
        return "EVENT";
    }
}

void runner_run(struct runner *runner)
{
    struct cpu_header *header = translator_cpu_state(runner->cpu);
    case_fill_code(&runner->one, (uint8_t *)(uintptr_t)CASE_CODE);
    memcpy((void *)(uintptr_t)CASE_DATA, runner->begin.memory, CASE_DATA_SIZE);
    translator_invalidate(runner->translator, CASE_CODE, sizeof runner->one.code);
    runner_guest->reset(header);
    header->mode = (header->mode & ~CPU_MODE_COMMON) | (runner->is_private ? CPU_MODE_PRIVATE : 0);
    runner_to_cpu(&runner->begin, header);
    translator_cpu_set_pc(runner->cpu, CASE_CODE);
    running_cpu = runner->cpu;
    struct translator_exit left = translator_run(runner->cpu);
    running_cpu = NULL;
    runner->got = runner->begin;
    runner_from_cpu(header, &runner->got);
    runner->got.pc = translator_cpu_pc(runner->cpu);
    memcpy(runner->got.memory, (void *)(uintptr_t)CASE_DATA, CASE_DATA_SIZE);
    strcpy(runner->got.end, name_end(runner, &left));
}

void runner_map_memory(void)
{
    struct {
        uint64_t address;
        size_t size;
    } places[] = {{CASE_CODE - CASE_CODE_REACH, 2 * CASE_CODE_REACH}, {CASE_DATA, CASE_DATA_SIZE}};
    for (unsigned index = 0; index < 2; index++) {
        void *wanted = (void *)(uintptr_t)places[index].address;
        if (mmap(wanted, places[index].size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
                 -1, 0) != wanted) {
            perror("mmap");
            exit(2);
        }
    }
    for (uint64_t address = CASE_CODE - CASE_CODE_REACH; address < CASE_CODE + CASE_CODE_REACH; address += 4) {
        uint32_t word = case_filler(address);
        memcpy((void *)(uintptr_t)address, &word, sizeof word);
    }
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (unsigned index = 0; index < sizeof faults / sizeof *faults; index++) {
        sigaction(faults[index], &action, NULL);
    }
}

bool runner_open(struct runner *runner, const char *name, bool check_ir)
{
    struct translator_options options = {.check_ir = check_ir};
    const char *error, *without = strchr(name, ':');
    char engine[32];
    snprintf(engine, sizeof engine, "%.*s", (int)strcspn(name, ":+"), name);
    options.disabled_features = without ? (uint32_t)strtoul(without + 1, NULL, 16) : 0;
    if (!translator_engine_parse(engine, &options.engine)) {
        fprintf(stderr, "no engine '%s'\n", engine);
        return false;
    }
    *runner = (struct runner){.embedder = {.memory_model = MEMORY_DIRECT, .program = runner, .find_code = find_code}};
    runner->embedder.memory_base_is_zero = strstr(name, "+zero");
    runner->translator = translator_new(runner_guest, &runner->embedder, &options, &error);
    if (runner->translator == NULL) {
        fprintf(stderr, "%s: %s\n", name, error);
        return false;
    }
    runner->is_private = strstr(name, "+private");
    runner->window = strstr(name, "+cut") ? 6 : CASE_CODE_REACH;
    runner->cpu = translator_cpu_new(runner->translator, runner, NULL);
    return true;
}

void runner_close(struct runner *runner)
{
    translator_cpu_free(runner->cpu);
    translator_free(runner->translator);
}
