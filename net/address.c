/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/address.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "sim/core/random.h"

/* RFC 4291 2.5.5.2 */
static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/* A unique local prefix (RFC 4193) of ours; the device number stands in the last four bytes. */
static const uint8_t virtual_prefix[12] = {0xFD, 0xB1, 0xAC, 0x57, 0xA2, 0x70};

enum { FIRST_PORT = 49152 }; /* of the dynamic ports, RFC 6335 6 */

net_address net_address_virtual(uint32_t device, uint16_t connection) {
    net_address a = {.port = (uint16_t)(FIRST_PORT + connection)};
    memcpy(a.ip, virtual_prefix, sizeof virtual_prefix);
    for (unsigned i = 0; i < 4; i++) a.ip[12 + i] = (uint8_t)(device >> (24 - 8 * i));
    return a;
}

uint64_t net_address_hash(const net_address *a) {
    uint64_t high;
    uint64_t low;
    memcpy(&high, a->ip, sizeof high);
    memcpy(&low, a->ip + sizeof high, sizeof low);
    return sim_hash64(sim_hash64(sim_hash64(high) ^ low) ^ a->port);
}

char *net_address_text(const net_address *a, char *text, size_t size) {
    char ip[INET6_ADDRSTRLEN];
    bool mapped = memcmp(a->ip, mapped_prefix, sizeof mapped_prefix) == 0;
    inet_ntop(mapped ? AF_INET : AF_INET6, a->ip + (mapped ? sizeof mapped_prefix : 0), ip,
              sizeof ip);
    snprintf(text, size, mapped ? "%s:%u" : "[%s]:%u", ip, a->port);
    return text;
}

/* 0..65535, digits only, to the end of the text. */
static int parse_port(const char *text, uint16_t *out) {
    uint32_t port = 0;
    if (*text == '\0') return SIM_EPARSE;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return SIM_EPARSE;
        port = 10 * port + (uint32_t)(*text - '0');
        if (port > UINT16_MAX) return SIM_EPARSE;
    }
    *out = (uint16_t)port;
    return 0;
}

static int parse_host(const char *host, uint8_t ip[16]) {
    if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
    memcpy(ip, mapped_prefix, sizeof mapped_prefix);
    if (inet_pton(AF_INET, host, ip + sizeof mapped_prefix) == 1) return 0;
    return inet_pton(AF_INET6, host, ip) == 1 ? 0 : SIM_EPARSE;
}

int net_address_parse(const char *text, const char *default_host, net_address *out) {
    char host[INET6_ADDRSTRLEN];
    bool bracket = text[0] == '[';
    const char *begin = bracket ? text + 1 : text;
    const char *end = bracket ? strstr(begin, "]:") : strchr(begin, ':');
    size_t n = end == NULL ? 0 : (size_t)(end - begin);
    if (end == NULL && (bracket || default_host == NULL)) return SIM_EPARSE;
    if (n >= sizeof host) return SIM_EPARSE;
    memcpy(host, begin, n);
    host[n] = '\0';
    if (bracket && strchr(host, ':') == NULL) return SIM_EPARSE; /* brackets are for IPv6 */
    net_address a = {0};
    int error = parse_host(end == NULL ? default_host : host, a.ip);
    if (error == 0) error = parse_port(end == NULL ? text : end + (bracket ? 2 : 1), &a.port);
    if (error == 0) *out = a;
    return error;
}

bool net_address_virtual_read(const net_address *a, uint32_t *device, uint16_t *connection) {
    if (memcmp(a->ip, virtual_prefix, sizeof virtual_prefix) != 0) return false;
    *device = 0;
    for (unsigned i = 0; i < 4; i++) *device = *device << 8 | a->ip[12 + i];
    *connection = (uint16_t)(a->port - FIRST_PORT); /* ports wrap as connections do */
    return true;
}
