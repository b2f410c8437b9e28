/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gdb numbers signals in its own way (include/gdb/signals.def of gdb), whatever the target. */
#include "gdb_session.h"

#include <signal.h>

enum { UNKNOWN = 143, REALTIME_32 = 77, REALTIME_33 = 45, REALTIME_64 = 78, REALTIME_FIRST = 32, REALTIME_LAST = 64 };

/* By Linux's generic number. */
static const uint8_t numbers[REALTIME_FIRST] = {
    [SIGHUP] = 1,          [SIGINT] = 2,   [SIGQUIT] = 3,   [SIGILL] = 4,   [SIGTRAP] = 5,  [SIGABRT] = 6,
    [SIGBUS] = 10,         [SIGFPE] = 8,   [SIGKILL] = 9,   [SIGUSR1] = 30, [SIGSEGV] = 11, [SIGUSR2] = 31,
    [SIGPIPE] = 13,        [SIGALRM] = 14, [SIGTERM] = 15,  [SIGCHLD] = 20, [SIGCONT] = 19, [SIGSTOP] = 17,
    [SIGTSTP] = 18,        [SIGTTIN] = 21, [SIGTTOU] = 22,  [SIGURG] = 16,  [SIGXCPU] = 24, [SIGXFSZ] = 25,
    [SIGVTALRM] = 26,      [SIGPROF] = 27, [SIGWINCH] = 28, [SIGIO] = 23,   [SIGPWR] = 32,  [SIGSYS] = 12,
    [SIGSTKFLT] = UNKNOWN,
};

unsigned gdb_signal_from_linux(int signal)
{
    if (signal < REALTIME_FIRST) {
        return signal > 0 ? numbers[signal] : 0;
    }
    return signal == REALTIME_FIRST  ? REALTIME_32
           : signal == REALTIME_LAST ? REALTIME_64
                                     : (unsigned)signal - REALTIME_FIRST - 1 + REALTIME_33;
}

int gdb_signal_to_linux(unsigned signal)
{
    for (int number = 1; number <= REALTIME_LAST; number++) {
        if (gdb_signal_from_linux(number) == signal) {
            return number;
        }
    }
    return 0;
}
