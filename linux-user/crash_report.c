/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal_delivery.h"

#include "log.h"
#include "proc_files.h"
#include "symbols.h"
#include "sysroot.h"

#include <stdio.h>
#include <string.h>

void crash_report(struct thread *thread, int signal, int code, uint64_t address)
{
    char place[4400] = "", where[64] = "";
    struct proc_mapping mapping;
    uint64_t pc = translator_cpu_pc(thread->cpu), offset;
    const struct process *process = thread->process;
    bool is_fault = (HOST_FAULT_SIGNALS & signal_bit(signal)) && code > 0;
    if (!is_fault && signal != SIGABRT) {
        return; /* sent by someone, who knows */
    }
    if (proc_find_mapping(pc, &mapping) && mapping.name[0]) {
        const char *symbol = symbols_find(process->symbols, pc, &offset);
        int length = snprintf(place, sizeof place, " (%s+%#lx", sysroot_guest_path(process->sysroot, mapping.name),
                              mapping.offset + (pc - mapping.start));
        snprintf(place + length, sizeof place - (size_t)length, symbol ? ", %s+%#lx)" : ")", symbol, offset);
    }
    if (is_fault) {
        snprintf(where, sizeof where, ", address %#lx, code %d", address, code);
    }
    log_error("%s program %s ended by signal %d (%s) at pc %#lx%s%s", process->guest->name, process->image.executable,
              signal, strsignal(signal), pc, place, where);
}
