/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checked access to guest memory, and memory that lives as long as a call. */
#include "handler.h"

#include "byteorder.h"

#include <limits.h>
#include <sys/mman.h>

/* A canonical address of the kernel's half: access_ok refuses it, so the kernel answers EFAULT in its own order of
 * checks. */
#define BAD_POINTER ((void *)(uintptr_t)0xffffffff80000000u)

struct scratch_chunk {
    struct scratch_chunk *next;
    size_t size;
};

void *scratch_alloc(struct syscall_context *context, size_t size)
{
    struct syscall_scratch *scratch = context->scratch;
    size = (size + 15) & ~(size_t)15;
    if (size <= (size_t)(scratch->end - scratch->next)) {
        void *place = scratch->next;
        scratch->next += size;
        return place;
    }
    /* Not the allocator's: a child of a process with threads may find its locks held for ever. */
    size_t whole = (size + sizeof(struct scratch_chunk) + 4095) & ~(size_t)4095;
    struct scratch_chunk *chunk = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED) {
        return NULL;
    }
    chunk->size = whole;
    chunk->next = scratch->chunks;
    scratch->chunks = chunk;
    return (uint8_t *)chunk + sizeof *chunk;
}

void scratch_free(struct syscall_scratch *scratch)
{
    while (scratch->chunks) {
        struct scratch_chunk *next = scratch->chunks->next;
        munmap(scratch->chunks, scratch->chunks->size);
        scratch->chunks = next;
    }
}

int guest_read(struct syscall_context *context, void *to, uint64_t address, size_t length)
{
    return context->host->copy_in(context->thread, to, address, length) < 0 ? -EFAULT : 0;
}

int guest_write(struct syscall_context *context, uint64_t address, const void *from, size_t length)
{
    return context->host->copy_out(context->thread, address, from, length) < 0 ? -EFAULT : 0;
}

int guest_read_u32(struct syscall_context *context, uint64_t address, uint32_t *value)
{
    uint8_t bytes[4];
    int error = guest_read(context, bytes, address, sizeof bytes);
    *value = error ? 0 : byteorder_load32(bytes, context->abi->big_endian);
    return error;
}

int guest_write_u32(struct syscall_context *context, uint64_t address, uint32_t value)
{
    uint8_t bytes[4];
    byteorder_store32(bytes, value, context->abi->big_endian);
    return guest_write(context, address, bytes, sizeof bytes);
}

int guest_read_u64(struct syscall_context *context, uint64_t address, uint64_t *value)
{
    uint8_t bytes[8];
    int error = guest_read(context, bytes, address, sizeof bytes);
    *value = error ? 0 : byteorder_load64(bytes, context->abi->big_endian);
    return error;
}

int guest_write_u64(struct syscall_context *context, uint64_t address, uint64_t value)
{
    uint8_t bytes[8];
    byteorder_store64(bytes, value, context->abi->big_endian);
    return guest_write(context, address, bytes, sizeof bytes);
}

int guest_read_word(struct syscall_context *context, uint64_t address, uint64_t *value)
{
    if (context->abi->word_bits == 64) {
        return guest_read_u64(context, address, value);
    }
    uint32_t half;
    int error = guest_read_u32(context, address, &half);
    *value = half;
    return error;
}

int guest_write_word(struct syscall_context *context, uint64_t address, uint64_t value)
{
    return context->abi->word_bits == 64 ? guest_write_u64(context, address, value)
                                         : guest_write_u32(context, address, (uint32_t)value);
}

void *guest_pointer(struct syscall_context *context, uint64_t address, size_t length)
{
    if (address == 0) {
        return NULL;
    }
    void *pointer = context->host->host_pointer(context->thread, address, length);
    return pointer ? pointer : BAD_POINTER;
}

int guest_string(struct syscall_context *context, uint64_t address, size_t limit, char **string)
{
    ssize_t length = context->host->string_length(context->thread, address, limit);
    if (length < 0) {
        return -EFAULT;
    }
    if ((size_t)length >= limit) {
        return -ENAMETOOLONG;
    }
    char *copy = scratch_alloc(context, (size_t)length + 1);
    if (copy == NULL) {
        return -ENOMEM;
    }
    if (guest_read(context, copy, address, (size_t)length)) {
        return -EFAULT;
    }
    copy[length] = '\0';
    *string = copy;
    return 0;
}

int guest_path(struct syscall_context *context, int directory_fd, uint64_t address, bool follow, const char **path)
{
    char *string;
    int error = guest_string(context, address, PATH_MAX, &string);
    if (error) {
        return error;
    }
    char *buffer = scratch_alloc(context, PATH_MAX);
    if (buffer == NULL) {
        return -ENOMEM;
    }
    *path = context->host->translate_path(context->thread, directory_fd, string, follow, buffer);
    return 0;
}

int struct_read(struct syscall_context *context, const struct layout *layout, void *host, uint64_t address)
{
    const struct layout_of_abi *form = &context->abi->layouts[layout->id];
    if (form->same) {
        return guest_read(context, host, address, layout->host_size);
    }
    uint8_t guest[512];
    if (form->size > sizeof guest || guest_read(context, guest, address, form->size)) {
        return -EFAULT;
    }
    form->to_host(host, guest);
    return 0;
}

int struct_write(struct syscall_context *context, const struct layout *layout, uint64_t address, const void *host)
{
    const struct layout_of_abi *form = &context->abi->layouts[layout->id];
    if (form->same) {
        return guest_write(context, address, host, layout->host_size);
    }
    uint8_t guest[512];
    if (form->size > sizeof guest) {
        return -EFAULT;
    }
    form->to_guest(guest, host);
    return guest_write(context, address, guest, form->size);
}

int struct_array_read(struct syscall_context *context, const struct layout *layout, uint64_t address, size_t count,
                      void **array)
{
    size_t guest_size = struct_guest_size(context, layout);
    uint8_t *items = count < SIZE_MAX / 4096 ? scratch_alloc(context, count * layout->host_size) : NULL;
    if (items == NULL) {
        return -ENOMEM;
    }
    *array = items;
    if (struct_is_native(context, layout)) {
        return guest_read(context, items, address, count * guest_size);
    }
    for (size_t i = 0; i < count; i++) {
        int error = struct_read(context, layout, items + i * layout->host_size, address + i * guest_size);
        if (error) {
            return error;
        }
    }
    return 0;
}

int struct_array_write(struct syscall_context *context, const struct layout *layout, uint64_t address, size_t count,
                       const void *array)
{
    size_t guest_size = struct_guest_size(context, layout);
    if (struct_is_native(context, layout)) {
        return guest_write(context, address, array, count * guest_size);
    }
    for (size_t i = 0; i < count; i++) {
        int error =
            struct_write(context, layout, address + i * guest_size, (const uint8_t *)array + i * layout->host_size);
        if (error) {
            return error;
        }
    }
    return 0;
}

int guest_iovec(struct syscall_context *context, uint64_t address, uint64_t count, const struct iovec **vector)
{
    if (guest_pointers_are_native(context)) {
        *vector = guest_pointer(context, address, 1);
        return 0;
    }
    if (count > IOV_MAX) {
        return -EINVAL;
    }
    struct iovec *items;
    int error = struct_array_read(context, &layout_iovec, address, count, (void **)&items);
    for (size_t i = 0; error == 0 && i < count; i++) {
        items[i].iov_base = guest_pointer(context, (uint64_t)(uintptr_t)items[i].iov_base, items[i].iov_len);
    }
    *vector = items;
    return error;
}
