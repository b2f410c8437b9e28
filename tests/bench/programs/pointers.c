// SPDX-License-Identifier: GPL-2.0-or-later
// class: memory
// Isolates: loads that each depend on the one before, in the second-level cache.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    enum { count = 16384 };
    static struct node { struct node *next; uint64_t value; } nodes[count];
    static uint32_t order[count];
    uint32_t seed = 3;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count - 1; i > 0; i--) {
        seed = seed * 1664525 + 1013904223;
        uint32_t j = seed % (i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (int i = 0; i < count; i++) {
        nodes[order[i]].next = &nodes[order[(i + 1) % count]];
        nodes[order[i]].value = order[i];
    }
    uint64_t sum = 0;
    struct node *node = nodes;
    for (int i = 0; i < 80000000; i++) {
        sum += node->value;
        node = node->next;
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
