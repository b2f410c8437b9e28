/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the runtime's files share: units, the code cache, CPUs. Internal to translator/runtime. */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include "fast.h"
#include "host.h"
#include "profile.h"
#include "superblock.h"
#include "translator.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

enum {
    UNIT_BUCKET_LOG = 17,
    PAGE_BUCKET_LOG = 14,
    IMAGE_CHANGED_LOG = 13,
    CODE_PAGE_LOG = 12, /* granularity of the index of code pages, whatever the guest's page size */
};

/* Everything known about one piece of translated code. Freed only when the whole cache is flushed. */
struct unit {
    uint64_t pc;
    uint32_t mode;
    uint32_t instructions;
    _Atomic(struct unit *) hash_next;
    const uint8_t *code; /* host entry; NULL under the interpreter */
    uint32_t code_bytes;
    uint16_t exit_count;
    bool valid; /* under the lock */
    bool loops;              /* has an edge to its own entry */
    bool is_formed_again;    /* along the way that a loop went */
    bool is_cut;             /* with more branches it would be longer */
    bool is_wide;            /* has superwords: what faults is done again in CPU_MODE_CAREFUL */
    uint8_t range_count;
    uint16_t region;         /* of an image: 1 + its index in image.regions; 0 = made by this process */
    uint16_t candidate;      /* image_save.c: what its region will be, while an image is being made */
    struct superblock_range *ranges;
    uint64_t code_hash;       /* of the guest's bytes that it was made of; options.keeps_images */
    struct ir_unit *ir;       /* for the interpreter: its own copy, one malloc; NULL where it is not used */
    uint32_t patience;        /* verify.c: runs of one iteration until a long loop is tried as a whole */
    struct host_exit *exits;  /* its own */
    struct host_exit *linked; /* exits of others that jump here, by next_of_target */
    struct fast_faults faults;
    struct unit *all_next;
};

/* A unit overlaps this page of guest code. */
struct page_entry {
    uint64_t page;
    struct unit *unit;
    struct page_entry *next;
};

struct code_cache {
    uint8_t *base, *next, *end; /* host code, read-write-execute */
    uint8_t *populated;         /* pages below are there already */
    struct unit **by_address;   /* sorted by code; appended in order as code grows upwards */
    /* By granule of code: 1 + the index of the first unit that starts in it or later, 0 = none yet. */
    _Atomic uint32_t *first_unit;
    uint32_t granules, granules_used;
    _Atomic uint32_t unit_count;
    uint32_t unit_capacity;
};

enum image_state { IMAGE_WAITING, IMAGE_LIVE, IMAGE_GONE };

/* A piece of guest code whose units came from an earlier process. They are linked among themselves only; who wants to enter one has to
   find it, and finds it once the region is live. */
struct image_region {
    uint64_t start, end; /* pages that units were made of, and what lies between */
    uint32_t first_page, page_count; /* in image.pages */
    _Atomic uint32_t state;          /* enum image_state; changed under the lock */
};

struct image_page {
    uint64_t page;    /* guest address >> CODE_PAGE_LOG */
    uint64_t hash[2]; /* of its bytes */
};

/* Units of earlier processes, and what it takes to keep this one's. */
struct image {
    struct image_region *regions;
    struct image_page *pages;
    uint32_t region_count, page_count;
    _Atomic(struct unit *) *buckets; /* units with a region, by unit_hash; NULL = no image */
    uint32_t bucket_log;
    uint32_t waiting;                /* regions in that state */
    uint32_t kept, made;             /* units: in the image, and made since by this process */
    void *table;                     /* the mapping that buckets, regions and pages are in */
    size_t table_bytes;
    uint8_t changed[1 << IMAGE_CHANGED_LOG]; /* bit per page by its low bits: units made of one of them were invalidated */
};

/* X(name, text) */
#define RUNTIME_COUNTERS(X)                                                                                            \
    X(units, "units translated")                                                                                       \
    X(guest_instructions, "guest instructions translated")                                                             \
    X(guest_bytes, "guest bytes translated")                                                                           \
    X(host_bytes, "host bytes generated")                                                                              \
    X(ir_instructions, "IR instructions lifted")                                                                       \
    X(translation_ns, "nanoseconds spent translating")                                                                 \
    X(invalidated, "units invalidated")                                                                                \
    X(loops, "loops formed again once they had run")                                                                   \
    X(kept_units, "units of earlier processes at hand")                                                                \
    X(flushes, "flushes of the whole cache")                                                                           \
    X(links, "exits linked")                                                                                           \
    X(left_link, "returns to the dispatcher: link")                                                                    \
    X(left_lookup, "returns to the dispatcher: indirect jump")                                                         \
    X(left_event, "returns to the dispatcher: event")                                                                  \
    X(left_syscall, "returns to the dispatcher: system call")                                                          \
    X(left_trap, "returns to the dispatcher: trap")                                                                    \
    X(left_fault, "returns to the dispatcher: fault")

struct runtime_counters {
#define X(name, text) _Atomic uint64_t name;
    RUNTIME_COUNTERS(X)
#undef X
};

/* X(name, text): of --verify */
#define VERIFY_COUNTERS(X)                                                                                             \
    X(agreed, "units compared: equal")                                                                                 \
    X(iterations, "single iterations of long loops compared: equal")                                                   \
    X(outside, "not compared: clock, random numbers or invalidation of code")                                          \
    X(cut_short, "not compared: cut short by an event")                                                                \
    X(disturbed, "not compared: memory was changed by others meanwhile")

struct verify_counters {
#define X(name, text) _Atomic uint64_t name;
    VERIFY_COUNTERS(X)
#undef X
};

struct translator {
    const struct guest *guest;
    const struct embedder *embedder;
    const struct host *host; /* NULL under the interpreter */
    struct translator_options options;
    uint64_t host_features;
    struct host_glue glue;
    pthread_mutex_t lock;   /* translation, linking, invalidation, list of CPUs */
    pthread_cond_t resumed; /* exclusive ended */
    _Atomic uint32_t exclusive; /* so many wait for all CPUs to be out of translated code, or keep them out */
    _Atomic(struct unit *) *buckets;
    struct page_entry **pages;
    struct page_entry *free_pages;
    struct unit *all_units;
    struct code_cache cache;
    struct superblock_source source;
    struct arena arena;      /* of the translation going on */
    struct arena records;    /* units, exits, snapshots, page entries: until the cache is flushed */
    struct image image;
    struct translator_cpu *cpus;
    struct stop_set stops;
    struct profile profile;
    struct runtime_counters counters;
    pthread_mutex_t verify_lock; /* taken before `lock`: one CPU at a time runs a unit under verification */
    struct verify_counters verify_counters;
};

struct translator_cpu {
    struct translator *translator;
    struct cpu_header *state;
    struct translator_cpu *next, **link;
    _Atomic bool running; /* inside translated code or a helper called by it */
    volatile bool in_interpreter;
    volatile bool in_former;     /* lifting: guest code is being read */
    volatile bool fault_pending; /* the fault below is to be returned by translator_run */
    struct translator_exit fault;
    sigjmp_buf landing;        /* of the interpreter, for faults */
    sigjmp_buf former_landing; /* of lifting */
    union ir_value *scratch;   /* of the interpreter */
    uint32_t scratch_count;
    uint32_t jumps_mode; /* the mode that the entries of state->jumps are for */
    uint64_t busy[CPU_LOOP_COUNTS]; /* by cpu_loop_index: head of a loop that calls functions and has been found once, or 0 */
    void *stack;         /* of translated code */
    size_t stack_bytes;
    struct arena step_arena;     /* of translator_step */
    struct verifier *verifier;   /* NULL until the first unit is verified */
};

static inline void count_up(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* Pages of zeros, had as they are touched; NULL = none. For munmap. */
void *map_zero(size_t bytes);

/* ---- units.c: all but unit_find under the lock ---- */
struct unit *unit_find(struct translator *translator, uint64_t pc, uint32_t mode);
/* Spread over a table of 2^log buckets. */
uint32_t unit_hash(uint64_t pc, uint32_t mode, unsigned log);
void unit_unlink_exit(struct translator *translator, struct host_exit *exit);
/* All units made of the page, which has not changed. */
void units_drop(struct translator *translator, uint64_t page);
/* Page entries of units that are not valid are given back. */
void units_sweep_pages(struct translator *translator);
void units_insert(struct translator *translator, struct unit *unit);
void units_invalidate(struct translator *translator, uint64_t start, uint64_t length);
/* One unit: nobody enters it any more. */
void unit_invalidate(struct translator *translator, struct unit *unit);
/* What units hold outside `records` and the code cache is given back, which may go then. */
void units_free(struct translator *translator);
/* Everything is forgotten; no CPU may be in translated code. */
void units_flush(struct translator *translator);
/* from: whose exit it is. */
void unit_link(struct translator *translator, const struct unit *from, struct host_exit *exit, struct unit *target);

/* ---- code_cache.c ---- */
/* bytes: of the first call, 0 = default. Then, and after a flush: nothing but the glue is in it. */
bool code_cache_init(struct translator *translator, uint64_t bytes);
/* The unit whose code contains the host address; callable from signal handlers. */
struct unit *code_cache_find(struct translator *translator, uint64_t host_pc);
/* Has the kernel provide the next pages in one go when code is about to be written at `next`: cheaper than a fault for
 * each. */
void code_cache_populate(struct code_cache *cache, const uint8_t *next);
bool code_cache_add(struct code_cache *cache, struct unit *unit);

/* ---- image.c: under the lock ---- */
/* If a region waits at pc: its units are live from now on if its code is there and is what it was, else they are gone. True if any
   unit became live. */
bool image_wake(struct translator_cpu *cpu, uint64_t pc);
/* A unit was invalidated because the page changed: perhaps it does not have a file's bytes all the time. */
void image_note_change(struct translator *translator, uint64_t page);
/* Of the guest's bytes in the unit's ranges, as they are now; reads guest memory. */
uint64_t image_code_hash(const struct translator *translator, const struct unit *unit);
/* The cache is being flushed. */
void image_forget(struct translator *translator);

/* ---- translate.c: the unit for a pc, made if needed; NULL if its code cannot be read: cpu->fault says how ---- */
struct unit *unit_get(struct translator_cpu *cpu, uint64_t pc);
struct unit *unit_get_locked(struct translator_cpu *cpu, uint64_t pc);
/* Waits until no other CPU is in translated code, `pauses` times a moment at most; 0 = as long as it takes. False: one
   stayed, and nothing need be ended. Lock held; the calling CPU must not be running. */
bool exclusive_begin(struct translator *translator, unsigned pauses);
void exclusive_end(struct translator *translator);

/* ---- stops.c: NULL if a debugger wants no stop anywhere ---- */
const struct stop_set *translator_stops(const struct translator *translator);
/* ---- verify.c ---- */
/* Runs the unit at the CPU's pc and compares; the state then says how it was left (exit_kind), with the pc slot written. False if
   there is no unit: cpu->fault says why. A difference is reported and ends the program. */
bool verify_step(struct translator_cpu *cpu);
void verifier_free(struct verifier *verifier);

/* A unit of its own way in place of the one at pc: superblock_limits.path. NULL if it would not be a loop; lock held. */
struct unit *unit_make_loop(struct translator_cpu *cpu, uint64_t pc, const uint64_t *path, unsigned path_count);

/* A unit in place of the one at pc that goes past more branches; lock held. Nothing if there is no room. */
void unit_form_again(struct translator_cpu *cpu, uint64_t pc);

/* ---- hot_loop.c: a jump back to pc from a unit has been made often; lock held. It is linked to what is best now. ---- */
void hot_loop_found(struct translator_cpu *cpu, const struct unit *from, uint64_t pc);

/* ---- fault.c ---- */
struct ir_exit;
/* IR_LEFT_MISALIGNED and IR_LEFT_MISTAKEN of the interpreter as cpu->fault. False if it is none: the instruction is to be done again,
   in the CPU's new mode. */
bool cpu_note_bad_access(struct translator_cpu *cpu, const struct ir_exit *exit);

/* ---- run.c ---- */
/* Where translated code left to, looked up while unit and exit record cannot go away. */
struct link_request {
    const struct unit *from;
    struct host_exit *exit; /* NULL: not to be linked */
    bool hot;
    uint64_t pc;      /* of the guest */
    uint64_t flushes; /* unit and record are gone if the cache has been flushed since */
};
/* place: what glue.enter returned; the CPU must still count as running. */
struct link_request cpu_look_at_place(struct translator_cpu *cpu, const uint8_t *place);
/* Makes the unit that an exit (HOST_LEFT_LINK) goes to and links it if it may be. Returns its pc. */
uint64_t cpu_follow_exit(struct translator_cpu *cpu, const struct link_request *request);
void cpu_start_running(struct translator_cpu *cpu);
void cpu_forget_jumps(struct translator_cpu *cpu);
/* The pc, which loses its tag: branches ignore it. */
uint64_t cpu_take_pc(struct translator_cpu *cpu);
void cpu_clear_jumps(struct cpu_jump *zeroed);

#endif
