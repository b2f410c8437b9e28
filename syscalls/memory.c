/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mapping memory: what changes the guest's address space is the host's service, the rest goes to the kernel. */
#include "handler.h"

#include <linux/membarrier.h>
#include <sys/mman.h>

int64_t handle_memory_brk(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->program_break(context->thread, args[0].bits);
}

int64_t handle_memory_mmap(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->map(context->thread, args[0].bits, args[1].bits, (int)args[2].number, (int)args[3].number,
                              (int)args[4].number, args[5].bits);
}

/* The offset counts units of 4096 bytes whatever the page size. */
int64_t handle_memory_mmap2(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->map(context->thread, args[0].bits, args[1].bits, (int)args[2].number, (int)args[3].number,
                              (int)args[4].number, args[5].bits << 12);
}

int64_t handle_memory_munmap(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->unmap(context->thread, args[0].bits, args[1].bits);
}

/* Linux takes protections and mremap's flags as longs: bits above an int are unknown flags. */
static bool has_long_bits(const union syscall_value *flags)
{
    return flags->bits >> 32;
}

int64_t handle_memory_mprotect(struct syscall_context *context, const union syscall_value *args)
{
    if (has_long_bits(&args[2])) {
        return -EINVAL;
    }
    return context->host->protect(context->thread, args[0].bits, args[1].bits, (int)args[2].number);
}

int64_t handle_memory_pkey_mprotect(struct syscall_context *context, const union syscall_value *args)
{
    if (args[3].number != -1) {
        syscall_note(context, "key %lld", (long long)args[3].number);
        return -EINVAL;
    }
    return handle_memory_mprotect(context, args);
}

int64_t handle_memory_mremap(struct syscall_context *context, const union syscall_value *args)
{
    if (has_long_bits(&args[3])) {
        return -EINVAL;
    }
    return context->host->remap(context->thread, args[0].bits, args[1].bits, args[2].bits, (int)args[3].number,
                                args[4].bits);
}

int64_t handle_memory_madvise(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->advise(context->thread, args[0].bits, args[1].bits, (int)args[2].number);
}

int64_t handle_memory_mlockall(struct syscall_context *context, const union syscall_value *args)
{
    uint64_t flags = args[0].bits;
    if (flags == 0 || (flags & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT) {
        return -EINVAL;
    }
    if (flags & MCL_FUTURE) {
        syscall_note(context, "MCL_FUTURE is ignored");
        flags &= ~(uint64_t)MCL_FUTURE;
    }
    if (!(flags & MCL_CURRENT)) {
        return 0;
    }
    return host_call_blocking(context, HOST_CALL_mlockall, (uint64_t[6]){flags}, INTERRUPTED_FAILS);
}

/* Restartable sequences are not offered, so barriers for them are not either. */
int64_t handle_memory_membarrier(struct syscall_context *context, const union syscall_value *args)
{
    const int64_t sequences = MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ;
    if (args[0].number & sequences) {
        return -EINVAL;
    }
    int64_t result = host_call(HOST_CALL_membarrier, &args->bits);
    return result > 0 ? result & ~sequences : result;
}

int64_t handle_memory_process_vm(struct syscall_context *context, const union syscall_value *args)
{
    const struct iovec *local;
    int error = guest_iovec(context, args[1].bits, args[2].bits, &local);
    if (error) {
        return error;
    }
    const struct iovec *remote;
    error = guest_iovec(context, args[3].bits, args[4].bits, &remote);
    if (error) {
        return error;
    }
    uint64_t arguments[6] = {args[0].bits,      (uintptr_t)local, args[2].bits,
                             (uintptr_t)remote, args[4].bits,     args[5].bits};
    return host_call(context->row->host_number, arguments);
}

int64_t handle_memory_riscv_flush(struct syscall_context *context, const union syscall_value *args)
{
    if (args[2].bits > 1) { /* the only flag: this thread alone */
        return -EINVAL;
    }
    uint64_t start = args[0].bits, end = args[1].bits;
    if (start >= end) { /* Linux flushes everything, whatever the range says */
        start = 0;
        end = UINT64_MAX;
    }
    context->host->flush_instruction_cache(context->thread, start, end - start);
    return 0;
}
