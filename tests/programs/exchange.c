// SPDX-License-Identifier: GPL-2.0-or-later
// Interprocess communication: System V and POSIX shared memory, semaphores and messages, process-shared locks, splice.
#include "print.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

union semaphore_argument { int val; struct semid_ds *buf; unsigned short *array; };

static void test_system_v(void)
{
    int memory = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600), set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    CHECK(memory >= 0 && set >= 0 && queue >= 0);
    char *text = shmat(memory, NULL, 0);
    CHECK(text != (char *)-1);
    CHECK(semctl(set, 0, SETVAL, (union semaphore_argument){.val = 0}) == 0);
    struct { long kind; char text[40]; } message = {3, "first of kind 3"};
    if (fork() == 0) {
        strcpy(text, "from the child");
        struct sembuf up = {.sem_num = 0, .sem_op = 1};
        CHECK(msgsnd(queue, &message, 16, 0) == 0);
        message.kind = 5;
        CHECK(msgsnd(queue, &message, 10, 0) == 0 && semop(set, &up, 1) == 0);
        _exit(0);
    }
    struct sembuf down = {.sem_num = 0, .sem_op = -1};
    CHECK(semop(set, &down, 1) == 0);
    ssize_t length = msgrcv(queue, &message, sizeof message.text, 5, 0);
    printf("%s, kind %ld length %zd", text, message.kind, length);
    length = msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT);
    printf(", kind %ld length %zd %s\n", message.kind, length, message.text);
    struct shmid_ds information;
    CHECK(shmctl(memory, IPC_STAT, &information) == 0);
    printf("segment %zu attached %d\n", information.shm_segsz, (int)information.shm_nattch <= 2);
    unsigned short values[2];
    CHECK(semctl(set, 0, GETALL, (union semaphore_argument){.array = values}) == 0 && values[0] == 0);
    struct sembuf never = {.sem_num = 1, .sem_op = -1, .sem_flg = IPC_NOWAIT};
    CHECK(semop(set, &never, 1) == -1 && errno == EAGAIN);
    CHECK(shmdt(text) == 0 && shmctl(memory, IPC_RMID, NULL) == 0);
    CHECK(semctl(set, 0, IPC_RMID) == 0 && msgctl(queue, IPC_RMID, NULL) == 0);
    wait(NULL);
}

static void test_process_shared(void)
{
    struct shared { pthread_mutex_t mutex; sem_t semaphore; int counter; } *shared;
    char name[40];
    snprintf(name, sizeof name, "/kage-test-%d", getpid());
    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    CHECK(fd >= 0 && ftruncate(fd, sizeof *shared) == 0 && shm_unlink(name) == 0);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &attributes);
    sem_init(&shared->semaphore, 1, 0);
    for (int child = 0; child < 3; child++)
        if (fork() == 0) {
            for (int i = 0; i < 2000; i++) {
                pthread_mutex_lock(&shared->mutex);
                shared->counter++;
                pthread_mutex_unlock(&shared->mutex);
            }
            sem_post(&shared->semaphore);
            _exit(0);
        }
    for (int child = 0; child < 3; child++) {
        sem_wait(&shared->semaphore);
        wait(NULL);
    }
    printf("counter %d\n", shared->counter);
}

static void test_pipes(void)
{
    int a[2], b[2];
    CHECK(pipe(a) == 0 && pipe(b) == 0);
    CHECK(write(a[1], "spliced text", 12) == 12 && tee(a[0], b[1], 7, 0) == 7);
    char text[20] = "";
    CHECK(read(b[0], text, 20) == 7);
    CHECK(splice(a[0], NULL, b[1], NULL, 12, 0) == 12 && read(b[0], text + 7, 12) == 12);
    printf("%s\n", text);
    CHECK(fcntl(a[1], F_SETPIPE_SZ, 65536) >= 65536 && fcntl(a[1], F_GETPIPE_SZ) >= 65536);
    close(a[0]);
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR && write(a[1], "x", 1) == -1 && errno == EPIPE);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_system_v();
    test_process_shared();
    test_pipes();
    return 0;
}
