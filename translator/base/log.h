/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the user and the categories of --log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* X(enumerator, name on the command line, what it shows) */
#define LOG_CATEGORIES(X)                                                                                              \
    X(LOG_DECODE, "decode", "guest instructions as they are decoded")                                                  \
    X(LOG_IR, "ir", "the IR of each unit as lifted")                                                                   \
    X(LOG_PASSES, "passes", "the IR after each pass")                                                                  \
    X(LOG_HOST, "host", "the host code of each unit")                                                                  \
    X(LOG_BLOCKS, "blocks", "translated units: addresses and sizes")                                                   \
    X(LOG_EXITS, "exits", "returns from translated code to the dispatcher")                                            \
    X(LOG_FAULTS, "faults", "host faults and the guest state they were mapped to")                                     \
    X(LOG_SYSCALLS, "syscalls", "what is missing or partial, each time it is met")                                     \
    X(LOG_SIGNALS, "signals", "signals queued and delivered")                                                          \
    X(LOG_MEMORY, "memory", "changes of the guest's address space")

enum log_category {
#define X(id, name, text) id,
    LOG_CATEGORIES(X)
#undef X
        LOG_CATEGORY_COUNT
};

/* Bit set of enabled categories (1u << enum log_category). Set once at start by log_configure, read everywhere. */
extern uint32_t log_enabled;

static inline bool log_is_on(enum log_category category)
{
    return __builtin_expect((log_enabled >> category) & 1, 0);
}

/* names: comma-separated categories or "all". Returns false and names the unknown one in *unknown (points into a static
   buffer). path: file to append to, NULL for standard error; returns false with *unknown = path if it cannot be opened. */
bool log_configure(const char *names, const char *path, const char **unknown);

/* Only addresses in [start, end) are logged by log_address_is_wanted; the default is everything. */
void log_set_range(uint64_t start, uint64_t end);
bool log_address_is_wanted(uint64_t address);

/* Raw text to the log's place, without prefix; one write per call. */
void log_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file descriptor of the log, for writers that format by themselves. */
int log_fd(void);

/* One line to standard error, prefixed "kage: ". */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Like log_warning, but each distinct call site and text only once in the process's life. */
void log_once(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

/* An invariant does not hold or the system has no resources: one line, then abort(). */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn, cold));

#define KAGE_ASSERT(condition, text)                                                                                   \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0)) {                                                                       \
            log_fatal("%s:%d: %s", __FILE__, __LINE__, (text));                                                        \
        }                                                                                                              \
    } while (0)

#endif
