/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures: pcap through libpcap, pcapng block by block. What their packets say of connections is
 * sim/read/capture.h's. */
#include <pcap/pcap.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/read/capture.h"
#include "sim/read/pcapng.h"
#include "sim/read/reorder.h"

static const uint8_t section[4] = {0x0a, 0x0d, 0x0d, 0x0a};

/* --- what is not read --- */

static int note_unread(read_log *log, const char *text, bool wraps) {
    uint32_t number;
    read_unread_kinds *u = &log->unread;
    if (u->names.count >= READ_UNREAD_MAX - 1) text = "other kinds";
    int error = read_names_number(&u->names, text, strlen(text), &number);
    if (error != 0) return error;
    u->counts[number]++;
    u->wraps[number] = u->wraps[number] || wraps;
    return 0;
}

static int note_kind(read_log *log, const read_unread *unread) {
    char text[120];
    const char *form =
        unread->number > 255 && strncmp(unread->kind, "UDP", 3) != 0 ? "%s 0x%04x" : "%s %u";
    int n = snprintf(text, sizeof text, form, unread->kind, unread->number);
    if (unread->name != NULL) snprintf(text + n, sizeof text - (size_t)n, " (%s)", unread->name);
    return note_unread(log, text, unread->wraps);
}

/* "link type IEEE802_11 (105)" */
static void name_link(int link, char *text, size_t size) {
    const char *name = pcap_datalink_val_to_name(link);
    snprintf(text, size, "link type %.40s (%d)", name != NULL ? name : "unknown", link);
}

static int note_link(read_log *log, int link) {
    char text[80];
    name_link(link, text, sizeof text);
    return note_unread(log, text, true);
}

/* --- packets --- */

/* Packets on their way from a file to what is made of them. */
typedef struct reading {
    read_capture *c;
    read_reorder waiting;
    uint64_t packets; /* read so far */
} reading;

static int take_result(read_capture *c, const read_captured *f, read_result result,
                       const read_packet *p) {
    bool cut = f->bytes.n < f->whole;
    if (result == READ_RESULT_NO_MEMORY) return SIM_ENOMEM;
    if (result == READ_RESULT_NONE)
        return p->unread.kind != NULL ? note_kind(c->log, &p->unread) : 0;
    c->understood++;
    if (result == READ_RESULT_SHORT) {
        read_warn(c->log, cut ? READ_WARNING_SHORT_PACKET : READ_WARNING_MALFORMED, c->packet);
        return 0;
    }
    if (p->missing > 0 && p->payload.n == 0 && (p->flags & READ_SYN) == 0)
        read_warn(c->log, READ_WARNING_SHORT_PACKET, c->packet);
    if (p->unreachable) return read_capture_unreachable(c, p);
    return p->protocol == READ_TCP ? read_capture_tcp(c, p) : read_capture_udp(c, p);
}

static int take_frame(read_capture *c, const read_captured *f) {
    read_packet p;
    c->packet = f->number;
    if (c->packet == 1 && f->ns >= 0 && f->ns < c->previous - SIM_SECOND) {
        read_warn(c->log, READ_WARNING_OVERLAP, 0);
        c->previous = f->ns;
    }
    if (!read_clock(c->log, &c->previous, f->ns, c->packet)) return 0;
    c->now = f->ns;
    if (!read_link_known(f->link)) return note_link(c->log, f->link);
    read_result result = read_packet_parse(f->link, f->bytes, f->whole, &c->fragments, &p);
    return take_result(c, f, result, &p);
}

/* What nothing can come before any more, or all. */
static int take_waiting(reading *r, bool all) {
    read_captured frame;
    int error = 0;
    while (error == 0 && read_reorder_next(&r->waiting, all, &frame))
        error = take_frame(r->c, &frame);
    return error;
}

/* A packet as the file has it. One without a time that can be, or from another time, waits for
 * nobody. */
static int take_next(reading *r, read_captured *f) {
    f->number = ++r->packets;
    r->c->log->read++;
    const bool alone = f->ns < 0;
    if (alone || read_reorder_is_jump(&r->waiting, f->ns)) {
        int error = take_waiting(r, true);
        if (error != 0) return error;
    }
    if (alone) return take_frame(r->c, f);
    int error = read_reorder_put(&r->waiting, f);
    return error == 0 ? take_waiting(r, false) : error;
}

/* --- pcap --- */

static int64_t time_of(const struct pcap_pkthdr *head) {
    bool sane = head->ts.tv_sec >= 0 && head->ts.tv_sec < INT64_MAX / SIM_SECOND / 2 &&
                head->ts.tv_usec >= 0 && head->ts.tv_usec < SIM_SECOND;
    /* The fraction is in nanoseconds: so it was opened. */
    return sane ? (int64_t)head->ts.tv_sec * SIM_SECOND + head->ts.tv_usec : -1;
}

static int take_packets(reading *r, pcap_t *capture, char *why) {
    struct pcap_pkthdr *head;
    const u_char *bytes;
    int error = 0, more = 0, link = pcap_datalink(capture);
    while (error == 0 && (more = pcap_next_ex(capture, &head, &bytes)) == 1) {
        read_captured f = {
            .link = link, .ns = time_of(head), .whole = head->len, .bytes = {bytes, head->caplen}};
        error = take_next(r, &f);
    }
    if (error != 0 || more == PCAP_ERROR_BREAK) return error;
    if (r->packets == 0) {
        snprintf(why, READ_WHY_MAX, "not a packet could be read: %.200s", pcap_geterr(capture));
        return SIM_EPARSE;
    }
    read_warn(r->c->log, READ_WARNING_TRUNCATED, r->packets + 1);
    return 0;
}

/* libpcap closes the stream that it is given, so it gets one of its own that reads ours. */
static ssize_t read_ours(void *cookie, char *buffer, size_t size) {
    FILE *file = cookie;
    size_t n = fread(buffer, 1, size, file);
    return n == 0 && ferror(file) ? -1 : (ssize_t)n;
}

static int read_classic(FILE *file, reading *r, char *why) {
    char trouble[PCAP_ERRBUF_SIZE] = "", link[80];
    FILE *own = fopencookie(file, "rb", (cookie_io_functions_t){.read = read_ours});
    if (own == NULL) return SIM_ENOMEM;
    pcap_t *capture =
        pcap_fopen_offline_with_tstamp_precision(own, PCAP_TSTAMP_PRECISION_NANO, trouble);
    if (capture == NULL) {
        fclose(own);
        snprintf(why, READ_WHY_MAX, "not a capture that libpcap can read: %.200s", trouble);
        return SIM_EPARSE;
    }
    int error = 0, type = pcap_datalink(capture);
    if (read_link_known(type)) {
        error = take_packets(r, capture, why);
    } else {
        name_link(type, link, sizeof link);
        snprintf(why, READ_WHY_MAX, "packets of %s, which is not read: %s", link,
                 read_link_advice(type));
        error = SIM_EPARSE;
    }
    pcap_close(capture);
    return error;
}

/* --- pcapng --- */

static int take_blocks(read_pcapng *blocks, reading *r) {
    read_pcapng_packet packet;
    read_pcapng_result result;
    int error = 0;
    while (error == 0 && (result = read_pcapng_next(blocks, &packet)) == READ_PCAPNG_PACKET) {
        read_captured f = {
            .link = packet.link, .ns = packet.ns, .whole = packet.whole, .bytes = packet.bytes};
        if (packet.timed) {
            error = take_next(r, &f);
            continue;
        }
        r->c->log->read++;
        read_warn(r->c->log, READ_WARNING_NO_TIME, ++r->packets);
    }
    if (error != 0) return error;
    if (result == READ_PCAPNG_NO_MEMORY) return SIM_ENOMEM;
    if (result == READ_PCAPNG_CUT) read_warn(r->c->log, READ_WARNING_TRUNCATED, r->packets + 1);
    return 0;
}

static int read_blocks(FILE *file, reading *r, char *why) {
    read_pcapng blocks = {.file = file};
    int error = take_blocks(&blocks, r);
    read_pcapng_deinit(&blocks);
    if (error != 0 || r->packets > 0 || r->c->log->warnings[READ_WARNING_TRUNCATED].count == 0)
        return error;
    snprintf(why, READ_WHY_MAX, "not a packet could be read: a pcapng that ends in the middle");
    return SIM_EPARSE;
}

/* --- files --- */

/* What stood there instead of packets of IP, the most frequent first. */
static void say_unread(const read_log *log, uint64_t packets, char *why) {
    const read_unread_kinds *u = &log->unread;
    size_t most = 0;
    for (size_t i = 1; i < u->names.count; i++)
        if (u->counts[i] > u->counts[most]) most = i;
    int n = snprintf(why, READ_WHY_MAX, "no packet of IPv4 or IPv6 with TCP or UDP among %llu",
                     (unsigned long long)packets);
    if (u->names.count > 0)
        snprintf(why + n, READ_WHY_MAX - (size_t)n,
                 ": %llu are of %s, which is not read: capture where it is taken off",
                 (unsigned long long)u->counts[most], read_names_text(&u->names, (uint32_t)most));
}

static int check(const read_log *log, const reading *r, char *why) {
    if (r->packets == 0) {
        snprintf(why, READ_WHY_MAX, "a capture without a packet");
        return SIM_ESTATE;
    }
    if (r->c->understood > 0) return 0;
    say_unread(log, r->packets, why);
    return SIM_ESTATE;
}

static bool has_blocks(FILE *file) {
    uint8_t magic[sizeof section];
    bool blocks = fread(magic, 1, sizeof magic, file) == sizeof magic &&
                  memcmp(magic, section, sizeof section) == 0;
    return fseek(file, 0, SEEK_SET) == 0 && blocks;
}

int read_pcap(FILE *file, const read_options *o, read_log *log, char *why) {
    read_capture *c = read_capture_open(log, o);
    if (c == NULL) return SIM_ENOMEM;
    bool blocks = has_blocks(file);
    if (log->resolution < SIM_MICROSECOND) log->resolution = SIM_MICROSECOND;
    reading r = {.c = c};
    int error = blocks ? read_blocks(file, &r, why) : read_classic(file, &r, why);
    if (error == 0) error = take_waiting(&r, true);
    read_reorder_deinit(&r.waiting);
    if (error == SIM_EPARSE && c->no_mac)
        snprintf(why, READ_WHY_MAX,
                 "packet %llu has no link-layer address (--by mac): say address or client-id",
                 (unsigned long long)c->packet);
    return error == 0 ? check(log, &r, why) : error;
}

static int64_t blocks_begin(FILE *file) {
    read_pcapng r = {.file = file};
    read_pcapng_packet packet;
    bool any = read_pcapng_next(&r, &packet) == READ_PCAPNG_PACKET && packet.ns >= 0;
    read_pcapng_deinit(&r);
    return any ? packet.ns : INT64_MIN;
}

int64_t read_pcap_begins(FILE *file) {
    char trouble[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *head;
    const u_char *bytes;
    int64_t begins = INT64_MIN;
    if (has_blocks(file)) return blocks_begin(file);
    FILE *own = fopencookie(file, "rb", (cookie_io_functions_t){.read = read_ours});
    if (own == NULL) return begins;
    pcap_t *capture =
        pcap_fopen_offline_with_tstamp_precision(own, PCAP_TSTAMP_PRECISION_NANO, trouble);
    if (capture == NULL) {
        fclose(own);
        return begins;
    }
    if (pcap_next_ex(capture, &head, &bytes) == 1) begins = time_of(head);
    pcap_close(capture);
    return begins < 0 ? INT64_MIN : begins;
}
