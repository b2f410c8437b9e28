/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The translator library's face: one struct translator per process (all guest threads share its code), one struct translator_cpu
 * per guest thread. */
#ifndef TRANSLATOR_TRANSLATOR_H
#define TRANSLATOR_TRANSLATOR_H

#include "cpu.h"
#include "embedder.h"
#include "guest.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>

struct translator;
struct translator_cpu;

enum translator_engine {
    ENGINE_INTERPRETER, /* lift and run the IR */
    ENGINE_FAST,        /* superblocks compiled for this host; falls back to the interpreter where there is no host folder */
};

struct translator_options {
    enum translator_engine engine;
    bool single_step;          /* one instruction per unit (for tests and --one-insn-per-tb) */
    bool check_ir;             /* run the IR's verifier after building it */
    bool verify;               /* run every unit in the interpreter, too, and compare (ENGINE_FAST) */
    bool measure;              /* time translation, for translator_print_stats */
    bool keeps_images;         /* images can be loaded and saved; units are made with what that takes */
    uint64_t cache_bytes;      /* size of the code cache; 0 = default */
    uint32_t disabled_features; /* host CPU features not to be used, host's own bits (tests) */
};

/* NULL and *error (static text) on failure. guest and embedder must outlive it. */
struct translator *translator_new(const struct guest *guest, const struct embedder *embedder,
                                  const struct translator_options *options, const char **error);
void translator_free(struct translator *translator);
const char *translator_engine_name(enum translator_engine engine);
bool translator_engine_parse(const char *name, enum translator_engine *engine);

/* A CPU with a state as at reset; owned by the caller until translator_cpu_free. Call from the thread that will run it or before
   that thread starts. `parent` not NULL: registers and fp are copied from it (clone). */
struct translator_cpu *translator_cpu_new(struct translator *translator, void *program, const struct translator_cpu *parent);
void translator_cpu_free(struct translator_cpu *cpu);
struct cpu_header *translator_cpu_state(struct translator_cpu *cpu);
/* The pc slot, by the guest's word size. */
uint64_t translator_cpu_pc(const struct translator_cpu *cpu);
void translator_cpu_set_pc(struct translator_cpu *cpu, uint64_t pc);

enum translator_exit_kind {
    TRANSLATOR_SYSCALL, /* pc is after the instruction */
    TRANSLATOR_TRAP,    /* pc at the instruction; trap, argument */
    TRANSLATOR_FAULT,   /* a host signal in guest code or in a helper: pc at the instruction, exact state; signal, code, address */
    TRANSLATOR_EVENT,   /* header->event was set; pc at the next instruction to run */
    TRANSLATOR_STEPPED, /* of translator_step: the instruction has been run; pc at the next */
};

struct translator_exit {
    enum translator_exit_kind kind;
    enum guest_trap trap;
    uint32_t argument;
    int signal, code;  /* SIGSEGV, SIGBUS, SIGFPE; si_code */
    uint64_t address;  /* guest address of the access */
    bool write;        /* the access was a write, where the host tells */
};

/* Runs from the pc in the state until something is for the program. The state is exact in memory on return. */
struct translator_exit translator_run(struct translator_cpu *cpu);

/* Runs one instruction. Breakpoints do not count; watchpoints do if watched: then it may end in TRAP_DEBUG_WATCHPOINT. A system-call
   instruction, a trap or a fault ends as it does with translator_run. */
struct translator_exit translator_step(struct translator_cpu *cpu, bool watched);

/* A debugger's breakpoints and watchpoints. Guest code ends with TRAP_DEBUG_BREAKPOINT before the instruction at `address`, and with
   TRAP_DEBUG_WATCHPOINT, whose argument is the watchpoint's number, before one that touches a watched place; the pc is at the
   instruction, nothing of which has taken effect, and translator_step goes past it. Guest memory is not written to. Only the units that
   contain the address are made anew; all of them when the watchpoints change. Setting what is set already is nothing new. */
void translator_set_breakpoint(struct translator *translator, uint64_t address);
void translator_clear_breakpoint(struct translator *translator, uint64_t address);
enum { TRANSLATOR_WATCH_READ = 1, TRANSLATOR_WATCH_WRITE = 2 };
bool translator_has_breakpoint(const struct translator *translator, uint64_t address);
/* The watchpoint's number, or -1 if there are too many. kinds: bits above. */
int translator_set_watchpoint(struct translator *translator, uint64_t address, uint64_t length, unsigned kinds);
/* Its number, or -1 if there is none. */
int translator_find_watchpoint(const struct translator *translator, uint64_t address, uint64_t length, unsigned kinds);
void translator_clear_watchpoint(struct translator *translator, int number);
/* Breakpoints and watchpoints are gone. */
void translator_clear_stops(struct translator *translator);

/* Asks the CPU to leave at its next safe point with TRANSLATOR_EVENT. Async-signal-safe, from any thread. Stays set until
   translator_clear_event. */
void translator_request_event(struct translator_cpu *cpu);
void translator_clear_event(struct translator_cpu *cpu);

/* For the program's host signal handler (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP raised by code): true if the fault happened in
   translated code or in a helper called by it; then *context is changed so that returning from the handler makes translator_run
   return TRANSLATOR_FAULT (or run on, where the runtime itself could repair it). False: not the guest's, kage's own bug or the
   program's protected copy. Async-signal-safe. */
bool translator_handle_fault(struct translator_cpu *cpu, int signal, const siginfo_t *info, ucontext_t *context);
/* True if context's pc lies in translated code (an asynchronous signal may then only set the event). */
bool translator_context_is_guest(struct translator_cpu *cpu, const ucontext_t *context);

/* The bytes or protection of guest code in [start, start+length) changed, by the guest's cache maintenance or by the mmap family.
   Exact by page; when it returns no thread starts a unit made of old bytes, and a thread inside one leaves it at its next safe
   point. Must be called with the new mapping already in place (or the old one gone). */
void translator_invalidate(struct translator *translator, uint64_t start, uint64_t length);

/* After fork, in the child: only the calling thread's CPU exists. Before: takes the locks; after_parent releases them. */
void translator_fork_prepare(struct translator *translator);
void translator_fork_parent(struct translator *translator);
void translator_fork_child(struct translator *translator, struct translator_cpu *survivor);

/* From now on says what each piece of host code is: lines of a perf map to `map`, records of a jit dump to `dump`, both empty files that
   stay the caller's; -1 = none. What there is already is written at once. In a child of fork: call it anew, with other files. */
void translator_set_profile(struct translator *translator, int map, int dump);

/* ---- translations that outlive the process: an image holds the units made of code that embedder.find_lasting_code names ---- */
/* What images of other translators must have in common with this one's to be of use: the program that this is, its guest and options,
   the host's features. False: this translator has no images (keeps_images is not set, interpreter, verification, single steps, no build
   id, no find_lasting_code). */
bool translator_image_identity(const struct translator *translator, uint64_t identity[2]);
/* Takes over the image in the file, which the caller may close. To be called before the first CPU runs. False: it is none of this
   identity, or is damaged; nothing has changed then. Units of a piece of code come to life when it is entered and is, byte by byte, what
   they were made of. */
bool translator_load_image(struct translator *translator, int fd);
/* Whether this process has made so many units since it began, forked or saved that saving pays: with fewer it is a matter of chance. */
bool translator_image_is_due(const struct translator *translator);
/* Bytes that an image would have now, about. */
uint64_t translator_image_size(const struct translator *translator);
enum translator_image_result {
    TRANSLATOR_IMAGE_SAVED,
    TRANSLATOR_IMAGE_NOT_DUE,  /* too little of what was made can be kept */
    TRANSLATOR_IMAGE_WORN_OUT, /* most of it is no longer used: better begin anew, without an image */
    TRANSLATOR_IMAGE_FAILED,   /* the file could not be written, there was no memory, or code could not be read */
};
/* Writes an image to the empty file fd. The CPU is the caller's, not running; other CPUs are held up meanwhile. What cannot be kept is
   forgotten: for processes that are about to end or to execute another program. */
enum translator_image_result translator_save_image(struct translator_cpu *cpu, int fd);

/* --stats: units, bytes, translation time, exits by kind, helper calls ... */
void translator_print_stats(struct translator *translator, FILE *file);

#endif
