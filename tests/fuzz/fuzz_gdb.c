/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gdb remote protocol: packets in any order, whole and damaged, with events of guest threads between them. The
 * program behind the server is faked, and so is the connection (poll, recv and send are wrapped). What the server sends
 * must be well-formed packets; it must not resume what runs, and must end when the connection does.
 *
 * The input: guest, threads and settings, then lines: "!" an event, "^" gdb's interrupt, "=" bytes as they stand, any
 * other a packet that gets its frame and its checksum. */
#include "fuzz.h"
#include "gdb.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct guest guest_aarch64, guest_riscv64;

enum { THREADS = 4, CHILD = 77, OBJECT_BYTES = 300, LONGEST = 70000 };

struct program {
    struct gdb_target target;
    struct fuzz_input input;
    struct cpu_header *states[2][THREADS]; /* by guest */
    unsigned guest, thread_count;
    bool is_running, has_event;
    struct gdb_event event;
    uint8_t line[LONGEST + 8]; /* as it goes over the wire */
    size_t line_start, line_end;
    uint8_t sum;
    unsigned frame; /* where the server is in its output: 0 outside of a packet, 1 in it, 2 and 3 its checksum */
    char digit;
    unsigned touched;
    int file;
};

static struct program program;

/* ---- the connection ---- */

static const uint8_t *line_end(void)
{
    const uint8_t *end = memchr(program.input.data, '\n', program.input.size);
    return end ? end : program.input.data + program.input.size;
}

static void put_wire(const void *bytes, size_t length)
{
    memcpy(program.line + program.line_end, bytes, length);
    program.line_end += length;
}

/* The next line that is no event becomes what recv gives. False at the end of the input. */
static bool next_line(void)
{
    while (program.line_start == program.line_end) {
        const uint8_t *text = program.input.data, *end = line_end();
        size_t length = (size_t)(end - text);
        if (!program.input.size) {
            return false;
        }
        program.input.data = end;
        program.input.size -= length;
        fuzz_take(&program.input, 1);
        length = length < LONGEST ? length : LONGEST;
        program.line_start = program.line_end = 0;
        if (length && (*text == '=' || *text == '^')) {
            put_wire(*text == '^' ? (const uint8_t *)"\3" : text + 1, *text == '^' ? 1 : length - 1);
        } else if (length && *text != '!') {
            char tail[8];
            uint8_t sum = 0;
            for (size_t i = 0; i < length; i++) {
                sum = (uint8_t)(sum + text[i]);
            }
            snprintf(tail, sizeof tail, "#%02x", sum);
            put_wire("$", 1);
            put_wire(text, length);
            put_wire(tail, 3);
        }
    }
    return true;
}

static void take_event(void)
{
    struct fuzz_input *input = &program.input;
    fuzz_take(input, 1);
    const uint8_t *end = line_end();
    struct fuzz_input line = {input->data, (size_t)(end - input->data)};
    input->data = end;
    input->size -= line.size;
    fuzz_take(input, 1);
    uint64_t kind = fuzz_take(&line, 1), thread = fuzz_take(&line, 1), watch = fuzz_take(&line, 1);
    program.event = (struct gdb_event){.kind = (enum gdb_event_kind)(1 + (kind - 'a') % GDB_EVENT_GONE),
                                       .thread = 1 + (int)(thread % THREADS),
                                       .watch = (enum gdb_stop_kind)(GDB_STOP_WRITE + watch % 3),
                                       .value = fuzz_take(&line, 8)};
    program.has_event = true;
}

int __wrap_poll(struct pollfd *wanted, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *wanted, nfds_t count, int timeout)
{
    wanted[0].revents = POLLIN;
    if (count > 1) {
        bool is_event = program.line_start == program.line_end && program.input.size && *program.input.data == '!';
        wanted[0].revents = is_event ? 0 : POLLIN;
        wanted[1].revents = is_event ? POLLIN : 0;
        if (is_event) {
            take_event();
        }
    }
    return 1;
}

ssize_t __wrap_recv(int connection, void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int connection, void *bytes, size_t length, int flags)
{
    FUZZ_CHECK(length);
    if (!next_line()) {
        return 0;
    }
    size_t there = program.line_end - program.line_start;
    length = length < there ? length : there;
    memcpy(bytes, program.line + program.line_start, length);
    program.line_start += length;
    return (ssize_t)length;
}

/* Follows the frames of what is sent. */
ssize_t __wrap_send(int connection, const void *bytes, size_t length, int flags);
ssize_t __wrap_send(int connection, const void *bytes, size_t length, int flags)
{
    for (size_t i = 0; i < length; i++) {
        char byte = ((const char *)bytes)[i];
        switch (program.frame) {
        case 0:
            FUZZ_CHECK(byte == '$' || byte == '+' || byte == '-');
            program.frame = byte == '$';
            program.sum = 0;
            break;
        case 1:
            FUZZ_CHECK(byte != '$');
            program.frame = byte == '#' ? 2 : 1;
            program.sum = (uint8_t)(program.sum + (byte == '#' ? 0 : (uint8_t)byte));
            break;
        case 2:
            program.digit = byte;
            program.frame = 3;
            break;
        default: {
            char text[3] = {program.digit, byte, 0}, *end;
            FUZZ_CHECK(strtoul(text, &end, 16) == program.sum && !*end);
            program.frame = 0;
        }
        }
    }
    return (ssize_t)length;
}

/* ---- the program ---- */

static void touch(const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        program.touched += ((const uint8_t *)bytes)[i];
    }
}

static int process(void *opaque)
{
    return 1;
}

static int next_thread(void *opaque, int previous)
{
    return previous < (int)program.thread_count ? previous + 1 : 0;
}

static struct cpu_header *registers(void *opaque, int thread, bool is_for_writing)
{
    bool is_there = thread > 0 && thread <= (int)program.thread_count && !program.is_running;
    return is_there ? program.states[program.guest][thread - 1] : NULL;
}

static void thread_name(void *opaque, int thread, char *text, size_t size)
{
    snprintf(text, size, "<\"&\x01thread %d", thread);
}

static size_t read_memory(void *opaque, int process, uint64_t address, void *bytes, size_t length)
{
    size_t there = (size_t)(0x10000 - (address & 0xffff));
    length = length < there ? length : there;
    for (size_t i = 0; i < length; i++) {
        ((uint8_t *)bytes)[i] = (uint8_t)(address + i);
    }
    return address >> 48 ? 0 : length;
}

static bool write_memory(void *opaque, int process, uint64_t address, const void *bytes, size_t length)
{
    touch(bytes, length);
    return address >> 48 == 0;
}

static bool set_stop(void *opaque, int process, enum gdb_stop_kind kind, uint64_t address, uint64_t length, bool on)
{
    FUZZ_CHECK(kind <= GDB_STOP_ACCESS);
    return !(address & 1);
}

static void stop(void *opaque)
{
    program.is_running = false;
}

static void set_action(void *opaque, int thread, const struct gdb_action *action)
{
    FUZZ_CHECK(thread > 0 && thread <= (int)program.thread_count);
    FUZZ_CHECK(action->kind <= GDB_ACTION_RANGE && action->signal >= 0 && action->signal <= 64);
}

static void resume(void *opaque)
{
    FUZZ_CHECK(!program.is_running);
    program.is_running = true;
}

static bool next_event(void *opaque, struct gdb_event *event)
{
    bool has_event = program.has_event;
    *event = program.event;
    program.has_event = false;
    return has_event;
}

static bool turn_to(void *opaque, int process)
{
    return process == CHILD;
}

static bool let_go(void *opaque, int process)
{
    return process != 1;
}

static ssize_t read_object(void *opaque, enum gdb_object object, int thread, void *bytes, uint64_t offset, size_t length)
{
    if (offset >= OBJECT_BYTES || thread > (int)program.thread_count) {
        return object == GDB_OBJECT_SIGNAL ? -1 : 0;
    }
    length = length < OBJECT_BYTES - offset ? length : OBJECT_BYTES - offset;
    memset(bytes, (int)offset + '#', length);
    return (ssize_t)length;
}

static bool write_signal(void *opaque, int thread, const void *bytes, uint64_t offset, size_t length)
{
    touch(bytes, length);
    return offset < 128;
}

static int open_file(void *opaque, const char *path, int flags, unsigned mode)
{
    int copy = strlen(path) > 3 ? fcntl(program.file, F_DUPFD_CLOEXEC, 3) : -ENOENT;
    return copy;
}

static const char *translate_path(void *opaque, const char *path, char buffer[PATH_MAX])
{
    snprintf(buffer, PATH_MAX, "/dev/null/%s", path); /* nothing can be there */
    return buffer;
}

static const struct gdb_target callbacks = {
    .program = &program,
    .process = process,
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
    .detach = let_go,
    .kill = let_go,
    .read_object = read_object,
    .write_signal = write_signal,
    .open_file = open_file,
    .translate_path = translate_path,
};

static const struct guest *guest_of(unsigned number)
{
    return number ? &guest_riscv64 : &guest_aarch64;
}

static void make_program(void)
{
    program.file = memfd_create("file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    FUZZ_CHECK(program.file >= 0 && ftruncate(program.file, 5000) == 0);
    FUZZ_CHECK(fcntl(program.file, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0);
    for (unsigned n = 0; n < 2 * THREADS; n++) {
        const struct guest *guest = guest_of(n & 1);
        size_t bytes = (guest->state_size + 63) & ~(size_t)63;
        struct cpu_header *state = aligned_alloc(64, bytes);
        FUZZ_CHECK(state);
        memset(state, 0, bytes);
        guest->reset(state);
        state->guest = guest;
        state->rules = guest->float_rules(state->mode);
        program.states[n & 1][n / 2] = state;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gdb_settings settings = {0};
    if (!program.states[0][0]) {
        make_program();
    }
    program.input = (struct fuzz_input){data, size};
    unsigned kind = (unsigned)fuzz_take(&program.input, 1), more = (unsigned)fuzz_take(&program.input, 1);
    enum gdb_start start = (enum gdb_start)((kind >> 1 & 3) % 3);
    program.guest = kind & 1;
    program.thread_count = more & 7 ? 1 + (more & 3) : 0;
    program.is_running = start == GDB_START_RUNNING;
    program.has_event = false;
    program.line_start = program.line_end = 0;
    program.frame = 0;
    settings.no_acknowledgement = kind >> 3 & 1;
    settings.multiprocess = kind >> 4 & 1;
    settings.exec_events = settings.software_breakpoint_reason = kind >> 5 & 1;
    program.target = callbacks;
    program.target.guest = guest_of(program.guest);
    gdb_serve(&program.target, &settings, -1, -1, start);
    FUZZ_CHECK(program.frame == 0);
    return 0;
}
