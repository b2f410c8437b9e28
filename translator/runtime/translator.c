/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    STACK_BYTES = 512 * 1024, /* of translated code: pairs of return addresses, and room for helpers below the limit */
    STACK_HELPER_ROOM = 128 * 1024,
    STACK_GUARD = 4096,
};

static const char *const engine_names[] = {[ENGINE_INTERPRETER] = "interpreter", [ENGINE_FAST] = "fast"};

const char *translator_engine_name(enum translator_engine engine)
{
    return engine_names[engine];
}

bool translator_engine_parse(const char *name, enum translator_engine *engine)
{
    for (unsigned i = 0; i < sizeof engine_names / sizeof engine_names[0]; i++) {
        if (!strcmp(name, engine_names[i])) {
            *engine = (enum translator_engine)i;
            return true;
        }
    }
    return false;
}

void *map_zero(size_t bytes)
{
    void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return place == MAP_FAILED ? NULL : place;
}

struct translator *translator_new(const struct guest *guest, const struct embedder *embedder,
                                  const struct translator_options *options, const char **error)
{
    struct translator *t = calloc(1, sizeof *t);
    if (!t) {
        *error = "out of memory";
        return NULL;
    }
    t->guest = guest;
    t->embedder = embedder;
    t->options = *options;
    t->options.keeps_images &= embedder->find_lasting_code != NULL;
    t->profile = (struct profile){.map = -1, .dump = -1};
    superblock_source_init(&t->source, guest, embedder);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->verify_lock, NULL);
    pthread_cond_init(&t->resumed, NULL);
    arena_init(&t->arena);
    arena_init_filling(&t->records);
    t->buckets = map_zero(sizeof *t->buckets << UNIT_BUCKET_LOG);
    t->pages = map_zero(sizeof *t->pages << PAGE_BUCKET_LOG);
    if (!t->buckets || !t->pages) {
        *error = "no memory for the index of translated code";
        translator_free(t);
        return NULL;
    }
    if (options->engine != ENGINE_INTERPRETER) {
        t->host = host_native();
    }
    if (t->host) {
        t->host_features = t->host->detect_features(options->disabled_features);
        if (!code_cache_init(t, options->cache_bytes)) {
            *error = "no memory for the code cache";
            translator_free(t);
            return NULL;
        }
    }
    return t;
}

void translator_free(struct translator *t)
{
    units_free(t);
    size_t room_bytes = (size_t)(t->cache.end - t->cache.base);
    if (t->cache.base) {
        munmap(t->cache.base, (size_t)(t->cache.end - t->cache.base));
        munmap(t->cache.by_address, t->cache.unit_capacity * sizeof(struct unit *));
        munmap(t->cache.first_unit, t->cache.granules * sizeof *t->cache.first_unit);
    }
    if (t->buckets) {
        munmap(t->buckets, sizeof *t->buckets << UNIT_BUCKET_LOG);
    }
    if (t->pages) {
        munmap(t->pages, sizeof *t->pages << PAGE_BUCKET_LOG);
    }
    arena_free(&t->arena);
    void *room = t->records.room;
    arena_free(&t->records);
    if (room) {
        munmap(room, room_bytes);
    }
    free(t->stops.breakpoints);
    free(t);
}

static bool make_stack(struct translator_cpu *cpu)
{
    uint8_t *stack = map_zero(STACK_BYTES);
    if (!stack) {
        return false;
    }
    mprotect(stack, STACK_GUARD, PROT_NONE);
    cpu->stack = stack;
    cpu->stack_bytes = STACK_BYTES;
    /* A sentinel pair that no return matches. */
    uint64_t *base = (uint64_t *)(stack + STACK_BYTES - 64);
    base[0] = 0;
    base[1] = CPU_NO_PC;
    cpu->state->stack_base = base;
    cpu->state->stack_limit = stack + STACK_GUARD + STACK_HELPER_ROOM;
    cpu->state->translated_sp = (uintptr_t)base;
    return true;
}

static size_t state_bytes(const struct guest *guest)
{
    return (guest->state_size + 63) & ~(size_t)63;
}

struct translator_cpu *translator_cpu_new(struct translator *t, void *program, const struct translator_cpu *parent)
{
    struct translator_cpu *cpu = calloc(1, sizeof *cpu);
    struct cpu_jump *jumps = map_zero(CPU_JUMP_BYTES + state_bytes(t->guest)); /* the state right behind its table */
    if (!cpu || !jumps) {
        log_fatal("out of memory for a CPU");
    }
    struct cpu_header *state = (struct cpu_header *)(jumps + CPU_JUMP_COUNT);
    cpu->translator = t;
    arena_init(&cpu->step_arena);
    cpu->state = state;
    t->guest->reset(state);
    if (parent) {
        size_t header = sizeof(struct cpu_header);
        memcpy((uint8_t *)state + header, (uint8_t *)parent->state + header, t->guest->state_size - header);
        state->mode = parent->state->mode;
        state->fp = parent->state->fp;
    }
    state->jumps = jumps;
    state->memory_base = t->embedder->memory_base;
    state->rules = t->guest->float_rules(state->mode);
    state->guest = t->guest;
    state->cpu = cpu;
    state->program = program;
    cpu_clear_jumps(jumps);
    for (unsigned i = 0; i < CPU_LOOP_COUNTS; i++) {
        state->loop_counts[i] = CPU_LOOP_TURNS;
    }
    if (t->host && !make_stack(cpu)) {
        log_fatal("out of memory for the stack of translated code");
    }
    pthread_mutex_lock(&t->lock);
    cpu->next = t->cpus;
    cpu->link = &t->cpus;
    if (cpu->next) {
        cpu->next->link = &cpu->next;
    }
    t->cpus = cpu;
    pthread_mutex_unlock(&t->lock);
    return cpu;
}

static void unlink_cpu(struct translator_cpu *cpu)
{
    *cpu->link = cpu->next;
    if (cpu->next) {
        cpu->next->link = cpu->link;
    }
}

static void release_cpu(struct translator_cpu *cpu)
{
    if (cpu->stack) {
        munmap(cpu->stack, cpu->stack_bytes);
    }
    free(cpu->scratch);
    arena_free(&cpu->step_arena);
    verifier_free(cpu->verifier);
    munmap(cpu->state->jumps, CPU_JUMP_BYTES + state_bytes(cpu->translator->guest));
    free(cpu);
}

void translator_cpu_free(struct translator_cpu *cpu)
{
    pthread_mutex_lock(&cpu->translator->lock);
    unlink_cpu(cpu);
    pthread_mutex_unlock(&cpu->translator->lock);
    release_cpu(cpu);
}

struct cpu_header *translator_cpu_state(struct translator_cpu *cpu)
{
    return cpu->state;
}

void translator_invalidate(struct translator *t, uint64_t start, uint64_t length)
{
    pthread_mutex_lock(&t->lock);
    units_invalidate(t, start, length);
    pthread_mutex_unlock(&t->lock);
}

void cpu_invalidate_code(struct cpu_header *header, uint64_t address, uint64_t length)
{
    translator_invalidate(header->cpu->translator, address, length);
}

void cpu_hypercall(struct cpu_header *header, uint32_t number)
{
    header->cpu->translator->embedder->hypercall(header->program, header, number);
}

void translator_fork_prepare(struct translator *t)
{
    pthread_mutex_lock(&t->lock);
}

void translator_fork_parent(struct translator *t)
{
    pthread_mutex_unlock(&t->lock);
}

void translator_fork_child(struct translator *t, struct translator_cpu *survivor)
{
    while (t->cpus != survivor || survivor->next) {
        struct translator_cpu *gone = t->cpus == survivor ? survivor->next : t->cpus;
        unlink_cpu(gone);
        release_cpu(gone);
    }
    t->image.kept += t->image.made; /* the parent's to keep */
    t->image.made = 0;
    atomic_store(&t->exclusive, 0);
    __atomic_fetch_and(&survivor->state->event, ~CPU_EVENT_RUNTIME, __ATOMIC_SEQ_CST); /* who wanted it stays behind */
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->verify_lock, NULL);
    pthread_cond_init(&t->resumed, NULL);
}

void translator_set_profile(struct translator *t, int map, int dump)
{
    pthread_mutex_lock(&t->lock);
    profile_end(&t->profile);
    profile_begin(&t->profile, map, dump);
    for (const struct unit *unit = t->all_units; unit; unit = unit->all_next) {
        if (unit->valid && profile_is_on(&t->profile)) {
            profile_note(&t->profile, t->guest, t->embedder, unit->pc, unit->code, unit->code_bytes);
        }
    }
    pthread_mutex_unlock(&t->lock);
}

void translator_print_stats(struct translator *t, FILE *file)
{
    fprintf(file, "engine: %s\n", t->host ? "fast" : "interpreter");
#define X(name, text) fprintf(file, "%12llu  %s\n", (unsigned long long)atomic_load(&t->counters.name), text);
    RUNTIME_COUNTERS(X)
#undef X
    if (t->options.verify) {
#define X(name, text) fprintf(file, "%12llu  %s\n", (unsigned long long)atomic_load(&t->verify_counters.name), text);
        VERIFY_COUNTERS(X)
#undef X
    }
}
