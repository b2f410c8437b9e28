/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of threads and lists of them. */
#include "gdb_session.h"

static int read_id(const char **text)
{
    return gdb_skip(text, "-1") ? -1 : (int)gdb_read_number(text);
}

/* "pPROCESS.THREAD", "pPROCESS" or "THREAD"; -1 = all, 0 = any. */
struct gdb_thread_name gdb_read_thread(const struct gdb_session *session, const char **text)
{
    struct gdb_thread_name name = {session->target->process(session->target->program), -1};
    if (!gdb_skip(text, "p")) {
        name.thread = read_id(text);
        return name;
    }
    int process = read_id(text);
    name.process = process > 0 ? process : name.process;
    if (gdb_skip(text, ".")) {
        name.thread = read_id(text);
    }
    return name;
}

void gdb_put_thread(struct gdb_session *session, int process, int thread)
{
    if (session->settings->multiprocess) {
        gdb_put(&session->reply, "p%x.", (unsigned)process);
    }
    gdb_put(&session->reply, "%x", (unsigned)thread);
}

bool gdb_thread_is_there(const struct gdb_session *session, int thread)
{
    const struct gdb_target *target = session->target;
    int other = target->next_thread(target->program, 0);
    while (other && other != thread) {
        other = target->next_thread(target->program, other);
    }
    return other != 0;
}

int gdb_current_thread(const struct gdb_session *session)
{
    const struct gdb_target *target = session->target;
    return session->thread > 0 ? session->thread : target->next_thread(target->program, 0);
}

void gdb_list_threads(struct gdb_session *session, bool is_first)
{
    enum { AT_ONCE = 256 };
    const struct gdb_target *target = session->target;
    int count = 0;
    if (is_first) {
        session->listed_thread = 0;
    }
    for (int thread; count < AT_ONCE && (thread = target->next_thread(target->program, session->listed_thread));
         count++) {
        gdb_put(&session->reply, count ? "," : "m");
        gdb_put_thread(session, target->process(target->program), thread);
        session->listed_thread = thread;
    }
    if (!count) {
        gdb_put(&session->reply, "l");
    }
}

/* The element with all threads that gdb prefers to the list. */
void gdb_describe_threads(struct gdb_session *session, struct gdb_text *xml)
{
    const struct gdb_target *target = session->target;
    gdb_put(xml, "<threads>");
    for (int thread = 0; (thread = target->next_thread(target->program, thread));) {
        char name[64] = "";
        target->thread_name(target->program, thread, name, sizeof name);
        gdb_put(xml, "<thread id=\"p%x.%x\" name=\"", (unsigned)target->process(target->program), (unsigned)thread);
        for (const char *c = name; *c; c++) {
            if (*c >= ' ' && *c < 127 && *c != '<' && *c != '>' && *c != '&' && *c != '"') {
                gdb_put_bytes(xml, c, 1);
            }
        }
        gdb_put(xml, "\"/>");
    }
    gdb_put(xml, "</threads>");
}
