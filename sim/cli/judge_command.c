/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart judge`: logs of others, outages, verdicts, in this order. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blackstart_version.h"
#include "sim/cli/cli.h"
#include "sim/cli/folder.h"
#include "sim/cli/judge_options.h"
#include "sim/cli/law_json.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/judge/crowd.h"
#include "sim/judge/words.h"
#include "sim/read/online.h"
#include "sim/read/pauses.h"
#include "sim/report/folder.h"
#include "sim/report/summary_read.h"
#include "sim/report/terminal.h"

enum {
    FINDINGS_MAX = 64,   /* a fleet's verdicts: outages beyond are told of, not judged */
    LAW_DEVICES = 10000, /* of a fleet: whose pauses tell its law */
    REPEAT_MAX = 16 * 1024,
    SERIES_MAX = 100 * 86400, /* seconds of series.csv */
    FACTS_MAX = 25 + READ_WARNINGS + READ_UNREAD_MAX,
    TEXT_MAX = 400
};

typedef struct session {
    cli_words words;
    cli_judge_options options;
    cli_folder folder;
    read_log log;
    read_outage outages[READ_OUTAGES_MAX];
    size_t outage_count;
    bool alone; /* one device (A), not a fleet (B) */
    bool crowd; /* several clients behind one address (C): not alone */
    dev_law law;
    char law_text[DEV_LAW_TEXT_MAX];
    read_pauses pauses;
    read_estimate estimate;
    bool more_outages;    /* of one device than were looked at */
    uint64_t own_outages; /* of one device: between two times online */
    judge_finding findings[FINDINGS_MAX];
    size_t finding_count;
    judge_episodes episodes; /* of one device that failed */
    judge_evidence evidence;
    judge_declared declared;
    judge_trigger triggers[READ_OUTAGES_MAX + 1];
    char trigger_names[READ_OUTAGES_MAX][TEXT_MAX];
    char silent[READ_WHY_MAX + 256]; /* of several logs, the first that tells of no connection */
    char trouble[TEXT_MAX];          /* why the log cannot be trusted, "" when it can */
    char outage_texts[READ_OUTAGES_MAX][TEXT_MAX];
    report_story story[READ_OUTAGES_MAX];
    report_fact facts[FACTS_MAX];
    char fact_texts[FACTS_MAX][TEXT_MAX];
    size_t fact_count;
    char repeat[REPEAT_MAX];
    char title[CLI_TEXT_MAX];
} session;

static cli_exit no_memory(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory (blackstart judge): free some, or give a smaller log");
}

/* --- reading --- */

/* A file that was named, and when it begins. */
typedef struct given {
    const char *path;
    FILE *file;
    int64_t begins;
    uint64_t beginning; /* hash of its first lines; 0: too few */
    size_t place;       /* on the command line */
} given;

static cli_exit read_one(session *s, const given *g, cli_trouble *t) {
    char why[READ_WHY_MAX];
    read_format before = s->log.format;
    int error = read_files(g->file, &s->options.read, &s->log, why);
    if (error == SIM_ENOMEM) return no_memory(t);
    if (error == SIM_ESTATE && s->options.file_count > 1) {
        if (s->silent[0] == '\0')
            snprintf(s->silent, sizeof s->silent, "(%.200s): %s", g->path, why);
        return CLI_EXIT_PASS;
    }
    if (error != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "cannot judge it (%.200s): %s", g->path, why);
    bool ours = s->log.format == READ_FORMAT_ATTEMPTS;
    if (before != READ_FORMAT_ANY && ours != (before == READ_FORMAT_ATTEMPTS))
        return cli_fail(t, CLI_EXIT_USAGE,
                        "attempts.csv counts from the start of a run, other logs do not (%.200s): "
                        "judge them apart",
                        g->path);
    return CLI_EXIT_PASS;
}

static int by_begin(const void *left, const void *right) {
    const given *a = left, *b = right;
    if (a->begins != b->begins) return a->begins < b->begins ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* What comes from a pipe is kept in a file without a name: logs are read more than once. */
static cli_exit keep_piped(given *g, cli_trouble *t) {
    char block[64 * 1024];
    FILE *kept = tmpfile();
    bool good = kept != NULL;
    for (size_t n; good && (n = fread(block, 1, sizeof block, g->file)) > 0;)
        good = fwrite(block, 1, n, kept) == n;
    good = good && !ferror(g->file) && fflush(kept) == 0 && fseek(kept, 0, SEEK_SET) == 0;
    int number = errno;
    if (g->file != stdin) fclose(g->file);
    g->file = kept;
    if (good) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "cannot keep what comes from a pipe: %s (%.200s): make room for it, or give a "
                    "file",
                    strerror(number), g->path);
}

static cli_exit open_one(session *s, given *g, cli_trouble *t) {
    bool standard = strcmp(g->path, "-") == 0;
    g->file = standard ? stdin : fopen(g->path, "rb");
    if (g->file == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "cannot open the log: %s (%.200s): give a file that can be read",
                        strerror(errno), g->path);
    if (standard) g->path = "standard input";
    if (fseek(g->file, 0, SEEK_SET) != 0) {
        cli_exit trouble = keep_piped(g, t);
        if (trouble != CLI_EXIT_PASS) return trouble;
    }
    if (s->options.file_count == 1) return CLI_EXIT_PASS;
    g->begins = read_begins(g->file, &s->options.read);
    rewind(g->file);
    g->beginning = read_beginning(g->file);
    rewind(g->file);
    return CLI_EXIT_PASS;
}

/* A log that is there twice, packed and not, would be counted twice. */
static cli_exit refuse_doubles(const given *all, size_t count, cli_trouble *t) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (all[i].beginning != 0 && all[i].beginning == all[k].beginning)
                return cli_fail(t, CLI_EXIT_USAGE,
                                "the same log twice (%.200s): it begins as %.200s does, so name "
                                "one of them",
                                all[i].path, all[k].path);
    return CLI_EXIT_PASS;
}

/* Several files are one log: whatever order they were given in, they are read in that of their
 * times. */
static cli_exit read_given(session *s, cli_trouble *t) {
    given all[CLI_LOGS_MAX] = {{0}};
    size_t count = s->options.file_count;
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < count && trouble == CLI_EXIT_PASS; i++) {
        all[i] = (given){.path = s->options.files[i], .place = i};
        trouble = open_one(s, &all[i], t);
    }
    if (trouble == CLI_EXIT_PASS) trouble = refuse_doubles(all, count, t);
    if (trouble == CLI_EXIT_PASS) qsort(all, count, sizeof *all, by_begin);
    for (size_t i = 0; i < count && trouble == CLI_EXIT_PASS; i++)
        trouble = read_one(s, &all[i], t);
    for (size_t i = 0; i < count; i++)
        if (all[i].file != NULL && all[i].file != stdin) fclose(all[i].file);
    if (trouble == CLI_EXIT_PASS && s->silent[0] != '\0' && s->log.attempts.count == 0)
        return cli_fail(t, CLI_EXIT_USAGE, "cannot judge it %s", s->silent);
    return trouble;
}

static cli_exit read_all(session *s, cli_trouble *t) {
    cli_exit trouble = read_given(s, t);
    if (trouble == CLI_EXIT_PASS && read_log_finish(&s->log, &s->options.read) != 0)
        return no_memory(t);
    if (trouble != CLI_EXIT_PASS || s->options.device == NULL) return trouble;
    if (read_log_keep(&s->log, s->options.device)) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no device %.80s in the log (--device): there are %zu, the first is %.80s",
                    s->options.device, s->log.devices.count,
                    s->log.devices.count > 0 ? read_names_text(&s->log.devices, 0) : "none");
}

static cli_exit read_declared(session *s, cli_trouble *t) {
    if (s->options.declared == NULL) return CLI_EXIT_PASS;
    cli_exit trouble = cli_law_json(s->options.declared, &s->law, t);
    if (trouble == CLI_EXIT_PASS) dev_law_text(&s->law, s->law_text, sizeof s->law_text);
    return trouble;
}

/* --- outages --- */

/* Told in whole seconds, so it may be off by one. */
static bool is_whole(const cli_moment *m) {
    return m->ns % SIM_SECOND == 0;
}

/* What the log calls a second may be any moment in it, so the moment begins where that does. */
static bool moment_in(const session *s, const cli_moment *m, sim_time *out) {
    const sim_time clock = s->log.resolution, until = s->log.until,
                   off = sim_time_max(clock, is_whole(m) ? SIM_SECOND : 0);
    *out = m->absolute ? m->ns - s->log.zero_ns : m->ns;
    if (*out < 0 && *out > -off) *out = 0;
    if (*out > until && *out < sim_time_add(until, off)) *out = until;
    if (clock > 0 && *out > 0) *out -= *out % clock;
    return *out >= 0 && *out <= s->log.until;
}

static int by_time(const void *left, const void *right) {
    const read_outage *a = left, *b = right;
    return (a->to > b->to) - (a->to < b->to);
}

static cli_exit take_given(session *s, cli_trouble *t) {
    char length[24];
    for (size_t i = 0; i < s->options.outage_count; i++) {
        const cli_moments *m = &s->options.outages[i];
        read_outage *o = &s->outages[i];
        *o = (read_outage){.from = SIM_NEVER, .how = READ_FOUND_GIVEN};
        if (!moment_in(s, &m->to, &o->to) || (m->has_from && !moment_in(s, &m->from, &o->from)))
            return cli_fail(t, CLI_EXIT_USAGE, "a time outside the log (%s): it lasts %s",
                            m->has_from ? "--outage" : "--trigger",
                            sim_time_text(s->log.until, length, sizeof length));
        read_outage_round(&s->log, o, m->has_from && is_whole(&m->from), is_whole(&m->to));
    }
    s->outage_count = s->options.outage_count;
    qsort(s->outages, s->outage_count, sizeof *s->outages, by_time);
    return read_outages_count(&s->log, s->outages, s->outage_count) == 0 ? CLI_EXIT_PASS
                                                                         : no_memory(t);
}

/* How many a device is, at least: connections that overlap are not one client's. */
static uint32_t clients_of(const session *s, size_t device) {
    return s->log.clients != NULL && device < s->log.devices.count ? s->log.clients[device] : 1;
}

/* attempts.csv tells of those who tried. The summary beside it in a folder of results knows how
 * many a trigger struck, so that whoever of them never tried again is missing, and how long the run
 * was watched. */
static void count_by_summary(session *s) {
    char folder[PATH_MAX], why[RECORD_JSON_WHY_MAX];
    json_t *summary;
    const char *path = s->options.files[0], *slash = strrchr(path, '/');
    if (s->log.format != READ_FORMAT_ATTEMPTS || s->options.file_count != 1) return;
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) : 1,
             slash != NULL ? path : ".");
    if (report_summary_of(folder, &summary, why) != 0) return;
    double watched = json_number_value(json_object_get(summary, "duration_s"));
    if (watched > sim_time_seconds(s->log.until) && watched < SERIES_MAX)
        s->log.until = sim_time_from_seconds(watched);
    const json_t *names = json_object_get(summary, "triggers");
    const json_t *counts = json_object_get(summary, "trigger_devices");
    for (size_t i = 0; i < s->outage_count; i++) {
        read_outage *o = &s->outages[i];
        for (size_t k = 0; o->how == READ_FOUND_TRIGGER && k < json_array_size(names); k++) {
            const char *name = json_string_value(json_array_get(names, k));
            json_int_t count = json_integer_value(json_array_get(counts, k));
            if (name == NULL || strcmp(name, o->name) != 0 || count < (json_int_t)o->devices)
                continue;
            o->devices = (uint64_t)count;
            o->silent = 0;
        }
    }
    json_decref(summary);
}

static cli_exit find_outages(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    s->crowd = s->log.devices.count == 1 && clients_of(s, 0) > 1;
    s->alone = s->log.devices.count == 1 && !s->crowd;
    if (s->options.outage_count > 0)
        trouble = take_given(s, t);
    else if (read_outages_find(&s->log, s->outages, READ_OUTAGES_MAX, &s->outage_count) != 0)
        trouble = no_memory(t);
    if (trouble == CLI_EXIT_PASS && read_outages_assign(&s->log, s->outages, s->outage_count) != 0)
        trouble = no_memory(t);
    if (trouble == CLI_EXIT_PASS) count_by_summary(s);
    return trouble;
}

/* --- verdicts --- */

static void find_trouble(session *s) {
    const read_log *log = &s->log;
    uint64_t back = log->warnings[READ_WARNING_CLOCK_BACK].count,
             bad = log->warnings[READ_WARNING_MALFORMED].count,
             one_way = log->warnings[READ_WARNING_ONE_WAY].count;
    const char *unit = log->format == READ_FORMAT_PCAP ? "packet" : "line";
    if (back > 0)
        snprintf(s->trouble, sizeof s->trouble,
                 "the clock of the log jumped back %s, first at %s %" PRIu64
                 ", so its times cannot be trusted",
                 JUDGE_OF(back, "time"), unit, log->warnings[READ_WARNING_CLOCK_BACK].first);
    else if (log->warnings[READ_WARNING_OVERLAP].count > 0)
        snprintf(
            s->trouble, sizeof s->trouble,
            "captures overlap in time, so packets are not in order: join them with mergecap -w");
    else if (10 * one_way > log->attempts.count)
        snprintf(
            s->trouble, sizeof s->trouble,
            "of %s one direction alone was captured, so it is not known what came of it: capture "
            "both",
            JUDGE_OF(one_way, "connection"));
    else if (10 * bad > log->read)
        snprintf(s->trouble, sizeof s->trouble, "%s of %s could not be read, first %s %" PRIu64,
                 JUDGE_COUNT(bad), JUDGE_OF(log->read, unit), unit,
                 log->warnings[READ_WARNING_MALFORMED].first);
}

static cli_exit estimate(session *s, cli_trouble *t) {
    uint32_t devices =
        s->log.devices.count < LAW_DEVICES ? (uint32_t)s->log.devices.count : LAW_DEVICES;
    find_trouble(s);
    int error = read_pauses_of(&s->log, devices, s->outages, s->outage_count, &s->pauses);
    if (error == 0)
        error = read_estimate_law(&s->pauses, s->log.resolution, s->options.device_policy.variation,
                                  &s->estimate);
    return error == 0 ? CLI_EXIT_PASS : no_memory(t);
}

/* Whether the log shows that service came back after each outage, and what the device did in the
 * ten minutes after: only the user can know. */
static bool service_returned(const session *s) {
    for (size_t i = 0; i < s->options.outage_count; i++) {
        sim_time until = i + 1 < s->outage_count
                             ? sim_time_min(s->outages[i + 1].from, s->outages[i + 1].to)
                             : s->log.until;
        if (until - s->outages[i].to < 10 * SIM_MINUTE) return false;
    }
    return s->options.outage_count > 0;
}

/* What the finder of the law says besides. */
static void inform_of_law(const read_estimate *e, judge_finding *f) {
    judge_finding_inform(f, "interval", "s", e->interval_s, e->pauses,
                         e->grows == READ_YES ? "the first of growing pauses" : NULL);
    judge_finding_inform(f, "growth", "", e->factor, e->pauses,
                         "factor from one pause to the next, of the fitted law");
    if (!isnan(e->cap_s)) judge_finding_inform(f, "cap", "s", e->cap_s, e->pauses, NULL);
    if (e->firsts > 0)
        judge_finding_inform(f, "first attempt after", "s", e->first_s, e->firsts,
                             "median, from the loss of the connection");
}

static cli_exit judge_alone(session *s, cli_trouble *t) {
    char law[240];
    read_tries tries;
    judge_finding *f = &s->findings[s->finding_count++];
    if (read_tries_of(&s->log, 0, s->outages, s->outage_count, s->estimate.loss_counts, &tries) !=
        0)
        return no_memory(t);
    s->more_outages = tries.more;
    if (tries.attempts.count > 0)
        s->own_outages = tries.attempts.items[tries.attempts.count - 1].trigger;
    const judge_device_case c = {
        .attempts = tries.attempts.items,
        .count = tries.attempts.count,
        .ended = tries.ended,
        .declared = s->evidence.law,
        .declared_same_again = dev_law_same_again(&s->law),
        .declared_text = s->law_text,
        .name = read_names_text(&s->log.devices, 0),
        .law_found = read_estimate_text(&s->estimate, law, sizeof law),
        .clock = s->log.resolution,
        .service_returned = service_returned(s),
        .seed = s->evidence.seed,
    };
    judge_device(&c, &s->options.device_policy, f);
    int error = f->verdict == JUDGE_FAIL ? judge_episodes_of(&c, &s->episodes) : 0;
    if (s->estimate.pauses > 0) inform_of_law(&s->estimate, f);
    judge_check_distrust(&s->evidence, f);
    read_tries_deinit(&tries);
    return error == 0 ? CLI_EXIT_PASS : no_memory(t);
}

static cli_exit judge_several(session *s, cli_trouble *t) {
    judge_finding *f = &s->findings[s->finding_count++];
    const judge_crowd_case c = {.attempts = s->log.attempts.items,
                                .count = s->log.attempts.count,
                                .clients = clients_of(s, 0),
                                .name = read_names_text(&s->log.devices, 0),
                                .clock = s->log.resolution,
                                .capacity = s->options.capacity};
    if (judge_crowd(&c, &s->options.fleet_policy, f) != 0) return no_memory(t);
    judge_check_distrust(&s->evidence, f);
    return CLI_EXIT_PASS;
}

/* The port of "tcp port 1883"; 0: the log has none. */
static uint16_t port_of(const read_log *log) {
    if (log->services.count == 0) return 0;
    const char *port = strstr(read_names_text(&log->services, log->service), "port ");
    return port != NULL ? (uint16_t)strtoul(port + strlen("port "), NULL, 10) : 0;
}

/* By the rules of others: one verdict for the whole log. */
static cli_exit judge_by(session *s, cli_trouble *t) {
    judge_pack *pack = &s->options.pack.pack;
    judge_evidence e = s->evidence;
    read_tries tries = {0};
    int error = 0;
    judge_pack_serve(pack, port_of(&s->log));
    if (s->alone) {
        error =
            read_tries_of(&s->log, 0, s->outages, s->outage_count, s->estimate.loss_counts, &tries);
        e.attempts = tries.attempts.items;
        e.attempt_count = tries.attempts.count;
    }
    if (error == 0) error = judge_pack_run(pack, &e, tries.ended, &s->findings[s->finding_count++]);
    read_tries_deinit(&tries);
    return error == 0 ? CLI_EXIT_PASS : no_memory(t);
}

/* The first attempt at or after `at`. */
static size_t attempt_from(const session *s, sim_time at) {
    size_t i = 0;
    while (i < s->log.attempts.count && s->log.attempts.items[i].at < at) i++;
    return i;
}

static sim_time began(const session *s, size_t outage) {
    return sim_time_min(s->outages[outage].from, s->outages[outage].to);
}

/* Where the attempts of the outage before `i` begin, and where those of the one after it end: what
 * a wave is judged from. */
static size_t attempts_near(const session *s, size_t i, size_t *count) {
    size_t first = i > 0 ? attempt_from(s, began(s, i - 1)) : 0;
    size_t end = i + 2 < s->outage_count ? attempt_from(s, began(s, i + 2)) : s->log.attempts.count;
    *count = end - first;
    return first;
}

/* A power cut makes devices begin their law anew; after any other outage they may be anywhere in
 * it. */
static bool begins_anew(const session *s, const read_outage *o) {
    return s->options.power || (o->name != NULL && strstr(o->name, "power") != NULL);
}

static void name_outage(const read_outage *o, char *name, size_t size) {
    char time[24];
    if (o->name != NULL)
        snprintf(name, size, "%s", o->name);
    else
        snprintf(name, size, "outage until %s", sim_time_text(o->to, time, sizeof time));
}

/* A log in which no outage was found has one that did not happen. */
static void gather_triggers(session *s) {
    size_t count = s->outage_count > 0 ? s->outage_count : 1;
    s->triggers[0] = (judge_trigger){.name = "before", .began = SIM_NEVER};
    for (size_t i = 0; i < count; i++) {
        const read_outage *o = i < s->outage_count ? &s->outages[i] : NULL;
        const read_outage *next = i + 1 < s->outage_count ? &s->outages[i + 1] : NULL;
        judge_trigger *t = &s->triggers[i + 1];
        snprintf(s->trigger_names[i], TEXT_MAX, "outage");
        if (o != NULL) name_outage(o, s->trigger_names[i], TEXT_MAX);
        *t = (judge_trigger){.name = s->trigger_names[i],
                             .began = o != NULL ? o->to : SIM_NEVER,
                             .until = next != NULL ? sim_time_min(next->from, next->to)
                                                   : s->log.until + s->log.resolution,
                             .struck = o != NULL ? o->devices : 0,
                             .anew = o != NULL && begins_anew(s, o),
                             .visits = o != NULL && o->visits};
        t->first = attempts_near(s, i, &t->count);
    }
    s->evidence.triggers = s->triggers;
    s->evidence.trigger_count = count + 1;
}

/* All that a check may look at. */
static void gather(session *s) {
    bool declared = s->options.declared != NULL;
    s->declared = (judge_declared){&s->law, dev_law_draw};
    s->evidence = (judge_evidence){.attempts = s->log.attempts.items,
                                   .attempt_count = s->log.attempts.count,
                                   .until = s->log.until,
                                   .devices = s->log.devices.count,
                                   .capacity = s->options.capacity,
                                   .law = declared ? &s->declared : NULL,
                                   .law_text = declared ? s->law_text : NULL,
                                   .distrust = s->trouble,
                                   .seed = 1};
    gather_triggers(s);
}

/* A broker's log, and attempts.csv, tell of success in words of their own; of others somebody must
 * be seen to succeed. */
static bool shows_success(const read_log *log) {
    if (log->format != READ_FORMAT_PCAP && log->format != READ_FORMAT_COLUMNS &&
        log->format != READ_FORMAT_JSON)
        return true;
    for (size_t i = 0; i < log->attempts.count; i++)
        if (log->attempts.items[i].outcome == RECORD_OUTCOME_ONLINE) return true;
    return false;
}

/* What fails needs a success to be told by: who is back, and attempts for each who is. */
static bool fails_by_absence(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++) {
        const judge_measure *m = &f->measures[i];
        if (!m->holds && !isnan(m->value) && strcmp(m->name, "back online") != 0) return false;
    }
    return f->verdict == JUDGE_FAIL;
}

/* Where nobody was ever seen online, the log may lack what tells it: a table without outcomes, a
 * capture of SYN and RST alone. */
static cli_exit judge_outage(session *s, size_t i, cli_trouble *t) {
    const judge_reconnect_wanted wanted = {.number = i + 1, .policy = s->options.fleet_policy};
    judge_finding *f = &s->findings[s->finding_count++];
    if (judge_check_run(&judge_check_reconnect, &s->evidence, &wanted, f) != 0) return no_memory(t);
    if (fails_by_absence(f) && !shows_success(&s->log)) {
        f->verdict = JUDGE_INCONCLUSIVE;
        f->defects = 0;
        judge_finding_say(f,
                          "No attempt of the whole log is seen to succeed, so who was back after "
                          "the %s is not known: give a log or a capture that shows it.",
                          s->trigger_names[i]);
    }
    return CLI_EXIT_PASS;
}

/* Which of several outages decides: the worst, of equals the first. */
static size_t worst_of(const session *s) {
    size_t worst = 0;
    for (size_t i = 1; i < s->finding_count; i++) {
        judge_verdict so_far = s->findings[worst].verdict;
        if (judge_verdict_worse(so_far, s->findings[i].verdict) != so_far) worst = i;
    }
    return worst;
}

static cli_exit judge_all(session *s, cli_trouble *t) {
    cli_exit trouble = estimate(s, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    gather(s);
    if (s->evidence.attempt_count == 0) {
        judge_finding *f = &s->findings[s->finding_count++];
        judge_check_miss(&judge_check_reconnect, JUDGE_NEED_BIT_ATTEMPTS, f);
        judge_check_distrust(&s->evidence, f);
        return CLI_EXIT_PASS;
    }
    if (s->options.pack.pack.rule_count > 0) return judge_by(s, t);
    if (s->alone) return judge_alone(s, t);
    if (s->crowd) return judge_several(s, t);
    trouble = judge_outage(s, 0, t);
    for (size_t i = 1; i < s->outage_count && i < FINDINGS_MAX && trouble == CLI_EXIT_PASS; i++)
        trouble = judge_outage(s, i, t);
    return trouble;
}

/* --- what was read, for the person who reads it --- */

__attribute__((format(printf, 3, 4))) static void fact(session *s, const char *name,
                                                       const char *format, ...) {
    SIM_PROMISE(s->fact_count < FACTS_MAX);
    char *text = s->fact_texts[s->fact_count];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, TEXT_MAX, format, arguments);
    va_end(arguments);
    s->facts[s->fact_count++] = (report_fact){name, text};
}

static void tell_outages(session *s) {
    char to[24], count[JUDGE_WORD_MAX], silent[JUDGE_WORD_MAX], how[TEXT_MAX / 4];
    for (size_t i = 0; i < s->outage_count; i++) {
        const read_outage *o = &s->outages[i];
        judge_words_of(o->devices, "device", count, sizeof count);
        judge_words_count(o->silent, silent, sizeof silent);
        snprintf(s->outage_texts[i], TEXT_MAX, "%s%s%s: %s%s%s (%s)",
                 o->name != NULL ? o->name : "outage", o->from != SIM_NEVER ? " until " : "",
                 o->from != SIM_NEVER ? sim_time_text(o->to, to, sizeof to) : "", count,
                 o->silent > 0 ? ", of others nothing was seen: " : "", o->silent > 0 ? silent : "",
                 read_found_text(o, how, sizeof how));
        s->story[i] = (report_story){o->from != SIM_NEVER ? o->from : o->to, s->outage_texts[i]};
    }
}

static void tell_warnings(session *s) {
    const read_log *log = &s->log;
    const char *unit = log->format == READ_FORMAT_PCAP ? "packet" : "line";
    for (int w = 0; w < READ_WARNINGS; w++) {
        uint64_t count = log->warnings[w].count, first = log->warnings[w].first;
        char place[TEXT_MAX / 2] = "", number[JUDGE_WORD_MAX];
        if (count == 0) continue;
        if (first > 0) snprintf(place, sizeof place, " (first: %s %" PRIu64 ")", unit, first);
        if (w == READ_WARNING_MALFORMED && log->malformed[0] != '\0')
            snprintf(place, sizeof place, " (first: %.*s)",
                     judge_words_shown(log->malformed, sizeof place - 12), log->malformed);
        judge_words_of(count, unit, number, sizeof number);
        if (w == READ_WARNING_OVERLAP || w == READ_WARNING_ONE_WAY)
            judge_words_count(count, number, sizeof number);
        fact(s, "warning", "%s: %s%s", number, read_warning_text((read_warning)w), place);
    }
}

/* What of the packets was not read, where it may hide connections, or where there was none. */
static void tell_unread(session *s) {
    const read_unread_kinds *u = &s->log.unread;
    for (size_t i = 0; i < u->names.count && s->fact_count < FACTS_MAX; i++) {
        char number[JUDGE_WORD_MAX];
        if (!u->wraps[i] && s->log.attempts.count > 0) continue;
        judge_words_of(u->counts[i], "packet", number, sizeof number);
        fact(s, "not read", "%s of %s%s", number, read_names_text(&u->names, (uint32_t)i),
             u->wraps[i] ? ": capture where it is taken off" : "");
    }
}

/* Who was online and showed neither an end nor a new attempt: an outage may be of a part of the
 * fleet, and who has lost nothing has nothing to come back to. */
static void tell_silent(session *s) {
    for (size_t i = 0; i < s->outage_count && i < FINDINGS_MAX; i++) {
        const read_outage *o = &s->outages[i];
        char silent[JUDGE_WORD_MAX], of[JUDGE_WORD_MAX], name[TEXT_MAX / 2];
        if (o->silent == 0) continue;
        name_outage(o, name, sizeof name);
        fact(s, "not judged",
             "%s of %s devices that were online at the %s were not seen to lose a session or to "
             "ask for one: whether it struck them cannot be seen",
             judge_words_count(o->silent, silent, sizeof silent),
             judge_words_count(o->silent + o->devices, of, sizeof of), name);
        return; /* of the first such outage: the story tells of all */
    }
}

/* Addresses of a fleet that are more than one client. */
static void tell_clients(session *s) {
    uint64_t shared = 0, clients = 0;
    for (size_t d = 0; d < s->log.devices.count; d++) {
        if (clients_of(s, d) < 2) continue;
        shared++;
        clients += clients_of(s, d);
    }
    if (shared == 0 || s->crowd) return;
    char a[JUDGE_WORD_MAX], b[JUDGE_WORD_MAX];
    fact(
        s, "warning",
        "%s of the devices %s at least %s clients, as connections overlap: what each of these does "
        "is not told apart",
        judge_words_count(shared, a, sizeof a), shared == 1 ? "is" : "are",
        judge_words_count(clients, b, sizeof b));
}

static const char *first_file(const session *s) {
    const char *file = s->options.files[0];
    return strcmp(file, "-") == 0 ? "standard input" : file;
}

/* One device is judged over outages of its own, whatever happened to others. */
static void tell_count_of_outages(session *s) {
    char own[JUDGE_WORD_MAX];
    judge_words_count(s->own_outages, own, sizeof own);
    if (s->own_outages > 0)
        fact(s, "outages",
             "%s of this device, each from its loss, or the first attempt that failed, to the next "
             "time online%s",
             own,
             s->outage_count == 0 ? "; that it came back is judged with --outage FROM..TO only"
                                  : "");
    else if (s->outage_count == 0)
        fact(s, "outages", "none was found; give them with --outage FROM..TO or --trigger TIME");
}

/* Ids of which none came twice may be one device that makes up a new one each time. */
static bool none_came_twice(const session *s) {
    const read_log *log = &s->log;
    return log->devices.count > 1 && log->by == READ_BY_CLIENT_ID &&
           log->attempts.count == log->devices.count;
}

static void tell_log(session *s) {
    const read_log *log = &s->log;
    char a[JUDGE_WORD_MAX], b[JUDGE_WORD_MAX], length[24], law[240], resolution[24];
    fact(s, "file", "%s%s", first_file(s), s->options.file_count > 1 ? " and others" : "");
    fact(s, "format", "%s", read_format_title(log->format));
    fact(
        s, "read", "%s, %s in %s",
        judge_words_of(log->read, log->format == READ_FORMAT_PCAP ? "packet" : "line", a, sizeof a),
        judge_words_of(log->attempts.count, "attempt", b, sizeof b),
        sim_time_text(log->until, length, sizeof length));
    if (log->services.count > 0)
        fact(s, "service", "%s", read_names_text(&log->services, log->service));
    fact(s, "judged as", "%s",
         s->alone   ? "one device over its outages (A)"
         : s->crowd ? "several clients behind one address (C)"
                    : "a fleet (B); --device NAME judges one of its devices");
    fact(s, "devices", "%s, told apart by %s", judge_words_count(log->devices.count, a, sizeof a),
         read_by_title(log->by));
    if (none_came_twice(s))
        fact(s, "ids",
             "not one of them came twice: devices that make up a new id for each connection cannot "
             "be told from so many devices; say --by address where each has its own");
    if (log->resolution >= SIM_MILLISECOND)
        fact(s, "clock", "tells %s apart",
             sim_time_text(log->resolution, resolution, sizeof resolution));
    if (s->options.by != NULL)
        fact(s, "judged by", "%s: %s (%s)", s->options.pack.pack.id, s->options.pack.pack.source,
             s->options.pack.pack.edition);
    if (!s->crowd) fact(s, "law found", "%s", read_estimate_text(&s->estimate, law, sizeof law));
    if (s->options.declared != NULL) fact(s, "law declared", "%s", s->law_text);
    tell_count_of_outages(s);
    if (s->finding_count > 1) {
        size_t worst = worst_of(s);
        char name[TEXT_MAX / 2];
        name_outage(&s->outages[worst], name, sizeof name);
        fact(s, "worst of them", "%s, after the %s: it decides",
             judge_verdict_word(s->findings[worst].verdict), name);
    }
    if (!s->alone && s->options.declared != NULL && s->outage_count > 0 &&
        !begins_anew(s, &s->outages[0]))
        fact(s, "not compared",
             "first attempts and the declared law: say --power if the outages were power cuts");
    if (!s->alone && s->outage_count > FINDINGS_MAX)
        fact(s, "not judged",
             "outages after the first %d; give a shorter log, or one with --outage FROM..TO",
             FINDINGS_MAX);
    if (s->more_outages)
        fact(s, "not judged", "outages of the device after its 255th; give a shorter log");
    if (!s->alone) tell_silent(s);
    tell_clients(s);
    tell_warnings(s);
    tell_unread(s);
}

/* "edge.pcap: a capture, pcap or pcapng". */
static const char *name_title(session *s) {
    const char *file = first_file(s), *slash = strrchr(file, '/');
    snprintf(s->title, sizeof s->title, "%s%s: %s", slash != NULL ? slash + 1 : file,
             s->options.file_count > 1 ? " and others" : "", read_format_title(s->log.format));
    return s->title;
}

static report_run record_of(session *s) {
    return (report_run){
        .scenario = first_file(s),
        .title = name_title(s),
        .version = BLACKSTART_VERSION,
        .world = "real",
        .repeat = s->repeat,
        .homes = s->log.homes.count,
        .devices = s->log.devices.count,
        .duration = s->log.until,
        .capacity = s->options.capacity,
        .findings = s->findings,
        .finding_count = s->finding_count,
        .episodes = s->episodes.count > 0 ? &s->episodes : NULL,
        .story = s->story,
        .story_count = s->outage_count,
    };
}

static report_style style_of(const session *s) {
    cli_terminal terminal = cli_terminal_look(STDOUT_FILENO, s->options.no_colour, getenv);
    return (report_style){.colour = terminal.colour,
                          .marks = terminal.interactive && terminal.marks,
                          .columns = terminal.columns};
}

static cli_exit print(session *s, cli_trouble *t) {
    (void)t;
    tell_outages(s);
    tell_log(s);
    const report_style style = style_of(s);
    report_run record = record_of(s);
    report_terminal_log(&record, s->facts, s->fact_count, &style, stdout);
    return CLI_EXIT_PASS;
}

/* --- the folder --- */

/* The log second by second. */
static int put_seconds(const session *s, report_folder *folder, const uint64_t *online) {
    const read_log *log = &s->log;
    size_t attempt = 0, seconds = read_online_seconds(log);
    int error = 0;
    for (uint64_t second = 0; second < seconds && error == 0; second++) {
        sim_time until = (sim_time)(second + 1) * SIM_SECOND;
        report_second row = {.second = second, .online = online[second]};
        for (; attempt < log->attempts.count && log->attempts.items[attempt].at < until;
             attempt++) {
            record_outcome outcome = log->attempts.items[attempt].outcome;
            row.attempts++;
            row.successes += outcome == RECORD_OUTCOME_ONLINE;
            row.rejections += outcome > RECORD_OUTCOME_ONLINE;
        }
        error = report_folder_second(folder, &row);
    }
    return error;
}

static cli_exit write_series(const session *s, report_folder *folder, cli_trouble *t) {
    uint64_t *online = sim_calloc(read_online_seconds(&s->log), sizeof *online);
    int error =
        online == NULL ? SIM_ENOMEM : read_online(&s->log, s->outages, s->outage_count, online);
    cli_exit trouble = CLI_EXIT_PASS;
    if (error != 0)
        trouble = cli_fail(t, CLI_EXIT_INTERNAL,
                           "out of memory for the series of the log (--out): judge a part of it");
    else if (put_seconds(s, folder, online) != 0)
        trouble = cli_fail(t, CLI_EXIT_INTERNAL, "%s", report_folder_why(folder));
    sim_free(online);
    return trouble;
}

enum { OUTAGE_NAME_MAX = 80 };

/* Each outage under a name of its own, with the time when service came back; [0] is what was before
 * them. */
typedef struct outage_names {
    char text[READ_OUTAGES_MAX][OUTAGE_NAME_MAX];
    const char *names[READ_OUTAGES_MAX + 1];
    sim_time at[READ_OUTAGES_MAX + 1];
} outage_names;

static void name_outages(const session *s, outage_names *n) {
    n->names[0] = "before";
    n->at[0] = 0;
    for (size_t i = 0; i < s->outage_count; i++) {
        const char *name = s->outages[i].name != NULL ? s->outages[i].name : "outage";
        char *text = n->text[i];
        bool taken = false;
        snprintf(text, OUTAGE_NAME_MAX, "%.*s", judge_words_shown(name, OUTAGE_NAME_MAX - 16),
                 name);
        for (size_t k = 0; k <= i; k++) taken = taken || strcmp(n->names[k], text) == 0;
        size_t used = strlen(text);
        if (taken) snprintf(text + used, OUTAGE_NAME_MAX - used, " (%zu)", i + 1);
        n->names[i + 1] = text;
        n->at[i + 1] = s->outages[i].to;
    }
}

static cli_exit write_results(session *s, cli_trouble *t) {
    char why[CLI_LINE_MAX];
    report_folder *folder = NULL;
    outage_names outages;
    if (s->options.out == NULL) return CLI_EXIT_PASS;
    if (s->log.until / SIM_SECOND > SERIES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a log of more than 100 days (--out): judge a part of it");
    name_outages(s, &outages);
    report_run record = record_of(s);
    record.triggers = outages.names;
    record.trigger_at = outages.at;
    record.trigger_count = s->outage_count + 1;
    if (report_folder_open(s->folder.path, &folder, why, sizeof why) != 0)
        return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    cli_exit trouble = write_series(s, folder, t);
    if (trouble != CLI_EXIT_PASS) {
        report_folder_abandon(folder);
        return trouble;
    }
    if (report_folder_finish(folder, &record, &s->log.attempts, why, sizeof why) != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s", why);
    return CLI_EXIT_PASS;
}

/* --- the whole --- */

static cli_exit print_last(session *s, cli_trouble *t) {
    (void)t;
    const report_style style = style_of(s);
    report_run record = record_of(s);
    report_terminal_last(&record, &style, stdout);
    return CLI_EXIT_PASS;
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    int code = judge_exit_code(s->findings, s->finding_count);
    for (size_t i = 0; i < s->finding_count && code != CLI_EXIT_PASS; i++) {
        const judge_finding *f = &s->findings[i];
        if (f->verdict != (code == CLI_EXIT_FAILED ? JUDGE_FAIL : JUDGE_INCONCLUSIVE)) continue;
        return cli_fail(t, (cli_exit)code, "%s (%s, %.200s): %s",
                        code == CLI_EXIT_FAILED ? "a check failed" : "inconclusive", f->unit,
                        first_file(s), f->sentence);
    }
    return CLI_EXIT_PASS;
}

/* The line that repeats the verdict: as typed, safe to paste. */
static void make_repeat(session *s, const char *program, int argc, char **argv) {
    bool good = cli_text_quote(s->repeat, sizeof s->repeat, program);
    for (int i = 0; i < argc && good; i++)
        good = cli_text_quote(s->repeat, sizeof s->repeat, argv[i]);
    if (!good) s->repeat[0] = '\0';
}

typedef cli_exit step(session *s, cli_trouble *t);
static cli_exit read_pack(session *s, cli_trouble *t) {
    return cli_judge_options_pack(&s->options, t);
}

static step *const steps[] = {read_pack, read_declared, read_all,      find_outages,
                              judge_all, print,         write_results, print_last};

static cli_exit judge(session *s, cli_trouble *t) {
    cli_exit trouble =
        s->options.out != NULL ? cli_folder_given(&s->folder, s->options.out, t) : CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && trouble == CLI_EXIT_PASS; i++)
        trouble = steps[i](s, t);
    return trouble == CLI_EXIT_PASS ? conclude(s, t) : trouble;
}

cli_exit cli_judge(const char *program, int argc, char **argv, cli_trouble *t) {
    session *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return no_memory(t);
    cli_exit trouble = cli_judge_options_parse(&s->options, argc, argv, &s->words, t);
    if (trouble == CLI_EXIT_PASS && s->words.help) {
        cli_help_for(&cli_judge_command);
    } else if (trouble == CLI_EXIT_PASS) {
        make_repeat(s, program, argc, argv);
        trouble = judge(s, t);
    }
    read_pauses_deinit(&s->pauses);
    read_log_deinit(&s->log);
    cli_pack_deinit(&s->options.pack);
    cli_words_deinit(&s->words);
    sim_free(s);
    return trouble;
}
