/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A good image of translations with bytes changed. With a hash that does not match it is refused. With one made to
 * match, which only the user or root could do, the header's fields are changed: the image is refused, or taken without
 * harm. Refused: the translator is as it was, so that it takes the good image, or makes units itself. */
#include "fuzz.h"

#include "guest.h"
#include "runtime/image.h"
#include "translator.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    ADD_A0 = 0x00150513,
    SKIP = 0x00051463,
    ADD_A1 = 0x00158593,
    ECALL = 0x00000073,
    PIECES = 150,
    CODE_BYTES = 4 * PAGE
};
#define CODE UINT64_C(0x10000000)

extern const struct guest guest_riscv64;

static struct {
    uint8_t *good, *changed; /* the image, and the file fd with it */
    size_t size;
    int fd;
    struct translator_cpu *cpu;
} fuzz;

static struct code_window find_code(void *user, struct cpu_header *state, uint64_t pc)
{
    return (struct code_window){(const uint8_t *)pc, CODE + CODE_BYTES - pc, pc - CODE};
}

static bool find_lasting_code(void *user, uint64_t address, uint64_t *start, uint64_t *end)
{
    *start = CODE;
    *end = CODE + CODE_BYTES;
    return address < *end;
}

static const struct embedder embedder = {.memory_model = MEMORY_DIRECT,
                                         .memory_base_is_zero = true,
                                         .find_code = find_code,
                                         .find_lasting_code = find_lasting_code};

static void handle_fault(int number, siginfo_t *info, void *context)
{
    if (!fuzz.cpu || !translator_handle_fault(fuzz.cpu, number, info, context)) {
        signal(number, SIG_DFL);
    }
}

static struct translator *new_translator(void)
{
    const char *error = NULL;
    const struct translator_options options = {.engine = ENGINE_FAST, .keeps_images = true, .cache_bytes = 4 << 20};
    struct translator *t = translator_new(&guest_riscv64, &embedder, &options, &error);
    FUZZ_CHECK(t);
    return t;
}

static void run(struct translator *t, uint64_t pc)
{
    fuzz.cpu = translator_cpu_new(t, NULL, NULL);
    translator_cpu_set_pc(fuzz.cpu, pc);
    FUZZ_CHECK(translator_run(fuzz.cpu).kind == TRANSLATOR_SYSCALL);
    FUZZ_CHECK(translator_cpu_pc(fuzz.cpu) == CODE + 16 * PIECES + 4);
}

static void end(struct translator *t)
{
    if (fuzz.cpu) {
        translator_cpu_free(fuzz.cpu);
    }
    fuzz.cpu = NULL;
    translator_free(t);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    uint32_t *code = mmap((void *)CODE, CODE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    FUZZ_CHECK(code == (void *)CODE);
    for (int i = 0; i < PIECES; i++) {
        const uint32_t piece[] = {ADD_A0, SKIP, ECALL, ADD_A1};
        memcpy(code + i * 4, piece, sizeof piece);
    }
    code[PIECES * 4] = ECALL;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    fuzz.fd = memfd_create("image", MFD_CLOEXEC);
    struct translator *t = new_translator();
    run(t, CODE);
    FUZZ_CHECK(translator_save_image(fuzz.cpu, fuzz.fd) == TRANSLATOR_IMAGE_SAVED);
    end(t);
    fuzz.size = (size_t)lseek(fuzz.fd, 0, SEEK_END);
    fuzz.good = malloc(fuzz.size);
    FUZZ_CHECK(pread(fuzz.fd, fuzz.good, fuzz.size, 0) == (ssize_t)fuzz.size);
    fuzz.changed = mmap(NULL, fuzz.size, PROT_READ | PROT_WRITE, MAP_SHARED, fuzz.fd, 0);
    FUZZ_CHECK(fuzz.changed != MAP_FAILED);
    return 0;
}

/* False: the sections that it speaks of do not lie in the file. */
static bool find_hash(const uint8_t *image, uint64_t hash[2])
{
    struct image_header header;
    uint8_t *place[SECTIONS];
    memcpy(&header, image, sizeof header);
    uint64_t offset = page_up(sizeof header);
    for (int i = 0; i < SECTIONS; i++) {
        if (header.bytes[i] > fuzz.size || page_up(header.bytes[i]) > fuzz.size - offset) {
            return false;
        }
        place[i] = (uint8_t *)image + offset;
        offset += page_up(header.bytes[i]);
    }
    return image_hash(&header, place, hash);
}

/* A place is of the header or, if the hash is not made to match, of the file. */
static size_t take_place(struct fuzz_input *input, bool is_matched)
{
    return fuzz_take(input, 3) % (is_matched ? sizeof(struct image_header) : fuzz.size);
}

static void change(struct fuzz_input input, bool is_matched)
{
    while (input.size) {
        size_t place = take_place(&input, is_matched);
        fuzz.changed[place] = (uint8_t)fuzz_take(&input, 1);
    }
}

static void change_back(struct fuzz_input input, bool is_matched)
{
    while (input.size) {
        size_t place = take_place(&input, is_matched);
        fuzz.changed[place] = fuzz.good[place];
        fuzz_take(&input, 1);
    }
    memcpy(fuzz.changed, fuzz.good, sizeof(struct image_header));
}

/* Nothing is left of what was refused. */
static void check_refused(struct translator *t, bool takes_good)
{
    if (!takes_good) {
        run(t, CODE + 16 * (PIECES - 4));
        translator_invalidate(t, CODE, CODE_BYTES);
        FUZZ_CHECK(t->counters.units && t->counters.invalidated == t->counters.units);
        return;
    }
    FUZZ_CHECK(translator_load_image(t, fuzz.fd));
    run(t, CODE);
    FUZZ_CHECK(t->counters.units == 0);
}

/* An input: bits, whether the hash is made right again and whether a translator that refused takes the good image; then
   places and what their bytes become. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    unsigned bits = (unsigned)fuzz_take(&input, 1);
    bool is_matched = bits & 1;
    uint64_t hash[2] = {0};
    change(input, is_matched);
    struct image_header *header = (struct image_header *)fuzz.changed;
    bool is_known = find_hash(fuzz.changed, hash);
    if (is_matched && is_known) {
        memcpy(header->hash, hash, sizeof hash);
    }
    bool is_right = is_known && memcmp(header->hash, hash, sizeof hash) == 0;
    bool is_same = memcmp(fuzz.changed, fuzz.good, sizeof *header) == 0;
    struct translator *t = new_translator();
    bool is_taken = translator_load_image(t, fuzz.fd);
    change_back(input, is_matched);
    FUZZ_CHECK(is_right || !is_taken);
    FUZZ_CHECK(is_taken || !is_right || !is_same);
    if (!is_taken) {
        check_refused(t, bits & 2);
    } else if (is_same) { /* what a header means that is another, yet fits, only its writer knows */
        run(t, CODE);
    }
    end(t);
    return 0;
}
