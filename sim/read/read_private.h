/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/read_private.h - what the readers share. Private to sim/read/. */
#ifndef SIM_READ_READ_PRIVATE_H
#define SIM_READ_READ_PRIVATE_H

#include "sim/read/log.h"
#include "sim/read/prefix.h"
#include "sim/record/stamp.h"

/* the device of an attempt that did not say who it is: its home is, then */
#define READ_NOBODY UINT32_MAX

/* One line after another, without their ends. */
typedef struct read_lines {
    FILE *file;
    char *buffer; /* READ_LINE_MAX + 1 bytes: a line, ended by 0 */
    char *block;
    size_t at, filled;
    size_t length;   /* of the line in `buffer`; less than that stands before its first 0 */
    uint64_t number; /* from 1 */
} read_lines;
SIM_MUST_USE int read_lines_init(read_lines *l, FILE *file); /* SIM_ENOMEM */
void read_lines_deinit(read_lines *l);
/* The next line that is not too long; those are counted in the log. NULL at the end. */
char *read_lines_next(read_lines *l, read_log *log);

void read_warn(read_log *log, read_warning w, uint64_t place);
/* Notes that the log shows time `ns`; returns false, and warns, when that is no time after 1970. */
bool read_clock(read_log *log, int64_t *previous, int64_t ns, uint64_t place);

/* Adds one whose device (or READ_NOBODY) and home are known; *index is where. SIM_ENOMEM,
 * SIM_ERANGE. */
SIM_MUST_USE int read_add(read_log *log, const record_attempt *attempt, uint32_t *index);
SIM_MUST_USE int read_ended(read_log *log, const read_end *end);
/* Sets an attempt's outcome at `ns` unless it has one; returns whether it did. */
bool read_settle(read_log *log, uint32_t index, record_outcome outcome, int64_t ns);

/* What a CONNACK says, MQTT 3.1.1 or 5: both number spaces at once, they share nothing but 0. */
record_outcome read_connack(unsigned code);

/* Reads seconds, whatever their size. NULL when it is none, else the end. */
const char *read_stamp_seconds(const char *text, int64_t *ns);
/* Nanoseconds since 1970; false: before it, too late for them, or a day without a time. */
bool read_stamp_ns(const record_stamp *s, int64_t *ns);

typedef struct read_text {
    const char *at;
    size_t n;
} read_text;

/* A log of a broker, whose lines tell of peers (address and port) and clients. It goes on from file
 * to file where one begins when the one before has ended. */
typedef struct read_broker {
    read_log *log;
    read_format format;
    sim_map peers;     /* hash of address and port -> index of its latest attempt */
    uint8_t *online;   /* by device: how its connection stands */
    uint32_t *at_home; /* by device: where it is online from, or was last */
    uint64_t *at_peer; /* by device: hash of the address and port of its connection */
    uint32_t *attempt; /* by device: the attempt that its connection began with */
    sim_map made_up;   /* hash of an id that the broker made up -> attempt of its connection */
    bool ports;        /* a peer was told with its port: then all are */
    size_t online_capacity;
    uint8_t *named; /* by home: an attempt from there has told a client id */
    size_t named_capacity;
    uint32_t oldest;  /* every attempt before this one is settled */
    int64_t previous; /* time of the line before */
    int64_t latest;   /* the latest time of all its lines */
    int64_t years;    /* what is added to times without a year: a December came before */
    uint64_t events;  /* lines that said something about a connection */
    uint64_t line;
    int64_t now;
} read_broker;
void read_broker_free(read_broker *b);
/* After the last line: how long clients were there at least, for those that share an address. */
void read_broker_prove(read_broker *b);
/* Whether clients that share an address are to be told from one. */
bool read_broker_shares(const read_log *log);

/* The form that the lines of one broker have. */
typedef struct read_form {
    read_format format;
    const char *product; /* "a Mosquitto" */
    /* what to do when no line told of a connection */
    const char *asked;
    /* Whether what is left of a line is one of this broker's, `surely`: and of nobody else's. Moves
     * to the sentence, and notes the line's own time. */
    bool (*fits)(read_wrapped *line, bool surely);
    /* Takes a line that fits. SIM_ENOMEM and the like end the reading; what is not understood is
     * warned of and skipped. */
    int (*take)(read_broker *b, const read_wrapped *line);
} read_form;
extern const read_form read_form_mosquitto, read_form_emqx;

/* Takes prefixes off until the line has one of the forms: that form, or NULL. */
const read_form *read_form_of(const read_form *const *forms, size_t count, read_wrapped *line,
                              bool surely);
/* Reads the log line by line. With a line in `why`: SIM_EPARSE when none was of this broker,
 * SIM_ESTATE when none told of a connection. */
SIM_MUST_USE int read_broker_lines(FILE *file, read_log *log, const read_form *form, char *why);
/* `peer`: "1.2.3.4:567". A new attempt of somebody. */
SIM_MUST_USE int read_broker_attempt(read_broker *b, read_text peer);
/* The same unless one of that peer is open; it is that of client `id` (empty: not told). */
SIM_MUST_USE int read_broker_attempt_once(read_broker *b, read_text peer, read_text id);
/* The peer's attempt, or a new one, is that of client `id` (empty: nobody) and ended so. */
SIM_MUST_USE int read_broker_outcome(read_broker *b, read_text peer, read_text id,
                                     record_outcome outcome);
/* How a connection ended, as far as a sentence says. */
typedef struct read_closing {
    read_text peer; /* empty: not told */
    read_text id;   /* empty: nobody that is known */
    /* BUSY or REFUSED: it was turned away; NONE: it ended, whatever it was */
    record_outcome outcome;
    bool by_client; /* the client said goodbye */
    bool online;    /* only one who was online can end so */
} read_closing;
/* The connection that it is about: the peer's, then that of the client where he is online, then the
 * open attempt from where the client was last, then, of nobody known or turned away, the newest
 * open attempt, of a home that never told an id before others. */
SIM_MUST_USE int read_broker_closed(read_broker *b, const read_closing *c);
/* The client said goodbye: what ends its connection is its own doing. */
SIM_MUST_USE int read_broker_goodbye(read_broker *b, read_text id);
/* The connection of a peer that is no client yet ended. */
SIM_MUST_USE int read_broker_gone(read_broker *b, read_text peer);
/* The broker stopped or started anew: every connection ended. */
SIM_MUST_USE int read_broker_restart(read_broker *b);

/* The format of a file whose first `n` bytes are `head` (0 behind them), by the first line that
 * tells; ANY with a line in `why` when none does. Leaves `file` anywhere. SIM_ENOMEM. */
SIM_MUST_USE int read_detect(FILE *file, const char *head, size_t n, const read_options *o,
                             read_format *out, char *why);
/* The broker whose log it looks like and that is not read, as "RabbitMQ"; NULL: none. */
const char *read_foreign_broker(const char *line);

int read_json(FILE *file, const read_options *o, read_log *log, char *why);
int read_csv(FILE *file, const read_options *o, read_log *log, char *why);
int read_pcap(FILE *file, const read_options *o, read_log *log, char *why);
int64_t read_pcap_begins(FILE *file); /* as read_begins */
bool read_looks_like_attempts(const char *head);

#endif
