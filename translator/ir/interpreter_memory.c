/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory as the interpreter reaches it: plain and atomic accesses in the guest's byte order. */
#include "atomic128.h"
#include "evaluate.h"

static bool is_aligned(const struct ir_memory_access *m)
{
    return ((uintptr_t)m->host & (m->bytes - 1)) == 0;
}

/* Between the bytes of a value and those of memory. */
static union ir_value in_byte_order(union ir_value value, const struct ir_memory_access *m)
{
    union ir_value swapped = {0};
    if (!(m->memop & IR_MEM_BIG)) {
        return value;
    }
    for (unsigned i = 0; i < m->bytes; i++) {
        swapped.u8[i] = value.u8[m->bytes - 1 - i];
    }
    return swapped;
}

static int load_order(uint16_t memop)
{
    return (memop & IR_MEM_ACQUIRE) && (memop & IR_MEM_RELEASE) ? __ATOMIC_SEQ_CST
           : memop & IR_MEM_ACQUIRE                             ? __ATOMIC_ACQUIRE
                                                                : __ATOMIC_RELAXED;
}

/* An aligned access of up to 8 bytes is one access of the host's; any other is made of bytes in no order. */
static union ir_value load_bytes(const struct ir_memory_access *m)
{
    union ir_value value = {0};
    int order = load_order(m->memop);

    if (m->bytes > 8 || !is_aligned(m)) {
        memcpy(&value, m->host, m->bytes);
        if (order != __ATOMIC_RELAXED) {
            __atomic_thread_fence(order);
        }
        return value;
    }
    switch (m->bytes) {
    case 1:
        value.i64 = __atomic_load_n((uint8_t *)m->host, __ATOMIC_RELAXED);
        break;
    case 2:
        value.i64 = __atomic_load_n((uint16_t *)m->host, __ATOMIC_RELAXED);
        break;
    case 4:
        value.i64 = __atomic_load_n((uint32_t *)m->host, __ATOMIC_RELAXED);
        break;
    default:
        value.i64 = __atomic_load_n((uint64_t *)m->host, __ATOMIC_RELAXED);
        break;
    }
    if (order != __ATOMIC_RELAXED) {
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    }
    return value;
}

union ir_value ir_memory_load(enum ir_type type, const struct ir_memory_access *m)
{
    union ir_value value = in_byte_order(load_bytes(m), m);
    if (m->memop & IR_MEM_SIGNED && m->bytes <= 8) {
        return ir_value_of(type, (uint64_t)ir_sign_extend(value.i64, (unsigned)m->bytes * 8));
    }
    return value;
}

void ir_memory_store(union ir_value value, const struct ir_memory_access *m)
{
    value = in_byte_order(value, m);
    if (m->memop & IR_MEM_RELEASE) {
        __atomic_thread_fence(__ATOMIC_RELEASE);
    }
    if (m->bytes > 8 || !is_aligned(m)) {
        memcpy(m->host, &value, m->bytes);
    } else if (m->bytes == 1) {
        __atomic_store_n((uint8_t *)m->host, value.u8[0], __ATOMIC_RELAXED);
    } else if (m->bytes == 2) {
        __atomic_store_n((uint16_t *)m->host, value.u16[0], __ATOMIC_RELAXED);
    } else if (m->bytes == 4) {
        __atomic_store_n((uint32_t *)m->host, value.i32, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n((uint64_t *)m->host, value.i64, __ATOMIC_RELAXED);
    }
    if ((m->memop & IR_MEM_RELEASE) && (m->memop & IR_MEM_ACQUIRE)) {
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
}

/* The bytes as they stand in memory. */
static union ir_value exchange_bytes(union ir_value expected, union ir_value desired, const struct ir_memory_access *m)
{
    union ir_value old = {0};
    switch (m->bytes) {
    case 1:
        old.i64 = __sync_val_compare_and_swap((uint8_t *)m->host, expected.u8[0], desired.u8[0]);
        break;
    case 2:
        old.i64 = __sync_val_compare_and_swap((uint16_t *)m->host, expected.u16[0], desired.u16[0]);
        break;
    case 4:
        old.i64 = __sync_val_compare_and_swap((uint32_t *)m->host, expected.i32, desired.i32);
        break;
    case 8:
        old.i64 = __sync_val_compare_and_swap((uint64_t *)m->host, expected.i64, desired.i64);
        break;
    default: {
        unsigned __int128 wide_expected, wide_desired, wide_old;
        memcpy(&wide_expected, &expected, 16);
        memcpy(&wide_desired, &desired, 16);
        wide_old = atomic128_compare_exchange(m->host, wide_expected, wide_desired);
        memcpy(&old, &wide_old, 16);
        break;
    }
    }
    return old;
}

union ir_value ir_memory_exchange(union ir_value expected, union ir_value desired, const struct ir_memory_access *m)
{
    return in_byte_order(exchange_bytes(in_byte_order(expected, m), in_byte_order(desired, m), m), m);
}

static uint64_t combine(enum ir_atomic kind, uint64_t old, uint64_t operand, unsigned bits)
{
    int64_t signed_old = ir_sign_extend(old, bits), signed_operand = ir_sign_extend(operand, bits);
    operand = ir_zero_extend(operand, bits);
    switch (kind) {
    case IR_ATOMIC_ADD:
        return old + operand;
    case IR_ATOMIC_AND:
        return old & operand;
    case IR_ATOMIC_ANDN:
        return old & ~operand;
    case IR_ATOMIC_OR:
        return old | operand;
    case IR_ATOMIC_XOR:
        return old ^ operand;
    case IR_ATOMIC_MIN_S:
        return signed_old < signed_operand ? old : operand;
    case IR_ATOMIC_MAX_S:
        return signed_old > signed_operand ? old : operand;
    case IR_ATOMIC_MIN_U:
        return old < operand ? old : operand;
    case IR_ATOMIC_MAX_U:
        return old > operand ? old : operand;
    default:
        return operand;
    }
}

union ir_value ir_memory_atomic(enum ir_type type, union ir_value operand, const struct ir_memory_access *m)
{
    unsigned bits = (unsigned)m->bytes * 8;
    enum ir_atomic kind = ir_mem_atomic(m->memop);
    union ir_value old = in_byte_order(load_bytes(m), m);

    for (;;) {
        uint64_t next = ir_zero_extend(combine(kind, old.i64, operand.i64, bits), bits);
        union ir_value found = ir_memory_exchange(old, (union ir_value){.u64 = {next, 0}}, m);
        if (found.i64 == old.i64) {
            return ir_value_of(type, old.i64);
        }
        old = found;
    }
}

void ir_memory_fence(enum ir_fence kind)
{
    switch (kind) {
    case IR_FENCE_LOADS:
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        break;
    case IR_FENCE_STORES:
        __atomic_thread_fence(__ATOMIC_RELEASE);
        break;
    default:
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        break;
    }
}
