/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images of translations: what a later process takes over, and what it refuses. Guest code is RISC-V, a "program" that calls a "library";
 * a process is a translator of its own. */
#include "guest.h"
#include "runtime/image.h"
#include "translator.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ADD_A0 = 0x00150513,  /* addi a0, a0, 1 */
    ADD2_A0 = 0x00250513, /* addi a0, a0, 2 */
    SKIP = 0x00051463, /* bne a0, x0, +8 */
    ADD_A1 = 0x00158593,
    JUMP_T0 = 0x00028067,
    ECALL = 0x00000073,
};
enum { PIECES = 150, CODE_BYTES = 4 * PAGE, A0 = 10, A1 = 11, T0 = 5 };
#define PROGRAM UINT64_C(0x10000000)
#define LIBRARY UINT64_C(0x20010000) /* other low bits than PROGRAM's: changes are noted by those */

extern const struct guest guest_riscv64;

static bool library_lasts = true;

static struct code_window find_code(void *user, struct cpu_header *state, uint64_t pc)
{
    uint64_t start = pc >= LIBRARY ? LIBRARY : PROGRAM;
    if (pc - start >= CODE_BYTES) {
        return (struct code_window){0};
    }
    return (struct code_window){(const uint8_t *)pc, start + CODE_BYTES - pc, pc - start};
}

static bool find_lasting_code(void *user, uint64_t address, uint64_t *start, uint64_t *end)
{
    if (address >= LIBRARY + CODE_BYTES || (address >= PROGRAM + CODE_BYTES && !library_lasts)) {
        return false;
    }
    *start = address < PROGRAM + CODE_BYTES ? PROGRAM : LIBRARY;
    *end = *start + CODE_BYTES;
    return true;
}

static const struct embedder embedder = {
    .memory_model = MEMORY_DIRECT, .memory_base_is_zero = true, .find_code = find_code, .find_lasting_code = find_lasting_code};

/* Adds 1 to a0 and a1 so many times; then jumps to t0, or ends. */
static void write_code(uint64_t place, uint32_t last)
{
    uint32_t *code = (uint32_t *)place;
    for (int i = 0; i < PIECES; i++) {
        *code++ = ADD_A0;
        *code++ = SKIP;
        *code++ = ECALL;
        *code++ = ADD_A1;
    }
    *code = last;
}

static struct translator_cpu *current;

static void handle_fault(int signal, siginfo_t *info, void *context)
{
    if (!current || !translator_handle_fault(current, signal, info, context)) {
        abort();
    }
}

static void map_code(void)
{
    for (uint64_t place = PROGRAM; place <= LIBRARY; place += LIBRARY - PROGRAM) {
        void *mapped = mmap((void *)place, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        ck_assert_ptr_eq(mapped, (void *)place);
    }
    write_code(PROGRAM, JUMP_T0);
    write_code(LIBRARY, ECALL);
    *(uint32_t *)(PROGRAM + CODE_BYTES - 4) = ECALL;
    struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    library_lasts = true;
}

/* ---- a process ---- */

struct process {
    struct translator *translator;
    struct translator_cpu *cpu;
};

static struct process begin_process(const struct translator_options *options)
{
    const char *error = NULL;
    const struct translator_options usual = {.engine = ENGINE_FAST, .keeps_images = true};
    struct translator *t = translator_new(&guest_riscv64, &embedder, options ? options : &usual, &error);
    ck_assert_msg(t, "%s", error);
    return (struct process){.translator = t};
}

static uint64_t *registers(struct translator_cpu *cpu, int number)
{
    const struct guest *guest = &guest_riscv64;
    char name[8];
    snprintf(name, sizeof name, "x%d", number);
    for (unsigned i = 0; i < guest->slot_count; i++) {
        if (strcmp(guest->slots[i].name, name) == 0) {
            return (uint64_t *)((uint8_t *)translator_cpu_state(cpu) + guest->slots[i].offset);
        }
    }
    ck_abort_msg("no register %s", name);
}

/* Returns a0 + a1 at the end. with_library: the program goes on there. */
static uint64_t run(struct process *process, bool with_library)
{
    if (!process->cpu) {
        process->cpu = translator_cpu_new(process->translator, NULL, NULL);
    }
    current = process->cpu;
    *registers(current, A0) = *registers(current, A1) = 0;
    *registers(current, T0) = with_library ? LIBRARY : PROGRAM + CODE_BYTES - 4;
    translator_cpu_set_pc(current, PROGRAM);
    struct translator_exit exit = translator_run(current);
    ck_assert_int_eq(exit.kind, TRANSLATOR_SYSCALL);
    return *registers(current, A0) + *registers(current, A1);
}

static unsigned long figure(const struct process *process, const char *text)
{
    char *statistics = NULL;
    size_t size;
    FILE *file = open_memstream(&statistics, &size);
    translator_print_stats(process->translator, file);
    fclose(file);
    char *place = strstr(statistics, text);
    ck_assert_msg(place, "no line '%s'", text);
    while (place > statistics && place[-1] != '\n') {
        place--;
    }
    unsigned long result = strtoul(place, NULL, 10);
    free(statistics);
    return result;
}

static unsigned long made(const struct process *process)
{
    return figure(process, "units translated");
}

static void end_process(struct process *process)
{
    current = NULL;
    if (process->cpu) {
        translator_cpu_free(process->cpu);
    }
    translator_free(process->translator);
}

static int empty_file(void)
{
    int fd = memfd_create("image", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* A process that starts with the image (-1: none), runs, and saves. Returns the new image. */
static int run_and_save(int image, bool with_library)
{
    struct process process = begin_process(NULL);
    if (image >= 0) {
        ck_assert(translator_load_image(process.translator, image));
        close(image);
    }
    run(&process, with_library);
    int fd = empty_file();
    ck_assert(translator_image_is_due(process.translator));
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_SAVED);
    ck_assert(!translator_image_is_due(process.translator));
    /* It could go on. */
    unsigned long before = made(&process);
    run(&process, with_library);
    ck_assert_uint_eq(made(&process), before);
    end_process(&process);
    return fd;
}

enum { ONE = PIECES * 2, BOTH = 2 * ONE };

START_TEST(nothing_is_translated_twice)
{
    map_code();
    int image = run_and_save(-1, true);
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(run(&process, true), BOTH);
    }
    ck_assert_uint_eq(made(&process), 0);
    ck_assert_uint_ge(figure(&process, "units of earlier processes"), 60);
    ck_assert(!translator_image_is_due(process.translator));
    end_process(&process);
}
END_TEST

START_TEST(changed_code_is_translated_anew)
{
    map_code();
    int image = run_and_save(-1, true);
    *(uint32_t *)LIBRARY = ADD2_A0;
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, false), ONE);
    ck_assert_uint_eq(made(&process), 1); /* of the end that the first process did not see */
    ck_assert_uint_eq(run(&process, true), BOTH + 1);
    ck_assert_uint_ge(made(&process), 30);
    int again = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, again), TRANSLATOR_IMAGE_SAVED);
    end_process(&process);
    process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, again));
    ck_assert_uint_eq(run(&process, true), BOTH + 1);
    ck_assert_uint_eq(made(&process), 0);
    end_process(&process);
}
END_TEST

START_TEST(code_that_is_no_longer_lasting_is_translated_anew)
{
    map_code();
    int image = run_and_save(-1, true);
    library_lasts = false;
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, true), BOTH);
    ck_assert_uint_ge(made(&process), 30);
    end_process(&process);
}
END_TEST

/* As behind the end of a file that has become shorter. */
START_TEST(code_that_cannot_be_read_is_a_fault_of_the_guests)
{
    map_code();
    int image = run_and_save(-1, true);
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, false), ONE);
    mprotect((void *)LIBRARY, CODE_BYTES, PROT_NONE);
    *registers(process.cpu, T0) = LIBRARY;
    translator_cpu_set_pc(process.cpu, PROGRAM);
    struct translator_exit exit = translator_run(process.cpu);
    ck_assert_int_eq(exit.kind, TRANSLATOR_FAULT);
    ck_assert_int_eq(exit.signal, SIGSEGV);
    ck_assert_uint_eq(translator_cpu_pc(process.cpu), LIBRARY);
    end_process(&process);
}
END_TEST

START_TEST(a_jump_to_no_code_is_a_trap)
{
    map_code();
    struct process process = begin_process(NULL);
    run(&process, false);
    translator_cpu_set_pc(process.cpu, UINT64_C(0x0012345600000000));
    struct translator_exit exit = translator_run(process.cpu);
    ck_assert_int_eq(exit.kind, TRANSLATOR_TRAP);
    ck_assert_int_eq(exit.trap, TRAP_FETCH);
    end_process(&process);
}
END_TEST

START_TEST(invalidated_code_is_not_kept)
{
    map_code();
    int image = run_and_save(-1, true);
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, true), BOTH);
    *(uint32_t *)LIBRARY = ADD2_A0;
    translator_invalidate(process.translator, LIBRARY, CODE_BYTES);
    ck_assert_uint_eq(run(&process, true), BOTH + 1);
    unsigned long again = made(&process);
    ck_assert_uint_ge(again, 30);
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_WORN_OUT); /* half of the code is dead */
    ck_assert_uint_eq(run(&process, true), BOTH + 1);
    end_process(&process);
}
END_TEST

/* As a file that is written over under its mapping: the units are of other bytes than those that a later process will
 * find. */
START_TEST(code_that_changed_silently_is_not_saved)
{
    map_code();
    struct process process = begin_process(NULL);
    ck_assert_uint_eq(run(&process, true), BOTH);
    *(uint32_t *)(LIBRARY + 12) = ADD2_A0;
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_FAILED);
    *(uint32_t *)(LIBRARY + 12) = ADD_A1;
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_SAVED);
    end_process(&process);
    close(fd);
}
END_TEST

START_TEST(images_grow)
{
    map_code();
    int image = run_and_save(-1, false);
    image = run_and_save(image, true);
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, true), BOTH);
    ck_assert_uint_eq(run(&process, false), ONE);
    ck_assert_uint_eq(made(&process), 0);
    end_process(&process);
}
END_TEST

/* The second process does not enter the library, makes other units, and hands all of it on. */
START_TEST(what_was_not_entered_stays)
{
    map_code();
    int image = run_and_save(-1, true);
    struct process process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, image));
    ck_assert_uint_eq(run(&process, false), ONE);
    for (int i = 1; i < 80; i++) { /* in the middle of units */
        *registers(process.cpu, T0) = PROGRAM + CODE_BYTES - 4;
        translator_cpu_set_pc(process.cpu, PROGRAM + (uint64_t)(i * 16 + 16));
        ck_assert_int_eq(translator_run(process.cpu).kind, TRANSLATOR_SYSCALL);
    }
    ck_assert_uint_ge(made(&process), 32);
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_SAVED);
    end_process(&process);
    process = begin_process(NULL);
    ck_assert(translator_load_image(process.translator, fd));
    ck_assert_uint_eq(run(&process, true), BOTH);
    ck_assert_uint_eq(made(&process), 0);
    end_process(&process);
}
END_TEST

START_TEST(another_host_has_no_use_for_it)
{
    map_code();
    int image = run_and_save(-1, true);
    const struct translator_options others[] = {{.engine = ENGINE_FAST, .keeps_images = true, .disabled_features = 1},
                                                {.engine = ENGINE_FAST, .keeps_images = true, .cache_bytes = 32 << 20},
                                                {.engine = ENGINE_FAST, .keeps_images = true, .single_step = true},
                                                {.engine = ENGINE_FAST, .keeps_images = true, .verify = true},
                                                {.engine = ENGINE_INTERPRETER, .keeps_images = true},
                                                {.engine = ENGINE_FAST}};
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        struct process process = begin_process(&others[i]);
        ck_assert(!translator_load_image(process.translator, image));
        ck_assert_uint_eq(run(&process, true), BOTH);
        end_process(&process);
    }
}
END_TEST

static int damaged_copy(int image, off_t size, off_t flipped)
{
    uint8_t *bytes = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE, image, 0);
    int fd = empty_file();
    if (flipped >= 0) {
        bytes[flipped] ^= 0x10;
    }
    ck_assert_int_eq(write(fd, bytes, (size_t)size), size);
    munmap(bytes, (size_t)size);
    return fd;
}

static void check_damaged(int image, bool is_good)
{
    struct process process = begin_process(NULL);
    ck_assert_int_eq(translator_load_image(process.translator, image), is_good);
    ck_assert_uint_eq(run(&process, true), BOTH);
    ck_assert_uint_eq(made(&process) == 0, is_good);
    end_process(&process);
    close(image);
}

/* Of the rest of the header's page nothing is read. */
static void check_changed_byte(int image, off_t size, off_t at)
{
    check_damaged(damaged_copy(image, size, at), at >= (off_t)sizeof(struct image_header) && at < PAGE);
}

START_TEST(damaged_images_are_refused)
{
    enum { STEP = 1777 };
    map_code();
    int image = run_and_save(-1, true);
    struct stat status;
    struct image_header header;
    fstat(image, &status);
    for (off_t at = 0; at < status.st_size; at += at < 256 ? 1 : STEP) {
        check_changed_byte(image, status.st_size, at);
    }
    ck_assert_int_eq(pread(image, &header, sizeof header, 0), sizeof header);
    off_t start = PAGE;
    for (int i = 0; i < SECTIONS; i++) { /* and of the rests of the sections' last pages, which are mapped with them */
        off_t end = start + (off_t)header.bytes[i];
        start += (off_t)page_up(header.bytes[i]);
        for (off_t at = end; at < start; at += at == end || at == start - 1 ? 1 : (start - at) / 2) {
            check_changed_byte(image, status.st_size, at);
        }
    }
    ck_assert_int_eq(start, status.st_size);
    for (off_t size = 0; size < status.st_size; size += size < 512 ? 64 : PAGE * 3 + 5) {
        check_damaged(damaged_copy(image, size ? size : 1, -1), false);
    }
    check_damaged(empty_file(), false);
}
END_TEST

/* Without keeps_images units do not know what they were made of. */
START_TEST(who_keeps_no_images_has_none)
{
    const struct translator_options without = {.engine = ENGINE_FAST};
    uint64_t identity[2];
    map_code();
    struct process process = begin_process(&without);
    ck_assert(!translator_image_identity(process.translator, identity));
    ck_assert_uint_eq(run(&process, true), BOTH);
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_FAILED);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 0);
    ck_assert_uint_eq(run(&process, true), BOTH);
    end_process(&process);
    close(fd);
}
END_TEST

START_TEST(a_full_disk_loses_nothing)
{
    map_code();
    struct process process = begin_process(NULL);
    ck_assert_uint_eq(run(&process, true), BOTH);
    int full = memfd_create("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ck_assert_int_eq(fcntl(full, F_ADD_SEALS, F_SEAL_GROW), 0);
    ck_assert_int_eq(translator_save_image(process.cpu, full), TRANSLATOR_IMAGE_FAILED);
    ck_assert_uint_eq(run(&process, true), BOTH);
    end_process(&process);
}
END_TEST

/* The cache is flushed while units of an image are in it. */
START_TEST(a_flush_forgets_the_image)
{
    enum { LOOPS = 40 };
    const struct translator_options small = {.engine = ENGINE_FAST, .keeps_images = true, .cache_bytes = 1 << 20};
    map_code();
    struct process process = begin_process(&small);
    run(&process, true);
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_SAVED);
    end_process(&process);
    process = begin_process(&small);
    ck_assert(translator_load_image(process.translator, fd));
    ck_assert_uint_eq(run(&process, true), BOTH);
    for (int i = 0; i < LOOPS || !figure(&process, "flushes"); i++) {
        translator_invalidate(process.translator, PROGRAM, CODE_BYTES);
        ck_assert_uint_eq(run(&process, true), BOTH);
        ck_assert_int_lt(i, 1000);
    }
    end_process(&process);
}
END_TEST

/* What lay in the cache before is not part of the image, not even of its sections' last pages. The program is kept; half of the library,
   made again and again, fills the cache. */
START_TEST(an_image_made_after_a_flush_is_taken)
{
    const struct translator_options small = {.engine = ENGINE_FAST, .keeps_images = true, .cache_bytes = 1 << 20};
    map_code();
    struct process process = begin_process(&small);
    run(&process, false);
    while (!figure(&process, "flushes")) {
        translator_invalidate(process.translator, LIBRARY, CODE_BYTES);
        translator_cpu_set_pc(process.cpu, LIBRARY + PIECES / 2 * 16);
        ck_assert_int_eq(translator_run(process.cpu).kind, TRANSLATOR_SYSCALL);
    }
    run(&process, false);
    int fd = empty_file();
    ck_assert_int_eq(translator_save_image(process.cpu, fd), TRANSLATOR_IMAGE_SAVED);
    end_process(&process);
    process = begin_process(&small);
    ck_assert(translator_load_image(process.translator, fd));
    ck_assert_uint_eq(run(&process, false), ONE);
    ck_assert_uint_eq(made(&process), 0);
    end_process(&process);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image");
    TCase *tests = tcase_create("image");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, nothing_is_translated_twice);
    tcase_add_test(tests, changed_code_is_translated_anew);
    tcase_add_test(tests, code_that_is_no_longer_lasting_is_translated_anew);
    tcase_add_test(tests, code_that_cannot_be_read_is_a_fault_of_the_guests);
    tcase_add_test(tests, a_jump_to_no_code_is_a_trap);
    tcase_add_test(tests, invalidated_code_is_not_kept);
    tcase_add_test(tests, code_that_changed_silently_is_not_saved);
    tcase_add_test(tests, images_grow);
    tcase_add_test(tests, what_was_not_entered_stays);
    tcase_add_test(tests, another_host_has_no_use_for_it);
    tcase_add_test(tests, damaged_images_are_refused);
    tcase_add_test(tests, who_keeps_no_images_has_none);
    tcase_add_test(tests, a_full_disk_loses_nothing);
    tcase_add_test(tests, a_flush_forgets_the_image);
    tcase_add_test(tests, an_image_made_after_a_flush_is_taken);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
