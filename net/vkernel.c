/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/vkernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "net/vkernel_calls.h"
#include "sim/core/heap.h"

/* ---- The table ---- */

/* What a node has; its descriptors are its row's number and one of these kinds. */
enum kind { EPOLL, TIMER, SOCKET, KINDS };
enum { CONNECTED = 1 << KINDS, WATCHED = 2 << KINDS, TAKEN = 4 << KINDS, STREAM = 8 << KINDS };

typedef struct row {
    void *owner;
    net_vkernel_output *output;
    epoll_data_t watcher; /* what the library asked to be told when the socket is readable */
    sim_time deadline;    /* SIM_NEVER: the timer is not armed */
    net_node next_free;   /* of a free row */
    uint8_t state;        /* a bit for each open kind, CONNECTED, WATCHED, TAKEN, STREAM */
} row;
_Static_assert(sizeof(row) == 40,
               "one row is one device: every byte is a megabyte in a large fleet");

/* Rows are never moved: a device that connects while a callback runs must not pull a row from under
 * its feet. */
enum { CHUNK_ROWS = 256, DESCRIPTORS_A_ROW = 4, ROWS_MAX = 1 << 28 };

/* libcoap keeps its sessions and resources in uthash tables, and uthash ends the process when it
 * gets no memory for a new table. So the blocks of the tables that one node can begin (two on a
 * server) are set aside while running out of memory can still be an error value: in
 * net_vkernel_open. Sizes of uthash 2.x: the table, and its 32 first buckets of 16 bytes. */
enum { RESERVED = 4 };
static const size_t reserved_size[RESERVED] = {64, 512, 64, 512};

struct net_vkernel {
    row **chunks;
    uint32_t chunk_count;
    net_node first_free;
    uint32_t used; /* rows ever taken */
    uint32_t open;
    void *reserve[RESERVED];
};

static _Thread_local net_vkernel_scope current;

static row *row_of(const net_vkernel *k, net_node node) {
    SIM_PROMISE(node != 0 && node <= k->used);
    row *r = &k->chunks[(node - 1) / CHUNK_ROWS][(node - 1) % CHUNK_ROWS];
    SIM_PROMISE((r->state & TAKEN) != 0);
    return r;
}

net_vkernel *net_vkernel_new(void) {
    return sim_calloc(1, sizeof(net_vkernel));
}

void net_vkernel_free(net_vkernel *k) {
    if (k == NULL) return;
    SIM_PROMISE(k->open == 0);
    for (uint32_t i = 0; i < k->chunk_count; i++) sim_free(k->chunks[i]);
    for (int i = 0; i < RESERVED; i++) sim_free(k->reserve[i]);
    sim_free(k->chunks);
    sim_free(k);
}

static int fill_reserve(net_vkernel *k) {
    for (int i = 0; i < RESERVED; i++) {
        if (k->reserve[i] == NULL) k->reserve[i] = sim_malloc(reserved_size[i]);
        if (k->reserve[i] == NULL) return SIM_ENOMEM;
    }
    return 0;
}

static int add_chunk(net_vkernel *k) {
    if (k->used >= ROWS_MAX) return SIM_EAGAIN;
    bool full =
        /* the list of chunks doubles at every power of two */
        (k->chunk_count & (k->chunk_count - 1)) == 0;
    if (full) {
        row **chunks = sim_realloc(
            k->chunks, (k->chunk_count == 0 ? 1 : 2 * (size_t)k->chunk_count) * sizeof *chunks);
        if (chunks == NULL) return SIM_ENOMEM;
        k->chunks = chunks;
    }
    row *chunk = sim_calloc(CHUNK_ROWS, sizeof *chunk);
    if (chunk == NULL) return SIM_ENOMEM;
    k->chunks[k->chunk_count++] = chunk;
    return 0;
}

static int take_row(net_vkernel *k, net_node *out) {
    if (k->first_free != 0) {
        *out = k->first_free;
        k->first_free = k->chunks[(*out - 1) / CHUNK_ROWS][(*out - 1) % CHUNK_ROWS].next_free;
        return 0;
    }
    if (k->used == k->chunk_count * CHUNK_ROWS) {
        int error = add_chunk(k);
        if (error != 0) return error;
    }
    *out = ++k->used;
    return 0;
}

int net_vkernel_open(net_vkernel *k, void *owner, net_vkernel_output *output, net_node *out) {
    int error = fill_reserve(k);
    if (error == 0) error = take_row(k, out);
    if (error != 0) return error;
    k->chunks[(*out - 1) / CHUNK_ROWS][(*out - 1) % CHUNK_ROWS] =
        (row){.owner = owner, .output = output, .deadline = SIM_NEVER, .state = TAKEN};
    k->open++;
    return 0;
}

void net_vkernel_close(net_vkernel *k, net_node node) {
    row *r = row_of(k, node);
    *r = (row){.next_free = k->first_free};
    k->first_free = node;
    k->open--;
}

net_vkernel_scope net_vkernel_enter(net_vkernel *k, net_node node, sim_time now,
                                    sim_stream *stream) {
    net_vkernel_scope previous = current;
    current = (net_vkernel_scope){.kernel = k, .now = now, .stream = stream, .node = node};
    return previous;
}

void net_vkernel_leave(net_vkernel_scope previous) {
    current = previous;
}

sim_time net_vkernel_now(void) {
    return current.now;
}

void net_vkernel_arrive(uint32_t peer, const uint8_t *data, size_t n) {
    SIM_PROMISE(current.node != 0);
    current.datagram = data;
    current.datagram_size = n;
    current.peer = peer;
}

size_t net_vkernel_unread(void) {
    return current.datagram != NULL ? current.datagram_size : 0;
}

void net_vkernel_refused(void) {
    SIM_PROMISE(current.node != 0);
    current.refused = true;
}

sim_time net_vkernel_deadline(const net_vkernel *k, net_node node) {
    return row_of(k, node)->deadline;
}

int net_vkernel_random(void *out, size_t n) {
    if (current.stream != NULL) {
        sim_stream_bytes(current.stream, out, n);
        return 0;
    }
    uint8_t *to = out;
    while (n > 0) { /* the real world: the operating system's */
        ssize_t got = getrandom(to, n, 0);
        if (got < 0 && errno != EINTR) return SIM_EIO;
        if (got < 0) continue;
        to += got;
        n -= (size_t)got;
    }
    return 0;
}

int vk_random_block(unsigned char *out, unsigned n) {
    return net_vkernel_random(out, n);
}

/* ---- Heap, clock, randomness ---- */

static void *take_reserved(size_t size) {
    if (current.kernel == NULL) return NULL;
    for (int i = 0; i < RESERVED; i++) {
        void *p = current.kernel->reserve[i];
        if (p == NULL || reserved_size[i] != size) continue;
        current.kernel->reserve[i] = NULL;
        return p;
    }
    return NULL;
}

void *vk_malloc(size_t size) {
    void *p = sim_malloc(size);
    return p != NULL ? p : take_reserved(size);
}

/* The compiler of the library makes one calloc of a malloc and a memset. */
void *vk_calloc(size_t count, size_t size) {
    void *p = sim_calloc(count, size);
    size_t bytes;
    if (p != NULL || __builtin_mul_overflow(count, size, &bytes)) return p;
    p = take_reserved(bytes);
    return p == NULL ? NULL : memset(p, 0, bytes);
}

void *vk_realloc(void *p, size_t size) {
    return sim_realloc(p, size);
}

void vk_free(void *p) {
    sim_free(p);
}

char *vk_strdup(const char *text) {
    return sim_strdup(text);
}

int vk_clock_gettime(clockid_t clock, struct timespec *out) {
    (void)clock; /* real and monotonic time run alike here */
    out->tv_sec = NET_VKERNEL_EPOCH_S + current.now / SIM_SECOND;
    out->tv_nsec = current.now % SIM_SECOND;
    return 0;
}

time_t vk_time(time_t *out) {
    time_t t = NET_VKERNEL_EPOCH_S + current.now / SIM_SECOND;
    if (out != NULL) *out = t;
    return t;
}

int vk_gettimeofday(struct timeval *out, void *zone) {
    (void)zone;
    out->tv_sec = NET_VKERNEL_EPOCH_S + current.now / SIM_SECOND;
    out->tv_usec = current.now % SIM_SECOND / SIM_MICROSECOND;
    return 0;
}

ssize_t vk_getrandom(void *out, size_t n, unsigned flags) {
    (void)flags;
    net_vkernel_random(out, n);
    return (ssize_t)n;
}

/* ---- Descriptors ---- */

static int fail(int error) {
    errno = error;
    return -1;
}

static int descriptor(net_node node, enum kind kind) {
    return (int)node * DESCRIPTORS_A_ROW + (int)kind;
}

/* The current node's row when `fd` is its open descriptor of this kind, else NULL with errno EBADF.
 */
static row *row_behind(int fd, enum kind kind) {
    row *r = current.node == 0 ? NULL : row_of(current.kernel, current.node);
    if (r != NULL && fd == descriptor(current.node, kind) && (r->state & 1 << kind) != 0) return r;
    errno = EBADF;
    return NULL;
}

static int open_descriptor(enum kind kind) {
    if (current.node == 0) return fail(EPERM);
    row *r = row_of(current.kernel, current.node);
    if ((r->state & 1 << kind) != 0) return fail(EMFILE);
    r->state = (uint8_t)(r->state | 1 << kind);
    return descriptor(current.node, kind);
}

int vk_close(int fd) {
    for (enum kind kind = EPOLL; kind < KINDS; kind++) {
        row *r = row_behind(fd, kind);
        if (r == NULL) continue;
        r->state = (uint8_t)(r->state & ~(1 << kind));
        if (kind == TIMER) r->deadline = SIM_NEVER;
        if (kind == SOCKET) r->state = (uint8_t)(r->state & ~(CONNECTED | WATCHED | STREAM));
        return 0;
    }
    return -1;
}

/* ---- Sockets ---- */

static void address_of(uint32_t ip, struct sockaddr *address, socklen_t *size) {
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(NET_VKERNEL_PORT), .sin_addr.s_addr = htonl(ip)};
    memcpy(address, &in, *size < sizeof in ? *size : sizeof in);
    *size = sizeof in;
}

int vk_socket(int domain, int type, int protocol) {
    (void)protocol;
    if (domain != AF_INET || (type != SOCK_DGRAM && type != SOCK_STREAM)) return fail(EAFNOSUPPORT);
    int fd = open_descriptor(SOCKET);
    if (fd >= 0 && type == SOCK_STREAM) {
        row *r = row_of(current.kernel, current.node);
        r->state = (uint8_t)(r->state | STREAM);
    }
    return fd;
}

/* A library that has a thread wakes it through one; here nobody sleeps. */
int vk_socketpair(int domain, int type, int protocol, int out[2]) {
    (void)domain;
    (void)type;
    (void)protocol;
    (void)out;
    return fail(EOPNOTSUPP);
}

int vk_fcntl(int fd, int command, ...) {
    if (row_behind(fd, SOCKET) == NULL) return -1;
    return command == F_GETFL ? O_RDWR | O_NONBLOCK : 0; /* it never blocks */
}

/* Whatever the name: a node has one peer. */
int vk_getaddrinfo(const char *host, const char *service, const struct addrinfo *like,
                   struct addrinfo **out) {
    (void)host;
    (void)service;
    struct found {
        struct addrinfo info;
        struct sockaddr_in address;
    } *f = sim_calloc(1, sizeof *f);
    if (f == NULL) return EAI_MEMORY;
    f->info = (struct addrinfo){.ai_family = AF_INET,
                                .ai_socktype = like->ai_socktype,
                                .ai_addrlen = sizeof f->address,
                                .ai_addr = (struct sockaddr *)&f->address};
    f->address.sin_family = AF_INET;
    f->address.sin_addr.s_addr = htonl(NET_VKERNEL_NETWORK);
    *out = &f->info;
    return 0;
}

void vk_freeaddrinfo(struct addrinfo *list) {
    sim_free(list);
}

int vk_bind(int fd, const struct sockaddr *address, socklen_t size) {
    (void)address; /* a node is told from others by its row, not by its address */
    (void)size;
    return row_behind(fd, SOCKET) == NULL ? -1 : 0;
}

int vk_connect(int fd, const struct sockaddr *address, socklen_t size) {
    (void)address; /* its only peer is number 0 */
    (void)size;
    row *r = row_behind(fd, SOCKET);
    if (r == NULL) return -1;
    r->state = (uint8_t)(r->state | CONNECTED);
    return 0;
}

int vk_listen(int fd, int backlog) {
    (void)fd;
    (void)backlog;
    return fail(EOPNOTSUPP);
}

int vk_accept(int fd, struct sockaddr *address, socklen_t *size) {
    (void)fd;
    (void)address;
    (void)size;
    return fail(EOPNOTSUPP);
}

int vk_getsockname(int fd, struct sockaddr *address, socklen_t *size) {
    if (row_behind(fd, SOCKET) == NULL) return -1;
    address_of(INADDR_LOOPBACK, address, size);
    return 0;
}

int vk_getpeername(int fd, struct sockaddr *address, socklen_t *size) {
    row *r = row_behind(fd, SOCKET);
    if (r == NULL) return -1;
    if ((r->state & CONNECTED) == 0) return fail(ENOTCONN);
    address_of(NET_VKERNEL_NETWORK, address, size);
    return 0;
}

int vk_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
    (void)level;
    (void)name;
    if (row_behind(fd, SOCKET) == NULL) return -1;
    if (value != NULL && size != NULL) memset(value, 0, *size);
    return 0;
}

int vk_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    (void)level;
    (void)name;
    (void)value;
    (void)size;
    return row_behind(fd, SOCKET) == NULL ? -1 : 0;
}

int vk_ioctl(int fd, unsigned long request, ...) {
    (void)request; /* libcoap makes its socket non-blocking, which it is */
    return row_behind(fd, SOCKET) == NULL ? -1 : 0;
}

unsigned vk_if_nametoindex(const char *name) {
    (void)name;
    errno = ENODEV;
    return 0;
}

ssize_t vk_send(int fd, const void *data, size_t n, int flags) {
    (void)flags;
    row *r = row_behind(fd, SOCKET);
    if (r == NULL) return -1;
    if ((r->state & CONNECTED) == 0) return fail(EDESTADDRREQ);
    r->output(r->owner, 0, data, n);
    return (ssize_t)n;
}

ssize_t vk_sendmsg(int fd, const struct msghdr *message, int flags) {
    (void)flags;
    row *r = row_behind(fd, SOCKET);
    if (r == NULL) return -1;
    struct sockaddr_in to;
    if (message->msg_iovlen != 1 || message->msg_name == NULL || message->msg_namelen < sizeof to)
        return fail(EINVAL);
    memcpy(&to, message->msg_name, sizeof to);
    if (to.sin_family != AF_INET) return fail(EAFNOSUPPORT);
    r->output(r->owner, ntohl(to.sin_addr.s_addr) - NET_VKERNEL_NETWORK, message->msg_iov->iov_base,
              message->msg_iov->iov_len);
    return (ssize_t)message->msg_iov->iov_len;
}

/* What of a datagram does not fit is lost; what of a stream does not comes with the next read. */
static ssize_t read_arrived(const row *r, void *out, size_t n) {
    if (current.refused) {
        current.refused = false;
        return fail(ECONNREFUSED);
    }
    if (current.datagram == NULL) return fail(EAGAIN);
    if (n > current.datagram_size) n = current.datagram_size;
    memcpy(out, current.datagram, n);
    bool is_left = (r->state & STREAM) != 0 && n < current.datagram_size;
    current.datagram = is_left ? current.datagram + n : NULL;
    current.datagram_size -= n;
    return (ssize_t)n;
}

ssize_t vk_recv(int fd, void *out, size_t n, int flags) {
    (void)flags;
    const row *r = row_behind(fd, SOCKET);
    return r == NULL ? -1 : read_arrived(r, out, n);
}

ssize_t vk_recvmsg(int fd, struct msghdr *message, int flags) {
    (void)flags;
    const row *r = row_behind(fd, SOCKET);
    if (r == NULL) return -1;
    if (message->msg_iovlen != 1) return fail(EINVAL);
    ssize_t n = read_arrived(r, message->msg_iov->iov_base, message->msg_iov->iov_len);
    if (n < 0) return n;
    if (message->msg_name != NULL)
        address_of(NET_VKERNEL_NETWORK + current.peer, message->msg_name, &message->msg_namelen);
    message->msg_controllen = 0; /* the library then asks for the socket's own address */
    message->msg_flags = 0;
    return n;
}

/* ---- Readiness ---- */

int vk_epoll_create1(int flags) {
    (void)flags;
    return open_descriptor(EPOLL);
}

static int watch(row *r, int operation, const struct epoll_event *event) {
    if (operation == EPOLL_CTL_DEL) {
        r->state = (uint8_t)(r->state & ~WATCHED);
        return 0;
    }
    r->watcher = event->data;
    r->state = (uint8_t)(r->state | WATCHED);
    return 0;
}

int vk_epoll_ctl(int set, int operation, int fd, struct epoll_event *event) {
    if (row_behind(set, EPOLL) == NULL) return -1;
    row *r = row_behind(fd, SOCKET);
    if (r != NULL) return watch(r, operation, event);
    /* A row has no room for what the library wants back with a timer event; libcoap wants nothing.
     */
    if (row_behind(fd, TIMER) == NULL) return -1;
    return operation == EPOLL_CTL_ADD && event->data.u64 != 0 ? fail(EINVAL) : 0;
}

int vk_epoll_wait(int set, struct epoll_event *out, int n, int timeout) {
    (void)timeout; /* time stands still inside a call */
    row *r = row_behind(set, EPOLL);
    if (r == NULL) return -1;
    int ready = 0;
    if ((current.datagram != NULL || current.refused) && (r->state & WATCHED) != 0 && ready < n) {
        out[ready++] = (struct epoll_event){.events = EPOLLIN, .data = r->watcher};
    }
    if (r->deadline <= current.now && ready < n)
        out[ready++] = (struct epoll_event){.events = EPOLLIN};
    return ready;
}

int vk_timerfd_create(int clock, int flags) {
    (void)clock;
    (void)flags;
    return open_descriptor(TIMER);
}

int vk_timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old) {
    row *r = row_behind(fd, TIMER);
    if (r == NULL) return -1;
    if (flags != 0 || old != NULL || value->it_interval.tv_sec != 0 ||
        value->it_interval.tv_nsec != 0)
        return fail(EINVAL);
    bool armed = value->it_value.tv_sec != 0 || value->it_value.tv_nsec != 0;
    sim_time span = value->it_value.tv_sec < SIM_NEVER / SIM_SECOND - 1
                        ? value->it_value.tv_sec * SIM_SECOND + value->it_value.tv_nsec
                        : SIM_NEVER;
    r->deadline = armed ? sim_time_add(current.now, span) : SIM_NEVER;
    return 0;
}

ssize_t vk_write(int fd, const void *data, size_t n) {
    return vk_send(fd, data, n, 0);
}

ssize_t vk_read(int fd, void *out, size_t n) {
    row *r = row_behind(fd, TIMER);
    if (r == NULL) return vk_recv(fd, out, n, 0);
    if (r->deadline > current.now) return fail(EAGAIN);
    uint64_t expirations = 1;
    if (n < sizeof expirations) return fail(EINVAL);
    memcpy(out, &expirations, sizeof expirations);
    r->deadline = SIM_NEVER;
    return sizeof expirations;
}

/* ---- The end ---- */

/* Only uthash calls this, when it has no memory for a hash table; the reserve is there so that it
 * does not. */
_Noreturn void vk_exit(int status) {
    (void)status;
    sim_promise_broken(__FILE__, __LINE__, "a protocol library found no memory and cannot say so");
}
