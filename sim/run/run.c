/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/run.h"
#include "sim/run/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/core/wall.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_account.h"
#include "sim/judge/words.h"
#include "sim/run/columns.h"
#include "sim/run/count.h"
#include "sim/run/drill.h"
#include "sim/run/guard.h"
#include "sim/run/machine.h"
#include "sim/run/options.h"
#include "sim/run/progress.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"

/* ---- small things ---- */

int run_fail(run *r, int error, const char *what) {
    if (r->error == 0) {
        r->error = error;
        (void)snprintf(r->why, sizeof r->why, "%s at %.3f s: %s", what, sim_time_seconds(r->now),
                       sim_error_text(error));
    }
    return error;
}

const char *run_why(const run *r) {
    return r->why;
}

bool run_interrupted(const run *r) {
    return r->interrupted;
}

sim_time run_now(const run *r) {
    return r->now;
}

bool run_stop_asked(run *r) {
    r->interrupted = r->options->stop != NULL && *r->options->stop != 0;
    return r->interrupted;
}

bool run_is_real(const run *r) {
    return r->target != NULL;
}

uint64_t run_online(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) n += fleet_street_sums(r->streets[i])->online;
    return n;
}

uint64_t run_events(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) n += fleet_street_account(r->streets[i]).events;
    return n;
}

void run_sum(const run *r, fleet_sums *sums, fleet_ledger *ledger) {
    *sums = (fleet_sums){0};
    *ledger = (fleet_ledger){0};
    for (uint32_t i = 0; i < r->street_count; i++) {
        fleet_sums_add(sums, fleet_street_sums(r->streets[i]));
        fleet_ledger_add(ledger, fleet_street_account(r->streets[i]).ledger);
    }
}

/* ---- all streets side by side ---- */

typedef struct each_call {
    run *r;
    run_street_job *job;
    void *with;
} each_call;

static void each_one(void *context, uint32_t item) {
    each_call *c = context;
    int *error = &c->r->street_errors[item];
    if (*error == 0) *error = c->job(c->r, item, c->with);
}

int run_each_street(run *r, run_street_job *job, void *with) {
    each_call c = {.r = r, .job = job, .with = with};
    sim_workers_run(r->workers, r->street_count, each_one, &c);
    for (uint32_t i = 0; i < r->street_count; i++) {
        if (r->street_errors[i] != 0) return r->street_errors[i];
    }
    return 0;
}

/* ---- building ---- */

static uint32_t zone_streets(const fleet_zone *z) {
    return (z->homes + z->homes_per_street - 1) / z->homes_per_street;
}

static fleet_place *place_streets(run *r) {
    for (uint32_t z = 0; z < r->spec.zone_count; z++)
        r->street_count += zone_streets(&r->spec.zones[z]);
    fleet_place *places = sim_calloc(r->street_count, sizeof *places);
    uint32_t at = 0;
    uint32_t home = 0;
    uint32_t device = 0;
    for (uint32_t z = 0; places != NULL && z < r->spec.zone_count; z++) {
        const fleet_zone *zone = &r->spec.zones[z];
        for (uint32_t n = 0; n < zone_streets(zone); n++) {
            places[at] = (fleet_place){
                .street = at, .zone = z, .number = n, .first_home = home, .first_device = device};
            at++;
            home += fleet_street_homes(zone, n);
            device += fleet_street_homes(zone, n) * fleet_zone_per_home(zone);
        }
    }
    return places;
}

/* Each thread builds the streets that it will run, so that their memory is its own. */
static int build_street(run *r, uint32_t street, void *with) {
    const fleet_place *places = with;
    return fleet_street_new(&r->shared, &places[street], &r->streets[street]);
}

static int build_streets(run *r) {
    fleet_place *places = place_streets(r);
    if (places == NULL) return SIM_ENOMEM;
    r->streets = sim_calloc(r->street_count, sizeof(fleet_street *));
    r->street_errors = sim_calloc(r->street_count, sizeof *r->street_errors);
    bool all = r->streets != NULL && r->street_errors != NULL;
    int error = all ? run_each_street(r, build_street, places) : SIM_ENOMEM;
    sim_free(places);
    return error;
}

static sim_time shortest_way(const fleet_spec *spec) {
    sim_time shortest = SIM_NEVER;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        shortest = sim_time_min(shortest, spec->zones[z].backhaul.latency);
    return shortest;
}

static void set_started(run *r) {
    time_t t = time(NULL);
    struct tm utc;
    if (gmtime_r(&t, &utc) != NULL)
        (void)strftime(r->started, sizeof r->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* Seconds of the wall become those since the virtual kernel's epoch: certificates have dates. */
static void take_papers(run *r) {
    const run_papers *p = &r->target->papers;
    struct timespec wall;
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    r->papers = (net_security_settings){
        .authorities = p->authorities,
        .host = p->authorities == NULL ? NULL : p->host,
        .chain = p->chain,
        .key = p->key,
        .old = r->spec.older_security,
        .offset = ((sim_time)wall.tv_sec - NET_VKERNEL_EPOCH_S) * SIM_SECOND};
}

static int build_authority(run *r) {
    bool others = run_is_real(r) && (r->target->papers.chain != NULL || r->target->papers.imported);
    if (!fleet_spec_certificates(&r->spec) || others) return 0;
    if (run_is_real(r) && !r->target->secure) return 0;
    return fleet_authority_init(&r->authority, r->options->seed, (uint32_t)r->devices,
                                &r->credentials, r->spec.paper);
}

/* What weakens a result stands in its story. */
static int say_whom_they_believe(run *r) {
    bool anybody = run_is_real(r) && r->target->secure && r->papers.authorities == NULL;
    if (!anybody || !fleet_spec_certificates(&r->spec)) return 0;
    return run_say(r,
                   "the devices believe any server (--insecure): whether it is the one that "
                   "was meant, nobody knows");
}

static int build(run *r) {
    int error = fleet_credentials_init(&r->credentials, r->options->seed, r->options->credentials,
                                       r->options->credential_count);
    if (error != 0) return error;
    r->workers = sim_workers_new(run_is_real(r) ? 1 : r->options->threads);
    if (r->workers == NULL) return SIM_ENOMEM;
    error = build_authority(r);
    if (error != 0) return error;
    if (run_is_real(r)) take_papers(r);
    r->shared = (fleet_shared){.spec = &r->spec,
                               .seed = r->options->seed,
                               .real = run_is_real(r),
                               .secure = !run_is_real(r) || r->target->secure,
                               .papers = run_is_real(r) ? &r->papers : NULL,
                               .credentials = &r->credentials,
                               .authority = r->authority.root == NULL ? NULL : &r->authority,
                               .devices = r->devices,
                               .offers = r->offers};
    error = run_updates_init(r);
    if (error != 0) return error;
    cloud_capacity_init(&r->capacity, &r->spec.cloud);
    sim_histogram_init(&r->measures.lateness);
    sim_histogram_init(&r->measures.unread);
    record_attempts_init(&r->attempts);
    sim_queue_init(&r->merge);
    error = fleet_examiner_init(&r->examiner, &r->spec);
    r->shared.watch = r->examiner.fleet;
    if (error == 0) error = build_streets(r);
    if (error == 0) error = say_whom_they_believe(r);
    return error != 0 ? error : fleet_examiner_attach(&r->examiner, r->streets, r->street_count);
}

static run *refuse(run *r, char *why, size_t size, const char *text) {
    (void)snprintf(why, size, "%s", text);
    run_free(r);
    return NULL;
}

/* A run and what it alone sees the inside of, in one block. */
static run *new_block(const run_options *options) {
    typedef struct block {
        run r; /* first: freed as a run */
        run_options options;
        run_wait waiting;
        run_guards guards;
    } block;
    block *b = sim_calloc(1, sizeof *b);
    if (b == NULL) return NULL;
    b->options = *options;
    b->r.options = &b->options;
    b->r.waiting = &b->waiting;
    b->r.guards = &b->guards;
    return &b->r;
}

/* Devices learn whom they speak to, where they must know: a target, or the built-in cloud in the
 * place of a backend. What the command line says of a dialect goes before what the scenario does.
 */
static void meet_one(run *r, fleet_group *group, sim_time epoch) {
    const net_dialect *own = group->backend.dialect;
    net_backend *b = &group->backend;
    *b = (net_backend){.dialect = own, .host = FLEET_CLOUD_NAME, .built_in = true};
    if (r->target != NULL) *b = r->target->backend;
    if (b->dialect == NULL) b->dialect = own;
    b->epoch = epoch;
    if (r->target != NULL || own != NULL) group->profile.link.backend = b;
}

/* The clock of devices that have a target is this machine's. */
static void meet_backends(run *r) {
    struct timespec now = {.tv_sec = NET_VKERNEL_EPOCH_S};
    if (r->target != NULL) (void)clock_gettime(CLOCK_REALTIME, &now);
    for (uint32_t z = 0; z < r->spec.zone_count; z++) {
        fleet_zone *zone = &r->spec.zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++)
            meet_one(r, &zone->groups[g], now.tv_sec * SIM_SECOND + now.tv_nsec);
    }
}

run *run_new(const fleet_spec *spec, const run_options *options, char *why, size_t size,
             int *exit_code) {
    *exit_code = 4;
    if (fleet_spec_wrong(spec, options->target != NULL, why, size) != NULL) return NULL;
    run *r = new_block(options);
    if (r == NULL) {
        *exit_code = 3;
        return refuse(NULL, why, size, "out of memory before the run began: use fewer devices");
    }
    r->spec = *spec;
    r->target = options->target;
    meet_backends(r);
    r->homes = fleet_spec_homes(spec);
    r->devices = fleet_spec_devices(spec);
    r->outlet = options->outlet;
    r->small_world = options->small_world;
    r->lookahead = shortest_way(spec);
    r->scenario_due = 0;
    r->trigger_count = 1;
    r->triggers[0] = (run_trigger){.name = "start", .at = 0, .struck = r->devices};
    set_started(r);
    *exit_code = run_preflight(spec, options, why, size);
    if (*exit_code == 0 && options->folder != NULL &&
        report_folder_open(options->folder, &r->folder, why, size) != 0)
        *exit_code = 4;
    if (*exit_code != 0) {
        run_free(r);
        return NULL;
    }
    r->measures.wall_began = sim_wall();
    r->measures.heap_before = r->measures.heap_most = sim_heap_in_use().bytes;
    r->measures.resident_before = run_resident_bytes();
    int error = build(r);
    if (error == 0) return r;
    *exit_code = error == SIM_ERANGE ? 4 : 3;
    return refuse(r, why, size,
                  error == SIM_ERANGE
                      ? "the PSK file names one identity twice: each device needs its own"
                      : "out of memory while the fleet was built: use fewer devices");
}

void run_free(run *r) {
    if (r == NULL) return;
    for (uint32_t i = 0; r->streets != NULL && i < r->street_count; i++)
        fleet_street_free(r->streets[i]);
    sim_free(r->streets);
    sim_free(r->street_errors);
    fleet_examiner_deinit(&r->examiner);
    run_updates_deinit(r);
    sim_workers_free(r->workers);
    fleet_authority_deinit(&r->authority);
    fleet_credentials_deinit(&r->credentials);
    report_folder_abandon(r->folder);
    sim_histogram_deinit(&r->measures.lateness);
    sim_histogram_deinit(&r->measures.unread);
    record_attempts_deinit(&r->attempts);
    sim_queue_deinit(&r->merge);
    report_local_deinit(&r->local);
    sim_free(r->metrics);
    sim_free(r->cohorts);
    sim_free(r->injections);
    sim_free(r);
}

enum { GIVEN_BACK = 10000 }; /* devices whose memory is given back in a tenth of a second */
static run *volatile left;   /* what is still pointed at is no leak */

void run_leave(run *r) {
    if (r == NULL || run_is_real(r) || r->devices <= GIVEN_BACK) {
        run_free(r);
        return;
    }
    report_folder_abandon(r->folder);
    left = r;
}

/* ---- driving ---- */

static bool wait_met(const run *r) {
    return r->waiting->kind == RUN_WAIT_ONLINE &&
           (double)run_online(r) >= r->waiting->online_share * (double)r->devices;
}

/* While it waits for devices, the drill is looked after once a second: at the borders where rows of
 * series.csv are written. */
static sim_time next_look(const run *r) {
    if (r->waiting->kind != RUN_WAIT_ONLINE) return r->waiting->until;
    return sim_time_min(r->waiting->until, (r->now / SIM_SECOND + 1) * SIM_SECOND);
}

/* A drill that never lets time pass would hold the run, and Ctrl-C with it, for ever. */
static int stuck(run *r) {
    if (r->error == 0) {
        r->error = SIM_ESTATE;
        (void)snprintf(
            r->why, sizeof r->why,
            "drill at %.3f s: it waited %d times without letting any time pass: wait for longer",
            sim_time_seconds(r->now), RUN_RESUMES_MAX);
    }
    return SIM_ESTATE;
}

int run_resume(run *r, const run_drill *drill) {
    bool met = wait_met(r);
    if (r->waiting->kind == RUN_WAIT_ONLINE && !met && r->now < r->waiting->until) {
        r->scenario_due = next_look(r);
        return 0;
    }
    int resumed = 0;
    do {
        if (resumed++ == RUN_RESUMES_MAX) return stuck(r);
        r->in_drill = true;
        int error = drill->resume(drill->context, r, met, r->waiting);
        r->in_drill = false;
        if (error != 0) return run_fail(r, error, "drill");
        if (r->waiting->kind == RUN_WAIT_DONE) {
            r->done = true;
            return 0;
        }
        met = wait_met(r);
    } while (met || r->waiting->until <= r->now);
    r->scenario_due = next_look(r);
    return 0;
}

static void note_heap(run *r) {
    int64_t heap = sim_heap_in_use().bytes;
    if (heap > r->measures.heap_most) r->measures.heap_most = heap;
}

/* What is counted by the second begins anew. */
static void begin_second(run *r) {
    for (uint32_t i = 0; i < r->street_count; i++) fleet_street_begin_second(r->streets[i]);
}

static void note_questions(run *r, const report_second *row) {
    const uint64_t asked[FLEET_SERVERS] = {row->chain_dhcp, row->chain_dns, row->chain_time};
    for (int i = 0; i < FLEET_SERVERS; i++)
        if (asked[i] > r->chain_busiest[i]) r->chain_busiest[i] = asked[i];
}

int run_write_seconds(run *r, sim_time now) {
    uint64_t complete = (uint64_t)(now / SIM_SECOND);
    if (r->next_second >= complete) return 0;
    int error = run_local_minutes(r, complete);
    if (error != 0) return error;
    report_second total = run_columns(r, now), row = total;
    begin_second(r);
    report_second_since(&row, &r->last_second);
    note_questions(r, &row);
    r->last_second = total;
    if (!r->is_steady && total.online >= r->devices) {
        r->steady = total;
        r->is_steady = true;
    }
    note_heap(r);
    for (; r->next_second < complete; r->next_second++) {
        row.second = r->next_second;
        error = r->folder == NULL ? 0 : report_folder_second(r->folder, &row);
        if (error != 0) {
            r->error = error;
            (void)snprintf(r->why, sizeof r->why, "%s", report_folder_why(r->folder));
            return error;
        }
        if (r->options->second != NULL) r->options->second(r->options->second_context, &row);
        report_second_calm(&row);
    }
    return 0;
}

static uint64_t run_behind(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) n += fleet_street_sums(r->streets[i])->behind;
    return n;
}

void run_progress_tick(run *r, bool finished) {
    if (r->options->progress == NULL) return;
    double wall = sim_wall();
    if (!finished && wall < r->progress_due) return;
    r->progress_due = wall + 0.2;
    run_progress p = {
        .now = r->now,
        .expected_end = r->waiting->kind == RUN_WAIT_UNTIL ? r->waiting->until : SIM_NEVER,
        .devices = r->devices,
        .online = run_online(r),
        .behind = run_behind(r),
        .events = run_events(r),
        .sent = run_column_sent(r, r->now),
        .answered = run_column_answered(r, r->now),
        .real = run_is_real(r),
        .wall_s = wall - r->measures.wall_began,
        .finished = finished};
    r->options->progress(r->options->progress_context, &p);
}

static int close_street(run *r, uint32_t street, void *with) {
    (void)with;
    return fleet_street_close(r->streets[street]);
}

/* Conservation: every packet that was sent is delivered, dropped or still under way. Anything else
 * is our own defect. */
static int check_ledger(run *r) {
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_ledger *own = fleet_street_account(r->streets[i]).ledger;
        SIM_PROMISE(fleet_ledger_balances(own));
        SIM_PROMISE(fleet_street_in_flight(r->streets[i]) == own->in_flight);
    }
    SIM_PROMISE(fleet_ledger_balances(&ledger));
    return 0;
}

int run_drive(run *r, const run_drill *drill) {
    int error = run_is_real(r) ? run_drive_real(r, drill) : run_drive_virtual(r, drill);
    if (error != 0) return run_fail(r, error, "the run stopped");
    run_close_injections(r);
    error = run_each_street(r, close_street, NULL);
    r->closed = true;
    if (error == 0) error = run_write_seconds(r, r->now);
    if (error == 0) error = run_local_end(r);
    note_heap(r); /* of a run shorter than a second, too */
    run_progress_tick(r, true);
    r->measures.wall_s = sim_wall() - r->measures.wall_began;
    return error != 0 ? run_fail(r, error, "the run did not come to its end") : check_ledger(r);
}

/* ---- the drill's verbs ---- */

void run_selection_count(const run *r, const fleet_selection *s, uint64_t *homes,
                         uint64_t *devices) {
    *homes = *devices = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        uint64_t h;
        uint64_t d;
        fleet_street_count(r->streets[i], s, &h, &d);
        *homes += h;
        *devices += d;
    }
}

int run_add_line(run *r, const char *text) {
    /* the story is for people: the first 256 lines tell it */
    if (r->story_count == RUN_STORY_MAX) return 0;
    char *line = r->story_text[r->story_count];
    (void)snprintf(line, RUN_STORY_TEXT, "%s", text);
    r->story[r->story_count++] = (report_story){.at = r->now, .text = line};
    return 0;
}

run_guards *run_guards_of(run *r) {
    return r->guards;
}

int run_end_when_broken(run *r) {
    char line[RUN_STORY_TEXT];
    int error = run_guards_look(r);
    if (error != 0 || r->done || r->guards->broken == NULL) return error;
    r->done = true;
    (void)snprintf(line, sizeof line, "the run ends here: %.80s is broken",
                   r->guards->broken->what);
    return run_add_line(r, line);
}

int run_say(run *r, const char *text) {
    return run_add_line(r, text);
}

int run_tell(run *r, const fleet_selection *s, const char *what) {
    uint64_t homes;
    uint64_t devices;
    char line[RUN_STORY_TEXT];
    run_selection_count(r, s, &homes, &devices);
    (void)snprintf(line, sizeof line, "%s: %s, %s", what, JUDGE_OF(homes, "home"),
                   JUDGE_OF(devices, "device"));
    return run_add_line(r, line);
}

bool run_trigger_happened(const run *r, size_t i) {
    return i < r->trigger_count && r->triggers[i].at != SIM_NEVER;
}

static bool has_trigger(const run *r, const char *name) {
    for (uint32_t i = 0; i < r->trigger_count; i++) {
        if (strcmp(r->triggers[i].name, name) == 0) return true;
    }
    return false;
}

enum { ROOM_FOR_NUMBER = 4 };

/* The trigger of this name that was ordered at this instant; number 0 is the start, and
 * nobody's. */
static uint32_t ordered_now(const run *r, const char *name, size_t length) {
    for (uint32_t i = 1; i < r->trigger_count; i++) {
        const run_trigger *t = &r->triggers[i];
        if (t->ordered == r->now && t->named == length && memcmp(t->name, name, length) == 0)
            return i;
    }
    return 0;
}

/* Two zones that get their power back in one instant are one wave. A law that only some of them
 * begin anew cannot be held against all. */
static void join_trigger(const run *r, run_trigger *t, const run_trigger *more) {
    if (more->struck == 0) return;
    bool same = t->everybody && more->everybody;
    t->power = more->power && (t->struck == 0 || t->power);
    t->everybody = more->everybody || t->everybody;
    if (!same)
        t->struck += more->struck;
    else if (t->struck < more->struck)
        t->struck = more->struck;
    if (t->struck > r->devices) t->struck = r->devices;
    t->at = r->now;
}

/* A trigger that happens again gets a number, so that its waves are told apart: "power restore",
 * "power restore 2". */
int run_add_trigger(run *r, const char *name, const run_trigger *what, uint8_t *out) {
    size_t length = strnlen(name, RUN_TRIGGER_NAME - 1 - ROOM_FOR_NUMBER);
    uint32_t same = ordered_now(r, name, length);
    *out = (uint8_t)same;
    if (same != 0) {
        join_trigger(r, &r->triggers[same], what);
        return 0;
    }
    if (r->trigger_count == RUN_TRIGGERS_MAX) return SIM_ERANGE;
    run_trigger *t = &r->triggers[r->trigger_count];
    *t = (run_trigger){.named = (uint8_t)length,
                       .ordered = r->now,
                       .at = what->struck == 0 ? SIM_NEVER : r->now,
                       .struck = what->struck,
                       .power = what->power,
                       .everybody = what->everybody};
    char full[RUN_TRIGGER_NAME];
    (void)snprintf(full, sizeof full, "%.*s", (int)length, name);
    for (uint32_t again = 2; has_trigger(r, full); again++)
        (void)snprintf(full, sizeof full, "%.*s %" PRIu32, (int)length, name, again);
    memcpy(t->name, full, sizeof full);
    *out = (uint8_t)r->trigger_count++;
    return 0;
}
