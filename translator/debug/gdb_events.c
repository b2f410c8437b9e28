/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of events to gdb, and what threads do next. */
#include "gdb_session.h"

#include <signal.h>
#include <string.h>

static void put_reason(struct gdb_session *session, const struct gdb_event *event)
{
    static const char *const watch_names[] = {
        [GDB_STOP_WRITE] = "watch", [GDB_STOP_READ] = "rwatch", [GDB_STOP_ACCESS] = "awatch"};
    const struct gdb_settings *settings = session->settings;
    struct gdb_text *reply = &session->reply;
    char path[PATH_MAX];
    switch (event->kind) {
    case GDB_EVENT_BREAKPOINT:
        gdb_put(reply, "%s", settings->software_breakpoint_reason ? "swbreak:;" : "");
        break;
    case GDB_EVENT_WATCHPOINT:
        gdb_put(reply, "%s:%llx;", watch_names[event->watch], (unsigned long long)event->value);
        break;
    case GDB_EVENT_FORK:
    case GDB_EVENT_VFORK:
        gdb_put(reply, event->kind == GDB_EVENT_FORK ? "fork:" : "vfork:");
        gdb_put_thread(session, (int)event->value, (int)event->value);
        gdb_put(reply, ";");
        break;
    case GDB_EVENT_VFORK_DONE:
        gdb_put(reply, "vforkdone:;");
        break;
    case GDB_EVENT_EXEC:
        if (settings->exec_events) {
            ssize_t length = session->target->read_object(session->target->program, GDB_OBJECT_EXECUTABLE,
                                                          event->thread, path, 0, sizeof path);
            gdb_put(reply, "exec:");
            gdb_put_hex(reply, path, length > 0 ? (size_t)length : 0);
            gdb_put(reply, ";");
        }
        break;
    case GDB_EVENT_SYSCALL_ENTRY:
    case GDB_EVENT_SYSCALL_RETURN:
        gdb_put(reply, "syscall_%s:%x;", event->kind == GDB_EVENT_SYSCALL_ENTRY ? "entry" : "return",
                (unsigned)event->value);
        break;
    case GDB_EVENT_THREAD_CREATED:
        gdb_put(reply, "create:;");
        break;
    default:
        break;
    }
}

static void report_end(struct gdb_session *session, const struct gdb_event *event)
{
    if (event->kind == GDB_EVENT_EXITED) {
        gdb_put(&session->reply, "W%02x", (unsigned)event->value & 0xff);
    } else {
        gdb_put(&session->reply, "X%02x", gdb_signal_from_linux((int)event->value));
    }
    if (session->settings->multiprocess) {
        gdb_put(&session->reply, ";process:%x", (unsigned)session->target->process(session->target->program));
    }
    session->is_finished = true;
    session->end = GDB_END_OVER;
}

void gdb_report(struct gdb_session *session, const struct gdb_event *event)
{
    const struct gdb_target *target = session->target;
    session->last = *event;
    session->is_running = false;
    if (event->kind == GDB_EVENT_EXITED || event->kind == GDB_EVENT_KILLED) {
        report_end(session, event);
    } else if (event->kind == GDB_EVENT_NONE_RUNS) {
        gdb_put(&session->reply, "N");
    } else if (event->kind == GDB_EVENT_THREAD_EXITED) {
        gdb_put(&session->reply, "w%x;", (unsigned)event->value & 0xff);
        gdb_put_thread(session, target->process(target->program), event->thread);
    } else {
        int signal = event->kind == GDB_EVENT_SIGNAL ? (int)event->value : SIGTRAP;
        session->process = target->process(target->program);
        session->thread = event->thread;
        gdb_put(&session->reply, "T%02x", gdb_signal_from_linux(signal));
        put_reason(session, event);
        gdb_put(&session->reply, "thread:");
        gdb_put_thread(session, session->process, event->thread);
        gdb_put(&session->reply, ";");
        gdb_put_expedited(session, event->thread);
    }
    gdb_send_reply(session);
}

/* '?': why everything stands still. */
void gdb_report_last(struct gdb_session *session)
{
    const struct gdb_target *target = session->target;
    struct gdb_event event = session->last;
    if (session->is_running) { /* then it shall stand still from now on */
        target->stop(target->program);
    }
    if (event.kind == GDB_EVENT_NONE || !gdb_thread_is_there(session, event.thread)) {
        event = (struct gdb_event){
            .kind = GDB_EVENT_SIGNAL, .thread = target->next_thread(target->program, 0), .value = SIGTRAP};
    }
    gdb_report(session, &event);
}

/* ---- resuming ---- */

enum { MOST_ACTIONS = 64 };

struct action_list {
    struct {
        struct gdb_thread_name thread;
        struct gdb_action action;
    } entries[MOST_ACTIONS];
    unsigned count;
};

/* "C05", "c", "S05", "s", "r10,20". False if it is none of these. */
static bool read_action(struct gdb_action *action, const char **text)
{
    char letter = *(*text)++;
    *action = (struct gdb_action){.kind = letter == 'c' || letter == 'C' ? GDB_ACTION_CONTINUE : GDB_ACTION_STEP};
    if (letter == 'C' || letter == 'S') {
        action->signal = gdb_signal_to_linux((unsigned)gdb_read_number(text));
    } else if (letter == 'r') {
        action->kind = GDB_ACTION_RANGE;
        action->range_start = gdb_read_number(text);
        gdb_skip(text, ",");
        action->range_end = gdb_read_number(text);
    }
    return strchr("cCsSr", letter);
}

static bool resume(struct gdb_session *session, const struct action_list *list)
{
    if (session->is_running) { /* gdb is to wait for the report */
        return false;
    }
    const struct gdb_target *target = session->target;
    int process = target->process(target->program);
    for (int thread = 0; (thread = target->next_thread(target->program, thread));) {
        static const struct gdb_action none = {0};
        const struct gdb_action *action = &none;
        for (unsigned i = list->count; i-- > 0;) { /* the first that fits counts */
            const struct gdb_thread_name *name = &list->entries[i].thread;
            if (name->process == process && (name->thread == thread || name->thread == -1)) {
                action = &list->entries[i].action;
            }
        }
        target->set_action(target->program, thread, action);
    }
    session->is_running = true;
    target->resume(target->program);
    return true;
}

bool gdb_resume_by_list(struct gdb_session *session, const char *list)
{
    struct action_list actions = {0};
    bool is_own = false;
    do {
        if (!*list || actions.count == MOST_ACTIONS || !read_action(&actions.entries[actions.count].action, &list)) {
            return false;
        }
        struct gdb_thread_name *name = &actions.entries[actions.count++].thread;
        *name = (struct gdb_thread_name){session->target->process(session->target->program), -1};
        if (gdb_skip(&list, ":")) {
            *name = gdb_read_thread(session, &list);
        }
        is_own |= name->process == session->target->process(session->target->program);
    } while (gdb_skip(&list, ";"));
    if (!is_own && !session->target->turn_to(session->target->program, actions.entries[0].thread.process)) {
        return false;
    }
    return resume(session, &actions);
}

bool gdb_resume_simply(struct gdb_session *session, const char *text)
{
    struct action_list actions = {.count = 1};
    if (!read_action(&actions.entries[0].action, &text) || *text) {
        return false; /* with an address to go on at: gdb writes the pc instead */
    }
    int thread = session->resumed_thread > 0 ? session->resumed_thread : -1;
    actions.entries[0].thread = (struct gdb_thread_name){session->target->process(session->target->program), thread};
    return resume(session, &actions);
}
