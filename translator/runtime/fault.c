/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host faults to guest faults. Everything here runs inside a signal handler. */
#include "interpreter.h"
#include "log.h"
#include "runtime.h"

static struct translator_exit describe_fault(const struct translator_cpu *cpu, int signal, const siginfo_t *info,
                                             bool write)
{
    return (struct translator_exit){
        .kind = TRANSLATOR_FAULT,
        .signal = signal,
        .code = info->si_code,
        .address = (uintptr_t)info->si_addr - cpu->state->memory_base,
        .write = write,
    };
}

/* An address that the host refuses: perhaps it only has a tag, which units ignore from now on. They are made so once
   the first is met, so that programs without tags never pay; mode: of the unit that faulted. Else it is a fault of the
   guest's, at an address that the kernel has not told. */
static bool mend_address(struct translator_cpu *cpu, uint64_t address, uint32_t mode)
{
    const struct guest *guest = cpu->translator->guest;
    if (guest->tag_bits && !(mode & CPU_MODE_TAGGED)) {
        cpu->state->mode |= CPU_MODE_TAGGED;
        return true;
    }
    cpu->fault.signal = SIGSEGV;
    cpu->fault.code = SEGV_MAPERR;
    cpu->fault.address = address;
    return false;
}

static bool mend_bad_address(struct translator_cpu *cpu, const ucontext_t *context, uint32_t mode)
{
    uint64_t address;
    return host_fault_is_bad_address(context, &address) &&
           mend_address(cpu, address - cpu->state->memory_base, mode);
}

bool cpu_note_bad_access(struct translator_cpu *cpu, const struct ir_exit *exit)
{
    cpu->fault = (struct translator_exit){.kind = TRANSLATOR_FAULT,
                                          .signal = SIGBUS,
                                          .code = BUS_ADRALN,
                                          .address = exit->address,
                                          .write = exit->write};
    return exit->kind == IR_LEFT_MISALIGNED || !mend_address(cpu, exit->address, cpu->state->mode);
}

/* The C code that was interrupted continues at its landing. */
static void land(struct translator_cpu *cpu, sigjmp_buf landing, const ucontext_t *context)
{
    sigprocmask(SIG_SETMASK, &context->uc_sigmask, NULL);
    siglongjmp(landing, 1);
}

/* Lifting reads guest code like data. */
static void fault_in_former(struct translator_cpu *cpu, int signal, const siginfo_t *info, const ucontext_t *context)
{
    if (cpu->in_former) {
        cpu->fault = describe_fault(cpu, signal, info, false);
        cpu->fault_pending = true;
        land(cpu, cpu->former_landing, context);
    }
}

static bool fault_in_interpreter(struct translator_cpu *cpu, int signal, const siginfo_t *info, ucontext_t *context)
{
    if (!cpu->in_interpreter) {
        return false;
    }
    cpu->fault = describe_fault(cpu, signal, info, host_fault_is_write(context));
    cpu->fault_pending = !mend_bad_address(cpu, context, cpu->state->mode);
    land(cpu, cpu->landing, context);
    return true;
}

bool translator_handle_fault(struct translator_cpu *cpu, int signal, const siginfo_t *info, ucontext_t *context)
{
    struct translator *t = cpu->translator;
    fault_in_former(cpu, signal, info, context);
    if (!t->host || cpu->in_interpreter) {
        return fault_in_interpreter(cpu, signal, info, context);
    }
    if (!atomic_load(&cpu->running)) {
        return false;
    }
    uint64_t pc = t->host->fault_pc(context);
    struct unit *unit = code_cache_find(t, pc);
    cpu->fault = describe_fault(cpu, signal, info, host_fault_is_write(context));
    uint64_t address;
    if (unit && t->host->fault_is_misaligned(context, signal, &address)) {
        cpu->fault.signal = SIGBUS;
        cpu->fault.code = BUS_ADRALN;
        cpu->fault.address = address;
    }
    /* Helpers ignore tags always. */
    bool is_mended = mend_bad_address(cpu, context, unit ? unit->mode : CPU_MODE_TAGGED);
    if (unit && unit->is_wide) {
        cpu->state->mode |= CPU_MODE_CAREFUL;
        is_mended = true;
    }
    if (unit) {
        struct ir_context ir_context = superblock_context(t->guest, unit->mode);
        uint32_t offset = (uint32_t)(pc - (uintptr_t)unit->code);
        if (!fast_apply_fault(&unit->faults, offset, &ir_context, cpu->state, t->host, context)) {
            return false;
        }
    }
    t->host->save_fp_from_fault(context, cpu->state);
    cpu->fault_pending = !is_mended;
    cpu->state->exit_kind = HOST_LEFT_FAULT;
    t->host->leave_from_fault(context, &t->glue, cpu->state);
    return true;
}

bool translator_context_is_guest(struct translator_cpu *cpu, const ucontext_t *context)
{
    struct translator *t = cpu->translator;
    return t->host && atomic_load(&cpu->running) && code_cache_find(t, t->host->fault_pc(context));
}
