/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "initial_stack.h"

#include "byteorder.h"

#include <elf.h>
#include <string.h>

enum { RANDOM_BYTES = 16, ALIGNMENT = 16, OWN_ENTRIES = 4 /* RANDOM, EXECFN, PLATFORM, NULL */ };

static size_t count_strings(char *const *strings, size_t *bytes)
{
    size_t count = 0;
    for (; strings[count]; count++) {
        *bytes += strlen(strings[count]) + 1;
    }
    return count;
}

static size_t words_needed(const struct initial_stack *stack, size_t arguments, size_t environment)
{
    return 1 + arguments + 1 + environment + 1 + 2 * (stack->entry_count + OWN_ENTRIES);
}

size_t initial_stack_size(const struct initial_stack *stack, size_t limit)
{
    size_t strings = strlen(stack->program) + 1 + (stack->platform ? strlen(stack->platform) + 1 : 0);
    size_t arguments = count_strings(stack->arguments, &strings);
    size_t environment = count_strings(stack->environment, &strings);
    size_t size = strings + RANDOM_BYTES + words_needed(stack, arguments, environment) * stack->word_bytes;
    size += stack->word_bytes + 3 * ALIGNMENT;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return size > limit ? 0 : size;
}

struct writer {
    const struct initial_stack *stack;
    char *end;      /* host address that corresponds to stack->top */
    uint64_t place; /* guest address, going down */
};

static char *host_place(const struct writer *writer, uint64_t address)
{
    return writer->end - (writer->stack->top - address);
}

static uint64_t push_bytes(struct writer *writer, const void *bytes, size_t size)
{
    writer->place -= size;
    memcpy(host_place(writer, writer->place), bytes, size);
    return writer->place;
}

/* Strings stand in ascending order, the first one lowest. Returns the address of the first. */
static uint64_t push_strings(struct writer *writer, char *const *strings)
{
    size_t bytes = 0, count = count_strings(strings, &bytes);
    writer->place -= bytes;
    uint64_t place = writer->place;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(strings[i]) + 1;
        memcpy(host_place(writer, place), strings[i], size);
        place += size;
    }
    return writer->place;
}

static void put_word(struct writer *writer, uint64_t value)
{
    void *place = host_place(writer, writer->place);
    if (writer->stack->word_bytes == 8) {
        byteorder_store64(place, value, writer->stack->big_endian);
    } else {
        byteorder_store32(place, (uint32_t)value, writer->stack->big_endian);
    }
    writer->place += writer->stack->word_bytes;
}

static void put_entry(struct writer *writer, uint64_t type, uint64_t value)
{
    put_word(writer, type);
    put_word(writer, value);
}

static void put_pointers(struct writer *writer, char *const *strings, uint64_t first)
{
    for (; *strings; strings++) {
        put_word(writer, first);
        first += strlen(*strings) + 1;
    }
    put_word(writer, 0);
}

void initial_stack_write(struct initial_stack *stack, void *buffer, size_t size)
{
    struct writer writer = {stack, (char *)buffer + size, stack->top};
    size_t unused = 0;
    size_t arguments = count_strings(stack->arguments, &unused),
           environment = count_strings(stack->environment, &unused);
    memset(buffer, 0, size);
    writer.place -= stack->word_bytes; /* the null word that ends it all */
    uint64_t program = push_bytes(&writer, stack->program, strlen(stack->program) + 1);
    stack->environment_end = writer.place;
    stack->environment_start = push_strings(&writer, stack->environment);
    stack->arguments_end = writer.place;
    stack->arguments_start = push_strings(&writer, stack->arguments);
    uint64_t platform = stack->platform ? push_bytes(&writer, stack->platform, strlen(stack->platform) + 1) : 0;
    writer.place &= ~(uint64_t)(ALIGNMENT - 1);
    uint64_t random = push_bytes(&writer, stack->random, RANDOM_BYTES);

    size_t words = words_needed(stack, arguments, environment) * stack->word_bytes;
    stack->sp = (writer.place - words) & ~(uint64_t)(ALIGNMENT - 1);
    writer.place = stack->sp;
    put_word(&writer, arguments);
    put_pointers(&writer, stack->arguments, stack->arguments_start);
    put_pointers(&writer, stack->environment, stack->environment_start);
    stack->vector_start = writer.place;
    for (unsigned i = 0; i < stack->entry_count; i++) {
        put_entry(&writer, stack->entries[i].type, stack->entries[i].value);
    }
    put_entry(&writer, AT_RANDOM, random);
    put_entry(&writer, AT_EXECFN, program);
    if (platform) {
        put_entry(&writer, AT_PLATFORM, platform);
    }
    put_entry(&writer, AT_NULL, 0);
    stack->vector_size = writer.place - stack->vector_start;
}
