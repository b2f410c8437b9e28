/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program around the library that is nothing but this process: guest addresses are its own. */
#ifndef TEST_FAKE_HOST_H
#define TEST_FAKE_HOST_H

#include "syscalls.h"

/* What the library asked for last. */
struct fake_host {
    unsigned blocking_calls;
    int private_fd; /* -1: none */
    uint64_t temporary_mask;
    struct guest_signal_action action;
    uint64_t clone[9];
    char *argv[4], *envp[4];
    char path[256];
    uint64_t flushed[2];
    int64_t blocking_result; /* not 0: given instead of making the call */
};

extern const struct host_services fake_services;
extern struct fake_host fake;

/* Runs a call of the named ABI by name; aborts the test if there is no such call. */
int64_t run_call(const char *abi, const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                 uint64_t f);
enum syscall_disposition run_disposition(const char *abi, const char *name, const uint64_t arguments[6]);

#endif
