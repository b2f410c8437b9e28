/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t log_enabled;

static int log_file = STDERR_FILENO;
static uint64_t range_start, range_end = UINT64_MAX;

static const struct {
    const char *name;
    const char *text;
} categories[] = {
#define X(id, name, text) {name, text},
    LOG_CATEGORIES(X)
#undef X
};

static bool enable_category(const char *name, size_t length)
{
    if (length == 3 && !memcmp(name, "all", 3)) {
        log_enabled = (1u << LOG_CATEGORY_COUNT) - 1;
        return true;
    }
    for (int i = 0; i < LOG_CATEGORY_COUNT; i++) {
        if (strlen(categories[i].name) == length && !memcmp(categories[i].name, name, length)) {
            log_enabled |= 1u << i;
            return true;
        }
    }
    return false;
}

bool log_configure(const char *names, const char *path, const char **unknown)
{
    static char rejected[64];
    while (names && *names) {
        size_t length = strcspn(names, ",");
        if (!enable_category(names, length)) {
            snprintf(rejected, sizeof rejected, "%.*s", (int)length, names);
            *unknown = rejected;
            return false;
        }
        names += length + (names[length] == ',');
    }
    if (path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd < 0) {
            *unknown = path;
            return false;
        }
        log_file = fd;
    }
    return true;
}

void log_set_range(uint64_t start, uint64_t end)
{
    range_start = start;
    range_end = end;
}

bool log_address_is_wanted(uint64_t address)
{
    return address >= range_start && address < range_end;
}

int log_fd(void)
{
    return log_file;
}

static void write_message(int fd, const char *prefix, const char *format, va_list arguments, const char *suffix)
{
    char line[2048];
    int used = snprintf(line, sizeof line, "%s", prefix);
    int room = (int)sizeof line - used - 2;
    int length = vsnprintf(line + used, room, format, arguments);
    used += length < room ? length : room - 1;
    used += snprintf(line + used, sizeof line - used, "%s", suffix);
    if (write(fd, line, used) < 0) {
        return; /* nowhere left to complain */
    }
}

void log_text(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length > 0 && write(log_file, text, length) < 0) {
        log_enabled = 0;
    }
    free(text);
}

void log_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_message(STDERR_FILENO, "kage: ", format, arguments, "\n");
    va_end(arguments);
}

void log_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_message(STDERR_FILENO, "kage: ", format, arguments, "\n");
    va_end(arguments);
}

void log_once(const char *format, ...)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint32_t seen[256];
    static unsigned count;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    uint32_t hash = 2166136261u;
    for (const char *c = line; *c; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    pthread_mutex_lock(&lock);
    bool known = false;
    for (unsigned i = 0; i < count && !known; i++) {
        known = seen[i] == hash;
    }
    if (!known && count < sizeof seen / sizeof seen[0]) {
        seen[count++] = hash;
    }
    pthread_mutex_unlock(&lock);
    if (!known) {
        log_warning("%s", line);
    }
}

void log_fatal(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_message(STDERR_FILENO, "kage: internal error: ", format, arguments, "\n");
    va_end(arguments);
    abort();
}
