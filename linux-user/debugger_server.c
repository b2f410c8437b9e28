/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening for gdb, the server's thread, and the session's way through execve. */
#include "debugger_internal.h"

#include "clone_request.h"
#include "log.h"
#include "private_fd.h"
#include "signal_delivery.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct debugger *debugger_new(struct process *process)
{
    struct debugger *debugger = calloc(1, sizeof *debugger);
    if (!debugger) {
        log_fatal("out of memory");
    }
    pthread_mutex_init(&debugger->lock, NULL);
    pthread_cond_init(&debugger->changed, NULL);
    debugger->process = process;
    debugger->pid = getpid();
    debugger->listener = debugger->connection = -1;
    debugger->wake = private_fd_move(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), DEBUGGER_FD);
    debugger_fill_target(debugger);
    return debugger;
}

void debugger_close_descriptors(struct debugger *debugger)
{
    int *fds[] = {&debugger->connection, &debugger->listener, &debugger->wake};
    for (unsigned i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
        *fds[i] = -1;
    }
}

/* ---- listening ---- */

/* Removes a socket that nobody listens at any more. */
static void remove_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED) {
        unlink(address->sun_path);
    }
    close(fd);
}

static int bind_path(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    remove_stale(&address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd < 0 ? -errno : fd;
}

/* PORT and localhost:PORT on the loopback interface, ADDRESS:PORT on that address, :PORT on all. */
static int bind_port(const char *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char host[64] = "";
    const char *colon = strrchr(place, ':');
    char *end;
    unsigned long port = strtoul(colon ? colon + 1 : place, &end, 10);
    if (*end || port > UINT16_MAX || (!colon && end == place)) {
        return -EINVAL;
    }
    if (colon == place) {
        address.sin_addr.s_addr = htonl(INADDR_ANY);
    } else if (colon) {
        snprintf(host, sizeof host, "%.*s", (int)(colon - place), place);
        if (strcmp(host, "localhost") != 0 && inet_pton(AF_INET, host, &address.sin_addr) != 1) {
            return -EADDRNOTAVAIL;
        }
    }
    address.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd < 0 ? -errno : fd;
}

/* Digits, perhaps behind an address, are a port; everything else is a path. */
static bool is_port(const char *place)
{
    const char *colon = strrchr(place, ':');
    const char *digits = colon ? colon + 1 : place;
    return *digits && strspn(digits, "0123456789") == strlen(digits) && !strchr(place, '/');
}

bool debugger_open(struct process *process, const char *text)
{
    char *place = strdup(text);
    char *comma = strrchr(place, ',');
    bool suspends = true;
    if (comma && (strcmp(comma, ",suspend=n") == 0 || strcmp(comma, ",suspend=y") == 0)) {
        suspends = comma[9] == 'y';
        *comma = 0;
    }
    int fd = is_port(place) ? bind_port(place) : bind_path(place);
    if (fd >= 0 && listen(fd, 1) != 0) {
        close(fd);
        fd = -errno;
    }
    if (fd < 0) {
        log_error("-g %s: cannot wait for gdb there: %s", text, strerror(-fd));
        free(place);
        return false;
    }
    struct debugger *debugger = debugger_new(process);
    debugger->listener = private_fd_move(fd, DEBUGGER_FD);
    debugger->suspends = suspends;
    if (is_port(place)) {
        free(place);
    } else {
        debugger->socket_path = place;
    }
    process->debugger = debugger;
    return true;
}

/* ---- the server ---- */

static void accept_connection(struct debugger *debugger)
{
    int fd, on = 1;
    do {
        fd = accept4(debugger->listener, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails on a UNIX socket, where there is no delay */
        debugger->connection = private_fd_move(fd, DEBUGGER_FD);
        debugger->start = GDB_START_NEW;
    }
}

/* The session is over: the threads run on by themselves. True if another gdb may come. */
static bool end_session(struct debugger *debugger, enum gdb_end end)
{
    pthread_mutex_lock(&debugger->lock);
    while (debugger->child_count) {
        debugger_release_child(debugger, &debugger->children[0]);
    }
    debugger->is_attached = debugger->holds_new = debugger->is_pausing = false;
    if (debugger->connection >= 0) {
        close(debugger->connection);
    }
    debugger->connection = -1;
    translator_clear_stops(debugger->process->translator);
    signals_install_all(debugger->process);
    debugger_release(debugger, debugger->process);
    bool goes_on = (end == GDB_END_LOST || end == GDB_END_DETACHED) && debugger->listener >= 0 && !debugger->is_gone;
    if (!goes_on) {
        debugger_close_descriptors(debugger);
    }
    pthread_mutex_unlock(&debugger->lock);
    return goes_on;
}

static void *serve(void *opaque)
{
    struct debugger *debugger = opaque;
    signals_set_host_mask(~HOST_FAULT_SIGNALS); /* signals are for guest threads; copies of guest memory may fault */
    for (bool goes_on = true; goes_on;) {
        if (debugger->connection < 0) {
            accept_connection(debugger);
        }
        if (debugger->connection < 0) {
            break;
        }
        pthread_mutex_lock(&debugger->lock);
        debugger->is_attached = true;
        pthread_cond_broadcast(&debugger->changed);
        pthread_mutex_unlock(&debugger->lock);
        signals_install_all(debugger->process);
        enum gdb_end end =
            gdb_serve(&debugger->target, &debugger->settings, debugger->connection, debugger->wake, debugger->start);
        goes_on = end_session(debugger, end);
    }
    return NULL;
}

void debugger_start_server(struct debugger *debugger)
{
    pthread_t handle;
    uint64_t old;
    debugger->is_attached = debugger->connection >= 0;
    signals_block_all(&old);
    int error = host_thread_create(debugger->process, &handle, NULL, serve, debugger);
    signals_set_host_mask(old);
    if (error) {
        log_fatal("no thread for the debugger's connection: %s", strerror(error));
    }
    pthread_detach(handle);
}

/* ---- execve ---- */

/* In an anonymous file, followed by the path of the socket. */
struct handover {
    int connection, listener;
    struct gdb_settings settings;
};

static void keep_open(int fd, bool is_kept)
{
    if (fd >= 0) {
        fcntl(fd, F_SETFD, is_kept ? 0 : FD_CLOEXEC);
    }
}

/* The server leaves the connection alone; if gdb has stopped the process just now, first it must let it go on. */
static void pause_server(struct debugger *debugger)
{
    pthread_mutex_lock(&debugger->lock);
    debugger->is_pausing = true;
    debugger_wake_server(debugger);
    while (debugger->is_attached && !debugger->is_paused) {
        pthread_cond_wait(&debugger->changed, &debugger->lock);
    }
    pthread_mutex_unlock(&debugger->lock);
}

int debugger_prepare_execute(struct thread *thread)
{
    struct debugger *debugger = thread->process->debugger;
    if (!debugger || debugger->process != thread->process) {
        return -1;
    }
    int fd = memfd_create("debugger", MFD_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    debugger_enter_call(thread);
    pause_server(debugger);
    struct handover handover = {debugger->connection, debugger->listener, debugger->settings};
    const char *path = debugger->socket_path ? debugger->socket_path : "";
    if (write(fd, &handover, sizeof handover) != sizeof handover || write(fd, path, strlen(path) + 1) < 0) {
        debugger_undo_execute(thread, fd);
        return -1;
    }
    keep_open(fd, true);
    keep_open(debugger->connection, true);
    keep_open(debugger->listener, true);
    return fd;
}

void debugger_undo_execute(struct thread *thread, int fd)
{
    struct debugger *debugger = thread->process->debugger;
    if (fd < 0) {
        return;
    }
    close(fd);
    keep_open(debugger->connection, false);
    keep_open(debugger->listener, false);
    pthread_mutex_lock(&debugger->lock);
    debugger->is_pausing = false;
    pthread_cond_broadcast(&debugger->changed);
    pthread_mutex_unlock(&debugger->lock);
    debugger_leave_call(thread);
}

void debugger_inherit(struct process *process, int fd)
{
    struct handover handover;
    char path[PATH_MAX] = "";
    if (pread(fd, &handover, sizeof handover, 0) != sizeof handover ||
        pread(fd, path, sizeof path - 1, sizeof handover) < 0) {
        close(fd);
        return;
    }
    close(fd);
    struct debugger *debugger = debugger_new(process);
    debugger->connection = handover.connection;
    debugger->listener = handover.listener;
    debugger->settings = handover.settings;
    debugger->socket_path = *path ? strdup(path) : NULL;
    debugger->has_executed = handover.connection >= 0;
    debugger->start = GDB_START_RUNNING;
    keep_open(debugger->connection, false);
    keep_open(debugger->listener, false);
    process->debugger = debugger;
}
