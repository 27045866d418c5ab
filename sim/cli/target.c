/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/target.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "net/protocol.h"
#include "net/websocket.h"
#include "sim/core/units.h"

static const char forms[] =
    "write coap://HOST:PORT, coaps://HOST:PORT, coap+tcp://HOST:PORT, coaps+tcp://HOST:PORT, "
    "mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH";
static const struct scheme {
    const char *text;
    const net_protocol *protocol;
    bool secure, websocket;
} schemes[] = {{"coap://", &net_protocol_coap, false, false},
               {"coaps://", &net_protocol_coap, true, false},
               {"coap+tcp://", &net_protocol_coap_tcp, false, false},
               {"coaps+tcp://", &net_protocol_coap_tcp, true, false},
               {"mqtt://", &net_protocol_mqtt, false, false},
               {"mqtts://", &net_protocol_mqtt, true, false},
               {"ws://", &net_protocol_mqtt, false, true},
               {"wss://", &net_protocol_mqtt, true, true}};
/* RFC 6455 3; and the path that brokers have by convention. */
enum { WEBSOCKET_PORT = 80, SECURED_WEBSOCKET_PORT = 443 };
static const char websocket_path[] = NET_WEBSOCKET_MQTT_PATH;

static const uint8_t mapped[12] = {0, 0, 0, 0, 0,    0,
                                   0, 0, 0, 0, 0xff, 0xff}; /* ::ffff:0:0/96, RFC 4291 2.5.5.2 */

static cli_exit wrong(cli_trouble *t, const char *what, const char *text, const char *what_to_do) {
    return cli_fail(t, CLI_EXIT_USAGE, "%s: %.200s (--target): %s", what, text, what_to_do);
}

/* Copies `n` bytes as a word of at most `size` - 1; false when there is no room or nothing to copy.
 */
static bool copy(char *out, size_t size, const char *from, size_t n) {
    if (n == 0 || n >= size) return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

static bool is_port(const char *text) {
    uint64_t port;
    return text[strspn(text, "0123456789")] == '\0' && sim_units_count(text, 1, 65535, &port) == 0;
}

/* HOST[:PORT], up to the end of the text. */
static cli_exit parse_authority(const char *text, const char *at, cli_target *out, cli_trouble *t) {
    out->bracketed = *at == '[';
    if (!out->bracketed && strchr(at, ':') != strrchr(at, ':'))
        return wrong(t, "the target has more than one colon", text,
                     "write an IPv6 address in brackets, coap://[::1]:5683");
    at += out->bracketed ? 1 : 0;
    size_t n = strcspn(at, out->bracketed ? "]" : ":");
    if (!copy(out->host, sizeof out->host, at, n) || (out->bracketed && at[n] != ']'))
        return wrong(t, "the target has no host that can be read", text, forms);
    if (strchr(out->host, '%') != NULL)
        return wrong(t, "the target names an interface", text, "give an address that needs none");
    at += n + (out->bracketed ? 1 : 0);
    if (*at == '\0') return CLI_EXIT_PASS;
    if (*at != ':') return wrong(t, "the target cannot be read after ]", text, forms);
    if (!copy(out->port, sizeof out->port, at + 1, strlen(at + 1)) || !is_port(out->port))
        return wrong(t, "the target's port is not a number from 1 to 65535", text, forms);
    return CLI_EXIT_PASS;
}

static const struct scheme *scheme_of(const char *text) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strncmp(text, schemes[i].text, strlen(schemes[i].text)) == 0) return &schemes[i];
    }
    return NULL;
}

/* Of a WebSocket, as it goes into a request (RFC 6455 3). */
static bool take_path(cli_target *out, const char *path) {
    bool has_one = path[0] == '/' && path[1] != '\0';
    for (const char *c = path; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~' || *c == '#') return false;
    if (path[0] == '?') return false;
    return copy(out->path, sizeof out->path, has_one ? path : websocket_path,
                strlen(has_one ? path : websocket_path));
}

cli_exit cli_target_parse(const char *text, cli_target *out, cli_trouble *t) {
    const struct scheme *s = scheme_of(text);
    *out = (cli_target){0};
    if (s == NULL)
        return wrong(t,
                     "the target begins with none of coap://, coaps://, coap+tcp://, coaps+tcp://, "
                     "mqtt://, mqtts://, ws:// and wss://",
                     text, forms);
    out->protocol = s->protocol;
    out->secure = s->secure;
    out->websocket = s->websocket;
    snprintf(out->port, sizeof out->port, "%u",
             (unsigned)(s->websocket ? (s->secure ? SECURED_WEBSOCKET_PORT : WEBSOCKET_PORT)
                        : s->secure  ? s->protocol->secured_port
                                     : s->protocol->port));
    const char *at = text + strlen(s->text);
    char authority[300];
    size_t n = strcspn(at, "/?#");
    if (s->websocket) {
        if (!take_path(out, at + n))
            return wrong(t, "the target's path cannot be read", text,
                         "write at most 255 letters, without blanks and #");
    } else if (at[n] == '?' || at[n] == '#' || (at[n] == '/' && at[n + 1] != '\0'))
        return wrong(t, "the target has a path", text,
                     "leave it out; a scenario takes its path with --set path=NAME");
    if (!copy(authority, sizeof authority, at, n))
        return wrong(t, "the target has no host, or a very long one", text, forms);
    if (strchr(authority, '@') != NULL)
        return wrong(t, "the target holds a user", text,
                     "give the identity with --psk or --psk-file");
    return parse_authority(text, authority, out, t);
}

/* The address of a resolver's answer as 16 bytes. */
static void take_address(const struct addrinfo *answer, uint8_t ip[16]) {
    if (answer->ai_family == AF_INET6) {
        memcpy(ip, &((const struct sockaddr_in6 *)(const void *)answer->ai_addr)->sin6_addr, 16);
        return;
    }
    memcpy(ip, mapped, sizeof mapped);
    memcpy(ip + 12, &((const struct sockaddr_in *)(const void *)answer->ai_addr)->sin_addr, 4);
}

static int ask(const char *host, const char *port, int family, int flags,
               struct addrinfo **answer) {
    const struct addrinfo hints = {
        .ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = flags};
    return getaddrinfo(host, port, &hints, answer);
}

static bool bits_after_are_zero(const uint8_t ip[16], uint64_t bits) {
    for (uint64_t i = bits; i < 128; i++)
        if ((ip[i / 8] >> (7 - i % 8) & 1) != 0) return false;
    return true;
}

cli_exit cli_target_source(const char *text, run_target *out, cli_trouble *t) {
    static const char source_forms[] = "write PREFIX/BITS such as 127.1.0.0/16 or fd00::/64";
    char host[64];
    const char *slash = strchr(text, '/');
    struct addrinfo *answer;
    if (slash == NULL || !copy(host, sizeof host, text, (size_t)(slash - text)) ||
        ask(host, NULL, AF_UNSPEC, AI_NUMERICHOST, &answer) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "no prefix of addresses: %.200s (--source): %s", text,
                        source_forms);
    bool v4 = answer->ai_family == AF_INET;
    take_address(answer, out->source_prefix);
    freeaddrinfo(answer);
    uint64_t bits;
    bool digits = slash[1] != '\0' && slash[1 + strspn(slash + 1, "0123456789")] == '\0';
    if (!digits || sim_units_count(slash + 1, v4 ? 0 : 1, v4 ? 32 : 128, &bits) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "no prefix length: %.200s (--source): %s", text,
                        source_forms);
    bits += v4 ? 96 : 0;
    if (!bits_after_are_zero(out->source_prefix, bits))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "the address has bits set beyond its prefix length: %.200s (--source): %s",
                        text, source_forms);
    out->source_bits = (uint8_t)bits;
    return CLI_EXIT_PASS;
}

static bool source_is_v4(const run_target *target) {
    return memcmp(target->source_prefix, mapped, sizeof mapped) == 0;
}

/* Which addresses will do: those of the source, if there is one. */
static int family_for(const cli_target *target, const run_target *out) {
    if (out->source_bits != 0) return source_is_v4(out) ? AF_INET : AF_INET6;
    return target->bracketed ? AF_INET6 : AF_UNSPEC;
}

cli_exit cli_target_resolve(const char *text, const char *source, run_target *out, cli_trouble *t) {
    cli_target target;
    struct addrinfo *answer;
    *out = (run_target){.secure = false};
    cli_exit trouble = cli_target_parse(text, &target, t);
    if (trouble == CLI_EXIT_PASS && source != NULL) trouble = cli_target_source(source, out, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    int family = family_for(&target, out);
    int error =
        ask(target.host, target.port, family, target.bracketed ? AI_NUMERICHOST : 0, &answer);
    if (error != 0 && target.bracketed)
        return wrong(t, "the target is not an IPv6 address, or not of the family of --source", text,
                     "write coap://[::1]:5683");
    if (error != 0)
        return cli_fail(t, CLI_EXIT_INCONCLUSIVE,
                        "no %saddress for %.200s: %s (--target): check the name and the resolver",
                        family == AF_INET    ? "IPv4 "
                        : family == AF_INET6 ? "IPv6 "
                                             : "",
                        target.host, gai_strerror(error));
    uint64_t port = 0;
    SIM_PROMISE(sim_units_count(target.port, 1, 65535, &port) == 0);
    take_address(answer, out->address.ip);
    freeaddrinfo(answer);
    out->address.port = (uint16_t)port;
    out->protocol = target.protocol;
    out->secure = target.secure;
    snprintf(out->text, sizeof out->text, "%s", text);
    return CLI_EXIT_PASS;
}
