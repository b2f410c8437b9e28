/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host faults to guest faults. Everything here runs inside a signal handler. */
#include "log.h"
#include "runtime.h"

static struct translator_exit describe_fault(const struct translator_cpu *cpu, int signal, const siginfo_t *info, bool write)
{
    return (struct translator_exit){
        .kind = TRANSLATOR_FAULT,
        .signal = signal,
        .code = info->si_code,
        .address = (uintptr_t)info->si_addr - cpu->state->memory_base,
        .write = write,
    };
}

/* The C code that was interrupted continues at its landing. */
static void land(struct translator_cpu *cpu, sigjmp_buf landing, const ucontext_t *context)
{
    cpu->fault_pending = true;
    sigprocmask(SIG_SETMASK, &context->uc_sigmask, NULL);
    siglongjmp(landing, 1);
}

/* Lifting reads guest code like data. */
static void fault_in_former(struct translator_cpu *cpu, int signal, const siginfo_t *info, const ucontext_t *context)
{
    if (cpu->in_former) {
        cpu->fault = describe_fault(cpu, signal, info, false);
        land(cpu, cpu->former_landing, context);
    }
}

static bool fault_in_interpreter(struct translator_cpu *cpu, int signal, const siginfo_t *info, ucontext_t *context)
{
    if (!cpu->in_interpreter) {
        return false;
    }
    const struct host *native = host_native();
    cpu->fault = describe_fault(cpu, signal, info, native && native->fault_is_write(context));
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
    cpu->fault = describe_fault(cpu, signal, info, t->host->fault_is_write(context));
    uint64_t address;
    if (unit && t->host->fault_is_misaligned(context, signal, &address)) {
        cpu->fault.signal = SIGBUS;
        cpu->fault.code = BUS_ADRALN;
        cpu->fault.address = address;
    }
    if (unit) {
        struct ir_context ir_context = superblock_context(t->guest, unit->mode);
        uint32_t offset = (uint32_t)(pc - (uintptr_t)unit->code);
        if (!fast_apply_fault(&unit->faults, offset, &ir_context, cpu->state, t->host, context)) {
            return false;
        }
    }
    t->host->save_fp_from_fault(context, cpu->state);
    cpu->fault_pending = true;
    cpu->state->exit_kind = HOST_LEFT_FAULT;
    t->host->leave_from_fault(context, &t->glue, cpu->state);
    return true;
}

bool translator_context_is_guest(struct translator_cpu *cpu, const ucontext_t *context)
{
    struct translator *t = cpu->translator;
    return t->host && atomic_load(&cpu->running) && code_cache_find(t, t->host->fault_pc(context));
}
