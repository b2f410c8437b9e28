/* SPDX-License-Identifier: GPL-2.0-or-later */
/* q and Q packets: what each side can do, objects, lists, settings. */
#include "gdb_session.h"

#include <stdlib.h>
#include <string.h>

typedef void answer(struct gdb_session *session, const char *text);

struct row {
    const char *name;
    answer *answer;
};

static bool answer_row(struct gdb_session *session, const struct row *rows, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (gdb_skip(&text, rows[i].name)) {
            rows[i].answer(session, text);
            return true;
        }
    }
    return false;
}

/* ---- what each side can do ---- */

static void answer_supported(struct gdb_session *session, const char *text)
{
    struct gdb_settings *settings = session->settings;
    const struct {
        const char *name;
        bool *is_on;
    } features[] = {
        {"multiprocess+", &settings->multiprocess},          {"swbreak+", &settings->software_breakpoint_reason},
        {"hwbreak+", &settings->hardware_breakpoint_reason}, {"fork-events+", &settings->fork_events},
        {"vfork-events+", &settings->vfork_events},          {"exec-events+", &settings->exec_events},
    };
    while (gdb_skip(&text, ":") || gdb_skip(&text, ";")) {
        for (unsigned i = 0; i < sizeof features / sizeof features[0]; i++) {
            if (gdb_skip(&text, features[i].name)) {
                *features[i].is_on = true;
            }
        }
        text += strcspn(text, ";");
    }
    gdb_put(
        &session->reply,
        "PacketSize=%x;QStartNoAckMode+;multiprocess+;swbreak+;hwbreak+;vContSupported+;QPassSignals+;"
        "QProgramSignals+;QCatchSyscalls+;QThreadEvents+;qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;"
        "qXfer:siginfo:read+;qXfer:siginfo:write+;qXfer:threads:read+;no-resumed+",
        GDB_PACKET_BYTES);
    gdb_put(&session->reply, "%s",
            settings->multiprocess ? ";fork-events+;vfork-events+;exec-events+" : ";exec-events+");
}

/* ---- objects: "OFFSET,LENGTH" of one that is given whole, or fetched in pieces ---- */

struct piece {
    uint64_t offset, length;
};

static struct piece read_piece(const char *text)
{
    struct piece piece;
    piece.offset = gdb_read_number(&text);
    gdb_skip(&text, ",");
    piece.length = gdb_read_number(&text);
    piece.length = piece.length < GDB_PACKET_BYTES / 2 - 16 ? piece.length : GDB_PACKET_BYTES / 2 - 16;
    return piece;
}

static void put_piece(struct gdb_session *session, const char *bytes, size_t total, const char *text)
{
    struct piece piece = read_piece(text);
    size_t offset = piece.offset < total ? piece.offset : total;
    size_t length = piece.length < total - offset ? piece.length : total - offset;
    gdb_put(&session->reply, offset + length == total ? "l" : "m");
    gdb_put_binary(&session->reply, bytes + offset, length);
}

static void put_object(struct gdb_session *session, enum gdb_object object, int thread, const char *text)
{
    struct piece piece = read_piece(text);
    char *bytes = malloc(piece.length + 1);
    ssize_t got = bytes ? session->target->read_object(session->target->program, object, thread, bytes, piece.offset,
                                                       piece.length)
                        : -1;
    if (got < 0) {
        gdb_put(&session->reply, "E01");
    } else {
        gdb_put(&session->reply, (size_t)got < piece.length ? "l" : "m");
        gdb_put_binary(&session->reply, bytes, (size_t)got);
    }
    free(bytes);
}

static void answer_features(struct gdb_session *session, const char *text)
{
    const char *description = gdb_target_description(session);
    put_piece(session, description, strlen(description), text);
}

static void answer_vector(struct gdb_session *session, const char *text)
{
    put_object(session, GDB_OBJECT_VECTOR, gdb_current_thread(session), text);
}

/* The annex is a process id, which is always this process's. */
static void answer_executable(struct gdb_session *session, const char *text)
{
    gdb_read_number(&text);
    gdb_skip(&text, ":");
    put_object(session, GDB_OBJECT_EXECUTABLE, gdb_current_thread(session), text);
}

static void answer_signal(struct gdb_session *session, const char *text)
{
    put_object(session, GDB_OBJECT_SIGNAL, gdb_current_thread(session), text);
}

static void answer_write_signal(struct gdb_session *session, const char *text)
{
    uint64_t offset = gdb_read_number(&text);
    gdb_skip(&text, ":");
    size_t length = gdb_unescape((char *)text, session->packet_length - (size_t)(text - session->packet));
    bool is_done =
        session->target->write_signal(session->target->program, gdb_current_thread(session), text, offset, length);
    gdb_put(&session->reply, is_done ? "%zx" : "E01", length);
}

static void answer_threads(struct gdb_session *session, const char *text)
{
    struct gdb_text xml = {0};
    gdb_describe_threads(session, &xml);
    put_piece(session, xml.bytes, xml.length, text);
    free(xml.bytes);
}

/* ---- threads ---- */

static void answer_first_threads(struct gdb_session *session, const char *text)
{
    gdb_list_threads(session, true);
}

static void answer_more_threads(struct gdb_session *session, const char *text)
{
    gdb_list_threads(session, false);
}

static void answer_thread_name(struct gdb_session *session, const char *text)
{
    char name[64] = "";
    const struct gdb_target *target = session->target;
    target->thread_name(target->program, gdb_read_thread(session, &text).thread, name, sizeof name);
    gdb_put_hex(&session->reply, name, strlen(name));
}

static void answer_current(struct gdb_session *session, const char *text)
{
    gdb_put(&session->reply, "QC");
    gdb_put_thread(session, session->process, gdb_current_thread(session));
}

static void answer_attached(struct gdb_session *session, const char *text)
{
    gdb_put(&session->reply, "0"); /* gdb kills the program when it quits, as one that it started */
}

/* gdb looks symbols up when it likes to; none are wanted. */
static void answer_symbol(struct gdb_session *session, const char *text)
{
    gdb_put(&session->reply, "OK");
}

/* ---- monitor ---- */

static void answer_command(struct gdb_session *session, const char *text)
{
    char command[256] = "";
    command[gdb_read_hex(command, sizeof command - 1, text)] = 0;
    if (strcmp(command, "help") == 0 || !*command) {
        gdb_send_console(session,
                         "monitor help     this text\n"
                         "monitor version  the emulator's version\n"
                         "monitor process  process id on the host\n"
                         "One process is debugged at a time: with 'detach-on-fork off' the other waits until it\n"
                         "is detached.\n");
    } else if (strcmp(command, "version") == 0) {
        gdb_send_console(session, "kage (Kagemusha) " KAGE_VERSION "\n");
    } else if (strcmp(command, "process") == 0) {
        char line[32];
        snprintf(line, sizeof line, "%d\n", session->target->process(session->target->program));
        gdb_send_console(session, line);
    } else {
        gdb_send_console(session, "no such command; 'monitor help' lists them\n");
    }
    gdb_put(&session->reply, "OK");
}

bool gdb_answer_query(struct gdb_session *session, const char *text)
{
    static const struct row rows[] = {
        {"Supported", answer_supported},
        {"Xfer:features:read:target.xml:", answer_features},
        {"Xfer:auxv:read::", answer_vector},
        {"Xfer:exec-file:read:", answer_executable},
        {"Xfer:siginfo:read::", answer_signal},
        {"Xfer:siginfo:write::", answer_write_signal},
        {"Xfer:threads:read::", answer_threads},
        {"fThreadInfo", answer_first_threads},
        {"sThreadInfo", answer_more_threads},
        {"ThreadExtraInfo,", answer_thread_name},
        {"Attached", answer_attached},
        {"Symbol:", answer_symbol},
        {"Rcmd,", answer_command},
    };
    if (strcmp(text, "C") == 0) {
        answer_current(session, text);
        return true;
    }
    return answer_row(session, rows, sizeof rows / sizeof rows[0], text);
}

/* ---- settings ---- */

static void put_ok(struct gdb_session *session)
{
    gdb_put(&session->reply, "OK");
}

static void set_no_acknowledgement(struct gdb_session *session, const char *text)
{
    put_ok(session);
    session->settings->no_acknowledgement = true;
}

static void set_passed_signals(struct gdb_session *session, const char *text)
{
    uint64_t passed = 0;
    do {
        int signal = gdb_signal_to_linux((unsigned)gdb_read_number(&text));
        passed |= signal ? UINT64_C(1) << (signal - 1) : 0;
    } while (gdb_skip(&text, ";"));
    session->settings->passed_signals = passed;
    put_ok(session);
}

/* Which signals may be passed when gdb detaches: all may. */
static void set_program_signals(struct gdb_session *session, const char *text)
{
    put_ok(session);
}

static void set_caught_calls(struct gdb_session *session, const char *text)
{
    struct gdb_settings *settings = session->settings;
    uint64_t caught[sizeof settings->caught / sizeof settings->caught[0]] = {0};
    bool is_on = *text == '1';
    text += *text != 0;
    bool is_all = is_on && *text != ';';
    while (gdb_skip(&text, ";")) {
        uint64_t number = gdb_read_number(&text);
        if (number < 8 * sizeof caught) {
            caught[number / 64] |= UINT64_C(1) << number % 64;
        }
    }
    memcpy(settings->caught, caught, sizeof caught);
    settings->catches_all = is_all;
    put_ok(session);
}

static void set_thread_events(struct gdb_session *session, const char *text)
{
    session->settings->thread_events = *text == '1';
    put_ok(session);
}

static void set_non_stop(struct gdb_session *session, const char *text)
{
    gdb_put(&session->reply, *text == '0' ? "OK" : "E01");
}

bool gdb_answer_setting(struct gdb_session *session, const char *text)
{
    static const struct row rows[] = {
        {"StartNoAckMode", set_no_acknowledgement}, {"PassSignals:", set_passed_signals},
        {"ProgramSignals:", set_program_signals},   {"CatchSyscalls:", set_caught_calls},
        {"ThreadEvents:", set_thread_events},       {"NonStop:", set_non_stop},
    };
    return answer_row(session, rows, sizeof rows / sizeof rows[0], text);
}
