/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as guest code: describe, decode, lift, verify the IR, compile. The first byte chooses guest and limits, the
 * second the mode, the third where in a page the code lies. Nothing is run. */
#include "fast.h"
#include "fuzz.h"
#include "guest.h"
#include "host.h"
#include "superblock.h"

#include <sys/mman.h>

enum { CODE_ROOM = 1 << 20, LONGEST = 512 };

extern const struct guest guest_aarch64, guest_riscv64;
static const struct guest *const guests[] = {&guest_aarch64, &guest_riscv64};
enum { GUESTS = sizeof guests / sizeof *guests };

struct target {
    struct host_glue glue;
    uint8_t *start, *end;
    uint64_t features;
    struct arena arena, records;
};

static struct {
    uint64_t pc;
    const uint8_t *bytes;
    size_t size;
} code;

static struct code_window find_code(void *program, struct cpu_header *state, uint64_t pc)
{
    if (pc - code.pc >= code.size) {
        return (struct code_window){0};
    }
    return (struct code_window){code.bytes + (pc - code.pc), code.size - (pc - code.pc)};
}

static const struct embedder embedder = {
    .memory_model = MEMORY_DIRECT, .memory_base_is_zero = true, .find_code = find_code};

static struct target *target_make(const struct guest *guest)
{
    struct target *target = calloc(1, sizeof *target);
    struct ir_context context = superblock_context(guest, 0);
    const struct host *host = host_native();
    FUZZ_CHECK(target && host);
    target->features = host->detect_features(0);
    target->start = mmap(NULL, CODE_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    FUZZ_CHECK(target->start != MAP_FAILED);
    target->end = target->start + CODE_ROOM;
    host->make_glue(&target->glue, &target->start, target->end, target->features, &context);
    arena_init(&target->arena);
    arena_init(&target->records);
    return target;
}

static void describe_all(const struct guest *guest, uint32_t mode)
{
    char text[64] = "";
    for (size_t at = 0; at < code.size;) {
        unsigned length =
            guest->describe(text, sizeof text, code.bytes + at, (uint32_t)(code.size - at), code.pc + at, mode);
        FUZZ_CHECK(length <= guest->instruction_longest && length <= code.size - at);
        FUZZ_CHECK(memchr(text, 0, sizeof text));
        at += length ? length : guest->instruction_align;
    }
}

static void lift_and_compile(const struct guest *guest, struct target *target, uint32_t mode,
                             struct superblock_limits limits)
{
    static struct cpu_header *states[GUESTS];
    struct ir_context context = superblock_context(guest, mode);
    struct superblock_source source;
    unsigned number = guest == guests[1];
    if (!states[number]) {
        size_t bytes = (guest->state_size + 63) & ~63u;
        states[number] = aligned_alloc(64, bytes);
        FUZZ_CHECK(states[number]);
        memset(states[number], 0, bytes);
    }
    states[number]->mode = mode;
    arena_reset(&target->arena);
    arena_reset(&target->records);
    superblock_source_init(&source, guest, &embedder);
    struct superblock *sb = superblock_form(&target->arena, &source, &context, states[number], code.pc, limits);
    const char *wrong = ir_verify(sb->unit, &target->arena);
    if (wrong) {
        ir_print(stderr, sb->unit);
        fprintf(stderr, "%s: %s\n", guest->name, wrong);
        abort();
    }
    FUZZ_CHECK(sb->instructions <= limits.instructions);
    struct fast_target fast = {.host = host_native(),
                               .glue = &target->glue,
                               .features = target->features,
                               .memory_model = MEMORY_DIRECT,
                               .memory_base_is_zero = true,
                               .single_threaded = mode & CPU_MODE_PRIVATE,
                               .start = target->start,
                               .limit = target->end,
                               .records = &target->records};
    struct fast_result result = fast_compile(sb->unit, &target->arena, &fast);
    FUZZ_CHECK(result.done && result.end <= target->end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target *targets[GUESTS];
    struct fuzz_input input = {data, size};
    uint64_t choice = fuzz_take(&input, 1), mode = fuzz_take(&input, 1), place = fuzz_take(&input, 1);
    unsigned number = choice % GUESTS;
    const struct guest *guest = guests[number];
    targets[number] = targets[number] ? targets[number] : target_make(guest);
    code.size = input.size < LONGEST ? input.size : LONGEST;
    uint8_t *copy = malloc(code.size ? code.size : 1); /* of its own, so that a read behind the end is seen */
    FUZZ_CHECK(copy);
    memcpy(copy, input.data, code.size);
    code.bytes = copy;
    code.pc = 0x10000 + place * 2;
    struct superblock_limits limits = {.instructions = choice & 0x40 ? 1 : 64, .branches = choice & 0x80 ? 1 : 2, .unrolls = choice & 0x20};
    uint32_t bits = (uint32_t)mode & (number ? 7 : 15); /* as many as the guest has */
    describe_all(guest, bits);
    lift_and_compile(guest, targets[number], bits | (mode & 0x80 ? CPU_MODE_PRIVATE : 0), limits);
    free(copy);
    return 0;
}
