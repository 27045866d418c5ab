/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of the Mosquitto broker, with log_type notice and error at least (the default): a line is
 * a time, a colon and a sentence. The sentences are those of 1.4 to 2.1. */
#include <string.h>

#include "sim/read/read_private.h"

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* The last place where `what` stands in `text`, NULL if nowhere: ids may hold any words themselves.
 */
static const char *last(const char *text, const char *what) {
    const char *found = NULL;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) found = at;
    return found;
}

static read_text between(const char *from, const char *to) {
    return (read_text){from, (size_t)(to - from)};
}

/* "New connection from 1.2.3.4:567 on port 1883." */
static int new_connection(read_broker *b, const char *text) {
    const char *end = last(text, " on port ");
    return read_broker_attempt(
        b, end != NULL ? between(text, end) : (read_text){text, strcspn(text, " ")});
}

/* "New client connected from 1.2.3.4:567 as ID (p2, c1, k60)." */
static int new_client(read_broker *b, const char *text) {
    const char *as = strstr(text, " as "), *end = last(text, " (p");
    if (end == NULL) end = last(text, " (c");
    if (as == NULL || end == NULL || end < as + 4) {
        read_warn(b->log, READ_WARNING_MALFORMED, b->line);
        return 0;
    }
    return read_broker_outcome(b, between(text, as), between(as + 4, end), RECORD_OUTCOME_ONLINE);
}

/* What the words behind "disconnected" say of an attempt. */
static record_outcome turned_away(const char *words) {
    static const struct {
        const char *word;
        record_outcome outcome;
    } reasons[] = {{"not authorised", RECORD_OUTCOME_REFUSED},
                   {"not authorized", RECORD_OUTCOME_REFUSED},
                   {"bad user name or password", RECORD_OUTCOME_REFUSED},
                   {"server busy", RECORD_OUTCOME_BUSY},
                   {"server unavailable", RECORD_OUTCOME_BUSY},
                   {"max_connections", RECORD_OUTCOME_BUSY}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(words, reasons[i].word) != NULL) return reasons[i].outcome;
    return RECORD_OUTCOME_NONE;
}

/* "Client connection from 1.2.3.4 denied: max_connections exceeded." and "… failed: …": no port, no
 * line before it. */
static int denied(read_broker *b, const char *text) {
    const char *reason = strstr(text, " denied");
    if (reason == NULL) reason = strstr(text, " failed");
    read_text peer = {text, reason != NULL ? (size_t)(reason - text) : strcspn(text, " ")};
    bool full = turned_away(text) == RECORD_OUTCOME_BUSY;
    return read_broker_outcome(b, peer, (read_text){text, 0},
                               full ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_REFUSED);
}

/* Whom a sentence names: "ID", "ID [1.2.3.4:567]", or in place of an id that was not told
 * "<unknown>" or the address itself. */
static read_closing named(const char *text, const char *end) {
    read_closing c = {.id = between(text, end), .peer = {text, 0}};
    const char *bracket = end[-1] == ']' ? last(text, " [") : NULL;
    if (bracket != NULL && bracket < end) {
        c.id = between(text, bracket);
        c.peer = between(bracket + 2, end - 1);
    }
    bool address =
        c.peer.n > c.id.n && memcmp(c.peer.at, c.id.at, c.id.n) == 0 && c.peer.at[c.id.n] == ':';
    if (address || (c.id.n == 9 && begins(text, "<unknown>"))) c.id.n = 0;
    return c;
}

/* How a client's connection ends. */
static const struct {
    const char *words;
    bool online; /* only of a client that is */
} ends[] = {{" disconnected", false},         {" closed its connection", false},
            {" has exceeded timeout", false}, {" already connected", true},
            {" has been disconnected", true}, {" been disconnected", true}};

/* Where the words begin that end it, and which they are. NULL: none. */
static const char *ending(const char *text, size_t *which) {
    const char *end = NULL;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *found = last(text, ends[i].words);
        if (found == NULL || (end != NULL && found >= end)) continue;
        end = found;
        *which = i;
    }
    return end != text ? end : NULL;
}

/* "Client ID disconnected." (the client said so), "Client ID closed its connection.", "Client ID
 * has exceeded timeout, disconnecting.", "Client <unknown> disconnected, not authorised.", "Client
 * ID [1.2.3.4:567] disconnected: not authorised." */
static int client(read_broker *b, const char *text) {
    size_t which = 0;
    const char *end = ending(text, &which);
    if (end == NULL) return 0;
    read_closing c = named(text, end);
    const char *words = end + strlen(ends[which].words);
    c.by_client = which == 0 && strcmp(words, ".") == 0 && c.id.n > 0;
    c.online = ends[which].online || c.by_client;
    if (!c.online) c.outcome = turned_away(words);
    return read_broker_closed(b, &c);
}

/* "Socket error on client ID, disconnecting." */
static int socket_error(read_broker *b, const char *text) {
    const char *end = last(text, ", disconnecting");
    if (end == NULL || end == text) return 0;
    const read_closing c = named(text, end);
    return read_broker_closed(b, &c);
}

/* "Bad socket read/write on client ID: The connection was lost." */
static int bad_socket(read_broker *b, const char *text) {
    const char *end = last(text, ": ");
    if (end == NULL || end == text) return 0;
    const read_closing c = named(text, end);
    return read_broker_closed(b, &c);
}

static int version(read_broker *b, const char *text) {
    bool restarts = strstr(text, " terminating") != NULL || strstr(text, " starting") != NULL;
    return restarts ? read_broker_restart(b) : 0;
}

static const struct {
    const char *begins;
    int (*take)(read_broker *b, const char *rest);
} sentences[] = {
    {"New connection from ", new_connection},   {"New client connected from ", new_client},
    {"New bridge connected from ", new_client}, {"Bad socket read/write on client ", bad_socket},
    {"Client connection from ", denied},        {"Client ", client},
    {"Socket error on client ", socket_error},  {"mosquitto version ", version},
};
enum { SENTENCES = sizeof sentences / sizeof *sentences };

/* What else it writes, enough to know it by. */
static const char *const others[] = {"Config loaded from ",
                                     "Loading config file ",
                                     "Opening ",
                                     "Received ",
                                     "Sending ",
                                     "No will message specified",
                                     "Will message specified",
                                     "Saving in-memory database",
                                     "Restored ",
                                     "Using default config",
                                     "Starting in local only mode",
                                     "Bridge ",
                                     "Connecting bridge ",
                                     "Expiring client ",
                                     "Outgoing messages are being dropped for client ",
                                     "Loading plugin",
                                     "Warning: ",
                                     "Error: ",
                                     "OpenSSL Error"};

static const char product_name[] = "mosquitto";

/* Index of a sentence that tells of a connection; SENTENCES: it is none. */
static size_t sentence_named(const char *text) {
    size_t i = 0;
    while (i < SENTENCES && !begins(text, sentences[i].begins)) i++;
    return i;
}

static bool is_known(const char *text) {
    if (sentence_named(text) < SENTENCES) return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins(text, others[i])) return true;
    return false;
}

/* A whole sentence about a connection, which no other program writes. */
static bool is_whole(const char *text) {
    size_t i = sentence_named(text), which;
    if (i == SENTENCES) return false;
    return sentences[i].take != client || ending(text, &which) != NULL;
}

/* "1795285836: " or "2026-11-21T18:30:15: " at the start; how far they reach, the time in *line: of
 * two the last. */
static const char *own_time(read_wrapped *line, const char *text) {
    int64_t ns;
    sim_time resolution;
    do {
        const char *end = read_stamp(text, &ns, &resolution);
        if (end == NULL || end[0] != ':' || end[1] != ' ') break;
        text = end + 2;
        line->ns = ns;
        line->resolution = resolution;
        line->timed = true;
        line->yearless = false;
    } while (*text >= '0' && *text <= '9');
    return text;
}

/* A time of its own before the sentence, or none where a prefix had one. */
static bool fits(read_wrapped *line, bool surely) {
    read_wrapped own = *line;
    const char *sentence = line->loose ? line->text : own_time(&own, line->text);
    if (sentence != line->text) {
        own.sure = is_known(sentence);
        own.text += sentence - line->text;
        if (!surely || own.sure) *line = own;
        return !surely || own.sure;
    }
    bool ours = line->ident != NULL && begins(line->ident, product_name),
         known = is_known(line->text);
    line->sure = line->timed && (line->loose ? is_whole(line->text) : known);
    return line->timed && (known || (ours && !surely));
}

static int take_line(read_broker *b, const read_wrapped *line) {
    size_t i = sentence_named(line->text);
    return i < SENTENCES ? sentences[i].take(b, line->text + strlen(sentences[i].begins)) : 0;
}

const read_form read_form_mosquitto = {
    READ_FORMAT_MOSQUITTO, "a Mosquitto",
    "they come with log_type notice, and with times: timestamps as they are or with "
    "log_timestamp_format %Y-%m-%dT%H:%M:%S",
    fits, take_line};
