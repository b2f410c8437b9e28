/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the protocol asks of the process that is debugged (struct gdb_target). All of it runs on the server's thread. */
#include "debugger_internal.h"

#include "log.h"
#include "private_fd.h"
#include "proc_files.h"
#include "signal_delivery.h"
#include "sysroot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIGNAL_INFO_BYTES = 128 };

static int process_id(void *program)
{
    return ((struct debugger *)program)->pid;
}

/* ---- threads ---- */

static struct thread *find_thread(const struct debugger *debugger, int id)
{
    struct process *process = debugger->process;
    pthread_mutex_lock(&process->lock);
    struct thread *thread = process->threads;
    while (thread && thread->tid != id) {
        thread = thread->next;
    }
    pthread_mutex_unlock(&process->lock);
    return thread;
}

/* By growing numbers, so that threads that come and go do not confuse. */
static int next_thread(void *program, int previous)
{
    struct process *process = ((struct debugger *)program)->process;
    int next = 0;
    pthread_mutex_lock(&process->lock);
    for (const struct thread *thread = process->threads; thread; thread = thread->next) {
        if (thread->tid > previous && (!next || thread->tid < next)) {
            next = thread->tid;
        }
    }
    pthread_mutex_unlock(&process->lock);
    return next;
}

static void thread_name(void *program, int thread, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", ((struct debugger *)program)->pid, thread);
    FILE *file = fopen(path, "re");
    if (!file || !fgets(text, (int)size, file)) {
        *text = 0;
    }
    text[strcspn(text, "\n")] = 0;
    if (file) {
        fclose(file);
    }
}

/* ---- stopping ---- */

static void wait_a_moment(struct debugger *debugger)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 2000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&debugger->changed, &debugger->lock, &until);
}

/* Asks all to stop; true if they have. */
static bool ask_to_stop(struct debugger *debugger)
{
    bool have_stopped = true;
    struct process *process = debugger->process;
    pthread_mutex_lock(&process->lock);
    for (struct thread *thread = process->threads; thread; thread = thread->next) {
        if (!thread->debug.is_held) {
            thread->debug.is_held = true;
            translator_request_event(thread->cpu);
        }
        have_stopped &= thread->debug.is_waiting || thread->debug.is_in_call;
    }
    pthread_mutex_unlock(&process->lock);
    return have_stopped;
}

/* A thread may be in a call that is not known to take long: after a while it counts as stopped, too. */
static void stop(void *program)
{
    enum { MOST_MOMENTS = 500 };
    struct debugger *debugger = program;
    pthread_mutex_lock(&debugger->lock);
    debugger->holds_new = true;
    for (int i = 0; i < MOST_MOMENTS && !ask_to_stop(debugger); i++) {
        wait_a_moment(debugger);
    }
    pthread_mutex_unlock(&debugger->lock);
}

/* Has the host call interrupted, so that the thread waits with its state before the system call. */
static bool kick(struct debugger *debugger, struct thread *thread)
{
    enum { MOST_MOMENTS = 500 };
    siginfo_t info = {.si_signo = SIGTRAP, .si_code = SI_QUEUE};
    info.si_ptr = debugger;
    pthread_mutex_lock(&debugger->lock);
    if (!thread->debug.is_waiting) {
        thread->debug.is_kicked = true;
        pthread_cond_broadcast(&debugger->changed);
        syscall(SYS_rt_tgsigqueueinfo, debugger->pid, thread->tid, SIGTRAP, &info);
    }
    for (int i = 0; i < MOST_MOMENTS && !thread->debug.is_waiting; i++) {
        wait_a_moment(debugger);
    }
    bool is_waiting = thread->debug.is_waiting;
    pthread_mutex_unlock(&debugger->lock);
    return is_waiting;
}

/* The state before the system call that the thread is in. */
static struct cpu_header *state_before_call(struct debugger *debugger, struct thread *thread)
{
    size_t size = (debugger->target.guest->state_size + 63) & ~(size_t)63;
    uint64_t number, arguments[6];
    if (!thread->debug.shown) {
        thread->debug.shown = aligned_alloc(64, size);
    }
    struct cpu_header *shown = thread->debug.shown;
    if (shown) {
        memcpy(shown, thread->state, debugger->target.guest->state_size);
        debugger->process->guest->get_syscall(shown, &number, arguments);
        debugger->process->guest->restart_syscall(shown, arguments[0]);
    }
    return shown;
}

static struct cpu_header *registers(void *program, int id, bool is_for_writing)
{
    struct debugger *debugger = program;
    struct thread *thread = find_thread(debugger, id);
    const struct debugger_child *child = debugger_find_child(debugger, id);
    if (!thread && child) {
        return child->thread ? child->thread->state : is_for_writing ? NULL : child->state;
    }
    if (!thread || (is_for_writing && thread->debug.is_in_call && !kick(debugger, thread))) {
        return NULL;
    }
    return thread->debug.is_in_call ? state_before_call(debugger, thread) : thread->state;
}

/* ---- going on ---- */

static void set_action(void *program, int id, const struct gdb_action *action)
{
    struct debugger *debugger = program;
    struct thread *thread = find_thread(debugger, id);
    if (thread) {
        pthread_mutex_lock(&debugger->lock);
        thread->debug.action = *action;
        thread->debug.generation++;
        thread->debug.may_report = action->kind != GDB_ACTION_NONE;
        pthread_mutex_unlock(&debugger->lock);
    }
}

/* A breakpoint met before the last stop that is no longer there, or not where the thread is. */
static bool is_outdated(const struct debugger *debugger, const struct thread *thread)
{
    return thread->debug.event.kind == GDB_EVENT_BREAKPOINT &&
           !translator_has_breakpoint(debugger->process->translator, translator_cpu_pc(thread->cpu));
}

static void resume(void *program)
{
    struct debugger *debugger = program;
    struct process *process = debugger->process;
    bool has_event = false, are_all = true;
    pthread_mutex_lock(&debugger->lock);
    pthread_mutex_lock(&process->lock);
    for (struct thread *thread = process->threads; thread; thread = thread->next) {
        thread->debug.has_event = thread->debug.has_event && !is_outdated(debugger, thread);
        has_event |= thread->debug.has_event && thread->debug.may_report;
        are_all &= thread->debug.may_report;
    }
    for (struct thread *thread = process->threads; thread && !has_event; thread = thread->next) {
        thread->debug.is_held = thread->debug.is_held && !thread->debug.may_report;
    }
    pthread_mutex_unlock(&process->lock);
    debugger->holds_new = has_event || !are_all;
    pthread_cond_broadcast(&debugger->changed);
    pthread_mutex_unlock(&debugger->lock);
}

static bool ends(const struct thread *thread)
{
    return thread->debug.event.kind == GDB_EVENT_EXITED || thread->debug.event.kind == GDB_EVENT_KILLED;
}

static struct thread *find_event(struct debugger *debugger)
{
    struct thread *found = NULL;
    struct process *process = debugger->process;
    pthread_mutex_lock(&process->lock);
    for (struct thread *thread = process->threads; thread; thread = thread->next) {
        if (thread->debug.has_event && thread->debug.may_report && (!found || ends(thread))) {
            found = thread;
        }
    }
    pthread_mutex_unlock(&process->lock);
    return found;
}

static bool some_run(struct debugger *debugger)
{
    bool is_found = false;
    struct process *process = debugger->process;
    pthread_mutex_lock(&process->lock);
    for (const struct thread *thread = process->threads; thread; thread = thread->next) {
        is_found |= thread->debug.may_report;
    }
    pthread_mutex_unlock(&process->lock);
    return is_found;
}

static bool next_event(void *program, struct gdb_event *event)
{
    struct debugger *debugger = program;
    pthread_mutex_lock(&debugger->lock);
    while (debugger->is_pausing && !debugger->is_gone) {
        debugger->is_paused = true;
        pthread_cond_broadcast(&debugger->changed);
        pthread_cond_wait(&debugger->changed, &debugger->lock);
    }
    debugger->is_paused = false;
    struct thread *thread = debugger->is_gone ? NULL : find_event(debugger);
    *event = (struct gdb_event){.kind = GDB_EVENT_NONE};
    if (thread) {
        *event = thread->debug.event;
        thread->debug.has_event = false;
    } else if (debugger->is_gone) {
        event->kind = GDB_EVENT_GONE;
    } else if (!some_run(debugger)) {
        event->kind = GDB_EVENT_NONE_RUNS;
    }
    pthread_mutex_unlock(&debugger->lock);
    return event->kind != GDB_EVENT_NONE;
}

static bool turn_to(void *program, int pid)
{
    struct debugger *debugger = program;
    pthread_mutex_lock(&debugger->lock);
    struct debugger_child *child = debugger_find_child(debugger, pid);
    bool can_be = child && child->thread && debugger_follow_child(debugger, child);
    pthread_mutex_unlock(&debugger->lock);
    return can_be;
}

static bool detach(void *program, int pid)
{
    struct debugger *debugger = program;
    bool goes_on = false;
    pthread_mutex_lock(&debugger->lock);
    struct debugger_child *child = debugger_find_child(debugger, pid);
    if (child) {
        debugger_release_child(debugger, child);
        goes_on = true;
    } else if (pid != debugger->pid) { /* a parent that went its own way at vfork */
        goes_on = true;
    } else if (debugger->child_count) {
        goes_on = debugger_follow_child(debugger, &debugger->children[0]);
    }
    pthread_mutex_unlock(&debugger->lock);
    return goes_on;
}

/* A child of vfork that waits for gdb would wait for ever without the server. */
static bool end_process(void *program, int pid)
{
    struct debugger *debugger = program;
    pthread_mutex_lock(&debugger->lock);
    struct debugger_child *child = debugger_find_child(debugger, pid);
    bool is_own = !child;
    for (unsigned i = 0; i < debugger->child_count; i++) {
        if (&debugger->children[i] == child || (is_own && debugger->children[i].thread)) {
            kill(debugger->children[i].pid, SIGKILL);
        }
    }
    if (child && !child->thread) {
        debugger_release_child(debugger, child);
    }
    pthread_mutex_unlock(&debugger->lock);
    if (is_own) {
        kill(debugger->pid, SIGKILL);
    }
    return !is_own;
}

/* ---- memory ---- */

/* Through /proc: another process's, or what the guest's own protections forbid. -1 without it. */
static int open_memory(int pid, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    return open(path, flags | O_CLOEXEC);
}

static size_t read_memory(void *program, int pid, uint64_t address, void *bytes, size_t length)
{
    struct debugger *debugger = program;
    const struct debugger_child *child = debugger_find_child(debugger, pid);
    bool is_other = child && !child->thread;
    if (!address_space_contains(debugger->process->memory, address, length)) {
        return 0;
    }
    if (!is_other && guest_copy_in(debugger->process, bytes, address, length) == 0) {
        return length;
    }
    int fd = open_memory(is_other ? pid : getpid(), O_RDONLY);
    ssize_t got = fd < 0 ? -1 : pread(fd, bytes, length, (off_t)address);
    close(fd);
    return got > 0 ? (size_t)got : 0;
}

static bool write_memory(void *program, int pid, uint64_t address, const void *bytes, size_t length)
{
    struct debugger *debugger = program;
    const struct debugger_child *child = debugger_find_child(debugger, pid);
    bool is_other = child && !child->thread;
    if (!address_space_contains(debugger->process->memory, address, length)) {
        return false;
    }
    bool is_done = !is_other && guest_copy_out(debugger->process, address, bytes, length) == 0;
    if (!is_done) {
        int fd = open_memory(is_other ? pid : getpid(), O_RDWR);
        is_done = fd >= 0 && pwrite(fd, bytes, length, (off_t)address) == (ssize_t)length;
        close(fd);
    }
    if (!is_other) {
        translator_invalidate(debugger->process->translator, address, length);
    }
    return is_done;
}

/* ---- breakpoints: a child of fork forgets them all when it is let go ---- */

static bool set_watch(struct debugger *debugger, enum gdb_stop_kind kind, uint64_t address, uint64_t length, bool on)
{
    struct translator *translator = debugger->process->translator;
    unsigned kinds = kind == GDB_STOP_WRITE  ? TRANSLATOR_WATCH_WRITE
                     : kind == GDB_STOP_READ ? TRANSLATOR_WATCH_READ
                                             : TRANSLATOR_WATCH_WRITE | TRANSLATOR_WATCH_READ;
    if (!on) {
        translator_clear_watchpoint(translator, translator_find_watchpoint(translator, address, length, kinds));
        return true;
    }
    int number = translator_set_watchpoint(translator, address, length, kinds);
    if (number >= 0) {
        debugger->watches[number].kind = kind;
        debugger->watches[number].address = address;
    }
    return number >= 0;
}

static bool set_stop(void *program, int pid, enum gdb_stop_kind kind, uint64_t address, uint64_t length, bool on)
{
    struct debugger *debugger = program;
    const struct debugger_child *child = debugger_find_child(debugger, pid);
    if (child && !child->thread) {
        return true;
    }
    if (kind >= GDB_STOP_WRITE) {
        return set_watch(debugger, kind, address, length, on);
    }
    if (on) {
        translator_set_breakpoint(debugger->process->translator, address);
    } else {
        translator_clear_breakpoint(debugger->process->translator, address);
    }
    return true;
}

/* ---- objects and files ---- */

static ssize_t copy_part(void *bytes, const void *object, size_t total, uint64_t offset, size_t length)
{
    if (offset >= total) {
        return 0;
    }
    length = length < total - offset ? length : total - offset;
    memcpy(bytes, (const uint8_t *)object + offset, length);
    return (ssize_t)length;
}

static ssize_t read_object(void *program, enum gdb_object object, int id, void *bytes, uint64_t offset, size_t length)
{
    struct debugger *debugger = program;
    const struct process_image *image = &debugger->process->image;
    if (object == GDB_OBJECT_EXECUTABLE) {
        return copy_part(bytes, image->executable, strlen(image->executable), offset, length);
    }
    if (object == GDB_OBJECT_VECTOR) {
        uint64_t rest = offset < image->vector_size ? image->vector_size - offset : 0;
        length = length < rest ? length : rest;
        return guest_copy_in(debugger->process, bytes, image->vector_start + offset, length) == 0 ? (ssize_t)length
                                                                                                  : -1;
    }
    struct thread *thread = find_thread(debugger, id);
    uint8_t info[SIGNAL_INFO_BYTES] = {0};
    if (!thread) {
        return -1;
    }
    siginfo_t host = thread->debug.info;
    if (thread->debug.event.kind != GDB_EVENT_SIGNAL) {
        host = (siginfo_t){.si_signo = SIGTRAP, .si_code = TRAP_BRKPT};
        host.si_addr = (void *)translator_cpu_pc(thread->cpu);
    }
    siginfo_to_guest(debugger->process->abi, info, &host);
    return copy_part(bytes, info, sizeof info, offset, length);
}

/* Of 64-bit little-endian guests, whose form is the host's. */
static bool write_signal(void *program, int id, const void *bytes, uint64_t offset, size_t length)
{
    struct debugger *debugger = program;
    struct thread *thread = find_thread(debugger, id);
    const struct guest *guest = debugger->target.guest;
    if (!thread || guest->word_bits != 64 || guest->big_endian || offset > sizeof thread->debug.info ||
        length > sizeof thread->debug.info - offset) {
        return false;
    }
    memcpy((uint8_t *)&thread->debug.info + offset, bytes, length);
    return true;
}

/* /proc/PID of this process is its own view of itself. */
static const char *own_path(const struct debugger *debugger, const char *path, char buffer[PATH_MAX])
{
    char prefix[32];
    int length = snprintf(prefix, sizeof prefix, "/proc/%d/", debugger->pid);
    if (strncmp(path, prefix, (size_t)length) == 0) {
        snprintf(buffer, PATH_MAX, "/proc/self/%s", path + length);
        return buffer;
    }
    return path;
}

static const char *translate_path(void *program, const char *path, char buffer[PATH_MAX])
{
    const struct debugger *debugger = program;
    return sysroot_translate(debugger->process->sysroot, path, true, buffer);
}

static int open_file(void *program, const char *path, int flags, unsigned mode)
{
    struct debugger *debugger = program;
    struct thread *thread = find_thread(debugger, next_thread(debugger, 0));
    char own[PATH_MAX], buffer[PATH_MAX];
    path = own_path(debugger, path, own);
    if (strcmp(path, "/proc/self/smaps") == 0) { /* the host's, kage's own memory included; gdb takes maps instead */
        return -ENOENT;
    }
    int64_t fd = thread ? proc_file_open(thread, AT_FDCWD, path, flags) : -ENOSYS;
    if (fd == -ENOSYS) {
        fd = open(translate_path(program, path, buffer), flags | O_CLOEXEC, mode);
        fd = fd < 0 ? -errno : fd;
    }
    return fd >= 0 ? private_fd_move((int)fd, DEBUGGER_FD) : (int)fd;
}

void debugger_fill_target(struct debugger *debugger)
{
    const struct guest *guest = debugger->process->translator_guest;
    debugger->target = (struct gdb_target){
        .program = debugger,
        .guest = guest,
        .watches_before = guest->debug->watches_before,
        .process = process_id,
        .next_thread = next_thread,
        .registers = registers,
        .thread_name = thread_name,
        .read_memory = read_memory,
        .write_memory = write_memory,
        .set_stop = set_stop,
        .stop = stop,
        .set_action = set_action,
        .resume = resume,
        .next_event = next_event,
        .turn_to = turn_to,
        .detach = detach,
        .kill = end_process,
        .read_object = read_object,
        .write_signal = write_signal,
        .open_file = open_file,
        .translate_path = translate_path,
    };
}
