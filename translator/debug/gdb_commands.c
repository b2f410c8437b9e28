/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets other than queries: memory, registers, stops, resuming, letting go. */
#include "gdb_session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef void answer(struct gdb_session *session, const char *text);

static void put_ok(struct gdb_session *session, bool is_good)
{
    gdb_put(&session->reply, is_good ? "OK" : "E01");
}

/* ---- threads ---- */

static void answer_select(struct gdb_session *session, const char *text)
{
    char what = *text;
    text += what != 0;
    struct gdb_thread_name name = gdb_read_thread(session, &text);
    if (what == 'g') {
        session->process = name.process;
        session->thread = name.thread > 0 ? name.thread : 0;
    } else {
        session->resumed_thread = name.thread;
    }
    put_ok(session, true);
}

static void answer_is_alive(struct gdb_session *session, const char *text)
{
    put_ok(session, gdb_thread_is_there(session, gdb_read_thread(session, &text).thread));
}

static void answer_reason(struct gdb_session *session, const char *text)
{
    gdb_report_last(session);
}

/* ---- registers ---- */

static void answer_read_registers(struct gdb_session *session, const char *text)
{
    if (!gdb_read_registers(session)) {
        put_ok(session, false);
    }
}

static void answer_write_registers(struct gdb_session *session, const char *text)
{
    put_ok(session, gdb_write_registers(session, text));
}

static void answer_read_register(struct gdb_session *session, const char *text)
{
    if (!gdb_read_register(session, (unsigned)gdb_read_number(&text))) {
        put_ok(session, false);
    }
}

static void answer_write_register(struct gdb_session *session, const char *text)
{
    unsigned number = (unsigned)gdb_read_number(&text);
    put_ok(session, gdb_skip(&text, "=") && gdb_write_register(session, number, text));
}

/* ---- memory ---- */

static void answer_read_memory(struct gdb_session *session, const char *text)
{
    uint64_t address = gdb_read_number(&text);
    gdb_skip(&text, ",");
    uint64_t length = gdb_read_number(&text);
    length = length < GDB_PACKET_BYTES / 2 ? length : GDB_PACKET_BYTES / 2;
    uint8_t *bytes = malloc(length + 1);
    size_t got =
        bytes ? session->target->read_memory(session->target->program, session->process, address, bytes, length) : 0;
    gdb_put_hex(&session->reply, bytes, got);
    if (!got && length) {
        put_ok(session, false);
    }
    free(bytes);
}

static bool write_memory(struct gdb_session *session, uint64_t address, const void *bytes, size_t length)
{
    return !length || session->target->write_memory(session->target->program, session->process, address, bytes, length);
}

/* M: hexadecimal. */
static void answer_write_memory(struct gdb_session *session, const char *text)
{
    uint64_t address = gdb_read_number(&text);
    gdb_skip(&text, ",");
    uint64_t length = gdb_read_number(&text);
    gdb_skip(&text, ":");
    length = length < GDB_PACKET_BYTES / 2 ? length : GDB_PACKET_BYTES / 2;
    uint8_t *bytes = malloc(length + 1);
    put_ok(session,
           bytes && gdb_read_hex(bytes, length, text) == length && write_memory(session, address, bytes, length));
    free(bytes);
}

/* X: binary. */
static void answer_write_binary(struct gdb_session *session, const char *text)
{
    uint64_t address = gdb_read_number(&text);
    gdb_skip(&text, ",");
    uint64_t length = gdb_read_number(&text);
    gdb_skip(&text, ":");
    size_t got = gdb_unescape((char *)text, session->packet_length - (size_t)(text - session->packet));
    put_ok(session, got == length && write_memory(session, address, text, length));
}

/* ---- breakpoints and watchpoints ---- */

static void change_stop(struct gdb_session *session, const char *text, bool on)
{
    unsigned kind = (unsigned)gdb_read_number(&text);
    gdb_skip(&text, ",");
    uint64_t address = gdb_read_number(&text);
    gdb_skip(&text, ",");
    uint64_t length = gdb_read_number(&text);
    if (kind <= GDB_STOP_ACCESS) {
        put_ok(session, session->target->set_stop(session->target->program, session->process, (enum gdb_stop_kind)kind,
                                                  address, length, on));
    }
}

static void answer_insert(struct gdb_session *session, const char *text)
{
    change_stop(session, text, true);
}

static void answer_remove(struct gdb_session *session, const char *text)
{
    change_stop(session, text, false);
}

/* ---- going on ---- */

/* A report is the answer; nothing is sent now. */
static void answer_resume(struct gdb_session *session, const char *text)
{
    if (!gdb_resume_simply(session, session->packet)) {
        put_ok(session, false);
    }
}

static void answer_resume_list(struct gdb_session *session, const char *text)
{
    if (*text == '?') {
        gdb_put(&session->reply, "vCont;c;C;s;S;r");
    } else if (*text != ';' || !gdb_resume_by_list(session, text + 1)) {
        put_ok(session, false);
    }
}

/* The answer goes first: the connection may be another process's afterwards. */
static void answer_detach(struct gdb_session *session, const char *text)
{
    const struct gdb_target *target = session->target;
    int process = target->process(target->program);
    if (gdb_skip(&text, ";")) {
        process = (int)gdb_read_number(&text);
    }
    put_ok(session, true);
    gdb_send_reply(session);
    if (!target->detach(target->program, process)) {
        session->is_finished = true;
        session->end = GDB_END_DETACHED;
    }
    session->process = target->process(target->program);
    session->thread = 0;
}

static void end_process(struct gdb_session *session, int process)
{
    if (!session->target->kill(session->target->program, process)) {
        session->is_finished = true;
        session->end = GDB_END_OVER;
    }
}

static void answer_kill(struct gdb_session *session, const char *text)
{
    end_process(session, session->target->process(session->target->program));
}

static void answer_kill_process(struct gdb_session *session, const char *text)
{
    put_ok(session, true);
    gdb_send_reply(session);
    end_process(session, (int)gdb_read_number(&text));
}

static void answer_files(struct gdb_session *session, const char *text)
{
    gdb_answer_file(session, (char *)text);
}

/* The longest names first where one begins another. */
static const struct command {
    const char *name;
    answer *answer;
    bool is_silent; /* an empty reply is no "not known" */
} commands[] = {
    {"vCont", answer_resume_list, true}, {"vFile:", answer_files, false},     {"vKill;", answer_kill_process, true},
    {"?", answer_reason, true},          {"g", answer_read_registers, false}, {"G", answer_write_registers, false},
    {"p", answer_read_register, false},  {"P", answer_write_register, false}, {"m", answer_read_memory, true},
    {"M", answer_write_memory, false},   {"X", answer_write_binary, false},   {"Z", answer_insert, false},
    {"z", answer_remove, false},         {"H", answer_select, false},         {"T", answer_is_alive, false},
    {"c", answer_resume, true},          {"C", answer_resume, true},          {"s", answer_resume, true},
    {"S", answer_resume, true},          {"D", answer_detach, true},          {"k", answer_kill, true},
};

void gdb_answer(struct gdb_session *session)
{
    const char *text = session->packet;
    bool is_silent = false;
    if (*text == 'q' || *text == 'Q') {
        if (*text == 'q' ? gdb_answer_query(session, text + 1) : gdb_answer_setting(session, text + 1)) {
            gdb_send_reply(session);
            return;
        }
    }
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (gdb_skip(&text, commands[i].name)) {
            commands[i].answer(session, text);
            is_silent = commands[i].is_silent;
            break;
        }
    }
    if (session->reply.length || !is_silent) {
        gdb_send_reply(session);
    }
}
