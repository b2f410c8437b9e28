/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How single values look in the trace. */
#include "trace.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BYTES_SHOWN 32
#define STRING_SHOWN 256
#define STRINGS_SHOWN 16

void trace_print(struct trace_text *text, const char *format, ...)
{
    size_t room = sizeof text->bytes - text->length;
    if (room <= 1) {
        return;
    }
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text->bytes + text->length, room, format, list);
    va_end(list);
    if (length < 0) {
        return;
    }
    if ((size_t)length < room) {
        text->length += (size_t)length;
        return;
    }
    text->length = sizeof text->bytes - 1;
    memcpy(text->bytes + text->length - 3, "...", 3);
}

void trace_flags(struct trace_text *text, const struct constant_set *set, uint64_t value)
{
    const char *separator = "";
    uint64_t rest = value;
    if (set->zero && (value & set->zero_mask) == 0) {
        trace_print(text, "%s", set->zero);
        separator = "|";
    }
    for (unsigned i = 0; i < set->count && rest; i++) {
        uint64_t bits = set->entries[i].value;
        if (bits && (rest & bits) == bits) {
            trace_print(text, "%s%s", separator, set->entries[i].name);
            separator = "|";
            rest &= ~bits;
        }
    }
    if (rest || *separator == '\0') {
        trace_print(text, rest ? "%s0x%llx" : "%s%llx", separator, (unsigned long long)rest);
    }
}

void trace_enumerator(struct trace_text *text, const struct constant_set *set, int64_t value)
{
    const char *name = constant_name(set, (uint64_t)value);
    name = name ? name : constant_name(set, (uint32_t)value);
    if (name) {
        trace_print(text, "%s", name);
    } else if (value < 0 || value < 4096) {
        trace_print(text, "%lld", (long long)value);
    } else {
        trace_print(text, "0x%llx", (unsigned long long)value);
    }
}

void trace_signal(struct trace_text *text, int64_t number)
{
    if (number >= 32 && number <= 64) {
        trace_print(text, number == 32 ? "SIGRT_0" : "SIGRT_%lld", (long long)number - 32);
    } else {
        trace_enumerator(text, &constants_signal, number);
    }
}

/* next: what follows, because a digit after an octal escape would join it */
static void print_byte(struct trace_text *text, unsigned char byte, unsigned char next)
{
    static const char escapes[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";
    for (size_t i = 0; escapes[i]; i += 2) {
        if (byte == (unsigned char)escapes[i]) {
            trace_print(text, "\\%c", escapes[i + 1]);
            return;
        }
    }
    if (byte >= 0x20 && byte < 0x7f) {
        trace_print(text, "%c", byte);
    } else {
        trace_print(text, isdigit(next) ? "\\%03o" : "\\%o", byte);
    }
}

static void print_quoted(struct trace_text *text, const unsigned char *bytes, size_t length, bool cut)
{
    trace_print(text, "\"");
    for (size_t i = 0; i < length; i++) {
        print_byte(text, bytes[i], i + 1 < length ? bytes[i + 1] : 0);
    }
    trace_print(text, cut ? "\"..." : "\"");
}

static void print_address(struct trace_text *text, uint64_t address)
{
    trace_print(text, address ? "0x%llx" : "NULL", (unsigned long long)address);
}

void trace_bytes(struct trace_text *text, struct syscall_context *context, uint64_t address, uint64_t length)
{
    unsigned char bytes[BYTES_SHOWN];
    size_t shown = length < sizeof bytes ? length : sizeof bytes;
    if (address == 0 || guest_read(context, bytes, address, shown)) {
        print_address(text, address);
        return;
    }
    print_quoted(text, bytes, shown, shown < length);
}

void trace_string(struct trace_text *text, struct syscall_context *context, uint64_t address)
{
    unsigned char bytes[STRING_SHOWN];
    ssize_t length = address ? context->host->string_length(context->thread, address, STRING_SHOWN) : -1;
    if (length < 0 || guest_read(context, bytes, address, (size_t)length)) {
        print_address(text, address);
        return;
    }
    print_quoted(text, bytes, (size_t)length, length == STRING_SHOWN);
}

void trace_string_array(struct trace_text *text, struct syscall_context *context, uint64_t address)
{
    uint64_t pointer, word = context->abi->word_bits / 8;
    if (address == 0 || guest_read_word(context, address, &pointer)) {
        print_address(text, address);
        return;
    }
    trace_print(text, "[");
    for (unsigned i = 0; pointer; i++) {
        if (i == STRINGS_SHOWN) {
            trace_print(text, ", ...");
            break;
        }
        trace_print(text, i ? ", " : "");
        trace_string(text, context, pointer);
        if (guest_read_word(context, address + (i + 1) * word, &pointer)) {
            break;
        }
    }
    trace_print(text, "]");
}

static void print_internet_address(struct trace_text *text, const struct sockaddr_storage *address, size_t length)
{
    char name[INET6_ADDRSTRLEN];
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    if (address->ss_family == AF_INET && length >= sizeof *four) {
        inet_ntop(AF_INET, &four->sin_addr, name, sizeof name);
        trace_print(text, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(four->sin_port), name);
    } else if (address->ss_family == AF_INET6 && length >= sizeof *six) {
        inet_ntop(AF_INET6, &six->sin6_addr, name, sizeof name);
        trace_print(text, ", sin6_port=htons(%u), inet_pton(AF_INET6, \"%s\", &sin6_addr)", ntohs(six->sin6_port),
                    name);
    }
}

void trace_socket_address(struct trace_text *text, struct syscall_context *context, uint64_t address, uint64_t length)
{
    struct sockaddr_storage storage = {0};
    size_t size = length < sizeof storage ? length : sizeof storage;
    if (address == 0 || size < sizeof(sa_family_t) || guest_read(context, &storage, address, size)) {
        print_address(text, address);
        return;
    }
    if (context->abi->big_endian) {
        storage.ss_family = __builtin_bswap16(storage.ss_family);
    }
    trace_print(text, "{sa_family=");
    trace_enumerator(text, &constants_socket_family, storage.ss_family);
    if (storage.ss_family == AF_UNIX) {
        const struct sockaddr_un *local = (const struct sockaddr_un *)&storage;
        size_t room = size - offsetof(struct sockaddr_un, sun_path), used = strnlen(local->sun_path, room);
        bool abstract = room && local->sun_path[0] == '\0';
        trace_print(text, abstract ? ", sun_path=@" : ", sun_path=");
        print_quoted(text, (const unsigned char *)local->sun_path + abstract, abstract ? room - 1 : used, false);
    } else {
        print_internet_address(text, &storage, size);
    }
    trace_print(text, "}");
}

static void print_struct(struct trace_text *text, const struct layout *layout, const uint8_t *host);

static void print_field(struct trace_text *text, const struct layout_field *field, const uint8_t *place)
{
    uint64_t value = 0;
    if (field->form == FIELD_STRUCT) {
        print_struct(text, field->table, place);
        return;
    }
    memcpy(&value, place, field->size); /* the host is little-endian, or sizes would matter here */
    int64_t number = (int64_t)(value << (64 - field->size * 8)) >> (64 - field->size * 8);
    switch (field->form) {
    case FIELD_DECIMAL:
        trace_print(text, "%lld", (long long)number);
        break;
    case FIELD_NATURAL:
        trace_print(text, "%llu", (unsigned long long)value);
        break;
    case FIELD_OCTAL:
        trace_print(text, "%#llo", (unsigned long long)value);
        break;
    case FIELD_FLAGS:
        trace_flags(text, field->table, value);
        break;
    case FIELD_ENUMERATOR:
        trace_enumerator(text, field->table, field->is_signed ? number : (int64_t)value);
        break;
    case FIELD_ADDRESS:
        print_address(text, value);
        break;
    default:
        trace_print(text, "%#llx", (unsigned long long)value);
        break;
    }
}

static void print_struct(struct trace_text *text, const struct layout *layout, const uint8_t *host)
{
    trace_print(text, "{");
    for (unsigned i = 0; i < layout->field_count; i++) {
        const struct layout_field *field = &layout->fields[i];
        trace_print(text, "%s%s=", i ? ", " : "", field->name);
        if (field->count == 0) {
            print_field(text, field, host + field->offset);
            continue;
        }
        for (unsigned j = 0; j < field->count; j++) {
            trace_print(text, j ? ", " : "[");
            print_field(text, field, host + field->offset + j * field->size);
        }
        trace_print(text, "]");
    }
    trace_print(text, "}");
}

void trace_struct(struct trace_text *text, struct syscall_context *context, const struct layout *layout,
                  uint64_t address)
{
    uint64_t host[64]; /* larger than every layout */
    if (address == 0 || layout->host_size > sizeof host || struct_read(context, layout, host, address)) {
        print_address(text, address);
        return;
    }
    print_struct(text, layout, (const uint8_t *)host);
}
