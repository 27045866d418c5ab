/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/read/capture.h"
#include "sim/read/clients.h"
#include "sim/read/gzip.h"
#include "sim/read/read_private.h"
#include "sim/record/kind.h"

enum { BLOCK = 64 * 1024, HEAD = 4096 };

static const struct {
    const char *word, *title;
} formats[] = {
#define FORMAT_ROW(name, word, text) {word, text},
    READ_FORMAT_MAP(FORMAT_ROW)
#undef FORMAT_ROW
};

const char *read_format_title(read_format f) {
    return formats[f].title;
}

int read_format_named(const char *word, read_format *out) {
    for (int f = 0; f < READ_FORMATS; f++) {
        if (strcmp(word, formats[f].word) != 0) continue;
        *out = (read_format)f;
        return 0;
    }
    return SIM_EPARSE;
}

static const struct {
    const char *word, *title;
} ways[] = {[READ_BY_ANY] = {"", "id"},
            [READ_BY_ADDRESS] = {"address", "address"},
            [READ_BY_CLIENT_ID] = {"client-id", "id"},
            [READ_BY_MAC] = {"mac", "link-layer address"}};

bool read_by_named(const char *word, read_by *out) {
    for (size_t i = READ_BY_ANY + 1; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(word, ways[i].word) != 0) continue;
        *out = (read_by)i;
        return true;
    }
    return false;
}

const char *read_by_title(read_by by) {
    return ways[by].title;
}

const char *read_warning_text(read_warning w) {
    static const char *const texts[] = {
#define WARNING_ROW(name, text) text,
        READ_WARNING_MAP(WARNING_ROW)
#undef WARNING_ROW
    };
    return texts[w];
}

void read_log_deinit(read_log *log) {
    record_attempts_deinit(&log->attempts);
    sim_free(log->ends);
    read_broker_free(log->broker);
    read_names_deinit(&log->devices);
    read_names_deinit(&log->homes);
    read_names_deinit(&log->triggers);
    read_names_deinit(&log->services);
    read_names_deinit(&log->unread.names);
    read_capture_free(log->capture);
    sim_free(log->clients);
    *log = (read_log){0};
}

void read_warn(read_log *log, read_warning w, uint64_t place) {
    if (log->warnings[w].count++ == 0) log->warnings[w].first = place;
}

bool read_clock(read_log *log, int64_t *previous, int64_t ns, uint64_t place) {
    if (ns < 0) {
        read_warn(log, READ_WARNING_MALFORMED, place);
        return false;
    }
    if (ns < *previous - SIM_SECOND) read_warn(log, READ_WARNING_CLOCK_BACK, place);
    *previous = ns;
    if (ns > log->latest_ns) log->latest_ns = ns;
    return true;
}

int read_add(read_log *log, const record_attempt *attempt, uint32_t *index) {
    size_t at;
    if (log->attempts.count >= READ_ATTEMPTS_MAX) return SIM_ERANGE;
    int error = record_attempts_add(&log->attempts, attempt, &at);
    if (error != 0) return error;
    if (attempt->outcome != RECORD_OUTCOME_NONE) log->outcomes++;
    *index = (uint32_t)at;
    return 0;
}

int read_ended(read_log *log, const read_end *end) {
    read_end *ends = sim_more(log->ends, log->end_count, &log->end_capacity, sizeof *ends);
    if (ends == NULL) return SIM_ENOMEM;
    log->ends = ends;
    if (log->end_count >= 2 * (size_t)READ_ATTEMPTS_MAX) return SIM_ERANGE;
    log->ends[log->end_count++] = *end;
    return 0;
}

bool read_settle(read_log *log, uint32_t index, record_outcome outcome, int64_t ns) {
    record_attempt *a = &log->attempts.items[index];
    if (a->outcome != RECORD_OUTCOME_NONE) return false;
    a->outcome = (uint8_t)outcome;
    a->latency = ns > a->at ? ns - a->at : 0;
    log->outcomes++;
    return true;
}

record_outcome read_connack(unsigned code) {
    switch (code) {
        case 0:
            return RECORD_OUTCOME_ONLINE;
        case 3:    /* 3.1.1: server unavailable */
        case 0x88: /* 5: server unavailable */
        case 0x89: /* server busy */
        case 0x97: /* quota exceeded */
        case 0x9f: /* connection rate exceeded */
            return RECORD_OUTCOME_BUSY;
        default:
            return RECORD_OUTCOME_REFUSED;
    }
}

/* --- lines --- */

int read_lines_init(read_lines *l, FILE *file) {
    *l = (read_lines){.file = file};
    l->buffer = sim_malloc(READ_LINE_MAX + 1);
    l->block = sim_malloc(BLOCK);
    if (l->buffer != NULL && l->block != NULL) return 0;
    read_lines_deinit(l);
    return SIM_ENOMEM;
}

void read_lines_deinit(read_lines *l) {
    sim_free(l->buffer);
    sim_free(l->block);
    *l = (read_lines){0};
}

static bool fill(read_lines *l) {
    l->at = 0;
    l->filled = fread(l->block, 1, BLOCK, l->file);
    return l->filled > 0;
}

/* Copies to the end of the line; *length may come to more than there is room for. False at the end
 * of the file. */
static bool take_line(read_lines *l, size_t *length) {
    bool any = false;
    for (*length = 0; l->at < l->filled || fill(l);) {
        char *from = l->block + l->at, *end = memchr(from, '\n', l->filled - l->at);
        size_t n = end != NULL ? (size_t)(end - from) : l->filled - l->at;
        if (*length + n <= READ_LINE_MAX) memcpy(l->buffer + *length, from, n);
        *length += n;
        l->at += n + (end != NULL);
        any = true;
        if (end != NULL) break;
    }
    return any;
}

char *read_lines_next(read_lines *l, read_log *log) {
    size_t n;
    while (take_line(l, &n)) {
        l->number++;
        log->read++;
        if (n > READ_LINE_MAX) {
            read_warn(log, READ_WARNING_MALFORMED, l->number);
            continue;
        }
        if (n > 0 && l->buffer[n - 1] == '\r') n--;
        l->buffer[n] = '\0';
        l->length = n;
        bool marked = l->number == 1 && strncmp(l->buffer, "\xef\xbb\xbf", 3) == 0;
        if (marked) l->length -= 3; /* a byte order mark */
        return l->buffer + (marked ? 3 : 0);
    }
    return NULL;
}

/* --- files --- */

static int say(char *why, int error, const char *text) {
    snprintf(why, READ_WHY_MAX, "%s", text);
    return error;
}

static int read_as(read_format f, FILE *file, const read_options *o, read_log *log, char *why) {
    switch (f) {
        case READ_FORMAT_ATTEMPTS:
        case READ_FORMAT_COLUMNS:
            return read_csv(file, o, log, why);
        case READ_FORMAT_JSON:
            return read_json(file, o, log, why);
        case READ_FORMAT_PCAP:
            return read_pcap(file, o, log, why);
        case READ_FORMAT_MOSQUITTO:
            return read_broker_lines(file, log, &read_form_mosquitto, why);
        case READ_FORMAT_EMQX:
            return read_broker_lines(file, log, &read_form_emqx, why);
        case READ_FORMAT_ANY:
        case READ_FORMATS:
            break;
    }
    return SIM_EPARSE;
}

/* A file that is not packed, or what came out of one that was. */
static int read_plain(FILE *file, const read_options *o, read_log *log, char *why) {
    char head[HEAD + 1];
    size_t n = fread(head, 1, HEAD, file);
    if (ferror(file)) return say(why, SIM_EIO, strerror(errno));
    if (n == 0) return say(why, SIM_ESTATE, "empty: there is nothing to judge");
    if (fseek(file, 0, SEEK_SET) != 0)
        return say(why, SIM_EIO,
                   "cannot be read twice, as a pipe cannot: write it to a file first");
    head[n] = '\0';
    const record_kind *kind = record_kind_of(head, n);
    if (kind != NULL) {
        snprintf(why, READ_WHY_MAX, "%s, which is not read: %s", kind->name, kind->remedy);
        return SIM_EPARSE;
    }
    int error = read_detect(file, head, n, o, &log->format, why);
    if (fseek(file, 0, SEEK_SET) != 0) return say(why, SIM_EIO, strerror(errno));
    if (error == 0 && o->by == READ_BY_MAC && log->format != READ_FORMAT_PCAP)
        return say(why, SIM_EPARSE,
                   "no link-layer address stands in it (--by mac): only a capture has them, so say "
                   "address or client-id");
    if (error == 0) error = read_as(log->format, file, o, log, why);
    if (error == 0 && ferror(file)) return say(why, SIM_EIO, strerror(errno));
    if (error == SIM_ERANGE && why[0] == '\0')
        snprintf(why, READ_WHY_MAX, "more than %d attempts: split it, a drill in each part",
                 READ_ATTEMPTS_MAX);
    if (error != 0 && why[0] == '\0') say(why, error, sim_error_text(error));
    return error;
}

static int read_packed(FILE *file, const read_options *o, read_log *log, char *why) {
    read_gzip *state;
    FILE *plain = read_gzip_open(file, &state);
    const uint64_t read = log->read;
    if (plain == NULL) return say(why, SIM_ENOMEM, sim_error_text(SIM_ENOMEM));
    int error = read_plain(plain, o, log, why);
    bool cut = read_gzip_is_cut(state);
    if (error == 0 && cut && log->warnings[READ_WARNING_TRUNCATED].count == 0)
        read_warn(log, READ_WARNING_TRUNCATED, log->read);
    fclose(plain);
    if ((error == SIM_EPARSE || error == SIM_ESTATE) && cut && log->read == read)
        return say(why, SIM_EPARSE,
                   "packed with gzip, and damaged: copy it anew, and look at it with gzip -t");
    return error;
}

static bool is_packed(FILE *file) {
    unsigned char head[3];
    size_t n = fread(head, 1, sizeof head, file);
    return read_gzip_begins(head, n);
}

int read_files(FILE *file, const read_options *o, read_log *log, char *why) {
    why[0] = '\0';
    bool packed = is_packed(file);
    if (ferror(file)) return say(why, SIM_EIO, strerror(errno));
    if (fseek(file, 0, SEEK_SET) != 0)
        return say(why, SIM_EIO,
                   "cannot be read twice, as a pipe cannot: write it to a file first");
    return packed ? read_packed(file, o, log, why) : read_plain(file, o, log, why);
}

/* --- the order of several --- */

/* The first line of a broker that has a time. */
static int64_t broker_begins(FILE *file, const read_form *form) {
    read_log ignored = {0};
    read_lines lines;
    int64_t begins = INT64_MIN;
    if (read_lines_init(&lines, file) != 0) return begins;
    for (char *text; begins == INT64_MIN && (text = read_lines_next(&lines, &ignored)) != NULL;) {
        read_wrapped line = {.text = text, .loose = true};
        if (read_form_of(&form, 1, &line, true) != NULL) begins = line.ns;
    }
    read_lines_deinit(&lines);
    return begins;
}

static int64_t plain_begins(FILE *file, const read_options *o) {
    char head[HEAD + 1], why[READ_WHY_MAX];
    read_format format;
    size_t n = fread(head, 1, HEAD, file);
    head[n] = '\0';
    if (n == 0 || fseek(file, 0, SEEK_SET) != 0 || record_kind_of(head, n) != NULL ||
        read_detect(file, head, n, o, &format, why) != 0 || fseek(file, 0, SEEK_SET) != 0)
        return INT64_MIN;
    switch (format) {
        case READ_FORMAT_PCAP:
            return read_pcap_begins(file);
        case READ_FORMAT_MOSQUITTO:
            return broker_begins(file, &read_form_mosquitto);
        case READ_FORMAT_EMQX:
            return broker_begins(file, &read_form_emqx);
        default: /* rows in any order */
            return INT64_MIN;
    }
}

int64_t read_begins(FILE *file, const read_options *o) {
    read_gzip *state;
    bool packed = is_packed(file);
    if (fseek(file, 0, SEEK_SET) != 0) return INT64_MIN;
    if (!packed) return plain_begins(file, o);
    FILE *plain = read_gzip_open(file, &state);
    if (plain == NULL) return INT64_MIN;
    int64_t begins = plain_begins(plain, o);
    fclose(plain);
    return fseek(file, 0, SEEK_SET) == 0 ? begins : INT64_MIN;
}

static uint64_t hash_beginning(FILE *file) {
    enum { LEAST = 256 };
    unsigned char *block = sim_malloc(BLOCK);
    size_t n = block != NULL ? fread(block, 1, BLOCK, file) : 0;
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++) hash = sim_hash64(hash ^ block[i]);
    sim_free(block);
    return n < LEAST ? 0 : hash;
}

uint64_t read_beginning(FILE *file) {
    read_gzip *state;
    bool packed = is_packed(file);
    if (fseek(file, 0, SEEK_SET) != 0) return 0;
    if (!packed) return hash_beginning(file);
    FILE *plain = read_gzip_open(file, &state);
    if (plain == NULL) return 0;
    uint64_t hash = hash_beginning(plain);
    fclose(plain);
    return hash;
}

/* --- afterwards: who is who --- */

/* What an address carried: how many client ids, and the first of them. */
typedef struct carried {
    uint32_t id;
    bool several;
} carried;

static bool note_ids(const read_log *log, carried *homes) {
    bool several = false;
    for (size_t i = 0; i < log->homes.count; i++) homes[i] = (carried){READ_NOBODY, false};
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        carried *home = &homes[a->home];
        if (a->device == READ_NOBODY) continue;
        if (home->id == READ_NOBODY) home->id = a->device;
        home->several = home->several || home->id != a->device;
        several = several || home->several;
    }
    return several;
}

/* The device of one attempt or end: an id, the only id of its address, or the address. */
static int settle_device(read_log *log, const carried *homes, uint32_t home, uint32_t *device) {
    if (log->by == READ_BY_CLIENT_ID) {
        if (*device != READ_NOBODY) return 0;
        if (homes[home].id != READ_NOBODY && !homes[home].several) {
            *device = homes[home].id;
            return 0;
        }
    }
    const char *name = read_names_text(&log->homes, home);
    return read_names_number(&log->devices, name, strlen(name), device);
}

static int settle_devices(read_log *log, const read_options *o) {
    carried *homes = sim_malloc((log->homes.count + 1) * sizeof *homes);
    if (homes == NULL) return SIM_ENOMEM;
    bool several = note_ids(log, homes);
    int error = 0;
    log->by = o->by;
    if (log->by == READ_BY_ANY)
        log->by = several || log->format != READ_FORMAT_PCAP ? READ_BY_CLIENT_ID : READ_BY_ADDRESS;
    for (size_t i = 0; i < log->attempts.count && error == 0; i++)
        error =
            settle_device(log, homes, log->attempts.items[i].home, &log->attempts.items[i].device);
    for (size_t i = 0; i < log->end_count && error == 0; i++)
        error = settle_device(log, homes, log->ends[i].home, &log->ends[i].device);
    sim_free(homes);
    return error;
}

/* Keeps the service that was asked for most, when nobody asked for a port. */
static void choose_service(read_log *log) {
    uint64_t counts[UINT8_MAX + 1] = {0};
    size_t kept = 0;
    if (log->services.count == 0) {
        log->warnings[READ_WARNING_ONE_WAY].count = log->answers_alone;
        return;
    }
    for (size_t i = 0; i < log->attempts.count; i++) counts[log->attempts.items[i].trigger]++;
    for (size_t s = 0; s < log->services.count; s++)
        if (counts[s] > counts[log->service]) log->service = (uint8_t)s;
    log->warnings[READ_WARNING_ONE_WAY].count = log->one_way[log->service];
    for (size_t i = 0; i < log->attempts.count; i++)
        if (log->attempts.items[i].trigger == log->service)
            log->attempts.items[kept++] = log->attempts.items[i];
    for (size_t i = kept; i < log->attempts.count; i++)
        read_warn(log, READ_WARNING_OTHER_SERVICE, 0);
    log->attempts.count = kept;
    for (size_t i = 0; i < kept; i++) log->attempts.items[i].trigger = 0;
    kept = 0;
    for (size_t i = 0; i < log->end_count; i++)
        if (log->ends[i].service == log->service) log->ends[kept++] = log->ends[i];
    log->end_count = kept;
}

/* Numbers the devices that are left, in the order of their first attempt, from 0 and without gaps.
 */
static int renumber(read_log *log) {
    read_names dense = {0};
    uint32_t *to = sim_malloc((log->devices.count + 1) * sizeof *to);
    int error = to == NULL ? SIM_ENOMEM : 0;
    if (error == 0) memset(to, 0xff, (log->devices.count + 1) * sizeof *to);
    for (size_t i = 0; i < log->attempts.count && error == 0; i++) {
        uint32_t *device = &log->attempts.items[i].device;
        const char *name = read_names_text(&log->devices, *device);
        if (to[*device] == READ_NOBODY)
            error = read_names_number(&dense, name, strlen(name), &to[*device]);
        *device = to[*device];
    }
    size_t kept = 0;
    for (size_t i = 0; i < log->end_count && error == 0; i++) {
        log->ends[i].device = to[log->ends[i].device];
        if (log->ends[i].device != READ_NOBODY) log->ends[kept++] = log->ends[i];
    }
    log->end_count = error == 0 ? kept : log->end_count;
    read_names_deinit(&log->devices);
    log->devices = dense;
    sim_free(to);
    return error;
}

/* The same device at the same nanosecond: a row that was written twice. */
static void drop_duplicates(read_log *log) {
    record_attempt *items = log->attempts.items;
    size_t kept = 0;
    for (size_t i = 0; i < log->attempts.count; i++) {
        bool same = kept > 0 && items[kept - 1].at == items[i].at &&
                    items[kept - 1].device == items[i].device;
        if (same && log->resolution < SIM_MILLISECOND)
            read_warn(log, READ_WARNING_DUPLICATE, 0);
        else
            items[kept++] = items[i];
    }
    log->attempts.count = kept;
}

static int end_order(const void *left, const void *right) {
    const read_end *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->device < b->device ? -1 : a->device > b->device;
}

static void begin_at_zero(read_log *log) {
    int64_t zero = log->latest_ns;
    if (log->attempts.count > 0) zero = log->attempts.items[0].at;
    if (log->end_count > 0 && log->ends[0].at < zero) zero = log->ends[0].at;
    /* its times count from the start of a run already */
    if (log->format == READ_FORMAT_ATTEMPTS) zero = 0;
    log->zero_ns = zero;
    for (size_t i = 0; i < log->attempts.count; i++) log->attempts.items[i].at -= zero;
    for (size_t i = 0; i < log->end_count; i++) log->ends[i].at -= zero;
    log->until = log->latest_ns > zero ? log->latest_ns - zero : 0;
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (a->latency != SIM_NEVER)
            log->until = sim_time_max(log->until, sim_time_add(a->at, a->latency));
    }
}

int read_log_finish(read_log *log, const read_options *o) {
    int error = read_capture_close(log);
    if (error != 0) return error;
    if (log->broker != NULL) read_broker_prove(log->broker);
    choose_service(log);
    error = settle_devices(log, o);
    if (error != 0) return error;
    record_attempts_sort(&log->attempts);
    if (log->end_count > 1) qsort(log->ends, log->end_count, sizeof *log->ends, end_order);
    error = renumber(log);
    if (error != 0) return error;
    if (log->format == READ_FORMAT_PCAP || read_broker_shares(log)) error = read_clients_count(log);
    if (error != 0) return error;
    if (log->format != READ_FORMAT_PCAP) drop_duplicates(log);
    begin_at_zero(log);
    if (log->triggers.count == 0) { /* nobody said: count them from the first */
        uint32_t *numbers = sim_calloc(log->devices.count + 1, sizeof *numbers);
        if (numbers == NULL) return SIM_ENOMEM;
        for (size_t i = 0; i < log->attempts.count; i++)
            log->attempts.items[i].number = ++numbers[log->attempts.items[i].device];
        sim_free(numbers);
    }
    return 0;
}

bool read_log_keep(read_log *log, const char *device) {
    uint32_t number = 0;
    size_t kept = 0;
    while (number < log->devices.count &&
           strcmp(read_names_text(&log->devices, number), device) != 0)
        number++;
    if (number == log->devices.count) return false;
    for (size_t i = 0; i < log->attempts.count; i++)
        if (log->attempts.items[i].device == number)
            log->attempts.items[kept++] = log->attempts.items[i];
    log->attempts.count = kept;
    kept = 0;
    for (size_t i = 0; i < log->end_count; i++)
        if (log->ends[i].device == number) log->ends[kept++] = log->ends[i];
    log->end_count = kept;
    for (size_t i = 0; i < log->attempts.count; i++) log->attempts.items[i].device = 0;
    for (size_t i = 0; i < log->end_count; i++) log->ends[i].device = 0;
    if (log->clients != NULL) log->clients[0] = log->clients[number];
    read_names_deinit(&log->devices);
    return read_names_number(&log->devices, device, strlen(device), &number) == 0;
}
