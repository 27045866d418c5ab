/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/lookups.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, ANSWERS_MAX = 1 << 16, NOWHERE = UINT32_MAX };

/* the questions for both kinds of address are one look-up */
static const sim_time together = 2 * SIM_SECOND;
/* a connection that begins so soon is what the name was looked up for */
static const sim_time for_it = 5 * SIM_SECOND;

typedef struct look_up {
    int64_t at, ended; /* ended: when it was told that there is none; SIM_NEVER: it was not */
    uint32_t home, name;
    uint16_t id, type; /* of its first question */
    bool found;
} look_up;

typedef struct answer {
    uint64_t address; /* its hash */
    uint32_t name;
} answer;

struct read_lookups {
    look_up *items;
    size_t count, capacity;
    sim_map latest; /* hash of a client's address and a name -> its latest look-up */
    sim_map newest; /* hash of a client's address -> its latest look-up of any name */
    read_names names;
    answer *answers;
    size_t answer_count, answer_capacity;
    sim_map answered; /* hash of name and address: it stands in answers */
};

void read_lookups_free(read_lookups *l) {
    if (l == NULL) return;
    sim_free(l->items);
    sim_free(l->answers);
    sim_map_deinit(&l->latest);
    sim_map_deinit(&l->newest);
    sim_map_deinit(&l->answered);
    read_names_deinit(&l->names);
    sim_free(l);
}

/* --- questions and answers --- */

static uint64_t key_of(const read_endpoint *client, uint32_t name) {
    return sim_hash64(read_address_hash(client->address) ^ name);
}

/* The same question again, or the one for the other kind of address. */
static bool is_same(const look_up *u, const read_dns *q, int64_t now) {
    bool open = !u->found && u->ended == SIM_NEVER;
    return (open && u->id == q->id) || (u->type != q->type && now - u->at <= together);
}

static int ask(read_capture *c, const read_packet *p, uint32_t name, const read_dns *q) {
    read_lookups *l = c->lookups;
    uint32_t at, home;
    uint64_t key = key_of(&p->source, name);
    if (sim_map_get(&l->latest, key, &at)) {
        const look_up *u = &l->items[at];
        if (is_same(u, q, c->now)) return 0;
    }
    if (l->count >= READ_LOOKUPS_MAX) return 0;
    int error = read_flow_home(c, p, &home);
    if (error != 0) return error;
    look_up *items = sim_more(l->items, l->count, &l->capacity, sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    l->items = items;
    l->items[l->count] = (look_up){c->now, SIM_NEVER, home, name, q->id, q->type, false};
    error = sim_map_put(&l->latest, key, (uint32_t)l->count);
    if (error != 0) return error;
    return sim_map_put(&l->newest, read_address_hash(p->source.address), (uint32_t)l->count++);
}

static int note_address(read_lookups *l, uint32_t name, const uint8_t address[16]) {
    uint32_t there;
    const answer a = {read_address_hash(address), name};
    uint64_t key = sim_hash64(a.address ^ name);
    if (l->answer_count >= ANSWERS_MAX || sim_map_get(&l->answered, key, &there)) return 0;
    answer *answers = sim_more(l->answers, l->answer_count, &l->answer_capacity, sizeof *answers);
    if (answers == NULL) return SIM_ENOMEM;
    l->answers = answers;
    l->answers[l->answer_count++] = a;
    return sim_map_put(&l->answered, key, 0);
}

static int answer_to(read_capture *c, const read_packet *p, uint32_t name, const read_dns *r) {
    read_lookups *l = c->lookups;
    uint32_t at;
    int error = 0;
    for (size_t i = 0; i < r->address_count && error == 0; i++)
        error = note_address(l, name, r->addresses[i]);
    if (error != 0 || !sim_map_get(&l->latest, key_of(&p->target, name), &at)) return error;
    look_up *u = &l->items[at];
    if (r->code == 0 && r->answers > 0)
        u->found = true;
    else if (r->code != 0 && u->ended == SIM_NEVER)
        u->ended = c->now;
    return 0;
}

int read_lookups_take(read_capture *c, const read_packet *p) {
    read_dns dns;
    uint32_t name;
    bool good = read_dns_parse(p->payload, &dns);
    if (!good || (dns.type != TYPE_A && dns.type != TYPE_AAAA)) return 0;
    if (c->lookups == NULL) c->lookups = sim_calloc(1, sizeof *c->lookups);
    if (c->lookups == NULL) return SIM_ENOMEM;
    int error = read_names_number(&c->lookups->names, dns.name, strlen(dns.name), &name);
    if (error != 0) return error;
    return dns.response ? answer_to(c, p, name, &dns) : ask(c, p, name, &dns);
}

void read_lookups_connected(read_capture *c, const read_endpoint *client) {
    uint32_t at;
    if (c->lookups == NULL) return;
    if (!sim_map_get(&c->lookups->newest, read_address_hash(client->address), &at)) return;
    look_up *u = &c->lookups->items[at];
    if (u->ended == SIM_NEVER && c->now - u->at <= for_it) u->found = true;
}

/* --- what counts --- */

/* The service that was tried most, and of each home whether it tried it. */
static void find_service(const read_log *log, uint8_t *homes, uint32_t *service) {
    uint64_t counts[READ_SERVICES_MAX + 1] = {0};
    *service = NOWHERE;
    for (size_t i = 0; i < log->attempts.count; i++) counts[log->attempts.items[i].trigger]++;
    for (uint32_t s = 0; s < log->services.count; s++)
        if (counts[s] > (*service == NOWHERE ? 0 : counts[*service])) *service = s;
    for (size_t i = 0; i < log->attempts.count; i++)
        if (log->attempts.items[i].trigger == *service) homes[log->attempts.items[i].home] = 1;
}

static bool is_try(const look_up *u, const uint8_t *homes, uint32_t service) {
    return !u->found && (service == NOWHERE || homes[u->home] != 0);
}

/* Marks the names that count: those whose addresses are the service's, or the one that was looked
 * for most and never found. */
static void find_names(const read_capture *c, const uint8_t *homes, uint32_t service,
                       uint32_t *tries, uint8_t *counts) {
    const read_lookups *l = c->lookups;
    uint32_t there;
    size_t best = 0;
    bool any = false;
    for (size_t i = 0; i < l->answer_count; i++) {
        bool leads = sim_map_get(&c->servers, l->answers[i].address, &there) && there == service;
        counts[l->answers[i].name] = leads || counts[l->answers[i].name] == 1 ? 1 : 2;
        any = any || leads;
    }
    for (size_t i = 0; i < l->count && !any; i++)
        if (is_try(&l->items[i], homes, service) && counts[l->items[i].name] == 0)
            tries[l->items[i].name]++;
    for (size_t n = 0; n < l->names.count && !any; n++)
        if (tries[n] > tries[best]) best = n;
    if (!any && tries[best] > 0) counts[best] = 1;
}

static int add_try(read_capture *c, const look_up *u, uint8_t service) {
    uint32_t index;
    bool told = u->ended != SIM_NEVER;
    const record_attempt a = {
        .at = u->at,
        .latency = told ? u->ended - u->at : SIM_NEVER,
        .device = READ_NOBODY,
        .home = u->home,
        .trigger = service,
        .outcome = (uint8_t)(told ? RECORD_OUTCOME_REFUSED : RECORD_OUTCOME_NONE)};
    int error = read_add(c->log, &a, &index);
    if (error != 0 || !told) return error;
    const read_end end = {u->ended, READ_NOBODY, u->home, service, false, false};
    return read_ended(c->log, &end);
}

static int add_tries(read_capture *c, const uint8_t *homes, uint32_t service,
                     const uint8_t *counts) {
    const read_lookups *l = c->lookups;
    uint32_t number = service;
    int error = 0;
    for (size_t i = 0; i < l->count && error == 0; i++) {
        const look_up *u = &l->items[i];
        if (!is_try(u, homes, service) || counts[u->name] != 1) continue;
        if (number == NOWHERE) {
            static const char name[] = "its name alone";
            error = read_names_number(&c->log->services, name, sizeof name - 1, &number);
        }
        read_warn(c->log, READ_WARNING_LOOK_UP, 0);
        if (error == 0) error = add_try(c, u, (uint8_t)number);
    }
    return error;
}

int read_lookups_close(read_capture *c) {
    const read_lookups *l = c->lookups;
    uint32_t service;
    if (l == NULL || l->count == 0) return 0;
    uint8_t *homes = sim_calloc(c->log->homes.count + 1, 1),
            *counts = sim_calloc(l->names.count + 1, 1);
    uint32_t *tries = sim_calloc(l->names.count + 1, sizeof *tries);
    int error = homes == NULL || counts == NULL || tries == NULL ? SIM_ENOMEM : 0;
    if (error == 0) find_service(c->log, homes, &service);
    if (error == 0) find_names(c, homes, service, tries, counts);
    if (error == 0) error = add_tries(c, homes, service, counts);
    sim_free(homes);
    sim_free(counts);
    sim_free(tries);
    return error;
}
