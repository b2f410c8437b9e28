/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection of gdb's, from its first packet to its end. */
#include "gdb_session.h"
#include "log.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void finish(struct gdb_session *session, enum gdb_end end)
{
    session->is_finished = true;
    session->end = end;
}

/* All threads are stopped, then one event is reported; others wait for the next time. */
static void look_for_event(struct gdb_session *session)
{
    const struct gdb_target *target = session->target;
    struct gdb_event event;
    if (!session->is_running || !target->next_event(target->program, &event)) {
        return;
    }
    if (event.kind == GDB_EVENT_GONE) {
        finish(session, GDB_END_GONE);
        return;
    }
    if (event.kind != GDB_EVENT_EXITED && event.kind != GDB_EVENT_KILLED) {
        target->stop(target->program);
    }
    gdb_report(session, &event);
}

static void interrupt(struct gdb_session *session)
{
    const struct gdb_target *target = session->target;
    if (!session->is_running) {
        return;
    }
    target->stop(target->program);
    look_for_event(session);
    if (session->is_running && !session->is_finished) {
        struct gdb_event event = {.kind = GDB_EVENT_SIGNAL, .value = SIGINT};
        bool is_there = session->thread > 0 && gdb_thread_is_there(session, session->thread);
        event.thread = is_there ? session->thread : target->next_thread(target->program, 0);
        gdb_report(session, &event);
    }
}

static void answer_packet(struct gdb_session *session)
{
    if (log_is_on(LOG_BLOCKS)) {
        log_text("gdb: packet %.200s\n", session->packet);
    }
    gdb_answer(session);
    look_for_event(session); /* something may have waited for its turn */
}

static void handle_input(struct gdb_session *session)
{
    while (!session->is_finished) {
        switch (gdb_next_input(session)) {
        case GDB_INPUT_NOTHING:
            return;
        case GDB_INPUT_INTERRUPT:
            interrupt(session);
            break;
        case GDB_INPUT_PACKET:
            answer_packet(session);
            break;
        case GDB_INPUT_END:
            finish(session, GDB_END_LOST);
            break;
        }
    }
}

static void wait_for_something(struct gdb_session *session)
{
    struct pollfd wanted[2] = {{.fd = session->connection, .events = POLLIN}, {.fd = session->wake, .events = POLLIN}};
    if (poll(wanted, 2, -1) <= 0) {
        return;
    }
    if (wanted[1].revents) {
        uint64_t count;
        ssize_t got = read(session->wake, &count, sizeof count);
        (void)got;
        look_for_event(session);
    }
    if (wanted[0].revents && !session->is_finished) {
        if (!gdb_receive(session)) {
            finish(session, GDB_END_LOST);
        }
        handle_input(session);
    }
}

/* gdb may have a word to say about a parent that it still holds (vfork); then it closes the connection itself. */
static void wait_for_farewell(struct gdb_session *session)
{
    enum { PATIENCE = 1000 };
    struct pollfd wanted = {.fd = session->connection, .events = POLLIN};
    bool is_over = session->last.kind != GDB_EVENT_EXITED && session->last.kind != GDB_EVENT_KILLED;
    while (!is_over && poll(&wanted, 1, PATIENCE) > 0 && gdb_receive(session)) {
        enum gdb_input input;
        while ((input = gdb_next_input(session)) == GDB_INPUT_PACKET) {
            is_over = *session->packet == 'k' || *session->packet == 'v';
            gdb_put(&session->reply, *session->packet == 'k' ? "" : "OK");
            gdb_send_reply(session);
        }
        is_over |= input == GDB_INPUT_END;
    }
}

enum gdb_end gdb_serve(const struct gdb_target *target, struct gdb_settings *settings, int connection, int wake,
                       enum gdb_start start)
{
    struct gdb_session session = {.target = target, .settings = settings, .connection = connection, .wake = wake};
    session.packet = malloc(GDB_PACKET_BYTES + 1);
    if (!session.packet) {
        return GDB_END_LOST;
    }
    session.process = target->process(target->program);
    memset(session.files, 0xff, sizeof session.files);
    if (start == GDB_START_RUNNING) {
        session.is_running = true;
        look_for_event(&session);
    } else if (start == GDB_START_NEW) {
        *settings = (struct gdb_settings){0};
        target->stop(target->program);
    }
    while (!session.is_finished) {
        wait_for_something(&session);
    }
    if (session.end == GDB_END_OVER) {
        wait_for_farewell(&session);
    }
    gdb_close_files(&session);
    free(session.packet);
    free(session.description);
    free(session.reply.bytes);
    return session.end;
}
