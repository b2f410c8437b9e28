// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets: addresses, options, messages with descriptors and credentials, many messages at once, netlink.
#include "kernel.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static void pairs(void)
{
    int ends[2];
    char buffer[32];
    show("socketpair", syscall(SYS_socketpair, INT(AF_UNIX), INT(SOCK_STREAM | SOCK_CLOEXEC), INT(0), ends));
    show("F_GETFD", fcntl(ends[0], F_GETFD));
    show("socketpair of inet", syscall(SYS_socketpair, INT(AF_INET), INT(SOCK_STREAM), INT(0), ends + 0) == -1 ? -1 : 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    show("to nowhere", syscall(SYS_socketpair, INT(AF_UNIX), INT(SOCK_STREAM), INT(0), NOWHERE));
    show("sendto", syscall(SYS_sendto, INT(ends[0]), "hello", 5L, INT(0), NULL, INT(0)));
    show("peek", syscall(SYS_recvfrom, INT(ends[1]), buffer, 32L, INT(MSG_PEEK), NULL, NULL));
    show("recvfrom", syscall(SYS_recvfrom, INT(ends[1]), buffer, 3L, INT(0), NULL, NULL));
    show("recvfrom", syscall(SYS_recvfrom, INT(ends[1]), buffer, 32L, INT(MSG_DONTWAIT), NULL, NULL));
    show("recvfrom", syscall(SYS_recvfrom, INT(ends[1]), buffer, 32L, INT(MSG_DONTWAIT), NULL, NULL));
    show("shutdown", syscall(SYS_shutdown, INT(ends[0]), INT(SHUT_WR)));
    show("the end", syscall(SYS_recvfrom, INT(ends[1]), buffer, 32L, INT(0), NULL, NULL));
    show("send to the shut", syscall(SYS_sendto, INT(ends[0]), "x", 1L, INT(MSG_NOSIGNAL), NULL, INT(0)));
    show("of a file", syscall(SYS_shutdown, INT(1), INT(SHUT_WR)));
}

static void messages(void)
{
    int ends[2], sent[2], one = 1;
    char text[3][16] = {"one", "two", ""}, control[256];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    pipe(sent);
    setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
    struct iovec parts[2] = {{text[0], 3}, {text[1], 3}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof sent)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof sent);
    memcpy(CMSG_DATA(header), sent, sizeof sent);
    show("sendmsg", syscall(SYS_sendmsg, INT(ends[0]), &message, INT(0)));
    memset(control, 0, sizeof control);
    parts[0] = (struct iovec){text[2], 4};
    message = (struct msghdr){.msg_iov = parts, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    show("recvmsg", syscall(SYS_recvmsg, INT(ends[1]), &message, INT(MSG_CMSG_CLOEXEC)));
    show_text("text", text[2], 4);
    printf("flags %x\n", message.msg_flags);
    for (header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        printf("level %d type %d length %zu\n", header->cmsg_level, header->cmsg_type, (size_t)header->cmsg_len - CMSG_LEN(0));
        if (header->cmsg_type == SCM_RIGHTS) {
            int got[2];
            memcpy(got, CMSG_DATA(header), sizeof got);
            show("write", write(got[1], "via", 3));
            show("read", read(sent[0], text[2], 3));
            show("F_GETFD", fcntl(got[0], F_GETFD));
        } else {
            struct ucred who;
            memcpy(&who, CMSG_DATA(header), sizeof who);
            show_truth("it was me", who.pid == getpid() && who.uid == getuid());
        }
    }
    show("recvmsg to nowhere", syscall(SYS_recvmsg, INT(ends[1]), NOWHERE, INT(MSG_DONTWAIT)));
    message.msg_iovlen = 5000;
    show("too many parts", syscall(SYS_sendmsg, INT(ends[0]), &message, INT(0)));
    struct mmsghdr many[3] = {0};
    struct iovec single[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}};
    for (int i = 0; i < 3; i++)
        many[i].msg_hdr = (struct msghdr){.msg_iov = &single[i], .msg_iovlen = 1};
    show("sendmmsg", syscall(SYS_sendmmsg, INT(ends[0]), many, INT(3), INT(0)));
    for (int i = 0; i < 3; i++)
        single[i] = (struct iovec){text[i], 16};
    show("recvmmsg", syscall(SYS_recvmmsg, INT(ends[1]), many, INT(3), INT(MSG_DONTWAIT), NULL));
    printf("%u %u %u\n", many[0].msg_len, many[1].msg_len, many[2].msg_len);
    show("recvmmsg of nothing", syscall(SYS_recvmmsg, INT(ends[1]), many, INT(3), INT(MSG_DONTWAIT), NULL));
}

// Descriptors that travel with many messages at once.
static void descriptors(void)
{
    int ends[2], pipes[2][2];
    char text[2][8] = {"first", "second"}, sent[2][CMSG_SPACE(sizeof(int))], got[2][CMSG_SPACE(sizeof(int))];
    struct iovec parts[2];
    struct mmsghdr many[2] = {0};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    for (int i = 0; i < 2; i++) {
        pipe(pipes[i]);
        parts[i] = (struct iovec){text[i], strlen(text[i])};
        many[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1, .msg_control = sent[i], .msg_controllen = sizeof sent[i]};
        struct cmsghdr *header = CMSG_FIRSTHDR(&many[i].msg_hdr);
        *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(header), &pipes[i][1], sizeof(int));
    }
    show("sendmmsg of descriptors", syscall(SYS_sendmmsg, INT(ends[0]), many, INT(2), INT(0)));
    for (int i = 0; i < 2; i++) {
        memset(text[i], 0, sizeof text[i]);
        many[i].msg_hdr.msg_control = got[i];
        many[i].msg_hdr.msg_controllen = sizeof got[i];
    }
    show("recvmmsg of descriptors", syscall(SYS_recvmmsg, INT(ends[1]), many, INT(2), INT(MSG_CMSG_CLOEXEC), NULL));
    for (int i = 0; i < 2; i++) {
        struct cmsghdr *header = CMSG_FIRSTHDR(&many[i].msg_hdr);
        int fd = -1;
        char letter = 0;
        if (header && header->cmsg_type == SCM_RIGHTS) {
            memcpy(&fd, CMSG_DATA(header), sizeof fd);
        }
        write(fd, &text[i][0], 1);
        read(pipes[i][0], &letter, 1);
        printf("%s: %u bytes, letter %c, flags %x, cloexec %d\n", text[i], many[i].msg_len, letter, many[i].msg_hdr.msg_flags & ~MSG_CMSG_CLOEXEC,
               fcntl(fd, F_GETFD));
    }
}

static void internet(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, peer = {0};
    socklen_t length = sizeof address;
    char buffer[16];
    int value = -1, listener = syscall(SYS_socket, INT(AF_INET), INT(SOCK_STREAM), INT(0));
    show_ok("socket", listener);
    show("bind", syscall(SYS_bind, INT(listener), &address, INT(sizeof address)));
    show("bind again", syscall(SYS_bind, INT(listener), &address, INT(sizeof address)));
    show("listen", syscall(SYS_listen, INT(listener), INT(5)));
    show("getsockname", syscall(SYS_getsockname, INT(listener), &address, &length));
    printf("family %d length %u port %s\n", address.sin_family, length, address.sin_port ? "given" : "none");
    int client = syscall(SYS_socket, INT(AF_INET), INT(SOCK_STREAM | SOCK_NONBLOCK), INT(IPPROTO_TCP));
    long connected = syscall(SYS_connect, INT(client), &address, INT(sizeof address));
    show_truth("connect", connected == 0 || errno == EINPROGRESS);
    length = sizeof peer;
    int server = syscall(SYS_accept4, INT(listener), &peer, &length, INT(SOCK_CLOEXEC));
    show_ok("accept4", server);
    printf("family %d length %u\n", peer.sin_family, length);
    show("write", write(server, "data", 4));
    usleep(20000);
    show("waiting", ioctl(client, FIONREAD, &value));
    show("bytes", value);
    show("read", read(client, buffer, 16));
    show("getpeername", syscall(SYS_getpeername, INT(client), &peer, &length));
    show_truth("the server", peer.sin_port == address.sin_port);
    value = 1;
    show("TCP_NODELAY", syscall(SYS_setsockopt, INT(client), INT(IPPROTO_TCP), INT(TCP_NODELAY), &value, INT(4)));
    value = 0;
    length = 4;
    show("read back", syscall(SYS_getsockopt, INT(client), INT(IPPROTO_TCP), INT(TCP_NODELAY), &value, &length));
    printf("value %d length %u\n", value, length);
    struct timeval time = {1, 500000};
    show("SO_RCVTIMEO", setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    time.tv_sec = 9;
    length = sizeof time;
    show("read back", getsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &time, &length));
    printf("%ld %ld\n", (long)time.tv_sec, (long)time.tv_usec);
    struct linger linger = {1, 7};
    show("SO_LINGER", setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    length = 4;
    show("SO_TYPE", getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &length));
    show("type", value);
    show("no such option", syscall(SYS_setsockopt, INT(client), INT(SOL_SOCKET), INT(9999), &value, INT(4)));
    show("too short", syscall(SYS_setsockopt, INT(client), INT(SOL_SOCKET), INT(SO_LINGER), &value, INT(1)));
    show("option from nowhere", syscall(SYS_setsockopt, INT(client), INT(SOL_SOCKET), INT(SO_KEEPALIVE), NOWHERE, INT(4)));
    address.sin_port = htons(1);
    show("connect to nobody", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address));
    show("no such family", syscall(SYS_socket, INT(99), INT(SOCK_STREAM), INT(0)));
    show("no such type", syscall(SYS_socket, INT(AF_INET), INT(15), INT(0)));
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_port = 0;
    bind(datagrams, (void *)&address, sizeof address);
    length = sizeof address;
    getsockname(datagrams, (void *)&address, &length);
    show("sendto", syscall(SYS_sendto, INT(datagrams), "packet", 6L, INT(0), &address, INT(sizeof address)));
    length = sizeof peer;
    show("recvfrom", syscall(SYS_recvfrom, INT(datagrams), buffer, 3L, INT(MSG_TRUNC), &peer, &length));
    show_truth("from myself", peer.sin_port == address.sin_port && length == sizeof peer);
}

static void names(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}, peer;
    socklen_t length = sizeof peer;
    snprintf(address.sun_path + 1, 60, "kage-test-%d", getpid());
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0), who[3];
    show("bind to an abstract name", bind(server, (void *)&address, 40));
    show("listen", listen(server, 1));
    show("connect", connect(client, (void *)&address, 40));
    show("getpeername", getpeername(client, (void *)&peer, &length));
    show("length", length);
    length = sizeof who;
    show("SO_PEERCRED", getsockopt(client, SOL_SOCKET, SO_PEERCRED, who, &length));
    show_truth("it is me", who[0] == getpid() && who[1] == (int)getuid());
    enter_folder();
    strcpy(address.sun_path, "socket");
    server = socket(AF_UNIX, SOCK_DGRAM, 0);
    show("bind to a path", bind(server, (void *)&address, sizeof address));
    show("bind again", bind(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&address, sizeof address));
    show("connect to a path", connect(socket(AF_UNIX, SOCK_DGRAM, 0), (void *)&address, sizeof address));
}

static void netlink(void)
{
    struct { struct nlmsghdr header; struct ifinfomsg link; } request = {
        {sizeof request, RTM_GETLINK, NLM_F_REQUEST, 7}, {.ifi_family = AF_UNSPEC, .ifi_index = 1}};
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    char answer[8192];
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) {
        show("netlink", fd);
        return;
    }
    show("sendto", sendto(fd, &request, sizeof request, 0, (void *)&kernel, sizeof kernel));
    long length = recv(fd, answer, sizeof answer, 0);
    struct nlmsghdr *header = (void *)answer;
    printf("type %d sequence %u\n", header->nlmsg_type, header->nlmsg_seq);
    struct ifinfomsg *link = NLMSG_DATA(header);
    long rest = IFLA_PAYLOAD(header);
    for (struct rtattr *attribute = IFLA_RTA(link); RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest))
        if (attribute->rta_type == IFLA_IFNAME)
            printf("name %s\n", (char *)RTA_DATA(attribute));
    struct ifreq interface = {.ifr_ifindex = 1};
    show("SIOCGIFNAME", ioctl(fd, SIOCGIFNAME, &interface));
    printf("name %s\n", interface.ifr_name);
}

int main(void)
{
    pairs();
    messages();
    descriptors();
    internet();
    names();
    netlink();
    return 0;
}
