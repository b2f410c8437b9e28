/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads: their run loop, their making and their end. Processes are made in process.c. */
#include "process.h"

#include "clone_request.h"
#include "log.h"
#include "protected_copy.h"
#include "seccomp_filter.h"
#include "signal_delivery.h"
#include "translation_cache.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HOST_THREAD_STACK = 1 << 20 };

static __thread struct thread *current_thread;

struct thread *thread_current(void)
{
    return current_thread;
}

void thread_set_current(struct thread *thread)
{
    current_thread = thread;
}

int guest_copy_in(struct process *process, void *destination, uint64_t source, size_t length)
{
    return address_space_contains(process->memory, source, length) &&
                   protected_copy(destination, (const void *)source, length) == 0
               ? 0
               : -EFAULT;
}

int guest_copy_out(struct process *process, uint64_t destination, const void *source, size_t length)
{
    return address_space_contains(process->memory, destination, length) &&
                   protected_copy((void *)destination, source, length) == 0
               ? 0
               : -EFAULT;
}

struct thread *thread_create(struct process *process, const struct thread *parent)
{
    struct thread *thread = calloc(1, sizeof *thread);
    if (!thread) {
        return NULL;
    }
    thread->process = process;
    thread->cpu = translator_cpu_new(process->translator, thread, parent ? parent->cpu : NULL);
    if (!thread->cpu) {
        free(thread);
        return NULL;
    }
    thread->state = translator_cpu_state(thread->cpu);
    thread->alternate_stack.flags = SS_DISABLE;
    if (!parent) {
        thread->state->mode |= CPU_MODE_PRIVATE;
    } else {
        thread->signal_mask = parent->signal_mask;
        thread->alternate_stack = parent->alternate_stack;
        thread->filter = parent->filter;
        thread->is_strict = parent->is_strict;
        thread->accepts_tags = parent->accepts_tags;
        memcpy(thread->guest_words, parent->guest_words, sizeof thread->guest_words);
    }
    return thread;
}

/* While the memory is private the one thread that runs on it is in this call: there is no other CPU to tell. The parent
   of a vfork child learns of what the child did when its own call returns. */
void thread_note_sharing(struct thread *thread)
{
    if ((thread->state->mode & CPU_MODE_PRIVATE) && address_space_is_shared(thread->process->memory)) {
        thread->state->mode &= ~CPU_MODE_PRIVATE;
    }
}

void thread_destroy(struct thread *thread)
{
    free(thread->debug.shown);
    translator_cpu_free(thread->cpu);
    free(thread);
}

/* ---- the run loop ---- */

/* False if the guest's own seccomp filters have the call end here. */
static bool run_filtered_call(struct thread *thread, uint64_t number, const uint64_t arguments[6])
{
    int64_t result;
    bool has_result;
    if (seccomp_allows(thread, number, arguments, &result, &has_result)) {
        return true;
    }
    if (has_result) {
        thread->process->guest->set_result(thread->state, result);
    }
    return false;
}

static void make_system_call(struct thread *thread, uint64_t number, const uint64_t arguments[6])
{
    const struct process *process = thread->process;
    int64_t result = 0;
    thread->restart = false;
    if ((thread->filter || thread->is_strict) && !run_filtered_call(thread, number, arguments)) {
        return;
    }
    enum syscall_disposition disposition =
        syscalls_run(process->abi, &linux_user_services, thread, number, arguments, &result);
    if (disposition != SYSCALL_NO_RESULT) {
        bool is_interrupted = disposition == SYSCALL_RESTART || result == -errno_to_guest(process->abi, EINTR);
        if (is_interrupted && (thread->restart || thread->debug.is_kicked)) {
            process->guest->restart_syscall(thread->state, arguments[0]);
        } else {
            process->guest->set_result(thread->state,
                                       disposition == SYSCALL_RESTART ? -errno_to_guest(process->abi, EINTR) : result);
        }
    }
    thread_note_sharing(thread);
    if (thread->mask_is_temporary) {
        signals_end_call(thread);
    }
}

static void run_system_call(struct thread *thread)
{
    const struct process *process = thread->process;
    uint64_t number, arguments[6];
    process->guest->get_syscall(thread->state, &number, arguments);
    if (process->debugger) {
        debugger_begin_system_call(thread, number);
        process->guest->get_syscall(thread->state, &number, arguments); /* gdb may have changed them */
    }
    make_system_call(thread, number, arguments);
    debugger_end_system_call(thread, number);
    if (thread->signal_pending) {
        signals_deliver(thread);
    }
}

/* SEGV_MAPERR or SEGV_ACCERR of an instruction fetch, as the guest's own protections say. */
static void force_fetch_fault(struct thread *thread, uint64_t pc)
{
    struct address_range range;
    bool is_mapped = address_space_find(thread->process->memory, pc, &range);
    signals_force(thread, SIGSEGV, is_mapped ? SEGV_ACCERR : SEGV_MAPERR, pc, false);
}

/* Said when such an instruction is run: what is only translated may be data after the end of a function. */
static void report_unsupported(struct thread *thread, uint64_t pc)
{
    const struct guest *guest = thread->process->translator_guest;
    char text[128] = "instruction";
    guest->describe(text, sizeof text, (const uint8_t *)pc, guest->instruction_longest, pc, 0);
    log_once("%s: %s is not supported", guest->name, text);
}

static void handle_exit(struct thread *thread, const struct translator_exit *exit);

/* Runs the instruction at the pc, whatever a debugger wants. False if it ended in a fault or
   something else came first. */
static bool step_alone(struct thread *thread)
{
    struct translator_exit exit = translator_step(thread->cpu, false);
    handle_exit(thread, &exit);
    return exit.kind == TRANSLATOR_STEPPED;
}

static void meet_watchpoint(struct thread *thread, unsigned number)
{
    if (!debugger_meet_watchpoint(thread, number) && step_alone(thread)) {
        debugger_report_watchpoint(thread, number);
    }
}

static void handle_trap(struct thread *thread, const struct translator_exit *exit)
{
    uint64_t pc = translator_cpu_pc(thread->cpu);
    switch (exit->trap) {
    case TRAP_UNDEFINED:
        if (exit->argument) {
            report_unsupported(thread, pc);
        }
        signals_force(thread, SIGILL, ILL_ILLOPC, pc, false);
        break;
    case TRAP_BREAKPOINT:
        signals_force(thread, SIGTRAP, TRAP_BRKPT, pc, false);
        break;
    case TRAP_FETCH:
        force_fetch_fault(thread, pc + exit->argument);
        break;
    case TRAP_ALIGNMENT:
        signals_force(thread, SIGBUS, BUS_ADRALN, pc, false);
        break;
    case TRAP_DIVIDE:
        signals_force(thread, SIGFPE, FPE_INTDIV, pc, false);
        break;
    case TRAP_DEBUG_BREAKPOINT:
        if (!debugger_meet_breakpoint(thread)) {
            step_alone(thread);
        }
        break;
    case TRAP_DEBUG_WATCHPOINT:
        meet_watchpoint(thread, exit->argument);
        break;
    case TRAP_HYPERCALL:
        signals_force(thread, SIGILL, ILL_ILLOPC, pc, false);
        break;
    }
}

static void handle_exit(struct thread *thread, const struct translator_exit *exit)
{
    switch (exit->kind) {
    case TRANSLATOR_SYSCALL:
        run_system_call(thread);
        break;
    case TRANSLATOR_TRAP:
        handle_trap(thread, exit);
        break;
    case TRANSLATOR_FAULT:
        signals_force(thread, exit->signal, exit->code, exit->address, exit->write);
        break;
    case TRANSLATOR_EVENT:
        debugger_check(thread);
        signals_deliver(thread);
        break;
    case TRANSLATOR_STEPPED:
        break;
    }
}

/* One instruction, for gdb. A signal's handler counts as one when it is entered. */
static void take_step(struct thread *thread)
{
    uint32_t generation = thread->debug.generation;
    uint64_t pc = translator_cpu_pc(thread->cpu);
    struct translator_exit exit = translator_step(thread->cpu, true);
    handle_exit(thread, &exit);
    debugger_end_step(thread, generation, exit.kind != TRANSLATOR_EVENT || translator_cpu_pc(thread->cpu) != pc);
}

static void run_until_exit(struct thread *thread)
{
    for (;;) {
        if (debugger_is_stepping(thread)) {
            take_step(thread);
            continue;
        }
        struct translator_exit exit = translator_run(thread->cpu);
        handle_exit(thread, &exit);
    }
}

static void join_process(struct thread *thread)
{
    struct process *process = thread->process;
    pthread_mutex_lock(&process->lock);
    thread->next = process->threads;
    process->threads = thread;
    pthread_mutex_unlock(&process->lock);
}

void thread_run(struct thread *thread)
{
    thread->tid = (pid_t)syscall(SYS_gettid);
    current_thread = thread;
    join_process(thread);
    signals_enter_thread(thread);
    if (setjmp(thread->leave) == 0) {
        debugger_begin_thread(thread);
        run_until_exit(thread);
    }
}

/* ---- the end ---- */

/* What the kernel does for a thread that dies: the word that pthread_join waits for. */
static void clear_tid_word(struct thread *thread)
{
    uint32_t zero = 0;
    if (thread->clear_child_tid && guest_copy_out(thread->process, thread->clear_child_tid, &zero, sizeof zero) == 0) {
        syscall(SYS_futex, thread->clear_child_tid, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

/* The thread is no longer one of the process's; true if it was the last. */
static bool leave_process(struct thread *thread)
{
    struct process *process = thread->process;
    pthread_mutex_lock(&process->lock);
    bool is_last = --process->thread_count == 0;
    struct thread **place = &process->threads;
    while (*place && *place != thread) {
        place = &(*place)->next;
    }
    if (*place) {
        *place = thread->next;
    }
    pthread_mutex_unlock(&process->lock);
    return is_last;
}

void thread_exit(void *opaque, int status)
{
    struct thread *thread = opaque;
    debugger_end_thread(thread, status);
    if (leave_process(thread)) {
        thread_exit_group(thread, status);
    }
    debugger_note_end(thread->process);
    signals_leave_thread(thread);
    if (thread->is_first) { /* the host's first thread stays a zombie until the others are gone, as the guest's does */
        clear_tid_word(thread);
        for (;;) {
            syscall(SYS_exit, status);
        }
    }
    longjmp(thread->leave, 1);
}

void thread_exit_group(void *opaque, int status)
{
    struct thread *thread = opaque;
    debugger_end_process(thread, status);
    if (thread->process->is_vfork_child) {
        clear_tid_word(thread);
    }
    if (thread->process->options->statistics && !thread->process->is_vfork_child) {
        translator_print_stats(thread->process->translator, stderr);
    }
    translation_cache_save(thread);
    for (;;) {
        syscall(SYS_exit_group, status);
    }
}

int64_t thread_set_tid_address(void *opaque, uint64_t address)
{
    struct thread *thread = opaque;
    thread->clear_child_tid = address;
    return thread->tid;
}

/* The list has the host's layout and the guest's addresses are the host's: the kernel itself walks it when the thread
 * dies. */
int64_t thread_set_robust_list(void *opaque, uint64_t head, uint64_t length)
{
    return syscall(SYS_set_robust_list, head, length) == 0 ? 0 : -errno;
}

int64_t thread_get_robust_list(void *opaque, pid_t tid, uint64_t head_out, uint64_t length_out)
{
    struct thread *thread = opaque;
    uint64_t head = 0, length = 0;
    if (syscall(SYS_get_robust_list, tid, &head, &length) != 0) {
        return -errno;
    }
    int error = guest_copy_out(thread->process, length_out, &length, sizeof length);
    return error ? error : guest_copy_out(thread->process, head_out, &head, sizeof head);
}

/* ---- pthread_create of the guest ---- */

/* Lives on the parent's stack until the child has said that it runs. */
struct birth {
    struct thread *thread;
    const struct clone_request *request;
    uint32_t is_ready;
    pid_t tid;
};

static void announce(struct birth *birth)
{
    birth->tid = (pid_t)syscall(SYS_gettid);
    __atomic_store_n(&birth->is_ready, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &birth->is_ready, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *run_new_thread(void *opaque)
{
    struct birth *birth = opaque;
    struct thread *thread = birth->thread;
    const struct clone_request *request = birth->request;
    uint32_t tid = (uint32_t)syscall(SYS_gettid);
    syscall(SYS_set_robust_list, 0, 24); /* the C library's own is of no use to the guest */
    if (request->flags & CLONE_CHILD_SETTID) {
        guest_copy_out(thread->process, request->child_tid, &tid, sizeof tid);
    }
    if (request->flags & CLONE_PARENT_SETTID) {
        guest_copy_out(thread->process, request->parent_tid, &tid, sizeof tid);
    }
    announce(birth); /* birth and request are gone after this */
    thread_run(thread);
    clear_tid_word(thread);
    current_thread = NULL;
    thread_destroy(thread);
    return NULL;
}

/* The C library takes signal 33 for itself when it makes the first thread: it is the guest's. Signals must be blocked.
 */
int host_thread_create(struct process *process, pthread_t *handle, const pthread_attr_t *attributes,
                       void *(*run)(void *), void *argument)
{
    enum { LIBRARY_SIGNAL = 33 };
    int error = pthread_create(handle, attributes, run, argument);
    pthread_mutex_lock(&process->actions.lock);
    if (!error && !process->has_host_threads) {
        host_signal_install(LIBRARY_SIGNAL, &process->actions.table[LIBRARY_SIGNAL]);
        process->has_host_threads = true;
    }
    pthread_mutex_unlock(&process->actions.lock);
    return error;
}

static int64_t start_host_thread(struct birth *birth)
{
    pthread_attr_t attributes;
    pthread_t handle;
    uint64_t old_mask;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, HOST_THREAD_STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    signals_block_all(&old_mask);
    int error = host_thread_create(birth->thread->process, &handle, &attributes, run_new_thread, birth);
    while (!error && !__atomic_load_n(&birth->is_ready, __ATOMIC_ACQUIRE)) {
        syscall(SYS_futex, &birth->is_ready, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
    signals_set_host_mask(old_mask);
    pthread_attr_destroy(&attributes);
    return error ? -error : birth->tid;
}

int64_t clone_thread(struct thread *parent, const struct clone_request *request)
{
    struct process *process = parent->process;
    struct thread *thread = thread_create(process, parent);
    if (!thread) {
        return -EAGAIN;
    }
    thread->alternate_stack = (struct guest_signal_stack){.flags = SS_DISABLE};
    clone_set_registers(thread, request);
    if (request->flags & CLONE_CHILD_CLEARTID) {
        thread->clear_child_tid = request->child_tid;
    }
    pthread_mutex_lock(&process->lock);
    process->thread_count++;
    pthread_mutex_unlock(&process->lock);
    struct birth birth = {.thread = thread, .request = request};
    int64_t tid = start_host_thread(&birth);
    if (tid < 0) {
        leave_process(thread);
        thread_destroy(thread);
    }
    return tid;
}
