// SPDX-License-Identifier: GPL-2.0-or-later
// class: atomics
// Isolates: atomic additions and compare-and-swap by one thread.
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    static _Atomic uint64_t counter, word;
    static _Atomic uint32_t small;
    for (int i = 0; i < 45000000; i++) {
        atomic_fetch_add(&counter, 3);
        uint64_t old = atomic_load_explicit(&word, memory_order_acquire);
        while (!atomic_compare_exchange_weak(&word, &old, old * 5 + 1))
            ;
        atomic_fetch_xor_explicit(&small, (uint32_t)i, memory_order_relaxed);
    }
    printf("%llu %llu %u\n", (unsigned long long)counter, (unsigned long long)word, small);
    return 0;
}
