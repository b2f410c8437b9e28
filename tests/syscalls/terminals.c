// SPDX-License-Identifier: GPL-2.0-or-later
// ioctl: terminals, descriptors, file systems; and inotify, which tells what other calls did.
#include "kernel.h"

#include <asm/termbits.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/inotify.h>

#define TERMINAL_NAME 0x80045430u // TIOCGPTN
#define TERMINAL_LOCK 0x40045431u // TIOCSPTLCK

struct window {
    unsigned short rows, columns, width, height;
};

static void terminals(void)
{
    struct termios settings;
    struct window window = {25, 81, 3, 4};
    unsigned number = 77;
    char name[32], text[16];
    int unlock = 0, waiting = 0, line = -1;
    long master = syscall(SYS_openat, HERE, "/dev/ptmx", INT(O_RDWR | O_NOCTTY));
    show_ok("ptmx", master);
    show("TIOCSPTLCK", syscall(SYS_ioctl, INT(master), INT(TERMINAL_LOCK), &unlock));
    show("TIOCGPTN", syscall(SYS_ioctl, INT(master), INT(TERMINAL_NAME), &number));
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    long slave = syscall(SYS_openat, HERE, name, INT(O_RDWR | O_NOCTTY));
    show_ok("slave", slave);
    show("TCGETS", syscall(SYS_ioctl, INT(slave), INT(0x5401), &settings));
    printf("%x %x %x %x line %d\n", settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag, settings.c_line);
    for (int i = 0; i < 17; i++)
        printf("%d ", settings.c_cc[i]);
    settings.c_lflag &= ~(unsigned)(2 | 8); // ICANON, ECHO
    settings.c_cc[6] = 1;
    settings.c_oflag = 0;
    show("TCSETS", syscall(SYS_ioctl, INT(slave), INT(0x5402), &settings));
    show("write", write(slave, "typed\n", 6));
    poll(&(struct pollfd){master, POLLIN, 0}, 1, 5000); // the line discipline's work is done by another thread of the kernel
    show("FIONREAD", syscall(SYS_ioctl, INT(master), INT(0x541b), &waiting));
    show("bytes", waiting);
    show("read", read(master, text, 16));
    show("TIOCSWINSZ", syscall(SYS_ioctl, INT(master), INT(0x5414), &window));
    memset(&window, 0, sizeof window);
    show("TIOCGWINSZ", syscall(SYS_ioctl, INT(slave), INT(0x5413), &window));
    printf("%d %d %d %d\n", window.rows, window.columns, window.width, window.height);
    show("TIOCGETD", syscall(SYS_ioctl, INT(slave), INT(0x5424), &line));
    show("discipline", line);
    show("TIOCGPGRP", syscall(SYS_ioctl, INT(slave), INT(0x540f), &line));
    show("TCFLSH", syscall(SYS_ioctl, INT(slave), INT(0x540b), 2L));
    show("TCGETS of a pipe", (pipe((int *)&window), syscall(SYS_ioctl, INT(((int *)&window)[0]), INT(0x5401), &settings)));
    show("TCGETS to nowhere", syscall(SYS_ioctl, INT(slave), INT(0x5401), NOWHERE));
    show("no such request", syscall(SYS_ioctl, INT(slave), INT(0x12345678), NULL));
    show("FIOCLEX", syscall(SYS_ioctl, INT(slave), INT(0x5451), NULL));
    show("F_GETFD", fcntl(slave, F_GETFD));
}

static void file_systems(void)
{
    long fd = syscall(SYS_openat, HERE, "file", INT(O_RDWR | O_CREAT), INT(0600));
    int waiting = -1, size = 0;
    write(fd, "12345", 5);
    lseek(fd, 2, SEEK_SET);
    show("FIONREAD of a file", syscall(SYS_ioctl, INT(fd), INT(0x541b), &waiting));
    show("bytes", waiting);
    show("FIGETBSZ", syscall(SYS_ioctl, INT(fd), INT(FIGETBSZ), &size));
    show_truth("a block", size >= 512);
    show("BLKGETSIZE of a file", syscall(SYS_ioctl, INT(fd), INT(BLKGETSIZE), &size));
}

static void notification(void)
{
    char buffer[1024];
    long fd = syscall(SYS_inotify_init1, INT(IN_NONBLOCK | IN_CLOEXEC));
    show_ok("inotify_init1", fd);
    show("add", syscall(SYS_inotify_add_watch, INT(fd), ".", INT(IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE)));
    show("add what is not there", syscall(SYS_inotify_add_watch, INT(fd), "none", INT(IN_CREATE)));
    close(syscall(SYS_openat, HERE, "new", INT(O_WRONLY | O_CREAT), INT(0600)));
    syscall(SYS_renameat2, HERE, "new", HERE, "newer", INT(0));
    syscall(SYS_unlinkat, HERE, "newer", INT(0));
    long length = read(fd, buffer, sizeof buffer);
    unsigned cookie = 0;
    for (long at = 0; at < length;) {
        struct inotify_event *event = (void *)(buffer + at);
        printf("watch %d mask %x %s %s\n", event->wd, event->mask, event->name,
               event->cookie == 0 ? "" : event->cookie == cookie ? "same cookie" : "cookie");
        cookie = event->cookie;
        at += sizeof *event + event->len;
    }
    show("nothing more", read(fd, buffer, sizeof buffer));
    show("remove", syscall(SYS_inotify_rm_watch, INT(fd), INT(1)));
    show("remove again", syscall(SYS_inotify_rm_watch, INT(fd), INT(1)));
    show("bad flag", syscall(SYS_inotify_init1, INT(1)));
}

int main(void)
{
    enter_folder();
    terminals();
    file_systems();
    notification();
    return 0;
}
