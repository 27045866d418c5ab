/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/vkernel_calls.h - the names that the renamed libraries call (cmake/libcoap_symbols.txt and
 * its like). Each behaves as the call of the same name without vk_ for what the
 * libraries do with it, and fails with errno for everything else. Called by the libraries, by the
 * files that drive them, and by the test. */
#ifndef NET_VKERNEL_CALLS_H
#define NET_VKERNEL_CALLS_H

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <time.h>

void *vk_malloc(size_t size);
void *vk_calloc(size_t count, size_t size);
void *vk_realloc(void *p, size_t size);
void vk_free(void *p);
char *vk_strdup(const char *text);

int vk_clock_gettime(clockid_t clock, struct timespec *out);
time_t vk_time(time_t *out);
int vk_gettimeofday(struct timeval *out, void *zone);
ssize_t vk_getrandom(void *out, size_t n, unsigned flags);
int vk_random_block(unsigned char *out, unsigned n); /* wolfSSL's own name for it: 0, or an error */

int vk_getaddrinfo(const char *host, const char *service, const struct addrinfo *like,
                   struct addrinfo **out);
void vk_freeaddrinfo(struct addrinfo *list);
int vk_socketpair(int domain, int type, int protocol, int out[2]);
int vk_fcntl(int fd, int command, ...);
int vk_socket(int domain, int type, int protocol);
int vk_bind(int fd, const struct sockaddr *address, socklen_t size);
int vk_connect(int fd, const struct sockaddr *address, socklen_t size);
int vk_listen(int fd, int backlog);
int vk_accept(int fd, struct sockaddr *address, socklen_t *size);
int vk_close(int fd);
int vk_getsockname(int fd, struct sockaddr *address, socklen_t *size);
int vk_getpeername(int fd, struct sockaddr *address, socklen_t *size);
int vk_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int vk_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
int vk_ioctl(int fd, unsigned long request, ...);
unsigned vk_if_nametoindex(const char *name);
ssize_t vk_send(int fd, const void *data, size_t n, int flags);
ssize_t vk_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t vk_recv(int fd, void *out, size_t n, int flags);
ssize_t vk_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t vk_read(int fd, void *out, size_t n);
ssize_t vk_write(int fd, const void *data, size_t n);

int vk_epoll_create1(int flags);
int vk_epoll_ctl(int set, int operation, int fd, struct epoll_event *event);
int vk_epoll_wait(int set, struct epoll_event *out, int n, int timeout);
int vk_timerfd_create(int clock, int flags);
int vk_timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old);

_Noreturn void vk_exit(int status);

#endif
