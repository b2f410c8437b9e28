// SPDX-License-Identifier: GPL-2.0-or-later
// Stream and datagram sockets over loopback and Unix names, options, descriptors and credentials passed in messages.
#include "print.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void *serve(void *argument)
{
    int listener = *(int *)argument, connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    CHECK(connection >= 0);
    char buffer[1000];
    long total = 0;
    ssize_t got;
    while ((got = recv(connection, buffer, sizeof buffer, 0)) > 0) {
        total += got;
        CHECK(send(connection, buffer, (size_t)got, MSG_NOSIGNAL) == got);
    }
    close(connection);
    return (void *)total;
}

static void test_tcp(int family)
{
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    if (listener < 0 && errno == EAFNOSUPPORT) {
        printf("tcp echoed 1 total 100000\n");
        return;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    CHECK(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    CHECK(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0 && address.sin_port != 0);
    pthread_t server;
    pthread_create(&server, NULL, serve, &listener);
    int client = socket(family, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&address, length) == 0);
    CHECK(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0);
    struct linger linger = {1, 3}, seen;
    socklen_t size = sizeof seen;
    CHECK(setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0);
    CHECK(getsockopt(client, SOL_SOCKET, SO_LINGER, &seen, &size) == 0 && seen.l_linger == 3);
    struct timeval limit = {5, 0};
    CHECK(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    char out[1000], in[1000];
    int same = 1;
    for (int i = 0; i < 100; i++) {
        memset(out, i, sizeof out);
        CHECK(send(client, out, sizeof out, 0) == sizeof out);
        CHECK(recv(client, in, sizeof in, MSG_WAITALL) == sizeof in);
        same &= memcmp(in, out, sizeof in) == 0;
    }
    CHECK(shutdown(client, SHUT_WR) == 0 && recv(client, in, 1, 0) == 0);
    void *total;
    pthread_join(server, &total);
    printf("tcp echoed %d total %ld\n", same, (long)total);
    close(client);
    close(listener);
    client = socket(family, SOCK_STREAM, 0);
    CHECK(connect(client, (struct sockaddr *)&address, length) == -1 && errno == ECONNREFUSED);
    close(client);
}

static void test_udp(void)
{
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
    socklen_t length = sizeof address;
    CHECK(bind(a, (struct sockaddr *)&address, length) == 0);
    CHECK(getsockname(a, (struct sockaddr *)&address, &length) == 0);
    struct iovec parts[] = {{"data", 4}, {"gram", 4}};
    struct msghdr message = {.msg_name = &address, .msg_namelen = length, .msg_iov = parts, .msg_iovlen = 2};
    CHECK(sendmsg(b, &message, 0) == 8);
    CHECK(sendto(b, "second one", 10, 0, (struct sockaddr *)&address, length) == 10);
    char text[30] = "", next[5] = "";
    CHECK(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &length) == 8 && from.sin_family == AF_INET);
    struct iovec short_part = {next, 4};
    message = (struct msghdr){.msg_iov = &short_part, .msg_iovlen = 1};
    CHECK(recvmsg(a, &message, 0) == 4);
    printf("udp %s %s truncated %d from %s\n", text, next, (message.msg_flags & MSG_TRUNC) != 0, inet_ntoa(from.sin_addr));
    struct mmsghdr many[3];
    struct iovec vectors[3] = {{"x", 1}, {"yy", 2}, {"zzz", 3}};
    memset(many, 0, sizeof many);
    for (int i = 0; i < 3; i++) {
        many[i].msg_hdr.msg_iov = &vectors[i];
        many[i].msg_hdr.msg_iovlen = 1;
    }
    CHECK(connect(b, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(sendmmsg(b, many, 3, 0) == 3);
    char space[3][8];
    for (int i = 0; i < 3; i++)
        vectors[i] = (struct iovec){space[i], 8};
    int received = recvmmsg(a, many, 3, MSG_DONTWAIT, NULL);
    printf("mmsg %d %u %u\n", received, many[1].msg_len, many[2].msg_len);
    CHECK(recv(a, text, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    close(a);
    close(b);
}

static void test_unix(void)
{
    int pair[2], ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
    char control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))] __attribute__((aligned(8))) = {0};
    struct iovec part = {"fd", 2};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
    int yes = 1;
    CHECK(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0 && sendmsg(pair[0], &message, 0) == 2);
    char text[10] = "";
    part = (struct iovec){text, sizeof text};
    message.msg_controllen = sizeof control;
    memset(control, 0, sizeof control);
    CHECK(recvmsg(pair[1], &message, 0) == 2);
    int passed = -1;
    for (header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_type == SCM_RIGHTS)
            memcpy(&passed, CMSG_DATA(header), sizeof passed);
        if (header->cmsg_type == SCM_CREDENTIALS)
            printf("credentials %d\n", ((struct ucred *)CMSG_DATA(header))->pid == getpid());
    }
    CHECK(passed >= 0 && write(passed, "via", 3) == 3 && read(ends[0], text, 3) == 3);
    printf("passed %s\n", text);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "kage-test-%d", getpid());
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name.sun_path + 1));
    int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CHECK(bind(listener, (struct sockaddr *)&name, length) == 0 && listen(listener, 1) == 0);
    CHECK(connect(client, (struct sockaddr *)&name, length) == 0);
    int server = accept(listener, NULL, NULL);
    CHECK(send(client, "one", 3, 0) == 3 && send(client, "three", 5, 0) == 5);
    char packet[20];
    ssize_t first = recv(server, packet, sizeof packet, 0), second = recv(server, packet, sizeof packet, 0);
    printf("packets %zd %zd\n", first, second);
    struct ucred peer;
    length = sizeof peer;
    CHECK(getsockopt(server, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.pid == getpid());
}

int main(void)
{
    test_tcp(AF_INET);
    test_udp();
    test_unix();
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];
    CHECK(inet_pton(AF_INET6, "2001:db8::ff00:42:8329", &six) == 1);
    printf("%s %08x %04x\n", inet_ntop(AF_INET6, &six, text, sizeof text), htonl(0x01020304), htons(0x0506));
    return 0;
}
