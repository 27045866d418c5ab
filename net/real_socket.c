/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_socket.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 8 << 20 };

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool net_real_is_ipv4(const net_address *a) {
    return memcmp(a->ip, mapped_prefix, sizeof mapped_prefix) == 0;
}

socklen_t net_real_to_kernel(const net_address *a, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    if (net_real_is_ipv4(a)) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;
        in->sin_family = AF_INET;
        in->sin_port = htons(a->port);
        memcpy(&in->sin_addr, a->ip + sizeof mapped_prefix, sizeof in->sin_addr);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(a->port);
    memcpy(&in6->sin6_addr, a->ip, sizeof in6->sin6_addr);
    return sizeof *in6;
}

net_address net_real_from_kernel(const struct sockaddr_storage *in) {
    net_address a = {0};
    if (in->ss_family == AF_INET) {
        const struct sockaddr_in *in4 = (const struct sockaddr_in *)in;
        memcpy(a.ip, mapped_prefix, sizeof mapped_prefix);
        memcpy(a.ip + sizeof mapped_prefix, &in4->sin_addr, sizeof in4->sin_addr);
        a.port = ntohs(in4->sin_port);
    } else if (in->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)in;
        memcpy(a.ip, &in6->sin6_addr, sizeof in6->sin6_addr);
        a.port = ntohs(in6->sin6_port);
    }
    return a;
}

static int refuse(int fd) {
    int error = -errno;
    (void)close(fd);
    return error;
}

int net_real_open(const net_address *local) {
    struct sockaddr_storage name;
    socklen_t length = net_real_to_kernel(local, &name);
    bool ipv4 = name.ss_family == AF_INET;
    const int on = 1;
    const int buffer = BUFFER_BYTES;
    int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer,
                     sizeof buffer); /* the system may give less: then datagrams are lost sooner */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    /* without stamps, all that waits counts as if it had just come */
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
    if (setsockopt(fd, level, ipv4 ? IP_PKTINFO : IPV6_RECVPKTINFO, &on, sizeof on) != 0)
        return refuse(fd);
    if (bind(fd, (const struct sockaddr *)&name, length) != 0) return refuse(fd);
    return fd;
}

int net_real_connect(const net_address *target) {
    struct sockaddr_storage name;
    net_address any = {0};
    if (net_real_is_ipv4(target)) memcpy(any.ip, target->ip, 12);
    int fd = net_real_open(&any);
    if (fd < 0) return fd;
    socklen_t length = net_real_to_kernel(target, &name);
    return connect(fd, (const struct sockaddr *)&name, length) == 0 ? fd : refuse(fd);
}

/* The counter that SO_RXQ_OVFL would tell of with the next datagram; here it is told even when no
 * other one comes. */
uint64_t net_real_dropped(int fd) {
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof info;
    return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) == 0 ? info[SK_MEMINFO_DROPS] : 0;
}

/* ---- packet information ---- */

typedef union control_space {
    struct cmsghdr align;
    char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct timespec))];
} control_space;

static int64_t nanoseconds(const struct timespec *t) {
    return (int64_t)t->tv_sec * SIM_SECOND + t->tv_nsec;
}

/* Where it came to, and when. */
static void read_information(struct msghdr *m, net_real_datagram *d) {
    net_address *local = &d->local;
    *local = (net_address){0};
    d->stamp_ns = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(local->ip, mapped_prefix, sizeof mapped_prefix);
            memcpy(local->ip + sizeof mapped_prefix, &info.ipi_addr, sizeof info.ipi_addr);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(local->ip, &info.ipi6_addr, sizeof info.ipi6_addr);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            d->stamp_ns = nanoseconds(&stamp);
        }
    }
}

/* The kernel stamps by the clock of the day. Should that be set anew, only what waits at that very
 * moment is told wrong. */
sim_time net_real_waited(const net_real_datagram *d) {
    struct timespec now;
    if (d->stamp_ns == 0 || clock_gettime(CLOCK_REALTIME, &now) != 0) return 0;
    return sim_time_max(0, nanoseconds(&now) - d->stamp_ns);
}

static bool is_unspecified(const net_address *a) {
    static const uint8_t zero[16];
    return memcmp(a->ip, zero, sizeof zero) == 0;
}

static void write_local(struct msghdr *m, control_space *space, const net_address *local) {
    if (is_unspecified(local)) return;
    bool ipv4 = net_real_is_ipv4(local);
    size_t size = ipv4 ? sizeof(struct in_pktinfo) : sizeof(struct in6_pktinfo);
    memset(space, 0, sizeof *space);
    m->msg_control = space;
    m->msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
    c->cmsg_type = ipv4 ? IP_PKTINFO : IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(size);
    if (ipv4) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, local->ip + sizeof mapped_prefix, sizeof info.ipi_spec_dst);
        memcpy(CMSG_DATA(c), &info, sizeof info);
    } else {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, local->ip, sizeof info.ipi6_addr);
        memcpy(CMSG_DATA(c), &info, sizeof info);
    }
}

/* ---- many at a time ---- */

typedef struct batch_frame {
    struct mmsghdr messages[NET_REAL_BATCH];
    struct iovec vectors[NET_REAL_BATCH];
    struct sockaddr_storage names[NET_REAL_BATCH];
    control_space controls[NET_REAL_BATCH];
} batch_frame;

int net_real_receive(int fd, net_real_batch *batch) {
    batch_frame f;
    for (uint32_t i = 0; i < NET_REAL_BATCH; i++) {
        f.vectors[i] =
            (struct iovec){.iov_base = batch->items[i].data, .iov_len = NET_REAL_DATAGRAM_MAX};
        f.messages[i].msg_hdr = (struct msghdr){.msg_name = &f.names[i],
                                                .msg_namelen = sizeof f.names[i],
                                                .msg_iov = &f.vectors[i],
                                                .msg_iovlen = 1,
                                                .msg_control = &f.controls[i],
                                                .msg_controllen = sizeof f.controls[i]};
    }
    batch->count = 0;
    int n = recvmmsg(fd, f.messages, NET_REAL_BATCH, MSG_DONTWAIT, NULL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return SIM_EAGAIN;
    if (n < 0)
        return errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH
                   ? SIM_EUNREACHABLE
                   : SIM_EIO;
    for (int i = 0; i < n; i++) {
        batch->items[i].remote = net_real_from_kernel(&f.names[i]);
        batch->items[i].size = f.messages[i].msg_len;
        if ((f.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
            /* longer than anything we speak, and cut: nothing of it is true */
            batch->items[i].size = 0;
        read_information(&f.messages[i].msg_hdr, &batch->items[i]);
    }
    batch->count = (uint32_t)n;
    return n == 0 ? SIM_EAGAIN : 0;
}

/* What one datagram's failure means: full buffers lose it, a closed port will be told by receive,
 * all else is ours to report. */
static int judge_send(int error, uint64_t *lost) {
    if (error == EAGAIN || error == ENOBUFS || error == EINTR) {
        (*lost)++;
        return 0;
    }
    if (error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EPERM)
        return SIM_EUNREACHABLE;
    return SIM_EIO;
}

int net_real_send(int fd, net_real_batch *batch, uint64_t *lost) {
    batch_frame f;
    int error = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        net_real_datagram *d = &batch->items[i];
        bool connected = is_unspecified(&d->remote);
        f.vectors[i] = (struct iovec){.iov_base = d->data, .iov_len = d->size};
        f.messages[i].msg_hdr = (struct msghdr){.msg_iov = &f.vectors[i], .msg_iovlen = 1};
        if (!connected) {
            f.messages[i].msg_hdr.msg_namelen = net_real_to_kernel(&d->remote, &f.names[i]);
            f.messages[i].msg_hdr.msg_name = &f.names[i];
        }
        write_local(&f.messages[i].msg_hdr, &f.controls[i], &d->local);
    }
    for (uint32_t sent = 0; sent < batch->count;) {
        int n = sendmmsg(fd, f.messages + sent, batch->count - sent, MSG_DONTWAIT);
        if (n > 0) {
            sent += (uint32_t)n;
            continue;
        }
        int one = judge_send(errno, lost);
        if (one != 0) error = one;
        sent++; /* past the one that would not go */
    }
    batch->count = 0;
    return error;
}
