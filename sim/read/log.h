/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/log.h - foreign records of connections become attempts: captures, broker logs, CSV. One
 * interface before all formats.
 *
 * Everything here is hostile until read: lines, packets and names are bounded, what cannot be
 * understood is counted as a warning with its place, and a file that is not what it is taken for is
 * an error with a line that says what it is not. */
#ifndef SIM_READ_LOG_H
#define SIM_READ_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/read/names.h"
#include "sim/record/attempt.h"

enum {
    /* of all files together: 32 bytes each and 24 for how it ended */
    READ_ATTEMPTS_MAX = 16 * 1024 * 1024,
    READ_LINE_MAX = 64 * 1024, /* bytes; a longer line is left out and counted */
    READ_PORTS_MAX = 16,
    READ_WHY_MAX = 512
};

#define READ_FORMAT_MAP(X)                                                 \
    X(ANY, "any", "found out from how the file begins")                    \
    X(ATTEMPTS, "attempts", "attempts.csv, as `blackstart run` writes it") \
    X(COLUMNS, "csv", "any CSV with a header, by a map of its columns")    \
    X(JSON, "json", "JSON lines, by a map of their keys")                  \
    X(PCAP, "pcap", "a capture, pcap or pcapng")                           \
    X(MOSQUITTO, "mosquitto", "log of the Mosquitto broker")               \
    X(EMQX, "emqx", "log of the EMQX broker, text or JSON lines")

typedef enum read_format {
#define READ_FORMAT_ENUM(name, word, text) READ_FORMAT_##name,
    READ_FORMAT_MAP(READ_FORMAT_ENUM)
#undef READ_FORMAT_ENUM
        READ_FORMATS
} read_format;
const char *read_format_title(read_format f);
SIM_MUST_USE int read_format_named(const char *word, read_format *out); /* SIM_EPARSE */

/* Who a device is: what it calls itself (MQTT client id, PSK identity) or where it comes from. */
typedef enum read_by {
    READ_BY_ANY, /* the address in a capture, unless one address carries several ids; else the id */
    READ_BY_ADDRESS,
    READ_BY_CLIENT_ID,
    READ_BY_MAC /* the link-layer address in a capture */
} read_by;
/* False: no word for what tells devices apart. */
bool read_by_named(const char *word, read_by *out);
const char *read_by_title(read_by by); /* "address" */

/* The columns of a CSV by the names in its header, or the keys of JSON lines by their paths
 * ("properties.deviceId"); "" or NULL: there is none. Times are seconds since 1970 (or ms, us, ns
 * by their size) or ISO 8601. `event` says what a row is about, where not each is an attempt:
 * connected, disconnected; `reason` why a connection ended. */
typedef struct read_columns {
    const char *time, *device, *home, *trigger, *outcome, *latency, *event, *reason;
} read_columns;
/* The same by number, in this order. */
typedef enum read_column {
    READ_TIME,
    READ_DEVICE,
    READ_HOME,
    READ_TRIGGER,
    READ_OUTCOME,
    READ_LATENCY,
    READ_EVENT,
    READ_REASON,
    READ_COLUMNS
} read_column;
/* What a column is called in the file; NULL: there is none. */
const char *read_column_name(const read_columns *c, read_column which);

typedef struct read_options {
    read_format format;
    read_by by;
    read_columns columns;           /* with COLUMNS and JSON: time is needed, and device */
    uint16_t ports[READ_PORTS_MAX]; /* in a capture: attempts to these ports only */
    size_t port_count;
} read_options;

#define READ_WARNING_MAP(X)                                                                    \
    X(MALFORMED, "could not be read and were left out")                                        \
    X(TRUNCATED, "the file ends in the middle of one")                                         \
    X(CLOCK_BACK,                                                                              \
      "times that jump back by more than a second: the clock was set, or files are mixed up")  \
    X(OVERLAP, "captures begin before the one before has ended: join them with mergecap -w")   \
    X(ONE_WAY, "connections were captured in one direction alone: capture both")               \
    X(DUPLICATE,                                                                               \
      "repeat an earlier attempt of the same device at the same time and were left out")       \
    X(SHORT_PACKET,                                                                            \
      "were captured too short to see what they hold: capture with a larger snapshot length")  \
    X(FORGOTTEN, "connections were forgotten, because more than a million were open at once")  \
    X(TWO_PLACES,                                                                              \
      "connections used a client id that was online from another address at that time")        \
    X(OTHERS, "have another form and were left out: another program's, or the rest of a line") \
    X(OTHER_SERVICE, "attempts to other services were left out: ask for them by their port")   \
    X(CHANCE, "look like CoAP, and nobody answered or repeated them so: ask for them by port") \
    X(LOOK_UP, "are look-ups of the server's name that came to nothing: tries to connect")     \
    X(NO_TIME, "were captured without a time and were left out")

typedef enum read_warning {
#define READ_WARNING_ENUM(name, text) READ_WARNING_##name,
    READ_WARNING_MAP(READ_WARNING_ENUM)
#undef READ_WARNING_ENUM
        READ_WARNINGS
} read_warning;
const char *read_warning_text(read_warning w);

/* A connection, or an attempt that came to nothing, was seen to end. */
typedef struct read_end {
    sim_time at;
    uint32_t device, home;
    uint8_t service;
    bool was_online;
    /* the client said goodbye, or closed what was served: nothing that the service did */
    bool by_client;
} read_end;

/* What captured packets held that was not read, by kind. */
enum { READ_UNREAD_MAX = 32 };
typedef struct read_unread_kinds {
    read_names names; /* "IP protocol 50 (ESP, encrypted)" */
    uint64_t counts[READ_UNREAD_MAX];
    bool wraps[READ_UNREAD_MAX]; /* it may hide connections */
} read_unread_kinds;

/* What was read. All 0 is empty; deinit of it is fine. */
typedef struct read_log {
    read_format format; /* of the file read last */
    record_attempts attempts;
    read_end *ends;
    size_t end_count, end_capacity;
    read_names devices;         /* number -> name; after read_log_finish dense and used */
    read_names homes;           /* addresses, or the home column */
    read_names triggers;        /* the trigger column; empty where the format has none */
    read_names services;        /* "tcp port 1883" */
    uint8_t service;            /* the one that was kept */
    read_by by;                 /* what devices were told apart by */
    struct read_broker *broker; /* of a broker's log: where everybody stands */
    uint64_t read;              /* lines or packets */
    read_unread_kinds unread;
    struct read_capture *capture; /* open connections of captures; NULL: none, or finished */
    /* by device, after finish: clients that it is at least, by connections that overlap; NULL: the
     * format cannot tell */
    uint32_t *clients;
    /* Of a capture, by service: connections whose client acknowledges what was not captured; and
     * answers to a SYN that was not. */
    uint32_t one_way[UINT8_MAX + 1];
    uint64_t answers_alone;
    uint64_t outcomes; /* attempts whose outcome is known */
    /* the log's own time (ns since 1970, as it counts) at time 0; after finish */
    int64_t zero_ns;
    int64_t latest_ns;   /* the last time read, of any line or packet */
    sim_time until;      /* after finish: the last thing seen */
    sim_time resolution; /* of its clock: what is closer together cannot be told apart */
    struct {
        uint64_t count, first; /* how often, and the line or packet where it was first seen */
    } warnings[READ_WARNINGS];
    /* what was wrong with the first that could not be read, where that is known: "line 3, column
     * status: …" */
    char malformed[READ_WHY_MAX];
} read_log;

void read_log_deinit(read_log *log);

/* Reads a whole file behind what is already in the log. On an error `why` (READ_WHY_MAX bytes)
 * holds a line without the file's name: SIM_EPARSE (not in the format, or in none that is known;
 * damaged), SIM_ESTATE (empty, a capture without a packet of IP, a broker's log of which no line
 * tells of a connection: no error where other files do), SIM_ERANGE (too many attempts), SIM_EIO,
 * SIM_ENOMEM. `file` can be read from its beginning again. */
SIM_MUST_USE int read_files(FILE *file, const read_options *o, read_log *log, char *why);

/* When a file begins: the first time in it (ns since 1970, as it counts). INT64_MIN where its order
 * among others does not matter, or it cannot be read: then read_files says why. Several files are
 * read in this order. */
int64_t read_begins(FILE *file, const read_options *o);

/* A hash of how a file begins, unpacked, by which it is known when it is named twice; 0: of less
 * than a few lines. Leaves it anywhere. */
uint64_t read_beginning(FILE *file);

/* Once after the last file: settles who is who, sorts, makes times count from the first thing seen,
 * numbers devices without gaps and attempts per device. SIM_ENOMEM. */
SIM_MUST_USE int read_log_finish(read_log *log, const read_options *o);

/* Reads a time: seconds, ms, us or ns since 1970 by size, with a fraction; or ISO 8601, to a comma,
 * blank or the end. NULL when it is none, else the end. */
const char *read_stamp(const char *text, int64_t *ns, sim_time *resolution);
/* Leaves only what one device did. False when the log knows no such device: then it is as it was.
 * Before read_outages_assign. */
bool read_log_keep(read_log *log, const char *device);

#endif
