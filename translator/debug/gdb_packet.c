/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the gdb remote protocol: $data#checksum, acknowledgements, escapes, hexadecimal. */
#include "gdb_session.h"
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ESCAPE = '}', ESCAPE_FLIP = 0x20, INTERRUPT = 3 };

/* ---- text ---- */

static void make_room(struct gdb_text *text, size_t more)
{
    if (text->length + more <= text->room) {
        return;
    }
    text->room = (text->length + more) * 2;
    text->bytes = realloc(text->bytes, text->room);
    if (!text->bytes) {
        log_fatal("out of memory for the debugger's replies");
    }
}

void gdb_put_bytes(struct gdb_text *text, const void *bytes, size_t length)
{
    if (!length) { /* of an empty reply: there may be no bytes at all */
        return;
    }
    make_room(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void gdb_put(struct gdb_text *text, const char *format, ...)
{
    char line[PATH_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    gdb_put_bytes(text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

void gdb_put_hex(struct gdb_text *text, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    make_room(text, 2 * length);
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        text->bytes[text->length++] = digits[byte >> 4];
        text->bytes[text->length++] = digits[byte & 15];
    }
}

void gdb_put_binary(struct gdb_text *text, const void *bytes, size_t length)
{
    make_room(text, 2 * length);
    for (size_t i = 0; i < length; i++) {
        char byte = ((const char *)bytes)[i];
        if (byte == '#' || byte == '$' || byte == '*' || byte == ESCAPE) {
            text->bytes[text->length++] = ESCAPE;
            byte ^= ESCAPE_FLIP;
        }
        text->bytes[text->length++] = byte;
    }
}

static int digit_value(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                          : -1;
}

size_t gdb_read_hex(void *bytes, size_t room, const char *digits)
{
    size_t count = 0;
    while (count < room && digit_value(digits[0]) >= 0 && digit_value(digits[1]) >= 0) {
        ((uint8_t *)bytes)[count++] = (uint8_t)(digit_value(digits[0]) << 4 | digit_value(digits[1]));
        digits += 2;
    }
    return count;
}

uint64_t gdb_read_number(const char **text)
{
    uint64_t value = 0;
    for (int digit; (digit = digit_value(**text)) >= 0; ++*text) {
        value = value << 4 | (unsigned)digit;
    }
    return value;
}

bool gdb_skip(const char **text, const char *word)
{
    size_t length = strlen(word);
    bool is_there = strncmp(*text, word, length) == 0;
    *text += is_there ? length : 0;
    return is_there;
}

size_t gdb_unescape(char *bytes, size_t length)
{
    size_t out = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_escaped = bytes[i] == ESCAPE && i + 1 < length;
        bytes[out++] = is_escaped ? bytes[++i] ^ ESCAPE_FLIP : bytes[i];
    }
    return out;
}

/* ---- sending ---- */

static bool send_all(struct gdb_session *session, const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = send(session->connection, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            session->is_finished = true;
            session->end = GDB_END_LOST;
            return false;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool send_packet(struct gdb_session *session, const char *bytes, size_t length)
{
    uint8_t sum = 0;
    char tail[4];
    struct gdb_text packet = {0};
    for (size_t i = 0; i < length; i++) {
        sum += (uint8_t)bytes[i];
    }
    snprintf(tail, sizeof tail, "#%02x", sum);
    gdb_put_bytes(&packet, "$", 1);
    gdb_put_bytes(&packet, bytes, length);
    gdb_put_bytes(&packet, tail, 3);
    bool is_sent = send_all(session, packet.bytes, packet.length);
    free(packet.bytes);
    return is_sent;
}

bool gdb_send_reply(struct gdb_session *session)
{
    if (log_is_on(LOG_BLOCKS)) {
        log_text("gdb: reply %.*s\n", (int)(session->reply.length < 200 ? session->reply.length : 200),
                 session->reply.bytes ? session->reply.bytes : "");
    }
    bool is_sent = send_packet(session, session->reply.bytes, session->reply.length);
    session->reply.length = 0;
    return is_sent;
}

void gdb_send_console(struct gdb_session *session, const char *text)
{
    struct gdb_text packet = {0};
    gdb_put(&packet, "O");
    gdb_put_hex(&packet, text, strlen(text));
    send_packet(session, packet.bytes, packet.length);
    free(packet.bytes);
}

/* ---- receiving ---- */

bool gdb_receive(struct gdb_session *session)
{
    if (session->input_start) {
        memmove(session->input, session->input + session->input_start, session->input_end - session->input_start);
        session->input_end -= session->input_start;
        session->input_start = 0;
    }
    ssize_t got;
    do {
        got = recv(session->connection, session->input + session->input_end, sizeof session->input - session->input_end,
                   0);
    } while (got < 0 && errno == EINTR);
    session->input_end += got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* The next byte, waiting for it; -1 at the connection's end. */
static int next_byte(struct gdb_session *session)
{
    if (session->input_start == session->input_end && !gdb_receive(session)) {
        return -1;
    }
    return session->input[session->input_start++];
}

/* Behind the dollar sign. False if the packet is damaged or the connection ends. */
static bool read_packet(struct gdb_session *session)
{
    uint8_t sum = 0, expected;
    char digits[3] = {0};
    int byte;
    session->packet_length = 0;
    while ((byte = next_byte(session)) >= 0 && byte != '#') {
        sum += (uint8_t)byte;
        if (session->packet_length < GDB_PACKET_BYTES) {
            session->packet[session->packet_length++] = (char)byte;
        }
    }
    session->packet[session->packet_length] = 0;
    for (int i = 0; i < 2 && byte >= 0; i++) {
        byte = next_byte(session);
        digits[i] = (char)byte;
    }
    return byte >= 0 && gdb_read_hex(&expected, 1, digits) == 1 &&
           (session->settings->no_acknowledgement || expected == sum);
}

enum gdb_input gdb_next_input(struct gdb_session *session)
{
    while (session->input_start < session->input_end) {
        uint8_t byte = session->input[session->input_start++];
        if (byte == INTERRUPT) {
            return GDB_INPUT_INTERRUPT;
        }
        if (byte != '$') { /* + and - : what is sent over a reliable connection is not sent again */
            continue;
        }
        bool is_good = read_packet(session);
        if (!session->settings->no_acknowledgement && !send_all(session, is_good ? "+" : "-", 1)) {
            return GDB_INPUT_END;
        }
        if (is_good) {
            return GDB_INPUT_PACKET;
        }
        if (session->settings->no_acknowledgement) {
            return GDB_INPUT_END;
        }
    }
    return GDB_INPUT_NOTHING;
}
