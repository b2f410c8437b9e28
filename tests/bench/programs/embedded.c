// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: the mixture of small processors' work: linked lists, 16-bit matrices, a state machine over text, a bitwise
// CRC.
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { list_length = 120, order = 12, text_length = 600 };

struct item {
    struct item *next;
    int16_t key, value;
};
static struct item items[list_length];
static int16_t left[order][order], right[order][order];
static int32_t product[order][order];
static char text[text_length + 1];

__attribute__((noinline)) static uint16_t crc16(uint16_t crc, uint32_t value, int bits)
{
    for (int i = 0; i < bits; i++, value >>= 1)
        crc = (uint16_t)((crc ^ value) & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    return crc;
}

static int by_key(const struct item *a, const struct item *b)
{
    return a->key - b->key;
}

static int by_value(const struct item *a, const struct item *b)
{
    return a->value - b->value;
}

/* Merge sort that joins runs of doubling length in place. */
__attribute__((noinline)) static struct item *sort(struct item *list,
                                                   int (*order_of)(const struct item *, const struct item *))
{
    for (int run = 1;; run *= 2) {
        struct item *rest = list, **tail = &list;
        int merges = 0;
        while (rest) {
            struct item *a = rest, *b = rest;
            int in_a = 0, in_b = run;
            for (; in_a < run && b; in_a++)
                b = b->next;
            merges++;
            while (in_a > 0 || (in_b > 0 && b)) {
                struct item **from = in_a == 0 || (in_b > 0 && b && order_of(a, b) > 0) ? &b : &a;
                in_a -= from == &a;
                in_b -= from == &b;
                *tail = *from;
                tail = &(*tail)->next;
                *from = (*from)->next;
            }
            rest = b;
        }
        *tail = NULL;
        if (merges <= 1)
            return list;
    }
}

static struct item *reverse(struct item *list)
{
    struct item *done = NULL;
    while (list) {
        struct item *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

__attribute__((noinline)) static uint16_t work_on_list(struct item **list, uint16_t crc, int round)
{
    for (int wanted = 0; wanted < 20; wanted++) {
        const struct item *at = *list;
        while (at && at->key != (wanted * 37 + round) % 500)
            at = at->next;
        crc = crc16(crc, at ? (uint16_t)at->value : 0x55, 16);
    }
    *list = sort(reverse(*list), round & 1 ? by_key : by_value);
    (*list)->value = (int16_t)(crc & 0x3ff);
    return crc16(crc, (uint16_t)(*list)->next->key, 16);
}

__attribute__((noinline)) static uint16_t work_on_matrix(uint16_t crc, int16_t k)
{
    int32_t trace = 0;
    for (int i = 0; i < order; i++)
        for (int j = 0; j < order; j++) {
            int32_t sum = 0;
            left[i][j] = (int16_t)(left[i][j] + k);
            for (int l = 0; l < order; l++)
                sum += left[i][l] * right[l][j];
            product[i][j] = sum;
        }
    for (int i = 0; i < order; i++)
        for (int j = 0; j < order; j++)
            trace += (product[i][j] >> 2 & 15) * (product[j][i] >> 5 & 127);
    return crc16(crc, (uint32_t)trace, 32);
}

__attribute__((noinline)) static uint16_t work_on_text(uint16_t crc, int round)
{
    enum state { start, integer, fraction, exponent, word, bad, states } state = start;
    uint32_t visits[states] = {0};
    text[round * 7 % text_length] ^= 1;
    for (const char *p = text; *p; p++) {
        char c = *p;
        if (c == ',') {
            visits[state]++;
            state = start;
            continue;
        }
        switch (state) {
        case start:
            state = c >= '0' && c <= '9' ? integer : c == '+' || c == '-' ? integer : c == '.' ? fraction : word;
            break;
        case integer:
            state = c >= '0' && c <= '9' ? integer : c == '.' ? fraction : c == 'e' ? exponent : bad;
            break;
        case fraction:
            state = c >= '0' && c <= '9' ? fraction : c == 'e' ? exponent : bad;
            break;
        case exponent:
            state = (c >= '0' && c <= '9') || c == '-' ? exponent : bad;
            break;
        case word:
            state = isalpha((unsigned char)c) ? word : bad;
            break;
        default:
            break;
        }
    }
    for (int i = 0; i < states; i++)
        crc = crc16(crc, visits[i], 16);
    return crc;
}

int main(void)
{
    static const char *const words[] = {"5012,", "1234.500,", "-110.7e-1,", "+0.64400,", "hello,",
                                        "x1f,",  "3e",        "7,",         ".5,",       "T0.3e-1F,"};
    uint16_t crc = 0;
    for (int i = 0; i < list_length; i++) {
        items[i] = (struct item){i + 1 < list_length ? &items[i + 1] : NULL, (int16_t)(i * 211 % 500),
                                 (int16_t)(i * 89 % 1024)};
        left[i / order % order][i % order] = (int16_t)(i * 3);
        right[i / order % order][i % order] = (int16_t)(i * 5 % 100);
    }
    for (unsigned i = 0; strlen(text) + 12 < text_length; i += 7)
        strcat(text, words[i % 10]);
    struct item *list = items;
    for (int round = 0; round < 24000; round++) {
        crc = work_on_list(&list, crc, round);
        crc = work_on_matrix(crc, (int16_t)(crc & 7));
        crc = work_on_text(crc, round);
    }
    printf("%04x\n", crc);
    return 0;
}
