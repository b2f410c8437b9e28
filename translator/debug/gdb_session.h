/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the gdb remote protocol share. */
#ifndef DEBUG_GDB_SESSION_H
#define DEBUG_GDB_SESSION_H

#include "gdb.h"

enum { GDB_PACKET_BYTES = 64 << 10, GDB_OPEN_FILES = 64 };

/* A reply being made; grows as needed. */
struct gdb_text {
    char *bytes;
    size_t length, room;
};

struct gdb_session {
    const struct gdb_target *target;
    struct gdb_settings *settings;
    int connection, wake;
    bool is_running;  /* gdb waits for a report */
    bool is_finished; /* end says how */
    enum gdb_end end;
    int process, thread; /* that g, m and the like are about (Hg); thread 0 = any */
    int resumed_thread;  /* that c and s are about (Hc); 0 or -1 = all */
    int listed_thread;   /* the last that qsThreadInfo has named */
    struct gdb_event last;
    struct gdb_text reply;
    char *description;         /* target.xml, made when first asked for */
    int files[GDB_OPEN_FILES]; /* of vFile, -1 = free */
    /* input that has not been looked at */
    uint8_t input[4096];
    size_t input_start, input_end;
    char *packet; /* GDB_PACKET_BYTES + 1, terminated */
    size_t packet_length;
};

/* ---- gdb_packet.c ---- */
void gdb_put_bytes(struct gdb_text *text, const void *bytes, size_t length);
void gdb_put(struct gdb_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gdb_put_hex(struct gdb_text *text, const void *bytes, size_t length);
/* Binary data with the protocol's escapes. */
void gdb_put_binary(struct gdb_text *text, const void *bytes, size_t length);
/* Bytes of hexadecimal digits; stops at what is none. */
size_t gdb_read_hex(void *bytes, size_t room, const char *digits);
/* A hexadecimal number; *text moves behind it. */
uint64_t gdb_read_number(const char **text);
/* Moves *text behind `word` if it begins so. */
bool gdb_skip(const char **text, const char *word);
/* Undoes the escapes of binary data in place; the new length. */
size_t gdb_unescape(char *bytes, size_t length);
/* Sends the reply and empties it. False if the connection is broken. */
bool gdb_send_reply(struct gdb_session *session);
/* A packet of its own that carries text for gdb's console. */
void gdb_send_console(struct gdb_session *session, const char *text);
enum gdb_input { GDB_INPUT_NOTHING, GDB_INPUT_PACKET, GDB_INPUT_INTERRUPT, GDB_INPUT_END };
/* The next from what has been received; NOTHING: more must be received (gdb_receive). */
enum gdb_input gdb_next_input(struct gdb_session *session);
/* Reads from the connection. False at its end. */
bool gdb_receive(struct gdb_session *session);

/* ---- gdb_threads.c ---- */
struct gdb_thread_name {
    int process, thread; /* 0 = any, -1 = all */
};
struct gdb_thread_name gdb_read_thread(const struct gdb_session *session, const char **text);
void gdb_put_thread(struct gdb_session *session, int process, int thread);
/* The thread that the current process's requests are about. */
int gdb_current_thread(const struct gdb_session *session);
void gdb_list_threads(struct gdb_session *session, bool is_first);
void gdb_describe_threads(struct gdb_session *session, struct gdb_text *xml);
bool gdb_thread_is_there(const struct gdb_session *session, int thread);

/* ---- gdb_registers.c ---- */
const char *gdb_target_description(struct gdb_session *session);
bool gdb_read_registers(struct gdb_session *session);
bool gdb_write_registers(struct gdb_session *session, const char *digits);
bool gdb_read_register(struct gdb_session *session, unsigned number);
bool gdb_write_register(struct gdb_session *session, unsigned number, const char *digits);
/* "n:value;" for the program counter and the stack pointer of a thread. */
void gdb_put_expedited(struct gdb_session *session, int thread);

/* ---- gdb_signals.c: 0 is no signal on either side ---- */
unsigned gdb_signal_from_linux(int signal);
int gdb_signal_to_linux(unsigned signal);

/* ---- gdb_events.c ---- */
void gdb_report(struct gdb_session *session, const struct gdb_event *event);
void gdb_report_last(struct gdb_session *session);
/* vCont's actions, behind its first semicolon. */
bool gdb_resume_by_list(struct gdb_session *session, const char *list);
/* c, s, C, S. */
bool gdb_resume_simply(struct gdb_session *session, const char *text);

/* ---- gdb_query.c: true if the packet was one of these ---- */
bool gdb_answer_query(struct gdb_session *session, const char *text);
bool gdb_answer_setting(struct gdb_session *session, const char *text);

/* ---- gdb_files.c: behind "vFile:" ---- */
void gdb_answer_file(struct gdb_session *session, char *text);
void gdb_close_files(struct gdb_session *session);

/* ---- gdb_commands.c: fills the reply; an empty one means that the packet is not known ---- */
void gdb_answer(struct gdb_session *session);

#endif
