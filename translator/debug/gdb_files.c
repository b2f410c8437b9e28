/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vFile: gdb reads the program's files through the connection (its sysroot is "target:" unless told otherwise). Numbers
 * of errors and flags and the layout of struct stat are the protocol's own ("File-I/O remote protocol extension"). */
#include "gdb_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_O_WRONLY = 1,
    FILE_O_RDWR = 2,
    FILE_O_APPEND = 8,
    FILE_O_CREAT = 0x200,
    FILE_O_TRUNC = 0x400,
    FILE_O_EXCL = 0x800
};

static int protocol_error(int error)
{
    static const struct {
        int host, protocol;
    } rows[] = {
        {EPERM, 1},   {ENOENT, 2},  {EINTR, 4},    {EBADF, 9},   {EACCES, 13}, {EFAULT, 14},       {EBUSY, 16},
        {EEXIST, 17}, {ENODEV, 19}, {ENOTDIR, 20}, {EISDIR, 21}, {EINVAL, 22}, {ENFILE, 23},       {EMFILE, 24},
        {EFBIG, 27},  {ENOSPC, 28}, {ESPIPE, 29},  {EROFS, 30},  {ENOSYS, 88}, {ENAMETOOLONG, 91},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].host == error) {
            return rows[i].protocol;
        }
    }
    return 9999;
}

static void put_result(struct gdb_session *session, int64_t result)
{
    if (result < 0) {
        gdb_put(&session->reply, "F-1,%x", (unsigned)protocol_error((int)-result));
    } else {
        gdb_put(&session->reply, "F%llx", (unsigned long long)result);
    }
}

static int64_t or_errno(int64_t result)
{
    return result < 0 ? -errno : result;
}

/* The path in hexadecimal up to the next comma. */
static void read_path(char path[PATH_MAX], const char **text)
{
    path[gdb_read_hex(path, PATH_MAX - 1, *text)] = 0;
    *text += strcspn(*text, ",");
    gdb_skip(text, ",");
}

static uint64_t read_next(const char **text)
{
    uint64_t value = gdb_read_number(text);
    gdb_skip(text, ",");
    return value;
}

static int host_flags(uint64_t flags)
{
    return (flags & FILE_O_RDWR     ? O_RDWR
            : flags & FILE_O_WRONLY ? O_WRONLY
                                    : O_RDONLY) |
           (flags & FILE_O_APPEND ? O_APPEND : 0) | (flags & FILE_O_CREAT ? O_CREAT : 0) |
           (flags & FILE_O_TRUNC ? O_TRUNC : 0) | (flags & FILE_O_EXCL ? O_EXCL : 0);
}

static void open_file(struct gdb_session *session, const char *text)
{
    char path[PATH_MAX];
    int place = 0;
    read_path(path, &text);
    uint64_t flags = read_next(&text), mode = read_next(&text);
    while (place < GDB_OPEN_FILES && session->files[place] >= 0) {
        place++;
    }
    if (place == GDB_OPEN_FILES) {
        put_result(session, -EMFILE);
        return;
    }
    int fd = session->target->open_file(session->target->program, path, host_flags(flags), (unsigned)mode);
    session->files[place] = fd;
    put_result(session, fd < 0 ? fd : place);
}

/* The place among the open files, or -1 after an answer. */
static int find_file(struct gdb_session *session, const char **text)
{
    uint64_t place = read_next(text);
    if (place >= GDB_OPEN_FILES || session->files[place] < 0) {
        put_result(session, -EBADF);
        return -1;
    }
    return (int)place;
}

static void close_file(struct gdb_session *session, const char *text)
{
    int place = find_file(session, &text);
    if (place >= 0) {
        put_result(session, or_errno(close(session->files[place])));
        session->files[place] = -1;
    }
}

static void read_file(struct gdb_session *session, const char *text)
{
    int place = find_file(session, &text);
    uint64_t length = read_next(&text), offset = read_next(&text);
    length = length < GDB_PACKET_BYTES / 2 - 32 ? length : GDB_PACKET_BYTES / 2 - 32;
    char *bytes = malloc(length + 1);
    if (place >= 0 && bytes) {
        int64_t got = or_errno(pread(session->files[place], bytes, length, (off_t)offset));
        put_result(session, got);
        if (got >= 0) {
            gdb_put(&session->reply, ";");
            gdb_put_binary(&session->reply, bytes, (size_t)got);
        }
    }
    free(bytes);
}

static void write_file(struct gdb_session *session, const char *text)
{
    int place = find_file(session, &text);
    uint64_t offset = read_next(&text);
    size_t length = gdb_unescape((char *)text, session->packet_length - (size_t)(text - session->packet));
    if (place >= 0) {
        put_result(session, or_errno(pwrite(session->files[place], text, length, (off_t)offset)));
    }
}

static void put_big(struct gdb_text *text, uint64_t value, unsigned bytes)
{
    char place[8];
    for (unsigned i = 0; i < bytes; i++) {
        place[i] = (char)(value >> 8 * (bytes - 1 - i));
    }
    gdb_put_bytes(text, place, bytes);
}

static void describe_file(struct gdb_session *session, const char *text)
{
    struct stat status;
    struct gdb_text bytes = {0};
    int place = find_file(session, &text);
    if (place < 0) {
        return;
    }
    int64_t result = or_errno(fstat(session->files[place], &status));
    if (result < 0) {
        put_result(session, result);
        return;
    }
    const struct {
        uint64_t value;
        unsigned bytes;
    } members[] = {
        {status.st_dev, 4},
        {status.st_ino, 4},
        {status.st_mode, 4},
        {status.st_nlink, 4},
        {status.st_uid, 4},
        {status.st_gid, 4},
        {status.st_rdev, 4},
        {(uint64_t)status.st_size, 8},
        {(uint64_t)status.st_blksize, 8},
        {(uint64_t)status.st_blocks, 8},
        {(uint64_t)status.st_atime, 4},
        {(uint64_t)status.st_mtime, 4},
        {(uint64_t)status.st_ctime, 4},
    };
    for (unsigned i = 0; i < sizeof members / sizeof members[0]; i++) {
        put_big(&bytes, members[i].value, members[i].bytes);
    }
    put_result(session, (int64_t)bytes.length);
    gdb_put(&session->reply, ";");
    gdb_put_binary(&session->reply, bytes.bytes, bytes.length);
    free(bytes.bytes);
}

static void remove_file(struct gdb_session *session, const char *text)
{
    char path[PATH_MAX], buffer[PATH_MAX];
    read_path(path, &text);
    put_result(session, or_errno(unlink(session->target->translate_path(session->target->program, path, buffer))));
}

static void read_link(struct gdb_session *session, const char *text)
{
    char path[PATH_MAX], buffer[PATH_MAX], link[PATH_MAX];
    read_path(path, &text);
    const char *host = session->target->translate_path(session->target->program, path, buffer);
    int64_t length = or_errno(readlink(host, link, sizeof link));
    put_result(session, length);
    if (length >= 0) {
        gdb_put(&session->reply, ";");
        gdb_put_binary(&session->reply, link, (size_t)length);
    }
}

/* Whose view of the file system it is: always the program's. */
static void set_view(struct gdb_session *session, const char *text)
{
    put_result(session, 0);
}

void gdb_answer_file(struct gdb_session *session, char *text)
{
    static const struct {
        const char *name;
        void (*answer)(struct gdb_session *session, const char *text);
    } rows[] = {
        {"open:", open_file},      {"close:", close_file},   {"pread:", read_file},    {"pwrite:", write_file},
        {"fstat:", describe_file}, {"unlink:", remove_file}, {"readlink:", read_link}, {"setfs:", set_view},
    };
    const char *rest = text;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (gdb_skip(&rest, rows[i].name)) {
            rows[i].answer(session, rest);
            return;
        }
    }
}

void gdb_close_files(struct gdb_session *session)
{
    for (int i = 0; i < GDB_OPEN_FILES; i++) {
        if (session->files[i] >= 0) {
            close(session->files[i]);
        }
    }
}
