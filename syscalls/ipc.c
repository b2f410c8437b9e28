/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System V queues, semaphores and shared memory; POSIX queues' notification. */
#include "handler.h"

#include "byteorder.h"

#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

/* ---- control calls: a command's struct ---- */

struct control_command {
    int command;
    const struct layout *in, *out; /* NULL: none */
};

static const struct control_command semaphore_commands[] = {
    {IPC_SET, &layout_semid_ds, NULL},      {IPC_STAT, NULL, &layout_semid_ds}, {SEM_STAT, NULL, &layout_semid_ds},
    {SEM_STAT_ANY, NULL, &layout_semid_ds}, {IPC_INFO, NULL, &layout_seminfo},  {SEM_INFO, NULL, &layout_seminfo},
};

static const struct control_command queue_commands[] = {
    {IPC_SET, &layout_msqid_ds, NULL},      {IPC_STAT, NULL, &layout_msqid_ds}, {MSG_STAT, NULL, &layout_msqid_ds},
    {MSG_STAT_ANY, NULL, &layout_msqid_ds}, {IPC_INFO, NULL, &layout_msginfo},  {MSG_INFO, NULL, &layout_msginfo},
};

static const struct control_command memory_commands[] = {
    {IPC_SET, &layout_shmid_ds, NULL},      {IPC_STAT, NULL, &layout_shmid_ds}, {SHM_STAT, NULL, &layout_shmid_ds},
    {SHM_STAT_ANY, NULL, &layout_shmid_ds}, {IPC_INFO, NULL, &layout_shminfo},  {SHM_INFO, NULL, &layout_shm_info},
};

static const struct control_command *find_command(const struct control_command *commands, size_t count, int command)
{
    for (size_t i = 0; i < count; i++) {
        if (commands[i].command == command) {
            return &commands[i];
        }
    }
    return NULL;
}

/* arguments: the host call's, whose slot-th is the pointer; address: the guest's struct. Old guests ask for IPC_64,
   which the host always means. */
static int64_t run_control(struct syscall_context *context, const struct control_command *command,
                           uint64_t arguments[6], unsigned slot, uint64_t address)
{
    uint64_t memory[64] = {0}; /* larger than each of the structs */
    if (command == NULL) {
        arguments[slot] = address;
        return host_call(context->row->host_number, arguments);
    }
    arguments[slot] = (uintptr_t)memory;
    if (command->in && struct_read(context, command->in, memory, address)) {
        return -EFAULT;
    }
    int64_t result = host_call(context->row->host_number, arguments);
    if (result >= 0 && command->out && struct_write(context, command->out, address, memory)) {
        return -EFAULT;
    }
    return result;
}

int64_t handle_ipc_msgctl(struct syscall_context *context, const union syscall_value *args)
{
    int command = (int)args[1].number & ~0x100;
    uint64_t arguments[6] = {args[0].bits, (uint64_t)command};
    return run_control(context, find_command(queue_commands, 6, command), arguments, 2, args[2].bits);
}

int64_t handle_ipc_shmctl(struct syscall_context *context, const union syscall_value *args)
{
    int command = (int)args[1].number & ~0x100;
    uint64_t arguments[6] = {args[0].bits, (uint64_t)command};
    return run_control(context, find_command(memory_commands, 6, command), arguments, 2, args[2].bits);
}

static void turn_halves(uint8_t *values, size_t size)
{
    for (size_t at = 0; at + 2 <= size; at += 2) {
        byteorder_store16(values + at, byteorder_load16(values + at, false), true);
    }
}

/* GETALL and SETALL: an array of 16-bit numbers as long as the set. */
static int64_t control_all(struct syscall_context *context, int identity, int command, uint64_t address)
{
    struct host_semid_ds set;
    uint64_t arguments[6] = {(uint64_t)identity, 0, (uint64_t)command, (uintptr_t)guest_pointer(context, address, 1)};
    if (!context->abi->big_endian) {
        return host_call(HOST_CALL_semctl, arguments);
    }
    int64_t result = host_call(HOST_CALL_semctl, (uint64_t[6]){(uint64_t)identity, 0, IPC_STAT, (uintptr_t)&set});
    if (result < 0) {
        return result;
    }
    size_t size = set.nsems * 2;
    uint8_t *values = scratch_alloc(context, size);
    if (values == NULL) {
        return -ENOMEM;
    }
    arguments[3] = (uintptr_t)values;
    if (command == SETALL) {
        if (guest_read(context, values, address, size)) {
            return -EFAULT;
        }
        turn_halves(values, size);
        return host_call(HOST_CALL_semctl, arguments);
    }
    result = host_call(HOST_CALL_semctl, arguments);
    if (result < 0) {
        return result;
    }
    turn_halves(values, size);
    return guest_write(context, address, values, size) ? -EFAULT : result;
}

int64_t handle_ipc_semctl(struct syscall_context *context, const union syscall_value *args)
{
    int command = (int)args[2].number & ~0x100;
    if (command == GETALL || command == SETALL) {
        return control_all(context, (int)args[0].number, command, args[3].bits);
    }
    uint64_t arguments[6] = {args[0].bits, args[1].bits, (uint64_t)command};
    return run_control(context, find_command(semaphore_commands, 6, command), arguments, 3, args[3].bits);
}

/* ---- semaphores ---- */

int64_t handle_ipc_semop(struct syscall_context *context, const union syscall_value *args)
{
    void *operations;
    if (args[2].bits > 0x8000) {
        return -E2BIG;
    }
    int error = struct_array_read(context, &layout_sembuf, args[1].bits, args[2].bits, &operations);
    if (error) {
        return error;
    }
    bool timed = context->row != &syscall_rows[CALL_semop];
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)operations, args[2].bits, timed ? args[3].bits : 0};
    return host_call_blocking(context, HOST_CALL_semtimedop, arguments, INTERRUPTED_FAILS);
}

/* ---- message queues: a word for the type, then the text ---- */

int64_t handle_ipc_msgsnd(struct syscall_context *context, const union syscall_value *args)
{
    size_t word = context->abi->word_bits / 8, size = args[2].bits;
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)guest_pointer(context, args[1].bits, 1), size, args[3].bits};
    if (!guest_is_native(context)) {
        uint64_t type;
        if (size > 1u << 24) {
            return -EINVAL;
        }
        uint8_t *message = scratch_alloc(context, size + 8);
        if (message == NULL) {
            return -ENOMEM;
        }
        if (guest_read_word(context, args[1].bits, &type) ||
            guest_read(context, message + 8, args[1].bits + word, size)) {
            return -EFAULT;
        }
        int64_t wide = word == 4 ? (int32_t)type : (int64_t)type;
        memcpy(message, &wide, sizeof wide);
        arguments[1] = (uintptr_t)message;
    }
    return host_call_blocking(context, HOST_CALL_msgsnd, arguments, INTERRUPTED_WITHOUT_HANDLER);
}

int64_t handle_ipc_msgrcv(struct syscall_context *context, const union syscall_value *args)
{
    size_t word = context->abi->word_bits / 8, size = args[2].bits;
    uint64_t arguments[6] = {args[0].bits, (uintptr_t)guest_pointer(context, args[1].bits, 1), size, args[3].bits,
                             args[4].bits};
    if (guest_is_native(context)) {
        return host_call_blocking(context, HOST_CALL_msgrcv, arguments, INTERRUPTED_WITHOUT_HANDLER);
    }
    if (size > 1u << 24) {
        return -EINVAL;
    }
    uint8_t *message = scratch_alloc(context, size + 8);
    if (message == NULL) {
        return -ENOMEM;
    }
    arguments[1] = (uintptr_t)message;
    int64_t result = host_call_blocking(context, HOST_CALL_msgrcv, arguments, INTERRUPTED_WITHOUT_HANDLER);
    if (result < 0) {
        return result;
    }
    uint64_t type;
    memcpy(&type, message, sizeof type);
    bool failed = guest_write_word(context, args[1].bits, type) ||
                  guest_write(context, args[1].bits + word, message + 8, (size_t)result);
    return failed ? -EFAULT : result;
}

int64_t handle_ipc_mq_notify(struct syscall_context *context, const union syscall_value *args)
{
    struct host_sigevent event;
    uint64_t pointer = 0;
    if (args[1].bits) {
        if (struct_read(context, &layout_sigevent, &event, args[1].bits)) {
            return -EFAULT;
        }
        event.signo = (int32_t)constant_in(context, &constants_signal, (uint32_t)event.signo);
        pointer = (uintptr_t)&event;
    }
    return host_call(HOST_CALL_mq_notify, (uint64_t[6]){args[0].bits, pointer});
}

/* ---- shared memory: attaching is a change of the address space ---- */

int64_t handle_ipc_shmat(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->attach_shared_memory(context->thread, (int)args[0].number, args[1].bits, (int)args[2].number);
}

int64_t handle_ipc_shmdt(struct syscall_context *context, const union syscall_value *args)
{
    return context->host->detach_shared_memory(context->thread, args[0].bits);
}
