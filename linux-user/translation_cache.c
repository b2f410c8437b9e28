/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translation_cache.h"

#include "log.h"
#include "private_fd.h"
#include "process.h"
#include "program.h"
#include "signal_delivery.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { OUT_OF_THE_WAY = 902, NAME_BYTES = 80, LONGEST_BASE = 40, HEAD_BYTES = 4096, HASH_DIGITS = 32 };
#define UNFINISHED ".kage-"            /* then process and thread */
enum { USED_AGAIN_SECONDS = 24 * 3600, /* the file's time says when it was used, so exactly */
       STALE_SECONDS = 3600 };         /* an unfinished file this old has lost its writer */
#define DIRECTORY_LIMIT (INT64_C(512) << 20)

/* ---- the directory ---- */

/* Nobody else could have written to it. */
static bool is_trusted(const struct stat *status)
{
    return (status->st_uid == geteuid() || status->st_uid == 0) && !(status->st_mode & (S_IWGRP | S_IWOTH));
}

/* fd, or -1, and it is closed. */
static int check_directory(int fd)
{
    struct stat status;
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISDIR(status.st_mode) || !is_trusted(&status))) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

static int open_directory(const char *path)
{
    mkdir(path, 0700);
    return check_directory(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int open_default(void)
{
    char path[PATH_MAX];
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = cache && *cache == '/' ? snprintf(path, sizeof path, "%s/kage", cache)
                 : home && *home == '/' ? snprintf(path, sizeof path, "%s/.cache/kage", home)
                                        : -1;
    return length > 0 && length < (int)sizeof path ? open_directory(path) : -1;
}

/* What shows or checks how units are made wants them made. */
static bool is_wanted(const struct options *options)
{
    const uint32_t shown = 1u << LOG_DECODE | 1u << LOG_IR | 1u << LOG_PASSES | 1u << LOG_HOST | 1u << LOG_BLOCKS;
    return !options->no_cache && !options->randomize && !options->perf_map && !options->jit_dump && !options->debugger &&
           options->debugger_fd < 0 && !options->verify && !options->single_step && options->engine == ENGINE_FAST &&
           !(log_enabled & shown);
}

void translation_cache_open(struct process *process)
{
    const struct options *options = process->options;
    process->cache_fd = -1;
    if (options->is_inherited) {
        process->cache_fd = check_directory(options->cache_fd); /* the user may be another one now */
        if (process->cache_fd >= 0) {
            fcntl(process->cache_fd, F_SETFD, FD_CLOEXEC);
        }
    } else if (is_wanted(options)) {
        int fd = options->cache ? open_directory(options->cache) : open_default();
        if (fd < 0 && options->cache) {
            log_warning("--cache %s: %s; translations are not kept", options->cache,
                        errno == EPERM ? "others can write to it" : strerror(errno));
        }
        process->cache_fd = private_fd_move(fd, OUT_OF_THE_WAY);
    }
}

/* ---- names ---- */

/* The program's name for people, then what makes its image fit: the translator, the program's first page, where its code will be. False if
   there are no images. */
static bool name_image(const struct process *process, const struct program *program, char name[NAME_BYTES])
{
    struct {
        uint64_t identity[2], size;
        struct address_layout layout;
        uint64_t map_top;
        uint8_t head[HEAD_BYTES];
    } what = {0};
    struct stat status;
    if (!translator_image_identity(process->translator, what.identity) || fstat(program->fd, &status) != 0 ||
        pread(program->fd, what.head, sizeof what.head, 0) <= 0) {
        return false;
    }
    what.size = (uint64_t)status.st_size;
    what.layout = *address_space_layout(process->memory);
    what.map_top = address_space_map_top(process->memory);
    XXH128_hash_t hash = XXH3_128bits(&what, sizeof what);
    const char *base = strrchr(program->path, '/');
    base = base ? base + 1 : program->path;
    int length = 0;
    for (; base[length] && length < LONGEST_BASE; length++) {
        char c = base[length];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                        c == '+' || (c == '.' && length);
        name[length] = is_plain ? c : '_';
    }
    snprintf(name + length, NAME_BYTES - (size_t)length, "-%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
    return true;
}

/* ---- loading ---- */

void translation_cache_load(struct process *process, const struct program *program)
{
    struct stat status;
    char name[NAME_BYTES];
    if (process->cache_fd < 0 || !name_image(process, program, name)) {
        return;
    }
    process->cache_name = strdup(name);
    process->cache_inode = fstatat(process->cache_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
    int fd = openat(process->cache_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && is_trusted(&status) &&
        translator_load_image(process->translator, fd) && time(NULL) - status.st_mtime > USED_AGAIN_SECONDS) {
        futimens(fd, NULL);
    }
    close(fd);
}

/* ---- saving ---- */

struct kept_file {
    char name[256];
    int64_t bytes, used;
};

static int compare_use(const void *one, const void *other)
{
    const struct kept_file *a = one, *b = other;
    return a->used < b->used ? -1 : a->used > b->used;
}

static bool is_unfinished(const char *name)
{
    return strncmp(name, UNFINISHED, strlen(UNFINISHED)) == 0;
}

/* Whatever else is in the directory is not kage's to remove. */
static bool is_own(const char *name)
{
    size_t length = strlen(name);
    return is_unfinished(name) ||
           (length > HASH_DIGITS && length < NAME_BYTES && name[length - HASH_DIGITS - 1] == '-' &&
            strspn(name + length - HASH_DIGITS, "0123456789abcdef") == HASH_DIGITS);
}

/* Those used longest ago go until the rest fits, and unfinished ones whose writer is gone. */
static void remove_files(int directory, struct kept_file *files, size_t count, int64_t total)
{
    qsort(files, count, sizeof *files, compare_use);
    for (size_t i = 0; i < count; i++) {
        bool is_stale = is_unfinished(files[i].name) && time(NULL) - files[i].used > STALE_SECONDS;
        if (total <= DIRECTORY_LIMIT && !is_stale) {
            continue;
        }
        if (unlinkat(directory, files[i].name, 0) == 0) {
            total -= files[i].bytes;
        }
    }
}

static void clean_directory(int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    struct kept_file *files = NULL;
    size_t count = 0, capacity = 0;
    int64_t total = 0;
    if (!stream) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));) {
        struct stat status;
        if (!is_own(entry->d_name) || fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode)) {
            continue;
        }
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            struct kept_file *more = realloc(files, capacity * sizeof *files);
            if (!more) {
                break;
            }
            files = more;
        }
        struct kept_file *file = &files[count++];
        snprintf(file->name, sizeof file->name, "%s", entry->d_name);
        file->bytes = (int64_t)status.st_blocks * 512;
        file->used = status.st_mtime;
        total += file->bytes;
    }
    closedir(stream);
    remove_files(directory, files, count, total);
    free(files);
}

/* Another process of the program has saved since this one began, and about as much as this one could: children of one shell would write the
   same again and again. */
static bool is_saved_by_others(const struct process *process)
{
    struct stat status;
    return fstatat(process->cache_fd, process->cache_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           is_trusted(&status) && status.st_ino != process->cache_inode &&
           (uint64_t)(status.st_size + status.st_size / 16) > translator_image_size(process->translator);
}

static void write_image(struct thread *thread)
{
    const struct process *process = thread->process;
    char unfinished[NAME_BYTES];
    struct rlimit limit;
    /* The guest's own limit would end it by SIGXFSZ. */
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur != RLIM_INFINITY) {
        return;
    }
    snprintf(unfinished, sizeof unfinished, UNFINISHED "%d-%d", (int)getpid(), (int)thread->tid);
    unlinkat(process->cache_fd, unfinished, 0);
    int fd = openat(process->cache_fd, unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    fd = private_fd_move(fd, OUT_OF_THE_WAY); /* other threads are not held up between their calls */
    if (fd < 0) {
        return;
    }
    enum translator_image_result result = translator_save_image(thread->cpu, fd);
    close(fd);
    if (result == TRANSLATOR_IMAGE_SAVED && renameat(process->cache_fd, unfinished, process->cache_fd, process->cache_name) == 0) {
        clean_directory(process->cache_fd);
        return;
    }
    unlinkat(process->cache_fd, unfinished, 0);
    if (result == TRANSLATOR_IMAGE_WORN_OUT) {
        unlinkat(process->cache_fd, process->cache_name, 0);
    }
}

/* Who came second waits: the end of the process would cut the first one's file off. A forked child does not wait for
 * its parent's. */
static bool begin_writing(struct process *process)
{
    const struct timespec pause = {0, 100000};
    pid_t self = getpid(), writer = atomic_load(&process->cache_writer);
    for (int i = 0; i < 10000; i++) {
        if (writer != self && atomic_compare_exchange_strong(&process->cache_writer, &writer, self)) {
            return true;
        }
        nanosleep(&pause, NULL);
        writer = atomic_load(&process->cache_writer);
    }
    return false;
}

void translation_cache_save(struct thread *thread)
{
    struct process *process = thread->process;
    uint64_t old_mask;
    if (process->cache_fd < 0 || !process->cache_name || process->is_vfork_child || !begin_writing(process)) {
        return;
    }
    if (translator_image_is_due(process->translator) && !is_saved_by_others(process)) {
        signals_block_all(&old_mask);
        signals_set_host_mask(~HOST_FAULT_SIGNALS); /* code is read that may be gone */
        write_image(thread);
        signals_set_host_mask(old_mask);
    }
    atomic_store(&process->cache_writer, 0);
}
